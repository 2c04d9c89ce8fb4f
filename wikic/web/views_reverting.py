"""The page of taking back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from wikic.web.views_account import Trouble
from wikic.web.views_common import ConceptLink, Link, Page
from wikic.web.views_differences import ThreeValues


@dataclass(frozen=True, slots=True)
class RelationBack:
    """A relation that would come, go or change."""

    kind: Annotated[str, "related, unrelated or rerelated."]
    name: Annotated[str, "The relation."]
    concept: Annotated[ConceptLink, "The concept at its other end."]


@dataclass(frozen=True, slots=True)
class ConceptBack:
    """What would change of one concept."""

    concept: Annotated[ConceptLink, "The concept."]
    changes: Annotated[Sequence[Mapping[str, Any]], "Typed differences."]
    relations: Annotated[Sequence[RelationBack], "Relations that start from it."]


@dataclass(frozen=True, slots=True)
class MovedField:
    """A field that was changed again since."""

    concept: Annotated[ConceptLink, "The concept."]
    name: Annotated[str, "The field."]
    values: Annotated[ThreeValues, "Before the change, now, and as the change made it."]


@dataclass(frozen=True)
class RevertPage(Page):
    """What taking back would do."""

    template: ClassVar = "revert.html"
    action: Annotated[str, "Where the button leads; empty where nothing can be taken back."]
    proposed: Annotated[bool, "Whether the button begins a proposal of it."]
    concepts: Annotated[Sequence[ConceptBack], "What would change."]
    conflicts: Annotated[Sequence[MovedField], "What is in the way."]
    back: Annotated[Link, "Where one came from."]
    trouble: Annotated[Trouble | None, "Why it was not done."]
