"""Whole-release downloads of the full data (ESCO and ROME): seconds, peak memory, size, in every form; checks; and loading one into an empty store.

With `--reload` the N-Triples download is also loaded into a second, empty engine of the same kind.
"""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.common import Bench, Table, engine_argument, esco_file, import_esco, own_engine, rome_folder, run, wikic

FORMS = ("nt", "nt.gz", "ttl", "jsonld")


def body(bench: Bench, table: Table, *, reload: bool = False) -> None:
    """Measure."""
    import_esco(bench, esco_file("1.1.1"), "1.1.1")
    wikic(bench, "import", "rome", str(rome_folder()))
    wikic(bench, "release", "freeze", "2026")
    idle = wikic(bench, "release", "list")
    table.add("a command that reads next to nothing", f"{idle.seconds:.1f} s, peak {idle.rss:.0f} MB")
    for form in FORMS:
        out = bench.folder / f"2026.{form}"
        ran = wikic(bench, "release", "dump", "2026", "--out", str(out), "--json")
        size = int(json.loads(ran.out)["size"]) / 1e6
        target = "20 s, memory flat" if form == "nt" else ""
        table.add(
            f"dump as {form}", f"{ran.seconds:.1f} s, peak {ran.rss:.0f} MB", target, f"{size:.0f} MB; {ran.cost()}"
        )
    ran = wikic(bench, "release", "quality", "2026", "--json")
    found = json.loads(ran.out)
    table.add(
        "checks",
        f"{ran.seconds:.1f} s, peak {ran.rss:.0f} MB",
        "",
        f"in the sources: {found['in_source']}, ours: {found['ours']}",
    )
    if reload:
        _reload(bench, bench.folder / "2026.nt", table)


def _reload(bench: Bench, file: Path, table: Table) -> None:
    with own_engine(bench.kind) as empty:
        ran = wikic(empty, "import", "wikic", str(file), "--json")
        seconds = json.loads(ran.out)["seconds"]
        table.add(
            "loading the N-Triples into an empty store", f"{ran.seconds:.1f} s, peak {ran.rss:.0f} MB", "", str(seconds)
        )
        wikic(empty, "release", "freeze", "2026")
        again = empty.folder / "again.nt"
        wikic(empty, "release", "dump", "2026", "--out", str(again))
        told = (
            "terms/issued",
            "terms/modified",
            "prov#",
            "ontology#seq",
            "versionNotes",
            "changeKind",
            "/api/v1/changes/",
        )
        with file.open() as one, again.open() as other:
            before, after = (
                {hash(line) for line in lines if not any(word in line for word in told)} for lines in (one, other)
            )
        lost, gained = len(before - after), len(after - before)
        table.add("statements that did not come back, and new ones", f"{lost}, {gained}", "0, 0")


if __name__ == "__main__":
    parser = engine_argument(__doc__)
    parser.add_argument("--reload", action="store_true", help="load it into an empty store too")
    arguments = parser.parse_args()
    run("dump", arguments.engine, lambda bench, table: body(bench, table, reload=arguments.reload))
