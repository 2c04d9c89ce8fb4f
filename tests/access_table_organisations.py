"""Routes and roles: organisations. Acme is private: for who does not belong to it, it is not there; the club is public."""

from __future__ import annotations

from typing import Any, Final

from tests.access_rows import ACME, ADMIN, ALL, CONTRIBUTE, INSIDE, MANAGE, OUTSIDE, Row, Table, reads
from tests.access_scene import Scene

_SLUG: Final = {"slug": ACME}


def _managed(part: str, form: dict[str, Any], **more: Any) -> Table:
    """A line of what managers do to acme."""
    return {("POST", f"/organisations/{{slug}}{part}"): (Row(MANAGE, "administer", hidden=OUTSIDE, path=_SLUG, form=form, **more),)}


def _version(scene: Scene) -> str:
    admin = scene.people["admin"]
    assert admin is not None
    return str(scene.app.organisations.get(ACME, actor=admin).version)


def _api(method: str, part: str, scope: str = "administer", *, path: dict[str, Any] | None = None, **more: Any) -> Table:
    """A line of the API for what managers do to acme."""
    row = Row(MANAGE, scope, hidden=OUTSIDE, path={**_SLUG, **(path or {})}, **more)
    return {(method, f"/api/v1/organisations/{{slug}}{part}"): (row,)}


_NEW: Final = {"name": "New", "slug": lambda scene: scene.fresh("new"), "kind": "company"}
_ASKS: Final = {"side": "organisation", "other": lambda scene: scene.network()}
_LEAVES: Final = {"side": "organisation", "other": lambda scene: scene.network(holds=True)}

_MEMBER: Final = {"user": lambda scene: scene.member()}
_SEEN: Final = (Row(INSIDE | ADMIN, hidden=ALL - INSIDE - ADMIN, path=_SLUG), Row(ALL, path={"slug": "club"}))

_API: Final[Table] = {
    **reads("/api/v1/organisations"),
    ("POST", "/api/v1/organisations"): (Row(CONTRIBUTE, "propose", json=_NEW),),
    ("GET", "/api/v1/organisations/{slug}"): _SEEN,
    ("GET", "/api/v1/organisations/{slug}/networks"): _SEEN,
    ("GET", "/api/v1/organisations/{slug}/members"): (
        Row(INSIDE | ADMIN, hidden=ALL - INSIDE - ADMIN, path=_SLUG),
        Row(ADMIN, path={"slug": "club"}),
    ),
    **_api("PATCH", "", headers={"If-Match": "*"}, json={"name": "The acme"}),
    **_api("PUT", "/members/{user}", path=_MEMBER, json={"roles": ["moderator"]}),
    **_api("DELETE", "/members/{user}", path=_MEMBER),
    **_api("GET", "/invitations"),
    **_api("POST", "/invitations", json={"roles": ["member"]}),
    **_api("DELETE", "/invitations/{id}", path={"id": lambda scene: scene.invitation(ACME)[1]}),
    **_api("PUT", "/networks/{network}", path={"network": lambda scene: scene.network()}),
    ("DELETE", "/api/v1/organisations/{slug}/networks/{network}"): (
        Row(MANAGE, "administer", hidden=OUTSIDE, path={**_SLUG, "network": lambda scene: scene.network(holds=True)}),
    ),
}

ROWS: Final[Table] = {
    **_API,
    **reads("/organisations"),
    **reads("/organisations/new", who=CONTRIBUTE),
    ("POST", "/organisations/new"): (Row(CONTRIBUTE, "propose", form=_NEW),),
    ("GET", "/organisations/{slug}"): (
        Row(INSIDE | ADMIN, hidden=ALL - INSIDE - ADMIN, path=_SLUG),
        Row(ALL, path={"slug": "club"}),
    ),
    ("GET", "/organisations/{slug}/edit"): (Row(MANAGE, hidden=OUTSIDE, path=_SLUG), Row(ADMIN, path={"slug": "club"})),
    **_managed("/edit", {"name": "The acme", "private": "yes", "version": _version}),
    ("POST", "/organisations/{slug}/invitations"): (
        Row(MANAGE, "administer", hidden=OUTSIDE, path=_SLUG, form={"email": "", "role": "member"}),
        Row(ADMIN, "administer", path={"slug": "club"}, form={"email": "", "role": "member"}),
    ),
    ("POST", "/organisations/{slug}/invitations/withdraw"): (
        Row(MANAGE, "administer", hidden=OUTSIDE, path=_SLUG, form={"invitation": lambda scene: scene.invitation(ACME)[1]}),
    ),
    **_managed("/members", {"user": lambda scene: scene.member(), "role": "moderator"}),
    **_managed("/members/remove", {"user": lambda scene: scene.member()}),
    **_managed("/networks", _ASKS),
    ("POST", "/organisations/{slug}/networks/leave"): (Row(MANAGE, "administer", hidden=OUTSIDE, path=_SLUG, form=_LEAVES),),
}
