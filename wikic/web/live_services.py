"""What the handlers of events, webhooks, watches and the audit are given."""

from __future__ import annotations

from typing import Annotated, Any, Protocol, cast

from fastapi import Depends, Path, Request, Response

from wikic.errors import InvalidInput
from wikic.services.live_parts import LiveServices
from wikic.web.answers import json_answer
from wikic.web.openapi import Responses, refusals


class WithLive(Protocol):
    """What these handlers need of an opened store; `bootstrap.App` is one."""

    @property
    def live(self) -> LiveServices: ...


def _live(request: Request) -> LiveServices:
    return cast(WithLive, request.app.state.services).live


Live = Annotated[LiveServices, Depends(_live)]
"""All services that follow the event log."""

WebhookId = Annotated[str, Path(description="The id of a webhook.", min_length=1, max_length=60)]


def number_after(place: str) -> int:
    """The number that a cursor says a list goes on at; 0 for its beginning. Raises InvalidInput."""
    if place and not (place.isascii() and place.isdecimal() and len(place) < 16):
        raise InvalidInput("the cursor is none of ours: take it from `next` as it is")
    return int(place or 0)


def private_answer(content: Any, status: int = 200, *, version: int | None = None, **headers: str) -> Response:
    """An answer for nobody but the one who asked, and that nobody keeps. `version`: of the document that it also shows, for `If-Match`."""
    sent = {"Cache-Control": "private, no-store", **headers}
    if version is not None:
        sent["ETag"] = f'"{version}-"'
    return json_answer(content, sent, status)


def answers(model: Any, *problems: int, status: int = 200, example: Any = None) -> Responses:
    """The answers of an operation of people: its body, and these problems (400, 401, 403 and 503 always)."""
    content = {"content": {"application/json": {"example": example}}} if example is not None else {}
    return {status: {"model": model, "description": "Done.", **content}, **refusals(400, 401, 403, *problems, 503)}
