"""Badges on full data (ESCO and ROME) with 100,000 bindings of 20,000 badge classes: what a release with 5,000 changes does to them, and look-up both ways.

`--sample N`: so many bindings only, of a fifth as many badge classes, over the first concepts of ESCO.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterable, Sequence

from benchmarks.common import Bench, Table, engine_argument, esco_file, import_esco, percentile, rome_folder, run, wikic
from benchmarks.web import Client, serving
from tests.badge_seed import seed_badges, spread
from wikic.bootstrap import App, app_of
from wikic.domain.access import operator
from wikic.domain.edits import Edit, SetLabels, SetStatus, SetText
from wikic.domain.organisations import Profile
from wikic.domain.records import Label
from wikic.domain.vocabulary import DEPRECATED
from wikic.services.refreshing import figures_of
from wikic.store.engine import Query

BINDINGS, CHANGES, ISSUERS = 100_000, 5_000, 400
READS, WARM = 1_500, 300
_BY = operator("benchmark")
_TOGETHER = 250
_SKILLS = Query(
    "bench.bindable",
    "MATCH (s:State) WHERE s.kind IN ['skill', 'knowledge'] AND s.status = 'active' AND s.to_seq > 9000000000000000"
    " MATCH (c:Concept)-[:HAS_STATE]->(s) RETURN c.uuid AS uuid, s.preferred AS preferred ORDER BY uuid",
)


def names_of(bench: Bench) -> dict[str, str]:
    """The competencies that can be bound, with their French names."""
    found = {str(row["uuid"]): json.loads(row["preferred"]) for row in bench.engine.read(_SKILLS)}
    return {uuid: names.get("fr") or next(iter(names.values()), uuid) for uuid, names in found.items()}


def edits_of(concepts: Sequence[str], number: int, seed: int) -> list[Edit]:
    """So many changes: six in ten rename, two redefine, one deprecates, one replaces."""
    chooser = random.Random(seed)
    chosen = chooser.sample(concepts, min(number, len(concepts) // 2))
    others = sorted(set(concepts) - set(chosen))
    made: list[Edit] = []
    for place, uuid in enumerate(chosen):
        kind = place % 10
        if kind < 6:
            made.append(SetLabels(uuid, "fr", (Label(f"autre nom {place}", "fr", "preferred"),)))
        elif kind < 8:
            made.append(SetText(uuid, "definition", "fr", f"Une autre définition, la {place}e."))
        else:
            made.append(SetStatus(uuid, DEPRECATED, chooser.choice(others) if kind == 9 else ""))
    return made


def publish(app: App, name: str) -> int:
    """Freeze, prepare and publish."""
    seq = app.releasing.freeze(name, actor=_BY).seq
    app.releases.manifests.prepare(name, "https://skills.example.org", actor=_BY)
    app.releasing.publish(name, actor=_BY)
    return seq


def measured(bench: Bench, table: Table, bindings: int, changes: int) -> None:
    """Seed, change, publish, and look."""
    concepts = names_of(bench)
    app = app_of(bench.engine, lambda: None, downloads=bench.folder / "downloads")
    seq = publish(app, "2026")
    issuers = [f"emetteur-{number:03}" for number in range(max(4, min(ISSUERS, bindings // 50)))]
    for number, slug in enumerate(issuers):
        app.organisations.make(slug, f"Émetteur {number}", "issuer", actor=_BY, profile=Profile(), private=False)
    wanted = spread(issuers, concepts, bindings // 5, bindings, 7)
    started = time.perf_counter()
    seed_badges(bench.engine, wanted, _BY, release="2026", seq=seq)
    table.add("seeded", f"{time.perf_counter() - started:.0f} s", "", f"{len(wanted):,} badge classes, {bindings:,} bindings, {len(issuers)} issuers")
    edits = edits_of(sorted(concepts), changes, 11)
    for start in range(0, len(edits), _TOGETHER):
        app.editing.apply(edits[start : start + _TOGETHER], actor="benchmark", summary="2027")
    app.reading.forget()
    publish(app, "2027")
    _report(app, table)
    _lookups(bench, table, [each.id for each in wanted], sorted(concepts))


def _report(app: App, table: Table) -> None:
    refreshing = app.refresh.refreshing
    started = time.perf_counter()
    delta = app.releases.deltas.delta("2026", "2027")
    took = time.perf_counter() - started
    table.add("delta of the two releases", f"{took:.2f} s", "", f"{delta.figures.changes:,} changes")
    app.badges.catalogue.entries()
    started, cpu = time.perf_counter(), time.process_time()
    with app.engine.count_round_trips() as counted:
        report = refreshing.report("2027")
    took = time.perf_counter() - started
    figures = figures_of(report.lines)
    table.add(
        "refresh report over all issuers", f"{took:.2f} s", "2 s",
        f"{figures.lines:,} lines, {figures.badge_classes:,} badge classes, {len(counted.names)} round trips; CPU {time.process_time() - cpu:.1f} s",
    )  # fmt: skip
    started = time.perf_counter()
    opened = refreshing.catch_up()
    table.add("opening it", f"{time.perf_counter() - started:.1f} s", "", f"{sum(each.lines for each in opened):,} lines of {len(opened)} issuers")


def _lookups(bench: Bench, table: Table, badges: Sequence[str], concepts: Sequence[str]) -> None:
    chooser = random.Random(3)
    # Else the server builds it in its first seconds, in the way of what is measured.
    bench.env.setdefault("WIKIC_DATA", str(bench.folder / "data"))
    wikic(bench, "reindex")
    with serving(bench) as port:
        client = Client(port)
        for what, addresses in (
            ("competency to badge classes", [f"/api/v1/concepts/{uuid}/badge-classes?limit=20" for uuid in chooser.choices(concepts, k=READS + WARM)]),
            ("badge class to competencies", [f"/api/v1/badge-classes/{key}/bindings?limit=20" for key in chooser.choices(badges, k=READS + WARM)]),
        ):
            times = list(_times(client, addresses))[WARM:]
            table.add(f"{what}, p50 and p99", f"{percentile(times, 0.5):.1f}, {percentile(times, 0.99):.1f} ms", "p99 30 ms", f"{len(times):,} requests")


def _times(client: Client, addresses: Iterable[str]) -> Iterable[float]:
    for address in addresses:
        status, _, milliseconds = client.get(address)
        if status != 200:
            raise RuntimeError(f"{address} answered {status}")
        yield milliseconds


def main() -> None:
    """The command."""
    parser = engine_argument(__doc__)
    parser.add_argument("--sample", type=int, default=0, metavar="N")
    options = parser.parse_args()

    def body(bench: Bench, table: Table) -> None:
        if options.sample:
            import_esco(bench, esco_file("1.1.1", limit=2_000), "1.1.1")
            measured(bench, table, options.sample, max(20, options.sample // 20))
            return
        import_esco(bench, esco_file("1.1.1"), "1.1.1")
        wikic(bench, "import", "rome", str(rome_folder()))
        measured(bench, table, BINDINGS, CHANGES)

    run("badges", options.engine, body)


if __name__ == "__main__":
    main()
