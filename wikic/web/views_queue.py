"""The pages of the queue: what waits, and what deciding on several at once would do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

from wikic.web.views_account import Trouble
from wikic.web.views_common import ConceptLink, Link, Page
from wikic.web.views_differences import ChangeView
from wikic.web.views_proposals import Option, ReasonView


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A proposal that waits."""

    id: Annotated[str, "Its id."]
    version: Annotated[int, "The version that is shown: what is decided on."]
    address: Annotated[str, "Its page."]
    title: Annotated[str, "What it changes."]
    concept: Annotated[ConceptLink, "The first concept it is about."]
    changes: Annotated[Sequence[ChangeView], "The first of its changes."]
    more: Annotated[int, "How many more changes it has."]
    justification: Annotated[str, "Why; empty where its lot says it."]
    author: Annotated[str, "Who proposed it; empty for a reader."]
    theirs: Annotated[str, "The queue of what they proposed."]
    time: Annotated[str, "When it was submitted, ISO."]
    impact: Annotated[int, "How many occupations it touches."]
    supports: Annotated[int, "How many support it."]
    comments: Annotated[int, "How many comments there are."]
    warnings: Annotated[int, "How many warnings checking found."]
    assignee: Annotated[str, "Who is to decide on it; empty if nobody was asked."]
    looking: Annotated[Sequence[str], "Who has it on the screen."]
    chosen: Annotated[bool, "Whether it is chosen already."] = False


@dataclass(frozen=True, slots=True)
class QueueGroup:
    """Rows that belong together: the parts of a lot, or what is about one concept; or a single row."""

    title: Annotated[str, "What they share; empty for a single row."]
    address: Annotated[str, "All of them; empty for a single row."]
    text: Annotated[str, "Why, said once for all; empty if there is nothing."]
    sources: Annotated[Sequence[str], "Sources, said once for all."]
    rows: Annotated[Sequence[QueueRow], "The rows."]


@dataclass(frozen=True, slots=True)
class FilterField:
    """One filter of the queue."""

    name: Annotated[str, "Its name in the address."]
    title: Annotated[str, "Its heading."]
    value: Annotated[str, "What is chosen; empty for all."]
    options: Annotated[Sequence[Option], "What there is to choose; empty for a field to type in."]


@dataclass(frozen=True, slots=True)
class SavedFilter:
    """A filter that was saved."""

    key: Annotated[str, "Its key."]
    link: Annotated[Link, "The queue through it."]


@dataclass(frozen=True, slots=True)
class Undoing:
    """What was decided together just now, and can be undone."""

    bulk: Annotated[str, "Its id."]
    text: Annotated[str, "What was done."]
    until: Annotated[str, "Until when it can be undone, ISO; empty if it cannot."]


@dataclass(frozen=True)
class QueuePage(Page):
    """What waits in a lane."""

    template: ClassVar = "queue.html"
    lanes: Annotated[Sequence[Link], "The lanes, with how many wait in each."]
    orders: Annotated[Sequence[Link], "The orders."]
    filters: Annotated[Sequence[FilterField], "The filters."]
    hidden: Annotated[Sequence[Option], "What the form of the filters keeps."]
    filtered: Annotated[bool, "Whether a filter is chosen."]
    cleared: Annotated[str, "The lane without filters."]
    saved: Annotated[Sequence[SavedFilter], "One's own saved filters."]
    groups: Annotated[Sequence[QueueGroup], "What waits."]
    shown: Annotated[int, "How many are on this page."]
    total: Annotated[int, "How many wait in the lane, of what the filters leave."]
    following: Annotated[str, "The next page; empty at the end."]
    here: Annotated[str, "The address of this page, to come back to."]
    reasons: Annotated[Sequence[ReasonView], "Ready-made reasons."]
    undo: Annotated[Undoing | None, "What was done just now."]
    notice: Annotated[Link | None, "What became of one proposal just now, and its page."]
    trouble: Annotated[Trouble | None, "Why something was not done."]
    keys: Annotated[Sequence[Option], "The keys, and what they do."]


@dataclass(frozen=True, slots=True)
class EffectLine:
    """What would become of one proposal."""

    row: Annotated[QueueRow, "The proposal."]
    effect: Annotated[str, "Its new state, or skipped."]
    reason: Annotated[str, "Why it is skipped; empty if it is not."]
    lang: Annotated[str, "The language of the reason."]
    conflicts: Annotated[Sequence[ChangeView], "The changes that are in conflict."]


@dataclass(frozen=True)
class QueuePreviewPage(Page):
    """What deciding on several at once would do."""

    template: ClassVar = "queue_preview.html"
    verdict: Annotated[str, "The verdict."]
    reason: Annotated[str, "The reason, as typed."]
    reasons: Annotated[Sequence[ReasonView], "Ready-made reasons for this verdict."]
    figures: Annotated[Sequence[tuple[str, str]], "What it comes to, in numbers: value and name."]
    decided: Annotated[Sequence[EffectLine], "What would be decided."]
    skipped: Annotated[Sequence[EffectLine], "What would be left as it is."]
    ids: Annotated[Sequence[str], "All proposals that were chosen, each with the version that is shown."]
    back: Annotated[str, "The queue that they were chosen in."]
    trouble: Annotated[Trouble | None, "Why it was not done."]


@dataclass(frozen=True, slots=True)
class ReasonRow:
    """A ready-made reason, as it is kept."""

    key: Annotated[str, "Its key."]
    verdict: Annotated[str, "The verdict it is for."]
    texts: Annotated[Sequence[tuple[str, str]], "Language and text."]
    hidden: Annotated[bool, "Whether it was taken off the list."]


@dataclass(frozen=True)
class QueueRulesPage(Page):
    """How proposals are decided here."""

    template: ClassVar = "queue_rules.html"
    two_moderators: Annotated[bool, "Whether merges, splits and deprecations take two moderators."]
    delay: Annotated[str, "How long proposals usually wait; empty where none was decided yet."]
    reasons: Annotated[Sequence[ReasonRow], "The ready-made reasons; for admins hidden ones too."]
    verdicts: Annotated[Sequence[Option], "The verdicts, for a new reason."]
    edits: Annotated[bool, "Whether they may change it."]
    trouble: Annotated[Trouble | None, "Why something was not done."]
