"""The bodies of totals of awards, of the state of deployment and of coverage."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any, Final

from fastapi import Response

from wikic.domain.awards import FEWEST, AwardTotal, summed
from wikic.services.awards import AwardOutcome
from wikic.services.coverage import Covered, CoveredOccupation
from wikic.services.deployment import DeploymentReport
from wikic.services.reading import Reading
from wikic.services.reading_moments import Moment
from wikic.web.downloads import attachment

Body = dict[str, Any]
CSV: Final = "text/csv; charset=utf-8"
_BRIEFS: Final = 500


def award_body(total: AwardTotal) -> Body:
    """A total, as this one may read it."""
    body = asdict(total) | {"fewer_than": FEWEST if total.count is None else None, "reports": [asdict(each) for each in total.reports]}
    del body["version"]
    return body


def awards_body(totals: Sequence[AwardTotal]) -> Body:
    """The totals of a badge class; the sum is the same for everybody."""
    total, hidden = summed(each.count or 0 for each in totals if each.count is not None)
    return {"items": [award_body(each) for each in totals], "total": total, "hidden": hidden + sum(each.count is None for each in totals)}


def outcomes_body(outcomes: Sequence[AwardOutcome], *, dry_run: bool) -> Body:
    """What became of a table, line by line."""
    lines = [
        {
            "line": each.line, "result": each.result, "badge_class": each.wish.badge_class, "month": each.wish.month, "count": each.wish.count,
            "problem": each.error.slug if each.error else None, "reason": each.error.message if each.error else None,
        }
        for each in outcomes
    ]  # fmt: skip
    return {"applied": not dry_run and not any(each.error for each in outcomes), "lines": lines}


def report_address(public_url: str, quarter: str) -> str:
    """Where a frozen report stays."""
    return f"{public_url}/deployment/{quarter}"


def report_body(report: DeploymentReport, public_url: str) -> Body:
    """A frozen report."""
    return {"quarter": report.quarter, "address": report_address(public_url, report.quarter), "digest": report.digest, "body": report.body}


def covered_body(covered: Covered) -> Body:
    """A number out of another."""
    return {"key": covered.key, "total": covered.total, "covered": covered.covered, "missing": covered.missing}


def briefs_of(reading: Reading, moment: Moment, uuids: Iterable[str], lang: str | None = None) -> dict[str, Body]:
    """Concepts as lists show them, by uuid; a round trip for some hundreds."""
    wanted = list(uuids)
    found: dict[str, Body] = {}
    for start in range(0, len(wanted), _BRIEFS):
        found |= reading.briefs(wanted[start : start + _BRIEFS], moment, lang)
    return found


def branch_body(covered: Covered, known: dict[str, Body]) -> Body:
    """A branch with its numbers."""
    body = covered_body(covered) | {"concept": known.get(covered.key), "deeper": covered.deeper}
    del body["key"]
    return body


def occupation_body(each: CoveredOccupation, brief: Body) -> Body:
    """An occupation with its numbers."""
    return {"occupation": brief, "scheme": each.scheme, "essential": each.essential, "covered": each.covered, "share": each.share}


def csv_answer(text: str, name: str) -> Response:
    """A table to download."""
    return Response(text, 200, {"Content-Disposition": attachment(f"{name}.csv"), "Cache-Control": "no-cache"}, CSV)
