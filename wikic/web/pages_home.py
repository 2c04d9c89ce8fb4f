"""The home page and the search."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response
from starlette.responses import RedirectResponse

from wikic.domain.vocabulary import Kind, Scheme
from wikic.errors import Conflict, InvalidInput, NotFound
from wikic.services.reading import Page, Reading
from wikic.services.searching import Filters, Searching
from wikic.web.dependencies import CursorParameter, ReadingService, Release
from wikic.web.pages_common import Visit, visit
from wikic.web.pages_framework import latest_changes
from wikic.web.views_common import Link, concept_link
from wikic.web.views_search import Facet, Figure, HomePage, SearchPage, result_of

_KINDS: Final = ("occupation", "skill", "knowledge", "occupation_title")
_EXAMPLES: Final = {"fr": ("boulanger", "soudure", "accueillir un client"), "en": ("baker", "welding", "knead dough")}
_PAGE: Final = 20

router = APIRouter(include_in_schema=False)


@router.get("/")
def home_page(request: Request, reading: ReadingService, release: Release = None) -> Response:
    """The home page."""
    seen = visit(request, reading, release)
    t = seen.t
    totals: dict[str, int] = {}
    if seen.moment is not None:
        for body in reading.schemes(seen.moment).items:
            for kind, counts in body["counts"].items():
                totals[kind] = totals.get(kind, 0) + counts.get("active", 0)
    page = HomePage(
        title=t("home.title"),
        figures=[
            Figure(t.number(totals[kind]), t.name("kinds", kind), seen.addresses.page("/schemes"))
            for kind in _KINDS
            if totals.get(kind)
        ],
        examples=[Link(seen.addresses.page("/search", q=text), text) for text in _EXAMPLES[seen.lang]],
        latest=latest_changes(reading, seen.moment.seq if seen.moment else 0, 3, seen.t),
    )
    return seen.answer(page)


@router.get("/search")
def search_page(
    request: Request,
    reading: ReadingService,
    q: Annotated[str, Query(max_length=500)] = "",
    kind: Kind | None = None,
    scheme: Scheme | None = None,
    cursor: CursorParameter = None,
    release: Release = None,
) -> Response:
    """Results of a search; a code or an address leads to its concept at once."""
    seen = visit(request, reading, release)
    query = q.strip()
    filters: dict[str, str | None] = {"kind": kind, "scheme": scheme}
    found = Page([], None)
    searching: Searching | None = getattr(request.app.state.services, "searching", None)
    if query:
        uuid = _named(seen, reading, query)
        if uuid:
            return RedirectResponse(seen.addresses.concept(uuid), 303, {"Cache-Control": "no-store"})
        if searching is not None:
            sought = searching.sought(release, None, cursor)
            found = searching.results(
                query, Filters("", kind or "", scheme or "", ""), sought, cursor=cursor, limit=_PAGE
            )
    extra = found.extra or {}
    results = [result_of(item, concept_link(item, seen.addresses, seen.lang)) for item in found.items]
    page = SearchPage(
        title=seen.t("search.results_for", query=query) if query else seen.t("search.title"),
        query=query,
        results=results,
        total=extra.get("total"),
        facets=_facets(seen, query, filters, extra.get("facets") or {}),
        cleared=seen.addresses.page("/search", q=query) if any(filters.values()) else "",
        following=seen.addresses.page("/search", q=query, cursor=found.next, **filters) if found.next else "",
        available=searching is not None,
        hidden=[(name, value) for name, value in (*filters.items(), ("release", seen.release)) if value],
    )
    return seen.answer(page, indexed=False)


def _named(seen: Visit, reading: Reading, query: str) -> str:
    """The uuid that a typed code, uuid or source address names; "" if it is something else."""
    if len(query.split()) != 1 or not any(c.isdigit() for c in query) or seen.moment is None:
        return ""
    try:
        if ":" in query or query.count("-") == 4:
            return reading.find(query, seen.moment).concept.identity.uuid
        return reading.locate(None, "rome", query.upper(), "occupation", seen.moment)
    except (NotFound, InvalidInput, Conflict):
        return ""


def _facets(
    seen: Visit, query: str, filters: Mapping[str, str | None], counts: Mapping[str, Mapping[str, int]]
) -> list[Facet]:
    t, made = seen.t, []
    for name, names in (("kind", "kinds"), ("scheme", "scheme")):
        found = counts.get(name) or {}
        if not found and not filters[name]:
            continue
        others = {each: value for each, value in filters.items() if each != name}
        choices = [
            Link(seen.addresses.page("/search", q=query, **others), t("search.all"), current=filters[name] is None)
        ]
        words = sorted(found, key=lambda word: (-found[word], word)) or [str(filters[name])]
        choices += [
            Link(
                seen.addresses.page("/search", q=query, **others, **{name: word}),
                t.name(names, word),
                current=word == filters[name],
                total=found.get(word),
            )
            for word in words
        ]
        made.append(Facet(t(f"search.filter_{name}"), choices))
    return made
