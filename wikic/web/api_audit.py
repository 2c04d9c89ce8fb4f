"""The API of the audit: to read and to download, and nothing else."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.responses import StreamingResponse

from wikic.services.auditing import AuditFilter, csv_lines, json_lines
from wikic.services.reading_views import Body
from wikic.web.acting import CurrentActor
from wikic.web.api_badges import listed
from wikic.web.dependencies import CursorParameter, ReadingService
from wikic.web.live_services import Live, answers, number_after
from wikic.web.openapi import Responses, refusals
from wikic.web.schemas import PageShape
from wikic.web.schemas_live import EntryShape

router = APIRouter(prefix="/api/v1", tags=["live"])

FORMS: Final = {"jsonl": (json_lines, "application/jsonl"), "csv": (csv_lines, "text/csv; charset=utf-8")}
_TEXT: Final = {"schema": {"type": "string"}}
_DOWNLOAD: Final[Responses] = {
    200: {"description": "All entries, oldest first.", "content": {"application/jsonl": _TEXT, "text/csv": _TEXT}},
    **refusals(400, 401, 403, 503),
}


def audit_filter(
    person: Annotated[
        str, Query(description="Who did it, or whom it was done to: a user's id or name.", max_length=100)
    ] = "",
    kind: Annotated[
        str, Query(description="A kind of event, or the first word of many: `proposal`.", max_length=60)
    ] = "",
    subject: Annotated[str, Query(description="What it is about, or the first word: `user`.", max_length=200)] = "",
    credential: Annotated[str, Query(description="The session or token it was done by.", max_length=100)] = "",
    organisation: Annotated[
        str, Query(description="What happened in an organisation; its managers may ask for that.", max_length=100)
    ] = "",
    since: Annotated[str, Query(description="From this day or ISO time on, in UTC where it says no other.", max_length=40)] = "",
    until: Annotated[str, Query(description="Before this day or ISO time.", max_length=40)] = "",
) -> AuditFilter:
    """What is asked for."""
    return AuditFilter(
        person.strip(),
        kind.strip(),
        subject.strip().rstrip("/"),
        credential.strip(),
        organisation.strip(),
        since,
        until,
    )


Wanted = Annotated[AuditFilter, Depends(audit_filter)]


@router.get(
    "/audit",
    operation_id="list_audit",
    summary="Who did what, latest first",
    response_model=None,
    responses=answers(PageShape[EntryShape]),
)
def list_audit(
    request: Request, reading: ReadingService, live: Live, actor: CurrentActor, wanted: Wanted, cursor: CursorParameter = None,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
) -> Response:  # fmt: skip
    def make(after: str) -> tuple[list[Body], str, dict[str, Any]]:
        items, following = live.auditing.page(actor, wanted, before=number_after(after), limit=limit)
        return items, str(following or ""), {}

    return listed(request, reading, f"audit|{wanted}", cursor, make)


@router.get(
    "/audit/download",
    operation_id="download_audit",
    summary="The audit as JSON Lines or CSV",
    response_model=None,
    responses=_DOWNLOAD,
)
def download_audit(
    live: Live, actor: CurrentActor, wanted: Wanted, format: Literal["jsonl", "csv"] = "jsonl"
) -> Response:
    lines, media = FORMS[format]
    headers = {
        "Cache-Control": "private, no-store",
        "Content-Disposition": f'attachment; filename="wikic-audit.{format}"',
    }
    return StreamingResponse(lines(live.auditing.entries(actor, wanted)), 200, headers, media)
