"""The pages of what releases ask of badge classes: an overview, the lines of a release with their treatments, the rehearsal of a candidate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, Final
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from starlette.datastructures import FormData

from wikic.domain.access import Actor, require
from wikic.domain.delta import SEVERITIES, DeltaType, Severity
from wikic.domain.refreshing import ADVICES, LINE_STATES, TREATMENTS, Advice, LineState
from wikic.errors import Conflict, InvalidInput, StaleVersion, TooLarge, WikicError
from wikic.services.badges_parts import BadgeServices
from wikic.services.badging_rights import may_publish, require_credential
from wikic.services.refreshing import counted
from wikic.services.refreshing_lines import RefreshLine, WantedLines
from wikic.services.refreshing_parts import RefreshServices
from wikic.services.refreshing_treating import Treated
from wikic.web.badges_services import Badges
from wikic.web.badges_shown import own_issuers
from wikic.web.dependencies import ReadingService
from wikic.web.forms import LARGEST_PART, Form, field, fields, see
from wikic.web.pages_account import refused, trouble_of
from wikic.web.pages_badges_making import Known
from wikic.web.pages_common import Visit, visit
from wikic.web.refresh_rows import refresh_rows
from wikic.web.refresh_services import Refresh, rehearsed
from wikic.web.texts_errors import said
from wikic.web.views_common import Link
from wikic.web.views_refresh import DueRow, OwnIssuer, RefreshesPage, RefreshPage, StandingRow
from wikic.web.views_search import Facet

router = APIRouter(include_in_schema=False)

PAGE: Final = 50
_MINDED: Final = (InvalidInput, Conflict, StaleVersion, TooLarge)
PRESENT: Final = "preview"
"""The name under which the present state is rehearsed; no release has it."""
_TYPED: Final = ("text", "treatment", "ref", "note")
_TICKED: Final = ("line", "badge_class", "to")
_TYPES: Final = (
    "deprecated", "merged", "split", "replaced", "restored", "renamed", "redefined", "moved", "recoded", "readdressed", "reclassified", "relabelled",
    "annotated", "related", "unrelated", "rerelated",
)  # fmt: skip

Name = Annotated[str, Path(max_length=64)]


def _chosen(
    issuer: Annotated[str, Query(max_length=60)] = "",
    state: Annotated[LineState | None, Query()] = None,
    severity: Severity | None = None,
    advice: Advice | None = None,
    change: DeltaType | None = None,
) -> dict[str, str]:
    return {"issuer": issuer, "state": state or "", "severity": severity or "", "advice": advice or "", "change": change or ""}


Chosen = Annotated[dict[str, str], Depends(_chosen)]


@router.get("/refresh")
def refreshes_page(request: Request, reading: ReadingService, badges: Badges, refresh: Refresh, actor: Known) -> Response:
    """The reader's issuers, release by release."""
    refresh.refreshing.catch_up_aside()
    seen = visit(request, reading)
    published = [int(each["seq"]) for each in seen.releases if each["state"] == "published"]
    candidates = [str(each["name"]) for each in seen.releases if each["state"] == "candidate" and int(each["seq"]) > max(published, default=0)]
    page = RefreshesPage(
        title=seen.t("refresh.title"),
        trail=[Link("/badges", seen.t("badges.title"))],
        issuers=[_own(refresh, each.slug, each.name) for each in own_issuers(badges, actor)],
        candidates=[Link(address_of(name), seen.t("refresh.rehearsal", release=name)) for name in candidates],
    )
    return seen.answer(page, indexed=False)


@router.get("/refresh/{release}")
def refresh_page(
    request: Request, reading: ReadingService, badges: Badges, refresh: Refresh, _: Known, release: Name, chosen: Chosen,
    after: Annotated[str, Query(max_length=500)] = "",
    treated: Annotated[int | None, Query(ge=0, le=10_000)] = None,
    left: Annotated[int | None, Query(ge=0, le=10_000)] = None,
) -> Response:  # fmt: skip
    """The lines of a release."""
    seen = visit(request, reading)
    told = []
    if treated is not None:
        told.append(seen.t("refresh.treated", n=treated))
    if left:
        told.append(seen.t("refresh.left", n=left))
    return seen.answer(_page(seen, reading, badges, refresh, release, chosen, after=after, told=" ".join(told)), indexed=False)


@router.post("/refresh/{release}")
def treat(
    request: Request, reading: ReadingService, badges: Badges, refresh: Refresh, actor: Known, release: Name, form: Form
) -> Response:
    """Treat lines: one by its button, the ticked ones, or all open ones of a kind."""
    require_credential(actor)
    chosen = {name: field(form, name, 60) for name in ("issuer", "state", "severity", "advice", "change")}
    try:
        done = _treated(refresh, release, form, actor)
    except _MINDED as error:
        return _again(request, reading, badges, refresh, release, chosen, error, form)
    pairs = {name: value for name, value in chosen.items() if value}
    counts = {"treated": len(done.lines), "left": len(done.left)}
    return see(f"{address_of(release)}?{urlencode(pairs | counts)}")


@router.post("/refresh/{release}/read")
def read_again(
    request: Request, reading: ReadingService, badges: Badges, refresh: Refresh, actor: Known, release: Name, form: Form
) -> Response:
    """Read the addresses of badge classes that are hosted elsewhere, and close what they show."""
    require_credential(actor)
    chosen = {name: field(form, name, 60) for name in ("issuer", "state", "severity", "advice", "change")}
    seen = visit(request, reading)
    try:
        found = refresh.elsewhere.read_again(_lines(form), actor)
    except _MINDED as error:
        return _again(request, reading, badges, refresh, release, chosen, error, form)
    told = []
    for each in found:
        if each.refused:
            told.append(seen.t("refresh.read_refused", why=said(each.error, seen.t)[0] if each.error else each.refused))
        told += [seen.t("refresh.read_shown", n=len(each.shown))] if each.shown else []
        told += [seen.t("refresh.read_waiting")] if each.waiting and not each.refused else []
    page = _page(visit(request, reading), reading, badges, refresh, release, chosen, told=" ".join(dict.fromkeys(told)))
    return seen.answer(page, indexed=False)


@router.post("/refresh/{release}/object")
def object_to(
    request: Request, reading: ReadingService, badges: Badges, refresh: Refresh, actor: Known, release: Name, form: Form
) -> Response:
    """Object to a candidate."""
    require_credential(actor)
    issuer = field(form, "issuer", 60)
    try:
        refresh.objecting.add(release, issuer, fields(form, "badge_class"), field(form, "text"), actor)
    except _MINDED as error:
        return _again(request, reading, badges, refresh, release, {"issuer": issuer}, error, form)
    return see(f"/releases/{quote(release)}#remarks")


def address_of(release: str) -> str:
    """The page of a release's lines; of the present state where it has no name."""
    return f"/refresh/{quote(release or PRESENT)}"


def _again(
    request: Request, reading: Any, badges: BadgeServices, refresh: RefreshServices, release: str, chosen: Mapping[str, str], error: WikicError,
    form: FormData,
) -> Response:  # fmt: skip
    """The page with what was refused, and with what was typed and ticked."""
    seen = visit(request, reading)
    page = _page(seen, reading, badges, refresh, release, chosen, error=error)
    typed = {name: field(form, name, LARGEST_PART) for name in _TYPED if not field(form, "all", 5)}
    page = replace(page, typed=typed, ticked=frozenset(each for name in _TICKED for each in fields(form, name)))
    return seen.answer(page, refused(error), indexed=False)


def _treated(refresh: RefreshServices, release: str, form: Any, actor: Actor) -> Treated:
    """What a form asked for was done."""
    note = field(form, "note", 2_000)
    if field(form, "all", 5):
        wanted = WantedLines("open", advice=field(form, "of_advice", 20), change=field(form, "of_change", 40))
        return refresh.treating.treat_all(field(form, "issuer", 60), release, field(form, "treatment", 20), actor, wanted, note=note)
    one, _, treatment = field(form, "one", 120).partition("|")
    lines = [one] if one else _lines(form)
    treatment = treatment or field(form, "treatment", 20)
    if not lines:
        raise InvalidInput("choose at least one line", reason="refresh-none")
    to: dict[str, list[str]] = {}
    for each in fields(form, "to"):
        line, _, concept = each.partition("|")
        to.setdefault(line, []).append(concept)
    named = field(form, "ref", 2_000).strip()
    groups: dict[tuple[str, ...], list[str]] = {}
    for line in lines:
        targets = tuple(to.get(line, ())) or ((named,) if named else ())
        groups.setdefault(targets if treatment == "realign" else (), []).append(line)
    done = Treated()
    for targets, part in sorted(groups.items()):
        # One line that cannot be treated says why; of many, those that can be are.
        made = refresh.treating.treat(part, treatment, actor, to=targets, note=note, partly=len(lines) > 1)
        done.lines.extend(made.lines)
        done.left.extend(made.left)
    return done


def _lines(form: Any) -> list[str]:
    one = field(form, "one", 120).partition("|")[0]
    return [one] if one else fields(form, "line")


def _own(refresh: RefreshServices, slug: str, name: str) -> OwnIssuer:
    standings = [
        StandingRow(
            Link(f"{address_of(each.release)}?{urlencode({'issuer': slug})}", each.release), each.opened, each.states["open"], each.lines
        )
        for each in refresh.lines.standings(slug)
    ]
    due = [DueRow(Link(f"/badges/{each.badge_class}", each.name), each.day, each.overdue) for each in refresh.lines.due(slug)]
    return OwnIssuer(slug, name, standings, due)


def _page(
    seen: Visit, reading: Any, badges: BadgeServices, refresh: RefreshServices, release: str, chosen: Mapping[str, str], *, after: str = "", told: str = "",
    error: WikicError | None = None,
) -> RefreshPage:  # fmt: skip
    actor, named = seen.actor, "" if release == PRESENT else release
    state = str(reading.release(named)["state"]) if named else "candidate"
    report = state == "published"
    issuer = chosen.get("issuer", "")
    own = own_issuers(badges, actor)
    before, counts, lines, following = "", dict[str, Mapping[str, int]](), list[RefreshLine](), ""
    if report:
        refresh.refreshing.catch_up_aside()
        wanted = WantedLines(chosen.get("state") or "open", *(chosen.get(name, "") for name in ("severity", "advice", "change")))
        page = refresh.lines.page(actor, wanted, issuer=issuer, release=named, after=after, limit=PAGE)
        lines, following = page.items, page.next
    else:
        before, counts, lines, following = _rehearsed(refresh, actor, named, chosen, after)
    rows = refresh_rows(seen, refresh, lines)
    manages = report and any(may_publish(actor, each.slug) for each in own)
    path = address_of(named)
    query = {name: value for name, value in chosen.items() if value}
    title = seen.t("refresh.one", release=named) if report else seen.t("refresh.rehearsal", release=named or seen.t("refresh.now"))
    return RefreshPage(
        title=title,
        trail=[Link("/refresh", seen.t("refresh.title"))],
        trouble=trouble_of(seen, error) if error else None,
        release=named,
        before=before,
        candidate=not report and bool(named) and state == "candidate" and bool(own),
        action=path,
        issuer=issuer,
        issuers=[(each.slug, each.name) for each in own],
        facets=_facets(seen, path, chosen, counts, report=report),
        rows=rows,
        following=f"{path}?{urlencode({**query, 'after': following})}" if following else "",
        hidden=list(query.items()),
        told=told,
        manages=manages,
        waits=manages and bool(refresh.lines.page(actor, WantedLines("open"), issuer=issuer, release=named, limit=1).items),
        treatments=[(each, seen.t.name("treatment", each)) for each in TREATMENTS],
        advices=[(each, seen.t.name("advice", each)) for each in ADVICES],
        changes=[(each, seen.t.name("change", each)) for each in _TYPES],
        csv=f"/api/v1/refresh.csv?{urlencode({'release': named, 'language': seen.lang, **query})}" if report else "",
    )


def _rehearsed(
    refresh: RefreshServices, actor: Actor, release: str, chosen: Mapping[str, str], after: str
) -> tuple[str, dict[str, Mapping[str, int]], list[RefreshLine], str]:
    """The part of a rehearsal that was chosen: what it is compared with, counts by facet, lines, where it goes on."""
    if not release:
        # Only who prepares a release looks at what nobody else sees yet.
        require(actor, "release")
    report = refresh.refreshing.rehearsal(release, actor)
    issuer = chosen.get("issuer", "")
    found = report.of([issuer]) if issuer else report.lines
    counts: dict[str, Mapping[str, int]] = {
        "severity": counted(SEVERITIES, (line.verdict.severity for line in found)),
        "advice": counted(ADVICES, (line.verdict.advice for line in found)),
        "change": counted(_TYPES, (name for line in found for name in line.verdict.types)),
    }
    for name, value in chosen.items():
        if value and name in ("severity", "advice"):
            found = [line for line in found if getattr(line.verdict, name) == value]
        elif value and name == "change":
            found = [line for line in found if value in line.verdict.types]
    start = int(after) if after.isdecimal() else 0
    following = str(start + PAGE) if start + PAGE < len(found) else ""
    return report.before, counts, rehearsed(report, found[start : start + PAGE]), following


def _facets(
    seen: Visit, path: str, chosen: Mapping[str, str], counts: Mapping[str, Mapping[str, int]], *, report: bool
) -> list[Facet]:
    words: dict[str, Sequence[str]] = {"severity": SEVERITIES, "advice": ADVICES, "change": _TYPES}
    groups = {"state": "line_state", "severity": "severity", "advice": "advice", "change": "change"}
    made = []
    for name in (("state",) if report else ()) + ("severity", "advice", "change"):
        known = LINE_STATES if name == "state" else [word for word in words[name] if not counts or word in counts[name]]
        current = chosen.get(name) or ("open" if name == "state" else "")
        others = {key: value for key, value in chosen.items() if value and key != name}
        links = [] if name == "state" else [Link(_with(path, others), seen.t("refresh.any"), current=not current)]
        for word in known:
            total = counts[name].get(word) if counts else None
            links.append(Link(_with(path, {**others, name: word}), seen.t.name(groups[name], word), current=word == current, total=total))
        if len(links) > 1:
            made.append(Facet(seen.t.name("refresh_facet", name), links))
    return made


def _with(path: str, query: Mapping[str, str]) -> str:
    return f"{path}?{urlencode(query)}" if query else path
