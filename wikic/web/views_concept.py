"""The pages of a concept: what they show, made of the body that the API answers too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Final

from markupsafe import Markup

from wikic.domain.vocabulary import IMPORTANCES
from wikic.web.charts import Bar
from wikic.web.texts import Texts
from wikic.web.views_badges import BadgeRow
from wikic.web.views_common import Addresses, ConceptLink, Link, Page, Text, concept_link, text_of
from wikic.web.views_endorsing import Standing
from wikic.web.views_levels import ConceptCriteria
from wikic.web.views_open_badges import CopyBoxes

SHOWN: Final = 24
"""How many related concepts a list shows before the rest is folded away."""


_LATER: Final = {"requires": -1, "broader": 1, "member_of": 2}
"""What stands before or after the other relations: the way up is told by the breadcrumb already."""


@dataclass(frozen=True, slots=True)
class RelationGroup:
    """Related concepts under one heading."""

    name: Annotated[str, "A word for it, unique on the page."]
    title: Annotated[str, "The heading."]
    total: Annotated[int, "How many there are."]
    items: Annotated[Sequence[ConceptLink], "The first of them, strongest first."]
    address: Annotated[str, "Where all of them are listed."]
    relation: Annotated[str, "The relation's word."] = ""

    @property
    def first(self) -> Sequence[ConceptLink]:
        """Those that are shown at once."""
        return self.items[:SHOWN]

    @property
    def rest(self) -> Sequence[ConceptLink]:
        """Those that are folded away."""
        return self.items[SHOWN:]

    @property
    def missing(self) -> bool:
        """Whether there are more than are on the page."""
        return self.total > len(self.items)


@dataclass(frozen=True, slots=True)
class LanguageLabels:
    """All labels in one language."""

    lang: Annotated[str, "The language tag."]
    language: Annotated[str, "The language's name."]
    preferred: Annotated[Sequence[str], "Preferred label, one or none."]
    alternative: Annotated[Sequence[str], "Alternative labels."]
    hidden: Annotated[Sequence[str], "Hidden labels."]


@dataclass(frozen=True, slots=True)
class Named:
    """A text with a heading, or a value with its name."""

    name: Annotated[str, "The heading."]
    text: Annotated[Text, "The text."]
    word: Annotated[str, "The word for it in forms."] = ""


@dataclass(frozen=True, slots=True)
class SourceValue:
    """Where an edited concept differs from its source."""

    field: Annotated[str, "What differs."]
    lang: Annotated[str, "In which language; empty if it has none."]
    here: Annotated[str, "What is said here; empty if nothing."]
    source: Annotated[str, "What the source says; empty if nothing."]


@dataclass(frozen=True, slots=True)
class Cite:
    """How to point at a concept from outside."""

    permanent: Annotated[str, "The whole permanent address."]
    pinned: Annotated[str, "The whole address in one release; empty while there is none."]
    release: Annotated[str, "That release."]
    reference: Annotated[str, "A sentence for a list of references."]


@dataclass(frozen=True)
class ConceptHead:
    """The head of all pages of one concept."""

    uuid: Annotated[str, "Its uuid."]
    name: Annotated[Text, "Its name."]
    kind: Annotated[str, "Its kind."]
    nature: Annotated[str, "Its nature; empty if none."]
    scheme: Annotated[str, "Its scheme."]
    code: Annotated[str, "Its code; empty if none."]
    deprecated: Annotated[bool, "Whether it is deprecated."]
    draft: Annotated[bool, "Whether it is a draft."]
    edited: Annotated[bool, "Whether it was edited here since its import."]
    tabs: Annotated[Sequence[Link], "The pages of this concept."]


@dataclass(frozen=True, slots=True)
class WatchForm:
    """The buttons that watch a concept, or end that."""

    back: Annotated[str, "The address to come back to."]
    choices: Annotated[Sequence[tuple[str, str, bool]], "What is watched, what the button says, whether it is watched now."]


@dataclass(frozen=True, slots=True)
class ConceptBadges:
    """The badge classes that attest a competency, on its page."""

    rows: Annotated[Sequence[BadgeRow], "The first of them."]
    total: Annotated[int, "How many bindings there are."]
    address: Annotated[str, "Where all of them are listed."]
    bind: Annotated[str, "Where one binds a badge class of one's own; empty for who has none."]


@dataclass(frozen=True)
class ConceptPage(Page):
    """One concept."""

    template: ClassVar = "concept.html"
    head: Annotated[ConceptHead, "The head."]
    replaced_by: Annotated[Sequence[ConceptLink], "What replaced it in the end."]
    definition: Annotated[Text, "Its definition; empty if none."]
    notes: Annotated[Sequence[Named], "Its notes."]
    labels: Annotated[Sequence[LanguageLabels], "Labels in the page's languages."]
    more_labels: Annotated[Sequence[LanguageLabels], "Labels in all other languages."]
    neighbourhood: Annotated[Markup, "The chart of its neighbourhood; empty if it stands alone."]
    markup: Annotated[Markup, "The concept in the words of schema.org."]
    makeup: Annotated[Markup, "The chart of what an occupation requires; empty if nothing."]
    makeup_parts: Annotated[Sequence[Bar], "The legend of that chart."]
    groups: Annotated[Sequence[RelationGroup], "Its relations."]
    source_version: Annotated[str, "The version of the source; empty if none."]
    source_iri: Annotated[str, "Its key in the source; empty if none."]
    sectors: Annotated[Sequence[str], "NAF/NACE codes."]
    attributes: Annotated[Sequence[tuple[str, str]], "Other data of the source."]
    source_values: Annotated[Sequence[SourceValue], "Where it differs from its source."]
    cite: Annotated[Cite, "How to cite it."]
    downloads: Annotated[Sequence[Link], "Its other forms."]
    attribution: Annotated[str, "How the source wants to be named; empty if nothing is asked."]
    licence: Annotated[Link | None, "The source's licence."]
    seq: Annotated[int, "The last number at which anything here changed."]
    propose: Annotated[Mapping[str, str], "The forms that change its fields, by field; none as of a release."]
    acts: Annotated[Sequence[Link], "What else can be proposed about it."]
    proposals: Annotated[Sequence[Link], "Open proposals about it."]
    criteria: Annotated[ConceptCriteria | None, "What networks ask for at each level, of a competency on the current version."] = None
    watching: Annotated[WatchForm | None, "For who is signed in, on the current version."] = None
    badges: Annotated[ConceptBadges | None, "The badge classes that attest it, of a competency on the current version."] = None
    standing: Annotated[Standing | None, "Who stands behind it, of a competency on the current version."] = None
    boxes: Annotated[CopyBoxes | None, "What is copied into badge tools, of a competency."] = None


@dataclass(frozen=True)
class RelationsPage(Page):
    """All relations of a concept, page by page."""

    template: ClassVar = "relations.html"
    head: Annotated[ConceptHead, "The head."]
    filters: Annotated[Sequence[Link], "The types of relation it has."]
    items: Annotated[Sequence[tuple[str, ConceptLink, Sequence[Link]]], "Name of the relation, the concept at its other end, forms that change it."]
    following: Annotated[str, "The next page; empty at the end."]
    begun: Annotated[bool, "Whether this is a later page."]


@dataclass(frozen=True, slots=True)
class Entry:
    """What one change did to a concept."""

    seq: Annotated[int, "The number of the change."]
    time: Annotated[str, "When, ISO."]
    actor: Annotated[str, "Who."]
    kind: Annotated[str, "The kind of change."]
    summary: Annotated[str, "What it was."]
    address: Annotated[str, "The page of the change."]
    changes: Annotated[Sequence[Mapping[str, Any]], "Typed differences."]
    relations: Annotated[Sequence[tuple[str, str, ConceptLink]], "opened, closed or changed; the relation; the concept."]
    more: Annotated[int, "How many relations are not listed."]
    moderator: Annotated[str, "Who decided on it; empty for what needed no decision."] = ""
    proposals: Annotated[Sequence[str], "The pages of the proposals that it came from."] = ()
    obstacle: Annotated[str, "Why it cannot be taken back, for those who could: kind or large; empty where nothing is known against it."] = ""


@dataclass(frozen=True)
class HistoryPage(Page):
    """The story of a concept, the latest first."""

    template: ClassVar = "history.html"
    head: Annotated[ConceptHead, "The head."]
    entries: Annotated[Sequence[Entry], "The changes."]
    following: Annotated[str, "The next page; empty at the end."]
    reverts: Annotated[bool, "Whether the reader may take changes back."]
    proposes: Annotated[bool, "Whether the reader may propose it, and no more."]


def head_of(body: Mapping[str, Any], addresses: Addresses, t: Texts, tab: str) -> ConceptHead:
    """The head of a concept's pages; `tab` is the part shown."""
    uuid = str(body["uuid"])
    parts = {"": "concept.tab_entry", "relations": "concept.tab_relations", "history": "concept.tab_history"}
    return ConceptHead(
        uuid=uuid,
        name=text_of(body["preferred_label"], t.lang, body["source"]["code"] or uuid),
        kind=body["kind"],
        nature=body["nature"] or "",
        scheme=body["scheme"],
        code=body["source"]["code"] or "",
        deprecated=body["status"] == "deprecated",
        draft=body["status"] == "draft",
        edited=body["edited"],
        tabs=[Link(addresses.concept(uuid, part), t(key), current=part == tab) for part, key in parts.items()],
    )


def labels_of(body: Mapping[str, Any], t: Texts) -> tuple[list[LanguageLabels], list[LanguageLabels]]:
    """Labels by language: those of the page's languages, then the others."""
    tags = {label["lang"] for label in body["labels"]}
    made = [
        LanguageLabels(tag, t.name("language", tag.partition("-")[0]), *(
            [label["value"] for label in body["labels"] if label["lang"] == tag and label["type"] == kind]
            for kind in ("preferred", "alternative", "hidden")
        ))
        for tag in sorted(tags, key=lambda tag: (tag != t.lang, tag not in ("fr", "en"), tag))
    ]  # fmt: skip
    shown = [labels for labels in made if labels.lang.partition("-")[0] in ("fr", "en")]
    return (shown, [labels for labels in made if labels not in shown]) if shown else (made, [])


def groups_of(body: Mapping[str, Any], addresses: Addresses, t: Texts) -> list[RelationGroup]:
    """The relations under the headings of the page: an occupation's requirements by importance and kind, all else by
    name. What is told elsewhere on the page (successors) is left out."""
    groups: list[RelationGroup] = []
    uuid = str(body["uuid"])
    for name, items in sorted(body["relations"].items(), key=lambda row: _LATER.get(row[0], 0)):
        if name == "replaced_by":
            continue
        links = [concept_link(item, addresses, t.lang) for item in items]
        total = body["relations_total"][name]
        address = addresses.concept(uuid, f"relations?type={name}")
        if name == "requires":
            groups += _requirements(links, total, address, t)
        else:
            groups.append(RelationGroup(name, t.name("relation", name), total, links, address, name))
    return groups


def _requirements(links: list[ConceptLink], total: int, address: str, t: Texts) -> list[RelationGroup]:
    all_here = total == len(links)
    found: dict[str, list[ConceptLink]] = {}
    for link in links:
        part = "knowledge" if link.kind == "knowledge" else link.importance or "other"
        found.setdefault(part, []).append(link)
    groups = []
    for part in (*IMPORTANCES, "other", "knowledge"):
        if part in found:
            skills, importance = t("concept.skills"), t.name("importance", part)
            title = t("concept.knowledge") if part == "knowledge" else f"{skills} · {importance.lower()}"
            if part == "other" and not any(each in found for each in IMPORTANCES):
                title = skills
            groups.append(RelationGroup(f"requires-{part}", title, len(found[part]), found[part], address, "requires"))
    if not all_here:
        last = groups[-1]
        rest = total - len(links) + len(last.items)
        groups[-1] = RelationGroup(last.name, last.title, rest, last.items, address, "requires")
    return groups


def makeup_of(body: Mapping[str, Any], t: Texts) -> list[Bar]:
    """What an occupation requires, by importance, knowledge apart; for the chart and its legend."""
    counts: dict[str, int] = {}
    for item in body["relations"].get("requires", ()):
        part = "knowledge" if item["kind"] == "knowledge" else item["importance"] or "other"
        counts[part] = counts.get(part, 0) + 1
    names = {part: t.name("importance", part) for part in (*IMPORTANCES, "other")} | {"knowledge": t("concept.knowledge")}
    return [Bar(name, counts[part], t.number(counts[part]), part) for part, name in names.items() if part in counts]


def attributes_of(body: Mapping[str, Any], t: Texts) -> list[tuple[str, str]]:
    """Other data of the source, as people read them."""

    def shown(value: Any) -> str:
        if isinstance(value, bool):
            return t("concept.yes") if value else t("concept.no")
        return ", ".join(map(str, value)) if isinstance(value, list) else str(value)

    return [(name.replace("_", " "), shown(value)) for name, value in body["attributes"].items()]
