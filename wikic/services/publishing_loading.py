"""Loading a release download into an empty store, as one change: the same concepts, under the same uuids, with all that is said of them.

Flow: the file, read whole (`importers.wikic_rdf`) -> a temporary file -> lease of an empty space -> rows at a reserved number -> the head.
What was before the release (earlier states and changes) is not in a download, and so not loaded.
"""

from __future__ import annotations

import marshal
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import IO, Any, Final, Protocol

import structlog

from wikic.domain.changes import Change, Identity, Relation, now
from wikic.domain.concepts import ConceptContent, Properties, to_properties
from wikic.domain.records import Progress, ReadReport, SourceInfo
from wikic.domain.vocabulary import PUBLIC_SPACE
from wikic.errors import Conflict, SourceError, WikicError
from wikic.store.engine import Engine
from wikic.store.lanes import LANES, Lanes
from wikic.store.leases import Lease, heads, release, reserve
from wikic.store.undo import take, undo_dead
from wikic.store.writing import SpaceWriter, commit

_BATCH: Final = 500

log = structlog.get_logger(__name__)

Stage = Callable[[str, int, int], None]
"""Told the stage ("reading", "writing"), how much of it is done, and how much there is (bytes or rows)."""


class Loadable(Protocol):
    """One concept of a download."""

    identity: Identity
    content: ConceptContent
    base: ConceptContent | None
    relations: list[Relation]
    aliases: list[str]


class Download(Protocol):
    """An opened release download; `importers.wikic_rdf.WikicRdf` is one."""

    info: SourceInfo
    report: ReadReport

    def concepts(self, progress: Progress | None = None) -> Iterator[Loadable]:
        """All concepts, each once. Raises SourceError."""
        ...


@dataclass(slots=True)
class LoadReport:
    """What was loaded. `seq` is None after a dry run; `concepts` are numbers by kind, `relations` by type."""

    title: str
    version: str
    seq: int | None = None
    concepts: dict[str, int] = field(default_factory=dict)
    relations: dict[str, int] = field(default_factory=dict)
    aliases: int = 0
    seconds: dict[str, float] = field(default_factory=dict)


class Loading:
    """The load flow over one store."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def run(
        self, download: Download, *, actor: str = "operator", dry_run: bool = False, progress: Stage | None = None
    ) -> LoadReport:
        """Load one download. Raises SourceError (a bad file), Conflict (the store is not empty), Busy, LeaseLost, StoreUnavailable.

        Whatever fails leaves nothing visible.
        """
        self._refuse_full(heads(self._engine)[PUBLIC_SPACE])
        report = LoadReport(download.info.title, download.info.version)
        started = time.perf_counter()
        with tempfile.TemporaryFile(prefix="wikic-load-") as file:
            rows = _Rows(file)
            rows.fill(download.concepts(_reading(progress)), report)
            rows.check()
            read = time.perf_counter()
            report.seconds["reading"] = round(read - started, 3)
            if not dry_run:
                report.seq = self._write(rows, download.info, actor, progress)
                report.seconds["writing"] = round(time.perf_counter() - read, 3)
        return report

    def _write(self, rows: _Rows, info: SourceInfo, actor: str, progress: Stage | None) -> int:
        lease = take(self._engine, PUBLIC_SPACE)
        try:
            self._refuse_full(lease.head)
            seq = reserve(self._engine)
            done = 0

            def told(_what: str, count: int) -> None:
                nonlocal done
                done += count
                if progress is not None:
                    progress("writing", done, rows.total)

            with Lanes(LANES[self._engine.kind]) as lanes:
                writer = SpaceWriter.leased(self._engine, lease, seq, lanes, told)
                writer.journal(sorted(rows.uuids))
                writer.new_concepts((Identity(*row[0]), row[1]) for row in rows)
                writer.first_bases((Identity(*row[0]), row[2]) for row in rows if row[2] is not None)
                writer.aliases((alias, row[0][0]) for row in rows for alias in row[4])
                for part in rows.relations():
                    writer.open_relations(part)
            change = Change(
                "restore",
                actor,
                f"{info.title}, read from a download",
                {"concepts added": len(rows.uuids), "relations added": rows.relation_count},
                {"origin": info.origin, "version": info.version, "digest": info.digest},
                seq,
                PUBLIC_SPACE,
                now(),
            )
            commit(self._engine, lease, change)
        except BaseException:
            self._give_up(lease)
            raise
        return seq

    def _refuse_full(self, head: int) -> None:
        if head:
            raise Conflict(
                "the store is not empty: a release download is loaded into an empty one only (choose another WIKIC_DATA or database)"
            )

    def _give_up(self, lease: Lease) -> None:
        try:
            undo_dead(self._engine, replace(lease, head=heads(self._engine)[lease.space]))
            release(self._engine, lease)
        except WikicError as error:
            log.info("what the failed load wrote is cleared away by the next writer", reason=str(error))


_Row = tuple[tuple[str, str, str], Properties, Properties | None, list[tuple[Any, ...]], list[str]]


class _Rows:
    """The concepts of a download on disk, to be gone through several times."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._blocks: list[int] = []
        self.uuids: set[str] = set()
        self._targets: set[str] = set()
        self._aliases: set[str] = set()
        self.relation_count = 0

    @property
    def total(self) -> int:
        """Rows to write, about."""
        return len(self.uuids) + self.relation_count + len(self._aliases)

    def fill(self, concepts: Iterator[Loadable], report: LoadReport) -> None:
        """Take in everything. Raises SourceError where a concept or an alias comes twice."""
        waiting: list[_Row] = []
        for concept in concepts:
            uuid, kind, scheme = concept.identity
            if uuid in self.uuids or not self._aliases.isdisjoint(concept.aliases):
                raise SourceError(f"concept {uuid}, or one of its aliases, comes twice")
            self.uuids.add(uuid)
            self._aliases.update(concept.aliases)
            report.concepts[kind] = report.concepts.get(kind, 0) + 1
            for relation in concept.relations:
                self._targets.add(relation.target)
                report.relations[relation.type] = report.relations.get(relation.type, 0) + 1
            self.relation_count += len(concept.relations)
            base = to_properties(concept.base) if concept.base is not None else None
            relations = [tuple(relation) for relation in concept.relations]
            row: _Row = ((uuid, kind, scheme), to_properties(concept.content), base, relations, concept.aliases)
            waiting.append(row)
            if len(waiting) == _BATCH:
                self._flush(waiting)
        self._flush(waiting)
        report.aliases = len(self._aliases)

    def check(self) -> None:
        """Raise SourceError where the rows do not hang together: nothing would be loaded that dangles."""
        missing = self._targets - self.uuids
        if not self.uuids:
            raise SourceError("the file holds no concept")
        if missing:
            raise SourceError(
                f"{len(missing)} relations lead to concepts that are not in the file, such as {min(missing)}"
            )
        taken = self._aliases & self.uuids
        if taken:
            raise SourceError(f"{min(taken)} is both a concept and another address of one")

    def __iter__(self) -> Iterator[_Row]:
        place = 0
        for size in self._blocks:
            self._file.seek(place)
            place += size
            yield from marshal.loads(self._file.read(size))  # noqa: S302 -- our own file, written a moment ago

    def relations(self) -> Iterator[list[Relation]]:
        """The relations, some thousands at a time."""
        part: list[Relation] = []
        for row in self:
            part += [Relation(*each) for each in row[3]]
            if len(part) >= _BATCH * 40:
                yield part
                part = []
        if part:
            yield part

    def _flush(self, waiting: list[_Row]) -> None:
        if waiting:
            block = marshal.dumps(waiting)
            self._file.seek(0, 2)
            self._file.write(block)
            self._blocks.append(len(block))
            waiting.clear()


def _reading(progress: Stage | None) -> Progress | None:
    if progress is None:
        return None

    def told(done: int, total: int) -> None:
        progress("reading", done, total)

    return told
