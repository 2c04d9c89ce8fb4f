"""The site and pinned data over HTTP on the full data (ESCO and ROME): pages of concepts and of the biggest hubs, what a release said and was asked
for before, 304, and a hundred readers of pages, data and search at one request a second each."""

from __future__ import annotations

import random
import time
from urllib.parse import quote

from benchmarks.common import SHARED, Bench, Table, esco_file, import_esco, main, percentile, rome_folder, wikic
from benchmarks.readers import Readers
from benchmarks.search import questions, typed
from benchmarks.web import Client, serving, timed, uuids
from wikic.store.engine import Query

COUNT = 1_000
READERS = 100
SECONDS = 40
HTML = "text/html"

_HUBS = Query(
    "bench.hubs",
    "MATCH (c:Concept)-[r]-(:Concept) WITH c.uuid AS uuid, count(r) AS n ORDER BY n DESC LIMIT 20 RETURN uuid, n",
)


def fill(bench: Bench) -> None:
    """ESCO 1.1.0 as candidate 2025-rc1; ESCO 1.1.1, ROME and the mapping table as candidate 2026-rc1, which every reader may have."""
    import_esco(bench, esco_file("1.1.0"), "1.1.0")
    wikic(bench, "release", "freeze", "2025-rc1")
    import_esco(bench, esco_file("1.1.1"), "1.1.1")
    wikic(bench, "import", "rome", str(rome_folder()))
    wikic(bench, "import", "crosswalk", str(SHARED / "data" / "crosswalks" / "FR_mapping_esco_rome_v1.4.csv"))
    wikic(bench, "release", "freeze", "2026-rc1")
    bench.env.setdefault("WIKIC_DATA", str(bench.folder / "data"))
    wikic(bench, "reindex")


def body(bench: Bench, table: Table) -> None:
    """Measure."""
    fill(bench)
    known = uuids(bench)
    hubs = [(str(row["uuid"]), int(row["n"])) for row in bench.engine.read(_HUBS)]
    with serving(bench) as port:
        _pages(port, table, known, hubs)
        _pinned(port, table, known)
        _crowd(port, table, known)


def _pages(port: int, table: Table, known: list[str], hubs: list[tuple[str, int]]) -> None:
    client = Client(port, HTML)
    chosen = [f"/c/{uuid}" for uuid in random.Random(1).sample(known, 2 * COUNT)]
    timed(client, chosen[:COUNT])
    times, _ = timed(client, chosen[COUNT:])
    table.add("concept page, p50", f"{percentile(times, 0.5):.1f} ms", "", f"{COUNT} concepts, none asked before")
    table.add("concept page, p99", f"{percentile(times, 0.99):.1f} ms", "40 ms", f"longest {max(times):.0f} ms")
    paths = [f"/c/{uuid}" for uuid, _ in hubs]
    timed(client, paths)
    times, _ = timed(client, paths * 10)
    most = max(n for _, n in hubs)
    table.add("page of the biggest hubs, p99", f"{percentile(times, 0.99):.1f} ms", "100 ms", f"up to {most:,} relations")
    client.close()


def _pinned(port: int, table: Table, known: list[str]) -> None:
    client = Client(port)
    chosen = [f"/api/v1/concepts/{uuid}?release=2026-rc1" for uuid in random.Random(2).sample(known, COUNT)]
    times, tags = timed(client, chosen)
    table.add("pinned data, p50", f"{percentile(times, 0.5):.2f} ms", "", "asked for the first time")
    times, _ = timed(client, chosen)
    table.add("pinned data seen before, p50", f"{percentile(times, 0.5):.2f} ms", "2 ms", f"p99 {percentile(times, 0.99):.2f} ms")
    times, _ = timed(client, chosen, tags, expected=304)
    table.add("pinned data, 304, p50", f"{percentile(times, 0.5):.2f} ms", "2 ms", f"p99 {percentile(times, 0.99):.2f} ms")
    client.close()


def _crowd(port: int, table: Table, known: list[str]) -> None:
    chooser = random.Random(3)
    some = chooser.sample(known, COUNT)
    paths = [f"/c/{uuid}" for uuid in some[: COUNT // 2]] + [f"/api/v1/concepts/{uuid}" for uuid in some[COUNT // 2 :]]
    paths += [f"/api/v1/search?q={quote(text)}" for text in questions()[: COUNT // 4]]
    paths += [f"/api/v1/suggest?q={quote(text)}" for text in typed()[: COUNT // 4]]
    with Readers(port, paths, READERS, HTML) as readers:
        time.sleep(SECONDS)
    table.add(f"{READERS} readers, p50", f"{percentile(readers.times, 0.5):.1f} ms", "", f"{len(readers.times):,} answers")
    table.add(f"{READERS} readers, p99", f"{percentile(readers.times, 0.99):.1f} ms", "100 ms", f"longest {max(readers.times):.0f} ms")
    table.add(f"{READERS} readers, errors", str(len(readers.errors)), "0", ", ".join(sorted(set(readers.errors))[:3]))


if __name__ == "__main__":
    main("site", __doc__, body)
