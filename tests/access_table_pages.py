"""Routes and roles: the pages of proposals and of the queue."""

from __future__ import annotations

from typing import Any, Final

from tests.access_rows import (
    ADMIN,
    ALL,
    CONTRIBUTE,
    DECIDE,
    INSIDE,
    NO_ONE,
    OPEN,
    RELEASE,
    UNREAD,
    Route,
    Row,
    Table,
    reads,
)
from tests.access_scene import Scene
from tests.access_table_proposals import draft, elsewhere, foreign_draft, held, mailed, own, private, theirs

_ONE: Final = "/proposals/{id}"
_MODERATOR: Final = frozenset({"organisation moderator"})
_REJECTED: Final = {"verdict": "reject", "reason": "no"}


def _about(part: str, who: frozenset[str], scope: str, within: frozenset[str], form: dict[str, Any]) -> tuple[Route, tuple[Row, ...]]:
    """What is done to a proposal of somebody else: to a public one, and to one in acme's space."""
    public, inner = Row(who, scope, path={"id": theirs}, form=form), Row(within, scope, hidden=UNREAD, path={"id": private}, form=form)
    return ("POST", f"{_ONE}/{part}"), (public, inner)


def _field(scene: Scene) -> dict[str, Any]:
    """A form that asks for another definition."""
    change = scene.changes()[0]
    return {"type": "text", "concept": change["concept"], "field": "definition", "language": "en", "text": change["text"], "justification": "it is so"}


def _act(act: str, make: Any, who: frozenset[str], scope: str, hidden: frozenset[str] = NO_ONE, **form: str) -> Row:
    return Row(who, scope, hidden=hidden, path={"id": make, "act": act}, form={"justification": "for this", **form})


ROWS: Final[Table] = {
    **reads("/proposals", "/proposals/suggested", "/proposals/{id}/confirm", path={"id": "x"}),
    **reads("/propose", query={"type": "text", "concept": lambda scene: scene.world.slice, "field": "definition", "language": "en"}),
    **reads("/queue", "/queue/rules", who=DECIDE),
    ("GET", _ONE): (
        Row(ALL, path={"id": theirs}),
        Row(NO_ONE, hidden=ALL, path={"id": foreign_draft}),
        Row(CONTRIBUTE, hidden=ALL - CONTRIBUTE, path={"id": held}),
        Row(INSIDE, hidden=UNREAD, path={"id": private}),
    ),
    ("POST", "/propose"): (
        Row(CONTRIBUTE, "propose", form=lambda scene: _field(scene) | {"action": "submit"}),
        Row(ALL, OPEN, form=lambda scene: _field(scene) | {"action": "check"}),
        Row(ALL, OPEN, form=lambda scene: _field(scene) | {"action": "suggest"}, also=(429,)),
    ),
    ("POST", f"{_ONE}/confirm"): (Row(ALL, OPEN, path={"id": mailed}, form={"token": lambda scene: scene.secret}),),
    **dict(
        [
            _about("comment", CONTRIBUTE, "propose", INSIDE, {"text": "Well."}),
            _about("support", CONTRIBUTE, "propose", INSIDE, {"wanted": "yes"}),
            _about("assign", DECIDE, "decide", _MODERATOR, {"wanted": "yes"}),
        ]
    ),
    ("POST", f"{_ONE}/decide"): (
        Row(DECIDE, "decide", path={"id": theirs}, form=_REJECTED),
        Row(RELEASE, "decide", path={"id": elsewhere}, form=_REJECTED),
        Row(NO_ONE, "decide", path={"id": own}, form=_REJECTED),
        Row(_MODERATOR, "decide", hidden=UNREAD, path={"id": private}, form=_REJECTED),
    ),
    ("POST", f"{_ONE}/{{act}}"): (
        _act("words", own, CONTRIBUTE, "propose"),
        _act("words", theirs, ADMIN, "propose"),
        _act("submit", draft, CONTRIBUTE, "propose", ALL - CONTRIBUTE),
        _act("withdraw", own, CONTRIBUTE, "propose"),
        _act("take-up", held, CONTRIBUTE, "propose", ALL - CONTRIBUTE),
        _act("withdraw", private, NO_ONE, "propose", UNREAD),
    ),
    ("POST", "/queue/preview"): (Row(DECIDE, "decide", form={"id": theirs, **_REJECTED}),),
    ("POST", "/queue/decide"): (Row(DECIDE, "decide", form={"id": lambda scene: f"{theirs(scene)}@1", **_REJECTED}),),
    ("POST", "/queue/undo"): (
        Row(DECIDE, "decide", form={"bulk": lambda scene: scene.bulk(scene.me if scene.role in DECIDE else None)}),
        Row(NO_ONE, "decide", form={"bulk": lambda scene: scene.bulk()}),
    ),
    ("POST", "/queue/rules"): (Row(ADMIN, "administer", form={"two": "yes"}),),
    ("POST", "/queue/reasons"): (Row(ADMIN, "administer", form={"verdict": "reject", "en": "No."}),),
    ("POST", "/queue/filters"): (Row(CONTRIBUTE, "propose", form={"name": "mine", "back": "/queue?lane=main"}),),
}
