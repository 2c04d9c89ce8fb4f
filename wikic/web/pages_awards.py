"""The pages of totals of awards: by badge class and month, and from a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from fastapi import APIRouter, Request, Response

from wikic.domain.access import Actor
from wikic.domain.awards import FEWEST, AwardTotal, summed
from wikic.errors import InvalidInput, WikicError
from wikic.services.awards import AwardOutcome, award_lines
from wikic.services.badges_parts import BadgeServices
from wikic.services.badging_rights import require_credential, works_for
from wikic.services.binding_csv import decoded
from wikic.web.badges_services import BadgeId, Badges
from wikic.web.badges_shown import own_issuers
from wikic.web.dependencies import ReadingService
from wikic.web.forms import Form, Upload, field, see
from wikic.web.pages_account import MINDED, refused, trouble_of
from wikic.web.pages_badges_making import Known
from wikic.web.pages_common import Visit, visit
from wikic.web.texts_errors import said
from wikic.web.views_common import Link
from wikic.web.views_deployment import AwardRow, AwardsPage, AwardsTablePage, AwardTableLine

router = APIRouter(include_in_schema=False)

_LONGEST_TABLE: Final = 1_500_000
_LINES: Final = 500


@router.get("/badges/awards")
def awards_table_page(request: Request, reading: ReadingService, badges: Badges, actor: Known) -> Response:
    """The form to send a table."""
    seen = visit(request, reading)
    return seen.answer(_table(seen, badges, actor), indexed=False)


@router.post("/badges/awards")
def send_awards(request: Request, reading: ReadingService, badges: Badges, actor: Known, form: Upload) -> Response:
    """What would be done; or, once that was seen, do it."""
    require_credential(actor)
    seen = visit(request, reading)
    text = decoded(form.files.get("table", b"")) or field(form.texts, "text", _LONGEST_TABLE)
    issuer, dry = field(form.texts, "issuer", 60), not field(form.texts, "act", 20)
    try:
        codes = badges.catalogue.codes(issuer, actor) if issuer else ()
        outcomes = badges.awards.report_many(award_lines(text, codes), actor, dry_run=dry)
    except MINDED as error:
        return seen.answer(_table(seen, badges, actor, text, issuer, error=error), refused(error), indexed=False)
    return seen.answer(_table(seen, badges, actor, text, issuer, outcomes, applied=not dry), indexed=False)


@router.get("/badges/{id}/awards")
def awards_page(request: Request, reading: ReadingService, badges: Badges, id: BadgeId) -> Response:
    """How often a badge class was given."""
    seen = visit(request, reading)
    return seen.answer(_page(seen, badges, id), indexed=False)


@router.post("/badges/{id}/awards")
def report_awards(request: Request, reading: ReadingService, badges: Badges, actor: Known, id: BadgeId, form: Form) -> Response:
    """Report a month."""
    month, count = field(form, "month", 20), "".join(field(form, "count", 20).split())
    try:
        if not (count.isascii() and count.isdecimal()):
            raise InvalidInput(f"{count[:40]!r} is no number", reason="award-number", count=count[:40])
        badges.awards.report(id, month, int(count), actor)
    except MINDED as error:
        seen = visit(request, reading)
        return seen.answer(_page(seen, badges, id, {"month": month, "count": count}, error), refused(error), indexed=False)
    return see(f"/badges/{id}/awards")


def _page(seen: Visit, badges: BadgeServices, identity: str, values: dict[str, str] | None = None, error: WikicError | None = None) -> AwardsPage:
    badge, t = badges.badging.get(identity, seen.actor), seen.t
    totals = badges.awards.of_badge(identity, seen.actor)
    total, hidden = summed(each.count for each in totals if each.count is not None)
    hidden += sum(each.count is None for each in totals)
    return AwardsPage(
        title=t("awards.of", name=badge.content.name),
        trail=[Link("/badges", t("badges.title")), Link(f"/badges/{identity}", badge.content.name)],
        trouble=trouble_of(seen, error) if error else None,
        rows=[_row(seen, each) for each in totals],
        summary=t("deployment.awards_hidden", n=total, hidden=hidden) if hidden else t.number(total),
        works=works_for(seen.actor, badge.issuer) and badge.public,
        action=f"/badges/{identity}/awards",
        values=values or {"month": "", "count": ""},
    )


def _row(seen: Visit, each: AwardTotal) -> AwardRow:
    t = seen.t
    shown = t("awards.fewer", n=FEWEST) if each.count is None else t.number(each.count)
    return AwardRow(each.month, shown, [t("awards.reported", n=report.count, by=report.by, date=t.date(report.at)) for report in reversed(each.reports)])


def _table(
    seen: Visit, badges: BadgeServices, actor: Actor, text: str = "", issuer: str = "", outcomes: Sequence[AwardOutcome] = (), *, applied: bool = False,
    error: WikicError | None = None,
) -> AwardsTablePage:  # fmt: skip
    entries = badges.catalogue.entries()
    wrong = any(each.error for each in outcomes)
    lines = []
    for each in sorted(outcomes, key=lambda one: (one.result != "refused", one.line))[:_LINES]:
        reason, lang = said(each.error, seen.t) if each.error else ("", "")
        # Whose name it is was found out only where the line is not refused.
        name = entries[each.wish.badge_class].name if not each.error and each.wish.badge_class in entries else each.wish.badge_class
        lines.append(AwardTableLine(each.line, each.result, name, each.wish.month, each.wish.count, reason, lang))
    return AwardsTablePage(
        title=seen.t("awards.table"),
        trail=[Link("/badges", seen.t("badges.title"))],
        trouble=trouble_of(seen, error) if error else None,
        text="" if applied and not wrong else text,
        issuers=[(each.slug, each.name) for each in own_issuers(badges, actor)],
        issuer=issuer,
        lines=lines,
        applied=applied and not wrong,
        refused=wrong,
    )
