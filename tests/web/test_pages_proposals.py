"""The pages of proposals, as plain forms: proposing field by field, drafts, suggestions without an account; on both engines."""

from __future__ import annotations

import html
import re

import pytest

from tests.engines import arcadedb_engine, engine, neo4j_engine
from tests.flows.proposal_tools import ADA, BOB, GLUE, JOINER, MAY, SAW, WOOD, Ground, text
from tests.web.known_people import STRANGER
from tests.web.page_forms import FORM, Site, ground, site, the_one
from wikic.domain.ids import new_uuid
from wikic.domain.proposals_changes import (
    AddRelation,
    ChangeLabels,
    ChangeText,
    MergeConcepts,
    MoveConcept,
    SplitConcept,
    subject_of,
    type_of,
)
from wikic.domain.records import Label
from wikic.domain.vocabulary import ALTERNATIVE, PREFERRED
from wikic.services.editing import Create, Move, SetStatus, SetText

__all__ = ["arcadedb_engine", "engine", "ground", "neo4j_engine", "site"]

PLANE, RIP = new_uuid(), new_uuid()


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

    def test_a_form_that_is_sent_twice_makes_one_proposal(self, site: Site, ground: Ground) -> None:
        form = site.be(ADA).get(f"/propose?type=text&field=definition&concept={SAW}&language=en")
        sent = {"text": "To cut.", "justification": "so", "action": "submit"}
        first, second = (site.fill(form, "/propose", **sent) for _ in range(2))
        assert (first.status_code, second.headers["location"]) == (303, first.headers["location"])
        site.fill(form, "/propose", **sent | {"text": "To rip."})
        changes = [one.changes[0] for one in ground.app.proposing.list(ADA, author=ADA.id).items]
        assert [one.text for one in changes if isinstance(one, ChangeText)] == ["To rip.", "To cut."]
        form = site.be(None).get(f"/propose?type=text&field=definition&concept={GLUE}&language=en")
        for _ in range(2):
            assert site.fill(form, "/propose", **sent | {"action": "suggest"}).status_code == 303
        assert len(ground.app.suggesting.held(MAY)) == 1

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

    def test_a_heading_of_an_importance_leads_to_a_form_with_it(self, site: Site) -> None:
        page = site.be(ADA).get(f"/c/{JOINER}")
        address = html.unescape(re.findall(r'href="(/propose\?type=relate[^"]*importance=essential[^"]*)"', page)[0])
        assert re.search(r'value="essential" selected', site.get(address))

    def test_looking_for_a_concept_is_a_step_of_the_form(self, site: Site, ground: Ground) -> None:
        site.be(ADA)
        form = site.get(f"/propose?type=relate&concept={JOINER}&relation=related")
        found = site.fill(form, "/propose", q="work wood", action="find")
        assert found.status_code == 200
        assert f'name="target" value="{WOOD}"' in found.text
        sent = site.fill(found.text, "/propose", target=WOOD, importance="optional", justification="so", action="submit")
        assert sent.status_code == 303
        assert the_one(ground).changes[0] == AddRelation(JOINER, "related", WOOD, "optional", seq=the_one(ground).seq)

    def test_an_inverse_relation_starts_at_the_other_end(self, site: Site, ground: Ground) -> None:
        site.be(ADA)
        form = site.get(f"/propose?type=relate&concept={GLUE}&relation=skill_required_by")
        site.fill(form, "/propose", target=SAW, justification="so", action="submit")
        change = the_one(ground).changes[0]
        assert (change.source, change.relation, change.target) == (SAW, "skill_requires", GLUE)

    @pytest.mark.parametrize(
        ("query", "sent", "wanted"),
        [
            (f"type=unrelate&concept={JOINER}&source={JOINER}&relation=requires&target={SAW}", {}, ("unrelate", SAW)),
            (f"type=importance&concept={JOINER}&source={JOINER}&relation=requires&target={GLUE}", {"importance": "key"}, ("importance", GLUE)),
            (f"type=move&concept={SAW}", {"old": WOOD, "target": ""}, ("move", WOOD)),
            (f"type=deprecate&concept={GLUE}", {"target": SAW}, ("deprecate", SAW)),
            (f"type=map&concept={SAW}", {"relation": "close_match", "target": PLANE}, ("map", PLANE)),
        ],
    )
    def test_other_forms(self, site: Site, ground: Ground, query: str, sent: dict[str, str], wanted: tuple[str, str]) -> None:
        ground.framework.edit(Create("skill", (Label("plane boards", "en", PREFERRED),), {}, PLANE))
        ground.app.reading.forget()
        site.be(ADA)
        answer = site.fill(site.get(f"/propose?{query}"), "/propose", **sent, justification="so", action="submit")
        assert answer.status_code == 303, answer.text
        proposal = the_one(ground)
        assert proposal.types() == [wanted[0]]
        assert wanted[1] in proposal.concepts()
        page = site.get(f"/proposals/{proposal.id}")
        # What only leaves a place is not said to go there.
        assert ("→ work wood" in page, "Move · saw planks" in page) == (False, wanted[0] == "move")

    def test_what_one_scheme_has_many_of_does_not_hide_another(self, site: Site, ground: Ground) -> None:
        ground.framework.edit(*(Create("skill", (Label(f"saw planks well {each}", "en", PREFERRED),), {}, new_uuid()) for each in range(30)))
        ground.framework.edit(Create("knowledge", (Label("planks", "en", PREFERRED),), {}, PLANE))
        ground.app.reading.forget()
        site.be(ADA)
        for kind, start, query, wanted in (("map", PLANE, "saw planks well", SAW), ("merge", SAW, "planks", PLANE)):
            form = site.get(f"/propose?type={kind}&concept={start}")
            assert f'name="target" value="{wanted}"' in site.fill(form, "/propose", q=query, action="find").text

    def test_what_is_not_there_yet_has_a_form_too(self, site: Site, ground: Ground) -> None:
        page = site.be(ADA).get(f"/c/{SAW}")
        for kind, language, sent in (("text", "oc", {"text": "Ressar."}), ("labels", "oc", {"preferred": "ressar"})):
            address = f"/propose?type={kind}&concept={SAW}"
            assert f'href="{html.escape(address)}"' in page
            choice = site.get(address)
            assert ('name="field"' in choice) == (kind == "text")
            form = site.get(f"{address}&language={language}" + ("&field=scope_note" if kind == "text" else ""))
            assert site.fill(form, "/propose", **sent, justification="so", action="submit").status_code == 303
            change = the_one(ground).changes[0]
            assert (type_of(change), change.lang) == (kind, "oc")

    def test_a_language_in_capitals_is_the_same(self, site: Site, ground: Ground) -> None:
        site.be(ADA)
        form = site.get(f"/propose?type=labels&concept={SAW}&language=EN")
        assert 'name="preferred" type="text" value="saw planks"' in form
        assert 'name="language" value="en"' in form
        assert ">To saw.</textarea>" in site.get(f"/propose?type=text&field=definition&concept={SAW}&language=EN")
        site.fill(form, "/propose", language="EN", preferred="saw boards", justification="so", action="submit")
        change = the_one(ground).changes[0]
        assert {(one.value, one.lang) for one in change.labels} == {("saw boards", "en"), ("cut planks", "en")}

    def test_what_replaces_a_deprecated_entry(self, site: Site, ground: Ground) -> None:
        ground.framework.edit(SetStatus(GLUE, "deprecated"))
        ground.app.reading.forget()
        address = f"/propose?type=deprecate&concept={GLUE}"
        assert f'href="{html.escape(address)}"' in site.be(ADA).get(f"/c/{GLUE}")
        site.fill(site.get(address), "/propose", target=SAW, justification="so", action="submit")
        assert ground.accept(the_one(ground)).seq
        assert set(ground.framework.targets("glue", "replaced_by")) == {SAW}

    def test_a_relation_of_one_branch_and_of_a_rank(self, site: Site, ground: Ground) -> None:
        site.be(ADA)
        form = site.get(f"/propose?type=relate&concept={JOINER}&relation=requires")
        assert site.fill(form, "/propose", target=WOOD, rank="first", action="check").status_code == 400
        sent = {"target": GLUE, "branch": "3228", "importance": "key", "rank": "2", "justification": "so"}
        assert site.fill(form, "/propose", **sent, action="submit").status_code == 303
        change = the_one(ground).changes[0]
        assert change == AddRelation(JOINER, "requires", GLUE, "key", 2, "", "3228", seq=change.seq)
        again = site.get(f"/propose?proposal={the_one(ground).id}&part=0")
        assert ('name="branch" type="text" value="3228"' in again, 'name="rank" type="text" value="2"' in again) == (True, True)

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

    def test_split_into_a_concept_that_is_there_and_a_new_one(self, site: Site, ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
        # However many relations there are, the form has them all.
        monkeypatch.setattr("wikic.web.proposals_making._RELATIONS", 1)
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
        late = site.fill(page, f"{kept}/words", justification="Written beside.")
        assert (late.status_code, ">Written beside.</textarea>" in late.text) == (412, True), "what was typed stays where it is refused"
        refused = site.send(f"{kept}/submit", [("justification", ""), ("version", str(the_one(ground).version))])
        assert "say why" in refused.text
        site.send(f"{kept}/submit", [("justification", "because"), ("version", str(the_one(ground).version))])
        assert (the_one(ground).state, the_one(ground).types()) == ("submitted", ["text"])
        site.fill(site.get(kept), f"{kept}/withdraw")
        assert the_one(ground).state == "withdrawn"

    def test_what_went_back_for_a_conflict_is_mended(self, site: Site, ground: Ground) -> None:
        ground.framework.edit(Create("skill_group", (Label("plane boards", "en", PREFERRED),), {}, PLANE))
        proposal = ground.propose(text("Mine."), MoveConcept(SAW, WOOD, GLUE))
        ground.framework.edit(SetText(SAW, "definition", "en", "Meanwhile."), Move(SAW, WOOD, PLANE))
        ground.app.reading.forget()
        assert len(ground.accept(proposal).conflicts) == 2
        page = site.be(ADA).get(f"/proposals/{proposal.id}")
        assert "handed in like this, the proposal would come back" in page
        for part in (0, 1):
            form = site.get(f"/propose?proposal={proposal.id}&part={part}")
            assert 'aria-label="Conflict."' in form
            checked = site.fill(form, "/propose", action="check").text
            assert ("Nothing keeps it" in checked, "would come back" in checked, 'aria-label="Conflict."' in checked) == (True, False, True)
            site.fill(form, "/propose", action="save")
        assert "would come back" not in site.get(f"/proposals/{proposal.id}")
        site.send(f"/proposals/{proposal.id}/submit", [("justification", "still so"), ("version", str(the_one(ground).version))])
        assert ground.accept(the_one(ground)).conflicts == ()
        assert (ground.text(SAW), set(ground.framework.targets("saw", "broader"))) == ("Mine.", {GLUE})

    def test_terms_come_first(self, site: Site) -> None:
        site.be(STRANGER)
        form = site.get(f"/propose?type=text&field=definition&concept={SAW}&language=en")
        assert "Accept the terms of contribution first." in form
        assert site.fill(form, "/propose", text="x", justification="x", action="submit").status_code == 403

    def test_a_proposal_says_that_terms_come_first(self, site: Site, ground: Ground) -> None:
        address = f"/proposals/{ground.propose(text('To cut.')).id}"
        said = "accept the terms of contribution first."
        assert f'{said} <a href="/terms?next={address}"' in site.be(STRANGER).get(address)
        assert said not in site.be(BOB).get(address)
        assert said not in site.be(None).get(address)

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
        assert site.client.get(f"{address}?token={made.token}").headers["location"] == f"/proposals/{made.proposal.id}"
        assert "r@example.org" not in site.get(f"/proposals/{made.proposal.id}")

    def test_public_pages_are_the_same_for_all_readers(self, site: Site, ground: Ground) -> None:
        ground.propose(text("To cut."))
        site.be(None)
        answer = site.client.get(f"/c/{SAW}", headers=FORM)
        assert answer.headers["cache-control"] == "no-cache"
        again = site.client.get(f"/c/{SAW}", headers=FORM | {"If-None-Match": answer.headers["etag"]})
        assert again.status_code == 304
        assert "Open proposals about this entry" in answer.text
