"""Who may not decide that a change is taken back: those whose work it is. The maker of a change, and of what it had taken back in its turn."""

from __future__ import annotations

from collections.abc import Iterable

from wikic.domain.access import Actor
from wikic.domain.changes import Change, WriteSet
from wikic.domain.vocabulary import ACTIVE, DEPRECATED
from wikic.errors import Conflict, Forbidden
from wikic.services.deciding import TWO_MODERATORS
from wikic.services.editing_composing import Composer
from wikic.store import proposals as store
from wikic.store import proposals_talk as talk
from wikic.store.engine import Engine
from wikic.store.history import read_changes, read_spans, read_states


def changes_of_concept(engine: Engine, space: str, uuid: str, after: int, until: int) -> set[int]:
    """The numbers, after one and up to another, at which a concept or a relation that starts from it changed."""
    at = {space: until}
    seqs = {seq for seq, _ in read_states(engine, uuid, at)}
    for span in read_spans(engine, uuid, at):
        if span.relation.source == uuid:
            seqs |= {span.from_seq, span.to_seq or 0}
    return {seq for seq in seqs if after < seq <= until}


def require_others_work(engine: Engine, actor: Actor, seqs: Iterable[int]) -> None:
    """Raise Forbidden where one of these changes is this one's own work. Who runs a command on the machine is not asked: they may restore a backup."""
    if actor.via == "operator":
        return
    front, seen = set(seqs), set[int]()
    while front:
        seen |= front
        further: set[int] = set()
        for seq, change in read_changes(engine, sorted(front)).items():
            if _is_work_of(engine, actor, change):
                raise Forbidden(
                    f"change {seq} is your own work: another moderator decides on taking it back, or bringing it back", reason="own-work"
                )
            further |= _taken_back(engine, change)
        front = further - seen


def refuse_alone(engine: Engine, composer: Composer, rows: WriteSet) -> None:
    """Raise Conflict where two moderators are asked for, and these rows would deprecate concepts."""
    ended = [
        state.identity.uuid
        for state in rows.new_states
        if state.content.status == DEPRECATED and composer.before(state.identity.uuid).status == ACTIVE
    ]
    if ended and talk.setting(engine, TWO_MODERATORS) is True:
        raise Conflict(
            f"this would deprecate {len(ended)} concepts, such as {min(ended)}, and deprecations and merges take two moderators here:"
            " propose the deprecation or the merge, and two moderators decide on it",
            reason="revert-two", number=len(ended),
        )


def _is_work_of(engine: Engine, actor: Actor, change: Change) -> bool:
    match change.kind:
        case "proposal":
            return any(actor.id in (one.author, *one.hands) for one in store.read_proposals(engine, _proposals(engine, change)).values())
        case "edit" | "revert":
            return change.actor == actor.name
        case _:
            return False


def _proposals(engine: Engine, change: Change) -> list[str]:
    """The proposals that a change came from: of many the change itself names the first ones only."""
    bulk = change.details.get("bulk", "")
    return list(talk.read_bulk(engine, bulk)["proposals"]) if bulk else change.details.get("proposal", "").split()


def _taken_back(engine: Engine, change: Change) -> set[int]:
    """The changes that a revert took back."""
    if change.kind != "revert":
        return set()
    if "reverts" in change.details:
        return {int(change.details["reverts"])}
    return changes_of_concept(engine, change.space, change.details["concept"], int(change.details["to"]), change.seq - 1)
