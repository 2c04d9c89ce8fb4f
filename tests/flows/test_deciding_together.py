"""Many moderators at once: each proposal is decided exactly once, nothing is lost, and the event log tells it in order; on both engines.

WIKIC_TEST_MODERATORS=32 WIKIC_TEST_PROPOSALS=1000 does it at full size.
"""

from __future__ import annotations

import os
import random
import threading
from collections import Counter

from tests.flows.model import concept, source, uuid_of
from tests.flows.proposal_tools import ADA, Ground, make_ground, person, text
from wikic.domain.proposals_changes import Change
from wikic.domain.vocabulary import PUBLIC_SPACE
from wikic.errors import Busy, Conflict
from wikic.services.deciding import Ruling
from wikic.store.engine import Engine
from wikic.store.history import list_changes

MODERATORS = int(os.environ.get("WIKIC_TEST_MODERATORS", "6"))
PROPOSALS = int(os.environ.get("WIKIC_TEST_PROPOSALS", "24"))
CONCEPTS = 10


class Moderators:
    """Threads that decide on the same proposals, each in an order of its own."""

    def __init__(self, ground: Ground, ids: list[str]) -> None:
        self.ground, self.ids = ground, ids
        self.decided: Counter[str] = Counter()
        self.too_late = 0
        self.failed: list[BaseException] = []
        self._lock = threading.Lock()
        self._together = threading.Barrier(MODERATORS)

    def run(self) -> None:
        threads = [threading.Thread(target=self._work, args=(number,)) for number in range(MODERATORS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert self.failed == []

    def _work(self, number: int) -> None:
        actor = person(f"moderator-{number}", "moderator")
        order = random.Random(number).sample(self.ids, len(self.ids))
        try:
            self._together.wait()
            for identity in order:
                verdict = "reject" if self.ids.index(identity) % 5 == 0 else "accept"
                self._decide(identity, Ruling(verdict, f"by {number}"), actor)
        except BaseException as error:
            self.failed.append(error)

    def _decide(self, identity: str, ruling: Ruling, actor: object) -> None:
        while True:
            try:
                outcome = self.ground.app.deciding.decide(identity, ruling, actor, None)  # type: ignore[arg-type]
            except Busy:
                continue
            except Conflict:
                self.too_late += 1
                return
            assert not outcome.conflicts
            with self._lock:
                self.decided[identity] += 1
            return


def changes_of(number: int) -> list[Change]:
    """A text of a concept, and one of its neighbour: a few hundred of them never speak of one field twice."""
    lang = f"fr-{number // CONCEPTS:04d}"
    one, other = uuid_of(f"c{number % CONCEPTS}"), uuid_of(f"c{(number + 1) % CONCEPTS}")
    return [text(f"T{number}.", one, lang), text(f"N{number}.", other, lang, "note")]


def test_each_is_decided_exactly_once(engine: Engine) -> None:
    ground = make_ground(engine)
    ground.framework.run(source(*(concept(f"c{number}", f"do {number}") for number in range(CONCEPTS)), origin="rome"))
    first = ground.framework.head
    lot = [changes_of(number) for number in range(PROPOSALS)]
    made = [part for start in range(0, PROPOSALS, 500) for part in ground.app.proposing.make_lot("many", lot[start : start + 500], ADA).parts]
    ids = [one.id for one in made]
    moderators = Moderators(ground, ids)
    moderators.run()

    assert moderators.decided == Counter(dict.fromkeys(ids, 1))
    assert moderators.too_late == PROPOSALS * (MODERATORS - 1)
    rejected = {identity for number, identity in enumerate(ids) if number % 5 == 0}
    assert {one for one in ids if ground.app.proposing.read(one, ADA).state == "rejected"} == rejected
    accepted = [number for number in range(PROPOSALS) if number % 5]
    for number in range(PROPOSALS):
        value, beside = changes_of(number)
        said = ground.text(value.concept, value.lang), ground.text(beside.concept, beside.lang, "note")  # type: ignore[union-attr]
        assert said == ((f"T{number}.", f"N{number}.") if number in accepted else ("", ""))

    events = ground.events("proposal_accepted", "proposal_rejected")
    assert Counter(event.subject for event in events) == Counter(f"proposal/{identity}" for identity in ids)
    numbers = [event.number for event in ground.events()]
    assert numbers == list(range(1, len(numbers) + 1))
    seqs = [event.seq for event in events if event.kind == "proposal_accepted"]
    assert seqs == sorted(set(seqs))  # type: ignore[type-var]
    log = list_changes(engine, [PUBLIC_SPACE], {PUBLIC_SPACE: ground.framework.head}, after=first, limit=10_000)
    assert [change.seq for change in log] == seqs
    by_seq = {change.seq: change.details["proposal"] for change in log}
    assert [by_seq[event.seq or 0] for event in events if event.seq] == [event.subject.partition("/")[2] for event in events if event.seq]
