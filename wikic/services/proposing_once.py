"""What a form asks for is written down once, though it is sent twice (by two clicks, or again by going back)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from wikic.domain.ids import is_new_uuid, new_uuid, time_of_uuid
from wikic.domain.proposals import Proposal
from wikic.store import proposals as store
from wikic.store.engine import Engine, UniqueViolation, WriteTransaction
from wikic.store.leases import write_numbered

_FORM_OPEN: Final = 86_400_000
"""Milliseconds that a form may stand open and be sent twice without harm."""
_TYPED: Final = ("author", "address", "changes", "justification", "sources")


def id_for(once: str) -> str:
    """The id of a new proposal: the one that its form was given lately, or a new one."""
    return once if is_new_uuid(once) and 0 <= time_of_uuid(new_uuid()) - time_of_uuid(once) < _FORM_OPEN else new_uuid()


def written_once(engine: Engine, proposal: Proposal, work: Callable[[WriteTransaction], None]) -> Proposal:
    """Write a new proposal down; the one that is there, where the same form is sent a second time. What was typed anew into it is another proposal."""
    try:
        write_numbered(engine, work)
    except UniqueViolation:
        kept = store.read_proposal(engine, proposal.id)
        if all(getattr(kept, name) == getattr(proposal, name) for name in _TYPED):
            return kept
        proposal.id = new_uuid()
        write_numbered(engine, work)
    proposal.version = 1
    return proposal
