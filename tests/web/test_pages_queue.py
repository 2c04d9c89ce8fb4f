"""The queue as plain forms: lanes, filters, lots and alike ones together, deciding on many after a look at what it would do, undoing; on both engines."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from tests.engines import arcadedb_engine, engine, neo4j_engine
from tests.flows.model import concept, key, source, uuid_of
from tests.flows.proposal_tools import ADA, BOB, GLUE, MAY, MEL, ROOT, SAW, WOOD, Ground, labels, make_ground, text
from tests.people import make_person
from tests.started import started
from tests.web.conftest import PUBLIC_URL
from tests.web.known_people import SCOPED, WithPeople
from tests.web.page_forms import FORM, Site
from wikic.domain.proposals_changes import DeprecateConcept
from wikic.services.deciding import Ruling
from wikic.services.editing import SetText
from wikic.store.engine import Engine

__all__ = ["arcadedb_engine", "engine", "neo4j_engine"]


@pytest.fixture
def ground(engine: Engine) -> Ground:
    return make_ground(engine)


@pytest.fixture
def site(ground: Ground) -> Iterator[Site]:
    with TestClient(started(WithPeople(ground.app), PUBLIC_URL), follow_redirects=False) as client:
        yield Site(client, ground).be(MAY)


def rows(page: str) -> list[str]:
    """The proposals of a page of the queue, in order."""
    return re.findall(r'data-row="([^"]+)"', page)


def test_lanes_orders_and_lots(site: Site, ground: Ground) -> None:
    one = ground.propose(text("To cut.", GLUE))
    spelling = ground.propose(labels("saw plankz", "cut planks"))
    other = ground.propose(text("To cut.", SAW), by=BOB)
    lot = ground.app.proposing.make_lot("Branch 2026", [[text("A.", GLUE)], [text("B.", SAW)]], BOB, justification="agreed by all", sources=["minutes"])
    page = site.get("/queue")
    assert set(rows(page)) == {one.id, other.id, *(part.id for part in lot.parts)}
    assert page.count("agreed by all") == 1
    assert "Lot: Branch 2026 (parts: 2)" in page
    assert rows(site.get("/queue?lane=spelling")) == [spelling.id]
    assert "Spelling <span class=\"count\">1</span>" in page
    together = site.get("/queue?order=alike")
    assert rows(together).index(one.id) - rows(together).index(other.id) in (-1, 1) or len(rows(together)) == 4
    assert set(rows(site.get(f"/queue?lot={lot.id}"))) == {part.id for part in lot.parts}
    assert set(rows(site.get(f"/queue?concept={GLUE}"))) == {one.id, lot.parts[0].id}
    assert rows(site.get("/queue?before=7")) == []


def test_many_at_once_with_a_look_first(site: Site, ground: Ground) -> None:
    fine, clash, own = ground.propose(text("Fine.", GLUE)), ground.propose(text("Clash.")), ground.propose(text("Own."), by=MAY)
    ground.framework.edit(SetText(SAW, "definition", "en", "Meanwhile."))
    ground.app.reading.forget()
    page = site.get("/queue")
    head = ground.framework.head
    preview = site.fill(page, "/queue/preview", id=[fine.id, clash.id, own.id], verdict="accept")
    assert preview.status_code == 200
    assert ground.framework.head == head
    assert "Accept these proposals (1)?" in preview.text
    none = site.fill(page, "/queue/preview", id=[own.id], verdict="accept").text
    assert ('id="confirm" disabled>' in none, "disabled" in preview.text) == (True, False)
    assert "your own work" in preview.text
    for value in ("To saw.", "Meanwhile.", "Clash."):
        assert value in preview.text
    decided = site.fill(preview.text, "/queue/decide")
    assert decided.status_code == 303
    after = site.get(decided.headers["location"])
    assert "Proposals accepted: 1." in after
    assert ground.text(GLUE) == "Fine."
    assert set(rows(after)) == {clash.id, own.id}
    undone = site.fill(after, "/queue/undo")
    assert undone.status_code == 303
    again = site.get(undone.headers["location"])
    assert "Undone." in again
    assert 'action="/queue/undo"' not in again
    assert ground.text(GLUE) == "To glue."
    assert set(rows(again)) == {fine.id, clash.id, own.id}
    assert "Décision annulée" in site.client.get(f"/proposals/{fine.id}?lang=fr", headers=FORM).text
    log = site.client.get("/changes?lang=fr", headers=FORM).text
    site.client.cookies.delete("wikic_lang")
    assert "Annulation de la modification n°" in log
    assert "take back" not in log
    assert "taken back" not in log


def test_only_who_decided_undoes(site: Site, ground: Ground) -> None:
    one = ground.propose(text("One."))
    sent = site.fill(site.get("/queue"), "/queue/preview", id=one.id, verdict="accept")
    done = site.fill(sent.text, "/queue/decide").headers["location"]
    assert 'action="/queue/undo"' in site.get(done)
    assert 'action="/queue/undo"' not in site.be(MEL).get(done)


def test_rejecting_needs_a_reason(site: Site, ground: Ground) -> None:
    one = ground.propose(text("One."))
    preview = site.fill(site.get("/queue"), "/queue/preview", id=one.id, verdict="reject")
    refused = site.fill(preview.text, "/queue/decide", reason="")
    assert (refused.status_code, "give a reason" in refused.text) == (400, True)
    done = site.fill(refused.text, "/queue/decide", ready="No source supports it.")
    assert done.status_code == 303
    assert ground.app.proposing.read(one.id, ADA).decisions[-1].reason == "No source supports it."


def test_saved_filters(site: Site, ground: Ground) -> None:
    one = ground.propose(text("One."))
    page = site.get("/queue?scheme=esco&lane=main")
    assert rows(page) == [one.id]
    saved = site.fill(page, "/queue/filters", name="mine & ESCO")
    assert saved.status_code == 303
    page = site.get("/queue")
    (address,) = re.findall(r'<li><a href="(/queue\?[^"]*)">mine &amp; ESCO', page)
    assert "scheme=esco" in html.unescape(address)
    assert rows(site.get(html.unescape(address))) == [one.id]
    assert "mine &amp; ESCO" not in site.be(MEL).get("/queue")
    site.be(MAY)
    (key,) = re.findall(r'name="forget" value="([^"]+)"', page)
    site.send("/queue/filters", [("forget", key), ("back", "https://elsewhere.example/")])
    assert "mine &amp; ESCO" not in site.get("/queue")


def test_the_log_names_what_was_decided_together_in_the_readers_language(site: Site, ground: Ground) -> None:
    made = [ground.propose(text("One.")), ground.propose(text("Two.", GLUE), by=BOB), ground.propose(text("Own.", WOOD), by=MAY)]
    ground.app.bulk.decide_many([one.id for one in made], Ruling("accept"), MAY)
    ground.app.reading.forget()
    page = site.be(None).client.get("/changes", headers=FORM | {"Accept-Language": "fr"}).text
    assert ("Décision sur 2 propositions" in page, "par ada et 1 autre" in page) == (True, True)
    assert "by ada and 1 other" in site.get(f"/c/{GLUE}/history")


def test_people_are_filtered_by_name_and_concepts_by_address(site: Site, ground: Ground) -> None:
    people = {name: make_person(ground.app, name) for name in ("Ada Lamy", "Bo")}
    theirs, other = ground.propose(text("One."), by=people["Ada Lamy"]), ground.propose(text("Two.", GLUE), by=people["Bo"])
    ground.app.talking.ask(other.id, people["Ada Lamy"].id, "Is it?", MAY)
    page = site.get("/queue?author=ada+lamy")
    assert rows(page) == [theirs.id]
    assert "1 of 1 shown" in page
    (address,) = set(re.findall(r'href="(/queue[^"]*author=[^"&]*)">Ada Lamy', page))
    assert rows(site.get(html.unescape(address))) == [theirs.id]
    page = site.get(f"/queue?expert=@Ada+Lamy&concept={quote(key('glue'))}")
    assert rows(page) == [other.id]
    assert all(f'name="{name}"' in page.partition('class="filter-form"')[2].partition("</form>")[0] for name in ("expert", "concept", "author"))
    assert rows(site.get(f"/queue?within={quote(key('wood'))}")) == [theirs.id]
    # Its page here, and its code, with the scheme or as pages show it.
    ground.framework.run(source(concept("plane", "plane boards", code="P1.2"), complete=False))
    ground.app.reading.forget()
    third = ground.propose(text("Three.", uuid_of("plane")), by=people["Bo"])
    assert rows(site.get(f"/queue?concept={quote(f'https://here.example/c/{GLUE}?lang=fr')}")) == [other.id]
    assert [rows(site.get(f"/queue?concept={code}")) for code in ("P1.2", "esco:P1.2", "ESCO:P1.2", "P1")] == [[third.id]] * 3 + [[]]
    assert "0 of 0 shown" in site.get("/queue?author=nobody")
    assert site.client.get("/queue?before=yesterday").status_code == 400
    assert site.fill(site.get("/queue?kind=nonsense"), "/queue/filters", name="wrong").status_code == 400


def test_rules_and_reasons(site: Site, ground: Ground) -> None:
    page = site.get("/queue/rules")
    assert "One moderator is enough" in page
    assert "Aucune source ne l'appuie." in html.unescape(page)
    assert 'action="/queue/rules"' not in page
    page = site.be(ROOT).get("/queue/rules")
    assert site.fill(page, "/queue/rules", two="yes").status_code == 303
    assert ground.app.deciding.two_moderators()
    assert "two moderators accept them" in site.get("/queue/rules")
    new = page.partition('id="new"')[2]
    assert site.fill(new, "/queue/reasons", en="Said before.", fr="Déjà dit.").status_code == 303
    (added,) = [one for one in ground.app.queueing.reasons("reject") if one.text["en"] == "Said before."]
    fields = [("key", added.key), ("verdict", "reject"), ("en", "Said before."), ("hidden", "yes")]
    assert site.send("/queue/reasons", fields).status_code == 303
    assert "Said before." in site.get("/queue/rules")
    assert "Said before." not in site.be(MAY).get("/queue/rules")
    assert site.be(ROOT).fill(new, "/queue/reasons").status_code == 400


def test_who_is_let_in(site: Site) -> None:
    assert site.be(None).client.get("/queue", headers=FORM).headers["location"] == "/sign-in?next=%2Fqueue"
    site.be(BOB).get("/queue", status=403)
    site.be(SCOPED).get("/queue")
    assert site.be(BOB).send("/queue/decide", [("id", "x"), ("verdict", "accept")]).status_code == 403
    none = site.be(MAY).send("/queue/preview", [("verdict", "accept"), ("back", "/queue?lane=spelling&kind=skill")])
    assert none.headers["location"] == "/queue?lane=spelling&kind=skill&done=none"
    assert "Tick at least one proposal." in site.get(none.headers["location"])
    assert site.send("/queue/decide", [("verdict", "accept")]).status_code == 400


def test_nothing_unseen_is_decided(site: Site, ground: Ground) -> None:
    one = ground.propose(text("Harmless."))
    page = site.get("/queue")
    (value,) = re.findall(r'name="id" value="([^"]+)"', page)
    assert value == f"{one.id}@1"
    ground.app.proposing.edit(one.id, ADA, 1, changes=[text("Something else.")])
    back = ("back", "/queue")
    stale = site.send("/queue/decide", [("id", value), ("verdict", "accept"), back])
    assert (stale.status_code, "was changed meanwhile" in stale.text) == (412, True)
    preview = site.send("/queue/preview", [("id", value), ("verdict", "accept"), back])
    assert "Accept these proposals (0)?" in preview.text
    again = site.fill(preview.text, "/queue/decide")
    assert again.status_code == 412, "the preview sends the version that was chosen"
    assert site.send("/queue/decide", [("id", one.id), ("verdict", "accept"), back]).status_code == 428
    assert ground.text(SAW) == "To saw."


@pytest.mark.parametrize("address", ["/queue/preview", "/queue/decide"])
def test_what_is_no_verdict(site: Site, ground: Ground, address: str) -> None:
    one = ground.propose(text("One."))
    assert site.send(address, [("id", f"{one.id}@1"), ("verdict", "zzz")]).status_code == 400


def test_one_by_itself_goes_back_for_a_conflict_or_waits_for_a_second(site: Site, ground: Ground) -> None:
    late, gone = ground.propose(text("Late.")), ground.propose(DeprecateConcept(GLUE))
    ground.framework.edit(SetText(SAW, "definition", "en", "Meanwhile."))
    ground.app.reading.forget()
    ground.app.deciding.ask_for_two(True, ROOT)
    for one, text_of in ((late, "goes back to its author"), (gone, "a second moderator has to accept it")):
        done = site.send("/queue/decide", [("id", f"{one.id}@1"), ("verdict", "accept"), ("back", "/queue")])
        page = site.get(done.headers["location"])
        assert text_of in page
        assert f'href="/proposals/{one.id}"' in page
    assert [ground.state(one) for one in (late, gone)] == ["changes_requested", "submitted"]
