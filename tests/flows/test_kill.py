"""An import that dies, at any moment: readers see the old or the new state, the next writer clears up, and what is there in the end is what an import
leaves that nobody killed. The same at full size, and more often: `python -m benchmarks.kill --engine arcadedb --times 20 --full`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.engines import NoNeo4jError, run_neo4j, server_for_tests
from tests.flows.kill_proof import KillProof
from tests.flows.kill_tools import (
    ESCO_1,
    ESCO_2,
    ROME_1,
    ROME_2,
    Files,
    Importer,
    Moment,
    import_elsewhere,
    reading,
    server_pid,
)
from tests.flows.whole_store import visible_answer
from wikic.store import leases
from wikic.store.embedded import open_embedded
from wikic.store.engine import Engine


@pytest.mark.parametrize(
    ("old", "new", "times"),
    [(ESCO_1, ESCO_2, 10), (None, ESCO_1, 6), (ROME_1, ROME_2, 4)],
    ids=["update", "first", "rome"],
)
def test_killed_importers_leave_nothing(engine: Engine, old: Files | None, new: Files, times: int) -> None:
    tally = KillProof(engine, server_for_tests(engine.kind), old, new, seed=20).run(times)
    assert tally.total >= times * 2 // 3, tally
    assert tally.survivors >= times // 3, tally


@pytest.mark.parametrize("phase", ["concepts", "relations", "commit"])
def test_a_killed_embedded_engine_comes_back_whole(tmp_path: Path, phase: str) -> None:
    with (
        open_embedded(tmp_path) as store,
        Engine.of(store.connection(), "arcadedb", store.refresh) as engine,
    ):
        proof = KillProof(engine, store.connection(), ESCO_1, ESCO_2)
        proof.learn()
        proof.reset()
        job = proof.job("engine", Moment(phase, 1))
        job.data, job.victim = str(tmp_path), store.engine_pid or 0
        with reading(engine) as told:
            outcome = import_elsewhere(job)
        proof.judge(told)
        assert outcome is not None
        assert outcome.get("seq") or outcome["error"] == "store-unavailable", outcome
        assert visible_answer(engine).digest == (proof.after if outcome.get("seq") else proof.before).digest
        proof.let_one_through(again=bool(outcome.get("seq")))


def test_a_killed_neo4j_comes_back_whole(tmp_path: Path) -> None:
    try:
        with run_neo4j(tmp_path) as connection, Engine.of(connection, "neo4j") as engine:
            proof = KillProof(engine, connection, ESCO_1, ESCO_2)
            proof.learn()
            proof.reset()
            job = proof.job("engine", Moment("relations", 2))
            job.victim = server_pid(tmp_path)
            importer = Importer(job)
            assert importer.reached()
    except NoNeo4jError as error:
        if os.environ.get("WIKIC_REQUIRE_NEO4J") == "1":
            pytest.fail(str(error))
        pytest.skip(str(error))
    with importer, run_neo4j(tmp_path, int(connection.uri.rpartition(":")[2])), Engine.of(connection, "neo4j") as engine:
        outcome = importer.finish()
        assert outcome is not None
        assert outcome.get("seq") or outcome["error"] == "store-unavailable", outcome
        proof.engine = engine
        assert visible_answer(engine).digest == (proof.after if outcome.get("seq") else proof.before).digest
        proof.let_one_through(again=bool(outcome.get("seq")))


def test_a_holder_that_nobody_has_reaped_counts_as_dead() -> None:
    """A container without an init keeps killed processes in the process table: their lease must not have to run out."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        started = leases._started(process.pid)
        holder = f"{leases.holder_name().split('/')[0]}/{process.pid}/{started}"
        assert not leases.is_dead(holder)
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert Path(f"/proc/{process.pid}").exists()
        assert leases.is_dead(holder)
