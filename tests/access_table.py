"""Who may knock at which route: the table of tests/web/test_access_matrix.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from tests.sample_world import World

ALL: Final = frozenset({"nobody", "newcomer", "contributor", "local moderator", "moderator", "admin"})
KNOWN: Final = ALL - {"nobody"}
CONTRIBUTE: Final = KNOWN - {"newcomer"}
DECIDE: Final = frozenset({"local moderator", "moderator", "admin"})
RELEASE: Final = frozenset({"moderator", "admin"})
ADMIN: Final = frozenset({"admin"})

NOWHERE: Final = "01890a5d-ac96-774b-bcce-b302099a8057"
"""The id of nothing."""


@dataclass(frozen=True, slots=True)
class Row:
    """Who is let in, and what a request needs to be right in its form."""

    who: frozenset[str]
    query: dict[str, str] = field(default_factory=dict)
    path: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    json: dict[str, Any] | Callable[[World], dict[str, Any]] | None = None
    form: dict[str, str] | None = None


def _change(world: World) -> list[dict[str, Any]]:
    return [{"type": "text", "concept": world.slice, "field": "definition", "lang": "en", "text": "Cut bread into slices."}]


def _reads(*paths: str, **more: Any) -> dict[tuple[str, str], Row]:
    return {("GET", path): Row(ALL, **more) for path in paths}


_FRAMEWORK: Final = {
    **_reads("/api/v1/search", "/api/v1/suggest", query={"q": "pain"}),
    **_reads("/api/v1/concepts", "/api/v1/schemes", "/api/v1/releases", "/api/v1/changes", "/api/v1/events"),
    **_reads("/api/v1/tree", query={"scheme": "rome"}),
    **_reads("/api/v1/lookup", query={"scheme": "rome", "code": "D1102", "kind": "occupation"}),
    **_reads(*(f"/api/v1/concepts/{{ref:path}}{part}" for part in ("", "/relations", "/history", "/tree")), path={"ref": "isco:1"}),
    **_reads("/api/v1/releases/{name}", path={"name": "2026"}),
    **_reads("/api/v1/changes/{seq}", "/changes/{seq}", path={"seq": "1"}),
    **_reads("/api/v1/diff", "/diff", query={"from": "2025", "to": "2026"}),
    **_reads("/healthz", "/readyz", "/metrics", "/favicon.ico", "/robots.txt", "/static/{name}"),
    **_reads("/c/{name}", "/r/{release}/c/{name}", path={"name": NOWHERE}),
    **_reads("/r/{release}/download.{download}", path={"download": "nt"}),
    **_reads("/r/{release}", "/r/{release}/", "/catalog", "/.well-known/void", "/ontology", "/ontology/{name}"),
    **_reads("/", "/search", "/tree", "/schemes", "/releases", "/changes", "/about", "/use-the-api", "/docs", "/docs/errors", "/design"),
    **_reads(*(f"{start}/c/{{uuid}}/{part}" for start in ("", "/r/{release:path}") for part in ("relations", "history"))),
    **_reads("/releases/{name:path}", path={"name": "2026"}),
}

ROUTES: Final[dict[tuple[str, str], Row]] = {**_FRAMEWORK}
"""By method and path."""
