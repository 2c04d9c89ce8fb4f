"""Endorsements as documents of Open Badges: Endorsement (2.0), EndorsementCredential (3.0), the profile of who endorses, and what was revoked. Pure.

Both are at one address, that of the endorsement. A new version keeps the id of the credential and begins later (`validFrom`), as Open Badges 3.0 says of what
is updated.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from wikic.domain.endorsements import Endorsement, Named

OB2_CONTEXT: Final = "https://w3id.org/openbadges/v2"
OB3_CONTEXTS: Final = ("https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json")
REVOCATION_LIST: Final = "1EdTechRevocationList"

_PLACES: Final = {"badge_class": "b", "issuer": "i", "concept": "c"}
_TITLES: Final = {"fr": "Endossement\u00a0: {name}", "en": "Endorsement: {name}"}


@dataclass(frozen=True, slots=True)
class Endorser:
    """Who endorses, as documents show it. `issuer`: an organisation that issues badges, which has an address of its own for that."""

    named: Named
    name: str
    site: str = ""
    email: str = ""
    issuer: bool = False

    def address(self, base: str) -> str:
        """The address of its profile."""
        if self.issuer:
            return target_address(Named("issuer", self.named.id), base)
        return f"{base}/e/profiles/{self.named.kind}/{quote(self.named.id, safe='')}"


def endorsement_address(identity: str, base: str) -> str:
    """Where an endorsement is."""
    return f"{base}/e/{identity}"


def target_address(target: Named, base: str) -> str:
    """Where what is endorsed is."""
    return f"{base}/{_PLACES[target.kind]}/{target.id}"


def list_address(base: str) -> str:
    """Where the list of what was revoked is."""
    return f"{base}/e/revocations"


def ob2_endorsement(made: Endorsement, endorser: Endorser, base: str) -> dict[str, Any]:
    """The Endorsement of Open Badges 2.0; of one that was revoked, only that."""
    address = endorsement_address(made.id, base)
    head: dict[str, Any] = {"@context": OB2_CONTEXT, "id": address, "type": "Endorsement"}
    if made.status == "revoked":
        return head | {"revoked": True, "revocationReason": made.reason}
    claim = {"id": target_address(made.target, base), "endorsementComment": made.statement.comment}
    if made.statement.evidence:
        claim["evidence"] = made.statement.evidence
    return head | {
        "@language": made.statement.lang, "claim": claim, "issuer": endorser.address(base), "issuedOn": made.since,
        "verification": {"type": "HostedBadge"},
    }  # fmt: skip


def ob2_profile(endorser: Endorser, base: str) -> dict[str, Any]:
    """The Profile of Open Badges 2.0."""
    return {"@context": OB2_CONTEXT, "type": "Profile"} | _profile(endorser, base)


def ob3_credential(made: Endorsement, endorser: Endorser, target_name: str, base: str) -> dict[str, Any]:
    """The EndorsementCredential of Open Badges 3.0, without a proof. Whether it was revoked stands in the list that it names."""
    titled = _TITLES["fr" if made.statement.lang.partition("-")[0] == "fr" else "en"]
    subject = {"id": target_address(made.target, base), "type": ["EndorsementSubject"], "endorsementComment": made.statement.comment}
    body: dict[str, Any] = {
        "@context": list(OB3_CONTEXTS),
        "id": endorsement_address(made.id, base),
        "type": ["VerifiableCredential", "EndorsementCredential"],
        "name": titled.format(name=target_name),
        "issuer": {"type": ["Profile"]} | _profile(endorser, base),
        "validFrom": made.since,
        "awardedDate": made.first,
        "credentialSubject": subject,
        "credentialStatus": {"id": list_address(base), "type": REVOCATION_LIST},
    }
    if made.statement.evidence:
        body["evidence"] = [{"id": made.statement.evidence, "type": ["Evidence"]}]
    return body


def jwt_claims(credential: Mapping[str, Any]) -> dict[str, Any]:
    """The credential as the payload of a token: the same, with the registered claims that say it once more."""
    starts = int(datetime.fromisoformat(str(credential["validFrom"])).timestamp())
    registered = {"iss": credential["issuer"]["id"], "jti": credential["id"], "sub": credential["credentialSubject"]["id"], "nbf": starts}
    return dict(credential) | registered


def revocation_list(revoked: Iterable[Endorsement], issuer: str, base: str) -> dict[str, Any]:
    """What was revoked. Verifiers of different years read the list under different names: it stands under both."""
    entries = [{"id": endorsement_address(each.id, base), "revoked": True, "revocationReason": each.reason} for each in revoked]
    return {"id": list_address(base), "issuer": issuer, "revokedCredential": entries, "revokedCredentials": entries}


def _profile(endorser: Endorser, base: str) -> dict[str, Any]:
    address = endorser.address(base)
    page = f"{base}/organisations/{quote(endorser.named.id, safe='')}" if endorser.named.kind == "organisation" else address
    body = {"id": address, "name": endorser.name, "url": endorser.site or page}
    return body | ({"email": endorser.email} if endorser.email else {})
