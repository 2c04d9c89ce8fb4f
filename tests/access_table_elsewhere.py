"""Routes and roles: badge classes that are hosted elsewhere, and discarding drafts."""

from __future__ import annotations

from typing import Final

from tests.access_rows import ADMIN, ALL, INSIDE, KNOWN, OUTSIDE, Row, Table, reads
from tests.access_scene import Scene
from tests.access_table_badges import draft, public
from tests.outside_site import badge_class
from tests.people import OPERATOR
from wikic.domain.badges import BadgeContent

_ISSUER: Final = "fournil"
_WORKS: Final = INSIDE | ADMIN
_API: Final = "/api/v1/badge-classes"
_LATEST: Final = {"If-Match": "*"}
_INSIDE: Final = "http://127.0.0.1/badge"
_CONTENT: Final = {"name": "Pétrir", "description": "Un geste.", "criteria": "Le faire.", "hosted": "elsewhere", "address": _INSIDE}


def _made(scene: Scene, *, published: bool) -> str:
    badging = scene.app.badges.badging
    made = badging.create(_ISSUER, BadgeContent.of(_CONTENT), OPERATOR)
    return badging.publish(made.id, OPERATOR).id if published else made.id


def _draft(scene: Scene) -> str:
    return _made(scene, published=False)


def _public(scene: Scene) -> str:
    return _made(scene, published=True)


def _document(scene: Scene) -> str:
    return f"https://badges.example.org/{scene.fresh('b')}"


ROWS: Final[Table] = {
    **reads("/badges/elsewhere", "/badges/catalogue", who=KNOWN),
    # What cannot be read is said above the form.
    ("POST", "/badges/elsewhere"): (Row(_WORKS, "badge", form={"issuer": _ISSUER, "address": _INSIDE}, also=(400,)),),
    ("POST", "/badges/catalogue"): (Row(_WORKS, "badge", files={"issuer": _ISSUER, "text": _INSIDE}, also=(400,)),),
    ("POST", "/badges/catalogue/take"): (Row(_WORKS, "badge", form={"issuer": _ISSUER, "text": _INSIDE}, also=(400,)),),
    ("POST", "/badges/{id}/reread"): (
        Row(_WORKS, "badge", hidden=OUTSIDE - {"nobody"}, path={"id": _draft}, form={"again": "1"}),
        Row(_WORKS, "badge", path={"id": _public}, form={"again": "1"}),
    ),
    ("POST", "/badges/{id}/discard"): (
        Row(_WORKS, "badge", hidden=OUTSIDE - {"nobody"}, path={"id": draft}, form={"version": "1"}),
        Row(_WORKS, "badge", path={"id": public}, form={"version": "3"}),
    ),
    ("POST", f"{_API}/from"): (
        Row(_WORKS, "badge", json={"issuer": _ISSUER, "documents": [lambda scene: badge_class(_document(scene), image="data:,")], "draw": True}),
    ),
    ("GET", f"{_API}/{{id}}/source"): (Row(_WORKS, hidden=OUTSIDE, path={"id": _draft}), Row(ALL, path={"id": _public})),
    ("POST", f"{_API}/{{id}}/source/read"): (
        Row(_WORKS, "badge", hidden=OUTSIDE, path={"id": _draft}),
        Row(_WORKS, "badge", path={"id": _public}),
    ),
    ("DELETE", f"{_API}/{{id}}"): (
        Row(_WORKS, "badge", hidden=OUTSIDE, path={"id": draft}, headers=_LATEST),
        Row(_WORKS, "badge", path={"id": public}, headers=_LATEST),
    ),
}
