"""Short writes: what somebody decides or edits here, in one transaction, shown by a second one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from wikic.errors import StoreUnavailable
from wikic.store.engine import Engine, WriteTransaction
from wikic.store.leases import (
    Lease,
    Unsettled,
    heads,
    last_above,
    patiently,
    release,
    show,
    take_in,
    tell_shown,
    write_numbered,
)
from wikic.store.undo import settle

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Part(Generic[T]):
    """What is written at one number: `work(tx, head, seq)` in the transaction that writes, `more(tx, result)` in the one that shows it."""

    work: Callable[[WriteTransaction, int, int], T]
    more: Callable[[WriteTransaction, T], None] | None = None


def short_write(
    engine: Engine,
    space: str,
    work: Callable[[WriteTransaction, int, int], T],
    *,
    until: float | None = None,
    more: Callable[[WriteTransaction, T], None] | None = None,
) -> T:
    """Run `work(tx, head, seq)` at a fresh number in one transaction, then move the head to it, together with `more(tx, result)`. What a dead writer
    left above the head is cleared away first.

    Raises Busy while another writer holds the space (until the `deadline` given). What `more` raises undoes the whole: nothing of it was ever visible.
    """
    return write_parts(engine, space, [Part(work, more)], until=until)[0]


def write_parts(engine: Engine, space: str, parts: Sequence[Part[T]], *, until: float | None = None) -> list[T]:
    """The same for several at once, at numbers that follow each other: all of them are written and shown, or none."""

    def rows(tx: WriteTransaction) -> tuple[Lease, int, list[T]]:
        lease, first = take_in(tx, space, len(parts))
        return lease, first, [part.work(tx, lease.head, seq) for seq, part in enumerate(parts, first)]

    lease, first, results = patiently(engine, space, lambda: _write_settled(engine, space, rows), until)

    def more(tx: WriteTransaction) -> None:
        for seq, (part, result) in enumerate(zip(parts, results, strict=True), first):
            if seq > first:
                tell_shown(tx, lease, seq - 1)
            if part.more is not None:
                part.more(tx, result)

    try:
        show(engine, lease, first + len(parts) - 1, more)
    except StoreUnavailable:
        # Whether the head moved is not known: the lease runs out, or its holder is seen to be dead.
        raise
    except Exception:
        # What was written stays invisible, and the next writer clears it away.
        release(engine, lease)
        raise
    return results


def _write_settled(engine: Engine, space: str, rows: Callable[[WriteTransaction], T]) -> T:
    while True:
        try:
            return write_numbered(engine, rows)
        except Unsettled as error:
            # ArcadeDB may show the journal of a change that was just committed beside the head before it: then it is a conflict like any other.
            if last_above(engine, space, error.head) > heads(engine)[space]:
                settle(engine, space)
