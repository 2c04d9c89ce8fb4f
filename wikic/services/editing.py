"""Editing concepts here: one accepted set of edits becomes one change, in one transaction.

The first edit of an imported concept writes its source's values down beside it, so that a later import can tell what changed where.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from wikic.domain.changes import Change, ChangeKind, WriteSet, now
from wikic.domain.edits import Create, Edit, Merge, Move, Relate, SetLabels, SetStatus, SetText, Split, Unrelate
from wikic.domain.vocabulary import PUBLIC_SPACE
from wikic.errors import Conflict, StoreUnavailable, WikicError
from wikic.services.editing_composing import Composer
from wikic.services.editing_standing import LOCAL
from wikic.store.engine import Engine, WriteTransaction
from wikic.store.history import touched_between
from wikic.store.leases import deadline, heads, patiently
from wikic.store.short_writes import Part, short_write, write_parts
from wikic.store.undo import settle
from wikic.store.writing import write_set

__all__ = [
    "LOCAL",
    "Create",
    "Edit",
    "Editing",
    "Merge",
    "Move",
    "Piece",
    "Relate",
    "SetLabels",
    "SetStatus",
    "SetText",
    "Split",
    "Unrelate",
    "Unwritten",
]

Guard = Callable[[WriteTransaction], None]
"""Runs in the transaction that writes the rows: what it raises leaves nothing behind."""
More = Callable[[WriteTransaction, int], None]
"""Runs in the transaction that makes the change visible, with its number: it becomes true together with the change, or not at all."""


class Unwritten(Exception):
    """What `compose` raises where there is nothing to write."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What becomes one change. `compose` makes the rows; it is called again on a new composer where what it looked at has moved. `change` says who and why
    (see `Editing.write`), and may be made once they are composed; so is `alone` asked: whether it must not be written beside others."""

    compose: Callable[[Composer], WriteSet]
    change: Change | Callable[[], Change]
    guard: Guard | None = None
    more: More | None = None
    alone: Callable[[], bool] = lambda: False


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
        piece = Piece(lambda composer: composer.compose(wanted), change, guard, more)
        return self.write_piece(piece, space=space, based_on=based_on)

    def write_piece(self, piece: Piece, *, space: str = PUBLIC_SPACE, based_on: int | None = None) -> int:
        """The same for rows that a caller composes."""
        until = deadline()
        while True:
            at = heads(self._engine)
            if based_on is not None and at[space] != based_on:
                raise Conflict(
                    f"the framework moved from {based_on} to {at[space]} meanwhile: look again before you change it",
                    reason="framework-moved",
                )
            try:
                composed = _compose(piece, Composer(self._engine, space, at), exact=based_on is not None)
            except Conflict:
                # What a dead writer left may have been in the way: a uuid that is not free yet.
                if patiently(self._engine, space, lambda: settle(self._engine, space), until):
                    continue
                raise
            try:
                return short_write(self._engine, space, composed.write, until=until, more=piece.more)
            except _Moved:
                continue  # somebody else's change came first: compose again on top of it

    def write_beside(self, pieces: Sequence[Piece], *, space: str) -> list[int | None]:
        """Write several pieces in one go, as changes of their own: those that can be composed on what stands now, and have looked at nothing that one
        before them changes. Their numbers, in the order of the pieces; None for those that were left. Raises Busy, StoreUnavailable, and what a guard
        or `more` raises: then none is written."""
        at, touched = heads(self._engine), set[str]()
        chosen: dict[int, _Composed] = {}
        for number, piece in enumerate(pieces):
            try:
                composed = _compose(piece, Composer(self._engine, space, at))
            except StoreUnavailable:
                raise
            except (WikicError, Unwritten):
                continue  # its caller learns why when it is written by itself
            if not piece.alone() and touched.isdisjoint(composed.looked_at):
                chosen[number] = composed
                touched |= composed.rows.concerned()
        seqs: list[int | None] = [None] * len(pieces)
        if chosen:
            parts = [Part(one.write, pieces[number].more) for number, one in chosen.items()]
            with suppress(_Moved):
                for number, seq in zip(chosen, write_parts(self._engine, space, parts), strict=True):
                    seqs[number] = seq
        return seqs


def _compose(piece: Piece, composer: Composer, *, exact: bool = False) -> _Composed:
    rows = piece.compose(composer)
    change = piece.change() if callable(piece.change) else piece.change
    ready = replace(change, space=composer.space, counts=change.counts or _counts(rows))
    return _Composed(rows, ready, composer, piece.guard, exact=exact)


class _Moved(Exception):
    """What the rows were composed against is no longer so."""


class _Composed:
    """Rows, the head they were composed against, and every concept that was looked at for them."""

    def __init__(self, rows: WriteSet, change: Change, composer: Composer, guard: Guard | None, *, exact: bool) -> None:
        self.rows, self.looked_at = rows, composer.looked_at
        self._change, self._head, self._guard, self._exact = change, composer.head, guard, exact

    def write(self, tx: WriteTransaction, head: int, seq: int) -> int:
        """Write them on top of a head, at a number. Raises _Moved, and what the guard raises."""
        if not self._holds_at(tx, head):
            raise _Moved
        if self._guard is not None:
            self._guard(tx)
        write_set(tx, self.rows, replace(self._change, seq=seq, time=now()))
        return seq

    def _holds_at(self, tx: WriteTransaction, head: int) -> bool:
        """Whether the rows are right on top of another head too: nothing they follow from has changed since."""
        if head == self._head:
            return True
        moved = touched_between(tx, self._change.space, self._head, head)
        return not self._exact and self.looked_at.isdisjoint(moved)


def _counts(rows: WriteSet) -> dict[str, int]:
    counts = {
        "concepts added": len(rows.new_concepts),
        "concepts changed": len(rows.new_states),
        "relations added": len(rows.open_relations),
        "relations removed": len(rows.close_relations),
    }
    return {name: n for name, n in counts.items() if n}
