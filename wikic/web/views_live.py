"""The pages of what happens: notices and watches, webhooks, the audit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from wikic.web.views_account import FormPage
from wikic.web.views_common import Link, Page


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """Something that concerns the reader."""

    why: Annotated[str, "watch, decision, mention or issuer."]
    kind: Annotated[str, "The kind of event."]
    time: Annotated[str, "When, ISO."]
    name: Annotated[str, "Who did it; empty if nobody is named."]
    link: Annotated[Link, "What it is about."]


@dataclass(frozen=True)
class NoticesPage(Page):
    """What the reader watches, and what happened there."""

    template: ClassVar = "notices.html"
    notices: Annotated[Sequence[NoticeLine], "The latest first."]
    following: Annotated[str, "The next page; empty at the end."]
    watched: Annotated[Sequence[tuple[str, str, Link]], "What is watched: the subject, its kind, its page."]
    schemes: Annotated[Sequence[tuple[str, str]], "The schemes that can be watched, with their names."]
    mails: Annotated[bool, "Whether this site sends mail."]
    daily: Annotated[bool, "Whether the reader gets the daily mail."]


@dataclass(frozen=True)
class StopPage(Page):
    """End the daily mail, by the link in it."""

    template: ClassVar = "notices_stop.html"
    token: Annotated[str, "What the link holds."]
    stopped: Annotated[bool, "Whether it is done."]


@dataclass(frozen=True, slots=True)
class WebhookLine:
    """A webhook in a list."""

    address: Annotated[str, "Its page."]
    url: Annotated[str, "Where it sends."]
    description: Annotated[str, "What its owner says of it."]
    on: Annotated[bool, "Whether it is switched on."]
    why: Annotated[str, "Why it is off, in words; empty if it is on."]
    failing: Annotated[str, "Since when nothing arrives, ISO; empty if it does."]


@dataclass(frozen=True)
class WebhooksPage(FormPage):
    """The webhooks of one owner."""

    template: ClassVar = "webhooks.html"
    owner: Annotated[str, "The owner; empty for the reader."]
    owners: Annotated[Sequence[Link], "Those for whom the reader may act."]
    hooks: Annotated[Sequence[WebhookLine], "What is registered."]
    schemes: Annotated[Sequence[tuple[str, str]], "The schemes, with their names."]
    form: Annotated[Mapping[str, str], "What was typed, by field."]


@dataclass(frozen=True)
class WebhookPage(FormPage):
    """One webhook and its delivery log."""

    template: ClassVar = "webhook.html"
    id: Annotated[str, "Its id."]
    line: Annotated[WebhookLine, "How it is."]
    version: Annotated[int, "The version that is shown."]
    filters: Annotated[Sequence[tuple[str, str]], "What it is told: a heading and values."]
    secret: Annotated[str, "Its secret, shown once; empty else."]
    former_until: Annotated[str, "Until when the former secret signs too, ISO; empty if it does not."]
    deliveries: Annotated[Sequence[Mapping[str, Any]], "The delivery log, the latest first."]
    following: Annotated[str, "The next page of the log; empty at the end."]


@dataclass(frozen=True)
class AuditPage(FormPage):
    """Who did what."""

    template: ClassVar = "audit.html"
    form: Annotated[Mapping[str, str], "The filter, by field."]
    kinds: Annotated[Sequence[tuple[str, str]], "The kinds of events there are: each as it is filtered by, and in words."]
    entries: Annotated[Sequence[Mapping[str, Any]], "The latest first."]
    following: Annotated[str, "The next page; empty at the end."]
    downloads: Annotated[Sequence[Link], "The same as files."]
