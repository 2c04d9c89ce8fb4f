"""Fifty readers, each asking for a random concept once a second over HTTP, while ESCO 1.1.1 is imported over 1.1.0, and without."""

from __future__ import annotations

import time

from benchmarks.common import Bench, Table, esco_file, import_esco, main, percentile
from benchmarks.readers import Readers
from benchmarks.web import Client, serving, timed, uuids

READERS = 50
QUIET_SECONDS = 20


def body(bench: Bench, table: Table) -> None:
    """Measure."""
    import_esco(bench, esco_file("1.1.0"), "1.1.0")
    known = uuids(bench)
    with serving(bench) as port:
        client = Client(port)
        paths = ["/api/v1/concepts/" + uuid for uuid in known]
        timed(client, paths[:1_000])
        client.close()
        with Readers(port, paths, READERS) as quiet:
            time.sleep(QUIET_SECONDS)
        with Readers(port, paths, READERS) as busy:
            ran = import_esco(bench, esco_file("1.1.1"), "1.1.1")
    for name, readers in (("without an import", quiet), ("during an import", busy)):
        table.add(
            f"{READERS} readers {name}, p50 and p99",
            f"{percentile(readers.times, 0.5):.1f} ms, {percentile(readers.times, 0.99):.1f} ms",
            "",
            f"{len(readers.times)} answers",
        )
        table.add(f"{READERS} readers {name}, errors", str(len(readers.errors)), "0", ", ".join(sorted(set(readers.errors))))
    table.add("the import", f"{ran.seconds:.1f} s", "", ran.cost())


if __name__ == "__main__":
    main("readers_during_import", __doc__, body)
