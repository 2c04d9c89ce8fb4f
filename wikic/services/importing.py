"""Importing: a source's records into a space, as one change that becomes visible at once.

Flow: collect (read everything) -> plan (compare with a noted head) -> take the lease -> plan again if the head moved -> write at a reserved
number -> move the head. Whatever fails leaves nothing visible; whoever writes next clears it away.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

import structlog

from wikic.domain.access import operator
from wikic.domain.changes import Change, now
from wikic.domain.records import Progress, ReadReport, Source, SourceInfo
from wikic.domain.vocabulary import PUBLIC_SPACE
from wikic.errors import OlderVersion, WikicError
from wikic.services import import_reviews
from wikic.services.import_collecting import Collected
from wikic.services.import_conflicts import HandedIn, hand_in, proposals_of
from wikic.services.import_planning import ImportOptions, Plan, Planner
from wikic.services.import_reviewing import Review, deltas_of, note_on
from wikic.store import import_reviews as reviews
from wikic.store import imports as store
from wikic.store.engine import Engine, WriteTransaction
from wikic.store.lanes import LANES, Lanes
from wikic.store.leases import Lease, heads, patiently, release, reserve
from wikic.store.undo import take, undo_dead
from wikic.store.writing import SpaceWriter, commit

_MAX_CONFLICTS: Final = 1_000
_REPORTED: Final = ("read", "added", "changed", "changed_concepts", "removed", "unchanged", "kept", "relations", "skipped", "notes")
"""What a kept review says of the report."""
_LAST_PATIENCE: Final = 1.0
"""Seconds that a failed import waits for the store to clear up in: a batch has waited for it before."""

log = structlog.get_logger(__name__)

Stage = Callable[[str, int, int], None]
"""Told the stage ("reading", "comparing", "writing"), how much of it is done, and how much there is (bytes or rows; 0: unknown)."""


@dataclass(slots=True)
class ImportReport:
    """What an import did. `seq` is the number of its change, None where nothing was written (nothing new, or a dry run). `added`, `removed` count
    concepts by kind, `changed` differences by type, `relations` by "type added|removed|changed"; `skipped` maps a slug to (reason, count, places)."""

    origin: str
    version: str
    title: str
    seq: int | None = None
    dry_run: bool = False
    read: dict[str, int] = field(default_factory=dict)
    added: dict[str, int] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)
    changed_concepts: int = 0
    removed: dict[str, int] = field(default_factory=dict)
    unchanged: int = 0
    kept: int = 0
    relations: dict[str, int] = field(default_factory=dict)
    conflicts: list[dict[str, str]] = field(default_factory=list)
    skipped: dict[str, tuple[str, int, list[str]]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    review: Review | None = None
    kept_review: str = ""
    applied_review: str = ""


class Importing:
    """The import flow over one store."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def run(
        self,
        source: Source,
        options: ImportOptions | None = None,
        *,
        space: str = PUBLIC_SPACE,
        progress: Stage | None = None,
    ) -> ImportReport:
        """Import one opened source. Raises SourceError (bad files), OlderVersion, RemovalRefused, Busy, LeaseLost, StoreUnavailable."""
        options = options or ImportOptions()
        clock = _Clock()
        head = heads(self._engine)[space]
        last = store.last_import(self._engine, space, source.info.origin, head)
        newer = _is_newer(source.info, last, options)
        if options.keep_as is not None:
            import_reviews.checked_name(options.keep_as)
        reviewing = options.review or options.keep_as is not None
        nothing_to_review = ", nothing to review: no release note is written or kept" if reviewing else ""
        dry_run = options.dry_run or reviewing
        report = ImportReport(source.info.origin, source.info.version, source.info.title, dry_run=dry_run)
        if last is not None and _signature(source, options) == (last.version, last.digest, last.options):
            report.notes.append(f"these very files were imported before, as change {last.seq}: nothing to do{nothing_to_review}")
            report.seconds = clock.seconds
            return report
        collected = Collected(source, _reading(progress))
        try:
            clock.lap("reading")
            planner = self._plan(space, head, collected, options, last, newer, progress)
            clock.lap("comparing")
            if planner.plan_ and not dry_run:
                report.seq, planner, report.applied_review = self._write(planner, options, newer, progress)
                clock.lap("writing")
            _fill(report, collected.report, planner)
            if reviewing:
                _review(report, planner, options)
        finally:
            collected.close()
        report.seconds = clock.seconds
        return report

    def _plan(
        self,
        space: str,
        head: int,
        collected: Collected,
        options: ImportOptions,
        last: store.ImportRow | None,
        newer: bool,
        progress: Stage | None,
    ) -> Planner:
        if progress is not None:
            progress("comparing", 0, 0)
        planner = Planner(self._engine, space, head, collected, options, last, newer=newer)
        planner.plan()
        return planner

    def _write(
        self, planner: Planner, options: ImportOptions, newer: bool, progress: Stage | None
    ) -> tuple[int | None, Planner, str]:
        """The number of the change (None where there is nothing to write any more), the plan that was written, and the review that it applies."""
        lease = patiently(self._engine, planner.space, lambda: take(self._engine, planner.space))
        try:
            if lease.head != planner.head:
                last = store.last_import(self._engine, planner.space, planner.origin, lease.head)
                newer = _is_newer(planner.collected.info, last, options)
                planner = self._plan(planner.space, lease.head, planner.collected, options, last, newer, progress)
                if not planner.plan_:
                    release(self._engine, lease)
                    return None, planner, ""
            seq = reserve(self._engine)
            self._write_rows(planner, lease, seq, progress)
            reviewed = reviews.of_files(self._engine, import_reviews.signature_of(planner, options))
            review = reviewed[-1] if reviewed else ""
            change = _change_of(planner, options, seq, review)
            row = _import_row(planner, options, seq)
            proposals = proposals_of(planner, seq)
            commit(
                self._engine,
                lease,
                change,
                lambda tx: store.record_import(tx, planner.space, row),
                lambda tx: _shown(tx, options, proposals, reviewed, seq, planner.head),
            )
        except Exception:
            self._give_up(lease)
            raise
        return seq, planner, review

    def _write_rows(self, planner: Planner, lease: Lease, seq: int, progress: Stage | None) -> None:
        plan = planner.plan_
        total = (
            len(plan.new) + len(plan.rows.new_states) + len(plan.rows.open_relations) + len(plan.rows.close_relations)
        )
        done = 0

        def told(what: str, rows: int) -> None:
            nonlocal done
            if what in ("concepts", "states", "relations", "closed relations"):
                done += rows
                if progress is not None:
                    progress("writing", done, total)

        with Lanes(LANES[self._engine.kind]) as lanes:
            writer = SpaceWriter.leased(self._engine, lease, seq, lanes, told)
            writer.journal(sorted(plan.new | plan.rows.concerned()), plan.new | plan.rows.stated(), plan.rows.related())
            writer.new_concepts((identity, entry.content) for identity, entry in planner.new_entries())
            writer.apply_rows(plan.rows)
            writer.touch(sorted(plan.rows.touched - plan.new))
        changed = ((uuid, digest) for uuid, digest in plan.digests.items() if planner.last_digests.get(uuid) != digest)
        store.write_digests(self._engine, lease, seq, planner.origin, changed)

    def _give_up(self, lease: Lease) -> None:
        """Clear away what was written, if the store still answers; else the next writer does. The lease is given back only then: a writer
        that came between would make the leftovers visible."""
        try:
            with self._engine.hurried(_LAST_PATIENCE):
                undo_dead(self._engine, replace(lease, head=heads(self._engine)[lease.space]))
                release(self._engine, lease)
        except WikicError as error:
            # No more than that: the command says in one line why the import failed.
            log.info("what the failed import wrote is cleared away by the next writer", reason=str(error))


class _Clock:
    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, name: str) -> None:
        now_ = time.perf_counter()
        self.seconds[name] = round(now_ - self._last, 3)
        self._last = now_


def version_key(version: str) -> tuple[tuple[int, int, str], ...]:
    """Versions in order: dotted numbers by number ("1.10" after "1.9"), words by alphabet, and before numbers ("1.0-rc" before "1.0.1")."""
    parts = re.findall(r"\d+|[a-z]+", version.lower())
    return tuple((1, int(part), "") if part.isdigit() else (0, 0, part) for part in parts)


def _is_newer(info: SourceInfo, last: store.ImportRow | None, options: ImportOptions) -> bool:
    """Whether values may be replaced and concepts disappear; raises OlderVersion for an older version that was not asked for."""
    if last is None:
        return True
    mine, theirs = version_key(info.version), version_key(last.version)
    if mine < theirs and not options.older:
        raise OlderVersion(
            f"{info.title}: version {info.version} is older than {last.version}, which was imported before;"
            " if that is meant, import with --older"
        )
    return mine != theirs


def _signature(source: Source, options: ImportOptions) -> tuple[str, str, str]:
    return source.info.version, source.info.digest, options.signature()


def _reading(progress: Stage | None) -> Progress | None:
    if progress is None:
        return None

    def told(done: int, total: int) -> None:
        progress("reading", done, total)

    return told


def _counts(plan: Plan) -> dict[str, int]:
    counts = {
        "concepts added": len(plan.new),
        "concepts changed": plan.counts["changed"],
        "concepts deprecated": sum(plan.removed.values()),
        "relations added": sum(n for name, n in plan.relations.items() if name.endswith(" added")),
        "relations changed": sum(n for name, n in plan.relations.items() if name.endswith(" changed")),
        "relations removed": sum(n for name, n in plan.relations.items() if name.endswith(" removed")),
        "conflicts": len(plan.conflicts),
    }
    return {name: n for name, n in counts.items() if n}


def _shown(
    tx: WriteTransaction, options: ImportOptions, proposals: HandedIn, reviewed: list[str], seq: int, on: int
) -> None:
    """What becomes true in the transaction that shows the import."""
    if proposals:
        hand_in(tx, operator(options.actor), proposals)
    # Earlier ones too: these files are in, and to review them again would tell nothing.
    for review in reviewed:
        reviews.applied(tx, review, seq, on)


def _review(report: ImportReport, planner: Planner, options: ImportOptions) -> None:
    deltas = deltas_of(planner)
    report.review = note_on(planner, deltas)
    if options.keep_as is not None:
        said = {name: getattr(report, name) for name in _REPORTED}
        report.kept_review = import_reviews.keep(planner, options.keep_as, report.review, deltas, said, options)


def _change_of(planner: Planner, options: ImportOptions, seq: int, review: str) -> Change:
    info = planner.collected.info
    conflicts = list(_conflicts(planner.plan_))
    return Change(
        kind="import",
        actor=options.actor,
        summary=f"{info.title}, version {info.version}",
        counts=_counts(planner.plan_),
        details={
            "origin": info.origin,
            "version": info.version,
            "digest": info.digest,
            **({"review": review} if review else {}),
            **({"conflicts": json.dumps(conflicts[:_MAX_CONFLICTS], ensure_ascii=False)} if conflicts else {}),
        },
        seq=seq,
        space=planner.space,
        time=now(),
    )


def _import_row(planner: Planner, options: ImportOptions, seq: int) -> store.ImportRow:
    info = planner.collected.info
    return store.ImportRow(
        info.origin,
        info.version,
        info.digest,
        seq,
        options.signature(),
        planner.plan_.coverage,
        _counts(planner.plan_),
    )


def _conflicts(plan: Plan) -> Iterator[dict[str, str]]:
    for uuid, conflict in plan.conflicts:
        yield {
            "concept": uuid,
            "field": conflict.field,
            "lang": conflict.lang,
            "base": conflict.base,
            "local": conflict.local,
            "incoming": conflict.incoming,
        }


def _fill(report: ImportReport, read: ReadReport, planner: Planner) -> None:
    plan = planner.plan_
    report.read = dict(read.read)
    report.added = dict(sorted(plan.added.items()))
    report.changed = dict(sorted(plan.changed.items()))
    report.changed_concepts = plan.counts["changed"]
    report.removed = dict(sorted(plan.removed.items()))
    report.unchanged = plan.counts["unchanged"]
    report.kept = plan.counts["kept"]
    report.relations = dict(sorted(plan.relations.items()))
    report.conflicts = list(_conflicts(plan))
    for skips in (read.skipped, planner.report.skipped):
        for slug, skip in skips.items():
            report.skipped[slug] = (skip.reason, skip.count, skip.places)
    report.notes += read.notes
    if report.kept:
        report.notes.append(
            f"{report.kept} values differ from those of the same version that are there already, and were left as they are"
        )
