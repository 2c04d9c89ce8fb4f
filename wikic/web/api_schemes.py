"""The API of the framework as a whole: its schemes and its releases."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from starlette.concurrency import run_in_threadpool

from wikic.web import examples
from wikic.web.answers import free_answer, page_answer
from wikic.web.dependencies import AskedAt, ReadingService
from wikic.web.openapi import reads
from wikic.web.schemas import PageShape, ReleaseDetailShape, ReleaseShape, SchemeShape

router = APIRouter(prefix="/api/v1", tags=["framework"])


@router.get(
    "/schemes",
    operation_id="list_schemes",
    summary="The schemes: figures by kind and status, licences and attributions",
    response_model=None,
    responses=reads(PageShape[SchemeShape], examples.page(examples.SCHEME), 404),
)
async def list_schemes(request: Request, reading: ReadingService, asked: AskedAt) -> Response:
    return await page_answer(request, reading, asked, reading.schemes)


@router.get(
    "/releases",
    operation_id="list_releases",
    summary="The releases, oldest number first",
    response_model=None,
    responses=reads(PageShape[ReleaseShape], examples.page(examples.RELEASE)),
)
async def list_releases(request: Request, reading: ReadingService) -> Response:
    def work() -> Response:
        moment = reading.moment()
        items = reading.releases().items
        return free_answer(request, {"items": items, "next": None, "seq": moment.seq}, moment.head)

    return await run_in_threadpool(work)


@router.get(
    "/releases/{name}",
    operation_id="read_release",
    summary="One release, and the change whose number it names",
    response_model=None,
    responses=reads(ReleaseDetailShape, examples.RELEASE_DETAIL, 404),
)
async def read_release(
    request: Request, reading: ReadingService, name: Annotated[str, Path(max_length=64, examples=["2026"])]
) -> Response:
    def work() -> Response:
        release = reading.release(name)
        return free_answer(request, release, reading.moment().head, str(release["state"]))

    return await run_in_threadpool(work)
