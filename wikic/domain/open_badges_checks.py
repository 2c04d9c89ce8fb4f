"""Own checks of badge documents: needed fields by kind, forms of addresses, dates and languages, types, contexts, validity, and the form of proofs.

Whether a signature is right, a badge was revoked, or another document agrees is not seen here: nothing is fetched."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, Final

from wikic.domain.open_badges import ERROR, NOTE, WARNING, Problem, escaped, listed, text, texts
from wikic.domain.open_badges_shapes import SECOND, THIRD, WORDS, Field, Shape, parse

_SHAPE: Final = {
    "assertion": "Assertion",
    "badge_class": "BadgeClass",
    "endorsement": "Endorsement",
    "issuer": "Issuer",
    "key": "CryptographicKey",
    "revocation_list": "RevocationList",
    "criteria": "Criteria",
    "achievement_credential": "AchievementCredential",
    "endorsement_credential": "EndorsementCredential",
    "achievement": "Achievement",
    "profile": "Profile",
}
_CLASSES: Final = frozenset(
    ["Assertion", "BadgeClass", "Issuer", "Profile", "Endorsement", "AlignmentObject", "CryptographicKey", "Criteria", "Evidence", "Extension",
     "IdentityObject", "Image", "RevocationList", "VerificationObject", "HostedBadge", "hosted", "SignedBadge", "signed", "FrameValidation",
     "TypeValidation", "email", "url", "telephone", "id"]
)
_IRI: Final = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.\-]*:|_:)[^\s<>\"{}|\\^`]+\Z")
_WEB: Final = re.compile(r"https?://[^\s/?#<>\"]+(?:[/?#][^\s<>\"]*)?\Z", re.IGNORECASE)
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*\Z")
_ZONED: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)\Z", re.IGNORECASE)
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?\Z", re.IGNORECASE)
_EXT: Final = re.compile(r"ext:[A-Za-z0-9._|\-]+\Z")
_DID: Final = re.compile(r"did:([a-z0-9]+):\S+\Z")
_METHODS: Final = frozenset(["key", "web", "jwk", "ion", "ebsi", "pkh", "ethr", "peer", "webvh", "cheqd"])
_OF_ENDORSEMENT: Final = re.compile(r"/endorsement/\d+/(?:id|name)\Z")
_BASE58: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

_SECOND_CONTEXT: Final = "https://w3id.org/openbadges/v2"
_THIRD_CONTEXT: Final = re.compile(r"https://purl\.imsglobal\.org/spec/ob/v3p0/context(?:-3\.0(?:\.\d+)?)?\.json\Z")
_CREDENTIALS: Final = "https://www.w3.org/ns/credentials/v2"
_OLD_CREDENTIALS: Final = "https://www.w3.org/2018/credentials/v1"


def check(document: dict[str, Any], form: str, kind: str, now: datetime) -> list[Problem]:
    """What is wrong with an object of that format and kind."""
    if form == "unknown" or kind == "unknown":
        types = ", ".join(texts(document.get("type")))[:200]
        shown = Problem(ERROR, "/type", "unknown_kind", types or "none") if form != "unknown" or types else Problem(ERROR, "", "no_badge")
        return [shown]
    if form in ("alignments", "badgr") or kind in ("other", "alignment"):
        return []
    if form == "1.x":
        return [Problem(NOTE, "", "old_format")]
    if form == "2.0" and document.get("revoked") is True:
        # Of what was revoked, nothing but that is left at its address.
        return [Problem(ERROR, "/revoked", "revoked")]
    checker = _Checker(THIRD if form == "3.0" else SECOND, strict=form == "3.0")
    problems = checker.problems
    if form == "3.0":
        _third_context(document, kind, problems)
    else:
        _second_context(document, kind, problems)
        _types(document, problems)
        _extensions(document, problems)
    checker.object(document, _SHAPE[kind], "")
    if kind.endswith("credential"):
        _credential(document, problems, now)
        if _OLD_CREDENTIALS in texts(document.get("@context")):
            problems[:] = map(_as_of_old, problems)
    elif kind == "assertion":
        _validity(document, "issuedOn", "expires", problems, now)
        if isinstance(document.get("badge"), str):
            problems.append(Problem(NOTE, "/badge", "elsewhere"))
    return problems


class _Checker:
    """Walks along the shapes of one standard. `strict`: it wants lists where it says lists."""

    def __init__(self, shapes: dict[str, Shape], *, strict: bool) -> None:
        self.shapes, self.strict = shapes, strict
        self.problems: list[Problem] = []

    def tell(self, severity: str, pointer: str, key: str, about: str = "") -> None:
        self.problems.append(Problem(severity, pointer, key, about))

    def object(self, value: Any, name: str, pointer: str) -> None:
        if not isinstance(value, dict):
            self.tell(ERROR, pointer, "not_object")
            return
        shape = self.shapes[name]
        if shape.types:
            self.type(value.get("type"), shape, pointer)
        for key, mark in shape.fields.items():
            field, place = parse(mark), f"{pointer}/{escaped(key)}"
            if value.get(key) is None:
                if field.needed or (field.wanted and not self.strict):
                    self.tell(ERROR if field.needed else WARNING, place, "missing" if field.needed else "recommended")
                continue
            self.field(value[key], field, place)
        if name.endswith("Credential"):
            self.begins(value, pointer)
        if shape.closed:
            for key in value.keys() - shape.fields.keys() - {"type"}:
                self.tell(ERROR, f"{pointer}/{escaped(key)}", "unknown_field")

    def begins(self, value: dict[str, Any], pointer: str) -> None:
        """A credential says from when on it holds: under another name in the model 1.1."""
        known = ("validFrom", "issuanceDate") if _OLD_CREDENTIALS in texts(value.get("@context")) else ("validFrom",)
        if all(value.get(key) is None for key in known):
            self.tell(ERROR, f"{pointer}/{known[-1]}", "missing")

    def type(self, value: Any, shape: Shape, pointer: str) -> None:
        found, wanted = texts(value), " / ".join(shape.types)
        if not found:
            self.tell(ERROR, f"{pointer}/type", "missing" if value is None else "wrong_type", wanted)
        elif not set(found) & set(shape.types):
            self.tell(ERROR, f"{pointer}/type", "wrong_type", wanted)
        elif self.strict and shape.list_type and not isinstance(value, list):
            self.tell(WARNING, f"{pointer}/type", "single_value")

    def field(self, value: Any, field: Field, pointer: str) -> None:
        if isinstance(value, list):
            if not field.many and self.strict and field.form != "text":
                value = value[:1] if len(value) == 1 else value
            for number, each in enumerate(value):
                self.one(each, field, f"{pointer}/{number}")
            return
        if field.many and self.strict:
            self.tell(WARNING, pointer, "single_value")
        self.one(value, field, pointer)

    def one(self, value: Any, field: Field, pointer: str) -> None:
        form = field.form
        if form in self.shapes:
            if field.or_address and isinstance(value, str):
                form = "iri"
            else:
                self.object(value, form, pointer)
                return
        if form == "any":
            return
        if form == "number":
            if isinstance(value, bool) or not isinstance(value, int | float):
                self.tell(ERROR, pointer, "not_number")
        elif form == "bool":
            if not isinstance(value, bool):
                self.tell(ERROR, pointer, "not_true_or_false")
        elif not isinstance(value, str):
            self.tell(ERROR, pointer, "not_text")
        elif not value.strip():
            self.tell(ERROR if field.needed else WARNING, pointer, "empty")
        else:
            self.text(value, form, pointer)

    def text(self, value: str, form: str, pointer: str) -> None:
        if form.startswith("="):
            words = WORDS[form[1:]]
            if value not in words and not _EXT.match(value):
                self.tell(ERROR, pointer, "not_of", ", ".join(sorted(words)))
        elif (form == "iri" and not _IRI.match(value)) or (form == "web" and not _WEB.match(value)):
            self.tell(ERROR, pointer, "not_address")
        elif form == "language" and not _LANGUAGE.match(value):
            self.tell(ERROR, pointer, "not_language")
        elif (form == "zoned" and (not _ZONED.match(value) or moment(value) is None)) or (
            form == "date" and (not _DATE.match(value) or moment(value) is None)
        ):
            self.tell(ERROR, pointer, "not_date")


def _second_context(document: dict[str, Any], kind: str, problems: list[Problem]) -> None:
    found = listed(document.get("@context"))
    if not found and kind == "criteria":
        return
    inline = any(isinstance(each, dict) and any("w3id.org/openbadges" in str(value) for value in each.values()) for each in found)
    if not found:
        problems.append(Problem(ERROR, "/@context", "missing"))
    elif not inline and not any(text(each).rstrip("/") in (_SECOND_CONTEXT, _SECOND_CONTEXT.replace("s:", ":", 1)) for each in found):
        problems.append(Problem(ERROR, "/@context", "context", _SECOND_CONTEXT))
    if kind == "issuer" and text(document.get("id")) and not _WEB.match(text(document["id"])):
        problems.append(Problem(WARNING, "/id", "not_web"))


def _types(document: dict[str, Any], problems: list[Problem]) -> None:
    for each in texts(document.get("type")):
        if each not in _CLASSES and ":" not in each:
            problems.append(Problem(ERROR, "/type", "unknown_type", each[:100]))


def _extensions(document: dict[str, Any], problems: list[Problem]) -> None:
    for key, value in document.items():
        if not key.startswith("extensions:"):
            continue
        for each in listed(value):
            if not isinstance(each, dict) or "@context" not in each or "Extension" not in texts(each.get("type")):
                problems.append(Problem(ERROR, f"/{escaped(key)}", "extension"))
                break


def _third_context(document: dict[str, Any], kind: str, problems: list[Problem]) -> None:
    value = document.get("@context")
    found, credential = listed(value), kind.endswith("credential")
    if value is None:
        # Parts of a credential are often copied without what stands at its head; of a whole one its shape says what is missing.
        problems += [] if credential else [Problem(WARNING, "/@context", "missing")]
        return
    first = text(found[0]) if found else ""
    if credential and first not in (_CREDENTIALS, _OLD_CREDENTIALS):
        problems.append(Problem(ERROR, "/@context", "context", f"{_CREDENTIALS} (first)"))
    if first == _OLD_CREDENTIALS:
        problems.append(Problem(WARNING, "/@context/0", "old_context"))
    if not any(_THIRD_CONTEXT.match(text(each)) for each in found) and not any(isinstance(each, dict) for each in found):
        problems.append(Problem(ERROR, "/@context", "context", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"))


def _credential(document: dict[str, Any], problems: list[Problem], now: datetime) -> None:
    if "VerifiableCredential" not in texts(document.get("type")):
        problems.append(Problem(ERROR, "/type", "wrong_type", "VerifiableCredential"))
    old = _OLD_CREDENTIALS in texts(document.get("@context"))
    start, end = ("issuanceDate", "expirationDate") if old else ("validFrom", "validUntil")
    if old and "validFrom" in document:
        start = "validFrom"
    _validity(document, start, end, problems, now)
    problems.append(Problem(NOTE, "/proof", "signature_unchecked" if "proof" in document else "no_proof"))
    if document.get("credentialStatus") is not None:
        problems.append(Problem(NOTE, "/credentialStatus", "status_unchecked"))
    whole = isinstance(document.get("proof"), list)
    for number, proof in enumerate(listed(document.get("proof"))):
        if isinstance(proof, dict):
            _proof(proof, f"/proof/{number}" if whole else "/proof", problems)


def _as_of_old(problem: Problem) -> Problem:
    # Up to 3.0.1 an endorsement within needed neither id nor name, and identifiers had other words.
    lax = problem.key == "not_of" or (problem.key == "missing" and _OF_ENDORSEMENT.search(problem.pointer))
    return Problem(WARNING, problem.pointer, problem.key, problem.about) if lax else problem


def _proof(proof: dict[str, Any], pointer: str, problems: list[Problem]) -> None:
    edwards = text(proof.get("type")) == "Ed25519Signature2020" or text(proof.get("cryptosuite")).startswith("eddsa-")
    method, value = text(proof.get("verificationMethod")), text(proof.get("proofValue"))
    wrong = _method(method, edwards=edwards) if method else ""
    if wrong:
        problems.append(Problem(ERROR, f"{pointer}/verificationMethod", wrong))
    if edwards and value and not _multibase(value, 64):
        problems.append(Problem(ERROR, f"{pointer}/proofValue", "proof_form"))


def _method(method: str, *, edwards: bool) -> str:
    """What is wrong with the address of a key, "" for nothing."""
    did = _DID.match(method)
    if did is None and not _WEB.match(method):
        return "method"
    if did is not None and did[1] not in _METHODS:
        return "method_unknown"
    key = method.rpartition("#")[2] if "#" in method else method.rpartition(":")[2]
    return "key_form" if edwards and key.startswith("z6Mk") and not _multibase(key, 34).startswith(b"\xed\x01") else ""


def _multibase(value: str, size: int) -> bytes:
    """The bytes of a base58 text after its z, if there are just so many; else none."""
    digits = value[1:]
    if not value.startswith("z") or len(digits) > 2 * size or not set(digits) <= set(_BASE58):
        return b""
    number = 0
    for sign in digits:
        number = number * 58 + _BASE58.index(sign)
    # Each 1 at the beginning is a byte of zeros.
    zeros = len(digits) - len(digits.lstrip("1"))
    made = bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")
    return made if len(made) == size else b""


def _validity(document: dict[str, Any], start: str, end: str, problems: list[Problem], now: datetime) -> None:
    begins, ends = moment(text(document.get(start))), moment(text(document.get(end)))
    if begins is not None and ends is not None and ends < begins:
        problems.append(Problem(ERROR, f"/{end}", "ends_before"))
    elif ends is not None and ends < now:
        problems.append(Problem(ERROR, f"/{end}", "expired"))
    if begins is not None and begins > now:
        problems.append(Problem(ERROR, f"/{start}", "not_yet"))


def moment(value: str) -> datetime | None:
    """A date, or date and time, as a moment (UTC where it names no zone); None for what is none."""
    try:
        found = datetime.fromisoformat(value.upper().replace("Z", "+00:00"))
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
