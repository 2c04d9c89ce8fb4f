"""Registering webhooks, on both engines: who may do what, and where nothing is sent to."""

from __future__ import annotations

import pytest

from tests.flows.test_webhooks import PEOPLE, SEEN, URL, World
from tests.web.test_events import ADA, ADMIN, MANAGER, MEMBER, MODERATOR
from wikic.domain.access import NOBODY, Actor
from wikic.errors import Forbidden, InvalidInput, NotFound, StaleVersion, TargetRefused, Unauthenticated
from wikic.outside.client import GuardedClient
from wikic.services.happenings import Happenings
from wikic.services.webhooks import Wanted
from wikic.services.webhooks_sending import Sending
from wikic.store import webhooks as store
from wikic.store.engine import Engine


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
    ["https://127.0.0.1/", "https://10.0.0.1/x", "https://[::1]/", "https://169.254.169.254/latest", "https://u:p@example.org/"],
)
def test_addresses_that_are_refused(world: World, url: str) -> None:
    with pytest.raises(TargetRefused):
        world.webhooks.make(ADA, url, Wanted())


def test_what_cannot_be_registered(world: World) -> None:
    for url, wanted in (
        ("http://example.org/", Wanted()), ("ftp://example.org/", Wanted()), ("https://" + "x" * 2_000, Wanted()),
        (URL, Wanted(schemes=("nothing",))), (URL, Wanted(concepts=("nothing",))), (URL, Wanted(kinds=tuple(map(str, range(200))))),
    ):  # fmt: skip
        with pytest.raises(InvalidInput):
            world.webhooks.make(ADA, url, wanted)


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
