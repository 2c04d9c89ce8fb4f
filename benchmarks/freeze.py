"""Naming a release on full data: constant time, nothing is copied; against the same on an almost empty store."""

from __future__ import annotations

import time

from benchmarks.common import Bench, Table, esco_file, import_esco, main, percentile
from tests.flows.kill_tools import ESCO_1, import_here, wipe_all
from wikic.domain.access import SYSTEM
from wikic.services.releasing import Releasing
from wikic.store.schema import ensure_schema

TIMES = 50


def body(bench: Bench, table: Table) -> None:
    """Measure."""
    import_here(bench.engine, ESCO_1)
    small = _freeze(bench)
    wipe_all(bench.engine)
    ensure_schema(bench.engine)
    import_esco(bench, esco_file("1.1.1"), "1.1.1")
    full = _freeze(bench)
    table.add("freeze on full ESCO, p50", f"{percentile(full, 0.5):.1f} ms", "50 ms", f"p99 {percentile(full, 0.99):.1f} ms")
    table.add("of which the first, right after the import", f"{full[0]:.1f} ms", "", "Neo4j keeps the plans of these queries")
    table.add("the very first of an engine just started", f"{small[0]:.1f} ms", "", "")
    table.add("freeze on the sample, p50", f"{percentile(small, 0.5):.1f} ms", "", "constant time: the same")


def _freeze(bench: Bench) -> list[float]:
    times = []
    for number in range(TIMES):
        started = time.perf_counter()
        Releasing(bench.engine).freeze(f"release-{number}", actor=SYSTEM)
        times.append((time.perf_counter() - started) * 1e3)
    return times


if __name__ == "__main__":
    main("freeze", __doc__, body)
