"""Many readers at once, each with a connection of its own, asking once a second."""

from __future__ import annotations

import multiprocessing
import random
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection

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


@contextmanager
def readers_apart(port: int, paths: Sequence[str], count: int) -> Iterator[Callable[[], tuple[list[float], list[str]]]]:
    """The same in a process of their own, so that what this one does is not in their way; gives a function that ends them and says (milliseconds, errors)."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_apart, args=(there, port, paths, count), daemon=True)
    process.start()
    here.recv()

    def ended() -> tuple[list[float], list[str]]:
        here.send("end")
        times, errors = here.recv()
        return times, errors

    try:
        yield ended
    finally:
        here.close()
        process.join(10)


def _apart(pipe: Connection, port: int, paths: Sequence[str], count: int) -> None:
    with Readers(port, paths, count) as readers:
        pipe.send("begun")
        pipe.recv()
    pipe.send((readers.times, readers.errors))
