"""Webhooks over one engine: a receiver that answers as it is told, and a clock that stands still until it is moved."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tests.web.test_events import ADA, ADMIN, MANAGER, MEMBER, MODERATOR
from wikic.domain.access import Actor
from wikic.domain.records import Label
from wikic.errors import NotFound
from wikic.outside.client import GuardedClient
from wikic.services.editing import Create, Editing, SetText
from wikic.services.happenings import Happening, Happenings
from wikic.services.webhooks import Webhooks
from wikic.services.webhooks_sending import Sending
from wikic.store.engine import Engine
from wikic.store.schema import ensure_schema

SEEN = "00000000-0000-7000-8000-0000000000a1"
OTHER = "00000000-0000-7000-8000-0000000000a2"
URL = "https://receiver.example.org/hook"
PEOPLE = {actor.id: actor for actor in (ADA, MODERATOR, ADMIN, MEMBER, MANAGER)}


@dataclass
class Answered:
    """What a receiver answers."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Message:
    """What a receiver got."""

    url: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def said(self) -> dict[str, object]:
        found: dict[str, object] = json.loads(self.body)
        return found

    @property
    def about(self) -> object:
        data = self.said["data"]
        assert isinstance(data, dict)
        return data.get("subject") or data.get("seq")


class Receiver:
    """A receiver that answers as it is told, by a function of the message; keeps what it accepted apart from all it got."""

    def __init__(self) -> None:
        self.got: list[Message] = []
        self.accepted: list[Message] = []
        self.answers: list[Answered] = []
        self.refused: set[object] = set()

    def fetch(
        self, url: str, *, method: str, headers: Mapping[str, str], body: bytes, seconds: float, max_body: int, max_redirects: int
    ) -> Answered:
        assert (method, max_redirects, seconds <= 15, max_body > 0) == ("POST", 0, True, True)
        message = Message(url, headers, body)
        self.got.append(message)
        answer = self.answers.pop(0) if self.answers else Answered(500 if message.about in self.refused else 200)
        if 200 <= answer.status < 300:
            self.accepted.append(message)
        return answer


class World:
    """Webhooks over one engine, with a clock that stands still until it is moved."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.epoch = engine, ensure_schema(engine)
        self.now = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)
        self.receiver = Receiver()
        self.told: list[tuple[str, ...]] = []
        self.people = dict(PEOPLE)
        self.webhooks = Webhooks(engine, GuardedClient(), clock=lambda: self.now)
        self.sending = self.sender()
        names = {SEEN: "knead", OTHER: "bake"}
        edits = [Create("skill", (Label(name, "en", "preferred"),), uuid=uuid) for uuid, name in names.items()]
        Editing(engine).apply(edits, actor="tester", summary="two skills")

    def sender(self) -> Sending:
        """What sends, as another process would have it."""

        def owner(user: str) -> Actor:
            if user not in self.people:
                raise NotFound(user)
            return self.people[user]

        return Sending(
            self.engine, Happenings(self.engine, self.epoch), self.receiver, owner,
            told=lambda _, *said: self.told.append(said), clock=lambda: self.now, jitter=lambda: 1.0,
        )  # fmt: skip

    def last(self) -> Happening:
        """The last event of the log."""
        happenings = Happenings(self.engine, self.epoch)
        number = happenings.end()[1]
        return happenings.between(number - 1, number)[0]

    def edit(self, uuid: str, text: str) -> int:
        """Change a concept; the number."""
        return Editing(self.engine).apply([SetText(uuid, "definition", "en", text)], actor="t", summary="")

    def later(self, seconds: float) -> None:
        """Move the clock, and send what is due."""
        self.now += timedelta(seconds=seconds)
        self.sending.round()
