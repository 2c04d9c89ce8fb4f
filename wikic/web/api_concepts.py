"""The API of concepts: one of them, lists of them, their relations, history and place in the tree, and finding one by
address or code."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from wikic.domain.ids import is_uuid
from wikic.domain.vocabulary import Kind, Scheme, Status
from wikic.services.reading import Found, Reading
from wikic.services.reading_moments import Moment
from wikic.web import examples
from wikic.web.answers import Asked, address_of, json_answer, page_answer, read_headers, unchanged
from wikic.web.dependencies import AskedAt, AskedFor, Lang, Limit, ReadingService, Ref
from wikic.web.etags import JSON, concept_etag
from wikic.web.kept import KeptAnswers
from wikic.web.openapi import points_to, reads
from wikic.web.schemas import (
    BriefShape,
    ConceptShape,
    HistoryEntryShape,
    LocationShape,
    NamedRelationShape,
    PageShape,
    TreePageShape,
)

PREFIX = "/api/v1"

router = APIRouter(prefix=PREFIX, tags=["concepts"])


@router.get(
    "/concepts",
    operation_id="list_concepts",
    summary="List concepts, in the order of scheme, kind and uuid",
    response_model=None,
    responses=reads(PageShape[BriefShape], examples.page(examples.BRIEF), 404, listing=True),
)
async def list_concepts(
    request: Request,
    reading: ReadingService,
    asked: AskedFor,
    scheme: Scheme | None = None,
    kind: Kind | None = None,
    status: Status | None = None,
    limit: Limit = 100,
    lang: Lang = None,
) -> Response:
    return await page_answer(
        request,
        reading,
        asked,
        lambda moment: reading.concepts(
            moment, scheme=scheme, kind=kind, status=status, cursor=asked.cursor, limit=limit, lang=lang
        ),
    )


@router.get(
    "/tree",
    operation_id="read_tree",
    summary="The roots of a scheme, or what stands below a concept",
    response_model=None,
    responses=reads(TreePageShape, examples.TREE, 404, 409, listing=True),
)
async def read_tree(
    request: Request,
    reading: ReadingService,
    asked: AskedFor,
    scheme: Annotated[Scheme | None, Query(description="Whose roots; needed without `parent`.")] = None,
    kind: Annotated[Kind | None, Query(description="Roots of this kind only; without it, all kinds of groups.")] = None,
    parent: Annotated[str | None, Query(description="A concept, as in `/concepts/{ref}`.", max_length=2_000)] = None,
    limit: Limit = 100,
    lang: Lang = None,
) -> Response:
    return await page_answer(
        request,
        reading,
        asked,
        lambda moment: reading.tree(
            moment, scheme=scheme, kind=kind, parent=parent, cursor=asked.cursor, limit=limit, lang=lang
        ),
    )


@router.get(
    "/lookup",
    operation_id="look_up",
    summary="Find a concept by its source address, or by scheme and code",
    response_model=None,
    responses=reads(ConceptShape, examples.CONCEPT, 404, 409)
    | points_to(303, "Where the concept is (the default).", LocationShape),
)
async def look_up(
    request: Request,
    reading: ReadingService,
    asked: AskedAt,
    iri: Annotated[str | None, Query(description="Source address.", min_length=1, max_length=2_000)] = None,
    scheme: Annotated[Scheme | None, Query(description="Together with `code`.")] = None,
    code: Annotated[str | None, Query(min_length=1, max_length=200, examples=["2654"])] = None,
    kind: Annotated[Kind | None, Query(description="Chooses among several concepts that have the code.")] = None,
    redirect: Annotated[bool, Query(description="false: answer the concept itself.")] = True,
    lang: Lang = None,
) -> Response:
    def work() -> Response:
        moment = asked.resolve(reading)
        uuid = reading.locate(iri, scheme, code, kind, moment)
        if redirect:
            address = _address(uuid, asked, lang)
            headers = {"Location": address, "Cache-Control": "no-cache", "Wiki-C-Seq": str(moment.head)}
            return json_answer({"uuid": uuid, "location": address}, headers, 303)
        answer = _concept(request, reading, reading.find(uuid, moment), moment, lang)
        answer.headers["Content-Location"] = _address(uuid, asked, lang)
        return answer

    return await run_in_threadpool(work)


@router.get(
    "/concepts/{ref:path}/relations",
    operation_id="list_relations",
    summary="The relations of a concept, all of them, in the order of their ids",
    response_model=None,
    responses=reads(PageShape[NamedRelationShape], examples.page(examples.NAMED_RELATION), 404, 409, listing=True),
)
async def list_relations(
    request: Request,
    reading: ReadingService,
    asked: AskedFor,
    ref: Ref,
    type: Annotated[
        str | None, Query(description="One relation: `requires`, `narrower` ...", max_length=40, examples=["broader"])
    ] = None,
    limit: Limit = 100,
    lang: Lang = None,
) -> Response:
    return await page_answer(
        request,
        reading,
        asked,
        lambda moment: reading.relations(ref, moment, name=type, cursor=asked.cursor, limit=limit, lang=lang),
    )


@router.get(
    "/concepts/{ref:path}/history",
    operation_id="read_history",
    summary="What each change did to a concept and its relations, oldest first",
    response_model=None,
    responses=reads(PageShape[HistoryEntryShape], examples.page(examples.HISTORY_ENTRY), 404, 409, listing=True),
)
async def read_history(
    request: Request,
    reading: ReadingService,
    asked: AskedFor,
    ref: Ref,
    limit: Limit = 100,
    lang: Lang = None,
) -> Response:
    return await page_answer(
        request,
        reading,
        asked,
        lambda moment: reading.history(ref, moment, cursor=asked.cursor, limit=limit, lang=lang),
    )


@router.get(
    "/concepts/{ref:path}/tree",
    operation_id="read_branch",
    summary="What stands above a concept and below it",
    response_model=None,
    responses=reads(TreePageShape, examples.TREE, 404, 409, listing=True),
)
async def read_branch(
    request: Request,
    reading: ReadingService,
    asked: AskedFor,
    ref: Ref,
    limit: Limit = 100,
    lang: Lang = None,
) -> Response:
    return await page_answer(
        request,
        reading,
        asked,
        lambda moment: reading.tree(moment, parent=ref, cursor=asked.cursor, limit=limit, lang=lang),
    )


@router.get(
    "/concepts/{ref:path}",
    operation_id="read_concept",
    summary="One concept",
    response_model=None,
    responses=reads(ConceptShape, examples.CONCEPT, 404, 409)
    | points_to(301, "The uuid is an alias: where the concept is.", LocationShape),
)
async def read_concept(
    request: Request, reading: ReadingService, asked: AskedAt, ref: Ref, lang: Lang = None
) -> Response:
    known = asked.known(reading) if is_uuid(ref) else None
    if known is not None and known.pinned:
        kept = _kept(request).get(request, known, address_of(request))
        if kept is not None:
            return kept
    if "if-none-match" in request.headers and known is not None:
        seq = reading.known_seq(ref.lower(), known)
        if seq is not None:
            answer = unchanged(request, known, concept_etag(known.epoch, seq, JSON, lang))
            if answer is not None:
                return answer

    def work() -> Response:
        moment = asked.resolve(reading)
        kept = _kept(request).get(request, moment, address_of(request)) if moment.pinned else None
        if kept is not None:
            return kept
        found = reading.find(ref, moment)
        address = _address(found.concept.identity.uuid, asked, lang)
        if is_uuid(ref) and found.alias:
            headers = {"Location": address, "Cache-Control": "no-cache", "Wiki-C-Seq": str(moment.head)}
            return json_answer({"uuid": found.concept.identity.uuid, "location": address}, headers, 301)
        answer = _concept(request, reading, found, moment, lang)
        if not is_uuid(ref):
            answer.headers["Content-Location"] = address
        return answer

    return await run_in_threadpool(work)


def _concept(request: Request, reading: Reading, found: Found, moment: Moment, lang: str | None) -> Response:
    etag = concept_etag(moment.epoch, found.concept.seq, JSON, lang)
    answer = unchanged(request, moment, etag)
    if answer is not None:
        return answer
    headers = read_headers(moment, etag)
    content = orjson.dumps(reading.body(found, lang))
    if is_uuid(request.path_params.get("ref", "")):
        _kept(request).put(moment, address_of(request), "", content, headers, JSON)
    return Response(content, 200, dict(headers), JSON)


def _kept(request: Request) -> KeptAnswers:
    kept: KeptAnswers = request.app.state.kept
    return kept


def _address(uuid: str, asked: Asked, lang: str | None) -> str:
    given = (("release", asked.release), ("at", asked.at), ("lang", lang))
    query = {name: value for name, value in given if value is not None}
    return f"{PREFIX}/concepts/{uuid}" + (f"?{urlencode(query)}" if query else "")
