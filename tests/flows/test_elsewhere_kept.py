"""Badge classes hosted elsewhere: how they are kept up to date, read again for whoever asks, and left; on both engines."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler

import pytest

from tests.flows.badge_world import BadgeWorld
from tests.flows.elsewhere_world import OWN, clock, events, running, sample, site, to, world
from tests.flows.people_world import HandClock
from tests.outside_site import NAME, PublicName, Site, png
from wikic.domain.access import NOBODY, Actor
from wikic.domain.changes import stamp
from wikic.errors import Conflict, Forbidden, NotFound
from wikic.services.badging_catalogue import Asked as Listed
from wikic.services.elsewhere import AGAIN, Asked
from wikic.services.elsewhere_gathering import of_addresses
from wikic.services.elsewhere_keeping import DELAYS, HELD, SaysNow
from wikic.services.elsewhere_parts import ElsewhereServices
from wikic.store import badges_elsewhere as states
from wikic.store.badges import forget_draft
from wikic.store.engine import Row

__all__ = ["clock", "running", "sample", "site", "world"]


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


def test_one_that_breaks_holds_up_no_other(world: BadgeWorld, site: Site, clock: HandClock, monkeypatch: pytest.MonkeyPatch) -> None:
    keeping = world.app.elsewhere.keeping
    bad, good, gone = (taken(world, site.badge(f"/b{number}")) for number in range(3))
    read = keeping._read
    asked: list[str] = []

    def breaking(state: Row, badge: Row, actor: Actor, *, force: bool) -> SaysNow:
        asked.append(str(badge["key"]))
        if badge["key"] == bad:
            raise ValueError("what nobody foresaw")
        if badge["key"] == gone:
            world.app.engine.write(lambda tx: forget_draft(tx, gone))
        return read(state, badge, actor, force=force)

    monkeypatch.setattr(keeping, "_read", breaking)
    clock.now += AGAIN * 1.3
    assert keeping.round() == 3
    assert sorted(asked) == sorted([bad, good, gone])
    assert keeping.state(good, NOBODY).read == stamp(clock.now)
    clock.now += HELD
    assert (keeping.round(), asked[3:]) == (1, [bad]), "it is tried again"


def test_what_is_discarded_while_it_is_enrolled_is_not_there(world: BadgeWorld, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    keeping = world.app.elsewhere.keeping
    made = world.published("À la main", world.skills[0], hosted="elsewhere", address=site.badge("/b1"))

    monkeypatch.setattr(states, "add", lambda engine, _: engine.write(lambda tx: forget_draft(tx, made.id)))
    with pytest.raises(NotFound):
        keeping.reread(made.id, world.member)


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
