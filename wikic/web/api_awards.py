"""The API of totals of awards: how often a badge class was given, by month, as its issuer reports it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from wikic.services.awards import award_lines
from wikic.services.badging_rights import require_credential
from wikic.services.binding_csv import decoded
from wikic.web import examples_deployment as examples
from wikic.web import schemas_deployment as shapes
from wikic.web.acting import CurrentActor
from wikic.web.api_badges import read_answers
from wikic.web.api_proposals_tools import answers, list_answer, private_answer
from wikic.web.badges_services import BadgeId, Badges, RawBody
from wikic.web.dependencies import ReadingService
from wikic.web.deployment_services import award_body, awards_body, outcomes_body

router = APIRouter(prefix="/api/v1", tags=["badges"])

Month = Annotated[str, Path(description="Such as 2026-10.", min_length=7, max_length=7)]


@router.get(
    "/badge-classes/{id}/awards",
    operation_id="list_awards",
    summary="How often it was given, by month; small numbers for the issuer's people alone",
    response_model=None,
    responses=read_answers(shapes.AwardTotalsShape, examples.AWARDS, 404),
)
def list_awards(request: Request, reading: ReadingService, badges: Badges, actor: CurrentActor, id: BadgeId) -> Response:
    return list_answer(request, reading, **awards_body(badges.awards.of_badge(id, actor)))


@router.put(
    "/badge-classes/{id}/awards/{month}",
    operation_id="report_awards",
    summary="Say how often it was given in a month, in place of what was said before; for the issuer's people",
    response_model=None,
    responses=answers(shapes.AwardTotalShape, 409),
)
def report_awards(badges: Badges, actor: CurrentActor, id: BadgeId, month: Month, sent: shapes.AwardBody) -> Response:
    return private_answer(award_body(badges.awards.report(id, month, sent.count, actor)))


@router.post(
    "/awards/csv",
    operation_id="report_awards_from_csv",
    summary="The same from a table: first dry, then for good; all or nothing",
    response_model=None,
    responses=answers(shapes.AwardOutcomeShape),
    openapi_extra={"requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}, "example": examples.AWARDS_CSV}}}},
)
def report_awards_from_csv(
    badges: Badges,
    actor: CurrentActor,
    data: RawBody,
    issuer: Annotated[str, Query(description="Whose codes may stand for ids of badge classes.", max_length=60)] = "",
    dry_run: Annotated[bool, Query(description="Only say what would be done.")] = True,
) -> Response:
    require_credential(actor)
    codes = badges.catalogue.codes(issuer, actor) if issuer else ()
    outcomes = badges.awards.report_many(award_lines(decoded(data), codes), actor, dry_run=dry_run)
    return private_answer(outcomes_body(outcomes, dry_run=dry_run))
