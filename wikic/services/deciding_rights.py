"""Who may decide on a proposal: moderators of its place, and never who proposed or wrote it."""

from __future__ import annotations

from wikic.domain import access
from wikic.domain.access import Actor, Place
from wikic.domain.proposals import Proposal, require_other_eyes
from wikic.domain.proposals_changes import AddRelation, CreateConcept, MergeConcepts, MoveConcept, subject_of
from wikic.domain.vocabulary import PUBLIC_SPACE
from wikic.errors import NotFound, WikicError
from wikic.store.engine import Engine
from wikic.store.imports import read_identities
from wikic.store.leases import heads
from wikic.store.proposals_impact import lines_above


def require_decider(engine: Engine, proposal: Proposal, actor: Actor) -> None:
    """Raise Unauthenticated or Forbidden unless this one may decide on all of the proposal, by role, place and four eyes."""
    access.require_known(actor)
    if proposal.space != PUBLIC_SPACE:
        if not actor.may_read(proposal.space):
            raise NotFound(f"there is no proposal {proposal.id}")
        access.require_organisation(actor, proposal.space.partition("/")[0], "moderator", "manager")
        if not actor.is_admin and actor.scopes is not None and "decide" not in actor.scopes:
            access.require(actor, "decide")
    elif actor.has("moderator"):
        access.require(actor, "decide")
    else:
        for place in places_of(engine, proposal):
            access.require(actor, "decide", place)
    require_other_eyes(proposal, actor)


def may_decide(engine: Engine, proposal: Proposal, actor: Actor) -> bool:
    """Whether `require_decider` lets them."""
    try:
        require_decider(engine, proposal, actor)
    except WikicError:
        return False
    return True


def places_of(engine: Engine, proposal: Proposal) -> list[Place]:
    """Where in the framework a proposal acts: a place for each concept that it changes, as things stand now."""
    head = heads(engine)[proposal.space]
    above: dict[str, set[str]] = {}
    for change in proposal.changes:
        subject = subject_of(change)
        starts = above.setdefault(subject, set())
        match change:
            case CreateConcept():
                pass
            case MergeConcepts():
                starts.add(subject)
                above.setdefault(change.into, set()).add(change.into)
            case MoveConcept():
                # Both the place it leaves and the one it comes to.
                starts.add(subject)
                if change.new:
                    above.setdefault(change.new, set()).add(change.new)
            case AddRelation() if change.relation == "broader":
                starts.update((subject, change.target))
            case _:
                starts.add(subject)
    identities = read_identities(engine, sorted(above), {proposal.space: head})
    branches = frozenset(proposal.branches)
    places = []
    for uuid, starts in above.items():
        scheme = identities[uuid][0].scheme if uuid in identities else "wiki"
        line = frozenset(lines_above(engine, proposal.space, starts, head))
        places.append(Place(scheme, line, branches))
    return places
