"""Writes of one batch: what somebody decides or edits here, in one transaction, shown by a second one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from wikic.errors import StoreUnavailable, WikicError
from wikic.store.engine import Engine, WriteTransaction
from wikic.store.leases import Lease, Unsettled, heads, last_above, patiently, release, show, take_in, write_numbered
from wikic.store.undo import settle

T = TypeVar("T")


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

    def rows(tx: WriteTransaction) -> tuple[Lease, int, T]:
        lease, seq = take_in(tx, space)
        return lease, seq, work(tx, lease.head, seq)

    lease, seq, result = patiently(engine, space, lambda: _write_settled(engine, space, rows), until)
    try:
        show(engine, lease, seq, partial(_finish_with, more, result) if more is not None else None)
    except StoreUnavailable:
        # Whether the head moved is not known: the lease runs out, or its holder is seen to be dead.
        raise
    except WikicError:
        # What was written stays invisible, and the next writer clears it away.
        release(engine, lease)
        raise
    return result


def _finish_with(more: Callable[[WriteTransaction, T], None], result: T, tx: WriteTransaction) -> None:
    more(tx, result)


def _write_settled(engine: Engine, space: str, rows: Callable[[WriteTransaction], T]) -> T:
    while True:
        try:
            return write_numbered(engine, rows)
        except Unsettled as error:
            # ArcadeDB may show the journal of a change that was just committed beside the head before it: then it is a conflict like any other.
            if last_above(engine, space, error.head) > heads(engine)[space]:
                settle(engine, space)
