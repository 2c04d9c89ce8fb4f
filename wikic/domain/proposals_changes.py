"""The typed changes that a proposal is made of, and their plain JSON.

Each change keeps `base`, the value that its author saw in the field it changes (its form: `proposals_merging`), and `seq`, the number at which they
saw it. Pure data: what a change does to the framework is composed by the services.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Final, Literal, get_args

from wikic.domain.ids import new_uuid, relation_id
from wikic.domain.records import Label
from wikic.domain.vocabulary import LABEL_TYPES
from wikic.errors import InvalidInput

Json = Any
"""Whatever JSON can say."""

ChangeType = Literal[
    "create",
    "labels",
    "text",
    "relate",
    "unrelate",
    "move",
    "importance",
    "merge",
    "split",
    "deprecate",
    "restore",
    "map",
]
CHANGE_TYPES: Final[tuple[str, ...]] = get_args(ChangeType)

MAPPINGS: Final = ("exact_match", "close_match", "broad_match", "narrow_match")
"""The relations by which a concept is mapped to one of another scheme."""


@dataclass(frozen=True, slots=True)
class CreateConcept:
    """A new concept; `uuid` is given to it when the proposal is written down, so that other changes of the proposal can name it."""

    kind: str
    labels: tuple[Label, ...]
    definition: dict[str, str] = field(default_factory=dict)
    uuid: str = ""
    base: Json = None
    seq: int = 0


@dataclass(frozen=True, slots=True)
class ChangeLabels:
    """The labels of one language from now on, all types. Alternative and hidden ones merge one by one."""

    concept: str
    lang: str
    labels: tuple[Label, ...]
    base: Json = None
    seq: int = 0


@dataclass(frozen=True, slots=True)
class ChangeText:
    """The definition or a note in one language; "" removes it."""

    concept: str
    field: str
    lang: str
    text: str
    base: Json = None
    seq: int = 0


@dataclass(frozen=True, slots=True)
class AddRelation:
    """A relation that is not there yet."""

    source: str
    relation: str
    target: str
    importance: str = ""
    rank: int = 0
    note: str = ""
    branch: str = ""
    base: Json = None
    seq: int = 0


@dataclass(frozen=True, slots=True)
class RemoveRelation:
    """A relation that should go."""

    source: str
    relation: str
    target: str
    branch: str = ""
    base: Json = None
    seq: int = 0


@dataclass(frozen=True, slots=True)
class MoveConcept:
    """Another broader concept: `new` instead of `old`; "" for `old` adds one, for `new` takes one away."""

    concept: str
    old: str
    new: str
    base: Json = None
    seq: int = 0


@dataclass(frozen=True, slots=True)
class ChangeImportance:
    """How important a relation is."""

    source: str
    relation: str
    target: str
    importance: str
    branch: str = ""
    base: Json = None
    seq: int = 0


@dataclass(frozen=True, slots=True)
class MergeConcepts:
    """`concept` becomes part of `into`, with these of its labels."""

    concept: str
    into: str
    labels: tuple[Label, ...] = ()
    base: Json = None
    seq: int = 0


@dataclass(frozen=True, slots=True)
class SplitConcept:
    """`concept` becomes `parts`; `assignments` gives each of its relations (by id) to one of them."""

    concept: str
    parts: tuple[str, ...]
    assignments: dict[str, str] = field(default_factory=dict)
    base: Json = None
    seq: int = 0


@dataclass(frozen=True, slots=True)
class DeprecateConcept:
    """Deprecate, with or without a replacement."""

    concept: str
    replaced_by: str = ""
    base: Json = None
    seq: int = 0


@dataclass(frozen=True, slots=True)
class RestoreConcept:
    """Make a deprecated concept active again."""

    concept: str
    base: Json = None
    seq: int = 0


@dataclass(frozen=True, slots=True)
class MapConcept:
    """Say that a concept of another scheme means the same, or nearly; `relation` is of MAPPINGS."""

    source: str
    relation: str
    target: str
    base: Json = None
    seq: int = 0


Change = (
    CreateConcept
    | ChangeLabels
    | ChangeText
    | AddRelation
    | RemoveRelation
    | MoveConcept
    | ChangeImportance
    | MergeConcepts
    | SplitConcept
    | DeprecateConcept
    | RestoreConcept
    | MapConcept
)
OnRelation = AddRelation | RemoveRelation | ChangeImportance | MapConcept

_CLASSES: Final[dict[str, type[Change]]] = {
    "create": CreateConcept,
    "labels": ChangeLabels,
    "text": ChangeText,
    "relate": AddRelation,
    "unrelate": RemoveRelation,
    "move": MoveConcept,
    "importance": ChangeImportance,
    "merge": MergeConcepts,
    "split": SplitConcept,
    "deprecate": DeprecateConcept,
    "restore": RestoreConcept,
    "map": MapConcept,
}
_NAMES: Final = {kind: name for name, kind in _CLASSES.items()}

_LONGEST: Final = 20_000


def type_of(change: Change) -> str:
    """The change's type, of CHANGE_TYPES."""
    return _NAMES[type(change)]


def subject_of(change: Change) -> str:
    """The concept that is changed: the one a relation starts from, the one that is merged away."""
    match change:
        case CreateConcept():
            return change.uuid
        case AddRelation() | RemoveRelation() | ChangeImportance() | MapConcept():
            return change.source
        case _:
            return change.concept


def concepts_of(change: Change) -> tuple[str, ...]:
    """Every concept the change is about, its subject first."""
    named: tuple[str, ...]
    match change:
        case AddRelation() | RemoveRelation() | ChangeImportance() | MapConcept():
            named = (change.source, change.target)
        case MoveConcept():
            named = (change.concept, change.old, change.new)
        case MergeConcepts():
            named = (change.concept, change.into)
        case SplitConcept():
            named = (change.concept, *change.parts)
        case DeprecateConcept():
            named = (change.concept, change.replaced_by)
        case _:
            named = (subject_of(change),)
    return tuple(dict.fromkeys(uuid for uuid in named if uuid))


def relation_of(change: OnRelation) -> str:
    """The id of the relation that is added, removed or changed."""
    branch = "" if isinstance(change, MapConcept) else change.branch
    return relation_id(change.source, change.relation, change.target, branch)


def slot_of(change: Change) -> str:
    """The field that the change is about: two changes of one slot speak of the same thing."""
    match change:
        case CreateConcept():
            return f"concept|{change.uuid}"
        case ChangeLabels():
            return f"labels|{change.concept}|{change.lang}"
        case ChangeText():
            return f"{change.field}|{change.concept}|{change.lang}"
        case AddRelation() | RemoveRelation() | ChangeImportance() | MapConcept():
            return f"relation|{relation_of(change)}"
        case MoveConcept():
            return f"broader|{change.concept}"
        case MergeConcepts() | SplitConcept() | DeprecateConcept() | RestoreConcept():
            return f"status|{change.concept}"


def to_json(change: Change) -> dict[str, Json]:
    """The change as plain JSON, with its `type`."""
    said: dict[str, Json] = {"type": type_of(change)}
    for each in fields(change):
        value = getattr(change, each.name)
        if each.name == "labels":
            value = [label_json(label) for label in value]
        said[each.name] = list(value) if isinstance(value, tuple) else value
    return said


def label_json(label: Label) -> dict[str, Json]:
    """A label as plain JSON."""
    return {"value": label.value, "lang": label.lang, "type": label.type, "roles": list(label.roles)}


def labels_of(said: Iterable[Mapping[str, Json]]) -> tuple[Label, ...]:
    """Labels from their JSON."""
    return tuple(_label(each) for each in said)


def from_json(said: Mapping[str, Json]) -> Change:
    """A change from its JSON. Raises InvalidInput for a type or a field that is none, or a value that does not fit."""
    kind = _CLASSES.get(str(said.get("type")))
    if kind is None:
        raise InvalidInput(f"{str(said.get('type'))[:40]!r} is no type of change: {', '.join(CHANGE_TYPES)}")
    known = {each.name for each in fields(kind)}
    unknown = sorted(set(said) - known - {"type"})
    if unknown:
        raise InvalidInput(f"a change of type {said['type']} has no {unknown[0][:40]!r}")
    values = {name: _READERS.get(name, _text)(name, value) for name, value in said.items() if name != "type"}
    try:
        return kind(**values)
    except TypeError:
        needed = ", ".join(each.name for each in fields(kind) if each.name not in ("base", "seq"))
        raise InvalidInput(f"a change of type {said['type']} needs {needed}") from None


def born_anew(changes: Sequence[Change]) -> tuple[Change, ...]:
    """The same wishes, with other uuids for the concepts that they create: once a creation was taken back, its uuids belong to what was created then."""
    said = json.dumps([to_json(change) for change in changes])
    for change in changes:
        if isinstance(change, CreateConcept) and change.uuid:
            said = said.replace(change.uuid, new_uuid())
    return tuple(from_json(each) for each in json.loads(said))


def spelled(change: Change, tags: Iterable[str]) -> Change:
    """The change with its language tags as its concept writes them (`tags`), or in small letters: FR and fr are one language."""
    known = {tag.lower(): tag for tag in tags}

    def tag(lang: str) -> str:
        return known.get(lang.lower(), lang.lower())

    match change:
        case CreateConcept():
            definition = {tag(lang): text for lang, text in change.definition.items()}
            if len(definition) < len(change.definition):
                raise InvalidInput("a definition is given twice in one language: write its tag in one way", reason="language-twice")
            return replace(change, labels=tuple(label._replace(lang=tag(label.lang)) for label in change.labels), definition=definition)
        case ChangeLabels():
            return replace(change, lang=tag(change.lang), labels=tuple(label._replace(lang=tag(label.lang)) for label in change.labels))
        case ChangeText():
            return replace(change, lang=tag(change.lang))
        case _:
            return change


def _text(name: str, value: Json) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST:
        raise InvalidInput(f"{name} of a change is a text of at most {_LONGEST} characters")
    if any("\ud800" <= char <= "\udfff" for char in value):
        raise InvalidInput(f"{name} of a change holds half a character: send it in UTF-8", reason="half-character")
    return value


def _number(name: str, value: Json) -> int:
    if type(value) is not int or not 0 <= value < 2**53:
        raise InvalidInput(f"{name} of a change is a whole number")
    return value


def _list(name: str, value: Json) -> list[Json]:
    if not isinstance(value, list | tuple) or len(value) > 1_000:
        raise InvalidInput(f"{name} of a change is a list of at most 1,000")
    return list(value)


def _texts(name: str, value: Json) -> dict[str, str]:
    if not isinstance(value, Mapping) or len(value) > 10_000:
        raise InvalidInput(f"{name} of a change is an object of texts")
    return {_text(name, key): _text(name, each) for key, each in value.items()}


def _label(said: Json) -> Label:
    if not isinstance(said, Mapping) or not {"value", "lang", "type"} <= set(said) <= {"value", "lang", "type", "roles"}:
        raise InvalidInput('a label is {"value", "lang", "type", "roles"}')
    if said["type"] not in LABEL_TYPES:
        raise InvalidInput(f"{str(said['type'])[:40]!r} is no type of label: {', '.join(LABEL_TYPES)}")
    roles = tuple(_text("roles", role) for role in _list("roles", said.get("roles", [])))
    value = " ".join(_text("value", said["value"]).split())
    return Label(value, _text("lang", said["lang"]), said["type"], tuple(sorted(roles)))


_READERS: Final[dict[str, Callable[[str, Json], Json]]] = {
    "labels": lambda name, value: tuple(_label(each) for each in _list(name, value)),
    "parts": lambda name, value: tuple(_text(name, each) for each in _list(name, value)),
    "definition": _texts,
    "assignments": _texts,
    "rank": _number,
    "seq": _number,
    "base": lambda _, value: value,
}
