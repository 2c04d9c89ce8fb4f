"""The embedded store: one process owns the engine of a data folder, others attach to it.

`open_embedded` takes the folder's lock and starts the engine, or attaches to the one that the lock's holder runs. Where
the owner has died, the first that needs the engine takes the lock and starts it again; an engine that dies alone is
restarted by its owner. `refresh` tells an `Engine` where the store answers after any of that.

Files in the data folder: `store.lock` (held by the owner, who writes its process id into it), `store.json` (where the
engine answers, mode 0600) and `store/` (databases and logs of the engine).
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import threading
import time
import weakref
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import structlog

from wikic.errors import StoreError, StoreLocked, StoreUnavailable, WikicError
from wikic.store.embedded_process import (
    START_SECONDS,
    EngineProcess,
    ProcessOptions,
    read_json,
    write_private,
)
from wikic.store.engine import Connection

log = structlog.get_logger(__name__)

_RESTARTS = 3
_MEGABYTE = 1_000_000
_LITTLE = 50 * _MEGABYTE
"""So little that the engine may have wanted more: some of what it took comes back when it fails."""
_RESTART_WINDOW = 60.0
_open_stores: weakref.WeakSet[EmbeddedStore] = weakref.WeakSet()


class EmbeddedStore:
    """This process's hold on the embedded store of one data folder; made by `open_embedded`, safe between threads."""

    def __init__(self, data: Path, options: ProcessOptions, *, may_start: bool, exclusive: bool) -> None:
        self.data = data
        self._options = options
        self._may_start = may_start
        self._exclusive = exclusive
        self._mutex = threading.RLock()
        self._lock_file: IO[str] | None = None
        self._engine: EngineProcess | None = None
        self._connection: Connection | None = None
        self._starts: list[float] = []
        self._closed = False

    @property
    def owner(self) -> bool:
        """True if this process holds the folder's lock and runs the engine."""
        return self._lock_file is not None

    @property
    def engine_pid(self) -> int | None:
        """Process id of the engine that was running when this process last looked."""
        if self._engine is not None:
            return self._engine.pid
        return _number((read_json(self.data / "store.json") or {}).get("pid"))

    def connection(self) -> Connection:
        """Where the engine answers (as far as known; `refresh` looks again)."""
        connection = self._connection
        return connection if connection is not None else self.refresh()

    def refresh(self) -> Connection:
        """Where the engine answers now, starting or restarting it if that falls to this process.

        Raises StoreUnavailable (nobody runs it and this process may not, or it cannot start), StoreLocked (a process
        holds the folder for itself), StoreError (the folder cannot be used).
        """
        deadline = time.monotonic() + START_SECONDS
        while True:
            with self._mutex:
                if self._closed:
                    raise StoreUnavailable(f"the embedded store in {self.data} was closed")
                if self.owner or self._take_lock():
                    return self._own()
                connection = self._published()
            if connection is not None:
                self._connection = connection
                return connection
            if time.monotonic() > deadline:
                raise StoreUnavailable(
                    f"process {self._holder()[0]} holds the embedded store in {self.data} but its engine does not "
                    "start: look at its messages, or stop it"
                )
            time.sleep(0.02)

    def close(self) -> None:
        """Let go of the store; the owner stops the engine, and one of the attached starts it again on its next use."""
        with self._mutex:
            self._closed = True
            _open_stores.discard(self)
            if self._engine is not None:
                self._engine.stop()
            if self._lock_file is not None:
                (self.data / "store.json").unlink(missing_ok=True)
                self._lock_file.close()
                self._lock_file = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _take_lock(self) -> bool:
        """Try to become the owner; False where another process is, or where this one may not start an engine."""
        if not self._may_start:
            if self._is_locked():
                return False
            raise StoreUnavailable(f"nobody runs the embedded store in {self.data}: start `wikic serve` first")
        try:
            self.data.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock_file = (self.data / "store.lock").open("a+", encoding="utf-8")
        except OSError as error:
            raise StoreError(
                f"cannot use the data folder {self.data}: {error.strerror} ({error.filename}); "
                "check WIKIC_DATA, owner and permissions"
            ) from error
        try:
            fcntl.flock(lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock_file.close()
            holder, exclusively = self._holder()
            if self._exclusive or exclusively:
                raise StoreLocked(
                    f"process {holder} uses the embedded store in {self.data}: stop it, then try again"
                ) from None
            return False
        lock_file.truncate(0)
        lock_file.write(json.dumps({"pid": os.getpid(), "exclusive": self._exclusive}))
        lock_file.flush()
        self._lock_file = lock_file
        return True

    def _is_locked(self) -> bool:
        try:
            with (self.data / "store.lock").open(encoding="utf-8") as lock_file:
                fcntl.flock(lock_file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            holder, exclusively = self._holder()
            if exclusively:
                raise StoreLocked(f"process {holder} has the embedded store in {self.data} for itself") from None
            return True
        return False

    def _holder(self) -> tuple[int | None, bool]:
        content = read_json(self.data / "store.lock") or {}
        return _number(content.get("pid")), content.get("exclusive") is True

    def _published(self) -> Connection | None:
        """What the present owner wrote; None while it starts the engine (what is there is a dead owner's)."""
        content = read_json(self.data / "store.json")
        if content is None or content.get("owner") != self._holder()[0]:
            return None
        return Connection(str(content["uri"]), str(content["user"]), str(content["password"]), str(content["database"]))

    def _own(self) -> Connection:
        """As owner: the running engine's connection, after a start if it does not run."""
        if self._engine is not None and self._engine.alive() and self._connection is not None:
            return self._connection
        store_file = self.data / "store.json"
        stale = _number((read_json(store_file) or {}).get("pid"))
        if self._engine is not None:
            stale = None  # ours, and ended
            self._engine.release()
        store_file.unlink(missing_ok=True)
        engine = EngineProcess(self.data / "store", self._options)
        try:
            connection = engine.start(stale)
        except BaseException:
            if self._engine is None and self._lock_file is not None:
                self._lock_file.close()
                self._lock_file = None
            raise
        self._engine, self._connection = engine, connection
        content = {
            "uri": connection.uri,
            "port": int(connection.uri.rpartition(":")[2]),
            "user": connection.user,
            "password": connection.password,
            "database": connection.database,
            "pid": engine.pid,
            "owner": os.getpid(),
        }
        if not self._exclusive:
            write_private(store_file, json.dumps(content))
        self._starts.append(time.monotonic())
        threading.Thread(target=self._watch, args=(engine,), name="wikic-store-watch", daemon=True).start()
        return connection

    def _watch(self, engine: EngineProcess) -> None:
        """Wait for the end of one engine; start the next, unless it was stopped or dies again and again.

        The owner may be idle (the parent of the web workers) while those who are attached need the engine.
        """
        process = engine.process
        if process is None:
            return
        status = process.wait()
        with self._mutex:
            if self._closed or self._engine is not engine:
                return
            recent = [start for start in self._starts if time.monotonic() - start < _RESTART_WINDOW]
            self._starts = recent
            log.warning("embedded store ended", status=status, log=str(engine.log), restart=len(recent) <= _RESTARTS)
            if len(recent) > _RESTARTS:
                return
            try:
                self._own()
            except WikicError as error:
                log.error("embedded store cannot restart", reason=str(error))

    def forget_after_fork(self) -> None:
        """In a forked child: drop the copies of lock and pipe, so that parent and engine keep one owner."""
        if self._lock_file is not None:
            self._lock_file.close()
            self._lock_file = None
        if self._engine is not None:
            self._engine.forget_after_fork()
            self._engine = None
        self._mutex = threading.RLock()


def _forget_all() -> None:
    for store in list(_open_stores):
        store.forget_after_fork()


os.register_at_fork(after_in_child=_forget_all)


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None


def short_of_room(folder: Path) -> str:
    """What to say where hardly any room is left on the disk of a folder, since the engine does not say it; "" where there is enough."""
    try:
        free = shutil.disk_usage(folder).free
    except OSError:
        return ""
    return f"; perhaps because the disk is full: {free // _MEGABYTE} MB are free where {folder} is" if free < _LITTLE else ""


def open_embedded(
    data: Path,
    *,
    may_start: bool = True,
    exclusive: bool = False,
    options: ProcessOptions | None = None,
) -> EmbeddedStore:
    """Open the embedded store of a data folder: start its engine, or attach to the process that runs it.

    `may_start=False`: only attach. `exclusive`: be the only one, for work that nothing may see half done; raises
    StoreLocked, naming the process, where another has the folder. Raises StoreUnavailable or StoreError with one line
    that says why the engine cannot start. Close what you opened.
    """
    store = EmbeddedStore(data.absolute(), options or ProcessOptions(), may_start=may_start, exclusive=exclusive)
    _open_stores.add(store)
    try:
        store.refresh()
    except BaseException:
        store.close()
        raise
    return store


__all__ = ["EmbeddedStore", "ProcessOptions", "open_embedded"]
