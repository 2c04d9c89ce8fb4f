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

_REVERTS: Final = {
    ("POST", "/api/v1/changes/{seq}/revert"): Row(DECIDE, path={"seq": "2"}, json={"dry_run": True}),
    ("POST", "/api/v1/concepts/{ref:path}/revert"): Row(
        DECIDE, path={"ref": "rome:metier:D1102"}, json={"to": "2025", "dry_run": True}
    ),
}

_HOOK: Final = "/webhooks/{id}"
_WATCHED: Final = {"kind": "scheme", "name": "esco"}
_LIVE: Final = {
    **{("GET", path): Row(KNOWN) for path in ("/api/v1/watches", "/api/v1/notices", "/notices", "/webhooks", "/api/v1/webhooks")},
    **{(method, "/api/v1/watches/{kind}/{name}"): Row(KNOWN, path=_WATCHED) for method in ("PUT", "DELETE")},
    ("POST", "/watches"): Row(KNOWN, form={"watch": "scheme/esco"}),
    ("POST", "/notices/mail"): Row(KNOWN, form={"daily": "daily"}),
    ("GET", "/notices/stop"): Row(ALL),
    ("POST", "/notices/stop"): Row(ALL, form={"token": "x"}),
    # Whose a webhook is decides all else: of another's nobody knows that it is there.
    ("POST", "/webhooks"): Row(KNOWN, form={"url": "https://example.org/"}),
    ("POST", "/api/v1/webhooks"): Row(KNOWN, json={"url": "https://example.org/"}),
    **{("GET", f"{start}{_HOOK}"): Row(KNOWN) for start in ("", "/api/v1")},
    **{("POST", f"{_HOOK}/{act}"): Row(KNOWN, form={"x": "1"}) for act in ("state", "secret", "ping", "again", "remove")},
    ("PATCH", f"/api/v1{_HOOK}"): Row(KNOWN, json={}, headers={"If-Match": '"1"'}),
    ("DELETE", f"/api/v1{_HOOK}"): Row(KNOWN),
    **{("POST", f"/api/v1{_HOOK}/{act}"): Row(KNOWN) for act in ("secret", "ping")},
    ("GET", f"/api/v1{_HOOK}/deliveries"): Row(KNOWN),
    ("POST", f"/api/v1{_HOOK}/deliveries/{{delivery}}/again"): Row(KNOWN, path={"delivery": "x"}),
    **{("GET", path): Row(ADMIN) for path in ("/audit", "/api/v1/audit", "/api/v1/audit/download")},
}

_DAY: Final = {"day": "2027-01-15", "step": "freeze", "release": "2027"}
_MATCH: Final = {"If-Match": '"1-"'}
_RELEASES: Final = {
    **_reads("/api/v1/delta", query={"from": "2025", "to": "2026"}),
    **_reads("/api/v1/delta.{form}", query={"from": "2025", "to": "2026"}, path={"form": "csv"}),
    **_reads("/api/v1/releases/{name}/manifest", "/r/{name}/delta.{form}", path={"name": "2026", "form": "json"}),
    **_reads("/api/v1/calendar", "/api/v1/calendar/{id}", "/calendar", "/calendar.ics", "/.well-known/wikic-signing-key"),
    **_reads("/feeds/releases.atom", "/feeds/changes.atom"),
    **{("GET", path): Row(RELEASE) for path in ("/releases/preview", "/api/v1/releases/preview")},
    ("POST", "/api/v1/releases"): Row(RELEASE, json={"name": "2040"}),
    ("POST", "/releases"): Row(RELEASE, form={"name": "2041"}),
    **{("POST", f"/api/v1/releases/{{name}}/{act}"): Row(RELEASE, path={"name": "2026"}) for act in ("manifest", "publish", "withdraw")},
    **{("POST", f"/releases/{{name}}/{act}"): Row(RELEASE, path={"name": "2026"}) for act in ("prepare", "publish", "withdraw")},
    **_reads("/api/v1/releases/{name}/comments", path={"name": "2026"}),
    ("POST", "/api/v1/releases/{name}/comments"): Row(CONTRIBUTE, path={"name": "2026"}, json={"text": "good"}),
    ("POST", "/releases/{name}/comment"): Row(CONTRIBUTE, path={"name": "2026"}, form={"text": "good"}),
    ("POST", "/api/v1/calendar"): Row(RELEASE, json=_DAY),
    ("POST", "/calendar"): Row(RELEASE, form=_DAY),
    ("PUT", "/api/v1/calendar/{id}"): Row(RELEASE, json=_DAY, headers=_MATCH),
    ("DELETE", "/api/v1/calendar/{id}"): Row(RELEASE, headers=_MATCH),
    ("POST", "/calendar/{identity}/remove"): Row(RELEASE, path={"identity": "x"}, form={"version": "1"}),
}

_DECIDED: Final = {"id": NOWHERE, "verdict": "accept"}
_PAGES_OF_PROPOSALS: Final = {
    **_reads("/proposals", "/proposals/suggested", "/proposals/{id}", "/proposals/{id}/confirm"),
    **_reads("/propose", query={"type": "create"}),
    # Anybody may have a change checked; of what is not there nobody may know more than that.
    ("POST", "/propose"): Row(ALL, form={"type": "create", "kind": "skill", "action": "check"}),
    ("POST", "/proposals/{id}/confirm"): Row(ALL, form={"token": "x"}),
    **{("POST", f"/proposals/{{id}}/{act}"): Row(ALL, form={"verdict": "accept"}) for act in ("decide", "comment", "support", "assign")},
    ("POST", "/proposals/{id}/{act}"): Row(ALL, path={"act": "submit"}, form={"justification": "x"}),
    ("GET", "/queue"): Row(DECIDE),
    **{("POST", f"/queue/{act}"): Row(DECIDE, form=_DECIDED) for act in ("preview", "decide", "undo")},
    ("POST", "/queue/filters"): Row(CONTRIBUTE, form={"name": "mine"}),
    ("GET", "/changes/{seq}/revert"): Row(RELEASE, path={"seq": "1"}),
    ("POST", "/changes/{seq}/revert"): Row(RELEASE, path={"seq": "1"}, form={"reason": "x"}),
    ("GET", "/c/{uuid}/revert"): Row(DECIDE, query={"to": "1"}),
    ("POST", "/c/{uuid}/revert"): Row(DECIDE, query={"to": "1"}, form={"reason": "x"}),
}

ROUTES: Final[dict[tuple[str, str], Row]] = {**_FRAMEWORK, **_REVERTS, **_LIVE, **_RELEASES, **_PAGES_OF_PROPOSALS}
"""By method and path."""
