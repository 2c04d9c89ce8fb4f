"""Webhooks on both engines: order under failures, retries, switching off, and claims."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Event
from typing import Any

import pytest

from tests.flows.webhook_world import OTHER, SEEN, URL, Answered, World
from tests.web.test_events import ADA, say
from wikic.domain.changes import stamp
from wikic.errors import Conflict
from wikic.services import webhooks_sending
from wikic.services.webhooks import OFF, ON, Wanted
from wikic.services.webhooks_parts import retry_after
from wikic.services.webhooks_sending import DELAYS
from wikic.store import documents
from wikic.store import webhooks as store
from wikic.store.engine import Engine
from wikic.store.tables import WEBHOOK_STATES


@pytest.fixture
def world(engine: Engine) -> World:
    """An empty framework but for two concepts."""
    return World(engine)


def test_order_is_kept_for_a_concept_and_a_subject(world: World) -> None:
    hook, _ = world.webhooks.make(ADA, URL, Wanted())
    first = world.edit(SEEN, "one")
    say(world.engine, "proposal_submitted", subject="proposal/1", concepts=[SEEN])
    say(world.engine, "proposal_supported", subject="proposal/1", concepts=[OTHER])
    say(world.engine, "proposal_submitted", subject="proposal/2")
    last = world.edit(OTHER, "two")
    world.receiver.refused = {first}
    world.sending.round()
    # What shares nothing with the one that failed goes on; what shares something with one that waits, waits too.
    assert [message.about for message in world.receiver.got] == [first, "proposal/2"]
    world.sending.round()
    assert len(world.receiver.got) == 2
    world.later(DELAYS[0])
    assert [message.about for message in world.receiver.got[2:]] == [first]
    world.receiver.refused = set()
    world.later(DELAYS[1])
    assert [message.about for message in world.receiver.accepted] == ["proposal/2", first, "proposal/1", "proposal/1", last]
    tries = [delivery.tries for delivery in world.webhooks.deliveries(ADA, hook.id)[0]]
    assert tries == [1, 1, 1, 1, 3]
    assert world.webhooks.read(ADA, hook.id).failing_since == ""


def test_more_waits_than_is_looked_at_together(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks_sending, "_PENDING", 2)
    world.webhooks.make(ADA, URL, Wanted())
    numbers = [world.edit(uuid, text) for text in ("one", "two") for uuid in (SEEN, OTHER)]
    assert world.sending.round() == 1
    assert [message.about for message in world.receiver.accepted] == numbers
    # None of those that are looked at together can be sent: what comes after them still is, in time.
    world.receiver.answers = [Answered(503)] * 2
    numbers = [world.edit(uuid, text) for text in ("three", "four") for uuid in (SEEN, OTHER)]
    world.sending.round()
    world.later(DELAYS[0])
    assert [message.about for message in world.receiver.accepted[4:]] == numbers


def test_what_breaks_the_sending_is_an_attempt_that_failed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    hook, _ = world.webhooks.make(ADA, URL, Wanted())
    world.edit(SEEN, "one")

    def breaks(*_: object, **__: object) -> Answered:
        raise TypeError("what nobody foresaw")

    monkeypatch.setattr(world.receiver, "fetch", breaks)
    world.sending.round()
    ((delivery,), _) = world.webhooks.deliveries(ADA, hook.id)
    assert (delivery.state, delivery.tries) == (store.PENDING, 1)
    assert "TypeError" in str(delivery.attempts[0]["error"])
    assert world.webhooks.read(ADA, hook.id).failing_since == stamp(world.now)


def test_back_off_until_it_is_given_up(world: World) -> None:
    hook, _ = world.webhooks.make(ADA, URL, Wanted(kinds=("change",)))
    world.edit(SEEN, "one")
    world.receiver.answers = [Answered(503)] * 50
    world.sending.round()
    for tried, delay in enumerate(DELAYS, start=1):
        assert len(world.receiver.got) == tried
        world.later(delay - 1)
        assert len(world.receiver.got) == tried
        world.later(1)
    ((delivery,), _) = world.webhooks.deliveries(ADA, hook.id)
    assert (delivery.state, delivery.tries, len(delivery.attempts)) == (store.FAILED, len(DELAYS) + 1, 10)
    # It holds up nothing any more.
    world.receiver.answers = []
    seq = world.edit(SEEN, "two")
    world.sending.round()
    assert [message.about for message in world.receiver.accepted] == [seq]


def test_retry_after(world: World) -> None:
    world.webhooks.make(ADA, URL, Wanted())
    world.edit(SEEN, "one")
    world.receiver.answers = [Answered(429, {"retry-after": "90"})]
    world.sending.round()
    world.later(89)
    assert len(world.receiver.got) == 1
    world.later(1)
    assert len(world.receiver.accepted) == 1
    now = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)
    assert retry_after({"retry-after": "Thu, 15 Jan 2026 09:31:00 GMT"}, now) == 60
    assert retry_after({"retry-after": "soon"}, now) == retry_after({}, now) == 0


def test_gone_switches_off_at_once(world: World) -> None:
    hook, _ = world.webhooks.make(ADA, URL, Wanted())
    world.edit(SEEN, "one")
    world.edit(OTHER, "two")
    world.receiver.answers = [Answered(410)]
    world.sending.round()
    off = world.webhooks.read(ADA, hook.id)
    assert (off.state, off.off_reason, off.off_since) == (OFF, "gone", stamp(world.now))
    assert world.told == [(f"user/{ADA.id}", hook.id, "receiver.example.org", "gone")]
    event = world.last().event
    assert (event.kind, event.data["reason"], event.data["owner"]) == ("webhook_off", "gone", f"user/{ADA.id}")
    assert {delivery.state for delivery in world.webhooks.deliveries(ADA, hook.id)[0]} == {store.FAILED}
    world.edit(SEEN, "missed")
    world.later(10)
    assert len(world.receiver.got) == 1
    with pytest.raises(Conflict):
        world.webhooks.ping(ADA, hook.id)
    # Switched on again, it is told what happens from then on.
    world.webhooks.change(ADA, hook.id, version=off.version, state=ON)
    seq = world.edit(SEEN, "three")
    world.later(1)
    assert [message.about for message in world.receiver.accepted] == [seq]


def test_long_failure_switches_off(world: World) -> None:
    hook, _ = world.webhooks.make(ADA, URL, Wanted(kinds=("change",)))
    world.receiver.answers = [Answered(302, {"location": "http://127.0.0.1/"})] * 100
    for day in range(6):
        assert world.webhooks.read(ADA, hook.id).state == ON
        world.edit(SEEN, f"day {day}")
        world.later(86_400)
    assert world.webhooks.read(ADA, hook.id).off_reason == "failing"
    assert [said[3] for said in world.told] == ["failing"]


def test_what_happens_while_a_message_is_on_its_way_does_not_wait_for_the_clock(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    sent, looked, woken = Event(), Event(), Event()
    answer = world.receiver.fetch

    def fetch(*args: Any, **options: Any) -> Answered:
        sent.set()
        assert looked.wait(30)
        return answer(*args, **options)

    monkeypatch.setattr(world.receiver, "fetch", fetch)
    monkeypatch.setattr(world.sending, "wake", woken.set)
    world.webhooks.make(ADA, URL, Wanted())
    world.edit(SEEN, "one")
    with ThreadPoolExecutor() as pool:
        assert world.sending.round(pool) == 1
        assert sent.wait(30)
        world.edit(OTHER, "two")
        # It is busy with what was there before.
        assert world.sending.round(pool) == 0
        assert not woken.is_set()
        looked.set()
    assert woken.is_set()
    assert world.sending.round() == 1
    assert len(world.receiver.accepted) == 2


def test_a_claim_keeps_others_away(world: World) -> None:
    hook, _ = world.webhooks.make(ADA, URL, Wanted())
    world.edit(SEEN, "one")
    now = int(world.now.timestamp() * 1_000)
    held = store.claim(world.engine, hook.id, 0, now, 60_000)
    assert held is not None
    # As if it were another machine's.
    world.engine.write(lambda tx: documents.change(tx, WEBHOOK_STATES, hook.id, {"holder": "elsewhere/1/1"}))
    world.sending.round()
    assert world.receiver.got == []
    world.later(61)
    assert len(world.receiver.accepted) == 1
    # Whoever was taken for dead writes nothing down any more.
    assert not store.plan(world.engine, held, [], 10**6)
    ((delivery,), _) = world.webhooks.deliveries(ADA, hook.id)
    assert not store.record(world.engine, held, delivery, now)
    store.release(world.engine, held, "")
