"""Lists of proposals: all of them, one's own, the parts of a lot, and suggestions that wait for somebody to stand for them."""

from __future__ import annotations

from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response

from wikic.domain.access import Actor
from wikic.domain.proposals import STATES
from wikic.errors import InvalidInput, Unauthenticated
from wikic.services.proposing_lists import ProposalPage
from wikic.web.acting import CurrentActor
from wikic.web.dependencies import CursorParameter
from wikic.web.forms import see, sign_in_address
from wikic.web.pages_common import Visit
from wikic.web.pages_proposals import names_of
from wikic.web.pages_proposals_one import title_of
from wikic.web.proposals_services import ModerationServices, Services, delay_text, visit_of
from wikic.web.views_common import Link, concept_link
from wikic.web.views_proposals import LotContext, ProposalLine, ProposalsPage

HELD: Final = "held"
"""The filter for suggestions that nobody has confirmed or taken up; it stands beside the states."""
_PAGE: Final = 40

router = APIRouter(include_in_schema=False)


@router.get("/proposals")
def proposals_page(
    request: Request,
    services: Services,
    actor: CurrentActor,
    state: Annotated[str, Query(max_length=30)] = "",
    author: Annotated[str, Query(max_length=60)] = "",
    lot: Annotated[str, Query(max_length=60)] = "",
    concept: Annotated[str, Query(max_length=2_000)] = "",
    cursor: CursorParameter = None,
) -> Response:
    """Proposals, newest first. `author=me`: one's own, drafts included; `concept`: the open ones about it, oldest first."""
    if author == "me" and not actor.known:
        return see(sign_in_address(request))
    if state not in ("", HELD, *STATES):
        raise InvalidInput(f"{state!r} is no state of a proposal: {', '.join(STATES)}")
    seen = visit_of(request, services, actor)
    t, mine = seen.t, author == "me"
    found = _found(services, actor, state, actor.id if mine else author, lot, concept, cursor)
    query: dict[str, str | None] = {"state": state, "author": author, "lot": lot, "concept": concept}
    page = ProposalsPage(
        title=t("proposals.mine") if mine else t("proposals.title"),
        tabs=_tabs(seen, actor, state, mine=mine),
        states=[] if state == HELD or concept else _states(seen, state, author, lot),
        lines=_lines(seen, services, found),
        following=_address(query | {"cursor": found.next}) if found.next else "",
        delay=delay_text(services.proposing.usual_delay(), t),
        mine=mine,
        context=_context(services, lot, actor) if lot else None,
    )
    return seen.answer(page, indexed=False)


def _found(
    services: ModerationServices, actor: Actor, state: str, author: str, lot: str, concept: str, cursor: str | None
) -> ProposalPage:
    if state == HELD:
        if not actor.known:
            raise Unauthenticated("sign in first: contributors take suggestions up", reason="sign-in")
        return ProposalPage(services.suggesting.held(actor), None, 0)
    return services.proposing.list(
        actor, state=state or None, author=author or None, concept=concept or None, lot=lot or None, cursor=cursor, limit=_PAGE
    )


def _address(query: dict[str, str | None]) -> str:
    chosen = {name: value for name, value in query.items() if value}
    return f"/proposals?{urlencode(chosen)}" if chosen else "/proposals"


def _tabs(seen: Visit, actor: Actor, state: str, *, mine: bool) -> list[Link]:
    tabs = [Link("/proposals", seen.t("proposals.all"), current=not mine and state != HELD)]
    if actor.known:
        tabs.append(Link("/proposals?author=me", seen.t("proposals.mine"), current=mine))
        if actor.has("contributor"):
            tabs.append(Link(f"/proposals?state={HELD}", seen.t("proposals.suggestions"), current=state == HELD))
    if actor.is_moderator:
        tabs.append(Link("/queue", seen.t("queue.title")))
    return tabs


def _states(seen: Visit, chosen: str, author: str, lot: str) -> list[Link]:
    shown = [one for one in STATES if one != "draft" or author == "me"]
    links = [Link(_address({"author": author, "lot": lot}), seen.t("proposals.any_state"), current=not chosen)]
    return links + [
        Link(_address({"state": one, "author": author, "lot": lot}), seen.t.name("proposal_state", one), current=one == chosen) for one in shown
    ]


def _lines(seen: Visit, services: ModerationServices, found: ProposalPage) -> list[ProposalLine]:
    bodies = services.proposal_bodies.many(found.items)
    names = names_of(seen, services, [change for one in found.items for change in one.changes])
    return [
        ProposalLine(
            id=proposal.id,
            address=f"/proposals/{proposal.id}",
            title=title_of(proposal, names, seen.t),
            concept=concept_link(body["concepts"][0], seen.addresses, seen.lang) if body["concepts"] else None,
            state=HELD if proposal.waits_to_be_taken_up else proposal.state,
            author=proposal.author_name,
            time=proposal.submitted or proposal.created,
            reason=proposal.decisions[-1].reason_in(seen.lang) if proposal.decisions else "",
            changes=len(proposal.changes),
            supports=body["supports"],
            comments=body["comments"],
        )
        for proposal, body in zip(found.items, bodies, strict=True)
    ]


def _context(services: ModerationServices, lot: str, actor: Actor) -> LotContext:
    """What all parts of a lot share. Raises NotFound."""
    found = services.proposing.lot(lot, actor)
    return LotContext(found.id, found.title, found.justification, found.sources, found.author_name, found.created, len(found.parts))
