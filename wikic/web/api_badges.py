"""The API of badge classes: lists, one of them, its versions, its image, publishing and retiring."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request, Response

from wikic.domain.badges import BadgeClass, BadgeContent, BadgeStatus, Hosting
from wikic.services.badging_catalogue import Asked
from wikic.services.reading import Reading
from wikic.services.reading_moments import make_cursor, parse_cursor
from wikic.web import examples_badges as examples
from wikic.web import schemas_badges as shapes
from wikic.web.acting import CurrentActor
from wikic.web.answers import next_link
from wikic.web.api_proposals_tools import PRIVATE, Version, answers, document_answer, list_answer, private_answer
from wikic.web.badges_services import (
    BadgeId,
    Badges,
    RawBody,
    badge_body,
    badge_version_body,
    briefs,
    with_targets,
)
from wikic.web.dependencies import AS_OF_NOW, LARGEST, ReadingService, public_url
from wikic.web.etags import matches
from wikic.web.openapi import Responses, refusals
from wikic.web.schemas import PageShape

PREFIX: Final = "/api/v1/badge-classes"
KEPT: Final = "public, max-age=31536000, immutable"

router = APIRouter(prefix=PREFIX, tags=["badges"], dependencies=[AS_OF_NOW])

Cursor = Annotated[str | None, Query(description="`next` of the page before.", min_length=1, max_length=2_000)]
Limit = Annotated[int, Query(description="How many items, at most.", ge=1, le=200)]
Number = Annotated[int, Path(description="The version's number.", ge=1, le=LARGEST)]
_IMAGES: Final[dict[str, Any]] = {
    media: {"schema": {"type": "string", "format": "binary"}} for media in ("image/png", "image/svg+xml")
}


def read_answers(model: Any, example: Any, *problems: int) -> Responses:
    """The answers of what everybody may ask for: its body with an example, and problems."""
    content = {"application/json": {"example": example}}
    return {
        200: {"model": model, "description": "Done.", "content": content},
        304: {"description": "The client has it already."},
        **refusals(400, 401, *problems, 503),
    }


def listed(
    request: Request, reading: Reading, listing: str, cursor: str | None, make: Any
) -> Response:
    """A page of a list whose places are texts. `make(after)` gives items, where it goes on, and what stands beside."""
    moment = reading.moment(None, None, cursor)
    after = parse_cursor(cursor).place_in(moment, listing) if cursor else ""
    items, following, extra = make(after)
    body = {"items": items, "next": make_cursor(moment, listing, following) if following else None, "seq": moment.seq, **extra}
    answer = private_answer(body)
    answer.headers["Wiki-C-Seq"] = str(moment.head)
    if body["next"]:
        answer.headers["Link"] = next_link(request, body["next"])
    return answer


def _answer(request: Request, badges: Badges, actor: CurrentActor, badge: BadgeClass, location: str = "") -> Response:
    return document_answer(request, badge_body(badges, badge, actor, public_url(request)), badge.version, location=location)


@router.get(
    "",
    operation_id="list_badge_classes",
    summary="Badge classes, by how well they answer `q`, then by name",
    response_model=None,
    responses=read_answers(shapes.BadgePageShape, examples.BADGE_PAGE, 404),
)
def list_badge_classes(
    request: Request,
    reading: ReadingService,
    badges: Badges,
    actor: CurrentActor,
    q: Annotated[str, Query(description="Words of name, description, tags or code.", max_length=300)] = "",
    issuer: Annotated[str, Query(max_length=60)] = "",
    concept: Annotated[str, Query(description="Those that attest this concept: any reference.", max_length=2_000)] = "",
    level: Annotated[str, Query(max_length=70)] = "",
    territory: Annotated[str, Query(description="INSEE or NUTS code of the issuer's territory, or of what it lies in.", max_length=10)] = "",
    language: Annotated[str, Query(max_length=35)] = "",
    status: BadgeStatus | None = None,
    hosted: Hosting | None = None,
    due: Annotated[str, Query(description="Those to be reviewed by this day.", max_length=10)] = "",
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Response:
    ids = badges.bindings.classes_of_concept(reading.concept(concept).identity.uuid, actor) if concept else None
    asked = Asked(q, issuer, level, territory, language, status or "", hosted or "", due, ids)

    def make(after: str) -> tuple[list[Any], str, dict[str, Any]]:
        found = badges.catalogue.find(asked, actor, after=after, limit=limit)
        items = briefs(badges, found.ids, actor, public_url(request))
        return items, found.next, {"total": found.total, "facets": found.facets}

    return listed(request, reading, f"badges|{asked.listing()}|{concept}", cursor, make)


@router.post(
    "",
    operation_id="make_badge_class",
    summary="Make a draft, for the issuer's people",
    response_model=None,
    responses=answers(shapes.BadgeClassShape),
)
def make_badge_class(request: Request, badges: Badges, actor: CurrentActor, sent: shapes.BadgeClassBody) -> Response:
    made = badges.badging.create(sent.issuer, BadgeContent.of(sent.content.model_dump()), actor)
    return _answer(request, badges, actor, made, f"{PREFIX}/{made.id}")


@router.post(
    "/suggest",
    operation_id="suggest_for_content",
    summary="The competencies that such a badge class seems to attest; nothing is kept",
    response_model=None,
    responses=answers(shapes.SuggestionsShape),
)
def suggest_for_content(
    request: Request, reading: ReadingService, badges: Badges, sent: shapes.BadgeContentBody, limit: Annotated[int, Query(ge=1, le=50)] = 10
) -> Response:
    return _suggestions(request, reading, badges, BadgeContent.of(sent.model_dump()), limit)


@router.get(
    "/{id}",
    operation_id="read_badge_class",
    summary="One badge class",
    response_model=None,
    responses=read_answers(shapes.BadgeClassShape, examples.BADGE, 404),
)
def read_badge_class(request: Request, badges: Badges, actor: CurrentActor, id: BadgeId) -> Response:
    return _answer(request, badges, actor, badges.badging.get(id, actor))


@router.put(
    "/{id}",
    operation_id="change_badge_class",
    summary="Say something else; of what is published, from the next version on",
    response_model=None,
    responses=answers(shapes.BadgeClassShape, 412, 428),
)
def change_badge_class(
    request: Request, badges: Badges, actor: CurrentActor, id: BadgeId, version: Version, sent: shapes.BadgeContentBody
) -> Response:
    return _answer(request, badges, actor, badges.badging.change(id, BadgeContent.of(sent.model_dump()), actor, version=version))


@router.post(
    "/{id}/publish",
    operation_id="publish_badge_class",
    summary="Publish what waits as the next version, for managers",
    response_model=None,
    responses=answers(shapes.BadgeClassShape, 409, 412, 428),
)
def publish_badge_class(request: Request, badges: Badges, actor: CurrentActor, id: BadgeId, version: Version) -> Response:
    return _answer(request, badges, actor, badges.badging.publish(id, actor, version=version))


@router.post(
    "/{id}/retire",
    operation_id="retire_badge_class",
    summary="Say that it is given no longer, for managers; it stays readable",
    response_model=None,
    responses=answers(shapes.BadgeClassShape, 409, 412, 428),
)
def retire_badge_class(
    request: Request, badges: Badges, actor: CurrentActor, id: BadgeId, version: Version, sent: shapes.RetireBody
) -> Response:
    return _answer(request, badges, actor, badges.badging.retire(id, actor, reason=sent.reason, version=version))


@router.get(
    "/{id}/versions",
    operation_id="list_badge_versions",
    summary="Its published versions, oldest first",
    response_model=None,
    responses=read_answers(PageShape[shapes.BadgeVersionShape], examples.page(examples.VERSION), 404),
)
def list_badge_versions(
    request: Request, reading: ReadingService, badges: Badges, actor: CurrentActor, id: BadgeId, cursor: Cursor = None, limit: Limit = 100
) -> Response:
    def make(after: str) -> tuple[list[Any], str, dict[str, Any]]:
        found = badges.badging.versions(id, actor, after=int(after) if after.isdecimal() else 0, limit=limit + 1)
        following = str(found[limit - 1].number) if len(found) > limit else ""
        return [badge_version_body(each, public_url(request)) for each in found[:limit]], following, {}

    return listed(request, reading, f"badge-versions|{id}", cursor, make)


@router.get(
    "/{id}/versions/{number}",
    operation_id="read_badge_version",
    summary="One published version; it never changes",
    response_model=None,
    responses=read_answers(shapes.BadgeVersionShape, examples.VERSION, 404),
)
def read_badge_version(request: Request, badges: Badges, actor: CurrentActor, id: BadgeId, number: Number) -> Response:
    version = badges.badging.version(id, number, actor)
    answer = document_answer(request, badge_version_body(version, public_url(request)), number)
    answer.headers["Cache-Control"] = KEPT
    return answer


@router.post(
    "/{id}/versions/{number}/restore",
    operation_id="restore_badge_version",
    summary="Let an older version's words wait to be published next",
    response_model=None,
    responses=answers(shapes.BadgeClassShape, 412, 428),
)
def restore_badge_version(request: Request, badges: Badges, actor: CurrentActor, id: BadgeId, number: Number, version: Version) -> Response:
    return _answer(request, badges, actor, badges.badging.restore(id, number, actor, version=version))


@router.get(
    "/{id}/image",
    operation_id="read_badge_image",
    summary="Its image, drawn from its name where it has none",
    response_model=None,
    responses={200: {"description": "PNG or SVG.", "content": _IMAGES}, 304: {"description": "The client has it already."}, **refusals(400, 401, 404, 503)},
)
def read_badge_image(
    request: Request,
    badges: Badges,
    actor: CurrentActor,
    id: BadgeId,
    version: Annotated[int, Query(description="Of this published version.", ge=0, le=LARGEST)] = 0,
    draft: Annotated[bool, Query(description="Of what waits to be published.")] = False,
) -> Response:
    image = badges.badging.image(id, actor, number=version, draft=draft)
    etag = f'"{image.digest[:24]}"'
    # What is kept of a version is so for ever; the image of the badge class, or one that is drawn now, may be another one tomorrow.
    headers = {"ETag": etag, "Cache-Control": KEPT if version and image.kept else PRIVATE, "Vary": "Authorization, Cookie"}
    headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if matches(request.headers.get("if-none-match"), etag):
        return Response(status_code=304, headers=headers)
    return Response(image.data, 200, headers, image.media)


@router.put(
    "/{id}/image",
    operation_id="set_badge_image",
    summary="Send a PNG or an SVG; an empty body has one drawn again",
    response_model=None,
    responses=answers(shapes.BadgeClassShape, 412, 413, 428),
    openapi_extra={"requestBody": {"content": _IMAGES}},
)
def set_badge_image(request: Request, badges: Badges, actor: CurrentActor, id: BadgeId, version: Version, data: RawBody) -> Response:
    return _answer(request, badges, actor, badges.badging.set_image(id, data, actor, version=version))


@router.get(
    "/{id}/bindings",
    operation_id="list_badge_bindings",
    summary="The competencies it attests",
    response_model=None,
    responses=read_answers(PageShape[shapes.BoundTargetShape], examples.page(examples.BOUND_TARGET), 404),
)
def list_badge_bindings(
    request: Request, reading: ReadingService, badges: Badges, actor: CurrentActor, id: BadgeId, cursor: Cursor = None, limit: Limit = 100
) -> Response:
    def make(after: str) -> tuple[list[Any], str, dict[str, Any]]:
        lang = badges.badging.get(id, actor).content.lang
        page = badges.bindings.of_badge(id, actor, after=after, limit=limit)
        return with_targets(badges, page.items, lang, public_url(request)), page.next, {}

    return listed(request, reading, f"badge-bindings|{id}", cursor, make)


@router.get(
    "/{id}/suggestions",
    operation_id="suggest_bindings",
    summary="The competencies that it seems to attest, by its words",
    response_model=None,
    responses=read_answers(shapes.SuggestionsShape, examples.SUGGESTIONS, 404),
)
def suggest_bindings(
    request: Request, reading: ReadingService, badges: Badges, actor: CurrentActor, id: BadgeId, limit: Annotated[int, Query(ge=1, le=50)] = 10
) -> Response:
    return _suggestions(request, reading, badges, badges.badging.get(id, actor).working, limit)


def _suggestions(request: Request, reading: Reading, badges: Badges, content: BadgeContent, limit: int) -> Response:
    names = ("uuid", "kind", "scheme", "code", "status", "preferred_label")
    items = [
        {name: each.body[name] or (None if name == "code" else each.body[name]) for name in names}
        | {"nature": None, "iri": None, "score": each.score, "words": list(each.words), "fields": list(each.fields)}
        for each in badges.suggesting.suggest(content, limit=limit)
    ]
    return list_answer(request, reading, items)
