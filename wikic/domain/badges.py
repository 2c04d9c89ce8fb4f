"""Badge classes: what an issuer says of an achievement, its versions, and what it still lacks to be complete. Pure.

A badge class is a draft until it is published; each published version is immutable. What is changed afterwards waits beside it, and becomes the
next version when it is published.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from typing import Any, Final, Literal, Self, get_args

from wikic.domain.organisations import check_address
from wikic.domain.texts import check_text
from wikic.errors import InvalidInput

BadgeStatus = Literal["draft", "published", "retired"]
Hosting = Literal["here", "elsewhere"]
HOSTINGS: Final[tuple[str, ...]] = get_args(Hosting)
BadgeFormat = Literal["ob2", "ob3"]
BADGE_FORMATS: Final[tuple[str, ...]] = get_args(BadgeFormat)

ACHIEVEMENT_TYPES: Final = (
    "Achievement", "ApprenticeshipCertificate", "Assessment", "Assignment", "AssociateDegree", "Award", "Badge", "BachelorDegree",
    "Certificate", "CertificateOfCompletion", "Certification", "CommunityService", "Competency", "Course", "CoCurricular", "Degree",
    "Diploma", "DoctoralDegree", "Fieldwork", "GeneralEducationDevelopment", "JourneymanCertificate", "LearningProgram", "License",
    "Membership", "ProfessionalDoctorate", "QualityAssuranceCredential", "MasterCertificate", "MasterDegree", "MicroCredential",
    "ResearchDoctorate", "SecondarySchoolDiploma",
)  # fmt: skip
"""The kinds of achievement that Open Badges 3.0 names; others begin with `ext:`."""

PRACTICE: Final = "practice"
"""The scale that is always there: 1 one does it, 2 one passes it on, 3 one leads it."""
USUAL_VALIDITY: Final = 36
"""Months that are suggested."""
MOST_TAGS: Final = 30
MOST_MONTHS: Final = 600

_SCALE: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")
_LANG: Final = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*\Z")
_EXTENSION: Final = re.compile(r"ext:[A-Za-z0-9._-]+\Z")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}\Z")
_LONGEST: Final = {"name": 200, "description": 5_000, "criteria": 20_000, "human_code": 100, "deviates": 5_000}
_LONGEST_ADDRESS: Final = 2_000


@dataclass(frozen=True, slots=True)
class Level:
    """A level of an ordered scale: the scale's key and the number, 1 being the lowest. Written `practice:2`."""

    scale: str
    number: int

    def __str__(self) -> str:
        return f"{self.scale}:{self.number}"


def parse_level(text: str) -> Level | None:
    """A level as it is written; None for "". Raises InvalidInput."""
    text = text.strip()
    if not text:
        return None
    scale, _, number = text.rpartition(":")
    if not (_SCALE.match(scale) and len(scale) <= 60 and number.isascii() and number.isdecimal() and 1 <= int(number[:3]) <= 99):
        raise InvalidInput(
            f"{text[:60]!r} is no level: the key of a scale, a colon and a number from 1 to 99, such as {PRACTICE}:2", reason="level-form", level=text[:60]
        )
    return Level(scale, int(number))


@dataclass(frozen=True, slots=True)
class BadgeContent:
    """What a version of a badge class says.

    `criteria` is text, `criteria_address` where criteria stand; `image` the digest of a stored image, "" for one that is drawn from the name;
    `validity` in months, None for ever; `review_due` a day (`2027-06-30`) or ""; `hosted` here or elsewhere, and then `address` its own address there
    and `format` what it answers; `level` as `Level` writes it, or ""; `deviates` says where it differs from the criteria its level shares."""

    name: str = ""
    description: str = ""
    criteria: str = ""
    criteria_address: str = ""
    image: str = ""
    tags: tuple[str, ...] = ()
    lang: str = "fr"
    validity: int | None = None
    review_due: str = ""
    achievement_type: str = ""
    human_code: str = ""
    level: str = ""
    deviates: str = ""
    hosted: str = "here"
    address: str = ""
    format: str = ""

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """From a document, or from what was sent; what is not there is empty."""
        known: dict[str, Any] = {each.name: values[each.name] for each in fields(cls) if values.get(each.name) is not None}
        known["tags"] = tuple(known.get("tags") or ())
        return cls(**known)

    def packed(self) -> dict[str, Any]:
        """As documents and bodies keep it."""
        return asdict(self) | {"tags": list(self.tags)}

    def cleaned(self) -> BadgeContent:
        """The same in one form, everything that is given checked. What is missing is no fault yet (see `missing`). Raises InvalidInput."""
        texts: dict[str, Any] = {name: check_text(name, getattr(self, name), longest) for name, longest in _LONGEST.items()}
        texts["name"] = " ".join(texts["name"].split())
        for name in ("criteria_address", "address"):
            texts[name] = check_address(name, getattr(self, name), _LONGEST_ADDRESS)
        if self.image and not _DIGEST.match(self.image):
            raise InvalidInput("`image` is the digest of an image that was sent before, or empty", reason="image-unsent")
        if self.validity is not None and not 1 <= self.validity <= MOST_MONTHS:
            raise InvalidInput(f"validity is 1 to {MOST_MONTHS} months, or nothing for ever", reason="validity", most=MOST_MONTHS)
        return replace(
            self, **texts, lang=check_lang(self.lang), tags=_tags(self.tags), level=str(parse_level(self.level) or ""),
            review_due=check_day(self.review_due), achievement_type=_achievement_type(self.achievement_type),
            hosted=_one_of("hosted", self.hosted, HOSTINGS), format=_one_of("format", self.format, ("", *BADGE_FORMATS)),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class BadgeClass:
    """A badge class as who may see it sees it.

    `content` is what everybody reads: the last published version, or, where none was published yet, the draft. `draft` is what waits to be
    published after that; None for nothing, and for who may not see it. `number` is that of the last published version, 0 for none; `version` grows with
    each change of any kind (`If-Match`)."""

    id: str
    issuer: str
    content: BadgeContent
    status: str
    number: int
    created: str
    changed: str
    made_by: str
    version: int
    draft: BadgeContent | None = None
    published: str = ""
    retired: str = ""

    @property
    def public(self) -> bool:
        """Whether it is there for everybody: it was published once."""
        return self.number > 0

    @property
    def working(self) -> BadgeContent:
        """What those who edit it work on."""
        return self.draft or self.content


@dataclass(frozen=True, slots=True)
class BadgeVersion:
    """A published version: what it said, and what it was bound to, for ever. `why`: published, bound, or whatever made it."""

    badge_class: str
    issuer: str
    number: int
    content: BadgeContent
    bindings: tuple[Mapping[str, Any], ...]
    published: str
    by: str
    why: str = "published"


@dataclass(frozen=True, slots=True)
class Missing:
    """Something a badge class lacks. `required` for publishing; else advice. `standards`: which ones ask for it (`ob2`, `ob3`). `why` and `suggestion` are
    English sentences; `badge.missing.{key}` and `badge.suggest.{key}` name them for pages."""

    field: str
    key: str
    why: str
    suggestion: str
    required: bool = True
    standards: tuple[str, ...] = BADGE_FORMATS


def missing(content: BadgeContent, *, bindings: int, issuer_site: str = "", issuer_email: str = "") -> list[Missing]:
    """What a badge class lacks to be complete by Open Badges 2.0 and 3.0: what is required first, then advice."""
    found = []

    def lacks(key: str, field_: str = "", *, required: bool = True, standards: tuple[str, ...] = BADGE_FORMATS) -> None:
        why, suggestion = WORDS[key]
        found.append(Missing(field_ or key, key, why, suggestion, required, standards))

    if not content.name:
        lacks("name")
    if not content.description:
        lacks("description")
    if not (content.criteria or content.criteria_address):
        lacks("criteria")
    if content.hosted == "elsewhere" and not content.address:
        lacks("address")
    if not bindings:
        lacks("bindings", required=False, standards=())
    if not content.achievement_type:
        lacks("achievement_type", required=False, standards=("ob3",))
    if content.validity is None and not content.review_due:
        lacks("review_due", required=False, standards=())
    if not issuer_site:
        lacks("issuer_site", "issuer", required=False, standards=("ob2",))
    if not issuer_email:
        lacks("issuer_email", "issuer", required=False, standards=("ob2",))
    return found


WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "name": ("It has no name.", "Name what its holder can do: the label of a competency is a good start."),
    "description": ("It has no description.", "Say in one or two sentences what it attests; the definition of the competency helps."),
    "criteria": (
        "It does not say what one has to do to earn it.",
        "Write the criteria, or give the address where they stand; the competency's definition is a good start.",
    ),
    "address": ("It is hosted elsewhere, and its address there is not known.", "Give the address under which its issuer publishes it."),
    "bindings": ("It is bound to no competency.", "Bind it to the competencies that it attests, so that others find and understand it."),
    "achievement_type": ("It does not say what kind of achievement it is.", "Most badges of competencies are of the type Competency or Badge."),
    "review_due": (
        "It is valid for ever, and nobody is reminded to review it.",
        f"Give it a validity, {USUAL_VALIDITY} months for instance, or a day of review.",
    ),
    "issuer_site": ("Its issuer has no site in its profile.", "Add the site to the issuer's profile: Open Badges 2.0 asks for it."),
    "issuer_email": ("Its issuer has no address of contact in its profile.", "Add an e-mail address to the issuer's profile: Open Badges 2.0 asks for it."),
}
"""By key: why it matters, and what to do."""


def check_lang(text: str) -> str:
    """A language tag, in its usual letters. Raises InvalidInput."""
    tag = text.strip()
    if not _LANG.match(tag) or len(tag) > 35:
        raise InvalidInput(f"{text[:40]!r} is no language: a tag such as fr or en", reason="language-tag", tag=text[:40])
    return usual_tag(tag)


def usual_tag(tag: str) -> str:
    """A language tag in its usual letters: FR and fr are one language, and so are fr-ca and fr-CA."""
    primary, *rest = tag.split("-")
    return "-".join((primary.lower(), *(part.title() if len(part) == 4 else part.upper() for part in rest)))


def _tags(values: tuple[str, ...]) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(" ".join(check_text("tag", value, 80).split()) for value in values))
    found = tuple(tag for tag in found if tag)
    if len(found) > MOST_TAGS:
        raise InvalidInput(f"a badge class has at most {MOST_TAGS} tags", reason="tags-many", most=MOST_TAGS)
    return found


def check_day(text: str) -> str:
    """A day; "" for none. Raises InvalidInput."""
    text = text.strip()
    try:
        return date.fromisoformat(text).isoformat() if text else ""
    except ValueError:
        raise InvalidInput(f"{text[:40]!r} is no day: write it as 2027-06-30", reason="day", day=text[:40]) from None


def _achievement_type(text: str) -> str:
    text = text.strip()
    if text and text not in ACHIEVEMENT_TYPES and not (_EXTENSION.match(text) and len(text) <= 100):
        raise InvalidInput(
            f"{text[:60]!r} is no type of achievement: one of {', '.join(ACHIEVEMENT_TYPES)}, or ext:NAME", reason="achievement-type", kind=text[:60]
        )
    return text


def _one_of(name: str, value: str, known: tuple[str, ...]) -> str:
    if value not in known:
        raise InvalidInput(f"{name} is one of {', '.join(filter(None, known))}, not {value[:40]!r}", reason="choice", choice=value[:40])
    return value
