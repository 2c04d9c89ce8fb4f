"""The page that holds an award against the framework of today: a form, and the result in the answer to it, since nothing is kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response

from wikic.domain.open_badges_files import LARGEST_FILE, Found, open_file, open_text
from wikic.errors import InvalidInput, Throttled, TooLarge
from wikic.services.reading_views import brief_body
from wikic.services.refreshing_awards import CheckedAward
from wikic.web.dependencies import ReadingService
from wikic.web.errors import status_of
from wikic.web.forms import PRIVATE
from wikic.web.linting_tools import allowed
from wikic.web.pages_account import trouble_of
from wikic.web.pages_common import Visit, visit
from wikic.web.pages_lint import read_sent
from wikic.web.refresh_services import Refresh
from wikic.web.views_common import Link, concept_link
from wikic.web.views_refresh import AwardLine, AwardPage, AwardView

router = APIRouter(include_in_schema=False)

_MINDED: Final = (InvalidInput, TooLarge, Throttled)


@router.get("/check-award")
def award_page(request: Request, reading: ReadingService) -> Response:
    """The form."""
    seen = visit(request, reading)
    return seen.answer(AwardPage(title=seen.t("award.title")))


@router.post("/check-award")
def check(
    request: Request, reading: ReadingService, refresh: Refresh, sent: Annotated[tuple[str, bytes, str], Depends(read_sent)]
) -> Response:
    """The result."""
    seen = visit(request, reading)
    text, data, _ = sent
    try:
        allowed(request)
        found = refresh.awards.check(_opened(text, data), seen.actor, seen.public_url, lang=seen.lang)
    except _MINDED as error:
        page = AwardPage(title=seen.t("award.title"), trouble=replace(trouble_of(seen, error), title=seen.t("award.refused")))
        return seen.answer(page, status_of(type(error)), indexed=False, headers=PRIVATE)
    # What was pasted is not shown again: it is a person's.
    return seen.answer(AwardPage(title=seen.t("award.title"), award=_view(seen, found)), indexed=False, headers=PRIVATE)


def _opened(text: str, data: bytes) -> Found:
    if len(data) > LARGEST_FILE:
        raise TooLarge(f"the file is larger than {LARGEST_FILE:,} bytes", reason="too-large", most=LARGEST_FILE)
    if not data and not text.strip():
        raise InvalidInput("paste an award or choose a file", reason="award-nothing")
    return open_file(data) if data else open_text(text)


def _view(seen: Visit, award: CheckedAward) -> AwardView:
    lines = [
        AwardLine(
            each.name,
            each.state,
            concept_link(brief_body(each.concept, seen.lang), seen.addresses, seen.lang) if each.concept else None,
            [concept_link(brief_body(one, seen.lang), seen.addresses, seen.lang) for one in each.successors],
            each.since,
            each.attested is False,
        )
        for each in award.alignments
    ]
    badge = award.badge
    return AwardView(
        award.badge_name,
        award.outcome,
        Link(f"/badges/{badge.id}", badge.name) if badge else None,
        badge is not None and badge.status == "retired",
        _day(seen, award.issued),
        award.expired,
        award.accepted,
        award.signed,
        lines,
    )


def _day(seen: Visit, said: str) -> str:
    """A day in words, as the document has it where that is none."""
    try:
        return seen.t.date(date.fromisoformat(said[:10]).isoformat())
    except ValueError:
        return said[:10]
