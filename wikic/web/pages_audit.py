"""The page of the audit: who did what, with filters, and the same as files."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response

from wikic.domain.access import ROLES
from wikic.web.acting import CurrentActor
from wikic.web.api_audit import Wanted
from wikic.web.dependencies import ReadingService
from wikic.web.forms import see, sign_in_address
from wikic.web.live_services import Live
from wikic.web.pages_common import visit
from wikic.web.texts import NAMES, Texts
from wikic.web.views_common import Link
from wikic.web.views_live import AuditPage

_KINDS: Final = tuple(key.removeprefix("event.") for key in NAMES if key.startswith("event."))
_VALUES: Final = {("signed_in", "by"): "signed_in_by"} | {(f"release_{act}", "state"): "release_state" for act in ("frozen", "prepared", "withdrawn")}
"""Values that are words of another vocabulary than the same name has elsewhere."""
_WORDS: Final = {"signed_in_by": "signed_in_by", "state": "proposal_state", "release_state": "state"}

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
        kinds=sorted(((kind, seen.t.name("event", kind)) for kind in _KINDS), key=lambda each: each[1]),
        entries=[each | {"via": seen.t.name("audit_via", each["via"]), "data": _details(seen.t, each["kind"], each["data"])} for each in items],
        following=f"/audit?{urlencode(query | {'before': str(following)})}" if following else "",
        downloads=[
            Link(f"/api/v1/audit/download?{urlencode(query | {'format': form})}", text) for form, text in (("jsonl", "JSON Lines"), ("csv", "CSV"))
        ],
    )
    return seen.answer(page, indexed=False)


def _details(t: Texts, kind: str, data: dict[str, Any]) -> dict[str, str]:
    """What an event says besides, in words; the files have it as it is kept."""
    return {t.name("audit_data", name): _words(t, _VALUES.get((kind, name), name), value) for name, value in data.items() if value not in ("", None, [], {})}


def _words(t: Texts, name: str, value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(_words(t, name, each) for each in value)
    if isinstance(value, dict):
        # A role somebody has: its name, and where.
        return " ".join(_words(t, key, each) for key, each in value.items() if each not in ("", None))
    if isinstance(value, bool):
        return t("concept.yes" if value else "concept.no")
    if name in ("role", "roles"):
        return t.name("role" if value in ROLES else "organisation_role", str(value))
    if name in _WORDS:
        return t.name(_WORDS[name], str(value))
    return t.date(value) if name in ("expires", "terms") else str(value)
