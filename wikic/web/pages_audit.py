"""The page of the audit: who did what, with filters, and the same as files."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response

from wikic.web.acting import CurrentActor
from wikic.web.api_audit import Wanted
from wikic.web.dependencies import ReadingService
from wikic.web.forms import see, sign_in_address
from wikic.web.live_services import Live
from wikic.web.pages_common import visit
from wikic.web.views_common import Link
from wikic.web.views_live import AuditPage

router = APIRouter(include_in_schema=False)


@router.get("/audit")
def audit_page(
    request: Request, reading: ReadingService, live: Live, actor: CurrentActor, wanted: Wanted,
    before: Annotated[int, Query(ge=0, le=2**53 - 1)] = 0,
) -> Response:  # fmt: skip
    """The latest entries."""
    if not actor.known:
        return see(sign_in_address(request))
    seen = visit(request, reading)
    items, following = live.auditing.page(actor, wanted, before=before)
    form = asdict(wanted)
    query = {name: value for name, value in form.items() if value}
    page = AuditPage(
        title=seen.t("audit.title"),
        form=form,
        entries=items,
        following=f"/audit?{urlencode(query | {'before': str(following)})}" if following else "",
        downloads=[
            Link(f"/api/v1/audit/download?{urlencode(query | {'format': form})}", text) for form, text in (("jsonl", "JSON Lines"), ("csv", "CSV"))
        ],
    )
    return seen.answer(page, indexed=False)
