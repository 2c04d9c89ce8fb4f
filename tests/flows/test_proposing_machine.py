"""Random proposals, edits, decisions, bulks and their undoing against plain dictionaries, on both engines.

The runs are the same every time. WIKIC_TEST_EXAMPLES=500 looks further, at other runs.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from tests.engines import wipe
from tests.flows.proposal_tools import ADA, BOB, GLUE, MAY, MEL, SAW, make_ground, text
from wikic.domain.access import Actor
from wikic.domain.proposals_changes import Change
from wikic.errors import Conflict, Forbidden, InvalidInput, NotFound, WikicError
from wikic.services.deciding import Ruling
from wikic.services.editing import SetText
from wikic.store.engine import Engine

Slot = tuple[str, str]
"""A concept and a language: the note that is written there."""

SLOTS: list[Slot] = [(SAW, "en"), (SAW, "fr"), (GLUE, "en")]
OPEN = ("draft", "submitted", "changes_requested")

values = st.sampled_from(["", "x", "y", "z"])
wishes = st.dictionaries(st.sampled_from(SLOTS), values, min_size=1, max_size=3)
people = st.sampled_from([ADA, BOB, MAY])
moderators = st.sampled_from([MAY, MEL])
numbers = st.integers(0, 11)


@dataclass
class Plain:
    """A proposal as the model knows it: what it asks for, what each wish was based on, its state, whether it was ever handed in."""

    id: str
    author: Actor
    wanted: dict[Slot, str]
    base: dict[Slot, str]
    state: str
    decisions: int = 0
    heard: bool = False
    superseded_by: str = ""


@dataclass
class Bulk:
    """A bulk decision: who made it, its proposals, the framework before it, the concepts it wrote, how many writes there were then."""

    id: str
    actor: Actor
    proposals: list[Plain]
    before: dict[Slot, str]
    wrote: set[str]
    writes: int
    undone: bool = False


@dataclass
class Model:
    """The notes as they stand, and the concepts that each write changed."""

    notes: dict[Slot, str] = field(default_factory=lambda: dict.fromkeys(SLOTS, ""))
    writes: list[set[str]] = field(default_factory=list)

    def write(self, wanted: dict[Slot, str]) -> None:
        self.notes |= wanted
        self.writes.append({concept for concept, _ in wanted})


class Machine(RuleBasedStateMachine):
    """One framework of two concepts, the people who propose and decide, and the model of both."""

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        wipe(engine)
        self.ground = make_ground(engine)
        self.app = self.ground.app
        self.model = Model()
        self.proposals: list[Plain] = []
        self.bulks: list[Bulk] = []

    # People

    @rule(author=people, wanted=wishes, submit=st.booleans())
    def propose(self, author: Actor, wanted: dict[Slot, str], submit: bool) -> None:
        changes = self.changes(wanted)
        if submit and self.changes_nothing(wanted):
            self.refuse(InvalidInput, lambda: self.ground.propose(*changes, by=author))
            return
        made = self.ground.propose(*changes, by=author, submit=submit)
        state = "submitted" if submit else "draft"
        self.proposals.append(Plain(made.id, author, wanted, {slot: self.model.notes[slot] for slot in wanted}, state, heard=submit))

    @precondition(lambda self: self.proposals)
    @rule(number=numbers, wanted=wishes)
    def edit(self, number: int, wanted: dict[Slot, str]) -> None:
        one = self.pick(number)
        wished = partial(self.app.proposing.edit, one.id, one.author, None, changes=self.changes(wanted))
        if one.state not in OPEN:
            self.refuse(Conflict, wished)
        elif one.state == "submitted" and self.changes_nothing(wanted):
            self.refuse(InvalidInput, wished)
        else:
            wished()
            one.wanted, one.base = wanted, {slot: self.model.notes[slot] for slot in wanted}

    @precondition(lambda self: self.proposals)
    @rule(number=numbers, other=people)
    def submit(self, number: int, other: Actor) -> None:
        one = self.pick(number)
        if other.id != one.author.id:
            self.refuse(Forbidden if one.heard else NotFound, lambda: self.app.proposing.submit(one.id, other, None))
            return
        wished = partial(self.app.proposing.submit, one.id, one.author, None)
        if one.state not in ("draft", "changes_requested"):
            self.refuse(Conflict, wished)
        elif self.changes_nothing(one.wanted):
            self.refuse(InvalidInput, wished)
        else:
            wished()
            one.state, one.heard = "submitted", True

    @precondition(lambda self: self.proposals)
    @rule(number=numbers)
    def withdraw(self, number: int) -> None:
        one = self.pick(number)
        if one.state not in OPEN:
            self.refuse(Conflict, lambda: self.app.proposing.withdraw(one.id, one.author, None))
            return
        self.app.proposing.withdraw(one.id, one.author, None)
        one.state = "withdrawn"

    @rule(slot=st.sampled_from(SLOTS), value=values)
    def somebody_edits(self, slot: Slot, value: str) -> None:
        if self.model.notes[slot] != value:
            self.ground.framework.edit(SetText(slot[0], "note", slot[1], value))
            self.model.write({slot: value})

    # Moderators

    @precondition(lambda self: self.proposals)
    @rule(number=numbers, by=moderators, rejected=st.sets(st.integers(0, 2), max_size=2))
    def accept(self, number: int, by: Actor, rejected: set[int]) -> None:
        one = self.pick(number)
        parts = {part: "reject" for part in rejected if part < len(one.wanted)}
        wished = partial(self.app.deciding.decide, one.id, Ruling("accept", "why", parts), by, None)
        if not self.may_decide(one, by, wished):
            return
        wanted = {slot: value for part, (slot, value) in enumerate(one.wanted.items()) if part not in parts}
        outcome = wished()
        one.decisions += 1
        if not wanted:
            one.state = "rejected"
            return
        applied, conflicts = self.merged(one, wanted, self.model.notes)
        assert [conflict.current for conflict in outcome.conflicts] == [self.model.notes[slot] for slot in conflicts]
        if conflicts:
            one.state = "changes_requested"
        elif not applied:
            one.state = "superseded"
        else:
            self.model.write(applied)
            one.state = "accepted_in_part" if parts else "accepted"
            self.supersede_twins(set(wanted.items()), one)

    @precondition(lambda self: self.proposals)
    @rule(number=numbers, by=moderators, verdict=st.sampled_from(["reject", "return"]))
    def close(self, number: int, by: Actor, verdict: str) -> None:
        one = self.pick(number)
        wished = partial(self.app.deciding.decide, one.id, Ruling(verdict, "why"), by, None)
        if self.may_decide(one, by, wished):
            wished()
            one.decisions += 1
            one.state = "rejected" if verdict == "reject" else "changes_requested"

    @precondition(lambda self: any(one.state == "submitted" for one in self.proposals))
    @rule(by=moderators, verdict=st.sampled_from(["accept", "accept", "reject"]))
    def decide_many(self, by: Actor, verdict: str) -> None:
        chosen = [one for one in self.proposals if one.state == "submitted"]
        taken: list[Plain] = []
        accepted: list[Plain] = []
        notes, wrote = dict(self.model.notes), dict[Slot, str]()
        for one in chosen:
            applied, conflicts = self.merged(one, one.wanted, notes)
            if one.author.id != by.id and (verdict == "reject" or not conflicts):
                taken.append(one)
                if verdict == "accept" and applied:
                    accepted.append(one)
                    notes |= applied
                    wrote |= applied
        wished = partial(self.app.bulk.decide_many, [one.id for one in chosen], Ruling(verdict, "why"), by)
        effective = {slot: value for slot, value in wrote.items() if self.model.notes[slot] != value}
        if not taken or (wrote and not effective):
            self.refuse(Conflict if not taken else InvalidInput, wished)
            return
        outcome = wished()
        assert [item.proposal for item in outcome.items if item.effect != "skipped"] == [one.id for one in taken]
        before = dict(self.model.notes)
        if effective:
            self.model.write(effective)
        self.bulks.append(Bulk(outcome.id, by, taken, before, {slot[0] for slot in effective}, len(self.model.writes)))
        for one in taken:
            one.state = "rejected" if verdict == "reject" else "accepted" if one in accepted else "superseded"
            one.decisions += 1
        if accepted:
            self.supersede_twins({item for one in accepted for item in one.wanted.items()}, *accepted)

    @precondition(lambda self: self.bulks)
    @rule(by=moderators)
    def undo(self, by: Actor) -> None:
        bulk = self.bulks[-1]
        wished = partial(self.app.bulk.undo, bulk.id, by)
        later: set[str] = set().union(*self.model.writes[bulk.writes :])
        if by.id != bulk.actor.id:
            self.refuse(Forbidden, wished)
        elif bulk.undone or later & bulk.wrote:
            self.refuse(Conflict, wished)
        else:
            wished()
            bulk.undone = True
            if bulk.wrote:
                self.model.write({slot: value for slot, value in bulk.before.items() if slot[0] in bulk.wrote})
            for one in bulk.proposals:
                one.state = "submitted"
            ids = {one.id for one in bulk.proposals}
            for one in self.proposals:
                if one.state == "superseded" and one.superseded_by in ids:
                    one.state, one.superseded_by = "submitted", ""

    # What must hold

    @invariant()
    def the_framework_is_as_the_model_says(self) -> None:
        found = {(uuid, lang): self.ground.text(uuid, lang, "note") for uuid, lang in SLOTS}
        assert found == self.model.notes

    @invariant()
    def the_proposals_are_as_the_model_says(self) -> None:
        for one in self.proposals:
            kept = self.app.proposing.read(one.id, one.author)
            said = [change.text for change in kept.changes]  # type: ignore[union-attr]
            assert (kept.state, said) == (one.state, list(one.wanted.values()))
            assert [change.base for change in kept.changes] == list(one.base.values())

    @invariant()
    def the_queue_holds_what_waits(self) -> None:
        waiting = {one.id for one in self.proposals if one.state == "submitted"}
        pages = [self.app.queueing.page(MEL, lane=lane, limit=50).items for lane in ("main", "spelling")]
        assert {one.id for page in pages for one in page} == waiting
        for concept in (SAW, GLUE):
            about = {
                one.id
                for one in self.proposals
                if one.state in ("submitted", "changes_requested") and concept in {slot[0] for slot in one.wanted}
            }
            assert {one.id for one in self.app.proposing.of_concept(concept, MEL)} == about

    @invariant()
    def each_decision_was_told_once(self) -> None:
        told = Counter(
            event.subject.partition("/")[2]
            for event in self.ground.events("proposal_accepted", "proposal_rejected", "proposal_returned", "proposal_superseded")
            if "by" not in event.data
        )
        assert told == +Counter({one.id: one.decisions for one in self.proposals})

    # Helpers

    def changes(self, wanted: dict[Slot, str]) -> list[Change]:
        return [text(value, uuid, lang, "note") for (uuid, lang), value in wanted.items()]

    def changes_nothing(self, wanted: dict[Slot, str]) -> bool:
        """Whether a wish is true already."""
        return any(self.model.notes[slot] == value for slot, value in wanted.items())

    def supersede_twins(self, accepted: set[tuple[Slot, str]], *by: Plain) -> None:
        """What asks for nothing but what was accepted just now is so already."""
        for twin in self.proposals:
            if twin.state in ("submitted", "changes_requested") and set(twin.wanted.items()) <= accepted:
                winner = next(one for one in by if set(twin.wanted.items()) & set(one.wanted.items()))
                twin.state, twin.superseded_by = "superseded", winner.id

    def pick(self, number: int) -> Plain:
        return self.proposals[number % len(self.proposals)]

    def may_decide(self, one: Plain, by: Actor, wished: Callable[[], object]) -> bool:
        if one.state == "draft":
            return False
        if one.author.id == by.id:
            self.refuse(Forbidden, wished)
            return False
        if one.state != "submitted":
            self.refuse(Conflict if one.heard else NotFound, wished)
            return False
        return True

    def merged(self, one: Plain, wanted: dict[Slot, str], notes: dict[Slot, str]) -> tuple[dict[Slot, str], list[Slot]]:
        """What accepting these wishes would write, and where both sides changed."""
        open_ = {slot: value for slot, value in wanted.items() if notes[slot] != value}
        return open_, [slot for slot in open_ if notes[slot] != one.base[slot]]

    def refuse(self, error: type[WikicError], what: Callable[[], object]) -> None:
        head = self.ground.framework.head
        try:
            what()
        except error:
            assert self.ground.framework.head == head
        else:
            raise AssertionError(f"{error.__name__} was expected")


def test_every_run_agrees_with_plain_dictionaries(engine: Engine) -> None:
    examples = int(os.environ.get("WIKIC_TEST_EXAMPLES", "0"))

    class OnThisEngine(Machine):
        def __init__(self) -> None:
            super().__init__(engine)

    run_state_machine_as_test(
        OnThisEngine,
        settings=settings(
            derandomize=not examples,
            max_examples=examples or 10,
            stateful_step_count=18,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
