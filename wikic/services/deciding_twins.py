"""Open proposals that ask for what was accepted just now: superseded by it, and opened again where that is taken back.

What this misses is found when they are decided.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress

from wikic.domain.access import Actor
from wikic.domain.changes import now
from wikic.domain.proposals import Proposal, next_state, value_topic
from wikic.errors import Conflict, NotFound, StaleVersion
from wikic.services.proposing import told
from wikic.store import proposals as store
from wikic.store.engine import Engine, WriteTransaction
from wikic.store.leases import write_numbered


def supersede_twins(engine: Engine, accepted: Sequence[Proposal], actor: Actor) -> None:
    """Open proposals of the same space that ask for nothing but what was accepted."""
    by: dict[str, Proposal] = {}
    for one in accepted:
        parts = zip(one.changes, one.decisions[-1].parts, strict=True)
        by |= {value_topic(change): one for change, verdict in parts if verdict == "accept"}
    for proposal in _alike(engine, accepted, by, open_=True):
        asked = {topic for topic in proposal.topics() if topic.startswith("=")}
        if asked and asked <= by.keys() and "create" not in proposal.types():
            winner = by[min(asked)]
            with suppress(StaleVersion, Conflict, NotFound):
                write_numbered(engine, lambda tx, one=proposal, winner=winner: _supersede(tx, one, winner, actor))  # type: ignore[misc]


def reopen_twins(engine: Engine, taken_back: Sequence[Proposal], actor: Actor) -> None:
    """What these superseded waits again."""
    topics = {topic for one in taken_back for topic in one.topics() if topic.startswith("=")}
    identities = {one.id for one in taken_back}
    for proposal in _alike(engine, taken_back, topics, open_=False):
        if proposal.state == "superseded" and proposal.superseded_by in identities:
            with suppress(StaleVersion, Conflict, NotFound):
                write_numbered(engine, lambda tx, one=proposal: _reopen(tx, one, actor))  # type: ignore[misc]


def _alike(engine: Engine, proposals: Sequence[Proposal], topics: Iterable[str], *, open_: bool) -> list[Proposal]:
    own, spaces = {one.id for one in proposals}, {one.space for one in proposals}
    found = {one.proposal for one in store.about(engine, topics, open_=open_) if one.space in spaces}
    return list(store.read_proposals(engine, found - own).values())


def _supersede(tx: WriteTransaction, proposal: Proposal, by: Proposal, actor: Actor) -> None:
    found = store.lock_proposal(tx, proposal.id)
    store.require_version(found, proposal.version)
    found.state, found.superseded_by, found.changed = next_state(found, "supersede"), by.id, now()
    store.save_proposal(tx, found)
    told(tx, actor, "proposal_superseded", found, by=by.id, author=found.author)


def _reopen(tx: WriteTransaction, proposal: Proposal, actor: Actor) -> None:
    found = store.lock_proposal(tx, proposal.id)
    store.require_version(found, proposal.version)
    found.state, found.superseded_by, found.changed = next_state(found, "reopen"), "", now()
    store.save_proposal(tx, found)
    told(tx, actor, "proposal_reopened", found, author=found.author)
