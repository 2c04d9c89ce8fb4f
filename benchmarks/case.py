"""CASE packages of the full ESCO through the server: when the first byte comes, when the last, size, peak memory of the server; and as a file."""

from __future__ import annotations

import json
import time
import urllib.request
from pathlib import Path

from benchmarks.common import Bench, Table, esco_file, import_esco, main, wikic
from benchmarks.web import serving_process
from wikic.linked_data.case import PREFIX


def peak(pid: int) -> float:
    """The peak memory of a process, in MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1e3


def fetched(address: str) -> tuple[float, float, int]:
    """Seconds to the first byte and to the last, and the size."""
    started = time.perf_counter()
    with urllib.request.urlopen(address) as answer:
        size, first = len(answer.read(1)), time.perf_counter() - started
        while piece := answer.read(1 << 20):
            size += len(piece)
    return first, time.perf_counter() - started, size


def body(bench: Bench, table: Table) -> None:
    """Measure."""
    import_esco(bench, esco_file("1.1.1"), "1.1.1")
    for step in (("freeze", "2026"), ("prepare", "2026"), ("publish", "2026")):
        wikic(bench, "release", *step)
    # Else the server builds it in its first seconds, and its memory counts too.
    bench.env.setdefault("WIKIC_DATA", str(bench.folder / "data"))
    wikic(bench, "reindex")
    with serving_process(bench) as (port, pid):
        address = f"http://127.0.0.1:{port}"
        with urllib.request.urlopen(f"{address}{PREFIX}/CFDocuments") as answer:
            found = json.load(answer)["CFDocuments"]
        before = peak(pid)
        for version, name in (("Draft", "now"), ("Adopted", "2026"), ("Adopted", "2026, again: kept")):
            (document,) = [
                each for each in found if each["adoptionStatus"] == version and each["extensions"]["scheme"] == "esco"
            ]
            cpu = bench.engine_cpu()
            first, last, size = fetched(f"{address}{PREFIX}/CFPackages/{document['identifier']}")
            remark = f"{size / 1e6:.0f} MB; engine CPU {bench.engine_cpu() - cpu:.1f} s"
            table.add(f"package of ESCO, {name}: begins", f"{first * 1000:.0f} ms", "200 ms")
            table.add(f"package of ESCO, {name}: ends", f"{last:.1f} s", "15 s", remark)
        table.add("peak memory of the server", f"{peak(pid):.0f} MB", "300 MB", f"{before:.0f} MB before the first")
    ran = wikic(
        bench,
        "release",
        "dump",
        "2026",
        "--format",
        "case",
        "--scheme",
        "esco",
        "--out",
        str(bench.folder / "esco.json"),
    )
    table.add("the same as a file", f"{ran.seconds:.1f} s, peak {ran.rss:.0f} MB", "", ran.cost())


if __name__ == "__main__":
    main("case", __doc__, body)
