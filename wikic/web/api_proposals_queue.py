"""The API of the moderators' queue: what waits, deciding on many at once, ready-made reasons, saved filters."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import Field

from wikic.domain.proposals import Lane, Verdict
from wikic.domain.proposals_changes import ChangeType
from wikic.domain.vocabulary import Kind, Scheme
from wikic.services.deciding import Ruling
from wikic.services.proposing_bodies import bulk_body
from wikic.services.queueing import QueueFilter
from wikic.services.queueing_reasons import Reason
from wikic.web.acting import CurrentActor
from wikic.web.api_proposals_shapes import (
    Body,
    BulkOutcomeShape,
    BulkPreviewShape,
    BulkShape,
    ProposalShape,
    ReasonShape,
    Tag,
)
from wikic.web.api_proposals_tools import (
    Limit,
    Services,
    answers,
    list_answer,
    page_answer,
    private_answer,
    require_versions,
)
from wikic.web.dependencies import CursorParameter, Lang
from wikic.web.schemas import PageShape, Shape

router = APIRouter(prefix="/api/v1/proposals", tags=["proposals"])

Key = Annotated[str, Path(min_length=1, max_length=60)]
Short = Annotated[str, Query(max_length=100)]


class QueuePageShape(PageShape[ProposalShape]):
    """A page of the queue; `counts` says how many wait in each lane."""

    counts: dict[str, int]


class ReasonBody(Body):
    """A ready-made reason; `hidden` takes it off the list."""

    verdict: Verdict
    text: dict[Tag, Annotated[str, Field(max_length=2_000)]] = Field(examples=[{"fr": "Aucune source.", "en": "No source."}])
    hidden: bool = False


class RulesShape(Shape):
    """How proposals are decided here."""

    two_moderators: bool = Field(description="Whether merges, splits and deprecations take two moderators.")
    usual_delay: int | None = Field(description="Seconds that the last decided proposals waited: the median.")


class RulesBody(Body):
    """What an admin sets."""

    two_moderators: bool


class FilterShape(Shape):
    """A saved filter."""

    id: str
    name: str
    query: dict[str, str]


class FilterBody(Body):
    """A filter to save: `lane`, `order` and the parameters of the queue."""

    name: str = Field(min_length=1, max_length=100)
    query: dict[Annotated[str, Field(max_length=20)], Annotated[str, Field(max_length=200)]]


class BulkBody(Body):
    """What to decide on, and how."""

    proposals: list[Annotated[str, Field(max_length=60)]] = Field(min_length=1, max_length=500)
    verdict: Verdict
    reason: str = Field("", max_length=5_000)
    versions: dict[str, int] = Field(
        {},
        description="By proposal, the version that was looked at; what has another one by now is left. Deciding takes that of each, a preview also none.",
        max_length=500,
    )


@router.get(
    "/queue",
    operation_id="read_queue",
    summary="What waits for a decision: by impact, then age",
    response_model=None,
    responses=answers(QueuePageShape),
)
def read_queue(
    request: Request,
    services: Services,
    actor: CurrentActor,
    lane: Lane = "main",
    order: Annotated[Literal["impact", "alike"], Query(description="`alike`: what is about one concept together.")] = "impact",
    scheme: Scheme | None = None,
    kind: Kind | None = None,
    type: ChangeType | None = None,
    branch: Short = "",
    within: Annotated[str, Query(description="About this concept or one below it.", max_length=60)] = "",
    concept: Annotated[str, Query(max_length=60)] = "",
    author: Annotated[str, Query(max_length=60)] = "",
    assignee: Annotated[str, Query(description="A user's id, or `none`.", max_length=60)] = "",
    expert: Annotated[str, Query(max_length=60)] = "",
    lot: Annotated[str, Query(max_length=60)] = "",
    before: Annotated[str, Query(description="Waiting since before this time (ISO 8601, UTC).", max_length=40)] = "",
    cursor: CursorParameter = None,
    limit: Limit = 50,
    lang: Lang = None,
) -> Response:
    filters = QueueFilter(
        scheme or "", kind or "", type or "", branch, within, concept, author, assignee, expert, lot, before
    )
    page = services.queueing.page(actor, lane=lane, order=order, filters=filters, cursor=cursor, limit=limit)
    return page_answer(request, services, page, lang, counts=services.queueing.counts(actor))


@router.post(
    "/bulk/preview",
    operation_id="preview_bulk",
    summary="What deciding on many would do, and where it conflicts; nothing is written",
    response_model=None,
    responses=answers(BulkPreviewShape),
)
def preview_bulk(services: Services, actor: CurrentActor, sent: BulkBody) -> Response:
    made = services.bulk.preview(sent.proposals, Ruling(sent.verdict, sent.reason), actor, sent.versions)
    # Why something is left stands with its item already.
    return private_answer({name: value for name, value in asdict(made).items() if name != "why"})


@router.post(
    "/bulk",
    operation_id="decide_bulk",
    summary="Decide on many at once, as one change; what cannot be decided with the others is left as it is",
    response_model=None,
    responses=answers(BulkOutcomeShape, 409, 412, 428),
)
def decide_bulk(services: Services, actor: CurrentActor, sent: BulkBody) -> Response:
    require_versions(sent.proposals, sent.versions)
    return private_answer(asdict(services.bulk.decide_many(sent.proposals, Ruling(sent.verdict, sent.reason), actor, sent.versions)))


@router.get(
    "/bulk/{key}",
    operation_id="read_bulk",
    summary="What was decided together",
    response_model=None,
    responses=answers(BulkShape),
)
def read_bulk(services: Services, actor: CurrentActor, key: Key) -> Response:
    return private_answer(bulk_body(services.bulk.read(key, actor)))


@router.post(
    "/bulk/{key}/undo",
    operation_id="undo_bulk",
    summary="Take one's bulk decision back whole, within ten minutes, if nothing was built on it",
    response_model=None,
    responses=answers(BulkShape, 409),
)
def undo_bulk(services: Services, actor: CurrentActor, key: Key) -> Response:
    return private_answer(bulk_body(services.bulk.undo(key, actor)))


@router.get(
    "/rules",
    operation_id="read_proposal_rules",
    summary="How proposals are decided here, and how long that usually takes",
    response_model=None,
    responses=answers(RulesShape),
)
def read_rules(services: Services) -> Response:
    rules = {"two_moderators": services.deciding.two_moderators(), "usual_delay": services.proposing.usual_delay()}
    return private_answer(rules)


@router.put(
    "/rules",
    operation_id="set_proposal_rules",
    summary="Say whether merges, splits and deprecations take two moderators",
    response_model=None,
    responses=answers(RulesShape),
)
def set_rules(services: Services, actor: CurrentActor, sent: RulesBody) -> Response:
    services.deciding.ask_for_two(sent.two_moderators, actor)
    return read_rules(services)


@router.get(
    "/reasons",
    operation_id="list_reasons",
    summary="Ready-made reasons, in French and English",
    response_model=None,
    responses=answers(PageShape[ReasonShape]),
)
def list_reasons(request: Request, services: Services, verdict: Verdict | None = None) -> Response:
    return list_answer(request, services.reading, [_reason(reason) for reason in services.queueing.reasons(verdict)])


@router.put(
    "/reasons/{key}",
    operation_id="put_reason",
    summary="Write a ready-made reason, or take one off the list",
    response_model=None,
    responses=answers(ReasonShape),
)
def put_reason(services: Services, actor: CurrentActor, key: Key, sent: ReasonBody) -> Response:
    return private_answer(_reason(services.queueing.put_reason(key, sent.verdict, sent.text, actor, hidden=sent.hidden)))


@router.get(
    "/filters",
    operation_id="list_filters",
    summary="One's own saved filters",
    response_model=None,
    responses=answers(PageShape[FilterShape]),
)
def list_filters(request: Request, services: Services, actor: CurrentActor) -> Response:
    return list_answer(request, services.reading, [_filter(row) for row in services.queueing.saved(actor)])


@router.post(
    "/filters", operation_id="save_filter", summary="Save a filter", response_model=None, responses=answers(FilterShape)
)
def save_filter(services: Services, actor: CurrentActor, sent: FilterBody) -> Response:
    return private_answer(_filter(services.queueing.save(sent.name, sent.query, actor)))


@router.delete(
    "/filters/{key}",
    operation_id="forget_filter",
    summary="Remove a saved filter",
    response_model=None,
    responses=answers(PageShape[FilterShape]),
)
def forget_filter(request: Request, services: Services, actor: CurrentActor, key: Key) -> Response:
    services.queueing.forget(key, actor)
    return list_filters(request, services, actor)


def _reason(reason: Reason) -> dict[str, Any]:
    return {"key": reason.key, "verdict": reason.verdict, "text": reason.text}


def _filter(row: dict[str, Any]) -> dict[str, Any]:
    return {"id": row["key"], "name": row["name"], "query": row["query"]}
