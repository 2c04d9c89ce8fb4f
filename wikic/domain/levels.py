"""Ordered scales of levels, what a network asks for at each level of a competency, and both as a result description of Open Badges 3.0. Pure.

A scale is named once for all; criteria belong to a network, a concept and a scale. Texts are in French, in English, or in both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Self, get_args

from wikic.domain.badges import PRACTICE, Level, parse_level
from wikic.domain.texts import check_text
from wikic.errors import Conflict, InvalidInput

LANGUAGES: Final = ("fr", "en")
"""The languages in which scales and criteria are written."""
MOST_LEVELS: Final = 20
LONGEST_NAME: Final = 120
LONGEST_DESCRIPTION: Final = 2_000
LONGEST_CRITERIA: Final = 5_000

ProposalState = Literal["open", "accepted", "rejected", "withdrawn"]
PROPOSAL_STATES: Final[tuple[str, ...]] = get_args(ProposalState)
OPEN: Final = "open"

Texts = Mapping[str, str]
"""By language."""
LevelTexts = Mapping[int, Texts]
"""By level, then by language."""


@dataclass(frozen=True, slots=True)
class ScaleLevel:
    """A level: its names and what it means, by language."""

    name: Texts
    description: Texts = field(default_factory=dict)

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """From a document, or from what was sent."""
        return cls(dict(values.get("name") or {}), dict(values.get("description") or {}))

    def packed(self) -> dict[str, Any]:
        """As documents and bodies keep it."""
        return {"name": dict(self.name), "description": dict(self.description)}


@dataclass(frozen=True, slots=True)
class Scale:
    """An ordered scale: `levels` from the lowest, whose number is 1. `owner`: the network whose moderators made it, "" for an admin's. `number`: how often
    it was written; `used`: something is at one of its levels, or says what they ask for. `version` is for `If-Match`."""

    id: str
    name: Texts
    levels: tuple[ScaleLevel, ...]
    owner: str = ""
    number: int = 1
    used: bool = False
    made_by: str = ""
    created: str = ""
    changed: str = ""
    version: int = 1

    @property
    def built_in(self) -> bool:
        """Whether it is part of the program."""
        return self.id == PRACTICE

    def level(self, number: int) -> ScaleLevel | None:
        """The level of a number."""
        return self.levels[number - 1] if 1 <= number <= len(self.levels) else None


PRACTICE_SCALE: Final = Scale(
    PRACTICE,
    {"fr": "Pratique", "en": "Practice"},
    (
        ScaleLevel({"fr": "Je fais", "en": "I do"}, {"fr": "Je sais le faire, seul.", "en": "I do it on my own."}),
        ScaleLevel({"fr": "Je transmets", "en": "I pass on"}, {"fr": "J'apprends à d'autres à le faire.", "en": "I teach others to do it."}),
        ScaleLevel(
            {"fr": "Je pilote", "en": "I lead"},
            {"fr": "J'organise et je réponds de ce que d'autres font.", "en": "I organise what others do, and answer for it."},
        ),
    ),
    used=True,
)
"""The scale that is always there."""


@dataclass(frozen=True, slots=True)
class Criteria:
    """What a network asks for at each level of a competency: `levels` by number, then by language; a level it says nothing of is not in it. `number`: which
    version of it this is; each stays readable."""

    id: str
    network: str
    concept: str
    scale: str
    levels: LevelTexts
    number: int
    changed: str
    by: str
    proposal: str = ""

    def says(self, number: int) -> bool:
        """Whether it says something of a level."""
        return bool(self.levels.get(number))


@dataclass(frozen=True, slots=True)
class Said:
    """A remark on a proposal."""

    by: str
    name: str
    time: str
    text: str


@dataclass(frozen=True, slots=True)
class CriteriaProposal:
    """That a network's criteria say something else. `before`: what held when it was made, as of version `base` (0 for none). `amended`: what the decider put
    in its place."""

    id: str
    network: str
    concept: str
    scale: str
    levels: LevelTexts
    before: LevelTexts
    base: int
    author: str
    author_name: str
    created: str
    changed: str
    state: str
    version: int
    note: str = ""
    decided_by: str = ""
    decided_name: str = ""
    decided_at: str = ""
    reason: str = ""
    amended: LevelTexts | None = None
    comments: tuple[Said, ...] = ()

    @property
    def criteria(self) -> tuple[str, str, str]:
        """Which criteria it is about."""
        return self.network, self.concept, self.scale


@dataclass(frozen=True, slots=True)
class Graded:
    """A level that a badge class attests: `key`, unique in its documents; the words of `criteria`, where a network wrote any for the competency `name`."""

    key: str
    scale: Scale
    number: int
    criteria: Criteria | None = None
    name: str = ""

    def described(self, address: str, *, base: str, lang: str) -> dict[str, Any]:
        """As a `ResultDescription` of Open Badges 3.0; `address`: the document's own."""
        return result_description(
            self.scale, identifier=f"{address}#{self.key}", base=base, lang=lang, required=self.number, criteria=self.criteria, name=self.name
        )


def clean_texts(what: str, texts: Mapping[str, str], longest: int, *, line: bool = False) -> dict[str, str]:
    """Texts by language, without those that are empty. Raises InvalidInput."""
    unknown = sorted(set(texts) - set(LANGUAGES))
    if unknown:
        raise InvalidInput(f"{what}: {unknown[0][:40]!r} is none of its languages, {' and '.join(LANGUAGES)}", reason="choice", choice=unknown[0][:40])
    found = {lang: check_text(what, texts[lang], longest) for lang in LANGUAGES if texts.get(lang)}
    if line:
        found = {lang: " ".join(text.split()) for lang, text in found.items()}
    return {lang: text for lang, text in found.items() if text}


def clean_key(key: str) -> str:
    """The id of a new scale. Raises InvalidInput."""
    try:
        level = parse_level(f"{key.strip()}:1")
    except InvalidInput:
        level = None
    if level is None or level.scale == "new":
        raise InvalidInput(
            f"{key[:60]!r} cannot name a scale: lower-case letters, digits and hyphens, 60 at most, such as mastery", reason="scale-key", key=key[:60]
        )
    return level.scale


def clean_scale(name: Mapping[str, str], levels: Sequence[ScaleLevel]) -> tuple[dict[str, str], tuple[ScaleLevel, ...]]:
    """The name and the levels of a scale in one form. Raises InvalidInput."""
    if not 2 <= len(levels) <= MOST_LEVELS:
        raise InvalidInput(f"a scale has 2 to {MOST_LEVELS} levels, from the lowest", reason="scale-levels", most=MOST_LEVELS)
    cleaned = tuple(
        ScaleLevel(clean_texts("name", each.name, LONGEST_NAME, line=True), clean_texts("description", each.description, LONGEST_DESCRIPTION))
        for each in levels
    )
    named = clean_texts("name", name, LONGEST_NAME, line=True)
    if not named or not all(each.name for each in cleaned):
        raise InvalidInput("a scale and each of its levels have a name, in French or in English", reason="scale-names")
    return named, cleaned


def require_extension(old: Scale, name: Mapping[str, str], levels: Sequence[ScaleLevel]) -> None:
    """Raise Conflict unless this adds to the scale only: levels above the highest, names and descriptions in a language that had none."""
    texts = [(old.name, name)]
    for before, after in zip(old.levels, levels, strict=False):
        texts += [(before.name, after.name), (before.description, after.description)]
    kept = all(new.get(lang) == text for known, new in texts for lang, text in known.items())
    if len(levels) < len(old.levels) or not kept:
        raise Conflict(
            f"the scale {old.id} is in use: levels can be added above the highest, and texts in a language that has none; nothing else can be changed",
            reason="scale-used", scale=old.id,
        )  # fmt: skip


def clean_levels(scale: Scale, levels: Mapping[int, Mapping[str, str]]) -> dict[int, dict[str, str]]:
    """What criteria say of each level, in one form. Raises InvalidInput."""
    unknown = sorted(number for number in levels if scale.level(number) is None)
    if unknown:
        raise InvalidInput(
            f"the scale {scale.id} has the levels 1 to {len(scale.levels)}, not {unknown[0]}", reason="level-none", level=f"{scale.id}:{unknown[0]}"
        )
    found = {number: clean_texts("criteria", levels[number], LONGEST_CRITERIA) for number in sorted(levels)}
    found = {number: texts for number, texts in found.items() if texts}
    if not found:
        raise InvalidInput("say for one level at least what is asked for there", reason="criteria-empty")
    return found


def packed_levels(levels: LevelTexts) -> dict[str, dict[str, str]]:
    """As documents and bodies keep it."""
    return {str(number): dict(levels[number]) for number in sorted(levels)}


def levels_of(values: Mapping[str, Mapping[str, str]]) -> dict[int, dict[str, str]]:
    """What criteria say of each level, from a document or from what was sent. Raises InvalidInput."""
    wrong = [name for name in values if not (name.isascii() and name.isdecimal() and len(name) <= 2)]
    if wrong:
        raise InvalidInput(f"{wrong[0][:40]!r} is no level: the levels of a scale are numbered from 1", reason="level-none", level=wrong[0][:40])
    return {int(name): dict(values[name]) for name in sorted(values, key=int)}


def settled(proposed: LevelTexts, before: LevelTexts, present: LevelTexts) -> dict[int, dict[str, str]]:
    """What holds once a proposal is accepted, where criteria may have moved since it was made: each text that it changes is taken, each that it leaves alone
    stays as it is now. Raises Conflict where both changed the same text."""
    made: dict[int, dict[str, str]] = {}
    for number in sorted({*proposed, *before, *present}):
        for lang in LANGUAGES:
            new, old, now = (texts.get(number, {}).get(lang, "") for texts in (proposed, before, present))
            if old not in (new, now) and new != now:
                raise Conflict(
                    f"the criteria of level {number} ({lang}) were changed since this was proposed: read both, then amend, or reject it",
                    reason="criteria-moved", number=number,
                )  # fmt: skip
            chosen = now if new == old else new
            if chosen:
                made.setdefault(number, {})[lang] = chosen
    return made


def in_language(texts: Texts, lang: str) -> tuple[str, str]:
    """A text in a language, else in another one, and the language it is in; two empty ones where there is none."""
    wanted = lang.partition("-")[0].lower()
    for tag in (wanted, *LANGUAGES):
        if texts.get(tag):
            return texts[tag], tag
    return "", ""


def scale_address(base: str, level: Level) -> str:
    """Where a level of a scale is."""
    return f"{base}/scales/{level.scale}/levels/{level.number}"


def criteria_address(base: str, identity: str, number: int) -> str:
    """Where what criteria say of a level is."""
    return f"{base}/criteria/{identity}/levels/{number}"


def rubric_level(scale: Scale, number: int, *, base: str, lang: str, criteria: Criteria | None = None) -> dict[str, Any]:
    """A level as a `RubricCriterionLevel` of Open Badges 3.0: that of criteria where there are any, with their words, else that of the scale."""
    level = scale.levels[number - 1]
    address = criteria_address(base, criteria.id, number) if criteria else scale_address(base, Level(scale.id, number))
    words = criteria.levels.get(number, {}) if criteria else {}
    description = in_language(words or level.description, lang)[0]
    made: dict[str, Any] = {"id": address, "type": ["RubricCriterionLevel"], "level": str(number), "name": in_language(level.name, lang)[0]}
    return made | ({"description": description} if description else {})


def result_description(
    scale: Scale, *, identifier: str, base: str, lang: str, required: int = 0, criteria: Criteria | None = None, name: str = ""
) -> dict[str, Any]:
    """A `ResultDescription` of Open Badges 3.0: the levels of a scale from low to high, in the words of criteria where there are any.

    `identifier`: its own address, unique in the achievement; `base`: the address of the site; `required`: the level that the badge attests (0 for
    none); `name`: what is graded, by default the scale's name."""
    levels = [rubric_level(scale, number, base=base, lang=lang, criteria=criteria) for number in range(1, len(scale.levels) + 1)]
    made: dict[str, Any] = {
        "id": identifier,
        "type": ["ResultDescription"],
        "name": name or in_language(scale.name, lang)[0],
        "resultType": "RubricCriterionLevel",
        "rubricCriterionLevel": levels,
    }
    if scale.level(required) is not None:
        made["requiredLevel"] = levels[required - 1]["id"]
    return made
