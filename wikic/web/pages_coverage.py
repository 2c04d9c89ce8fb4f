"""The pages of coverage: competencies without a badge class, by scheme and branch; occupations that are covered best."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from markupsafe import Markup

from wikic.domain.vocabulary import Scheme
from wikic.services.badges_parts import BadgeServices
from wikic.services.coverage import Covered
from wikic.services.reading import Reading
from wikic.web import charts
from wikic.web.api_coverage import branch_of
from wikic.web.badges_services import Badges
from wikic.web.badges_shown import PAGE, After, bind_address
from wikic.web.dependencies import ReadingService
from wikic.web.deployment_services import briefs_of
from wikic.web.pages_common import Visit, visit
from wikic.web.views_common import ConceptLink, Link, concept_link
from wikic.web.views_deployment import CoverageLine, CoveragePage, CoveredOccupationsPage

router = APIRouter(include_in_schema=False)

_BARS: Final = 25
_ONLY_LOOSE: Final = "none"
Branch = Annotated[str, Query(description="`none`: what stands in no branch.", max_length=2_000)]


@router.get("/coverage")
def coverage_page(
    request: Request, reading: ReadingService, badges: Badges, scheme: Scheme | None = None, branch: Branch = "", after: After = ""
) -> Response:
    """How much is covered: of all schemes, of one, of a branch of it, with what is not."""
    seen = visit(request, reading)
    t, coverage = seen.t, badges.coverage
    loose = branch == _ONLY_LOOSE
    uuid = "" if loose else branch_of(badges, branch)
    schemes = coverage.schemes()
    if scheme is None:
        lines = [_line(each, t.name("scheme", each.key), f"/coverage?scheme={each.key}") for each in schemes]
        rows, total, following, summary = [], 0, "", ""
        trail: list[Link] = []
    else:
        lines = [] if loose else _branches(seen, badges, reading, scheme, uuid)
        part = coverage.missing(scheme, branch=uuid, loose=loose, after=after, limit=PAGE)
        rows, total = _rows(seen, badges, reading, part.uuids), part.total
        following = seen.addresses.page("/coverage", scheme=scheme, branch=branch, after=part.next) if part.next else ""
        summary = _summary(seen, coverage.within(scheme, branch=uuid, loose=loose))
        trail = [Link("/coverage", t("coverage.title")), *([Link(f"/coverage?scheme={scheme}", t.name("scheme", scheme))] if branch else [])]
    page = CoveragePage(
        title=_title(seen, reading, uuid, scheme or "", loose=loose),
        trail=trail,
        schemes=[Link("/coverage", t("search.all"), current=scheme is None)]
        + [Link(f"/coverage?scheme={each.key}", t.name("scheme", each.key), current=each.key == scheme) for each in schemes],
        summary=summary,
        chart=_chart(seen, lines),
        lines=lines,
        rows=rows,
        total=total,
        following=following,
        chosen=scheme is not None,
        downloads=_downloads(seen, scheme or "", uuid),
        occupations=f"/coverage/occupations?scheme={scheme}" if scheme else "/coverage/occupations",
    )
    return seen.answer(page, indexed=not (branch or after))


@router.get("/coverage/occupations")
def covered_occupations_page(
    request: Request, reading: ReadingService, badges: Badges, scheme: Scheme | None = None, after: Annotated[int, Query(ge=0, le=1_000_000)] = 0
) -> Response:
    """The occupations that are covered best."""
    seen = visit(request, reading)
    t, found = seen.t, badges.coverage.occupations(scheme or "")
    part = found[after : after + PAGE]
    known = briefs_of(reading, reading.moment(), (each.uuid for each in part))
    lines = []
    for each in part:
        if each.uuid in known:
            link = concept_link(known[each.uuid], seen.addresses, seen.lang)
            lang = link.name.lang if link.name.foreign else ""
            lines.append(CoverageLine("", link.name.value, lang, each.covered, each.essential, each.share, link.address))
    more = after + PAGE < len(found)
    start = "/coverage/occupations"
    names = sorted({each.scheme for each in badges.coverage.occupations()} | ({scheme} if scheme else set()))
    page = CoveredOccupationsPage(
        title=t("coverage.occupations"),
        trail=[Link("/coverage", t("coverage.title"))],
        schemes=[Link(start, t("search.all"), current=scheme is None)]
        + [Link(f"{start}?scheme={name}", t.name("scheme", name), current=name == scheme) for name in names],
        lines=lines,
        following=seen.addresses.page(start, scheme=scheme, after=after + PAGE) if more else "",
        download=Link(f"/api/v1/coverage/csv?{urlencode({'list': 'occupations', 'lang': seen.lang} | ({'scheme': scheme} if scheme else {}))}", "CSV"),
    )
    return seen.answer(page, indexed=not after)


def _branches(seen: Visit, badges: BadgeServices, reading: Reading, scheme: str, branch: str) -> list[CoverageLine]:
    found = badges.coverage.branches(scheme, branch)
    known = briefs_of(reading, reading.moment(), (each.key for each in found if each.key))
    lines = []
    for each in found:
        brief = known.get(each.key)
        link = concept_link(brief, seen.addresses, seen.lang) if brief else None
        address = f"/coverage?scheme={scheme}&branch={each.key or _ONLY_LOOSE}"
        lines.append(_line(each, link.name.value if link else seen.t("coverage.loose"), address, link))
    return sorted(lines, key=lambda line: (not line.concept, line.name.casefold()))


def _line(each: Covered, name: str, address: str, link: ConceptLink | None = None) -> CoverageLine:
    lang = link.name.lang if link and link.name.foreign else ""
    return CoverageLine(address, name, lang, each.covered, each.total, each.share, link.address if link else "")


def _rows(seen: Visit, badges: BadgeServices, reading: Reading, uuids: Sequence[str]) -> list[tuple[ConceptLink, str]]:
    known: Mapping[str, Any] = briefs_of(reading, reading.moment(), uuids)
    links = [concept_link(known[each], seen.addresses, seen.lang) for each in uuids if each in known]
    return [(link, bind_address(seen, badges, link.uuid, link.kind, "active")) for link in links]


def _title(seen: Visit, reading: Reading, branch: str, scheme: str, *, loose: bool) -> str:
    if loose:
        return seen.t("coverage.loose")
    if branch:
        found = briefs_of(reading, reading.moment(), [branch])
        return concept_link(found[branch], seen.addresses, seen.lang).name.value if branch in found else branch
    return f"{seen.t('coverage.title')} · {seen.t.name('scheme', scheme)}" if scheme else seen.t("coverage.title")


def _summary(seen: Visit, covered: Covered) -> str:
    return seen.t("coverage.of", covered=covered.covered, total=covered.total, share=covered.share)


def _chart(seen: Visit, lines: Sequence[CoverageLine]) -> Markup:
    most = sorted((line for line in lines if line.covered), key=lambda line: -line.share)[:_BARS]
    bars = [charts.Bar(line.name, line.share, f"{line.share}\u00a0%", "essential") for line in most]
    return charts.bars(seen.t("coverage.with_badge"), bars, whole=100) if bars else Markup("")


def _downloads(seen: Visit, scheme: str, branch: str) -> list[Link]:
    if not scheme:
        return []
    start = {"scheme": scheme, "lang": seen.lang} | ({"branch": branch} if branch else {})
    named = {"competencies": seen.t("coverage.without"), "branches": seen.t("coverage.branches")}
    return [Link(f"/api/v1/coverage/csv?{urlencode({'list': what} | start)}", f"{name} (CSV)") for what, name in named.items()]
