"""The pages of the state of deployment: now, at the end of a quarter, and frozen for good."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Request, Response
from markupsafe import Markup

from wikic.domain import access
from wikic.domain.deployment import SECTIONS
from wikic.domain.vocabulary import SCHEMES
from wikic.errors import WikicError
from wikic.services.badges_parts import BadgeServices
from wikic.services.deployment import LANGUAGES, LONGEST_COMMENTARY, Narrowed, state_body
from wikic.web import charts
from wikic.web.api_deployment import Wanted
from wikic.web.badges_services import Badges
from wikic.web.badges_shown import level_name
from wikic.web.dependencies import ReadingService
from wikic.web.deployment_services import report_address
from wikic.web.forms import Form, field, see
from wikic.web.pages_account import MINDED, refused, trouble_of
from wikic.web.pages_badges_making import Known
from wikic.web.pages_common import Visit, visit
from wikic.web.views_common import Link
from wikic.web.views_deployment import (
    AlikeLine,
    Counted,
    DeploymentPage,
    DeploymentReportPage,
    FigureLine,
    PartLine,
    PartTable,
)

router = APIRouter(include_in_schema=False)

_FIGURES: Final = ("issuing", "badges", "competencies", "bindings", "bound", "issuers", "retired", "endorsements", "alike", "awards", "awards_ever")
_LINES: Final = 40
_ALIKE: Final = 30
_TONES: Final = ("essential", "key", "emerging", "optional", "other")


@router.get("/deployment")
def deployment_page(request: Request, reading: ReadingService, badges: Badges, wanted: Wanted) -> Response:
    """The state of deployment, narrowed."""
    seen = visit(request, reading)
    return seen.answer(_page(seen, badges, wanted), indexed=wanted == Narrowed())


@router.get("/deployment/{quarter}")
def deployment_report_page(
    request: Request, reading: ReadingService, badges: Badges, quarter: Annotated[str, Path(max_length=10)]
) -> Response:
    """A frozen report."""
    seen = visit(request, reading)
    report = badges.deployment.report(quarter)
    t, body = seen.t, report.body
    page = DeploymentReportPage(
        title=t("deployment.report", quarter=t.quarter(report.quarter)),
        trail=[Link("/deployment", t("deployment.title"))],
        frozen=report.frozen,
        by=report.by,
        digest=report.digest,
        permanent=report_address(seen.public_url, report.quarter),
        commentary=[(lang, body["commentary"][lang]) for lang in dict.fromkeys((seen.lang, *LANGUAGES)) if lang in body["commentary"]],
        counted=_counted(seen, body),
        downloads=[
            Link(f"/api/v1/deployment/reports/{report.quarter}/csv", "CSV"),
            Link(f"/api/v1/deployment/reports/{report.quarter}", "JSON"),
        ],
    )
    return seen.answer(page)


@router.post("/deployment/freeze")
def freeze(request: Request, reading: ReadingService, badges: Badges, actor: Known, form: Form) -> Response:
    """Freeze a report."""
    access.require(actor, "release")
    said = {lang: field(form, lang, LONGEST_COMMENTARY + 5_000) for lang in LANGUAGES}
    try:
        made = badges.deployment.freeze(field(form, "quarter", 20), said, actor)
    except MINDED as error:
        seen = visit(request, reading)
        typed = said | {"quarter": field(form, "quarter", 20)}
        return seen.answer(_page(seen, badges, Narrowed(), typed, error), refused(error), indexed=False)
    return see(f"/deployment/{made.quarter}")


def _page(
    seen: Visit, badges: BadgeServices, wanted: Narrowed, commentary: Mapping[str, str] | None = None, error: WikicError | None = None
) -> DeploymentPage:
    t, state = seen.t, badges.deployment.state(wanted)
    values = {"quarter": wanted.quarter, "territory": wanted.territory, "sector": wanted.sector, "scheme": wanted.scheme}
    query = urlencode({name: value for name, value in values.items() if value})
    start = "/api/v1/deployment"
    frozen = [each.quarter for each in badges.deployment.reports()]
    known = badges.deployment.quarters()
    may = access.may(seen.actor, "release")
    return DeploymentPage(
        title=t("deployment.title"),
        trouble=trouble_of(seen, error) if error else None,
        moment=t("deployment.now") if state.now else t("deployment.at_end", quarter=t.quarter(state.quarter)),
        values=values,
        quarters=[(each, t.quarter(each)) for each in known],
        sectors=[(letter, t.name("section", letter)) for letter in SECTIONS],
        schemes=[(scheme, t.name("scheme", scheme)) for scheme in SCHEMES],
        narrowed=bool(query),
        counted=_counted(seen, state_body(state)),
        downloads=[Link(f"{start}/csv?{query}" if query else f"{start}/csv", "CSV"), Link(f"{start}?{query}" if query else start, "JSON")],
        reports=[Link(f"/deployment/{each}", t("deployment.report", quarter=t.quarter(each))) for each in frozen],
        freezable=[(each, t.quarter(each)) for each in known[1:] if each not in frozen] if may else [],
        commentary=dict(commentary or dict.fromkeys(("quarter", *LANGUAGES), "")),
    )


def _counted(seen: Visit, body: Mapping[str, Any]) -> Counted:
    t, figures = seen.t, body["figures"]
    series = [charts.Bar(t.quarter(point["quarter"]), point["badges"], t.number(point["badges"]), "essential") for point in body["series"]]
    levels = [
        charts.Bar(level_name(seen, level) or t("deployment.no_level"), number, t.number(number), _TONES[min(place, len(_TONES) - 1)])
        for place, (level, number) in enumerate(list(figures["levels"].items())[:8])
    ]
    names = {"schemes": "scheme", "sectors": "section"}
    titles = {"schemes": t("deployment.by_scheme"), "territories": t("deployment.by_territory"), "sectors": t("deployment.by_sector")}
    quarters = [_line(seen, t.quarter(each["quarter"]), each | {"issuers": each["issuing"]}) for each in body["series"]]
    tables = [PartTable("quarters", t("deployment.by_quarter"), quarters)]
    tables += [
        PartTable(kind, title, [_line(seen, t.name(names[kind], each["key"]) if kind in names else each["key"], each) for each in body[kind][:_LINES]])
        for kind, title in titles.items()
    ]
    return Counted(
        figures=[FigureLine(t(f"figure.{name}", n=figures[name]), _figure(seen, figures, name)) for name in _FIGURES],
        over_time=charts.bars(t("deployment.over_time"), series) if series else Markup(""),
        levels=charts.bars(t("deployment.by_level"), levels) if levels else Markup(""),
        tables=tables,
        alike=[_alike(seen, each) for each in body["alike"][:_ALIKE]],
        alike_more=max(0, len(body["alike"]) - _ALIKE),
    )


def _figure(seen: Visit, figures: Mapping[str, Any], name: str) -> str:
    hidden = figures.get(f"{name}_hidden")
    return _awards(seen, figures[name], hidden) if hidden else seen.t.number(figures[name])


def _awards(seen: Visit, number: int, hidden: int) -> str:
    return seen.t("deployment.awards_hidden", n=number, hidden=hidden) if hidden else seen.t.number(number)


def _line(seen: Visit, name: str, part: Mapping[str, Any]) -> PartLine:
    issuers, badges, competencies = (seen.t.number(part[each]) for each in ("issuers", "badges", "competencies"))
    return PartLine(name, issuers, badges, competencies, _awards(seen, part["awards"], part["awards_hidden"]))


def _alike(seen: Visit, group: Mapping[str, Any]) -> AlikeLine:
    links = [(Link(f"/badges/{each['id']}", each["name"]), Link(f"/issuers/{each['issuer']}", each["issuer_name"])) for each in group["badges"]]
    return AlikeLine(seen.t.name("alike", group["reason"]), links[:20])
