"""Whole releases as files: statements in one order, streamed out of the store as of the release's number, and kept once made.

A kept file is derived: it belongs to one epoch, number, address and version of the program, and can be deleted at any time.
"""

from __future__ import annotations

import os
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO, Final

import structlog

from wikic import __version__
from wikic.domain.vocabulary import PUBLIC_SPACE, SCHEMES
from wikic.errors import Busy, StoreError
from wikic.linked_data import serialise
from wikic.linked_data.catalogue import ReleaseFacts, SchemeFacts, describe_release
from wikic.linked_data.provenance import describe_change
from wikic.linked_data.triples import Dated, Described, describe
from wikic.linked_data.vocabulary import Site, Statement
from wikic.services.reading_moments import Moment
from wikic.services.reading_schemes import TERMS
from wikic.store.dump_reading import Whole, read_log, read_whole
from wikic.store.engine import Engine

FORMS: Final[dict[str, Callable[[Iterable[serialise.Block]], Iterator[bytes]]]] = {
    "ttl": serialise.turtle,
    "nt": serialise.ntriples,
    "jsonld": serialise.json_ld,
}
"""The forms of a download, by suffix."""

_TOGETHER: Final = 200
"""Concepts whose statements go out in one piece."""
_LEVEL: Final = 5
_GZIP_HEADER: Final = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_MAKING: Final = 2
"""How many downloads one process makes at a time; what is kept already costs nothing."""

log = structlog.get_logger(__name__)


def scheme_facts(scheme: str) -> SchemeFacts:
    """The terms of a scheme."""
    terms = TERMS[scheme]
    return SchemeFacts(scheme, terms.title, terms.licence, terms.licence_url, terms.attribution)


def described(whole: Whole, times: dict[int, str]) -> Described:
    """A concept of the store, with the times of its changes. Raises StoreError where one is not in the log."""
    missing = {whole.born, whole.since} - times.keys()
    if missing:
        raise StoreError(
            f"number {min(missing)} has rows of concept {whole.identity.uuid} but no change in the log: run `wikic check`"
        )
    dated = Dated((whole.born, times[whole.born]), (whole.since, times[whole.since]))
    return Described(whole.identity, whole.content, whole.relations, whole.aliases, whole.base, dated)


def blocks(engine: Engine, moment: Moment, site: Site, release: ReleaseFacts) -> Iterator[serialise.Block]:
    """Everything that holds at a moment: the release with its schemes and their terms, the change log, then the concepts by uuid."""
    yield describe_release(site, replace(release, state=""), [scheme_facts(scheme) for scheme in SCHEMES])
    times: dict[int, str] = {}
    said: set[Statement] = set()
    for change in read_log(engine, [PUBLIC_SPACE], moment.at):
        times[change.seq] = change.time
        made = [each for each in describe_change(site, change) if each not in said]
        # Those who make changes are few; each is described once.
        said.update(each for each in made if each[0] != site.change(change.seq))
        yield made
    pending: serialise.Block = []
    waiting = 0
    with closing(read_whole(engine, moment.at)) as concepts:
        for whole in concepts:
            pending += describe(site, described(whole, times))
            waiting += 1
            if waiting == _TOGETHER:
                yield pending
                pending, waiting = [], 0
    if pending:
        yield pending


def gzipped(parts: Iterable[bytes]) -> Iterator[bytes]:
    """The parts as one gzip member; no time and no name in it, so that equal content gives equal bytes."""
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    checksum, size = 0, 0
    yield _GZIP_HEADER
    for part in parts:
        checksum = zlib.crc32(part, checksum)
        size += len(part)
        packed = packer.compress(part)
        if packed:
            yield packed
    tail = (checksum & 0xFFFFFFFF).to_bytes(4, "little") + (size & 0xFFFFFFFF).to_bytes(4, "little")
    yield packer.flush() + tail


def dump(
    engine: Engine, moment: Moment, site: Site, release: ReleaseFacts, form: str, *, packed: bool
) -> Iterator[bytes]:
    """A download, in pieces; the same bytes each time."""
    parts = FORMS[form](blocks(engine, moment, site, release))
    return gzipped(parts) if packed else parts


class Kept:
    """Downloads on disk, below `folder`; None: nothing is kept, and each is made anew."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._slots = threading.BoundedSemaphore(_MAKING)

    def path(self, moment: Moment, site: Site, release: ReleaseFacts, name: str) -> Path | None:
        """The kept file of a download, if it is there. `name` is such as `nt.gz`."""
        place = self._place(moment, site, release, name)
        return place if place is not None and place.is_file() else None

    def stream(
        self, parts: Callable[[], Iterator[bytes]], moment: Moment, site: Site, release: ReleaseFacts, name: str
    ) -> Iterator[bytes]:
        """The parts, made now and kept on the way. Raises Busy (at once, not when iterated) where too many are being made."""
        if not self._slots.acquire(blocking=False):
            raise Busy("downloads of this size are being made already; the next one can be made soon", retry_after=20)
        return _Once(self._parts(parts, self._place(moment, site, release, name)), self._slots.release)

    def _parts(self, parts: Callable[[], Iterator[bytes]], place: Path | None) -> Iterator[bytes]:
        with _into(place) as file:
            for part in parts():
                file.write(part)
                yield part

    def _place(self, moment: Moment, site: Site, release: ReleaseFacts, name: str) -> Path | None:
        if self._folder is None:
            return None
        told = "\n".join((moment.epoch, str(moment.seq), site.base, release.name, __version__))
        return self._folder / f"{blake2b(told.encode(), digest_size=8).hexdigest()}-{moment.seq}.{name}"


class _Once(Iterator[bytes]):
    """An iterator that gives back what it holds when it ends, is closed or is forgotten, also before its first step."""

    def __init__(self, parts: Iterator[bytes], done: Callable[[], None]) -> None:
        self._parts, self._done = parts, done
        self._open = True

    def __next__(self) -> bytes:
        try:
            return next(self._parts)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Stop here."""
        if self._open:
            self._open = False
            close = getattr(self._parts, "close", None)
            if close is not None:
                close()
            self._done()

    def __del__(self) -> None:
        self.close()


@contextmanager
def _into(place: Path | None) -> Iterator[_Keeper]:
    """A file that appears at `place` once it is whole; where it cannot be written, nothing is kept and the reader notices nothing."""
    file: BinaryIO | None = None
    new: Path | None = None
    if place is not None:
        new = place.with_name(f"{place.name}.{os.getpid()}.{threading.get_ident()}.new")
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            file = new.open("wb")
        except OSError as error:
            log.warning("a download is not kept", place=str(place), reason=str(error))
    keeper = _Keeper(file)
    try:
        yield keeper
        if keeper.finish() and new is not None and place is not None:
            new.replace(place)
    finally:
        keeper.finish()
        if new is not None:
            with suppress(OSError):
                new.unlink()


class _Keeper:
    """Writes while it can."""

    def __init__(self, file: BinaryIO | None) -> None:
        self._file = file

    def write(self, content: bytes) -> None:
        """Keep one more part."""
        if self._file is not None:
            try:
                self._file.write(content)
            except OSError as error:
                log.warning("a download is not kept", reason=str(error))
                self._drop()

    def finish(self) -> bool:
        """Whether everything was written."""
        if self._file is None:
            return False
        file, self._file = self._file, None
        try:
            file.close()
        except OSError as error:
            log.warning("a download is not kept", reason=str(error))
            return False
        return True

    def _drop(self) -> None:
        if self._file is not None:
            with suppress(OSError):
                self._file.close()
            self._file = None
