"""Routes and roles: scales, criteria, proposals of criteria. The guild is a public network that holds acme; acme's moderator moderates it too."""

from __future__ import annotations

from typing import Any, Final

from tests.access_rows import ACME, ADMIN, ALL, INSIDE, KNOWN, OUTSIDE, Row, Table, reads
from tests.access_scene import Scene
from tests.people import OPERATOR
from wikic.domain.levels import ScaleLevel
from wikic.errors import NotFound

_GUILD: Final = "guild"
_PEOPLE: Final = INSIDE | ADMIN
_DECIDE: Final = frozenset({"organisation moderator", "admin"})
_LATEST: Final = {"If-Match": "*"}
_NAMES: Final = {"fr": "Débute"}, {"fr": "Maîtrise"}
_SCALE: Final = {"name": {"fr": "Maîtrise"}, "levels": [{"name": name} for name in _NAMES]}
_LEVELS: Final = {"1": {"fr": "Le faire devant un formateur."}}


def guild(scene: Scene) -> str:
    """The network."""
    organisations = scene.app.organisations
    try:
        organisations.get(_GUILD, actor=OPERATOR)
    except NotFound:
        organisations.make(_GUILD, "The guild", "network", actor=OPERATOR, private=False)
        organisations.associate(_GUILD, ACME, actor=OPERATOR)
        moderator = scene.people["organisation moderator"]
        assert moderator is not None
        organisations.add_member(_GUILD, moderator.id, ["moderator"], actor=OPERATOR)
    return _GUILD


def scale(scene: Scene) -> str:
    """A scale of the guild."""
    levels = [ScaleLevel(name) for name in _NAMES]
    return scene.app.badges.levels.scales.make(scene.fresh("scale"), {"fr": "Maîtrise"}, levels, OPERATOR, owner=guild(scene)).id


def proposal(scene: Scene) -> str:
    """A proposal by somebody of acme who knocks nowhere."""
    texts = {1: {"fr": f"Le faire {scene.fresh()}."}}
    return scene.app.badges.levels.proposing.propose(guild(scene), scene.world.slice, "practice", texts, scene.author).id


def own(scene: Scene) -> str:
    """A proposal by who knocks, where they may make one."""
    by = scene.me if scene.me is not None and scene.role in _PEOPLE else scene.author
    return scene.app.badges.levels.proposing.propose(guild(scene), scene.world.slice, "practice", {1: {"fr": f"Le faire {scene.fresh()}."}}, by).id


def criteria(scene: Scene) -> str:
    """Criteria of the guild."""
    scene.app.badges.levels.proposing.decide(proposal(scene), "accept", OPERATOR)
    return scene.app.badges.levels.criteria.page(network=_GUILD)[0][0].id


def _skill(scene: Scene) -> str:
    return scene.world.slice


def _fresh(scene: Scene) -> dict[str, Any]:
    return {"1": {"fr": f"Le faire {scene.fresh()}."}}


_OF_PROPOSAL: Final = {"id": proposal}
_ONE: Final = {"id": criteria, "number": "1"}
_FORM: Final = {"name_fr_1": "Débute", "name_fr_2": "Maîtrise", "scale_fr": "Maîtrise", "version": "1"}
_PROPOSED: Final = {"network": guild, "concept": _skill, "scale": "practice", "level_fr_1": lambda scene: f"Le faire {scene.fresh()}."}


def _on_proposal(address: str, who: frozenset[str], scope: str, what: Any = proposal, **more: Any) -> Table:
    return {("POST", address): (Row(who, scope, hidden=OUTSIDE - {"nobody"}, path={"id": what}, **more),)}


_API: Final[Table] = {
    **reads("/api/v1/scales", "/api/v1/criteria"),
    **reads("/api/v1/scales/{id}", "/api/v1/scales/{id}/versions", path={"id": scale}),
    **reads("/api/v1/criteria/{id}", "/api/v1/criteria/{id}/versions", path={"id": criteria}),
    **reads("/api/v1/criteria/{id}/versions/{number}", path=_ONE),
    ("POST", "/api/v1/scales"): (
        Row(ADMIN, "decide", json=_SCALE | {"id": lambda scene: scene.fresh("scale")}),
        Row(_DECIDE, "decide", json=_SCALE | {"id": lambda scene: scene.fresh("scale"), "owner": guild}),
    ),
    ("PUT", "/api/v1/scales/{id}"): (Row(_DECIDE, "decide", path={"id": scale}, headers=_LATEST, json=_SCALE),),
    **reads("/api/v1/criteria-proposals", who=_PEOPLE, query={"network": guild}),
    ("POST", "/api/v1/criteria-proposals"): (
        Row(_PEOPLE, "propose", json={"network": guild, "concept": _skill, "levels": _fresh}),
    ),
    ("GET", "/api/v1/criteria-proposals/{id}"): (Row(_PEOPLE, hidden=OUTSIDE, path=_OF_PROPOSAL),),
    **_on_proposal("/api/v1/criteria-proposals/{id}/decision", _DECIDE, "decide", headers=_LATEST, json={"verdict": "reject", "reason": "no"}),
    **_on_proposal("/api/v1/criteria-proposals/{id}/withdraw", _PEOPLE, "propose", own, headers=_LATEST),
    **_on_proposal("/api/v1/criteria-proposals/{id}/comments", _PEOPLE, "propose", json={"text": "Good."}),
}

ROWS: Final[Table] = {
    **_API,
    **reads("/scales"),
    **reads("/scales/new", who=_DECIDE),
    **reads("/scales/{id}", path={"id": scale}),
    **reads("/scales/{id}/edit", who=_DECIDE, path={"id": scale}),
    **reads("/scales/{id}/levels/{number}", path={"id": scale, "number": "1"}),
    ("POST", "/scales/new"): (
        Row(ADMIN, "decide", form=_FORM | {"id": lambda scene: scene.fresh("scale")}),
        Row(_DECIDE, "decide", form=_FORM | {"id": lambda scene: scene.fresh("scale"), "owner": guild}),
    ),
    ("POST", "/scales/{id}/edit"): (Row(_DECIDE, "decide", path={"id": scale}, form=_FORM),),
    **reads("/criteria/{id}", path={"id": criteria}),
    **reads("/criteria/{id}/levels/{number}", path=_ONE),
    **reads("/organisations/{slug}/criteria", path={"slug": guild}),
    **reads("/criteria/propose", who=KNOWN, query={"concept": _skill}),
    ("POST", "/criteria/propose"): (Row(_PEOPLE, "propose", form=_PROPOSED),),
    ("GET", "/criteria/proposals/{id}"): (Row(_PEOPLE, hidden=ALL - _PEOPLE, path=_OF_PROPOSAL),),
    **_on_proposal("/criteria/proposals/{id}/decide", _DECIDE, "decide", form={"act": "reject", "reason": "no", "version": "1"}),
    **_on_proposal("/criteria/proposals/{id}/withdraw", _PEOPLE, "propose", own, form={"version": "1"}),
    **_on_proposal("/criteria/proposals/{id}/comment", _PEOPLE, "propose", form={"text": "Good."}),
}
