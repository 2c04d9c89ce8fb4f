"""Proposals at full size (ESCO and ROME): saving one, accepting with one moderator and with many at once, what readers of concepts see of it, and pages of a
queue where thousands wait.

    python -m benchmarks.proposals --engine arcadedb
    python -m benchmarks.proposals --engine neo4j --sample --waiting 300 --decisions 20   (to see that it works)
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

from benchmarks.common import Bench, Table, engine_argument, esco_file, import_esco, percentile, rome_folder, run, wikic
from benchmarks.readers import readers_apart
from benchmarks.web import Client, serving, uuids
from tests.people import make_person, session_of
from tests.sample_world import SAMPLE
from wikic.bootstrap import App, app_of
from wikic.domain.access import Actor, Grant
from wikic.domain.ids import new_uuid
from wikic.domain.proposals import Proposal
from wikic.domain.proposals_changes import Change, ChangeText
from wikic.errors import Busy
from wikic.services.deciding import Ruling
from wikic.store.leases import write_numbered
from wikic.store.proposals import add_proposals
from wikic.web.acting import SESSION_COOKIE

READERS = 50
QUIET_SECONDS = 10

TERMS = {"terms": "2999-01-01"}
AUTHOR = Actor("author", "Ada", (Grant("contributor"),), via="session", settings=TERMS)


def moderator(number: int) -> Actor:
    """One of many."""
    return Actor(f"moderator-{number}", f"Moderator {number}", (Grant("moderator"),), via="session", settings=TERMS)


def a_change(uuid: str, number: int, field: str = "scope_note") -> Change:
    """A note that nobody has written yet."""
    return ChangeText(uuid, field, "fr", f"Une précision utile, numéro {number} : ce que la personne sait faire, et dans quel cadre.")


def fill(app: App, known: Sequence[str], count: int) -> None:
    """Proposals that wait, of many authors and ages, with all impacts. They are written as they are kept: handing each in is measured apart."""
    chosen = random.Random(1)
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    made = []
    for number in range(count):
        changes = (a_change(chosen.choice(known), number, "note"),)
        when = (begin + timedelta(minutes=number)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        made.append(
            Proposal(
                new_uuid(),
                "submitted",
                changes,
                "Vu dans trois offres d'emploi sur quatre.",
                ["https://example.org/etude"],
                author=f"author-{number % 200}",
                author_name=f"Author {number % 200}",
                lane="spelling" if number % 10 == 0 else "main",
                created=when,
                submitted=when,
                changed=when,
                schemes=["esco"],
                kinds=["skill" if number % 3 else "occupation"],
                line=[chosen.choice(known) for _ in range(5)],
                impact=int(chosen.paretovariate(1)),
            )
        )
    for start in range(0, count, 500):
        write_numbered(app.engine, lambda tx, part=made[start : start + 500]: add_proposals(tx, part))  # type: ignore[misc]


def timed(work: Callable[[], object]) -> float:
    """Milliseconds that something takes."""
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def show(table: Table, name: str, times: list[float], target: str) -> None:
    """A line with p50 and p99."""
    table.add(name, f"{percentile(times, 0.5):.1f}, {percentile(times, 0.99):.1f} ms", target, f"{len(times)} times")


def saving(app: App, table: Table, known: Sequence[str], count: int) -> list[Proposal]:
    """Drafts, then handing them in; the first few warm up."""
    made: list[Proposal] = []

    def make(number: int) -> None:
        made.append(app.proposing.make([a_change(known[number], number)], AUTHOR, justification="parce que"))

    times = [timed(lambda n=number: make(n)) for number in range(count)]  # type: ignore[misc]
    show(table, "saving a proposal, p50 and p99", times[10:], "60 ms")
    times = [timed(lambda one=one: app.proposing.submit(one.id, AUTHOR, one.version)) for one in made]  # type: ignore[misc]
    show(table, "handing one in (checks, similar ones), p50 and p99", times[10:], "")
    return made


def deciding(app: App, table: Table, proposals: list[Proposal], many: int) -> None:
    """Accepting: one after the other, then by many at once."""
    alone, together = proposals[: len(proposals) // 4], proposals[len(proposals) // 4 : len(proposals) // 2]
    times = [timed(lambda one=one: app.deciding.decide(one.id, Ruling("accept"), moderator(0), None)) for one in alone]  # type: ignore[misc]
    show(table, "accepting, one moderator, p50 and p99", times[10:], "100 ms")
    times, busy = at_once(app, together, many)
    show(table, f"accepting, {many} moderators at once, p50 and p99", times, "1 s")
    table.add("refused as busy meanwhile", str(busy), "0")


def at_once(app: App, proposals: list[Proposal], many: int) -> tuple[list[float], int]:
    """Each moderator takes the next one until none is left: milliseconds of each decision, and how often it had to be asked again."""
    waiting, times, busy = list(proposals), list[float](), 0
    together = threading.Barrier(many)

    def decide(identity: str, actor: Actor) -> None:
        nonlocal busy
        while True:
            try:
                app.deciding.decide(identity, Ruling("accept"), actor, None)
                return
            except Busy:
                busy += 1

    def work(number: int) -> None:
        together.wait()
        while waiting:
            try:
                one = waiting.pop()
            except IndexError:
                return
            times.append(timed(partial(decide, one.id, moderator(number))))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(many)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times, busy


def with_readers(app: App, bench: Bench, table: Table, known: Sequence[str], proposals: list[Proposal], many: int) -> None:
    """Readers of concepts before and while all moderators decide."""
    paths = [f"/api/v1/concepts/{uuid}" for uuid in known]
    with serving(bench) as port:
        client = Client(port)
        for path in paths[:1_000]:
            client.get(path)
        client.close()
        with readers_apart(port, paths, READERS) as ended:
            time.sleep(QUIET_SECONDS)
            quiet, errors = ended()
        with readers_apart(port, paths, READERS) as ended:
            times, _ = at_once(app, proposals, many)
            busy, more = ended()
    show(table, f"accepting, {many} at once, {READERS} readers beside, p50 and p99", times, "1 s")
    show(table, f"{READERS} readers without decisions, p50 and p99", quiet, "")
    show(table, f"{READERS} readers during decisions, p50 and p99", busy, "3 x")
    table.add("errors of readers", str(len(errors) + len(more)), "0", ", ".join(sorted({*errors, *more})[:3]))


def queue_pages(app: App, bench: Bench, table: Table, known: Sequence[str]) -> None:
    """Pages of fifty over HTTP: the first ones in a row, and with filters; and the pages that a moderator has in the browser."""
    with serving(bench) as port:
        client = Client(port)
        for name, query in (
            ("first page", ""),
            ("a kind", "&kind=occupation"),
            ("an author", "&author=author-7"),
            ("below a concept", f"&within={known[0]}"),
            ("nothing fits", "&type=merge"),
            ("alike ones together", "&order=alike"),
            ("spelling", "&lane=spelling"),
        ):
            times = []
            for _ in range(40):
                status, _, took = client.get(f"/api/v1/proposals/queue?limit=50{query}")
                assert status == 200
                times.append(took)
            show(table, f"queue, {name}, p50 and p99", times[5:], "150 ms")
        client.close()
        person = make_person(app, "Moderator", Grant("moderator"))
        client = Client(port, "text/html", f"{SESSION_COOKIE}={session_of(app, person.id)}")
        for name, path in (("queue", "/queue"), ("queue of a kind", "/queue?kind=occupation"), ("queue, alike ones together", "/queue?order=alike")):
            times = []
            for _ in range(40):
                status, _, took = client.get(path)
                assert status == 200
                times.append(took)
            show(table, f"page {name}, p50 and p99", times[5:], "150 ms")
        client.close()


def main() -> None:
    """Parse the command line and run."""
    parser = engine_argument(__doc__)
    parser.add_argument("--sample", action="store_true", help="the project's own sample instead of ESCO and ROME")
    parser.add_argument("--waiting", type=int, default=10_000, help="proposals in the queue")
    parser.add_argument("--decisions", type=int, default=800)
    parser.add_argument("--moderators", type=int, default=32)
    asked = parser.parse_args()

    def body(bench: Bench, table: Table) -> None:
        if asked.sample:
            wikic(bench, "import", "esco", str(SAMPLE / "esco-1.ttl"), "--version", "1.0.0")
        else:
            import_esco(bench, esco_file("1.1.0"), "1.1.0")
            wikic(bench, "import", "rome", str(rome_folder()))
        known = uuids(bench)
        app = app_of(bench.engine, lambda: None)
        app.searching.catch_up()
        app.searching.start()
        wanted = [known[number % len(known)] for number in range(asked.decisions)]
        fill(app, known, asked.waiting)
        proposals = saving(app, table, wanted, asked.decisions)
        half = len(proposals) // 2
        deciding(app, table, proposals, asked.moderators)
        with_readers(app, bench, table, known, proposals[half:], asked.moderators)
        app.searching.close()
        queue_pages(app, bench, table, known)

    run("proposals", asked.engine, body)


if __name__ == "__main__":
    main()
