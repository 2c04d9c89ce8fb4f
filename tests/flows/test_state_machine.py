"""Random imports, edits, proposals, decisions, merges, reverts, deaths and releases against plain dictionaries, on both engines.

The runs are the same every time. WIKIC_TEST_EXAMPLES=500 looks further, at other runs.
"""

from __future__ import annotations

import os
from copy import deepcopy

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule, run_state_machine_as_test

from tests.flows.machine_edits import Edits
from tests.flows.machine_parts import KIND, NAMES, importances, keys, left_over, names, remembered, sides, stored
from tests.flows.machine_proposals import Proposes
from tests.flows.machine_reading import Reads
from tests.flows.model import Killed, MortalEngine, expire_leases, uuid_of
from tests.flows.plain import Key, Said, Side
from wikic.domain.ids import relation_id
from wikic.services.checking import Checking
from wikic.store.engine import Engine
from wikic.store.undo import settle


class Machine(Edits, Proposes, Reads):
    """All rules together, and what is true after each."""

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

    @rule(name=names)
    def upstream_gives_another_address(self, name: str) -> None:
        known = self.aliases.setdefault(name, [])
        known.append(f"{name}-also-{len(known)}")

    @rule()
    def upstream_publishes(self) -> None:
        self.version += 1

    # Imports

    def whole(self) -> Said:
        """All that upstream says now."""
        links = {key: importance if key[1] == "requires" else "" for key, importance in self.links.items()}
        return Said(self.version, deepcopy(self.upstream), KIND, links, aliases=deepcopy(self.aliases))

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

    @rule(writes=st.integers(1, 9), name=names, cleared=st.booleans())
    def die_while_importing(self, writes: int, name: str, cleared: bool) -> None:
        before = self.framework.head
        # So that there is something to write, and something of every sort.
        self.upstream_gives_another_address(name)
        mortal = MortalEngine(self.framework.engine, writes)
        try:
            self.import_(self.whole(), allow_removals=True, older=False, engine=mortal)
        except Killed:
            expire_leases(self.framework.engine)
            assert self.framework.head == before
            if cleared:
                settle(self.framework.engine, "public")
                assert left_over(self.framework.engine, before) == {}

    # Always

    @invariant()
    def head_is_as_the_model_says(self) -> None:
        assert stored(self.framework.engine, self.framework.head) == self.model.snapshot()

    @invariant()
    def what_is_remembered_is_as_the_model_says(self) -> None:
        links, removed, aliases = remembered(self.framework.engine, self.framework.head)
        assert links == {key: (link.origins, link.base) for key, link in self.model.links.items()}
        ids = {relation_id(uuid_of(key[0]), key[1], uuid_of(key[2])) for key in self.model.removed_here}
        assert removed == ids
        assert aliases == {uuid_of(alias): uuid_of(name) for alias, name in self.model.aliases.items()}

    def teardown(self) -> None:
        # The last writer may have died.
        expire_leases(self.framework.engine)
        settle(self.framework.engine, "public")
        found = [finding for finding in Checking(self.framework.engine).run() if not finding.note]
        assert not found, found


def test_every_run_agrees_with_plain_dictionaries(engine: Engine) -> None:
    examples = int(os.environ.get("WIKIC_TEST_EXAMPLES", "0"))

    class OnThisEngine(Machine):
        def __init__(self) -> None:
            super().__init__(engine)

    run_state_machine_as_test(
        OnThisEngine,
        settings=settings(
            derandomize=not examples,
            # A Neo4j takes five times as long for each.
            max_examples=examples or (40 if engine.kind == "arcadedb" else 12),
            stateful_step_count=25,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
