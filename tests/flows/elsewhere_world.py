"""What the tests of badge classes hosted elsewhere share: a sample with an issuer, and a site of others that can be reached, as fixtures."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.flows.badge_world import BadgeWorld, forget_badges, make_badge_world
from tests.flows.people_world import HandClock
from tests.outside_site import PublicName, Site, outside_site
from wikic.domain.ids import concept_uuid, rome_key
from wikic.services.elsewhere_offers import Offer
from wikic.services.elsewhere_parts import ElsewhereServices
from wikic.store.engine import Engine, Query
from wikic.store.events import Event, read_events

OWN = "https://skills.example.org"
HOST = "fournil.example.org"
BAKER = concept_uuid(rome_key("metier", "D1102"))
_COUNT = Query("tests.kept", "MATCH (n) WHERE n:BadgeClass OR n:Binding OR n:BadgeImage OR n:BadgeSource RETURN count(n) AS n")
_FORGET = Query("tests.forget_sources", "MATCH (n) WHERE n:BadgeSource OR n:BadgeImage DETACH DELETE n")


@pytest.fixture(scope="module", params=["arcadedb", "neo4j"])
def sample(request: pytest.FixtureRequest) -> BadgeWorld:
    engine: Engine = request.getfixturevalue(f"{request.param}_engine")
    return make_badge_world(engine)


@pytest.fixture(scope="module")
def running() -> Iterator[Site]:
    with outside_site() as site:
        yield site


@pytest.fixture
def site(running: Site) -> Site:
    running.clear()
    return running


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def world(sample: BadgeWorld, clock: HandClock) -> BadgeWorld:
    """The sample and its issuer without badge classes; the site of the tests can be reached."""
    forget_badges(sample)
    app = sample.app
    app.engine.write(lambda tx: tx.run(_FORGET))
    app.elsewhere = ElsewhereServices.of(app.engine, app.badges, app.linting, PublicName(), OWN, clock=clock, seconds=1.0)
    return sample


def kept(world: BadgeWorld) -> int:
    return int(world.app.engine.read(_COUNT)[0]["n"])


def events(world: BadgeWorld, *kinds: str) -> list[Event]:
    return [event for event in read_events(world.app.engine, world.since, 10_000) if event.kind in kinds]


def to(concept: str, name: str = "x") -> dict[str, str]:
    return {"targetName": name, "targetUrl": f"{OWN}/c/{concept}"}


def why(offer: Offer) -> str:
    assert offer.error is not None
    return offer.error.message
