"""A badge in pages of others: a small page for a frame, without a script, which says what everybody may read."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request, Response

from wikic.domain.access import NOBODY
from wikic.web.badges_services import BadgeId, Badges, image_url, issuer_name
from wikic.web.badges_shown import level_name, targets_of
from wikic.web.dependencies import ReadingService
from wikic.web.pages_common import visit
from wikic.web.views_common import Link
from wikic.web.views_deployment import EmbeddedBadgePage

router = APIRouter(include_in_schema=False)

_SHOWN: Final = 8


@router.get("/embed/badge/{id}")
def embedded_badge_page(request: Request, reading: ReadingService, badges: Badges, id: BadgeId) -> Response:
    """A badge for a frame: as everybody reads it, whoever asks."""
    seen = visit(request, reading)
    badge = badges.badging.get(id, NOBODY)
    bound = targets_of(seen, badges, badges.bindings.of_badge(id, NOBODY, limit=_SHOWN).items, badge.content.lang)
    page = EmbeddedBadgePage(
        title=badge.content.name,
        address=f"{seen.public_url}/badges/{id}",
        lang=badge.content.lang,
        image=image_url("", id),
        issuer=Link(f"{seen.public_url}/issuers/{badge.issuer}", issuer_name(badges, badge.issuer, NOBODY)),
        level=level_name(seen, badge.content.level),
        bound=[(Link(each.permanent, each.concept.name.value), each.concept.name.lang) for each in bound],
    )
    return seen.answer(page, indexed=False)
