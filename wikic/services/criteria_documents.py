"""Criteria and proposals of criteria: documents to values and back, and who may see and decide what.

A network's people are whoever belongs to it, or to an organisation that it holds, directly or through other networks. Its moderators are its own, and those
of the networks that hold it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wikic.domain.access import Actor
from wikic.domain.ids import derived_uuid
from wikic.domain.levels import Criteria, CriteriaProposal, Said, levels_of, packed_levels
from wikic.errors import Forbidden, NotFound
from wikic.store import documents
from wikic.store.documents import Source
from wikic.store.engine import Row
from wikic.store.organisations import above
from wikic.store.tables import ORGANISATIONS


def criteria_id(network: str, concept: str, scale: str) -> str:
    """The id of the criteria of a network for a concept and a scale, there or not: a UUIDv5, as CASE takes it."""
    return derived_uuid(f"criteria:{network}:{concept}:{scale}")


def is_of_network(source: Source, actor: Actor, network: str) -> bool:
    """Whether somebody belongs to a network's people."""
    own = [slug for slug, _ in actor.memberships]
    return bool(own) and (network in own or network in above(source, own))


def may_moderate(source: Source, actor: Actor, network: str) -> bool:
    """Whether somebody decides what a network shares, whatever a token was made for: its moderators, those of a network above it, admins."""
    if actor.is_admin:
        return True
    moderated = {slug for slug, roles in actor.memberships if "moderator" in roles}
    return bool(moderated) and bool(moderated & {network, *above(source, [network])})


def require_moderator(source: Source, actor: Actor, proposal: CriteriaProposal) -> None:
    """Raise Forbidden unless somebody may decide on a proposal: by role, and by four eyes."""
    if not may_moderate(source, actor, proposal.network):
        raise Forbidden(
            f"you may not do this: it takes the role moderator in {proposal.network}, or in a network above it",
            reason="network-moderator", network=proposal.network,
        )  # fmt: skip
    if actor.id == proposal.author:
        raise Forbidden(f"proposal {proposal.id} is your own work: another moderator decides on it", reason="own-work")


def network_row(source: Source, slug: str, actor: Actor) -> Row:
    """The document of a network, if the actor may see it. Raises NotFound."""
    row = documents.find(source, ORGANISATIONS, slug)
    hidden = row is None or row["kind"] != "network" or (row["private"] and not (actor.is_admin or sees(source, actor, slug)))
    if row is None or hidden:
        raise NotFound(f"there is no network {slug[:60]}", reason="network-none", network=slug[:60])
    return row


def sees(source: Source, actor: Actor, network: str) -> bool:
    """Whether somebody sees what is proposed to a network: its people, and those who decide."""
    return actor.is_admin or is_of_network(source, actor, network) or may_moderate(source, actor, network)


def criteria_of(row: Mapping[str, Any]) -> Criteria:
    """Criteria from their document, or from that of a version."""
    return Criteria(
        id=str(row.get("criteria") or row["key"]), network=str(row["network"]), concept=str(row["concept"]), scale=str(row["scale"]),
        levels=levels_of(row["levels"]), number=int(row["number"]), changed=str(row["changed"]), by=str(row["by"]),
        proposal=str(row.get("proposal") or ""),
    )  # fmt: skip


def criteria_row(criteria: Criteria) -> Row:
    """Criteria as their document."""
    place = f"{criteria.concept}/{criteria.scale}/{criteria.network}"
    return {
        "key": criteria.id, "network": criteria.network, "concept": criteria.concept, "scale": criteria.scale,
        "levels": packed_levels(criteria.levels), "number": criteria.number, "changed": criteria.changed, "by": criteria.by,
        "proposal": criteria.proposal, "by_concept": place, "by_network": f"{criteria.network}/{criteria.concept}/{criteria.scale}",
    }  # fmt: skip


def proposal_of(row: Mapping[str, Any]) -> CriteriaProposal:
    """A proposal from its document."""
    amended = row.get("amended")
    return CriteriaProposal(
        id=str(row["key"]), network=str(row["network"]), concept=str(row["concept"]), scale=str(row["scale"]), levels=levels_of(row["levels"]),
        before=levels_of(row["before"]), base=int(row["base"]), author=str(row["author"]), author_name=str(row["author_name"]),
        created=str(row["created"]), changed=str(row["changed"]), state=str(row["state"]), version=int(row["version"]), note=str(row["note"]),
        decided_by=str(row.get("decided_by") or ""), decided_name=str(row.get("decided_name") or ""), decided_at=str(row.get("decided_at") or ""),
        reason=str(row.get("reason") or ""), amended=levels_of(amended) if amended is not None else None,
        comments=tuple(Said(**each) for each in row["comments"]),
    )  # fmt: skip


def proposal_row(proposal: CriteriaProposal) -> Row:
    """A new proposal as its document."""
    return {
        "key": proposal.id, "network": proposal.network, "concept": proposal.concept, "scale": proposal.scale,
        "levels": packed_levels(proposal.levels), "before": packed_levels(proposal.before), "base": proposal.base, "author": proposal.author,
        "author_name": proposal.author_name, "created": proposal.created, "changed": proposal.changed, "note": proposal.note, "comments": [],
        "listing": proposal.id, "by_criteria": f"{criteria_id(*proposal.criteria)}/{proposal.id}", **placed(proposal, proposal.state),
    }  # fmt: skip


def placed(proposal: CriteriaProposal, state: str) -> dict[str, str]:
    """What a proposal's state is kept as: a network's queue is one range."""
    return {"state": state, "by_network": f"{proposal.network}/{state}/{proposal.id}"}
