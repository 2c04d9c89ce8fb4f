"""The shapes of endorsements and acceptances: what is sent and answered."""

from __future__ import annotations

from pydantic import Field

from wikic.domain.acceptances import AcceptanceState
from wikic.domain.endorsements import StandingStatus
from wikic.web.schemas import Shape
from wikic.web.schemas_accounts import Sent

_TARGET = "`badge_class/ID`, `issuer/SLUG` or `concept/UUID`."


class EndorsementBody(Sent):
    """Something to endorse, or to endorse in other words."""

    target: str = Field(max_length=2_100, description=f"{_TARGET} A competency also by its source address or code: `concept/esco:...`.")
    organisation: str = Field("", max_length=60, description="In whose name; empty for one's own.")
    comment: str = Field(max_length=5_000)
    evidence: str = Field("", max_length=2_000, description="Where there is evidence.")
    lang: str = Field("fr", max_length=35)


class RevokeBody(Sent):
    """Why it is revoked; everybody reads it."""

    reason: str = Field(max_length=3_000)


class DocumentsShape(Shape):
    """Where an endorsement is as a document."""

    ob2: str = Field(description="Endorsement of Open Badges 2.0.")
    ob3: str = Field(description="EndorsementCredential of Open Badges 3.0, without a proof.")
    jwt: str = Field(description="The same, signed: a compact JWS.")


class EndorsementShape(Shape):
    """An endorsement."""

    id: str
    target: str = Field(description=_TARGET)
    by: str = Field(description="`organisation/SLUG` or `user/ID`.")
    name: str = Field(description="The endorser's name.")
    comment: str
    evidence: str
    lang: str
    number: int = Field(description="How often it was said anew, the first time counted.")
    first: str = Field(description="When it was first made.")
    since: str = Field(description="When it was said as it is now.")
    made_by: str
    status: StandingStatus
    revoked: str | None
    reason: str | None = Field(description="Why it was revoked.")
    address: str = Field(description="Its permanent address.")
    documents: DocumentsShape


class EndorsementVersionShape(Shape):
    """What an endorsement said from a moment on."""

    number: int
    comment: str
    evidence: str
    lang: str
    since: str
    made_by: str


class AcceptanceBody(Sent):
    """A badge class that an organisation accepts in place of something of its own."""

    organisation: str = Field(max_length=60)
    badge_class: str = Field(max_length=60)
    in_place_of: str = Field(max_length=600, description="In place of which test, module or interview.")
    conditions: str = Field("", max_length=5_000)
    address: str = Field("", max_length=2_000, description="Where that stands.")
    valid_from: str = Field("", max_length=10, description="A day such as 2027-01-01; empty for today.")
    valid_until: str = Field("", max_length=10, description="The last day; empty for no end.")
    lang: str = Field("fr", max_length=35)


class AcceptanceShape(Shape):
    """An acceptance."""

    id: str
    organisation: str
    name: str = Field(description="The organisation's name.")
    badge_class: str
    badge_name: str = Field(description="The badge class's name when it was accepted.")
    in_place_of: str
    conditions: str
    address: str
    valid_from: str
    valid_until: str | None = Field(description="The last day, as it was declared; null for no end.")
    lang: str
    ends: str | None = Field(description="The last day on which it holds: the day before it was revoked, where that was earlier.")
    state: AcceptanceState = Field(description="Today.")
    made: str
    made_by: str
    revoked: str | None
    reason: str | None


class JwkShape(Shape):
    """A public key (RFC 8037)."""

    kty: str
    crv: str
    x: str
    kid: str
    alg: str
    use: str


class JwkSetShape(Shape):
    """The public keys that sign here."""

    keys: list[JwkShape]
