"""GET /api/v1/concepts/{uuid} over HTTP on uvicorn, full data (ESCO and ROME), one client, 2,000 random concepts: whole answers, and 304."""

from __future__ import annotations

import random

from benchmarks.common import Bench, Table, esco_file, import_esco, main, percentile, rome_folder, wikic
from benchmarks.web import Client, serving, timed, uuids

COUNT = 2_000


def body(bench: Bench, table: Table) -> None:
    """Measure."""
    import_esco(bench, esco_file("1.1.1"), "1.1.1")
    wikic(bench, "import", "rome", str(rome_folder()))
    chosen = random.Random(1).sample(uuids(bench), 2 * COUNT)
    warm, asked = (["/api/v1/concepts/" + uuid for uuid in part] for part in (chosen[:COUNT], chosen[COUNT:]))
    with serving(bench) as port:
        client = Client(port)
        timed(client, warm)
        before = bench.engine_cpu()
        times, tags = timed(client, asked)
        engine = (bench.engine_cpu() - before) / COUNT * 1e3
        again, _ = timed(client, asked, tags, expected=304)
        client.close()
    table.add("a concept, p50", f"{percentile(times, 0.5):.1f} ms", "6 ms", f"engine CPU {engine:.1f} ms each")
    table.add("a concept, p99", f"{percentile(times, 0.99):.1f} ms", "20 ms", f"longest {max(times):.0f} ms")
    table.add("the same with its ETag (304), p50", f"{percentile(again, 0.5):.2f} ms", "2 ms", "no query")
    table.add("the same with its ETag (304), p99", f"{percentile(again, 0.99):.2f} ms")


if __name__ == "__main__":
    main("read_concept", __doc__, body)
