"""Many readers at once, each with a connection of its own, asking once a second."""

from __future__ import annotations

import random
import threading
from collections.abc import Sequence

from benchmarks.web import Client


class Readers:
    """Threads that ask for random paths until they are told to end. `times` in milliseconds; `errors` what went wrong."""

    def __init__(self, port: int, paths: Sequence[str], count: int, accept: str = "application/json") -> None:
        self.times: list[float] = []
        self.errors: list[str] = []
        self._ended = threading.Event()
        self._threads = [
            threading.Thread(target=self._ask, args=(port, paths, number, accept)) for number in range(count)
        ]

    def _ask(self, port: int, paths: Sequence[str], number: int, accept: str) -> None:
        chosen = random.Random(number)
        client = Client(port, accept)
        self._ended.wait(chosen.random())
        while not self._ended.is_set():
            path = chosen.choice(paths)
            try:
                status, _, took = client.get(path)
                self.times.append(took)
                if status != 200:
                    self.errors.append(f"{path} answered {status}")
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
