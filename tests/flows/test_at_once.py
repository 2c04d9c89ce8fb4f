"""What two do at the same moment to the same thing: each of them is answered, and it happens once; on both engines."""

from __future__ import annotations

import threading
from functools import partial

import pytest

from tests.flows.people_world import PeopleWorld, make_people_world
from tests.flows.webhook_world import SEEN, URL, World
from tests.people import OPERATOR
from tests.together import at_once
from tests.web.test_events import ADA
from wikic.domain.levels import ScaleLevel
from wikic.errors import Conflict, NotFound
from wikic.services import happenings
from wikic.services.happenings import Happening, Happenings
from wikic.services.scaling import Scales
from wikic.services.throttling import Allowance, Throttling
from wikic.services.webhooks import Wanted
from wikic.store import webhooks
from wikic.store.engine import Engine
from wikic.store.proposals_talk import look_at, lookers
from wikic.store.schema import ensure_schema

ROUNDS = 18
LEVELS = (ScaleLevel({"fr": "Débute"}), ScaleLevel({"fr": "Maîtrise"}))


@pytest.fixture
def store(engine: Engine) -> Engine:
    ensure_schema(engine)
    return engine


def test_attempts_are_counted_while_others_are_forgotten(store: Engine) -> None:
    """Somebody signs in, who may, while somebody else tries the same name."""
    throttling, allowance = Throttling(store), Allowance("trying", 1_000, 3_600)
    tries, forgets = partial(throttling.take, allowance, "ada"), partial(throttling.give_back, allowance, "ada")
    for _ in range(ROUNDS):
        throttling.take(allowance, "ada")
        assert at_once(tries, forgets, tries, forgets, partial(throttling.put_back, allowance, "ada")) == []


def test_two_tabs_look_at_one_proposal(store: Engine) -> None:
    for number in range(ROUNDS):
        assert at_once(*[partial(look_at, store, f"p{number}", "ada", "Ada")] * 4) == []
        assert [row["user"] for row in lookers(store, [f"p{number}"])[f"p{number}"]] == ["ada"]


@pytest.fixture
def world(engine: Engine) -> PeopleWorld:
    return make_people_world(engine)


def test_two_sides_agree_at_once(world: PeopleWorld) -> None:
    """Each asks the other one, or takes back what the other one is agreeing to: who has said no is in no network."""
    organisations = world.app.organisations
    one, two = world.add("One"), world.add("Two")
    organisations.make("net", "The net", "network", actor=one, private=False)
    for number in range(ROUNDS // 3):
        slug = f"company-{number}"
        organisations.make(slug, "A company", "company", actor=OPERATOR, manager="Two", private=False)
        network, company = world.signed_in(one.id), world.signed_in(two.id)
        ask, answer = partial(organisations.associate, "net", slug, actor=network), partial(organisations.associate, "net", slug, actor=company)
        assert at_once(ask, answer) == []
        assert [each.state for each in organisations.associations("net", actor=network)[0] if each.slug == slug] == ["member"]
        organisations.dissociate("net", slug, actor=network)
        ask()
        raised = at_once(answer, partial(organisations.dissociate, "net", slug, actor=network))
        assert raised == []
        told = [event.kind for event in world.events("network_left", "network_joined", "network_asked") if event.space == slug]
        left = [each.state for each in organisations.associations("net", actor=network)[0] if each.slug == slug]
        assert left == (["asked"] if told[-1] == "network_asked" else []), "who came after the no has asked anew"


def test_what_two_take_back_at_once_is_taken_back_once(world: PeopleWorld) -> None:
    ada, people = world.add("Ada"), world.people
    for number in range(ROUNDS // 3):
        _, token = people.tokens.make(f"t{number}", ["read"], actor=ada)
        _, invitation = people.joining.invite(actor=OPERATOR)
        world.app.live.watching.watch(ada, "scheme/rome")
        saved = world.app.queueing.save("Mine", {}, ada)
        for work in (
            partial(people.tokens.revoke, token.id, actor=ada), partial(people.joining.withdraw, invitation.id, actor=OPERATOR),
            partial(world.app.queueing.forget, saved["key"], ada),
        ):  # fmt: skip
            (raised,) = at_once(work, work)
            assert isinstance(raised, NotFound)
        assert at_once(*[partial(world.app.live.watching.unwatch, ada, "scheme/rome")] * 2) == []
    for kind in ("token_revoked", "invitation_withdrawn", "filter_removed", "watch_ended"):
        assert len(world.events(kind)) == ROUNDS // 3, kind


def test_one_name_of_a_scale_is_given_once(world: PeopleWorld) -> None:
    scales = Scales(world.app.engine)
    for number in range(ROUNDS // 3):
        (raised,) = at_once(*[partial(scales.make, f"scale-{number}", {"fr": "Une"}, LEVELS, OPERATOR)] * 2)
        assert isinstance(raised, Conflict)
        assert raised.reason == "scale-taken"
    assert len(world.events("scale_made")) == ROUNDS // 3


def test_a_webhook_is_removed_once_and_leaves_nothing(engine: Engine) -> None:
    world = World(engine)
    for _ in range(ROUNDS // 3):
        hook, _ = world.webhooks.make(ADA, URL, Wanted())
        (raised,) = at_once(*[partial(world.webhooks.remove, ADA, hook.id)] * 2)
        assert isinstance(raised, NotFound)
        # Who was about to work on it.
        assert webhooks.claim(engine, hook.id, 0, 0, 60_000) is None
        assert webhooks.states(engine, [hook.id]) == {}


def test_who_listens_and_breaks_keeps_no_news_from_others(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    world, heard, broken = World(engine), threading.Event(), threading.Event()
    listening = Happenings(engine, world.epoch)

    def breaks(_: object) -> None:
        raise RuntimeError("its loop is closed")

    def unforeseen(*_: object) -> list[Happening]:
        monkeypatch.undo()
        broken.set()
        raise ValueError("what nobody foresaw")

    listening.listen(breaks)
    listening.listen(lambda _: heard.set())
    world.edit(SEEN, "one")
    assert heard.wait(30)
    heard.clear()
    monkeypatch.setattr(happenings, "hydrated", unforeseen)
    world.edit(SEEN, "two")
    assert broken.wait(30)
    assert heard.wait(30), "nor does an event that cannot be read the first time"
    listening.close()
