"""The pages of what releases ask of badge classes, and of awards that are checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

from wikic.web.views_account import FormPage, TypedPage
from wikic.web.views_common import ConceptLink, Link, Page
from wikic.web.views_search import Facet


@dataclass(frozen=True, slots=True)
class PasteView:
    """What to put where, for a badge class that is hosted elsewhere."""

    address: Annotated[str, "Where it is hosted."]
    old: Annotated[str, "The alignment as it stands there, as JSON."]
    new: Annotated[str, "What belongs in its place, as JSON."]


@dataclass(frozen=True, slots=True)
class RefreshRow:
    """A line of a report."""

    id: Annotated[str, "Its id."]
    badge: Annotated[Link, "The badge class."]
    badge_class: Annotated[str, "Its id."]
    issuer: Annotated[Link, "Who issues it."]
    concept: Annotated[ConceptLink | None, "The competency; None where it is not there any more."]
    level: Annotated[str, "The level in words; empty for none."]
    severity: Annotated[str, "How badly."]
    advice: Annotated[str, "What to do."]
    says: Annotated[Sequence[str], "What changed, in sentences."]
    successors: Annotated[Sequence[ConceptLink], "What stands for the competency now."]
    state: Annotated[str, "Its state."]
    done: Annotated[str, "Who did what, when; empty while it is open."]
    note: Annotated[str, "What was noted with it."]
    treatments: Annotated[Sequence[str], "What can be done with one click; empty where nothing can."]
    paste: Annotated[PasteView | None, "What to paste where; None where it is hosted here."] = None


@dataclass(frozen=True, slots=True)
class StandingRow:
    """How far an issuer is with a release."""

    release: Annotated[Link, "Its page for this issuer."]
    opened: Annotated[str, "When it was opened, ISO."]
    open: Annotated[int, "How many lines are to be treated."]
    lines: Annotated[int, "How many lines there are."]


@dataclass(frozen=True, slots=True)
class DueRow:
    """A badge class to be reviewed."""

    badge: Annotated[Link, "The badge class."]
    day: Annotated[str, "By when, ISO."]
    overdue: Annotated[bool, "Whether that day is over."]


@dataclass(frozen=True, slots=True)
class OwnIssuer:
    """An issuer that the reader works for."""

    slug: Annotated[str, "Its short name."]
    name: Annotated[str, "Its name."]
    standings: Annotated[Sequence[StandingRow], "Its reports, the latest first."]
    due: Annotated[Sequence[DueRow], "Its badge classes that are to be reviewed."]


@dataclass(frozen=True)
class RefreshesPage(Page):
    """The reader's issuers, release by release."""

    template: ClassVar = "refresh.html"
    issuers: Annotated[Sequence[OwnIssuer], "Those that the reader works for."]
    candidates: Annotated[Sequence[Link], "Candidates that can be rehearsed."]


@dataclass(frozen=True)
class RefreshPage(TypedPage):
    """The lines of a release; of a candidate as a rehearsal."""

    template: ClassVar = "refresh_release.html"
    release: Annotated[str, "The release; empty for the present state."]
    before: Annotated[str, "Of a rehearsal: the release it is compared with; empty for a report."]
    candidate: Annotated[bool, "Whether it is a candidate, to which one can object."]
    action: Annotated[str, "Where its forms go."]
    issuer: Annotated[str, "The chosen issuer; empty for all."]
    issuers: Annotated[Sequence[tuple[str, str]], "Those whose lines the reader sees."]
    facets: Annotated[Sequence[Facet], "Ways to narrow the lines."]
    rows: Annotated[Sequence[RefreshRow], "The lines, the gravest first."]
    following: Annotated[str, "The next page; empty at the end."]
    hidden: Annotated[Sequence[tuple[str, str]], "The filters in use, to come back to."]
    told: Annotated[str, "What became of the last form; empty for nothing."]
    manages: Annotated[bool, "Whether the reader may treat any of it."]
    waits: Annotated[bool, "Whether something is left that they may treat."]
    treatments: Annotated[Sequence[tuple[str, str]], "What can be done."]
    advices: Annotated[Sequence[tuple[str, str]], "What can be advised."]
    changes: Annotated[Sequence[tuple[str, str]], "What can have changed."]
    csv: Annotated[str, "The same as a table; empty for a rehearsal."]
    ticked: Annotated[frozenset[str], "What was ticked, where that was refused."] = frozenset()


@dataclass(frozen=True, slots=True)
class TouchedView:
    """The badge classes that a release touches, for who prepares it."""

    before: Annotated[str, "The release it is compared with; empty where there is none."]
    badges: Annotated[int, "How many badge classes."]
    issuers: Annotated[int, "Of how many issuers."]
    severities: Annotated[Sequence[tuple[str, int]], "Lines by severity."]
    advices: Annotated[Sequence[tuple[str, int]], "Lines by what to do."]
    rows: Annotated[Sequence[RefreshRow], "The gravest ones."]
    all: Annotated[str, "The page with all of them."]


@dataclass(frozen=True, slots=True)
class AwardLine:
    """An alignment of an award."""

    name: Annotated[str, "As the award names it."]
    state: Annotated[str, "What became of its competency."]
    concept: Annotated[ConceptLink | None, "The competency; None if it is not known."]
    successors: Annotated[Sequence[ConceptLink], "What stands for it now."]
    since: Annotated[str, "Since which release it has ended; empty where it has not."]
    unattested: Annotated[bool, "Whether its badge class attests it no longer."]


@dataclass(frozen=True, slots=True)
class AwardView:
    """An award, held against today."""

    name: Annotated[str, "The badge's name as the award has it."]
    outcome: Annotated[str, "The result."]
    badge: Annotated[Link | None, "The badge class here; None where it is not known."]
    retired: Annotated[bool, "Whether that is given no longer."]
    issued: Annotated[str, "The day it was issued, in words; empty if it does not say."]
    expired: Annotated[bool, "Whether its day is over."]
    accepted: Annotated[bool, "Whether the document itself is sound."]
    signed: Annotated[bool, "Whether it bears a proof."]
    lines: Annotated[Sequence[AwardLine], "Its alignments."]


@dataclass(frozen=True)
class AwardPage(FormPage):
    """Check an award."""

    template: ClassVar = "award.html"
    award: Annotated[AwardView | None, "The result; None before anything was sent."] = None
