"""Opening what users hand in: a file, a .gz, a .zip or a folder of them, safely, with progress and digests.

Flow: path -> `open_files` (names and cheap checks) -> a `FileSet` of `Member`s -> each importer reads them with
`FileSet.open` (bytes) or `FileSet.lines` (text). Whatever is wrong with a file leaves as a `SourceError` naming it.
"""

from __future__ import annotations

import gzip
import io
import os
import stat
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, cast

from wikic.domain.records import Progress
from wikic.errors import SourceError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MAX_TOTAL = 20 << 30
"""Bytes that one set may hold when unpacked; more is taken for a bomb."""
FREE_BYTES = 100 << 20
"""Below this many unpacked bytes no ratio is looked at: small files compress well."""
MAX_RATIO = 200
"""Unpacked bytes per packed byte above which a file is taken for a bomb."""

_BLOCK = 1 << 20
_STEP = 1 << 20
_HEAD = 512
_USUAL_RATIO = 8


@dataclass(frozen=True, slots=True)
class Member:
    """One readable file.

    `name` is shown to people (`folder/file.csv`, `esco.zip/skills_en.csv`), `base` is its last part without `.gz`,
    `suffix` is that of `base` in lower case (".csv"), `size` its bytes on disk (packed, for a member of a zip).
    """

    name: str
    base: str
    suffix: str
    path: Path
    size: int
    inner: str = ""
    packed: bool = False


class Meter:
    """Adds up the bytes of the files that were read and tells a Progress of them, about once per mebibyte."""

    def __init__(self, total: int, progress: Progress | None = None) -> None:
        self.total = total
        self.done = 0
        self._progress = progress
        self._told = 0

    def add(self, n: int) -> None:
        """Count n more bytes (as they lie on disk)."""
        self.done += n
        if self._progress is not None and self.done - self._told >= _STEP:
            self._told = self.done
            self._progress(min(self.done, self.total), self.total)

    def finish(self) -> None:
        """Tell that all was read."""
        if self._progress is not None:
            self._progress(self.total, self.total)


@dataclass(slots=True)
class FileSet:
    """The files of one source, sorted by name. `others` names the files of another suffix that were left aside."""

    path: Path
    members: list[Member]
    others: list[str] = field(default_factory=list)
    _unpacked: dict[str, int] = field(default_factory=dict, repr=False)

    @property
    def size(self) -> int:
        """Bytes on disk, the total that a Meter of this set counts to."""
        return sum(member.size for member in self.members)

    def digest(self, options: Sequence[str] = (), *, names: bool = True) -> str:
        """SHA-256 (hex) over the files as they lie on disk and the reading options.

        `names` says whether a file's name changes what it says (`skills_fr.csv`).
        """
        total = sha256()
        for option in options:
            total.update(b"o" + option.encode() + b"\0")
        for path in dict.fromkeys(member.path for member in self.members):
            inside = [member for member in self.members if member.path == path]
            total.update(b"f" + (",".join(m.name for m in inside) if names else "").encode() + b"\0")
            one = sha256()
            try:
                with path.open("rb", buffering=0) as stream:
                    while block := stream.read(_BLOCK):
                        one.update(block)
            except OSError as error:
                raise _unreadable(path.name, error) from error
            total.update(one.digest())
        return total.hexdigest()

    @contextmanager
    def open(self, member: Member, meter: Meter | None = None) -> Iterator[io.BufferedReader]:
        """The unpacked bytes of one member, buffered. A damaged or absurdly large one raises SourceError, even late."""
        with _unpacked(member) as (inner, place):
            yield io.BufferedReader(_Guarded(inner, place, member, meter, self._unpacked), _BLOCK)

    def head(self, member: Member, n: int = _HEAD) -> bytes:
        """The first n unpacked bytes of one member."""
        with self.open(member) as stream:
            return stream.read(n)

    def lines(self, member: Member, meter: Meter | None = None, encoding: str = "utf-8") -> Iterator[str]:
        """The lines of one text member with their ends, as `csv.reader` wants them; a byte order mark is dropped.

        `encoding` must be one whose line end is the byte 0A (not UTF-16). Raises SourceError naming the line that
        cannot be decoded.
        """
        with self.open(member, meter) as stream:
            for number, raw in enumerate(stream, 1):
                if number == 1:
                    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
                        raise SourceError(f"{member.name} is UTF-16 text: save it as UTF-8 and import it again")
                    raw = raw.removeprefix(b"\xef\xbb\xbf")
                try:
                    yield raw.decode(encoding)
                except UnicodeDecodeError as error:
                    raise SourceError(
                        f"{member.name}:{number}: byte 0x{raw[error.start]:02X} is not {encoding.upper()}: "
                        "save the file as UTF-8 and import it again"
                    ) from error


def open_files(path: Path, suffixes: Collection[str]) -> FileSet:
    """Find the files with one of `suffixes` (".csv", with the dot) in a folder (at any depth) or a zip.

    `.gz` may follow the suffix. A single file is taken whatever its suffix (look at its head: `refuse_foreign`). A
    folder may hold .gz and .zip files too. Raises SourceError when nothing is there, a wanted file is empty, or an
    archive is damaged or unsafe.
    """
    wanted = {suffix.lower() for suffix in suffixes}
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            found, others = _folder(path, wanted)
        elif stat.S_ISREG(mode):
            found, others = _file(path, path.name, wanted, alone=True)
        else:
            raise SourceError(f"{path} is neither a file nor a folder")
    except FileNotFoundError as error:
        raise SourceError(f"{path} does not exist") from error
    except OSError as error:
        raise _unreadable(str(path), error) from error
    if not found:
        what = ", ".join(sorted(wanted))
        there = f" (it holds {', '.join(sorted(others)[:5])})" if others else " (it is empty)"
        raise SourceError(f"{path} holds no {what} file{there}")
    for member in found:
        if member.size == 0:
            raise SourceError(f"{member.name} is empty: fetch it again")
    return FileSet(path, sorted(found, key=lambda member: member.name), sorted(others))


FOREIGN = (
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a zip archive (or an Office document)"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\xd0\xcf\x11\xe0", "an old Office document (.xls, .doc)"),
    (b"7z\xbc\xaf", "a 7-zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"(\xb5/\xfd", "a zstd archive"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"SQLite format", "an SQLite file"),
)


def foreign_kind(head: bytes) -> str:
    """What a file's first bytes say it is when it is none of the text formats read here ("a PDF document"), else ""."""
    for magic, what in FOREIGN:
        if head.startswith(magic):
            return what
    if head[257:262] == b"ustar":
        return "a tar archive"
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "UTF-16 text"
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "an HTML page"
    if b"\0" in head:
        return "a binary file"
    return ""


def refuse_foreign(head: bytes, name: str, wanted: str) -> None:
    """Raise SourceError when a file's first bytes show another kind than the `wanted` one ("Turtle", "CSV")."""
    what = foreign_kind(head)
    if what == "an HTML page":
        raise SourceError(f"{name} is an HTML page, not {wanted}: was a login or error page saved?")
    if what == "UTF-16 text":
        raise SourceError(f"{name} is UTF-16 text: save it as UTF-8 and import it again")
    if what:
        raise SourceError(f"{name} is {what}, not {wanted}")


def _folder(root: Path, wanted: Collection[str]) -> tuple[list[Member], list[str]]:
    found: list[Member] = []
    others: list[str] = []
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not _hidden(name))
        for name in sorted(names):
            path = Path(folder, name)
            if _hidden(name) or not path.is_file():
                continue
            shown = path.relative_to(root).as_posix()
            more, left = _file(path, shown, wanted, alone=False)
            found += more
            others += left
    return found, others


def _file(path: Path, shown: str, wanted: Collection[str], *, alone: bool) -> tuple[list[Member], list[str]]:
    with path.open("rb") as stream:
        magic = stream.read(4)
    size = path.stat().st_size
    suffix = path.suffix.lower()
    if magic == b"PK\x03\x04" and suffix not in wanted and (alone or suffix == ".zip"):
        return _zip(path, shown, wanted)
    base = path.name
    packed = magic[:2] == b"\x1f\x8b"
    if suffix == ".gz":
        base = path.stem
        suffix = Path(base).suffix.lower()
    if suffix in wanted or alone:
        return [Member(shown, base, suffix, path, size, packed=packed)], []
    return [], [shown]


def _zip(path: Path, shown: str, wanted: Collection[str]) -> tuple[list[Member], list[str]]:
    found: list[Member] = []
    others: list[str] = []
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise SourceError(f"{shown} is a damaged zip archive ({error}): fetch it again") from error
    # Members that share their bytes ("overlapping" bombs) add up to more than the archive.
    if sum(entry.compress_size for entry in entries) > path.stat().st_size:
        raise SourceError(f"{shown}: its members overlap, this is no honest zip archive")
    for entry in entries:
        name = entry.filename
        parts = PurePosixPath(name.replace("\\", "/")).parts
        if ".." in parts or name.startswith(("/", "\\")) or name[1:2] == ":":
            raise SourceError(f"{shown}: unsafe member name {name!r}, the archive is refused")
        if name in ("[Content_Types].xml", "mimetype"):
            raise SourceError(f"{shown} is an Office document, not a zip of {', '.join(sorted(wanted))} files")
        if entry.is_dir() or any(_hidden(part) for part in parts):
            continue
        base = parts[-1].removesuffix(".gz")
        suffix = Path(base).suffix.lower()
        member = Member(f"{shown}/{name}", base, suffix, path, entry.compress_size, name, parts[-1].endswith(".gz"))
        if suffix not in wanted:
            others.append(member.name)
        elif entry.flag_bits & 1:
            raise SourceError(f"{member.name} is encrypted: unpack it and import the folder")
        elif entry.file_size == 0:
            raise SourceError(f"{member.name} is empty: fetch it again")
        else:
            found.append(member)
    return found, others


def _hidden(name: str) -> bool:
    return name.startswith(".") or name == "__MACOSX"


def _unreadable(name: str, error: OSError) -> SourceError:
    return SourceError(f"{name} cannot be read: {error.strerror or error}")


@contextmanager
def _unpacked(member: Member) -> Iterator[tuple[IO[bytes], Callable[[int], int]]]:
    """The unpacked stream and how many bytes on disk a given number of unpacked bytes stands for."""
    with ExitStack() as stack:
        try:
            disk: IO[bytes] = stack.enter_context(member.path.open("rb"))
            stream = disk
            place: Callable[[int], int] = _same
            if member.inner:
                archive = stack.enter_context(zipfile.ZipFile(disk))
                entry = archive.getinfo(member.inner)
                stream = stack.enter_context(archive.open(entry))
                place = partial(_share, packed=entry.compress_size, unpacked=max(1, entry.file_size))
            if member.packed:
                stream = cast(IO[bytes], stack.enter_context(gzip.GzipFile(fileobj=stream)))
                place = partial(_share, packed=1, unpacked=_USUAL_RATIO) if member.inner else partial(_position, disk)
        except (zipfile.BadZipFile, NotImplementedError, KeyError) as error:
            raise SourceError(f"{member.name} cannot be unpacked ({error}): fetch it again") from error
        except OSError as error:
            raise _unreadable(member.name, error) from error
        yield stream, place


def _same(done: int) -> int:
    return done


def _position(disk: IO[bytes], _: int) -> int:
    return disk.tell()


def _share(done: int, *, packed: int, unpacked: int) -> int:
    return done * packed // unpacked


class _Guarded(io.RawIOBase):
    """The unpacked bytes of a member: counted, bounded, and with every damage told as a SourceError."""

    def __init__(
        self,
        inner: IO[bytes],
        place: Callable[[int], int],
        member: Member,
        meter: Meter | None,
        unpacked: dict[str, int],
    ) -> None:
        super().__init__()
        self._inner = inner
        self._place = place
        self._member = member
        self._meter = meter
        self._limit = max(FREE_BYTES, MAX_RATIO * member.size)
        self._compressed = bool(member.inner) or member.packed
        self._unpacked = unpacked
        self._done = 0
        self._told = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        name = self._member.name
        view = memoryview(buffer)
        try:
            block = self._inner.read(view.nbytes)
        except EOFError as error:
            raise SourceError(f"{name} ends too early (a broken download?): fetch it again") from error
        except (gzip.BadGzipFile, zipfile.BadZipFile, zlib.error) as error:
            raise SourceError(f"{name} is damaged ({error}): fetch it again") from error
        except OSError as error:
            raise _unreadable(name, error) from error
        n = len(block)
        view[:n] = block
        self._done += n
        if self._compressed:
            self._check(name)
        if self._meter is not None:
            place = self._member.size if n == 0 else min(self._place(self._done), self._member.size)
            if place > self._told:
                self._meter.add(place - self._told)
                self._told = place
        return n

    def _check(self, name: str) -> None:
        if self._done > self._limit:
            raise SourceError(
                f"{name} unpacks to more than {self._limit >> 20} MiB, {MAX_RATIO} times its size: "
                "it is refused as a bomb; unpack it yourself if you trust it"
            )
        self._unpacked[name] = self._done
        if sum(self._unpacked.values()) > MAX_TOTAL:
            raise SourceError(f"{name}: these archives unpack to more than {MAX_TOTAL >> 30} GiB, they are refused")
