"""The delta between two moments: differences as people who rely on the framework care for them, each with a severity. Pure.

It is made of a difference (`domain.diff` and the relations that opened, closed or changed): a broader relation that opens or closes is a move; a
concept that becomes deprecated is merged, split or replaced where something succeeds it. The rules of severity (docs/releases.md):

breaking: what was built on the concept no longer holds (it is deprecated, merged, split or replaced; its code or kind is another).
notable: it still holds, but should be looked at (new, restored, renamed, redefined, moved, another address or nature, what it needs essentially).
minor: everything else (other labels, notes, attributes, other relations, a name or text in which only spelling changed, or in a language that had none).
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, get_args

from wikic.domain.changes import Relation
from wikic.domain.diff import FieldChange
from wikic.domain.vocabulary import DEPRECATED

DeltaType = Literal[
    "added",
    "deprecated",
    "merged",
    "split",
    "replaced",
    "restored",
    "renamed",
    "redefined",
    "moved",
    "recoded",
    "readdressed",
    "reclassified",
    "relabelled",
    "annotated",
    "related",
    "unrelated",
    "rerelated",
]
DELTA_TYPES: Final[tuple[str, ...]] = get_args(DeltaType)
TRANSLATED: Final = "translated"
DeltaWord = Literal[DeltaType, "translated"]
DELTA_WORDS: Final[tuple[str, ...]] = get_args(DeltaWord)
"""What changes are counted and chosen by: their types, but a first name or definition in a language apart, as translated."""
Severity = Literal["breaking", "notable", "minor"]
SEVERITIES: Final[tuple[str, ...]] = get_args(Severity)
"""The worst first."""
DeltaList = Literal["new", "modified", "deprecated", "without_replacement"]
DELTA_LISTS: Final[tuple[str, ...]] = get_args(DeltaList)
"""Every concept of a delta is new, modified or deprecated; of the last, some have no replacement."""

ENDINGS: Final = frozenset({"deprecated", "merged", "split", "replaced"})
"""Types that end the use of a concept."""

_SEVERITY: Final[Mapping[str, Severity]] = {
    **dict.fromkeys(sorted(ENDINGS), "breaking"),
    **dict.fromkeys(("added", "restored", "renamed", "redefined", "moved", "readdressed"), "notable"),
    **dict.fromkeys(("relabelled", "annotated"), "minor"),
}
_RECLASSIFIED: Final[Mapping[str, Severity]] = {"kind": "breaking", "nature": "notable"}
_NEEDS: Final = frozenset({"requires", "skill_requires"})
_STRONG: Final = frozenset({"essential", "key"})

Move = tuple[str, Relation, Relation | None]
"""related, unrelated or rerelated; the relation; what it was before."""


@dataclass(frozen=True, slots=True)
class DeltaChange:
    """One change of one concept. `field`, `lang`, `before` and `after` are those of a FieldChange; of a relation `field` is its type, `before` and `after`
    are its importance, `branch` is the branch that it is for. `old` and `new` are uuids: the ends of a relation that closed or opened, the broader ones
    left and entered, the successors."""

    type: str
    severity: Severity
    field: str = ""
    lang: str = ""
    before: str = ""
    after: str = ""
    old: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    branch: str = ""

    @property
    def word(self) -> str:
        """What it is counted and chosen by, of DELTA_WORDS."""
        return word_of(self.type, self.before)


@dataclass(frozen=True, slots=True)
class ConceptDelta:
    """All changes of one concept, in the order of DELTA_TYPES."""

    uuid: str
    kind: str
    changes: tuple[DeltaChange, ...]

    @property
    def severity(self) -> str:
        """The worst of its changes."""
        return min((change.severity for change in self.changes), key=SEVERITIES.index)

    def types(self) -> set[str]:
        """The types of its changes."""
        return {change.type for change in self.changes}

    def lists(self) -> tuple[str, ...]:
        """The lists of DELTA_LISTS it stands in."""
        types = self.types()
        if "added" in types:
            return ("new",)
        ended = [change for change in self.changes if change.type in ENDINGS and change.field == "status"]
        if not ended:
            return ("modified",)
        return ("deprecated",) if ended[0].new else ("deprecated", "without_replacement")


@dataclass(slots=True)
class Figures:
    """How much a delta holds: `types`, `severities` count changes; `concepts` counts concepts by list; `kinds` are concepts by type of change and
    kind; `fields` are changes by type and field (of relations: by the relation's type); types are those of DELTA_WORDS. `languages` are changes of
    texts by language."""

    changes: int = 0
    total: int = 0
    types: dict[str, int] = field(default_factory=dict)
    severities: dict[str, int] = field(default_factory=dict)
    concepts: dict[str, int] = field(default_factory=dict)
    kinds: dict[str, dict[str, int]] = field(default_factory=dict)
    fields: dict[str, dict[str, int]] = field(default_factory=dict)
    languages: dict[str, int] = field(default_factory=dict)


def concept_delta(
    uuid: str,
    kind: str,
    changes: Iterable[FieldChange],
    moves: Iterable[Move],
    *,
    born: Collection[str],
    takers: Mapping[str, int],
    successors: Collection[str],
) -> ConceptDelta:
    """The delta of one concept. `born`: the concepts that are new; `takers`: how many concepts each one has come to replace; `successors`: what
    replaces this one at the later moment, if it is deprecated then."""
    found: list[DeltaChange] = []
    new_concept = uuid in born
    told = list(moves)
    succeeding = tuple(sorted(successors))
    ended = False
    for change in changes:
        if change.type == DEPRECATED:
            ended = True
            name = _ending(succeeding, born, takers)
            found.append(DeltaChange(name, "breaking", "status", "", change.before, change.after, new=succeeding))
        else:
            place = (change.field, change.lang, change.before, change.after)
            found.append(DeltaChange(change.type, _severity(change), *place))
    gained = tuple(sorted(row.target for move, row, _ in told if move == "related" and row.type == "replaced_by"))
    if gained and not ended and not new_concept:
        # Deprecated before, and given a successor now: what was built on it can go on.
        found.append(DeltaChange(_ending(gained, born, takers), "notable", "replaced_by", new=gained))
    left = sorted(row.target for move, row, _ in told if move == "unrelated" and row.type == "broader")
    entered = sorted(row.target for move, row, _ in told if move == "related" and row.type == "broader")
    if (left or entered) and not new_concept:
        found.append(DeltaChange("moved", "notable", "broader", old=tuple(left), new=tuple(entered)))
    for move, row, before in told:
        if row.type == "broader" and move != "rerelated" and not new_concept:
            continue
        if row.type == "replaced_by" and move == "related":
            continue
        found.append(_relation(move, row, before, new_concept=new_concept))
    found.sort(key=lambda one: (DELTA_TYPES.index(one.type), one.field, one.lang, one.branch, one.before, one.after, one.old, one.new))
    return ConceptDelta(uuid, kind, tuple(found))


def word_of(type_: str, before: str | None) -> str:
    """What a change is counted and chosen by, by its type and what was there before."""
    return TRANSLATED if type_ in ("renamed", "redefined") and not before else type_


def weight(concept: ConceptDelta) -> str:
    """A key that orders a delta: the worst first; what came to the same, such as merged, together; then by uuid."""
    worst = SEVERITIES.index(concept.severity)
    first = min(DELTA_TYPES.index(each.type) for each in concept.changes if each.severity == concept.severity)
    return f"{worst}{first:02d}{concept.uuid}"


def figures_of(concepts: Iterable[ConceptDelta]) -> Figures:
    """The figures of a delta."""
    figures = Figures()
    types: Counter[str] = Counter()
    severities: Counter[str] = Counter(dict.fromkeys(SEVERITIES, 0))
    lists: Counter[str] = Counter(dict.fromkeys(DELTA_LISTS, 0))
    kinds: dict[str, Counter[str]] = {}
    fields: dict[str, Counter[str]] = {}
    languages: Counter[str] = Counter()
    for concept in concepts:
        figures.total += 1
        lists.update(concept.lists())
        for name in {change.word for change in concept.changes}:
            kinds.setdefault(name, Counter())[concept.kind] += 1
        for change in concept.changes:
            types[change.word] += 1
            severities[change.severity] += 1
            if change.field:
                fields.setdefault(change.word, Counter())[change.field] += 1
            if change.lang:
                languages[change.lang] += 1
    figures.changes = sum(types.values())
    figures.types = {name: types[name] for name in DELTA_WORDS if types[name]}
    figures.severities, figures.concepts = dict(severities), dict(lists)
    figures.kinds = {name: dict(sorted(kinds[name].items())) for name in DELTA_WORDS if name in kinds}
    figures.fields = {name: dict(sorted(fields[name].items())) for name in DELTA_WORDS if name in fields}
    figures.languages = dict(sorted(languages.items()))
    return figures


def _ending(successors: tuple[str, ...], born: Collection[str], takers: Mapping[str, int]) -> str:
    """Nothing succeeds it: deprecated. Several do: split. One that was there, or that takes in others too: merged. Else: replaced."""
    if not successors:
        return DEPRECATED
    if len(successors) > 1:
        return "split"
    (one,) = successors
    return "merged" if one not in born or takers.get(one, 0) > 1 else "replaced"


def _severity(change: FieldChange) -> Severity:
    spelling = change.type in ("renamed", "redefined") and _letters(change.before) == _letters(change.after)
    if spelling or word_of(change.type, change.before) == TRANSLATED:
        return "minor"
    if change.type == "recoded":
        return "breaking" if change.before else "minor"
    if change.type == "reclassified":
        return _RECLASSIFIED.get(change.field, "minor")
    return _SEVERITY[change.type]


def _letters(text: str) -> str:
    """A text without case, accents, spaces and punctuation: what is left when only its spelling is changed."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if c.isalnum())


def _relation(move: str, row: Relation, before: Relation | None, *, new_concept: bool) -> DeltaChange:
    was = before.importance if before is not None else row.importance if move == "unrelated" else ""
    now = row.importance if move != "unrelated" else ""
    strong = row.type in _NEEDS and bool({was, now} & _STRONG) and was != now
    severity: Severity = "notable" if (strong or row.type == "replaced_by") and not new_concept else "minor"
    old = (row.target,) if move != "related" else ()
    new = (row.target,) if move != "unrelated" else ()
    return DeltaChange(move, severity, row.type, "", was, now, old, new, row.branch)
