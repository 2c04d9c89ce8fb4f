"""The history says who proposed and who decided; moderators take changes back from there; on both engines."""

from __future__ import annotations

import pytest

from tests.engines import arcadedb_engine, engine, neo4j_engine
from tests.flows.proposal_tools import ADA, MAY, MEL, SAW, WOOD, Ground, labels, text
from tests.web.page_forms import FORM, Site, ground, site
from wikic.domain.proposals_changes import MoveConcept
from wikic.services.editing import SetText

__all__ = ["arcadedb_engine", "engine", "ground", "neo4j_engine", "site"]


def test_who_and_why_and_back_again(site: Site, ground: Ground) -> None:
    proposal = ground.propose(text("To cut."), why="cut is the word")
    seq = ground.accept(proposal).seq
    for address in (f"/c/{SAW}/history", f"/changes/{seq}"):
        page = site.be(None).get(address)
        assert "by ada" in page
        assert "moderated by may" in page
        assert "cut is the word" in page
        assert f'href="/proposals/{proposal.id}"' in page
        assert "/revert" not in page
    site.be(MAY)
    assert f'href="/changes/{seq}/revert"' in site.get(f"/c/{SAW}/history")
    preview = site.get(f"/changes/{seq}/revert")
    assert "To saw." in preview
    assert ground.text(SAW) == "To cut."
    done = site.fill(preview, f"/changes/{seq}/revert", reason="it was better before")
    assert done.status_code == 303
    assert ground.text(SAW) == "To saw."
    assert f"Change no. {seq} taken back: it was better before" in site.get(done.headers["location"])
    # Nothing is left to take back: that is said, and not that several entries are meant.
    again = site.get(f"/changes/{seq}/revert", status=409)
    assert ("This is not possible" in again, "Several possible answers" in again) == (True, False)


def test_back_to_a_point(site: Site, ground: Ground) -> None:
    first = ground.framework.head
    for value in ("One.", "Two."):
        ground.framework.edit(SetText(SAW, "definition", "en", value))
    ground.app.reading.forget()
    site.be(MAY)
    address = f"/c/{SAW}/revert?to={first}"
    assert address in site.get(f"/c/{SAW}/history").replace("&amp;", "&")
    assert site.fill(site.get(address), address).status_code == 303
    assert ground.text(SAW) == "To saw."


def test_who_may_not_decide_proposes_it(site: Site, ground: Ground) -> None:
    first = ground.framework.head
    seq = ground.accept(ground.propose(text("To cut."), labels("cut planks", uuid=SAW), MoveConcept(SAW, WOOD, ""), by=MAY), by=MEL).seq
    ground.app.reading.forget()
    address = f"/c/{SAW}/back?to={first}"
    assert address not in site.be(None).get(f"/c/{SAW}/history")
    assert address in site.be(ADA).get(f"/c/{SAW}/history")
    # Who made the change is led there too.
    assert site.be(MAY).client.get(f"/c/{SAW}/revert?to={first}", headers=FORM).headers["location"] == address
    site.be(ADA)
    done = site.fill(site.get(address), address, reason="it was better before")
    assert done.status_code == 303
    made = ground.app.proposing.read(done.headers["location"].rpartition("/")[2], ADA)
    assert (made.state, made.types(), made.justification) == ("draft", ["labels", "text", "move"], "it was better before")
    assert ground.accept(ground.app.proposing.submit(made.id, ADA, None)).seq == (seq or 0) + 1
    assert (ground.text(SAW), set(ground.framework.targets("saw", "broader"))) == ("To saw.", {WOOD})


def test_what_moved_since_is_in_the_way(site: Site, ground: Ground) -> None:
    seq = ground.framework.edit(SetText(SAW, "definition", "en", "One."))
    ground.framework.edit(SetText(SAW, "definition", "en", "Two."))
    ground.app.reading.forget()
    page = site.be(MAY).get(f"/changes/{seq}/revert")
    for value in ("To saw.", "One.", "Two."):
        assert value in page
    assert 'method="post" action="/changes' not in page
    assert site.send(f"/changes/{seq}/revert", []).status_code == 409


def test_who_may(site: Site, ground: Ground) -> None:
    seq = ground.framework.edit(SetText(SAW, "definition", "en", "One."))
    ground.app.reading.forget()
    assert site.be(None).client.get(f"/changes/{seq}/revert", headers=FORM).status_code == 303
    site.be(ADA).get(f"/changes/{seq}/revert", status=403)
    assert site.send(f"/changes/{seq}/revert", []).status_code == 403
    assert ground.text(SAW) == "One."


def test_what_would_be_refused_is_not_offered(site: Site, ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    imported = ground.framework.head
    seq = ground.accept(ground.propose(text("To cut."))).seq
    monkeypatch.setattr("wikic.services.reverting.MOST", 2)
    history = site.be(MAY).get(f"/c/{SAW}/history")
    assert f'href="/changes/{seq}/revert"' in history
    assert f'href="/changes/{imported}/revert"' not in history
    with monkeypatch.context() as patch:
        # Who asks all the same is told so before anything is composed.
        patch.setattr("wikic.services.reverting.inverse_of_change", None)
        assert "more than the 2 that can be taken back" in site.get(f"/changes/{imported}/revert", status=400)
    assert history.count("Too large to be taken back at once") == 1
    change = site.get(f"/changes/{imported}")
    assert ("Too large to be taken back at once" in change, "/revert" in change) == (True, False)
    assert "Too large" not in site.be(ADA).get(f"/changes/{imported}")


def test_a_small_import_can_be_taken_back(site: Site, ground: Ground) -> None:
    assert f'href="/changes/{ground.framework.head}/revert"' in site.be(MAY).get(f"/changes/{ground.framework.head}")
