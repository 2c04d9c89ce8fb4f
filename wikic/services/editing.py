"""Editing concepts here: one accepted set of edits becomes one change, in one transaction.

The first edit of an imported concept writes its source's values down beside it, so that a later import can tell what changed where.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial

from wikic.domain.changes import Change, ChangeKind, WriteSet, now
from wikic.domain.edits import Create, Edit, Merge, Move, Relate, SetLabels, SetStatus, SetText, Split, Unrelate
from wikic.domain.vocabulary import PUBLIC_SPACE
from wikic.errors import Conflict
from wikic.services.editing_composing import Composer
from wikic.services.editing_standing import LOCAL
from wikic.store.engine import Engine, WriteTransaction
from wikic.store.history import touched_between
from wikic.store.leases import deadline, heads, patiently
from wikic.store.short_writes import short_write
from wikic.store.undo import settle
from wikic.store.writing import write_set

__all__ = [
    "LOCAL",
    "Create",
    "Edit",
    "Editing",
    "Merge",
    "Move",
    "Relate",
    "SetLabels",
    "SetStatus",
    "SetText",
    "Split",
    "Unrelate",
]

Guard = Callable[[WriteTransaction], None]
"""Runs in the transaction that writes the rows: what it raises leaves nothing behind."""
More = Callable[[WriteTransaction, int], None]
"""Runs in the transaction that makes the change visible, with its number: it becomes true together with the change, or not at all."""


class Editing:
    """The edit flow over one store."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def apply(
        self,
        edits: Iterable[Edit],
        *,
        actor: str,
        summary: str,
        kind: ChangeKind = "edit",
        space: str = PUBLIC_SPACE,
        based_on: int | None = None,
    ) -> int:
        """Apply edits as one change; returns its number. Edits that change nothing are refused.

        `based_on`: the head the edits were made against; Conflict if the space has moved since. Raises InvalidInput, NotFound, Conflict, Busy.
        """
        return self.write(edits, change=Change(kind, actor, summary), space=space, based_on=based_on)

    def write(
        self,
        edits: Iterable[Edit],
        *,
        change: Change,
        space: str = PUBLIC_SPACE,
        based_on: int | None = None,
        guard: Guard | None = None,
        more: More | None = None,
    ) -> int:
        """The same with all that belongs to it: `change` says who and why (its number, time, space and counts are filled in), `guard` is asked in
        the transaction that writes the rows, `more` in the one that shows them. Both may run again where others write at the same time.
        """
        wanted = list(edits)
        return self.write_composed(
            lambda composer: composer.compose(wanted),
            change=change,
            space=space,
            based_on=based_on,
            guard=guard,
            more=more,
        )

    def write_composed(
        self,
        compose: Callable[[Composer], WriteSet],
        *,
        change: Change | Callable[[], Change],
        space: str = PUBLIC_SPACE,
        based_on: int | None = None,
        guard: Guard | None = None,
        more: More | None = None,
    ) -> int:
        """The same for rows that a caller composes; `compose` is called again on a new composer where what it looked at has moved. `change` may be made
        once they are composed."""
        until = deadline()
        while True:
            at = heads(self._engine)
            head = at[space]
            if based_on is not None and head != based_on:
                raise Conflict(
                    f"the framework moved from {based_on} to {head} meanwhile: look again before you change it",
                    reason="framework-moved",
                )
            composer = Composer(self._engine, space, at)
            try:
                rows = compose(composer)
            except Conflict:
                # What a dead writer left may have been in the way: a uuid that is not free yet.
                if patiently(self._engine, space, lambda: settle(self._engine, space), until):
                    continue
                raise
            entry = change() if callable(change) else change
            ready = replace(entry, space=space, counts=entry.counts or _counts(rows))
            composed = _Composed(rows, ready, head, composer.looked_at, exact=based_on is not None)
            try:
                return short_write(self._engine, space, partial(_write, composed, guard), until=until, more=more)
            except _Moved:
                continue  # somebody else's change came first: compose again on top of it


class _Moved(Exception):
    """What the rows were composed against is no longer so."""


class _Composed:
    """Rows, the head they were composed against, and every concept that was looked at for them."""

    def __init__(self, rows: WriteSet, change: Change, head: int, looked_at: set[str], *, exact: bool) -> None:
        self.rows, self.change, self.head, self.looked_at, self.exact = rows, change, head, looked_at, exact

    def holds_at(self, tx: WriteTransaction, head: int) -> bool:
        """Whether the rows are right on top of another head too: nothing they follow from has changed since."""
        if head == self.head:
            return True
        moved = touched_between(tx, self.change.space, self.head, head)
        return not self.exact and self.looked_at.isdisjoint(moved)


def _write(composed: _Composed, guard: Guard | None, tx: WriteTransaction, head: int, seq: int) -> int:
    if not composed.holds_at(tx, head):
        raise _Moved
    if guard is not None:
        guard(tx)
    change = composed.change
    write_set(tx, composed.rows, replace(change, seq=seq, time=now()))
    return seq


def _counts(rows: WriteSet) -> dict[str, int]:
    counts = {
        "concepts added": len(rows.new_concepts),
        "concepts changed": len(rows.new_states),
        "relations added": len(rows.open_relations),
        "relations removed": len(rows.close_relations),
    }
    return {name: n for name, n in counts.items() if n}
