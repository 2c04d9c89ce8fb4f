"""Reading proposals: one, those about a concept, lists of them, and how long decisions take."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import Any

from wikic.domain.access import Actor
from wikic.domain.ids import is_uuid
from wikic.domain.proposals import OPEN_STATES, STATES, Proposal, may_see
from wikic.errors import InvalidInput, NotFound
from wikic.services.reading import Reading
from wikic.services.reading_moments import make_cursor, parse_cursor
from wikic.store import proposals as store
from wikic.store.engine import Engine
from wikic.store.leases import heads


@dataclass(frozen=True, slots=True)
class ProposalPage:
    """Part of a list of proposals; `next` is a cursor, None at the end; `seq` the head when the list was begun."""

    items: list[Proposal]
    next: str | None
    seq: int


def seen_proposal(engine: Engine, identity: str, actor: Actor) -> Proposal:
    """One proposal. Raises NotFound, also for what may not be seen."""
    proposal = store.read_proposal(engine, identity)
    if not may_see(proposal, actor):
        raise store.missing(identity)
    return proposal


class ProposalLists:
    """The proposals of one store, for those who read them; safe between threads."""

    def __init__(self, engine: Engine, reading: Reading) -> None:
        self._engine, self._reading = engine, reading

    def read(self, identity: str, actor: Actor) -> Proposal:
        """One proposal. Raises NotFound, also for what may not be seen."""
        return seen_proposal(self._engine, identity, actor)

    def of_concept(self, uuid: str, actor: Actor, *, open_: bool = True) -> list[Proposal]:
        """The proposals about a concept that are open (or that are not any more), oldest first."""
        found = store.about(self._engine, [uuid], open_=open_)
        proposals = store.read_proposals(self._engine, [one.proposal for one in found])
        return [proposals[key] for key in sorted(proposals) if may_see(proposals[key], actor)]

    def list(
        self,
        actor: Actor,
        *,
        state: str | None = None,
        author: str | None = None,
        scheme: str | None = None,
        concept: str | None = None,
        lot: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> ProposalPage:
        """Proposals, newest first; those of one author (with the drafts, where it is their own). Those about a concept (any reference): the open ones,
        or those in one state, oldest first. Raises InvalidInput, NotFound for no such concept."""
        if state is not None and state not in STATES:
            raise InvalidInput(f"{state[:40]!r} is no state of a proposal: {', '.join(STATES)}")
        own = bool(author) and actor.known and author == actor.id
        moment = self._reading.moment(cursor=cursor)
        listing = f"proposals|{state}|{author}|{scheme}|{concept}|{lot}"
        after = parse_cursor(cursor).place_in(moment, listing) if cursor else ""
        if concept:
            about = self.of_concept(self._concept(concept, actor), actor, open_=state is None or state in OPEN_STATES)
            wanted = {name: value for name, value in (("state", state), ("author", author), ("lot", lot)) if value is not None}
            fitting = [one for one in about if one.id > after and (own or not one.held) and (scheme is None or scheme in one.schemes)]
            fitting = [one for one in fitting if all(getattr(one, name) == value for name, value in wanted.items())]
            following = make_cursor(moment, listing, fitting[limit - 1].id) if len(fitting) > limit else None
            return ProposalPage(fitting[:limit], following, moment.seq)
        filters: dict[str, Any] = {"state": state, "scheme": scheme, "lot": lot}
        if not own:
            filters |= {"free": True, "handed_in": True, "spaces": sorted(filter(actor.may_read, heads(self._engine)))}
        order, prefix = ("by_author", f"{author}/") if author else ("listing", "")
        found = store.page_of_proposals(self._engine, order, prefix=prefix, after=after, limit=limit + 1, filters=filters)
        following = make_cursor(moment, listing, found[limit - 1][0]) if len(found) > limit else None
        return ProposalPage([one for _, one in found[:limit]], following, moment.seq)

    def _concept(self, ref: str, actor: Actor) -> str:
        """The uuid behind a reference; what a proposal would create is not there yet."""
        try:
            return self._reading.seen_by(actor).find(ref).concept.identity.uuid
        except NotFound:
            if is_uuid(ref):
                return ref
            raise

    def usual_delay(self) -> int | None:
        """How long the last decided proposals waited, in seconds: the median; None where none was decided."""
        delays = store.last_delays(self._engine)
        return int(median(delays)) if delays else None
