"""The shapes of what happens: events, watches, webhooks, deliveries, the audit."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from wikic.web.schemas import PageShape, Shape


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


class WebhookShape(Shape):
    """A registration. Its secret is shown once, when it is made."""

    id: str
    owner: str = Field(description="`user/UUID` or `organisation/SLUG`.")
    url: str
    description: str
    kinds: list[str] = Field(description="Kinds of events; empty for all that are public or the organisation's.")
    schemes: list[str]
    concepts: list[str]
    state: Literal["on", "off"]
    off_reason: str | None = Field(description="asked, gone (410), failing, or owner (the account is gone).")
    off_since: str | None
    failing_since: str | None = Field(description="The first failure since the last success.")
    former_secret_until: str | None = Field(description="Until when the former secret signs too.")
    created: str
    made_by: str
    version: int
    last_event: int = Field(description="The number of the last event that was looked at for it.")


class NewWebhookShape(WebhookShape):
    """A registration, with its secret."""

    secret: str = Field(description="Shown this once. `whsec_...`, for the libraries of standardwebhooks.")


class WebhookListShape(Shape):
    """The webhooks of an owner."""

    items: list[WebhookShape]
    next: str | None
    seq: int


class AttemptShape(Shape):
    """One attempt."""

    time: str
    status: int = Field(description="The status that was answered; 0 for no answer.")
    seconds: float
    size: int = Field(description="Bytes that were sent.")
    error: str


class DeliveryShape(Shape):
    """An event on its way to a webhook."""

    id: str
    message: str = Field(description="`webhook-id`: the same for each attempt, and where it is delivered again.")
    kind: str
    state: Literal["pending", "delivered", "failed", "dropped"]
    tries: int
    due: str | None = Field(description="When it is tried next.")
    created: str
    attempts: list[AttemptShape] = Field(description="The last ten, oldest first.")


class WatchShape(Shape):
    """What somebody watches."""

    subject: str = Field(description="`concept/UUID`, `branch/UUID` (the concept and all below it) or `scheme/NAME`.")
    since: str


class NoticeShape(Shape):
    """Something that concerns somebody."""

    why: Literal["watch", "decision", "mention", "issuer"]
    watched: str | None
    event: EventShape


class EventPageShape(PageShape[EventShape]):
    """A page of events."""

    last_event_id: str = Field(description="How far this page has looked: go on there when there is more to come.")


class EntryShape(Shape):
    """An entry of the audit."""

    number: int
    time: str
    kind: str
    space: str
    subject: str | None
    concepts: list[str]
    seq: int | None
    actor: str | None = Field(description="The user's id; `operator` for a command on the machine.")
    name: str | None
    via: str | None = Field(description="session, token, operator, system or nobody.")
    credential: str | None = Field(description="The session or token it was done by.")
    data: dict[str, Any]
