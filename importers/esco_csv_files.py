"""The files of an ESCO CSV set: which is which, in what language, and whether its columns are there.

Flow: `files.open_files` -> `sort_out` (by name and header) -> `CsvFile`s in the order in which they are believed ->
`esco_csv_concepts` and `esco_csv_relations` read their `rows`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha256
from typing import Final

from importers.files import FileSet, Member, Meter, refuse_foreign
from wikic.domain.records import ReadReport
from wikic.errors import SourceError

csv.field_size_limit(1 << 27)

_RUNAWAY_LINES = 200
_LANGUAGE = re.compile(r"[a-z]{2}(-[a-z]{2,4})?\Z", re.IGNORECASE)
_DELIMITERS = ",;\t"


class Rank(IntEnum):
    """How far a file of concepts is believed: a better rank wins per concept and field."""

    MAIN = 0
    """All columns of the kind: it holds every concept."""
    COLLECTION = 1
    """The members of one collection, with their texts."""
    LABELS = 2
    """Labels of some concepts: address and preferred label, few other columns."""
    HIERARCHY = 3
    """The tree of skill groups with their labels."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file. `required` columns make it a main file; `labels` are enough for a file that only adds labels."""

    stem: str
    required: tuple[str, ...]
    concepts: bool = True
    labels: tuple[str, ...] = ()


_GROUPS: Final = ("conceptType", "conceptUri", "preferredLabel", "altLabels", "status")
_LABELS: Final = ("conceptUri", "preferredLabel")
KINDS: Final = {
    kind.stem.lower(): kind
    for kind in (
        Kind("skills", (*_GROUPS, "skillType", "reuseLevel", "inScheme", "description"), labels=_LABELS),
        Kind("occupations", (*_GROUPS, "iscoGroup", "inScheme", "description", "code"), labels=_LABELS),
        Kind("ISCOGroups", (*_GROUPS, "code", "inScheme", "description"), labels=_LABELS),
        Kind("skillGroups", (*_GROUPS, "inScheme", "description", "code"), labels=_LABELS),
        Kind("conceptSchemes", ("conceptSchemeUri", "preferredLabel")),
        Kind("skillsHierarchy", ("Level 0 URI", "Level 0 preferred term", "Level 0 code", "Level 1 URI")),
        Kind("occupationSkillRelations", ("occupationUri", "relationType", "skillUri"), concepts=False),
        Kind("skillSkillRelations", ("originalSkillUri", "relationType", "relatedSkillUri"), concepts=False),
        Kind("broaderRelationsOccPillar", ("conceptUri", "broaderUri"), concepts=False),
        Kind("broaderRelationsSkillPillar", ("conceptUri", "broaderUri"), concepts=False),
    )
}
_COLLECTION = re.compile(r"\w+(skills|occupations)collection\Z")
_ONLY_MAIN: Final = frozenset({"status", "inscheme", "modifieddate"})
"""Columns that a file of labels does not have: with one of them a file must have all columns of its kind."""


@dataclass(slots=True)
class CsvFile:
    """One CSV file of the set. `columns` maps column names (lower case) to their place; `rows` reads it.

    After reading, `damaged` counts rows that could not be read: such a file cannot prove that something is gone.
    """

    member: Member
    kind: str
    lang: str
    rank: Rank
    columns: dict[str, int]
    delimiter: str
    width: int
    damaged: int = 0

    @property
    def name(self) -> str:
        """The file's own name, for places and messages."""
        return self.member.base

    def rows(
        self, files: FileSet, meter: Meter, report: ReadReport, *, ragged: bool = False
    ) -> Iterator[tuple[int, list[str]]]:
        """(first line, cells) of every row below the header; counts rows, skips those with a wrong number of cells."""
        width, name = self.width, self.name
        reader = csv.reader(files.lines(self.member, meter), delimiter=self.delimiter)
        line, count = 1, 0
        try:
            next(reader)
            line = reader.line_num + 1
            for cells in reader:
                if len(cells) == width or (ragged and cells):
                    count += 1
                    yield line, cells
                elif cells:
                    count += 1
                    self._wrong_width(line, cells, report)
                line = reader.line_num + 1
        except csv.Error as error:
            raise SourceError(f"{name}:{line}: not readable as CSV: {error}") from error
        report.count(name, count)
        if not count:
            if self.rank is Rank.MAIN:
                raise SourceError(f"{name}: a header but no rows below it: fetch it again")
            report.notes.append(f"{name}: a header but no rows below it")
        if self.damaged:
            report.notes.append(
                f"{name}: {self.damaged} of its rows cannot be read, so nothing is removed by this file"
            )

    def _wrong_width(self, line: int, cells: list[str], report: ReadReport) -> None:
        if any(cell.count("\n") > _RUNAWAY_LINES for cell in cells):
            raise SourceError(f"{self.name}:{line}: a quoted cell that begins here does not end: repair its quotes")
        self.damaged += 1
        report.skip(
            "wrong-number-of-cells",
            "the row has more or fewer cells than the header",
            f"{self.name}:{line} ({len(cells)} instead of {self.width})",
        )


def sort_out(files: FileSet, report: ReadReport) -> list[CsvFile]:
    """The known files of the set, best believed first; the others are noted. Raises SourceError for missing columns,
    a missing language, two different files of one name, or a set without any known file.
    """
    found: list[CsvFile] = []
    unknown: list[str] = []
    for member in _distinct(files, report):
        named = _parse_name(member)
        if named is None:
            unknown.append(member.name)
        else:
            found.append(_open(files, member, *named))
    if unknown:
        report.notes.append(f"not files of an ESCO CSV set, not read: {', '.join(sorted(unknown))}")
    if files.others:
        report.notes.append(f"not CSV files, not read: {', '.join(files.others)}")
    if not found:
        raise SourceError(
            f"{files.path.name} holds no ESCO concept: no file is called like skills_en.csv, occupations_en.csv"
            f" (there is {', '.join(sorted(unknown)[:5])})"
        )
    return sorted(found, key=lambda file: (file.rank, file.member.base, file.member.name))


def _distinct(files: FileSet, report: ReadReport) -> list[Member]:
    """The members without copies: known files of one name must have one content. Raises SourceError otherwise."""
    by_name: dict[str, Member] = {}
    digests: dict[str, str] = {}
    kept: list[Member] = []
    for member in files.members:
        if _parse_name(member) is None:
            kept.append(member)
            continue
        first = by_name.setdefault(member.base.lower(), member)
        if first is not member:
            if _digest(files, first, digests) != _digest(files, member, digests):
                raise SourceError(
                    f"{first.name} and {member.name} differ: a set has one {member.base}; give one release at a time"
                )
            report.notes.append(f"{member.name} is the same as {first.name}: read once")
            continue
        kept.append(member)
    return kept


def _digest(files: FileSet, member: Member, known: dict[str, str]) -> str:
    if member.name not in known:
        digest = sha256()
        with files.open(member) as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
        known[member.name] = digest.hexdigest()
    return known[member.name]


def _parse_name(member: Member) -> tuple[str, Rank, str] | None:
    """(kind, best possible rank, language or "") of a file name: `skills_fr_v1.0.csv` -> ("skills", MAIN, "fr")."""
    stem, _, rest = member.base[: len(member.base) - len(member.suffix)].partition("_")
    stem = stem.strip().lower()
    lang = next((part.lower() for part in rest.split("_") if _LANGUAGE.match(part)), "")
    if stem in KINDS:
        rank = Rank.HIERARCHY if stem == "skillshierarchy" else Rank.MAIN
        return stem, rank, lang or _folder_language(member)
    if match := _COLLECTION.match(stem):
        return match[1], Rank.COLLECTION, lang or _folder_language(member)
    return None


def _folder_language(member: Member) -> str:
    """The language that a folder or zip tells: `fr`, `ESCO dataset - v1.1.1 - classification - fr - csv`."""
    for part in reversed(member.name.split("/")[:-1]):
        for word in reversed(re.split(r"[\s_.]+", part)):
            if re.fullmatch(r"[a-z]{2}(-[a-z]{2})?", word):
                return word
    return ""


def _open(files: FileSet, member: Member, stem: str, rank: Rank, lang: str) -> CsvFile:
    kind = KINDS[stem]
    if kind.concepts and not lang:
        raise SourceError(f"{member.name}: the name says no language: call it {kind.stem}_en.csv (or _fr, ...)")
    refuse_foreign(files.head(member), member.name, "CSV")
    header, delimiter = _header(files, member)
    columns = {name.strip().lower(): place for place, name in reversed(list(enumerate(header)))}
    required: Sequence[str] = kind.required
    if rank is Rank.COLLECTION:
        required = _LABELS
    elif kind.labels and not _ONLY_MAIN & set(columns):
        required, rank = kind.labels, Rank.LABELS
    missing = [name for name in required if name.lower() not in columns]
    if missing:
        raise SourceError(
            f"{member.name}: column {', '.join(missing)} is missing: there must be {', '.join(required)}"
            f" (there is {', '.join(header)[:300]})"
        )
    return CsvFile(member, stem, lang, rank, columns, delimiter, len(header))


def _header(files: FileSet, member: Member) -> tuple[list[str], str]:
    lines = files.lines(member)
    first = next(lines, "")
    delimiter = max(_DELIMITERS, key=first.count)
    try:
        return next(csv.reader([first], delimiter=delimiter), []), delimiter
    except csv.Error as error:
        raise SourceError(f"{member.name}:1: not readable as CSV: {error}") from error
