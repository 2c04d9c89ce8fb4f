"""Routes and roles: what releases ask of badge classes, and awards that are checked. Those who belong to acme belong to the public issuer `fournil` too."""

from __future__ import annotations

from typing import Any, Final

from tests.access_rows import (
    ADMIN,
    ALL,
    INSIDE,
    KNOWN,
    MANAGE,
    NOWHERE,
    OPEN,
    OUTSIDE,
    RELEASE,
    Row,
    Table,
    reads,
)
from tests.access_scene import Scene
from tests.people import OPERATOR
from wikic.domain.badges import BadgeContent
from wikic.domain.delta import DeltaChange
from wikic.domain.refreshing import Touched, Verdict
from wikic.services.refreshing import line_row
from wikic.store import documents
from wikic.store.tables import REFRESH_LINES

_ISSUER: Final = "fournil"
_WORKS: Final = INSIDE | ADMIN
_API: Final = "/api/v1/refresh"
_AWARD: Final[dict[str, Any]] = {"@context": "https://w3id.org/openbadges/v2", "type": "Assertion", "id": "https://x.example.org/a", "badge": "https://x.example.org/b"}
_OBJECTION: Final = {"issuer": _ISSUER, "text": "No."}


def candidate(scene: Scene) -> str:
    """A candidate."""
    return scene.release(candidate=True)


def line(scene: Scene) -> str:
    """A line that a release has opened for a published badge class."""
    app, skill = scene.app, scene.world.slice
    content = {"name": scene.fresh("badge"), "description": "x", "criteria": "x"}
    made = app.badges.badging.create(_ISSUER, BadgeContent.of(content), OPERATOR)
    app.badges.bindings.bind_one(made.id, skill, OPERATOR)
    app.badges.badging.publish(made.id, OPERATOR)
    verdict = Verdict("notable", "update", (DeltaChange("renamed", "notable", "preferred", "en", "a", "b"),))
    row = line_row("2026", Touched(made.id, _ISSUER, skill, "", True, made.content.name, verdict), "2026-01-15T00:00:00.000Z")
    app.engine.write(lambda tx: documents.insert(tx, REFRESH_LINES, row))
    return str(row["key"])


ROWS: Final[Table] = {
    **reads("/refresh", _API, f"{_API}.csv", who=KNOWN),
    **reads(f"{_API}/standing", who=_WORKS, hidden=OUTSIDE - {"nobody"}, query={"issuer": _ISSUER}),
    **reads(f"{_API}/rehearsal", who=KNOWN, query={"release": candidate}),
    **reads(f"{_API}/objections", query={"release": candidate}),
    ("GET", "/refresh/{release}"): (
        Row(KNOWN, path={"release": "2026"}),
        Row(KNOWN, path={"release": candidate}),
        Row(RELEASE, path={"release": "preview"}),
    ),
    ("POST", "/refresh/{release}"): (Row(MANAGE, "badge", hidden=OUTSIDE - {"nobody"}, path={"release": "2026"}, form={"line": line, "treatment": "keep"}),),
    ("POST", "/refresh/{release}/read"): (Row(MANAGE, "badge", hidden=OUTSIDE - {"nobody"}, path={"release": "2026"}, form={"line": line}),),
    ("POST", "/refresh/{release}/object"): (Row(_WORKS, "badge", path={"release": candidate}, form=_OBJECTION | {"badge_class": NOWHERE}, also=(400,)),),
    ("POST", f"{_API}/treat"): (Row(MANAGE, "badge", hidden=OUTSIDE - {"nobody"}, json={"treatment": "keep", "lines": [line]}),),
    ("POST", f"{_API}/read"): (Row(MANAGE, "badge", hidden=OUTSIDE - {"nobody"}, json={"lines": [line]}),),
    ("POST", f"{_API}/objections"): (
        Row(_WORKS, "badge", json=_OBJECTION | {"release": candidate, "badge_classes": [NOWHERE]}, also=(400,)),
    ),
    **reads("/check-award"),
    ("POST", "/check-award"): (Row(ALL, OPEN, files={"text": "{}"}, also=(400,)),),
    ("POST", "/api/v1/awards/check"): (Row(ALL, OPEN, json={"award": _AWARD}),),
    ("POST", "/api/v1/awards/check/file"): (Row(ALL, OPEN, files={"file": "x"}, also=(400,)),),
}
