"""The pages on which proposals are decided and talked about, as plain forms; on both engines."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from tests.engines import arcadedb_engine, engine, neo4j_engine
from tests.flows.proposal_tools import ADA, BOB, GLUE, JOINER, MAY, MEL, SAW, WOOD, Ground, labels, text
from tests.web.known_people import SCOPED
from tests.web.page_forms import Site, ground, site
from tests.web.test_api_proposals import user_row
from wikic.domain.access import Actor
from wikic.domain.ids import new_uuid, relation_id
from wikic.domain.proposals_changes import (
    AddRelation,
    Change,
    DeprecateConcept,
    MapConcept,
    MergeConcepts,
    MoveConcept,
    RemoveRelation,
    RestoreConcept,
    SplitConcept,
)
from wikic.domain.records import Label
from wikic.domain.vocabulary import ALTERNATIVE, PREFERRED
from wikic.services.deciding import Ruling
from wikic.services.editing import Create, SetText
from wikic.store import documents
from wikic.store.tables import USERS
from wikic.web.views_differences import compare

__all__ = ["arcadedb_engine", "engine", "ground", "neo4j_engine", "site"]

PLANE, RIP = new_uuid(), new_uuid()


class TestDeciding:
    def test_accept(self, site: Site, ground: Ground) -> None:
        proposal = ground.propose(text("To cut with a saw."))
        page = site.be(MAY).get(f"/proposals/{proposal.id}")
        assert "To think about" in page
        sent = site.fill(page, f"/proposals/{proposal.id}/decide", verdict="accept")
        assert sent.headers["location"].endswith("?done=accepted")
        assert ground.text(SAW) == "To cut with a saw."
        decided = site.get(sent.headers["location"])
        assert "Accepted: the framework is up to date." in decided
        assert 'name="verdict"' not in decided

    def test_one_part_amended_one_rejected(self, site: Site, ground: Ground) -> None:
        proposal = ground.propose(text("To saw wuud."), text("No.", GLUE), labels("saw boards", "cut planks"))
        page = site.be(MAY).get(f"/proposals/{proposal.id}")
        fields = {"part-1": "reject", "amend-0": "yes", "p0-text": "To saw wood.", "verdict": "accept", "reason": "two of three"}
        assert site.fill(page, f"/proposals/{proposal.id}/decide", **fields).status_code == 303
        assert (ground.text(SAW), ground.text(GLUE)) == ("To saw wood.", "To glue.")
        decided = site.get(f"/proposals/{proposal.id}")
        assert "amended by a moderator" in decided
        assert "two of three" in decided

    def test_values_that_are_not_ticked_are_not_left_out(self, site: Site, ground: Ground) -> None:
        proposal = ground.propose(text("To saw\n\nwuud."), labels("saw boards", "cut planks"))
        address = f"/proposals/{proposal.id}/decide"
        page = site.be(MAY).get(f"/proposals/{proposal.id}")
        again = site.fill(page, address, **{"p0-text": "Other.", "verdict": "accept"})
        assert (again.status_code, ground.text(SAW)) == (400, "To saw.")
        for said in ("was not ticked", ">Other.</textarea>", 'name="amend-0" value="yes" checked'):
            assert said in again.text
        assert site.fill(again.text, address, verdict="accept").status_code == 303
        assert ground.text(SAW) == "Other."
        other = ground.propose(text("To saw\n\nwuud."))
        page = site.get(f"/proposals/{other.id}")
        # As browsers send it, and refused as a whole: nothing is asked.
        sent = {"p0-text": "To saw\r\n\r\nwuud.", "verdict": "accept"}
        assert site.fill(page, f"/proposals/{other.id}/decide", **sent).status_code == 303
        assert ground.text(SAW) == "To saw\n\nwuud."
        third = ground.propose(text("Third."))
        page = site.get(f"/proposals/{third.id}")
        assert site.fill(page, f"/proposals/{third.id}/decide", **{"p0-text": "Other.", "verdict": "reject", "reason": "no"}).status_code == 303

    def test_another_target_is_looked_for_and_taken(self, site: Site, ground: Ground) -> None:
        proposal = ground.propose(MergeConcepts(SAW, GLUE, (Label("cut planks", "en", ALTERNATIVE),)), text("To glue well.", GLUE))
        ground.framework.edit(Create("skill", (Label("plane boards", "en", PREFERRED),), {}, PLANE))
        ground.app.reading.forget()
        ground.app.searching.catch_up()
        address = f"/proposals/{proposal.id}/decide"
        page = site.be(MAY).get(f"/proposals/{proposal.id}")
        assert 'value="en|alternative|cut planks" checked' in page
        found = site.fill(page, address, **{"p0-q": "plane", "p0-action": "find", "reason": "better there", "ready": "A right correction.", "part-1": "reject"})
        assert (found.status_code, ground.state(proposal)) == (200, "submitted")
        assert f'name="p0-target" value="{PLANE}"' in found.text
        assert ">better there</textarea>" in found.text
        assert "<option selected>A right correction.</option>" in found.text
        assert 'name="part-1" value="reject" checked' in found.text
        taken = {"p0-target": PLANE, "p0-label": "fr|preferred|scier des planches", "verdict": "accept"}
        assert site.fill(found.text, address, **taken).status_code == 303
        assert set(ground.framework.targets("saw", "replaced_by")) == {PLANE}
        assert {one.value for one in ground.framework.content(PLANE).labels} == {"plane boards", "scier des planches"}
        assert ground.text(GLUE) == "To glue."
        decided = site.get(f"/proposals/{proposal.id}")
        for said in ("Merge into", "glue boards", "plane boards"):
            assert said in decided

    def test_parts_and_relations_of_a_split(self, site: Site, ground: Ground) -> None:
        relations = [relation_id(JOINER, "requires", SAW), relation_id(SAW, "broader", WOOD)]
        ground.framework.edit(Create("skill", (Label("plane boards", "en", PREFERRED),), {}, PLANE))
        ground.framework.edit(Create("skill", (Label("rip planks", "en", PREFERRED),), {}, RIP))
        ground.app.reading.forget()
        ground.app.searching.catch_up()
        proposal = ground.propose(SplitConcept(SAW, (GLUE, PLANE), dict.fromkeys(relations, GLUE)))
        address = f"/proposals/{proposal.id}/decide"
        page = site.be(MAY).get(f"/proposals/{proposal.id}")
        given = page.split("Goes to: glue boards", 1)[1].split("Goes to: plane boards", 1)
        assert [said in given[0] for said in ("Broader: work wood", "Required by occupations: joiner")] == [True, True]
        assert "0 relations" in given[1]
        found = site.fill(page, address, **{"p0-q": "rip", "p0-action": "find"}).text
        added = site.fill(found, address, **{"p0-target": RIP, "p0-action": "add", "p0-q": ""}).text
        dropped = site.fill(added, address, **{"p0-drop": PLANE}).text
        assert (f'name="p0-piece" value="{RIP}"' in dropped, f'name="p0-piece" value="{PLANE}"' in dropped) == (True, False)
        site.fill(dropped, address, **{f"p0-assign-{relations[0]}": RIP, "verdict": "accept"})
        assert set(ground.framework.targets("saw", "replaced_by")) == {GLUE, RIP}
        assert set(ground.framework.targets(JOINER, "requires")) == {GLUE, RIP}

    @pytest.mark.parametrize(
        ("change", "fields", "kind", "expected"),
        [
            (DeprecateConcept(SAW, GLUE), {"p0-target": ""}, "replaced_by", set()),
            (DeprecateConcept(SAW), {"p0-target": WOOD}, "replaced_by", {WOOD}),
            (MoveConcept(SAW, WOOD, ""), {"p0-old": "", "p0-target": GLUE}, "broader", {WOOD, GLUE}),
            (AddRelation(SAW, "related", GLUE), {"p0-relation": "skill_requires"}, "skill_requires", {GLUE}),
            (MapConcept(SAW, "exact_match", PLANE), {"p0-relation": "broad_match", "p0-target": RIP}, "broad_match", {RIP}),
            (RemoveRelation(SAW, "broader", WOOD), {"p0-instead": "optional"}, "broader", {WOOD}),
        ],
    )
    def test_what_can_be_amended(
        self, site: Site, ground: Ground, change: Any, fields: dict[str, str], kind: str, expected: set[str]
    ) -> None:
        for uuid, name in ((PLANE, "plane boards"), (RIP, "rip planks")):
            ground.framework.edit(Create("skill", (Label(name, "en", PREFERRED),), {}, uuid))
        ground.app.reading.forget()
        proposal = ground.propose(change)
        page = site.be(MAY).get(f"/proposals/{proposal.id}")
        if not isinstance(change, MoveConcept):
            assert site.fill(page, f"/proposals/{proposal.id}/decide", **fields, verdict="accept").status_code == 400
        sent = site.fill(page, f"/proposals/{proposal.id}/decide", **fields, **{"amend-0": "yes", "verdict": "accept"})
        assert sent.status_code == 303, re.findall(r"(?s)role=\"alert\".*?</", sent.text)
        assert set(ground.framework.targets("saw", kind)) == expected
        assert ground.app.proposing.read(proposal.id, ADA).decisions[0].amended

    def test_a_restoring_may_lead_elsewhere(self, site: Site, ground: Ground) -> None:
        ground.accept(ground.propose(DeprecateConcept(SAW, GLUE)))
        ground.app.reading.forget()
        proposal = ground.propose(RestoreConcept(SAW))
        page = site.be(MAY).get(f"/proposals/{proposal.id}")
        fields = {"p0-target": WOOD, "amend-0": "yes", "verdict": "accept"}
        assert site.fill(page, f"/proposals/{proposal.id}/decide", **fields).status_code == 303
        assert set(ground.framework.targets("saw", "replaced_by")) == {WOOD}

    def test_of_many_changes_forms_are_shown_when_asked_for(self, site: Site, ground: Ground) -> None:
        changes: list[Change] = [AddRelation(JOINER, "related", WOOD), *(text(f"Word {n}.", lang=f"a{chr(97 + n)}") for n in range(9))]
        proposal = ground.propose(*changes)
        page = site.be(MAY).get(f"/proposals/{proposal.id}")
        assert 'name="p0-importance"' not in page
        shown = site.fill(page, f"/proposals/{proposal.id}/decide", look="0").text
        assert 'name="p0-importance"' in shown
        assert ground.state(proposal) == "submitted"

    def test_somebody_is_looked_for_and_asked(self, site: Site, ground: Ground) -> None:
        ground.engine.write(lambda tx: documents.insert(tx, USERS, user_row("user-eve", "Eve Martin")))
        proposal = ground.propose(text("To cut."))
        address = f"/proposals/{proposal.id}/comment"
        page = site.be(MAY).get(f"/proposals/{proposal.id}")
        found = site.fill(page, address, who="eve", text="Is it so?", find="yes")
        assert found.status_code == 200
        assert '<option value="user-eve" selected>Eve Martin</option>' in found.text
        assert ("eve@example.org" in found.text, ">Is it so?</textarea>" in found.text) == (False, True)
        assert site.fill(found.text, address).status_code == 303
        assert ground.app.proposing.read(proposal.id, ADA).experts == ["user-eve"]
        assert 'name="who"' not in site.be(BOB).get(f"/proposals/{proposal.id}")

    def test_a_rejection_says_why(self, site: Site, ground: Ground) -> None:
        proposal = ground.propose(text("To cut."))
        page = site.be(MAY).get(f"/proposals/{proposal.id}")
        refused = site.fill(page, f"/proposals/{proposal.id}/decide", verdict="reject")
        assert (refused.status_code, "give a reason" in refused.text) == (400, True)
        assert "No source supports it." in page
        site.fill(page, f"/proposals/{proposal.id}/decide", verdict="reject", ready="No source supports it.")
        mine = site.be(ADA).get("/proposals?author=me")
        assert "No source supports it." in mine
        assert "usual delay" in mine.lower()

    def test_no_link_of_an_error_leads_to_what_only_takes_forms(self, site: Site, ground: Ground) -> None:
        proposal = ground.propose(text("Changed."))
        address = f"/proposals/{proposal.id}"
        refused = site.fill(site.be(MAY).get(address), f"{address}/decide", verdict="reject")
        assert refused.status_code == 400
        links = [html.unescape(link) for link in re.findall(r'<(?:a|link)[^>]* href="([^"]*)"', refused.text)]
        assert {f"{address}?lang=fr", f"{address}?lang=en"} <= set(links)
        assert not [link for link in links if "/decide" in link]
        # Somebody opens such an address again: from a history, or from a tab of yesterday.
        lost = site.get(f"{address}/decide", 405)
        assert f'href="{address}">Back to the page</a>' in lost

    def test_a_decision_outlives_the_session(self, site: Site, ground: Ground) -> None:
        proposal = ground.propose(text("To cut."))
        address = f"/proposals/{proposal.id}"
        page = site.be(MAY).get(address)
        late = site.be(None).fill(page, f"{address}/decide", verdict="reject", reason="Because of this.")
        assert (late.status_code, ">Because of this.</textarea>" in late.text) == (401, True)
        assert site.be(MAY).fill(late.text, f"{address}/decide", verdict="reject").status_code == 303
        assert ground.state(proposal) == "rejected"
        assert "Because of this." in site.get(address)

    def test_a_conflict_shows_three_values(self, site: Site, ground: Ground) -> None:
        proposal = ground.propose(text("Yours."))
        page = site.be(MAY).get(f"/proposals/{proposal.id}")
        ground.framework.edit(SetText(SAW, "definition", "en", "Meanwhile."))
        ground.app.reading.forget()
        sent = site.fill(page, f"/proposals/{proposal.id}/decide", verdict="accept")
        assert sent.headers["location"].endswith("?done=conflict")
        shown = site.be(ADA).get(f"/proposals/{proposal.id}")
        for value in ("To saw.", "Meanwhile.", "Yours."):
            assert value in shown
        assert "Changes requested" in shown

    def test_what_changed_meanwhile_is_not_decided_on(self, site: Site, ground: Ground) -> None:
        proposal = ground.propose(text("One."))
        page = site.be(MAY).get(f"/proposals/{proposal.id}")
        ground.app.proposing.edit(proposal.id, ADA, 1, changes=[text("Another.")])
        refused = site.fill(page, f"/proposals/{proposal.id}/decide", verdict="accept")
        assert refused.status_code == 412
        assert ground.text(SAW) == "To saw."

    @pytest.mark.parametrize("who", [ADA, BOB, SCOPED, None])
    def test_who_may_not_decide_has_no_form(self, site: Site, ground: Ground, who: Actor | None) -> None:
        proposal = ground.propose(text("One."))
        assert 'name="verdict"' not in site.be(who).get(f"/proposals/{proposal.id}")
        assert site.send(f"/proposals/{proposal.id}/decide", [("verdict", "accept")]).status_code in (401, 403)

    def test_nobody_decides_their_own(self, site: Site, ground: Ground) -> None:
        proposal = ground.propose(text("One."), by=MAY)
        assert 'name="verdict"' not in site.be(MAY).get(f"/proposals/{proposal.id}")


def test_ready_made_reasons_are_read_in_the_readers_language(site: Site, ground: Ground) -> None:
    one, other, own = ground.propose(text("One.")), ground.propose(text("Two.", GLUE)), ground.propose(text("Three.", GLUE, "fr"))
    page = site.be(MAY).get(f"/proposals/{one.id}")
    site.fill(page, f"/proposals/{one.id}/decide", verdict="reject", ready="No source supports it.", reason="Not even the trade.")
    ground.app.bulk.decide_many([other.id], Ruling("reject", "No source supports it."), MAY)
    ground.app.deciding.decide(own.id, Ruling("reject", "No source supports it. At all."), MAY, None)
    french = "Aucune source ne l'appuie."
    for proposal, said in ((one, f"{french}\nNot even the trade."), (other, french), (own, "No source supports it. At all.")):
        (decision,) = ground.app.proposing.read(proposal.id, MAY).decisions
        assert decision.reason.startswith("No source supports it.")
        assert decision.reason_in("fr") == said
        answer = site.client.get(f"/proposals/{proposal.id}", headers={"Accept": "text/html", "Accept-Language": "fr"})
        assert said in html.unescape(answer.text)
    assert "No source supports it." in site.get(f"/proposals/{one.id}")


class TestTalking:
    def test_comments_support_assignment_and_questions(self, site: Site, ground: Ground) -> None:
        proposal = ground.propose(text("One."))
        address = f"/proposals/{proposal.id}"
        page = site.be(BOB).get(address)
        site.fill(page, f"{address}/comment", text="Is it so?\n<b>Really</b>?")
        site.fill(page, f"{address}/support", wanted="yes")
        page = site.be(MAY).get(address)
        assert "&lt;b&gt;Really&lt;/b&gt;?" in page
        assert "<p>bob</p>" in page
        assert "also looked at by bob" in page
        site.fill(page, f"{address}/assign", wanted="yes")
        assert ground.app.proposing.read(proposal.id, MAY).assignee == MAY.id
        assert "given to may" in site.be(MEL).get(address)
        site.be(None)
        assert 'name="text"' not in site.get(address)

    def test_what_was_written_outlives_the_session(self, site: Site, ground: Ground) -> None:
        proposal = ground.propose(text("One."))
        address = f"/proposals/{proposal.id}"
        page = site.be(BOB).get(address)
        late = site.be(None).fill(page, f"{address}/comment", text="Long words.")
        assert (late.status_code, ">Long words.</textarea>" in late.text, "in another tab" in late.text) == (401, True, True)
        assert site.be(BOB).fill(late.text, f"{address}/comment").status_code == 303
        assert [row["text"] for row in ground.app.talking.comments(proposal.id, BOB, limit=9)] == ["Long words."]

    def test_support_is_taken_back(self, site: Site, ground: Ground) -> None:
        proposal = ground.propose(text("One."))
        address = f"/proposals/{proposal.id}"
        site.fill(site.be(BOB).get(address), f"{address}/support", wanted="yes")
        page = site.get(address)
        assert "Support no more" in page
        site.fill(page, f"{address}/support", wanted="no")
        assert ground.app.talking.supporters(proposal.id, BOB) == []


def test_words_are_compared_one_by_one() -> None:
    before, after = compare("To saw planks of wood.", "To saw boards of wood.")
    assert [(one.kind, one.text) for one in before] == [("same", "To saw "), ("gone", "planks"), ("same", " of wood.")]
    assert [(one.kind, one.text) for one in after] == [("same", "To saw "), ("new", "boards"), ("same", " of wood.")]
    assert compare("", "new") == ([], [*compare("", "new")[1]])
    # Texts that have nothing in common are two texts.
    assert [(one.kind, one.text) for one in compare("To saw.", "A long and wholly different sentence")[0]] == [("gone", "To saw.")]
