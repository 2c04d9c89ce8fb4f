"""Badge documents of others as one typed record: Open Badges 2.0, 3.0, older ones, what Badgr's API gives, and bare alignments.

`read` never fails on what others wrote: what is wrong is told in `problems`, each with a JSON pointer. Values of the document are repeated in problems
only where they cannot be a person's: names of types and contexts, never recipients.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from wikic.domain.open_badges_messages import MESSAGES

ERROR: Final = "error"
WARNING: Final = "warning"
NOTE: Final = "note"
SEVERITIES: Final = (ERROR, WARNING, NOTE)

DEEPEST: Final = 60
"""How deep the objects and lists of a document may be within each other."""

PLURAL: Final = "alignments"
EXTENSION: Final = "extensions:CompetencyExtension"
ALIGNMENT_KEYS: Final = ("alignment", PLURAL, EXTENSION)
"""Where alignments are found: as the standards say, as Badgr's API does, and as Open Educational Badges keeps ESCO."""
_EXTENSION_URLS: Final = ("framework_identifier", "escoID")
URL_KEYS: Final = ("targetUrl", "target_url", "framework_identifier", "url", "escoID")
NAME_KEYS: Final = ("targetName", "target_name", "name")
CODE_KEYS: Final = ("targetCode", "target_code")
FRAMEWORK_KEYS: Final = ("targetFramework", "target_framework", "framework")
DESCRIPTION_KEYS: Final = ("targetDescription", "target_description", "description")

_NEEDLESS_IN_POINTERS: Final = str.maketrans({"~": "~0", "/": "~1"})


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong or remarkable. `pointer`: RFC 6901, of the value, or of the place where it is missing; `key`: of MESSAGES; `about`: what it fills in."""

    severity: str
    pointer: str
    key: str
    about: str = ""

    @property
    def field(self) -> str:
        """The name of the field: the last one of the pointer that is no number."""
        names = [part for part in self.pointer.split("/") if part and not part.isdecimal()]
        return names[-1].replace("~1", "/").replace("~0", "~") if names else ""

    @property
    def message(self) -> str:
        """In English."""
        return MESSAGES[self.key].format(about=self.about, field=self.field)


@dataclass(frozen=True, slots=True)
class Alignment:
    """One alignment as it was written. `keys`: the names that the document has for `url`, `name`, `code`, `framework`; `bare`: it is a text alone;
    `extension`: it is of Open Educational Badges, which has names of its own, and may give two addresses: `further` is the second."""

    pointer: str
    url: str = ""
    name: str = ""
    code: str = ""
    framework: str = ""
    type: str = ""
    keys: Mapping[str, str] = field(default_factory=dict)
    bare: bool = False
    description: str = ""
    extension: bool = False
    further: bool = False


@dataclass(slots=True)
class BadgeDocument:
    """A badge document. `format`: 2.0, 3.0, 1.x, badgr, alignments or unknown; `kind`: badge_class, achievement, assertion, achievement_credential,
    endorsement, endorsement_credential, issuer, profile, criteria, alignment, key, revocation_list, other or unknown; `lang`: its language, "" if it does
    not say; `elsewhere`: where the badge is that an assertion awards, if it is not within; `signed`: whether it bears a proof."""

    format: str
    kind: str
    id: str = ""
    name: str = ""
    description: str = ""
    criteria: str = ""
    image: str = ""
    issuer: str = ""
    lang: str = ""
    version: str = ""
    tags: list[str] = field(default_factory=list)
    alignments: list[Alignment] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    elsewhere: str = ""
    signed: bool = False

    @property
    def accepted(self) -> bool:
        """Whether nothing in it is an error."""
        return all(problem.severity != ERROR for problem in self.problems)


def read(document: Any, *, now: datetime | None = None) -> BadgeDocument:
    """The record of a parsed document; `now`: when it is judged, for what has expired. `document` is an object, or a list of alignments."""
    from wikic.domain.open_badges_checks import check

    now = now or datetime.now(UTC)
    if too_deep(document):
        return BadgeDocument("unknown", "unknown", problems=[Problem(ERROR, "", "too_deep", str(DEEPEST))])
    if isinstance(document, list):
        found = BadgeDocument("alignments", "alignment")
        found.alignments = list(_listed(document, ""))
        if not found.alignments:
            found.problems.append(Problem(ERROR, "", "no_badge"))
        found.problems += [Problem(ERROR, place, "no_alignment") for place, each in _entries(document, "") if not isinstance(each, dict | str)]
        return found
    if not isinstance(document, dict):
        return BadgeDocument("unknown", "unknown", problems=[Problem(ERROR, "", "no_badge")])
    form, kind = recognise(document)
    found = _record(document, form, kind)
    found.problems = check(document, form, kind, now)
    told = {problem.pointer for problem in found.problems}
    for at, holder, key in alignment_lists(document):
        for place, each in _entries(holder[key], f"{at}/{escaped(key)}"):
            if not isinstance(each, dict | str) and place not in told:
                found.problems.append(Problem(ERROR, place, "no_alignment"))
    return found


def recognise(document: Mapping[str, Any]) -> tuple[str, str]:
    """Format and kind of an object; ("unknown", "unknown") for what is none that is known."""
    types = texts(document.get("type", document.get("@type")))
    contexts = " ".join(map(str, listed(document.get("@context"))))
    if "entityType" in document and "entityId" in document:
        return "badgr", {"Assertion": "assertion", "Issuer": "issuer"}.get(str(document["entityType"]), "badge_class")
    third = "/ob/v3p0/" in contexts or "credentials/v" in contexts
    if "EndorsementCredential" in types:
        return "3.0", "endorsement_credential"
    if {"VerifiableCredential", "OpenBadgeCredential", "AchievementCredential"} & set(types) or "credentialSubject" in document:
        return "3.0", "achievement_credential"
    if "Achievement" in types:
        return "3.0", "achievement"
    if third and "Profile" in types:
        return "3.0", "profile"
    for name, kind in _SECOND.items():
        if name in types:
            return "2.0", kind
    if ("targetUrl" in document or "targetName" in document) and set(types) <= {"AlignmentObject", "Alignment"}:
        return "alignments", "alignment"
    if third:
        return "3.0", "unknown"
    if "openbadges" in contexts:
        return "2.0", "criteria" if not types and "narrative" in document else "other" if types and all(":" in each for each in types) else "unknown"
    if types:
        return "unknown", "unknown"
    if "recipient" in document and "badge" in document:
        return "1.x", "assertion"
    if "criteria" in document and ("issuer" in document or "name" in document):
        return "1.x", "badge_class"
    if document.keys() <= {"id", "narrative"} and "narrative" in document:
        return "2.0", "criteria"
    if any(key in document for key in (*ALIGNMENT_KEYS, *URL_KEYS[:3])):
        return "alignments", "alignment"
    return "unknown", "unknown"


_SECOND: Final = {
    "Assertion": "assertion",
    "BadgeClass": "badge_class",
    "Endorsement": "endorsement",
    "Issuer": "issuer",
    "Profile": "issuer",
    "CryptographicKey": "key",
    "RevocationList": "revocation_list",
    "AlignmentObject": "alignment",
    "Criteria": "criteria",
}


def _record(document: dict[str, Any], form: str, kind: str) -> BadgeDocument:
    badge, elsewhere = document, ""
    if kind == "assertion":
        badge, elsewhere = _within(document, "badge")
    elif kind == "achievement_credential":
        subject = next((each for each in listed(document.get("credentialSubject")) if isinstance(each, dict)), {})
        badge, elsewhere = _within(subject, "achievement")
    criteria, issuer, image = badge.get("criteria"), badge.get("issuer", badge.get("creator")), badge.get("image")
    if isinstance(criteria, dict):
        criteria = criteria.get("narrative") or criteria.get("id")
    found = BadgeDocument(
        form,
        kind,
        id=text(document.get("id", document.get("@id"))),
        name=text(badge.get("name")),
        description=text(badge.get("description")),
        criteria=text(criteria),
        image=text(image.get("id") if isinstance(image, dict) else image),
        issuer=text((issuer.get("id") or issuer.get("name")) if isinstance(issuer, dict) else issuer),
        lang=text(badge.get("inLanguage") or badge.get("@language") or document.get("@language")),
        version=text(badge.get("version")),
        tags=texts(badge.get("tag", badge.get("tags"))),
        elsewhere=elsewhere,
        signed="proof" in document,
    )
    found.alignments = list(alignments_of(document))
    if not found.alignments and kind == "alignment":
        found.alignments = [_alignment(document, "")]
    return found


def _within(document: Mapping[str, Any], name: str) -> tuple[dict[str, Any], str]:
    value = document.get(name)
    value = value[0] if isinstance(value, list) and value else value
    return (value, "") if isinstance(value, dict) else ({}, text(value))


def alignments_of(document: Any) -> Iterator[Alignment]:
    """Every alignment of a document, wherever it stands, in the order of the document."""
    for at, holder, key in alignment_lists(document):
        place = f"{at}/{escaped(key)}"
        if key == EXTENSION:
            for inner, each in _entries(holder[key], place):
                if isinstance(each, dict):
                    yield from _of_extension(each, inner)
        else:
            yield from _listed(holder[key], place)


def alignment_lists(document: Any) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Every place where alignments are kept: the pointer of the object that keeps them, it, and under which name; in the order of the document."""
    stack: list[tuple[str, Any]] = [("", document)]
    while stack:
        pointer, value = stack.pop()
        inner: list[tuple[str, Any]] = []
        if isinstance(value, dict):
            for key, each in value.items():
                if key == "@context":
                    continue
                if key in ALIGNMENT_KEYS:
                    yield pointer, value, key
                elif isinstance(each, dict | list):
                    inner.append((f"{pointer}/{escaped(key)}", each))
        elif isinstance(value, list):
            inner = [(f"{pointer}/{number}", each) for number, each in enumerate(value) if isinstance(each, dict | list)]
        stack.extend(reversed(inner))


def _entries(value: Any, pointer: str) -> Iterator[tuple[str, Any]]:
    """What is in a list, or the value itself; each with its pointer."""
    if isinstance(value, list):
        yield from ((f"{pointer}/{number}", each) for number, each in enumerate(value))
    elif value is not None:
        yield pointer, value


def _listed(value: Any, pointer: str) -> Iterator[Alignment]:
    return (_alignment(each, place) for place, each in _entries(value, pointer) if isinstance(each, dict | str))


def _of_extension(value: dict[str, Any], pointer: str) -> Iterator[Alignment]:
    """One for each address, since either may be wrong."""
    urls = [key for key in _EXTENSION_URLS if text(value.get(key)).strip()] or [key for key in _EXTENSION_URLS if key in value][:1]
    named = {"name": "name"} if "name" in value else {}
    for number, key in enumerate(urls or [""]):
        yield Alignment(
            pointer, text(value.get(key)), text(value.get("name")), framework=text(value.get("framework")), keys=named | ({"url": key} if key else {}),
            description=text(value.get("description")), extension=True, further=number > 0,
        )  # fmt: skip


def _alignment(value: dict[str, Any] | str, pointer: str) -> Alignment:
    if isinstance(value, str):
        return Alignment(pointer, url=value, bare=True)
    keys = {}
    for name, known in (("url", URL_KEYS), ("name", NAME_KEYS), ("code", CODE_KEYS), ("framework", FRAMEWORK_KEYS)):
        key = next((key for key in known if key in value), None)
        if key is not None:
            keys[name] = key
    url, name, code, framework = (text(value.get(keys.get(part, ""))) for part in ("url", "name", "code", "framework"))
    description = next((text(value[key]) for key in DESCRIPTION_KEYS if key in value), "")
    return Alignment(pointer, url, name, code, framework, text(value.get("targetType")), keys, description=description)


def text(value: Any) -> str:
    """A text, "" for anything else."""
    return value if isinstance(value, str) else ""


def listed(value: Any) -> list[Any]:
    """A value that may be one or a list, as a list; empty for null."""
    return value if isinstance(value, list) else [] if value is None else [value]


def texts(value: Any) -> list[str]:
    """The texts among what may be one or a list."""
    return [each for each in listed(value) if isinstance(each, str)]


def escaped(key: str) -> str:
    """A name as a part of a JSON pointer."""
    return key.translate(_NEEDLESS_IN_POINTERS)


def too_deep(document: Any) -> bool:
    """Whether objects and lists are deeper within each other than DEEPEST."""
    level = [document]
    for _ in range(DEEPEST):
        level = [
            inner
            for value in level
            for inner in (value.values() if isinstance(value, dict) else value if isinstance(value, list) else ())
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True
