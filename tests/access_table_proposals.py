"""Routes and roles: proposals, what is said about them, deciding, the queue."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from tests.access_rows import (
    ACME,
    ADMIN,
    ALL,
    CONTRIBUTE,
    DECIDE,
    INSIDE,
    KNOWN,
    NO_ONE,
    OPEN,
    RELEASE,
    UNREAD,
    Route,
    Row,
    Table,
    reads,
)
from tests.access_scene import PRIVATE_CONCEPT, Scene

_MATCH: Final = {"If-Match": "*"}
_BASE: Final = "/api/v1/proposals"


def theirs(scene: Scene) -> str:
    """A proposal of somebody else, about a concept of ROME."""
    return scene.proposal(concept=scene.rome_concept).id


def elsewhere(scene: Scene) -> str:
    """A proposal of somebody else, about a concept that is not of ROME."""
    return scene.proposal(concept=scene.world.slice).id


def own(scene: Scene, *, submit: bool = True) -> str:
    """A proposal of one's own; of somebody else where one can have none."""
    return scene.proposal(scene.me if scene.may_propose() else None, concept=scene.rome_concept, submit=submit).id


def draft(scene: Scene) -> str:
    """A draft of one's own."""
    return own(scene, submit=False)


def foreign_draft(scene: Scene) -> str:
    """A draft of somebody else."""
    return scene.proposal(concept=scene.rome_concept, submit=False).id


def private(scene: Scene) -> str:
    """A proposal in acme's space."""
    return scene.proposal(concept=PRIVATE_CONCEPT, space=ACME).id


def held(scene: Scene) -> str:
    """A suggestion that is not confirmed."""
    return scene.suggestion()[0]


def _ids(make: Callable[[Scene], str]) -> dict[str, Any]:
    return {"id": make}


def _about(part: str, method: str, who: frozenset[str], scope: str, members: frozenset[str], **more: Any) -> tuple[Route, tuple[Row, ...]]:
    """What is done to a proposal of somebody else: to a public one, and to one in acme's space, which is there for its members alone."""
    public = Row(who, scope, path=_ids(theirs), **more)
    within = Row(members, scope, hidden=UNREAD, path=_ids(private), **more)
    return (method, f"{_BASE}/{{id}}/{part}" if part else f"{_BASE}/{{id}}"), (public, within)


def mailed(scene: Scene) -> str:
    """A suggestion whose link was mailed."""
    identity, scene.secret = scene.suggestion()
    return identity


def _lot(scene: Scene) -> str:
    return scene.app.proposing.make_lot("A lot", [[scene.change()]], scene.author, justification="it is so").id


_RULING: Final = {"verdict": "reject", "reason": "no"}
_MADE: Final = {"changes": lambda scene: scene.changes(), "justification": "it is so"}
_QUESTION: Final = {"user": lambda scene: scene.author.id, "question": "Is it?"}
_ASSIGNED: Final = {"user": lambda scene: scene.decider.id}
_MODERATOR: Final = frozenset({"organisation moderator"})


def _bulk(make: Callable[[Scene], str]) -> Callable[[Scene], dict[str, Any]]:
    def body(scene: Scene) -> dict[str, Any]:
        one = make(scene)
        return {"proposals": [one], "versions": {one: 1}, **_RULING}

    return body


ROWS: Final[Table] = {
    **reads(_BASE, f"{_BASE}/queue", f"{_BASE}/reasons", f"{_BASE}/rules"),
    **reads(f"{_BASE}/filters", who=KNOWN),
    **reads(f"{_BASE}/suggestions", who=CONTRIBUTE),
    **reads(f"{_BASE}/lots/{{id}}", path=_ids(_lot)),
    ("GET", f"{_BASE}/{{id}}"): (
        Row(ALL, path=_ids(theirs)),
        Row(NO_ONE, hidden=ALL, path=_ids(foreign_draft)),
        Row(CONTRIBUTE, hidden=ALL - CONTRIBUTE, path=_ids(held)),
        Row(INSIDE, hidden=UNREAD, path=_ids(private)),
    ),
    **dict(_about(part, "GET", ALL, "", INSIDE) for part in ("decisions", "comments")),
    ("POST", f"{_BASE}/check"): (
        Row(ALL, OPEN, json={"changes": lambda scene: scene.changes()}),
        Row(INSIDE, OPEN, hidden=UNREAD, json={"changes": lambda scene: scene.changes(PRIVATE_CONCEPT), "space": ACME}),
    ),
    ("POST", _BASE): (
        Row(CONTRIBUTE, "propose", json=_MADE),
        Row(
            INSIDE,
            "propose",
            hidden=CONTRIBUTE - INSIDE,
            json={**_MADE, "changes": lambda scene: scene.changes(PRIVATE_CONCEPT), "space": ACME},
        ),
    ),
    ("POST", f"{_BASE}/lots"): (
        Row(CONTRIBUTE, "propose", json={"title": "A lot", "justification": "it is so", "parts": [lambda scene: scene.changes()]}),
    ),
    ("PATCH", f"{_BASE}/{{id}}"): (
        Row(CONTRIBUTE, "propose", path=_ids(own), headers=_MATCH, json={"justification": "for this"}),
        Row(ADMIN, "propose", path=_ids(theirs), headers=_MATCH, json={"justification": "for this"}),
    ),
    ("POST", f"{_BASE}/{{id}}/submit"): (
        Row(CONTRIBUTE, "propose", hidden=ALL - CONTRIBUTE, path=_ids(draft), headers=_MATCH),
        Row(NO_ONE, "propose", hidden=ALL, path=_ids(foreign_draft), headers=_MATCH),
    ),
    ("POST", f"{_BASE}/{{id}}/withdraw"): (
        Row(CONTRIBUTE, "propose", path=_ids(own), headers=_MATCH),
        Row(ADMIN, "propose", path=_ids(theirs), headers=_MATCH),
    ),
    ("POST", f"{_BASE}/suggestions"): (Row(ALL, OPEN, json=_MADE, also=(429,)),),
    ("POST", f"{_BASE}/suggestions/{{id}}/confirm"): (Row(ALL, OPEN, path=_ids(mailed), json={"token": lambda scene: scene.secret}),),
    ("POST", f"{_BASE}/suggestions/{{id}}/take-up"): (Row(CONTRIBUTE, "propose", path=_ids(held)),),
    **dict(
        [
            _about("comments", "POST", CONTRIBUTE, "propose", INSIDE, json={"text": "Well."}),
            _about("support", "PUT", CONTRIBUTE, "propose", INSIDE),
            _about("support", "DELETE", CONTRIBUTE, "propose", INSIDE),
            _about("assignee", "PUT", DECIDE, "decide", _MODERATOR, headers=_MATCH, json=_ASSIGNED),
            _about("experts", "POST", DECIDE, "decide", _MODERATOR, json=_QUESTION),
            _about("people", "GET", DECIDE, "decide", _MODERATOR, query={"name": "ad"}),
            _about("presence", "PUT", ALL, OPEN, INSIDE),
            _about("presence", "DELETE", ALL, OPEN, INSIDE),
        ]
    ),
    ("POST", f"{_BASE}/{{id}}/decisions"): (
        Row(DECIDE, "decide", path=_ids(theirs), headers=_MATCH, json=_RULING),
        Row(RELEASE, "decide", path=_ids(elsewhere), headers=_MATCH, json=_RULING),
        # Four eyes.
        Row(NO_ONE, "decide", path=_ids(own), headers=_MATCH, json=_RULING),
        Row(_MODERATOR, "decide", hidden=UNREAD, path=_ids(private), headers=_MATCH, json=_RULING),
    ),
    ("POST", f"{_BASE}/bulk/preview"): (
        Row(DECIDE, "decide", json=_bulk(theirs)),
        Row(_MODERATOR, "decide", hidden=UNREAD, json=_bulk(private)),
    ),
    ("POST", f"{_BASE}/bulk"): (
        Row(DECIDE, "decide", json=_bulk(theirs)),
        Row(_MODERATOR, "decide", hidden=UNREAD, json=_bulk(private)),
    ),
    ("GET", f"{_BASE}/bulk/{{key}}"): (
        Row(DECIDE, path={"key": lambda scene: scene.bulk()}),
        Row(_MODERATOR, hidden=UNREAD, path={"key": lambda scene: scene.private_bulk()}),
    ),
    ("POST", f"{_BASE}/bulk/{{key}}/undo"): (
        Row(DECIDE, "decide", path={"key": lambda scene: scene.bulk(scene.me if scene.role in DECIDE else None)}),
        Row(NO_ONE, "decide", path={"key": lambda scene: scene.bulk()}),
        Row(NO_ONE, "decide", hidden=UNREAD, path={"key": lambda scene: scene.private_bulk()}),
    ),
    ("PUT", f"{_BASE}/rules"): (Row(ADMIN, "administer", json={"two_moderators": False}),),
    ("PUT", f"{_BASE}/reasons/{{key}}"): (
        Row(ADMIN, "administer", path={"key": "reject-test"}, json={"verdict": "reject", "text": {"en": "No."}}),
    ),
    ("POST", f"{_BASE}/filters"): (Row(CONTRIBUTE, "propose", json={"name": "mine", "query": {"lane": "main"}}),),
    ("DELETE", f"{_BASE}/filters/{{key}}"): (
        Row(CONTRIBUTE, "propose", path={"key": lambda scene: scene.filter(scene.me if scene.may_propose() else None)}),
        Row(NO_ONE, "propose", hidden=CONTRIBUTE, path={"key": lambda scene: scene.filter(None)}),
    ),
}
