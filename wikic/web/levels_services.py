"""What the handlers of scales and criteria are given, and the bodies that they answer."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Path, Request

from wikic.domain.badges import Level
from wikic.domain.levels import (
    Criteria,
    CriteriaProposal,
    Scale,
    ScaleLevel,
    criteria_address,
    packed_levels,
    scale_address,
)
from wikic.services.criteria_documents import criteria_id
from wikic.services.levels_parts import LevelServices
from wikic.web.badges_services import Badges
from wikic.web.schemas_levels import ScaleLevelBody

Body = dict[str, Any]


def _levels(badges: Badges) -> LevelServices:
    return badges.levels


Levels = Annotated[LevelServices, Depends(_levels)]
"""All services that have to do with scales and criteria."""

ScaleId = Annotated[str, Path(alias="id", description="The scale's id.", min_length=1, max_length=80)]
CriteriaId = Annotated[str, Path(alias="id", description="The id of the criteria.", min_length=1, max_length=60)]
CriteriaProposalId = Annotated[str, Path(alias="id", description="The proposal's id.", min_length=1, max_length=60)]
LevelNumber = Annotated[int, Path(description="The level's number.", ge=1, le=99)]


def levels_of_request(request: Request) -> LevelServices:
    """The same where there is nothing but a request."""
    services: LevelServices = request.app.state.services.badges.levels
    return services


def scale_body(scale: Scale, public_url: str) -> Body:
    """A scale whole."""
    levels = [
        each.packed() | {"number": number, "level": f"{scale.id}:{number}", "url": scale_address(public_url, Level(scale.id, number))}
        for number, each in enumerate(scale.levels, 1)
    ]
    return {
        "id": scale.id,
        "name": dict(scale.name),
        "levels": levels,
        "owner": scale.owner or None,
        "number": scale.number,
        "used": scale.used,
        "built_in": scale.built_in,
        "made_by": scale.made_by or None,
        "created": scale.created or None,
        "changed": scale.changed or None,
    }


def criteria_body(criteria: Criteria, public_url: str) -> Body:
    """Criteria whole."""
    return {
        "id": criteria.id,
        "network": criteria.network,
        "concept": criteria.concept,
        "scale": criteria.scale,
        "number": criteria.number,
        "levels": packed_levels(criteria.levels),
        "changed": criteria.changed,
        "by": criteria.by,
        "proposal": criteria.proposal or None,
        "urls": {str(number): criteria_address(public_url, criteria.id, number) for number in sorted(criteria.levels)},
    }


def proposal_body(proposal: CriteriaProposal) -> Body:
    """A proposal whole."""
    amended = proposal.amended
    decision = {
        "by": proposal.decided_by,
        "name": proposal.decided_name,
        "time": proposal.decided_at,
        "reason": proposal.reason,
        "amended": packed_levels(amended) if amended is not None else None,
    }
    return {
        "id": proposal.id,
        "criteria": criteria_id(*proposal.criteria),
        "network": proposal.network,
        "concept": proposal.concept,
        "scale": proposal.scale,
        "state": proposal.state,
        "levels": packed_levels(proposal.levels),
        "before": packed_levels(proposal.before),
        "base": proposal.base,
        "note": proposal.note,
        "author": proposal.author,
        "author_name": proposal.author_name,
        "created": proposal.created,
        "changed": proposal.changed,
        "decision": decision if proposal.decided_at else None,
        "comments": [{"by": each.by, "name": each.name, "time": each.time, "text": each.text} for each in proposal.comments],
    }


def sent_scale(levels: list[ScaleLevelBody]) -> list[ScaleLevel]:
    """Levels of a scale as they were sent."""
    return [ScaleLevel(each.name, each.description) for each in levels]

