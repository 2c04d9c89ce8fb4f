"""The API of releases: preview, freezing, manifests, publishing; deltas page by page and whole; the calendar."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date
from typing import Annotated, Any, Final, Literal, Protocol
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import Field
from starlette.responses import StreamingResponse

from wikic.domain.delta import DeltaList, DeltaWord, Severity
from wikic.domain.vocabulary import Kind
from wikic.services.reading import Page, Reading
from wikic.services.reading_moments import Moment
from wikic.services.reading_views import Body, release_body
from wikic.services.releasing import Releasing
from wikic.services.releasing_calendar import CalendarStep, Entry
from wikic.services.releasing_delta import Chosen
from wikic.services.releasing_parts import ReleaseServices
from wikic.web import examples_releases as examples
from wikic.web.acting import CurrentActor
from wikic.web.answers import between_answer, between_etag, free_answer, read_headers
from wikic.web.api_proposals_tools import Version, answers, document_answer, private_answer
from wikic.web.dependencies import LARGEST, CursorParameter, Lang, Limit, ReadingService
from wikic.web.etags import JSON, matches
from wikic.web.openapi import forms, reads
from wikic.web.refresh_services import refresh_of
from wikic.web.schemas import PageShape, ReleaseShape
from wikic.web.schemas_releases import (
    DeltaPageShape,
    EntryShape,
    ManifestShape,
    PreviewShape,
    RemarkShape,
)
from wikic.web.schemas_releases import Sent as SentBody

CSV: Final = "text/csv; charset=utf-8"
WHOLE: Final = forms([CSV.partition(";")[0], JSON], 404)
"""The answers of a whole delta."""
_PREFIX: Final = "/api/v1"
_MOMENT: Final = "A release name, a number of the change log, or `head`."

router = APIRouter(prefix=_PREFIX, tags=["framework"])

Name = Annotated[str, Path(description="A release.", min_length=1, max_length=64, examples=["2026"])]
EntryId = Annotated[str, Path(alias="id", description="The entry's id.", min_length=1, max_length=60)]
ChosenLanguage = Annotated[str | None, Query(description="Only changes of texts in this language.", max_length=35, examples=["fr"])]
Form = Annotated[Literal["json", "csv"], Path(description="json or csv.", examples=["csv"])]


class Services(Protocol):
    """What releases need of an opened store; `bootstrap.App` is one."""

    @property
    def releasing(self) -> Releasing: ...
    @property
    def releases(self) -> ReleaseServices: ...


def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


Releases = Annotated[Services, Depends(_services)]


class FreezeBody(SentBody):
    """A name to give."""

    name: str = Field(max_length=64, description="Such as 2026; 2027-rc1 makes a candidate.")
    at: int | None = Field(None, ge=1, le=LARGEST, description="The number to name; the head by default.")


class RemarkBody(SentBody):
    """A comment."""

    text: str = Field(min_length=1, max_length=5_000)


class EntryBody(SentBody):
    """An entry of the calendar."""

    day: str = Field(max_length=10, pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", json_schema_extra={"format": "date"})
    step: CalendarStep
    release: str = Field(min_length=1, max_length=64)
    text: dict[Literal["fr", "en"], Annotated[str, Field(max_length=1_000)]] = Field(default_factory=dict)


@router.get(
    "/releases/preview",
    operation_id="preview_release",
    summary="What a release frozen now, or at an earlier number, would be; for those who may release",
    response_model=None,
    responses=answers(PreviewShape),
)
def preview_release(
    services: Releases,
    actor: CurrentActor,
    at: Annotated[int | None, Query(ge=1, le=LARGEST)] = None,
    wait: Annotated[bool, Query(description="Wait for the checks; else look at `checked`, and ask again.")] = False,
) -> Response:
    made = services.releases.previews.preview(actor=actor, at=at, wait=wait)
    return private_answer(asdict(made) | {"blocked": made.blocked})


@router.post(
    "/releases",
    operation_id="freeze_release",
    summary="Give the present state, or an earlier number, a name",
    response_model=None,
    responses=answers(ReleaseShape, 409),
)
def freeze_release(services: Releases, actor: CurrentActor, sent: FreezeBody) -> Response:
    return private_answer(release_body(services.releasing.freeze(sent.name, at=sent.at, actor=actor)))


@router.get(
    "/releases/{name}/manifest",
    operation_id="read_manifest",
    summary="The signed manifest of a release",
    response_model=None,
    responses=reads(ManifestShape, examples.MANIFEST, 404),
)
def read_manifest(request: Request, reading: ReadingService, services: Releases, name: Name) -> Response:
    known = reading.release(name)
    return free_answer(request, services.releases.manifests.get(str(known["name"])), reading.moment().head, str(known["state"]))


@router.post(
    "/releases/{name}/manifest",
    operation_id="make_manifest",
    summary="Make the manifest of a frozen release: digests, checks, signature; takes as long as its downloads",
    response_model=None,
    responses=answers(ManifestShape, 409),
)
def make_manifest(request: Request, services: Releases, actor: CurrentActor, name: Name) -> Response:
    return private_answer(services.releases.manifests.prepare(name, request.app.state.public_url, actor=actor))


@router.post(
    "/releases/{name}/publish",
    operation_id="publish_release",
    summary="Open a frozen release, whose manifest is made, to every reader; this cannot be undone",
    response_model=None,
    responses=answers(ReleaseShape, 409),
)
def publish_release(request: Request, services: Releases, actor: CurrentActor, name: Name) -> Response:
    made = services.releasing.publish(name, actor=actor)
    refresh_of(request).refreshing.catch_up_aside()
    return private_answer(release_body(made))


@router.post(
    "/releases/{name}/withdraw",
    operation_id="withdraw_release",
    summary="Take back a release that is frozen and not published; its name is free again",
    response_model=None,
    responses=answers(ReleaseShape, 409),
)
def withdraw_release(services: Releases, actor: CurrentActor, name: Name) -> Response:
    return private_answer(release_body(services.releasing.withdraw(name, actor=actor)))


@router.get(
    "/releases/{name}/comments",
    operation_id="list_release_comments",
    summary="What was said about a candidate, oldest first",
    response_model=None,
    responses=reads(PageShape[RemarkShape], examples.REMARKS, 404),
)
def list_remarks(request: Request, reading: ReadingService, services: Releases, name: Name) -> Response:
    items = [asdict(each) for each in services.releases.remarks.list(str(reading.release(name)["name"]))]
    seq = reading.moment().seq
    return free_answer(request, {"items": items, "next": None, "seq": seq}, seq)


@router.post(
    "/releases/{name}/comments",
    operation_id="comment_release",
    summary="Say something about a candidate",
    response_model=None,
    responses=answers(RemarkShape, 409),
)
def add_remark(services: Releases, actor: CurrentActor, name: Name, sent: RemarkBody) -> Response:
    return private_answer(asdict(services.releases.remarks.add(name, sent.text, actor=actor)))


@router.get(
    "/delta",
    operation_id="read_delta",
    summary="What a release changed and how much that matters, concept by concept",
    response_model=None,
    responses=reads(DeltaPageShape, examples.DELTA, 404, listing=True),
)
async def read_delta(
    request: Request,
    reading: ReadingService,
    services: Releases,
    from_: Annotated[str, Query(alias="from", description=_MOMENT, min_length=1, max_length=64, examples=["1"])],
    to: Annotated[str, Query(description=_MOMENT, min_length=1, max_length=64, examples=["2"])],
    type: Annotated[DeltaWord | None, Query(description="Only this type of change; a first name or definition in a language is `translated`.")] = None,
    severity: Annotated[Severity | None, Query(description="Only changes of this severity.")] = None,
    list: Annotated[DeltaList | None, Query(description="Only concepts of this list.")] = None,
    kind: Annotated[Kind | None, Query(description="Only concepts of this kind.")] = None,
    language: ChosenLanguage = None,
    order: Annotated[Literal["uuid", "severity"], Query(description="By uuid, or the worst first.")] = "uuid",
    cursor: CursorParameter = None,
    limit: Limit = 100,
    lang: Lang = None,
) -> Response:
    def make(before: Moment, later: Moment) -> Page:
        delta = services.releases.deltas.delta(before, later, reading=reading)
        chosen = Chosen(type, severity, kind, list, language)
        worst = order == "severity"
        return services.releases.deltas.page(delta, chosen, cursor=cursor, limit=limit, lang=lang, worst_first=worst)

    return await between_answer(request, reading, from_, to, make)


@router.get(
    "/delta.{form}",
    operation_id="download_delta",
    summary="A whole delta as JSON or CSV",
    response_model=None,
    responses=WHOLE,
)
def download_delta(
    request: Request,
    reading: ReadingService,
    services: Releases,
    form: Form,
    from_: Annotated[str, Query(alias="from", description=_MOMENT, min_length=1, max_length=64, examples=["1"])],
    to: Annotated[str, Query(description=_MOMENT, min_length=1, max_length=64, examples=["2"])],
    lang: Lang = None,
) -> Response:
    return whole_delta(request, reading, services, (from_, to), form, lang)


@router.get(
    "/calendar",
    operation_id="list_calendar",
    summary="The calendar of releases, in the order of its days",
    response_model=None,
    responses=reads(PageShape[EntryShape], examples.CALENDAR),
)
def list_calendar(
    request: Request,
    reading: ReadingService,
    services: Releases,
    after: Annotated[date | None, Query(description="From this day on.")] = None,
) -> Response:
    items = [entry_body(entry) for entry in services.releases.calendar.list(after=after.isoformat() if after else "")]
    seq = reading.moment().seq
    return free_answer(request, {"items": items, "next": None, "seq": seq}, seq)


@router.post(
    "/calendar",
    operation_id="add_calendar_entry",
    summary="Add an entry to the calendar",
    response_model=None,
    responses=answers(EntryShape),
)
def add_entry(request: Request, services: Releases, actor: CurrentActor, sent: EntryBody) -> Response:
    made = services.releases.calendar.add(**_said(sent), actor=actor)
    return document_answer(request, entry_body(made), made.version, location=f"{_PREFIX}/calendar/{made.id}")


@router.get(
    "/calendar/{id}",
    operation_id="read_calendar_entry",
    summary="One entry of the calendar",
    response_model=None,
    responses=answers(EntryShape),
)
def read_entry(request: Request, services: Releases, identity: EntryId) -> Response:
    found = services.releases.calendar.get(identity)
    return document_answer(request, entry_body(found), found.version)


@router.put(
    "/calendar/{id}",
    operation_id="change_calendar_entry",
    summary="Let an entry say something else",
    response_model=None,
    responses=answers(EntryShape, 412, 428),
)
def change_entry(
    request: Request, services: Releases, actor: CurrentActor, identity: EntryId, sent: EntryBody, version: Version
) -> Response:
    made = services.releases.calendar.change(identity, **_said(sent), version=version, actor=actor)
    return document_answer(request, entry_body(made), made.version)


@router.delete(
    "/calendar/{id}",
    operation_id="remove_calendar_entry",
    summary="Take an entry away",
    response_model=None,
    responses=answers(EntryShape, 412, 428),
)
def remove_entry(services: Releases, actor: CurrentActor, identity: EntryId, version: Version) -> Response:
    return private_answer(entry_body(services.releases.calendar.remove(identity, version=version, actor=actor)))


def entry_body(entry: Entry) -> Body:
    """An entry of the calendar."""
    return asdict(entry)


def _said(sent: EntryBody) -> dict[str, Any]:
    return {"day": sent.day, "step": sent.step, "release": sent.release, "text": dict(sent.text)}


def whole_delta(
    request: Request, reading: Reading, services: Services, names: tuple[str, str], form: str, lang: str | None, *, lasting: bool = True
) -> Response:
    """A whole delta between two moments, in a form. `lasting`: the address will never mean two other moments."""
    deltas = services.releases.deltas
    before, later = reading.between(*names)
    later = later if lasting else replace(later, pinned=False)
    headers = read_headers(later, between_etag(request, before, later, *names))
    if matches(request.headers.get("if-none-match"), headers["ETag"]):
        return Response(status_code=304, headers=headers)
    delta = deltas.delta(before, later, reading=reading)
    stem = quote(f"wikic-delta-{names[0]}-{names[1]}")
    headers["Content-Disposition"] = f'attachment; filename="{stem}.{form}"'
    parts = deltas.csv_parts(delta, lang) if form == "csv" else deltas.json_parts(delta, names)
    return StreamingResponse(parts, 200, headers, CSV if form == "csv" else JSON)
