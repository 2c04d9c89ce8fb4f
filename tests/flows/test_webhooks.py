"""Webhooks on both engines: what is sent and how it is signed, filters, and who may see what."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks.webhooks import Webhook as Verifying

from tests.flows.webhook_world import OTHER, SEEN, URL, Answered, World
from tests.people import OPERATOR
from tests.web.test_events import ADA, ADMIN, MANAGER, MEMBER, MODERATOR, say
from wikic.domain.access import Actor
from wikic.errors import Conflict
from wikic.services.accounts_parts import AccountServices
from wikic.services.webhooks import ON, Wanted
from wikic.services.webhooks_sending import DELAYS
from wikic.store import webhooks as store
from wikic.store.engine import Engine


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
