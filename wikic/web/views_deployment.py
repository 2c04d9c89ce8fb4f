"""The pages of the state of deployment, of coverage, of awards, and what stands in pages of others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from markupsafe import Markup

from wikic.web.views_account import FormPage
from wikic.web.views_common import ConceptLink, Link, Page


@dataclass(frozen=True, slots=True)
class FigureLine:
    """A number with its name."""

    name: Annotated[str, "What is counted."]
    value: Annotated[str, "The number as it is written."]


@dataclass(frozen=True, slots=True)
class PartLine:
    """A line of a table of parts."""

    name: Annotated[str, "What the line is about."]
    issuers: Annotated[str, "How many issuers."]
    badges: Annotated[str, "How many badges."]
    competencies: Annotated[str, "How many competencies."]
    awards: Annotated[str, "How many awards, and how many small numbers are hidden."]


@dataclass(frozen=True, slots=True)
class PartTable:
    """A table of parts."""

    id: Annotated[str, "Its id in the page."]
    title: Annotated[str, "Its title."]
    lines: Annotated[Sequence[PartLine], "Its lines."]


@dataclass(frozen=True, slots=True)
class AlikeLine:
    """Badges that look alike."""

    reason: Annotated[str, "Why."]
    badges: Annotated[Sequence[tuple[Link, Link]], "The badges with their issuers."]


@dataclass(frozen=True, slots=True)
class Counted:
    """What a state of deployment shows, of now, of a quarter, or of a frozen report."""

    figures: Annotated[Sequence[FigureLine], "The figures."]
    over_time: Annotated[Markup, "Badges by quarter, as a chart; empty for none."]
    levels: Annotated[Markup, "Bindings by level, as a chart; empty for none."]
    tables: Annotated[Sequence[PartTable], "The same by quarter, scheme, territory and sector."]
    alike: Annotated[Sequence[AlikeLine], "Badges that look alike."]
    alike_more: Annotated[int, "How many groups more there are."]


@dataclass(frozen=True)
class DeploymentPage(FormPage):
    """The state of deployment."""

    template: ClassVar = "deployment.html"
    moment: Annotated[str, "As of when, in words."]
    values: Annotated[dict[str, str], "What stands in the form."]
    quarters: Annotated[Sequence[tuple[str, str]], "The quarters to choose from."]
    sectors: Annotated[Sequence[tuple[str, str]], "The sectors to choose from."]
    schemes: Annotated[Sequence[tuple[str, str]], "The schemes to choose from."]
    narrowed: Annotated[bool, "Whether a filter is in use."]
    counted: Annotated[Counted, "What there is."]
    downloads: Annotated[Sequence[Link], "The same as files."]
    reports: Annotated[Sequence[Link], "The frozen reports."]
    freezable: Annotated[Sequence[tuple[str, str]], "The quarters that the reader may freeze; empty for who may not."]
    commentary: Annotated[dict[str, str], "What was written, and of which quarter, where it was refused."]


@dataclass(frozen=True)
class DeploymentReportPage(Page):
    """A frozen report."""

    template: ClassVar = "deployment_report.html"
    frozen: Annotated[str, "When it was frozen."]
    by: Annotated[str, "Who froze it."]
    digest: Annotated[str, "Its digest."]
    permanent: Annotated[str, "Its address."]
    commentary: Annotated[Sequence[tuple[str, str]], "Its commentary: language, text."]
    counted: Annotated[Counted, "What there was."]
    downloads: Annotated[Sequence[Link], "The same as files."]


@dataclass(frozen=True, slots=True)
class CoverageLine:
    """A branch, a scheme or an occupation, with how much of it is covered."""

    address: Annotated[str, "Where one goes deeper; empty for nowhere."]
    name: Annotated[str, "Its name."]
    lang: Annotated[str, "The language of the name, if another than the page's."]
    covered: Annotated[int, "How many are covered."]
    total: Annotated[int, "How many there are."]
    share: Annotated[int, "In hundredths."]
    concept: Annotated[str, "The page of the concept; empty for none."] = ""


@dataclass(frozen=True)
class CoveragePage(Page):
    """Coverage of competencies."""

    template: ClassVar = "coverage.html"
    schemes: Annotated[Sequence[Link], "The schemes, the chosen one marked."]
    summary: Annotated[str, "How much of the scheme or branch is covered; empty where none was chosen."]
    chart: Annotated[Markup, "Coverage by scheme or branch, as a chart."]
    lines: Annotated[Sequence[CoverageLine], "The schemes, or the branches."]
    rows: Annotated[Sequence[tuple[ConceptLink, str]], "Competencies without a badge, with where one binds one of one's own."]
    total: Annotated[int, "How many there are in all."]
    following: Annotated[str, "The next page; empty at the end."]
    chosen: Annotated[bool, "Whether a scheme was chosen."]
    downloads: Annotated[Sequence[Link], "The same as files."]
    occupations: Annotated[str, "Where the best covered occupations are."]


@dataclass(frozen=True)
class CoveredOccupationsPage(Page):
    """The occupations that are covered best."""

    template: ClassVar = "coverage_occupations.html"
    schemes: Annotated[Sequence[Link], "The schemes, the chosen one marked."]
    lines: Annotated[Sequence[CoverageLine], "The occupations."]
    following: Annotated[str, "The next page; empty at the end."]
    download: Annotated[Link, "The same as a file."]


@dataclass(frozen=True, slots=True)
class AwardRow:
    """A month of awards."""

    month: Annotated[str, "The month."]
    shown: Annotated[str, "The number as it is written."]
    reports: Annotated[Sequence[str], "Every number that was reported, for the issuer's people."]


@dataclass(frozen=True)
class AwardsPage(FormPage):
    """How often a badge was given."""

    template: ClassVar = "awards.html"
    rows: Annotated[Sequence[AwardRow], "The months, the latest first."]
    summary: Annotated[str, "The sum."]
    works: Annotated[bool, "Whether the reader may report."]
    action: Annotated[str, "Where the form goes."]
    values: Annotated[dict[str, str], "What stands in the form."]


@dataclass(frozen=True, slots=True)
class AwardTableLine:
    """A line of a table of awards."""

    line: Annotated[int, "Its number."]
    result: Annotated[str, "What becomes of it."]
    badge: Annotated[str, "The badge."]
    month: Annotated[str, "The month."]
    count: Annotated[int, "The number."]
    reason: Annotated[str, "Why it is refused."]
    lang: Annotated[str, "The language of the reason."]


@dataclass(frozen=True)
class AwardsTablePage(FormPage):
    """Report awards from a table: what would be done, then done."""

    template: ClassVar = "awards_table.html"
    text: Annotated[str, "The table, to send again."]
    issuers: Annotated[Sequence[tuple[str, str]], "The issuers whose codes may stand for ids."]
    issuer: Annotated[str, "The chosen one."]
    lines: Annotated[Sequence[AwardTableLine], "What would be done, line by line."]
    applied: Annotated[bool, "Whether it was done."]
    refused: Annotated[bool, "Whether a line is refused."]


@dataclass(frozen=True, slots=True)
class EmbedSnippets:
    """What others put into their pages."""

    html: Annotated[str, "Plain HTML with links."]
    frame: Annotated[str, "A frame of ours."]


@dataclass(frozen=True, slots=True)
class SharedBadge:
    """What the page of a badge gives to others."""

    markup: Annotated[Markup, "The badge in the words of schema.org."]
    snippets: Annotated[EmbedSnippets, "What others put into their pages."]
    data: Annotated[Sequence[Link], "The badge as linked data."]
    awards: Annotated[str, "Where it stands how often it was given."]


@dataclass(frozen=True)
class EmbeddedBadgePage(Page):
    """A badge in a page of others."""

    template: ClassVar = "embed_badge.html"
    address: Annotated[str, "The badge's permanent address."]
    lang: Annotated[str, "The language of the badge."]
    image: Annotated[str, "The address of its image."]
    issuer: Annotated[Link, "Who issues it."]
    level: Annotated[str, "Its level in words; empty for none."]
    bound: Annotated[Sequence[tuple[Link, str]], "The competencies it attests, with the languages of their names."] = field(default=())
