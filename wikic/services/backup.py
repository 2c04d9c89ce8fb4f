"""Saving the whole store into a file and restoring it into an empty one, on either engine.

Flow of a save: pin one moment -> stream its rows -> trailer -> into place. It takes no lock: whoever writes meanwhile is above the pinned heads.
Flow of a restore: trust the whole file -> lease of an empty store -> rows -> heads, logs, counters and a new epoch at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import structlog

from wikic import __version__
from wikic.domain.changes import now
from wikic.domain.vocabulary import PUBLIC_SPACE
from wikic.errors import BackupError, WikicError
from wikic.services import backup_file
from wikic.store.engine import Engine
from wikic.store.schema import wanted_version
from wikic.store.snapshot import LAST, SECTIONS, Pinned
from wikic.store.snapshot_reading import SnapshotReader
from wikic.store.snapshot_writing import SnapshotWriter, knows

log = structlog.get_logger(__name__)

Stage = Callable[[str, int, int], None]
"""Told the stage ("saving", "reading", "writing"), how much of it is done, and how much there is (bytes for "reading", else rows)."""


@dataclass(slots=True)
class BackupReport:
    """What was saved or restored. `heads` by space; `counts` of rows by section; `epoch` of the saved store, or the new one of the
    restored store; `size` of the file in bytes; `created` (UTC) and `sha256` are those of the file."""

    path: str
    created: str
    heads: dict[str, int]
    epoch: str
    counts: dict[str, int]
    size: int
    sha256: str
    seconds: dict[str, float] = field(default_factory=dict)


class Backup:
    """The backup flow over one store."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def save(self, path: Path, progress: Stage | None = None) -> BackupReport:
        """Save all that is visible now into a new file. Writers may go on.

        Raises BackupError (something is at `path`, the disk is full, rows that cannot be kept), StoreNotReady, StoreUnavailable.
        """
        path = Path(path)
        started = time.perf_counter()
        with backup_file.new_backup(path) as file:
            reader = SnapshotReader(self._engine)
            created = now()
            file.header(_header(reader.pinned, created))
            done, total = 0, sum(reader.totals.values())
            for section in SECTIONS:
                for page in reader.pages(section.name):
                    file.rows(section.name, page)
                    done += len(page)
                    if progress is not None:
                        progress("saving", done, total)
            digest = file.close()
        pinned = reader.pinned
        seconds = {"saving": round(time.perf_counter() - started, 3)}
        size = path.stat().st_size
        return BackupReport(str(path), created, pinned.heads, pinned.epoch, file.counts, size, digest, seconds)

    def restore(self, path: Path, progress: Stage | None = None) -> BackupReport:
        """Restore a saved file into this store, which must be empty; the file is read to its end before anything is written.

        Raises BackupError (a file that cannot be trusted, a store that is not empty), Busy, LeaseLost, StoreUnavailable. Whatever
        happens, readers see an empty store or the whole one.
        """
        path = Path(path)
        started = time.perf_counter()
        told = partial(progress, "reading") if progress is not None else _silent
        verified = backup_file.verify(path, knows, told)
        pinned = _pinned(path, verified.header)
        read = time.perf_counter()
        epoch = self._write(path, pinned, verified, progress)
        return BackupReport(
            str(path),
            str(verified.header["created"]),
            pinned.heads,
            epoch,
            verified.counts,
            path.stat().st_size,
            verified.digest,
            {"reading": round(read - started, 3), "writing": round(time.perf_counter() - read, 3)},
        )

    def _write(self, path: Path, pinned: Pinned, verified: backup_file.Verified, progress: Stage | None) -> str:
        names = frozenset(section.name for section in SECTIONS)
        done, total = 0, sum(verified.counts.values())

        def told(rows: int) -> None:
            nonlocal done
            done += rows
            if progress is not None:
                progress("writing", done, total)

        writer = SnapshotWriter.begin(self._engine, pinned.seq)
        try:
            writer.write(backup_file.rows(path, names - LAST), told)
            writer.check_counts(verified.counts)
            epoch = writer.finish_with(pinned, lambda: backup_file.rows(path, LAST))
        except BaseException as error:
            # Interrupted by a person: do not keep them waiting, whoever comes next clears away what is there.
            _give_up(writer, clear=isinstance(error, WikicError))
            raise
        told(total - done)
        return epoch


def _give_up(writer: SnapshotWriter, *, clear: bool) -> None:
    try:
        writer.give_up(clear=clear)
    except WikicError as error:
        log.warning("what the failed restore wrote is cleared away by the next one", reason=str(error))


def _silent(_done: int, _total: int) -> None:
    pass


def _header(pinned: Pinned, created: str) -> dict[str, object]:
    return {
        "schema": pinned.schema,
        "epoch": pinned.epoch,
        "heads": pinned.heads,
        "seq": pinned.seq,
        "event": pinned.event,
        "more": pinned.more,
        "created": created,
        "program": f"wikic {__version__}",
    }


def _pinned(path: Path, header: backup_file.Row) -> Pinned:
    """What a header says, checked; the rows are in the file."""
    kinds = {"schema": int, "epoch": str, "heads": dict, "seq": int, "event": int, "created": str}
    for name, kind in kinds.items():
        if not isinstance(header.get(name), kind):
            raise BackupError(f"{path}: its header has no usable {name!r}: it was not written by Wiki-C")
    if header["schema"] > wanted_version():
        raise BackupError(
            f"{path} is of a store with schema {header['schema']}, this program knows up to {wanted_version()}:"
            " use the newer Wiki-C that wrote it"
        )
    heads = header["heads"]
    if PUBLIC_SPACE not in heads or not all(isinstance(head, int) for head in heads.values()):
        raise BackupError(f"{path}: its header has no usable 'heads': it was not written by Wiki-C")
    return Pinned(
        heads, header["schema"], header["epoch"], header["seq"], header["event"], [], [], dict(header.get("more") or {})
    )
