"""The shapes of accounts and organisations: what is sent and answered."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from wikic.domain.access import OrganisationKind, OrganisationRole, Role, Via
from wikic.domain.access import Scope as TokenScope
from wikic.web.schemas import Shape


class Sent(BaseModel):
    """Base of what is sent: what is not described here is refused."""

    model_config = ConfigDict(extra="forbid")


class GrantShape(Shape):
    """A role, everywhere (`scope` empty) or within `scheme:NAME`, `subtree:UUID` or `branch:CODE`."""

    role: Role
    scope: str


class MembershipShape(Shape):
    """An organisation that somebody belongs to."""

    organisation: str
    roles: list[OrganisationRole]


class AccountShape(Shape):
    """Who asks: their account, and what this session or token may do."""

    id: str
    name: str
    email: str
    grants: list[GrantShape]
    memberships: list[MembershipShape]
    terms: str | None = Field(description="The date of the terms of contribution that were accepted.")
    via: Via
    scopes: list[TokenScope] | None = Field(description="What a token may be used for; null for a session.")


class PersonShape(Shape):
    """An account, as admins see it."""

    id: str
    name: str
    email: str
    state: Literal["active", "disabled"]
    grants: list[GrantShape]
    created: str


class SessionShape(Shape):
    """A session of one's own."""

    id: str
    device: str
    created: str
    used: str = Field(description="Exact to the hour.")
    ends: str
    current: bool


class TokenShape(Shape):
    """An API token, without the token."""

    id: str
    name: str
    scopes: list[TokenScope]
    created: str
    expires: str
    used: str | None = Field(description="Exact to the hour.")


class NewTokenShape(TokenShape):
    """A new token; it is shown this once."""

    token: str


class LinkShape(Shape):
    """A link to hand over; it is shown this once."""

    link: str


class EndedShape(Shape):
    """How many were ended."""

    ended: int


class InvitationShape(Shape):
    """An invitation that may still be used."""

    id: str
    email: str | None
    grants: list[GrantShape]
    organisation: str | None
    roles: list[OrganisationRole]
    by: str
    created: str
    expires: str


class NewInvitationShape(InvitationShape):
    """A new invitation; its link is shown this once."""

    link: str | None = Field(description="Null where it was mailed: only the mailbox has it.")


class ProfileShape(Shape):
    """What an organisation says of itself."""

    description: str
    siren: str
    siret: str
    idcc: list[str]
    territories: list[str]
    street: str
    postcode: str
    city: str
    country: str
    site: str
    email: str = Field(description="Where everybody may write to.")
    sectors: list[str] = Field(description="NAF codes.")
    colours: list[str] = Field(description="Of the images of its badges: `#rrggbb`.")


class OrganisationShape(Shape):
    """An organisation. `roles`: those of who asks."""

    slug: str
    name: str
    kind: OrganisationKind
    private: bool
    profile: ProfileShape
    created: str
    roles: list[OrganisationRole]


class MemberShape(Shape):
    """Somebody in an organisation."""

    user: str
    name: str
    roles: list[OrganisationRole]
    since: str


class AssociationShape(Shape):
    """How an organisation stands to a network; `slug` is the other one's."""

    slug: str
    name: str
    state: Literal["asked", "member"]
    asked_by: Literal["network", "organisation"]


class AssociationsShape(Shape):
    """What a network holds, and the networks an organisation belongs to."""

    holds: list[AssociationShape]
    networks: list[AssociationShape]


class StandingShape(Shape):
    """How an organisation stands to a network now."""

    state: Literal["asked", "member", "none"]


class GrantBody(Sent):
    """A role to give."""

    role: Role
    scope: str = Field("", max_length=120, examples=["scheme:rome"])


class PersonBody(Sent):
    """An account to make."""

    name: str = Field(max_length=300)
    email: str = Field("", max_length=300)
    grants: list[GrantBody] = Field([GrantBody(role="contributor")], max_length=20)


class NameBody(Sent):
    """Another name."""

    name: str = Field(max_length=300)


class TermsBody(Sent):
    """The date of the terms that are accepted."""

    date: str = Field(max_length=20, examples=["2026-01-01"])


class StateBody(Sent):
    """Whether an account may be used."""

    state: Literal["active", "disabled"]


class InvitationBody(Sent):
    """An invitation to make."""

    email: str = Field("", max_length=300, description="Whom; empty for whoever has the link.")
    days: int = Field(14, ge=1, le=60)


class SiteInvitationBody(InvitationBody):
    """An invitation to the site, with roles."""

    grants: list[GrantBody] = Field([], max_length=20)


class OrganisationInvitationBody(InvitationBody):
    """An invitation into an organisation."""

    roles: list[OrganisationRole] = Field([], max_length=3)


class ProfileBody(Sent):
    """A whole profile: what is left out is empty."""

    description: str = Field("", max_length=4_000)
    siren: str = Field("", max_length=20)
    siret: str = Field("", max_length=24)
    idcc: list[str] = Field([], max_length=20)
    territories: list[str] = Field([], max_length=50)
    street: str = Field("", max_length=200)
    postcode: str = Field("", max_length=20)
    city: str = Field("", max_length=100)
    country: str = Field("", max_length=2)
    site: str = Field("", max_length=300)
    email: str = Field("", max_length=254)
    sectors: list[str] = Field([], max_length=50)
    colours: list[str] = Field([], max_length=3)


class OrganisationBody(Sent):
    """An organisation to found."""

    slug: str = Field(max_length=40)
    name: str = Field(max_length=120)
    kind: OrganisationKind
    private: bool = True
    profile: ProfileBody = ProfileBody()


class OrganisationChangeBody(Sent):
    """What to change; what is left out stays."""

    name: str | None = Field(None, max_length=120)
    private: bool | None = None
    profile: ProfileBody | None = None


class RolesBody(Sent):
    """The roles of a member; `member` is always among them."""

    roles: list[OrganisationRole] = Field(max_length=3)


class NewTokenBody(Sent):
    """A token to make; `read` is always among its scopes."""

    name: str = Field(max_length=200)
    scopes: list[TokenScope] = Field(["read"], max_length=7)
    days: int = Field(90, ge=1, le=366)
