"""Routes and roles: totals of awards, the state of deployment, coverage, badge classes as linked data and in pages of others."""

from __future__ import annotations

from typing import Any, Final

from tests.access_rows import ADMIN, ALL, INSIDE, KNOWN, OUTSIDE, RELEASE, Row, Table, reads
from tests.access_scene import Scene
from tests.access_table_badges import draft, public
from tests.people import OPERATOR

_WORKS: Final = INSIDE | ADMIN
_REPORTS: Final = "/api/v1/deployment/reports"
_SAID: Final = {"en": "A state."}


def _open(scene: Scene) -> str:
    """A quarter that has ended, and is not frozen."""
    number = len(scene.app.badges.deployment.reports())
    return f"{2000 + number // 4}-Q{number % 4 + 1}"


def _frozen(scene: Scene) -> str:
    """A quarter whose report is frozen."""
    return scene.app.badges.deployment.freeze(_open(scene), _SAID, OPERATOR).quarter


def _seen(address: str, **more: Any) -> Table:
    return {("GET", address): (Row(_WORKS, hidden=OUTSIDE, path={"id": draft}, **more), Row(ALL, path={"id": public}, **more))}


ROWS: Final[Table] = {
    **_seen("/api/v1/badge-classes/{id}/awards"),
    **_seen("/badges/{id}/awards"),
    ("GET", "/badges/{id}/data.{suffix}"): (
        Row(_WORKS, hidden=OUTSIDE, path={"id": draft, "suffix": "ttl"}),
        Row(ALL, path={"id": public, "suffix": "jsonld"}),
    ),
    **reads("/c/{uuid}/badges.{suffix}", path={"suffix": "ttl"}),
    **reads("/embed/badge/{id}", path={"id": public}),
    ("PUT", "/api/v1/badge-classes/{id}/awards/{month}"): (Row(_WORKS, "badge", path={"id": public, "month": "2026-01"}, json={"count": 7}),),
    ("POST", "/badges/{id}/awards"): (Row(_WORKS, "badge", path={"id": public}, form={"month": "2026-01", "count": "7"}),),
    # Whoever is signed in is told, line by line, what they may not do.
    ("POST", "/api/v1/awards/csv"): (Row(KNOWN, "badge", form={"badge_class,month,count": "x,y,z"}, also=(400,)),),
    **reads("/badges/awards", who=KNOWN),
    ("POST", "/badges/awards"): (Row(KNOWN, "badge", files={"text": "x"}, also=(400,)),),
    **reads("/api/v1/deployment", "/api/v1/deployment/csv", _REPORTS, "/deployment"),
    **reads(f"{_REPORTS}/{{quarter}}", f"{_REPORTS}/{{quarter}}/csv", path={"quarter": _frozen}),
    **reads("/deployment/{quarter}", path={"quarter": _frozen}),
    ("POST", _REPORTS): (Row(RELEASE, "release", json={"quarter": _open, "commentary": _SAID}),),
    ("POST", "/deployment/freeze"): (Row(RELEASE, "release", form={"quarter": _open, **_SAID}),),
    **reads("/api/v1/coverage", "/coverage", query={"scheme": "wiki"}),
    **reads("/api/v1/coverage/competencies", query={"scheme": "wiki"}),
    **reads("/api/v1/coverage/occupations", "/coverage/occupations"),
    **reads("/api/v1/coverage/csv", query={"scheme": "wiki"}),
}
