"""The pages about the service itself: sources, the API, the design system, errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, Final

from markupsafe import Markup

from wikic.web.views_common import Link, Page
from wikic.web.views_framework import SchemeFigures

CALLS: Final = {
    "search": "/api/v1/search?q=boulanger&lang=fr&limit=3",
    "concept": "/api/v1/concepts/rome:D1102?lang=fr",
    "requires": "/api/v1/concepts/rome:D1102/relations?type=requires&limit=5&lang=fr",
    "tree": "/api/v1/tree?scheme=rome&kind=occupation_group&limit=5&lang=fr",
    "changes": "/api/v1/changes?after=0&limit=3",
}
"""The calls of the page "use the API", by the words of their titles; docs/use-the-api.md has the same."""


@dataclass(frozen=True)
class AboutPage(Page):
    """What the service is, its sources and their licences."""

    template: ClassVar = "about.html"
    schemes: Annotated[Sequence[SchemeFigures], "The schemes with their licences."]


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the API to copy."""

    name: Annotated[str, "The word of its title."]
    command: Annotated[str, "The command."]
    address: Annotated[str, "Its address, to follow."]


@dataclass(frozen=True)
class UseApiPage(Page):
    """Five calls to copy."""

    template: ClassVar = "use_the_api.html"
    calls: Annotated[Sequence[Call], "The calls."]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the API."""

    identity: Annotated[str, "Its operation id."]
    method: Annotated[str, "The method."]
    path: Annotated[str, "The path."]
    summary: Annotated[str, "What it does."]
    parameters: Annotated[Sequence[tuple[str, bool, str]], "Name, whether it is needed, description."]


@dataclass(frozen=True)
class ReferencePage(Page):
    """All operations, made from the OpenAPI document."""

    template: ClassVar = "reference.html"
    introduction: Annotated[Sequence[str], "Paragraphs."]
    groups: Annotated[Sequence[tuple[str, str, Sequence[Operation]]], "Name, description, operations."]


@dataclass(frozen=True)
class ErrorsPage(Page):
    """All errors of the API."""

    template: ClassVar = "errors.html"
    rows: Annotated[Sequence[tuple[str, str, int | None, str]], "Slug, title, status, meaning."]


@dataclass(frozen=True)
class DesignPage(Page):
    """The design system, shown by itself."""

    template: ClassVar = "design.html"
    colours: Annotated[Sequence[str], "Names of colour tokens."]
    tones: Annotated[Sequence[str], "Names of chart colours."]
    spaces: Annotated[Sequence[int], "Steps of spacing."]
    icons: Annotated[Sequence[str], "Names of icons."]
    stack: Annotated[Markup, "A sample chart."]
    bars: Annotated[Markup, "A sample chart."]
    neighbourhood: Annotated[Markup, "A sample chart."]
    sample_links: Annotated[Sequence[Link], "Links for samples."]


@dataclass(frozen=True)
class ErrorPage(Page):
    """An error, for people."""

    template: ClassVar = "error.html"
    status: Annotated[int, "The HTTP status."]
    text: Annotated[str, "What happened and what to do."]
    detail: Annotated[str, "What exactly; empty if there is nothing to add."]
    lang: Annotated[str, "The language of the detail."]
    reference: Annotated[str, "The request's id, by which the log knows it."]
    current: Annotated[str, "The same address in the current version; empty if no release was asked for."]
    back: Annotated[str, "The page that the form stood on, where a form was sent; else empty."]
