"""Registering webhooks, on both engines: who may do what, and where nothing is sent to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.flows.webhook_world import OTHER, PEOPLE, SEEN, URL, Message, World
from tests.web.test_events import ADA, ADMIN, MANAGER, MEMBER, MODERATOR
from wikic.crypto.sealing import Sealer
from wikic.crypto.webhooks import signed_headers
from wikic.domain.access import NOBODY, Actor
from wikic.errors import Forbidden, InvalidInput, NotFound, StaleVersion, TargetRefused, Unauthenticated
from wikic.outside.client import GuardedClient
from wikic.services.happenings import Happenings
from wikic.services.webhooks import Wanted, Webhooks
from wikic.services.webhooks_sending import Sending
from wikic.store import documents
from wikic.store import webhooks as store
from wikic.store.engine import Engine
from wikic.store.tables import WEBHOOKS


@pytest.fixture
def world(engine: Engine) -> World:
    """An empty framework but for two concepts."""
    return World(engine)


def test_who_may_do_what(world: World) -> None:
    make, read = world.webhooks.make, world.webhooks.read
    with pytest.raises(Unauthenticated):
        make(NOBODY, URL, Wanted())
    with pytest.raises(Forbidden):
        make(MEMBER, URL, Wanted(), owner="organisation/acme")
    with pytest.raises(Forbidden):
        make(ADMIN, URL, Wanted(), owner=f"user/{ADA.id}")
    reading = Actor(ADA.id, "ada", ADA.grants, via="token", scopes=frozenset({"read"}))
    with pytest.raises(Forbidden):
        make(reading, URL, Wanted())
    hook, _ = make(MANAGER, URL, Wanted(), owner="organisation/acme")
    for stranger in (ADA, MODERATOR, MEMBER):
        with pytest.raises(NotFound):
            read(stranger, hook.id)
        with pytest.raises(NotFound):
            world.webhooks.remove(stranger, hook.id)
    assert read(ADMIN, hook.id).owner == "organisation/acme"
    assert [each.id for each in world.webhooks.of_owner(MANAGER, "organisation/acme")] == [hook.id]
    assert [each.id for each in world.webhooks.of_owner(ADMIN, "*")] == [hook.id]
    assert world.webhooks.of_owner(ADA) == []
    with pytest.raises(StaleVersion):
        world.webhooks.change(MANAGER, hook.id, version=7, description="x")
    assert world.webhooks.change(MANAGER, hook.id, version=1, description="x").version == 2
    world.webhooks.remove(MANAGER, hook.id)
    with pytest.raises(NotFound):
        read(MANAGER, hook.id)


@pytest.mark.parametrize(
    "url",
    ["https://127.0.0.1/", "https://10.0.0.1/x", "https://[::1]/", "https://169.254.169.254/latest"],
)
def test_addresses_that_are_refused(world: World, url: str) -> None:
    with pytest.raises(TargetRefused):
        world.webhooks.make(ADA, url, Wanted())


def test_what_cannot_be_registered(world: World) -> None:
    for url, wanted in (
        ("http://example.org/", Wanted()), ("ftp://example.org/", Wanted()), ("https://" + "x" * 2_000, Wanted()),
        ("https://u:p@example.org/", Wanted()), ("https://[::1/", Wanted()), ("https://exa mple.org/", Wanted()), ("https://example.org/a\r\nb", Wanted()),
        (URL, Wanted(schemes=("nothing",))), (URL, Wanted(concepts=("nothing",))), (URL, Wanted(kinds=("change",) * 200)),
        (URL, Wanted(kinds=("no_such_kind",))),
    ):  # fmt: skip
        with pytest.raises(InvalidInput):
            world.webhooks.make(ADA, url, wanted)


def test_descriptions_are_texts_that_can_be_shown(world: World) -> None:
    for text in ("a\0b", "a\u202eb"):
        with pytest.raises(InvalidInput, match="cannot be shown"):
            world.webhooks.make(ADA, URL, Wanted(), description=text)


def test_an_address_in_other_letters_is_kept_as_it_is_asked(world: World) -> None:
    hook, _ = world.webhooks.make(ADA, " https://é.example.org/métier?à ", Wanted())
    assert hook.url == "https://xn--9ca.example.org/m%C3%A9tier?%C3%A0"


def test_a_name_that_leads_inside_is_refused_when_it_is_sent(world: World) -> None:
    client = GuardedClient(resolve=lambda *_: ["127.0.0.1"])
    hook, _ = world.webhooks.make(ADA, URL, Wanted())
    sending = Sending(
        world.engine, Happenings(world.engine, world.epoch), client, lambda user: PEOPLE[user], clock=lambda: world.now
    )
    world.edit(SEEN, "one")
    sending.round()
    ((delivery,), _) = world.webhooks.deliveries(ADA, hook.id)
    assert (delivery.state, delivery.attempts[0]["status"]) == (store.PENDING, 0)
    assert "private" in delivery.attempts[0]["error"]


def test_filters_changed_twice_hold_for_what_came_before(world: World) -> None:
    """A webhook that lags gets what it wanted when it happened, whatever it wanted since."""
    hook, _ = world.webhooks.make(ADA, URL, Wanted(concepts=(SEEN,)))
    first = world.edit(SEEN, "one")
    world.webhooks.change(ADA, hook.id, version=None, wanted=Wanted(concepts=(OTHER,)))
    world.edit(SEEN, "two")
    second = world.edit(OTHER, "three")
    world.webhooks.change(ADA, hook.id, version=None, wanted=Wanted(kinds=("lot_submitted",)))
    world.edit(OTHER, "four")
    world.sending.round()
    assert [message.about for message in world.receiver.accepted] == [first, second]
    world.webhooks.change(ADA, hook.id, version=None, wanted=Wanted())
    row = documents.get(world.engine, WEBHOOKS, hook.id, "webhook")
    assert [one["kinds"] for one in row["former"]] == [["lot_submitted"]]


def signed_by(secret: str, message: Message) -> bool:
    """Whether a message has the signature of that secret and no other."""
    time = datetime.fromtimestamp(int(message.headers["webhook-timestamp"]), UTC)
    expected = signed_headers([secret], message.headers["webhook-id"], time, message.body)
    return expected["webhook-signature"] == message.headers["webhook-signature"]


class TestSealed:
    """Secrets in the store are sealed."""

    def hooks(self, world: World, key: str) -> tuple[Webhooks, Sending]:
        sealer = Sealer.of(key)
        sending = Sending(
            world.engine, Happenings(world.engine, world.epoch), world.receiver, lambda user: PEOPLE[user],
            clock=lambda: world.now, jitter=lambda: 1.0, sealer=sealer,
        )  # fmt: skip
        return Webhooks(world.engine, GuardedClient(), clock=lambda: world.now, sealer=sealer), sending

    def test_nothing_is_in_clear(self, world: World) -> None:
        webhooks, sending = self.hooks(world, "one key")
        hook, secret = webhooks.make(ADA, URL, Wanted())
        assert secret not in str(documents.get(world.engine, WEBHOOKS, hook.id, "webhook"))
        world.edit(SEEN, "one")
        sending.round()
        (message,) = world.receiver.accepted
        assert signed_by(secret, message)

    def test_by_another_key(self, world: World) -> None:
        webhooks, _ = self.hooks(world, "one key")
        hook, _ = webhooks.make(ADA, URL, Wanted())
        webhooks, sending = self.hooks(world, "another key")
        world.edit(SEEN, "one")
        sending.round()
        ((delivery,), _) = webhooks.deliveries(ADA, hook.id)
        assert (delivery.state, delivery.attempts[-1]["status"]) == ("pending", 0)
        assert "under another WIKIC_SECRET_KEY" in delivery.attempts[-1]["error"]
        renewed, secret = webhooks.rotate(ADA, hook.id)
        assert renewed.former_until == ""
        world.now += timedelta(seconds=10)
        sending.round()
        (message,) = world.receiver.accepted
        assert signed_by(secret, message)

    def test_what_was_kept_in_clear_is_sealed(self, world: World) -> None:
        hook, secret = world.webhooks.make(ADA, URL, Wanted())
        world.webhooks.rotate(ADA, hook.id)
        webhooks, _ = self.hooks(world, "one key")
        assert (webhooks.seal_all(), webhooks.seal_all()) == (1, 0)
        row = documents.get(world.engine, WEBHOOKS, hook.id, "webhook")
        assert (secret in str(row), "whsec_" in str(row)) == (False, False)
        assert Sealer.of("one key").open(row["former_secret"], hook.id) == secret
