"""Downloads on disk, made once: a thread writes the file at its own speed, and everyone who asks meanwhile reads it as it grows.

So a slow reader holds nothing up, and one who leaves stops nothing. A kept file is derived: it can be deleted at any time.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

import structlog

from wikic.errors import Busy, StoreError, WikicError

Parts = Callable[[], Iterator[bytes]]

_MAKING: Final = 2
"""How many downloads one process makes at a time; what is kept already costs nothing."""
_PIECE: Final = 1 << 20

log = structlog.get_logger(__name__)


class Kept:
    """Downloads below `folder`; None, or a folder that cannot be written: each is made anew, for its reader alone."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._slots = threading.BoundedSemaphore(_MAKING)
        self._lock = threading.Lock()
        self._growing: dict[str, _Growing] = {}

    def path(self, name: str) -> Path | None:
        """The kept file of that name, if it is there."""
        place = self._folder / name if self._folder is not None else None
        return place if place is not None and place.is_file() else None

    def stream(self, name: str, parts: Parts) -> Iterator[bytes]:
        """The parts, made now and kept under that name. Raises Busy (at once, not when iterated) where too many are being made."""
        with self._lock:
            growing = self._growing.get(name)
            if growing is None:
                if not self._slots.acquire(blocking=False):
                    raise Busy("downloads of this size are being made already; try again soon", retry_after=20)
                growing = self._begin(name, parts)
            if growing is not None:
                return growing.read()
        return _Once(parts(), self._slots.release)

    def _begin(self, name: str, parts: Parts) -> _Growing | None:
        if self._folder is None:
            return None

        def done() -> None:
            self._growing.pop(name, None)
            self._slots.release()

        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            growing = _Growing(self._folder / name, parts, done, self._lock)
        except OSError as error:
            log.warning("downloads are not kept", folder=str(self._folder), reason=str(error))
            return None
        self._growing[name] = growing
        growing.start()
        return growing


class _Growing:
    """A file on its way: it appears at `place` once it is whole. Under `lock` it is found, or ends and calls `done`: never half of both."""

    def __init__(self, place: Path, parts: Parts, done: Callable[[], None], lock: threading.Lock) -> None:
        self._place, self._parts, self._done, self._lock = place, parts, done, lock
        self._new = place.with_name(f"{place.name}.{os.getpid()}.new")
        self._file = self._new.open("wb")
        self._moved = threading.Condition()
        self._size = 0
        self._ended = False
        self._failure: str = ""

    def start(self) -> None:
        """Begin to write."""
        threading.Thread(target=self._write, name="wikic-download", daemon=True).start()

    def read(self) -> Iterator[bytes]:
        """The file from its start, as it grows; to be called under the lock. Raises StoreError (later) where it cannot be made whole."""
        # Opened now: once it is whole it has another name.
        file = self._new.open("rb")
        return _Once(self._follow(file), file.close)

    def _follow(self, file: BinaryIO) -> Iterator[bytes]:
        place = 0
        with file:
            while True:
                with self._moved:
                    while not self._ended and self._size == place:
                        self._moved.wait()
                    size, ended, failure = self._size, self._ended, self._failure
                while place < size:
                    piece = file.read(min(_PIECE, size - place))
                    place += len(piece)
                    yield piece
                if failure:
                    raise StoreError(f"the download could not be made whole: {failure}")
                if ended and place == size:
                    return

    def _write(self) -> None:
        failure = ""
        try:
            with self._file as file:
                for part in self._parts():
                    file.write(part)
                    file.flush()
                    with self._moved:
                        self._size += len(part)
                        self._moved.notify_all()
        except (WikicError, OSError) as error:
            failure = str(error)
            log.warning("a download could not be made", place=str(self._place), reason=failure)
        except BaseException as error:
            failure = f"{type(error).__name__}: {error}"
            raise
        finally:
            self._end(failure)

    def _end(self, failure: str) -> None:
        with self._lock:
            try:
                if not failure:
                    self._new.replace(self._place)
            except OSError as error:
                failure = str(error)
            finally:
                with suppress(OSError):
                    self._new.unlink()
                self._done()
        with self._moved:
            self._ended, self._failure = True, failure
            self._moved.notify_all()


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
