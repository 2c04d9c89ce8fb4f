"""A map of growing rows that moves to temporary files when memory is short, and comes back one part at a time.

Flow: `esco_rdf_reading` adds rows to `live` while it parses and calls `spill` when its budget is used up; `drain` hands
every key out once, with all its rows, whatever order they came in (a partitioned hash join).
"""

from __future__ import annotations

import marshal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any, Generic, TypeVar
from zlib import crc32

from wikic.errors import SourceError

PARTS = 32
"""Files a map is spread over: only one part of it is in memory while it is drained."""

_LENGTH = 8

Key = TypeVar("Key", int, str)
Row = int | str | tuple[str, ...]
Rows = TypeVar("Rows", list[Row], tuple[Row, ...])


class SpillMap(Generic[Key, Rows]):
    """`live` maps a key to its rows, laid flat in a list (to grow much) or a tuple (small, no work for the collector).

    Add to it freely, except while it is drained.
    """

    def __init__(self, folder: SpillFolder) -> None:
        self.live: dict[Key, Rows] = {}
        self._folder = folder
        self._files: list[IO[bytes]] = []

    @property
    def spilled(self) -> bool:
        """Whether anything was moved to files."""
        return bool(self._files)

    def spill(self) -> None:
        """Move all live rows to files. Raises SourceError when they cannot be written."""
        if not self.live:
            return
        if not self._files:
            self._files = self._folder.files(PARTS)
        parts: list[dict[Key, Rows]] = [{} for _ in range(PARTS)]
        part_of = _part
        for key, rows in self.live.items():
            parts[part_of(key)][key] = rows
        self.live.clear()
        for i, stream in enumerate(self._files):
            block = marshal.dumps(parts[i])
            parts[i] = {}
            self._folder.guard(stream.write, len(block).to_bytes(_LENGTH, "little"))
            self._folder.guard(stream.write, block)

    def drain(self) -> Iterator[tuple[Key, Rows]]:
        """Every key with all its rows, then nothing is left. In the order of arrival when nothing was spilled."""
        if not self._files:
            # popitem takes the last: with the order turned round, memory is freed while keys are handed out.
            self.live = dict(reversed(self.live.items()))
            while self.live:
                yield self.live.popitem()
            return
        self.spill()
        for stream in self._files:
            part: dict[Key, Rows] = {}
            self._folder.guard(stream.flush)
            stream.seek(0)
            for block in _blocks(stream):
                for key, rows in block.items():
                    known = part.get(key)
                    part[key] = rows if known is None else known + rows
            stream.truncate(0)
            while part:
                yield part.popitem()
        self._files = []


class SpillFolder:
    """Where spilled rows lie: a temporary folder below `parent` (None: the system's own), made when first needed."""

    def __init__(self, parent: Path | None) -> None:
        self._parent = parent
        self._stack = ExitStack()
        self._path: Path | None = None

    def files(self, n: int) -> list[IO[bytes]]:
        """n new empty files, open for writing and reading until `close`."""
        return self.guard(self._make, n)

    def guard(self, action: Callable[..., Result], *args: object) -> Result:
        """Call `action`; an error of the disk becomes a SourceError that says what to do."""
        try:
            return action(*args)
        except OSError as error:
            raise SourceError(
                f"cannot write temporary files in {self._path or self._parent or tempfile.gettempdir()}: "
                f"{error.strerror or error}; make room there, or name another folder"
            ) from error

    def close(self) -> None:
        """Remove every file; nothing can be drained afterwards."""
        self._stack.close()
        self._path = None

    def _make(self, n: int) -> list[IO[bytes]]:
        if self._path is None:
            name = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="wikic-import-", dir=self._parent))
            self._path = Path(name)
        start = sum(1 for _ in self._path.iterdir())
        return [self._stack.enter_context((self._path / f"{start + i}.part").open("w+b")) for i in range(n)]


Result = TypeVar("Result")


def _part(key: int | str) -> int:
    # Not hash(): it differs from run to run, and equal runs should hand out in equal order.
    return (key if isinstance(key, int) else crc32(key.encode())) % PARTS


def _blocks(stream: IO[bytes]) -> Iterator[Any]:
    # Not marshal.load(stream): it reads a few bytes at a time, four times as slow.
    while head := stream.read(_LENGTH):
        block = stream.read(int.from_bytes(head, "little"))
        yield marshal.loads(block)  # noqa: S302 - written by this process, in a folder of its own
