"""What a release does to badge classes: the report over all issuers, opened as lines for each of them when it is published.

Flow: the delta since the release published before -> the open bindings of the concepts it touched, in few round trips -> `domain.refreshing` -> lines.
A line is derived (its id too), so opening again opens nothing twice: a process that died is caught up by the next one. Of what is not published yet the same
report is a rehearsal, and nothing is kept.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Final

import structlog

from wikic.domain.access import SYSTEM, Actor, may
from wikic.domain.changes import now
from wikic.domain.delta import ENDINGS, SEVERITIES
from wikic.domain.ids import binding_id, refresh_id
from wikic.domain.refreshing import ADVICES, Touched, Verdict, judged, packed, speaking
from wikic.domain.vocabulary import PUBLIC_SPACE
from wikic.errors import UnknownRelease, WikicError
from wikic.services.badging_catalogue import Catalogue, Entry, IssuerEntry
from wikic.services.badging_rights import works_for
from wikic.services.reading import Reading
from wikic.services.reading_heads import Remembered
from wikic.services.reading_moments import Moment
from wikic.services.reading_replacing import find_replacements
from wikic.services.refreshing_seen import compared_with
from wikic.services.releasing_delta import Delta, Deltas
from wikic.store import documents
from wikic.store import refreshing as store
from wikic.store.engine import Engine, Row, UniqueViolation, WriteTransaction
from wikic.store.events import happened, last_event
from wikic.store.leases import write_numbered
from wikic.store.releases import CANDIDATE, PUBLISHED, Release, list_releases
from wikic.store.tables import REFRESH_LINES, REFRESHED, REFRESHES
from wikic.store.writing import chunks

_KEPT: Final = 3
_WRITTEN: Final = 1_000
_NAMED: Final = 100

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Report:
    """What a release (or, with `release` "", the number `seq`) does to badge classes, compared with the release `before` ("" where there is none: then there
    are no lines), the gravest first."""

    release: str
    before: str
    seq: int
    lines: list[Touched] = field(default_factory=list)

    def of(self, issuers: Iterable[str]) -> list[Touched]:
        """The lines of these issuers."""
        wanted = frozenset(issuers)
        return [line for line in self.lines if line.issuer in wanted]


@dataclass(frozen=True, slots=True)
class Figures:
    """How many badge classes, issuers and lines there are; lines by severity, advice and type of change."""

    badge_classes: int
    issuers: int
    lines: int
    severities: Mapping[str, int]
    advices: Mapping[str, int]
    types: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Opened:
    """An issuer that was told what a release asks of it: how many lines, and how many of them ask for something."""

    release: str
    issuer: str
    lines: int
    asking: int


class Refreshing:
    """Reports over one store; safe between threads."""

    def __init__(self, engine: Engine, reading: Reading, deltas: Deltas, catalogue: Catalogue) -> None:
        self._engine, self._reading, self._deltas, self._catalogue = engine, reading, deltas, catalogue
        self._reports: Remembered[tuple[object, ...], Report] = Remembered(_KEPT)
        self._opening = threading.Lock()
        self._opened: set[tuple[str, str]] = set()

    def entries(self) -> Mapping[str, Entry]:
        """All badge classes as lists know them, by id."""
        return self._catalogue.entries()

    def issuers(self) -> Mapping[str, IssuerEntry]:
        """All issuers as lists know them, by slug."""
        return self._catalogue.issuers()

    # The report

    def report(self, release: str = "") -> Report:
        """What a release, or with "" what a release frozen now, would do to all badge classes. Raises UnknownRelease."""
        moment = self._reading.moment(release or None)
        before = compared_with(self._engine, self._reading, release)
        if before is None:
            return Report(release, "", moment.seq)
        key = (moment.epoch, before.seq, moment.seq, last_event(self._engine)[0])
        known = self._reports.get(key)
        if known is None:
            lines = self._lines(self._deltas.delta(str(before.seq), str(moment.seq)), before.seq, moment)
            known = self._reports.put(key, Report(release, before.name, moment.seq, lines))
        return known if known.release == release else Report(release, known.before, known.seq, known.lines)

    def rehearsal(self, release: str, actor: Actor) -> Report:
        """What somebody may see of the report of a candidate, or (who may release) of any release or of the present state (""): all that is public for who
        may release, what their own issuers have for others. Raises UnknownRelease."""
        moderates = may(actor, "release")
        if not moderates:
            found = next((each for each in list_releases(self._engine, [PUBLIC_SPACE]) if each.name == release), None)
            if found is None or found.state not in (CANDIDATE, PUBLISHED):
                raise UnknownRelease(f"there is no release {release[:100]!r} that may be rehearsed", reason="release-none", name=release[:100])
        whole = self.report(release)
        lines = [line for line in whole.lines if works_for(actor, line.issuer) or (moderates and line.public)]
        return Report(release, whole.before, whole.seq, lines)

    def _lines(self, delta: Delta, since: int, moment: Moment) -> list[Touched]:
        concepts = {one.uuid: one for one in delta.concepts if one.types() != {"added"}}
        ended = [one.uuid for one in concepts.values() if one.types() & ENDINGS]
        rows = list(store.bound_to(self._engine, sorted(concepts), since, moment.seq))
        bound = {row[0] for row in rows}
        finals = find_replacements(self._engine, [uuid for uuid in ended if uuid in bound], moment)
        successors = {uuid: [brief.uuid for brief in found.final] for uuid, found in finals.items()}
        entries = self._catalogue.entries()
        known: dict[tuple[str, str, str | None], Verdict | None] = {}
        found: list[Touched] = []
        for concept, badge_class, level, seen in rows:
            entry = entries.get(badge_class)
            if entry is None:
                continue
            key = (concept, entry.lang, seen)
            if key not in known:
                speaks = speaking(entry.lang, delta.briefs[concept].preferred)
                known[key] = judged(concepts[concept], speaks, successors.get(concept, ()), seen=seen)
            verdict = known[key]
            if verdict is not None:
                found.append(Touched(badge_class, entry.issuer, concept, level, entry.number > 0, entry.name, verdict))
        found.sort(key=lambda line: line.order)
        return found

    # Opening

    def catch_up(self) -> list[Opened]:
        """Open what published releases ask, for each issuer that was not told yet. Raises StoreUnavailable."""
        made: list[Opened] = []
        with self._opening:
            for release in list_releases(self._engine, [PUBLIC_SPACE]):
                if release.state == PUBLISHED and not self._is_opened(release):
                    made += self._open(release)
        return made

    def catch_up_aside(self) -> None:
        """The same in a thread, if there is anything to do; what goes wrong is logged, and done by the next one who asks."""
        if all(release.state != PUBLISHED or self._is_opened(release) for release in list_releases(self._engine, [PUBLIC_SPACE])):
            return

        def work() -> None:
            try:
                self.catch_up()
            except WikicError as error:
                log.warning("what a release asks of badges could not be opened", reason=error.message)

        threading.Thread(target=work, name="wikic-refresh", daemon=True).start()

    def _is_opened(self, release: Release) -> bool:
        mark = (release.key, release.published_at)
        if mark not in self._opened and documents.find(self._engine, REFRESHED, release.key) is not None:
            self._opened.add(mark)
        return mark in self._opened

    def _open(self, release: Release) -> list[Opened]:
        report = self.report(release.name)
        made = []
        by_issuer = sorted(report.lines, key=lambda line: line.issuer)
        for issuer, lines in groupby(by_issuer, key=lambda line: line.issuer):
            told = self._open_for(release, issuer, list(lines))
            made += [told] if told else []
        with suppress(UniqueViolation):
            self._engine.write(lambda tx: documents.insert(tx, REFRESHED, {"key": release.key, "at": now(), "lines": len(report.lines)}))
        self._engine.has_moved()
        self._opened.add((release.key, release.published_at))
        return made

    def _open_for(self, release: Release, issuer: str, lines: Sequence[Touched]) -> Opened | None:
        """Open an issuer's lines and tell it, in one transaction; None where that was done before."""
        key, stamp = f"{release.name}/{issuer}", now()
        asking = sum(line.verdict.asks for line in lines)
        rows = [line_row(release.name, line, stamp) for line in lines]
        told: dict[str, Any] = {
            "organisation": issuer, "issuer": issuer, "release": release.name, "lines": len(lines), "asking": asking,
            "badge_classes": len({line.badge_class for line in lines}), "severities": counted(SEVERITIES, (line.verdict.severity for line in lines)),
            "advices": counted(ADVICES, (line.verdict.advice for line in lines)),
        }  # fmt: skip

        def work(tx: WriteTransaction) -> None:
            first: Row = {"key": key, "by_issuer": f"{issuer}/{release.name}", "issuer": issuer, "release": release.name}
            documents.insert(tx, REFRESHES, {**first, "seq": release.seq, "opened": stamp, "lines": len(lines), "asking": asking})
            for part in chunks(rows, _WRITTEN):
                documents.insert_many(tx, REFRESH_LINES, part)
            happened(tx, SYSTEM, "refresh_opened", subject=f"refresh/{release.name}/{issuer}", **told)

        if documents.find(self._engine, REFRESHES, key) is not None:
            return None
        try:
            write_numbered(self._engine, work)
        except UniqueViolation:
            # Another process was quicker.
            return None
        return Opened(release.name, issuer, len(lines), asking)


def line_row(release: str, line: Touched, stamp: str) -> Row:
    """A line as its document; what is minor and asks for nothing is kept as it is at once."""
    verdict = line.verdict
    binding = binding_id(line.badge_class, line.concept, line.level)
    place = f"{SEVERITIES.index(verdict.severity)}{ADVICES.index(verdict.advice)}"
    tail = f"{line.badge_class}/{line.concept}/{line.level}"
    state: Row = {"state": "open"} if verdict.asks else {"state": "kept", "by": SYSTEM.name, "at": stamp, "treatment": "keep"}
    return {
        "key": refresh_id(release, binding), "release": release, "issuer": line.issuer, "badge_class": line.badge_class, "concept": line.concept,
        "level": line.level, "binding": binding, "severity": verdict.severity, "advice": verdict.advice, "types": list(verdict.types),
        "changes": [packed(change) for change in verdict.changes], "successors": list(verdict.successors), "opened": stamp,
        "by_issuer": f"{line.issuer}/{release}/{place}/{tail}", "by_release": f"{release}/{place}/{line.issuer}/{tail}", **state,
    }  # fmt: skip


def figures_of(lines: Iterable[Touched]) -> Figures:
    """The figures of a report."""
    told = list(lines)
    types = [name for line in told for name in line.verdict.types]
    return Figures(
        badge_classes=len({line.badge_class for line in told}),
        issuers=len({line.issuer for line in told}),
        lines=len(told),
        severities=counted(SEVERITIES, (line.verdict.severity for line in told)),
        advices=counted(ADVICES, (line.verdict.advice for line in told)),
        types=counted(sorted(set(types)), types),
    )


def counted(names: Iterable[str], found: Iterable[str]) -> dict[str, int]:
    """How often each of these names was found, without those that were not."""
    counts: dict[str, int] = {}
    for name in found:
        counts[name] = counts.get(name, 0) + 1
    return {name: counts[name] for name in names if name in counts}
