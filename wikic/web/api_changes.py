"""The API of what changed: the change log, and the difference between two moments."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from wikic.domain.diff import ChangeType
from wikic.domain.vocabulary import Kind
from wikic.web import examples
from wikic.web.answers import between_answer, free_answer, page_answer
from wikic.web.dependencies import LARGEST, AskedFor, CursorParameter, Lang, Limit, ReadingService
from wikic.web.openapi import reads
from wikic.web.schemas import ChangeShape, DiffPageShape, PageShape

_MOMENT = "A release name, a number of the change log, or `head`."

router = APIRouter(prefix="/api/v1", tags=["framework"])


@router.get(
    "/changes",
    operation_id="list_changes",
    summary="The change log, oldest first",
    response_model=None,
    responses=reads(PageShape[ChangeShape], examples.page(examples.CHANGE), 404, listing=True),
)
async def list_changes(
    request: Request,
    reading: ReadingService,
    asked: AskedFor,
    after: Annotated[int | None, Query(description="Only later changes than this number.", ge=0, le=LARGEST)] = None,
    limit: Limit = 100,
) -> Response:
    return await page_answer(
        request, reading, asked, lambda moment: reading.changes(moment, after=after, cursor=asked.cursor, limit=limit)
    )


@router.get(
    "/changes/{seq}",
    operation_id="read_change",
    summary="One change",
    response_model=None,
    responses=reads(ChangeShape, examples.CHANGE, 404),
)
async def read_change(
    request: Request, reading: ReadingService, seq: Annotated[int, Path(ge=0, le=LARGEST, examples=[1])]
) -> Response:
    return await run_in_threadpool(
        lambda: free_answer(request, reading.change(seq), reading.moment().head),
    )


@router.get(
    "/diff",
    operation_id="read_diff",
    summary="What differs between two moments, concept by concept",
    response_model=None,
    responses=reads(DiffPageShape, examples.DIFF, 404, listing=True),
)
async def read_diff(
    request: Request,
    reading: ReadingService,
    from_: Annotated[str, Query(alias="from", description=_MOMENT, min_length=1, max_length=64, examples=["1"])],
    to: Annotated[str, Query(description=_MOMENT, min_length=1, max_length=64, examples=["2"])],
    type: Annotated[ChangeType | None, Query(description="Only this type of difference.")] = None,
    kind: Annotated[Kind | None, Query(description="Only concepts of this kind.")] = None,
    cursor: CursorParameter = None,
    limit: Limit = 100,
    lang: Lang = None,
) -> Response:
    return await between_answer(
        request,
        reading,
        from_,
        to,
        lambda before, later: reading.diff(
            before, later, type_=type, kind=kind, cursor=cursor, limit=limit, lang=lang
        )[1],
    )
