"""Permanent addresses of badge classes and issuers: their documents of Open Badges 2.0 and 3.0, and the way to their pages.

Flow: suffix or `Accept` -> form -> `services.badging_documents` -> JSON. Everybody is answered the same: what is not public is not there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Final, NamedTuple

import orjson
from fastapi import APIRouter, Path, Request, Response
from starlette.responses import RedirectResponse

from wikic.domain import badges_documents as write
from wikic.domain.endorsements import Named
from wikic.errors import NotFound
from wikic.services.badging import Image
from wikic.services.badging_documents import Documents
from wikic.services.endorsing_credentials import endorsed
from wikic.web.answers import IMMUTABLE, REVALIDATE
from wikic.web.badges_services import BadgeId, Badges
from wikic.web.dependencies import LARGEST, public_url
from wikic.web.endorsing_services import endorsing_of, signer_of
from wikic.web.errors import problem
from wikic.web.etags import JSON, content_etag, matches
from wikic.web.linked_data import RDF_FORMS
from wikic.web.negotiation import Form, choose, weight_of
from wikic.web.openapi import ETAG, Responses, refusals
from wikic.web.schemas_open_badges import OB2_BADGE, OB2_ISSUER, OB3_ACHIEVEMENT, OB3_PROFILE

LD_JSON: Final = "application/ld+json"
OB3_MEDIA: Final = f'{LD_JSON}; profile="{write.OB3_CONTEXT}"'
"""The media type of documents of Open Badges 3.0; its profile says so."""

_FORMS: Final = (Form("ob2", JSON), Form("ob2", LD_JSON), Form("html", "text/html"))
_DATA: Final = tuple(form for form in RDF_FORMS if form.media != LD_JSON)
"""Linked data in the words of schema.org stands beside the page; JSON-LD means the document of Open Badges."""
_SUFFIXES: Final = {"ob2.json": Form("ob2", JSON), "ob3.json": Form("ob3", OB3_MEDIA), "html": Form("html", "text/html")}
_PROFILE: Final = "/spec/ob/v3p0/"
_CREDENTIALS: Final = ("application/vc", "application/vc+json", "application/vc+ld+json")
_VARY: Final = {"Vary": "Accept"}
_CROSS: Final = {"Cross-Origin-Resource-Policy": "cross-origin"}

Name = Annotated[str, Path(description="Its id, with or without `.ob2.json`, `.ob3.json` or `.html` for one form.", min_length=1, max_length=80)]
Slug = Annotated[str, Path(description="Its short name, with or without the same suffixes.", min_length=1, max_length=80)]
NumberName = Annotated[str, Path(description="The version's number, with or without the same suffixes.", min_length=1, max_length=80)]
Number = Annotated[int, Path(description="The version's number.", ge=1, le=LARGEST)]

router = APIRouter(tags=["badges"])


class _Thing(NamedTuple):
    """What stands at an address: its documents (made when they are asked for), its page, its id; `fixed`: it never changes; `data`: where it is as linked data,
    without the suffix ("" for nowhere)."""

    ob2: Callable[[], dict[str, Any]]
    ob3: Callable[[], dict[str, Any]]
    page: str
    url: str
    fixed: bool = False
    data: str = ""


def _documented(ob2: dict[str, Any], ob3: dict[str, Any]) -> Responses:
    content = {JSON: {"schema": ob2}, LD_JSON: {"schema": {"anyOf": [ob2, ob3]}}}
    return {
        200: {"description": "As Open Badges 2.0 or 3.0 writes it.", "headers": {"ETag": ETAG}, "content": content},
        303: {"description": "For browsers: its page."},
        304: {"description": "The client has it already.", "headers": {"ETag": ETAG}},
        **refusals(400, 404, 406, 503),
    }


_BADGE: Final = _documented(OB2_BADGE, OB3_ACHIEVEMENT)
_MOVES: Final[Responses] = {303: {"description": "Where it is shown."}, **refusals(400, 404, 503)}
_PICTURE: Final[Responses] = {
    200: {"description": "PNG or SVG.", "content": {media: {"schema": {"type": "string", "format": "binary"}} for media in ("image/png", "image/svg+xml")}},
    304: {"description": "The client has it already."},
    **refusals(400, 404, 503),
}


@router.get(
    "/b/{name}",
    operation_id="badge_document",
    summary="A badge class under its permanent address: BadgeClass (2.0), Achievement (3.0), or its page",
    response_model=None,
    responses=_BADGE,
)
def badge_document(request: Request, badges: Badges, name: Name) -> Response:
    def thing(identity: str) -> _Thing:
        badge, base, documents = badges.documents.badge(identity), public_url(request), badges.documents
        behind = _endorsed(request, "badge_class", identity)
        return _Thing(
            lambda: write.badge_class(badge, base) | behind("ob2"),
            lambda: write.achievement(badge, documents.issuer(badge.issuer), base) | behind("ob3"),
            f"/badges/{identity}",
            badge.url(base),
            data=f"/badges/{identity}/data",
        )

    return _answer(request, name, thing)


@router.get(
    "/b/{id}/v/{name}",
    operation_id="badge_version_document",
    summary="The same as of a published version; it never changes",
    response_model=None,
    responses=_BADGE,
)
def badge_version_document(request: Request, badges: Badges, id: BadgeId, name: NumberName) -> Response:
    def thing(number: str) -> _Thing:
        if not (number.isascii() and number.isdecimal() and number == str(int(number))):
            raise NotFound(f"{number!r} is no number of a version")
        badge, base = badges.documents.version(id, int(number)), public_url(request)
        return _Thing(
            lambda: write.badge_class(badge, base),
            lambda: write.achievement(badge, None, base),
            f"/badges/{id}/versions/{number}",
            badge.url(base),
            fixed=True,
        )

    return _answer(request, name, thing)


@router.get(
    "/i/{name}",
    operation_id="issuer_document",
    summary="An issuer under its permanent address: Issuer (2.0), Profile (3.0), or its page",
    response_model=None,
    responses=_documented(OB2_ISSUER, OB3_PROFILE),
)
def issuer_document(request: Request, badges: Badges, name: Slug) -> Response:
    def thing(slug: str) -> _Thing:
        issuer, base = badges.documents.issuer(slug), public_url(request)
        behind = _endorsed(request, "issuer", slug)
        return _Thing(
            lambda: write.issuer(issuer, base) | behind("ob2"),
            lambda: write.profile(issuer, base) | behind("ob3"),
            f"/issuers/{slug}",
            write.issuer_url(base, slug),
        )

    return _answer(request, name, thing)


@router.get("/b/{id}/criteria", operation_id="badge_criteria", summary="Where its criteria are shown", response_model=None, responses=_MOVES)
def badge_criteria(badges: Badges, id: BadgeId) -> Response:
    badges.documents.published(id)
    return RedirectResponse(f"/badges/{id}#criteria", 303)


@router.get(
    "/b/{id}/v/{number}/criteria", operation_id="badge_version_criteria", summary="Where a version's criteria are shown", response_model=None, responses=_MOVES
)
def badge_version_criteria(badges: Badges, id: BadgeId, number: Number) -> Response:
    badges.documents.version(id, number)
    return RedirectResponse(f"/badges/{id}/versions/{number}", 303)


@router.get("/b/{id}/image", operation_id="badge_picture", summary="Its image", response_model=None, responses=_PICTURE)
def badge_picture(request: Request, badges: Badges, id: BadgeId) -> Response:
    return _picture(request, badges.documents, id)


@router.get(
    "/b/{id}/v/{number}/image", operation_id="badge_version_picture", summary="A version's image; it never changes", response_model=None, responses=_PICTURE
)
def badge_version_picture(request: Request, badges: Badges, id: BadgeId, number: Number) -> Response:
    return _picture(request, badges.documents, id, number)


def form_of(accept: str | None) -> Form | None:
    """What a client is given without a suffix: 3.0 for who names its profile or a media type of credentials and likes nothing else more, else 2.0 as JSON or
    JSON-LD, or the page."""
    form = choose(_FORMS, accept)
    parts = (accept or "").lower().split(",")
    asked = weight_of(",".join(part for part in parts if _PROFILE in part or part.partition(";")[0].strip() in _CREDENTIALS))
    return _SUFFIXES["ob3.json"] if asked and (form is None or asked >= weight_of(accept or "", form.media)) else form


def _answer(request: Request, name: str, find: Callable[[str], _Thing]) -> Response:
    identity, dot, suffix = name.partition(".")
    form = _SUFFIXES.get(suffix.lower()) if dot else form_of(request.headers.get("accept"))
    if dot and form is None:
        raise NotFound(f"there is no form {suffix[:20]!r} of it: {', '.join(_SUFFIXES)}")
    thing = find(identity)
    data = None if dot or not thing.data else choose((*_FORMS, *_DATA), request.headers.get("accept"))
    if form is None and data in _DATA:
        return RedirectResponse(f"{thing.data}.{data.suffix}", 303, {"Cache-Control": REVALIDATE, "Link": _links(thing)} | _VARY)
    if form is None:
        available = [{"media_type": each.media, "address": f"{thing.url}.{suffix}"} for suffix, each in _SUFFIXES.items()]
        return problem(request, 406, "not-acceptable", "this can be had as Open Badges 2.0 or 3.0, or as a page", _VARY, available=available)
    headers = {"Cache-Control": IMMUTABLE if thing.fixed else REVALIDATE, "Link": _links(thing)} | _VARY
    if form.suffix == "html":
        return RedirectResponse(thing.page, 303, headers | {"Cache-Control": REVALIDATE})
    content = orjson.dumps(thing.ob3() if form.suffix == "ob3" else thing.ob2())
    headers |= {"ETag": content_etag(form.media.encode() + content)} | _CROSS
    if matches(request.headers.get("if-none-match"), headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(content, 200, headers, form.media)


def _endorsed(request: Request, kind: str, identity: str) -> Callable[[str], dict[str, Any]]:
    return lambda form: endorsed(form, endorsing_of(request).endorsements, Named(kind, identity), signer_of(request), public_url(request))


def _links(thing: _Thing) -> str:
    links = [f'<{thing.url}>; rel="canonical"']
    links += [f'<{thing.url}.{suffix}>; rel="alternate"; type="{form.media.partition(";")[0]}"' for suffix, form in _SUFFIXES.items()]
    links += [f'<{thing.data}.{form.suffix}>; rel="alternate"; type="{form.media}"' for form in _DATA if thing.data]
    return ", ".join(links)


def _picture(request: Request, documents: Documents, identity: str, number: int = 0) -> Response:
    image: Image = documents.image(identity, number)
    etag = f'"{image.digest[:24]}"'
    headers = {"ETag": etag, "Cache-Control": IMMUTABLE if number and image.kept else REVALIDATE} | _CROSS
    if matches(request.headers.get("if-none-match"), etag):
        return Response(status_code=304, headers=headers)
    return Response(image.data, 200, headers, image.media)
