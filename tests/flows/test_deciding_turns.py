"""Decisions that wait for each other are written beside each other: as changes of their own, all of them or one by one; on both engines."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial

import pytest

from tests.flows.model import Killed, MortalEngine, expire_leases, uuid_of
from tests.flows.proposal_tools import ADA, GLUE, JOINER, MAY, SAW, Ground, check_the_log, labels, make_ground, text
from wikic.domain.changes import Change
from wikic.domain.edits import Create, Relate, SetText, Unrelate
from wikic.domain.proposals import Proposal
from wikic.domain.records import Label
from wikic.domain.vocabulary import PREFERRED, PUBLIC_SPACE
from wikic.errors import Busy, Conflict, StoreUnavailable, WikicError
from wikic.services import deciding_turns
from wikic.services.deciding import Ruling
from wikic.services.deciding_turns import Job, Turns
from wikic.services.editing import Edit, Editing, Piece
from wikic.store.engine import Engine, Query, WriteTransaction
from wikic.store.undo import settle

TOKEN = Query("tests.token", "MATCH (s:Space {name: 'public'}) RETURN s.lease_token AS token")


class Line(deque[threading.Event]):
    """Who waits for a turn; `wait` returns when one more does."""

    def __init__(self) -> None:
        super().__init__()
        self._arrived = threading.Semaphore(0)

    def append(self, event: threading.Event) -> None:
        super().append(event)
        self._arrived.release()

    def wait(self) -> None:
        assert self._arrived.acquire(timeout=60)


def waiting_line(turns: Turns) -> Line:
    line = Line()
    turns._waiting = line
    return line


def in_threads(works: list[Callable[[], object]], line: Line, meanwhile: Callable[[], object]) -> list[Exception | None]:
    """Start each when the one before it waits for its turn, do something then; what each raised. The caller has the turn until then."""
    raised: list[Exception | None] = [None] * len(works)

    def run(number: int) -> None:
        try:
            works[number]()
        except WikicError as error:
            raised[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(works))]
    for thread in threads:
        thread.start()
        line.wait()
    meanwhile()
    for thread in threads:
        thread.join()
    return raised


def together(ground: Ground, works: list[Callable[[], object]], meanwhile: Callable[[], object] = lambda: None) -> list[Exception | None]:
    """All of them decide while somebody else has the turn; then they get theirs."""
    accepting = ground.app.deciding._accepting
    line, turn = waiting_line(accepting._turns), accepting.turn()
    turn.__enter__()

    def then() -> None:
        meanwhile()
        turn.__exit__(None, None, None)

    return in_threads(works, line, then)


def accept_together(ground: Ground, proposals: list[Proposal], meanwhile: Callable[[], object] = lambda: None) -> list[Exception | None]:
    """The same for accepting each."""
    return together(ground, [lambda one=one: ground.accept(one) for one in proposals], meanwhile)  # type: ignore[misc]


def token(engine: Engine) -> int:
    return int(engine.read(TOKEN)[0]["token"])


def test_those_that_wait_are_written_together(engine: Engine) -> None:
    ground = make_ground(engine)
    first, before = ground.framework.head, token(engine)
    proposals = [ground.propose(text("New.", uuid)) for uuid in (SAW, GLUE, JOINER)]
    assert accept_together(ground, proposals) == [None] * 3
    assert [ground.text(uuid) for uuid in (SAW, GLUE, JOINER)] == ["New."] * 3
    assert sorted(ground.app.proposing.read(one.id, ADA).result for one in proposals) == [first + 1, first + 2, first + 3]
    assert (ground.framework.head, token(engine)) == (first + 3, before + 1)
    check_the_log(ground, [one.id for one in proposals], first)
    assert [event.seq for event in ground.events("change") if (event.seq or 0) > first] == [first + 1, first + 2, first + 3]


def test_those_about_one_concept_come_one_after_the_other(engine: Engine) -> None:
    ground = make_ground(engine)
    first, before = ground.framework.head, token(engine)
    proposals = [ground.propose(text(f"T{number}.", lang=f"fr-{number}")) for number in range(3)]
    assert accept_together(ground, proposals) == [None] * 3
    assert [ground.text(SAW, f"fr-{number}") for number in range(3)] == ["T0.", "T1.", "T2."]
    assert token(engine) == before + 3
    check_the_log(ground, [one.id for one in proposals], first)


def test_what_is_decided_in_bulk_goes_beside_none(engine: Engine) -> None:
    ground = make_ground(engine)
    before = token(engine)
    saw, glue, joiner = (ground.propose(text("New.", uuid)) for uuid in (SAW, GLUE, JOINER))
    in_bulk = partial(ground.app.bulk.decide_many, [glue.id], Ruling("accept"), MAY)
    assert together(ground, [lambda: ground.accept(saw), in_bulk, lambda: ground.accept(joiner)]) == [None] * 3
    assert [ground.text(uuid) for uuid in (SAW, GLUE, JOINER)] == ["New."] * 3
    assert token(engine) == before + 2


def test_what_accepting_asks_of_the_store(engine: Engine) -> None:
    ground = make_ground(engine)
    proposal = ground.propose(text("New."))
    with engine.count_round_trips() as trips:
        ground.accept(proposal)
    assert trips.names == [
        *("proposal.by_key", "head.all", "import.states"),
        *("lease.take_free", "lease.left_behind", "proposal.lock", "write.note", "write.next_states", "COMMIT"),
        *("proposal.lock", "proposal.save_and_mark", "event.add", "head.show", "COMMIT"),
        "proposal_concept.about",
    ]


def test_one_that_was_withdrawn_does_not_keep_the_others(engine: Engine) -> None:
    ground = make_ground(engine)
    first = ground.framework.head
    proposals = [ground.propose(text("New.", uuid)) for uuid in (SAW, GLUE, JOINER)]
    raised = accept_together(ground, proposals, lambda: ground.app.proposing.withdraw(proposals[1].id, ADA, None))
    assert [type(error) for error in raised] == [type(None), Conflict, type(None)]
    assert [ground.text(uuid) for uuid in (SAW, GLUE, JOINER)] == ["New.", "To glue.", "New."]
    assert [ground.state(one) for one in proposals] == ["accepted", "withdrawn", "accepted"]
    check_the_log(ground, [proposals[0].id, proposals[2].id], first)


def test_two_that_are_decided_on_by_two(engine: Engine) -> None:
    ground = make_ground(engine)
    first = ground.framework.head
    saw, glue = (ground.propose(text("New.", uuid)) for uuid in (SAW, GLUE))
    raised = accept_together(ground, [saw, glue, saw, glue])
    assert [type(error) for error in raised] == [type(None), type(None), Conflict, Conflict]
    check_the_log(ground, [saw.id, glue.id], first)


def test_one_name_is_not_given_to_two(engine: Engine) -> None:
    ground = make_ground(engine)
    proposals = [ground.propose(labels("work with planks", uuid=uuid)) for uuid in (SAW, GLUE)]
    raised = accept_together(ground, [*proposals, ground.propose(text("New.", JOINER))])
    assert [type(error) for error in raised] == [type(None), Conflict, type(None)]
    assert [ground.state(one) for one in proposals] == ["accepted", "submitted"]
    assert ground.text(JOINER) == "New."


def test_one_name_is_not_given_to_two_by_amending_either(engine: Engine) -> None:
    ground = make_ground(engine)
    name = "work with planks"
    saw = ground.propose(labels("saw planks", "rip planks", uuid=SAW)), labels(name, uuid=SAW)
    glue = ground.propose(labels("glue boards", "join boards", uuid=GLUE)), labels(name, uuid=GLUE)
    joiner = ground.propose(text("New.", JOINER))
    works = [partial(ground.accept, one, amended={0: amended}) for one, amended in (saw, glue)]
    raised = together(ground, [partial(ground.accept, joiner), *works])
    assert [type(error) for error in raised] == [type(None), type(None), Conflict]
    assert ground.framework.content("glue").preferred()["en"] == "glue boards"


def test_where_it_is_not_known_all_are_told(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    ground = make_ground(engine)
    proposals = [ground.propose(text("New.", uuid)) for uuid in (SAW, GLUE)]

    def gone(*_: object, **__: object) -> list[int | None]:
        raise StoreUnavailable("gone in the middle")

    with monkeypatch.context() as patched:
        patched.setattr(Editing, "write_beside", gone)
        raised = accept_together(ground, proposals)
    assert [str(error) for error in raised] == ["gone in the middle"] * 2
    assert raised[0] is not raised[1]
    assert [ground.state(one) for one in proposals] == ["submitted"] * 2


def test_whose_turn_does_not_come_is_told_so(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    ground = make_ground(engine)
    proposal = ground.propose(text("New."))
    monkeypatch.setattr(deciding_turns, "SECONDS", 0.01)
    turns = ground.app.deciding._accepting._turns
    with turns.turn(), pytest.raises(Busy):
        ground.accept(proposal)
    assert (ground.state(proposal), turns._jobs) == ("submitted", [])
    assert ground.accept(proposal).proposal.state == "accepted"


def no_piece() -> Piece:
    def compose(_: object) -> None:
        raise AssertionError

    return Piece(compose, Change("edit", "tester", "nothing"))  # type: ignore[arg-type]


class TimeIsUp(threading.Event):
    """What one waits for until something else happens, and no longer."""

    def __init__(self, until: threading.Event) -> None:
        super().__init__()
        self._until = until

    def wait(self, timeout: float | None = None) -> bool:
        assert self._until.wait(60), timeout
        return self.is_set()


def test_who_is_being_written_waits_for_it_though_its_time_is_up(monkeypatch: pytest.MonkeyPatch) -> None:
    turns = Turns()
    line = waiting_line(turns)
    one, other = Job("public", no_piece(), ["a"]), Job("public", no_piece(), ["b"])
    numbers: list[int] = []
    under_way, time_is_up = threading.Event(), threading.Event()
    let_end, other.ready = turns._let_end, TimeIsUp(under_way)

    def noted(job: Job) -> None:
        time_is_up.set()
        let_end(job)

    monkeypatch.setattr(turns, "_let_end", noted)

    def lead(jobs: list[Job]) -> None:
        assert jobs == [one, other]
        under_way.set()
        assert time_is_up.wait(60)
        one.outcome, other.outcome = 1, 2

    with turns.turn():
        threads = [threading.Thread(target=lambda job=job: numbers.append(turns.do(job, lead))) for job in (one, other)]
        for thread in threads:
            thread.start()
            line.wait()
    for thread in threads:
        thread.join()
    assert sorted(numbers) == [1, 2]
    with turns.turn():
        assert (list(line), turns._jobs) == ([], [])


def test_a_leader_that_fails_keeps_nobody() -> None:
    turns = Turns()
    line = waiting_line(turns)
    jobs = [Job("public", no_piece(), [name]) for name in "abc"]
    done: list[int] = []

    def lead(some: list[Job]) -> None:
        if some[0] is jobs[0]:
            raise StoreUnavailable("away")
        assert some == [jobs[jobs.index(some[0])]]
        some[0].outcome = jobs.index(some[0])

    turn = turns.turn()
    turn.__enter__()
    works: list[Callable[[], object]] = [lambda job=job: done.append(turns.do(job, lead)) for job in jobs]  # type: ignore[misc]
    raised = in_threads(works, line, lambda: turn.__exit__(None, None, None))
    assert [type(error) for error in raised] == [StoreUnavailable, type(None), type(None)]
    assert sorted(done) == [1, 2]


def piece(*edits: Edit, fails: bool = False) -> Piece:
    def more(_tx: WriteTransaction, _seq: int) -> None:
        if fails:
            raise Conflict("not now")

    return Piece(lambda composer: composer.compose(list(edits)), Change("edit", "tester", "an edit"), more=more)


def definition(uuid: str, value: str = "New.") -> SetText:
    return SetText(uuid, "definition", "en", value)


def test_what_one_changes_another_has_not_looked_at(engine: Engine) -> None:
    ground = make_ground(engine)
    editing, first = Editing(engine), ground.framework.head
    pieces = [
        piece(definition(SAW)),
        piece(Unrelate(JOINER, "requires", SAW)),
        piece(definition(GLUE, "To glue.")),
        piece(definition(GLUE)),
        piece(Relate(GLUE, "related", JOINER)),
    ]
    seqs = editing.write_beside(pieces, space=PUBLIC_SPACE)
    assert seqs == [first + 1, None, None, first + 2, None]
    assert set(ground.framework.targets("joiner", "requires")) == {SAW, GLUE}
    assert editing.write_beside(pieces[4:], space=PUBLIC_SPACE) == [first + 3]


@pytest.mark.parametrize("failing", [0, 1])
def test_all_or_none(engine: Engine, failing: int) -> None:
    ground = make_ground(engine)
    first = ground.framework.head
    pieces = [piece(definition(uuid), fails=number == failing) for number, uuid in enumerate((SAW, GLUE))]
    with pytest.raises(Conflict, match="not now"):
        Editing(engine).write_beside(pieces, space=PUBLIC_SPACE)
    assert (ground.framework.head, ground.text(SAW), ground.text(GLUE)) == (first, "To saw.", "To glue.")
    Editing(engine).write_piece(piece(definition(GLUE)), space=PUBLIC_SPACE)
    assert (ground.text(SAW), ground.text(GLUE), settle(engine, PUBLIC_SPACE)) == ("To saw.", "New.", False)


@pytest.mark.parametrize("writes", [0, 1])
def test_a_death_on_the_way_leaves_none(engine: Engine, writes: int) -> None:
    ground = make_ground(engine)
    first = ground.framework.head
    pieces = [piece(definition(SAW)), piece(definition(GLUE))]
    with suppress(Killed):
        Editing(MortalEngine(engine, writes)).write_beside(pieces, space=PUBLIC_SPACE)
    assert (ground.framework.head, ground.text(SAW), ground.text(GLUE)) == (first, "To saw.", "To glue.")
    expire_leases(engine)
    assert settle(engine, PUBLIC_SPACE) == bool(writes)
    assert all(Editing(engine).write_beside(pieces, space=PUBLIC_SPACE))
    assert (ground.text(SAW), ground.text(GLUE)) == ("New.", "New.")


def test_what_a_dead_writer_left_takes_no_uuid(engine: Engine) -> None:
    """A new concept whose writer died may be written again: its uuid is free once that is cleared away."""
    ground = make_ground(engine)
    new = piece(Create("skill", (Label("plane boards", "en", PREFERRED),), uuid=uuid_of("plane")))
    with pytest.raises(Killed):
        Editing(MortalEngine(engine, 1)).write_piece(new, space=PUBLIC_SPACE)
    expire_leases(engine)
    seq = Editing(engine).write_piece(new, space=PUBLIC_SPACE)
    assert (ground.framework.head, ground.framework.content("plane").preferred()) == (seq, {"en": "plane boards"})
    with pytest.raises(Conflict, match="uuid of another"):
        Editing(engine).write_piece(new, space=PUBLIC_SPACE)
