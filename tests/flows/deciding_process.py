"""A process that decides on proposals and is killed, or kills the engine, at a chosen transaction. It prints a line for each decision that it acknowledges."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.flows.kill_tools import ROOT, Moment, Stepping
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
    done = subprocess.run(
        [sys.executable, "-m", "tests.flows.deciding_process"],
        input=json.dumps(asdict(task)),
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    killed = done.returncode == -signal.SIGKILL
    assert killed or done.returncode == 0, done.stderr
    lines = [line.partition(" ") for line in done.stdout.splitlines()]
    return killed, [identity for word, _, identity in lines if word == "decided"]


def _work(task: Decide) -> None:
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
                print("decided", item.proposal, flush=True)
            return
        for identity in task.proposals:
            try:
                app.deciding.decide(identity, Ruling("accept"), MAY, None)
                print("decided", identity, flush=True)
            except (StoreError, Conflict) as error:
                # What became of it is not known here: whoever asks again finds out.
                print(error.slug, identity, flush=True)


def main() -> None:
    """Read what to do from stdin, and do it."""
    raw = json.loads(sys.stdin.read())
    raw["connection"] = Connection(**raw["connection"]) if raw["connection"] else None
    _work(Decide(**raw))


if __name__ == "__main__":
    main()
