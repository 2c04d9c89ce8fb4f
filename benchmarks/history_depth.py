"""The same reads with little and with much past: 500 random concepts after the first import, and after ten more imports (ESCO 1.1.0 and 1.1.1 in turn, as ever
newer versions) with a release after each; at the head, and as of the first release."""

from __future__ import annotations

import random

from benchmarks.common import Bench, Table, esco_file, import_esco, main, percentile, wikic
from benchmarks.web import Client, serving, timed, uuids

COUNT = 500
WARM = 3_000
DEPTH = 10


def body(bench: Bench, table: Table) -> None:
    """Measure."""
    import_esco(bench, esco_file("1.1.0"), "1.0")
    wikic(bench, "release", "freeze", "2000-rc1")
    chosen = ["/api/v1/concepts/" + uuid for uuid in random.Random(1).sample(uuids(bench), WARM + COUNT)]
    shallow = _read(bench, chosen)
    for number in range(1, DEPTH + 1):
        import_esco(bench, esco_file("1.1.1" if number % 2 else "1.1.0"), f"1.{number}")
        wikic(bench, "release", "freeze", f"{2000 + number}-rc1")
    deep = _read(bench, chosen)
    past = _read(bench, [path + "?release=2000-rc1" for path in chosen])
    for share in (0.5, 0.99):
        name = f"p{share * 100:.0f}"
        a, b, c = (percentile(times, share) for times in (shallow, deep, past))
        table.add(f"a concept at the head, {name}", f"{a:.1f} ms, then {b:.1f} ms", "", f"ratio {b / a:.2f}")
        table.add(f"a concept as of the first release, {name}", f"{c:.1f} ms", "", f"against the head then: {c / a:.2f}")


def _read(bench: Bench, paths: list[str]) -> list[float]:
    with serving(bench) as port:
        client = Client(port)
        # An engine that has just started answers the first thousands of reads more slowly, whatever is behind them. They are of other concepts: what
        # was read as of a release is remembered.
        timed(client, paths[:WARM])
        times, _ = timed(client, paths[WARM:])
        client.close()
    return times


if __name__ == "__main__":
    main("history_depth", __doc__, body)
