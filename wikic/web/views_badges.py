"""The pages of badge classes and issuers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from wikic.domain.badges import BadgeClass, BadgeContent
from wikic.domain.organisations import Profile
from wikic.web.views_account import FormPage
from wikic.web.views_common import ConceptLink, Link, Page
from wikic.web.views_deployment import SharedBadge
from wikic.web.views_elsewhere import SourceView
from wikic.web.views_endorsing import Standing
from wikic.web.views_levels import CriteriaBlock
from wikic.web.views_open_badges import CopyBoxes
from wikic.web.views_search import Facet


@dataclass(frozen=True, slots=True)
class BadgeRow:
    """A badge class in a list."""

    address: Annotated[str, "Its page."]
    name: Annotated[str, "Its name."]
    lang: Annotated[str, "Its language, if another than the page's."]
    description: Annotated[str, "The beginning of its description."]
    image: Annotated[str, "The address of its image."]
    issuer: Annotated[Link, "Who issues it."]
    status: Annotated[str, "Its status, where it is not published."]
    level: Annotated[str, "Its level in words; empty for none."]
    elsewhere: Annotated[bool, "Whether it is hosted elsewhere."] = False
    source: Annotated[str, "The state of its address there, in one word; empty for what is hosted here."] = ""
    read: Annotated[str, "When that answered last; empty for never."] = ""


@dataclass(frozen=True, slots=True)
class BoundRow:
    """A competency that a badge class attests."""

    binding: Annotated[str, "The binding's id."]
    concept: Annotated[ConceptLink, "The competency as it is now."]
    level: Annotated[str, "The level in words; empty for none."]
    seen: Annotated[str, "Its name when it was bound, where it has another now."]
    description: Annotated[str, "The beginning of its definition."]
    permanent: Annotated[str, "Its permanent address."]
    pinned: Annotated[str, "Its address as of the release it was bound in; empty for none."]
    release: Annotated[str, "That release."]
    iri: Annotated[str, "Its own address in its source; empty for none."]
    made: Annotated[str, "Who bound it, and when, in words."]
    successors: Annotated[Sequence[ConceptLink], "What replaced it."] = field(default=())


@dataclass(frozen=True, slots=True)
class Lack:
    """Something a badge class lacks."""

    why: Annotated[str, "What is missing, in words."]
    suggestion: Annotated[str, "What to do."]
    required: Annotated[bool, "Whether it cannot be published without it."]


@dataclass(frozen=True, slots=True)
class SuggestedRow:
    """A competency that could be bound."""

    concept: Annotated[ConceptLink, "The competency."]
    words: Annotated[str, "The words that matched."]
    chosen: Annotated[bool, "Whether it is chosen already."] = False


@dataclass(frozen=True)
class BadgesPage(Page):
    """Badge classes, searched and narrowed."""

    template: ClassVar = "badge_list.html"
    query: Annotated[str, "What was typed."]
    hidden: Annotated[Sequence[tuple[str, str]], "The filters in use, for the form."]
    rows: Annotated[Sequence[BadgeRow], "The badge classes."]
    total: Annotated[int, "How many there are."]
    facets: Annotated[Sequence[Facet], "Ways to narrow them."]
    cleared: Annotated[str, "Without filters; empty where there are none."]
    following: Annotated[str, "The next page; empty at the end."]
    may_make: Annotated[bool, "Whether the reader may make one."]


@dataclass(frozen=True)
class BadgePage(FormPage):
    """One badge class."""

    template: ClassVar = "badge.html"
    badge: Annotated[BadgeClass, "The badge class."]
    content: Annotated[BadgeContent, "What is shown: what everybody reads."]
    foreign: Annotated[bool, "Whether it is in another language than the page."]
    issuer: Annotated[Link, "Who issues it."]
    level: Annotated[str, "Its level in words; empty for none."]
    image: Annotated[str, "The address of its image."]
    shared: Annotated[Sequence[CriteriaBlock], "The criteria that hold for its level, those of the nearest network first."]
    bound: Annotated[Sequence[BoundRow], "The competencies it attests."]
    following: Annotated[str, "The next page of them; empty at the end."]
    permanent: Annotated[str, "Its address."]
    pinned: Annotated[str, "The address of this version; empty for none."]
    versions: Annotated[Sequence[Link], "Its published versions, newest first."]
    works: Annotated[bool, "Whether the reader edits it."]
    manages: Annotated[bool, "Whether the reader publishes it."]
    lacks: Annotated[int, "How many required things are missing, for those who edit it."]
    standing: Annotated[Standing | None, "Who stands behind it; None for a draft."] = None
    source: Annotated[SourceView | None, "What is known of its address elsewhere; nothing for what is hosted here."] = None
    given: Annotated[SharedBadge | None, "What it gives to others; nothing for a draft."] = field(default=None, kw_only=True)
    boxes: Annotated[CopyBoxes | None, "What is copied into badge tools; None before it is published."] = None


@dataclass(frozen=True)
class BadgeVersionPage(Page):
    """One published version of a badge class."""

    template: ClassVar = "badge_version.html"
    badge: Annotated[BadgeClass, "The badge class as it is now."]
    number: Annotated[int, "The version's number."]
    published: Annotated[str, "When it was published."]
    by: Annotated[str, "Who published it."]
    content: Annotated[BadgeContent, "What it says."]
    image: Annotated[str, "The address of its image."]
    level: Annotated[str, "Its level in words."]
    bound: Annotated[Sequence[tuple[Link, str]], "The competencies it attests, by the names that were seen, and their levels."]
    works: Annotated[bool, "Whether the reader may let it wait to be published again."]


@dataclass(frozen=True)
class BadgeStartPage(FormPage):
    """The guide's first step: for whom, and for which competency."""

    template: ClassVar = "badge_start.html"
    issuers: Annotated[Sequence[tuple[str, str]], "The issuers that the reader works for."]
    issuer: Annotated[str, "The chosen one."]
    query: Annotated[str, "What was looked for."]
    found: Annotated[Sequence[SuggestedRow], "The competencies found, and those chosen before."]
    may_found: Annotated[bool, "Whether the reader may found an issuer."]
    needs_terms: Annotated[bool, "Whether the reader has still to accept the terms of contribution."]


@dataclass(frozen=True)
class BadgeFormPage(FormPage):
    """What a badge class says, as a form: the guide's second step, and later changes."""

    template: ClassVar = "badge_form.html"
    action: Annotated[str, "Where the form goes."]
    new: Annotated[bool, "Whether it is made now."]
    values: Annotated[dict[str, str], "What stands in the fields, by their names."]
    chosen: Annotated[Sequence[ConceptLink], "The competencies that it will be bound to."]
    issuer: Annotated[str, "Short name of the issuer."]
    types: Annotated[Sequence[tuple[str, str]], "The types of achievement."]
    levels: Annotated[Sequence[tuple[str, str]], "The levels of the scale that is always there, and the one it has."]
    hostings: Annotated[Sequence[tuple[str, str]], "Where it can be hosted."]
    formats: Annotated[Sequence[tuple[str, str]], "What its address elsewhere can answer."]
    version: Annotated[int, "The version that was read; 0 for a new one."]
    once: Annotated[str, "Of a new one, the mark by which it is made once however often the form is sent."] = ""


@dataclass(frozen=True)
class BadgeGuidePage(FormPage):
    """The guide's last step: what is missing, the image, more competencies, publishing."""

    template: ClassVar = "badge_guide.html"
    badge: Annotated[BadgeClass, "The badge class."]
    image: Annotated[str, "The address of its image as it will be."]
    lacks: Annotated[Sequence[Lack], "What is missing."]
    bound: Annotated[Sequence[BoundRow], "The competencies it attests."]
    suggested: Annotated[Sequence[SuggestedRow], "Others that it seems to attest."]
    manages: Annotated[bool, "Whether the reader publishes it."]
    may_bind: Annotated[bool, "Whether the reader may bind it."]
    ready: Annotated[bool, "Whether it can be published now."]
    own_image: Annotated[bool, "Whether its image was sent, and not drawn here."]


@dataclass(frozen=True)
class BadgeBindPage(FormPage):
    """Bind badge classes of one's own to a competency."""

    template: ClassVar = "badge_bind.html"
    concept: Annotated[ConceptLink, "The competency."]
    rows: Annotated[Sequence[tuple[str, BadgeRow, bool]], "One's badge classes: id, badge class, whether it is bound already."]
    levels: Annotated[Sequence[tuple[str, str]], "The levels of the scale that is always there."]
    query: Annotated[str, "What was typed."]
    following: Annotated[str, "The next page; empty at the end."]
    chosen: Annotated[frozenset[str], "What was ticked, where it was refused."] = frozenset()
    level: Annotated[str, "The level that was chosen, where it was refused."] = ""


@dataclass(frozen=True, slots=True)
class TableLine:
    """A line of a table of bindings."""

    line: Annotated[int, "Its number."]
    result: Annotated[str, "What becomes of it."]
    badge: Annotated[str, "The badge class."]
    concept: Annotated[str, "The competency, by its name where it was found."]
    level: Annotated[str, "The level in words."]
    reason: Annotated[str, "Why it is refused."]
    lang: Annotated[str, "The language of that; empty for none."]


@dataclass(frozen=True)
class BadgeTablePage(FormPage):
    """Bind from a table: what would be done, then done."""

    template: ClassVar = "badge_table.html"
    text: Annotated[str, "The table, to send again; empty before it is sent."]
    issuers: Annotated[Sequence[tuple[str, str]], "The issuers whose codes may stand for ids."]
    issuer: Annotated[str, "The chosen one."]
    lines: Annotated[Sequence[TableLine], "What would be done, line by line."]
    counts: Annotated[Sequence[tuple[str, int]], "How many lines end how."]
    applied: Annotated[bool, "Whether it was done."]
    refused: Annotated[int, "How many lines are refused."]
    right: Annotated[int, "How many lines would bind something."]


@dataclass(frozen=True)
class ConceptBadgesPage(Page):
    """The badge classes that attest a competency."""

    template: ClassVar = "concept_badges.html"
    concept: Annotated[ConceptLink, "The competency."]
    rows: Annotated[Sequence[BadgeRow], "The badge classes."]
    total: Annotated[int, "How many bindings there are, whatever the filter."]
    levels: Annotated[Sequence[Link], "Filters by level."]
    facets: Annotated[Sequence[Facet], "Filters by issuer, territory and language."]
    following: Annotated[str, "The next page; empty at the end."]
    bind: Annotated[str, "Where one binds a badge class of one's own; empty for who has none."]


@dataclass(frozen=True, slots=True)
class IssuerRow:
    """An issuer in a list."""

    address: Annotated[str, "Its page."]
    name: Annotated[str, "Its name."]
    place: Annotated[str, "Where it is."]
    badges: Annotated[int, "How many published badge classes it has."]
    private: Annotated[bool, "Whether it is there for its people alone."]


@dataclass(frozen=True)
class IssuersPage(Page):
    """The issuers."""

    template: ClassVar = "issuer_list.html"
    rows: Annotated[Sequence[IssuerRow], "The issuers, by name."]
    territory: Annotated[str, "The territory they are narrowed to."]
    following: Annotated[str, "The next page; empty at the end."]
    may_found: Annotated[bool, "Whether the reader may found one."]


@dataclass(frozen=True)
class IssuerPage(Page):
    """One issuer, with its badge classes."""

    template: ClassVar = "issuer.html"
    slug: Annotated[str, "Its short name."]
    private: Annotated[bool, "Whether it is there for its people alone."]
    profile: Annotated[Profile, "What it says of itself."]
    rows: Annotated[Sequence[BadgeRow], "Its badge classes."]
    total: Annotated[int, "How many there are."]
    following: Annotated[str, "The next page; empty at the end."]
    works: Annotated[bool, "Whether the reader works for it."]
    standing: Annotated[Standing | None, "Who stands behind it; None for a private one."] = None
    to_treat: Annotated[Sequence[tuple[Link, int]], "For its people: releases that ask something of its badge classes, and how many lines."] = ()
