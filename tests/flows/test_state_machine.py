"""Random imports, edits, deaths and releases against plain dictionaries, on both engines.

The runs are the same every time. WIKIC_TEST_EXAMPLES=500 looks further, at other runs.
"""

from __future__ import annotations

import os
from copy import deepcopy
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.engines import wipe
from tests.flows.machine_parts import (
    BORN,
    KIND,
    NAME_OF,
    NAMES,
    anything,
    body_of,
    importances,
    keys,
    names,
    sides,
    slots_of,
    slots_of_content,
    source_of,
    stored,
    without_repeats,
)
from tests.flows.model import (
    Framework,
    Killed,
    MortalEngine,
    expire_leases,
    uuid_of,
)
from tests.flows.plain import Key, Plain, PlainFramework, Refused, Said, Side, Snapshot
from wikic.domain.access import SYSTEM
from wikic.domain.diff import diff_contents
from wikic.domain.records import Label
from wikic.domain.vocabulary import ALTERNATIVE, DEPRECATED, PREFERRED
from wikic.errors import InvalidInput, NotFound, OlderVersion, RemovalRefused, WikicError
from wikic.services.editing import Create, Edit, Relate, SetLabels, SetStatus, SetText, Unrelate
from wikic.services.import_planning import ImportOptions
from wikic.services.importing import Importing, ImportReport
from wikic.store import history
from wikic.store.engine import Engine


class Machine(RuleBasedStateMachine):
    """One framework of a few concepts, its source upstream, and the model of both."""

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        wipe(engine)
        self.framework = Framework(engine)
        self.model = PlainFramework()
        self.version = 1
        self.upstream: dict[str, Side] = {}
        self.links: dict[Key, str] = {}
        self.archive: list[Said] = []
        self.releases: dict[str, int] = {}

    @initialize(records=st.lists(sides, min_size=len(NAMES), max_size=len(NAMES)), links=st.sets(keys, max_size=5))
    def first_import(self, records: list[Side], links: set[Key]) -> None:
        self.upstream = dict(zip(NAMES[:-1], records, strict=False))
        self.links = dict.fromkeys(sorted(links), "essential")
        self.import_(self.whole(), allow_removals=False, older=False)

    # Upstream

    @rule(name=names, side=st.none() | sides)
    def upstream_changes(self, name: str, side: Side | None) -> None:
        if side is None:
            self.upstream.pop(name, None)
        else:
            self.upstream[name] = side

    @rule(key=keys, importance=st.none() | importances)
    def upstream_relates(self, key: Key, importance: str | None) -> None:
        if importance is None:
            self.links.pop(key, None)
        else:
            self.links[key] = importance

    @rule()
    def upstream_publishes(self) -> None:
        self.version += 1

    # Imports

    def whole(self) -> Said:
        """All that upstream says now."""
        links = {key: importance if key[1] == "requires" else "" for key, importance in self.links.items()}
        return Said(self.version, deepcopy(self.upstream), KIND, links)

    @rule(allow=st.booleans())
    def import_all(self, allow: bool) -> None:
        self.import_(self.whole(), allow_removals=allow, older=False)

    @rule(lang=st.sampled_from(("en", "fr")), relations=st.booleans())
    def import_one_language(self, lang: str, relations: bool) -> None:
        said = self.whole()
        said.languages = (lang,)
        for side in said.records.values():
            side.slots = {slot: value for slot, value in side.slots.items() if slot[1] == lang}
        if not relations:
            said.relations, said.links = (), {}
        self.import_(said, allow_removals=True, older=False)

    @rule(chosen=st.sets(names, min_size=1))
    def import_a_slice(self, chosen: set[str]) -> None:
        said = self.whole()
        said.complete = None
        said.records = {name: side for name, side in said.records.items() if name in chosen}
        said.links = {key: importance for key, importance in said.links.items() if key[0] in chosen}
        self.import_(said, allow_removals=False, older=False)

    @rule(kept=st.sampled_from(("skill", "occupation")))
    def import_without_one_file(self, kept: str) -> None:
        said = self.whole()
        said.kinds = (kept,)
        said.records = {name: side for name, side in said.records.items() if KIND[name] == kept}
        said.relations = ("requires",) if kept == "occupation" else ("broader",)
        said.links = {key: importance for key, importance in said.links.items() if key[1] in said.relations}
        self.import_(said, allow_removals=True, older=False)

    @precondition(lambda self: self.archive)
    @rule(data=st.data(), asked=st.booleans())
    def import_again_what_was_imported(self, data: st.DataObject, asked: bool) -> None:
        self.import_(data.draw(st.sampled_from(self.archive)), allow_removals=True, older=asked)

    @rule(writes=st.integers(0, 14))
    def die_while_importing(self, writes: int) -> None:
        before = self.framework.head
        mortal = MortalEngine(self.framework.engine, writes)
        try:
            self.import_(self.whole(), allow_removals=True, older=False, engine=mortal)
        except Killed:
            expire_leases(self.framework.engine)
            assert self.framework.head == before

    def import_(self, said: Said, *, allow_removals: bool, older: bool, engine: Engine | None = None) -> None:
        options = ImportOptions(allow_removals=allow_removals, older=older)
        trial = self.model.copy()
        try:
            conflicts = trial.import_(deepcopy(said), allow_removals=allow_removals, older=older)
        except Refused as refused:
            error = {"older": OlderVersion, "removals": RemovalRefused}[refused.why]
            self.refuse(error, lambda: Importing(self.framework.engine).run(source_of(said), options))
            return
        report: ImportReport = Importing(engine or self.framework.engine).run(source_of(said), options)
        assert (report.seq is None) == trial.same(self.model), report
        assert sum(c["field"] in (PREFERRED, "definition") for c in report.conflicts) == conflicts
        if report.seq is not None:
            trial.last_version = said.version
            self.commit(trial, report.seq)
            self.archive.append(said)

    # Edits

    def edit(self, trial: PlainFramework, refused: Refused | None, *edits: Edit) -> None:
        if refused is not None:
            error = {"unchanged": InvalidInput, "missing": NotFound, "cycle": InvalidInput}[refused.why]
            self.refuse(error, lambda: self.framework.edit(*edits))
            return
        self.commit(trial, self.framework.edit(*edits))

    def try_edit(self, name: str, change: Side, *edits: Edit) -> None:
        trial, refused = self.model.copy(), None
        try:
            trial.edit(name, change)
        except Refused as why:
            refused = why
        self.edit(trial, refused, *edits)

    def local(self, name: str) -> Side:
        """What stands here, to change."""
        one = self.model.concepts.get(name)
        return deepcopy(one.local) if one else Side({})

    @rule(name=anything, text=st.sampled_from(("", "One.", "Mine.")))
    def edit_text(self, name: str, text: str) -> None:
        side = self.local(name)
        side.slots.pop(("def", "en"), None)
        if text:
            side.slots["def", "en"] = text
        self.try_edit(name, side, SetText(uuid_of(name), "definition", "en", text))

    @rule(name=anything, pref=st.sampled_from(("cut", "mine")), alts=st.sets(st.sampled_from(("rip", "own"))))
    def edit_labels(self, name: str, pref: str, alts: set[str]) -> None:
        side = self.local(name)
        side.slots = {slot: value for slot, value in side.slots.items() if slot[0] == "def" or slot[1] != "en"}
        side.slots |= slots_of(pref, "", "", alts)
        labels = [Label(pref, "en", PREFERRED), *(Label(alt, "en", ALTERNATIVE) for alt in sorted(alts))]
        self.try_edit(name, side, SetLabels(uuid_of(name), "en", tuple(labels)))

    @rule(name=anything, status=st.sampled_from(("active", DEPRECATED)))
    def edit_status(self, name: str, status: str) -> None:
        side = self.local(name)
        side.status, side.gone = status, False
        self.try_edit(name, side, SetStatus(uuid_of(name), status))

    @rule(old=anything, new=anything)
    def replace_concept(self, old: str, new: str) -> None:
        if old == new or old not in self.model.concepts or new not in self.model.concepts:
            return
        trial, refused = self.model.copy(), None
        side = self.local(old)
        side.status, side.gone = DEPRECATED, False
        changed = trial.concepts[old].local != side
        if changed:
            trial.edit(old, side)
        if old in self.model.successors(new):
            refused = Refused("cycle")
        elif (old, "replaced_by", new) not in trial.links:
            trial.relate((old, "replaced_by", new), "")
        elif not changed:
            refused = Refused("unchanged")
        self.edit(trial, refused, SetStatus(uuid_of(old), DEPRECATED, replaced_by=uuid_of(new)))

    @rule(key=keys, importance=importances)
    def relate(self, key: Key, importance: str) -> None:
        if key in self.model.removed_here:
            return  # made anew here, it has no source until the source says something else of that concept
        importance = importance if key[1] == "requires" else ""
        trial, refused = self.model.copy(), None
        try:
            trial.relate(key, importance)
        except Refused as why:
            refused = why
        source_, kind, target = key
        self.edit(trial, refused, Relate(uuid_of(source_), kind, uuid_of(target), importance))

    @rule(data=st.data())
    def unrelate(self, data: st.DataObject) -> None:
        # Mostly one that is there: of all that could be, few are.
        there = st.sampled_from(sorted(self.model.links)) if self.model.links else keys
        key = data.draw(there | keys)
        trial, refused = self.model.copy(), None
        try:
            trial.unrelate(key)
        except Refused as why:
            refused = why
        self.edit(trial, refused, Unrelate(uuid_of(key[0]), key[1], uuid_of(key[2])))

    @rule(name=st.sampled_from(BORN), label=st.sampled_from(("glue", "nail")))
    def create(self, name: str, label: str) -> None:
        if name in self.model.concepts:
            return
        trial = self.model.copy()
        side = Side({("pref", "en"): label})
        trial.concepts[name] = Plain("skill", side, deepcopy(side), imported=False)
        self.edit(trial, None, Create("skill", (Label(label, "en", PREFERRED),), uuid=uuid_of(name)))

    # Reading

    @precondition(lambda self: self.model.past)
    @rule(data=st.data())
    def freeze(self, data: st.DataObject) -> None:
        name = f"r{len(self.releases)}"
        at = data.draw(st.none() | st.sampled_from(sorted(self.model.past)))
        self.releases[name] = self.framework.releasing.freeze(name, at=at, actor=SYSTEM).seq
        assert self.releases[name] == (at or self.framework.head)

    @precondition(lambda self: self.releases)
    @rule(data=st.data())
    def read_a_release(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.releases)))
        seq = self.framework.releasing.resolve(name)
        assert seq == self.releases[name]
        assert stored(self.framework.engine, seq) == self.model.past[seq]

    @precondition(lambda self: self.model.past)
    @rule(data=st.data())
    def read_the_past(self, data: st.DataObject) -> None:
        seq = data.draw(st.integers(0, self.framework.head))
        assert stored(self.framework.engine, seq) == self.past_at(seq)

    @precondition(lambda self: self.model.past)
    @rule(data=st.data())
    def read_one_story(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.model.concepts)))
        head = self.framework.head
        told = [
            (content.status, frozenset(slots_of_content(content).items()))
            for _, content in history.read_states(self.framework.engine, uuid_of(name), {"public": head})
        ]
        lived = [concepts[name] for _, (concepts, _) in sorted(self.model.past.items()) if name in concepts]
        assert without_repeats(told) == without_repeats(lived)
        at = data.draw(st.sampled_from(sorted(self.model.past)))
        if name in self.model.past[at][0]:
            self.check_body(name, at)

    def check_body(self, name: str, at: int) -> None:
        """A body is whole, and its number is not below the last one that changed it."""
        body = self.framework.body(name, at)
        links = self.model.past[at][1]
        shown = {
            (NAME_OF[one.relation.source], one.relation.type, NAME_OF[one.relation.target])
            for group in body.relations.values()
            for one in group.items
        }
        assert shown == {key for key in links if name in (key[0], key[2])}
        seqs = sorted(seq for seq in self.model.past if seq <= at)
        bodies = [body_of(self.model.past[seq], name) for seq in seqs]
        last = max(seq for n, seq in enumerate(seqs) if n == 0 or bodies[n] != bodies[n - 1])
        assert last <= body.seq <= at

    @precondition(lambda self: len(self.model.past) > 1)
    @rule(data=st.data())
    def compare_two_numbers(self, data: st.DataObject) -> None:
        start, end = sorted(data.draw(st.tuples(*[st.sampled_from(sorted(self.model.past))] * 2)))
        engine = self.framework.engine
        touched = history.touched_between(engine, "public", start, end)
        before, after = self.model.past[start], self.model.past[end]
        concepts, links = dict(before[0]), dict(before[1])
        for uuid, _, _, differing in history.differing_states(engine, "public", touched, start, end):
            name = NAME_OF[uuid]
            assert differing.after is not None
            assert (differing.before is None) == (name not in before[0])
            changes = diff_contents(differing.before, differing.after)
            assert bool(changes) == (before[0].get(name) != after[0][name])
            said = frozenset(slots_of_content(differing.after).items())
            if differing.before is None:
                said = after[0][name][1]  # of what is new only the status is told
            concepts[name] = (differing.after.status, said)
        rows = list(history.differing_relations(engine, "public", touched, start, end))
        for later, one, *_ in sorted(rows, key=lambda row: row[0]):
            key = (NAME_OF[one.source], one.type, NAME_OF[one.target])
            if later:
                links[key] = one.importance
            else:
                del links[key]
        assert (concepts, links) == after

    @invariant()
    def head_is_as_the_model_says(self) -> None:
        assert stored(self.framework.engine, self.framework.head) == self.model.snapshot()

    # Helpers

    def commit(self, trial: PlainFramework, seq: int) -> None:
        assert seq > max(self.model.past, default=0)
        self.model = trial
        self.model.past[seq] = trial.snapshot()
        assert self.framework.head == seq

    def past_at(self, seq: int) -> Snapshot:
        return (
            self.model.past[max((one for one in self.model.past if one <= seq), default=0)]
            if any(one <= seq for one in self.model.past)
            else ({}, {})
        )

    def refuse(self, error: type[WikicError], what: Any) -> None:
        head = self.framework.head
        try:
            what()
        except error:
            assert self.framework.head == head
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
            max_examples=examples or 25,
            stateful_step_count=25,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
