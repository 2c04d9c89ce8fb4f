"""Many moderators at once: each proposal is decided exactly once, nothing is lost, and the event log tells it in order; on both engines.

WIKIC_TEST_MODERATORS=32 WIKIC_TEST_PROPOSALS=1000 does it at full size.
"""

from __future__ import annotations

import os
import random
import threading
from collections import Counter

from tests.flows.model import concept, source
from tests.flows.proposal_tools import ADA, Ground, check_the_log, make_ground, person, two_changes, two_texts
from wikic.errors import Busy, Conflict
from wikic.services.deciding import Ruling
from wikic.store.engine import Engine

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


def test_each_is_decided_exactly_once(engine: Engine) -> None:
    ground = make_ground(engine)
    ground.framework.run(source(*(concept(f"c{number}", f"do {number}") for number in range(CONCEPTS)), origin="rome"))
    first = ground.framework.head
    lot = [two_changes(number, CONCEPTS) for number in range(PROPOSALS)]
    parts = (lot[start : start + 500] for start in range(0, PROPOSALS, 500))
    made = [part for some in parts for part in ground.app.proposing.make_lot("many", some, ADA, justification="all").parts]
    ids = [one.id for one in made]
    moderators = Moderators(ground, ids)
    moderators.run()

    assert moderators.decided == Counter(dict.fromkeys(ids, 1))
    assert moderators.too_late == PROPOSALS * (MODERATORS - 1)
    rejected = {identity for number, identity in enumerate(ids) if number % 5 == 0}
    assert {one for one in ids if ground.app.proposing.read(one, ADA).state == "rejected"} == rejected
    accepted = {number for number in range(PROPOSALS) if number % 5}
    for number in range(PROPOSALS):
        assert two_texts(ground, number, CONCEPTS) == ((f"T{number}.", f"N{number}.") if number in accepted else ("", ""))
    check_the_log(ground, ids, first)
