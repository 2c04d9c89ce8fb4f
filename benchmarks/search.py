"""Search: the index built from nothing, caught up after an ESCO update, and suggest and search over HTTP on the full data (ESCO and ROME).

python -m benchmarks.search [--engine neo4j]
python -m benchmarks.search --many [--engine neo4j]    # 300,000 labels: ESCO in four languages, and ROME
python -m benchmarks.search --store bolt://127.0.0.1:7687 --user neo4j --password ...    # a filled store; nothing is written to it
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

from benchmarks.common import (
    ROOT,
    SHARED,
    Bench,
    Table,
    engine_argument,
    esco_file,
    import_esco,
    percentile,
    rome_folder,
    run,
    wikic,
)
from benchmarks.web import Client, serving, timed
from wikic.domain.concepts import from_properties
from wikic.store.engine import Engine, Query
from wikic.text.folder import IndexFolder
from wikic.text.query import Filters
from wikic.text.search import Snapshot

COUNT = 1_000
MELO = SHARED / "data" / "melo" / "fra_q_fr_c_fr"


def lines(file: Path) -> list[str]:
    """The second column of a table of MELO."""
    return [line.rstrip("\n").split("\t")[1] for line in file.open(encoding="utf-8")]


def typed() -> list[str]:
    """What people have typed so far, letter by letter, of real names; each once."""
    chooser = random.Random(2)
    labels = [label for label in lines(MELO / "corpus_elements.tsv") if len(label) > 3]
    found: dict[str, None] = {}
    while len(found) < 2 * COUNT:
        label = chooser.choice(labels)
        found[label[: chooser.randint(1, min(len(label), 24))].strip() or label] = None
    return list(found)


def questions() -> list[str]:
    """Real queries: names of ROME, competences, spans of adverts; each once."""
    found = dict.fromkeys(lines(MELO / "queries.tsv"))
    for file in sorted((SHARED / "data" / "match_queries").glob("*.jsonl")):
        found |= dict.fromkeys(str(json.loads(line)["q"]) for line in file.open(encoding="utf-8"))
    shuffled = list(found)
    random.Random(3).shuffle(shuffled)
    return shuffled[: 2 * COUNT]


def asked(bench: Bench, table: Table) -> None:
    """Suggest and search over HTTP, one client."""
    with serving(bench) as port:
        client = Client(port)
        while client.get("/api/v1/search?q=attendre")[0] == 503:
            time.sleep(0.2)
        for name, texts, path, middle, last in (
            ("suggest", typed(), "suggest?limit=10&q=", "4 ms", "10 ms"),
            ("suggest in French", typed(), "suggest?limit=10&lang=fr&q=", "4 ms", "10 ms"),
            ("search", questions(), "search?limit=20&q=", "10 ms", "40 ms"),
            ("search in French skills", questions(), "search?limit=20&lang=fr&kind=skill&q=", "10 ms", "40 ms"),
        ):
            paths = [f"/api/v1/{path}{quote(text)}" for text in texts]
            half = len(paths) // 2
            timed(client, paths[:half])
            times, _ = timed(client, paths[half:])
            table.add(f"{name}, p50", f"{percentile(times, 0.5):.1f} ms", middle, f"{half} queries, none asked before")
            table.add(f"{name}, p99", f"{percentile(times, 0.99):.1f} ms", last, f"longest {max(times):.0f} ms")
        client.close()


def in_the_index(bench: Bench, table: Table) -> None:
    """CPU of the same questions within the index, which a busy machine does not change much."""
    folder = IndexFolder(Path(bench.env["WIKIC_DATA"]) / "index" / "public")
    index = folder.open(folder.current())
    if index is None:
        raise RuntimeError(f"there is no index in {folder.path}")
    snapshot = Snapshot(index)
    reached = snapshot.mark.seq if snapshot.mark else 0
    for name, texts, ask in (("suggest", typed(), snapshot.suggest), ("search", questions(), snapshot.search)):
        times = []
        for text in texts:
            before = time.thread_time()
            ask(text, Filters(), reached)
            times.append((time.thread_time() - before) * 1e3)
        middle, last = percentile(times, 0.5), percentile(times, 0.99)
        table.add(f"{name}, CPU within the index, p50 and p99", f"{middle:.1f} ms, {last:.1f} ms")


def reindexed(bench: Bench, table: Table, target: str) -> None:
    """`wikic reindex`, from nothing."""
    ran = wikic(bench, "reindex", "--json")
    reached = json.loads(ran.out)
    table.add("states", f"{reached['states']:,}")
    table.add(
        "built from nothing", f"{reached['seconds']:.1f} s", target, f"client CPU {ran.cpu:.1f} s, {ran.rss:.0f} MB"
    )
    size = sum(file.stat().st_size for file in (Path(bench.env["WIKIC_DATA"]) / "index").rglob("*") if file.is_file())
    table.add("on disk", f"{size / 1e6:.0f} MB")


def whole(bench: Bench, table: Table) -> None:
    """All of it, on an engine of its own."""
    bench.env.setdefault("WIKIC_DATA", str(bench.folder / "data"))
    import_esco(bench, esco_file("1.1.0"), "1.1.0")
    reindexed(bench, table, "")
    import_esco(bench, esco_file("1.1.1"), "1.1.1")
    code = (
        "from wikic.bootstrap import open_app; from wikic.config import settings; import orjson, sys\n"
        "with open_app(settings()) as app: r = app.searching.catch_up(); print(r.did, r.states, r.seconds)"
    )
    out = subprocess.run(
        [sys.executable, "-c", code], env=bench.env, cwd=ROOT, check=True, capture_output=True, text=True
    )
    did, states, seconds = out.stdout.split()
    table.add("caught up after ESCO 1.1.0 -> 1.1.1", f"{float(seconds):.1f} s", "2 s", f"{did}, {states} states")
    wikic(bench, "import", "rome", str(rome_folder()))
    reindexed(bench, table, "15 s")
    in_the_index(bench, table)
    asked(bench, table)


def many(bench: Bench, table: Table) -> None:
    """Suggest and search over 300,000 labels."""
    bench.env.setdefault("WIKIC_DATA", str(bench.folder / "data"))
    import_esco(bench, esco_file("1.1.1", synthetic=2), "1.1.1")
    wikic(bench, "import", "rome", str(rome_folder()))
    table.add("labels", f"{_labels(bench):,}", "300,000")
    reindexed(bench, table, "15 s")
    asked(bench, table)


def _labels(bench: Bench) -> int:
    states = bench.engine.read(Query("benchmark.states", "MATCH (s:State) RETURN properties(s) AS s"))
    return sum(len(from_properties(row["s"]).labels) for row in states)


def main() -> None:
    """The command."""
    parser = engine_argument(__doc__)
    parser.add_argument("--many", action="store_true", help="over 300,000 labels")
    parser.add_argument("--store", help="Bolt address of a filled store")
    parser.add_argument("--user", default="neo4j")
    parser.add_argument("--password", default="")
    parser.add_argument("--database", default="neo4j")
    given = parser.parse_args()
    if given.store is None:
        run("search", given.engine, many if given.many else whole)
        return
    table = Table(f"search, {given.store}")
    with tempfile.TemporaryDirectory(prefix="wikic-benchmark-") as folder:
        env = {key: value for key, value in os.environ.items() if not key.startswith("WIKIC_")}
        env |= {"WIKIC_STORE": given.store, "WIKIC_STORE_USER": given.user, "WIKIC_STORE_PASSWORD": given.password}
        env |= {"WIKIC_STORE_DATABASE": given.database, "WIKIC_DATA": folder}
        pid = os.getpid()
        with Engine(given.store, given.user, given.password, given.database, given.engine) as engine:
            bench = Bench(engine, env, Path(folder), lambda: pid)
            reindexed(bench, table, "15 s")
            in_the_index(bench, table)
            asked(bench, table)
    table.show()


if __name__ == "__main__":
    main()
