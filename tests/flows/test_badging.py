"""Badge classes and bindings: who makes, publishes, binds and sees what; versions never change; on both engines."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.flows.badge_world import BadgeWorld, content, forget_badges, make_badge_world
from tests.people import OPERATOR, actor_in_session, make_person
from wikic.domain.access import NOBODY
from wikic.domain.badges import BadgeContent
from wikic.domain.happenings import may_see
from wikic.domain.ids import binding_id
from wikic.domain.organisations import Profile
from wikic.errors import Conflict, Forbidden, InvalidInput, NotFound, StaleVersion, Unauthenticated
from wikic.services.badging_catalogue import Asked, Catalogue
from wikic.services.binding import Wish, refusal
from wikic.services.binding_csv import wishes_of
from wikic.services.binding_targets import Seen
from wikic.store.engine import Engine
from wikic.store.events import Event, read_events


@pytest.fixture(scope="module", params=["arcadedb", "neo4j"])
def sample(request: pytest.FixtureRequest) -> BadgeWorld:
    engine: Engine = request.getfixturevalue(f"{request.param}_engine")
    return make_badge_world(engine)


@pytest.fixture
def world(sample: BadgeWorld) -> BadgeWorld:
    """The sample and its issuer, without the badge classes of the tests before."""
    forget_badges(sample)
    return sample


def events(world: BadgeWorld, *kinds: str) -> list[Event]:
    return [event for event in read_events(world.app.engine, world.since, 10_000) if event.kind in kinds]


def test_from_draft_to_second_version(world: BadgeWorld) -> None:
    badging = world.badges.badging
    draft = badging.create("fournil", content(criteria=""), world.member)
    assert (draft.status, draft.number, draft.version) == ("draft", 0, 1)
    assert [each.field for each in badging.missing(draft) if each.required] == ["criteria"]
    for actor in (NOBODY, world.stranger):
        with pytest.raises(NotFound):
            badging.get(draft.id, actor)
    with pytest.raises(InvalidInput, match="earn it"):
        badging.publish(draft.id, world.manager)
    with pytest.raises(StaleVersion):
        badging.change(draft.id, content(), world.member, version=7)
    complete = badging.change(draft.id, content(), world.member, version=1)
    assert complete.content.criteria == "Le faire trois fois."
    with pytest.raises(Forbidden):
        badging.publish(draft.id, world.member)
    first = badging.publish(draft.id, world.manager, version=complete.version)
    assert (first.status, first.number) == ("published", 1)
    assert first.content.image, "a published version always shows the same image"
    with pytest.raises(Conflict, match="nothing to publish"):
        badging.publish(draft.id, world.manager)

    waiting = badging.change(draft.id, replace(first.content, name="Pétrir à la main"), world.member, version=first.version)
    assert waiting.draft is not None
    assert waiting.content.name == "Pétrir la pâte"
    seen = badging.get(draft.id, NOBODY)
    assert (seen.draft, seen.content.name) == (None, "Pétrir la pâte")
    second = badging.publish(draft.id, world.manager)
    assert (second.number, second.content.name, second.draft) == (2, "Pétrir à la main", None)
    assert [(each.number, each.content.name) for each in badging.versions(draft.id, NOBODY)] == [(1, "Pétrir la pâte"), (2, "Pétrir à la main")]
    assert badging.version(draft.id, 1, NOBODY).content == first.content
    with pytest.raises(NotFound):
        badging.version(draft.id, 3, NOBODY)

    back = badging.restore(draft.id, 1, world.member, version=second.version)
    assert back.draft is not None
    assert back.draft.name == "Pétrir la pâte"
    same = badging.change(draft.id, second.content, world.member, version=back.version)
    assert same.draft is None, "what says the same as what is published does not wait"
    gone = badging.retire(draft.id, world.manager, reason="Plus délivré.")
    assert (gone.status, badging.get(draft.id, NOBODY).status) == ("retired", "retired")
    with pytest.raises(Conflict):
        badging.retire(draft.id, world.manager)
    assert badging.publish(draft.id, world.manager).number == 3, "it comes back as its next version"


def test_whose_badge_class_it_may_be(world: BadgeWorld) -> None:
    badging = world.badges.badging
    app = world.app
    with pytest.raises(Unauthenticated):
        badging.create("fournil", content(), NOBODY)
    with pytest.raises(Forbidden):
        badging.create("fournil", content(), world.stranger)
    with pytest.raises(NotFound):
        badging.create("nobody", content(), OPERATOR)
    app.organisations.make("atelier", "L'Atelier", "company", actor=OPERATOR, private=False)
    with pytest.raises(InvalidInput, match="not an issuer"):
        badging.create("atelier", content(), OPERATOR)
    newcomer = make_person(app, "Nina", organisations={"fournil": ["member"]}, terms=False)
    with pytest.raises(Forbidden, match="terms"):
        badging.create("fournil", content(), newcomer)
    token, _ = app.people.tokens.make("t", ["propose"], actor=world.manager)
    with pytest.raises(Forbidden, match="scope 'badge'"):
        badging.create("fournil", content(), app.accounts.actor_of(token=token))
    token, _ = app.people.tokens.make("t", ["badge"], actor=world.manager)
    by_token = app.accounts.actor_of(token=token)
    made = badging.create("fournil", content(), by_token)
    assert badging.publish(made.id, by_token).number == 1
    wrongs: list[dict[str, Any]] = [
        {"name": " "}, {"lang": "f r"}, {"validity": 0}, {"level": "practice"}, {"review_due": "soon"}, {"achievement_type": "Prize"},
        {"address": "ftp://x"}, {"image": "0" * 64}, {"image": "x"}, {"hosted": "there"}, {"tags": [str(number) for number in range(31)]},
    ]  # fmt: skip
    for wrong in wrongs:
        with pytest.raises((InvalidInput, NotFound)):
            badging.create("fournil", content(**wrong), world.manager)


def test_a_private_issuer_publishes_nothing(world: BadgeWorld) -> None:
    badging, organisations = world.badges.badging, world.app.organisations
    organisations.make("cave", "La Cave", "issuer", actor=world.manager, private=True)
    owner = actor_in_session(world.app, world.manager.id)
    draft = badging.create("cave", content(), owner)
    with pytest.raises(Conflict, match="private"):
        badging.publish(draft.id, owner)
    assert "cave" not in [each.slug for each in world.badges.catalogue.seen_issuers(NOBODY)]
    organisations.change("cave", actor=owner, private=False)
    badging.publish(draft.id, owner)
    with pytest.raises(Conflict, match="stays public"):
        organisations.change("cave", actor=owner, private=True)


def test_a_binding_follows_the_level_of_its_badge_class(world: BadgeWorld) -> None:
    """Unless it was given one of its own: look-up, documents and pages agree."""
    bindings, badging = world.badges.bindings, world.badges.badging
    skill, other = world.skills[:2]
    draft = badging.create("fournil", content(), world.member)
    bindings.bind_one(draft.id, skill, world.member)
    bindings.bind_one(draft.id, other, world.member, level="practice:1")

    def levels(number: int) -> dict[str, str]:
        return {str(each["concept"]): str(each["level"]) for each in badging.version(draft.id, number, NOBODY).bindings}

    def found(concept: str, level: str) -> list[str]:
        return [each.badge_class for each in bindings.of_concept(concept, NOBODY, level=level).items if each.badge_class == draft.id]

    badging.change(draft.id, content(level="practice:3"), world.member, version=None)
    badging.publish(draft.id, world.manager)
    assert levels(1) == {skill: "practice:3", other: "practice:1"}
    assert (found(skill, "practice:3"), found(skill, "practice:1"), found(other, "practice:1")) == ([draft.id], [], [draft.id])
    badging.change(draft.id, content(level="practice:2"), world.manager, version=None)
    assert found(skill, "practice:3"), "what waits is not given yet"
    badging.publish(draft.id, world.manager)
    assert (levels(1)[skill], levels(2)) == ("practice:3", {skill: "practice:2", other: "practice:1"})
    assert (found(skill, "practice:2"), found(skill, "practice:3")) == ([draft.id], [])
    assert bindings.bind_one(draft.id, skill, world.manager, level="practice:2").level == "", "its own level is no level of its own"


def test_binding_and_ending(world: BadgeWorld) -> None:
    bindings, badging = world.badges.bindings, world.badges.badging
    skill, other = world.skills[:2]
    draft = badging.create("fournil", content(level="practice:2"), world.member)
    made = bindings.bind_one(draft.id, skill, world.member)
    assert (made.id, made.level, made.at_level, made.since_release, made.state) == (binding_id(draft.id, skill, ""), "", "practice:2", "2026", "draft")
    assert made.seen_name
    assert bindings.bind_one(draft.id, skill, world.member) == made, "what is bound stays as it is"
    assert bindings.of_concept(skill, NOBODY, state="").items == []
    assert [each.id for each in bindings.of_concept(skill, world.member, state="").items] == [made.id]
    published = badging.publish(draft.id, world.manager)
    assert [each["concept"] for each in badging.version(draft.id, 1, NOBODY).bindings] == [skill]
    assert [each.id for each in bindings.of_concept(skill, NOBODY).items] == [made.id]

    with pytest.raises(Forbidden):
        bindings.bind_one(draft.id, other, world.member)
    more = bindings.bind_one(draft.id, other, world.manager, level="practice:3")
    after = badging.get(draft.id, NOBODY)
    assert (after.number, badging.version(draft.id, 2, NOBODY).why) == (published.number + 1, "bound")
    assert {each["concept"] for each in badging.version(draft.id, 2, NOBODY).bindings} == {skill, other}
    assert len(badging.version(draft.id, 1, NOBODY).bindings) == 1, "a published version never changes"
    with pytest.raises(Forbidden):
        bindings.unbind([more.id], world.member)
    with pytest.raises(NotFound):
        bindings.unbind([made.id, "nothing"], world.manager)
    ended = bindings.unbind([made.id], world.manager)[0]
    assert (ended.status, ended.closed_by) == ("closed", "Franck")
    assert [each.id for each in bindings.of_badge(draft.id, NOBODY).items] == [more.id]
    assert [each.id for each in bindings.of_badge(draft.id, NOBODY, status="closed").items] == [made.id]
    again = bindings.bind_one(draft.id, skill, world.manager)
    assert (again.status, again.closed_by, bindings.get(made.id, NOBODY).closed_at) == ("open", "", "")
    badging.retire(draft.id, world.manager)
    assert bindings.of_concept(skill, NOBODY).items == []
    assert len(bindings.of_concept(skill, NOBODY, state="retired").items) == 1


def test_what_can_be_bound(world: BadgeWorld) -> None:
    bindings = world.badges.bindings
    badge = world.published()
    occupation = world.app.reading.concept("rome:D1102").identity.uuid
    with pytest.raises(InvalidInput, match="occupation"):
        bindings.bind_one(badge.id, occupation, world.manager)
    with pytest.raises(Conflict, match="slice bread") as refused:
        bindings.bind_one(badge.id, world.world.crumb, world.manager)
    assert world.world.slice in str(refused.value), "the last of the chain is named"
    with pytest.raises(NotFound):
        bindings.bind_one(badge.id, "01890a5d-ac96-774b-bcce-b302099a8057", world.manager)
    with pytest.raises(InvalidInput):
        bindings.bind_one(badge.id, "bread", world.manager)
    outcome = bindings.bind([Wish(badge.id, world.world.crumb)], world.manager, historic=True, source="imported")
    assert outcome.applied
    binding = outcome.lines[0].binding
    assert binding is not None
    assert (binding.since_release, binding.seen_name) == ("", "cut a crumb"), "it is in no release yet"
    target = bindings.target(binding, "en")
    assert target is not None
    assert (target.status, target.successors, target.framework) == ("deprecated", (world.world.slice,), "Wiki-C")
    then = bindings.targets.of([world.skills[0]], "fr", "2026")[world.skills[0]]
    assert (then.framework, then.release) == ("Wiki-C 2026", "2026")
    with pytest.raises(NotFound, match="2026"):
        bindings.bind_one(badge.id, world.world.slice, world.manager, release="2026")


def test_references_are_found_together(world: BadgeWorld) -> None:
    reading, targets = world.app.reading, world.badges.bindings.targets
    bodies = [body for kind in ("skill", "knowledge") for body in reading.concepts(reading.moment("2026"), kind=kind, status="active", limit=200).items]
    refs = [f"{body['scheme']}:{body['code']}" for body in bodies if body["code"]][:8] + [str(body["iri"]) for body in bodies if body["iri"]][:8]
    assert len(refs) > 8
    trips = []
    for some in ([refs[0], refs[-1]], refs):
        with world.app.engine.count_round_trips() as counted:
            found = targets.resolved(some)
        # The head, and the list of releases, are looked at now and then.
        trips.append([name for name in counted.names if name.startswith(("concept.", "lookups."))])
    assert trips[0] == trips[1]
    seen = {ref: each.uuid for ref, each in found.items() if isinstance(each, Seen)}
    assert seen == {ref: reading.find(ref).concept.identity.uuid for ref in refs}


def test_many_at_once(world: BadgeWorld) -> None:
    bindings = world.badges.bindings
    one, two = world.published("Un", human_code="A"), world.published("Deux", human_code="B")
    bindings.bind_one(one.id, world.skills[0], world.manager)
    wishes = [Wish(one.id, skill) for skill in world.skills[:3]] + [Wish(two.id, world.skills[0]), Wish(two.id, world.skills[0])]
    wrong = [*wishes, Wish("nothing", world.skills[0]), Wish(one.id, world.world.crust), Wish(one.id, world.skills[4], "high")]
    before = world.badges.badging.get(one.id, NOBODY)
    plan = bindings.bind(wrong, world.manager, dry_run=True)
    assert [line.result for line in plan.lines] == ["already", "bound", "bound", "bound", "already", "refused", "refused", "refused"]
    assert not plan.applied
    refused = bindings.bind(wrong, world.manager)
    assert not refused.applied
    assert refusal(refused).message.startswith("line 6: there is no badge class nothing (3 of 8 lines are refused)")
    assert world.badges.badging.get(one.id, NOBODY) == before, "all or nothing"
    assert bindings.bind(wrong, world.manager, partly=True).applied
    assert world.badges.badging.get(one.id, NOBODY).number == before.number + 1, "one version for all of one call"
    assert len(bindings.of_badge(one.id, NOBODY).items) == 3
    repeated = bindings.bind(wishes, world.manager)
    assert [line.result for line in repeated.lines] == ["already"] * 5
    assert repeated.applied
    page = bindings.of_issuer("fournil", NOBODY, limit=3)
    rest = bindings.of_issuer("fournil", NOBODY, after=page.next)
    assert (len(page.items), len(rest.items), rest.next) == (3, 1, "")

    table = f"\ufeffBadge;Compétence;Niveau\nA;{world.skills[5]};practice:1\nhttps://skills.example.org/b/{two.id};https://skills.example.org/c/{world.skills[6]};\n"
    asked = wishes_of(table, public_url="https://skills.example.org", codes=world.badges.catalogue.codes("fournil", NOBODY))
    assert asked == [Wish(one.id, world.skills[5], "practice:1"), Wish(two.id, world.skills[6], "")]
    for bad in ("", "a,b\n1,2", "badge_class,concept\n", "badge_class,concept\nx\n", "badge_class,concept\n,y\n"):
        with pytest.raises(InvalidInput):
            wishes_of(bad)


def test_lists_and_look_ups(world: BadgeWorld) -> None:
    app, badges = world.app, world.badges
    app.organisations.make(
        "aube", "Aube", "issuer", actor=OPERATOR, private=False, profile=Profile(territories=("FRK26", "01004"))
    )
    first = world.published("Pétrir une pâte", world.skills[0], level="practice:1", review_due="2027-01-01")
    second = world.published("Cuire le pain", world.skills[0], world.skills[1], lang="en", tags=["four"])
    draft = badges.badging.create("fournil", content("Façonner"), world.member)
    theirs = badges.badging.create("aube", content("Pétrir autrement"), OPERATOR)
    badges.bindings.bind_one(theirs.id, world.skills[0], OPERATOR)
    badges.badging.publish(theirs.id, OPERATOR)

    def ids(actor: object = NOBODY, **asked: object) -> list[str]:
        return badges.catalogue.find(Asked(**asked), actor).ids  # type: ignore[arg-type]

    assert ids() == [second.id, theirs.id, first.id]
    assert ids(world.member) == [second.id, draft.id, theirs.id, first.id]
    assert ids(q="petrir") == [theirs.id, first.id]
    assert ids(q="PÉTRIR pâ") == [first.id]
    assert ids(q="four") == [second.id]
    assert (ids(issuer="aube"), ids(level="practice:1"), ids(lang="en"), ids(due="2027-06-01")) == ([theirs.id], [first.id], [second.id], [first.id])
    assert (ids(territory="69"), ids(territory="FRK2"), ids(territory="01")) == ([second.id, first.id], [theirs.id], [theirs.id])
    page = badges.catalogue.find(Asked(), NOBODY, limit=2)
    assert (page.total, page.facets["issuer"], page.facets["lang"]) == (3, {"fournil": 2, "aube": 1}, {"fr": 2, "en": 1})
    assert badges.catalogue.find(Asked(), NOBODY, after=page.next, limit=2).ids == [first.id]
    assert badges.catalogue.find(Asked(lang="en"), NOBODY).facets["lang"] == {"fr": 2, "en": 1}, "each facet without its own filter"

    def found(**asked: Any) -> set[str]:
        return {each.badge_class for each in badges.bindings.of_concept(world.skills[0], NOBODY, **asked).items}

    assert found() == {first.id, second.id, theirs.id}
    assert (found(level="practice:1"), found(issuer="aube"), found(territory="69"), found(lang="en")) == (
        {first.id}, {theirs.id}, {first.id, second.id}, {second.id},
    )  # fmt: skip
    assert badges.bindings.count_of_concept(world.skills[0], NOBODY) == 3
    assert badges.bindings.classes_of_concept(world.skills[1], NOBODY) == {second.id}
    # Another process sees the same, and catches up with what this one writes.
    other = Catalogue(app.engine)
    assert other.find(Asked(), NOBODY).total == 3
    badges.badging.publish(draft.id, world.manager)
    app.engine.has_moved()
    assert other.find(Asked(), NOBODY).total == 4
    badges.badging.change(second.id, content("Cuire", lang="de"), world.manager, version=None)
    badges.badging.publish(second.id, world.manager)
    assert found(lang="de") == {second.id}


def test_who_is_told(world: BadgeWorld) -> None:
    badge = world.badges.badging.create("fournil", content(), world.member)
    world.badges.bindings.bind_one(badge.id, world.skills[0], world.member)
    world.badges.badging.publish(badge.id, world.manager)
    told = events(world, "badge_made", "binding_made", "badge_published")
    assert [(event.kind, event.space) for event in told] == [("badge_made", "fournil"), ("binding_made", "fournil"), ("badge_published", "public")]
    assert told[2].concepts == (world.skills[0],)

    def seen(actor: object) -> list[bool]:
        return [
            may_see(actor, each.kind, space=each.space, subject=each.subject, by=each.actor, data=each.data)  # type: ignore[arg-type]
            for each in told
        ]

    assert seen(NOBODY) == seen(world.stranger) == [False, False, True]
    assert seen(world.member) == [True, True, True]
    waiting = world.badges.badging.change(badge.id, content("Autre"), world.member, version=None)
    assert waiting.draft is not None
    assert [event.space for event in events(world, "badge_changed")] == ["fournil"], "what waits is told to the issuer's people"


def test_suggested_bindings(world: BadgeWorld) -> None:
    label = world.app.reading.concept(world.skills[0]).content.preferred()["en"]
    found = world.badges.suggesting.suggest(BadgeContent(name=label, lang="en", criteria="Something else entirely; nothing of the kind."))
    assert found[0].concept == world.skills[0]
    assert found[0].words
    assert "name" in found[0].fields
    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)
    assert world.badges.suggesting.suggest(BadgeContent(name="qqqq zzzz", lang="en")) == []
