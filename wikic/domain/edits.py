"""What can be done to the framework here, as typed edits. A set of them, in their order, becomes one change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from wikic.domain.concepts import label_order
from wikic.domain.records import Label
from wikic.domain.vocabulary import LABEL_TYPES, PREFERRED
from wikic.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Create:
    """A new concept of the scheme `wiki`, with at least one preferred label."""

    kind: str
    labels: tuple[Label, ...]
    definition: dict[str, str] = field(default_factory=dict)
    uuid: str = ""


@dataclass(frozen=True, slots=True)
class SetLabels:
    """The labels of one language from now on, all types."""

    concept: str
    lang: str
    labels: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class SetText:
    """A text field in one language; "" removes it."""

    concept: str
    field: str
    lang: str
    text: str


@dataclass(frozen=True, slots=True)
class SetStatus:
    """Deprecate, with or without a replacement, or restore: what is active again is replaced by nothing."""

    concept: str
    status: str
    replaced_by: str = ""


@dataclass(frozen=True, slots=True)
class Relate:
    """Add a relation, or give an open one another importance, rank or note."""

    source: str
    type: str
    target: str
    importance: str = ""
    rank: int = 0
    note: str = ""
    branch: str = ""


@dataclass(frozen=True, slots=True)
class Unrelate:
    """Remove an open relation; its source does not bring it back."""

    source: str
    type: str
    target: str
    branch: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """Put a concept under `new` instead of `old`; "" for `old` adds a broader concept, for `new` takes one away."""

    concept: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Merge:
    """`concept` becomes deprecated, replaced by `into`, which takes over its relations. `labels` move there, each in the type given; a preferred label
    stays where it is, too: what is deprecated keeps its name."""

    concept: str
    into: str
    labels: tuple[Label, ...] = ()


@dataclass(frozen=True, slots=True)
class Split:
    """`concept` becomes deprecated, replaced by `parts`, which exist or are created before in the same set. `assignments` gives each of its
    relations, by id, to one part; what is to go is removed before (`Unrelate`)."""

    concept: str
    parts: tuple[str, ...]
    assignments: dict[str, str] = field(default_factory=dict)


Edit = Create | SetLabels | SetText | SetStatus | Relate | Unrelate | Move | Merge | Split


def checked_labels(labels: Iterable[Label]) -> list[Label]:
    """Labels in canonical order, each once; raises InvalidInput for a blank one, an unknown type or two preferred ones in a language."""
    unique = sorted(
        {Label(" ".join(label.value.split()), label.lang, label.type, label.roles) for label in labels}, key=_order
    )
    preferred = [label.lang.lower() for label in unique if label.type == PREFERRED]
    for label in unique:
        if not label.value:
            raise InvalidInput("a label is blank")
        if preferred.count(label.lang.lower()) > 1:
            raise InvalidInput(f"there are two preferred labels in {label.lang}: one per language")
    return unique


def _order(label: Label) -> tuple[int, str, str]:
    if label.type not in LABEL_TYPES:
        raise InvalidInput(f"{label.type!r} is no type of label: {', '.join(LABEL_TYPES)}")
    return label_order(label)
