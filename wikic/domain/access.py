"""Who acts, and what they may do: roles, their scopes, organisations. Pure; the services ask, nobody else decides.

A reader has no account. A contributor proposes and comments; a moderator decides, everywhere or within scopes; an admin does everything that is
not forbidden to everyone (four eyes). Within an organisation: member, manager, and moderator of its own things.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Literal, get_args

from wikic.domain.vocabulary import PUBLIC_SPACE
from wikic.errors import Forbidden, Unauthenticated

Role = Literal["contributor", "moderator", "admin"]
ROLES: Final[tuple[str, ...]] = get_args(Role)
OrganisationKind = Literal["company", "branch", "issuer", "network"]
ORGANISATION_KINDS: Final[tuple[str, ...]] = get_args(OrganisationKind)
OrganisationRole = Literal["member", "manager", "moderator"]
ORGANISATION_ROLES: Final[tuple[str, ...]] = get_args(OrganisationRole)

Permission = Literal["propose", "decide", "release", "import", "administer"]
"""What can be asked of `require`: to propose and comment, to decide on proposals, to freeze and publish, to import, and to administer accounts,
organisations and settings."""

Scope = Literal["read", "propose", "badge", "decide", "release", "import", "administer"]
"""What an API token may be used for, at most; `badge`: to make badge classes of one's issuers, and bind them."""
SCOPES: Final[tuple[str, ...]] = get_args(Scope)

ACCOUNTS_SPACE: Final = "accounts"
"""The space of events about accounts: admins alone may read it, and everybody what they did themselves."""

Via = Literal["nobody", "session", "token", "operator", "system"]
"""How somebody proved who they are: not at all, by a session, by an API token, by running a command on the machine, or the program itself."""

_LEAST: Final = {"propose": "contributor", "decide": "moderator", "release": "moderator"}


@dataclass(frozen=True, slots=True)
class Grant:
    """A role, everywhere (`scope` "") or within `scheme:NAME`, `subtree:UUID` or `branch:CODE`."""

    role: str
    scope: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the framework something is done: the scheme, the uuids of the concept and of all above it, the branches it belongs to."""

    scheme: str = ""
    line: frozenset[str] = frozenset()
    branches: frozenset[str] = frozenset()

    def within(self, scope: str) -> bool:
        """Whether a grant's scope covers this place."""
        if not scope:
            return True
        kind, _, name = scope.partition(":")
        held: dict[str, Iterable[str]] = {"scheme": (self.scheme,), "subtree": self.line, "branch": self.branches}
        return name in held.get(kind, ())


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. `id` is the user's uuid ("" for nobody, "operator" for a command); `memberships` maps organisation slugs to roles (of ORGANISATION_ROLES);
    `credential` names the session or token for the audit; `scopes` limit what a token may do (None: no limit)."""

    id: str = ""
    name: str = ""
    grants: tuple[Grant, ...] = ()
    memberships: tuple[tuple[str, tuple[str, ...]], ...] = ()
    via: Via = "nobody"
    credential: str = ""
    scopes: frozenset[str] | None = None
    lang: str = ""
    settings: dict[str, object] = field(default_factory=dict, hash=False, compare=False)

    @property
    def known(self) -> bool:
        """Whether somebody is signed in."""
        return self.via != "nobody"

    @property
    def is_admin(self) -> bool:
        return self.via in ("operator", "system") or any(grant.role == "admin" for grant in self.grants)

    @property
    def is_moderator(self) -> bool:
        """Whether there is anything this one may decide."""
        return self.is_admin or any(grant.role == "moderator" for grant in self.grants)

    def has(self, role: str, place: Place | None = None) -> bool:
        """Whether a role is held: everywhere, or (with a place) there. An admin holds all roles, a moderator is a contributor too."""
        if self.is_admin:
            return True
        enough = ROLES[ROLES.index(role) :]
        return any(
            grant.role in enough and (not grant.scope or role == "contributor" or (place is not None and place.within(grant.scope)))
            for grant in self.grants
        )

    def in_organisation(self, slug: str, *roles: str) -> bool:
        """Whether they belong to an organisation (in one of these roles, where any are named)."""
        held = dict(self.memberships).get(slug, ())
        return bool(held) and (not roles or bool(set(held) & set(roles)))

    def spaces(self) -> frozenset[str]:
        """The spaces they may read: the public one, and those of their organisations (`slug` and `slug/...`)."""
        return frozenset({PUBLIC_SPACE, *(slug for slug, _ in self.memberships)})

    def may_read(self, space: str) -> bool:
        """Whether a space may be seen."""
        if space == ACCOUNTS_SPACE:
            return may(self, "administer")
        return space == PUBLIC_SPACE or self.via == "operator" or self.in_organisation(space.partition("/")[0])


NOBODY: Final = Actor()
SYSTEM: Final = Actor("system", "Wiki-C", via="system")


def operator(name: str) -> Actor:
    """Who runs a command on the machine: `name` as it stands in the change log, such as "operator:ada"."""
    return Actor("operator", name, via="operator")


def may(actor: Actor, permission: Permission, place: Place | None = None) -> bool:
    """Whether somebody may do something (at a place); a token's scopes count too."""
    if not actor.known or (actor.scopes is not None and permission not in actor.scopes):
        return False
    return actor.has(_LEAST.get(permission, "admin"), place)


def require(actor: Actor, permission: Permission, place: Place | None = None) -> None:
    """Raise Unauthenticated where nobody is signed in, Forbidden where this one may not."""
    require_known(actor)
    if not may(actor, permission, place):
        least = _LEAST.get(permission, "admin")
        beyond = actor.scopes is not None and permission not in actor.scopes
        why = f"this token was not made for it (scope {permission!r})" if beyond else f"it takes the role {least}" + (
            " for this part of the framework" if place is not None else ""
        )
        reason = "token-scope" if beyond else "role" if place is None else "role-here"
        raise Forbidden(f"you may not do this: {why}", reason=reason, scope=permission, role=least)


def require_known(actor: Actor) -> None:
    """Raise Unauthenticated where nobody is signed in."""
    if not actor.known:
        raise Unauthenticated("sign in first, or send an API token (`Authorization: Bearer ...`)", reason="sign-in")


def require_writing(actor: Actor) -> None:
    """Raise where nobody is signed in, or somebody acts by a token for reading only: what people keep of their own needs no role, but a token that may change
    something."""
    require_known(actor)
    if actor.scopes is not None and not actor.scopes - {"read"}:
        raise Forbidden("you may not do this: this token was made for reading only", reason="token-reads")


def require_organisation(actor: Actor, slug: str, *roles: str) -> None:
    """Raise unless they belong to the organisation in one of these roles; an admin always may."""
    require_known(actor)
    if not (actor.is_admin or actor.in_organisation(slug, *roles)):
        raise Forbidden(f"you may not do this: it takes the role {' or '.join(roles) or 'member'} in {slug}", reason="organisation-role", organisation=slug)


def require_issuer(actor: Actor, slug: str, *roles: str) -> None:
    """Raise unless they may work on the badge classes of an issuer: belong to it (in one of these roles), by a credential that was made for it."""
    require_organisation(actor, slug, *roles)
    require_badge_scope(actor)


def require_badge_scope(actor: Actor) -> None:
    """Raise where somebody acts by a token that was not made for badges."""
    if actor.scopes is not None and "badge" not in actor.scopes:
        raise Forbidden("you may not do this: this token was not made for it (scope 'badge')", reason="token-scope", scope="badge")
