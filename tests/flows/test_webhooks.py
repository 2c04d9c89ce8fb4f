"""Webhooks on both engines: what is sent and how it is signed, order under failures, retries, switching off, claims, and who may do what."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic, sleep
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook as Verifying

from tests.people import OPERATOR
from tests.web.test_events import ADA, ADMIN, MANAGER, MEMBER, MODERATOR, say
from wikic.domain.access import Actor
from wikic.domain.changes import stamp
from wikic.domain.records import Label
from wikic.errors import Conflict, NotFound
from wikic.outside.client import GuardedClient
from wikic.services import webhooks_sending
from wikic.services.accounts_parts import AccountServices
from wikic.services.editing import Create, Editing, SetText
from wikic.services.happenings import Happening, Happenings
from wikic.services.webhooks import OFF, ON, Wanted, Webhooks
from wikic.services.webhooks_parts import retry_after
from wikic.services.webhooks_sending import DELAYS, Sending
from wikic.store import documents
from wikic.store import webhooks as store
from wikic.store.engine import Engine
from wikic.store.schema import ensure_schema
from wikic.store.tables import WEBHOOK_STATES

SEEN = "00000000-0000-7000-8000-0000000000a1"
OTHER = "00000000-0000-7000-8000-0000000000a2"
URL = "https://receiver.example.org/hook"
PEOPLE = {actor.id: actor for actor in (ADA, MODERATOR, ADMIN, MEMBER, MANAGER)}


@dataclass
class Answered:
    """What a receiver answers."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Message:
    """What a receiver got."""

    url: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def said(self) -> dict[str, object]:
        found: dict[str, object] = json.loads(self.body)
        return found

    @property
    def about(self) -> object:
        data = self.said["data"]
        assert isinstance(data, dict)
        return data.get("subject") or data.get("seq")


class Receiver:
    """A receiver that answers as it is told, by a function of the message; keeps what it accepted apart from all it got."""

    def __init__(self) -> None:
        self.got: list[Message] = []
        self.accepted: list[Message] = []
        self.answers: list[Answered] = []
        self.refused: set[object] = set()

    def fetch(
        self, url: str, *, method: str, headers: Mapping[str, str], body: bytes, seconds: float, max_body: int, max_redirects: int
    ) -> Answered:
        assert (method, max_redirects, seconds <= 15, max_body > 0) == ("POST", 0, True, True)
        message = Message(url, headers, body)
        self.got.append(message)
        answer = self.answers.pop(0) if self.answers else Answered(500 if message.about in self.refused else 200)
        if 200 <= answer.status < 300:
            self.accepted.append(message)
        return answer


class World:
    """Webhooks over one engine, with a clock that stands still until it is moved."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.epoch = engine, ensure_schema(engine)
        self.now = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)
        self.receiver = Receiver()
        self.told: list[tuple[str, ...]] = []
        self.people = dict(PEOPLE)
        self.webhooks = Webhooks(engine, GuardedClient(), clock=lambda: self.now)
        self.sending = self.sender()
        names = {SEEN: "knead", OTHER: "bake"}
        edits = [Create("skill", (Label(name, "en", "preferred"),), uuid=uuid) for uuid, name in names.items()]
        Editing(engine).apply(edits, actor="tester", summary="two skills")

    def sender(self) -> Sending:
        """What sends, as another process would have it."""

        def owner(user: str) -> Actor:
            if user not in self.people:
                raise NotFound(user)
            return self.people[user]

        return Sending(
            self.engine, Happenings(self.engine, self.epoch), self.receiver, owner,
            told=lambda _, *said: self.told.append(said), clock=lambda: self.now, jitter=lambda: 1.0,
        )  # fmt: skip

    def last(self) -> Happening:
        """The last event of the log."""
        happenings = Happenings(self.engine, self.epoch)
        number = happenings.end()[1]
        return happenings.between(number - 1, number)[0]

    def edit(self, uuid: str, text: str) -> int:
        """Change a concept; the number."""
        return Editing(self.engine).apply([SetText(uuid, "definition", "en", text)], actor="t", summary="")

    def later(self, seconds: float) -> None:
        """Move the clock, and send what is due."""
        self.now += timedelta(seconds=seconds)
        self.sending.round()


@pytest.fixture
def world(engine: Engine) -> World:
    """An empty framework but for two concepts."""
    return World(engine)


def test_what_is_sent(world: World) -> None:
    before = world.edit(SEEN, "before")
    hook, secret = world.webhooks.make(ADA, URL, Wanted(), description="ours")
    assert (hook.owner, hook.state, hook.url, hook.version) == (f"user/{ADA.id}", ON, URL, 1)
    seq = world.edit(SEEN, "after")
    assert world.sending.round() == 1
    assert world.sending.round() == 0
    (message,) = world.receiver.got
    assert message.said["type"] == "change"
    assert (before, message.said["data"]) == (seq - 1, world.last().body(world.epoch))
    assert message.headers["webhook-id"] == message.said["data"]["id"]  # type: ignore[index]
    assert message.headers["webhook-timestamp"] == str(int(world.now.timestamp()))
    assert message.headers["webhook-signature"] == Verifying(secret).sign(
        message.headers["webhook-id"], world.now, message.body.decode()
    )
    (delivery,), following = world.webhooks.deliveries(ADA, hook.id)
    assert (delivery.state, delivery.tries, following) == (store.DELIVERED, 1, "")
    (attempt,) = delivery.attempts
    assert (attempt["status"], attempt["error"], attempt["size"]) == (200, "", len(message.body))


def test_filters(world: World) -> None:
    hooks = {
        "kinds": Wanted(kinds=("proposal_accepted", "signed_in")), "concepts": Wanted(concepts=(OTHER,)), "schemes": Wanted(schemes=("rome",)),
        "wiki": Wanted(schemes=("wiki",)), "all": Wanted(),
    }  # fmt: skip
    urls = {f"https://{name}.example.org/": wanted for name, wanted in hooks.items()}
    for url, wanted in urls.items():
        world.webhooks.make(ADA, url, wanted)
    say(world.engine, "signed_in", ADA, subject=f"user/{ADA.id}")
    say(world.engine, "proposal_accepted", MODERATOR, subject="proposal/1", concepts=[SEEN])
    world.edit(OTHER, "hot")
    world.sending.round()
    got = {name: [m.said["type"] for m in world.receiver.got if m.url == f"https://{name}.example.org/"] for name in hooks}
    # What is between an account and the admins comes only where it is asked for.
    assert got == {
        "kinds": ["signed_in", "proposal_accepted"], "concepts": ["change"], "schemes": [],
        "wiki": ["proposal_accepted", "change"], "all": ["proposal_accepted", "change"],
    }  # fmt: skip


def test_what_nobody_wants_is_looked_at_and_costs_no_write(world: World) -> None:
    hook, _ = world.webhooks.make(ADA, URL, Wanted(kinds=("release_published",)))
    number = world.webhooks.read(ADA, hook.id).number
    world.edit(SEEN, "one")
    assert world.sending.round() == 0
    assert world.webhooks.read(ADA, hook.id).number == number
    # A wider filter is for what happens from then on.
    hook = world.webhooks.change(ADA, hook.id, version=hook.version, wanted=Wanted())
    world.edit(SEEN, "two")
    assert world.sender().round() == 1
    assert [message.about for message in world.receiver.got] == [world.last().event.seq]
    # And what was wanted before a change is still sent after it.
    world.edit(OTHER, "three")
    world.webhooks.change(ADA, hook.id, version=hook.version, wanted=Wanted(kinds=("release_published",)))
    world.edit(OTHER, "four")
    world.sending.round()
    assert len(world.receiver.got) == 2


def test_nobody_is_sent_what_they_may_not_see(world: World) -> None:
    AccountServices.of(world.engine).organisations.make("umbrella", "Umbrella", "company", actor=OPERATOR)
    for actor, owner in ((ADA, ""), (MANAGER, "organisation/acme"), (ADMIN, "organisation/umbrella")):
        world.webhooks.make(actor, f"https://{actor.name}.example.org/", Wanted(), owner=owner)
    say(world.engine, "proposal_submitted", MEMBER, subject="proposal/1", space="acme", canary="kestrel")
    say(world.engine, "member_joined", ADMIN, subject="organisation/acme", space="acme", canary="kestrel")
    say(world.engine, "proposal_submitted", MEMBER, subject="proposal/2", space="umbrella", canary="merlin")
    world.sending.round()
    sent = {message.url: message.body.count(b"kestrel") * 10 + message.body.count(b"merlin") for message in world.receiver.got}
    assert sent == {"https://max.example.org/": 10, "https://root.example.org/": 1}
    assert [message.said["type"] for message in world.receiver.got[:2]] == ["proposal_submitted", "member_joined"]


def test_the_rights_of_the_moment_of_sending_count(world: World) -> None:
    member = Actor(ADA.id, "ada", memberships=(("acme", ("member",)),), via="session")
    world.people[ADA.id] = member
    hook, _ = world.webhooks.make(member, URL, Wanted())
    world.receiver.answers = [Answered(500)]
    say(world.engine, "proposal_submitted", MEMBER, subject="proposal/1", space="acme")
    world.sending.round()
    world.people[ADA.id] = ADA
    world.later(DELAYS[0])
    assert len(world.receiver.got) == 1
    assert [delivery.state for delivery in world.webhooks.deliveries(ADA, hook.id)[0]] == [store.DROPPED]
    # A user who is gone is sent nothing more.
    del world.people[ADA.id]
    world.edit(SEEN, "x")
    world.sending.round()
    assert world.webhooks.read(ADMIN, hook.id).off_reason == "owner"
    assert len(world.receiver.got) == 1


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


def test_two_secrets_while_they_are_changed(world: World) -> None:
    hook, first = world.webhooks.make(ADA, URL, Wanted())
    _, second = world.webhooks.rotate(ADA, hook.id)
    world.webhooks.ping(ADA, hook.id)
    world.sending.round()
    world.now += timedelta(hours=24)
    world.webhooks.ping(ADA, hook.id)
    world.sending.round()
    counts = []
    for message in world.receiver.got:
        time = datetime.fromtimestamp(int(message.headers["webhook-timestamp"]), UTC)
        valid = [Verifying(secret).sign(message.headers["webhook-id"], time, message.body.decode()) for secret in (second, first)]
        signatures = message.headers["webhook-signature"].split()
        assert signatures == valid[: len(signatures)]
        counts.append(len(signatures))
    assert counts == [2, 1]


def test_ping_and_deliver_again(world: World) -> None:
    hook, _ = world.webhooks.make(ADA, URL, Wanted())
    seq = world.edit(SEEN, "one")
    world.sending.round()
    ((delivery,), _) = world.webhooks.deliveries(ADA, hook.id)
    again = world.webhooks.deliver_again(ADA, hook.id, delivery.key.partition("/")[2])
    assert again.key != delivery.key
    world.webhooks.ping(ADA, hook.id)
    with pytest.raises(Conflict):
        world.webhooks.deliver_again(ADA, hook.id, again.key.partition("/")[2])
    world.sending.round()
    first, second, third = world.receiver.got
    assert (first.about, second.about, third.said["type"]) == (seq, seq, "ping")
    # The receiver knows by the id that it has it already.
    assert first.headers["webhook-id"] == second.headers["webhook-id"] != third.headers["webhook-id"]
    listed, following = world.webhooks.deliveries(ADA, hook.id, limit=2)
    rest, end = world.webhooks.deliveries(ADA, hook.id, after=following, limit=2)
    assert [each.kind for each in (*listed, *rest)] == ["ping", "change", "change"]
    assert end == ""


def test_what_happens_while_a_message_is_on_its_way_does_not_wait_for_the_clock(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks_sending, "_LOOK_SECONDS", 60.0)
    monkeypatch.setattr(world.receiver, "fetch", slowly(world.receiver, lambda: world.edit(OTHER, "two")))
    world.webhooks.make(ADA, URL, Wanted())
    world.edit(SEEN, "one")
    world.sending.start()
    try:
        until = monotonic() + 30
        while len(world.receiver.accepted) < 2 and monotonic() < until:
            sleep(0.05)
    finally:
        world.sending.close()
    assert len(world.receiver.accepted) == 2


def slowly(receiver: Receiver, first: Callable[[], object]) -> Callable[..., Answered]:
    """What answers the first message once something else has happened, and was heard of."""
    answer = receiver.fetch

    def fetch(*args: Any, **options: Any) -> Answered:
        if not receiver.got:
            first()
            sleep(3)
        return answer(*args, **options)

    return fetch


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
