"""Taking back: a change as a whole, or one concept to what it was at a number. A new change each time; the past stays as it was.

What has moved since is a conflict: it is listed with its three values, and nothing is done. Concepts that the change created become deprecated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Final, Literal

from wikic.domain.access import Actor, require
from wikic.domain.changes import Change, Relation, WriteSet
from wikic.domain.diff import FieldChange, diff_contents
from wikic.domain.proposals_changes import Change as ProposedChange
from wikic.domain.taking_back import Moved
from wikic.domain.texts import check_text
from wikic.domain.vocabulary import PUBLIC_SPACE
from wikic.errors import Conflict, InvalidInput, NotFound, UnknownRelease
from wikic.services.editing import Editing, Guard, More, Piece
from wikic.services.editing_composing import Composer
from wikic.services.placing import require_everywhere, require_somewhere
from wikic.services.reverting_composing import Inverse, inverse_of_change, inverse_of_concept
from wikic.services.reverting_proposing import proposable
from wikic.services.reverting_rights import changes_of_concept, refuse_alone, require_others_work
from wikic.store.engine import Engine, WriteTransaction
from wikic.store.events import happened, journal_sizes
from wikic.store.history import changed_between, differing_relations, read_changes
from wikic.store.leases import heads

LONGEST_REASON: Final = 2_000
MOST: Final = 2_000
"""Concepts that one revert may change: it is one transaction. More than that is the work of a backup."""
_REVERTIBLE: Final = ("import", "edit", "proposal", "revert")
_NAMED: Final = 3
_REMEMBERED: Final = 10_000
Obstacle = Literal["", "kind", "large"]
"""Why a change cannot be taken back whole; "" where nothing is known against it."""


@dataclass(frozen=True, slots=True)
class ConceptRevert:
    """What a revert does to one concept: differences of what it says, and of the relations that start from it (what holds before, what after)."""

    uuid: str
    changes: list[FieldChange] = field(default_factory=list)
    relations: list[tuple[Relation | None, Relation | None]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Reverted:
    """A revert as it was done (`seq`) or would be done (None); with conflicts it cannot be."""

    seq: int | None
    concepts: list[ConceptRevert]
    conflicts: list[Moved]


class Reverting:
    """The revert flow over one store."""

    def __init__(self, engine: Engine) -> None:
        self._engine, self._editing = engine, Editing(engine)
        # A change never touches more than it did.
        self._obstacles: dict[int, Obstacle] = {}

    def revert_change(
        self,
        seq: int,
        *,
        actor: Actor,
        reason: str = "",
        preview: bool = False,
        untouched: bool = False,
        guard: Guard | None = None,
        more: More | None = None,
    ) -> Reverted:
        """Take a change back. `preview`: say what would happen. `untouched`: its maker undoes it, which is refused where anything was built on it since.
        `guard` and `more`: see `Editing.write`. Raises Unauthenticated, Forbidden (also for what is their own work), NotFound, InvalidInput (nothing to take
        back, too much), Conflict (moved since, two moderators are asked for), Busy."""
        change, reason = self._change(seq, actor), check_text("reason", reason, LONGEST_REASON)
        if not untouched:
            require_others_work(self._engine, actor, [seq])
            # Before anything is composed, which takes minutes for what was refused in the end.
            _require_few(journal_sizes(self._engine, [(change.space, seq)]).get((change.space, seq), 0))
        inverse = partial(inverse_of_change, change=change)
        if untouched:
            self._refuse_built_on(change)
        said = Change(
            "revert",
            actor.name,
            f"take back change {seq}: {change.summary}",
            details={"reverts": str(seq), **({"reason": reason} if reason else {})},
        )
        checked = partial(self._guard_untouched, change, guard) if untouched else guard
        return self._revert(inverse, change.space, said, f"change/{seq}", actor, preview, checked, more, alone=untouched)

    def revert_concept(
        self, uuid: str, to_seq: int, *, actor: Actor, reason: str = "", preview: bool = False, space: str = PUBLIC_SPACE
    ) -> Reverted:
        """Make a concept, with the relations that start from it, what it was at a number. Raises the same."""
        head = heads(self._engine).get(space)
        head = _require_point(to_seq, head if head is not None and actor.may_read(space) else 0)
        require_somewhere(actor, "decide", space)
        reason = check_text("reason", reason, LONGEST_REASON)
        require_others_work(self._engine, actor, changes_of_concept(self._engine, space, uuid, to_seq, head))
        inverse = partial(inverse_of_concept, uuid=uuid, to_seq=to_seq)
        said = Change(
            "revert",
            actor.name,
            f"one concept as it was at {to_seq}",
            details={"concept": uuid, "to": str(to_seq), **({"reason": reason} if reason else {})},
        )
        return self._revert(inverse, space, said, f"concept/{uuid}", actor, preview, None, None)

    def propose_concept(self, uuid: str, to_seq: int, *, actor: Actor) -> tuple[Reverted, list[ProposedChange]]:
        """The same for those who do not decide it: what it would change, and the changes that a proposal can ask for. Nothing is written. Raises
        Unauthenticated, Forbidden, NotFound, UnknownRelease, InvalidInput (nothing to take back)."""
        require(actor, "propose")
        at = heads(self._engine)
        _require_point(to_seq, at[PUBLIC_SPACE])
        composer = Composer(self._engine, PUBLIC_SPACE, at)
        made = inverse_of_concept(self._engine, composer, uuid=uuid, to_seq=to_seq)
        return Reverted(None, _concepts(composer, made.rows), made.conflicts), proposable(composer, uuid)

    def obstacles(self, seqs: Iterable[int]) -> dict[int, Obstacle]:
        """Why changes cannot be taken back whole, by number: `kind` (such a change never is) or `large` (it touched more than `MOST` concepts). What is built
        on them is not looked for. Two round trips for those that are not known yet."""
        asked = list(seqs)
        unknown = [seq for seq in asked if seq not in self._obstacles]
        if unknown:
            changes = read_changes(self._engine, unknown)
            sizes = journal_sizes(self._engine, [(change.space, seq) for seq, change in changes.items()])
            if len(self._obstacles) > _REMEMBERED:
                self._obstacles.clear()
            for seq, change in changes.items():
                large = sizes.get((change.space, seq), 0) > MOST
                self._obstacles[seq] = "kind" if change.kind not in _REVERTIBLE else "large" if large else ""
        found = ((seq, self._obstacles.get(seq, "")) for seq in asked)
        return {seq: obstacle for seq, obstacle in found if obstacle}

    def _revert(
        self,
        inverse: Callable[[Engine, Composer], Inverse],
        space: str,
        change: Change,
        subject: str,
        actor: Actor,
        preview: bool,
        guard: Guard | None,
        more: More | None,
        *,
        alone: bool = False,
    ) -> Reverted:
        if preview:
            at = heads(self._engine)
            composer = Composer(self._engine, space, at)
            made = self._compose(inverse, actor, at[space], composer, alone=alone)
            return Reverted(None, _concepts(composer, made.rows), made.conflicts)
        last: list[tuple[Composer, Inverse]] = []

        def compose(composer: Composer) -> WriteSet:
            made = self._compose(inverse, actor, composer.head, composer, alone=alone)
            if made.conflicts:
                raise Conflict(_told(made.conflicts), reason="revert-conflicts", number=len(made.conflicts))
            last[:] = [(composer, made)]
            return made.rows

        def finish(tx: WriteTransaction, seq: int) -> None:
            rows = last[0][1].rows
            happened(
                tx, actor, "change_reverted", subject=subject, space=space, concepts=rows.stated() | rows.related(), seq=seq
            )
            if more is not None:
                more(tx, seq)

        seq = self._editing.write_piece(Piece(compose, change, guard, finish), space=space)
        return Reverted(seq, _concepts(last[0][0], last[0][1].rows), [])

    def _compose(
        self, inverse: Callable[[Engine, Composer], Inverse], actor: Actor, head: int, composer: Composer, *, alone: bool
    ) -> Inverse:
        made = inverse(self._engine, composer)
        concerned = made.rows.stated() | made.rows.related() | {moved.concept for moved in made.conflicts}
        require_everywhere(self._engine, actor, "decide", composer.space, head, concerned)
        if not alone:
            refuse_alone(self._engine, composer, made.rows)
        _require_few(len(concerned))
        return made

    def _change(self, seq: int, actor: Actor) -> Change:
        change = read_changes(self._engine, [seq]).get(seq)
        if change is None or not actor.may_read(change.space) or seq > heads(self._engine)[change.space]:
            raise NotFound(f"there is no change {seq}", reason="none-here", key=seq)
        require_somewhere(actor, "decide", change.space)
        if change.kind not in _REVERTIBLE:
            raise InvalidInput(f"change {seq} is a {change.kind}, which cannot be taken back", reason="revert-kind", seq=seq)
        return change

    def _refuse_built_on(self, change: Change) -> None:
        self._look_for_built_on(change, heads(self._engine)[change.space])

    def _guard_untouched(self, change: Change, guard: Guard | None, tx: WriteTransaction) -> None:
        self._look_for_built_on(change, heads(tx)[change.space])
        if guard is not None:
            guard(tx)

    def _look_for_built_on(self, change: Change, head: int) -> None:
        engine, space, seq = self._engine, change.space, change.seq
        stated, related = changed_between(engine, space, seq - 1, seq)
        later_stated, later_related = changed_between(engine, space, seq, head)
        moved = {relation.id for _, relation in differing_relations(engine, space, related, seq - 1, seq)}
        own = set(stated)
        built = own & set(later_stated)
        for _, relation in differing_relations(engine, space, later_related, seq, head):
            if relation.id in moved or own & {relation.source, relation.target}:
                built.add(relation.source)
        if built:
            raise Conflict(
                f"change {seq} cannot be taken back whole: {len(built)} concepts were changed on top of it, such as {min(built)}",
                reason="revert-built-on", number=len(built),
            )


def _require_few(number: int) -> None:
    if number > MOST:
        raise InvalidInput(
            f"this would change {number} concepts, more than the {MOST} that can be taken back in one act: restore a backup, or take back concept by concept",
            reason="revert-many", number=number, most=MOST,
        )  # fmt: skip


def _require_point(seq: int, head: int) -> int:
    if not 1 <= seq <= head:
        raise UnknownRelease(f"there is no number {seq}: the head is {head}")
    return head


def _concepts(composer: Composer, rows: WriteSet) -> list[ConceptRevert]:
    found: dict[str, ConceptRevert] = {}
    for state in rows.new_states:
        uuid = state.identity.uuid
        found[uuid] = ConceptRevert(uuid, diff_contents(composer.before(uuid), state.content))
    for old, new in composer.standing.moves():
        one = old or new
        if one is not None:
            found.setdefault(one.source, ConceptRevert(one.source)).relations.append((old, new))
    return [found[uuid] for uuid in sorted(found)]


def _told(conflicts: list[Moved]) -> str:
    named = "; ".join(
        f"{one.field}{f' ({one.lang})' if one.lang else ''} of {one.concept} was {one.before or 'empty'!r}, became"
        f" {one.made or 'empty'!r}, is {one.now or 'empty'!r} now"
        for one in conflicts[:_NAMED]
    )
    more = f"; and {len(conflicts) - _NAMED} more" if len(conflicts) > _NAMED else ""
    return f"{len(conflicts)} values were changed again since, so nothing was taken back: {named}{more}"
