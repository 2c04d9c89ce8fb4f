"""What was public of badge classes at the end of each quarter, and is now: a process keeps it in memory, and catches up with the event log before it answers.

It comes from published versions, which hold what a badge class said and was bound to that day, and never change; so nothing of drafts gets here.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from wikic.domain.deployment import BadgeFact, Facts, IssuerFact, section_of
from wikic.domain.quarters import Quarter
from wikic.services.badging_catalogue import FRESH_SECONDS, Catalogue, IssuerEntry
from wikic.store import deployment as store
from wikic.store.badges import version_key
from wikic.store.deployment import ALWAYS
from wikic.store.engine import Engine
from wikic.store.events import last_event


@dataclass(frozen=True, slots=True)
class _Said:
    name: str
    lang: str
    bound: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class _Known:
    """A badge class: the last version of each quarter in which it got one, and when it was retired: (from, to)."""

    issuer: str
    number: int = 0
    first: str = ""
    said: dict[str, _Said] = field(default_factory=dict)
    retired: tuple[tuple[str, str], ...] = ()


class Kept:
    """The public past of one store in memory; safe between threads."""

    def __init__(self, engine: Engine, catalogue: Catalogue) -> None:
        self._engine, self._catalogue = engine, catalogue
        self._lock = threading.Lock()
        self._known: dict[str, _Known] = {}
        self._awards: dict[str, dict[str, int]] = {}
        self._schemes: dict[str, str] = {}
        self._concepts: dict[str, str] = {}
        self._issuers: dict[str, IssuerEntry] = {}
        self._reached, self._epoch, self._changes = 0, "", 0
        self._seen: tuple[float, int] = (-1.0, -1)

    def version(self) -> tuple[str, int]:
        """Changes with whatever is public of badge classes, awards and issuers, and with nothing else."""
        with self._lock:
            self._catch_up()
            return self._epoch, self._changes

    def first(self) -> str:
        """When the first badge class was published; "" for never."""
        with self._lock:
            self._catch_up()
            return min((each.first for each in self._known.values()), default="")

    def endorsements(self, quarter: Quarter, *, now: bool) -> dict[str, int]:
        """How many endorsements each badge class had at the end of a quarter, or has. One round trip."""
        return store.count_endorsements(self._engine, ALWAYS if now else quarter.end)

    def facts(self, quarter: Quarter, *, now: bool, endorsements: Mapping[str, int] | None = None) -> Facts:
        """What there was at the end of a quarter; `now`: of the one we are in, what there is. Issuers that are private today are in none of it, and
        territories and sectors of issuers are those of today: nobody keeps their past."""
        end = ALWAYS if now else quarter.end
        with self._lock:
            self._catch_up()
            issuers = [_issuer(each) for each in self._issuers.values() if not each.private and each.created < end]
            public = {each.slug for each in issuers}
            badges = [fact for key, each in self._known.items() if each.issuer in public and (fact := _fact(key, each, quarter, end))]
            ids = {each.id for each in badges}
            months = set(quarter.months)
            ever = [(month, badge, count) for badge, own in self._awards.items() if badge in ids for month, count in own.items() if month <= quarter.months[2]]
            schemes = self._schemes_of(concept for each in badges for concept, _ in each.bound)
        endorsed = {badge: n for badge, n in (endorsements or {}).items() if badge in ids}
        awards = [(badge, count) for month, badge, count in ever if month in months]
        return Facts(issuers, badges, awards, [(badge, count) for _, badge, count in ever], schemes, endorsed)

    def attested(self) -> dict[str, int]:
        """The competencies that badge classes attest which are given now, with how many of them."""
        found: dict[str, int] = defaultdict(int)
        with self._lock:
            self._catch_up()
            public = {slug for slug, each in self._issuers.items() if not each.private}
            for each in self._known.values():
                if each.issuer in public and not _retired(each, ALWAYS):
                    for concept in {concept for concept, _ in each.said[max(each.said)].bound}:
                        found[concept] += 1
        return dict(found)

    def _schemes_of(self, concepts: Iterable[str]) -> dict[str, str]:
        unknown = sorted(set(concepts) - self._schemes.keys())
        if unknown:
            self._schemes |= store.read_schemes(self._engine, unknown)
        return self._schemes

    def _catch_up(self) -> None:
        when, moved = self._seen
        if moved == self._engine.moved and time.monotonic() - when < FRESH_SECONDS:
            return
        moved, when = self._engine.moved, time.monotonic()
        last, epoch = last_event(self._engine)
        if epoch != self._epoch or last < self._reached:
            self._known, self._awards, self._reached, self._epoch = {}, {}, 0, epoch
        changed = last > self._reached and self._read(last)
        self._reached = last
        issuers = self._catalogue.issuers()
        if changed or issuers != self._issuers:
            self._issuers = issuers
            self._changes += 1
        self._seen = (when, moved)

    def _read(self, last: int) -> bool:
        """Read what happened since, up to a number of the event log; whether it is anything to us."""
        wanted: list[str] = []
        seen = False
        for row in store.read_classes(self._engine, self._reached, last):
            identity, number = str(row["id"]), int(row["number"])
            if not number:
                continue
            seen = True
            known = self._known.setdefault(identity, _Known(str(row["issuer"])))
            known.retired = store.retired_spans(row)
            wanted += [version_key(identity, each) for each in range(known.number + 1, number + 1)]
        for row in store.read_versions(self._engine, wanted):
            known, number = self._known[str(row["id"])], int(row["number"])
            published, content = str(row["published"]), row["content"]
            known.first = min(known.first or published, published)
            bound = tuple((self._one(str(each["concept"])), self._one(str(each["level"]))) for each in row["bindings"])
            quarter = self._one(str(Quarter.of(published)))
            known.said[quarter] = _Said(str(content["name"]), str(content["lang"]), bound)
            known.number = number
        # One whose versions could not be read is looked for again with its next change.
        self._known = {key: each for key, each in self._known.items() if each.said}
        for row in store.read_awards(self._engine, self._reached, last):
            seen = True
            self._awards.setdefault(str(row["badge"]), {})[str(row["month"])] = int(row["count"])
        return seen

    def _one(self, text: str) -> str:
        """The same text, once in memory."""
        return self._concepts.setdefault(text, text)


def _fact(key: str, known: _Known, quarter: Quarter, end: str) -> BadgeFact | None:
    """A badge class as it was then; None where it was not public yet."""
    said = max((each for each in known.said if end == ALWAYS or each <= str(quarter)), default="")
    if not said:
        return None
    then = known.said[said]
    return BadgeFact(key, known.issuer, then.name, then.lang, then.bound, _retired(known, end))


def _retired(known: _Known, end: str) -> bool:
    return any(start < end <= back for start, back in known.retired)


def _issuer(entry: IssuerEntry) -> IssuerFact:
    profile = entry.profile
    sections = tuple(dict.fromkeys(filter(None, map(section_of, profile.sectors))))
    return IssuerFact(entry.slug, entry.name, entry.created, profile.territories, sections)
