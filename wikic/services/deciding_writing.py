"""Writing what was accepted: one change, with what was decided in the transaction that moves the head to it.

Decisions of one process take turns here, so that they do not compose against heads that others of them are just moving.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final, TypeVar

from wikic.domain import changes as log
from wikic.domain.access import Actor
from wikic.domain.proposals import Proposal
from wikic.domain.proposals_changes import Change, type_of
from wikic.errors import Busy
from wikic.services.editing import Composer, Edit
from wikic.services.proposing_values import edits_of
from wikic.store.engine import Engine, WriteTransaction
from wikic.store.leases import deadline, heads, patiently, short_write
from wikic.store.undo import settle
from wikic.store.writing import SpaceWriter, record_change

T = TypeVar("T")

TURN_SECONDS: Final = 20.0
_SUMMARY: Final = 200
_DETAIL: Final = 4_000


class HeadMoved(Exception):
    """Somebody else's change came first: what was merged has to be merged again."""


class Accepting:
    """Turns accepted changes into a change of the framework."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._turn = threading.Lock()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Within this, no other decision of this process is written. Raises Busy where it takes too long to come."""
        if not self._turn.acquire(timeout=TURN_SECONDS):
            raise Busy("many decisions are being written: try again in a moment")
        try:
            yield
        finally:
            self._turn.release()

    def write(
        self,
        proposals: Sequence[Proposal],
        changes: Sequence[Change],
        actor: Actor,
        head: int,
        *,
        guard: Callable[[WriteTransaction], object],
        more: Callable[[WriteTransaction, int], T],
        bulk: str = "",
    ) -> tuple[T, int]:
        """Write the changes, which were merged into what stands at `head`, as one change of kind "proposal" that credits authors and moderator. `guard`
        runs in the transaction that writes the rows, `more` in the one that shows them; what either raises undoes the whole.

        Returns what `more` gave, and the change's number. Raises HeadMoved, Busy, InvalidInput.
        """
        edits = [edit for change in changes for edit in edits_of(change)]
        return self._write(edits, _entry(proposals, changes, actor, bulk), head, guard, more)

    def _write(
        self,
        edits: list[Edit],
        entry: log.Change,
        head: int,
        guard: Callable[[WriteTransaction], object],
        more: Callable[[WriteTransaction, int], T],
    ) -> tuple[T, int]:
        space = entry.space
        until = deadline()
        patiently(lambda: settle(self._engine, space), until)
        if heads(self._engine)[space] != head:
            raise HeadMoved
        rows = Composer(self._engine, space, head).compose(edits)
        results: list[T] = []

        def write(tx: WriteTransaction, found: int, seq: int) -> int:
            if found != head:
                raise HeadMoved
            guard(tx)
            SpaceWriter.within(tx, space, seq).apply(rows)
            record_change(tx, replace(entry, seq=seq, time=log.now()))
            return seq

        def finish(tx: WriteTransaction, seq: int) -> None:
            results[:] = [more(tx, seq)]

        seq = short_write(self._engine, space, write, until=until, more=finish)
        return results[0], seq


def _entry(proposals: Sequence[Proposal], changes: Sequence[Change], actor: Actor, bulk: str) -> log.Change:
    """The change log's entry: the author is who acts, the moderator is named beside."""
    first = proposals[0]
    authors = list(dict.fromkeys(one.author_name or "a reader" for one in proposals))
    author = authors[0] if len(authors) == 1 else f"{authors[0]} and {len(authors) - 1} others"
    why = " ".join(first.justification.split()) if len(proposals) == 1 else f"{len(proposals)} proposals"
    details: dict[str, Any] = {
        "proposal": " ".join(one.id for one in proposals)[:_DETAIL],
        "author": ", ".join(authors)[:_DETAIL],
        "moderator": actor.name,
        "justification": first.justification[:_DETAIL] if len(proposals) == 1 else "",
        "lot": first.lot,
        "bulk": bulk,
    }
    types = ", ".join(dict.fromkeys(type_of(change) for change in changes))
    return log.Change(
        "proposal",
        author,
        (why or types)[:_SUMMARY],
        {},
        {name: value for name, value in details.items() if value},
        space=first.space,
    )
