"""France's ROME-ISCO table -> broad matches from ROME codes to ISCO-08 groups.

Flow: the rows of `crosswalk_tables` -> relations `rome:metier:{code}` broad_match
`http://data.europa.eu/esco/isco/C{group}`. Every code of the table is a ROME 3 code; ROME 4 keeps them and names, for
each newer code, the one it came from (`code_rome_parent`): to widen the links to those is for `services.importing`,
which knows both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from importers.crosswalk_tables import Row, Table, Tables, cell
from wikic.domain.ids import ESCO, rome_key
from wikic.domain.records import Coverage, Progress, ReadReport, Record, RelationRecord, SourceInfo
from wikic.errors import SourceError

_ROME = re.compile(r"[A-N]\d{4}\Z")
_ISCO = re.compile(r"\d{1,4}\Z")


def _columns(table: Table) -> tuple[int, int, int] | None:
    """(index of the header row, column of the ROME code, column of the ISCO code), or None for another table."""
    for index, row in enumerate(table.rows[:50]):
        names = [re.sub(r"[\W_]+", "", c.casefold()) for c in row.cells]
        if "coderome" in names and "codeisco08" in names:
            return index, names.index("coderome"), names.index("codeisco08")
    return None


def is_rome_isco(table: Table) -> bool:
    """Whether the table has the columns `Code ROME` and `Code ISCO08`."""
    return _columns(table) is not None


class RomeIscoSource:
    """The ROME-ISCO table; its two sheets (one per direction) say the same, what only one says is kept and noted.

    The version is the given one, else the workbook's own date of change ("2018.5.14"): the table has no number.
    """

    def __init__(self, content: Tables, version: str | None, report: ReadReport) -> None:
        self.report = report
        self._tables = [(table, found) for table in content.tables if (found := _columns(table)) is not None]
        chosen = version or content.modified
        if not chosen:
            raise SourceError(f"{content.name}: the ROME-ISCO table says no version or date: give the version")
        self.info = SourceInfo(
            "crosswalk:rome-isco", chosen, "ROME / ISCO-08", [content.name], content.digest, content.size
        )

    def records(self, progress: Progress | None = None) -> Iterator[Record]:
        """One broad match per distinct (ROME code, ISCO group)."""
        by_sheet: list[dict[tuple[str, str], str]] = []
        for table, (header, rome, isco) in self._tables:
            pairs: dict[tuple[str, str], str] = {}
            repeated = 0
            for row in table.rows[header + 1 :]:
                pair = self._pair(table, row, rome, isco)
                if pair is not None:
                    repeated += pair in pairs
                    pairs.setdefault(pair, f"{table.name}:{row.line}")
            if repeated:
                self.report.notes.append(f"{table.name}: {repeated} rows repeat an earlier one: one relation each")
            by_sheet.append(pairs)
        merged: dict[tuple[str, str], str] = {}
        for pairs in by_sheet:
            for pair, place in pairs.items():
                merged.setdefault(pair, place)
        if not merged:
            raise SourceError(f"{self.info.files[0]}: the ROME-ISCO table has no rows")
        self._note(by_sheet, merged)
        for (code, group), place in merged.items():
            yield RelationRecord(rome_key("metier", code), "broad_match", f"{ESCO}isco/C{group}", place=place)
        if progress is not None:
            progress(self.info.size, self.info.size)

    def _note(self, by_sheet: list[dict[tuple[str, str], str]], merged: dict[tuple[str, str], str]) -> None:
        for (table, _), pairs in zip(self._tables, by_sheet, strict=True):
            if len(pairs) != len(merged):
                self.report.notes.append(
                    f"{table.name}: lacks {len(merged) - len(pairs)} pairs that another sheet has: kept"
                )
        self.report.notes.append(
            f"{self.info.files[0]}: the {len({code for code, _ in merged})} codes are of ROME 3: ROME 4 codes that came"
            " from them (code_rome_parent) are not in the table"
        )

    def _pair(self, table: Table, row: Row, rome: int, isco: int) -> tuple[str, str] | None:
        code, group = cell(row, rome).upper(), cell(row, isco)
        if not code and not group:
            return None
        self.report.count(table.name)
        if _ROME.match(code) and _ISCO.match(group):
            # A workbook keeps group 0110 as the number 110.
            return code, group.zfill(4)
        self.report.skip(
            "malformed-row",
            "no ROME code like M1805 beside an ISCO-08 group of up to four digits",
            f"{table.name}:{row.line}",
        )
        return None

    def coverage(self) -> Coverage:
        """No kinds; the broad matches of ROME occupations."""
        return Coverage(relations={("broad_match", "rome", "occupation")})
