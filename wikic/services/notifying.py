"""Mail about what happened: one a day for those who asked for it, and word to the owner of a webhook that was switched off.

Run by `wikic mail-digest` (cron). Of several at once, and of several on one day, one sends a person's mail: the day is written down before it is sent, and
taken back if the mail server does not take it. Where a process dies in between, the next day's mail says what that one would have said.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Protocol

import structlog

from wikic.domain.access import Actor
from wikic.domain.changes import stamp
from wikic.domain.happenings import MANAGERS
from wikic.errors import NotFound, OutsideError, StaleVersion
from wikic.services.happenings import Happening, Happenings
from wikic.services.notifying_texts import kind_key, say
from wikic.services.reading import Reading
from wikic.services.reading_views import best
from wikic.services.throttling import Clock, utc_now
from wikic.services.watching import Matcher, Notice, Watching, Why
from wikic.store import documents
from wikic.store.concepts import read_briefs
from wikic.store.engine import Engine, Row, UniqueViolation, WriteTransaction
from wikic.store.events import happened
from wikic.store.leases import write_numbered
from wikic.store.tables import DIGESTS, MEMBERSHIPS, USERS

DAILY: Final = "daily"
SETTING: Final = "digest"
"""The preference of a person: `daily`, or nothing."""

_SHOWN: Final = 20
_READ: Final = 500
_MOST: Final = 20_000
_ORDER: Final[tuple[Why, ...]] = ("decision", "issuer", "mention", "watch")

log = structlog.get_logger(__name__)


class Mailer(Protocol):
    """What hands mail over; `services.mailing.Mailer` is one."""

    @property
    def enabled(self) -> bool: ...

    def queue(self, tx: WriteTransaction, to: str, subject: str, text: str) -> bool: ...

    def send_now(self, to: str, subject: str, text: str) -> None:
        """Raises OutsideError."""
        ...


@dataclass(slots=True)
class Mailed:
    """What a run did: mails sent, people with nothing new, people whose mail is of today already, mails that could not be sent."""

    sent: int = 0
    nothing: int = 0
    already: int = 0
    failed: int = 0


class Notifying:
    """Mail about what happened in one store. `actor_of`: a user's uuid to who they are now; `queue`: how many proposals wait for a moderator, by lane."""

    def __init__(
        self, engine: Engine, reading: Reading, happenings: Happenings, watching: Watching, mailer: Mailer, *, actor_of: Callable[[str], Actor],
        queue: Callable[[Actor], Mapping[str, int]], public_url: str, clock: Clock = utc_now,
    ) -> None:  # fmt: skip
        self._engine, self._reading, self._happenings, self._watching = engine, reading, happenings, watching
        self._mailer, self._actor_of, self._queue, self._clock = mailer, actor_of, queue, clock
        self._url = public_url.rstrip("/")

    def run(self) -> Mailed:
        """Send everybody's mail of today. Raises OutsideError where no mail server is set."""
        if not self._mailer.enabled:
            raise OutsideError("no mail server is set: WIKIC_SMTP_URL and WIKIC_MAIL_FROM name one")
        done = Mailed()
        people = [row for row in self._people() if _wants(row)]
        digests = {
            str(row["key"]): row
            for row in documents.find_by(self._engine, DIGESTS, "key", [str(row["key"]) for row in people])
        }
        _, last = self._happenings.end()
        begun = [int(row["number"]) for row in digests.values()]
        news = self._news(max(min(begun, default=last), last - _MOST), last)
        matcher = Matcher(self._engine, self._reading)
        for person in people:
            user = str(person["key"])
            if user not in digests:
                self._begin(user, last)
                done.nothing += 1
                continue
            self._one(person, digests[user], news, last, matcher, done)
        return done

    def stop(self, token: str) -> None:
        """End somebody's daily mail, by the link in it. Raises NotFound."""
        found = documents.find_by(self._engine, DIGESTS, "unsubscribe", [token]) if token else []
        if not found:
            raise NotFound("this link leads to no mail of ours: it was used, or is of another site", reason="mail-none")
        user = str(found[0]["key"])

        def work(tx: WriteTransaction) -> None:
            row = documents.lock(tx, USERS, user)
            held = {name: value for name, value in dict(row.get("settings") or {}).items() if name != SETTING}
            documents.change(tx, USERS, user, {"settings": held})
            person = Actor(user, str(row["name"]), via="session", credential="mail link")
            happened(tx, person, "digest_stopped", subject=f"user/{user}")

        write_numbered(self._engine, work)

    def webhook_off(self, tx: WriteTransaction, owner: str, webhook: str, host: str, reason: str) -> None:
        """Tell the owner of a webhook that it was switched off and why, in the transaction that does it."""
        for address, lang in self._addresses(tx, owner):
            where = f"{self._url}/webhooks/{webhook}"
            text = say(lang, "off_text", host=host, why=say(lang, f"off_{reason}", host=host), address=where)
            self._mailer.queue(tx, address, say(lang, "off_subject"), text)

    def _people(self) -> Iterable[Row]:
        after = ""
        while rows := documents.page(self._engine, USERS, "listing", after=after, limit=_READ):
            yield from rows
            after = str(rows[-1]["listing"])

    def _news(self, after: int, last: int) -> list[Happening]:
        found: list[Happening] = []
        while after < last and (part := self._happenings.between(after, last, _READ)):
            found += part
            after = part[-1].event.number
        return found

    def _begin(self, user: str, last: int) -> None:
        """From now on."""
        row = {"key": user, "number": last, "day": "", "unsubscribe": secrets.token_urlsafe(24)}
        with suppress(UniqueViolation):
            self._engine.write(lambda tx: documents.insert(tx, DIGESTS, row))

    def _one(self, person: Row, digest: Row, news: list[Happening], last: int, matcher: Matcher, done: Mailed) -> None:
        user, today = str(person["key"]), stamp(self._clock())[:10]
        if digest["day"] == today:
            done.already += 1
            return
        actor = self._actor_of(user)
        interest = self._watching.interest(user)
        own = [happening for happening in news if happening.event.number > int(digest["number"])]
        notices = [notice for each in own if (notice := matcher.notice(each, actor, interest)) is not None]
        waiting = sum(self._queue(actor).values()) if actor.is_moderator else 0
        if not actor.known or not (notices or waiting):
            done.nothing += 1
            return
        version = int(digest["version"])
        try:
            self._engine.write(lambda tx: documents.change(tx, DIGESTS, user, {"day": today}, version=version))
        except StaleVersion:
            done.already += 1
            return
        subject, text = self.compose(
            str(person["name"]), str(person["lang"]), notices, waiting, str(digest["unsubscribe"])
        )
        try:
            self._mailer.send_now(str(person["email"]), subject, text)
        except Exception as error:
            # Whatever it was: the mails of others must not wait for this one.
            why = error.message if isinstance(error, OutsideError) else type(error).__name__
            log.warning("a daily mail could not be sent", user=user, error=why)
            self._engine.write(lambda tx: documents.change(tx, DIGESTS, user, {"day": digest["day"]}))
            done.failed += 1
            return
        self._engine.write(lambda tx: documents.change(tx, DIGESTS, user, {"number": last}))
        done.sent += 1

    def compose(self, name: str, lang: str, notices: list[Notice], waiting: int, token: str) -> tuple[str, str]:
        """Subject and text of a mail."""
        names = self._names(notices, lang)
        lines = [say(lang, "hello", name=name), ""]
        for why in _ORDER:
            part = [notice for notice in notices if notice.why == why]
            if part:
                lines += [say(lang, why), *(self._line(notice, lang, names) for notice in part[:_SHOWN])]
                if len(part) > _SHOWN:
                    lines.append("- " + say(lang, "more", n=len(part) - _SHOWN, address=f"{self._url}/notices"))
                lines.append("")
        if waiting:
            lines += [say(lang, "queue"), "- " + say(lang, "waiting", n=waiting, address=f"{self._url}/queue"), ""]
        lines += ["-- ", say(lang, "stop", address=f"{self._url}/notices/stop?token={token}")]
        return say(lang, "subject", n=len(notices) or waiting), "\n".join(lines) + "\n"

    def _names(self, notices: list[Notice], lang: str) -> dict[str, str]:
        wanted = sorted({_concept_of(notice) for notice in notices} - {""})
        briefs = read_briefs(self._engine, wanted, self._reading.moment().at) if wanted else {}
        return {uuid: best(brief.preferred, lang) or brief.code or uuid for uuid, brief in briefs.items()}

    def _line(self, notice: Notice, lang: str, names: Mapping[str, str]) -> str:
        event, concept = notice.happening.event, _concept_of(notice)
        what = names.get(concept) or event.subject or str(event.seq or "")
        if event.subject.startswith("refresh/"):
            return f"- {say(lang, event.kind, **_of_refresh(event.data))}\n  {self._url}/refresh/{event.data['release']}?issuer={event.data['issuer']}"
        address = (
            f"/c/{concept}"
            if event.kind == "change" and concept in names
            else f"/proposals/{event.subject.partition('/')[2]}"
        )
        if not event.subject.startswith("proposal/"):
            address = f"/c/{concept}" if concept in names else "/changes"
        return f"- {say(lang, kind_key(event.kind), what=what)}\n  {self._url}{address}"

    def _addresses(self, tx: WriteTransaction, owner: str) -> list[tuple[str, str]]:
        """Address and language of a user, or of an organisation's managers."""
        kind, _, name = owner.partition("/")
        users = [name]
        if kind == "organisation":
            members = documents.find_by(tx, MEMBERSHIPS, "organisation", [name])
            users = [str(row["user"]) for row in members if set(row["roles"]) & set(MANAGERS)]
        rows = documents.find_by(tx, USERS, "key", users)
        return [
            (str(row["email"]), str(row["lang"])) for row in rows if row.get("email") and row.get("email_confirmed")
        ]


def _wants(person: Row) -> bool:
    settings = person.get("settings") or {}
    return (
        settings.get(SETTING) == DAILY
        and person["state"] == "active"
        and bool(person.get("email") and person.get("email_confirmed"))
    )


def _of_refresh(data: Mapping[str, Any]) -> dict[str, object]:
    return {name: data[name] for name in ("release", "issuer", "asking", "badge_classes")}


def _concept_of(notice: Notice) -> str:
    """The concept a notice is shown by: the watched one, else the first that it is about."""
    watched = notice.watched.partition("/")
    if watched[0] == "concept":
        return watched[2]
    return min(notice.happening.touched, default="")
