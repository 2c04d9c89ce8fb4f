"""Writing what was accepted: one change, with what was decided in the transaction that moves the head to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Final, TypeVar

import structlog

from wikic.domain.access import Actor
from wikic.domain.changes import Change as Entry
from wikic.domain.changes import WriteSet
from wikic.domain.proposals import Proposal, names_of
from wikic.domain.proposals_changes import Change
from wikic.errors import Busy, StoreUnavailable, WikicError
from wikic.services.deciding_turns import Job, Turns
from wikic.services.editing import Editing, Piece
from wikic.services.editing_composing import Composer
from wikic.services.proposing_names import Given, Holders, holders, require_free, require_still_free
from wikic.services.proposing_values import Present, edits_of
from wikic.services.searching import Searching
from wikic.store.engine import Engine, WriteTransaction

T = TypeVar("T")

_SUMMARY: Final = 200
_DETAIL: Final = 4_000

log = structlog.get_logger(__name__)


class Accepting:
    """Turns accepted changes into a change of the framework."""

    def __init__(self, engine: Engine, editing: Editing, searching: Searching) -> None:
        self._engine, self._editing, self._searching = engine, editing, searching
        self._turns = Turns()

    def turn(self) -> AbstractContextManager[None]:
        """Within this, no other decision of this process is written. Raises Busy where it takes too long to come."""
        return self._turns.turn()

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
        """Write one change of kind "proposal" that credits authors and moderator, as its turn comes. What waits at the same time and has nothing to do with it
        may be written beside it, as changes of their own, but for what is decided in `bulk`; so all that is given may be called by other threads. `merge`
        gives the changes, merged into what stands at a composer's head; it is asked again where that has moved. `guard` runs in the transaction that writes
        the rows, `more` in the one that shows them; what any of them raises undoes the whole. `decided`: those of the proposals that the change is made of,
        once it is merged.

        Returns what `more` gave, and the change's number. Raises Busy, InvalidInput, Conflict (a name is another concept's), and what `merge` and
        `guard` raise.
        """
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

        def entry() -> Entry:
            # Nobody is credited with what was left.
            return _entry(decided() if decided is not None else proposals, actor, bulk)

        def finish(tx: WriteTransaction, seq: int) -> None:
            results[:] = [more(tx, seq)]

        # Two that are written beside each other could give the same name.
        piece = Piece(compose, entry, asked, finish, alone=lambda: bool(given.names))
        named = any(names_of(change) for proposal in proposals for change in proposal.changes)
        concepts = [uuid for proposal in proposals for uuid in proposal.concepts()]
        seq = self._turns.do(Job(proposals[0].space, piece, concepts, alone=bool(bulk) or named), self._lead)
        return results[0], seq

    def _lead(self, jobs: list[Job]) -> None:
        """Write several jobs of a space together, those of them that can be, and the first one in any case."""
        first = jobs[0]
        if len(jobs) > 1:
            self._beside(jobs)
        if not first.settled:
            first.outcome = self._editing.write_piece(first.piece, space=first.space)

    def _beside(self, jobs: list[Job]) -> None:
        try:
            seqs = self._editing.write_beside([job.piece for job in jobs], space=jobs[0].space)
        except StoreUnavailable as error:
            # Whether they were written is not known, so none is tried again.
            for job in jobs:
                job.outcome = StoreUnavailable(error.message)
        except Busy:
            raise
        except WikicError as error:
            log.info("decisions are written one by one", reason=str(error), decisions=len(jobs))
        else:
            for job, seq in zip(jobs, seqs, strict=True):
                job.outcome = seq

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
