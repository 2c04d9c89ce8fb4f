"""The pages of proposals: the form of a change, one proposal, lists, and short messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from wikic.web.views_account import Trouble
from wikic.web.views_common import ConceptLink, Link, Page
from wikic.web.views_differences import ChangeView, ThreeValues

Option = tuple[str, str]
"""A value of a field, and its name."""


@dataclass(frozen=True, slots=True)
class FoundConcept:
    """A concept that was found: to choose, or because it is similar."""

    concept: Annotated[ConceptLink, "The concept."]
    chosen: Annotated[bool, "Whether it is chosen."] = False
    score: Annotated[str, "How similar it is, in words; empty if that was not asked."] = ""


@dataclass(frozen=True, slots=True)
class TargetStep:
    """The step of a form that looks for another concept."""

    label: Annotated[str, "What is looked for."]
    query: Annotated[str, "What was looked for."]
    found: Annotated[Sequence[FoundConcept], "What was found, the chosen one first."]
    asked: Annotated[bool, "Whether something was looked for."]
    needed: Annotated[bool, "Whether the form needs one."]


@dataclass(frozen=True, slots=True)
class SplitPiece:
    """A part of a split."""

    key: Annotated[str, "The part as a hidden field."]
    uuid: Annotated[str, "Its uuid."]
    name: Annotated[str, "Its name."]
    new: Annotated[bool, "Whether it would be created."]


@dataclass(frozen=True, slots=True)
class RelationChoice:
    """A relation that a split gives to one of its parts."""

    id: Annotated[str, "Its id."]
    name: Annotated[str, "Its name."]
    concept: Annotated[ConceptLink, "The concept at its other end."]
    part: Annotated[str, "The uuid of the part that gets it."]


@dataclass(frozen=True, slots=True)
class ChangeForm:
    """The form of one change."""

    type: Annotated[str, "The type of change."]
    title: Annotated[str, "What it changes."]
    hidden: Annotated[Sequence[Option], "Fields that say what it is about."]
    values: Annotated[Mapping[str, str], "What stands in the other fields."]
    lang: Annotated[str, "The language of its values; empty if they have none."] = ""
    other: Annotated[ConceptLink | None, "The concept at the other end, where that is given."] = None
    target: Annotated[TargetStep | None, "The step that looks for another concept."] = None
    options: Annotated[Mapping[str, Sequence[Option]], "The choices of its lists."] = field(default_factory=dict)
    labels: Annotated[Sequence[tuple[str, str, bool]], "Of a merge: labels that may move (value, text, chosen)."] = ()
    pieces: Annotated[Sequence[SplitPiece], "Of a split: its parts."] = ()
    relations: Annotated[Sequence[RelationChoice], "Of a split: the relations to give away."] = ()
    amending: Annotated[bool, "Whether a moderator amends with it."] = False
    ticked: Annotated[bool, "Whether the amendment is wanted, as typed."] = False


@dataclass(frozen=True, slots=True)
class FindingView:
    """Something that checking found."""

    severity: Annotated[str, "error or warning."]
    text: Annotated[str, "What, in the reader's language."]
    concept: Annotated[ConceptLink | None, "The concept that it is about."] = None


@dataclass(frozen=True, slots=True)
class EarlierView:
    """Something like it that was rejected before."""

    address: Annotated[str, "The proposal."]
    time: Annotated[str, "When it was decided, ISO."]
    reason: Annotated[str, "Why; empty if no reason was given."]


@dataclass(frozen=True, slots=True)
class CheckedView:
    """What checking found."""

    findings: Annotated[Sequence[FindingView], "Errors and warnings."]
    similar: Annotated[Sequence[FoundConcept], "Similar concepts that are there."]
    rejected: Annotated[Sequence[EarlierView], "What was rejected before."]
    alike: Annotated[Sequence[Link], "Open proposals about the same."]
    impact: Annotated[int, "How many occupations it touches."]
    neighbours: Annotated[int, "How many relations its concepts have."]
    good: Annotated[bool, "Whether nothing keeps it from being submitted."]


@dataclass(frozen=True, slots=True)
class KeptChange:
    """A change that a suggestion holds already."""

    value: Annotated[str, "The change as a hidden field."]
    change: Annotated[ChangeView, "The change."]


@dataclass(frozen=True)
class ProposalFormPage(Page):
    """The form of a change."""

    template: ClassVar = "proposal_form.html"
    concept: Annotated[ConceptLink | None, "The concept that is changed; None for a new one."]
    form: Annotated[ChangeForm, "The form."]
    changes: Annotated[Sequence[ChangeView], "What the form asks for now, before and after; empty before it was checked."]
    checked: Annotated[CheckedView | None, "What checking found; None before it was checked."]
    trouble: Annotated[Trouble | None, "Why it was not taken."]
    proposal: Annotated[str, "The draft that the change goes into; empty for a new one."]
    known: Annotated[bool, "Whether the reader has an account."]
    terms: Annotated[bool, "Whether the terms of contribution are accepted."]
    justification: Annotated[str, "Why, as typed."]
    sources: Annotated[str, "Sources, one a line, as typed."]
    mail: Annotated[str, "The address for the confirmation, as typed."]
    existing: Annotated[bool, "Whether it changes a change of a draft."]
    conflict: Annotated[ThreeValues | None, "The three values of the field, where a change of a proposal is in conflict; None where it is not."]
    kept: Annotated[Sequence[KeptChange], "Of a suggestion: the changes that it holds besides this one."]
    further: Annotated[Sequence[Option], "Of a suggestion: what else of the concept it may change."]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody."""

    id: Annotated[str, "Their id; empty if they have no account."]
    name: Annotated[str, "Their name."]


@dataclass(frozen=True, slots=True)
class ProposalLine:
    """A proposal in a list."""

    id: Annotated[str, "Its id."]
    address: Annotated[str, "Its page."]
    title: Annotated[str, "What it changes."]
    concept: Annotated[ConceptLink | None, "The first concept it is about."]
    state: Annotated[str, "Its state; held for a suggestion that waits."]
    author: Annotated[str, "Who proposed it; empty for a reader."]
    time: Annotated[str, "When it was submitted, else made, ISO."]
    reason: Annotated[str, "The reason of the last decision; empty if there is none."]
    changes: Annotated[int, "How many changes it has."]
    supports: Annotated[int, "How many support it."]
    comments: Annotated[int, "How many comments there are."]


@dataclass(frozen=True, slots=True)
class LotContext:
    """What all parts of a contribution share."""

    id: Annotated[str, "Its id."]
    title: Annotated[str, "Its title."]
    justification: Annotated[str, "Why."]
    sources: Annotated[Sequence[str], "Its sources."]
    author: Annotated[str, "Who handed it in."]
    time: Annotated[str, "When, ISO."]
    parts: Annotated[int, "How many parts it has."]


@dataclass(frozen=True)
class ProposalsPage(Page):
    """Proposals: all, or one's own."""

    template: ClassVar = "proposal_list.html"
    tabs: Annotated[Sequence[Link], "All and mine."]
    states: Annotated[Sequence[Link], "The states, to choose one."]
    lines: Annotated[Sequence[ProposalLine], "The proposals."]
    following: Annotated[str, "The next page; empty at the end."]
    delay: Annotated[str, "How long a decision usually takes; empty if nothing was decided yet."]
    mine: Annotated[bool, "Whether these are the reader's own."]
    context: Annotated[LotContext | None, "Of a lot: what all its parts share."] = None


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """Something that happened to a proposal."""

    time: Annotated[str, "When, ISO."]
    what: Annotated[str, "What."]
    who: Annotated[str, "Who; empty for the program."]
    reason: Annotated[str, "Why; empty if no reason was given."] = ""
    change: Annotated[str, "The page of the change that came of it; empty if none."] = ""
    amended: Annotated[Sequence[ChangeView], "What was amended."] = ()


@dataclass(frozen=True, slots=True)
class CommentView:
    """A comment."""

    id: Annotated[str, "Its id."]
    author: Annotated[str, "Who."]
    text: Annotated[str, "What they say."]
    time: Annotated[str, "When, ISO."]
    asks: Annotated[bool, "Whether it asks somebody."]


@dataclass(frozen=True, slots=True)
class ReasonView:
    """A ready-made reason."""

    verdict: Annotated[str, "The verdict that it is for."]
    text: Annotated[str, "The reason in the reader's language."]


@dataclass(frozen=True, slots=True)
class Asking:
    """Asking somebody's advice."""

    people: Annotated[Sequence[Option], "Who may be asked: those who were found, and those who took part."]
    chosen: Annotated[str, "Who is chosen; empty for nobody."]
    query: Annotated[str, "The name that was looked for."]
    looked: Annotated[bool, "Whether somebody was looked for."]
    found: Annotated[int, "How many were found."]


@dataclass(frozen=True, slots=True)
class Rights:
    """What the reader may do with a proposal."""

    edit: Annotated[bool, "Change and withdraw it."] = False
    submit: Annotated[bool, "Hand it in."] = False
    decide: Annotated[bool, "Decide on it."] = False
    send_back: Annotated[bool, "Ask for changes: it has an author who can make them."] = False
    moderate: Annotated[bool, "Assign it, and ask others."] = False
    comment: Annotated[bool, "Comment on it."] = False
    support: Annotated[bool, "Support it."] = False
    supported: Annotated[bool, "Whether they support it already."] = False
    take_up: Annotated[bool, "Stand for a suggestion."] = False
    terms_first: Annotated[bool, "They might do more if they accepted the terms of contribution."] = False


@dataclass(frozen=True)
class ProposalPage(Page):
    """One proposal."""

    template: ClassVar = "proposal.html"
    id: Annotated[str, "Its id."]
    state: Annotated[str, "Its state; held for a suggestion that waits."]
    lane: Annotated[str, "Its lane."]
    version: Annotated[int, "Its version, for what changes it."]
    author: Annotated[str, "Who proposed it; empty for a reader."]
    time: Annotated[str, "When it was submitted, else made, ISO."]
    justification: Annotated[str, "Why."]
    sources: Annotated[Sequence[str], "Its sources."]
    lot: Annotated[Link | None, "The contribution that it is a part of."]
    changes: Annotated[Sequence[ChangeView], "Its changes."]
    forms: Annotated[Sequence[ChangeForm | None], "The form of each change, to amend it; None where it is not shown yet."]
    edits: Annotated[Sequence[str], "The form page of each change, for its author; empty where it has none."]
    findings: Annotated[Sequence[FindingView], "What was found when it was checked."]
    similar: Annotated[Sequence[Link], "Open proposals about the same."]
    impact: Annotated[int, "How many occupations it touches."]
    neighbours: Annotated[int, "How many relations its concepts have."]
    delay: Annotated[str, "How long a decision usually takes; empty if nothing was decided yet."]
    assignee: Annotated[Person | None, "Who is to decide on it."]
    looking: Annotated[Sequence[str], "Who else has it on the screen."]
    rights: Annotated[Rights, "What the reader may do."]
    reasons: Annotated[Sequence[ReasonView], "Ready-made reasons."]
    comments: Annotated[Sequence[CommentView], "What was said."]
    supporters: Annotated[Sequence[str], "Who supports it."]
    history: Annotated[Sequence[HistoryLine], "What happened to it, the earliest first."]
    add: Annotated[Sequence[Link], "Further changes of the same concept, while it can be edited."]
    asking: Annotated[Asking | None, "Asking somebody's advice; None for those who may not."]
    said: Annotated[str, "The comment, as typed."]
    trouble: Annotated[Trouble | None, "Why something was not done."]
    notice: Annotated[str, "What was just done; empty if nothing."]
    reason: Annotated[str, "The reason of a decision, as typed."] = ""
    ready: Annotated[str, "The ready-made reason that was chosen; empty for none."] = ""
    refused: Annotated[Sequence[int], "The changes that are to be rejected, as chosen."] = ()
    kept: Annotated[str, "The form that shows again what was sent, and is left as it is: decision, words or empty."] = ""


@dataclass(frozen=True)
class ProposalChoicePage(Page):
    """The step before a form: which text, in which language."""

    template: ClassVar = "proposal_choice.html"
    concept: Annotated[ConceptLink | None, "The concept that is changed."]
    lead: Annotated[str, "What is chosen."]
    hidden: Annotated[Sequence[Option], "Fields that say what it is about."]
    fields: Annotated[Sequence[Option], "The texts to choose from; empty for labels."]
    field: Annotated[str, "The text that is chosen."]
    languages: Annotated[Sequence[Option], "Languages by their tags."]
    language: Annotated[str, "The language, as typed."]


@dataclass(frozen=True)
class ProposalMessagePage(Page):
    """Something was done, or waits for a click."""

    template: ClassVar = "proposal_message.html"
    text: Annotated[str, "What."]
    action: Annotated[str, "Where the button leads; empty for no button."] = ""
    button: Annotated[str, "What the button says."] = ""
    token: Annotated[str, "What the button sends."] = ""
    links: Annotated[Sequence[Link], "Where to go on."] = ()
