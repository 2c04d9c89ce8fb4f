"""What readers ask in the state machine: the past, releases, one concept's story, differences."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.flows.machine_ground import Ground
from tests.flows.machine_parts import NAME_OF, body_of, slots_of_content, stored, without_repeats
from tests.flows.model import uuid_of
from wikic.domain.access import SYSTEM
from wikic.domain.diff import diff_contents
from wikic.errors import Conflict, UnknownRelease, WikicError
from wikic.services.publishing import Publishing
from wikic.services.reading import Reading
from wikic.services.releasing_parts import ReleaseServices
from wikic.store import history
from wikic.store.engine import Engine


@dataclass
class Named:
    """A release as the model knows it: its number, its state, whether its manifest is made."""

    seq: int
    state: str = "frozen"
    made: bool = False


class Reads(Ground):
    """The rules of reading."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        reading = Reading(engine, "epoch")
        self.manifests = ReleaseServices.of(engine, reading, Publishing(engine, reading)).manifests
        self.releases: dict[str, Named] = {}

    @precondition(lambda self: self.model.past)
    @rule(data=st.data())
    def freeze(self, data: st.DataObject) -> None:
        name = f"r{len(self.releases)}"
        at = data.draw(st.none() | st.sampled_from(sorted(self.model.past)))
        seq = self.framework.releasing.freeze(name, at=at, actor=SYSTEM).seq
        assert seq == (at or self.framework.head)
        self.releases[name] = Named(seq)

    @precondition(lambda self: self.releases)
    @rule(data=st.data(), act=st.sampled_from(("prepare", "publish", "publish", "withdraw")))
    def go_on_with_a_release(self, data: st.DataObject, act: str) -> None:
        # Mostly one that can be published.
        ready = sorted(name for name, one in self.releases.items() if one.made and one.state == "frozen")
        name = data.draw(st.sampled_from(ready or sorted(self.releases)) | st.sampled_from(sorted(self.releases)))
        {"prepare": self.prepare, "publish": self.publish, "withdraw": self.withdraw_release}[act](name)

    @precondition(lambda self: max(self.model.past, default=0) > max((one.seq for one in self.releases.values()), default=0))
    @rule()
    def freeze_and_publish(self) -> None:
        name = f"r{len(self.releases)}"
        self.releases[name] = Named(self.framework.releasing.freeze(name, actor=SYSTEM).seq)
        self.prepare(name)
        self.publish(name)
        # Once is for good.
        self.publish(name)
        self.withdraw_release(name)

    def prepare(self, name: str) -> None:
        """Make its manifest."""
        prepared = partial(self.manifests.prepare, name, "https://skills.example.org", actor=SYSTEM)
        if self.releases[name].state == "withdrawn":
            self.refuse_release(prepared, UnknownRelease)
        else:
            prepared()
            self.releases[name].made = True

    def publish(self, name: str) -> None:
        """Open it to all."""
        one, published = self.releases[name], partial(self.framework.releasing.publish, name, actor=SYSTEM)
        if one.state == "withdrawn":
            self.refuse_release(published, UnknownRelease)
        elif one.state == "published" or not one.made or self.manifests.get(name)["checks"]["blocking"]:
            self.refuse_release(published, Conflict)
        else:
            published()
            one.state = "published"

    def withdraw_release(self, name: str) -> None:
        """Take it back."""
        one, withdrawn = self.releases[name], partial(self.framework.releasing.withdraw, name, actor=SYSTEM)
        if one.state == "frozen":
            withdrawn()
            one.state, one.made = "withdrawn", False
        else:
            self.refuse_release(withdrawn, UnknownRelease if one.state == "withdrawn" else Conflict)

    def refuse_release(self, done: Callable[[], object], error: type[WikicError]) -> None:
        """The store refuses it."""
        try:
            done()
        except error:
            return
        raise AssertionError(f"{error.__name__} was expected")

    @precondition(lambda self: self.releases)
    @rule(data=st.data())
    def read_a_release(self, data: st.DataObject) -> None:
        there = {name: one for name, one in self.releases.items() if one.state != "withdrawn"}
        kept = {one.name: Named(one.seq, one.state, self.manifests.state(one.name)[0] == "made") for one in self.framework.releasing.list()}
        assert kept == there
        if there:
            name = data.draw(st.sampled_from(sorted(there)))
            seq = self.framework.releasing.resolve(name)
            assert seq == there[name].seq
            assert stored(self.framework.engine, seq) == self.model.past[seq]
            # Whatever happened since, what was made of it then is what it is.
            assert not there[name].made or self.manifests.verify(name).differences == []

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
