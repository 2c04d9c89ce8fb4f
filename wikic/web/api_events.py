"""The API of what happens: a stream that goes on, and the same list page by page."""

from __future__ import annotations

from typing import Annotated, Any, Final, Protocol

from fastapi import APIRouter, Depends, FastAPI, Header, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from wikic.errors import InvalidInput
from wikic.services.happenings import Filter, Happenings, parse_event_id
from wikic.web import examples_live as examples
from wikic.web.acting import CurrentActor
from wikic.web.answers import json_answer, next_link
from wikic.web.dependencies import LARGEST
from wikic.web.openapi import refusals
from wikic.web.rate_limit import caller
from wikic.web.schemas_live import EventPageShape
from wikic.web.streams import Streams

STREAM: Final = "text/event-stream"
_KINDS: Final = 40

router = APIRouter(prefix="/api/v1", tags=["live"])


class HappeningsPort(Protocol):
    """The part of the opened store that this needs."""

    @property
    def happenings(self) -> Happenings: ...


def happenings_of(request: Request) -> Happenings:
    """The event log's service."""
    return happenings_of_app(request.app)


def happenings_of_app(app: FastAPI) -> Happenings:
    """The same, of an application."""
    services: HappeningsPort = app.state.services
    return services.happenings


def streams_of(request: Request) -> Streams:
    """The streams of this process."""
    streams: Streams = request.app.state.streams
    return streams


def _filter(
    subject: Annotated[
        str, Query(description='Only about this: `proposal/0190...`, or a kind of subjects, `proposal`.', max_length=200)
    ] = "",
    concept: Annotated[str, Query(description="Only about the concept with this uuid.", max_length=36)] = "",
    kind: Annotated[list[str] | None, Query(description="Only these kinds of events.", max_length=_KINDS)] = None,
) -> Filter:
    return Filter(subject.rstrip("/"), concept.lower(), frozenset(kind or ()))


HappeningsService = Annotated[Happenings, Depends(happenings_of)]

_ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "model": EventPageShape,
        "description": "A stream of Server-Sent Events, or a page of the list.",
        "content": {
            "application/json": {"example": examples.page(examples.EVENT) | {"last_event_id": examples.EVENT["id"]}},
            STREAM: {"schema": {"type": "string"}},
        },
    },
    **refusals(400, 401, 429, 503),
}


@router.get(
    "/events",
    operation_id="list_events",
    summary="What happens: a stream (`Accept: text/event-stream`), or a list",
    response_model=None,
    responses=_ANSWERS,
)
async def list_events(
    request: Request,
    actor: CurrentActor,
    happenings: HappeningsService,
    wanted: Annotated[Filter, Depends(_filter)],
    after: Annotated[
        str, Query(description="Go on after this event: an `id`, or a number. Without it a stream begins now.", max_length=64)
    ] = "",
    limit: Annotated[int, Query(description="How many items of the list, at most.", ge=1, le=1_000)] = 100,
    last_event_id: Annotated[str, Header(description="What browsers send to go on; goes before `after`.", max_length=64)] = "",
) -> Response:
    place = last_event_id or after
    since = parse_event_id(place) if place else None
    if since is not None and since[1] > LARGEST:
        raise InvalidInput(f"{place!r} is no event id: take it from `id` as it is")
    if STREAM in request.headers.get("accept", "") and not request.scope.get("bodiless"):
        return await streams_of(request).open(actor, wanted, since, caller(request.scope))

    def page() -> Response:
        epoch, last = happenings.end()
        if since is not None and since[0] not in ("", epoch):
            raise InvalidInput("the store was restored since that event: begin the list again")
        made = happenings.page(actor, wanted, after=since[1] if since is not None else 0, limit=limit)
        headers = {"Cache-Control": "private, no-cache" if actor.known else "no-cache", "Vary": "Accept, Authorization, Cookie"}
        if made.next is not None:
            headers["Link"] = next_link(request, made.next, "after")
        return json_answer({"items": made.items, "next": made.next, "seq": last} | (made.extra or {}), headers)

    return await run_in_threadpool(page)
