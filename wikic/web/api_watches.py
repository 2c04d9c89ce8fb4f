"""The API of what one watches, and of what happened there."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from wikic.services.watching import Notice
from wikic.web.acting import CurrentActor
from wikic.web.api_badges import listed
from wikic.web.dependencies import CursorParameter, ReadingService
from wikic.web.live_services import Live, answers, number_after
from wikic.web.schemas import PageShape
from wikic.web.schemas_live import NoticeShape, WatchShape

router = APIRouter(prefix="/api/v1", tags=["live"])

Kind = Annotated[str, Path(description="concept, branch or scheme.", max_length=20)]
Name = Annotated[str, Path(description="The uuid of the concept, or the name of the scheme.", max_length=60)]
_GONE = {
    204: {"description": "Done."},
    **{status: answer for status, answer in answers(WatchShape).items() if status != 200},
}


@router.get(
    "/watches",
    operation_id="list_watches",
    summary="What one watches",
    response_model=None,
    responses=answers(PageShape[WatchShape]),
)
def list_watches(request: Request, reading: ReadingService, live: Live, actor: CurrentActor) -> Response:
    items = [{"subject": each.subject, "since": each.since} for each in live.watching.watched(actor)]
    return listed(request, reading, "watches", None, lambda _: (items, "", {}))


@router.put(
    "/watches/{kind}/{name}", operation_id="watch", summary="Watch a concept, a branch or a scheme", status_code=204, response_model=None,
    responses={**_GONE, **{status: answer for status, answer in answers(WatchShape, 404, 409).items() if status in (404, 409)}},
)  # fmt: skip
def watch(live: Live, actor: CurrentActor, kind: Kind, name: Name) -> Response:
    live.watching.watch(actor, f"{kind}/{name}")
    return Response(status_code=204)


@router.delete(
    "/watches/{kind}/{name}",
    operation_id="unwatch",
    summary="Watch it no longer",
    status_code=204,
    response_model=None,
    responses=_GONE,
)
def unwatch(live: Live, actor: CurrentActor, kind: Kind, name: Name) -> Response:
    live.watching.unwatch(actor, f"{kind}/{name}")
    return Response(status_code=204)


@router.get(
    "/notices", operation_id="list_notices", summary="What happened that concerns one, latest first", response_model=None,
    responses=answers(PageShape[NoticeShape]),
)  # fmt: skip
def list_notices(
    request: Request, reading: ReadingService, live: Live, actor: CurrentActor, cursor: CursorParameter = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:  # fmt: skip
    def make(after: str) -> tuple[list[dict[str, object]], str, dict[str, Any]]:
        found, following = live.watching.notices(actor, before=number_after(after), limit=limit)
        return [_body(notice, live.happenings.epoch) for notice in found], str(following or ""), {}

    return listed(request, reading, "notices", cursor, make)


def _body(notice: Notice, epoch: str) -> dict[str, object]:
    return {"why": notice.why, "watched": notice.watched or None, "event": notice.happening.body(epoch)}
