"""The home page, and the results of a search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from markupsafe import Markup, escape

from wikic.web.views_common import ConceptLink, Link, Page
from wikic.web.views_framework import ChangeLine


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of the home page."""

    value: Annotated[str, "The number as it is written."]
    name: Annotated[str, "What is counted."]
    address: Annotated[str, "Where they are."]


@dataclass(frozen=True)
class HomePage(Page):
    """The home page."""

    template: ClassVar = "home.html"
    figures: Annotated[Sequence[Figure], "How much there is; empty in an empty store."]
    examples: Annotated[Sequence[Link], "Searches to begin with."]
    latest: Annotated[Sequence[ChangeLine], "The latest changes."]


@dataclass(frozen=True, slots=True)
class Result:
    """One result."""

    concept: Annotated[ConceptLink, "The concept."]
    name: Annotated[Markup, "Its name, with what matched marked if it was found by it."]
    matched: Annotated[Markup, "The label that was found, with what matched marked; empty if it is the name itself."]
    matched_lang: Annotated[str, "The language of that label."]


@dataclass(frozen=True, slots=True)
class Facet:
    """A way to narrow the results."""

    title: Annotated[str, "What is chosen."]
    choices: Annotated[Sequence[Link], "The choices, with how many results each has."]


@dataclass(frozen=True)
class SearchPage(Page):
    """Results of a search."""

    template: ClassVar = "search.html"
    query: Annotated[str, "What was typed; empty before a search."]
    results: Annotated[Sequence[Result], "The results, best first."]
    total: Annotated[int | None, "How many there are; None if that is not known."]
    facets: Annotated[Sequence[Facet], "Ways to narrow them."]
    cleared: Annotated[str, "The same search without filters; empty if there are none."]
    following: Annotated[str, "More results; empty if these are all."]
    available: Annotated[bool, "Whether the search answers."]
    hidden: Annotated[Sequence[tuple[str, str]], "What the search form sends along."]


def marked(value: str, marks: Sequence[Sequence[int]]) -> Markup:
    """A label with its matching parts (start and end, in characters) in `<mark>`."""
    made, last = Markup(""), 0
    for start, end in sorted((int(pair[0]), int(pair[1])) for pair in marks):
        if last <= start < end <= len(value):
            made += escape(value[last:start]) + Markup("<mark>") + escape(value[start:end]) + Markup("</mark>")
            last = end
    return made + escape(value[last:])


def result_of(item: Mapping[str, Any], concept: ConceptLink) -> Result:
    """A result, of an item of `Searching.results`."""
    label = item.get("label") or {}
    shown = concept.name.value
    found = marked(str(label.get("value") or ""), label.get("marks") or ())
    if not found or label["value"] == shown:
        return Result(concept, found or escape(shown), Markup(""), "")
    return Result(concept, escape(shown), found, str(label.get("lang") or ""))
