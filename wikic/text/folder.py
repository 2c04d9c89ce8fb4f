"""Where an index lives: generations of it in one folder, of which one is current; a lock for whoever writes.

A rebuild goes into a new generation while the current one answers; `current` then names the new one, in one step. Nothing of this is
needed after a kill: a generation that no one finished is cleared away by the next one.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import tantivy

from wikic.text.index import open_index

_CURRENT: Final = "current"
_LOCK: Final = "lock"
_PREFIX: Final = "g-"

Stamp = tuple[str, int, int]
"""Tells one state of the folder from another: the current generation, when it last changed (ns), and the file that says so (each commit
makes a new one; the clock of files is coarse)."""


class IndexFolder:
    """One index on disk."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def current(self) -> str:
        """The name of the current generation; "" where there is none."""
        try:
            return (self.path / _CURRENT).read_text().strip()
        except (FileNotFoundError, NotADirectoryError):
            return ""

    def stamp(self) -> Stamp | None:
        """The folder's present state; None where there is no index."""
        name = self.current()
        if not name:
            return None
        try:
            status = (self.path / name / "meta.json").stat()
        except FileNotFoundError:
            return None
        return name, status.st_mtime_ns, status.st_ino

    def open(self, name: str) -> tantivy.Index | None:
        """A generation; None where it cannot be opened (of another form, damaged, or just cleared away)."""
        try:
            return open_index(self.path / name)
        except (ValueError, OSError):
            return None

    @contextmanager
    def writing(self, *, wait: bool) -> Iterator[bool]:
        """Be the one that writes; gives False where another process (or thread) is, unless told to wait."""
        self.path.mkdir(parents=True, exist_ok=True)
        with (self.path / _LOCK).open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError:
                yield False
                return
            yield True

    def new(self) -> str:
        """An empty generation, for whoever holds the lock; what else is not current is cleared away."""
        self.tidy()
        name = _PREFIX + secrets.token_hex(4)
        (self.path / name).mkdir()
        return name

    def publish(self, name: str) -> None:
        """Make a finished generation the current one."""
        draft = self.path / f"{_CURRENT}.new"
        with draft.open("w") as file:
            file.write(name)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.path / _CURRENT)

    def tidy(self) -> None:
        """Clear away what is not current, for whoever holds the lock. Readers that still have it open go on with it."""
        kept = self.current()
        for folder in self.path.glob(f"{_PREFIX}*"):
            if folder.name != kept:
                with suppress(FileNotFoundError):
                    shutil.rmtree(folder)
