"""The proof by death: importers of new files are killed at every sort of moment, and the store must be as if nobody had been."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.flows.kill_tools import Files, Job, Moment, check, import_elsewhere, import_here, reading, wipe_all
from tests.flows.whole_store import Answer, everything, visible_answer
from wikic.store.engine import Connection, Engine
from wikic.store.schema import ensure_schema


@dataclass(slots=True)
class Tally:
    """What a proof did: deaths by phase and place, how many writers came through, how many different answers readers were given."""

    deaths: Counter[str] = field(default_factory=Counter)
    survivors: int = 0
    answers: int = 0

    @property
    def total(self) -> int:
        return sum(self.deaths.values())


class KillProof:
    """Old files are there; importers of the new ones are killed again and again; after some deaths one is let through.

    Fails by AssertionError: readers saw anything but the old or the new state, the next writer failed, or the store is not exactly the one that an
    import leaves that was never killed.
    """

    def __init__(
        self, engine: Engine, connection: Connection, old: Files | None, new: Files, *, small: bool = True, seed: int = 1
    ) -> None:
        self.engine, self.connection, self.old, self.new, self.small = engine, connection, old, new, small
        self.random = random.Random(seed)
        self.tally = Tally()
        self.fresh: Callable[[], tuple[Engine, Connection]] | None = None

    def job(self, act: str = "", moment: Moment | None = None) -> Job:
        """A job on the new files."""
        return Job(self.engine.kind, self.new, self.connection, act=act, moment=moment, small=self.small)

    def reset(self) -> None:
        """The old files (if any), and nothing else; on a new engine where `fresh` gives one, which is faster for a whole framework."""
        if self.fresh is None:
            wipe_all(self.engine)
        else:
            self.engine, self.connection = self.fresh()
        ensure_schema(self.engine)
        if self.old is not None:
            import_here(self.engine, self.old)

    def learn(self) -> None:
        """What the store holds before and after an import that nobody kills, and how many transactions that has."""
        self.reset()
        self.before = visible_answer(self.engine)
        whole = import_elsewhere(self.job())
        assert whole is not None
        assert whole["seq"], whole
        self.counts = Counter(whole["counts"])
        self.after = visible_answer(self.engine)
        self.whole = everything(self.engine)
        assert self.before.digest != self.after.digest

    def moments(self, times: int) -> list[Moment]:
        """So many moments, spread over all phases in turn; where one was killed that had written, the next may die while it undoes that."""
        phases = [name for name in self.counts if name != "release"]
        chosen: list[Moment] = []
        while len(chosen) < times:
            self.random.shuffle(phases)
            for phase in phases:
                place = self.random.choice(("inside", "after"))
                chosen.append(Moment(phase, self.random.randint(1, self.counts[phase]), place))
                if phase not in ("lease", "number", "show") and self.random.random() < 0.5:
                    chosen.append(Moment("undo", self.random.randint(1, 4), place))
        return chosen[:times]

    def run(self, times: int, in_a_row: int = 3, told: Callable[[str], None] = lambda _: None) -> Tally:
        """Kill so many importers; up to `in_a_row` before one is let through."""
        self.learn()
        self.reset()
        left = self.random.randint(1, in_a_row)
        for moment in self.moments(times):
            died, visible = self._kill_one(moment)
            told(f"{moment.phase} {moment.number} {moment.place}: {'killed' if died else 'came through'}")
            left -= 1
            if visible or left <= 0:
                self.let_one_through(again=visible)
                self.reset()
                left = self.random.randint(1, in_a_row)
        self.let_one_through(again=False)
        return self.tally

    def _kill_one(self, moment: Moment) -> tuple[bool, bool]:
        """(whether it died, whether the new state is visible)."""
        with reading(self.engine) as told:
            died = import_elsewhere(self.job("kill", moment)) is None
        self.judge(told)
        here = visible_answer(self.engine)
        visible = not died or (moment.phase == "show" and moment.place == "after")
        assert here.digest == (self.after if visible else self.before).digest, f"after a death at {moment}"
        if died:
            self.tally.deaths[f"{moment.phase} {moment.place}"] += 1
        else:
            assert moment.phase == "undo", f"{moment} never came"
        return died, visible

    def let_one_through(self, *, again: bool) -> None:
        """Import to the end; the store is then as if nobody had been killed. `again`: the new state is visible already."""
        with reading(self.engine) as told:
            report = import_here(self.engine, self.new)
        self.judge(told)
        assert (report.seq is None) == again, report
        assert visible_answer(self.engine).digest == self.after.digest
        assert everything(self.engine) == self.whole
        check(self.engine)
        self.tally.survivors += 1

    def judge(self, told: set[Answer]) -> None:
        """What readers were told is the old or the new state."""
        wrong = [answer for answer in told if answer.digest not in (self.before.digest, self.after.digest)]
        assert not wrong, f"readers saw neither the old nor the new state: {wrong}"
        self.tally.answers += len(told)
