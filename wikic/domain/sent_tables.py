"""Tables that people send: CSV as spreadsheets write it, whatever ends its lines and stands between its columns. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from wikic.errors import InvalidInput

LONGEST_CELL: Final = 100_000
"""Characters of one cell, at most."""


@dataclass(frozen=True, slots=True)
class SentTable:
    """The cells of its first line, and of each other line that holds something, with the number of that line; no cell has blanks around it."""

    head: list[str]
    lines: list[tuple[int, list[str]]]

    def places(self, names: Mapping[str, Sequence[str]]) -> dict[str, int]:
        """In which column each name stands, by the words that the first line may have for it, in small letters."""
        words = [" ".join(cell.lower().split()) for cell in self.head]
        return {name: place for name, known in names.items() for place, word in enumerate(words) if word in known}


def sent_table(text: str, between: str = ";,\t") -> SentTable:
    """A table from its text; of the characters `between`, the one that the first line has most of parts its columns. Raises InvalidInput with the line."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    first = next((line for line in text.split("\n") if line.strip()), "")
    reader = csv.reader(io.StringIO(text), delimiter=max(between, key=first.count), skipinitialspace=True)
    lines: list[tuple[int, list[str]]] = []
    number = 1
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if any(len(cell) > LONGEST_CELL for cell in cells):
                raise csv.Error(f"a cell has more than {LONGEST_CELL:,} characters")
            lines += [(number, cells)] if any(cells) else []
            number = reader.line_num + 1
    except csv.Error as error:
        raise InvalidInput(f"line {number} of the table cannot be read: {error}", reason="table-broken", line=number) from None
    return SentTable(lines[0][1] if lines else [], lines[1:])
