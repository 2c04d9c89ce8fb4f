"""Keeping the index in step with the store: build, catch up, reload, in this process or by another one of the machine."""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from wikic.services.searching_entries import entry_of
from wikic.store.engine import Engine
from wikic.store.history import read_heads, touched_between
from wikic.store.index_feed import count_states, read_all, read_changed
from wikic.text.folder import IndexFolder, Stamp
from wikic.text.index import FORMAT, Index, Mark, Writing, open_index
from wikic.text.search import Snapshot

Progress = Callable[[str, int, int], None]
"""Called with a stage's name, what is done and the total, in rows."""

_BULK: Final = 20_000
_LOOK_SECONDS: Final = 1.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Reached:
    """What was done to the index: `did` is built, updated or nothing; `states` how many documents were written."""

    did: str
    seq: int
    states: int
    seconds: float


def _at_once() -> None:
    """Nobody is waited for between two states."""


class SpaceIndex:
    """The index of one space: read by all processes of the data folder, written by whichever holds its lock."""

    def __init__(self, engine: Engine, space: str, folder: Path | None) -> None:
        self._engine, self._space = engine, space
        if folder is None:
            # Without a data folder (tests, tools) the index lives as long as this object.
            folder = Path(tempfile.mkdtemp(prefix="wikic-index-"))
            weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        self._folder = IndexFolder(folder / space)
        self._lock = threading.Lock()
        self._index: Index | None = None
        self._snapshot: Snapshot | None = None
        self._stamp: Stamp | None = None
        self._looked = 0.0
        self.building = False

    def snapshot(self, epoch: str, seq: int) -> Snapshot | None:
        """The index as this process has it, reloaded where it is not of this epoch and number and the disk has a newer one; None
        where there is none of this epoch."""
        found = self._snapshot
        now = time.monotonic()
        fits = found is not None and found.mark is not None and (found.mark.epoch, found.mark.seq) == (epoch, seq)
        if not fits or now - self._looked > _LOOK_SECONDS:
            self._looked = now
            found = self.reload()
        return found if found is not None and found.mark is not None and found.mark.epoch == epoch else None

    def reload(self) -> Snapshot | None:
        """The index as it is on disk now; None where there is none that this program can read."""
        with self._lock:
            stamp = self._folder.stamp()
            if stamp is None or stamp == self._stamp:
                return self._snapshot
            if self._index is None or self._stamp is None or stamp[0] != self._stamp[0]:
                self._index = self._folder.open(stamp[0])
            if self._index is None:
                return self._snapshot
            try:
                self._index.reload()
                made = Snapshot(self._index)
            except ValueError:
                # Cleared away between two looks: the next one finds its successor.
                self._index = None
                return self._snapshot
            if made.mark is not None and made.mark.format == FORMAT:
                self._snapshot, self._stamp = made, stamp
            return self._snapshot

    def catch_up(
        self, *, wait: bool, rebuild: bool = False, progress: Progress | None = None, pause: Callable[[], object] = _at_once
    ) -> Reached | None:
        """Bring the index to the head, or build it where it is missing, damaged, of another form or another store. None where
        another process is at it and `wait` is false. `pause` is called between two states.

        Raises StoreUnavailable and its kind, and what `progress` raises; the index then is as it was.
        """
        with self._folder.writing(wait=wait) as ours:
            if not ours:
                return None
            started = time.monotonic()
            epoch, heads, _ = read_heads(self._engine)
            head = heads.get(self._space, 0)
            mark = self._mark()
            if rebuild or mark is None or mark.format != FORMAT or mark.epoch != epoch or mark.seq > head:
                did, states = "built", self._build(Mark(head, epoch), progress, pause)
            elif mark.seq < head:
                did, states = "updated", self._update(mark.seq, Mark(head, epoch), progress, pause)
            else:
                return Reached("nothing", head, 0, 0.0)
        self.reload()
        reached = Reached(did, head, states, round(time.monotonic() - started, 3))
        if structlog.is_configured():
            log.info("index " + did, space=self._space, seq=head, states=states, seconds=reached.seconds)
        return reached

    def _mark(self) -> Mark | None:
        """What the disk says has been reached; None where nothing usable is there."""
        name = self._folder.current()
        index = self._folder.open(name) if name else None
        if index is None:
            return None
        try:
            index.reload()
            return Snapshot(index).mark
        except ValueError:
            return None

    def _build(self, mark: Mark, progress: Progress | None, pause: Callable[[], object]) -> int:
        self.building = True
        try:
            name = self._folder.new()
            sizes = count_states(self._engine, self._space, mark.seq)
            total = sum(sizes.values())
            done = 0
            with Writing(open_index(self._folder.path / name, create=True), bulk=True) as writing:
                for page in read_all(self._engine, self._space, mark.seq, sizes):
                    for row in page:
                        pause()
                        writing.add(entry_of(row))
                    done += len(page)
                    if progress is not None:
                        progress("indexing", done, total)
                writing.finish(mark)
            self._folder.publish(name)
            return done
        finally:
            self._folder.tidy()
            self.building = False

    def _update(self, start: int, mark: Mark, progress: Progress | None, pause: Callable[[], object]) -> int:
        self._folder.tidy()
        touched = touched_between(self._engine, self._space, start, mark.seq)
        index = open_index(self._folder.path / self._folder.current())
        done = 0
        with Writing(index, bulk=len(touched) > _BULK) as writing:
            for page in read_changed(self._engine, self._space, touched, start, mark.seq):
                for row in page:
                    pause()
                    writing.remove(row["concept"], int(row["from_seq"]))
                    writing.add(entry_of(row))
                done += len(page)
                if progress is not None:
                    progress("indexing", done, done)
            writing.finish(mark)
        return done
