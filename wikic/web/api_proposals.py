"""The API of proposals: listing, checking, making, changing, handing in and taking back; lots and suggestions."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from wikic.domain.proposals import State
from wikic.domain.vocabulary import PUBLIC_SPACE, Scheme
from wikic.services.proposing_bodies import checked_body
from wikic.web.acting import CurrentActor
from wikic.web.api_proposals_shapes import (
    Body,
    Changes,
    CheckedShape,
    LotShape,
    ProposalDetailShape,
    ProposalShape,
    Uuid,
    Words,
)
from wikic.web.api_proposals_tools import (
    Limit,
    ProposalId,
    Services,
    Version,
    answers,
    changes_of,
    document_answer,
    list_answer,
    page_answer,
    private_answer,
)
from wikic.web.dependencies import CursorParameter, Lang
from wikic.web.rate_limit import caller
from wikic.web.schemas import PageShape

PREFIX = "/api/v1/proposals"

router = APIRouter(prefix=PREFIX, tags=["proposals"])

Sources = Annotated[list[Annotated[str, Field(max_length=2_000)]], Field(max_length=20)]


class CheckBody(Body):
    """Changes to check."""

    changes: Changes
    space: str = Field(PUBLIC_SPACE, max_length=100)


class ProposalBody(CheckBody):
    """A proposal to write down."""

    justification: Words = ""
    sources: Sources = Field([])
    submit: bool = Field(False, description="Hand it in at once.")
    supersedes: Uuid = Field("", description="One of one's own open proposals that it stands for.")


class EditBody(Body):
    """What to change of a proposal; what is left out stays."""

    changes: Changes | None = None
    justification: Words | None = None
    sources: Sources | None = None


class LotBody(Body):
    """A contribution of many parts."""

    title: str = Field(max_length=300)
    justification: Words = ""
    sources: Sources = Field([])
    parts: list[Changes] = Field(min_length=1, max_length=500)
    space: str = Field(PUBLIC_SPACE, max_length=100)


class SuggestionBody(Body):
    """A suggestion of somebody without an account."""

    changes: Changes
    justification: Words
    sources: Sources = Field([])
    mail: str = Field("", max_length=254, description="Where the link goes that confirms it; without one a contributor has to take it up.")
    lang: Literal["fr", "en"] = Field("fr", description="The language of that mail.")


class ConfirmBody(Body):
    """The secret part of the link."""

    token: str = Field(max_length=100)


@router.get(
    "", operation_id="list_proposals", summary="List proposals, newest first", response_model=None, responses=answers(PageShape[ProposalShape])
)
def list_proposals(
    request: Request,
    services: Services,
    actor: CurrentActor,
    state: State | None = None,
    author: Annotated[str | None, Query(description="A user's id; `me` for one's own, drafts included.", max_length=60)] = None,
    scheme: Scheme | None = None,
    concept: Annotated[
        str | None,
        Query(
            description="Those about a concept (any reference), oldest first: the open ones, or with `state` those in that state.", max_length=2_000
        ),
    ] = None,
    lot: Annotated[str | None, Query(max_length=60)] = None,
    cursor: CursorParameter = None,
    limit: Limit = 50,
    lang: Lang = None,
) -> Response:
    who = actor.id if author == "me" else author
    page = services.proposing.list(
        actor, state=state, author=who, scheme=scheme, concept=concept, lot=lot, cursor=cursor, limit=limit
    )
    return page_answer(request, services, page, lang)


@router.post(
    "/check",
    operation_id="check_changes",
    summary="Check changes as they are written; nothing is kept",
    response_model=None,
    responses=answers(CheckedShape),
)
def check_changes(services: Services, actor: CurrentActor, sent: CheckBody) -> Response:
    return private_answer(checked_body(services.proposing.check(changes_of(sent.changes), actor, space=sent.space)))


@router.post(
    "",
    operation_id="make_proposal",
    summary="Write a proposal down, as a draft or handed in",
    response_model=None,
    responses=answers(ProposalDetailShape, 409),
)
def make_proposal(request: Request, services: Services, actor: CurrentActor, sent: ProposalBody) -> Response:
    made = services.proposing.make(
        changes_of(sent.changes),
        actor,
        justification=sent.justification,
        sources=sent.sources,
        space=sent.space,
        submit=sent.submit,
        supersedes=sent.supersedes,
    )
    body = services.proposal_bodies.one(made)
    return document_answer(request, body, made.version, location=f"{PREFIX}/{made.id}")


@router.post(
    "/lots",
    operation_id="make_lot",
    summary="Hand in a contribution of many parts, each decided on its own",
    response_model=None,
    responses=answers(LotShape, 409),
)
def make_lot(services: Services, actor: CurrentActor, sent: LotBody) -> Response:
    parts = [changes_of(part) for part in sent.parts]
    lot = services.proposing.make_lot(
        sent.title, parts, actor, justification=sent.justification, sources=sent.sources, space=sent.space
    )
    return private_answer(services.proposal_bodies.lot(lot))


@router.get(
    "/lots/{id}", operation_id="read_lot", summary="A contribution with its parts", response_model=None, responses=answers(LotShape)
)
def read_lot(services: Services, actor: CurrentActor, id: ProposalId, lang: Lang = None) -> Response:
    return private_answer(services.proposal_bodies.lot(services.proposing.lot(id, actor), lang))


@router.post(
    "/suggestions",
    operation_id="make_suggestion",
    summary="Suggest without an account; held until it is confirmed or taken up",
    response_model=None,
    responses=answers(ProposalShape, 429),
)
def make_suggestion(request: Request, services: Services, sent: SuggestionBody) -> Response:
    held = services.suggesting.suggest(
        changes_of(sent.changes),
        sent.justification,
        sender=caller(request.scope),
        mail=sent.mail,
        sources=sent.sources,
        lang=sent.lang,
    )
    return private_answer(services.proposal_bodies.many([held.proposal])[0])


@router.get(
    "/suggestions",
    operation_id="list_suggestions",
    summary="The suggestions that wait for somebody to stand for them",
    response_model=None,
    responses=answers(PageShape[ProposalShape]),
)
def list_suggestions(request: Request, services: Services, actor: CurrentActor, lang: Lang = None) -> Response:
    return list_answer(request, services.reading, services.proposal_bodies.many(services.suggesting.held(actor), lang))


@router.post(
    "/suggestions/{id}/confirm",
    operation_id="confirm_suggestion",
    summary="Confirm one's suggestion by the link that came by mail",
    response_model=None,
    responses=answers(ProposalShape, 409),
)
def confirm_suggestion(services: Services, id: ProposalId, sent: ConfirmBody) -> Response:
    return private_answer(services.proposal_bodies.many([services.suggesting.confirm(id, sent.token)])[0])


@router.post(
    "/suggestions/{id}/take-up",
    operation_id="take_up_suggestion",
    summary="Stand for a suggestion; it becomes one's own proposal",
    response_model=None,
    responses=answers(ProposalShape, 409),
)
def take_up_suggestion(services: Services, actor: CurrentActor, id: ProposalId) -> Response:
    return private_answer(services.proposal_bodies.many([services.suggesting.take_up(id, actor)])[0])


@router.get(
    "/{id}", operation_id="read_proposal", summary="One proposal", response_model=None, responses=answers(ProposalDetailShape)
)
def read_proposal(request: Request, services: Services, actor: CurrentActor, id: ProposalId, lang: Lang = None) -> Response:
    proposal = services.proposing.read(id, actor)
    return document_answer(request, services.proposal_bodies.one(proposal, lang), proposal.version)


@router.patch(
    "/{id}",
    operation_id="edit_proposal",
    summary="Change one's own proposal in place",
    response_model=None,
    responses=answers(ProposalDetailShape, 409, 412, 428),
)
def edit_proposal(
    request: Request, services: Services, actor: CurrentActor, id: ProposalId, version: Version, sent: EditBody
) -> Response:
    changes = changes_of(sent.changes) if sent.changes is not None else None
    edited = services.proposing.edit(
        id, actor, version, changes=changes, justification=sent.justification, sources=sent.sources
    )
    return document_answer(request, services.proposal_bodies.one(edited), edited.version)


@router.post(
    "/{id}/submit",
    operation_id="submit_proposal",
    summary="Hand a draft in, or again what was sent back",
    response_model=None,
    responses=answers(ProposalDetailShape, 409, 412, 428),
)
def submit_proposal(request: Request, services: Services, actor: CurrentActor, id: ProposalId, version: Version) -> Response:
    submitted = services.proposing.submit(id, actor, version)
    return document_answer(request, services.proposal_bodies.one(submitted), submitted.version)


@router.post(
    "/{id}/withdraw",
    operation_id="withdraw_proposal",
    summary="Take one's own proposal back",
    response_model=None,
    responses=answers(ProposalDetailShape, 409, 412, 428),
)
def withdraw_proposal(request: Request, services: Services, actor: CurrentActor, id: ProposalId, version: Version) -> Response:
    withdrawn = services.proposing.withdraw(id, actor, version)
    return document_answer(request, services.proposal_bodies.one(withdrawn), withdrawn.version)
