"""Tables to download (CSV, RFC 4180). No cell is a formula to a spreadsheet: what could be one begins with an apostrophe."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


def cell(value: object) -> object:
    """What stands in a cell for a value."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def lines_of(rows: Iterable[Iterable[object]]) -> str:
    """Rows as lines, or part of a table that is written in pieces."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([cell(value) for value in row] for row in rows)
    return out.getvalue()


def table_of(head: Sequence[str], rows: Iterable[Iterable[object]]) -> str:
    """A whole table."""
    return lines_of([head]) + lines_of(rows)
