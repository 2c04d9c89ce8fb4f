"""The floor of the store: named Cypher queries over Bolt, the same for Neo4j and for the embedded ArcadeDB.

Everything in `wikic.store` reads and writes through an `Engine`; nothing above this module sees the driver, a
session or which engine answers. It counts round trips, times queries by name, repeats what may be repeated, and
reconnects.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final, Literal, NoReturn, Self, TypeVar, overload

import neo4j
import structlog
from neo4j.exceptions import (
    AuthError,
    ConfigurationError,
    DriverError,
    IncompleteCommit,
    Neo4jError,
    ServiceUnavailable,
    SessionExpired,
)

from wikic.errors import Busy, Conflict, InvalidInput, StoreError, StoreUnavailable
from wikic.metrics import STORE_QUERY_SECONDS, STORE_RETRIES
from wikic.store.driver_errors import behind, is_failed_commit, is_unique_violation, is_unreadable, vanished

Kind = Literal["neo4j", "arcadedb"]
Row = dict[str, Any]
T = TypeVar("T")

WRITE_TIMEOUT: Final = 45.0
"""Less than a lease lives (`leases.TTL`): who takes over from a stopped writer need not wait for its locks."""

FAILED_COMMITS: Final = 5
"""How often a commit that failed for no reason that is told is tried again: others may have been in its way, but a full disk says no more."""

log = structlog.get_logger(__name__)

# We report lost connections ourselves; without a handler the driver's own messages would go to stderr.
logging.getLogger("neo4j").addHandler(logging.NullHandler())


class UniqueViolation(Conflict):
    """A node or relationship with that value of a unique property is already there."""


@dataclass(frozen=True, slots=True)
class Connection:
    """Where an engine answers: Bolt address, user, password, database."""

    uri: str
    user: str
    password: str = field(repr=False)
    database: str


@dataclass(frozen=True, slots=True)
class Query:
    """A Cypher text with the name under which metrics and logs know it. `small`: it reads only what every store holds little of, so that a plan
    that was made of it stays good: Neo4j, which plans anew what comes first after an import (15 to 30 ms each), is told to keep it."""

    name: str
    text: str
    small: bool = False

    def text_for(self, kind: Kind) -> str:
        """What is sent to an engine."""
        return f"CYPHER replan=skip {self.text}" if self.small and kind == "neo4j" else self.text


@dataclass(slots=True)
class RoundTrips:
    """What was sent to the engine while it was counted: query names, and COMMIT or ROLLBACK of transactions."""

    names: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.names)


_counting: ContextVar[RoundTrips | None] = ContextVar("wikic_store_round_trips", default=None)
_hurry: ContextVar[float | None] = ContextVar("wikic_store_hurry", default=None)


def _count(name: str) -> None:
    counter = _counting.get()
    if counter is not None:
        counter.names.append(name)


def driver_options(kind: Kind) -> dict[str, Any]:
    """The driver's settings. Retrying is ours (`max_transaction_retry_time` 0), so that it follows a moved engine."""
    options: dict[str, Any] = {
        "max_transaction_retry_time": 0,
        "disable_auto_commit_retries": True,
        "connection_timeout": 5.0,
        "connection_acquisition_timeout": 15.0,
        "telemetry_disabled": True,
        # Results are always read whole: one PULL instead of one per thousand rows.
        "fetch_size": -1,
        "user_agent": "wikic",
    }
    if kind == "neo4j":
        # ArcadeDB speaks Bolt 4, where the driver refuses this setting.
        options["notifications_min_severity"] = "OFF"
    return options


class ReadTransaction:
    """Several reads at one moment. `run` gives the rows as dictionaries, all of them."""

    def __init__(self, transaction: neo4j.ManagedTransaction, kind: Kind) -> None:
        self._transaction = transaction
        self._kind = kind

    def run(self, query: Query, /, **parameters: Any) -> list[Row]:
        """Send one query and read all its rows; raises the driver's errors, which `Engine` translates."""
        return _timed(query, lambda: self._transaction.run(query.text_for(self._kind), parameters))


class WriteTransaction(ReadTransaction):
    """Reads and writes that become visible together. Functions that write ask for this type, so that none is called
    from a read."""


def _timed(query: Query, send: Callable[[], neo4j.Result]) -> list[Row]:
    _count(query.name)
    started = time.perf_counter()
    try:
        result = send()
        keys = result.keys()
        # A record is a tuple of its values; its own `items()` costs twice as much.
        rows = [dict(zip(keys, tuple.__iter__(record), strict=True)) for record in result]
    except Neo4jError as error:
        # Which query it was is known here only.
        error.add_note(f"in query {query.name}")
        raise
    except ValueError as error:
        if is_unreadable(error):
            # Within a transaction this is before its commit, so all of it may be repeated.
            raise behind(error, commits=False) from error
        raise
    finally:
        seconds = time.perf_counter() - started
        STORE_QUERY_SECONDS.labels(query.name).observe(seconds)
    if structlog.is_configured():
        log.debug("store query", query=query.name, seconds=round(seconds, 5), rows=len(rows))
    return rows


class Engine:
    """Reads and writes over one pool of connections; safe to share between threads, not across a fork.

    `refresh` tells where the engine answers now (the embedded one moves when it restarts); it may take as long as a
    restart takes and raises StoreUnavailable if there is none. `patience`: seconds during which a lost connection or a
    conflict between writers is tried again.
    """

    def __init__(
        self,
        uri: str,
        user: str,
        password: str,
        database: str,
        kind: Kind = "neo4j",
        refresh: Callable[[], Connection] | None = None,
        *,
        patience: float = 15.0,
    ) -> None:
        self.kind: Kind = kind
        self.patience = patience
        self.moved = 0
        """Grows with each numbered write of this process: whoever remembers heads looks again."""
        self.on_move: list[Callable[[], None]] = []
        """Called after each numbered write of this process; must return at once."""
        self.hint: Callable[[], str] = str
        """What may lie behind a query that was refused, in words to put after the message; "" for nothing."""
        self._refresh = refresh
        self._lock = threading.Lock()
        self._closed = False
        self._defined: set[str] = set()
        self._connection = Connection(uri, user, password, database)
        self._driver = self._open(self._connection)

    @classmethod
    def of(
        cls,
        connection: Connection,
        kind: Kind,
        refresh: Callable[[], Connection] | None = None,
        *,
        patience: float = 15.0,
    ) -> Self:
        """An engine over a `Connection`."""
        return cls(
            connection.uri,
            connection.user,
            connection.password,
            connection.database,
            kind,
            refresh,
            patience=patience,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections; what runs in other threads fails."""
        with self._lock:
            self._closed = True
            self._driver.close()

    def has_moved(self) -> None:
        """A numbered write of this process is done."""
        self.moved += 1
        for told in tuple(self.on_move):
            told()

    def verify(self) -> None:
        """Raise StoreUnavailable with one clear line unless the engine answers a query."""
        self.read(Query("engine.verify", "RETURN 1 AS one"))

    @overload
    def read(self, what: Query, /, **parameters: Any) -> list[Row]: ...
    @overload
    def read(self, what: Callable[[ReadTransaction], T], /) -> T: ...
    def read(self, what: Query | Callable[[ReadTransaction], T], /, **parameters: Any) -> list[Row] | T:
        """The rows of one query (one round trip), or the result of `work(tx)` over several queries at one moment.

        Repeated on a lost connection, so `work` may run more than once.
        """
        if isinstance(what, Query):
            query = what

            def run_query(driver: neo4j.Driver) -> list[Row]:
                with self._session(driver, neo4j.READ_ACCESS) as session:
                    return _timed(query, lambda: session.run(query.text_for(self.kind), parameters))

            return self._repeat(run_query)
        work = what

        def run_work(driver: neo4j.Driver) -> T:
            with self._session(driver, neo4j.READ_ACCESS) as session:
                result = session.execute_read(lambda transaction: work(ReadTransaction(transaction, self.kind)))
                _count("COMMIT")
                return result

        return self._repeat(run_work)

    def write(self, work: Callable[[WriteTransaction], T], *, timeout: float | None = WRITE_TIMEOUT) -> T:
        """Run `work(tx)` in one transaction and commit it; roll back if it raises. `timeout`: seconds after which a Neo4j ends a
        transaction by itself, so that a writer that was stopped in the middle does not keep its locks; None for no such limit.

        Conflicts with other writers and lost connections are tried again from the start, so `work` may run more than
        once and must not keep state outside of it. Raises Busy when conflicts last, StoreUnavailable when the engine
        does not answer or when it is not known whether the commit arrived, UniqueViolation.
        """

        def in_transaction(transaction: neo4j.ManagedTransaction) -> T:
            return work(WriteTransaction(transaction, self.kind))

        if self.kind == "neo4j" and timeout is not None:
            in_transaction = neo4j.unit_of_work(timeout=timeout)(in_transaction)

        def run_work(driver: neo4j.Driver) -> T:
            with self._session(driver, neo4j.WRITE_ACCESS) as session:
                ended = "ROLLBACK"
                try:
                    result = session.execute_write(in_transaction)
                    ended = "COMMIT"
                finally:
                    _count(ended)
                return result

        return self._repeat(run_work, commits=True)

    def define(self, query: Query) -> None:
        """Run a schema command that makes what is missing (`IF NOT EXISTS`). What this engine has made already it does not send again."""

        def run_query(driver: neo4j.Driver) -> None:
            with self._session(driver, neo4j.WRITE_ACCESS) as session:
                _timed(query, lambda: session.run(query.text))

        if query.text not in self._defined:
            self._repeat(run_query)
            self._defined.add(query.text)

    @contextmanager
    def count_round_trips(self) -> Iterator[RoundTrips]:
        """Count what this context (thread or task, and what it starts with its context) sends to the engine."""
        counter = RoundTrips()
        token = _counting.set(counter)
        try:
            yield counter
        finally:
            _counting.reset(token)

    @contextmanager
    def hurried(self, seconds: float) -> Iterator[None]:
        """Within this context a store that is gone is waited for no longer than that, such as when clearing up after it went."""
        token = _hurry.set(seconds)
        try:
            yield
        finally:
            _hurry.reset(token)

    def _open(self, connection: Connection) -> neo4j.Driver:
        options = driver_options(self.kind)
        try:
            driver = neo4j.GraphDatabase.driver(connection.uri, auth=(connection.user, connection.password), **options)
        except (ConfigurationError, ValueError) as error:
            raise InvalidInput(f"WIKIC_STORE={connection.uri} is no usable address: {error}") from error
        # In a cluster a read may go to a member that has not seen our last commit; bookmarks make it wait.
        self._bookmarks = neo4j.GraphDatabase.bookmark_manager() if connection.uri.startswith("neo4j") else None
        return driver

    def _session(self, driver: neo4j.Driver, access: str) -> neo4j.Session:
        return driver.session(
            database=self._connection.database, default_access_mode=access, bookmark_manager=self._bookmarks
        )

    def _repeat(self, attempt: Callable[[neo4j.Driver], T], *, commits: bool = False) -> T:
        """Run `attempt` until it succeeds, fails for good, or patience ends; translate the driver's errors. Patience counts from the first failure (a
        long read that breaks late is repeated too), that of who is in a hurry from the start.

        `commits`: it changes data, so where the connection broke during the commit it is not repeated.
        """
        hurry = _hurry.get()
        deadline = None if hurry is None else time.monotonic() + min(hurry, self.patience)
        tried = 0
        while True:
            driver = self._driver
            try:
                return attempt(driver)
            except (DriverError, Neo4jError, ValueError) as raised:
                if isinstance(raised, ValueError) and not is_unreadable(raised):
                    raise
                error = behind(raised, commits=commits)
                lost = isinstance(error, ServiceUnavailable | SessionExpired) or (
                    # Closed by the thread that noticed first that the engine had moved.
                    isinstance(error, DriverError) and driver is not self._driver
                )
                deadline = time.monotonic() + self.patience if deadline is None else deadline
                unsure = commits and isinstance(error, IncompleteCommit)
                again = is_failed_commit(error) and tried < FAILED_COMMITS
                repeatable = (lost or error.is_retryable() or vanished(error) or again) and not unsure
                if self._closed or not repeatable or time.monotonic() >= deadline:
                    self._translate(error)
                STORE_RETRIES.labels("connection" if lost else "conflict").inc()
                if lost:
                    self._reconnect(driver)
            # Full jitter: two writers that collided do not collide again in step.
            limit = min(0.5, 0.004 * 2**tried)
            time.sleep(min(random.uniform(0, limit), max(0.0, deadline - time.monotonic())))  # noqa: S311
            tried += 1

    def _reconnect(self, failed: neo4j.Driver) -> None:
        """Ask where the engine is now; a new pool if it has moved and no other thread has made one."""
        if self._refresh is None:
            return
        with self._lock:
            if self._driver is not failed or self._closed:
                return
            connection = self._refresh()
            if connection == self._connection:
                return
            self._driver = self._open(connection)
            self._connection = connection
            failed.close()

    def _translate(self, error: DriverError | Neo4jError) -> NoReturn:
        where = self._connection.uri
        note = " ".join(getattr(error, "__notes__", []))
        text = str(getattr(error, "message", None) or error)
        if isinstance(error, IncompleteCommit):
            raise StoreUnavailable(
                f"the connection to the store at {where} broke during a commit: look whether the change is there"
            ) from error
        if isinstance(error, AuthError):
            raise StoreUnavailable(
                f"the store at {where} refused user {self._connection.user}: "
                "check WIKIC_STORE_USER and WIKIC_STORE_PASSWORD"
            ) from error
        if is_unique_violation(error):
            raise UniqueViolation(f"already there: {text} {note}") from error
        if isinstance(error, DriverError):
            raise StoreUnavailable(f"the store at {where} does not answer: {text}") from error
        if error.is_retryable() or vanished(error):
            raise Busy(f"other writers kept changing the same data; try again ({error.code} {note})") from error
        said = f"the store at {where} refused a query: {error.code}: {text} {note}".rstrip()
        raise StoreError(f"{said}{self.hint()}") from error
