"""Watching a concept, a branch (a concept and all below it) or a scheme; and what happened there since.

A notice is no document of its own: it is an event of the log that touches what somebody watches, decides on what they proposed, or mentions them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, Literal

from wikic.domain.access import Actor, require_writing
from wikic.domain.changes import now
from wikic.domain.happenings import MANAGERS
from wikic.domain.ids import is_uuid
from wikic.domain.vocabulary import PUBLIC_SPACE, SCHEMES
from wikic.errors import Conflict, Forbidden, InvalidInput, NotFound, Unauthenticated
from wikic.services.happenings import Happening, hydrated, settled
from wikic.services.reading import Reading
from wikic.store import documents
from wikic.store.concepts import read_briefs, read_parents
from wikic.store.engine import Engine, UniqueViolation, WriteTransaction
from wikic.store.events import happened, last_event, read_events
from wikic.store.leases import write_numbered
from wikic.store.tables import WATCHES
from wikic.store.watches import add_watch, key_of, schemes_of, watches_of
from wikic.store.writing import chunks

Why = Literal["watch", "decision", "mention", "issuer"]

MOST: Final = 500
"""Subjects that one person may watch."""
SUBJECTS: Final = ("concept", "branch", "scheme")

_DECIDED: Final = frozenset({"proposal_accepted", "proposal_rejected", "proposal_returned", "proposal_superseded", "proposal_reopened"})
# What is accepted or reverted is a change, and is told once, as that.
_SEEN: Final = ("change", "proposal_submitted", "proposal_rejected", "release_published")
_SCANNED: Final = 4_000
_WINDOW: Final = 500
_DEEPEST: Final = 32
_CLIMBING: Final = 2_000


@dataclass(frozen=True, slots=True)
class Watched:
    """What somebody watches: `concept/UUID`, `branch/UUID` or `scheme/NAME`."""

    subject: str
    since: str

    @property
    def kind(self) -> str:
        return self.subject.partition("/")[0]

    @property
    def name(self) -> str:
        return self.subject.partition("/")[2]


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that concerns somebody, and why; `watched` is the subject it came by, for `watch`."""

    happening: Happening
    why: Why
    watched: str = ""


@dataclass(frozen=True, slots=True)
class Interest:
    """What somebody watches, by kind."""

    user: str
    concepts: frozenset[str] = frozenset()
    branches: frozenset[str] = frozenset()
    schemes: frozenset[str] = frozenset()


class Watching:
    """What people watch in one store."""

    def __init__(self, engine: Engine, reading: Reading) -> None:
        self._engine, self._reading = engine, reading

    def watched(self, actor: Actor) -> list[Watched]:
        """What somebody watches, in the order of the subjects. Raises Unauthenticated, Forbidden (no account)."""
        return [Watched(str(row["subject"]), str(row["since"])) for row in watches_of(self._engine, _user(actor))]

    def subjects_of(self, actor: Actor, concept: str) -> set[str]:
        """Which of `concept/...` and `branch/...` of one concept somebody watches; nothing for nobody."""
        if not actor.known or not is_uuid(actor.id):
            return set()
        keys = {key_of(actor.id, f"{kind}/{concept}"): f"{kind}/{concept}" for kind in ("concept", "branch")}
        return {keys[str(row["key"])] for row in documents.find_by(self._engine, WATCHES, "key", keys)}

    def watch(self, actor: Actor, subject: str) -> None:
        """Watch it from now on; nothing happens where they do already. Raises InvalidInput, NotFound (no such concept), Conflict (too many)."""
        user = _user(actor)
        require_writing(actor)
        subject = self._checked(subject)
        if len(watches_of(self._engine, user)) >= MOST:
            raise Conflict(f"you watch {MOST} things already: stop watching one first", reason="watches-many", most=MOST)

        def work(tx: WriteTransaction) -> None:
            add_watch(tx, user, subject, now())
            happened(tx, actor, "watch_begun", subject=f"user/{user}", watched=subject)

        if documents.find(self._engine, WATCHES, key_of(user, subject)) is None:
            with suppress(UniqueViolation):
                write_numbered(self._engine, work)

    def unwatch(self, actor: Actor, subject: str) -> None:
        """Watch it no longer; nothing happens where they do not."""
        user = _user(actor)
        require_writing(actor)
        if documents.find(self._engine, WATCHES, key_of(user, subject)) is None:
            # By another address of the concept, as it can be watched by.
            with suppress(InvalidInput, NotFound):
                subject = self._checked(subject)
        key = key_of(user, subject)

        def work(tx: WriteTransaction) -> None:
            if documents.lock_many(tx, WATCHES, [key]):
                documents.remove(tx, WATCHES, [key])
                happened(tx, actor, "watch_ended", subject=f"user/{user}", watched=subject)

        if documents.find(self._engine, WATCHES, key) is not None:
            write_numbered(self._engine, work)

    def interest(self, user: str) -> Interest:
        """What a user watches."""
        found: dict[str, set[str]] = {kind: set() for kind in SUBJECTS}
        for row in watches_of(self._engine, user):
            kind, _, name = str(row["subject"]).partition("/")
            found[kind].add(name)
        return Interest(user, frozenset(found["concept"]), frozenset(found["branch"]), frozenset(found["scheme"]))

    def notices(self, actor: Actor, *, before: int = 0, limit: int = 50) -> tuple[list[Notice], int]:
        """What concerns somebody, the latest first, and the number before which the next page begins (0 at the end)."""
        interest = self.interest(_user(actor))
        matcher = Matcher(self._engine, self._reading)
        last, _ = last_event(self._engine)
        place = min(before, last + 1) if before else last + 1
        found: list[Notice] = []
        scanned = 0
        while place > 1 and scanned < _SCANNED:
            start = max(0, place - 1 - _WINDOW)
            events = settled(read_events(self._engine, start, _WINDOW, last=place - 1), start, last)
            for happening in reversed(hydrated(self._engine, events)):
                notice = matcher.notice(happening, actor, interest)
                if notice is not None:
                    found.append(notice)
                    if len(found) == limit:
                        return found, happening.event.number
            scanned, place = scanned + _WINDOW, start + 1
        return found, place if place > 1 else 0

    def names(self, concepts: Iterable[str]) -> dict[str, dict[str, str]]:
        """The preferred labels of concepts, by language."""
        wanted = sorted({uuid for uuid in concepts if uuid})
        briefs = read_briefs(self._engine, wanted, self._reading.moment().at) if wanted else {}
        return {uuid: brief.preferred for uuid, brief in briefs.items()}

    def _checked(self, subject: str) -> str:
        kind, _, name = subject.partition("/")
        if kind == "scheme" and name in SCHEMES:
            return subject
        if kind in ("concept", "branch") and is_uuid(name):
            return f"{kind}/{self._reading.concept(name).identity.uuid}"
        raise InvalidInput(f"{subject[:100]!r} cannot be watched: concept/UUID, branch/UUID or scheme/NAME")


@dataclass(slots=True)
class Matcher:
    """Tells what concerns whom; remembers what concepts belong to while it is used."""

    engine: Engine
    reading: Reading
    _lines: dict[str, frozenset[str]] = field(default_factory=dict)

    def notice(self, happening: Happening, actor: Actor, interest: Interest) -> Notice | None:
        """Why an event concerns somebody; None where it does not, where they may not see it, or did it themselves."""
        event = happening.event
        if event.actor == interest.user or not happening.seen_by(actor):
            return None
        mentions = event.data.get("mentions")
        if isinstance(mentions, list) and interest.user in mentions:
            return Notice(happening, "mention")
        if event.kind in _DECIDED and event.data.get("author") == interest.user:
            return Notice(happening, "decision")
        if event.kind == "refresh_opened" and actor.in_organisation(str(event.data.get("organisation", "")), *MANAGERS):
            return Notice(happening, "issuer")
        if event.kind not in _SEEN or event.space != PUBLIC_SPACE:
            return None
        watched = self._watched(happening, interest)
        return Notice(happening, "watch", watched) if watched else None

    def _watched(self, happening: Happening, interest: Interest) -> str:
        touched = happening.touched
        direct = sorted(touched & interest.concepts)
        if direct:
            return f"concept/{direct[0]}"
        for some in chunks(sorted(touched), _CLIMBING) if interest.branches else ():
            above = sorted(set().union(*self.lines(some)) & interest.branches)
            if above:
                return f"branch/{above[0]}"
        if interest.schemes and touched:
            schemes = sorted(schemes_of(self.engine, sorted(touched)) & interest.schemes)
            if schemes:
                return f"scheme/{schemes[0]}"
        return ""

    def lines(self, concepts: Sequence[str]) -> list[frozenset[str]]:
        """Each of these concepts with all that is above it now."""
        wanted = [uuid for uuid in concepts if uuid not in self._lines]
        parents = self._parents(wanted)
        for uuid in wanted:
            line, edge = {uuid}, {uuid}
            while edge:
                edge = {above for each in edge for above in parents.get(each, ())} - line
                line |= edge
            self._lines[uuid] = frozenset(line)
        return [self._lines[uuid] for uuid in concepts]

    def _parents(self, concepts: Iterable[str]) -> dict[str, list[str]]:
        """The broader concepts of these and of all above them; one round trip a level."""
        at = self.reading.moment().at
        found: dict[str, list[str]] = {}
        edge = set(concepts)
        for _ in range(_DEEPEST):
            if not edge:
                break
            above = read_parents(self.engine, sorted(edge), at)
            found |= {uuid: [brief.uuid for brief in above.get(uuid, [])] for uuid in edge}
            edge = {uuid for each in above.values() for uuid in (brief.uuid for brief in each)} - found.keys()
        return found


def _user(actor: Actor) -> str:
    """The account that watches. Raises Unauthenticated, Forbidden."""
    if not actor.known:
        raise Unauthenticated("sign in first: what you watch is kept with your account", reason="sign-in")
    if not is_uuid(actor.id):
        raise Forbidden("only a person with an account watches something")
    return actor.id
