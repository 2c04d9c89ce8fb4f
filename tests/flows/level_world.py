"""The badge world with networks: the regional `region` holds the local `bassin`, which holds the issuer `fournil`; `ailleurs` is another one."""

from __future__ import annotations

from dataclasses import dataclass

from tests.flows.badge_world import BadgeWorld, make_badge_world
from tests.people import OPERATOR, make_person
from wikic.bootstrap import App
from wikic.domain.access import Actor
from wikic.domain.levels import Criteria, CriteriaProposal
from wikic.services.levels_parts import LevelServices
from wikic.store.engine import Engine, Query

_FORGET = Query(
    "tests.forget_levels",
    "MATCH (n) WHERE n:Scale OR n:ScaleVersion OR n:Criteria OR n:CriteriaVersion OR n:CriteriaProposal DETACH DELETE n",
)


@dataclass
class LevelWorld:
    """`local` and `regional` moderate a network each; `second` moderates the local one too; `elsewhere` another one."""

    badges: BadgeWorld
    local: Actor
    second: Actor
    regional: Actor
    elsewhere: Actor

    @property
    def app(self) -> App:
        return self.badges.app

    @property
    def levels(self) -> LevelServices:
        return self.app.badges.levels

    @property
    def member(self) -> Actor:
        """A member of the issuer, and of no network."""
        return self.badges.member

    @property
    def skill(self) -> str:
        return self.badges.skills[0]

    def proposed(self, network: str = "bassin", *, scale: str = "practice", by: Actor | None = None, **texts: str) -> CriteriaProposal:
        """A proposal; `fr1="..."` is what it says of level 1 in French."""
        levels: dict[int, dict[str, str]] = {}
        for name, text in (texts or {"fr1": "Pétrir une pâte."}).items():
            levels.setdefault(int(name[2:]), {})[name[:2]] = text
        return self.levels.proposing.propose(network, self.skill, scale, levels, by or self.member)

    def adopted(self, network: str = "bassin", *, scale: str = "practice", **texts: str) -> Criteria:
        """Criteria that hold."""
        made = self.proposed(network, scale=scale, by=None, **texts)
        self.levels.proposing.decide(made.id, "accept", self.regional)
        return self.levels.criteria.page(network=network, concept=self.skill, scale=scale)[0][0]


def make_level_world(engine: Engine) -> LevelWorld:
    """Over an engine that holds nothing."""
    return add_networks(make_badge_world(engine))


def add_networks(badges: BadgeWorld) -> LevelWorld:
    """The same over a world with an issuer."""
    app = badges.app
    for slug, name in (("region", "La Région"), ("bassin", "Le Bassin"), ("ailleurs", "Ailleurs")):
        app.organisations.make(slug, name, "network", actor=OPERATOR, private=False)
    app.organisations.associate("region", "bassin", actor=OPERATOR)
    app.organisations.associate("bassin", "fournil", actor=OPERATOR)

    def moderator(name: str, network: str) -> Actor:
        return make_person(app, name, organisations={network: ["member", "moderator"]})

    return LevelWorld(
        badges, moderator("Lou", "bassin"), moderator("Sacha", "bassin"), moderator("Régine", "region"), moderator("Elsa", "ailleurs")
    )


def forget_levels(world: LevelWorld) -> None:
    """The same world without scales, criteria and proposals."""
    world.app.engine.write(lambda tx: tx.run(_FORGET))
