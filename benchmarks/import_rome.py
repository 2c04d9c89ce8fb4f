"""The whole of ROME 4.0 (v460) into an empty store, the same again, and beside ESCO."""

from __future__ import annotations

from benchmarks.common import Bench, Table, main, rome_folder, wikic


def body(bench: Bench, table: Table) -> None:
    """Measure."""
    first = wikic(bench, "import", "rome", str(rome_folder()))
    table.add("ROME v460 into an empty store, until readable", f"{first.seconds:.1f} s", "", first.cost())
    table.add("stages", first.out.strip().splitlines()[-1])
    table.add("peak memory of the client", f"{first.rss:.0f} MB")
    again = wikic(bench, "import", "rome", str(rome_folder()))
    table.add("the same files again", f"{again.seconds:.1f} s", "", f"nothing is written; {again.cost()}")


if __name__ == "__main__":
    main("import_rome", __doc__, body)
