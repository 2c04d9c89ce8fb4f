"""Lists of badge classes: a process keeps what lists need of each in memory, and catches up with the event log before it answers.

Twenty thousand badge classes are a few megabytes; looking through them takes milliseconds, where the store would sort and count for each filter.
"""

from __future__ import annotations

import threading
import time
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from itertools import chain
from operator import attrgetter, itemgetter
from typing import Final

from wikic.domain.access import Actor
from wikic.domain.badges import parse_level
from wikic.domain.organisations import Profile
from wikic.errors import InvalidInput, NotFound, WikicError
from wikic.services.badging_rights import works_for
from wikic.services.reading_heads import Remembered
from wikic.store import badges as store
from wikic.store.engine import Engine, Row
from wikic.store.events import last_event
from wikic.text.fold import fold_words

FRESH_SECONDS: Final = 0.2
"""How long what was seen of the log is good, unless this process writes."""
FACETS: Final = ("status", "issuer", "lang", "level", "territory", "hosted")
LONGEST_QUERY: Final = 300
_FACET_VALUES: Final = 100
_SCANS: Final = 12


@dataclass(frozen=True, slots=True)
class Entry:
    """A badge class as lists know it."""

    id: str
    issuer: str
    status: str
    number: int
    name: str
    words: str
    lang: str
    level: str
    review_due: str
    hosted: str
    address: str
    human_code: str
    pending: bool
    order: str


@dataclass(frozen=True, slots=True)
class IssuerEntry:
    """An issuer as lists know it."""

    slug: str
    name: str
    private: bool
    profile: Profile
    created: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list holds: `q` words of name, description, tags and code; `due`: those whose day of review is not later; all else exactly."""

    q: str = ""
    issuer: str = ""
    level: str = ""
    territory: str = ""
    lang: str = ""
    status: str = ""
    hosted: str = ""
    due: str = ""
    ids: frozenset[str] | None = None

    def listing(self) -> str:
        """The same as one text, for cursors."""
        return "|".join((self.q, self.issuer, self.level, self.territory, self.lang, self.status, self.hosted, self.due))


@dataclass(frozen=True, slots=True)
class Found:
    """A page: ids in order, how many there are in all, where the next page begins ("" at the end), and how many there are by facet (each without its own
    filter)."""

    ids: list[str]
    total: int
    next: str
    facets: dict[str, dict[str, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Scan:
    """Everything that fits: places and ids in order, and the counts."""

    places: list[str]
    ids: list[str]
    facets: dict[str, dict[str, int]]


class Catalogue:
    """The badge classes of one store in memory; safe between threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._entries: dict[str, Entry] = {}
        self._issuers: dict[str, IssuerEntry] = {}
        self._reached, self._epoch = 0, ""
        self._seen: tuple[float, int] = (-1.0, -1)
        self._scans: Remembered[tuple[object, ...], _Scan] = Remembered(_SCANS)

    def entries(self) -> dict[str, Entry]:
        """All badge classes by id, as of now. Mostly no round trip, at most four."""
        with self._lock:
            self._catch_up()
            return self._entries

    def warm(self) -> None:
        """Read all once, so that nobody waits for it: tens of thousands take a second."""
        with suppress(WikicError):  # who asks next tries again
            self.entries()

    def issuers(self) -> dict[str, IssuerEntry]:
        """All issuers by slug, as of now."""
        with self._lock:
            self._catch_up()
            return self._issuers

    def seen_issuers(self, actor: Actor) -> list[IssuerEntry]:
        """The issuers that somebody may see, by name."""
        found = [each for each in self.issuers().values() if not each.private or works_for(actor, each.slug)]
        return sorted(found, key=lambda each: (each.name.casefold(), each.slug))

    def issuer(self, slug: str, actor: Actor) -> IssuerEntry:
        """One issuer. Raises NotFound, also for a private one that the actor does not belong to."""
        found = self.issuers().get(slug)
        if found is None or (found.private and not works_for(actor, slug)):
            raise NotFound(f"there is no issuer {slug[:60]}", reason="issuer-none", issuer=slug[:60])
        return found

    def counts(self, actor: Actor) -> dict[str, dict[str, int]]:
        """How many badge classes each issuer has by status, as the actor sees them."""
        found: dict[str, dict[str, int]] = {}
        for each in self.entries().values():
            if _seen(each, actor):
                counted = found.setdefault(each.issuer, {})
                counted[each.status] = counted.get(each.status, 0) + 1
        return found

    def codes(self, issuer: str, actor: Actor) -> list[tuple[str, str]]:
        """The issuer's own codes of its badge classes with their ids; a code that two have stands for none."""
        found: dict[str, list[str]] = {}
        for each in self.entries().values():
            if each.issuer == issuer and each.human_code and each.status != "retired" and _seen(each, actor):
                found.setdefault(each.human_code, []).append(each.id)
        return [(code, ids[0]) for code, ids in sorted(found.items()) if len(ids) == 1]

    def in_territory(self, territory: str) -> tuple[str, ...]:
        """The issuers that name a territory, or one that lies in it: NUTS codes by their beginning, communes by their département."""
        wanted = territory.strip().upper()
        return tuple(sorted(slug for slug, each in self.issuers().items() if any(_lies_in(code, wanted) for code in each.profile.territories)))

    def find(self, asked: Asked, actor: Actor, *, after: str = "", limit: int = 100) -> Found:
        """A page of badge classes, by how well they answer `q`, then by name. Raises InvalidInput."""
        _check(asked)
        with self._lock:
            self._catch_up()
            entries, version = self._entries, (self._epoch, self._reached)
        key = (*version, asked, actor.is_admin or tuple(slug for slug, _ in actor.memberships))
        scanned = self._scans.get(key) or self._scans.put(key, self._scan(entries.values(), asked, actor))
        start = bisect_right(scanned.places, after) if after else 0
        page = scanned.ids[start : start + limit]
        end = start + len(page)
        following = scanned.places[end - 1] if page and end < len(scanned.ids) else ""
        return Found(page, len(scanned.ids), following, scanned.facets)

    def _scan(self, entries: Iterable[Entry], asked: Asked, actor: Actor) -> _Scan:
        """Go through all once: what fits, and what misses by one filter alone (the facet of that filter counts it)."""
        words = fold_words(asked.q)
        territory = frozenset(self.in_territory(asked.territory)) if asked.territory else frozenset()
        filters = [name for name in FACETS if getattr(asked, name)]
        kept: list[tuple[str, Entry]] = []
        missed: dict[str, list[Entry]] = {name: [] for name in FACETS}
        for each in entries:
            rank = _rank(each, words)
            if rank is None or not _seen(each, actor) or (asked.ids is not None and each.id not in asked.ids):
                continue
            if asked.due and not (each.review_due and each.review_due <= asked.due):
                continue
            failed = [
                name for name in filters if (each.issuer not in territory if name == "territory" else getattr(each, name) != getattr(asked, name))
            ]
            if not failed:
                kept.append((f"{rank} {each.order}", each))
            elif len(failed) == 1:
                missed[failed[0]].append(each)
        kept.sort(key=itemgetter(0))
        fitting = [each for _, each in kept]
        facets = {name: self._counted(name, chain(fitting, missed[name])) for name in FACETS}
        return _Scan([place for place, _ in kept], [each.id for each in fitting], facets)

    def _counted(self, facet: str, entries: Iterable[Entry]) -> dict[str, int]:
        """How many there are by each value of a facet, the most first."""
        counts: Counter[str]
        if facet == "territory":
            counts = Counter()
            for slug, number in Counter(map(attrgetter("issuer"), entries)).items():
                issuer = self._issuers.get(slug)
                for code in issuer.profile.territories if issuer else ():
                    counts[code] += number
        else:
            counts = Counter(map(attrgetter(facet), entries))
            del counts[""]
        return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:_FACET_VALUES])

    def _catch_up(self) -> None:
        when, moved = self._seen
        if moved == self._engine.moved and time.monotonic() - when < FRESH_SECONDS:
            return
        moved, when = self._engine.moved, time.monotonic()
        last, epoch = last_event(self._engine)
        if epoch != self._epoch or last < self._reached:
            self._entries, self._issuers, self._reached, self._epoch = {}, {}, 0, epoch
        if last > self._reached:
            changed = {entry.id: entry for entry in _entries(store.read_entries(self._engine, self._reached, last))}
            gone = store.discarded(self._engine, self._reached, last) if self._entries else []
            # A new dictionary: others still walk through the old one.
            self._entries = {**self._entries, **changed} if changed or gone else self._entries
            for identity in gone:
                self._entries.pop(identity, None)
            self._issuers = {str(row["key"]): _issuer(row) for row in store.read_issuers(self._engine)}
            self._reached = last
        self._seen = (when, moved)


def _entries(rows: Iterable[Row]) -> Iterator[Entry]:
    for row in rows:
        name = str(row["name"])
        yield Entry(
            id=str(row["id"]), issuer=str(row["issuer"]), status=str(row["status"]), number=int(row["number"]), name=name,
            words=f" {row['words']} ", lang=str(row["lang"]), level=str(row["level"]), review_due=str(row["review_due"]),
            hosted=str(row["hosted"]), address=str(row["address"]), human_code=str(row["human_code"]), pending=bool(row["pending"]),
            order=f"{' '.join(fold_words(name))}/{row['id']}",
        )  # fmt: skip


def _issuer(row: Row) -> IssuerEntry:
    return IssuerEntry(str(row["key"]), str(row["name"]), bool(row["private"]), Profile.of(row["profile"]), str(row["created"]))


def _seen(entry: Entry, actor: Actor) -> bool:
    return entry.number > 0 or works_for(actor, entry.issuer)


def _rank(entry: Entry, words: list[str]) -> int | None:
    """0 where the name holds all the words, 1 where other texts do; None where some word is missing. The last word may be a beginning."""
    if not all(f" {word}" in entry.words for word in words):
        return None
    name = f" {entry.order}"
    return 0 if all(f" {word}" in name for word in words) else 1


def _lies_in(code: str, wanted: str) -> bool:
    if code == wanted:
        return True
    # A NUTS code lies in those it begins with, a commune in its département.
    return code.startswith(wanted) and (wanted[:1].isalpha() or len(code) == 5)


def _check(asked: Asked) -> None:
    if len(asked.q) > LONGEST_QUERY:
        raise InvalidInput(f"`q` has {len(asked.q)} characters: {LONGEST_QUERY} at most", reason="query-long", longest=LONGEST_QUERY)
    parse_level(asked.level)
    try:
        if asked.due:
            date.fromisoformat(asked.due)
    except ValueError:
        raise InvalidInput(f"{asked.due[:40]!r} is no day: write it as 2027-06-30", reason="day", day=asked.due[:40]) from None
