"""Badge classes hosted elsewhere: how they come in, one or a whole catalogue, and what is refused and leaves nothing; on both engines."""

from __future__ import annotations

from typing import Any

import pytest

from tests.flows.badge_world import BadgeWorld
from tests.flows.elsewhere_world import BAKER, HOST, OWN, clock, events, kept, running, sample, site, to, why, world
from tests.outside_site import Site, badge_class
from tests.people import OPERATOR
from tests.sample_world import release
from wikic.domain.access import NOBODY
from wikic.domain.edits import SetStatus
from wikic.domain.ids import derived_uuid
from wikic.domain.records import Label
from wikic.domain.vocabulary import DEPRECATED
from wikic.errors import Forbidden, InvalidInput, NotFound, TargetRefused, TooLarge
from wikic.services.badging_catalogue import Asked as Listed
from wikic.services.editing import Create
from wikic.services.elsewhere import Asked
from wikic.services.elsewhere_gathering import Wanted, of_addresses, of_documents, wanted_of

__all__ = ["clock", "running", "sample", "site", "world"]


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
    assert "occupation" in why(world.app.elsewhere.taking.look("fournil", wrong, world.manager).lines[0]), "what is shown before is what is done"
    wrong = wanted_of(f"url,level\n{site.badge('/b3')},practice:9\n")
    refused = world.app.elsewhere.taking.take("fournil", wrong, world.manager)
    assert "there is no level practice:9" in why(refused.lines[0])
    assert refused.applied is False


def test_what_is_not_in_use_any_more_is_said_and_not_bound(world: BadgeWorld, site: Site) -> None:
    ended, one = derived_uuid("elsewhere|ended"), world.skills[0]
    world.app.editing.apply([Create("skill", (Label("Graver le bois", "fr", "preferred"),), uuid=ended)], actor="test", summary="made")
    release(world.app, "2026-carved")
    world.app.editing.apply([SetStatus(ended, DEPRECATED)], actor="test", summary="ended")
    pinned = {"targetName": "Graver", "targetUrl": f"{OWN}/r/2026-carved/c/{ended}"}
    offers = world.app.elsewhere.taking.take("fournil", of_addresses([site.badge("/b1", alignment=[pinned, to(one)])]), world.manager)
    (line,) = offers.lines
    assert (line.result, [note.about for note in line.notes if note.key == "out_of_use"]) == ("taken", ["Graver"])
    assert [each.concept for each in world.badges.bindings.open_of([line.badge])[line.badge]] == [one]


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
