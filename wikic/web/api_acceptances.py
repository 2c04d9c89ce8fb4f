"""The API of acceptances: which organisations take a badge class in place of a test or module of their own."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response

from wikic.domain.acceptances import Acceptance, Terms
from wikic.domain.badges import check_day
from wikic.services.acceptances import AcceptancesAsked
from wikic.web import examples_endorsing as examples
from wikic.web import schemas_endorsing as shapes
from wikic.web.acting import CurrentActor
from wikic.web.api_badges import Cursor, Limit, listed, read_answers
from wikic.web.api_proposals_tools import PRIVATE, Version, answers, document_answer
from wikic.web.dependencies import ReadingService
from wikic.web.endorsing_services import AcceptanceId, Endorsers, acceptance_body
from wikic.web.examples import page
from wikic.web.openapi import refusals
from wikic.web.schemas import PageShape

PREFIX: Final = "/api/v1/acceptances"
CSV: Final = "text/csv; charset=utf-8"

router = APIRouter(prefix="/api/v1", tags=["badges"])

OfBadge = Annotated[str, Query(description="Of this badge class.", max_length=60)]
OfOrganisation = Annotated[str, Query(description="Of this organisation.", max_length=60)]
ValidOn = Annotated[str, Query(description="Those that hold on this day, such as 2027-01-15.", max_length=10)]
Revoked = Annotated[bool | None, Query(description="Those that were revoked, or those that were not.")]


def _answer(request: Request, made: Acceptance, location: str = "") -> Response:
    return document_answer(request, acceptance_body(made), made.version, location=location)


@router.get(
    "/acceptances",
    operation_id="list_acceptances",
    summary="Which organisations accept which badge classes, in place of what",
    response_model=None,
    responses=read_answers(PageShape[shapes.AcceptanceShape], page(examples.ACCEPTANCE), 404),
)
def list_acceptances(
    request: Request,
    reading: ReadingService,
    services: Endorsers,
    actor: CurrentActor,
    badge_class: OfBadge = "",
    organisation: OfOrganisation = "",
    valid_on: ValidOn = "",
    revoked: Revoked = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Response:
    asked = AcceptancesAsked(badge_class, organisation, check_day(valid_on), revoked)

    def make(after: str) -> tuple[list[Any], str, dict[str, Any]]:
        found = services.acceptances.list(asked, actor, after=after, limit=limit)
        return [acceptance_body(each, asked.valid_on) for each in found.items], found.next, {}

    return listed(request, reading, f"acceptances|{asked.listing()}", cursor, make)


@router.get(
    "/acceptances.csv",
    operation_id="download_acceptances",
    summary="The same list whole, as CSV",
    response_model=None,
    responses={
        200: {"description": "All of them.", "content": {"text/csv": {"schema": {"type": "string"}}}},
        **refusals(400, 401, 404, 503),
    },
)
def download_acceptances(
    services: Endorsers,
    actor: CurrentActor,
    badge_class: OfBadge = "",
    organisation: OfOrganisation = "",
    valid_on: ValidOn = "",
    revoked: Revoked = None,
) -> Response:
    text = services.acceptances.table(AcceptancesAsked(badge_class, organisation, check_day(valid_on), revoked), actor)
    headers = {"Cache-Control": PRIVATE, "Vary": "Authorization, Cookie", "Content-Disposition": 'attachment; filename="acceptances.csv"'}
    return Response(text, 200, headers, CSV)


@router.post(
    "/acceptances",
    operation_id="make_acceptance",
    summary="Declare that an organisation accepts a badge class, for its managers",
    response_model=None,
    responses=answers(shapes.AcceptanceShape, 409),
)
def make_acceptance(request: Request, services: Endorsers, actor: CurrentActor, sent: shapes.AcceptanceBody) -> Response:
    terms = Terms(**sent.model_dump(exclude={"organisation", "badge_class"}))
    made = services.acceptances.declare(sent.badge_class, sent.organisation, terms, actor)
    return _answer(request, made, f"{PREFIX}/{made.id}")


@router.get(
    "/acceptances/{id}",
    operation_id="read_acceptance",
    summary="One acceptance, also one that ended",
    response_model=None,
    responses=read_answers(shapes.AcceptanceShape, examples.ACCEPTANCE, 404),
)
def read_acceptance(request: Request, services: Endorsers, id: AcceptanceId) -> Response:
    return _answer(request, services.acceptances.get(id))


@router.post(
    "/acceptances/{id}/revoke",
    operation_id="revoke_acceptance",
    summary="End it today; it stays readable, with the reason",
    response_model=None,
    responses=answers(shapes.AcceptanceShape, 409, 412, 428),
)
def revoke_acceptance(
    request: Request, services: Endorsers, actor: CurrentActor, id: AcceptanceId, version: Version, sent: shapes.RevokeBody
) -> Response:
    return _answer(request, services.acceptances.revoke(id, sent.reason, actor, version=version))
