"""Endorsements as credentials, and what the document of a badge class or an issuer says of those who endorse it.

Flow: permanent addresses and the command line -> here -> `services.endorsing` and `domain.endorsements_documents`. Ed25519 gives the same bytes each time, so
a token that stands in a document is the one that its own address answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from wikic.crypto.signing import Signer
from wikic.crypto.tokens_signed import signed_token
from wikic.domain.endorsements import Endorsement, Named
from wikic.domain.endorsements_documents import endorsement_address, jwt_claims, ob3_credential
from wikic.services.endorsing import Endorsing

MOST: Final = 100
"""How many endorsements a document names, organisations first; `/api/v1/endorsements?target=` has all."""


def credentials(endorsements: Endorsing, made: Sequence[Endorsement], base: str) -> list[dict[str, Any]]:
    """The EndorsementCredential of each, in their order. Raises NotFound where an endorser is not to be seen."""
    speakers = endorsements.endorsers(made)
    return [ob3_credential(each, speakers[each.endorser], title, base) for each, title in zip(made, endorsements.titles(made), strict=True)]


def token(credential: dict[str, Any], signer: Signer, base: str) -> str:
    """The same, signed: a compact JWS."""
    return signed_token(signer, jwt_claims(credential), base)


def endorsed(form: str, endorsements: Endorsing, target: Named, signer: Signer, base: str) -> dict[str, Any]:
    """What the document of a target says of its endorsements, which its reader was shown already: their addresses by Open Badges 2.0 (`form`: ob2), signed
    credentials by 3.0 (ob3); nothing where there are none."""
    made, _ = endorsements.brief(target, MOST)
    if not made:
        return {}
    if form == "ob2":
        return {"endorsement": [endorsement_address(each.id, base) for each in made]}
    return {"endorsementJwt": [token(each, signer, base) for each in credentials(endorsements, made, base)]}
