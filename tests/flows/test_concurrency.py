"""Writers at once, from several processes: one at a time writes a space, nobody's work is half recorded, and one who slept too long writes nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, TypeVar

import pytest

from tests.engines import server_for_tests
from tests.flows.kill_tools import (
    ESCO_1,
    ESCO_2,
    Files,
    Importer,
    Job,
    Moment,
    check,
    import_elsewhere,
    import_here,
    reading,
)
from tests.flows.whole_store import everything, visible_answer
from wikic.domain.records import Label
from wikic.domain.vocabulary import PREFERRED, PUBLIC_SPACE
from wikic.errors import Busy, LeaseLost, OlderVersion
from wikic.services.editing import Create, Editing, SetText
from wikic.services.importing import Importing
from wikic.store import leases, undo
from wikic.store.engine import WRITE_TIMEOUT, Engine, Query, WriteTransaction
from wikic.store.schema import ensure_schema

T = TypeVar("T")
_SKILLS = Query("tests.skills", "MATCH (s:State) WHERE s.kind = 'skill' RETURN DISTINCT s.concept AS uuid ORDER BY uuid")


def job(engine: Engine, files: Files = ESCO_2, act: str = "", moment: Moment | None = None, **more: Any) -> Job:
    return Job(engine.kind, files, server_for_tests(engine.kind), act=act, moment=moment, **more)


@pytest.fixture
def store(engine: Engine) -> Engine:
    """The first edition of the sample is there."""
    ensure_schema(engine)
    import_here(engine, ESCO_1)
    return engine


@contextmanager
def held(task: Job) -> Iterator[Importer]:
    """An importer that has come to its moment and waits there."""
    with Importer(task) as importer:
        assert importer.reached()
        yield importer


def write_note(engine: Engine, uuid: str, number: int) -> int:
    """A short edit, tried again for as long as the space is busy."""
    edit = SetText(uuid, "scope_note", "en", f"note {number}")
    while True:
        try:
            return Editing(engine).apply([edit], actor="editor", summary=f"edit {number}")
        except Busy as busy:
            threading.Event().wait((busy.retry_after or 60) / 20)


def skills(engine: Engine) -> list[str]:
    return [row["uuid"] for row in engine.read(_SKILLS)]


def notes(engine: Engine) -> set[str]:
    rows = engine.read(
        Query("tests.notes", "MATCH (s:State) WHERE s.to_seq > 9007199254740990 RETURN s.scope_note__en AS note")
    )
    return {str(row["note"]) for row in rows if row["note"]}


class TestTwoImports:
    def test_the_second_is_told_in_one_line_who_writes(self, store: Engine) -> None:
        with held(job(store, act="hold", moment=Moment("relations", 1, "after"))) as first:
            second = import_elsewhere(job(store))
            assert second is not None
            assert second["error"] == "busy"
            assert second["message"].startswith(f"space public is being written by {leases.holder_name().split('/')[0]}/")
            assert f"/{first.pid}/" in second["message"]
            assert "\n" not in second["message"]
            first.go_on()
            outcome = first.finish()
        assert outcome is not None
        assert outcome["seq"]
        again = import_elsewhere(job(store))
        assert again is not None
        assert again["seq"] is None
        assert "nothing to do" in again["notes"][0]
        check(store)

    def test_started_together_one_writes(self, store: Engine) -> None:
        with ExitStack() as stack:
            both = [stack.enter_context(Importer(job(store))) for _ in range(2)]
            outcomes = [importer.finish() for importer in both]
        written = [one for one in outcomes if one is not None and one.get("seq")]
        others = [one for one in outcomes if one is not None and not one.get("seq")]
        assert (len(written), len(others)) == (1, 1), outcomes
        # Too late to compare, too early to write, or after all was done.
        assert others[0].get("error") == "busy" or others[0]["seq"] is None
        check(store)

    def test_an_older_version_that_compared_before_a_newer_one_wrote_is_refused(self, store: Engine) -> None:
        newer, older = Files("esco", ESCO_2.path, "3.0.0"), Files("esco", ESCO_2.path, "2.0.0")
        late = Importing(_Interrupted(store, lambda: import_here(store, newer)))
        with pytest.raises(OlderVersion, match=r"2\.0\.0 is older than 3\.0\.0"):
            late.run(older.open())
        check(store)


class _Interrupted(Engine):
    """Another engine's connections, where something happens just before the first write."""

    def __init__(self, engine: Engine, first: Callable[[], object]) -> None:
        self.__dict__.update(vars(engine))
        self.first: Callable[[], object] | None = first

    def write(self, work: Callable[[WriteTransaction], T], *, timeout: float | None = WRITE_TIMEOUT) -> T:
        """One write transaction."""
        if self.first is not None:
            first, self.first = self.first, None
            first()
        return super().write(work, timeout=timeout)


class TestImportAndEdits:
    def test_edits_before_during_and_after(self, store: Engine) -> None:
        chosen = skills(store)[:20]
        with reading(store) as told, held(job(store, act="hold", moment=Moment("relations", 1, "after"))) as importer:
            with pytest.raises(Busy) as refused:
                Editing(store).apply([SetText(chosen[0], "scope_note", "en", "x")], actor="e", summary="s")
            assert refused.value.retry_after
            editors = [
                threading.Thread(target=write_note, args=(store, uuid, number))
                for number, uuid in enumerate(chosen)
            ]
            for editor in editors:
                editor.start()
            importer.go_on()
            outcome = importer.finish()
            for editor in editors:
                editor.join()
        assert outcome is not None
        assert outcome["seq"]
        assert notes(store) >= {f"note {number}" for number in range(20)}
        assert len({answer.head for answer in told}) == len(told), "one number, two answers"
        check(store)

    def test_edits_while_an_import_compares(self, store: Engine) -> None:
        """The import finds a head that moved when it takes the lease, compares again, and keeps what was edited."""
        chosen = skills(store)[:20]
        with reading(store), Importer(job(store)) as importer:
            for number, uuid in enumerate(chosen):
                write_note(store, uuid, number)
            outcome = importer.finish()
        assert outcome is not None
        assert outcome.get("seq") or outcome["error"] == "busy", outcome
        if not outcome.get("seq"):
            assert import_here(store, ESCO_2).seq
        assert notes(store) >= {f"note {number}" for number in range(20)}
        check(store)


class TestSleepers:
    @pytest.mark.parametrize("phase", ["journal", "concepts", "relations", "digests"])
    def test_one_who_slept_past_its_lease_writes_nothing(self, store: Engine, phase: str) -> None:
        before = visible_answer(store)
        with held(job(store, act="stop", moment=Moment(phase, 1, "after"), ttl=1)) as sleeper:
            # Its lease has run out: another takes over, clears up and writes.
            number = Editing(store).apply(
                [Create("skill", (Label("taken over", "en", PREFERRED),))], actor="editor", summary="took over"
            )
            taken = everything(store)
            sleeper.go_on()
            outcome = sleeper.finish()
        assert outcome is not None
        assert outcome["error"] == "lease-lost", outcome
        assert "another writer took over" in outcome["message"]
        assert leases.heads(store)[PUBLIC_SPACE] == number > before.head
        assert everything(store) == taken
        check(store)
        assert import_here(store, ESCO_2).seq
        check(store)

    def test_one_who_slept_while_another_still_writes(self, store: Engine) -> None:
        with (
            held(job(store, act="stop", moment=Moment("relations", 1, "after"), ttl=1)) as sleeper,
            held(job(store, act="hold", moment=Moment("states", 1, "after"))) as other,
        ):
            sleeper.go_on()
            outcome = sleeper.finish()
            assert outcome is not None
            assert outcome["error"] == "lease-lost", outcome
            other.go_on()
            done = other.finish()
        assert done is not None
        assert done["seq"], done
        check(store)

    def test_a_batch_of_a_write_that_is_finished_is_refused(self, store: Engine) -> None:
        """The last commit may arrive after the connection broke, while its writer clears up behind itself: it must not undo what is visible now."""
        lease = undo.take(store, PUBLIC_SPACE)
        seq = leases.reserve(store)
        store.write(lambda tx: leases.finish(tx, lease, seq))
        with pytest.raises(LeaseLost):
            store.write(lambda tx: leases.hold(tx, lease))
