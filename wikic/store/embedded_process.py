"""The child process of the embedded store: one ArcadeDB server from the wheel `arcadedb-embedded`.

Lowest part of the embedded store. `embedded.py` decides which process runs it; this module starts it on a loopback
port, waits until Bolt answers, and stops it. A small shell process watches a pipe from the owner: when the owner dies,
however it dies, the engine is stopped.
"""

from __future__ import annotations

import fcntl
import glob
import importlib.util
import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import neo4j
from neo4j.exceptions import DriverError, Neo4jError

from wikic.errors import StoreError, StoreUnavailable
from wikic.store.engine import Connection, driver_options

DATABASE = "wikic"
USER = "root"
START_SECONDS = 60.0
STOP_SECONDS = 20.0

# fd 0 is the engine's lock, fd 2 the pipe from the owner. A line on the pipe means that the engine ended and was
# reaped; end of file means that the owner died. The shell becomes the engine, so its process id is the engine's.
_LAUNCH = """
exec 3<&2 2>&1
(
  exec </dev/null >/dev/null 2>&1
  if read -r _ <&3; then exit 0; fi
  kill -TERM $$
  n=0
  while kill -0 $$ && [ $n -lt 50 ]; do sleep 0.1; n=$((n + 1)); done
  kill -KILL $$
) &
exec 3<&-
exec "$@"
"""

_LISTENING = re.compile(r"BOLT connections on \S*?:(\d+) ")
_LOG_LINE = re.compile(r"^[\d-]+ [\d:.]+ (\w+)\s+\[[^\]]*\]\s*(?:<[^>]*>)?\s*(.*)$")
_CAUSE = re.compile(r"^(?:Caused by: |Exception in thread \S+ )?((?:[a-z]\w*\.)+\w*(?:Exception|Error)\b.*)$")
_JVM_FAILURE = re.compile(r"^(Error: .*|Unrecognized .*|Invalid .*|There is insufficient memory.*)$")


JAVA: tuple[str, ...] = ("-XX:+UseSerialGC",)
"""Options of the Java that every engine runs on."""


@dataclass(frozen=True, slots=True)
class ProcessOptions:
    """How the engine runs: maximum heap (as in `-Xmx`), flush of the log at commit, extras.

    `wal_flush`: 0 leaves the written log to the operating system (survives the death of the engine, not a power cut),
    1 forces its data to the disk, 2 also the file's metadata.
    """

    heap: str = "1g"
    wal_flush: int = 1
    settings: Mapping[str, str] = field(default_factory=dict)


def _wheel_folder() -> Path:
    spec = importlib.util.find_spec("arcadedb_embedded")
    if spec is None or not spec.submodule_search_locations:
        raise StoreError(
            "the embedded store needs the package arcadedb-embedded: install it, or set WIKIC_STORE to a Bolt address"
        )
    return Path(spec.submodule_search_locations[0])


def _command(home: Path, options: ProcessOptions, password_file: Path) -> list[str]:
    wheel = _wheel_folder()
    java = wheel / "jre" / "bin" / "java"
    if not java.is_file() or not os.access(java, os.X_OK):
        raise StoreError(
            f"the embedded store has no Java runtime for this platform ({java} is missing or not executable): "
            "reinstall arcadedb-embedded, or set WIKIC_STORE to a Bolt address"
        )
    settings = {
        "server.rootPath": str(home),
        "server.databaseDirectory": str(home / "databases"),
        "server.configDirectory": str(home / "config"),
        "server.backupDirectory": str(home / "backups"),
        "server.logsDirectory": str(home / "log"),
        "server.rootPasswordPath": str(password_file),
        "server.defaultDatabases": f"{DATABASE}[{USER}]",
        "server.plugins": "Bolt:com.arcadedb.bolt.BoltProtocolPlugin",
        "server.httpIncomingHost": "127.0.0.1",
        "server.httpIncomingPort": "0",
        "server.httpsIncomingPort": "0",
        "server.httpWorkerThreads": "4",
        "server.httpIoThreads": "1",
        # "production" would hide why a query failed from the client.
        "server.mode": "development",
        "opencypher.loadCsv.allowFileUrls": "false",
        "opencypher.loadCsv.allowRemoteUrls": "false",
        # The password is 192 random bits: stretching it would only make every connection slow.
        "server.saltIterations": "1000",
        "server.healthCheck.enabled": "false",
        "serverMetrics": "false",
        "polyglotEngineEnabled": "false",
        "bolt.host": "127.0.0.1",
        "bolt.port": "0",
        "bolt.defaultDatabase": DATABASE,
        "bolt.maxMessageSize": str(256 * 1024 * 1024),
        "queryMaxHeapElementsAllowedPerOp": "2000000",
        "txWAL": "true",
        "txWalFlush": str(options.wal_flush),
        **options.settings,
    }
    return [
        str(java),
        f"-Xmx{options.heap}",
        *JAVA,
        "--add-modules=jdk.incubator.vector",
        "--enable-native-access=ALL-UNNAMED",
        "--add-opens=java.base/java.nio=ALL-UNNAMED",
        "--add-opens=java.base/java.util.concurrent.atomic=ALL-UNNAMED",
        "-Djava.awt.headless=true",
        *(f"-Darcadedb.{name}={value}" for name, value in settings.items()),
        "-cp",
        str(wheel / "jars" / "*"),
        "com.arcadedb.server.ArcadeDBServer",
    ]


def last_meaningful_line(log: Path) -> str:
    """The line of the engine's log that says best why it failed; empty if there is none."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError as error:
        return f"no log: {error.strerror}"
    severe = cause = other = refused = ""
    for raw in lines:
        line = raw.strip()
        if match := _LOG_LINE.match(line):
            if match[1].startswith("SEVER"):
                severe = match[2] or severe
            other = match[2] or other
        elif match := _JVM_FAILURE.match(line):
            # The first says what is wrong, those after it that Java ends.
            refused = refused or match[1]
        elif match := _CAUSE.match(line):
            cause = match[1]
        elif line and not line.startswith("at "):
            other = line
    return refused or cause or severe or other


def check_files(database: Path) -> None:
    """Raise StoreError if a data file that the schema names is gone: the engine would open without its rows."""
    schema = read_json(database / "schema.json") or read_json(database / "schema.prev.json") or {}
    types = schema.get("types")
    for name, content in types.items() if isinstance(types, dict) else ():
        for bucket in content.get("buckets", ()):
            if not any(database.glob(f"{glob.escape(bucket)}.*.bucket")):
                raise StoreError(
                    f"the embedded store is damaged: the data file {bucket} of {name} is missing in {database}; "
                    "restore a backup"
                )


def spawn_watched(
    command: list[str], stdin: IO[bytes], log: IO[bytes], folder: Path
) -> tuple[subprocess.Popen[bytes], int]:
    """Start a Java server that ends when this process does; the process, and the pipe by which it is watched.

    The caller writes a line into the pipe and closes it once the server has ended by itself.
    """
    reading, writing = os.pipe()
    java_variables = ("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS", "CLASSPATH")
    try:
        process = subprocess.Popen(  # noqa: S603 - a fixed program, nothing from outside in the shell text
            ["/bin/sh", "-c", _LAUNCH, "wikic-store", *command],
            stdin=stdin,
            stdout=log,
            stderr=reading,
            cwd=folder,
            env={name: value for name, value in os.environ.items() if name not in java_variables},
            # An interrupt from the terminal goes to us alone: we stop the server when we are done with it.
            start_new_session=True,
        )
    except BaseException:
        os.close(writing)
        raise
    finally:
        os.close(reading)
    return process, writing


class EngineProcess:
    """One run of the engine over `home`. Not thread-safe: the caller holds a lock around `start` and `stop`."""

    def __init__(self, home: Path, options: ProcessOptions) -> None:
        self.home = home
        self.options = options
        self.log = home / "engine.log"
        self.process: subprocess.Popen[bytes] | None = None
        self._pipe: int | None = None

    @property
    def pid(self) -> int | None:
        """Process id of the engine, also of one that has ended."""
        return self.process.pid if self.process else None

    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self, stale_pid: int | None = None) -> Connection:
        """Start the engine and return where it answers. `stale_pid`: the engine of a dead owner, killed if it lingers.

        Raises StoreUnavailable or StoreError with the reason in one line; nothing is left running then.
        """
        check_files(self.home / "databases" / DATABASE)
        password = secrets.token_urlsafe(24)
        password_file = self.home / "password"
        try:
            self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
            # Users and the root password are kept in the configuration folder: a new one for each run.
            shutil.rmtree(self.home / "config", ignore_errors=True)
            write_private(password_file, password)
            command = _command(self.home, self.options, password_file)
            with self._lock_engine(stale_pid) as lock, self.log.open("wb") as log:
                self.process, self._pipe = spawn_watched(command, lock, log, self.home)
        except OSError as error:
            raise StoreError(
                f"the embedded store cannot use {error.filename or self.home}: {error.strerror}; "
                "check owner, permissions and free space"
            ) from error
        try:
            return self._wait_until_it_answers(password)
        except BaseException:
            self.stop()
            raise
        finally:
            password_file.unlink(missing_ok=True)

    def stop(self) -> None:
        """Stop the engine and wait for its end: first gently, so that its pages are flushed, then by force."""
        process = self.process
        if process is not None and process.poll() is None:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.release()

    def release(self) -> None:
        """Tell the watching shell that the engine ended (and was waited for)."""
        if self._pipe is not None:
            pipe, self._pipe = self._pipe, None
            try:
                os.write(pipe, b"ended\n")
            except BrokenPipeError:
                pass  # the watching shell has gone already: nothing left to tell
            finally:
                os.close(pipe)

    def forget_after_fork(self) -> None:
        """In a forked child: close the copy of the pipe, so that the engine still ends with its owner."""
        if self._pipe is not None:
            os.close(self._pipe)
            self._pipe = None
        self.process = None

    def _lock_engine(self, stale_pid: int | None) -> IO[bytes]:
        """The lock that a running engine holds by its standard input; waits for the engine of a dead owner to end."""
        lock = (self.home / "engine.lock").open("ab")
        deadline = time.monotonic() + STOP_SECONDS
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return lock
            except BlockingIOError:
                remaining = deadline - time.monotonic()
            if remaining < STOP_SECONDS / 2 and stale_pid is not None:
                try:
                    os.kill(stale_pid, signal.SIGKILL)
                except ProcessLookupError:
                    stale_pid = None
            if remaining < 0:
                lock.close()
                raise StoreUnavailable(f"an engine that nobody owns still runs on {self.home}: stop it, then try again")
            time.sleep(0.02)

    def _wait_until_it_answers(self, password: str) -> Connection:
        deadline = time.monotonic() + START_SECONDS
        connection: Connection | None = None
        last_error = "it did not open its port"
        while time.monotonic() < deadline:
            if not self.alive():
                code = self.process.returncode if self.process else None
                reason = last_meaningful_line(self.log) or f"it ended with status {code}"
                raise StoreUnavailable(f"the embedded store on {self.home} cannot start: {reason} (see {self.log})")
            if connection is None:
                if match := _LISTENING.search(self.log.read_text(encoding="utf-8", errors="replace")):
                    connection = Connection(f"bolt://127.0.0.1:{match[1]}", USER, password, DATABASE)
            else:
                try:
                    _ask(connection)
                    return connection
                except (DriverError, Neo4jError) as error:
                    last_error = str(getattr(error, "message", None) or error)
            time.sleep(0.02)
        reason = last_meaningful_line(self.log)
        raise StoreUnavailable(
            f"the embedded store on {self.home} did not answer within {START_SECONDS:.0f} s: {last_error}; "
            f"its log says: {reason} (see {self.log})"
        )


def _ask(connection: Connection) -> None:
    """One query over a connection of its own; raises the driver's errors."""
    auth = (connection.user, connection.password)
    with (
        neo4j.GraphDatabase.driver(connection.uri, auth=auth, **driver_options("arcadedb")) as driver,
        driver.session(database=connection.database) as session,
    ):
        session.run("RETURN 1 AS one").consume()


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, in one step: a reader sees the old or the new content."""
    new = path.with_name(f"{path.name}.{os.getpid()}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    new.replace(path)


def read_json(path: Path) -> dict[str, object] | None:
    """The object in a small JSON file, or None where there is no file or it is not (or not yet) whole."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    return content if isinstance(content, dict) else None
