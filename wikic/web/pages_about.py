"""Pages about the service itself: sources and licences, the API and its reference, errors, the design system."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from wikic.domain.access import NOBODY
from wikic.errors import WikicError
from wikic.web import charts
from wikic.web.acting import SAFE_METHODS
from wikic.web.dependencies import ReadingService, Release
from wikic.web.errors import TITLES, error_classes, status_of
from wikic.web.forms import see, sign_in_address
from wikic.web.pages_common import Visit, in_current, language_of, readable_path, visit, wants_html
from wikic.web.pages_framework import scheme_figures
from wikic.web.texts import MESSAGES
from wikic.web.texts_errors import said
from wikic.web.views_about import (
    CALLS,
    AboutPage,
    Call,
    DesignPage,
    ErrorPage,
    ErrorsPage,
    Operation,
    ReferencePage,
    UseApiPage,
)
from wikic.web.views_common import Link

COLOURS: Final = (
    "page", "surface", "raised", "line", "ink", "ink-soft", "accent", "accent-ink", "mark", "good", "warn", "bad",
)  # fmt: skip
ICONS: Final = ("search", "tree", "layers", "clock", "code", "copy", "link", "download", "arrow", "info", "globe", "chevron", "pencil")
_TONES: Final = ("essential", "key", "emerging", "optional", "other", "knowledge", "added", "removed", "changed")

router = APIRouter(include_in_schema=False)


@router.get("/about")
def about_page(request: Request, reading: ReadingService, release: Release = None) -> Response:
    """What the service is."""
    seen = visit(request, reading, release)
    return seen.answer(AboutPage(title=seen.t("about.title"), schemes=scheme_figures(seen, reading)))


@router.get("/use-the-api")
def use_the_api(request: Request, reading: ReadingService, release: Release = None) -> Response:
    """Five calls to copy."""
    seen = visit(request, reading, release)
    calls = [Call(name, f"curl '{seen.public_url}{path}'", path) for name, path in CALLS.items()]
    return seen.answer(UseApiPage(title=seen.t("api.title"), calls=calls))


@router.get("/docs")
def reference(request: Request) -> Response:
    """All operations, made from the OpenAPI document. Needs no store."""
    seen = Visit(request, language_of(request))
    document: dict[str, Any] = request.app.openapi()
    groups: dict[str, list[Operation]] = defaultdict(list)
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            groups[operation["tags"][0]].append(_operation(method, path, operation))
    page = ReferencePage(
        title=seen.t("docs.title"),
        trail=[Link("/use-the-api", seen.t("nav.api"))],
        introduction=document["info"]["description"].split("\n\n"),
        groups=[
            (tag["name"], tag["description"], groups[tag["name"]])
            for tag in document["tags"]
            if tag["name"] in groups
        ],
    )
    return seen.answer(page)


@router.get("/docs/errors")
def error_reference(request: Request) -> Response:
    """All errors of the API. Needs no store."""
    seen = Visit(request, language_of(request))
    documented = {kind.slug: kind for kind in error_classes()}
    rows = []
    for slug, title in TITLES.items():
        kind = documented.get(slug)
        meaning = " ".join((kind.__doc__ or "").split()) if kind is not None else ""
        rows.append((slug, title, status_of(kind) if kind is not None else None, meaning))
    trail = [Link("/use-the-api", seen.t("nav.api")), Link("/docs", seen.t("nav.reference"))]
    return seen.answer(ErrorsPage(title=seen.t("docs.errors_title"), trail=trail, rows=rows))


@router.get("/design")
def design_page(request: Request) -> Response:
    """The design system. Needs no store."""
    seen = Visit(request, language_of(request))
    t = seen.t
    rows = [charts.Bar(t.name("importance", name), number, str(number), name) for name, number in _SAMPLE.items()]
    changes = [
        charts.Bar(t.name("change", name), number, str(number), tone)
        for name, number, tone in (("added", 24, "added"), ("renamed", 11, "changed"), ("deprecated", 5, "removed"))
    ]
    page = DesignPage(
        title=t("design.title"),
        colours=COLOURS,
        tones=_TONES,
        spaces=range(1, 8),
        icons=ICONS,
        stack=charts.stack(t("concept.makeup"), rows),
        bars=charts.bars(t("diff.chart"), changes),
        neighbourhood=charts.neighbourhood(
            t("concept.neighbourhood"),
            t.name("kind", "skill"),
            charts.Branch(t.name("relation", "broader"), 1, [charts.Node(t.name("kind", "skill_group"), kind="skill_group")]),
            charts.Branch("", 0),
            charts.Branch(t.name("relation", "required_by"), 12, [charts.Node(t.name("kind", "occupation"), kind="occupation")]),
            charts.Branch(t.name("relation", "skill_requires"), 1, [charts.Node(t.name("kind", "knowledge"), kind="knowledge")]),
        ),
        sample_links=[Link("/design", "Un"), Link("/design", "Deux", current=True), Link("/design", "Trois")],
    )
    return seen.answer(page)


_SAMPLE: Final = {"essential": 18, "key": 9, "emerging": 3, "optional": 24}


def error_page(
    request: Request, status: int, slug: str, detail: str, headers: dict[str, str], error: WikicError | None = None
) -> Response | None:
    """An error as a page, for a browser; None for others. Asks no store: it may be the store that fails."""
    if not wants_html(request):
        return None
    if status == 401 and request.method in SAFE_METHODS:
        return see(sign_in_address(request))
    seen = Visit(request, language_of(request), actor=request.scope.get("wikic_actor", NOBODY))
    sent = request.method not in SAFE_METHODS
    # Reading meets a conflict without a reason where a code is that of several entries; one with a reason speaks of what is on record, as forms do.
    reason = error.reason if error is not None else ""
    named = (reason, slug, f"sent_{status}" if sent or (reason and status == 409) else "", str(status))
    known = next((name for name in named if f"error.title_{name}" in MESSAGES), "other")
    told, lang = said(error, seen.t) if error is not None else (detail, "en")
    page = ErrorPage(
        title=seen.t(f"error.title_{known}"),
        status=status,
        text=seen.t(f"error.text_{known}"),
        # That nothing is there, or that nothing is read there, is said by the page itself, in its language.
        detail=told if status < 500 and not (error is None and status in (404, 405)) else "",
        lang=lang,
        reference=str(request.scope.get("request_id", "")),
        current=in_current(request) if status == 404 else "",
        back=readable_path(request) if sent or status == 405 else "",
    )
    return seen.answer(page, status, indexed=False, headers=headers)


def _operation(method: str, path: str, operation: dict[str, Any]) -> Operation:
    return Operation(
        identity=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        parameters=[
            (each["name"], bool(each.get("required")), each.get("description", ""))
            for each in operation.get("parameters", ())
        ],
    )


