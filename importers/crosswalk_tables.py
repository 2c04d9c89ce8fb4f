"""Mapping tables as rows of text cells, whatever they were saved as.

Flow: a file -> `read_tables` (container, encoding, delimiter) -> `crosswalk` and `rome_isco` find their columns in
the rows. These tables are small (a few MB), so they are read whole.
"""

from __future__ import annotations

import csv
import io
import re
import warnings
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import openpyxl

from importers.files import open_files, refuse_foreign
from wikic.errors import SourceError

MAX_BYTES = 200 * 2**20
MAX_ROWS = 2_000_000
_SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm")
_DELIMITERS = ",;\t|"
_SNIFFED_LINES = 60


@dataclass(slots=True)
class Row:
    """The cells of one row; `line` is the line of the file (or the row of the sheet) at which it starts, from 1."""

    line: int
    cells: list[str]


@dataclass(slots=True)
class Table:
    """One CSV file or one sheet. `name` is for places and messages."""

    name: str
    rows: list[Row]


@dataclass(slots=True)
class Tables:
    """What a file holds: its tables, its SHA-256 (hex) and size in bytes, remarks on how it was read; `modified` is a
    workbook's own date ("2018.5.14").
    """

    name: str
    digest: str
    size: int
    tables: list[Table]
    notes: list[str] = field(default_factory=list)
    modified: str = ""


def cell(row: Row, column: int) -> str:
    """The cell with white space folded; "" where the row is too short."""
    return " ".join(row.cells[column].split()) if column < len(row.cells) else ""


def read_tables(path: Path) -> Tables:
    """Read a CSV file or an XLSX workbook, plain, .gz, or alone in a zip or folder. Raises SourceError for anything
    else.
    """
    files = open_files(path, _SUFFIXES)
    if len(files.members) > 1:
        names = ", ".join(m.name for m in files.members[:4])
        raise SourceError(f"{path.name} holds {len(files.members)} tables ({names}): give one mapping table at a time")
    member = files.members[0]
    with files.open(member) as stream:
        data = stream.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise SourceError(f"{member.name}: more than {MAX_BYTES >> 20} MB: too large for a mapping table")
    if not data.strip():
        raise SourceError(f"{member.name}: the file is empty")
    content = Tables(member.base, files.digest(names=False), files.size, [])
    if data.startswith(b"PK\x03\x04"):
        _add_workbook(content, member.base, data)
    else:
        if not _is_utf16(data):
            refuse_foreign(data[:512], member.name, "CSV or XLSX")
        content.tables.append(Table(member.base, _csv_rows(member.base, _decode(content, member.base, data))))
    return content


def _add_workbook(content: Tables, name: str, data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(m.file_size for m in archive.infolist()) > MAX_BYTES:
                raise SourceError(f"{name}: would unpack to more than {MAX_BYTES >> 20} MB: not a mapping table")
            content.modified = _modified(archive)
        _add_sheets(content, name, data)
    except (zipfile.BadZipFile, EOFError, KeyError, ValueError, NotImplementedError, RuntimeError) as error:
        raise SourceError(f"{name}: damaged, protected or not an XLSX workbook: {error}") from error
    if not content.tables:
        raise SourceError(f"{name}: the workbook is empty")


def _add_sheets(content: Tables, name: str, data: bytes) -> None:
    with warnings.catch_warnings():
        # openpyxl warns of styles and extensions it does not keep; only cell values matter here.
        warnings.simplefilter("ignore", UserWarning)
        workbook = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        try:
            for sheet in workbook.worksheets:
                rows = _sheet_rows(name, sheet.iter_rows(values_only=True))
                if rows:
                    content.tables.append(Table(f"{name} [{sheet.title}]", rows))
        finally:
            workbook.close()


def _modified(archive: zipfile.ZipFile) -> str:
    # openpyxl would put today's date where the workbook says none.
    if "docProps/core.xml" not in archive.namelist():
        return ""
    found = re.search(rb"<dcterms:modified[^>]*>(\d{4})-(\d\d)-(\d\d)", archive.read("docProps/core.xml"))
    return ".".join(str(int(part)) for part in found.groups()) if found else ""


def _sheet_rows(name: str, values: Iterable[tuple[object, ...]]) -> list[Row]:
    rows: list[Row] = []
    for number, cells in enumerate(values, 1):
        if number > MAX_ROWS:
            raise SourceError(f"{name}: a sheet has more than {MAX_ROWS} rows: not a mapping table")
        if any(c is not None for c in cells):
            rows.append(Row(number, [_text(c) for c in cells]))
    return rows


def _text(value: object) -> str:
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _is_utf16(data: bytes) -> bool:
    return data[:2] in (b"\xff\xfe", b"\xfe\xff") or data[:400].count(0) > len(data[:400]) // 4


def _decode(content: Tables, name: str, data: bytes) -> str:
    """The text: UTF-8 (with or without BOM), UTF-16, else Windows-1252, which is said in a note."""
    encoding = "utf-8-sig"
    if _is_utf16(data):
        marked = data[:2] in (b"\xff\xfe", b"\xfe\xff")
        encoding = "utf-16" if marked else "utf-16-le" if data[1:2] == b"\0" else "utf-16-be"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding != "utf-8-sig":
            raise SourceError(
                f"{name}: looks like UTF-16 but is damaged at byte {error.start}: save it as UTF-8"
            ) from error
        encoding = "windows-1252"
        line = data.count(b"\n", 0, error.start) + 1
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError as second:
            raise SourceError(f"{name}:{line}: neither UTF-8, UTF-16 nor Latin-1 text: save it as UTF-8") from second
        content.notes.append(
            f"{name}:{line}: not UTF-8: read as Latin-1 (Windows-1252); check the accents, or save it as UTF-8"
        )
        return text
    if "\0" in text:
        raise SourceError(f"{name}: holds NUL characters: not a text table")
    if encoding.startswith("utf-16"):
        content.notes.append(f"{name}: read as UTF-16")
    return text


def _csv_rows(name: str, text: str) -> list[Row]:
    delimiter = _delimiter(text)
    csv.field_size_limit(1 << 26)
    rows: list[Row] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    line = 1
    try:
        for cells in reader:
            if cells:
                rows.append(Row(line, cells))
            line = reader.line_num + 1
    except csv.Error as error:
        raise SourceError(f"{name}:{line}: not readable as CSV: {error}") from error
    return rows


def _delimiter(text: str) -> str:
    """The delimiter that cuts one of the first lines into most cells: the header is wider than the metadata above
    it.
    """
    lines = text.splitlines()[:_SNIFFED_LINES]
    widths = {d: max((len(r) for r in csv.reader(lines, delimiter=d)), default=0) for d in _DELIMITERS}
    return max(widths, key=lambda d: widths[d])
