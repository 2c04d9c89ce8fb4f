"""The services of accounts over an empty store, with a clock that is moved by hand and passwords that cost little."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tests.people import OPERATOR, PASSWORD
from wikic.bootstrap import App, app_of
from wikic.crypto.passwords import Passwords
from wikic.domain.access import Actor, Grant
from wikic.services.accounts import AccountRules
from wikic.services.accounts_parts import AccountServices
from wikic.services.mailing import Mailer
from wikic.store.engine import Engine
from wikic.store.events import Event, read_events

CHEAP = Passwords(time=1, memory=64, parallelism=1)
SITE = "https://skills.example.org"


@dataclass
class HandClock:
    """A clock that moves when it is told to."""

    now: datetime = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class Outbox:
    """A mail server that keeps what it is given."""

    mails: list[tuple[str, str, str]] = field(default_factory=list)

    def send(self, sender: str, to: str, subject: str, text: str) -> None:
        assert sender == "Wiki-C <wiki-c@example.org>"
        self.mails.append((to, subject, text))


@dataclass
class PeopleWorld:
    """The services, and what moves them."""

    app: App
    clock: HandClock
    outbox: Outbox

    @property
    def people(self) -> AccountServices:
        return self.app.people

    def add(self, name: str, *grants: Grant, email: str = "", password: str = PASSWORD) -> Actor:
        """A user, signed in."""
        person = self.app.accounts.add(name, email, actor=OPERATOR, grants=grants or (Grant("contributor"),), password=password)
        return self.signed_in(person.id)

    def signed_in(self, user: str) -> Actor:
        """Who has a new session."""
        return self.app.accounts.actor_of(session=self.people.signing.open(user, by="test").token)

    def mailed(self) -> list[tuple[str, str, str]]:
        """The mails that were sent since the last call: to, subject, text."""
        assert self.people.mailer.wait()
        mails, self.outbox.mails = self.outbox.mails, []
        return mails

    def events(self, *kinds: str) -> list[Event]:
        """The events of these kinds, or all."""
        return [event for event in read_events(self.app.engine, 0, 10_000) if not kinds or event.kind in kinds]


def make_people_world(engine: Engine, *, registration: str = "open", mail: bool = True) -> PeopleWorld:
    """Over an engine that holds nothing."""
    clock, outbox = HandClock(), Outbox()
    rules = AccountRules(registration, SITE)  # type: ignore[arg-type]
    mailer = Mailer(engine, outbox, "Wiki-C <wiki-c@example.org>") if mail else Mailer(engine)
    people = AccountServices.of(engine, rules, mailer=mailer, passwords=CHEAP, clock=clock)
    return PeopleWorld(app_of(engine, lambda: None, people=people), clock, outbox)


def token_in(text: str) -> str:
    """The secret of the link in a mail or an answer."""
    return text.partition("token=")[2].split()[0]
