"""How the service is: health, readiness, metrics."""

from __future__ import annotations

from typing import Any

import anyio
from fastapi import APIRouter, Request, Response

from wikic.errors import StoreUnavailable
from wikic.services.searching import Searching
from wikic.web.answers import json_answer
from wikic.web.dependencies import ReadingService
from wikic.web.instruments import exposition
from wikic.web.openapi import refusals
from wikic.web.schemas import ReadyShape, StateShape

READY_SECONDS = 5.0
"""How long the store may take to answer before this process counts as not ready."""

_NO_STORE = {"Cache-Control": "no-store"}

router = APIRouter(tags=["service"])


@router.get(
    "/healthz",
    operation_id="health",
    summary="This process answers",
    response_model=None,
    responses={200: {"model": StateShape}},
)
async def health() -> Response:
    return json_answer({"status": "ok"}, _NO_STORE)


@router.get(
    "/readyz",
    operation_id="readiness",
    summary="The store answers; how index and lease are",
    response_model=None,
    responses={200: {"model": ReadyShape}, **refusals(503)},
)
async def readiness(request: Request, reading: ReadingService) -> Response:
    searching: Searching | None = getattr(request.app.state.services, "searching", None)

    def work() -> dict[str, Any]:
        seq = reading.ready()
        index = searching.state() if searching is not None else None
        return {"status": "ok", "seq": seq, "index": index, "lease": "held" if reading.writing() else "free"}

    found: dict[str, Any] | None = None
    with anyio.move_on_after(READY_SECONDS):
        found = await anyio.to_thread.run_sync(work, abandon_on_cancel=True)
    if found is None:
        raise StoreUnavailable(f"the store did not answer within {READY_SECONDS:.0f} s")
    return json_answer(found, _NO_STORE)


@router.get("/metrics", operation_id="metrics", summary="Prometheus metrics", include_in_schema=False)
def metrics(request: Request) -> Response:
    text, media = exposition(request.app.state.metrics_folder)
    return Response(text, headers=_NO_STORE | {"Content-Type": media})
