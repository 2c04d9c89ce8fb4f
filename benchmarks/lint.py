"""POST /api/v1/lint over HTTP on uvicorn, full data (ESCO and ROME): 2,000 alignments at once, in the shapes that people write."""

from __future__ import annotations

import http.client
import json
import random
import time
from typing import Any

from benchmarks.common import Bench, Table, esco_file, import_esco, main, percentile, rome_folder, wikic
from benchmarks.web import serving
from wikic.store.engine import Query

COUNT, TIMES = 2_000, 5
SHAPES = (
    "{iri}", "{iri}/", "https{rest}", "https://esco.ec.europa.eu/fr/classification/skill_main?uri={iri}", "/esco/skill/{tail}", "/skill/{tail}",
    "https://esco.ec.europa.eu/en/classification/skills/{tail}", "urn:uuid:{tail}",
)  # fmt: skip
_SKILLS = Query(
    "bench.skills",
    "MATCH (s:State) WHERE s.scheme = 'esco' AND s.kind IN ['skill', 'knowledge'] AND s.to_seq > 9000000000000000"
    " RETURN s.iri AS iri, s.preferred AS preferred ORDER BY iri",
)


def alignments(bench: Bench, seed: int) -> list[dict[str, Any]]:
    """So many different ones."""
    chooser = random.Random(seed)
    made = []
    for number, row in enumerate(chooser.sample(bench.engine.read(_SKILLS), COUNT)):
        iri, names = row["iri"], json.loads(row["preferred"])
        url = SHAPES[number % len(SHAPES)].format(iri=iri, rest=iri.removeprefix("http"), tail=iri.rpartition("/")[2])
        name = [names.get("fr", "x"), names.get("en", "x").upper(), "a name of something else"][number % 3]
        made.append({"type": ["Alignment"], "targetName": name, "targetUrl": url, "targetType": "CFItem", "targetCode": "2654"})
    return made


def linted(port: int, packed: bytes) -> tuple[float, bytes]:
    """One request: the seconds, and the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    started = time.perf_counter()
    connection.request("POST", "/api/v1/lint", packed, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    told = answer.read()
    took = time.perf_counter() - started
    connection.close()
    if answer.status != 200:
        raise RuntimeError(f"answered {answer.status}: {told[:300]!r}")
    return took, told


def body(bench: Bench, table: Table) -> None:
    """Measure."""
    bench.env.setdefault("WIKIC_DATA", str(bench.folder / "data"))
    import_esco(bench, esco_file("1.1.1"), "1.1.1")
    wikic(bench, "import", "rome", str(rome_folder()))
    sent = [json.dumps({"document": alignments(bench, seed)}).encode() for seed in range(TIMES + 2)]
    with serving(bench) as port:
        took, told = linted(port, sent[0])
    table.add("2,000 alignments, first, while the index is built", f"{took:.2f} s", "3 s", f"{len(sent[0]) / 1e3:.0f} kB sent, {len(told) / 1e3:.0f} kB back")
    wikic(bench, "reindex")
    with serving(bench) as port:
        times = [linted(port, packed)[0] for packed in sent[1:]]
    table.add("2,000 alignments, first", f"{times[0]:.2f} s", "3 s", "the index is there")
    table.add("2,000 alignments, p50", f"{percentile(times[1:], 0.5):.2f} s", "3 s", f"longest {max(times[1:]):.2f} s")
    counts = json.loads(told)["counts"]
    table.add("found", ", ".join(f"{number:,} {name}" for name, number in counts.items()))


if __name__ == "__main__":
    main("lint", __doc__, body)
