"""A proposal: a set of typed changes with a justification and sources, and the life it has until it is decided. Never deleted.

`ACTS` is the one table of what may happen to a proposal in which state, and by whom; services look here before they write.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from hashlib import blake2b
from typing import Any, Final, Literal, get_args

from wikic.domain.access import Actor
from wikic.domain.proposals_changes import Change, ChangeLabels, CreateConcept, concepts_of, from_json, slot_of, to_json
from wikic.domain.proposals_merging import ValueConflict, proposed_value
from wikic.domain.proposals_spelling import plain
from wikic.domain.records import Label
from wikic.domain.vocabulary import PREFERRED, PUBLIC_SPACE
from wikic.errors import Conflict, Forbidden

State = Literal[
    "draft", "submitted", "changes_requested", "accepted", "accepted_in_part", "rejected", "withdrawn", "superseded"
]
STATES: Final[tuple[str, ...]] = get_args(State)
OPEN_STATES: Final = ("submitted", "changes_requested")
"""What still asks for something: of moderators, or of its author."""
DECIDED_STATES: Final = ("accepted", "accepted_in_part", "rejected")

Lane = Literal["main", "spelling", "conflict"]
LANES: Final[tuple[str, ...]] = get_args(Lane)
"""The queue's lanes: what needs thought, what corrects the spelling only, and what an import and an edit here both changed."""

Verdict = Literal["accept", "reject", "return"]
VERDICTS: Final[tuple[str, ...]] = get_args(Verdict)

Origin = Literal["person", "suggestion", "import"]

HARD: Final = frozenset({"merge", "split", "deprecate"})
"""Types of changes that the setting `two_moderators` asks a second moderator for."""


@dataclass(frozen=True, slots=True)
class Act:
    """What may happen: from which states, to which one, and whether the author or a moderator does it (`who`; "program": nobody by themselves)."""

    from_: tuple[str, ...]
    to: str
    who: Literal["author", "moderator", "program"]


_EDITABLE: Final = ("draft", "submitted", "changes_requested")
ACTS: Final[dict[str, Act]] = {
    "edit": Act(_EDITABLE, "", "author"),
    "submit": Act(("draft", "changes_requested"), "submitted", "author"),
    "withdraw": Act(_EDITABLE, "withdrawn", "author"),
    "supersede": Act(_EDITABLE, "superseded", "author"),
    "accept": Act(("submitted",), "accepted", "moderator"),
    "accept_in_part": Act(("submitted",), "accepted_in_part", "moderator"),
    "reject": Act(("submitted",), "rejected", "moderator"),
    "return": Act(("submitted",), "changes_requested", "moderator"),
    "reopen": Act(("accepted", "accepted_in_part", "rejected", "superseded", "changes_requested"), "submitted", "moderator"),
}


@dataclass(frozen=True, slots=True)
class Decision:
    """What a moderator decided, or (`verdict` "approve") one of two did. `parts` are the verdicts of the single changes; `amended` the changes that were
    put in the place of the proposed ones, by number; `ready` the ready-made reason that `reason` begins with, in its languages, as it was then."""

    verdict: str
    moderator: str
    name: str
    time: str
    reason: str = ""
    parts: tuple[str, ...] = ()
    amended: dict[str, Any] = field(default_factory=dict)
    seq: int = 0
    bulk: str = ""
    ready: dict[str, str] = field(default_factory=dict)

    def reason_in(self, lang: str) -> str:
        """The reason, in a reader's language as far as it was ready-made."""
        begun = next((text for text in self.ready.values() if self.reason.startswith(text)), "")
        return self.ready.get(lang, begun) + self.reason[len(begun) :]


@dataclass(slots=True)
class Proposal:
    """A proposal as it is kept. `author` is a user's uuid ("" for a suggestion that nobody has taken up); `impact` the number of occupations and
    badges it touches; `hands` who wrote what stands in it now; `conflicts` what an import or a decision found changed on both sides;
    `held` marks a suggestion that is not confirmed yet; `lot` the contribution it is a part of; `submitted_before` when it was handed in before it
    was sent back."""

    id: str
    state: str = "draft"
    changes: tuple[Change, ...] = ()
    justification: str = ""
    sources: list[str] = field(default_factory=list)
    space: str = PUBLIC_SPACE
    author: str = ""
    author_name: str = ""
    origin: str = "person"
    hands: list[str] = field(default_factory=list)
    lot: str = ""
    lot_part: int = 0
    lane: str = "main"
    seq: int = 0
    created: str = ""
    submitted: str = ""
    submitted_before: list[str] = field(default_factory=list)
    changed: str = ""
    decided: str = ""
    delay: int = 0
    schemes: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    branches: list[str] = field(default_factory=list)
    line: list[str] = field(default_factory=list)
    impact: int = 0
    neighbours: int = 0
    checks: list[dict[str, Any]] = field(default_factory=list)
    conflicts: list[ValueConflict] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    assignee: str = ""
    assignee_name: str = ""
    experts: list[str] = field(default_factory=list)
    supersedes: str = ""
    superseded_by: str = ""
    result: int = 0
    held: bool = False
    address: str = ""
    mail: str = ""
    secret: str = ""
    version: int = 0

    @property
    def open(self) -> bool:
        """Whether it waits for a moderator or for its author."""
        return self.state in OPEN_STATES and not self.held

    @property
    def waits_to_be_taken_up(self) -> bool:
        """Whether it is a suggestion that nobody has confirmed, taken up or rejected yet."""
        return self.held and self.state == "submitted"

    @property
    def private(self) -> bool:
        """Whether it has never been handed in: a draft, also once it is withdrawn or another stands for it."""
        return self.state == "draft" or (self.state in ("withdrawn", "superseded") and not self.submitted)

    @property
    def has_author(self) -> bool:
        """Whether somebody can mend it: not what an import found, nor what a reader without an account sent."""
        return bool(self.author) and self.origin != "import"

    def concepts(self) -> list[str]:
        """Every concept it is about, in the order of its changes."""
        return list(dict.fromkeys(uuid for change in self.changes for uuid in concepts_of(change)))

    def types(self) -> list[str]:
        """The types of its changes."""
        return list(dict.fromkeys(to_json(change)["type"] for change in self.changes))

    def slots(self) -> set[str]:
        """The fields it changes."""
        return {slot_of(change) for change in self.changes}

    def topics(self) -> list[str]:
        """What it is found by: its concepts, a digest of each value that it asks for (`=...`), and of each name that it gives (`~...`)."""
        values = [value_topic(change) for change in self.changes]
        names = [name_topic(label) for change in self.changes for label in names_of(change)]
        return list(dict.fromkeys([*self.concepts(), *values, *names]))

    def approvals(self) -> list[Decision]:
        """What moderators approved since the content last changed, where two are asked for."""
        found: list[Decision] = []
        for decision in reversed(self.decisions):
            if decision.verdict != "approve":
                break
            found.append(decision)
            if decision.amended:
                break
        return found


def value_topic(change: Change) -> str:
    """A digest of what a change asks for, whoever asks; new concepts and preferred labels are alike by language and name."""
    named: object = proposed_value(change)
    slot = slot_of(change)
    match change:
        case CreateConcept():
            slot = f"concept|{change.kind}"
            named = sorted((label.lang, label.value.casefold()) for label in change.labels if label.type == PREFERRED)
        case ChangeLabels():
            named = [[label.value.casefold(), label.type] for label in change.labels]
    return "=" + blake2b(f"{slot}|{named}".encode(), digest_size=12).hexdigest()


def names_of(change: Change) -> list[Label]:
    """The preferred labels that a change brings."""
    if not isinstance(change, CreateConcept | ChangeLabels):
        return []
    base = change.base or () if isinstance(change, ChangeLabels) else ()
    before = {label["value"] for label in base if label["type"] == PREFERRED}
    return [label for label in change.labels if label.type == PREFERRED and label.value not in before]


def name_topic(label: Label) -> str:
    """A digest of a name in its language, whatever its accents and capitals."""
    return "~" + blake2b(f"{label.lang.lower()}|{plain(label.value)}".encode(), digest_size=12).hexdigest()


def next_state(proposal: Proposal, act: str) -> str:
    """The state after an act. Raises Conflict where the proposal is not in a state for it."""
    rule = ACTS[act]
    if proposal.held and act in ("accept", "accept_in_part", "return"):
        raise Conflict(f"suggestion {proposal.id} is held: nobody has confirmed it or taken it up yet", reason="held")
    if proposal.state not in rule.from_:
        raise Conflict(
            f"proposal {proposal.id} is {proposal.state}: {_SAYING[act]} takes one that is {' or '.join(rule.from_)}",
            reason="proposal-state", proposal_state=proposal.state,
        )
    if act == "return" and not proposal.has_author:
        raise Conflict(
            f"proposal {proposal.id} has no author who could mend it: accept it (amended, if need be) or reject it", reason="no-author"
        )
    return rule.to or proposal.state


_SAYING: Final = {
    "edit": "changing it",
    "submit": "submitting",
    "withdraw": "withdrawing",
    "supersede": "replacing it by another",
    "accept": "accepting",
    "accept_in_part": "accepting a part",
    "reject": "rejecting",
    "return": "asking for changes",
    "reopen": "opening it again",
}


BESIDE: Final = ("assignee", "assignee_name", "experts")
"""What moderators say beside a proposal, whatever its author is writing in the meantime."""


def keep_beside(proposal: Proposal, written: Proposal) -> None:
    """Take over what moderators have said beside a proposal since it was read."""
    for name in BESIDE:
        setattr(proposal, name, getattr(written, name))


def require_author(proposal: Proposal, actor: Actor) -> None:
    """Raise Forbidden unless it is their own; an admin may act for an author who is gone."""
    if not (actor.known and actor.id == proposal.author) and not actor.is_admin:
        raise Forbidden("you may not do this: only its author changes, submits or withdraws a proposal", reason="only-author")


def require_other_eyes(proposal: Proposal, actor: Actor) -> None:
    """Four eyes: nobody decides what they proposed or wrote, whatever their role."""
    if actor.id in (proposal.author, *proposal.hands):
        raise Forbidden(f"proposal {proposal.id} is your own work: another moderator decides on it", reason="own-work")


def may_see(proposal: Proposal, actor: Actor) -> bool:
    """Drafts are their author's; unconfirmed suggestions are for those who may take them up; the rest is for all who may read its space."""
    own = actor.known and actor.id == proposal.author
    if not actor.may_read(proposal.space):
        return own
    if proposal.held:
        return own or actor.has("contributor")
    return own or not proposal.private


_TUPLES: Final = frozenset({"changes", "conflicts", "decisions"})
_OWN: Final = tuple(each.name for each in fields(Proposal) if each.name not in ("id", "version"))


def to_row(proposal: Proposal) -> dict[str, Any]:
    """The document's own properties; empty ones are left out. Sort keys are the store's."""
    row: dict[str, Any] = {name: getattr(proposal, name) for name in _OWN}
    row["changes"] = [to_json(change) for change in proposal.changes]
    row["conflicts"] = [asdict(conflict) for conflict in proposal.conflicts]
    row["decisions"] = [{**asdict(one), "parts": list(one.parts)} for one in proposal.decisions]
    row["concepts"], row["types"] = proposal.concepts(), proposal.types()
    return {"key": proposal.id, **{name: value for name, value in row.items() if value not in ("", 0, [], False)}}


def of_row(row: dict[str, Any]) -> Proposal:
    """A document as a proposal."""
    plain = {name: row[name] for name in _OWN if name in row and name not in _TUPLES}
    proposal = Proposal(id=str(row["key"]), version=int(row["version"]), **plain)
    proposal.changes = tuple(from_json(change) for change in row.get("changes", ()))
    proposal.conflicts = [ValueConflict(**each) for each in row.get("conflicts", ())]
    proposal.decisions = [Decision(**{**each, "parts": tuple(each["parts"])}) for each in row.get("decisions", ())]
    return proposal
