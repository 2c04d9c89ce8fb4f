"""A process that decides on proposals and is killed, or kills the engine, at a chosen transaction. It says so for each decision that it acknowledges."""

from __future__ import annotations

import os
import signal
from contextlib import ExitStack
from dataclasses import dataclass
from multiprocessing.connection import Connection as Line
from pathlib import Path

from tests.apart import Apart
from tests.flows.kill_tools import Moment, Stepping
from tests.flows.proposal_tools import MAY
from wikic.bootstrap import app_of
from wikic.errors import Conflict, StoreError
from wikic.services.deciding import Ruling
from wikic.store.embedded import open_embedded
from wikic.store.engine import Connection, Kind


@dataclass(slots=True)
class Decide:
    """What to do: accept these, one by one or in `bulk`; at the `step`-th write transaction, before (`inside`) or after its commit, kill this process, or the
    process `victim`. `data`: attach to the embedded store of this folder."""

    kind: Kind
    proposals: list[str]
    step: int
    place: str
    connection: Connection | None = None
    data: str = ""
    victim: int = 0
    bulk: bool = False


def decide_elsewhere(task: Decide) -> tuple[bool, list[str]]:
    """Do it in another process: (whether that was killed, the proposals whose decision it acknowledged)."""
    with Apart(_work, task) as process:
        told = [identity for word, identity in process.heard() if word == "decided"]
        return process.killed, told


def _work(task: Decide, line: Line) -> None:
    steps = 0

    def watch(moment: Moment) -> None:
        nonlocal steps
        steps += moment.place == "inside"
        if (steps, moment.place) == (task.step, task.place):
            os.kill(task.victim or os.getpid(), signal.SIGKILL)

    with ExitStack() as stack:
        connection, refresh = task.connection, None
        if task.data:
            store = stack.enter_context(open_embedded(Path(task.data)))
            connection, refresh = store.connection(), store.refresh
        assert connection is not None
        engine = stack.enter_context(Stepping.of(connection, task.kind, refresh))
        app = app_of(engine, lambda: None)
        engine.begin(watch)
        if task.bulk:
            outcome = app.bulk.decide_many(task.proposals, Ruling("accept"), MAY)
            for item in outcome.items:
                line.send(("decided", item.proposal))
            return
        for identity in task.proposals:
            try:
                app.deciding.decide(identity, Ruling("accept"), MAY, None)
                line.send(("decided", identity))
            except (StoreError, Conflict) as error:
                # What became of it is not known here: whoever asks again finds out.
                line.send((error.slug, identity))
