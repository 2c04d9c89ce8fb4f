"""The state of deployment, counted by hand over a small scene of several quarters; awards, frozen reports, coverage; on both engines."""

from __future__ import annotations

from dataclasses import asdict
from hashlib import sha256

import pytest

from tests.flows.badge_world import BadgeWorld, content, make_badge_world
from tests.people import actor_in_session, make_person
from wikic.domain.access import NOBODY, Actor, Grant
from wikic.domain.canonical import canonical_json
from wikic.domain.edits import Create, Edit, Merge, Relate, SetStatus
from wikic.domain.ids import concept_uuid, new_uuid, rome_key
from wikic.domain.organisations import Profile
from wikic.domain.quarters import Quarter
from wikic.domain.records import Label
from wikic.errors import Conflict, Forbidden, InvalidInput, NotFound
from wikic.services.awards import AwardLine, Awards, award_lines
from wikic.services.coverage import Coverage
from wikic.services.deployment import Deployment, Narrowed, csv_of, state_body
from wikic.services.deployment_facts import Kept
from wikic.store.engine import Engine, Query
from wikic.store.events import last_event, read_events

CANARY = "zanzibarquill"
_MOVE = Query("tests.move_version", "MATCH (n:BadgeVersion {key: $key}) SET n.published = $time")
_MOVE_ISSUERS = Query("tests.move_issuers", "MATCH (n:Organisation) SET n.created = '2026-02-01T00:00:00.000Z'")
_MOVE_RETIRED = Query("tests.move_retired", "MATCH (n:BadgeClass {key: $key}) SET n.retired = $retired, n.gone = $gone")


class Scene:
    """Two issuers with badge classes of 2026, a private one and drafts that nobody may hear of; the day is in February 2027."""

    def __init__(self, world: BadgeWorld) -> None:
        self.world, self.app = world, world.app
        self.clock = "2027-02-10T12:00:00.000Z"
        app = world.app
        profile = Profile(territories=("69123", "FRK26"), sectors=("62.01Z",))
        app.organisations.make("atelier", "L'Atelier", "issuer", actor=world.stranger, profile=profile, private=False)
        self.other = actor_in_session(app, world.stranger.id)
        app.organisations.make("cave", f"Cave {CANARY}", "issuer", actor=world.manager, private=True)
        owner = actor_in_session(app, world.manager.id)
        app.badges.badging.create("cave", content(f"Cave {CANARY}"), owner)
        app.badges.badging.create("fournil", content(f"Draft {CANARY}"), world.member)
        one, two, three = world.skills[:3]
        self.knead = self.badge(world.manager, "fournil", "Pétrir la pâte", "2026-03-01", one, two, level="practice:1")
        self.bake = self.badge(world.manager, "fournil", "Cuire le pain", "2026-05-01", three)
        self.again = self.badge(self.other, "atelier", "La pâte : pétrir", "2026-08-01", one)
        self.waiting = world.badges.badging.change(self.bake, content(f"Waiting {CANARY}"), world.manager, version=None)
        # In the fourth quarter, kneading attests one competency more, and baking is given no longer.
        world.badges.bindings.bind_one(self.knead, three, world.manager)
        self.move(self.knead, 2, "2026-11-01T08:00:00.000Z")
        world.badges.badging.retire(self.bake, world.manager)
        app.engine.write(lambda tx: tx.run(_MOVE_RETIRED, key=self.bake, retired="2026-12-01T00:00:00.000Z", gone=None))
        app.engine.write(lambda tx: tx.run(_MOVE_ISSUERS))
        self.moderator = make_person(app, "Mo", Grant("moderator"))
        self.renew()

    def renew(self) -> None:
        """As another process sees it."""
        badges = self.app.badges
        self.kept = Kept(self.app.engine, badges.catalogue)
        self.awards = Awards(self.app.engine, lambda: self.clock)
        self.deployment = Deployment(self.app.engine, badges.catalogue, self.kept, lambda: self.clock)

    def badge(self, actor: Actor, issuer: str, name: str, day: str, *skills: str, **more: object) -> str:
        badging = self.app.badges.badging
        made = badging.create(issuer, content(name, **more), actor).id
        for skill in skills:
            self.app.badges.bindings.bind_one(made, skill, actor)
        badging.publish(made, actor)
        self.move(made, 1, f"{day}T08:00:00.000Z")
        return made

    def move(self, badge: str, number: int, time: str) -> None:
        """Let a version have been published then."""
        self.app.engine.write(lambda tx: tx.run(_MOVE, key=f"{badge}/{number:06}", time=time))

    def figures(self, quarter: str = "", **narrowed: str) -> dict[str, object]:
        return asdict(self.deployment.state(Narrowed(quarter=quarter, **narrowed)).figures)


@pytest.fixture(scope="module", params=["arcadedb", "neo4j"])
def scene(request: pytest.FixtureRequest) -> Scene:
    engine: Engine = request.getfixturevalue(f"{request.param}_engine")
    return Scene(make_badge_world(engine))


def some(found: dict[str, object], *names: str) -> tuple[object, ...]:
    return tuple(found[name] for name in names)


def test_figures_as_of_each_quarter(scene: Scene) -> None:
    names = ("issuers", "issuing", "badges", "retired", "bindings", "competencies", "alike")
    assert some(scene.figures("2025-Q4"), *names) == (0, 0, 0, 0, 0, 0, 0)
    assert some(scene.figures("2026-Q1"), *names) == (2, 1, 1, 0, 2, 2, 0)
    assert some(scene.figures("2026-Q2"), *names) == (2, 1, 2, 0, 3, 3, 0)
    assert some(scene.figures("2026-Q3"), *names) == (2, 2, 3, 0, 4, 3, 1)
    assert some(scene.figures("2026-Q4"), *names) == (2, 2, 2, 1, 4, 3, 1)
    assert some(scene.figures(), *names) == (2, 2, 2, 1, 4, 3, 1)
    assert scene.figures("2026-Q4")["levels"] == {"practice:1": 3, "": 1}
    assert [(point.quarter, point.badges) for point in scene.deployment.state(Narrowed()).series] == [
        ("2026-Q1", 1), ("2026-Q2", 2), ("2026-Q3", 3), ("2026-Q4", 2), ("2027-Q1", 2),
    ]  # fmt: skip
    assert scene.deployment.quarters() == ["2027-Q1", "2026-Q4", "2026-Q3", "2026-Q2", "2026-Q1"]
    with pytest.raises(InvalidInput, match="to come"):
        scene.figures("2027-Q2")
    with pytest.raises(InvalidInput, match="no quarter"):
        scene.figures("2026")


def test_by_territory_sector_and_scheme(scene: Scene) -> None:
    assert some(scene.figures(territory="69"), "issuers", "badges") == (2, 2)
    assert some(scene.figures(territory="FRK2"), "issuers", "badges") == (1, 1)
    assert some(scene.figures(sector="J"), "issuers", "badges", "competencies") == (1, 1, 1)
    assert some(scene.figures(sector="62"), "issuers", "badges") == (1, 1)
    schemes = scene.deployment.state(Narrowed()).schemes
    assert sum(part.competencies for part in schemes) == 3
    for part in schemes:
        assert scene.figures(scheme=part.key)["competencies"] == part.competencies
    state = scene.deployment.state(Narrowed())
    assert [(part.key, part.issuers, part.badges) for part in state.territories] == [("69", 2, 2), ("FRK26", 1, 1)]
    assert [(part.key, part.issuers, part.badges) for part in state.sectors] == [("J", 1, 1)]
    assert [(each.reason, set(each.badges)) for each in state.alike] == [("same_name", {scene.knead, scene.again})]


def test_what_was_retired_and_came_back(scene: Scene) -> None:
    """A past between two publishings is not forgotten."""
    scene.app.badges.badging.publish(scene.bake, scene.world.manager)
    row = scene.app.engine.read(Query("tests.gone", "MATCH (n:BadgeClass {key: $key}) RETURN n.gone AS gone"), key=scene.bake)[0]
    assert str(row["gone"][0]).startswith("2026-12-01T00:00:00.000Z/")
    scene.move(scene.bake, 2, "2027-01-20T00:00:00.000Z")
    gone = ["2026-12-01T00:00:00.000Z/2027-01-20T00:00:00.000Z"]
    scene.app.engine.write(lambda tx: tx.run(_MOVE_RETIRED, key=scene.bake, retired=None, gone=gone))
    assert some(scene.figures("2026-Q4"), "badges", "retired") == (2, 1)
    assert some(scene.figures(), "badges", "retired") == (3, 0), "seen without another process"
    scene.app.badges.badging.retire(scene.bake, scene.world.manager)


def test_awards_are_reported_and_corrected_by_the_issuer(scene: Scene) -> None:
    world, awards = scene.world, scene.awards
    since = last_event(scene.app.engine)[0]
    assert awards.report(scene.knead, "2026-11", 12, world.member).count == 12
    awards.report(scene.knead, "2026-12", 9, world.member)
    corrected = awards.report(scene.knead, "2026-12", 3, world.manager)
    assert [(each.count, each.by) for each in corrected.reports] == [(9, "Mina"), (3, "Franck")]
    with pytest.raises(Forbidden):
        awards.report(scene.knead, "2026-11", 1, scene.other)
    for month, count in (("2027-03", 1), ("2026-13", 1), ("2026-11", -1)):
        with pytest.raises(InvalidInput):
            awards.report(scene.knead, month, count, world.member)
    draft = scene.app.badges.badging.create("fournil", content("Draft"), world.member).id
    with pytest.raises(Conflict, match="never published"):
        awards.report(draft, "2026-11", 1, world.member)
    with pytest.raises(NotFound):
        awards.report(draft, "2026-11", 1, scene.other)
    assert [(each.month, each.count) for each in awards.of_badge(scene.knead, world.member)] == [("2026-12", 3), ("2026-11", 12)]
    public = awards.of_badge(scene.knead, NOBODY)
    assert [(each.month, each.count, each.reports) for each in public] == [("2026-12", None, ()), ("2026-11", 12, ())]
    told = [event for event in read_events(scene.app.engine, since, 100) if event.kind == "badge_awards_reported"]
    assert [(event.space, event.data["months"]) for event in told] == [("fournil", ["2026-11"]), ("fournil", ["2026-12"]), ("fournil", ["2026-12"])]
    names = ("awards", "awards_hidden", "awards_ever", "awards_ever_hidden")
    assert some(scene.figures("2026-Q4"), *names) == (12, 1, 12, 1)
    assert some(scene.figures("2026-Q3"), *names) == (0, 0, 0, 0)
    assert some(scene.figures(), *names) == (0, 0, 12, 1)


def test_awards_from_a_table(scene: Scene) -> None:
    lines = award_lines(f"badge;mois;nombre\n{scene.again};2026-10;1 200\nhttps://x.example.org/badges/{scene.again};2026-11;0\n")
    assert lines == [AwardLine(scene.again, "2026-10", 1200), AwardLine(scene.again, "2026-11", 0)]
    assert [(each.line, each.result) for each in scene.awards.report_many(lines, scene.other, dry_run=True)] == [(2, "reported"), (3, "reported")]
    assert scene.awards.of_badge(scene.again, scene.other) == []
    wrong = [*lines, AwardLine(scene.knead, "2026-10", 1)]
    assert [each.result for each in scene.awards.report_many(wrong, scene.other)] == ["reported", "reported", "refused"]
    assert scene.awards.of_badge(scene.again, scene.other) == [], "all or nothing"
    scene.awards.report_many(lines, scene.other)
    assert [each.result for each in scene.awards.report_many(lines, scene.other)] == ["same", "same"]
    assert [each.count for each in scene.awards.of_badge(scene.again, NOBODY)] == [0, 1200]
    for text in ("", "x\n", "badge_class,month,count\n", "badge_class,month,count\na,2026-01,many\n"):
        with pytest.raises(InvalidInput):
            award_lines(text)


def test_a_frozen_report_never_changes(scene: Scene) -> None:
    said = {"fr": "Premier état.", "en": "A first state."}
    with pytest.raises(Forbidden):
        scene.deployment.freeze("2026-Q3", said, scene.world.manager)
    with pytest.raises(Conflict, match="not ended"):
        scene.deployment.freeze("2027-Q1", said, scene.moderator)
    with pytest.raises(InvalidInput, match="commentary"):
        scene.deployment.freeze("2026-Q3", {"fr": " "}, scene.moderator)
    made = scene.deployment.freeze("2026-Q3", said, scene.moderator)
    with pytest.raises(Conflict, match="changes no more"):
        scene.deployment.freeze("2026-Q3", said, scene.moderator)
    scene.awards.report(scene.again, "2026-08", 77, scene.other)
    assert scene.figures("2026-Q3")["awards"] == 77
    kept = scene.deployment.report("2026-Q3")
    assert kept == made
    assert kept.body["figures"]["awards"] == 0
    assert sha256(canonical_json(kept.body)).hexdigest() == kept.digest
    assert [each.quarter for each in scene.deployment.reports()] == ["2026-Q3"]
    with pytest.raises(NotFound):
        scene.deployment.report("2026-Q2")


def test_coverage(scene: Scene) -> None:
    coverage = scene.app.badges.coverage
    attested = {concept for fact in scene.kept.facts(Quarter(2027, 1), now=True).badges if not fact.retired for concept in fact.concepts}
    schemes = coverage.schemes()
    moment = scene.app.reading.moment()
    for each in schemes:
        kinds = ("skill", "knowledge")
        pages = [scene.app.reading.concepts(moment, scheme=each.key, kind=kind, status="active", limit=1000) for kind in kinds]
        own = {str(body["uuid"]) for page in pages for body in page.items}
        assert (each.total, each.covered) == (len(own), len(own & attested))
        missing = coverage.missing(each.key, limit=1000)
        assert list(missing.uuids) == sorted(own - attested)
        first = coverage.missing(each.key, limit=1)
        assert not first.next or list(coverage.missing(each.key, after=first.next, limit=1000).uuids) == list(missing.uuids[1:])
        for branch in coverage.branches(each.key):
            part = coverage.missing(each.key, branch=branch.key, loose=not branch.key, limit=1000)
            assert part.total == branch.missing
            assert set(part.uuids) <= set(missing.uuids)
    baker = concept_uuid(rome_key("metier", "D1102"))
    found = scene.app.reading.find(baker, moment).concept.relations["requires"]
    essential = {item.uuid for item in found.items if item.relation.importance in ("essential", "key") and item.kind in ("skill", "knowledge")}
    bakers = [each for each in coverage.occupations("rome") if each.uuid == baker]
    assert [(each.essential, each.covered) for each in bakers] == ([(len(essential), len(essential & attested))] if essential & attested else [])
    best = coverage.occupations()
    assert best == sorted(best, key=lambda each: (-(each.covered / each.essential), -each.covered, each.uuid))
    assert all(0 < each.covered <= each.essential for each in best)


def test_no_word_of_drafts_or_private_issuers(scene: Scene) -> None:
    for quarter in ("", *scene.deployment.quarters()):
        body = state_body(scene.deployment.state(Narrowed(quarter=quarter)))
        assert CANARY not in str(body) + csv_of(body)
    assert all(CANARY not in str(each) for each in scene.deployment.reports())


def test_coverage_follows_what_changes(scene: Scene) -> None:
    app, followed = scene.app, scene.app.badges.coverage
    baker, (one, two, three) = followed.occupations("esco")[0].uuid, scene.world.skills[:3]

    def counted(coverage: Coverage) -> object:
        schemes = coverage.schemes()
        missing = [coverage.missing(each.key, limit=1000) for each in schemes]
        return schemes, [coverage.branches(each.key) for each in schemes], missing, coverage.occupations()

    before, new = counted(followed), new_uuid()
    edits: tuple[tuple[Edit, ...], ...] = (
        (Create("skill", (Label("To score a loaf", "en", "preferred"),), uuid=new), Relate(new, "broader", one)),
        (Relate(baker, "requires", new, importance="essential"),),
        (Relate(baker, "requires", new, importance="optional"),),
        (SetStatus(two, "deprecated"),),
        (Merge(one, three),),
        (SetStatus(new, "deprecated"), SetStatus(two, "active")),
    )
    for number, each in enumerate(edits):
        app.editing.apply(each, actor="editor", summary="an edit")
        app.reading.forget()
        now = counted(followed)
        assert now == counted(Coverage(app.engine, app.reading, scene.kept)), f"edit {number}: the same as when everything is read again"
        assert now != before
        before = now
