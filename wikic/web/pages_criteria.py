"""The pages of proposals of criteria: a network's queue, the form, one proposal with its decision."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Request, Response
from starlette.datastructures import FormData

from wikic.domain.levels import LANGUAGES, OPEN, PROPOSAL_STATES, CriteriaProposal, ProposalState, Scale
from wikic.errors import NotFound
from wikic.services.criteria_documents import criteria_id
from wikic.web.acting import CurrentActor
from wikic.web.badges_services import Badges
from wikic.web.dependencies import ReadingService
from wikic.web.forms import Form, field, see
from wikic.web.levels_services import CriteriaProposalId, Levels
from wikic.web.pages_account import trouble_of
from wikic.web.pages_badges_making import MINDED, Known
from wikic.web.pages_common import Visit, visit
from wikic.web.pages_levels_parts import blocks_of, concept_links, scale_of, scale_words, status_of_refusal, words
from wikic.web.views_common import Link
from wikic.web.views_levels import (
    CriteriaFormPage,
    CriteriaProposalPage,
    CriteriaProposalRow,
    CriteriaQueuePage,
    ProposedText,
)

router = APIRouter(include_in_schema=False)

PAGE: Final = 30
_SCALES: Final = 200

Slug = Annotated[str, Path(max_length=60)]
After = Annotated[str, Query(max_length=300)]


@router.get("/organisations/{slug}/criteria")
def queue_page(
    request: Request,
    reading: ReadingService,
    levels: Levels,
    actor: CurrentActor,
    slug: Slug,
    state: ProposalState = "open",
    after: After = "",
    further: After = "",
) -> Response:
    """What is proposed to a network, for its people, and what it has adopted."""
    network, people = Link(f"/organisations/{slug}", levels.proposing.network_name(slug, actor)), levels.proposing.sees(slug, actor)
    seen, start = visit(request, reading), f"/organisations/{slug}/criteria"
    found, following = levels.proposing.page(slug, actor, state=state, after=after, limit=PAGE) if people else ([], "")
    adopted, more = levels.criteria.page(network=slug, after=further, limit=PAGE)
    links = concept_links(seen, {*(each.concept for each in found), *(each.concept for each in adopted)})
    page = CriteriaQueuePage(
        title=seen.t("criteria.queue_of", name=network.text),
        trail=[Link("/organisations", seen.t("organisation.title")), Link(network.address, network.text)],
        people=people,
        states=[
            Link(seen.addresses.page(start, state="" if each == OPEN else each), seen.t.name("criteria_state", each), current=each == state)
            for each in PROPOSAL_STATES
        ],
        rows=[
            CriteriaProposalRow(f"/criteria/proposals/{each.id}", links.get(each.concept), _scale_name(seen, each.scale), each.author_name, each.created)
            for each in found
        ],
        following=seen.addresses.page(start, state=state, after=following) if following else "",
        blocks=blocks_of(seen, adopted, links),
        further=seen.addresses.page(start, state=state, further=more) if more else "",
    )
    return seen.answer(page, indexed=False)


@router.get("/criteria/propose")
def propose_page(
    request: Request,
    reading: ReadingService,
    badges: Badges,
    actor: Known,
    concept: Annotated[str, Query(max_length=2_000)],
    network: Annotated[str, Query(max_length=60)] = "",
    scale: Annotated[str, Query(max_length=80)] = "practice",
) -> Response:
    """The form; first the choice of network and scale, where it is not made yet."""
    seen = visit(request, reading)
    uuid = badges.bindings.targets.uuid_of(concept)
    return seen.answer(_form(seen, badges, actor, uuid, network, scale), indexed=False)


@router.post("/criteria/propose")
def propose(request: Request, reading: ReadingService, badges: Badges, actor: Known, form: Form) -> Response:
    """Propose what stands in the form."""
    concept, network, scale = field(form, "concept", 2_000), field(form, "network", 60), field(form, "scale", 80)
    proposing = badges.levels.proposing
    try:
        made = proposing.propose(network, concept, scale, _sent(form), actor, note=field(form, "note"))
    except MINDED as error:
        seen, uuid = visit(request, reading), badges.bindings.targets.uuid_of(concept)
        typed = {name: field(form, name) for name in dict.fromkeys(form.keys())}
        return seen.answer(_form(seen, badges, actor, uuid, network, scale, typed, error), status_of_refusal(error), indexed=False)
    return see(f"/criteria/proposals/{made.id}")


@router.get("/criteria/proposals/{id}")
def proposal_page(request: Request, reading: ReadingService, levels: Levels, actor: CurrentActor, id: CriteriaProposalId) -> Response:
    """One proposal."""
    proposal = levels.proposing.get(id, actor)
    seen = visit(request, reading)
    return seen.answer(_proposal(seen, levels, proposal), indexed=False)


@router.post("/criteria/proposals/{id}/decide")
def decide(request: Request, reading: ReadingService, levels: Levels, actor: Known, id: CriteriaProposalId, form: Form) -> Response:
    """Accept or reject it, if nothing has happened to it since it was read."""
    act, version = field(form, "act", 20), field(form, "version", 12)
    return _on(
        request, reading, levels, actor, id, form,
        lambda: levels.proposing.decide(
            id, "reject" if act == "reject" else "accept", actor, reason=field(form, "reason"), amended=_sent(form) if act == "amend" else None,
            version=int(version) if version.isdecimal() else 0,
        ),
    )  # fmt: skip


@router.post("/criteria/proposals/{id}/withdraw")
def withdraw(request: Request, reading: ReadingService, levels: Levels, actor: Known, id: CriteriaProposalId, form: Form) -> Response:
    """Take it back."""
    return _on(request, reading, levels, actor, id, form, lambda: levels.proposing.withdraw(id, actor))


@router.post("/criteria/proposals/{id}/comment")
def comment(request: Request, reading: ReadingService, levels: Levels, actor: Known, id: CriteriaProposalId, form: Form) -> Response:
    """Say something of it."""
    return _on(request, reading, levels, actor, id, form, lambda: levels.proposing.comment(id, field(form, "text"), actor))


def _on(
    request: Request, reading: ReadingService, levels: Levels, actor: CurrentActor, identity: str, form: FormData, work: Callable[[], object]
) -> Response:
    """Do something to a proposal and show it again; what is refused stands above it."""
    proposal = levels.proposing.get(identity, actor)
    try:
        work()
    except MINDED as error:
        if isinstance(error, NotFound):
            raise
        seen = visit(request, reading)
        typed = {name: field(form, name) for name in dict.fromkeys(form.keys())}
        return seen.answer(_proposal(seen, levels, proposal, typed, error), status_of_refusal(error), indexed=False)
    return see(f"/criteria/proposals/{identity}")


def _form(
    seen: Visit, badges: Badges, actor: CurrentActor, uuid: str, network: str, scale: str, typed: Mapping[str, str] | None = None,
    trouble: Exception | None = None,
) -> CriteriaFormPage:  # fmt: skip
    levels = badges.levels
    known = scale_of(seen, scale)
    networks = levels.proposing.networks_of(actor)
    name = dict(networks).get(network, "")
    if network and not name and actor.is_admin:
        # Who administers proposes to any network; the choice shows those one belongs to.
        with suppress(NotFound):
            name = levels.proposing.network_name(network, actor)
    chosen = Link(f"/organisations/{network}", name) if name and known else None
    held = levels.criteria.find(criteria_id(network, uuid, scale)) if chosen and typed is None else None
    values = {_name(number, lang): text for number, texts in (held.levels if held else {}).items() for lang, text in texts.items()}
    scales, _ = levels.scales.page(limit=_SCALES)
    concept = concept_links(seen, [uuid])[uuid]
    return CriteriaFormPage(
        title=seen.t("criteria.propose_for", name=concept.name.value),
        trail=[Link(concept.address, concept.name.value)],
        trouble=trouble_of(seen, trouble) if isinstance(trouble, MINDED) else None,
        concept=concept,
        network=chosen,
        networks=networks,
        scale=scale if known else "practice",
        scales=[(each.id, words(each.name, seen.lang).value) for each in scales],
        levels=scale_words(seen, known) if chosen and known else [],
        values=_filled(known, values | dict(typed or {}), "note"),
    )


def _proposal(
    seen: Visit, levels: Levels, proposal: CriteriaProposal, typed: Mapping[str, str] | None = None, trouble: Exception | None = None
) -> CriteriaProposalPage:
    scale = levels.scales.get(proposal.scale)
    names, links = levels.criteria.network_names([proposal.network]), concept_links(seen, [proposal.concept])
    held = levels.criteria.find(criteria_id(*proposal.criteria))
    values = {_name(number, lang): text for number, texts in proposal.levels.items() for lang, text in texts.items()}
    return CriteriaProposalPage(
        title=seen.t("criteria.proposal"),
        trail=[Link(f"/organisations/{proposal.network}/criteria", seen.t("criteria.queue_of", name=names.get(proposal.network, proposal.network)))],
        trouble=trouble_of(seen, trouble) if isinstance(trouble, MINDED) else None,
        proposal=proposal,
        concept=links[proposal.concept],
        network=Link(f"/organisations/{proposal.network}", names.get(proposal.network, proposal.network)),
        scale=Link(f"/scales/{scale.id}", words(scale.name, seen.lang).value),
        texts=_texts(seen, proposal, scale),
        criteria=f"/criteria/{held.id}" if held else "",
        decides=levels.proposing.may_decide(proposal, seen.actor),
        own=seen.actor.known and seen.actor.id == proposal.author,
        values=_filled(scale, values | dict(typed or {}), "reason", "text"),
    )


def _texts(seen: Visit, proposal: CriteriaProposal, scale: Scale) -> list[ProposedText]:
    amended = proposal.amended
    made = []
    for number, level in enumerate(scale.levels, 1):
        for lang in LANGUAGES:
            before, after = (texts.get(number, {}).get(lang, "") for texts in (proposal.before, proposal.levels))
            adopted = amended.get(number, {}).get(lang, "") if amended is not None else after
            if before or after or adopted:
                made.append(ProposedText(number, words(level.name, seen.lang), lang, before, after, adopted if adopted != after else None))
    return made


def _scale_name(seen: Visit, identity: str) -> str:
    scale = scale_of(seen, identity)
    return words(scale.name, seen.lang).value if scale else identity


def _name(number: int, lang: str) -> str:
    """The name of the field of a level."""
    return f"level_{lang}_{number}"


def _filled(scale: Scale | None, values: Mapping[str, str], *more: str) -> dict[str, str]:
    """What stands in the fields of a scale's levels, and in others."""
    names = [_name(number, lang) for number in range(1, len(scale.levels) + 1) for lang in LANGUAGES] if scale else []
    return {name: values.get(name, "") for name in (*names, *more)}


def _sent(form: FormData) -> dict[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = {}
    for name in dict.fromkeys(form.keys()):
        part = name.split("_")
        if len(part) == 3 and part[0] == "level" and part[1] in LANGUAGES and part[2].isdecimal() and len(part[2]) <= 2 and field(form, name).strip():
            found.setdefault(int(part[2]), {})[part[1]] = field(form, name)
    return found
