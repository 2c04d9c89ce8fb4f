"""Who may write a space: leases with fencing tokens, reserved numbers, and the moving of the head.

Flow of a long write: `acquire` -> `reserve` -> batches, each with `hold` in its own transaction -> `show`, which moves the head.
A short write (`wikic.store.short_writes`) has one batch, within which it takes lease and number (`take_in`). What a dead writer left above the head is
undone (`wikic.store.undo`) by whoever takes the lease next.
"""

from __future__ import annotations

import os
import random
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from wikic.domain.access import Actor
from wikic.domain.changes import now
from wikic.errors import Busy, LeaseLost, NotFound
from wikic.store import documents
from wikic.store.engine import Engine, Query, ReadTransaction, Row, UniqueViolation, WriteTransaction
from wikic.store.events import APPENDING, appended, record_event
from wikic.store.lease_reading import holder_of
from wikic.store.temporal import journal_range

TTL: Final = 60_000
"""Milliseconds a lease lives after the last batch that renewed it."""

PATIENCE: Final = 2.0
"""Seconds a writer waits for another one of the same space before it says so."""

_WAITS: Final = (0.040, 0.008)
"""Seconds between two looks of who waits: at the beginning, and when patience ends."""

_SHOWN: Final = "change"

T = TypeVar("T")

# Setting before reading takes the node's write lock on both engines: what is read then is what is true.
_LOCK = Query(
    "lease.lock",
    "MATCH (s:Space {name: $space}) SET s.lease_seen = timestamp() RETURN s.head AS head, s.lease_holder AS holder,"
    " s.lease_token AS token, s.lease_until > timestamp() AS live",
)
_TAKE = Query(
    "lease.take",
    "MATCH (s:Space {name: $space}) SET s.lease_token = s.lease_token + 1, s.lease_holder = $holder,"
    " s.lease_until = timestamp() + $ttl RETURN s.lease_token AS token, s.head AS head",
)
# As `_LOCK`, `_TAKE` and `_RESERVE`, in one round trip: no row, and nothing set but the lock, where somebody seems to hold it.
_TAKE_FREE = Query(
    "lease.take_free",
    "MATCH (s:Space {name: $space}) SET s.lease_seen = timestamp() WITH s WHERE s.lease_holder = '' OR s.lease_until <= timestamp()"
    " MATCH (m:Meta {key: 'store'}) SET s.lease_token = s.lease_token + 1, s.lease_holder = $holder, s.lease_until = timestamp() + $ttl,"
    " m.seq = m.seq + $count RETURN s.lease_token AS token, s.head AS head, m.seq AS seq",
    small=True,
)
_HOLD = Query(
    "lease.hold",
    "MATCH (s:Space {name: $space}) SET s.lease_until = CASE WHEN s.lease_token = $token THEN timestamp() + $ttl"
    " ELSE s.lease_until END RETURN s.lease_token AS token, s.head AS head",
)
_RELEASE = Query(
    "lease.release",
    "MATCH (s:Space {name: $space}) WHERE s.lease_token = $token SET s.lease_holder = '', s.lease_until = 0",
)
_RESERVE = Query("seq.reserve", "MATCH (m:Meta {key: 'store'}) SET m.seq = m.seq + $count RETURN m.seq AS seq")
_LEFT = Query(
    "lease.left_behind",
    "MATCH (j:Journal) WHERE j.key > $start AND j.key < $end RETURN max(j.seq) AS last",
)
# As `_HOLD`, then `_RELEASE`, in one round trip: nothing is set but the lock where the lease is no longer ours.
_MOVING = (
    "MATCH (s:Space {name: $space}) SET s.lease_seen = timestamp()"
    " WITH s, s.lease_token = $token AND s.head = $head AS ours"
    " SET s.head = CASE WHEN ours THEN $seq ELSE s.head END,"
    " s.lease_holder = CASE WHEN ours THEN '' ELSE s.lease_holder END,"
    " s.lease_until = CASE WHEN ours THEN 0 ELSE s.lease_until END RETURN ours"
)
_MOVE = Query("head.move", _MOVING)
_SHOW = Query("head.show", f"{APPENDING} WITH number {_MOVING}", small=True)
_COUNTERS = Query("seq.counters", "MATCH (m:Meta {key: 'store'}) RETURN m.seq AS seq, m.event AS event")
_HEADS = Query("head.all", "MATCH (s:Space) RETURN s.name AS space, s.head AS head", small=True)


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write one space: valid while `token` is the space's current one. `head` is the head when it was taken."""

    space: str
    token: int
    head: int


def holder_name() -> str:
    """This process as a lease holder: host, process id and its start time (a process id comes again)."""
    return f"{socket.gethostname()}/{os.getpid()}/{_started(os.getpid())}"


def acquire(engine: Engine, space: str) -> Lease:
    """Take the space's lease; raises Busy (with `retry_after`) while a living writer holds it, NotFound for no such space.

    A holder of this machine whose process is gone counts as dead at once; others when their lease runs out.
    """

    def work(tx: WriteTransaction) -> Lease:
        _refuse_if_held(tx, space)
        row = tx.run(_TAKE, space=space, holder=holder_name(), ttl=TTL)[0]
        return Lease(space, int(row["token"]), int(row["head"]))

    return engine.write(work)


def deadline() -> float:
    """Until when (on the monotonic clock) a write that begins now waits for another writer of its space."""
    return time.monotonic() + PATIENCE


def patiently(engine: Engine, space: str, attempt: Callable[[], T], until: float | None = None) -> T:
    """Do what may find the space being written: a short wait spares people most of the refusals. Raises Busy when it lasts.
    `until`: a `deadline` that several steps of one write share."""
    until = deadline() if until is None else until
    while True:
        try:
            return attempt()
        except Busy:
            if not _free(engine, space, until):
                raise


def _free(engine: Engine, space: str, until: float) -> bool:
    """Wait until nobody seems to write the space; False where that does not come in time.

    Looking takes no lock, so that who writes is not held up by those who wait; and the longer one has waited the more often one looks, so that nobody
    is passed by for long.
    """
    first, last = _WAITS
    while (left := until - time.monotonic()) > 0:
        wait = last + (first - last) * min(1.0, left / PATIENCE)
        time.sleep(min(left, random.uniform(wait / 2, wait)))  # noqa: S311
        if is_dead(holder_of(engine, space)):
            return True
    return False


def release(engine: Engine, lease: Lease) -> None:
    """Give the lease back; nothing happens if it is no longer ours."""
    engine.write(lambda tx: tx.run(_RELEASE, space=lease.space, token=lease.token))


def hold(tx: WriteTransaction, lease: Lease) -> None:
    """Part of every batch: lock the space, check that the lease is still ours, renew it. Raises LeaseLost."""
    rows = tx.run(_HOLD, space=lease.space, token=lease.token, ttl=TTL)
    # The head too: where the connection broke during the last commit, that may still arrive while the writer clears up behind itself.
    _require(lease, bool(rows) and (int(rows[0]["token"]), int(rows[0]["head"])) == (lease.token, lease.head))


def _require(lease: Lease, ours: bool) -> None:
    if not ours:
        raise LeaseLost(
            f"another writer took over space {lease.space}: nothing of this write is visible, start it again"
        )


def reserve(engine: Engine) -> int:
    """The next number of the global sequence; never given twice."""
    return engine.write(reserve_in)


def reserve_in(tx: WriteTransaction, count: int = 1) -> int:
    """`reserve` within a transaction that is already under way; the last of several numbers, which follow each other."""
    return int(tx.run(_RESERVE, count=count)[0]["seq"])


def take_in(tx: WriteTransaction, space: str, count: int = 1) -> tuple[Lease, int]:
    """The space's lease and the first of the next numbers, within a transaction that is under way: what is written in it is fenced. Raises Busy and NotFound
    as `acquire` does; Unsettled, where something stands above the head: moving the head past it would show it."""
    parameters = {"space": space, "holder": holder_name(), "ttl": TTL}
    rows = tx.run(_TAKE_FREE, **parameters, count=count)
    if rows:
        row, last = rows[0], int(rows[0]["seq"])
    else:
        _refuse_if_held(tx, space)
        last = reserve_in(tx, count)
        row = tx.run(_TAKE, **parameters)[0]
    lease = Lease(space, int(row["token"]), int(row["head"]))
    if tx.run(_LEFT, **journal_range(space, lease.head))[0]["last"]:
        raise Unsettled(lease.head)
    return lease, last - count + 1


def last_above(engine: Engine, space: str, head: int) -> int:
    """The last number above a head under which something was written; 0 for none. One round trip."""
    return int(engine.read(_LEFT, **journal_range(space, head))[0]["last"] or 0)


class Unsettled(Exception):
    """Something stands above the head: a dead writer left it."""

    def __init__(self, head: int) -> None:
        super().__init__()
        self.head = head


def finish(tx: WriteTransaction, lease: Lease, seq: int) -> None:
    """Move the head to `seq` and give the lease back, within a transaction that is under way."""
    _require_moved(lease, tx.run(_MOVE, **_moving(lease, seq)))


def _moving(lease: Lease, seq: int) -> dict[str, Any]:
    return {"space": lease.space, "token": lease.token, "head": lease.head, "seq": seq}


def _require_moved(lease: Lease, rows: list[Row]) -> None:
    _require(lease, bool(rows) and bool(rows[0]["ours"]))


def show(
    engine: Engine, lease: Lease, seq: int, more: Callable[[WriteTransaction], None] | None = None, by: Actor | None = None
) -> None:
    """Move the head to `seq`, with the event that says so, and give the lease back: the last act of a write. `more` becomes true with
    it or not at all: what was decided, next to what the decision wrote. `by`: whose the change is, where no event beside it says so.

    In a transaction of its own: both engines let readers see parts of a commit, so what a head shows must be there before it moves.
    """

    def work(tx: WriteTransaction) -> None:
        if more is not None:
            more(tx)
        who: dict[str, str] = {"actor": by.id, "name": by.name, "via": by.via} if by is not None else {}
        _require_moved(lease, tx.run(_SHOW, **appended(_SHOWN, _shown(lease, seq) | who), **_moving(lease, seq)))

    write_numbered(engine, work)


def tell_shown(tx: WriteTransaction, lease: Lease, seq: int) -> None:
    """The event that says so of one of several changes that are shown at once."""
    record_event(tx, _SHOWN, _shown(lease, seq))


def _shown(lease: Lease, seq: int) -> dict[str, Any]:
    return {"seq": seq, "space": lease.space, "time": now()}


def write_numbered(engine: Engine, work: Callable[[WriteTransaction], T]) -> T:
    """`engine.write` for work that takes numbers of the store (of a change, of an event) and writes rows under them as unique keys.

    Of two such transactions at once ArcadeDB tells the second that its key is there before it looks whether the number was still free: that is
    a conflict like any other, and tried again for as long as others take numbers. Raises UniqueViolation where the key is really there.
    """
    counters: list[Row] | None = None
    while True:
        try:
            result = engine.write(work)
            engine.has_moved()
            return result
        except UniqueViolation:
            seen, counters = counters, engine.read(_COUNTERS)
            if counters == seen:
                raise


def heads(source: Engine | ReadTransaction) -> dict[str, int]:
    """The head of every space."""
    rows = documents.run(source, _HEADS)
    return {str(row["space"]): int(row["head"]) for row in rows}


def _refuse_if_held(tx: WriteTransaction, space: str) -> int:
    rows = tx.run(_LOCK, space=space)
    if not rows:
        raise NotFound(f"there is no space named {space}", reason="none-here", key=space)
    row = rows[0]
    if row["live"] and not is_dead(str(row["holder"])):
        raise Busy(f"space {space} is being written by {row['holder']}: try again in a moment")
    return int(row["head"])


def is_dead(holder: str) -> bool:
    if not holder:
        return True
    host, pid, started = holder.rsplit("/", 2)
    return host == socket.gethostname() and _started(int(pid)) != started


def _started(pid: int) -> str:
    """The start time of a process in clock ticks since boot; "" where it does not run (or has ended and only waits for its parent)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        return "" if fields[0] in "ZX" else fields[19]
    except (OSError, IndexError):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return ""
        except PermissionError:
            pass
        return "running"
