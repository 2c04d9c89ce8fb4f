"""Writing what was accepted: one change, with what was decided in the transaction that moves the head to it.

Decisions of one process take turns here, so that they do not wait for each other's lease.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, TypeVar

from wikic.domain.access import Actor
from wikic.domain.changes import Change as Entry
from wikic.domain.changes import WriteSet
from wikic.domain.proposals import Proposal, names_of
from wikic.domain.proposals_changes import Change
from wikic.errors import Busy
from wikic.services.editing import Editing
from wikic.services.editing_composing import Composer
from wikic.services.proposing_names import Given, Holders, holders, require_free, require_still_free
from wikic.services.proposing_values import Present, edits_of
from wikic.services.searching import Searching
from wikic.store.engine import Engine, WriteTransaction

T = TypeVar("T")

TURN_SECONDS: Final = 20.0
_SUMMARY: Final = 200
_DETAIL: Final = 4_000


class Turns:
    """One at a time, in the order of asking: a lock would let whoever comes by first pass those who wait."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._taken = False
        self._waiting: deque[threading.Event] = deque()

    def take(self, seconds: float) -> bool:
        """Wait for one's turn; False where it does not come in time."""
        with self._mutex:
            if not self._taken:
                self._taken = True
                return True
            mine = threading.Event()
            self._waiting.append(mine)
        if mine.wait(seconds):
            return True
        with self._mutex:
            # It may have come in this very moment.
            if not mine.is_set():
                self._waiting.remove(mine)
            return mine.is_set()

    def give_back(self) -> None:
        """The turn goes to the one who has waited longest."""
        with self._mutex:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._taken = False


class Accepting:
    """Turns accepted changes into a change of the framework."""

    def __init__(self, engine: Engine, editing: Editing, searching: Searching) -> None:
        self._engine, self._editing, self._searching = engine, editing, searching
        self._turns = Turns()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Within this, no other decision of this process is written. Raises Busy where it takes too long to come."""
        if not self._turns.take(TURN_SECONDS):
            raise Busy("many decisions are being written: try again in a moment")
        try:
            yield
        finally:
            self._turns.give_back()

    def write(
        self,
        proposals: Sequence[Proposal],
        merge: Callable[[Composer], list[Change]],
        actor: Actor,
        *,
        guard: Callable[[WriteTransaction], object],
        more: Callable[[WriteTransaction, int], T],
        bulk: str = "",
        decided: Callable[[], Sequence[Proposal]] | None = None,
    ) -> tuple[T, int]:
        """Write one change of kind "proposal" that credits authors and moderator. `merge` gives the changes, merged into what stands at a composer's
        head; it is asked again where that has moved. `guard` runs in the transaction that writes the rows, `more` in the one that shows them; what any
        of them raises undoes the whole. `decided`: those of the proposals that the change is made of, once it is merged.

        Returns what `more` gave, and the change's number. Raises Busy, InvalidInput, Conflict (a name is another concept's), and what `merge` and
        `guard` raise.
        """
        space = proposals[0].space
        results: list[T] = []
        given = Given()

        def compose(composer: Composer) -> WriteSet:
            nonlocal given
            changes = merge(composer)
            given = self._names(changes, composer)
            # Also what needs no row has been looked at: if it changes, it has to be merged again.
            composer.looked_at.update(uuid for proposal in proposals for uuid in proposal.concepts())
            return composer.compose([edit for change in changes for edit in edits_of(change)])

        def asked(tx: WriteTransaction) -> None:
            guard(tx)
            require_still_free(tx, given, proposals)

        def finish(tx: WriteTransaction, seq: int) -> None:
            results[:] = [more(tx, seq)]

        def entry() -> Entry:
            # Nobody is credited with what was left.
            return _entry(decided() if decided is not None else proposals, actor, bulk)

        seq = self._editing.write_composed(compose, change=entry, space=space, guard=asked, more=finish)
        return results[0], seq


    def holders(self, changes: Iterable[Change]) -> Holders:
        """Who has the names that changes would give."""
        return holders(self._searching, changes)

    def _names(self, changes: Sequence[Change], composer: Composer) -> Given:
        """The names that accepting gives. Raises Conflict where one is another concept's."""
        if not any(map(names_of, changes)):
            return Given()
        present = Present(self._engine, composer.space, {composer.space: composer.head}, changes, composer.read)
        for change in changes:
            present.take_in(change)
        return require_free(self.holders(changes), changes, present)


def _entry(proposals: Sequence[Proposal], actor: Actor, bulk: str) -> Entry:
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
    return Entry(
        "proposal",
        author,
        (why or ", ".join(first.types()))[:_SUMMARY],
        {},
        {name: value for name, value in details.items() if value},
        space=first.space,
    )
