"""What stands beside a release's other addresses: its delta as a file, the key that signs, the calendar for calendars."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query, Request, Response

from wikic.crypto.signing import ALGORITHM
from wikic.errors import NotFound
from wikic.web import examples_releases as examples
from wikic.web.answers import free_answer
from wikic.web.api_releases import WHOLE, Form, Name, Releases, whole_delta
from wikic.web.dependencies import Lang, ReadingService
from wikic.web.etags import content_etag, matches
from wikic.web.feeds import calendar_feed
from wikic.web.openapi import forms, reads
from wikic.web.schemas_releases import SigningKeyShape

ICS: Final = "text/calendar; charset=utf-8"

router = APIRouter(tags=["linked data"])


@router.get(
    "/r/{name}/delta.{form}",
    operation_id="download_release_delta",
    summary="What a release changed since the one before, as JSON or CSV",
    response_model=None,
    responses=WHOLE,
)
def download_release_delta(
    request: Request, reading: ReadingService, services: Releases, name: Name, form: Form, lang: Lang = None
) -> Response:
    release = reading.release(name)
    before = services.releases.deltas.before(name)
    if not before:
        raise NotFound(f"release {name} is the first: there is nothing it could be compared with", reason="release-first", name=name)
    # What a candidate is compared with is another release once one before it is published.
    return whole_delta(request, reading, services, (before, name), form, lang, lasting=release["state"] == "published")


@router.get(
    "/.well-known/wikic-signing-key",
    operation_id="signing_key",
    summary="The public key that signs manifests here",
    response_model=None,
    responses=reads(SigningKeyShape, examples.SIGNING_KEY),
)
def signing_key(request: Request, reading: ReadingService, services: Releases) -> Response:
    signer = services.releases.manifests.signer
    body = {"algorithm": ALGORITHM, "key_id": signer.key_id, "public_key": signer.public_key}
    return free_answer(request, body, reading.moment().head)


@router.get(
    "/calendar.ics",
    operation_id="calendar_feed",
    summary="The calendar of releases, for calendars (iCalendar)",
    response_model=None,
    responses=forms([ICS.partition(";")[0]]),
)
def calendar_file(request: Request, services: Releases, lang: Annotated[Literal["fr", "en"], Query()] = "fr") -> Response:
    content = calendar_feed(services.releases.calendar.list(), request.app.state.public_url, lang)
    headers = {"ETag": content_etag(content), "Cache-Control": "no-cache"}
    if matches(request.headers.get("if-none-match"), headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(content, 200, headers, ICS)
