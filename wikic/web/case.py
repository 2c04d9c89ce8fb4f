"""CASE 1.1 (1EdTech), read-only, under `/ims/case/v1p1`: for tools that take in frameworks and align badges to them.

Flow: parameters -> `services.case` -> JSON by the specification's schema. What belongs to a published release never changes.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Annotated, Any, Final, Literal, Protocol

import orjson
from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.openapi.utils import get_openapi
from starlette.responses import RedirectResponse, StreamingResponse

from wikic import __version__
from wikic.domain.ids import is_uuid
from wikic.errors import InvalidInput, NotFound
from wikic.linked_data.case import DEFAULT_LANGUAGE, PREFIX, Maker
from wikic.linked_data.case_query import kept, parse_fields, parse_filter, sort_key
from wikic.services.case import Case, Made
from wikic.web import case_shapes as shapes
from wikic.web.answers import IMMUTABLE, REVALIDATE, next_link
from wikic.web.case_errors import INVALID_FIELD, INVALID_SORT, INVALID_UUID
from wikic.web.dependencies import LARGEST, TAG, public_url
from wikic.web.errors import problem
from wikic.web.etags import JSON, content_etag, matches, page_etag

router = APIRouter(prefix=PREFIX, tags=["CASE"])

_MOST: Final = 1_000
"""Documents in one page."""


class CaseServices(Protocol):
    """What these addresses need of an opened store; `bootstrap.App` is one."""

    @property
    def case(self) -> Case: ...


def _case(request: Request) -> Case:
    services: CaseServices = request.app.state.services
    return services.case


CaseService = Annotated[Case, Depends(_case)]
Identifier = Annotated[
    str, Path(description="Its UUID.", examples=[shapes.EXAMPLES["item"]["identifier"]])
]
Language = Annotated[
    str,
    Query(
        description="Names and texts in this language, else in French, in English, in any.",
        pattern=TAG,
        max_length=35,
        examples=["fr"],
    ),
]


@router.get(
    "/CFDocuments",
    operation_id="case_documents",
    summary="Every framework: a document for each scheme now, and in each published release",
    response_model=None,
    responses=shapes.answers(shapes.DOCUMENT_SET, {"CFDocuments": [shapes.EXAMPLES["document"]]}, listing=True),
)
def documents(
    request: Request,
    case: CaseService,
    limit: Annotated[int, Query(description="How many, at most; more than 1,000 at once are not given.", ge=1, le=LARGEST)] = 100,
    offset: Annotated[int, Query(description="How many to pass over.", ge=0, le=LARGEST)] = 0,
    sort: Annotated[str, Query(description="A field to sort by.", max_length=100)] = "",
    order: Annotated[Literal["asc", "desc"], Query(alias="orderBy", description="Upwards or downwards.")] = "asc",
    wanted: Annotated[
        str,
        Query(
            alias="filter",
            description="`field op 'value'` joined by AND, OR: `title~'ESCO' AND adoptionStatus='Adopted'`.",
        ),
    ] = "",
    fields: Annotated[list[str] | None, Query(description="Fields to give; those that are needed come anyway.")] = None,
    lang: Language = DEFAULT_LANGUAGE,
) -> Response:
    base, limit = public_url(request), min(limit, _MOST)
    found = [Maker(base, document, lang).document_object() for document in case.documents()]
    try:
        if wanted.strip():
            found = kept(found, parse_filter(wanted, shapes.PLAIN_FIELDS))
        chosen = parse_fields(fields or [], shapes.DOCUMENT_FIELDS)
    except InvalidInput as error:
        return problem(request, 400, error.slug, error.message, minor=INVALID_FIELD)
    try:
        if sort:
            found.sort(key=sort_key(sort, shapes.PLAIN_FIELDS))
    except InvalidInput as error:
        return problem(request, 400, error.slug, error.message, minor=INVALID_SORT)
    if order == "desc":
        found.reverse()
    needed = chosen | set(shapes.DOCUMENT_NEEDED)
    part = [{name: each[name] for name in each if name in needed} for each in found[offset : offset + limit]]
    links = _links(request, len(found), offset, limit)
    return _json(request, {"CFDocuments": part}, {"X-Total-Count": str(len(found)), "Link": links})


@router.get(
    "/CFDocuments/{identifier}",
    operation_id="case_document",
    summary="A framework's document",
    response_model=None,
    responses=shapes.answers(shapes.DOCUMENT, shapes.EXAMPLES["document"]),
)
def document(
    request: Request, case: CaseService, identifier: Identifier, lang: Language = DEFAULT_LANGUAGE
) -> Response:
    def make(uuid: str) -> Made:
        found = case.document(uuid)
        return Made(Maker(public_url(request), found, lang).document_object(), bool(found.release))

    return _one(request, identifier, "CFDocuments", make)


@router.get(
    "/CFPackages/{identifier}",
    operation_id="case_package",
    summary="A whole framework: its document, items, associations, words and rubrics",
    response_model=None,
    responses=shapes.answers(shapes.PACKAGE, shapes.EXAMPLES["package"]),
)
def package(request: Request, case: CaseService, identifier: Identifier, lang: Language = DEFAULT_LANGUAGE) -> Response:
    if not is_uuid(identifier):
        return _no_uuid(request, identifier)
    found = case.document(identifier.lower())
    moment, base = case.moment(found), public_url(request)
    etag = page_etag(moment.epoch, moment.seq, f"{base}{PREFIX}/CFPackages/{found.identifier}?{lang}?{case.tag(found)}")
    headers = _headers(etag, pinned=bool(found.release))
    if matches(request.headers.get("if-none-match"), etag):
        return Response(status_code=304, headers=headers)
    return StreamingResponse(case.package(found, base, lang), 200, headers, JSON)


@router.get(
    "/CFItems/{identifier}",
    operation_id="case_item",
    summary="A concept as an item",
    response_model=None,
    responses=shapes.answers(shapes.ITEM, shapes.EXAMPLES["item"], moves=True),
)
def item(request: Request, case: CaseService, identifier: Identifier, lang: Language = DEFAULT_LANGUAGE) -> Response:
    return _one(request, identifier, "CFItems", lambda uuid: case.item(uuid, public_url(request), lang))


@router.get(
    "/CFItemAssociations/{identifier}",
    operation_id="case_item_associations",
    summary="An item with all associations that start or end at it",
    response_model=None,
    responses=shapes.answers(shapes.ASSOCIATION_SET, shapes.EXAMPLES["associations"], moves=True),
)
def item_associations(
    request: Request, case: CaseService, identifier: Identifier, lang: Language = DEFAULT_LANGUAGE
) -> Response:
    return _one(
        request, identifier, "CFItemAssociations", lambda uuid: case.item_associations(uuid, public_url(request), lang)
    )


@router.get(
    "/CFAssociations/{identifier}",
    operation_id="case_association",
    summary="One association",
    response_model=None,
    responses=shapes.answers(shapes.ASSOCIATION, shapes.EXAMPLES["association"]),
)
def association(
    request: Request, case: CaseService, identifier: Identifier, lang: Language = DEFAULT_LANGUAGE
) -> Response:
    return _one(request, identifier, "CFAssociations", lambda uuid: case.association(uuid, public_url(request), lang))


@router.get(
    "/CFRubrics/{identifier}",
    operation_id="case_rubric",
    summary="A scale of levels with its criteria",
    response_model=None,
    responses=shapes.answers(shapes.RUBRIC),
)
def rubric(request: Request, case: CaseService, identifier: Identifier, lang: Language = DEFAULT_LANGUAGE) -> Response:
    return _one(request, identifier, "CFRubrics", lambda uuid: case.rubric(uuid, public_url(request), lang))


@router.get(
    "/CFConcepts/{identifier}",
    operation_id="case_concept",
    summary="A nature of competencies, by which items are classified",
    response_model=None,
    responses=shapes.answers(shapes.set_of("CFConcepts"), {"CFConcepts": [shapes.EXAMPLES["CFConcepts"]]}),
)
def concept(request: Request, case: CaseService, identifier: Identifier, lang: Language = DEFAULT_LANGUAGE) -> Response:
    return _word(request, case, "CFConcepts", identifier, lang)


@router.get(
    "/CFSubjects/{identifier}",
    operation_id="case_subject",
    summary="A section of NAF and NACE",
    response_model=None,
    responses=shapes.answers(shapes.set_of("CFSubjects"), {"CFSubjects": [shapes.EXAMPLES["CFSubjects"]]}),
)
def subject(request: Request, case: CaseService, identifier: Identifier, lang: Language = DEFAULT_LANGUAGE) -> Response:
    return _word(request, case, "CFSubjects", identifier, lang)


@router.get(
    "/CFItemTypes/{identifier}",
    operation_id="case_item_type",
    summary="A kind of concepts",
    response_model=None,
    responses=shapes.answers(shapes.set_of("CFItemTypes"), {"CFItemTypes": [shapes.EXAMPLES["CFItemTypes"]]}),
)
def item_type(
    request: Request, case: CaseService, identifier: Identifier, lang: Language = DEFAULT_LANGUAGE
) -> Response:
    return _word(request, case, "CFItemTypes", identifier, lang)


@router.get(
    "/CFAssociationGroupings/{identifier}",
    operation_id="case_association_grouping",
    summary="A relation of Wiki-C, which says more than the type of an association",
    response_model=None,
    responses=shapes.answers(shapes.GROUPING, shapes.EXAMPLES["CFAssociationGroupings"]),
)
def grouping(
    request: Request, case: CaseService, identifier: Identifier, lang: Language = DEFAULT_LANGUAGE
) -> Response:
    return _word(request, case, "CFAssociationGroupings", identifier, lang)


@router.get(
    "/CFLicenses/{identifier}",
    operation_id="case_license",
    summary="The licence of a scheme",
    response_model=None,
    responses=shapes.answers(shapes.LICENSE),
)
def license_(
    request: Request, case: CaseService, identifier: Identifier, lang: Language = DEFAULT_LANGUAGE
) -> Response:
    return _word(request, case, "CFLicenses", identifier, lang)


@router.get(
    "/discovery/imscasev1p1_openapi3_v1p0.json",
    operation_id="case_discovery",
    summary="What this service answers, as OpenAPI",
    response_model=None,
    responses=shapes.answers({"type": "object"}),
)
def discovery(request: Request) -> Response:
    return _json(request, _described(public_url(request)))


@lru_cache(maxsize=4)
def _described(base: str) -> dict[str, Any]:
    made = get_openapi(
        title="Wiki-C as a CASE 1.1 service provider",
        version=__version__,
        description="Read-only. Only what is listed here is served; see docs/case.md.",
        routes=router.routes,
        servers=[{"url": f"{base}{PREFIX}"}],
    )
    made["paths"] = {path.removeprefix(PREFIX): operations for path, operations in made["paths"].items()}
    for operations in made["paths"].values():
        for operation in operations.values():
            operation["responses"].pop("422", None)
    schemas = made.get("components", {}).get("schemas", {})
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    return made


_IN_SETS: Final = frozenset(shapes.SETS)


def _word(request: Request, case: Case, group: str, identifier: str, lang: str) -> Response:
    def make(uuid: str) -> Made:
        found = case.term(group, uuid, f"{public_url(request)}{PREFIX}", lang)
        return Made({group: [found]} if group in _IN_SETS else found)

    return _one(request, identifier, group, make)


def _one(request: Request, identifier: str, group: str, make: Callable[[str], Made]) -> Response:
    """One thing by its identifier."""
    if not is_uuid(identifier):
        return _no_uuid(request, identifier)
    made = make(identifier.lower())
    if made.moved_to:
        query = request.url.query
        address = f"{PREFIX}/{group}/{made.moved_to}{'?' + query if query else ''}"
        return RedirectResponse(address, 301, {"Cache-Control": REVALIDATE})
    return _json(request, made.content, pinned=made.pinned)


def _json(request: Request, content: Any, more: dict[str, str] | None = None, *, pinned: bool = False) -> Response:
    packed = orjson.dumps(content)
    headers = _headers(content_etag(packed), pinned=pinned) | (more or {})
    if matches(request.headers.get("if-none-match"), headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(packed, 200, headers, JSON)


def _headers(etag: str, *, pinned: bool) -> dict[str, str]:
    return {"ETag": etag, "Cache-Control": IMMUTABLE if pinned else REVALIDATE}


def _links(request: Request, total: int, offset: int, limit: int) -> str:
    last = (total - 1) // limit * limit if total else 0
    before = min(max(0, offset - limit), last)
    places = {"first": 0, "prev": before if offset else None, "next": offset + limit, "last": last}
    if offset + limit >= total:
        places["next"] = None
    return ", ".join(next_link(request, str(at), "offset", rel) for rel, at in places.items() if at is not None)


def _no_uuid(request: Request, identifier: str) -> Response:
    return problem(request, 404, NotFound.slug, f"{identifier[:60]!r} is no UUID", minor=INVALID_UUID)
