"""The API of the state of deployment and its frozen reports. It answers everybody the same."""

from __future__ import annotations

from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, Path, Query, Request, Response

from wikic.services.deployment import Narrowed, csv_of, state_body
from wikic.web import examples_deployment as examples
from wikic.web import schemas_deployment as shapes
from wikic.web.acting import CurrentActor
from wikic.web.answers import IMMUTABLE, free_answer
from wikic.web.api_badges import read_answers
from wikic.web.api_proposals_tools import answers, private_answer
from wikic.web.badges_services import Badges
from wikic.web.dependencies import ReadingService, public_url
from wikic.web.deployment_services import csv_answer, report_address, report_body
from wikic.web.etags import JSON, matches
from wikic.web.openapi import Responses, refusals

router = APIRouter(prefix="/api/v1/deployment", tags=["badges"])

TABLE: Responses = {200: {"description": "A table.", "content": {"text/csv": {"schema": {"type": "string"}}}}, **refusals(400, 401, 404, 503)}
"""The answers of a table."""


def narrowed(
    quarter: Annotated[str, Query(description="As of its end, such as 2026-Q3; now by default.", max_length=10)] = "",
    territory: Annotated[str, Query(description="INSEE or NUTS code of issuers' territories, or of what they lie in.", max_length=10)] = "",
    sector: Annotated[str, Query(description="NAF code of issuers' sectors, of any length; its section counts.", max_length=10)] = "",
    scheme: Annotated[str, Query(description="Badge classes that attest something of it.", max_length=20)] = "",
) -> Narrowed:
    """What is asked about."""
    return Narrowed(quarter.strip(), territory.strip(), sector.strip(), scheme.strip())


Wanted = Annotated[Narrowed, Depends(narrowed)]
Reported = Annotated[str, Path(description="Such as 2026-Q3.", max_length=10)]


@router.get(
    "",
    operation_id="read_deployment",
    summary="The state of deployment, now or as of the end of a quarter",
    response_model=None,
    responses=read_answers(shapes.DeploymentShape, examples.DEPLOYMENT),
)
def read_deployment(request: Request, reading: ReadingService, badges: Badges, wanted: Wanted) -> Response:
    return free_answer(request, state_body(badges.deployment.state(wanted)), reading.moment().head)


@router.get(
    "/csv",
    operation_id="download_deployment",
    summary="The same as a table: a number in each line",
    response_model=None,
    responses=TABLE,
)
def download_deployment(badges: Badges, wanted: Wanted) -> Response:
    state = badges.deployment.state(wanted)
    return csv_answer(csv_of(state_body(state)), f"wikic-deployment-{state.quarter}")


@router.get(
    "/reports",
    operation_id="list_deployment_reports",
    summary="The frozen reports, the latest quarter first",
    response_model=None,
    responses=read_answers(shapes.ReportListShape, examples.REPORTS),
)
def list_deployment_reports(request: Request, reading: ReadingService, badges: Badges) -> Response:
    items = [
        {"quarter": each.quarter, "address": report_address(public_url(request), each.quarter), "frozen": each.frozen, "by": each.by, "digest": each.digest}
        for each in badges.deployment.reports()
    ]
    head = reading.moment().head
    return free_answer(request, {"items": items, "next": None, "seq": head}, head)


@router.post(
    "/reports",
    operation_id="freeze_deployment_report",
    summary="Freeze the report on a quarter that has ended, for good; for moderators",
    response_model=None,
    responses=answers(shapes.DeploymentReportShape, 409),
)
def freeze_deployment_report(request: Request, badges: Badges, actor: CurrentActor, sent: shapes.FreezeBody) -> Response:
    made = badges.deployment.freeze(sent.quarter, {str(lang): text for lang, text in sent.commentary.items()}, actor)
    answer = private_answer(report_body(made, public_url(request)))
    answer.headers["Location"] = f"/api/v1/deployment/reports/{made.quarter}"
    return answer


@router.get(
    "/reports/{quarter}/csv",
    operation_id="download_deployment_report",
    summary="The figures of a frozen report as a table; they never change",
    response_model=None,
    responses=TABLE,
)
def download_deployment_report(badges: Badges, quarter: Reported) -> Response:
    report = badges.deployment.report(quarter)
    return csv_answer(csv_of(report.body), f"wikic-deployment-{report.quarter}-frozen")


@router.get(
    "/reports/{quarter}",
    operation_id="read_deployment_report",
    summary="A frozen report; it never changes",
    response_model=None,
    responses=read_answers(shapes.DeploymentReportShape, examples.REPORT, 404),
)
def read_deployment_report(request: Request, badges: Badges, quarter: Reported) -> Response:
    report = badges.deployment.report(quarter)
    headers = {"ETag": f'"{report.digest[:24]}"', "Cache-Control": IMMUTABLE}
    if matches(request.headers.get("if-none-match"), headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(orjson.dumps(report_body(report, public_url(request))), 200, headers, JSON)
