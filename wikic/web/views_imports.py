"""The pages of reviews of imports: the list, and one as a release note."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

from wikic.web.views_common import ConceptLink, Page
from wikic.web.views_differences import ThreeValues
from wikic.web.views_releases import DeltaView


@dataclass(frozen=True, slots=True)
class ReviewLine:
    """A review in a list."""

    address: Annotated[str, "Its page."]
    name: Annotated[str, "Its name."]
    title: Annotated[str, "What would be imported."]
    time: Annotated[str, "When it was made, ISO."]
    by: Annotated[str, "Who ran the command."]
    state: Annotated[str, "waits, moved or applied."]
    concepts: Annotated[int, "How many concepts would change."]
    breaking: Annotated[int, "How many of the changes are breaking."]
    conflicts: Annotated[int, "How many values were changed here and there."]


@dataclass(frozen=True)
class ImportsPage(Page):
    """Reviews of imports."""

    template: ClassVar = "imports.html"
    reviews: Annotated[Sequence[ReviewLine], "The reviews, the latest first."]
    following: Annotated[str, "The next page; empty at the end."]


@dataclass(frozen=True, slots=True)
class ReviewedValue:
    """A value that was changed here and in the source."""

    concept: Annotated[ConceptLink, "The concept."]
    name: Annotated[str, "What it is."]
    values: Annotated[ThreeValues, "What the source said before, what stands here, what the source says."]


@dataclass(frozen=True, slots=True)
class SkippedLine:
    """Records that would not be taken."""

    reason: Annotated[str, "Why, in English as the importer says it."]
    count: Annotated[int, "How many."]
    places: Annotated[Sequence[str], "Some places in the files."]


@dataclass(frozen=True)
class ImportPage(Page):
    """What importing some files would change."""

    template: ClassVar = "import_review.html"
    line: Annotated[ReviewLine, "The review."]
    head: Annotated[int, "The number that the files were compared with."]
    head_now: Annotated[int, "The present number."]
    applied: Annotated[int, "The change by which they were imported; 0 while they are not."]
    moved: Annotated[bool, "Whether the framework had moved, or has, since the review was made."]
    facts: Annotated[Sequence[tuple[str, str]], "The files: their digest, names and options."]
    counts: Annotated[Sequence[tuple[str, str, int]], "What the import counts: what, which, how many."]
    skipped: Annotated[Sequence[SkippedLine], "What would not be taken."]
    notes: Annotated[Sequence[str], "Remarks of the import, in English."]
    conflicts: Annotated[Sequence[ReviewedValue], "Values that stay as they are here, and become proposals: the first ones."]
    conflicts_total: Annotated[int, "How many there are."]
    kept: Annotated[int, "Of how many concepts the changes are kept."]
    delta: Annotated[DeltaView, "What would change."]
