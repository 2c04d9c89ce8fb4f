"""The pages of proposals, as plain forms: proposing field by field, drafts, suggestions without an account, deciding, talking; on both engines."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest
from starlette.testclient import TestClient

from tests.engines import arcadedb_engine, engine, neo4j_engine
from tests.flows.proposal_tools import ADA, BOB, GLUE, JOINER, MAY, MEL, SAW, WOOD, Ground, labels, make_ground, text
from tests.web.conftest import PUBLIC_URL
from tests.web.known_people import SCOPED, STRANGER, WithPeople
from tests.web.test_api_proposals import user_row
from tests.web.test_pages import Parsed
from wikic.domain.access import Actor
from wikic.domain.ids import new_uuid, relation_id
from wikic.domain.proposals_changes import (
    AddRelation,
    Change,
    ChangeLabels,
    DeprecateConcept,
    MapConcept,
    MergeConcepts,
    MoveConcept,
    RemoveRelation,
    RestoreConcept,
    SplitConcept,
    subject_of,
    type_of,
)
from wikic.domain.records import Label
from wikic.domain.vocabulary import ALTERNATIVE, PREFERRED
from wikic.services.editing import Create, SetText
from wikic.store import documents
from wikic.store.engine import Engine
from wikic.store.tables import USERS
from wikic.web.acting import SESSION_COOKIE
from wikic.web.app import create_app
from wikic.web.views_differences import compare

__all__ = ["arcadedb_engine", "engine", "neo4j_engine"]

PLANE, RIP = new_uuid(), new_uuid()
FORM = {"Accept": "text/html", "Accept-Language": "en", "Content-Type": "application/x-www-form-urlencoded"}


class Site:
    """A client that reads pages and sends forms as somebody."""

    def __init__(self, client: TestClient, ground: Ground) -> None:
        self.client, self.ground, self.who = client, ground, ""

    def be(self, who: Actor | None) -> Site:
        """From now on as that person."""
        self.client.cookies.delete(SESSION_COOKIE)
        if who is not None:
            self.client.cookies.set(SESSION_COOKIE, who.name)
        return self

    def get(self, address: str, status: int = 200) -> str:
        """A page, which is well formed."""
        answer = self.client.get(address, headers=FORM)
        assert answer.status_code == status, (address, answer.status_code, answer.text[:2_000])
        Parsed(answer.text)
        return str(answer.text)

    def send(self, address: str, fields: list[tuple[str, str]]) -> httpx2.Response:
        """A form."""
        answer = self.client.post(address, content=urlencode(fields), headers=FORM)
        if answer.status_code != 303:
            Parsed(answer.text)
        return answer

    def fill(self, page: str, address: str, /, **changed: Any) -> httpx2.Response:
        """Send the form of a page that goes to an address, with the fields as they stand but for these."""
        form = next(found for found in re.findall(r"(?s)<form[^>]*method=\"post\".*?</form>", page) if f'action="{address}"' in found)
        fields: list[tuple[str, str]] = []
        for name, value in fields_of(form):
            if name not in changed:
                fields.append((name, value))
        for name, value in changed.items():
            fields += [(name, each) for each in (value if isinstance(value, list) else [value])]
        return self.send(address, fields)


def fields_of(form: str) -> Iterator[tuple[str, str]]:
    """The fields of a form as a browser would send them, buttons left out."""
    for tag in re.findall(r"<input[^>]*>", form):
        kind, name = attribute(tag, "type"), attribute(tag, "name")
        if name and (kind not in ("checkbox", "radio") or " checked" in tag):
            yield name, attribute(tag, "value")
    for head, value in re.findall(r"(?s)<textarea([^>]*)>(.*?)</textarea>", form):
        yield attribute(head, "name"), html.unescape(value)
    for head, options in re.findall(r"(?s)<select([^>]*)>(.*?)</select>", form):
        chosen = re.search(r'<option value="([^"]*)" selected', options) or re.search(r'<option value="([^"]*)"', options)
        yield attribute(head, "name"), html.unescape(chosen[1]) if chosen else ""


def attribute(tag: str, name: str) -> str:
    found = re.search(rf'\b{name}="([^"]*)"', tag)
    return html.unescape(found[1]) if found else ""


@pytest.fixture
def ground(engine: Engine) -> Ground:
    return make_ground(engine)


@pytest.fixture
def site(ground: Ground) -> Iterator[Site]:
    with TestClient(create_app(WithPeople(ground.app), PUBLIC_URL), follow_redirects=False) as client:
        yield Site(client, ground)


def the_one(ground: Ground, who: Actor = ADA) -> Any:
    """The newest proposal."""
    return ground.app.proposing.list(who, author=who.id).items[0]


class TestProposing:
    def test_from_a_field_to_a_submitted_proposal(self, site: Site, ground: Ground) -> None:
        site.be(ADA)
        concept = site.get(f"/c/{SAW}")
        address = html.unescape(next(each for each in re.findall(r'href="(/propose[^"]*)"', concept) if "definition" in each))
        form = site.get(address)
        assert ">To saw.</textarea>" in form
        checked = site.fill(form, "/propose", text="To saw planks.", action="check")
        assert checked.status_code == 200
        assert '<ins><span class="visually-hidden">added: </span> planks</ins>' in checked.text
        assert "Nothing keeps it from being submitted." in checked.text
        refused = site.fill(form, "/propose", text="To saw planks.", action="submit")
        assert (refused.status_code, "say why" in refused.text) == (400, True)
        assert ">To saw planks.</textarea>" in refused.text
        sent = site.fill(form, "/propose", text="To saw planks.", justification="planks", sources="https://a.example\nB", action="submit")
        assert sent.status_code == 303
        proposal = the_one(ground)
        assert (proposal.state, proposal.justification, proposal.sources) == ("submitted", "planks", ["https://a.example", "B"])
        assert (proposal.changes[0].text, proposal.changes[0].base) == ("To saw planks.", "To saw.")
        assert "Submitted." in site.get(sent.headers["location"])

    def test_labels_keep_their_roles(self, site: Site, ground: Ground) -> None:
        before = (Label("saw planks", "en", PREFERRED, ("neutral",)), Label("cut planks", "en", ALTERNATIVE, ("male",)))
        ground.accept(ground.propose(ChangeLabels(SAW, "en", before)))
        site.be(ADA)
        form = site.get(f"/propose?type=labels&concept={SAW}&language=en")
        assert 'name="preferred" type="text" value="saw planks"' in form
        site.fill(form, "/propose", preferred="saw boards", alternative="cut planks\nrip planks", justification="x", action="submit")
        assert {(one.value, one.roles) for one in the_one(ground).changes[0].labels} == {
            ("saw boards", ("neutral",)),
            ("cut planks", ("male",)),
            ("rip planks", ()),
        }

    def test_a_name_that_is_taken(self, site: Site) -> None:
        site.be(ADA)
        form = site.get(f"/propose?type=labels&concept={SAW}&language=en")
        checked = site.fill(form, "/propose", preferred="glue boards", action="check").text
        assert "this is already the label of" in checked
        assert f'href="/c/{GLUE}"' in checked

    def test_looking_for_a_concept_is_a_step_of_the_form(self, site: Site, ground: Ground) -> None:
        site.be(ADA)
        form = site.get(f"/propose?type=relate&concept={JOINER}&relation=requires")
        found = site.fill(form, "/propose", q="work wood", action="find")
        assert found.status_code == 200
        assert f'name="target" value="{WOOD}"' in found.text
        sent = site.fill(found.text, "/propose", target=WOOD, importance="optional", justification="so", action="submit")
        assert sent.status_code == 303
        assert the_one(ground).changes[0] == AddRelation(JOINER, "requires", WOOD, "optional", seq=the_one(ground).seq)

    def test_an_inverse_relation_starts_at_the_other_end(self, site: Site, ground: Ground) -> None:
        site.be(ADA)
        form = site.get(f"/propose?type=relate&concept={WOOD}&relation=required_by")
        site.fill(form, "/propose", target=JOINER, justification="so", action="submit")
        change = the_one(ground).changes[0]
        assert (change.source, change.relation, change.target) == (JOINER, "requires", WOOD)

    @pytest.mark.parametrize(
        ("query", "sent", "wanted"),
        [
            (f"type=unrelate&concept={JOINER}&source={JOINER}&relation=requires&target={SAW}", {}, ("unrelate", SAW)),
            (f"type=importance&concept={JOINER}&source={JOINER}&relation=requires&target={GLUE}", {"importance": "key"}, ("importance", GLUE)),
            (f"type=move&concept={SAW}", {"old": WOOD, "target": ""}, ("move", WOOD)),
            (f"type=deprecate&concept={GLUE}", {"target": SAW}, ("deprecate", SAW)),
            (f"type=map&concept={SAW}", {"relation": "close_match", "target": GLUE}, ("map", GLUE)),
        ],
    )
    def test_other_forms(self, site: Site, ground: Ground, query: str, sent: dict[str, str], wanted: tuple[str, str]) -> None:
        site.be(ADA)
        answer = site.fill(site.get(f"/propose?{query}"), "/propose", **sent, justification="so", action="submit")
        assert answer.status_code == 303, answer.text
        proposal = the_one(ground)
        assert proposal.types() == [wanted[0]]
        assert wanted[1] in proposal.concepts()
        site.get(f"/proposals/{proposal.id}")

    def test_a_new_concept_under_another(self, site: Site, ground: Ground) -> None:
        site.be(ADA)
        form = site.get(f"/propose?type=create&preferred_en=plane&target={WOOD}")
        assert 'value="plane"' in form
        sent = site.fill(form, "/propose", preferred_fr="raboter", definition_en="To plane.", target=WOOD, justification="so", action="submit")
        assert sent.status_code == 303, sent.text
        proposal = the_one(ground)
        assert proposal.types() == ["create", "relate"]
        assert ground.accept(proposal).seq

    def test_merge(self, site: Site, ground: Ground) -> None:
        site.be(ADA)
        form = site.get(f"/propose?type=merge&concept={GLUE}")
        site.fill(form, "/propose", target=SAW, justification="one", action="submit")
        change = the_one(ground).changes[0]
        assert isinstance(change, MergeConcepts)
        assert (change.into, [(one.value, one.type) for one in change.labels]) == (SAW, [("glue boards", ALTERNATIVE)])
        site.get(f"/proposals/{the_one(ground).id}")
        assert ground.accept(the_one(ground)).seq

    def test_split_into_a_concept_that_is_there_and_a_new_one(self, site: Site, ground: Ground) -> None:
        site.be(ADA)
        page = site.get(f"/propose?type=split&concept={SAW}")
        page = site.fill(page, "/propose", new_name="saw by hand", action="new").text
        assert "saw by hand" in page
        page = site.fill(page, "/propose", target=GLUE, action="add").text
        assert page.count('name="piece"') == 2
        relations = re.findall(r'name="(assign-[0-9a-f-]+)"', page)
        assert len(relations) == 2
        sent = site.fill(page, "/propose", **{relations[0]: GLUE}, justification="two", action="submit")
        assert sent.status_code == 303, sent.text
        split = the_one(ground).changes[-1]
        assert isinstance(split, SplitConcept)
        assert len(split.parts) == 2
        assert sorted(split.assignments.values()) == sorted(split.parts)
        site.get(f"/proposals/{the_one(ground).id}")
        assert ground.accept(the_one(ground)).seq

    def test_a_draft_gathers_changes(self, site: Site, ground: Ground) -> None:
        site.be(ADA)
        form = site.get(f"/propose?type=text&field=definition&concept={SAW}&language=en")
        kept = site.fill(form, "/propose", text="One.", action="save").headers["location"].partition("?")[0]
        draft = site.get(kept)
        assert "Draft" in draft
        assert site.be(BOB).client.get(kept, headers=FORM).status_code == 404
        site.be(ADA)
        address = html.unescape(next(each for each in re.findall(r'href="(/propose\?proposal=[^"]*)"', draft) if "type=labels" in each and "en" in each))
        second = site.get(address)
        site.fill(second, "/propose", preferred="saw boards", action="save")
        assert the_one(ground).types() == ["text", "labels"]
        edited = site.get(f"/propose?proposal={the_one(ground).id}&part=0")
        assert ">One.</textarea>" in edited
        site.fill(edited, "/propose", text="Two.", action="save")
        assert [change.text for change in the_one(ground).changes if hasattr(change, "text")] == ["Two."]
        page = site.get(kept)
        site.fill(page, f"{kept}/remove", part="1")
        page = site.get(kept)
        assert site.fill(page, f"{kept}/words", justification="").status_code == 303
        refused = site.send(f"{kept}/submit", [("justification", ""), ("version", str(the_one(ground).version))])
        assert "say why" in refused.text
        site.send(f"{kept}/submit", [("justification", "because"), ("version", str(the_one(ground).version))])
        assert (the_one(ground).state, the_one(ground).types()) == ("submitted", ["text"])
        site.fill(site.get(kept), f"{kept}/withdraw")
        assert the_one(ground).state == "withdrawn"

    def test_terms_come_first(self, site: Site) -> None:
        site.be(STRANGER)
        form = site.get(f"/propose?type=text&field=definition&concept={SAW}&language=en")
        assert "Accept the terms of contribution first." in form
        assert site.fill(form, "/propose", text="x", justification="x", action="submit").status_code == 403

    def test_what_was_rejected_before(self, site: Site, ground: Ground) -> None:
        ground.reject(ground.propose(text("To cut.")), "not every cut is sawn")
        site.be(BOB)
        form = site.get(f"/propose?type=text&field=definition&concept={SAW}&language=en")
        assert "not every cut is sawn" in site.fill(form, "/propose", text="To cut.", action="check").text


class TestWithoutAnAccount:
    def test_a_suggestion_of_several_changes(self, site: Site, ground: Ground) -> None:
        form = site.be(None).get(f"/propose?type=text&concept={SAW}&field=definition&language=en")
        same = site.fill(form, "/propose", action="more", next="labels||fr").text
        assert "this is so already" in same
        assert 'name="kept"' not in same
        second = site.fill(form, "/propose", text="To cut.", justification="I know", action="more", next="labels||fr").text
        assert "In your suggestion already" in second
        assert 'name="preferred" type="text" value="scier des planches"' in second
        third = site.fill(second, "/propose", preferred="scier du bois", action="more", next="relate||").text
        assert third.count('name="kept"') == 2
        fewer = site.fill(third, "/propose", forget="1").text
        assert fewer.count('name="kept"') == 1
        sent = site.fill(third, "/propose", action="suggest")
        assert (sent.status_code, sent.headers["location"]) == (303, "/proposals/suggested")
        (held,) = ground.app.suggesting.held(MAY)
        assert [(type_of(change), subject_of(change)) for change in held.changes] == [("text", SAW), ("labels", SAW)]
        assert held.justification == "I know"
        junk = site.fill(third, "/propose", kept="[1", action="suggest")
        assert junk.status_code == 400
        assert 'value="more"' not in site.be(ADA).get(f"/propose?type=text&concept={SAW}&field=definition&language=en")

    def test_a_suggestion_is_held(self, site: Site, ground: Ground) -> None:
        form = site.be(None).get(f"/propose?type=text&field=definition&concept={SAW}&language=en")
        sent = site.fill(form, "/propose", text="To cut.", justification="I know", action="suggest")
        assert (sent.status_code, sent.headers["location"]) == (303, "/proposals/suggested")
        site.get("/proposals/suggested")
        (held,) = ground.app.suggesting.held(MAY)
        assert "Open proposals about this entry" not in site.get(f"/c/{SAW}")
        site.get(f"/proposals/{held.id}", status=404)
        waiting = site.be(BOB).get("/proposals?state=held")
        assert f"/proposals/{held.id}" in waiting
        site.fill(site.get(f"/proposals/{held.id}"), f"/proposals/{held.id}/take-up")
        assert ground.app.proposing.read(held.id, BOB).author == BOB.id
        assert "Open proposals about this entry" in site.be(None).get(f"/c/{SAW}")

    def test_the_link_asks_for_a_click(self, site: Site, ground: Ground) -> None:
        made = ground.app.suggesting.suggest([text("To cut.")], "I know", sender="192.0.2.1", mail="r@example.org")
        address = f"/proposals/{made.proposal.id}/confirm"
        page = site.be(None).get(f"{address}?token={made.token}")
        assert ground.app.suggesting.held(MAY)
        assert site.fill(page, address, token="wrong").status_code == 404
        assert site.fill(page, address).status_code == 303
        assert not ground.app.suggesting.held(MAY)
        assert "r@example.org" not in site.get(f"/proposals/{made.proposal.id}")

    def test_public_pages_are_the_same_for_all_readers(self, site: Site, ground: Ground) -> None:
        ground.propose(text("To cut."))
        site.be(None)
        answer = site.client.get(f"/c/{SAW}", headers=FORM)
        assert answer.headers["cache-control"] == "no-cache"
        again = site.client.get(f"/c/{SAW}", headers=FORM | {"If-None-Match": answer.headers["etag"]})
        assert again.status_code == 304
        assert "Open proposals about this entry" in answer.text


class TestDeciding:
    def test_accept(self, site: Site, ground: Ground) -> None:
        proposal = ground.propose(text("To cut with a saw."))
        page = site.be(MAY).get(f"/proposals/{proposal.id}")
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

    def test_values_that_are_not_ticked_amend_nothing(self, site: Site, ground: Ground) -> None:
        proposal = ground.propose(text("To saw wuud."))
        page = site.be(MAY).get(f"/proposals/{proposal.id}")
        site.fill(page, f"/proposals/{proposal.id}/decide", **{"p0-text": "Other.", "verdict": "accept"})
        assert ground.text(SAW) == "To saw wuud."

    def test_another_target_is_looked_for_and_taken(self, site: Site, ground: Ground) -> None:
        proposal = ground.propose(MergeConcepts(SAW, GLUE, (Label("cut planks", "en", ALTERNATIVE),)), text("To glue well.", GLUE))
        ground.framework.edit(Create("skill", (Label("plane boards", "en", PREFERRED),), {}, PLANE))
        ground.app.reading.forget()
        ground.app.searching.catch_up()
        address = f"/proposals/{proposal.id}/decide"
        page = site.be(MAY).get(f"/proposals/{proposal.id}")
        assert 'value="en|alternative|cut planks" checked' in page
        found = site.fill(page, address, **{"p0-q": "plane", "p0-action": "find", "reason": "better there", "part-1": "reject"})
        assert (found.status_code, ground.state(proposal)) == (200, "submitted")
        assert f'name="p0-target" value="{PLANE}"' in found.text
        assert ">better there</textarea>" in found.text
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
            (MapConcept(SAW, "exact_match", GLUE), {"p0-relation": "broad_match", "p0-target": WOOD}, "broad_match", {WOOD}),
            (RemoveRelation(SAW, "broader", WOOD), {"p0-instead": "optional"}, "broader", {WOOD}),
        ],
    )
    def test_what_can_be_amended(
        self, site: Site, ground: Ground, change: Any, fields: dict[str, str], kind: str, expected: set[str]
    ) -> None:
        proposal = ground.propose(change)
        page = site.be(MAY).get(f"/proposals/{proposal.id}")
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
        changes: list[Change] = [AddRelation(JOINER, "requires", WOOD), *(text(f"Word {n}.", lang=f"a{chr(97 + n)}") for n in range(9))]
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
