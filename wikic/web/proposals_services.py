"""What the pages of proposals are given: the services of the opened store, and short words for what they often ask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Protocol, cast

from fastapi import Depends, Request

from wikic.domain.access import Actor
from wikic.services.proposing import has_terms
from wikic.services.reverting import Obstacle, Reverting
from wikic.services.searching import Searching
from wikic.web.api_proposals_tools import ProposalServices
from wikic.web.pages_common import Visit, visit
from wikic.web.texts import Texts


class ModerationServices(ProposalServices, Protocol):
    """What these pages need of an opened store beyond what the API of proposals needs; `bootstrap.App` is one."""

    @property
    def searching(self) -> Searching: ...
    @property
    def reverting(self) -> Reverting: ...


def _services(request: Request) -> ModerationServices:
    return cast(ModerationServices, request.app.state.services)


def services_of(request: Request) -> ModerationServices | None:
    """The same where a page does without them if need be: None where this site takes no proposals."""
    services = request.app.state.services
    return cast(ModerationServices, services) if hasattr(services, "proposing") else None


def obstacles_of(request: Request, actor: Actor, seqs: Sequence[int]) -> dict[int, Obstacle]:
    """Why changes cannot be taken back, by number, for those who could."""
    services = services_of(request)
    return services.reverting.obstacles(seqs) if seqs and actor.is_moderator and services is not None else {}


Services = Annotated[ModerationServices, Depends(_services)]


def visit_of(request: Request, services: ModerationServices, actor: Actor) -> Visit:
    """The visit of somebody who may see more than the public framework."""
    return visit(request, services.reading.seen_by(actor))


def contributes(actor: Actor) -> bool:
    """Whether somebody may propose and comment."""
    return actor.known and actor.has("contributor") and has_terms(actor)


def delay_text(seconds: int | None, t: Texts) -> str:
    """How long a decision usually takes, in words; "" where that is not known."""
    if seconds is None:
        return ""
    days, hours = round(seconds / 86_400), round(seconds / 3_600)
    if days >= 2:
        return t("proposal.days", n=days)
    return t("proposal.hours", n=hours) if hours >= 2 else t("proposal.an_hour")
