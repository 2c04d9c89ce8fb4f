"""The engine floor on both engines: round trips, retries, errors, names in metrics."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import neo4j
import pytest
from neo4j.exceptions import Neo4jError, ResultFailedError, ServiceUnavailable
from prometheus_client import REGISTRY

from tests.engines import server_for_tests, wipe
from wikic.errors import InvalidInput, StoreError, StoreUnavailable, WikicError
from wikic.store.engine import (
    FAILED_COMMITS,
    Connection,
    Engine,
    Kind,
    Query,
    ReadTransaction,
    UniqueViolation,
    WriteTransaction,
)

COUNTER = Query("test.counter", "MATCH (c:TestCounter {key: 'one'}) RETURN c.value AS value")
CREATE = Query("test.create", "CREATE (c:TestCounter {key: $key, value: 0})")
INCREASE = Query(
    "test.increase", "MATCH (c:TestCounter {key: 'one'}) SET c.value = c.value + 1 RETURN c.value AS value"
)
UNIQUE = Query(
    "test.unique", "CREATE CONSTRAINT test_counter_key IF NOT EXISTS FOR (c:TestCounter) REQUIRE c.key IS UNIQUE"
)


def counting(engine: Engine) -> Engine:
    engine.define(UNIQUE)
    engine.write(lambda tx: tx.run(CREATE, key="one"))
    return engine


@pytest.fixture
def counter(engine: Engine) -> Engine:
    return counting(engine)


def test_rows_are_dictionaries(engine: Engine) -> None:
    rows = engine.read(Query("test.rows", "UNWIND $xs AS x RETURN x, x * 2 AS twice ORDER BY x"), xs=[1, 2])
    assert rows == [{"x": 1, "twice": 2}, {"x": 2, "twice": 4}]


def test_the_plan_of_a_small_query_is_kept_by_neo4j_which_alone_knows_how_to_be_told(engine: Engine) -> None:
    asked: list[str] = []

    class Told(Query):
        def text_for(self, kind: Kind) -> str:
            asked.append(kind)
            return Query.text_for(self, kind)

    small = Told("test.small", "RETURN 1 AS one", small=True)
    assert small.text_for("neo4j") == "CYPHER replan=skip RETURN 1 AS one"
    assert small.text_for("arcadedb") == "RETURN 1 AS one"
    assert engine.read(small) == engine.read(lambda tx: tx.run(small)) == engine.write(lambda tx: tx.run(small)) == [{"one": 1}]
    assert asked[2:] == [engine.kind] * 3


def test_round_trips_are_counted_by_name(counter: Engine) -> None:
    def work(tx: WriteTransaction) -> None:
        tx.run(COUNTER)
        tx.run(INCREASE)

    with counter.count_round_trips() as trips:
        counter.read(COUNTER)
        counter.write(work)
    assert trips.names == ["test.counter", "test.counter", "test.increase", "COMMIT"]
    assert trips.count == 4
    counter.read(COUNTER)
    assert trips.count == 4


def test_several_reads_in_one_transaction(counter: Engine) -> None:
    def work(tx: ReadTransaction) -> int:
        return len(tx.run(COUNTER)) + len(tx.run(COUNTER))

    assert counter.read(work) == 2


def test_queries_are_timed_by_name(counter: Engine) -> None:
    def observed() -> float:
        return REGISTRY.get_sample_value("wikic_store_query_seconds_count", {"query": "test.counter"}) or 0.0

    before = observed()
    counter.read(COUNTER)
    assert observed() == before + 1


def test_work_that_raises_is_rolled_back(counter: Engine) -> None:
    def work(tx: WriteTransaction) -> None:
        tx.run(INCREASE)
        raise KeyError("refused")

    with counter.count_round_trips() as trips, pytest.raises(KeyError):
        counter.write(work)
    assert trips.names[-1] == "ROLLBACK"
    assert counter.read(COUNTER) == [{"value": 0}]


def test_two_writers_on_one_node_lose_no_update(counter: Engine) -> None:
    both_read = threading.Barrier(2)
    attempts: list[str] = []
    failures: list[BaseException] = []

    def writer(name: str) -> None:
        first = True

        def work(tx: WriteTransaction) -> None:
            nonlocal first
            attempts.append(name)
            if first:
                first = False
                # Both transactions are open and have read before either writes.
                tx.run(COUNTER)
                both_read.wait(timeout=30)
            for _ in range(5):
                tx.run(INCREASE)

        try:
            counter.write(work)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=writer, args=(name,)) for name in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert counter.read(COUNTER) == [{"value": 10}]
    assert len(attempts) >= 2


def test_a_conflict_is_retried(arcadedb_engine: Engine) -> None:
    """A second transaction commits between the read and the write of the first, once. (Neo4j locks instead: nothing to retry.)"""
    wipe(arcadedb_engine)
    counter = counting(arcadedb_engine)
    attempts = 0

    def work(tx: WriteTransaction) -> None:
        nonlocal attempts
        attempts += 1
        tx.run(INCREASE)
        if attempts == 1:
            other = threading.Thread(target=lambda: counter.write(lambda inner: inner.run(INCREASE)))
            other.start()
            other.join()

    counter.write(work)
    assert attempts == 2
    assert counter.read(COUNTER) == [{"value": 2}]


def test_the_same_unique_value_twice(counter: Engine) -> None:
    with pytest.raises(UniqueViolation):
        counter.write(lambda tx: tx.run(CREATE, key="one"))


def test_a_failed_transaction_is_told_by_what_failed_in_it(counter: Engine) -> None:
    with pytest.raises(UniqueViolation) as caught:
        counter.write(lambda tx: tx.run(CREATE, key="one"))

    def work(_: WriteTransaction) -> None:
        # As the driver says it where a result of the transaction is still to be read when it ends.
        raise ResultFailedError(None, "the result has failed") from caught.value.__cause__

    with pytest.raises(UniqueViolation):
        counter.write(work)


def test_deleting_a_node_that_has_relationships_is_no_unique_violation(engine: Engine) -> None:
    engine.write(lambda tx: tx.run(Query("test.pair", "CREATE (:TestCounter)-[:NEXT]->(:TestCounter)")))
    with pytest.raises(StoreError, match="relationships"):
        engine.write(lambda tx: tx.run(Query("test.delete", "MATCH (c:TestCounter) DELETE c")))


def test_a_wrong_query_is_named(engine: Engine) -> None:
    with pytest.raises(StoreError, match=r"test\.wrong") as caught:
        engine.read(Query("test.wrong", "MATCH RETURN"))
    assert "\n" not in str(caught.value)


def test_what_may_lie_behind_a_refusal_is_said(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "hint", lambda: "; perhaps it is Monday")
    with pytest.raises(StoreError, match=r"\S; perhaps it is Monday\Z"):
        engine.read(Query("test.wrong", "MATCH RETURN"))


def test_a_wrong_password_is_said(engine: Engine) -> None:
    server = server_for_tests(engine.kind)
    wrong = Connection(server.uri, server.user, "not-the-password", server.database)
    with Engine.of(wrong, engine.kind) as other, pytest.raises(StoreUnavailable, match="WIKIC_STORE_PASSWORD"):
        other.verify()


def test_nobody_answers() -> None:
    with (
        Engine("bolt://127.0.0.1:1", "u", "p", "d", patience=0.05) as engine,
        pytest.raises(StoreUnavailable, match=r"bolt://127\.0\.0\.1:1 does not answer"),
    ):
        engine.verify()


def test_an_address_that_is_none() -> None:
    with pytest.raises(InvalidInput, match="WIKIC_STORE"):
        Engine("http//nowhere", "u", "p", "d")


def test_an_engine_that_moved_is_found_again(engine: Engine) -> None:
    server = server_for_tests(engine.kind)
    with Engine("bolt://127.0.0.1:1", "u", "p", server.database, engine.kind, lambda: server) as moved:
        assert moved.read(Query("test.one", "RETURN 1 AS one")) == [{"one": 1}]


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("Neo.DatabaseError.General.UnknownError", "Record #12:7 was not found"),
        ("Neo.ClientError.Statement.EntityNotFound", "Error executing Cypher command: MATCH (n) SET n.locked = 1"),
    ],
)
def test_what_another_transaction_deleted_meanwhile_is_no_error(engine: Engine, code: str, message: str) -> None:
    """ArcadeDB says so to whoever reads or locks while another deletes: what is left can be read."""
    told: list[int] = []

    def work(tx: ReadTransaction) -> int:
        told.append(1)
        if len(told) == 1:
            raise Neo4jError._hydrate_neo4j(code=code, message=message)
        return int(tx.run(Query("test.one", "RETURN 1 AS one"))[0]["one"])

    assert engine.read(work) == 1
    assert len(told) == 2


def test_a_commit_that_fails_for_no_reason_is_tried_a_few_times(engine: Engine) -> None:
    """ArcadeDB says no more where others were in its way."""
    told: list[int] = []

    def work(tx: WriteTransaction, last: int) -> int:
        told.append(1)
        if len(told) <= last:
            raise Neo4jError._hydrate_neo4j(code="Neo.ClientError.Transaction.TransactionNotFound", message="Transaction error on commit")
        return int(tx.run(Query("test.one", "RETURN 1 AS one"))[0]["one"])

    assert engine.write(lambda tx: work(tx, 2)) == 1
    assert len(told) == 3
    told.clear()
    with pytest.raises(StoreError, match="error on commit"):
        engine.write(lambda tx: work(tx, 100))
    assert len(told) == FAILED_COMMITS + 1


def test_what_is_locked_while_another_deletes_it_is_there_or_not(engine: Engine) -> None:
    """Either of the two comes first; neither of them breaks, at whatever moment they meet."""
    keys = [f"{number:04d}" for number in range(250)]
    engine.write(lambda tx: tx.run(Query("test.many", "UNWIND $keys AS key CREATE (c:TestCounter {key: key, value: 0})"), keys=keys))
    together, ended = threading.Barrier(4, timeout=60), threading.Lock()
    broken: list[str] = []

    def delete(key: str) -> None:
        engine.write(lambda tx: tx.run(Query("test.delete", "MATCH (c:TestCounter {key: $key}) DETACH DELETE c"), key=key))

    def lock(key: str) -> None:
        engine.write(lambda tx: tx.run(Query("test.lock", "MATCH (c:TestCounter {key: $key}) SET c.locked = timestamp() RETURN c.value AS value"), key=key))

    def run(act: Callable[[str], None]) -> None:
        for key in keys:
            together.wait()
            try:
                act(key)
            except WikicError as error:
                with ended:
                    broken.append(error.message)

    threads = [threading.Thread(target=run, args=(act,)) for act in (delete, lock, lock, lock)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert broken == []
    assert engine.read(Query("test.left", "MATCH (c:TestCounter) RETURN count(c) AS n"))[0]["n"] == 0


def test_a_read_that_breaks_after_longer_than_patience_is_repeated(engine: Engine) -> None:
    """Patience counts from the first failure: a read of the whole store may well take longer."""
    server = server_for_tests(engine.kind)
    told: list[int] = []

    def work(tx: ReadTransaction) -> int:
        told.append(1)
        if len(told) == 1:
            until = time.monotonic() + 1.5 * hasty.patience
            while time.monotonic() < until:
                tx.run(Query("test.one", "RETURN 1 AS one"))
            raise ServiceUnavailable("broken on the way")
        return int(tx.run(Query("test.one", "RETURN 1 AS one"))[0]["one"])

    with Engine(server.uri, server.user, server.password, server.database, engine.kind, patience=0.2) as hasty:
        assert hasty.read(work) == 1
    assert len(told) == 2


def test_an_answer_that_cannot_be_read_is_a_connection_that_was_lost(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The driver then raises a bare ValueError: what is read, and what was not committed, is repeated; a commit is not."""
    counting(engine)
    lost = ValueError("Expected structure, found marker 71")
    keys, commits, fails = neo4j.Result.keys, neo4j.Session.execute_write, [lost, lost]

    def unreadable(result: neo4j.Result) -> tuple[str, ...]:
        if fails:
            raise fails.pop()
        return keys(result)

    monkeypatch.setattr(neo4j.Result, "keys", unreadable)
    assert engine.write(lambda tx: tx.run(INCREASE)) == [{"value": 1}]
    fails.append(lost)
    assert engine.read(COUNTER) == [{"value": 1}]

    def unsure(*arguments: object, **named: object) -> object:
        commits(*arguments, **named)  # type: ignore[arg-type]
        raise lost

    monkeypatch.setattr(neo4j.Session, "execute_write", unsure)
    with pytest.raises(StoreUnavailable, match="look whether the change is there"):
        engine.write(lambda tx: tx.run(INCREASE))
    assert engine.read(COUNTER) == [{"value": 2}]
    fails.append(ValueError("something else"))
    with pytest.raises(ValueError, match="something else"):
        engine.read(COUNTER)
