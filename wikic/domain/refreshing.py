"""What a new release does to badge classes: for each competency that one attests, how badly it is touched and what to do. Pure.

It is made of the delta of two releases (`domain.delta`), seen from a badge class: a name or a definition counts in the language that the badge class
speaks; a concept that ended counts by what stands for it in the end. The rules (docs/refresh.md):

retire: it ended and nothing replaced it, or it is no competency any more.
choose: several concepts stand for it now.
realign: one does.
update: it is the same, but what an alignment says of it (name, description, code, its own address) is not.
nothing: it is the same to whoever reads the badge. Of these, what is minor asks nobody; the rest should be looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal, get_args

from wikic.domain.badges_bindings import BINDABLE
from wikic.domain.concepts import best_tag
from wikic.domain.delta import ENDINGS, SEVERITIES, ConceptDelta, DeltaChange, Severity

Advice = Literal["retire", "choose", "realign", "update", "nothing"]
ADVICES: Final[tuple[str, ...]] = get_args(Advice)
"""What to do, the gravest first."""
LineState = Literal["open", "kept", "updated", "retired"]
LINE_STATES: Final[tuple[str, ...]] = get_args(LineState)
Treatment = Literal["keep", "update", "realign", "retire"]
TREATMENTS: Final[tuple[str, ...]] = get_args(Treatment)
STATE_AFTER: Final[Mapping[str, str]] = {"keep": "kept", "update": "updated", "realign": "updated", "retire": "retired"}

SHOWN: Final = 12
"""Changes that a line keeps, the worst first."""
_LONGEST: Final = 300
_OF_NAME: Final = frozenset({"renamed", "redefined"})
_OF_ALIGNMENT: Final = frozenset({"renamed", "redefined", "recoded", "readdressed"})

Speaks = Callable[[str], bool]
"""Whether a badge class shows a competency in this language."""


def speaking(lang: str, names: Collection[str]) -> Speaks:
    """How a badge class in `lang` shows a concept that has names in these languages: in its own, else in the one that stands in for it."""
    spoken = {tag.partition("-")[0].lower() for tag in (lang, best_tag(names, lang))}
    return lambda other: other.partition("-")[0].lower() in spoken


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a delta means for a badge class that attests one concept. `changes`: the worst first, at most SHOWN, texts cut; `successors`: what stands for
    the concept in the end."""

    severity: str
    advice: str
    changes: tuple[DeltaChange, ...]
    successors: tuple[str, ...] = ()

    @property
    def types(self) -> tuple[str, ...]:
        """The types of its changes, each once."""
        return tuple(dict.fromkeys(change.type for change in self.changes))

    @property
    def asks(self) -> bool:
        """Whether somebody has to look at it."""
        return self.severity != "minor" or self.advice != "nothing"


@dataclass(frozen=True, slots=True)
class Touched:
    """A badge class, and a competency it attests that a release changed: a line before it is opened. `public`: the badge class is there for everybody;
    `name`: that of the badge class."""

    badge_class: str
    issuer: str
    concept: str
    level: str
    public: bool
    name: str
    verdict: Verdict

    @property
    def order(self) -> tuple[int, int, str, str, str, str]:
        """The gravest first, then by issuer, badge class and concept."""
        verdict = self.verdict
        return (SEVERITIES.index(verdict.severity), ADVICES.index(verdict.advice), self.issuer, self.badge_class, self.concept, self.level)


def judged(concept: ConceptDelta, speaks: Speaks, finals: Sequence[str], *, seen: str | None = None) -> Verdict | None:
    """What a concept's delta means for who shows it in the languages that `speaks`; None where nothing matters to an alignment. `finals`: what stands for
    it in the end, if it ended; `seen`: the name a binding has noted, where that is newer than the delta's beginning."""
    found: list[tuple[str, str, DeltaChange]] = []
    ended = any(change.type in ENDINGS for change in concept.changes)
    for change in concept.changes:
        if change.type == "added" or (change.type == "renamed" and seen is not None and change.after == seen):
            continue
        if ended and change.field == "source_status":
            # That it has ended is said already.
            continue
        severity, advice = _weighed(change, speaks, finals)
        found.append((severity, advice, change))
    if not found:
        return None
    found.sort(key=lambda one: (ADVICES.index(one[1]), SEVERITIES.index(one[0])))
    severity = min((one[0] for one in found), key=SEVERITIES.index)
    changes = tuple(_cut(change, weight) for weight, _, change in found[:SHOWN])
    return Verdict(severity, found[0][1], changes, tuple(finals) if ended else ())


def rewrites(change: DeltaChange, speaks: Speaks) -> bool:
    """Whether an alignment says something else because of a change of what it is aligned to."""
    if change.type not in _OF_ALIGNMENT or (change.type in _OF_NAME and not speaks(change.lang)):
        return False
    # A name is copied into alignments letter by letter; of a definition only the meaning matters.
    return change.severity != "minor" or change.type == "renamed"


def _weighed(change: DeltaChange, speaks: Speaks, finals: Sequence[str]) -> tuple[str, str]:
    """How badly one change touches an alignment, and what it asks for."""
    if change.type in ENDINGS:
        return change.severity, "choose" if len(finals) > 1 else "realign" if finals else "retire"
    if change.type == "reclassified" and change.field == "kind" and change.after not in BINDABLE:
        return "breaking", "retire"
    if change.type in _OF_NAME and not speaks(change.lang):
        return "minor", "nothing"
    return change.severity, "update" if rewrites(change, speaks) else "nothing"


def _cut(change: DeltaChange, severity: str) -> DeltaChange:
    def short(text: str) -> str:
        return text if len(text) <= _LONGEST else text[:_LONGEST].rsplit(" ", 1)[0] + "…"

    kind: Severity = "breaking" if severity == "breaking" else "notable" if severity == "notable" else "minor"
    return DeltaChange(change.type, kind, change.field, change.lang, short(change.before), short(change.after), change.old[:SHOWN], change.new[:SHOWN])


def packed(change: DeltaChange) -> dict[str, Any]:
    """A change as documents and bodies keep it; what is empty is left out."""
    values: dict[str, Any] = {
        "type": change.type, "severity": change.severity, "field": change.field, "lang": change.lang, "before": change.before, "after": change.after,
        "old": list(change.old), "new": list(change.new),
    }  # fmt: skip
    return {name: value for name, value in values.items() if value}


def unpacked(values: Mapping[str, Any]) -> DeltaChange:
    """The same back."""
    texts = {name: str(values.get(name, "")) for name in ("field", "lang", "before", "after")}
    return DeltaChange(str(values["type"]), values["severity"], **texts, old=tuple(values.get("old", ())), new=tuple(values.get("new", ())))


SAYS: Final[Mapping[str, str]] = {
    "renamed": "renamed from “{before}” to “{after}”",
    "named": "named “{after}”",
    "redefined": "its definition changed",
    "recoded": "its code changed from {before} to {after}",
    "readdressed": "its own address changed from {before} to {after}",
    "reclassified": "{field} changed from “{before}” to “{after}”",
    "merged": "merged into {new}",
    "split": "split into {new}",
    "replaced": "replaced by {new}",
    "deprecated": "given up, and nothing replaces it",
    "restored": "in use again",
    "moved": "it stands elsewhere in the tree now",
    "relabelled": "other labels changed",
    "annotated": "notes changed",
    "related": "a relation was added",
    "unrelated": "a relation was removed",
    "rerelated": "a relation weighs otherwise",
}
"""What each type of change is called in a sentence; pages say it in both languages (`refresh.says.*`)."""

FIELDS: Final[Mapping[str, str]] = {
    "kind": "its kind", "nature": "its nature", "source_status": "its status in its source", "sectors": "its sectors", "in_schemes": "the lists it is in",
    "regulated_profession": "the rules of the profession",
}  # fmt: skip
"""What the fields of a change that is `reclassified` are called in a sentence; pages say it in both languages (`refresh_field.*`)."""


def says(change: DeltaChange, names: Mapping[str, str], quoted: Callable[[str], str] = "“{}”".format) -> tuple[str, dict[str, str]]:
    """The key of SAYS for a change, and what fills it in (of a field its name as it is kept); `names` by uuid, `quoted` as the language quotes them."""
    key = "named" if change.type == "renamed" and not change.before else change.type
    told = ", ".join(quoted(names.get(uuid, uuid)) for uuid in change.new)
    return key, {"before": change.before or "-", "after": change.after or "-", "field": change.field, "new": told or "-"}


def reason(changes: Iterable[DeltaChange], names: Mapping[str, str]) -> str:
    """Why a line is there, in English."""
    told = []
    for change in changes:
        key, values = says(change, names)
        values["field"] = FIELDS.get(change.field, change.field.replace("_", " "))
        told.append(SAYS[key].format_map(values))
    return "; ".join(dict.fromkeys(told))


def due_day(published: str, validity: int | None, review_due: str) -> str:
    """The day (ISO) by which a badge class is to be reviewed: the one it names, else its validity after it was last published; "" for never."""
    if review_due:
        return review_due
    if validity is None or not published:
        return ""
    year, month, day = (int(part) for part in published[:10].split("-"))
    months = year * 12 + month - 1 + validity
    year, month = months // 12, months % 12 + 1
    if year > date.max.year:
        return ""
    return date(year, month, min(day, _days(year, month))).isoformat()


def _days(year: int, month: int) -> int:
    following = date(year + month // 12, month % 12 + 1, 1) if (year, month) < (date.max.year, 12) else date.max
    return (following - date(year, month, 1)).days
