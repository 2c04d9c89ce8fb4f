"""What people propose and moderators decide in the state machine, beside all that happens otherwise: in part, amended, twice the same, or too late."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from tests.flows import plain_changes
from tests.flows.machine_ground import Ground
from tests.flows.machine_parts import NAMES, SKILLS, importances, keys
from tests.flows.model import uuid_of
from tests.flows.plain import Key, PlainFramework, Refused, Side
from tests.flows.proposal_tools import ADA, MAY, MEL
from wikic.domain.access import Actor
from wikic.domain.proposals_changes import (
    AddRelation,
    Change,
    ChangeText,
    DeprecateConcept,
    MergeConcepts,
    RemoveRelation,
)
from wikic.domain.vocabulary import DEPRECATED
from wikic.errors import Conflict, InvalidInput, NotFound
from wikic.services.deciding import Deciding, Ruling
from wikic.services.deciding_writing import Accepting
from wikic.services.editing import Editing, SetText
from wikic.services.proposing import Proposing
from wikic.services.reading import Reading
from wikic.services.searching import Searching
from wikic.store.engine import Engine

FIRST = NAMES[:-1]
VERDICTS = ("accept", "accept", "in part", "amended", "reject", "return")
OPEN = ("draft", "submitted", "changes_requested")


@dataclass(frozen=True)
class Wish:
    """One change: of a text (`name`, `value`), of a relation (`key`, `value`; None takes it away), a deprecation, or a merge into `value`."""

    kind: str
    name: str = ""
    key: Key = ("", "", "")
    value: str | None = ""

    def change(self) -> Change:
        """As it is proposed."""
        source, relation, target = uuid_of(self.key[0]), self.key[1], uuid_of(self.key[2])
        if self.kind == "text":
            return ChangeText(uuid_of(self.name), "definition", "en", self.value or "")
        if self.kind == "relation":
            return RemoveRelation(source, relation, target) if self.value is None else AddRelation(source, relation, target, self.value)
        if self.kind == "merge":
            return MergeConcepts(uuid_of(self.name), uuid_of(self.value or ""))
        return DeprecateConcept(uuid_of(self.name))

    def now(self, model: PlainFramework) -> Any:
        """The value of its field."""
        if self.kind == "text":
            return model.concepts[self.name].local.slots.get(("def", "en"), "")
        if self.kind == "relation":
            link = model.links.get(self.key)
            return link and link.importance
        status = model.concepts[self.name].local.status
        if self.kind == "merge":
            return status, model.concepts[self.value or ""].local.status
        return status, {key[2] for key in model.links if key[:2] == (self.name, "replaced_by")}

    def wanted(self) -> Any:
        """The value it asks for; a merge is never so already."""
        return {"deprecate": (DEPRECATED, set[str]()), "merge": None}.get(self.kind, self.value)

    def do(self, model: PlainFramework) -> None:
        """Make it so. Raises Refused."""
        if self.kind == "text":
            side = self._side(model)
            side.slots.pop(("def", "en"), None)
            side.slots |= {("def", "en"): self.value} if self.value else {}
            model.edit(self.name, side)
        elif self.kind == "merge":
            plain_changes.merge(model, self.name, self.value or "", ())
        elif self.kind == "deprecate":
            side = model.concepts[self.name].local
            # One that was replaced is deprecated already, though the wish names no successor.
            if (side.status, side.gone) != (DEPRECATED, False):
                plain_changes.set_status(model, self.name, DEPRECATED)
        elif self.value is None:
            model.unrelate(self.key)
        else:
            model.relate(self.key, self.value)

    def _side(self, model: PlainFramework) -> Side:
        old = model.concepts[self.name].local
        return Side(dict(old.slots), old.status, old.gone)

    def loops(self, model: PlainFramework) -> bool:
        """Whether something would in the end stand above itself, or be replaced by itself."""
        low, kind, high = self.key if self.kind == "relation" else (self.name, "replaced_by", self.value)
        adds = self.kind == "merge" or (self.kind == "relation" and kind == "broader" and self.value is not None)
        return adds and low in {high, *model.reached(high or "", kind)}


@dataclass
class Asked:
    """A proposal as the model knows it."""

    id: str
    wishes: tuple[Wish, ...]
    bases: tuple[Any, ...]
    state: str
    result: int = 0


values = st.sampled_from(("Mine.", "Theirs.", "One.", ""))
# Of names that are there from the beginning, so that few proposals come to nothing.
texts = st.builds(lambda name, value: Wish("text", name, value=value), st.sampled_from(FIRST), values)
ties = st.builds(
    lambda key, value: Wish("relation", key=key, value=value if value is None or key[1] == "requires" else ""),
    keys.filter(lambda key: key[0] in FIRST),
    importances | st.none(),
)
ends = st.builds(lambda name: Wish("deprecate", name), st.sampled_from(FIRST))
wished: st.SearchStrategy[tuple[Wish, ...]] = st.one_of(
    st.tuples(texts), st.tuples(texts, ties), st.tuples(ties), st.tuples(texts, ends), st.tuples(ends, ties)
)
merges = st.permutations(SKILLS).map(lambda found: (Wish("merge", found[0], value=found[1]),))


class Proposes(Ground):
    """The rules of proposals and decisions."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        reading = Reading(engine, "epoch")
        searching = Searching(engine, reading)
        self.proposing = Proposing(engine, reading, searching)
        self.deciding = Deciding(engine, self.proposing, Accepting(engine, Editing(engine), searching))
        self.asked: list[Asked] = []

    # People

    @precondition(lambda self: self.model.concepts)
    @rule(wishes=wished, submit=st.booleans())
    def propose(self, wishes: tuple[Wish, ...], submit: bool) -> None:
        self._propose(wishes, submit=submit)

    @precondition(lambda self: self.asked)
    @rule(data=st.data(), act=st.sampled_from(("rewrite", "hand in", "withdraw")), wishes=wished)
    def its_author_acts(self, data: st.DataObject, act: str, wishes: tuple[Wish, ...]) -> None:
        one = data.draw(st.sampled_from(self.asked))
        if act == "rewrite":
            self._rewrite(one, wishes)
        elif act == "hand in":
            self._hand_in(one)
        else:
            self._act(one, partial(self.proposing.withdraw, one.id, ADA, None), OPEN, "withdrawn")

    # Moderators, of whom it is chance that they come while a proposal waits: so most of their rules bring one along.

    @precondition(lambda self: self.asked)
    @rule(data=st.data())
    def moderate(self, data: st.DataObject) -> None:
        waiting = [one for one in self.asked if one.state == "submitted"]
        self._moderate(data.draw(st.sampled_from(waiting or self.asked)), data)

    @precondition(lambda self: self.model.concepts)
    @rule(data=st.data(), lot=st.lists(wished | merges, min_size=1, max_size=3))
    def a_morning(self, data: st.DataObject, lot: list[tuple[Wish, ...]]) -> None:
        """Several come in and are decided, in no order; some of them may ask for the same."""
        made = [one for wishes in lot if (one := self._propose(wishes)) is not None]
        for one in data.draw(st.permutations(made)):
            self._moderate(one, data)

    @precondition(lambda self: self.model.concepts)
    @rule(data=st.data(), wishes=wished)
    def propose_twice_the_same(self, data: st.DataObject, wishes: tuple[Wish, ...]) -> None:
        made = [one for one in (self._propose(wishes), self._propose(wishes)) if one is not None]
        for one in made:
            self._moderate(one, data, ("in part", "accept"))

    @precondition(lambda self: self.model.concepts)
    @rule(data=st.data(), wishes=st.tuples(texts) | st.tuples(texts, ends), value=st.sampled_from(("Late.", "One.")))
    def decide_too_late(self, data: st.DataObject, wishes: tuple[Wish, ...], value: str) -> None:
        """Somebody else changes the same text first, mostly otherwise."""
        one, name = self._propose(wishes), wishes[0].name
        if one is not None:
            self.attempt(Wish("text", name, value=value).do, SetText(uuid_of(name), "definition", "en", value))
            self._moderate(one, data, ("accept", "accept", "in part"))

    def _propose(self, wishes: tuple[Wish, ...], *, submit: bool = True) -> Asked | None:
        if not self._known(wishes):
            return None
        changes = [wish.change() for wish in wishes]
        made = partial(self.proposing.make, changes, ADA, justification="it is so", submit=submit)
        if submit and self._blocked(wishes):
            self._refuse(made, InvalidInput)
            return None
        one = Asked(made().id, wishes, self._bases(wishes), "submitted" if submit else "draft")
        self.asked.append(one)
        return one

    def _rewrite(self, one: Asked, wishes: tuple[Wish, ...]) -> None:
        if not self._known(wishes):
            return
        done = partial(self.proposing.edit, one.id, ADA, None, changes=[wish.change() for wish in wishes])
        if one.state == "submitted" and self._blocked(wishes):
            self._refuse(done, InvalidInput)
        elif self._act(one, done, OPEN, one.state):
            one.wishes, one.bases = wishes, self._bases(wishes)

    def _hand_in(self, one: Asked) -> None:
        done = partial(self.proposing.submit, one.id, ADA, None)
        if one.state in ("draft", "changes_requested") and self._blocked(one.wishes, one.bases):
            self._refuse(done, InvalidInput)
        else:
            self._act(one, done, ("draft", "changes_requested"), "submitted")

    def _act(self, one: Asked, done: Callable[[], Any], states: tuple[str, ...], then: str) -> bool:
        """Do what can be done in some states only; whether it was."""
        if one.state not in states:
            self._refuse(done, Conflict)
            return False
        done()
        one.state = then
        return True

    def _moderate(self, one: Asked, data: st.DataObject, verdicts: tuple[str, ...] = VERDICTS) -> None:
        if one.state == "draft":
            return
        verdict = data.draw(st.sampled_from(verdicts))
        by = data.draw(st.sampled_from((MAY, MEL)))
        if verdict == "amended" and one.wishes[0].kind == "text" and one.state == "submitted":
            self._accept_amended(one, Wish("text", one.wishes[0].name, value=data.draw(st.sampled_from(("Better.", "One.")))), by)
        elif verdict in ("reject", "return"):
            decided = "rejected" if verdict == "reject" else "changes_requested"
            self._act(one, partial(self.deciding.decide, one.id, Ruling(verdict, "no"), by, None), ("submitted",), decided)
        else:
            without = data.draw(st.integers(0, len(one.wishes) - 1)) if verdict == "in part" else -1
            parts = {without: "reject"} if without >= 0 else {}
            wanted = {part: wish for part, wish in enumerate(one.wishes) if part != without}
            done = partial(self.deciding.decide, one.id, Ruling("accept", "yes", parts), by, None)
            if one.state == "submitted" and wanted:
                self._accept(one, wanted, done, "accepted_in_part" if parts else "accepted")
            else:
                self._act(one, done, ("submitted",), "rejected")

    def _accept_amended(self, one: Asked, better: Wish, by: Actor) -> None:
        """With another text than was proposed."""
        done = partial(self.deciding.decide, one.id, Ruling("accept", "yes", amended={0: better.change()}), by, None)
        wishes = (better, *one.wishes[1:])
        if self._blocked(wishes):
            # What is written instead is checked as of now, not against what its author saw.
            self._refuse(done, InvalidInput)
            return
        proposed, one.wishes = one.wishes, wishes
        self._accept(one, dict(enumerate(wishes)), done, "accepted")
        if one.state != "accepted":
            one.wishes = proposed

    def _accept(self, one: Asked, wanted: dict[int, Wish], done: Callable[[], Any], state: str) -> None:
        trial = self.model.copy()
        left = {part: wish for part, wish in wanted.items() if wish.now(trial) != wish.wanted()}
        conflicts = sum(wish.now(trial) != one.bases[part] for part, wish in left.items())
        if conflicts or not left:
            assert len(done().conflicts) == conflicts
            one.state = "changes_requested" if conflicts else "superseded"
            return
        try:
            for wish in left.values():
                wish.do(trial)
            if trial.same(self.model):
                raise Refused("unchanged")
        except Refused:
            self._refuse(done, InvalidInput, NotFound)
            return
        outcome = done()
        self.commit(trial, outcome.seq)
        one.state, one.result = state, outcome.seq
        for twin in self.asked:
            if twin.state in ("submitted", "changes_requested") and set(twin.wishes) <= set(wanted.values()):
                twin.state = "superseded"

    # Always

    @invariant()
    def proposals_are_as_the_model_says(self) -> None:
        for one in self.asked:
            kept = self.proposing.read(one.id, ADA)
            assert (kept.state, kept.result) == (one.state, one.result), one
            assert len(kept.changes) == len(one.wishes)

    # Helpers

    def _known(self, wishes: tuple[Wish, ...]) -> bool:
        """Whether all they name is there."""
        ends = {end for wish in wishes for end in (wish.name, wish.key[0], wish.key[2])}
        heirs = {wish.value or "" for wish in wishes if wish.kind == "merge"}
        return (ends | heirs) - {""} <= self.model.concepts.keys()

    def _bases(self, wishes: tuple[Wish, ...]) -> tuple[Any, ...]:
        return tuple(wish.now(self.model) for wish in wishes)

    def _blocked(self, wishes: tuple[Wish, ...], bases: tuple[Any, ...] = ()) -> bool:
        """Whether the checks keep it from being handed in: what is so already, circles, and what accepting would refuse. What has moved since its author saw it
        (`bases`) is a conflict then, and is not tried."""
        if any(wish.now(self.model) == wish.wanted() or wish.loops(self.model) for wish in wishes):
            return True
        trial = self.model.copy()
        try:
            for wish, base in zip(wishes, bases or self._bases(wishes), strict=True):
                if wish.now(self.model) == base:
                    wish.do(trial)
        except Refused:
            return True
        return False

    def _refuse(self, done: Callable[[], Any], *errors: type[Exception]) -> None:
        head = self.framework.head
        try:
            done()
        except errors:
            assert self.framework.head == head
        else:
            raise AssertionError(f"refused here, as {errors[0].__name__}, but done there")
