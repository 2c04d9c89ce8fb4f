"""The file of a backup: gzipped JSON lines: a header, the rows (`[section, row]`), a trailer with counts and a digest.

Written beside its place and moved there when it is whole. Read twice by a restore: once to trust it, once to use it. docs/backup.md describes it.
"""

from __future__ import annotations

import gzip
import os
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO, Final, Protocol

import orjson

from wikic.errors import BackupError

FORMAT: Final = "wiki-c-backup"
VERSION: Final = 1
LEVEL: Final = 5

_MAX_LINE: Final = 256 * 1024 * 1024
_BLOCK: Final = 1 << 20

Row = dict[str, Any]


class Hash(Protocol):
    """The part of hashlib's objects that is used here."""

    def update(self, data: bytes, /) -> None: ...
    def hexdigest(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Verified:
    """What a file that can be trusted says of itself."""

    header: Row
    counts: dict[str, int]
    digest: str


class BackupWriter:
    """Appends lines to a backup that is being made; `close` writes the trailer."""

    def __init__(self, raw: BinaryIO) -> None:
        # No name and no time within: equal stores give equal files but for the header line.
        self._zip = gzip.GzipFile(filename="", mode="wb", compresslevel=LEVEL, fileobj=raw, mtime=0)
        self._hash: Hash = sha256()
        self.counts: dict[str, int] = {}

    def header(self, header: Row) -> None:
        """The first line."""
        self._put(orjson.dumps({"format": FORMAT, "version": VERSION, **header}) + b"\n")

    def rows(self, section: str, rows: list[Row]) -> None:
        """Rows of one section, a line each. Raises BackupError for a value that JSON does not know."""
        try:
            lines = [orjson.dumps([section, _kept(row)], option=orjson.OPT_SORT_KEYS) for row in rows]
        except TypeError as error:
            raise BackupError(f"a row of {section} holds a value that a backup cannot keep: {error}") from error
        if lines:
            self.counts[section] = self.counts.get(section, 0) + len(lines)
            self._put(b"\n".join(lines) + b"\n")

    def close(self) -> str:
        """Write the trailer; returns the digest."""
        digest = self._hash.hexdigest()
        self._zip.write(orjson.dumps({"end": FORMAT, "counts": self.counts, "sha256": digest}) + b"\n")
        self._zip.close()
        return digest

    def _put(self, data: bytes) -> None:
        self._hash.update(data)
        self._zip.write(data)


def _kept(row: Row) -> Row:
    return {name: value for name, value in row.items() if value is not None} if None in row.values() else row


@contextmanager
def new_backup(path: Path) -> Iterator[BackupWriter]:
    """A backup that is at `path` when the block ends well, and nowhere when it does not. Raises BackupError where something is at `path`
    already, or the disk refuses."""
    if path.exists() or path.is_symlink():
        raise BackupError(f"{path} is there already: choose another name, or move it away first")
    partial: Path | None = None
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".partial", dir=path.parent)
        partial = Path(name)
        with os.fdopen(handle, "wb") as raw:
            yield BackupWriter(raw)
            raw.flush()
            os.fsync(raw.fileno())
        _publish(partial, path)
    except OSError as error:
        raise BackupError(f"cannot write {path}: {error.strerror or error}; nothing was left there") from error
    finally:
        if partial is not None:
            partial.unlink(missing_ok=True)


def _publish(partial: Path, path: Path) -> None:
    try:
        os.link(partial, path)  # unlike a renaming, this never replaces what somebody put there meanwhile
    except FileExistsError as error:
        raise BackupError(f"{path} is there already: choose another name, or move it away first") from error
    except OSError:  # a file system without hard links
        partial.rename(path)


def verify(path: Path, valid: Callable[[str, Row], bool], told: Callable[[int, int], None]) -> Verified:
    """Read the whole file and say what it is; raises BackupError unless it is complete, unaltered, and of this format and version.

    `valid`: whether a row can be used. `told` hears how many bytes of how many are read.
    """
    counts: dict[str, int] = {}
    hashed = sha256()
    header: Row | None = None
    trailer: Row | None = None
    size = max(1, _size(path))
    for number, (line, done) in enumerate(_lines(path), 1):
        if trailer is not None:
            raise BackupError(f"{path}, line {number}: there is something after the end of the backup: do not trust it")
        value = _parsed(path, number, line)
        if header is None:
            header = _checked_header(path, value)
        elif isinstance(value, dict) and value.get("end") == FORMAT:
            trailer = value
            continue
        else:
            section, row = _row(path, number, value)
            if not valid(section, row):
                raise BackupError(
                    f"{path}, line {number}: {section!r} row that this Wiki-C cannot use: it is damaged or newer"
                )
            counts[section] = counts.get(section, 0) + 1
        hashed.update(line)
        if number % 5_000 == 0:
            told(min(done, size), size)
    if header is None:
        raise BackupError(f"{path} is empty: it is no backup of Wiki-C")
    if trailer is None:
        raise BackupError(f"{path} ends too early: the copy is incomplete, get it again")
    if trailer.get("sha256") != hashed.hexdigest() or trailer.get("counts") != counts:
        raise BackupError(f"{path} was altered or damaged: its content does not match its SHA-256")
    told(size, size)
    return Verified(header, counts, hashed.hexdigest())


def rows(path: Path, sections: frozenset[str]) -> Iterator[tuple[str, Row, int]]:
    """The rows of some sections of a verified file, in its order, with the bytes of each."""
    marks = tuple(f'["{name}",'.encode() for name in sections)
    for line, _ in _lines(path):
        if line.startswith(marks):
            section, row = orjson.loads(line)
            yield section, row, len(line)


def _lines(path: Path) -> Iterator[tuple[bytes, int]]:
    """The lines with how many bytes of the file were read for them."""
    try:
        with path.open("rb") as raw, gzip.GzipFile(fileobj=raw, mode="rb") as unzipped:
            while line := unzipped.readline(_MAX_LINE):
                if not line.endswith(b"\n"):
                    raise BackupError(f"{path} ends in the middle of a line: the copy is incomplete, get it again")
                yield line, raw.tell()
    except EOFError as error:
        raise BackupError(f"{path} ends too early: the copy is incomplete, get it again") from error
    except gzip.BadGzipFile as error:
        raise BackupError(f"{path} is no backup of Wiki-C, or damaged: {error}") from error
    except zlib.error as error:
        raise BackupError(f"{path} is damaged: {error}") from error
    except OSError as error:
        raise BackupError(f"cannot read {path}: {error.strerror or error}") from error


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise BackupError(f"cannot read {path}: {error.strerror or error}") from error


def _parsed(path: Path, number: int, line: bytes) -> Any:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError as error:
        what = "is no backup of Wiki-C" if number == 1 else "is damaged"
        raise BackupError(f"{path}, line {number}: {what}: not JSON") from error


def _checked_header(path: Path, value: Any) -> Row:
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise BackupError(f"{path} is no backup of Wiki-C")
    version = value.get("version")
    if not isinstance(version, int) or version > VERSION:
        raise BackupError(
            f"{path} is a backup of format {version}, this program reads up to {VERSION}: use the newer Wiki-C that wrote it"
        )
    return value


def _row(path: Path, number: int, value: Any) -> tuple[str, Row]:
    if isinstance(value, list) and len(value) == 2 and isinstance(value[0], str) and isinstance(value[1], dict):
        return value[0], value[1]
    raise BackupError(f"{path}, line {number}: neither a row nor the end of a backup: it is damaged or newer")
