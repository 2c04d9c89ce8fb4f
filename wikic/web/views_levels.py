"""The pages of scales and criteria, and the parts of other pages that show criteria."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

from wikic.domain.levels import CriteriaProposal, Scale
from wikic.web.views_account import FormPage
from wikic.web.views_common import ConceptLink, Link, Page, Text


@dataclass(frozen=True, slots=True)
class LevelWords:
    """A level, and what is said of it."""

    number: Annotated[int, "Its number; 1 is the lowest."]
    name: Annotated[Text, "Its name."]
    words: Annotated[Text, "What it means, or what is asked for there; empty if nothing is said."]
    address: Annotated[str, "Its own address."]
    current: Annotated[bool, "Whether it is the one that is asked for."] = False


@dataclass(frozen=True, slots=True)
class CriteriaBlock:
    """What a network asks for at each level of a competency."""

    address: Annotated[str, "Its page."]
    network: Annotated[Link, "The network."]
    scale: Annotated[Link, "The scale."]
    levels: Annotated[Sequence[LevelWords], "The levels it says something of."]
    concept: Annotated[ConceptLink | None, "The competency, where it is not the page's own."] = None


@dataclass(frozen=True, slots=True)
class ConceptCriteria:
    """Criteria by level on the page of a competency."""

    blocks: Annotated[Sequence[CriteriaBlock], "Those of each network."]
    propose: Annotated[str, "Where the reader proposes some; empty for who may not."]


@dataclass(frozen=True, slots=True)
class ScaleRow:
    """A scale in a list."""

    address: Annotated[str, "Its page."]
    name: Annotated[Text, "Its name."]
    id: Annotated[str, "Its id."]
    levels: Annotated[Sequence[Text], "The names of its levels, the lowest first."]
    owner: Annotated[Link | None, "The network that made it; None for none."]


@dataclass(frozen=True)
class ScalesPage(Page):
    """All scales."""

    template: ClassVar = "scale_list.html"
    rows: Annotated[Sequence[ScaleRow], "The scales."]
    following: Annotated[str, "The next page; empty at the end."]
    may_make: Annotated[bool, "Whether the reader may make one."]


@dataclass(frozen=True)
class ScalePage(Page):
    """One scale; or one of its levels."""

    template: ClassVar = "scale.html"
    scale: Annotated[Scale, "The scale."]
    levels: Annotated[Sequence[LevelWords], "Its levels, the lowest first."]
    owner: Annotated[Link | None, "The network that made it; None for none."]
    permanent: Annotated[str, "The address to cite."]
    edit: Annotated[str, "Where the reader changes it; empty for who may not."]


@dataclass(frozen=True)
class ScaleFormPage(FormPage):
    """Make a scale, or change one."""

    template: ClassVar = "scale_form.html"
    action: Annotated[str, "Where the form goes."]
    new: Annotated[bool, "Whether it is made now."]
    used: Annotated[bool, "Whether it can only be added to."]
    values: Annotated[dict[str, str], "What stands in the fields, by their names."]
    rows: Annotated[Sequence[int], "The numbers of the levels that have fields."]
    owners: Annotated[Sequence[tuple[str, str]], "The networks in whose name the reader may make it."]
    nobody: Annotated[bool, "Whether it may be made in the name of no network."]
    version: Annotated[int, "The version that was read."]


@dataclass(frozen=True)
class CriteriaPage(Page):
    """Criteria of a network; or what they say of one level."""

    template: ClassVar = "criteria.html"
    block: Annotated[CriteriaBlock, "The criteria."]
    concept: Annotated[ConceptLink, "The competency."]
    versions: Annotated[Sequence[tuple[Link, str, str]], "Their versions, newest first: with when, and who decided."]
    number: Annotated[int, "Which version is shown."]
    newest: Annotated[str, "Where the newest version is; empty for that one itself."]
    permanent: Annotated[str, "The address to cite."]
    propose: Annotated[str, "Where the reader proposes something else; empty for who may not."]


@dataclass(frozen=True)
class CriteriaFormPage(FormPage):
    """Propose criteria: first for which network and scale, then what they say."""

    template: ClassVar = "criteria_form.html"
    concept: Annotated[ConceptLink, "The competency."]
    network: Annotated[Link | None, "The network; None until it is chosen."]
    networks: Annotated[Sequence[tuple[str, str]], "The networks to choose from."]
    scale: Annotated[str, "The scale's id."]
    scales: Annotated[Sequence[tuple[str, str]], "The scales to choose from."]
    levels: Annotated[Sequence[LevelWords], "The scale's levels."]
    values: Annotated[dict[str, str], "What stands in the fields, by their names."]


@dataclass(frozen=True, slots=True)
class ProposedText:
    """What a proposal says of a level in a language."""

    number: Annotated[int, "The level's number."]
    name: Annotated[Text, "The level's name."]
    lang: Annotated[str, "The language."]
    before: Annotated[str, "What held; empty if nothing."]
    after: Annotated[str, "What is proposed; empty if nothing is said any more."]
    adopted: Annotated[str | None, "What was adopted in its place, empty where that is nothing; none if it was adopted as it stands, or is not decided."]


@dataclass(frozen=True)
class CriteriaProposalPage(FormPage):
    """A proposal of criteria."""

    template: ClassVar = "criteria_proposal.html"
    proposal: Annotated[CriteriaProposal, "The proposal."]
    concept: Annotated[ConceptLink, "The competency."]
    network: Annotated[Link, "The network."]
    scale: Annotated[Link, "The scale."]
    texts: Annotated[Sequence[ProposedText], "What it says."]
    criteria: Annotated[str, "The page of what holds; empty if nothing does."]
    decides: Annotated[bool, "Whether the reader decides on it."]
    own: Annotated[bool, "Whether the reader has made it."]
    values: Annotated[dict[str, str], "What stands in the fields of a decision."]


@dataclass(frozen=True, slots=True)
class CriteriaProposalRow:
    """A proposal in a queue."""

    address: Annotated[str, "Its page."]
    concept: Annotated[ConceptLink | None, "The competency."]
    scale: Annotated[str, "The scale's name."]
    by: Annotated[str, "Who proposes it."]
    time: Annotated[str, "When."]


@dataclass(frozen=True)
class CriteriaQueuePage(Page):
    """What is proposed to a network, and what it has adopted."""

    template: ClassVar = "criteria_queue.html"
    people: Annotated[bool, "Whether the reader sees what is proposed."]
    states: Annotated[Sequence[Link], "Filters by state."]
    rows: Annotated[Sequence[CriteriaProposalRow], "The proposals in that state, oldest first."]
    following: Annotated[str, "The next page of proposals; empty at the end."]
    blocks: Annotated[Sequence[CriteriaBlock], "What it has adopted."]
    further: Annotated[str, "The next page of those; empty at the end."]
