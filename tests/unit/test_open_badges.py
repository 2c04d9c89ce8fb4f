"""Reading badge documents: the documents of a public validator's suite, the official schemas beside our verdict, and what must never break the reader."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema_rs import Draft201909Validator

from wikic.domain.alignment_targets import recognise
from wikic.domain.open_badges import DEEPEST, ERROR, BadgeDocument, alignments_of, read
from wikic.domain.open_badges_files import open_text, parse_json
from wikic.domain.open_badges_linked import Together
from wikic.errors import InvalidInput
from wikic.services.linting_repairing import at_pointer

SHARED: Final = Path(__file__).resolve().parents[3] / "shared"
BADGES: Final = SHARED / "data" / "openbadges"
NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)

REFUSED: Final = {
    "ob20/assertion-with-extension-node-invalid.json": "/extensions:exampleExtension",
    "ob20/basic-assertion-expired-before-issued.json": "/expires",
    "ob20/basic-assertion-expired.json": "/expires",
    "ob20/basic-assertion-in-future.json": "/issuedOn",
    "ob20/basic-assertion-invalid-context.json": "/@context",
    "ob20/basic-assertion-invalid-type.json": "/type",
    "ob20/rdf-validation/invalid-class.json": "/type",
    "ob20/rdf-validation/invalid-empty-type.json": "/type",
    "ob20/rdf-validation/invalid-one-invalid-class.json": "/type",
    # Valid when the suite was written: it ended in 2020.
    "ob30/complete_v1.json": "/expirationDate",
    "ob30/simple-err-context.json": "/@context",
    "ob30/simple-err-credential-subject-achievement-result-description-type.json": "/credentialSubject/achievement/resultDescription/2/type",
    "ob30/simple-err-credential-subject-identifier-type.json": "/credentialSubject/identifier/0/type",
    "ob30/simple-err-credential-subject-profile-type.json": "/credentialSubject/source/type",
    "ob30/simple-err-credential-subject-result-type.json": "/credentialSubject/result/1/type",
    "ob30/simple-err-credential-subject-type.json": "/credentialSubject/type",
    "ob30/simple-err-evidence-type.json": "/evidence/1/type",
    "ob30/simple-err-expired.json": "/validUntil",
    "ob30/simple-err-issued.json": "/validFrom",
    "ob30/simple-err-issuer-otheridentifier-type.json": "/issuer/otherIdentifier/1/type",
    "ob30/simple-err-issuer-parentorg-type.json": "/issuer/parentOrg/type",
    "ob30/simple-err-issuer-type.json": "/issuer/type",
    "ob30/simple-err-issuer.json": "/issuer",
    "ob30/simple-err-proof-method-no-scheme.json": "/proof/0/verificationMethod",
    "ob30/simple-err-proof-method-unknown-did-method.json": "/proof/0/verificationMethod",
    "ob30/simple-err-proof-method-unknown-scheme.json": "/proof/0/verificationMethod",
    "ob30/simple-err-proof-method.json": "/proof/verificationMethod",
    "ob30/simple-err-type.json": "/type",
    "ob30/simple-noproof.json": "/credentialSubject/achievement",
}
"""What is wrong within a document, and where."""

ELSEWHERE: Final = {
    "ob20/basic-assertion-no-public-key.json": "the issuer, another document, has no key",
    "ob20/basic-assertion-with-allowed-origins-invalid-starts-with.json": "the issuer, another document, allows other addresses",
    "ob20/basic-assertion-with-allowed-origins-invalid-multiple-starts-with.json": "the issuer, another document, allows other addresses",
    "ob20/rdf-validation/badge-class-invalid-issuer-type.json": "the issuer, another document, is none",
    "ob30/simple-err-proof-value.json": "a signature that is well formed, and of something else",
    "ob30/credential-status-revoked.json": "revoked, by a list at another address",
    "ob30/bit-string-list/credential-status-revoked.json": "revoked, by a list at another address",
    "ob30/bit-string-list/credential-status-revoked-blank-nodes.json": "revoked, by a list at another address",
    "ob30/endorsement-err-schema-status-refresh.json": "schemas and lists at addresses that do not answer",
}
"""What a document does not show by itself: accepted by a reader that fetches nothing and verifies no signature."""

NO_JSON: Final = {"ob20/redirected-validation-subject.json": "line 1"}
NO_BADGE: Final = {"ob20/assets/openbadges_context.json"}

TOGETHER: Final = {
    "ob20/basic-assertion-with-allowed-origins-invalid-starts-with.json": "not_allowed",
    "ob20/basic-assertion-with-allowed-origins-invalid-multiple-starts-with.json": "not_allowed",
    "ob20/rdf-validation/badge-class-invalid-issuer-type.json": "no_issuer_there",
}
"""What shows when a document is read together with those that it names."""

JUDGED_FURTHER: Final = {
    "expired", "not_yet", "ends_before", "method", "method_unknown", "key_form", "proof_form", "no_proof", "recommended",
    "signature_unchecked", "status_unchecked",
}  # fmt: skip
"""Of a document that is right in its form: the schemas say nothing about these."""


def files() -> list[str]:
    return sorted(str(file.relative_to(BADGES)) for file in BADGES.rglob("*.json"))


def load(name: str) -> Any:
    return json.loads((BADGES / name).read_text(encoding="utf-8"))


needs_data = pytest.mark.skipif(not BADGES.is_dir(), reason="the folder shared/data/openbadges is not here")


@needs_data
def test_the_suite_is_read_valid_ones_accepted_and_invalid_ones_refused_at_the_field() -> None:
    names = files()
    assert len(names) > 100 or len(names) == len(set(names)) > 80
    assert REFUSED.keys() | ELSEWHERE.keys() | NO_JSON.keys() <= set(names)
    for name in names:
        if name in NO_JSON:
            with pytest.raises(InvalidInput, match=NO_JSON[name]):
                parse_json((BADGES / name).read_bytes())
            continue
        if name in NO_BADGE:
            continue
        found = read(load(name), now=NOW)
        errors = [problem.pointer for problem in found.problems if problem.severity == ERROR]
        if name in REFUSED:
            assert REFUSED[name] in errors, (name, errors)
        else:
            assert errors == [], name
        assert all(problem.message for problem in found.problems)


@needs_data
def test_documents_read_together_are_held_against_each_other() -> None:
    names = [name for name in files() if name.startswith("ob20/") and name not in NO_JSON.keys() | NO_BADGE]
    documents = {name: load(name) for name in names}
    together = Together((document, f"http://example.org/{name.rpartition('/')[2]}") for name, document in documents.items() if "/assets/" in name)
    found = {name: [problem.key for problem in together.check(document)] for name, document in documents.items()}
    assert {name: keys[0] for name, keys in found.items() if keys} == TOGETHER


@needs_data
@pytest.mark.parametrize("name", [name for name in (files() if BADGES.is_dir() else []) if name.startswith("ob30/")])
def test_our_verdict_agrees_with_the_official_schemas(name: str) -> None:
    document = load(name)
    schema = "endorsementcredential" if "EndorsementCredential" in document["type"] else "achievementcredential"
    official = Draft201909Validator(json.loads((SHARED / "schemas" / "openbadges" / f"{schema}.json").read_text()))
    structure = [problem for problem in read(document, now=NOW).problems if problem.key not in JUDGED_FURTHER]
    assert official.is_valid(document) == (not structure), structure


@needs_data
def test_each_field_that_the_schema_needs_is_missed_at_its_place() -> None:
    official = Draft201909Validator(json.loads((SHARED / "schemas" / "openbadges" / "achievementcredential.json").read_text()))
    document = load("ob30/complete.json")
    compared = 0
    for pointer in [pointer for pointer in pointers(document) if not pointer.startswith("/@context")]:
        broken = json.loads(json.dumps(document))
        parent, _, last = pointer.rpartition("/")
        holder = at_pointer(broken, parent)
        if not isinstance(holder, dict):
            continue
        del holder[last.replace("~1", "/")]
        ours = {problem.pointer for problem in read(broken, now=NOW).problems if problem.key in ("missing", "context")}
        valid = official.is_valid(broken)
        assert valid == (not ours), pointer
        assert valid or pointer in ours or pointer == "/type", (pointer, ours)
        compared += 1
    assert compared > 150


def pointers(value: Any, at: str = "") -> list[str]:
    if isinstance(value, dict):
        return [each for key, inner in value.items() for each in (f"{at}/{key.replace('/', '~1')}", *pointers(inner, f"{at}/{key.replace('/', '~1')}"))]
    if isinstance(value, list):
        return [each for number, inner in enumerate(value) for each in pointers(inner, f"{at}/{number}")]
    return []


@needs_data
def test_the_record() -> None:
    found = read(json.loads((SHARED / "samples" / "ob3_credential.json").read_text()), now=NOW)
    assert (found.format, found.kind, found.name, found.lang, found.version) == ("3.0", "achievement_credential", "Animer un atelier", "fr", "2")
    assert found.accepted
    assert [each.type for each in found.alignments] == ["ext:ESCOSkill", "CFItem"]
    second = read(json.loads((SHARED / "samples" / "badgeclass_v2.json").read_text()), now=NOW)
    assert (second.format, second.kind, second.tags, second.accepted) == ("2.0", "badge_class", ["animation"], True)
    assert second.alignments[0].pointer == "/alignment/0"
    older = read({"name": "x", "criteria": "https://a.example", "issuer": "https://a.example/i", "alignment": [{"name": "n", "url": "https://b.example"}]})
    assert (older.format, older.accepted, older.alignments[0].keys["url"]) == ("1.x", True, "url")


@needs_data
def test_what_was_not_looked_at_is_said() -> None:
    revoked = read(load("ob30/credential-status-revoked.json"), now=NOW)
    assert {("/proof", "signature_unchecked"), ("/credentialStatus", "status_unchecked")} <= {(each.pointer, each.key) for each in revoked.problems}
    assert ("/proof", "signature_unchecked") in {(each.pointer, each.key) for each in read(load("ob30/simple-err-proof-value.json"), now=NOW).problems}


@needs_data
@pytest.mark.parametrize("value", ["z", "zabc", "z" + "1" * 64 + "2", "z0" + "2" * 86, "u" + "A" * 86, "z" + "z" * 88])
def test_a_signature_has_64_bytes(value: str) -> None:
    document = load("ob30/simple-eddsa-2022.json") if "proof" in load("ob30/simple-eddsa-2022.json") else load("ob30/simple.json")
    for proof in document["proof"] if isinstance(document["proof"], list) else [document["proof"]]:
        proof["proofValue"] = value
    errors = {each.pointer.rpartition("/")[2] for each in read(document, now=NOW).problems if each.severity == ERROR}
    assert errors == {"proofValue"}


def test_what_was_revoked_is_nothing_else() -> None:
    for kind in ("Endorsement", "Assertion"):
        gone = {"@context": "https://w3id.org/openbadges/v2", "id": "https://a.example/e", "type": kind, "revoked": True, "revocationReason": "An error."}
        assert [(each.pointer, each.key) for each in read(gone, now=NOW).problems] == [("/revoked", "revoked")]


JSON: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["type", "@context", "badge", "alignment", "alignments", "targetUrl", "credentialSubject", "achievement", "issuer", "proof", "id", "x"])
        | st.text(max_size=4),
        inner,
        max_size=4,
    ),
    max_leaves=25,
)


@settings(max_examples=150, deadline=None)
@given(JSON, st.sampled_from(["", "Assertion", "BadgeClass", "OpenBadgeCredential", "Achievement", "EndorsementCredential", "Issuer"]))
def test_nothing_breaks_the_reader(document: Any, kind: str) -> None:
    if isinstance(document, dict) and kind:
        document["type"] = [kind]
    found = read(document, now=NOW)
    assert isinstance(found, BadgeDocument)
    for each in found.alignments:
        assert at_pointer(document, each.pointer) is not None


def test_what_is_too_deep_is_refused() -> None:
    deep: Any = {}
    for _ in range(5_000):
        deep = {"issuer": deep}
    assert read(deep).problems[0].key == "too_deep"
    for text in ("[" * 100_000, "[" * (DEEPEST + 5) + "]" * (DEEPEST + 5), '{"a": NaN}', '{"a": 1e999}', '{"a": "\\ud800"}', "[" + "9" * 5_000 + "]"):
        with pytest.raises(InvalidInput):
            open_text(text)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60) | st.from_regex(r"https?://[a-z./?#%=&\-]{0,40}", fullmatch=True))
def test_nothing_breaks_the_recognition_of_addresses(url: str) -> None:
    assert recognise(url, "https://skills.example.org").shape


def test_alignments_are_found_in_the_order_of_the_document() -> None:
    document = {"b": [{"alignment": {"targetUrl": "1"}}, {"alignments": ["2", {"targetUrl": "3"}]}], "a": {"c/d": {"alignment": [{"targetUrl": "4"}]}}}
    assert [(each.url, each.pointer) for each in alignments_of(document)] == [
        ("1", "/b/0/alignment"), ("2", "/b/1/alignments/0"), ("3", "/b/1/alignments/1"), ("4", "/a/c~1d/alignment/0"),
    ]  # fmt: skip
