"""Scales and criteria: who makes, proposes, decides and sees what; what stays as it was; which criteria hold for a badge class; on both engines."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.flows.badge_world import content, forget_badges
from tests.flows.level_world import LevelWorld, forget_levels, make_level_world
from tests.people import OPERATOR, actor_in_session, make_person
from wikic.domain.access import NOBODY
from wikic.domain.happenings import may_see
from wikic.domain.levels import PRACTICE_SCALE, Scale, ScaleLevel
from wikic.errors import Conflict, Forbidden, InvalidInput, NotFound, StaleVersion, Unauthenticated
from wikic.services.binding import Wish
from wikic.store.engine import Engine
from wikic.store.events import Event, read_events

MASTERY = (ScaleLevel({"fr": "Débute"}), ScaleLevel({"fr": "Maîtrise", "en": "Masters"}))
NAME = {"fr": "Maîtrise"}


@pytest.fixture(scope="module", params=["arcadedb", "neo4j"])
def sample(request: pytest.FixtureRequest) -> LevelWorld:
    engine: Engine = request.getfixturevalue(f"{request.param}_engine")
    return make_level_world(engine)


@pytest.fixture
def world(sample: LevelWorld) -> LevelWorld:
    """The sample, its issuer and its networks, without what the tests before have made."""
    forget_badges(sample.badges)
    forget_levels(sample)
    return sample


def mastery(world: LevelWorld) -> Scale:
    return world.levels.scales.make("mastery", NAME, MASTERY, OPERATOR)


def events(world: LevelWorld, *kinds: str) -> list[Event]:
    return [event for event in read_events(world.app.engine, world.badges.since, 10_000) if event.kind in kinds]


def sees(event: Event, actor: object) -> bool:
    return may_see(actor, event.kind, space=event.space, subject=event.subject, by=event.actor, data=event.data)  # type: ignore[arg-type]


def test_scales_are_made_by_admins_and_moderators_of_networks(world: LevelWorld) -> None:
    scales = world.levels.scales
    assert scales.get("practice") == PRACTICE_SCALE
    for actor, owner in ((world.member, ""), (world.member, "bassin"), (world.local, ""), (world.local, "region"), (world.regional, "bassin")):
        with pytest.raises(Forbidden):
            scales.make("mastery", NAME, MASTERY, actor, owner=owner)
    with pytest.raises(Unauthenticated):
        scales.make("mastery", NAME, MASTERY, NOBODY)
    with pytest.raises(InvalidInput, match="no network"):
        scales.make("mastery", NAME, MASTERY, OPERATOR, owner="fournil")
    made = scales.make("mastery", NAME, MASTERY, world.local, owner="bassin")
    assert (made.owner, made.number, made.used) == ("bassin", 1, False)
    for key in ("mastery", "practice"):
        with pytest.raises(Conflict, match="already"):
            scales.make(key, NAME, MASTERY, OPERATOR)
    assert [each.id for each in scales.page()[0]] == ["mastery", "practice"]
    assert scales.page(limit=1)[1] == "mastery"
    assert [each.id for each in scales.page(after="mastery")[0]] == ["practice"]
    assert [event.kind for event in events(world, "scale_made")] == ["scale_made"]
    with pytest.raises(Conflict, match="stays public"):
        world.app.organisations.change("bassin", actor=OPERATOR, private=True)


def test_a_scale_in_use_only_grows(world: LevelWorld) -> None:
    scales, badging = world.levels.scales, world.app.badges.badging
    made = mastery(world)
    other = (MASTERY[0], ScaleLevel({"fr": "Domine"}))
    assert scales.change("mastery", NAME, other, OPERATOR, version=made.version).levels == other
    with pytest.raises(StaleVersion):
        scales.change("mastery", NAME, MASTERY, OPERATOR, version=made.version)
    assert scales.change("mastery", NAME, MASTERY, OPERATOR).number == 3

    badging.create("fournil", content(level="mastery:2"), world.member)
    assert scales.get("mastery").used
    for levels in (other, MASTERY[:1] * 2, MASTERY[::-1]):
        with pytest.raises(Conflict, match="in use"):
            scales.change("mastery", NAME, levels, OPERATOR)
    grown = (ScaleLevel({"fr": "Débute", "en": "Begins"}), MASTERY[1], ScaleLevel({"fr": "Forme"}))
    assert scales.change("mastery", NAME | {"en": "Mastery"}, grown, OPERATOR).levels == grown
    assert [(each.number, len(each.levels)) for each in scales.versions("mastery")] == [(1, 2), (2, 2), (3, 2), (4, 3)]
    assert scales.versions("mastery", after=3)[0].levels == grown
    assert scales.change("mastery", NAME | {"en": "Mastery"}, grown, OPERATOR, version=1).number == 4, "said already"
    with pytest.raises(StaleVersion):
        scales.change("mastery", NAME, MASTERY, OPERATOR, version=made.version)
    with pytest.raises(Conflict, match="part of Wiki-C"):
        scales.change("practice", NAME, MASTERY, OPERATOR)
    with pytest.raises(Forbidden):
        scales.change("mastery", NAME, grown, world.local)


def test_levels_are_those_of_scales_that_are_there(world: LevelWorld) -> None:
    badging, bindings = world.app.badges.badging, world.app.badges.bindings
    for level in ("practice:4", "mastery:1"):
        with pytest.raises(InvalidInput, match="no level"):
            badging.create("fournil", content(level=level), world.member)
    badge = world.badges.published("Pétrir", world.skill, level="practice:1")
    with pytest.raises(InvalidInput, match="no level mastery:1"):
        badging.change(badge.id, replace(badge.content, level="mastery:1"), world.member, version=None)
    wishes = [Wish(badge.id, world.badges.skills[1], "mastery:2"), Wish(badge.id, world.badges.skills[2])]
    assert [line.result for line in bindings.bind(wishes, world.badges.manager, dry_run=True).lines] == ["refused", "bound"]
    mastery(world)
    assert [line.result for line in bindings.bind(wishes, world.badges.manager).lines] == ["bound", "bound"]
    assert world.levels.scales.get("mastery").used
    assert world.app.checking.run() == []
    forget_levels(world)
    assert [(each.slug, each.subject) for each in world.app.checking.run()] == [("level-unknown", "mastery:2")]


def test_from_proposal_to_criteria(world: LevelWorld) -> None:
    proposing, criteria = world.levels.proposing, world.levels.criteria
    made = world.proposed(fr1="Pétrir une pâte.", en1="Knead a dough.", fr2="Montrer comment.")
    assert (made.state, made.base, made.author) == ("open", 0, world.member.id)
    assert [each.id for each in proposing.page("bassin", world.local)[0]] == [made.id]
    told = proposing.comment(made.id, "Trois pâtes ?", world.local)
    assert [(each.name, each.text) for each in told.comments] == [("Lou", "Trois pâtes ?")]
    with pytest.raises(StaleVersion):
        proposing.decide(made.id, "accept", world.local, version=made.version)
    done = proposing.decide(made.id, "accept", world.local, version=told.version)
    assert (done.state, done.decided_name, done.amended) == ("accepted", "Lou", None)
    (held,) = criteria.page(network="bassin")[0]
    assert held.levels == {1: {"fr": "Pétrir une pâte.", "en": "Knead a dough."}, 2: {"fr": "Montrer comment."}}
    assert criteria.get(held.id) == held
    assert proposing.page("bassin", world.local)[0] == []
    with pytest.raises(Conflict, match="accepted already"):
        proposing.decide(made.id, "reject", world.second, reason="no")
    with pytest.raises(InvalidInput, match="say that already"):
        world.proposed(fr1="Pétrir une pâte.", en1="Knead a dough.", fr2="Montrer comment.")

    again = world.proposed(fr1="Pétrir trois pâtes.")
    with pytest.raises(InvalidInput, match="say why"):
        proposing.decide(again.id, "accept", world.local, amended={1: {"fr": "Pétrir deux pâtes."}})
    amended = proposing.decide(again.id, "accept", world.local, reason="deux suffisent", amended={1: {"fr": "Pétrir deux pâtes."}})
    assert amended.amended == {1: {"fr": "Pétrir deux pâtes."}}
    assert amended.levels == {1: {"fr": "Pétrir trois pâtes."}}
    assert [(each.number, each.levels[1]["fr"]) for each in criteria.versions(held.id)] == [(1, "Pétrir une pâte."), (2, "Pétrir deux pâtes.")]
    assert criteria.version(held.id, 1).levels == held.levels
    assert criteria.get(held.id).number == 2
    assert [event.data["number"] for event in events(world, "criteria_adopted")[-2:]] == [1, 2]


def test_who_proposes_and_who_decides(world: LevelWorld) -> None:
    proposing = world.levels.proposing
    stranger, nobody = world.badges.stranger, NOBODY
    for actor, error in ((nobody, Unauthenticated), (stranger, Forbidden), (world.elsewhere, Forbidden)):
        with pytest.raises(error):
            world.proposed(by=actor)
    made = world.proposed()
    for actor in (nobody, stranger, world.elsewhere):
        with pytest.raises(NotFound):
            proposing.get(made.id, actor)
    with pytest.raises(Forbidden):
        proposing.page("bassin", stranger)
    for actor in (world.member, world.badges.manager):
        with pytest.raises(Forbidden, match="moderator in bassin"):
            proposing.decide(made.id, "accept", actor)
    with pytest.raises(NotFound):
        proposing.decide(made.id, "accept", world.elsewhere)
    assert proposing.decide(made.id, "accept", world.regional).state == "accepted", "a moderator of a network above decides too"

    # The other way round a local moderator may propose to the region, and decides nothing there.
    above = world.proposed("region", by=world.local)
    with pytest.raises(Forbidden, match="moderator in region"):
        proposing.decide(above.id, "accept", world.second)
    own = world.proposed(by=world.local, fr3="Tenir un fournil.")
    with pytest.raises(Forbidden, match="your own"):
        proposing.decide(own.id, "accept", world.local)
    assert not proposing.may_decide(own, world.local)
    assert proposing.may_decide(own, world.second)
    with pytest.raises(Forbidden):
        proposing.withdraw(own.id, world.second)
    assert proposing.withdraw(own.id, world.local).state == "withdrawn"
    rejected = proposing.decide(above.id, "reject", world.regional, reason="trop local")
    assert (rejected.state, rejected.reason) == ("rejected", "trop local")
    assert proposing.get(above.id, world.local).reason == "trop local", "nothing is deleted"


def test_what_is_told_and_to_whom(world: LevelWorld) -> None:
    made = world.proposed()
    world.levels.proposing.decide(made.id, "reject", world.local, reason="non")
    proposed, rejected = events(world, "criteria_proposed", "criteria_rejected")[-2:]
    for event in (proposed, rejected):
        assert [sees(event, actor) for actor in (world.member, world.local, world.badges.stranger, NOBODY)] == [True, True, False, False]
    world.adopted()
    assert sees(events(world, "criteria_adopted")[-1], NOBODY)


def test_two_proposals_at_once(world: LevelWorld) -> None:
    world.adopted(fr1="Un.", fr2="Deux.")
    one, two, three = (
        world.proposed(fr1="Un, mieux.", fr2="Deux."), world.proposed(fr1="Un.", fr2="Deux, mieux."), world.proposed(fr1="Un, autrement.", fr2="Deux."),
    )  # fmt: skip
    proposing = world.levels.proposing
    proposing.decide(one.id, "accept", world.local)
    proposing.decide(two.id, "accept", world.local)
    (held,) = world.levels.criteria.page(network="bassin")[0]
    assert held.levels == {1: {"fr": "Un, mieux."}, 2: {"fr": "Deux, mieux."}}
    with pytest.raises(Conflict, match=r"level 1 \(fr\)"):
        proposing.decide(three.id, "accept", world.local)
    assert proposing.get(three.id, world.local).state == "open"


def test_a_private_network_shares_nothing(world: LevelWorld) -> None:
    app = world.app
    app.organisations.make("secret", "Secret", "network", actor=OPERATOR, private=True)
    app.organisations.associate("secret", "fournil", actor=OPERATOR)
    head = make_person(app, "Secrétaire", organisations={"secret": ["member", "moderator"]})
    made = world.proposed("secret")
    with pytest.raises(NotFound):
        world.proposed("secret", by=world.local)
    with pytest.raises(NotFound):
        world.levels.proposing.page("secret", world.badges.stranger)
    with pytest.raises(Conflict, match="secret is private"):
        world.levels.proposing.decide(made.id, "accept", head)
    assert not sees(events(world, "criteria_proposed")[-1], world.local)
    app.organisations.change("secret", actor=OPERATOR, private=False)
    world.levels.proposing.decide(made.id, "accept", head)
    with pytest.raises(Conflict, match="stays public"):
        app.organisations.change("secret", actor=OPERATOR, private=True)
    app.organisations.dissociate("secret", "fournil", actor=OPERATOR)


def test_what_holds_for_a_badge_class(world: LevelWorld) -> None:
    criteria, skill = world.levels.criteria, world.skill
    badge = world.badges.published("Pétrir", skill, level="practice:2")
    bindings = world.app.badges.bindings.open_of([badge.id])[badge.id]
    world.adopted("region", fr1="Région, un.", fr2="Région, deux.")
    world.adopted("bassin", fr2="Bassin, deux.")
    world.levels.proposing.decide(world.levels.proposing.propose("ailleurs", skill, "practice", {2: {"fr": "x"}}, world.elsewhere).id, "accept", OPERATOR)
    (holding,) = criteria.holding("fournil", "practice:2", bindings)
    assert [(each.network, each.levels[2]["fr"]) for each in holding.criteria] == [("bassin", "Bassin, deux."), ("region", "Région, deux.")]
    (first,) = criteria.holding("fournil", "practice:1", [replace(bindings[0], level="")])
    assert [each.network for each in first.criteria] == ["region"], "the nearest one says nothing of this level"
    (graded,) = criteria.graded("fournil", "practice:2", bindings, {})
    made = graded.described("https://x/b/1", base="https://x", lang="fr")
    levels = made["rubricCriterionLevel"]
    assert isinstance(levels, list)
    assert [each["level"] for each in levels] == ["1", "2", "3"]
    assert levels[1] == {
        "id": f"https://x/criteria/{holding.criteria[0].id}/levels/2", "type": ["RubricCriterionLevel"], "level": "2", "name": "Je transmets",
        "description": "Bassin, deux.",
    }  # fmt: skip
    assert made["requiredLevel"] == levels[1]["id"]
    (plain,) = criteria.graded("fournil", "practice:3", [], {})
    assert plain.described("https://x/b/1", base="https://x", lang="en")["requiredLevel"] == "https://x/scales/practice/levels/3"
    assert criteria.graded("fournil", "", [], {}) == []
    documents = world.app.badges.documents
    (told,) = documents.badge(badge.id).results("https://x")
    assert (told["name"], told["requiredLevel"]) == (bindings[0].seen_name, levels[1]["id"]), "the document says the criteria of the nearest network"
    (kept,) = documents.version(badge.id, 1).results("https://x")
    assert kept["requiredLevel"] == "https://x/scales/practice/levels/2", "a version never changes, so it says the words of the scale alone"


def test_terms_and_deprecated_competencies(world: LevelWorld) -> None:
    late = make_person(world.app, "Tardif", organisations={"fournil": ["member"]}, terms=False)
    with pytest.raises(Forbidden, match="terms"):
        world.proposed(by=actor_in_session(world.app, late.id))
    with pytest.raises(NotFound):
        world.levels.proposing.propose("bassin", world.skill, "nothing", {1: {"fr": "x"}}, world.member)
    with pytest.raises(InvalidInput, match="levels 1 to 3"):
        world.proposed(fr4="x")
    with pytest.raises(InvalidInput, match="badge classes attest"):
        world.levels.proposing.propose("bassin", "rome:D1102", "practice", {1: {"fr": "x"}}, world.member)
