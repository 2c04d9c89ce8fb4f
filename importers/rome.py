"""ROME 4.0 whole, from the CSV distribution of France Travail, as records.

Flow: folder or zip -> `open_rome` (which refuses what is not ROME 4.0) -> `RomeSource.records`
-> `services.importing`. docs/vocabulary.md says what becomes of every table and column.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from importers.files import Meter, open_files
from importers.rome_concepts import appellations, contextes, metiers
from importers.rome_groups import collections, occupation_groups
from importers.rome_links import coherences, compare, mobilities
from importers.rome_reading import Reading
from importers.rome_skills import competences, savoirs
from importers.rome_tables import VERSION_FILE, Tables, find_tables, read_version
from wikic.domain.records import Coverage, Progress, ReadReport, Record, SourceInfo
from wikic.errors import SourceError

ORIGIN = "rome"


class RomeSource:
    """One version of ROME 4.0, opened: version and columns are known, rows are read by `records`."""

    def __init__(self, info: SourceInfo, tables: Tables) -> None:
        self.info = info
        self.report = tables.report
        self._tables = tables
        self._noted = list(tables.report.notes)
        self._coverage: Coverage | None = None

    def records(self, progress: Progress | None = None) -> Iterator[Record]:
        """All records; a relation may come before the concept it points to. Reading again starts the report anew."""
        self.report.read.clear()
        self.report.skipped.clear()
        self.report.notes[:] = self._noted
        self._coverage = None
        meter = Meter(self.info.size, progress)
        self._tables.meter = meter
        reading = Reading(self._tables, self.report)
        yield from chain(
            metiers(reading),
            appellations(reading),
            contextes(reading),
            competences(reading),
            savoirs(reading),
            occupation_groups(reading),
            collections(reading),
            coherences(reading),
            mobilities(reading),
        )
        compare(reading)
        meter.finish()
        if not reading.metiers:
            raise SourceError(
                f"{self._tables.name('referentiel_code_rome')} holds no métier: the file is empty or cut off"
            )
        self._coverage = reading.coverage

    def coverage(self) -> Coverage:
        """What the tables spoke for; only once `records` is exhausted."""
        if self._coverage is None:
            raise RuntimeError("coverage() before the records were read")
        return self._coverage


def open_rome(path: Path) -> RomeSource:
    """Open a folder (tables at any depth) or a zip of ROME 4.0. Raises SourceError, one line, for anything else."""
    files = open_files(path, {".csv", ".txt"})
    report = ReadReport()
    tables, named = find_tables(files, report)
    texts = [m for m in files.members if m.base.lower() == VERSION_FILE]
    said = None
    if texts:
        with files.open(texts[0]) as stream:
            said = stream.read(1 << 16).decode("utf-8", "replace")
    else:
        report.notes.append("version.txt is absent: the version is that of the file names")
    version, title = read_version(said, named, path.name)
    info = SourceInfo(ORIGIN, version, title, [m.name for m in files.members], files.digest(), files.size)
    return RomeSource(info, tables)
