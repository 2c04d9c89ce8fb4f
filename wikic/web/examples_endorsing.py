"""Examples of endorsements and acceptances, for the OpenAPI document."""

from __future__ import annotations

from typing import Final

from wikic.web.examples import Json

_URL: Final = "https://skills.example.org"
_ID: Final = "2f0d5b1c-7a61-5d1e-9a57-0c5b8f2f4a11"
_BADGE: Final = "0190f1d2-7a3b-7c4d-8e5f-0a1b2c3d4e70"
_STAMP: Final = "2026-01-15T09:30:00.000Z"
ENDORSEMENT: Final[Json] = {
    "id": _ID,
    "target": f"badge_class/{_BADGE}",
    "by": "organisation/cci-lyon",
    "name": "Chambre de commerce de Lyon",
    "comment": "Nos entreprises recrutent avec ce badge.",
    "evidence": "https://cci.example.org/etude",
    "lang": "fr",
    "number": 1,
    "first": _STAMP,
    "since": _STAMP,
    "made_by": "ada",
    "status": "open",
    "revoked": None,
    "reason": None,
    "address": f"{_URL}/e/{_ID}",
    "documents": {"ob2": f"{_URL}/e/{_ID}.ob2.json", "ob3": f"{_URL}/e/{_ID}.ob3.json", "jwt": f"{_URL}/e/{_ID}.jwt"},
}
ENDORSEMENT_VERSION: Final[Json] = {name: ENDORSEMENT[name] for name in ("number", "comment", "evidence", "lang", "since", "made_by")}
ACCEPTANCE: Final[Json] = {
    "id": "0190f1d2-7a3b-7c4d-8e5f-0a1b2c3d4e99",
    "organisation": "cfa-lyon",
    "name": "CFA de Lyon",
    "badge_class": _BADGE,
    "badge_name": "Pétrir la pâte",
    "in_place_of": "Épreuve pratique E2",
    "conditions": "Délivré depuis moins de trois ans.",
    "address": "https://cfa.example.org/dispenses",
    "valid_from": "2026-09-01",
    "valid_until": "2027-08-31",
    "lang": "fr",
    "ends": "2027-08-31",
    "state": "in_force",
    "made": _STAMP,
    "made_by": "ada",
    "revoked": None,
    "reason": None,
}
_JWK: Final[Json] = {
    "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "kid": f"{_URL}/.well-known/jwks/3f1c9a0d5b7e2468",
    "alg": "EdDSA", "use": "sig",
}  # fmt: skip
JWK_SET: Final[Json] = {"keys": [_JWK]}
