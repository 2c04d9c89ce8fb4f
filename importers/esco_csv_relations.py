"""Relation files of an ESCO CSV set -> broader pairs and links between occupations and skills.

Flow: `esco_csv_files` -> these readers -> `esco_csv` makes RelationRecords of them. What points to a concept that the
set lacks, although the main file of its kind is there, is counted with file and line.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator

from importers.esco_csv_files import CsvFile
from importers.esco_model import ESSENTIAL, OPTIONAL, ConceptBuilder, SkillLinks
from importers.files import FileSet, Meter
from wikic.domain.records import ReadReport, RelationRecord

Resolves = Callable[[str], bool]

SOURCE_TARGET = {
    "occupationskillrelations": ("occupationuri", "skilluri"),
    "skillskillrelations": ("originalskilluri", "relatedskilluri"),
    "broaderrelationsoccpillar": ("concepturi", "broaderuri"),
    "broaderrelationsskillpillar": ("concepturi", "broaderuri"),
}


class RelationReader:
    """Reads relation files; the same pair from a second file (each language comes with the relations) is one pair."""

    def __init__(self, files: FileSet, meter: Meter, report: ReadReport) -> None:
        self._files = files
        self._meter = meter
        self._report = report
        self._repeated = 0
        self.broader: dict[tuple[str, str], tuple[CsvFile, int]] = {}
        self._links = SkillLinks()
        self._places = array("Q")
        self._names: list[str] = []
        self._known: dict[str, str] = {}

    def _pairs(self, file: CsvFile) -> Iterator[tuple[int, str, str, list[str]]]:
        source_column, target_column = (file.columns[name] for name in SOURCE_TARGET[file.kind])
        known = self._known
        for line, cells in file.rows(self._files, self._meter, self._report):
            source, target = cells[source_column].strip(), cells[target_column].strip()
            if not source.startswith("http") or not target.startswith("http"):
                self._report.skip("not-an-address", "an end of the relation is no address", f"{file.name}:{line}")
                file.damaged += 1
            elif source == target:
                reason = "a concept cannot be related to itself"
                self._report.skip("self-relation", reason, f"{file.name}:{line}")
            else:
                yield line, known.setdefault(source, source), known.setdefault(target, target), cells

    def read_broader(self, file: CsvFile) -> None:
        """Add the pairs of a broaderRelations file to `broader`, with the place of the first."""
        for line, source, target, _ in self._pairs(file):
            if self.broader.setdefault((source, target), (file, line)) != (file, line):
                self._repeated += 1

    def read_links(self, file: CsvFile, resolves: Resolves) -> None:
        """Add the links of an occupationSkillRelations or skillSkillRelations file (original needs related skill)."""
        importance = file.columns["relationtype"]
        links, places = self._links, self._places
        missing: dict[str, bool] = {}
        number = len(self._names) << 32
        self._names.append(file.name)
        for line, source, target, cells in self._pairs(file):
            word = cells[importance].strip().lower()
            if word not in (ESSENTIAL, OPTIONAL):
                reason = "the relation is neither essential nor optional"
                self._report.skip("unknown-relation", reason, f"{file.name}:{line} {word!r}")
                file.damaged += 1
                continue
            for end in (source, target):
                if end not in missing:
                    missing[end] = not resolves(end)
            if missing[source] or missing[target]:
                dangling(self._report, f"{file.name}:{line}", source if missing[source] else target)
                continue
            links.add(source, target, word)
            if len(links) > len(places):
                places.append(number | line)
            else:
                self._repeated += 1

    def links(self, builder: ConceptBuilder) -> Iterator[RelationRecord]:
        """The records of all links, with their places; empties itself."""
        names = self._names
        for record, at in zip(self._links.records(builder), self._places, strict=True):
            yield RelationRecord(*record[:7], f"{names[at >> 32]}:{at & 0xFFFFFFFF}")

    def broader_records(self, resolves: Resolves) -> Iterator[RelationRecord]:
        """The broader relations, with their places."""
        for (source, target), (file, line) in self.broader.items():
            place = f"{file.name}:{line}"
            if not resolves(source) or not resolves(target):
                dangling(self._report, place, target if resolves(source) else source)
            else:
                yield RelationRecord(source, "broader", target, place=place)

    def finish(self) -> None:
        """Write the counts as notes of the report."""
        if self._repeated:
            self._report.notes.append(f"{self._repeated} rows of relations repeat an earlier one: one relation each")


def dangling(report: ReadReport, place: str, end: str) -> None:
    """Count a relation to a concept that is not there."""
    reason = "an end of the relation is not in the main file of its kind"
    report.skip("dangling-relation", reason, f"{place} ({end})")
