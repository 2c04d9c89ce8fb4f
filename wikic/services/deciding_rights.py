"""Who may decide on a proposal: moderators of its place, and never who proposed or wrote it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from wikic.domain import access
from wikic.domain.access import Actor, Place
from wikic.domain.proposals import Proposal, require_other_eyes
from wikic.domain.proposals_changes import (
    AddRelation,
    Change,
    CreateConcept,
    MergeConcepts,
    MoveConcept,
    concepts_of,
    subject_of,
)
from wikic.domain.vocabulary import PUBLIC_SPACE
from wikic.errors import Forbidden, WikicError
from wikic.services.placing import places_of
from wikic.store import proposals as store
from wikic.store.engine import Engine
from wikic.store.leases import heads


def require_decider(engine: Engine, proposal: Proposal, actor: Actor) -> None:
    """Raise Unauthenticated or Forbidden unless this one may decide on all of the proposal, by role, place and four eyes."""
    access.require_known(actor)
    if proposal.space != PUBLIC_SPACE:
        if not actor.may_read(proposal.space):
            raise store.missing(proposal.id)
        access.require_organisation(actor, proposal.space.partition("/")[0], "moderator")
        if actor.scopes is not None and "decide" not in actor.scopes:
            raise Forbidden("you may not do this: this token was not made for it (scope 'decide')")
    elif actor.has("moderator"):
        access.require(actor, "decide")
    else:
        for place in places(engine, proposal):
            access.require(actor, "decide", place)
    require_other_eyes(proposal, actor)


def may_decide(engine: Engine, proposal: Proposal, actor: Actor) -> bool:
    """Whether `require_decider` lets them."""
    try:
        require_decider(engine, proposal, actor)
    except WikicError:
        return False
    return True


def places(engine: Engine, proposal: Proposal) -> Iterator[Place]:
    """Where in the framework a proposal acts, as things stand now: each change at every concept that it changes."""
    head = heads(engine)[proposal.space]
    found = places_of(engine, proposal.space, head, proposal.concepts())
    born = {change.uuid: Place("wiki") for change in proposal.changes if isinstance(change, CreateConcept)}
    for change in proposal.changes:
        # A new concept belongs where it is put.
        upper = _upper(change)
        if upper in found and subject_of(change) in born:
            old = born[subject_of(change)]
            born[subject_of(change)] = replace(old, line=old.line | found[upper].line)
    known = found | born
    for change in proposal.changes:
        branch = getattr(change, "branch", "")
        for uuid in _changed(change):
            place = known.get(uuid, Place())
            yield replace(place, branches=place.branches | {branch}) if branch else place


def _upper(change: Change) -> str:
    if isinstance(change, MoveConcept):
        return change.new
    return change.target if isinstance(change, AddRelation) and change.relation == "broader" else ""


def _changed(change: Change) -> tuple[str, ...]:
    """The concepts that a change changes: where something is put counts as well."""
    if isinstance(change, MergeConcepts):
        return concepts_of(change)
    return tuple(uuid for uuid in (subject_of(change), _upper(change)) if uuid)
