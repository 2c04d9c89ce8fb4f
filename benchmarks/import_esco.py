"""ESCO 1.1.1 as Turtle (English and French, 2.2 million triples) into an empty store: time until it can be read, memory of the client, the same file
again, the next version; beside it, what pyoxigraph alone takes to parse the file."""

from __future__ import annotations

from benchmarks.common import Bench, Table, esco_file, import_esco, main, measure

PARSE = (
    "import sys, pyoxigraph as p; n = 0\n"
    "for t in p.parse(path=sys.argv[1], format=p.RdfFormat.TURTLE): t.subject, t.predicate, t.object; n += 1\n"
    "print(n)"
)


def body(bench: Bench, table: Table) -> None:
    """Measure."""
    old, new = esco_file("1.1.0"), esco_file("1.1.1")
    parsed = measure(["-c", PARSE, str(old)])
    triples = int(parsed.out)
    table.add("parse alone, pyoxigraph", f"{parsed.seconds:.1f} s", "", f"{triples:,} triples, CPU {parsed.cpu:.1f} s")
    first = import_esco(bench, old, "1.1.0")
    table.add(
        "ESCO 1.1.0 into an empty store, until readable",
        f"{first.seconds:.1f} s",
        "",
        f"{first.seconds / parsed.seconds:.1f} times the parse; {first.cost()}; {_stages(first.out)}",
    )
    table.add("peak memory of the client", f"{first.rss:.0f} MB", "450 MB", "the file has 180 MB")
    table.add("memory of the engine after it", f"{bench.engine_rss():.0f} MB", "", "heap 1 GB (Neo4j: 1.5 GB)")
    again = import_esco(bench, old, "1.1.0")
    table.add("the same file again", f"{again.seconds:.1f} s", "", f"nothing is written; {again.cost()}")
    next_ = import_esco(bench, new, "1.1.1")
    table.add(
        "the next version, 1.1.1", f"{next_.seconds:.1f} s", "", f"{next_.cost()}; {_stages(next_.out)}"
    )


def _stages(out: str) -> str:
    return out.strip().splitlines()[-1]


if __name__ == "__main__":
    main("import_esco", __doc__, body)
