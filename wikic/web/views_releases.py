"""The pages of releases: the list, one with what it changed, the preview of the next one, the calendar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Final

from markupsafe import Markup

from wikic.domain.delta import ENDINGS, TRANSLATED, Figures, word_of
from wikic.web import charts
from wikic.web.charts import Bar
from wikic.web.texts import Texts
from wikic.web.views_common import Addresses, ConceptLink, Link, Page, concept_link
from wikic.web.views_framework import ReleaseLine
from wikic.web.views_refresh import TouchedView

TONES: Final = {
    "breaking": "removed",
    "notable": "changed",
    "minor": "other",
    "added": "added",
    "restored": "added",
    "related": "added",
    "unrelated": "removed",
    TRANSLATED: "other",
    **dict.fromkeys(sorted(ENDINGS), "removed"),
}
_SHOWN: Final = 20


@dataclass(frozen=True)
class ReleasesPage(Page):
    """All releases, and two moments to compare."""

    template: ClassVar = "releases.html"
    releases: Annotated[Sequence[ReleaseLine], "The releases, the latest first."]
    may_release: Annotated[bool, "Whether the reader may freeze one."]
    before: Annotated[str, "What stands in the form as the earlier moment to compare."]
    after: Annotated[str, "The later one."]
    name: Annotated[str, "The name that was typed into the form."] = ""
    at: Annotated[str, "The number that was typed into it."] = ""
    trouble: Annotated[str, "Why the form was refused; empty if it was not."] = ""


@dataclass(frozen=True, slots=True)
class DeltaLine:
    """One change of a concept."""

    type: Annotated[str, "The word that it is counted under."]
    severity: Annotated[str, "Its severity."]
    place: Annotated[str, "What changed, in words; empty where the type says it."]
    lang: Annotated[str, "The language of the texts; empty for none."]
    before: Annotated[str, "What it was; empty if nothing."]
    after: Annotated[str, "What it is; empty if nothing."]
    old: Annotated[Sequence[ConceptLink], "Concepts it led to."]
    new: Annotated[Sequence[ConceptLink], "Concepts it leads to."]
    branch: Annotated[str, "Of a relation: the branch that it is for; empty for all."] = ""


@dataclass(frozen=True, slots=True)
class DeltaEntry:
    """One concept that changed."""

    concept: Annotated[ConceptLink, "The concept."]
    severity: Annotated[str, "The worst of its changes."]
    lines: Annotated[Sequence[DeltaLine], "The first of its changes that were chosen."]
    more: Annotated[int, "How many further ones there are."]


@dataclass(frozen=True, slots=True)
class DeltaView:
    """What changed between two moments, and how much that matters."""

    before: Annotated[str, "The earlier one."]
    total: Annotated[int, "How many concepts changed."]
    changes: Annotated[int, "How many changes there are."]
    lists: Annotated[Sequence[Link], "New, modified, deprecated ones ..., to choose a list."]
    severities: Annotated[Sequence[Link], "Severities, to choose one."]
    types: Annotated[Sequence[Link], "Types of change, to choose one."]
    languages: Annotated[Sequence[Link], "Languages of changed texts, to choose one; empty where there are not several."]
    severity_chart: Annotated[Markup, "Changes by severity, as a chart."]
    type_chart: Annotated[Markup, "Changes by type, as a chart."]
    kinds: Annotated[Sequence[tuple[str, Sequence[tuple[str, int]]]], "Concepts by type of change, and kind."]
    entries: Annotated[Sequence[DeltaEntry], "Concepts that changed."]
    following: Annotated[str, "The next page; empty at the end."]


@dataclass(frozen=True, slots=True)
class RemarkLine:
    """A comment on a candidate."""

    name: Annotated[str, "Who wrote it."]
    time: Annotated[str, "When, ISO."]
    text: Annotated[str, "What it says."]
    issuer: Annotated[str, "Of an objection: the issuer's name; else empty."] = ""
    badges: Annotated[Sequence[Link], "Of an objection: the badge classes it is about."] = ()


@dataclass(frozen=True)
class ReleasePage(Page):
    """One release: what it holds, what it changed, its files, and what may be done with it."""

    template: ClassVar = "release.html"
    release: Annotated[ReleaseLine, "The release."]
    published_at: Annotated[str, "When it was published, ISO; empty while it is not."]
    delta: Annotated[DeltaView | None, "What changed since the release before; None for the first one."]
    schemes: Annotated[Sequence[tuple[str, int]], "What it holds: schemes and their numbers of concepts."]
    downloads: Annotated[Sequence[Link], "The whole release, its delta and its manifest as files."]
    may_release: Annotated[bool, "Whether the reader may prepare, publish or withdraw it."]
    manifest: Annotated[str, "How far its manifest is: made, running, failed or missing."]
    remarks: Annotated[Sequence[RemarkLine] | None, "Comments, oldest first; None where the release is no candidate."]
    may_comment: Annotated[bool, "Whether the reader may comment."]
    needs_terms: Annotated[bool, "Whether they may once they have accepted the terms of contribution."]
    blocking: Annotated[Sequence[tuple[str, int]], "Checks that forbid to publish it, and how often."]
    trouble: Annotated[str, "Why something could not be done; empty if nothing."] = ""
    remark: Annotated[str, "The comment that was typed and refused; empty if none was."] = ""
    touched: Annotated[TouchedView | None, "Of a candidate, for who prepares it: the badge classes it touches."] = None
    rehearsal: Annotated[str, "Of a candidate, for issuers: the page with what it does to their badge classes; empty for others."] = ""


@dataclass(frozen=True, slots=True)
class FindingLine:
    """Something that a check found."""

    what: Annotated[str, "What it is."]
    lang: Annotated[str, "The language it is said in, where that is not the page's."]
    count: Annotated[int, "How often."]
    blocking: Annotated[bool, "Whether it forbids to publish."]
    in_source: Annotated[bool, "Whether it came so from a source."]
    concepts: Annotated[Sequence[ConceptLink], "Some of the concepts it is about."]


@dataclass(frozen=True, slots=True)
class PendingLine:
    """An open proposal that matters to the release."""

    address: Annotated[str, "Its page."]
    what: Annotated[str, "What it would do."]
    concepts: Annotated[Sequence[ConceptLink], "The concepts it touches: the first ones."]
    touches: Annotated[bool, "Whether it touches what changed since the last release."]
    ends: Annotated[bool, "Whether it would merge, split or deprecate something."]


@dataclass(frozen=True)
class PreviewPage(Page):
    """What the next release would be."""

    template: ClassVar = "release_preview.html"
    seq: Annotated[int, "The number it would name."]
    since: Annotated[str, "The last published release; empty where there is none."]
    figures: Annotated[Sequence[tuple[str, int]], "Concepts by list."]
    severity_chart: Annotated[Markup, "Changes by severity; empty where nothing can be compared."]
    compare: Annotated[str, "The difference, concept by concept; empty where nothing can be compared."]
    proposals: Annotated[int, "Proposals that wait for a decision."]
    checked: Annotated[bool, "Whether the checks are made."]
    blocked: Annotated[bool, "Whether a check forbids to publish."]
    findings: Annotated[Sequence[FindingLine], "What the checks found."]
    notes: Annotated[Sequence[str], "What could not be checked."]
    pending: Annotated[Sequence[PendingLine], "Open proposals that touch what changed, or would end a concept: the first ones."]
    pending_total: Annotated[int, "How many there are."]
    touched: Annotated[TouchedView | None, "The badge classes it would touch; None where an earlier number is previewed."] = None


@dataclass(frozen=True, slots=True)
class CalendarLine:
    """One day of the calendar."""

    id: Annotated[str, "The entry's id."]
    day: Annotated[str, "The day, ISO."]
    step: Annotated[str, "What happens."]
    release: Annotated[str, "Of which release."]
    text: Annotated[str, "A few more words."]
    version: Annotated[int, "Which version of the entry this is."]


@dataclass(frozen=True)
class CalendarPage(Page):
    """The calendar of releases."""

    template: ClassVar = "release_calendar.html"
    entries: Annotated[Sequence[CalendarLine], "Its days, in order."]
    steps: Annotated[Sequence[str], "What can happen on a day."]
    may_release: Annotated[bool, "Whether the reader may change it."]
    typed: Annotated[Mapping[str, str], "What stands in the form, by its fields."]
    trouble: Annotated[str, "Why the form was refused; empty if it was not."] = ""


def severity_chart(figures: Figures, t: Texts) -> Markup:
    """Changes by severity."""
    rows = [
        Bar(t.name("severity", name), number, t.number(number), TONES[name]) for name, number in figures.severities.items()
    ]
    return charts.bars(t("delta.by_severity"), rows) if figures.changes else Markup("")


def type_chart(figures: Figures, t: Texts) -> Markup:
    """Changes by type, the most frequent first."""
    rows = [
        Bar(t.name("change", name), number, t.number(number), TONES.get(name, "changed"))
        for name, number in sorted(figures.types.items(), key=lambda row: (-row[1], row[0]))
    ]
    return charts.bars(t("diff.chart"), rows) if rows else Markup("")


def delta_entry(item: Mapping[str, Any], addresses: Addresses, t: Texts) -> DeltaEntry:
    """One concept of a delta (`Deltas.page`)."""
    lines = [_line(change, addresses, t) for change in item["changes"][:_SHOWN]]
    return DeltaEntry(concept_link(item, addresses, t.lang), item["severity"], lines, max(0, len(item["changes"]) - _SHOWN))


def _line(change: Mapping[str, Any], addresses: Addresses, t: Texts) -> DeltaLine:
    of_relation = change["type"] in ("related", "unrelated", "rerelated")
    place = t.name("relation", change["field"]) if of_relation else ""

    def shown(value: str | None) -> str:
        return t.name("importance_one", value) if of_relation else value or ""

    born = change["type"] == "added" or change["type"] in ENDINGS
    return DeltaLine(
        type=word_of(change["type"], change["before"]),
        severity=change["severity"],
        place=place,
        lang=change["lang"] or "",
        before="" if born else shown(change["before"]),
        after="" if born else shown(change["after"]),
        old=[concept_link(brief, addresses, t.lang) for brief in change["old"] if change["type"] != "rerelated"],
        new=[concept_link(brief, addresses, t.lang) for brief in change["new"]],
        branch=change.get("branch") or "",
    )
