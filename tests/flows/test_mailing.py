"""Mail on its way survives who sends it: written down with its cause, sent by one at a time, tried again, given up after a while."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from tests.flows.people_world import HandClock
from wikic.domain.access import ACCOUNTS_SPACE
from wikic.errors import OutsideError
from wikic.services.mailing import DELAYS, HELD, Mailer
from wikic.store.documents import count, page
from wikic.store.engine import Engine, Query, WriteTransaction
from wikic.store.events import read_events
from wikic.store.schema import ensure_schema
from wikic.store.tables import MAILS

SENDER = "Wiki-C <wiki-c@example.org>"


@dataclass
class Server:
    """Takes mail, but refuses the first times."""

    refuses: int = 0
    took: list[str] = field(default_factory=list)
    asked: int = 0

    def send(self, sender: str, to: str, subject: str, text: str) -> None:
        assert (sender, subject, text) == (SENDER, "x", "y")
        self.asked += 1
        if self.asked <= self.refuses:
            raise OutsideError("not now")
        self.took.append(to)


class Stuck(Server):
    """Does not answer until it is told to, as one whose client has died."""

    def __init__(self) -> None:
        super().__init__()
        self.reached, self.go_on = threading.Event(), threading.Event()

    def send(self, sender: str, to: str, subject: str, text: str) -> None:
        self.reached.set()
        assert self.go_on.wait(30)
        super().send(sender, to, subject, text)


@pytest.fixture
def store(engine: Engine) -> Engine:
    ensure_schema(engine)
    return engine


def left(engine: Engine) -> int:
    return count(engine, MAILS, "due")


def queue(mailer: Mailer, engine: Engine, *to: str) -> None:
    """Written down, and then their process is gone."""
    engine.write(lambda tx: [mailer.queue(tx, each, "x", "y") for each in to])


def test_what_a_dead_process_wrote_is_sent_by_the_next(store: Engine) -> None:
    queue(Mailer(store, Server(), SENDER), store, "ada@example.org", "", "bob@example.org")
    server = Server()
    mailer = Mailer(store, server, SENDER)
    mailer.start()
    assert mailer.wait()
    mailer.close()
    assert server.took == ["ada@example.org", "bob@example.org"]
    assert left(store) == 0


def test_a_mail_is_true_with_its_cause_only(store: Engine) -> None:
    mailer = Mailer(store, Server(), SENDER)

    def cause(tx: WriteTransaction) -> None:
        mailer.queue(tx, "ada@example.org", "x", "y")
        raise OutsideError("what it was about did not come to pass")

    with pytest.raises(OutsideError):
        store.write(cause)
    assert left(store) == mailer.round() == 0


def test_who_dies_while_sending_is_followed_by_another(store: Engine) -> None:
    clock, stuck, server = HandClock(), Stuck(), Server()
    first, second = Mailer(store, stuck, SENDER, clock=clock), Mailer(store, server, SENDER, clock=clock)
    first.send("ada@example.org", "x", "y")
    assert stuck.reached.wait(30)
    clock.advance(seconds=HELD - 1)
    assert second.round() == 0
    clock.advance(seconds=2)
    assert second.round() == 1
    assert server.took == ["ada@example.org"]
    # The first one was not dead after all: what it does then harms nobody.
    stuck.go_on.set()
    assert first.wait()
    assert left(store) == 0
    first.close()


@pytest.mark.parametrize("tried", [0, len(DELAYS)])
@pytest.mark.parametrize("refuses", [0, 1])
def test_who_fails_after_another_has_taken_it_changes_nothing(store: Engine, refuses: int, tried: int) -> None:
    clock, stuck, server = HandClock(), Stuck(), Server(refuses=refuses)
    stuck.refuses = 1
    first, second = Mailer(store, stuck, SENDER, clock=clock), Mailer(store, server, SENDER, clock=clock)
    queue(first, store, "ada@example.org")
    store.write(lambda tx: tx.run(Query("test.tried", "MATCH (m:OutgoingMail) SET m.tries = $tried"), tried=tried))
    rounds: list[int] = []
    slow = threading.Thread(target=lambda: rounds.append(first.round()))
    slow.start()
    assert stuck.reached.wait(30)
    clock.advance(seconds=HELD + 1)
    assert second.round() == 1
    made = page(store, MAILS, "due"), read_events(store, 0)
    stuck.go_on.set()
    slow.join(30)
    assert rounds == [1], "and it would have gone on to the next one"
    assert (page(store, MAILS, "due"), read_events(store, 0)) == made
    assert (len(made[0]), len(made[1])) == (int(refuses and not tried), int(refuses and tried > 0))


def test_of_many_senders_one_sends_each(store: Engine) -> None:
    server = Server()
    mailers = [Mailer(store, server, SENDER) for _ in range(4)]
    queue(mailers[0], store, *(f"{number:02d}@example.org" for number in range(12)))
    threads = [threading.Thread(target=mailer.round) for mailer in mailers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(server.took) == [f"{number:02d}@example.org" for number in range(12)]
    assert left(store) == 0


def test_it_is_tried_again_later_and_later(store: Engine) -> None:
    clock, server = HandClock(), Server(refuses=2)
    mailer = Mailer(store, server, SENDER, clock=clock)
    mailer.send("ada@example.org", "x", "y")
    assert mailer.wait()
    for seconds in DELAYS[:2]:
        clock.advance(seconds=seconds - 1)
        assert mailer.round() == 0
        clock.advance(seconds=1)
        assert mailer.round() == 1
    assert server.took == ["ada@example.org"]
    assert left(store) == 0
    mailer.close()


def test_it_is_given_up_in_the_end(store: Engine) -> None:
    clock, server = HandClock(), Server(refuses=99)
    mailer = Mailer(store, server, SENDER, clock=clock)
    begun = clock.now
    queue(mailer, store, "ada@example.org")
    while left(store):
        assert clock.now - begun < timedelta(days=5)
        mailer.round()
        clock.advance(hours=8)
    assert server.asked == len(DELAYS) + 1
    (event,) = read_events(store, 0)
    assert (event.kind, event.space, event.data["tries"]) == ("mail_given_up", ACCOUNTS_SPACE, len(DELAYS) + 1)
    assert "example.org" not in repr(event)


class Breaking(Server):
    """Breaks where it may not, at addresses that it does not expect."""

    def send(self, sender: str, to: str, subject: str, text: str) -> None:
        if to.startswith("bad"):
            raise ValueError("what nobody foresaw")
        super().send(sender, to, subject, text)


def test_a_mail_that_breaks_what_sends_it_holds_up_no_other(store: Engine) -> None:
    clock, server = HandClock(), Breaking()
    mailer = Mailer(store, server, SENDER, clock=clock)
    queue(mailer, store, "bad@example.org", "ada@example.org")
    assert mailer.round() == 2
    assert server.took == ["ada@example.org"]
    assert left(store) == 1
    while left(store):
        mailer.round()
        clock.advance(hours=8)
    assert [event.kind for event in read_events(store, 0)] == ["mail_given_up"]


def test_the_thread_outlives_a_round_that_breaks(store: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    server, broken = Server(), threading.Event()
    mailer = Mailer(store, server, SENDER)

    def breaks() -> int:
        monkeypatch.undo()
        broken.set()
        raise RuntimeError("what nobody foresaw")

    monkeypatch.setattr(mailer, "round", breaks)
    mailer.start()
    assert broken.wait(30)
    mailer.send("ada@example.org", "x", "y")
    assert mailer.wait()
    assert server.took == ["ada@example.org"]
    mailer.close()


def test_what_is_due_is_tried_once_more_at_the_end(store: Engine) -> None:
    server = Server(refuses=1)
    mailer = Mailer(store, server, SENDER)
    mailer.send("one@example.org", "x", "y")
    mailer.send("two@example.org", "x", "y")
    mailer.close()
    assert server.took == ["two@example.org"]
    assert left(store) == 1


def test_without_a_server_nothing_is_kept(store: Engine) -> None:
    mailer = Mailer.of(store, "", "")
    assert not mailer.enabled
    assert not mailer.send("ada@example.org", "x", "y")
    mailer.start()
    assert mailer.wait()
    with pytest.raises(OutsideError, match="WIKIC_SMTP_URL"):
        mailer.send_now("ada@example.org", "x", "y")
    mailer.close()
    assert left(store) == 0
