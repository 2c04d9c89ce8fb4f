"""The API of coverage: which competencies no badge class attests, which occupations are covered best. It answers everybody the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request, Response

from wikic.domain.vocabulary import Scheme
from wikic.errors import InvalidInput
from wikic.services.badges_parts import BadgeServices
from wikic.services.reading import Reading
from wikic.services.reading_views import best
from wikic.text.tables import table_of
from wikic.web import examples_deployment as examples
from wikic.web import schemas_deployment as shapes
from wikic.web.answers import free_answer
from wikic.web.api_badges import Cursor, listed, read_answers
from wikic.web.api_deployment import TABLE
from wikic.web.badges_services import Badges
from wikic.web.dependencies import ReadingService
from wikic.web.deployment_services import branch_body, briefs_of, covered_body, csv_answer, occupation_body

router = APIRouter(prefix="/api/v1/coverage", tags=["badges"])

_MOST: Final = 1_000_000
Branch = Annotated[str, Query(description="A branch of the scheme: any reference.", max_length=2_000)]
Kind = Annotated[Literal["skill", "knowledge"] | None, Query(description="Only competencies of this kind.")]
Limit = Annotated[int, Query(description="How many items, at most.", ge=1, le=500)]


def branch_of(badges: BadgeServices, branch: str) -> str:
    """The uuid of a branch that is asked for. Raises as `Reading.find`."""
    return badges.bindings.targets.uuid_of(branch) if branch else ""


@router.get(
    "",
    operation_id="read_coverage",
    summary="How many competencies a badge class attests: by scheme, and by branch of one",
    response_model=None,
    responses=read_answers(shapes.CoverageShape, examples.COVERAGE, 404),
)
def read_coverage(request: Request, reading: ReadingService, badges: Badges, scheme: Scheme | None = None, branch: Branch = "") -> Response:
    moment = reading.moment()
    branches = badges.coverage.branches(scheme, branch_of(badges, branch)) if scheme else []
    known = briefs_of(reading, moment, (each.key for each in branches if each.key))
    body = {"schemes": [covered_body(each) for each in badges.coverage.schemes()], "branches": [branch_body(each, known) for each in branches]}
    return free_answer(request, body, moment.head)


@router.get(
    "/competencies",
    operation_id="list_uncovered",
    summary="The competencies of a scheme, or of a branch of it, that no badge class attests",
    response_model=None,
    responses=read_answers(shapes.MissingPageShape, examples.MISSING, 404),
)
def list_uncovered(
    request: Request, reading: ReadingService, badges: Badges, scheme: Scheme, branch: Branch = "", kind: Kind = None, cursor: Cursor = None,
    limit: Limit = 100,
) -> Response:  # fmt: skip
    uuid = branch_of(badges, branch)

    def make(after: str) -> tuple[list[Any], str, dict[str, Any]]:
        part = badges.coverage.missing(scheme, branch=uuid, kind=kind or "", after=after, limit=limit)
        known = briefs_of(reading, reading.moment(), part.uuids)
        return [known[each] for each in part.uuids if each in known], part.next, {"total": part.total}

    return listed(request, reading, f"uncovered|{scheme}|{uuid}|{kind or ''}", cursor, make)


@router.get(
    "/occupations",
    operation_id="list_covered_occupations",
    summary="The occupations with the largest share of essential competencies that a badge class attests",
    response_model=None,
    responses=read_answers(shapes.CoveredOccupationPage, examples.OCCUPATIONS),
)
def list_covered_occupations(
    request: Request, reading: ReadingService, badges: Badges, scheme: Scheme | None = None, cursor: Cursor = None, limit: Limit = 100
) -> Response:
    def make(after: str) -> tuple[list[Any], str, dict[str, Any]]:
        found = badges.coverage.occupations(scheme or "")
        start = int(after) if after.isdecimal() else 0
        part = found[start : start + limit]
        known = briefs_of(reading, reading.moment(), (each.uuid for each in part))
        items = [occupation_body(each, known[each.uuid]) for each in part if each.uuid in known]
        return items, str(start + limit) if start + limit < len(found) else "", {"total": len(found)}

    return listed(request, reading, f"covered-occupations|{scheme or ''}", cursor, make)


@router.get(
    "/csv",
    operation_id="download_coverage",
    summary="A list of coverage as a table: competencies without a badge class, occupations, or branches",
    response_model=None,
    responses=TABLE,
)
def download_coverage(
    reading: ReadingService,
    badges: Badges,
    what: Annotated[Literal["competencies", "occupations", "branches"], Query(alias="list")] = "branches",
    scheme: Scheme | None = None,
    branch: Branch = "",
    kind: Kind = None,
    lang: Annotated[Literal["fr", "en"], Query(description="The language of names.")] = "fr",
) -> Response:
    if scheme is None and what != "occupations":
        raise InvalidInput("say of which scheme: `scheme`")
    head, rows = _table(reading, badges, what, scheme or "", branch_of(badges, branch), kind or "", lang)
    return csv_answer(table_of(head, rows), f"wikic-coverage-{what}")


def _table(
    reading: Reading, badges: BadgeServices, what: str, scheme: str, branch: str, kind: str, lang: str
) -> tuple[Sequence[str], list[tuple[object, ...]]]:
    coverage, moment = badges.coverage, reading.moment()
    if what == "competencies":
        uuids = coverage.missing(scheme, branch=branch, kind=kind, limit=_MOST).uuids
        known = briefs_of(reading, moment, uuids)
        return ("uuid", "scheme", "kind", "code", "name"), [_named(known[each], lang) for each in uuids if each in known]
    if what == "occupations":
        found = coverage.occupations(scheme)
        known = briefs_of(reading, moment, (each.uuid for each in found))
        head = ("uuid", "scheme", "kind", "code", "name", "essential", "covered", "share")
        return head, [(*_named(known[each.uuid], lang), each.essential, each.covered, each.share) for each in found if each.uuid in known]
    parts = coverage.branches(scheme, branch)
    known = briefs_of(reading, moment, (each.key for each in parts if each.key))
    nothing = ("", scheme, "", "", "")
    head = ("uuid", "scheme", "kind", "code", "name", "total", "covered", "missing")
    return head, [(*(_named(known[each.key], lang) if each.key in known else nothing), each.total, each.covered, each.missing) for each in parts]


def _named(brief: dict[str, Any], lang: str) -> tuple[object, ...]:
    return brief["uuid"], brief["scheme"], brief["kind"], brief["code"] or "", best(brief["preferred_label"], lang)
