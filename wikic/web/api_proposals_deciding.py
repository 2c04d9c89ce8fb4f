"""The API around one proposal: decisions, comments, support, who it is given to, who is asked, who is looking."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from wikic.domain.proposals import Verdict
from wikic.domain.proposals_changes import from_json
from wikic.services.deciding import Ruling
from wikic.services.proposing_bodies import comment_body, decision_body, lookers_body
from wikic.web.acting import CurrentActor
from wikic.web.api_proposals_shapes import (
    Body,
    ChangeBody,
    CommentShape,
    DecisionShape,
    OutcomeShape,
    PersonShape,
    ProposalDetailShape,
)
from wikic.web.api_proposals_tools import (
    Limit,
    ProposalId,
    Services,
    Version,
    answers,
    document_answer,
    list_answer,
    private_answer,
)
from wikic.web.schemas import PageShape, Shape

router = APIRouter(prefix="/api/v1/proposals", tags=["proposals"])


class RulingBody(Body):
    """A decision. Reasons are needed to reject and to ask for changes."""

    verdict: Verdict
    reason: str = Field("", max_length=5_000)
    parts: dict[int, Verdict] = Field({}, description="The verdicts of single changes, by number from 0, where they differ.")
    amended: dict[int, ChangeBody] = Field(
        {},
        description="Changes to accept in the place of those proposed, by number from 0: of the same type, concept and field; or of what else becomes of the"
        " same concept (merge, split, deprecate, restore) or relation.",
    )


class CommentBody(Body):
    """What is said; `@name` mentions a user."""

    text: str = Field(min_length=1, max_length=5_000)


class AssigneeBody(Body):
    """Who decides; "" for nobody in particular."""

    user: str = Field(max_length=60)


class QuestionBody(Body):
    """A question to a named user."""

    user: str = Field(min_length=1, max_length=60)
    question: str = Field(min_length=1, max_length=5_000)


class SupportShape(Shape):
    """How many support it."""

    supports: int


class LookersShape(Shape):
    """Who else has it on the screen."""

    items: list[PersonShape]


@router.post(
    "/{id}/decisions",
    operation_id="decide_proposal",
    summary="Decide: accept (also amended, or in part), reject, ask for changes",
    response_model=None,
    responses=answers(OutcomeShape, 409, 412, 428),
)
def decide_proposal(services: Services, actor: CurrentActor, id: ProposalId, version: Version, sent: RulingBody) -> Response:
    amended = {part: from_json(change.model_dump(exclude={"base"})) for part, change in sent.amended.items()}
    outcome = services.deciding.decide(id, Ruling(sent.verdict, sent.reason, sent.parts, amended), actor, version)
    body: dict[str, Any] = {
        "proposal": services.proposal_bodies.many([outcome.proposal])[0],
        "seq": outcome.seq,
        "conflicts": [asdict(conflict) for conflict in outcome.conflicts],
        "awaits_second": outcome.awaits_second,
    }
    return private_answer(body)


@router.get(
    "/{id}/decisions",
    operation_id="list_decisions",
    summary="What was decided on a proposal, oldest first",
    response_model=None,
    responses=answers(PageShape[DecisionShape]),
)
def list_decisions(request: Request, services: Services, actor: CurrentActor, id: ProposalId) -> Response:
    decisions = services.proposing.read(id, actor).decisions
    return list_answer(request, services.reading, [decision_body(one) for one in decisions])


@router.get(
    "/{id}/comments",
    operation_id="list_comments",
    summary="What was said about a proposal, oldest first",
    response_model=None,
    responses=answers(PageShape[CommentShape]),
)
def list_comments(
    request: Request,
    services: Services,
    actor: CurrentActor,
    id: ProposalId,
    cursor: Annotated[str | None, Query(description="`next` of the page before.", min_length=1, max_length=60)] = None,
    limit: Limit = 100,
) -> Response:
    rows = services.talking.comments(id, actor, after=cursor or "", limit=limit + 1)
    following = rows[limit - 1]["key"] if len(rows) > limit else None
    return list_answer(request, services.reading, [comment_body(row) for row in rows[:limit]], following=following)


@router.post(
    "/{id}/comments",
    operation_id="add_comment",
    summary="Say something about a proposal",
    response_model=None,
    responses=answers(CommentShape),
)
def add_comment(services: Services, actor: CurrentActor, id: ProposalId, sent: CommentBody) -> Response:
    return private_answer(comment_body(services.talking.comment(id, sent.text, actor)))


@router.put(
    "/{id}/support",
    operation_id="support_proposal",
    summary="Support somebody else's proposal, once",
    response_model=None,
    responses=answers(SupportShape, 409),
)
def support_proposal(services: Services, actor: CurrentActor, id: ProposalId) -> Response:
    return private_answer({"supports": services.talking.support(id, actor)})


@router.delete(
    "/{id}/support",
    operation_id="withdraw_support",
    summary="Take one's support back",
    response_model=None,
    responses=answers(SupportShape, 409),
)
def withdraw_support(services: Services, actor: CurrentActor, id: ProposalId) -> Response:
    return private_answer({"supports": services.talking.support(id, actor, wanted=False)})


@router.put(
    "/{id}/assignee",
    operation_id="assign_proposal",
    summary="Give a proposal to a moderator, or to nobody",
    response_model=None,
    responses=answers(ProposalDetailShape, 409, 412, 428),
)
def assign_proposal(
    request: Request, services: Services, actor: CurrentActor, id: ProposalId, version: Version, sent: AssigneeBody
) -> Response:
    assigned = services.talking.assign(id, sent.user, actor, version)
    return document_answer(request, services.proposal_bodies.one(assigned), assigned.version)


@router.post(
    "/{id}/experts",
    operation_id="ask_expert",
    summary="Ask a named user what they think",
    response_model=None,
    responses=answers(CommentShape, 409),
)
def ask_expert(services: Services, actor: CurrentActor, id: ProposalId, sent: QuestionBody) -> Response:
    return private_answer(comment_body(services.talking.ask(id, sent.user, sent.question, actor)))


@router.get(
    "/{id}/people",
    operation_id="list_askable",
    summary="People who may be asked, by the beginning of their name (two letters or more; ten at most), for moderators",
    response_model=None,
    responses=answers(PageShape[PersonShape]),
)
def list_askable(
    request: Request,
    services: Services,
    actor: CurrentActor,
    id: ProposalId,
    name: Annotated[str, Query(description="How the name begins.", min_length=1, max_length=80, examples=["ad"])],
) -> Response:
    people = [{"id": key, "name": found} for key, found in services.talking.askable(id, name, actor)]
    return list_answer(request, services.reading, people)


@router.put(
    "/{id}/presence",
    operation_id="look_at_proposal",
    summary="Say that one is looking at it (again every half minute); who else is",
    response_model=None,
    responses=answers(LookersShape),
)
def look_at_proposal(services: Services, actor: CurrentActor, id: ProposalId) -> Response:
    return private_answer({"items": lookers_body(services.talking.look(id, actor))})


@router.delete(
    "/{id}/presence",
    operation_id="leave_proposal",
    summary="Say that one is looking elsewhere",
    response_model=None,
    responses=answers(LookersShape),
)
def leave_proposal(services: Services, actor: CurrentActor, id: ProposalId) -> Response:
    return private_answer({"items": lookers_body(services.talking.look(id, actor, here=False))})
