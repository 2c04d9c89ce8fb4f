"""First stage of an import: take in all records of a source, in bounded memory, before anything is compared or written.

Concept records are flattened, digested and laid down in a temporary file; relations stay in memory, a few words each.
"""

from __future__ import annotations

import gc
import marshal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, Final, NamedTuple

from wikic.domain.concepts import Properties, content_of, digest_of, to_properties
from wikic.domain.ids import concept_uuid
from wikic.domain.records import ConceptRecord, Progress, RelationRecord, Source

_BATCH: Final = 500


class Entry(NamedTuple):
    """One concept record: what it is called (`uuid` from its key, `aliases` as uuids), what it is, and its flat content."""

    key: str
    uuid: str
    aliases: tuple[str, ...]
    kind: str
    scheme: str
    digest: str
    place: str
    content: Properties


class Spool:
    """Entries on disk in the order they came; can be read any number of times. A context manager: the file goes with it."""

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile(prefix="wikic-import-")  # noqa: SIM115
        self._waiting: list[tuple[Any, ...]] = []
        self._blocks: list[int] = []
        self.count = 0

    def add(self, entry: Entry) -> None:
        """Append one entry."""
        self._waiting.append(tuple(entry))
        self.count += 1
        if len(self._waiting) >= _BATCH:
            self._flush()

    def __iter__(self) -> Iterator[Entry]:
        self._flush()
        position = 0
        for size in self._blocks:
            self._file.seek(position)
            position += size
            for row in marshal.loads(self._file.read(size)):  # noqa: S302 -- our own file, written a moment ago
                yield Entry(*row)

    def close(self) -> None:
        """Remove the file."""
        self._file.close()

    def _flush(self) -> None:
        if self._waiting:
            block = marshal.dumps(self._waiting)
            self._file.seek(0, 2)
            self._file.write(block)
            self._blocks.append(len(block))
            self._waiting = []


class Collected:
    """Everything a source holds. `keys` maps source keys to uuids where a record gave one."""

    def __init__(self, source: Source, progress: Progress | None = None) -> None:
        """Read the whole source; raises SourceError where it cannot be read."""
        self.spool = Spool()
        self.relations: list[RelationRecord] = []
        try:
            with _uncollected():
                self._take(source, progress)
        except BaseException:
            self.spool.close()
            raise
        self.info = source.info
        self.report = source.report
        self.coverage = source.coverage()

    def _take(self, source: Source, progress: Progress | None) -> None:
        origin, version = source.info.origin, source.info.version
        for record in source.records(progress):
            if isinstance(record, ConceptRecord):
                self.spool.add(_entry(record, origin, version))
            else:
                self.relations.append(record)

    def close(self) -> None:
        """Free what was collected."""
        self.spool.close()
        self.relations.clear()


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without Python's search for cycles: records have none, and looking at millions of them again and again costs a sixth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _entry(record: ConceptRecord, origin: str, version: str) -> Entry:
    flat = to_properties(content_of(record, origin=origin, version=version))
    aliases = tuple(concept_uuid(alias) for alias in record.aliases)
    return Entry(
        record.key, concept_uuid(record.key), aliases, record.kind, record.scheme, digest_of(flat), record.place, flat
    )
