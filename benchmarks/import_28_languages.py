"""An ESCO file of the size of the official dump (28 languages; 26 of them made up): time for a triple and memory, against English and French."""

from __future__ import annotations

from benchmarks.common import Bench, Table, esco_file, import_esco, main, measure
from benchmarks.import_esco import PARSE
from tests.flows.kill_tools import wipe_all
from wikic.store.schema import ensure_schema


def body(bench: Bench, table: Table) -> None:
    """Measure."""
    cost: list[float] = []
    for name, synthetic in (("English and French", 0), ("28 languages", 26)):
        wipe_all(bench.engine)
        ensure_schema(bench.engine)
        file = esco_file("1.1.1", synthetic=synthetic)
        parsed = measure(["-c", PARSE, str(file)])
        ran = import_esco(bench, file, "1.1.1")
        triples = int(parsed.out)
        cost.append(ran.seconds / triples * 1e6)
        table.add(f"{name}, until readable", f"{ran.seconds:.1f} s", "", f"parse {parsed.seconds:.1f} s; {ran.cost()}")
        table.add(f"{name}, for a triple", f"{cost[-1]:.1f} µs", "", f"{triples:,} triples")
        table.add(f"{name}, peak memory of the client", f"{ran.rss:.0f} MB", "", f"file {file.stat().st_size / 1e6:.0f} MB")
    table.add("a triple of 28 languages against one of two", f"{cost[1] / cost[0]:.2f}", "1 or less", "linear in the file")


if __name__ == "__main__":
    main("import_28_languages", __doc__, body)
