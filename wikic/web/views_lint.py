"""The page of the linter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

from wikic.web.views_account import FormPage
from wikic.web.views_common import ConceptLink, Link


@dataclass(frozen=True, slots=True)
class FoundLine:
    """One finding."""

    severity: Annotated[str, "error, warning or note."]
    place: Annotated[str, "JSON pointer."]
    says: Annotated[str, "What it is, in the reader's language."]
    before: Annotated[str, "The value as it was; empty if none is shown."]
    after: Annotated[str, "The repaired value; empty if there is none."]
    done: Annotated[str, "What became of it: repaired, removed, to be checked; empty where there is nothing to do."]
    candidates: Annotated[Sequence[Link], "Concepts that may be meant."]


@dataclass(frozen=True, slots=True)
class AlignmentLine:
    """An alignment and the concept it means."""

    place: Annotated[str, "JSON pointer."]
    name: Annotated[str, "As it was sent."]
    concept: Annotated[ConceptLink | None, "The concept; None if it is not known."]


@dataclass(frozen=True, slots=True)
class LintedDocument:
    """What was found in one document."""

    number: Annotated[int, "Which one, from 1."]
    title: Annotated[str, "Its name, or what it is."]
    source: Annotated[str, "Where it came from; empty if it was pasted."]
    kind: Annotated[str, "What it is, in words; empty where the title says it."]
    refused: Annotated[str, "Why it could not be had; empty if it could."]
    refused_lang: Annotated[str, "The language of that."]
    accepted: Annotated[bool, "Whether nothing in the document outside its alignments is an error."]
    changed: Annotated[bool, "Whether there are repairs."]
    alignments: Annotated[Sequence[AlignmentLine], "Its alignments."]
    found: Annotated[Sequence[FoundLine], "What was found."]
    repaired: Annotated[str, "The repaired document as JSON."]
    download: Annotated[str, "The same as an address that holds it; empty if it is too long."]


@dataclass(frozen=True)
class LintPage(FormPage):
    """The form, and the report."""

    template: ClassVar = "lint.html"
    text: Annotated[str, "What was pasted."] = ""
    documents: Annotated[Sequence[LintedDocument], "The report; empty before anything was sent."] = ()
    summary: Annotated[str, "The report in one sentence."] = ""
