"""Routes and roles: coming in, one's own account, and people as admins see them."""

from __future__ import annotations

from typing import Final

from tests.access_rows import ADMIN, ALL, KNOWN, OPEN, SELF, Row, Table, reads
from tests.access_scene import Scene
from tests.people import PASSWORD

# A form that was not minded is shown again by the door, not kept out: who typed something wrong, or too often.
_AGAIN: Final = (429,)


def _person(scene: Scene) -> dict[str, str]:
    return {"user": scene.someone().id}


_COMING_IN: Final[Table] = {
    **reads("/sign-in", "/register", "/password/forgotten", "/terms"),
    ("POST", "/sign-in"): (Row(ALL, OPEN, form={"login": "contributor", "password": PASSWORD}),),
    ("POST", "/sign-out"): (Row(ALL, OPEN),),
    ("POST", "/register"): (
        Row(ALL, OPEN, form={"name": lambda scene: scene.fresh("applicant"), "email": lambda scene: f"{scene.fresh()}@example.org"}, also=_AGAIN),
    ),
    **reads("/register/confirm", query={"token": lambda scene: scene.registration()}),
    ("POST", "/register/confirm"): (
        Row(ALL, OPEN, form={"token": lambda scene: scene.registration(), "password": PASSWORD, "terms": "2026-01-01"}),
    ),
    ("POST", "/password/forgotten"): (Row(ALL, OPEN, form={"login": "contributor"}, also=_AGAIN),),
    **reads("/password", query={"token": lambda scene: scene.password()}),
    ("POST", "/password"): (Row(ALL, OPEN, form={"token": lambda scene: scene.password(), "password": PASSWORD}),),
    **reads("/email", query={"token": lambda scene: scene.email()}),
    ("POST", "/email"): (Row(ALL, OPEN, form={"token": lambda scene: scene.email()}),),
    **reads("/join", query={"token": lambda scene: scene.invitation()[0]}),
    ("POST", "/join"): (
        Row(
            ALL,
            SELF,
            form={
                "token": lambda scene: scene.invitation()[0],
                "name": lambda scene: scene.fresh("guest"),
                "password": PASSWORD,
                "terms": "2026-01-01",
            },
        ),
    ),
    ("POST", "/terms"): (Row(KNOWN, SELF, form={"terms": "2026-01-01"}),),
    # There is no provider here: the way to it leads nowhere.
    **reads("/sign-in/oidc", "/sign-in/oidc/callback", also=(404,)),
}

_OWN: Final[Table] = {
    **reads("/account", "/account/security", "/account/tokens", who=KNOWN, scope=SELF),
    ("POST", "/account"): (Row(KNOWN, SELF, form={"name": lambda scene: scene.me.name if scene.me else "nobody"}),),
    ("POST", "/account/email"): (Row(KNOWN, SELF, form={"email": lambda scene: f"{scene.fresh('mine')}@example.org"}),),
    ("POST", "/account/password"): (Row(KNOWN, SELF, form={"old": PASSWORD, "password": PASSWORD}),),
    ("POST", "/account/sessions/end"): (
        Row(KNOWN, SELF, form={"session": lambda scene: scene.session()}),
        Row(KNOWN, SELF, form={"session": "others"}),
    ),
    # There is no provider here: the way to it leads nowhere.
    ("POST", "/account/identity"): (Row(KNOWN, SELF, form={}, also=(404,)),),
    ("POST", "/account/tokens"): (Row(KNOWN, SELF, form={"name": "mine", "days": "9", "scope": "read"}),),
    ("POST", "/account/tokens/revoke"): (Row(KNOWN, SELF, form={"token": lambda scene: scene.token()}),),
}

_PEOPLE: Final[Table] = {
    **reads("/people", who=ADMIN, scope="administer"),
    **reads("/people/{user}", who=ADMIN, scope="administer", path=_person),
    ("POST", "/people/approve"): (Row(ADMIN, "administer", form={"email": lambda scene: scene.waiting()}),),
    ("POST", "/people/invitations"): (Row(ADMIN, "administer", form={"role": "contributor"}),),
    ("POST", "/people/invitations/withdraw"): (Row(ADMIN, "administer", form={"invitation": lambda scene: scene.invitation()[1]}),),
    ("POST", "/people/{user}/grant"): (Row(ADMIN, "administer", path=_person, form={"role": "moderator"}),),
    ("POST", "/people/{user}/revoke"): (Row(ADMIN, "administer", path=_person, form={"role": "contributor"}),),
    ("POST", "/people/{user}/password-link"): (Row(ADMIN, "administer", path=_person),),
    ("POST", "/people/{user}/sessions"): (Row(ADMIN, "administer", path=_person),),
    ("POST", "/people/{user}/state"): (Row(ADMIN, "administer", path=_person, form={"state": "disabled"}),),
}

_API_OWN: Final[Table] = {
    **reads("/api/v1/account", who=KNOWN),
    **reads("/api/v1/account/sessions", "/api/v1/account/tokens", who=KNOWN, scope=SELF),
    ("PATCH", "/api/v1/account"): (
        Row(KNOWN, SELF, headers={"If-Match": "*"}, json={"name": lambda scene: scene.me.name if scene.me else "nobody"}),
    ),
    ("POST", "/api/v1/account/terms"): (Row(KNOWN, SELF, json={"date": "2026-01-01"}),),
    ("DELETE", "/api/v1/account/sessions"): (Row(KNOWN, SELF),),
    ("DELETE", "/api/v1/account/sessions/{id}"): (Row(KNOWN, SELF, path={"id": lambda scene: scene.session()}),),
    ("POST", "/api/v1/account/tokens"): (Row(KNOWN, SELF, json={"name": "mine"}),),
    ("DELETE", "/api/v1/account/tokens/{id}"): (Row(KNOWN, SELF, path={"id": lambda scene: scene.token()}),),
}

_USER: Final = "/api/v1/users/{user}"
_API_PEOPLE: Final[Table] = {
    **reads("/api/v1/users", "/api/v1/invitations", who=ADMIN, scope="administer"),
    **reads(_USER, who=ADMIN, scope="administer", path=_person),
    ("POST", "/api/v1/users"): (Row(ADMIN, "administer", json={"name": lambda scene: scene.fresh("made")}),),
    ("POST", f"{_USER}/grants"): (Row(ADMIN, "administer", path=_person, json={"role": "moderator"}),),
    ("DELETE", f"{_USER}/grants"): (Row(ADMIN, "administer", path=_person, query={"role": "contributor"}),),
    ("PUT", f"{_USER}/state"): (Row(ADMIN, "administer", path=_person, json={"state": "disabled"}),),
    ("DELETE", f"{_USER}/sessions"): (Row(ADMIN, "administer", path=_person),),
    ("POST", f"{_USER}/password-link"): (Row(ADMIN, "administer", path=_person),),
    ("POST", "/api/v1/invitations"): (Row(ADMIN, "administer", json={"grants": [{"role": "contributor"}]}),),
    ("DELETE", "/api/v1/invitations/{id}"): (Row(ADMIN, "administer", path={"id": lambda scene: scene.invitation()[1]}),),
}

ROWS: Final[Table] = {**_COMING_IN, **_OWN, **_PEOPLE, **_API_OWN, **_API_PEOPLE}
