"""The pages of the framework as a whole: the tree, schemes, releases, differences, changes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Final

from markupsafe import Markup

from wikic.web.charts import Bar
from wikic.web.texts import Texts
from wikic.web.views_common import Addresses, ConceptLink, Link, Page, concept_link

_PROPOSALS: Final = 3
_TOGETHER: Final = re.compile(r"(\d+) proposals")
_AUTHORS: Final = re.compile(r"(.+) and (\d+) others", re.DOTALL)
"""How the log names what is of several (`deciding_writing`)."""
_TONES: Final = {
    "added": "added",
    "restored": "added",
    "related": "added",
    "deprecated": "removed",
    "unrelated": "removed",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One level of the tree on the way down to what is shown."""

    concept: Annotated[ConceptLink, "The concept."]
    address: Annotated[str, "The tree below it."]


@dataclass(frozen=True, slots=True)
class TreeNode:
    """One concept of the tree."""

    concept: Annotated[ConceptLink, "The concept, with its number of narrower ones."]
    address: Annotated[str, "The tree below it."]


@dataclass(frozen=True)
class TreePage(Page):
    """The tree: schemes to choose from, then roots or what is below a concept."""

    template: ClassVar = "tree.html"
    schemes: Annotated[Sequence[Link], "The schemes, with the one shown marked."]
    kinds: Annotated[Sequence[Link], "The kinds of roots of the scheme, with the one shown marked."]
    path: Annotated[Sequence[Step], "From a root down to the concept whose narrower ones are shown."]
    nodes: Annotated[Sequence[TreeNode], "What is shown."]
    following: Annotated[str, "The next page; empty at the end."]


@dataclass(frozen=True, slots=True)
class SchemeFigures:
    """One scheme."""

    scheme: Annotated[str, "Its word."]
    title: Annotated[str, "Its name."]
    attribution: Annotated[str, "How it wants to be named; empty if nothing is asked."]
    licence: Annotated[Link | None, "Its licence."]
    total: Annotated[int, "How many concepts it has."]
    rows: Annotated[Sequence[tuple[str, int, int, int]], "Kind; active, deprecated and draft concepts."]
    chart: Annotated[Markup, "The same as a chart; empty if there is nothing."]
    browse: Annotated[str, "Its tree."]


@dataclass(frozen=True)
class SchemesPage(Page):
    """All schemes."""

    template: ClassVar = "schemes.html"
    schemes: Annotated[Sequence[SchemeFigures], "The schemes."]


@dataclass(frozen=True, slots=True)
class ReleaseLine:
    """One release in a list."""

    name: Annotated[str, "Its name."]
    seq: Annotated[int, "Its number."]
    state: Annotated[str, "Its state."]
    frozen_at: Annotated[str, "When it was frozen, ISO."]
    address: Annotated[str, "Its page."]
    read: Annotated[str, "The home page as of it."]


@dataclass(frozen=True, slots=True)
class DiffEntry:
    """One concept that differs."""

    concept: Annotated[ConceptLink, "The concept."]
    changes: Annotated[Sequence[Mapping[str, Any]], "Typed differences of its content."]
    relations: Annotated[Sequence[tuple[str, str, ConceptLink]], "Type of change; relation; the other concept."]


@dataclass(frozen=True, slots=True)
class DiffView:
    """The difference between two moments."""

    before: Annotated[str, "The earlier one."]
    after: Annotated[str, "The later one."]
    concepts: Annotated[int, "How many concepts differ."]
    total: Annotated[int, "How many differences there are."]
    chart: Annotated[Markup, "Their number by type."]
    types: Annotated[Sequence[Link], "The types, to choose one."]
    entries: Annotated[Sequence[DiffEntry], "Concepts that differ."]
    following: Annotated[str, "The next page; empty at the end."]


@dataclass(frozen=True)
class DiffPage(Page):
    """Two moments compared."""

    template: ClassVar = "diff.html"
    diff: Annotated[DiffView | None, "What differs; None before two moments are chosen."]
    releases: Annotated[Sequence[str], "Names to choose from."]
    before: Annotated[str, "What stands in the form as the earlier moment."]
    after: Annotated[str, "The later one."]
    trouble: Annotated[str, "Why they are not compared; empty if they are, or none are chosen."] = ""


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One change of the log."""

    seq: Annotated[int, "Its number."]
    time: Annotated[str, "When, ISO."]
    actor: Annotated[str, "Who."]
    kind: Annotated[str, "Its kind."]
    summary: Annotated[str, "What it was."]
    counts: Annotated[Sequence[tuple[str, int]], "How much it changed."]
    address: Annotated[str, "Its page."]


@dataclass(frozen=True)
class ChangesPage(Page):
    """The change log, the latest first."""

    template: ClassVar = "changes.html"
    changes: Annotated[Sequence[ChangeLine], "The changes."]
    older: Annotated[str, "Older ones; empty at the end."]
    begun: Annotated[bool, "Whether this is a later page."]


@dataclass(frozen=True)
class ChangePage(Page):
    """One change."""

    template: ClassVar = "change.html"
    change: Annotated[ChangeLine, "The change."]
    chart: Annotated[Markup, "Its size; empty if it has none."]
    details: Annotated[Sequence[tuple[str, str]], "What else is on record."]
    diff: Annotated[DiffView | None, "Concept by concept; None for an import."]
    moderator: Annotated[str, "Who decided on it; empty for what needed no decision."]
    proposals: Annotated[Sequence[str], "The pages of the proposals that it came from."]
    reverts: Annotated[bool, "Whether the reader may take it back."]
    obstacle: Annotated[str, "Why it cannot be taken back, for those who could: kind or large; empty where nothing is known against it."] = ""
    review: Annotated[str, "The review of the import, for those who may see it; empty for none."] = ""


def proposal_addresses(details: Mapping[str, str]) -> list[str]:
    """The pages of the proposals that a change came from; few of many that were decided together."""
    return [f"/proposals/{each}" for each in details.get("proposal", "").split()][:_PROPOSALS]


def summary_of(body: Mapping[str, Any], t: Texts) -> str:
    """What a change of the log says of itself; in the reader's language where the program wrote it, not a person."""
    kind, details, summary = body["kind"], body["details"], str(body["summary"])
    together = _TOGETHER.fullmatch(summary)
    if kind == "proposal" and "bulk" in details and together:
        return t("changes.together", n=int(together[1]))
    why = f"{t.colon} {details['reason']}" if details.get("reason") else ""
    if kind == "revert" and "reverts" in details:
        return t("changes.taken_back", seq=details["reverts"]) + why
    if kind == "revert" and "to" in details:
        return t("changes.put_back", seq=details["to"]) + why
    return summary


def author_of(body: Mapping[str, Any], t: Texts) -> str:
    """Who made a change of the log; of several authors the first, and how many more."""
    actor = str(body["actor"])
    if body["kind"] != "proposal":
        return actor
    several = _AUTHORS.fullmatch(actor)
    first = several[1] if several else actor
    name = t("proposal.a_reader") if first == "a reader" else first
    return t("changes.and_others", name=name, n=int(several[2])) if several else name


def change_line(body: Mapping[str, Any], t: Texts) -> ChangeLine:
    """A line of the log (`reading_views.change_body`)."""
    return ChangeLine(
        seq=body["seq"],
        time=body["time"],
        actor=author_of(body, t),
        kind=body["kind"],
        summary=summary_of(body, t),
        counts=[(name, number) for name, number in body["counts"].items() if number],
        address=f"/changes/{body['seq']}",
    )


def diff_bars(counts: Mapping[str, int], t: Texts) -> list[Bar]:
    """Differences by type, the most frequent first."""
    return [
        Bar(t.name("change", name), number, t.number(number), _TONES.get(name, "changed"))
        for name, number in sorted(counts.items(), key=lambda row: (-row[1], row[0]))
    ]


def diff_entry(item: Mapping[str, Any], addresses: Addresses, t: Texts) -> DiffEntry:
    """One concept of a difference (`Reading.diff`)."""
    relations = [
        (each["change"], t.name("relation", each["type"]), concept_link(each["target"], addresses, t.lang))
        for each in item["relations"]
    ]
    return DiffEntry(concept_link(item, addresses, t.lang), item["changes"], relations)
