"""Who hears of proposals and sees them: drafts, suggestions, lots; the queue and its figures."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import Any

import pytest

from tests.flows.proposal_tools import (
    ADA,
    BOB,
    GLUE,
    JOINER,
    MAY,
    ROOT,
    SAW,
    WOOD,
    Ground,
    labels,
    make_ground,
    text,
)
from wikic.domain.access import NOBODY, Actor
from wikic.domain.happenings import may_see
from wikic.domain.ids import new_uuid
from wikic.domain.proposals_changes import (
    AddRelation,
    Change,
    ChangeImportance,
    CreateConcept,
    DeprecateConcept,
    MoveConcept,
)
from wikic.domain.records import Label
from wikic.domain.vocabulary import PREFERRED
from wikic.errors import InvalidInput, NotFound
from wikic.services.deciding import Ruling
from wikic.services.editing import SetText
from wikic.services.queueing import QueueFilter
from wikic.store.engine import Engine, Query, Row

PLANE = new_uuid()


@pytest.fixture
def ground(engine: Engine) -> Ground:
    return make_ground(engine)


def test_what_is_said_can_be_seen(ground: Ground) -> None:
    """To others nothing is said by characters that cannot be shown, or by nothing at all."""
    app, made = ground.app, ground.propose(text("A saw for wood."))
    for unseen in ("so\x07it is", "so\u202eit is"):
        for say in (
            lambda said: app.talking.comment(made.id, said, ADA),
            lambda said: ground.reject(made, said),
            lambda said: app.bulk.decide_many([made.id], Ruling("reject", said), MAY),
            lambda said: app.reverting.revert_concept(SAW, 1, actor=MAY, reason=said),
        ):
            with pytest.raises(InvalidInput, match="cannot be shown"):
                say(unseen)
    assert (ground.state(made), ground.events("comment_added")) == ("submitted", [])
    assert app.talking.comment(made.id, "So\r\nit is.", ADA)["text"] == "So\nit is."
    together = ground.propose(text("A saw for metal."))
    ground.reject(made, " So\r\nit is. ")
    app.bulk.decide_many([together.id], Ruling("reject", " So\r\nit is. "), MAY)
    assert {app.proposing.read(one.id, ADA).decisions[-1].reason for one in (made, together)} == {"So\nit is."}


class TestWhoHears:
    """What happens to a draft, or to a suggestion that is held, is heard by those who may read it."""

    @staticmethod
    def heard(ground: Ground, actor: Actor) -> list[str]:
        return [
            event.kind
            for event in ground.events()
            if event.subject.startswith("proposal/")
            and may_see(actor, event.kind, space=event.space, subject=event.subject, by=event.actor, data=event.data, concepts=bool(event.concepts))
        ]

    def test_of_a_draft_its_author_alone(self, ground: Ground) -> None:
        app, draft = ground.app, ground.propose(text("Not yet."), submit=False)
        app.talking.comment(draft.id, "for myself", ADA)
        app.proposing.withdraw(draft.id, ADA, None)
        assert self.heard(ground, ADA) == ["proposal_made", "comment_added", "proposal_withdrawn"]
        for other in (NOBODY, BOB, MAY, ROOT):
            assert (self.heard(ground, other), app.proposing.list(other).items) == ([], [])
            with pytest.raises(NotFound):
                app.proposing.read(draft.id, other)

    def test_of_a_held_suggestion_contributors(self, ground: Ground) -> None:
        held = ground.app.suggesting.suggest([text("By a reader.")], "x", sender="192.0.2.1").proposal
        ground.app.talking.comment(held.id, "is it so?", BOB)
        assert "comment_added" in self.heard(ground, ADA)
        assert self.heard(ground, NOBODY) == []


class TestQueue:
    def test_by_impact_then_age(self, ground: Ground) -> None:
        calm = ground.propose(text("x", WOOD))
        first, second = ground.propose(text("x")), ground.propose(text("x", GLUE), by=BOB)
        assert [one.id for one in ground.app.queueing.page(MAY).items] == [first.id, second.id, calm.id]
        page = ground.app.queueing.page(MAY, limit=2)
        assert [one.id for one in ground.app.queueing.page(MAY, limit=2, cursor=page.next).items] == [calm.id]
        ground.reject(first)
        assert [one.id for one in ground.app.queueing.page(MAY).items] == [second.id, calm.id]
        assert ground.app.queueing.counts(MAY) == {"main": 2, "spelling": 0, "conflict": 0}

    def test_filters(self, ground: Ground) -> None:
        saw, glue = ground.propose(text("x")), ground.propose(labels("glue planks", uuid=GLUE), by=BOB)
        relation = ground.propose(AddRelation(JOINER, "requires", SAW, branch="3228"))
        wanted: list[tuple[QueueFilter, list[str]]] = [
            (QueueFilter(scheme="esco"), [saw.id, glue.id, relation.id]),
            (QueueFilter(scheme="rome"), []),
            (QueueFilter(kind="occupation"), [relation.id]),
            (QueueFilter(type="labels"), [glue.id]),
            (QueueFilter(author=ADA.id), [saw.id, relation.id]),
            (QueueFilter(branch="3228"), [relation.id]),
            (QueueFilter(within=WOOD), [saw.id, relation.id]),
            (QueueFilter(concept=GLUE), [glue.id]),
            (QueueFilter(assignee="none"), [saw.id, glue.id, relation.id]),
            (QueueFilter(assignee=MAY.id), []),
            (QueueFilter(before="2026-01-01"), []),
            (QueueFilter(kind="skill", author=ADA.id), [saw.id, relation.id]),
        ]
        for filters, ids in wanted:
            assert {one.id for one in ground.app.queueing.page(MAY, filters=filters).items} == set(ids), filters

    def test_alike_ones_together(self, ground: Ground) -> None:
        one = ground.propose(text("x"))
        ground.propose(text("x", GLUE))
        other = ground.propose(text("y", field="note"), by=BOB)
        order = [each.concepts()[0] for each in ground.app.queueing.page(MAY, order="alike").items]
        assert order in ([SAW, SAW, GLUE], [GLUE, SAW, SAW])
        assert [each.id for each in ground.app.queueing.alike(one, MAY)] == [other.id]
        ground.propose(text("z", JOINER), text("z", WOOD))
        ground.propose(text("z", lang="fr"), text("z", WOOD, "fr"))
        ground.propose(text("z", WOOD, "de"))
        order = [each.concepts()[0] for each in ground.app.queueing.page(MAY, order="alike").items]
        assert len(list(groupby(order))) == len(set(order)), "also where one of them touches more"

    def test_lots(self, ground: Ground) -> None:
        for title, why in ((" ", "once"), ("t", " ")):
            with pytest.raises(InvalidInput):
                ground.app.proposing.make_lot(title, [[text("a")]], ADA, justification=why)
        lot = ground.app.proposing.make_lot("t", [[text("a")], [text("b", GLUE)]], ADA, justification="once")
        said = [(event.subject, list(event.concepts), event.data) for event in ground.events("proposal_submitted")]
        assert said == [(f"proposal/{part.id}", part.concepts(), {"lot": lot.id}) for part in lot.parts], "queues and watchers hear of each"
        assert [one.lot_part for one in ground.app.proposing.lot(lot.id, BOB).parts] == [0, 1]
        ground.app.deciding.decide(lot.parts[0].id, Ruling("accept"), MAY, None)
        assert [one.state for one in ground.app.proposing.lot(lot.id, BOB).parts] == ["accepted", "submitted"]
        with pytest.raises(InvalidInput, match="part 2 of the lot"):
            ground.app.proposing.make_lot("t", [[text("c")], [text(" ", GLUE, "en", "colour")]], ADA, justification="x")

    def test_its_parts_are_what_they_would_be_alone(self, ground: Ground) -> None:
        seq = ground.framework.head
        ground.framework.edit(SetText(SAW, "definition", "en", "Meanwhile."))
        ground.app.reading.forget()
        parts: list[list[Change]] = [
            [text("To cut.", seq=seq)],
            [AddRelation(SAW, "related", GLUE), ChangeImportance(JOINER, "requires", GLUE, "essential")],
            [MoveConcept(SAW, WOOD, GLUE)],
            [CreateConcept("skill", (Label("plane boards", "en", PREFERRED),), uuid=PLANE), AddRelation(PLANE, "broader", WOOD)],
            [DeprecateConcept(GLUE, SAW)],
        ]
        alone = [ground.app.proposing.make(part, ADA, justification="x", submit=True) for part in parts]
        lot = ground.app.proposing.make_lot("t", parts, ADA, justification="x").parts
        names = ("changes", "impact", "neighbours", "line", "schemes", "kinds", "lane", "seq", "state")
        for one, part in zip(alone, lot, strict=True):
            assert [getattr(part, name) for name in names] == [getattr(one, name) for name in names]
            assert {each["code"] for each in part.checks} <= {each["code"] for each in one.checks}
        assert [each["code"] for each in lot[0].checks] == ["moved"]
        with pytest.raises(InvalidInput, match=r"part 2 of the lot: change 1: .* would in the end be broader itself"):
            ground.app.proposing.make_lot("t", [[text("c", GLUE)], [AddRelation(WOOD, "broader", SAW)]], ADA, justification="x")

    def test_reads_do_not_grow_with_its_parts(self, ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
        calls = Counter[str]()
        read = Engine.read

        def counted(self: Engine, query: Query, **parameters: Any) -> list[Row]:
            calls[query.name] += 1
            return read(self, query, **parameters)

        monkeypatch.setattr(Engine, "read", counted)
        seen = []
        for size in (2, 20):
            calls.clear()
            ground.app.proposing.make_lot("t", [[text("a", lang=f"a{chr(97 + n)}")] for n in range(size)], ADA, justification="x")
            seen.append(dict(calls))
        assert seen[0] == seen[1]

    def test_an_admin_is_no_author(self, ground: Ground) -> None:
        assert ground.accept(ground.propose(text("x")), by=ROOT).seq
