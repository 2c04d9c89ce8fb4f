"""What readers ask in the state machine: the past, releases, one concept's story, differences."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.flows.machine_ground import Ground
from tests.flows.machine_parts import NAME_OF, body_of, slots_of_content, stored, without_repeats
from tests.flows.model import uuid_of
from wikic.domain.access import SYSTEM
from wikic.domain.diff import diff_contents
from wikic.store import history


class Reads(Ground):
    """The rules of reading."""

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
