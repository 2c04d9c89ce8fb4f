"""Killing importers at seeded moments spread over all phases, and the embedded engine: the proofs of tests/flows/test_kill.py, more often or (`--full`)
on ESCO 1.1.0 to 1.1.1 at full size. Ends with an AssertionError where one fails.

    python -m benchmarks.kill --engine arcadedb --times 20 --full
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import ExitStack

from benchmarks.common import Bench, Table, engine_argument, esco_file, own_engine
from tests.flows.kill_proof import KillProof
from tests.flows.kill_tools import ESCO_1, ESCO_2, Files, Moment, import_elsewhere, reading
from wikic.store.engine import Connection, Engine


def connection_of(bench: Bench) -> Connection:
    """Where the engine answers now."""
    return bench.engine._connection


def kill_engine(now: Callable[[], Bench], proof: KillProof, phase: str) -> str:
    """Kill the embedded engine in a phase of an import; what became of the import."""
    proof.reset()
    bench = now()
    job = proof.job("engine", Moment(phase, 1))
    job.connection, job.data, job.victim = None, str(bench.folder), bench.engine_pid()
    with reading(bench.engine) as told:
        outcome = import_elsewhere(job)
    proof.judge(told)
    assert outcome is not None
    bench.engine.verify()
    proof.connection = connection_of(bench)
    proof.let_one_through(again=bool(outcome.get("seq")))
    return "went on and was written" if outcome.get("seq") else str(outcome["message"])


def main() -> None:
    """Parse the command line and run."""
    parser = engine_argument(__doc__)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--in-a-row", type=int, default=4, help="most deaths before a writer is let through")
    parser.add_argument("--full", action="store_true", help="ESCO at full size")
    asked = parser.parse_args()
    old, new = ESCO_1, ESCO_2
    if asked.full:
        old, new = (Files("esco", str(esco_file(version)), version) for version in ("1.1.0", "1.1.1"))

    def body(table: Table, stack: ExitStack) -> None:
        started = time.perf_counter()

        bench = stack.enter_context(own_engine(asked.engine))

        def told(line: str) -> None:
            print(f"  {time.perf_counter() - started:6.0f} s  {line}", file=sys.stderr, flush=True)

        def fresh() -> tuple[Engine, Connection]:
            nonlocal bench
            stack.close()
            bench = stack.enter_context(own_engine(asked.engine))
            return bench.engine, connection_of(bench)

        proof = KillProof(bench.engine, connection_of(bench), old, new, small=not asked.full, seed=asked.seed)
        proof.fresh = fresh if asked.full else None
        tally = proof.run(asked.times, asked.in_a_row, told)
        phases = ", ".join(f"{name} {count}" for name, count in sorted(tally.deaths.items()))
        table.add("importers killed", str(tally.total), "", phases)
        table.add("imports let through after them", str(tally.survivors), "", "store equal to one never killed, check finds nothing")
        table.add("different whole answers to readers", str(tally.answers), "", "each the old or the new state")
        if bench.kind == "arcadedb":
            for phase in ("states", "relations", "commit"):
                table.add(f"engine killed while the import writes {phase}", kill_engine(lambda: bench, proof, phase))
        table.add("time", f"{time.perf_counter() - started:.0f} s")

    table = Table(f"kill, {'full size' if asked.full else 'sample'}, {asked.engine}")
    with ExitStack() as stack:
        body(table, stack)
    table.show()


if __name__ == "__main__":
    main()
