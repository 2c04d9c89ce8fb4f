"""Fifty readers, each asking for a random concept once a second over HTTP, while ESCO 1.1.1 is imported over 1.1.0, and without."""

from __future__ import annotations

import random
import threading
import time

from benchmarks.common import Bench, Table, esco_file, import_esco, main, percentile
from benchmarks.web import Client, serving, timed, uuids

READERS = 50
QUIET_SECONDS = 20


class Readers:
    """Threads that ask until they are told to end. `times` in milliseconds; `errors` what went wrong."""

    def __init__(self, port: int, known: list[str]) -> None:
        self.times: list[float] = []
        self.errors: list[str] = []
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(port, known, n)) for n in range(READERS)]

    def _ask(self, port: int, known: list[str], number: int) -> None:
        chosen = random.Random(number)
        client = Client(port)
        self._ended.wait(chosen.random())
        while not self._ended.is_set():
            try:
                status, _, took = client.get("/api/v1/concepts/" + chosen.choice(known))
                self.times.append(took)
                if status != 200:
                    self.errors.append(str(status))
            except OSError as error:
                self.errors.append(str(error))
            self._ended.wait(1.0)
        client.close()

    def __enter__(self) -> Readers:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()


def body(bench: Bench, table: Table) -> None:
    """Measure."""
    import_esco(bench, esco_file("1.1.0"), "1.1.0")
    known = uuids(bench)
    with serving(bench) as port:
        client = Client(port)
        timed(client, ["/api/v1/concepts/" + uuid for uuid in known[:1_000]])
        client.close()
        with Readers(port, known) as quiet:
            time.sleep(QUIET_SECONDS)
        with Readers(port, known) as busy:
            ran = import_esco(bench, esco_file("1.1.1"), "1.1.1")
    for name, readers in (("without an import", quiet), ("during an import", busy)):
        table.add(
            f"{READERS} readers {name}, p50 and p99",
            f"{percentile(readers.times, 0.5):.1f} ms, {percentile(readers.times, 0.99):.1f} ms",
            "",
            f"{len(readers.times)} answers",
        )
        table.add(f"{READERS} readers {name}, errors", str(len(readers.errors)), "0", ", ".join(sorted(set(readers.errors))))
    table.add("the import", f"{ran.seconds:.1f} s", "", ran.cost())


if __name__ == "__main__":
    main("readers_during_import", __doc__, body)
