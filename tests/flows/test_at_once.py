"""What two do at the same moment to the same thing: each of them is answered, and it happens once; on both engines."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

import pytest

from wikic.services.throttling import Allowance, Throttling
from wikic.store.engine import Engine
from wikic.store.proposals_talk import look_at, lookers
from wikic.store.schema import ensure_schema

ROUNDS = 30


def at_once(*works: Callable[[], object]) -> list[Exception]:
    """Run in threads together; what was raised."""
    start, raised = threading.Barrier(len(works), timeout=30), list[Exception]()

    def run(work: Callable[[], object]) -> None:
        start.wait()
        try:
            work()
        except Exception as error:
            raised.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


@pytest.fixture
def store(engine: Engine) -> Engine:
    ensure_schema(engine)
    return engine


def test_attempts_are_counted_while_others_are_forgotten(store: Engine) -> None:
    """Somebody signs in, who may, while somebody else tries the same name."""
    throttling, allowance = Throttling(store), Allowance("trying", 1_000, 3_600)
    tries, forgets = partial(throttling.take, allowance, "ada"), partial(throttling.give_back, allowance, "ada")
    for _ in range(ROUNDS):
        throttling.take(allowance, "ada")
        assert at_once(tries, forgets, tries, forgets, partial(throttling.put_back, allowance, "ada")) == []


def test_two_tabs_look_at_one_proposal(store: Engine) -> None:
    for number in range(ROUNDS):
        assert at_once(*[partial(look_at, store, f"p{number}", "ada", "Ada")] * 4) == []
        assert [row["user"] for row in lookers(store, [f"p{number}"])[f"p{number}"]] == ["ada"]
