"""Pages of the framework as a whole: the tree, schemes, differences, the change log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Path, Query, Request, Response
from markupsafe import Markup
from starlette.responses import RedirectResponse

from wikic.domain.diff import ChangeType
from wikic.domain.vocabulary import SCHEMES, Kind, Scheme
from wikic.errors import NotFound, UnknownRelease
from wikic.services.reading import GROUP_KINDS, Reading
from wikic.services.reading_moments import HEAD
from wikic.web import charts
from wikic.web.dependencies import LARGEST, CursorParameter, ReadingService, Release
from wikic.web.pages_common import Visit, visit
from wikic.web.proposals_services import obstacles_of
from wikic.web.texts import Texts
from wikic.web.texts_errors import said
from wikic.web.views_common import ConceptLink, Link, concept_link
from wikic.web.views_framework import (
    ChangeLine,
    ChangePage,
    ChangesPage,
    DiffPage,
    DiffView,
    SchemeFigures,
    SchemesPage,
    Step,
    TreeNode,
    TreePage,
    change_line,
    diff_bars,
    diff_entry,
    proposal_addresses,
)

_LINES: Final = 50
_TREE: Final = 500
_Moment = Annotated[str, Query(max_length=64)]

router = APIRouter(include_in_schema=False)


@router.get("/tree")
def tree_page(
    request: Request,
    reading: ReadingService,
    scheme: Scheme | None = None,
    kind: Kind | None = None,
    parent: Annotated[str | None, Query(max_length=2_000)] = None,
    cursor: CursorParameter = None,
    release: Release = None,
) -> Response:
    """The schemes; the roots of one; or what is below a concept."""
    seen = visit(request, reading, release)
    t, addresses = seen.t, seen.addresses
    figures = {body["scheme"]: body["counts"] for body in reading.schemes(_moment(seen)).items if body["total"]}
    path: list[ConceptLink] = []
    nodes: list[ConceptLink] = []
    following, chosen = "", scheme
    if scheme is None and parent is None:
        chosen = None
    else:
        if parent is None and kind is None:
            kind = next((each for each in GROUP_KINDS if each in figures.get(scheme or "", ())), None)
        page = reading.tree(
            _moment(seen), scheme=scheme, kind=kind, parent=parent, cursor=cursor, limit=_TREE, lang=seen.lang
        )
        extra = page.extra or {}
        above = [*extra["path"], extra["parent"]] if parent is not None else []
        path = [concept_link(brief, addresses, seen.lang) for brief in above]
        nodes = [concept_link(item, addresses, seen.lang) for item in page.items]
        chosen = path[0].scheme if path else scheme  # type: ignore[assignment]
        if page.next:
            following = addresses.page("/tree", scheme=scheme, kind=kind, parent=parent, cursor=page.next)

    def below(link: ConceptLink) -> str:
        return addresses.page("/tree", parent=link.uuid)

    name = path[-1].name.value if path else t.name("scheme", chosen)
    kinds = [each for each in GROUP_KINDS if chosen and each in figures.get(chosen, ())]
    shown = TreePage(
        title=t("tree.title_of", name=name) if name else t("tree.title"),
        schemes=[
            Link(addresses.page("/tree", scheme=each), t.name("scheme", each), current=each == chosen)
            for each in SCHEMES
            if each in figures
        ],
        kinds=[
            Link(
                addresses.page("/tree", scheme=chosen, kind=each),
                t.name("kinds", each),
                current=each == (path[0].kind if path else kind),
            )
            for each in kinds
        ],
        path=[Step(link, below(link)) for link in path],
        nodes=[TreeNode(link, below(link)) for link in nodes],
        following=following,
    )
    return seen.answer(shown)


@router.get("/schemes")
def schemes_page(request: Request, reading: ReadingService, release: Release = None) -> Response:
    """All schemes with figures."""
    seen = visit(request, reading, release)
    return seen.answer(SchemesPage(title=seen.t("schemes.title"), schemes=scheme_figures(seen, reading)))


@router.get("/diff")
def diff_page(
    request: Request,
    reading: ReadingService,
    from_: Annotated[_Moment, Query(alias="from")] = "",
    to: _Moment = "",
    type: ChangeType | None = None,
    cursor: CursorParameter = None,
    release: Release = None,
) -> Response:
    """Two moments compared, whichever is given first; without them, the form to choose them."""
    seen = visit(request, reading, release)
    t, diff, title, trouble = seen.t, None, seen.t("diff.choose"), ""
    try:
        first, last = reading.in_order(from_, to) if from_ and to else ("", "")
    except UnknownRelease as error:
        first, last, trouble = "", "", said(error, t)[0]
    if first and last:
        from_, to = first, last
        # The next page is of the same moments, however the framework moves meanwhile.
        ends = {name: str(_moment(seen).head) if word == HEAD else word for name, word in (("from", from_), ("to", to))}
        diff = _diff(seen, reading, ends["from"], ends["to"], type, cursor, "/diff", ends)
        before, after = (t("diff.head") if word == HEAD else word for word in (from_, to))
        title = t("diff.title", before=before, after=after)
    shown = DiffPage(
        title=title,
        trail=[Link("/releases", t("releases.title"))],
        diff=diff,
        releases=[str(each["name"]) for each in seen.releases],
        before=from_,
        after=to or HEAD,
        trouble=trouble,
    )
    return seen.answer(shown, 404 if trouble else 200, indexed=False)


@router.get("/changes")
def changes_page(
    request: Request,
    reading: ReadingService,
    before: Annotated[int | None, Query(ge=1, le=LARGEST)] = None,
    release: Release = None,
) -> Response:
    """The change log, the latest first; `before`: only smaller numbers."""
    seen = visit(request, reading, release)
    last = min(before - 1, _moment(seen).seq) if before is not None else _moment(seen).seq
    lines = latest_changes(reading, last, _LINES + 1, seen.t)
    older = f"/changes?before={lines[_LINES - 1].seq}" if len(lines) > _LINES else ""
    shown = ChangesPage(
        title=seen.t("changes.title"), changes=lines[:_LINES], older=older, begun=before is not None
    )
    return seen.answer(shown)


@router.get("/changes/{seq}")
def change_page(
    request: Request,
    reading: ReadingService,
    seq: Annotated[int, Path(ge=0, le=LARGEST)],
    type: ChangeType | None = None,
    cursor: CursorParameter = None,
    release: Release = None,
) -> Response:
    """One change."""
    seen = visit(request, reading, release)
    body = reading.change(seq)
    line = change_line(body, seen.t)
    title = seen.t("changes.one", seq=str(seq))
    rows = [
        charts.Bar(seen.t.name("count", name), number, seen.t.number(number), "changed") for name, number in line.counts
    ]
    obstacle = obstacles_of(request, seen.actor, [seq]).get(seq, "")
    diff = None
    if line.kind not in ("import", "restore", "migration"):
        diff = _diff(seen, reading, str(seq - 1), str(seq), type, cursor, f"/changes/{seq}", {})
    shown = ChangePage(
        title=title,
        trail=[Link("/changes", seen.t("changes.title"))],
        change=line,
        chart=charts.bars(title, rows) if rows else Markup(""),
        details=sorted((seen.t.name("audit_data", name), value) for name, value in body["details"].items()),
        diff=diff,
        moderator=body["details"].get("moderator", ""),
        proposals=proposal_addresses(body["details"]),
        reverts=seen.actor.is_moderator and not obstacle,
        obstacle=obstacle,
        review=f"/imports/{body['details']['review']}" if seen.actor.is_moderator and "review" in body["details"] else "",
    )
    return seen.answer(shown, indexed=False)


def release_document_page(_request: Request, name: str) -> Response:
    """What content negotiation on `/r/{release}/` answers a browser with."""
    return RedirectResponse(f"/releases/{quote(name)}", 303)


def catalog_page(_request: Request, _: str) -> Response:
    """What content negotiation on `/catalog` answers a browser with."""
    return RedirectResponse("/schemes", 303)


def ontology_page(_request: Request, _: str) -> Response:
    """What content negotiation on `/ontology` answers a browser with."""
    return RedirectResponse("/ontology/wikic.ttl", 303)


def latest_changes(reading: Reading, last: int, most: int, t: Texts) -> list[ChangeLine]:
    """The changes up to a number, the latest first. The log is read upwards and its numbers have gaps: each try looks
    four times as far back."""
    if last < 1:
        return []
    moment, back = reading.moment(at=last), most
    while True:
        after = max(0, last - back)
        page = reading.changes(moment, after=after, cursor=None, limit=1_000)
        items = page.items
        while page.next is not None:
            page = reading.changes(moment, after=None, cursor=page.next, limit=1_000)
            items = (items + page.items)[-most:]
        if len(items) >= most or after == 0:
            return [change_line(body, t) for body in reversed(items[-most:])]
        back *= 4


def scheme_figures(seen: Visit, reading: Reading) -> list[SchemeFigures]:
    """The schemes as of the moment shown."""
    return [_figures(seen, body) for body in reading.schemes(_moment(seen)).items]


def _figures(seen: Visit, body: Mapping[str, Any]) -> SchemeFigures:
    t, scheme = seen.t, str(body["scheme"])
    rows = [
        (kind, counts.get("active", 0), counts.get("deprecated", 0), counts.get("draft", 0))
        for kind, counts in body["counts"].items()
    ]
    title = body["title"].get(t.lang) or t.name("scheme", scheme)
    bars = [charts.Bar(t.name("kinds", kind), active, t.number(active), kind) for kind, active, _, _ in rows]
    return SchemeFigures(
        scheme=scheme,
        title=title,
        attribution=body["attribution"] or "",
        licence=Link(body["licence_url"], body["licence"]) if body["licence"] else None,
        total=body["total"],
        rows=rows,
        chart=charts.bars(t("schemes.figures_of", name=title), bars) if bars else Markup(""),
        browse=seen.addresses.page("/tree", scheme=scheme),
    )


def _diff(
    seen: Visit,
    reading: Reading,
    before: str,
    after: str,
    type_: str | None,
    cursor: str | None,
    path: str,
    query: Mapping[str, str],
) -> DiffView:
    t = seen.t
    _, page = reading.diff(before, after, type_=type_, cursor=cursor, limit=_LINES, lang=seen.lang)
    extra = page.extra or {}
    counts: dict[str, int] = extra["counts"]
    rows = diff_bars(counts, t)

    def address(**more: str | None) -> str:
        pairs = {**query, **{name: value for name, value in more.items() if value}}
        if seen.release:
            pairs["release"] = seen.release
        return f"{path}?{urlencode(pairs)}" if pairs else path

    types = [Link(address(), t("diff.all_types"), current=type_ is None)]
    types += [
        Link(address(type=name), t.name("change", name), current=name == type_, total=number)
        for name, number in sorted(counts.items(), key=lambda row: (-row[1], row[0]))
    ]
    return DiffView(
        before=before,
        after=after,
        concepts=extra["concepts"],
        total=sum(counts.values()),
        chart=charts.bars(t("diff.chart"), rows) if rows else Markup(""),
        types=types,
        entries=[diff_entry(item, seen.addresses, t) for item in page.items],
        following=address(type=type_, cursor=page.next) if page.next else "",
    )


def _moment(seen: Visit) -> Any:
    if seen.moment is None:
        raise NotFound("the page has no moment")
    return seen.moment
