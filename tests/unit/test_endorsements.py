"""Endorsements as documents and signed tokens: by the official schemas, by our own judge, by another library than ours; and how long acceptances hold."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jwt
import pytest
from jsonschema_rs import Draft201909Validator

from wikic.crypto.signing import Signer
from wikic.crypto.tokens_signed import did_document, did_of, public_jwk, signed_token
from wikic.domain.acceptances import FOR_EVER, Acceptance, Terms, day_before
from wikic.domain.endorsements import (
    TARGET_KINDS,
    Endorsement,
    Named,
    Statement,
    check_reason,
    endorsement_id,
    parse_named,
)
from wikic.domain.endorsements_documents import (
    Endorser,
    jwt_claims,
    ob2_endorsement,
    ob2_profile,
    ob3_credential,
    revocation_list,
)
from wikic.domain.open_badges import ERROR, read
from wikic.errors import InvalidInput
from wikic.text.tables import table_of

BASE = "https://skills.example.org"
SCHEMAS = Path(__file__).resolve().parents[3] / "shared" / "schemas" / "openbadges"
STAMP = "2026-01-15T09:30:00.000Z"
LATER = datetime(2026, 6, 1, tzinfo=UTC)
BY = Named("organisation", "cci")
MADE = Endorsement(
    "2f0d5b1c-7a61-5d1e-9a57-0c5b8f2f4a11", Named("badge_class", "0190f1d2-7a3b-7c4d-8e5f-0a1b2c3d4e70"), BY, "La Chambre",
    Statement("Nous recrutons « avec ».", "https://cci.example.org/etude"), 2, "2026-01-01T09:30:00.000Z", STAMP, "ada", "open",
)  # fmt: skip
ENDORSERS = (
    Endorser(BY, "La Chambre", "https://cci.example.org", "badges@cci.example.org"),
    Endorser(Named("organisation", "fournil"), "Le Fournil", issuer=True),
    Endorser(Named("user", "0190f1d2-7a3b-7c4d-8e5f-0a1b2c3d4e99"), "Stan"),
)
TARGETS = (MADE.target, Named("issuer", "fournil"), Named("concept", "01890a5d-ac96-774b-bcce-b302099a8001"))


def errors(document: dict[str, Any]) -> list[str]:
    return [f"{found.pointer} {found.key}" for found in read(document, now=LATER).problems if found.severity == ERROR]


@pytest.mark.parametrize("endorser", ENDORSERS, ids=lambda each: each.name)
@pytest.mark.parametrize("target", TARGETS, ids=lambda each: each.kind)
def test_every_document_is_valid(endorser: Endorser, target: Named) -> None:
    made = replace(MADE, target=target)
    credential = ob3_credential(made, endorser, "Pétrir", BASE)
    assert errors(ob2_endorsement(made, endorser, BASE)) == []
    assert (credential["name"], errors(credential)) == ("Endossement\u00a0: Pétrir", [])
    bare = ob3_credential(replace(made, statement=Statement("x", lang="en")), endorser, "Knead", BASE)
    assert ("evidence" in bare, bare["name"]) == (False, "Endorsement: Knead")
    if not SCHEMAS.is_dir():
        pytest.skip("the schemas of Open Badges (../shared/schemas/openbadges) are not on this machine")
    official = Draft201909Validator(json.loads((SCHEMAS / "endorsementcredential.json").read_text()))
    for document in (credential, bare, jwt_claims(credential)):
        assert [found.message for found in official.iter_errors(document)] == []
    broken = credential | {"credentialSubject": {"type": ["EndorsementSubject"]}}
    assert not official.is_valid(broken)


def test_what_the_documents_say() -> None:
    old = ob2_endorsement(MADE, ENDORSERS[0], BASE)
    assert (old["id"], old["claim"]["id"]) == (f"{BASE}/e/{MADE.id}", f"{BASE}/b/{MADE.target.id}")
    assert (old["issuer"], old["issuedOn"]) == (f"{BASE}/e/profiles/organisation/cci", STAMP)
    new = ob3_credential(MADE, ENDORSERS[1], "Pétrir", BASE)
    assert (new["issuer"]["id"], new["validFrom"], new["awardedDate"]) == (f"{BASE}/i/fournil", STAMP, MADE.first)
    assert new["credentialStatus"] == {"id": f"{BASE}/e/revocations", "type": "1EdTechRevocationList"}
    assert ob2_profile(ENDORSERS[2], BASE)["name"] == "Stan"
    gone = replace(MADE, status="revoked", revoked=STAMP, reason="Il a changé.")
    assert set(ob2_endorsement(gone, ENDORSERS[0], BASE)) == {"@context", "id", "type", "revoked", "revocationReason"}
    listed = revocation_list([gone], BASE, BASE)
    assert listed["revokedCredential"] == listed["revokedCredentials"] == [{"id": old["id"], "revoked": True, "revocationReason": "Il a changé."}]


def test_another_library_verifies_what_is_signed() -> None:
    signer, other = Signer.made_now(), Signer.made_now()
    credential = ob3_credential(MADE, ENDORSERS[0], "Pétrir", BASE)
    token = signed_token(signer, jwt_claims(credential), BASE)
    header = jwt.get_unverified_header(token)
    keys = jwt.PyJWKSet.from_dict({"keys": [public_jwk(signer, BASE)]})
    found = jwt.decode(token, keys[header["kid"]], algorithms=["EdDSA"], issuer=credential["issuer"]["id"])
    assert {name: found[name] for name in credential} == credential
    assert (header["alg"], header["typ"], found["jti"], found["sub"]) == ("EdDSA", "JWT", credential["id"], credential["credentialSubject"]["id"])
    head, payload, signature = token.split(".")
    altered = f"{head}.{payload[:-2]}{'AA' if payload[-2:] != 'AA' else 'BB'}.{signature}"
    for wrong, key in ((altered, signer), (token, other)):
        with pytest.raises(jwt.InvalidSignatureError):
            jwt.decode(wrong, jwt.PyJWK(public_jwk(key, BASE)), algorithms=["EdDSA"])
    assert signed_token(signer, jwt_claims(credential), BASE) == token, "the same bytes each time"


def test_the_site_as_a_did() -> None:
    assert (did_of(BASE), did_of("http://localhost:8000"), did_of(f"{BASE}/wiki")) == ("did:web:skills.example.org", "did:web:localhost%3A8000", "")
    signer = Signer.made_now()
    document = did_document(signer, BASE)
    assert document["assertionMethod"] == [document["verificationMethod"][0]["id"]]
    assert document["verificationMethod"][0]["publicKeyJwk"] == public_jwk(signer, BASE)


def test_words() -> None:
    assert parse_named(" issuer/fournil ", TARGET_KINDS, "target") == Named("issuer", "fournil")
    for wrong in ("fournil", "user/x", "issuer/", ""):
        with pytest.raises(InvalidInput, match="no target"):
            parse_named(wrong, TARGET_KINDS, "target")
    assert endorsement_id(BY, MADE.target, 0) == endorsement_id(BY, MADE.target, 0) != endorsement_id(BY, MADE.target, 1)
    with pytest.raises(InvalidInput):
        check_reason("x" * 2_001)


def test_how_long_an_acceptance_holds() -> None:
    assert Terms("x").cleaned("2026-01-15").valid_from == "2026-01-15"
    terms = Terms("x", valid_from="2026-01-01", valid_until="2026-12-31")
    made = Acceptance("1", "cci", "La Chambre", "2", "Pétrir", terms, "2026-12-31", STAMP, "ada")
    days = ("2025-12-31", "2026-01-01", "2026-12-31", "2027-01-01")
    assert [made.state(day) for day in days] == ["to_come", "in_force", "in_force", "expired"]
    gone = replace(made, ends=day_before("2026-03-01"), revoked="2026-03-01T09:00:00.000Z")
    assert [gone.state(day) for day in ("2026-02-28", "2026-03-01")] == ["in_force", "revoked"]
    assert replace(made, ends=FOR_EVER).state("2300-01-01") == "in_force"


def test_a_table_holds_no_formula() -> None:
    assert table_of(("a", "b"), [("=1+1", "plain, with a comma")]) == "a,b\r\n'=1+1,\"plain, with a comma\"\r\n"
