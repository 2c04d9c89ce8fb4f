"""Badge classes hosted elsewhere: how they come in, one or a whole catalogue, what is refused and leaves nothing, and how they are kept up to date; on both
engines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from tests.flows.badge_world import BadgeWorld, forget_badges, make_badge_world
from tests.flows.people_world import HandClock
from tests.outside_site import NAME, PublicName, Site, badge_class, outside_site, png
from tests.people import OPERATOR
from wikic.domain.access import NOBODY
from wikic.domain.ids import concept_uuid, rome_key
from wikic.errors import Conflict, Forbidden, InvalidInput, NotFound, TargetRefused, TooLarge
from wikic.services.badging_catalogue import Asked as Listed
from wikic.services.elsewhere import AGAIN, Asked
from wikic.services.elsewhere_gathering import Wanted, of_addresses, of_documents, wanted_of
from wikic.services.elsewhere_keeping import DELAYS, HELD
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


def test_one_address_is_looked_at_and_then_taken(world: BadgeWorld, site: Site) -> None:
    one, two = world.skills[:2]
    address = site.badge("/b1", alignment=[to(one), to(BAKER), {"targetName": "qzq", "targetUrl": "https://x.example.org/y"}], tags=["pain"])
    taking, wanted = world.app.elsewhere.taking, of_addresses([address])
    seen = taking.look("fournil", wanted, world.member)
    (offer,) = seen.lines
    assert (offer.result, offer.content and offer.content.name, offer.content and offer.content.format) == ("new", "Badge b1", "ob2")
    assert {note.key for note in offer.notes} >= {"not_bindable", "unknown_target"}
    assert [ref for ref, _ in offer.concepts] == [one]
    assert kept(world) == 0
    with pytest.raises(Forbidden):
        taking.take("fournil", wanted, world.member, Asked(publish=True))
    with pytest.raises(Forbidden):
        taking.look("fournil", wanted, world.stranger)
    asked = Asked(publish=True, concepts={address: [one, two]}, seen={address: offer.digest})
    made = taking.take("fournil", wanted, world.manager, asked)
    assert (made.applied, made.lines[0].result) == (True, "taken")
    badge = world.badges.badging.get(made.lines[0].badge, NOBODY)
    assert (badge.status, badge.number, badge.content.hosted, badge.content.address, badge.content.tags) == ("published", 1, "elsewhere", address, ("pain",))
    assert world.badges.badging.image(badge.id, NOBODY).media == "image/png"
    bound = world.badges.bindings.of_badge(badge.id, NOBODY).items
    assert {(each.concept, each.source) for each in bound} == {(one, "imported"), (two, "suggested")}
    assert len(world.badges.badging.version(badge.id, 1, NOBODY).bindings) == 2
    assert world.badges.catalogue.find(Listed(hosted="elsewhere"), NOBODY).ids == [badge.id]
    again = taking.take("fournil", of_addresses([f"{address}/".replace("http:", "https:"), address]), world.member, Asked(partly=True))
    assert (again.lines[1].result, again.lines[1].badge) == ("known", badge.id)


def test_a_whole_catalogue_is_taken_or_nothing_of_it(world: BadgeWorld, site: Site) -> None:
    skill = world.skills[0]
    site.badge("/b1", alignment=[to(skill)])
    site.badge("/b3", "3.0", creator=None)
    inner = badge_class(f"{site.url}/b2", "3.0", inLanguage="en", achievementType="Competency", humanCode="B-2")
    inner["alignment"] = [{"type": ["Alignment"], **to(skill)}]
    issuer = {"@context": "https://w3id.org/openbadges/v2", "type": "Profile", "id": f"{site.url}/issuer", "name": "X", "url": site.url}
    site.pages["/issuer"] = issuer | {"badges": ["/b1", inner, {"id": f"{site.url}/b3"}, "/gone"]}
    taking, wanted = world.app.elsewhere.taking, of_addresses([f"{site.url}/issuer"])
    offers = taking.take("fournil", wanted, world.member)
    assert [each.result for each in offers.lines] == ["new", "new", "new", "refused"]
    assert "404" in why(offers.lines[3])
    assert (offers.applied, kept(world)) == (False, 0)
    offers = taking.take("fournil", wanted, world.member, Asked(partly=True))
    assert [each.result for each in offers.lines] == ["taken", "taken", "taken", "refused"]
    second = world.badges.badging.get(offers.lines[1].badge, world.member)
    assert (second.status, second.content.lang, second.content.human_code, second.content.format) == ("draft", "en", "B-2", "ob3")
    with pytest.raises(NotFound):
        world.badges.badging.get(second.id, NOBODY)
    assert [each.kind for each in events(world, "badge_made")] == ["badge_made"] * 3
    assert all(each.space == "fournil" for each in events(world, "badge_made", "binding_made"))
    offers = taking.take("fournil", wanted, world.member, Asked(partly=True))
    assert [each.result for each in offers.lines] == ["known", "known", "known", "refused"]


def test_what_another_issuer_took_in_can_be_taken_and_is_said(world: BadgeWorld, site: Site) -> None:
    site.badge("/%C3%A91", issuer=f"https://www.{HOST}/issuer")
    address = f"{site.url}/é1"
    world.app.organisations.make("autre", "L'Autre", "issuer", actor=OPERATOR, private=False)
    first = world.app.elsewhere.taking.take("autre", of_addresses([address]), OPERATOR, Asked(publish=True))
    assert [note.key for note in first.lines[0].notes] == []
    taking, wanted = world.app.elsewhere.taking, of_addresses([address])
    (line,) = taking.look("fournil", wanted, world.member).lines
    assert (line.result, [(note.key, note.about) for note in line.notes]) == ("new", [("also_taken", "L'Autre")])
    only = Asked(seen={address: line.digest}, only=frozenset({address}))
    assert taking.take("fournil", wanted, world.member, only).lines[0].result == "taken"
    assert [each.result for each in taking.look("fournil", of_addresses([address, line.address]), world.member).lines] == ["known", "known"]
    other = site.badge("/b2", issuer={"type": "Issuer", "id": f"https://{HOST}/i", "url": "https://stranger.example.net"})
    (line,) = taking.look("fournil", of_addresses([other]), world.member).lines
    assert [(note.key, note.about) for note in line.notes] == [("other_issuer", "https://stranger.example.net")]


def test_lists_and_tables(world: BadgeWorld, site: Site) -> None:
    one, two = world.skills[:2]
    first, second = site.badge("/b1"), site.badge("/b2", alignment=[to(one)])
    text = f"adresse;code;niveau;validité;compétences\n{first};C-1;practice:2;24;{one} {two}\n{second};C-2;;;\n;x;;;\n"
    offers = world.app.elsewhere.taking.take("fournil", wanted_of(text), world.manager, Asked(partly=True))
    assert [each.result for each in offers.lines] == ["taken", "taken", "refused"]
    badge = world.badges.badging.get(offers.lines[0].badge, world.member)
    assert (badge.content.human_code, badge.content.level, badge.content.validity) == ("C-1", "practice:2", 24)
    bound = world.badges.bindings.open_of([badge.id, offers.lines[1].badge])
    assert {(each.concept, each.at_level, each.source) for each in bound[badge.id]} == {(one, "practice:2", "csv"), (two, "practice:2", "csv")}
    assert [each.source for each in bound[offers.lines[1].badge]] == ["imported"]
    wrong = wanted_of(f"url,level\n{site.badge('/b3')},high\n")
    assert "is no level" in why(world.app.elsewhere.taking.take("fournil", wrong, world.manager).lines[0])
    wrong = wanted_of(f"url,concepts\n{site.badge('/b3')},{BAKER}\n")
    refused = world.app.elsewhere.taking.take("fournil", wrong, world.manager)
    assert "occupation" in why(refused.lines[0])
    assert refused.applied is False


def test_what_changed_since_it_was_shown_and_what_is_incomplete_is_not_taken(world: BadgeWorld, site: Site) -> None:
    address = site.badge("/b1")
    taking, wanted = world.app.elsewhere.taking, of_addresses([address])
    seen = {address: taking.look("fournil", wanted, world.member).lines[0].digest}
    site.badge("/b1", description="Autre chose.")
    assert "changed since it was shown" in why(taking.take("fournil", wanted, world.member, Asked(seen=seen)).lines[0])
    site.pages["/b1"].pop("criteria")
    assert "`/criteria`" in why(taking.take("fournil", wanted, world.member).lines[0])
    older = {"name": "Ancien", "criteria": f"{site.url}/c", "issuer": f"{site.url}/i", "image": f"{site.url}/plain.png"}
    site.pages["/old"] = older
    old = of_addresses([f"{site.url}/old"])
    assert "description" in why(taking.take("fournil", old, world.manager, Asked(publish=True)).lines[0])
    assert taking.take("fournil", old, world.member).lines[0].result == "taken"
    assert kept(world) == 3


@pytest.mark.parametrize(
    ("path", "error", "message"),
    [
        ("/inside", TargetRefused, "private or reserved"),
        ("/cloud", TargetRefused, "private or reserved"),
        ("/large", InvalidInput, "more than it may|more than 2,000,000 bytes"),
        ("/endless", InvalidInput, "no whole answer in time"),
        ("/round", InvalidInput, "redirect"),
        ("/script.svg", InvalidInput, "no badge within"),
    ],
)
def test_hostile_addresses_leave_nothing(world: BadgeWorld, site: Site, path: str, error: type[Exception], message: str) -> None:
    taking, address = world.app.elsewhere.taking, f"{site.url}{path}"
    with pytest.raises(error, match=message):
        taking.take("fournil", of_addresses([address]), world.manager)
    # In a catalogue its line says so, and nothing of the catalogue is kept.
    good = site.badge("/good")
    offers = taking.take("fournil", of_addresses([good, address, "http://10.0.0.8/b", "http://[::1]/b"]), world.manager)
    assert [each.result for each in offers.lines] == ["new", "refused", "refused", "refused"]
    assert "private or reserved" in why(offers.lines[2])
    assert (offers.applied, kept(world)) == (False, 0)


@pytest.mark.parametrize(
    ("image", "message"),
    [
        ("/script.svg", "'script'"), ("/outside.svg", "only to parts"), ("/bomb.png", "60,000 by 60,000"), ("/inside", "private or reserved"),
        ("http://192.168.0.1/a.png", "private or reserved"),
        ("data:image/svg+xml;base64,PHN2Zz48c2NyaXB0Lz48L3N2Zz4=", "svg|begins"), ("data:x;base64,***", "base64"),
    ],
)  # fmt: skip
def test_hostile_images_leave_nothing(world: BadgeWorld, site: Site, image: str, message: str) -> None:
    address = site.badge("/b1", image=f"{site.url}{image}" if image.startswith("/") else image)
    taking, wanted = world.app.elsewhere.taking, of_addresses([address])
    (line,) = taking.take("fournil", wanted, world.manager).lines
    assert line.result == "refused"
    with pytest.raises(InvalidInput, match=f"`image`.*({message})"):
        raise line.error or AssertionError
    assert kept(world) == 0
    drawn = taking.take("fournil", wanted, world.manager, Asked(draw=True))
    badge = world.badges.badging.get(drawn.lines[0].badge, world.manager)
    assert (badge.content.image, world.badges.badging.image(badge.id, world.manager).generated) == ("", True)


def test_an_image_that_is_not_there_is_drawn_and_one_that_never_ends_too(world: BadgeWorld, site: Site) -> None:
    for path, image in (("/b1", "/none.png"), ("/b2", "/endless"), ("/b3", "/large")):
        (line,) = world.app.elsewhere.taking.take("fournil", of_addresses([site.badge(path, image=f"{site.url}{image}")]), world.manager).lines
        assert (line.result, [note.key for note in line.notes]) == ("taken", ["other_issuer", "image_drawn"])


def test_hostile_documents(world: BadgeWorld) -> None:
    taking = world.app.elsewhere.taking
    deep: Any = {}
    for _ in range(200):
        deep = {"issuer": deep}
    bad: list[Any] = [deep, 3, {"type": "Assertion", "@context": "https://w3id.org/openbadges/v2", "badge": "http://10.0.0.1/b"}, {"type": "Issuer"}]
    bad += [badge_class("urn:uuid:0190f1d2-7a3b-7c4d-8e5f-0a1b2c3d4e70"), badge_class("ftp://x.example.org/b"), badge_class("http://x.example.org/b", name="")]
    bad += [badge_class("http://x.example.org/c", description="y" * 6_000)]
    offers = taking.take("fournil", [Wanted(document=each) for each in bad], world.manager)
    assert {each.result for each in offers.lines} == {"refused"}
    assert "`id`" in why(offers.lines[4])
    assert "`/name`" in why(offers.lines[6])
    assert "description" in why(offers.lines[7])
    assert kept(world) == 0
    with pytest.raises(TooLarge):
        of_addresses([f"http://x.example.org/{n}" for n in range(501)])
    with pytest.raises(InvalidInput, match="names no badge class"):
        of_documents([{"@context": "https://w3id.org/openbadges/v2", "type": "Issuer", "id": "http://x.example.org", "name": "x", "url": "http://x.example.org"}])


def taken(world: BadgeWorld, address: str, *, publish: bool = True) -> str:
    offers = world.app.elsewhere.taking.take("fournil", of_addresses([address]), world.manager, Asked(publish=publish))
    assert offers.lines[0].result == "taken", offers.lines[0].error
    return offers.lines[0].badge


def test_kept_up_to_date(world: BadgeWorld, site: Site, clock: HandClock) -> None:
    one, two = world.skills[:2]
    address = site.badge("/b1", alignment=[to(one)])
    identity, keeping = taken(world, address), world.app.elsewhere.keeping
    assert keeping.round() == 0, "it was read when it was taken"
    clock.now += AGAIN * 1.3
    assert keeping.round() == 1
    assert site.asked[-1][1]["if-none-match"]
    assert keeping.state(identity, NOBODY).word == "same"
    assert (keeping.round(), world.badges.badging.get(identity, NOBODY).number) == (0, 1)

    site.badge("/b1", name="Nouveau nom", alignment=[to(two)])
    clock.now += AGAIN * 1.3
    assert keeping.round() == 1
    badge, version = world.badges.badging.get(identity, NOBODY), world.badges.badging.version(identity, 2, NOBODY)
    assert (badge.number, badge.content.name, version.why, version.by) == (2, "Nouveau nom", "source", "Wiki-C")
    state = keeping.state(identity, NOBODY)
    assert (state.word, state.lost, state.gained) == ("lost", (one,), (two,))
    assert [each.concept for each in world.badges.bindings.of_badge(identity, NOBODY).items] == [one], "nothing is bound or unbound by itself"
    (told,) = events(world, "badge_source")
    assert (told.data["state"], told.space, told.concepts) == ("lost", "fournil", (one,))

    # What somebody has changed here stays, and is told.
    world.badges.badging.change(identity, replace(badge.content, description="Ici."), world.member, version=None)
    site.badge("/b1", name="Encore un nom", description="Là-bas.", alignment=[to(one)])
    clock.now += AGAIN * 1.3
    assert keeping.round() == 1
    waiting = world.badges.badging.get(identity, world.member)
    assert waiting.draft is not None
    assert (waiting.number, waiting.draft.name, waiting.draft.description) == (2, "Encore un nom", "Ici.")
    state = keeping.state(identity, NOBODY)
    assert (state.word, state.differs, state.lost) == ("differs", ("description",), ())


def test_the_drawn_image_of_a_version_stays(world: BadgeWorld, site: Site) -> None:
    badging, organisations = world.badges.badging, world.app.organisations
    by_hand = world.published("À la main", world.skills[0], hosted="elsewhere", address=site.badge("/b2"))
    site.badge("/b1", image=f"{site.url}/none.png")
    published = (taken(world, f"{site.url}/b1"), by_hand.id)
    before = [badging.image(identity, NOBODY, number=1) for identity in published]
    assert all(image.generated and image.kept for image in before)
    old = organisations.get("fournil", actor=world.manager)
    organisations.change("fournil", profile=replace(old.profile, colours=("#0e6251",)), actor=world.manager)
    try:
        assert [badging.image(identity, NOBODY, number=1) for identity in published] == before
    finally:
        organisations.change("fournil", profile=old.profile, actor=world.manager)


def test_what_could_not_be_taken_over_is_tried_again(world: BadgeWorld, site: Site, clock: HandClock) -> None:
    badging, keeping = world.badges.badging, world.app.elsewhere.keeping
    identity = taken(world, site.badge("/b1"))
    before = badging.get(identity, NOBODY).content

    def read() -> tuple[str, ...]:
        clock.now += AGAIN * 1.3
        assert keeping.round() == 1
        return keeping.state(identity, NOBODY).differs

    site.badge("/b1", name="x" * 500, description="Autre.", image=f"{site.url}/new.png")
    site.pages["/new.png"] = 503
    assert (read(), read()) == (("name", "image"),) * 2
    (told,) = events(world, "badge_source")
    assert (told.data["state"], told.data["fields"]) == ("differs", ["name", "image"])
    badge = badging.get(identity, NOBODY)
    assert (badge.number, badge.content) == (2, replace(before, description="Autre."))
    site.badge("/b1", name="Bon", description="Autre.", image=f"{site.url}/new.png")
    site.pages["/new.png"] = png(120)
    assert read() == ()
    badge = badging.get(identity, NOBODY)
    assert (badge.number, badge.content.name, badge.content.image != before.image) == (3, "Bon", True)


def test_an_image_that_was_drawn_follows_the_name(world: BadgeWorld, site: Site, clock: HandClock) -> None:
    site.badge("/b1", image=f"{site.url}/none.png")
    identity = taken(world, f"{site.url}/b1")
    site.badge("/b1", name="Zeste", image=f"{site.url}/none.png")
    clock.now += AGAIN * 1.3
    assert world.app.elsewhere.keeping.round() == 1
    first, second = (world.badges.badging.image(identity, NOBODY, number=number) for number in (1, 2))
    assert (first.kept, second.kept, b">Z<" in second.data, b">Z<" in first.data) == (True, True, True, False)


def test_an_address_that_does_not_answer_is_asked_ever_more_seldom(world: BadgeWorld, site: Site, clock: HandClock) -> None:
    identity, keeping = taken(world, site.badge("/b1"), publish=False), world.app.elsewhere.keeping
    clock.now += AGAIN * 1.3
    since = clock.now
    site.pages["/b1"] = 503
    for tries, delay in enumerate((*DELAYS, DELAYS[-1]), 1):
        before = site.counted("/b1")
        assert (keeping.round(), keeping.round()) == (1, 0)
        assert site.counted("/b1") == before + 1
        state = keeping.state(identity, world.member)
        assert (state.word, state.unreachable_since[:16]) == ("unreachable", since.isoformat()[:16])
        assert len(events(world, "badge_source")) == min(1, tries - 1)
        clock.now += delay * 0.7
        assert keeping.round() == 0
        clock.now += delay * 0.6
    site.badge("/b1", description="De retour.")
    assert keeping.round() == 1
    assert keeping.state(identity, world.member).word == "same"
    assert world.badges.badging.get(identity, world.member).content.description == "De retour."
    assert [each.data["state"] for each in events(world, "badge_source")] == ["unreachable", "back"]


def test_of_two_processes_one_reads(world: BadgeWorld, site: Site, clock: HandClock) -> None:
    taken(world, site.badge("/b1"))
    clock.now += AGAIN * 1.3
    app = world.app
    other = ElsewhereServices.of(app.engine, app.badges, app.linting, PublicName(), OWN, clock=clock, seconds=1.0).keeping
    before, rounds = site.counted("/b1"), list[int]()

    def slow(handler: BaseHTTPRequestHandler) -> None:
        rounds.append(other.round())
        handler.send_response(500)
        handler.end_headers()

    site.pages["/b1"] = slow
    assert app.elsewhere.keeping.round() == 1
    assert (rounds, site.counted("/b1")) == ([0], before + 1), "the other process finds nothing due while the first one reads"
    # Who dies while it reads leaves what is due again.
    assert timedelta(0) < HELD < DELAYS[0]


def test_those_made_by_hand_or_restored_are_enrolled_and_retired_ones_left(world: BadgeWorld, site: Site, clock: HandClock) -> None:
    address, keeping = site.badge("/b1", description="Là-bas."), world.app.elsewhere.keeping
    made = world.published("À la main", world.skills[0], hosted="elsewhere", address=address)
    assert keeping.state(made.id, NOBODY).word == "waiting"
    keeping.round()
    clock.now += timedelta(hours=7)
    keeping.round()
    state = keeping.state(made.id, NOBODY)
    # Nothing is taken over where it is not known what was said before.
    assert (state.word, "name" in state.differs, world.badges.badging.get(made.id, NOBODY).number) == ("differs", True, 1)
    world.badges.badging.retire(made.id, world.manager)
    before = site.counted("/b1")
    clock.now += AGAIN * 1.3
    assert (keeping.round(), site.counted("/b1")) == (0, before)


def test_read_again_for_whoever_asks(world: BadgeWorld, site: Site) -> None:
    one, two = world.skills[:2]
    identity, keeping = taken(world, site.badge("/b1", alignment=[to(one)])), world.app.elsewhere.keeping
    site.badge("/b1", alignment=[to(two)])
    says = keeping.read_again(identity)
    assert (says.concepts, says.state.lost, says.state.read != "") == ((two,), (one,), True)
    for actor, error in ((NOBODY, Exception), (world.stranger, Forbidden)):
        with pytest.raises(error):
            keeping.reread(identity, actor)
    site.pages["/b1"] = {"@context": "https://w3id.org/openbadges/v2", "type": "Issuer", "id": f"http://{NAME}/i", "name": "x", "url": "http://x.example.org"}
    says = keeping.reread(identity, world.member)
    assert (says.said, says.state.word) == (None, "unreachable")
    assert "no badge class" in says.state.error
    with pytest.raises(NotFound, match="not hosted elsewhere"):
        keeping.read_again(world.published().id)


def test_drafts_and_what_waits_are_discarded(world: BadgeWorld, site: Site) -> None:
    badging = world.badges.badging
    identity = taken(world, site.badge("/b1", alignment=[to(world.skills[0])]), publish=False)
    assert world.badges.catalogue.find(Listed(), world.member).total == 1
    with pytest.raises(NotFound):
        badging.discard(identity, world.stranger)
    assert badging.discard(identity, world.member) is None
    assert world.badges.catalogue.find(Listed(), world.member).total == 0
    with pytest.raises(NotFound):
        badging.get(identity, world.member)
    published = world.published("Pétrir", world.skills[0])
    with pytest.raises(Conflict, match="nothing to discard"):
        badging.discard(published.id, world.member)
    changed = badging.change(published.id, replace(published.content, name="Cuire"), world.member, version=None)
    assert changed.draft is not None
    left = badging.discard(published.id, world.member, version=changed.version)
    assert left is not None
    assert (left.draft, left.content.name) == (None, "Pétrir")
    assert [each.space for each in events(world, "badge_discarded")] == ["fournil"]
