"""Routes and roles: endorsements and acceptances. The people of acme are those of the public issuer `fournil`; the stranger is outside both."""

from __future__ import annotations

from typing import Any, Final

from tests.access_rows import ADMIN, INSIDE, KNOWN, MANAGE, OUTSIDE, Row, Table, reads
from tests.access_scene import Scene
from tests.access_table_badges import draft, public
from tests.people import OPERATOR
from wikic.domain.acceptances import Terms
from wikic.domain.endorsements import Named, Statement

_ISSUER: Final = "fournil"
_LATEST: Final = {"If-Match": "*"}
_SAID: Final = {"comment": "Nous recrutons avec ce badge."}
_WHY: Final = {"reason": "Il a changé."}
_OWN: Final = INSIDE
"""Who belongs to the issuer, and so does not endorse what is its own."""


def _made(scene: Scene, *, mine: bool = False, organisation: str = "") -> str:
    endorsements = scene.app.endorsing.endorsements
    target = Named("concept", scene.world.slice)
    by = scene.me if mine and scene.me else scene.author
    actor = OPERATOR if organisation else by
    made = endorsements.make(target, Statement(scene.fresh("because")), actor, organisation=organisation)
    return made.id


def theirs(scene: Scene) -> str:
    """An endorsement by a person who knocks nowhere."""
    return _made(scene)


def _of_issuer(scene: Scene) -> str:
    return _made(scene, organisation=_ISSUER)


def _mine(scene: Scene) -> str:
    return _made(scene, mine=True)


def accepted(scene: Scene) -> str:
    """An acceptance by the issuer."""
    terms = Terms(scene.fresh("test"))
    return scene.app.endorsing.acceptances.declare(public(scene), _ISSUER, terms, OPERATOR).id


def _badge(find: Any) -> Any:
    return lambda scene: f"badge_class/{find(scene)}"


def _concept(scene: Scene) -> str:
    return f"concept/{scene.world.slice}"


def _sent(find: Any, **more: Any) -> dict[str, Any]:
    return {"target": find, **_SAID, **more}


_API: Final = "/api/v1/endorsements"
_DECLARED: Final = {"organisation": _ISSUER, "badge_class": public, "in_place_of": "Épreuve E2"}
_REVOKED: Final = (
    Row(ADMIN, "badge", path={"id": theirs}, headers=_LATEST, json=_WHY),
    Row(MANAGE, "badge", path={"id": _of_issuer}, headers=_LATEST, json=_WHY),
    Row(KNOWN, "badge", path={"id": _mine}, headers=_LATEST, json=_WHY),
)


def _as_form(row: Row, **more: Any) -> Row:
    return Row(row.who, row.scope, row.hidden, row.path, form=row.json, **more)


ROWS: Final[Table] = {
    **reads(_API, query={"target": _concept}),
    **reads(f"{_API}/{{id}}", f"{_API}/{{id}}/versions", path={"id": theirs}),
    ("POST", _API): (
        Row(KNOWN, "badge", json=_sent(_concept)),
        Row(KNOWN - _OWN, "badge", json=_sent(_badge(public))),
        Row(MANAGE, "badge", json=_sent(_concept, organisation=_ISSUER)),
        # A draft is not there for those outside, and is endorsed by nobody.
        Row(_OWN | ADMIN, "badge", hidden=OUTSIDE - {"nobody"}, json=_sent(_badge(draft)), also=(409,)),
    ),
    ("POST", f"{_API}/{{id}}/revoke"): _REVOKED,
    **reads("/api/v1/acceptances", "/api/v1/acceptances.csv", query={"organisation": _ISSUER}),
    **reads("/api/v1/acceptances/{id}", "/acceptances/{id}", path={"id": accepted}),
    ("POST", "/api/v1/acceptances"): (Row(MANAGE, "badge", json=_DECLARED),),
    ("POST", "/api/v1/acceptances/{id}/revoke"): (Row(MANAGE, "badge", path={"id": accepted}, headers=_LATEST, json=_WHY),),
    **reads("/e/{name}", path={"name": theirs}),
    **reads("/e/profiles/{kind}/{id}", path={"kind": "user", "id": lambda scene: (theirs(scene), scene.author.id)[1]}),
    **reads("/e/revocations", "/.well-known/jwks.json", "/.well-known/did.json"),
    **reads("/.well-known/jwks/{key}", path={"key": lambda scene: scene.app.releases.manifests.signer.key_id}),
    **reads("/endorsements", query={"target": _concept}),
    **reads("/acceptances", query={"organisation": _ISSUER}),
    **reads("/endorse", who=KNOWN, query={"target": _concept}),
    **reads("/accept", who=KNOWN, query={"badge_class": public}),
    ("POST", "/endorse"): (
        Row(KNOWN, "badge", form=_sent(_concept)),
        Row(KNOWN - _OWN, "badge", form=_sent(_badge(public))),
        Row(MANAGE, "badge", form=_sent(_concept, by=_ISSUER)),
    ),
    ("POST", "/accept"): (Row(MANAGE, "badge", form=_DECLARED),),
    ("POST", "/e/{id}/revoke"): tuple(_as_form(row) for row in _REVOKED),
    ("POST", "/acceptances/{id}/revoke"): (Row(MANAGE, "badge", path={"id": accepted}, form=_WHY),),
}
