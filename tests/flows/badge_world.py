"""The sample with an issuer, its people, and competencies to bind to."""

from __future__ import annotations

from dataclasses import dataclass

from tests.people import actor_in_session, make_person
from tests.sample_world import World, make_world
from wikic.bootstrap import App
from wikic.domain.access import Actor
from wikic.domain.badges import BadgeClass, BadgeContent
from wikic.domain.organisations import Profile
from wikic.services.badges_parts import BadgeServices
from wikic.store.engine import Engine, Query
from wikic.store.events import last_event


@dataclass
class BadgeWorld:
    """The services, the people of the issuer `fournil`, and a stranger."""

    world: World
    manager: Actor
    member: Actor
    stranger: Actor
    skills: list[str]
    since: int = 0

    @property
    def app(self) -> App:
        return self.world.app

    @property
    def badges(self) -> BadgeServices:
        return self.app.badges

    def published(self, name: str = "Pétrir la pâte", *skills: str, **more: object) -> BadgeClass:
        """A badge class that everybody reads, bound to these."""
        made = self.badges.badging.create("fournil", content(name, **more), self.manager)
        for skill in skills:
            self.badges.bindings.bind_one(made.id, skill, self.manager)
        return self.badges.badging.publish(made.id, self.manager)


def content(name: str = "Pétrir la pâte", **more: object) -> BadgeContent:
    """What a badge class that lacks nothing says."""
    values = {"name": name, "description": "Atteste un geste.", "criteria": "Le faire trois fois.", "validity": 36, "achievement_type": "Competency"}
    return BadgeContent.of(values | more)


def make_badge_world(engine: Engine) -> BadgeWorld:
    """Over an engine that holds nothing."""
    world = make_world(engine)
    return add_issuer(world)


def add_issuer(world: World) -> BadgeWorld:
    """The same over the sample."""
    app = world.app
    founder = make_person(app, "Franck")
    profile = Profile(site="https://fournil.example.org", email="badges@fournil.example.org", territories=("69",), colours=("#7b241c",))
    app.organisations.make("fournil", "Le Fournil", "issuer", actor=founder, profile=profile, private=False)
    member = make_person(app, "Mina", organisations={"fournil": ["member"]})
    page = app.reading.concepts(app.reading.moment("2026"), kind="skill", status="active", limit=20)
    skills = [str(body["uuid"]) for body in page.items]
    return BadgeWorld(world, actor_in_session(app, founder.id), member, make_person(app, "Stan"), skills)


_FORGET = Query("tests.forget_badges", "MATCH (n) WHERE n:BadgeClass OR n:BadgeVersion OR n:Binding DETACH DELETE n")


def forget_badges(world: BadgeWorld) -> None:
    """The same world without a badge class; `since` is the last number of the event log."""
    world.app.engine.write(lambda tx: tx.run(_FORGET))
    world.app.badges = BadgeServices.of(world.app.engine, world.app.reading, world.app.searching)
    world.since = last_event(world.app.engine)[0]
