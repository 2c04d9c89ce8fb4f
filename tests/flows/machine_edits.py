"""What people do in the state machine: edits, merges, splits, and taking changes back."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.flows import plain_changes
from tests.flows.machine_ground import Ground
from tests.flows.machine_parts import BORN, KIND, OCCUPATIONS, SKILLS, anything, importances, keys, left_over, slots_of
from tests.flows.model import uuid_of
from tests.flows.plain import Key, Plain, PlainFramework, Refused, Side
from wikic.domain.access import operator
from wikic.domain.ids import relation_id
from wikic.domain.records import Label
from wikic.domain.vocabulary import ALTERNATIVE, DEPRECATED, PREFERRED
from wikic.errors import Conflict, InvalidInput, NotFound
from wikic.services.editing import Create, Edit, Editing, Merge, Relate, SetLabels, SetStatus, SetText, Split, Unrelate
from wikic.services.reverting import Reverted, Reverting
from wikic.store.undo import settle

EDITOR = operator("editor")


class Edits(Ground):
    """The rules of editing."""

    @rule(name=anything, text=st.sampled_from(("", "One.", "Mine.")))
    def edit_text(self, name: str, text: str) -> None:
        side = self.local(name)
        side.slots.pop(("def", "en"), None)
        if text:
            side.slots["def", "en"] = text
        self.attempt(lambda model: model.edit(name, side), SetText(uuid_of(name), "definition", "en", text))

    @rule(name=anything, pref=st.sampled_from(("cut", "mine")), alts=st.sets(st.sampled_from(("rip", "own"))))
    def edit_labels(self, name: str, pref: str, alts: set[str]) -> None:
        side = self.local(name)
        side.slots = {slot: value for slot, value in side.slots.items() if slot[0] == "def" or slot[1] != "en"}
        side.slots |= slots_of(pref, "", "", alts)
        labels = [Label(pref, "en", PREFERRED), *(Label(alt, "en", ALTERNATIVE) for alt in sorted(alts))]
        self.attempt(lambda model: model.edit(name, side), SetLabels(uuid_of(name), "en", tuple(labels)))

    @rule(name=anything, status=st.sampled_from(("active", DEPRECATED)))
    def edit_status(self, name: str, status: str) -> None:
        edit = SetStatus(uuid_of(name), status)
        self.attempt(lambda model: plain_changes.set_status(model, name, status), edit)

    @rule(old=anything, new=anything)
    def replace_concept(self, old: str, new: str) -> None:
        if old == new or old not in self.model.concepts or new not in self.model.concepts:
            return

        def change(model: PlainFramework) -> None:
            side = self.local(old)
            side.status, side.gone = DEPRECATED, False
            if model.concepts[old].local != side:
                model.edit(old, side)
            if (old, "replaced_by", new) not in model.links:
                model.relate((old, "replaced_by", new), "")

        self.attempt(change, SetStatus(uuid_of(old), DEPRECATED, replaced_by=uuid_of(new)))

    @rule(key=keys, importance=importances)
    def relate(self, key: Key, importance: str) -> None:
        source, kind, target = key
        importance = importance if kind == "requires" else ""
        edit = Relate(uuid_of(source), kind, uuid_of(target), importance)
        self.attempt(lambda model: model.relate(key, importance), edit)

    @rule(data=st.data())
    def unrelate(self, data: st.DataObject) -> None:
        # Mostly one that is there: of all that could be, few are.
        there = st.sampled_from(sorted(self.model.links)) if self.model.links else keys
        key = data.draw(there | keys)
        edit = Unrelate(uuid_of(key[0]), key[1], uuid_of(key[2]))
        self.attempt(lambda model: model.unrelate(key), edit)

    @rule(name=st.sampled_from(BORN), label=st.sampled_from(("glue", "nail")))
    def create(self, name: str, label: str) -> None:
        if name not in self.model.concepts:
            create, made = born(name, label)
            self.attempt(made, create)

    @rule(data=st.data())
    def merge(self, data: st.DataObject) -> None:
        # Mostly two that can be merged.
        old = data.draw(anything)
        into = data.draw(st.sampled_from(sorted(one for one in KIND if KIND[one] == KIND[old])) | anything)
        alts = [slot for slot in self.local(old).slots if slot[0] == "alt"]
        moved = sorted(data.draw(st.sets(st.sampled_from(sorted(alts))))) if alts else []
        labels = tuple(Label(slot[2], slot[1], ALTERNATIVE) for slot in moved)
        edit = Merge(uuid_of(old), uuid_of(into), labels)
        self.attempt(lambda model: plain_changes.merge(model, old, into, moved), edit)

    @rule(needs=st.sampled_from(OCCUPATIONS), old=st.sampled_from(SKILLS), into=st.sampled_from(SKILLS), strong=st.booleans())
    def merge_what_is_needed_twice(self, needs: str, old: str, into: str, strong: bool) -> None:
        self.relate((needs, "requires", old), "essential" if strong else "optional")
        self.relate((needs, "requires", into), "optional" if strong else "essential")
        edit = Merge(uuid_of(old), uuid_of(into))
        self.attempt(lambda model: plain_changes.merge(model, old, into, ()), edit)

    @rule(data=st.data(), label=st.sampled_from(("glue", "nail")))
    def split(self, data: st.DataObject, label: str) -> None:
        old = data.draw(anything)
        parts = data.draw(st.lists(anything, min_size=2, max_size=2, unique=True))
        relations = sorted(plain_changes.relations_of(self.model, old))
        assigned = {key: data.draw(st.sampled_from(parts)) for key in relations}
        new = [part for part in parts if part in BORN and part not in self.model.concepts]
        creates = [born(part, label) for part in new]

        def change(model: PlainFramework) -> None:
            for _, made in creates:
                made(model)
            plain_changes.split(model, old, parts, assigned)

        given = {relation_id(uuid_of(key[0]), key[1], uuid_of(key[2])): uuid_of(part) for key, part in assigned.items()}
        self.attempt(change, *(create for create, _ in creates), Split(uuid_of(old), self.uuids(*parts), given))

    @precondition(lambda self: self.model.links)
    @rule(data=st.data(), cleared=st.booleans())
    def die_while_removing(self, data: st.DataObject, cleared: bool) -> None:
        """The rows are there, and the head has not moved."""
        engine, head = self.framework.engine, self.framework.head
        source, kind, target = data.draw(st.sampled_from(sorted(self.model.links)))
        edit = Unrelate(uuid_of(source), kind, uuid_of(target))
        settle(engine, "public")
        assert self.framework.die(1, lambda dying: Editing(dying).apply([edit], actor="editor", summary="the last one"))
        assert self.framework.head == head
        if cleared:
            settle(engine, "public")
            assert left_over(engine, head) == {}

    # Taking back

    @precondition(lambda self: self.written)
    @rule(data=st.data())
    def take_a_change_back(self, data: st.DataObject) -> None:
        # Mostly one of the last: most of what is older was built on.
        seqs = sorted(self.written)
        seq = data.draw(st.sampled_from(seqs[-3:]) | st.sampled_from(seqs))
        before, after, by_import = self.written[seq]
        self.revert(
            lambda model: plain_changes.take_back(model, before, after, by_import=by_import),
            lambda: Reverting(self.framework.engine).revert_change(seq, actor=EDITOR),
        )

    @precondition(lambda self: self.written)
    @rule(data=st.data(), name=anything)
    def take_a_concept_back(self, data: st.DataObject, name: str) -> None:
        seq = data.draw(st.sampled_from(sorted(self.written)))
        if name in self.model.concepts:
            then = self.written[seq][1]
            self.revert(
                lambda model: plain_changes.concept_back(model, name, then),
                lambda: Reverting(self.framework.engine).revert_concept(uuid_of(name), seq, actor=EDITOR),
            )

    def revert(self, change: Callable[[PlainFramework], None], done: Callable[[], Reverted]) -> None:
        """Take something back in both."""
        trial = self.model.copy()
        try:
            change(trial)
        except Refused as refused:
            # Of several reasons each side may meet another one first.
            self.refuse(refused, done, Conflict, InvalidInput, NotFound)
            return
        seq = done().seq
        assert seq is not None
        self.commit(trial, seq)


def born(name: str, label: str) -> tuple[Edit, Callable[[PlainFramework], None]]:
    """A new skill, as an edit and in the model."""
    side = Side({("pref", "en"): label})

    def made(model: PlainFramework) -> None:
        model.concepts[name] = Plain("skill", deepcopy(side), deepcopy(side), imported=False)

    return Create("skill", (Label(label, "en", PREFERRED),), uuid=uuid_of(name)), made
