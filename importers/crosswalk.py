"""Mapping tables between classifications -> match relations.

Flow: a mapping table (EURES format in CSV or XLSX; France's ROME-ISCO table) -> `open_crosswalk` -> RelationRecords
from an ESCO occupation to a concept of a national classification. The tables name concepts, they describe none: ends
that are not known are found by `services.importing`.
"""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from urllib.parse import unquote

from importers.crosswalk_tables import Row, Table, cell, read_tables
from importers.rome_isco import RomeIscoSource, is_rome_isco
from wikic.domain.ids import ESCO, is_uuid, rome_key
from wikic.domain.records import Coverage, Progress, ReadReport, Record, RelationRecord, Source, SourceInfo
from wikic.errors import SourceError

MATCHES = ("exact_match", "close_match", "broad_match", "narrow_match")
_INVERTED = {"broad_match": "narrow_match", "narrow_match": "broad_match"}
_HEADER_SEARCH = 200
_ESCO_ADDRESS = re.compile(
    r"https?://data\.europa\.eu/esco/(occupation|skill|isco|isced-f)/([^\s?#&/]+)", re.IGNORECASE
)
_ESCO_KINDS = {
    "occupation": ("esco", "occupation"),
    "skill": ("esco", "skill"),
    "isco": ("isco", "occupation_group"),
    "isced-f": ("isced_f", "field_of_study"),
}
_ROME_CODE = re.compile(r"[A-N]\d{4}\Z")
_OGR = re.compile(r"\d+\Z")
_ROME_TYPES = {"occupation": "appellation", "skill": "competence", "knowledge": "savoir"}


def open_crosswalk(path: Path, *, version: str | None = None) -> Source:
    """Open a mapping table: EURES format (CSV of any usual delimiter and encoding, or XLSX, also alone in a zip), or
    the ROME-ISCO table.

    Relations of an EURES table read ESCO -> national (a table that reads the other way is turned round):
    `exact_match`, `close_match`, `broad_match` or `narrow_match`. National keys: `rome:appellation:{OGR}` or
    `rome:metier:{code}` for ROME, else `crosswalk:{classification}:{id}`. The ROME-ISCO table gives
    `rome:metier:{code}` broad_match ISCO group. `version` replaces the one of the file. Raises SourceError where the
    file is no such table, has no rows or says no version.
    """
    content = read_tables(path)
    report = ReadReport(notes=list(content.notes))
    for table in content.tables:
        if is_rome_isco(table):
            return RomeIscoSource(content, version, report)
    for table in content.tables:
        layout = _find_layout(table)
        if layout is not None:
            return CrosswalkSource(content.digest, content.size, table, layout, version, report)
    raise SourceError(
        f"{content.name}: no mapping table in it: expected a header with columns such as 'classification 1 ID',"
        " 'classification 2 ID' and 'mapping relation' (EURES), or 'Code ROME' and 'Code ISCO08' (ROME-ISCO)"
    )


def fold(text: str) -> str:
    """A name as part of a key: without accents, lower case, words joined by hyphens ("ESCO - ROME " -> "esco-rome")."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return re.sub(r"[^\w]+|_+", "-", plain.casefold()).strip("-")


@dataclass(slots=True)
class _Layout:
    """Where the table keeps what: `ids` are, per side 1 and 2, the candidate columns in the order of trust; `start`
    is the first row of data.
    """

    ids: dict[int, list[int]]
    relation: int
    width: int
    start: int
    metadata: dict[str, str] = field(default_factory=dict)


def _words(text: str) -> str:
    return " ".join(re.sub(r"[\W_]+", " ", text.casefold()).split())


_RELATION_NAMES = ("mapping relation", "relation", "mapping type", "mapping relation type", "relation type")
_ID_ORDER = ("id", "identifier", "code", "uri", "iri", "url", "concept uri", "concept id")


def _find_layout(table: Table) -> _Layout | None:
    """The layout of an EURES table, or None where none of its first rows is a header of both sides and the relation."""
    metadata: dict[str, str] = {}
    for index, row in enumerate(islice(table.rows, _HEADER_SEARCH)):
        names = [_words(c) for c in row.cells]
        ids: dict[int, list[int]] = {1: [], 2: []}
        for side in (1, 2):
            prefix = f"classification {side} "
            found = {n.removeprefix(prefix): i for i, n in reversed(list(enumerate(names))) if n.startswith(prefix)}
            ids[side] = [found[n] for n in _ID_ORDER if n in found]
        relation = [i for i, n in enumerate(names) if n in _RELATION_NAMES]
        if ids[1] and ids[2] and relation:
            return _Layout(ids, relation[0], len(_stripped(row.cells)), index + 1, metadata)
        if len(names) > 1 and names[0]:
            metadata.setdefault(names[0], " ".join(row.cells[1].split()))
    return None


def _stripped(cells: list[str]) -> list[str]:
    end = len(cells)
    while end and not cells[end - 1].strip():
        end -= 1
    return cells[:end]


def parse_relation(text: str) -> str | None:
    """The relation type of "skos:exactMatch", "exact_match", "EXACTMATCH", "Exact match" or the full SKOS address;
    None for any other word.
    """
    word = re.sub(r"[^a-z]", "", re.split(r"[#/:]", text.strip())[-1].casefold()).removesuffix("match")
    found = f"{word}_match"
    return found if found in MATCHES else None


def esco_iri(text: str, kind: str) -> str | None:
    """The ESCO address in a cell: as is, https, inside a portal address (`...?uri=http%3A...`) or a bare UUID of the
    given kind; None where there is none.
    """
    text = text.strip().strip("<>")
    match = _ESCO_ADDRESS.search(unquote(text))
    if match:
        tail = match[2].lower() if is_uuid(match[2]) else match[2]
        return f"{ESCO}{match[1].lower()}/{tail}"
    if is_uuid(text):
        return f"{ESCO}{kind}/{uuid.UUID(text)}"
    return None


class CrosswalkSource:
    """A table in EURES format; see `open_crosswalk`."""

    def __init__(
        self, digest: str, size: int, table: Table, layout: _Layout, version: str | None, report: ReadReport
    ) -> None:
        self.report = report
        self._table = table
        self._layout = layout
        self._kinds: set[tuple[str, str]] = {("esco", "occupation")}
        self._esco_side = self._find_esco_side()
        other = 3 - self._esco_side
        self._classification = self._meta(f"classification {other} name") or self._unnamed(other)
        self._scheme = fold(self._classification)
        esco_kind = _concept_type(self._meta(f"classification {self._esco_side} concept type"))
        self._esco_kind = "occupation" if esco_kind == "occupation" else "skill"
        self._other_kind = _concept_type(self._meta(f"classification {other} concept type"))
        project = self._meta("mapping project name") or f"ESCO - {self._classification}"
        self.info = SourceInfo(
            origin=f"crosswalk:{fold(project)}",
            version=version or self._own_version(),
            title=_title(
                project,
                self._meta("mapping project author"),
                self._meta("mapping project version"),
                self._meta("mapping project version date"),
            ),
            files=[table.name],
            digest=digest,
            size=size,
        )

    def _meta(self, name: str) -> str:
        return self._layout.metadata.get(name, "")

    def _data(self) -> list[Row]:
        return self._table.rows[self._layout.start :]

    def _find_esco_side(self) -> int:
        """The side that holds ESCO addresses; bare UUIDs count, but less than addresses."""
        score = {1: 0, 2: 0}
        blank = True
        for row in self._data():
            for side, columns in self._layout.ids.items():
                for column in columns:
                    text = cell(row, column)
                    blank = blank and not text
                    score[side] += 2 if _ESCO_ADDRESS.search(unquote(text)) else int(is_uuid(text))
        if blank:
            raise SourceError(f"{self._table.name}: a header but no rows below it: the table holds no mapping")
        if not any(score.values()):
            raise SourceError(
                f"{self._table.name}: no ESCO address (http://data.europa.eu/esco/...) or UUID"
                " in either classification: not an ESCO mapping table"
            )
        side = 1 if score[1] >= score[2] else 2
        if side == 2:
            self.report.notes.append(
                f"{self._table.name}: the table reads national -> ESCO: its relations were turned round"
                " (broad and narrow exchanged)"
            )
        return side

    def _unnamed(self, side: int) -> str:
        stem = re.sub(r"(?i)[\s_-]*v?\d+(\.\d+)*$", "", Path(self._table.name).stem) or "unnamed"
        self.report.notes.append(
            f"{self._table.name}: no metadata line 'Classification {side} Name':"
            f" the classification is called '{stem}' after the file"
        )
        return stem

    def _own_version(self) -> str:
        found = re.search(r"\d+(\.\d+)*", self._meta("mapping project version"))
        if found is None:
            raise SourceError(
                f"{self._table.name}: no metadata line 'Mapping project version' with a number in it:"
                " give the version of the table"
            )
        return found[0]

    def records(self, progress: Progress | None = None) -> Iterator[Record]:
        """One RelationRecord per distinct (ESCO concept, relation, national concept)."""
        name, report = self._table.name, self.report
        seen: dict[tuple[str, str], set[str]] = {}
        repeated: list[str] = []
        conflicts = 0
        for row in self._data():
            if not any(c.strip() for c in row.cells):
                continue
            report.count(name)
            place = f"{name}:{row.line}"
            relation = self._relation(row, place)
            if relation is None:
                continue
            types = seen.setdefault((relation.source, relation.target), set())
            if relation.type in types:
                repeated.append(place)
                continue
            conflicts += bool(types)
            types.add(relation.type)
            yield relation
        if repeated:
            report.notes.append(
                f"{name}: {len(repeated)} rows repeat an earlier one ({', '.join(repeated[:5])}): one relation each"
            )
        if conflicts:
            report.notes.append(f"{name}: {conflicts} pairs are mapped by more than one kind of relation: each is kept")
        if not seen:
            raise SourceError(
                f"{name}: none of its {report.read.get(name, 0)} rows is a mapping: {_first_skip(report)}"
            )
        if progress is not None:
            progress(self.info.size, self.info.size)

    def _relation(self, row: Row, place: str) -> RelationRecord | None:
        """The relation of a row, or None once the reason was counted."""
        skip, layout = self.report.skip, self._layout
        if len(_stripped(row.cells)) > layout.width:
            skip("malformed-row", "the row has more cells than the header (an unquoted delimiter?)", place)
            return None
        esco_cells = [cell(row, c) for c in layout.ids[self._esco_side]]
        source = next((iri for text in esco_cells if (iri := esco_iri(text, self._esco_kind))), None)
        if source is None:
            if any(esco_cells):
                skip("not-an-esco-address", "the ESCO side holds neither an address nor a UUID", place)
            else:
                skip("blank-id", "the id of one side is blank", place)
            return None
        national = next((text for c in layout.ids[3 - self._esco_side] if (text := cell(row, c))), "")
        if not national:
            skip("blank-id", "the id of one side is blank", place)
            return None
        word = cell(row, layout.relation)
        kind = parse_relation(word)
        if kind is None:
            skip(
                "unknown-relation",
                "the relation is none of exactMatch, closeMatch, broadMatch, narrowMatch",
                f"{place} '{word}'",
            )
            return None
        target = self._national_key(national)
        if target is None:
            skip("not-a-rome-code", "the ROME side is neither an OGR number nor a code like M1805", place)
            return None
        if self._esco_side == 2:
            kind = _INVERTED.get(kind, kind)
        self._kinds.add(_ESCO_KINDS[source.removeprefix(ESCO).split("/", 1)[0]])
        return RelationRecord(source, kind, target, place=place)

    def _national_key(self, text: str) -> str | None:
        if self._scheme != "rome" and not self._scheme.startswith("rome-"):
            return f"crosswalk:{self._scheme}:{text}"
        # A spreadsheet turns 15244 into 15244.0 when a column was once taken for numbers.
        code = text.removesuffix(".0")
        if _OGR.match(code):
            return rome_key(_ROME_TYPES[self._other_kind], code)
        return rome_key("metier", code.upper()) if _ROME_CODE.match(code.upper()) else None

    def coverage(self) -> Coverage:
        """No kinds; all four match relations of the kinds of ESCO concept the table maps, so that a newer table
        withdraws what it no longer says.
        """
        return Coverage(relations={(match, scheme, kind) for match in MATCHES for scheme, kind in self._kinds})


def _concept_type(text: str) -> str:
    words = _words(text)
    if "knowledge" in words or "savoir" in words.split():
        return "knowledge"
    return "skill" if "skill" in words or "competenc" in words else "occupation"


def _title(project: str, author: str, version: str, date: str) -> str:
    details = ", ".join(part for part in (author, " ".join(p for p in (version, date) if p)) if part)
    return f"{project} ({details})" if details else project


def _first_skip(report: ReadReport) -> str:
    counts = Counter({s.reason: s.count for s in report.skipped.values()})
    return counts.most_common(1)[0][0] if counts else "all rows are blank"
