"""What the store promises, whichever engine answers: its schema, releases, digests, logs, and what each costs in round trips."""

from __future__ import annotations

import pytest

from tests.store.writes import write_leased
from tests.together import at_once
from wikic.domain.access import SYSTEM
from wikic.domain.changes import Change, Identity, NewConcept, Relation, WriteSet, now
from wikic.domain.concepts import ConceptContent
from wikic.domain.ids import concept_uuid
from wikic.domain.records import Label
from wikic.domain.vocabulary import PREFERRED, PUBLIC_SPACE
from wikic.errors import Conflict, StoreNotReady
from wikic.store.concepts import read_concept, resolve
from wikic.store.engine import Engine, Query, UniqueViolation, WriteTransaction
from wikic.store.history import list_changes, read_changes, touched_between
from wikic.store.imports import ImportRow, all_imports, last_import, read_digests, record_import, write_digests
from wikic.store.lanes import Lanes
from wikic.store.leases import Lease, heads, reserve
from wikic.store.releases import Release, add_release, get_release, list_releases
from wikic.store.schema import Migration, ensure_schema, renew_epoch, wanted_version
from wikic.store.short_writes import short_write
from wikic.store.undo import take
from wikic.store.writing import SpaceWriter, commit, write_set

META = Query("tests.meta", "MATCH (m:Meta) RETURN properties(m) AS m")
SPACES = Query("tests.spaces", "MATCH (s:Space) RETURN s.name AS name")
SET_SCHEMA = Query("tests.set_schema", "MATCH (m:Meta {key: 'store'}) SET m.schema = $schema")
STEP = Query("tests.step", "CREATE (s:TestStep {number: $number})")
STEPS = Query("tests.steps", "MATCH (s:TestStep) RETURN s.number AS number ORDER BY number")
EVENTS = Query(
    "tests.events", "MATCH (e:Event) RETURN e.number AS number, e.kind AS kind, e.seq AS seq ORDER BY number"
)
A, B = concept_uuid("urn:test:a"), concept_uuid("urn:test:b")


@pytest.fixture
def store(engine: Engine) -> Engine:
    """A founded, empty store."""
    ensure_schema(engine)
    return engine


def two_concepts() -> WriteSet:
    rows = WriteSet(
        [
            NewConcept(Identity(one, "skill", "esco"), ConceptContent(labels=[Label(one, "en", PREFERRED)]))
            for one in (A, B)
        ]
    )
    rows.open_relations = [Relation(A, "broader", B, origins=("esco",))]
    rows.touched = {A, B}
    return rows


def steps(*numbers: int) -> tuple[Migration, ...]:
    return tuple(
        Migration(number, f"step {number}", lambda tx, number=number: _step(tx, number))  # type: ignore[misc]
        for number in numbers
    )


def _step(tx: WriteTransaction, number: int) -> None:
    tx.run(STEP, number=number)


class TestSchema:
    def test_founding_twice_is_founding_once(self, engine: Engine) -> None:
        epoch = ensure_schema(engine)
        assert ensure_schema(engine) == epoch
        (row,) = engine.read(META)
        assert (row["m"]["schema"], row["m"]["epoch"], row["m"]["seq"]) == (wanted_version(), epoch, 0)
        assert engine.read(SPACES) == [{"name": PUBLIC_SPACE}]

    def test_founding_at_once_is_founding_once(self, engine: Engine) -> None:
        epochs: list[str] = []
        assert at_once(*[lambda: epochs.append(ensure_schema(engine))] * 4) == []
        assert len(set(epochs)) == 1
        assert len(engine.read(META)) == len(engine.read(SPACES)) == 1

    def test_a_newer_store_is_refused(self, store: Engine) -> None:
        store.write(lambda tx: tx.run(SET_SCHEMA, schema=wanted_version() + 1))
        with pytest.raises(StoreNotReady, match="use the newer Wiki-C"):
            ensure_schema(store)

    def test_migrations_are_applied_in_order_and_once(self, store: Engine) -> None:
        last = wanted_version()
        ensure_schema(store, steps(last + 1, last + 2))
        ensure_schema(store, steps(last + 1, last + 2))
        ensure_schema(store, steps(last + 1, last + 2, last + 3))
        assert [row["number"] for row in store.read(STEPS)] == [last + 1, last + 2, last + 3]
        assert store.read(META)[0]["m"]["schema"] == last + 3

    def test_migrations_at_once_are_applied_once(self, store: Engine) -> None:
        last = wanted_version()
        assert at_once(*[lambda: ensure_schema(store, steps(last + 1, last + 2))] * 4) == []
        assert [row["number"] for row in store.read(STEPS)] == [last + 1, last + 2]

    def test_a_new_store_needs_no_migration(self, engine: Engine) -> None:
        ensure_schema(engine, steps(2, 3))
        assert engine.read(STEPS) == []
        assert engine.read(META)[0]["m"]["schema"] == 3

    def test_a_migration_that_fails_leaves_the_version(self, store: Engine) -> None:
        def fail(tx: WriteTransaction) -> None:
            tx.run(STEP, number=2)
            raise KeyError("no")

        last = wanted_version()
        with pytest.raises(KeyError):
            ensure_schema(store, (Migration(last + 1, "fails", fail),))
        assert store.read(STEPS) == []
        assert store.read(META)[0]["m"]["schema"] == last

    def test_a_restore_renews_the_epoch(self, store: Engine) -> None:
        epoch = ensure_schema(store)
        renewed = store.write(renew_epoch)
        assert ensure_schema(store) == renewed != epoch

    def test_one_uuid_one_concept(self, store: Engine) -> None:
        written(store, two_concepts())
        with pytest.raises(UniqueViolation):
            written(store, two_concepts())
        assert heads(store) == {PUBLIC_SPACE: 1}


def written(engine: Engine, rows: WriteSet) -> int:
    """A short write of these rows, as a decision does it."""

    def work(tx: WriteTransaction, _head: int, seq: int) -> int:
        write_set(tx, rows, Change("edit", "tester", "an edit", {"n": 1}, {"d": "é"}, seq, PUBLIC_SPACE, now()))
        return seq

    return short_write(engine, PUBLIC_SPACE, work)


class TestLogs:
    def test_change_and_event_are_written_with_the_rows(self, store: Engine) -> None:
        seq = written(store, two_concepts())
        (change,) = list_changes(store, [PUBLIC_SPACE], heads(store), after=0, limit=5)
        assert (change.seq, change.kind, change.counts, change.details) == (seq, "edit", {"n": 1}, {"d": "é"})
        assert read_changes(store, [seq, 99]) == {seq: change}
        assert store.read(EVENTS) == [{"number": 1, "kind": "change", "seq": seq}]
        assert touched_between(store, PUBLIC_SPACE, 0, seq) == sorted([A, B])
        assert touched_between(store, PUBLIC_SPACE, seq, seq + 1) == []

    def test_the_log_is_paged_and_ends_at_the_asked_number(self, store: Engine) -> None:
        for _ in range(3):
            short_write(store, PUBLIC_SPACE, self.log)
        pages = [
            [c.seq for c in list_changes(store, [PUBLIC_SPACE], {PUBLIC_SPACE: at}, after=after, limit=2)]
            for at, after in ((3, 0), (3, 2), (1, 0))
        ]
        assert pages == [[1, 2], [3], [1]]

    @staticmethod
    def log(tx: WriteTransaction, _head: int, seq: int) -> None:
        write_set(tx, WriteSet(), Change("edit", "tester", "nothing", seq=seq, space=PUBLIC_SPACE, time=now()))


class TestReleases:
    def test_a_name_is_given_once(self, store: Engine) -> None:
        release = Release("2026", PUBLIC_SPACE, 1, "frozen", now(), "tester")
        add_release(store, release, SYSTEM)
        with pytest.raises(Conflict, match="2026"):
            add_release(store, release, SYSTEM)
        assert get_release(store, PUBLIC_SPACE, "2026") == release
        assert get_release(store, "acme", "2026") is None
        assert [row["kind"] for row in store.read(EVENTS)] == ["release_frozen"]

    def test_are_listed_by_number(self, store: Engine) -> None:
        for name, seq in (("b", 2), ("a", 3), ("c", 1)):
            add_release(store, Release(name, PUBLIC_SPACE, seq, "frozen", now(), "tester"), SYSTEM)
        assert [release.name for release in list_releases(store, [PUBLIC_SPACE])] == ["c", "b", "a"]
        assert list_releases(store, []) == []


class TestImports:
    def write(self, store: Engine, digests: dict[str, str], version: str) -> tuple[Lease, int]:
        lease = take(store, PUBLIC_SPACE)
        seq = reserve(store)
        with Lanes(1) as lanes:
            SpaceWriter.leased(store, lease, seq, lanes).journal([A])
        write_digests(store, lease, seq, "esco", digests.items())
        row = ImportRow("esco", version, "sha", seq, "older", {"esco/skill": "all"}, {"n": 2})
        change = Change("import", "tester", "import", seq=seq, space=PUBLIC_SPACE, time=now())
        commit(store, lease, change, lambda tx: record_import(tx, PUBLIC_SPACE, row))
        return lease, seq

    def test_the_newest_digest_counts(self, store: Engine) -> None:
        _, first = self.write(store, {A: "1" * 32, B: "2" * 32}, "1")
        _, second = self.write(store, {A: "3" * 32}, "2")
        assert read_digests(store, PUBLIC_SPACE, "esco", first) == {A: "1" * 32, B: "2" * 32}
        assert read_digests(store, PUBLIC_SPACE, "esco", second) == {A: "3" * 32, B: "2" * 32}
        assert read_digests(store, PUBLIC_SPACE, "rome", second) == {}

    def test_imports_are_kept_whole(self, store: Engine) -> None:
        _, first = self.write(store, {}, "1")
        _, second = self.write(store, {}, "2")
        last = last_import(store, PUBLIC_SPACE, "esco", second)
        assert last == ImportRow("esco", "2", "sha", second, "older", {"esco/skill": "all"}, {"n": 2})
        assert [row.version for row in all_imports(store, PUBLIC_SPACE, first)] == ["1"]
        assert last_import(store, PUBLIC_SPACE, "rome", second) is None

    def test_many_digests_come_in_parts(self, store: Engine) -> None:
        digests = {concept_uuid(f"urn:test:{n}"): f"{n:032}" for n in range(5_001)}
        _, seq = self.write(store, digests, "1")
        assert read_digests(store, PUBLIC_SPACE, "esco", seq) == digests


class TestRoundTrips:
    def test_a_body_is_one(self, store: Engine) -> None:
        written(store, two_concepts())
        at = heads(store)
        with store.count_round_trips() as trips:
            read_concept(store, A, at)
        assert trips.names == ["concept.body"]

    def test_an_address_is_one(self, store: Engine) -> None:
        with store.count_round_trips() as trips:
            resolve(store, A, {PUBLIC_SPACE: 1})
        assert trips.count == 1

    def test_a_long_write_holds_its_lease_in_every_batch(self, store: Engine) -> None:
        lease = take(store, PUBLIC_SPACE)
        seq = reserve(store)
        with store.count_round_trips() as trips, Lanes(1) as lanes:
            write_leased(SpaceWriter.leased(store, lease, seq, lanes), two_concepts())
        batches = trips.names.count("COMMIT")
        assert batches == trips.names.count("lease.hold") == 3  # journal, concepts, relations
        assert trips.count == 3 * batches
