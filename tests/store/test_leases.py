"""Leases, fencing and numbers, on both engines."""

from __future__ import annotations

import os
import socket
import threading
from typing import Any

import pytest

from wikic.domain.vocabulary import PUBLIC_SPACE
from wikic.errors import Busy, LeaseLost, NotFound, StoreUnavailable
from wikic.store.engine import Engine, Query, WriteTransaction
from wikic.store.lanes import Lanes
from wikic.store.leases import (
    Lease,
    acquire,
    finish,
    heads,
    hold,
    holder_name,
    release,
    reserve,
    reserve_in,
)
from wikic.store.schema import ensure_schema
from wikic.store.short_writes import short_write
from wikic.store.undo import settle, take
from wikic.store.writing import SpaceWriter

SET = "MATCH (s:Space {name: 'public'}) SET "
EXPIRE = Query("tests.expire", SET + "s.lease_until = 0")
HOLDER = Query("tests.holder", SET + "s.lease_holder = $holder")
SPACE = Query("tests.space", "MATCH (s:Space {name: 'public'}) RETURN properties(s) AS s")
NOTE = Query("tests.note", "CREATE (n:TestNote {text: $text})")
NOTES = Query("tests.notes", "MATCH (n:TestNote) RETURN n.text AS text ORDER BY text")
JOURNALS = Query("tests.journals", "MATCH (j:Journal) RETURN count(j) AS n")
NO_PROCESS = 2**22 + 1  # above the largest process number of Linux


@pytest.fixture
def store(engine: Engine) -> Engine:
    """A founded, empty store."""
    ensure_schema(engine)
    return engine


def change(engine: Engine, query: Query, **parameters: Any) -> None:
    engine.write(lambda tx: tx.run(query, **parameters))


def notes(engine: Engine) -> list[str]:
    return [row["text"] for row in engine.read(NOTES)]


class TestTaking:
    def test_a_second_taker_is_told_who_holds_it(self, store: Engine) -> None:
        lease = acquire(store, PUBLIC_SPACE)
        with pytest.raises(Busy, match=str(os.getpid())) as caught:
            acquire(store, PUBLIC_SPACE)
        assert caught.value.retry_after is not None
        release(store, lease)
        assert acquire(store, PUBLIC_SPACE).token == lease.token + 1

    def test_of_many_takers_at_once_one_gets_it(self, store: Engine) -> None:
        together = threading.Barrier(4)
        got: list[Lease] = []
        busy: list[Busy] = []

        def taker() -> None:
            together.wait()
            try:
                got.append(acquire(store, PUBLIC_SPACE))
            except Busy as error:
                busy.append(error)

        threads = [threading.Thread(target=taker) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (len(got), len(busy)) == (1, 3)

    def test_an_expired_lease_can_be_taken(self, store: Engine) -> None:
        old = acquire(store, PUBLIC_SPACE)
        change(store, EXPIRE)
        assert acquire(store, PUBLIC_SPACE).token > old.token

    def test_a_dead_process_of_this_machine_holds_nothing(self, store: Engine) -> None:
        acquire(store, PUBLIC_SPACE)
        change(store, HOLDER, holder=f"{socket.gethostname()}/{NO_PROCESS}/77")
        assert acquire(store, PUBLIC_SPACE)

    def test_a_process_that_got_the_number_of_a_dead_one_is_not_it(self, store: Engine) -> None:
        acquire(store, PUBLIC_SPACE)
        change(store, HOLDER, holder=f"{socket.gethostname()}/{os.getpid()}/another start")
        assert acquire(store, PUBLIC_SPACE)

    def test_a_process_of_another_machine_may_be_alive(self, store: Engine) -> None:
        acquire(store, PUBLIC_SPACE)
        change(store, HOLDER, holder=f"elsewhere/{NO_PROCESS}/77")
        with pytest.raises(Busy, match="elsewhere"):
            acquire(store, PUBLIC_SPACE)

    def test_there_must_be_such_a_space(self, store: Engine) -> None:
        for what in (lambda: acquire(store, "nowhere"), lambda: short_write(store, "nowhere", lambda *_: None)):
            with pytest.raises(NotFound, match="nowhere"):
                what()

    def test_the_holder_is_this_process(self) -> None:
        host, pid, started = holder_name().rsplit("/", 2)
        assert (host, pid) == (socket.gethostname(), str(os.getpid()))
        assert started


class TestFencing:
    def write(self, store: Engine, lease: Lease, text: str) -> None:
        def work(tx: WriteTransaction) -> None:
            hold(tx, lease)
            tx.run(NOTE, text=text)

        store.write(work)

    def test_an_old_token_writes_nothing(self, store: Engine) -> None:
        old = acquire(store, PUBLIC_SPACE)
        self.write(store, old, "in time")
        change(store, EXPIRE)
        new = acquire(store, PUBLIC_SPACE)
        with pytest.raises(LeaseLost, match="start it again"):
            self.write(store, old, "too late")
        self.write(store, new, "mine")
        assert notes(store) == ["in time", "mine"]

    def test_an_old_writer_writes_no_row(self, store: Engine) -> None:
        old = acquire(store, PUBLIC_SPACE)
        change(store, EXPIRE)
        acquire(store, PUBLIC_SPACE)
        with pytest.raises(LeaseLost), Lanes(1) as lanes:
            SpaceWriter.leased(store, old, 7, lanes).journal(["some concept"])
        assert store.read(JOURNALS) == [{"n": 0}]

    def test_an_old_token_does_not_move_the_head(self, store: Engine) -> None:
        old = acquire(store, PUBLIC_SPACE)
        seq = reserve(store)
        change(store, EXPIRE)
        acquire(store, PUBLIC_SPACE)
        with pytest.raises(LeaseLost):
            store.write(lambda tx: finish(tx, old, seq))
        assert heads(store) == {PUBLIC_SPACE: 0}

    def test_an_old_token_does_not_give_back_the_lease_of_another(self, store: Engine) -> None:
        old = acquire(store, PUBLIC_SPACE)
        change(store, EXPIRE)
        acquire(store, PUBLIC_SPACE)
        release(store, old)
        with pytest.raises(Busy):
            acquire(store, PUBLIC_SPACE)

    def test_a_short_write_fences_a_writer_that_slept(self, store: Engine) -> None:
        old = acquire(store, PUBLIC_SPACE)
        change(store, EXPIRE)
        short_write(store, PUBLIC_SPACE, lambda *_: None)
        with pytest.raises(LeaseLost):
            self.write(store, old, "too late")

    def test_a_batch_renews_the_lease(self, store: Engine) -> None:
        lease = acquire(store, PUBLIC_SPACE)
        change(store, EXPIRE)
        store.write(lambda tx: hold(tx, lease))  # late, but nobody came between
        with pytest.raises(Busy):
            acquire(store, PUBLIC_SPACE)

    def test_finishing_moves_the_head_and_gives_the_lease_back(self, store: Engine) -> None:
        lease = acquire(store, PUBLIC_SPACE)
        seq = reserve(store)
        store.write(lambda tx: finish(tx, lease, seq))
        assert heads(store) == {PUBLIC_SPACE: seq}
        assert acquire(store, PUBLIC_SPACE).head == seq


class TestShortWrites:
    def test_refused_while_an_import_holds_the_space(self, store: Engine) -> None:
        lease = acquire(store, PUBLIC_SPACE)
        with pytest.raises(Busy):
            short_write(store, PUBLIC_SPACE, lambda *_: None)
        release(store, lease)
        assert short_write(store, PUBLIC_SPACE, lambda _tx, head, seq: (head, seq)) == (0, 1)
        assert heads(store) == {PUBLIC_SPACE: 1}

    def test_what_raises_leaves_the_space_as_it_was(self, store: Engine) -> None:
        before = store.read(SPACE)

        def work(tx: WriteTransaction, _head: int, _seq: int) -> None:
            tx.run(NOTE, text="half")
            raise KeyError("refused")

        with pytest.raises(KeyError):
            short_write(store, PUBLIC_SPACE, work)
        assert store.read(SPACE) == before
        assert notes(store) == []

    def test_what_a_dead_writer_left_is_not_made_visible(self, store: Engine) -> None:
        dead = take(store, PUBLIC_SPACE)
        with Lanes(1) as lanes:
            SpaceWriter.leased(store, dead, reserve(store), lanes).journal(["some concept"])
        release(store, dead)
        short_write(store, PUBLIC_SPACE, lambda *_: None)
        assert (heads(store)[PUBLIC_SPACE], settle(store, PUBLIC_SPACE)) == (2, False)
        assert store.read(JOURNALS) == [{"n": 0}]

    def test_what_cannot_be_cleared_away_is_not_made_visible(self, store: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
        dead = take(store, PUBLIC_SPACE)
        with Lanes(1) as lanes:
            SpaceWriter.leased(store, dead, reserve(store), lanes).journal(["some concept"])
        release(store, dead)

        def broken(*_: object) -> None:
            raise StoreUnavailable("gone")

        monkeypatch.setattr("wikic.store.short_writes.settle", broken)
        with pytest.raises(StoreUnavailable):
            short_write(store, PUBLIC_SPACE, lambda *_: None)
        assert heads(store)[PUBLIC_SPACE] == 0

    def test_a_dead_holder_is_passed_over(self, store: Engine) -> None:
        acquire(store, PUBLIC_SPACE)
        change(store, HOLDER, holder=f"{socket.gethostname()}/{NO_PROCESS}/77")
        assert short_write(store, PUBLIC_SPACE, lambda _tx, head, seq: (head, seq)) == (0, 1)
        assert heads(store)[PUBLIC_SPACE] == 1

    def test_many_at_once_lose_nothing(self, store: Engine) -> None:
        def work(tx: WriteTransaction, head: int, seq: int) -> int:
            tx.run(NOTE, text=f"{seq}")
            assert head < seq
            return seq

        results = in_threads(4, lambda: [short_write(store, PUBLIC_SPACE, work) for _ in range(5)])
        assert sorted(results) == sorted(set(results))
        assert sorted(map(int, notes(store))) == sorted(results)
        assert heads(store) == {PUBLIC_SPACE: max(results)}

    def test_round_trips(self, store: Engine) -> None:
        with store.count_round_trips() as trips:
            short_write(store, PUBLIC_SPACE, lambda *_: None)
        assert trips.names == [
            *("lease.take_free", "lease.left_behind", "COMMIT"),
            *("head.show", "COMMIT"),
        ]


class TestNumbers:
    def test_increase_under_threads(self, store: Engine) -> None:
        numbers = in_threads(4, lambda: [reserve(store) for _ in range(10)])
        assert sorted(numbers) == list(range(1, 41))

    def test_a_number_is_not_given_back(self, store: Engine) -> None:
        def work(tx: WriteTransaction) -> int:
            return reserve_in(tx)

        assert [reserve(store), store.write(work), reserve(store)] == [1, 2, 3]


def in_threads(count: int, work: Any) -> list[int]:
    """The results of `work` in several threads at once, all together; what fails there fails here."""
    together = threading.Barrier(count)
    found: list[int] = []
    failed: list[BaseException] = []

    def run() -> None:
        together.wait()
        try:
            found.extend(work())
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    return found
