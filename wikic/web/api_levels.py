"""The API of scales, of the criteria that networks have adopted, and of proposals of criteria with their decisions."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response

from wikic.domain.levels import Criteria, CriteriaProposal, ProposalState, Scale, levels_of
from wikic.web import examples_levels as examples
from wikic.web import schemas_levels as shapes
from wikic.web.acting import CurrentActor
from wikic.web.api_badges import KEPT, Cursor, Limit, Number, listed, read_answers
from wikic.web.api_proposals_tools import Version, answers, document_answer
from wikic.web.dependencies import ReadingService, public_url
from wikic.web.levels_services import (
    CriteriaId,
    CriteriaProposalId,
    Levels,
    ScaleId,
    criteria_body,
    proposal_body,
    scale_body,
    sent_scale,
)
from wikic.web.schemas import PageShape

SCALES: Final = "/api/v1/scales"
CRITERIA: Final = "/api/v1/criteria"
PROPOSALS: Final = "/api/v1/criteria-proposals"

router = APIRouter(tags=["badges"])


def _scale(request: Request, scale: Scale, location: str = "") -> Response:
    return document_answer(request, scale_body(scale, public_url(request)), scale.version, location=location)


def _criteria(request: Request, criteria: Criteria) -> Response:
    return document_answer(request, criteria_body(criteria, public_url(request)), criteria.number)


def _proposal(request: Request, proposal: CriteriaProposal, location: str = "") -> Response:
    return document_answer(request, proposal_body(proposal), proposal.version, location=location)


@router.get(
    SCALES,
    operation_id="list_scales",
    summary="The ordered scales of levels",
    response_model=None,
    responses=read_answers(PageShape[shapes.ScaleShape], examples.page(examples.SCALE), 404),
)
def list_scales(request: Request, reading: ReadingService, levels: Levels, cursor: Cursor = None, limit: Limit = 100) -> Response:
    def make(after: str) -> tuple[list[Any], str, dict[str, Any]]:
        found, following = levels.scales.page(after=after, limit=limit)
        return [scale_body(each, public_url(request)) for each in found], following, {}

    return listed(request, reading, "scales", cursor, make)


@router.post(
    SCALES,
    operation_id="make_scale",
    summary="Make a scale, for admins and (in its name) for moderators of a network",
    response_model=None,
    responses=answers(shapes.ScaleShape, 409),
)
def make_scale(request: Request, levels: Levels, actor: CurrentActor, sent: shapes.ScaleBody) -> Response:
    made = levels.scales.make(sent.id, sent.name, sent_scale(sent.levels), actor, owner=sent.owner)
    return _scale(request, made, f"{SCALES}/{made.id}")


@router.get(
    f"{SCALES}/{{id}}",
    operation_id="read_scale",
    summary="One scale",
    response_model=None,
    responses=read_answers(shapes.ScaleShape, examples.SCALE, 404),
)
def read_scale(request: Request, levels: Levels, id: ScaleId) -> Response:
    return _scale(request, levels.scales.get(id))


@router.put(
    f"{SCALES}/{{id}}",
    operation_id="change_scale",
    summary="Say something else; of a scale that is in use, only something more",
    response_model=None,
    responses=answers(shapes.ScaleShape, 409, 412, 428),
)
def change_scale(
    request: Request, levels: Levels, actor: CurrentActor, id: ScaleId, version: Version, sent: shapes.ScaleWordsBody
) -> Response:
    return _scale(request, levels.scales.change(id, sent.name, sent_scale(sent.levels), actor, version=version))


@router.get(
    f"{SCALES}/{{id}}/versions",
    operation_id="list_scale_versions",
    summary="What a scale said each time that it was written, oldest first",
    response_model=None,
    responses=read_answers(PageShape[shapes.ScaleShape], examples.page(examples.SCALE), 404),
)
def list_scale_versions(
    request: Request, reading: ReadingService, levels: Levels, id: ScaleId, cursor: Cursor = None, limit: Limit = 100
) -> Response:
    def make(after: str) -> tuple[list[Any], str, dict[str, Any]]:
        found = levels.scales.versions(id, after=_number(after), limit=limit + 1)
        following = str(found[limit - 1].number) if len(found) > limit else ""
        return [scale_body(each, public_url(request)) for each in found[:limit]], following, {}

    return listed(request, reading, f"scale-versions|{id}", cursor, make)


@router.get(
    CRITERIA,
    operation_id="list_criteria",
    summary="The criteria that networks have adopted: of a competency, of a network, or all",
    response_model=None,
    responses=read_answers(PageShape[shapes.CriteriaShape], examples.page(examples.CRITERIA), 404, 409),
)
def list_criteria(
    request: Request,
    reading: ReadingService,
    levels: Levels,
    concept: Annotated[str, Query(description="Any reference to a competency.", max_length=2_000)] = "",
    network: Annotated[str, Query(max_length=60)] = "",
    scale: Annotated[str, Query(max_length=80)] = "",
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Response:
    uuid = reading.concept(concept).identity.uuid if concept else ""

    def make(after: str) -> tuple[list[Any], str, dict[str, Any]]:
        found, following = levels.criteria.page(concept=uuid, network=network, scale=scale, after=after, limit=limit)
        return [criteria_body(each, public_url(request)) for each in found], following, {}

    return listed(request, reading, f"criteria|{uuid}|{network}|{scale}", cursor, make)


@router.get(
    f"{CRITERIA}/{{id}}",
    operation_id="read_criteria",
    summary="The criteria of a network for a competency",
    response_model=None,
    responses=read_answers(shapes.CriteriaShape, examples.CRITERIA, 404),
)
def read_criteria(request: Request, levels: Levels, id: CriteriaId) -> Response:
    return _criteria(request, levels.criteria.get(id))


@router.get(
    f"{CRITERIA}/{{id}}/versions",
    operation_id="list_criteria_versions",
    summary="What they said each time that something was adopted, oldest first",
    response_model=None,
    responses=read_answers(PageShape[shapes.CriteriaShape], examples.page(examples.CRITERIA), 404),
)
def list_criteria_versions(
    request: Request, reading: ReadingService, levels: Levels, id: CriteriaId, cursor: Cursor = None, limit: Limit = 100
) -> Response:
    def make(after: str) -> tuple[list[Any], str, dict[str, Any]]:
        found = levels.criteria.versions(id, after=_number(after), limit=limit + 1)
        following = str(found[limit - 1].number) if len(found) > limit else ""
        return [criteria_body(each, public_url(request)) for each in found[:limit]], following, {}

    return listed(request, reading, f"criteria-versions|{id}", cursor, make)


@router.get(
    f"{CRITERIA}/{{id}}/versions/{{number}}",
    operation_id="read_criteria_version",
    summary="One version; it never changes",
    response_model=None,
    responses=read_answers(shapes.CriteriaShape, examples.CRITERIA, 404),
)
def read_criteria_version(request: Request, levels: Levels, id: CriteriaId, number: Number) -> Response:
    answer = _criteria(request, levels.criteria.version(id, number))
    answer.headers["Cache-Control"] = KEPT
    return answer


@router.get(
    PROPOSALS,
    operation_id="list_criteria_proposals",
    summary="What is proposed to a network, oldest first, for its people",
    response_model=None,
    responses=read_answers(PageShape[shapes.CriteriaProposalShape], examples.page(examples.PROPOSAL), 403, 404),
)
def list_criteria_proposals(
    request: Request,
    reading: ReadingService,
    levels: Levels,
    actor: CurrentActor,
    network: Annotated[str, Query(description="The network's short name.", min_length=1, max_length=60)],
    state: ProposalState = "open",
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Response:
    def make(after: str) -> tuple[list[Any], str, dict[str, Any]]:
        found, following = levels.proposing.page(network, actor, state=state, after=after, limit=limit)
        return [proposal_body(each) for each in found], following, {}

    return listed(request, reading, f"criteria-proposals|{network}|{state}", cursor, make)


@router.post(
    PROPOSALS,
    operation_id="propose_criteria",
    summary="Propose what a network's criteria say from now on, for whoever belongs to an organisation in it",
    response_model=None,
    responses=answers(shapes.CriteriaProposalShape, 409),
)
def propose_criteria(request: Request, levels: Levels, actor: CurrentActor, sent: shapes.CriteriaProposalBody) -> Response:
    made = levels.proposing.propose(sent.network, sent.concept, sent.scale, levels_of(sent.levels), actor, note=sent.note)
    return _proposal(request, made, f"{PROPOSALS}/{made.id}")


@router.get(
    f"{PROPOSALS}/{{id}}",
    operation_id="read_criteria_proposal",
    summary="One proposal, for the network's people",
    response_model=None,
    responses=read_answers(shapes.CriteriaProposalShape, examples.PROPOSAL, 404),
)
def read_criteria_proposal(request: Request, levels: Levels, actor: CurrentActor, id: CriteriaProposalId) -> Response:
    return _proposal(request, levels.proposing.get(id, actor))


@router.post(
    f"{PROPOSALS}/{{id}}/decision",
    operation_id="decide_criteria_proposal",
    summary="Accept (as it is, or amended) or reject, for moderators of the network or of one above it; nobody decides on their own",
    response_model=None,
    responses=answers(shapes.CriteriaProposalShape, 409, 412, 428),
)
def decide_criteria_proposal(
    request: Request, levels: Levels, actor: CurrentActor, id: CriteriaProposalId, version: Version, sent: shapes.CriteriaDecisionBody
) -> Response:
    amended = levels_of(sent.amended) if sent.amended is not None else None
    done = levels.proposing.decide(id, sent.verdict, actor, reason=sent.reason, amended=amended, version=version)
    return _proposal(request, done)


@router.post(
    f"{PROPOSALS}/{{id}}/withdraw",
    operation_id="withdraw_criteria_proposal",
    summary="Take back what one has proposed",
    response_model=None,
    responses=answers(shapes.CriteriaProposalShape, 409, 412, 428),
)
def withdraw_criteria_proposal(request: Request, levels: Levels, actor: CurrentActor, id: CriteriaProposalId, version: Version) -> Response:
    return _proposal(request, levels.proposing.withdraw(id, actor, version=version))


@router.post(
    f"{PROPOSALS}/{{id}}/comments",
    operation_id="comment_criteria_proposal",
    summary="Say something of a proposal, for the network's people",
    response_model=None,
    responses=answers(shapes.CriteriaProposalShape, 409),
)
def comment_criteria_proposal(
    request: Request, levels: Levels, actor: CurrentActor, id: CriteriaProposalId, sent: shapes.CriteriaCommentBody
) -> Response:
    return _proposal(request, levels.proposing.comment(id, sent.text, actor))


def _number(after: str) -> int:
    return int(after) if after.isdecimal() else 0
