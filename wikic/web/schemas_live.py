"""The shapes of what happens: events, watches, webhooks, deliveries, the audit."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from wikic.web.schemas import Shape


class DoerShape(Shape):
    """Who did it."""

    id: str = Field(description="The user's uuid; `operator` for a command on the machine; empty where no account did it.")
    name: str


class EventShape(Shape):
    """Something that happened."""

    id: str = Field(description="Epoch of the store, a dot, and the number: what `Last-Event-ID` and `after` take.")
    kind: str = Field(description="See docs/events.md.")
    time: str
    space: str
    subject: str | None = Field(description="What it is about, such as `proposal/0190...`.")
    concepts: list[str] = Field(description="Uuids of the concepts it is about, the first 100.")
    concepts_total: int
    seq: int | None = Field(description="The number of the change it made.")
    actor: DoerShape | None
    data: dict[str, Any]
