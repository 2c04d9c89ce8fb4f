"""What an import finds changed on both sides becomes proposals, together with the import's number; no edit is lost, and what was rejected does not
come back. On both engines; with the real files: test_reimport_edited."""

from __future__ import annotations

import pytest

from tests.flows.model import Framework, concept, expire_leases, relation, source, uuid_of
from tests.flows.proposal_tools import MAY, Ground
from wikic.bootstrap import app_of
from wikic.domain.proposals import Proposal
from wikic.domain.proposals_changes import AddRelation, ChangeLabels, ChangeText, RemoveRelation
from wikic.domain.records import Label, Record, RelationRecord
from wikic.domain.vocabulary import ALTERNATIVE, PREFERRED
from wikic.errors import WikicError
from wikic.services.editing import Edit, Relate, SetLabels, SetText
from wikic.services.importing import Importing
from wikic.store import events
from wikic.store.engine import Engine

SAW, JOINER = uuid_of("saw"), uuid_of("joiner")
NEEDS = relation("joiner", "requires", "saw", "essential")


def records(definition: str = "One.", name: str = "saw", needs: str = "essential", extra: str = "") -> list[Record]:
    """A skill and an occupation that requires it."""
    saw = concept("saw", name, "scier", alts=["cut"], texts={"definition": definition})
    more = [concept(extra, extra)] if extra else []
    return [saw, concept("joiner", "joiner", kind="occupation"), NEEDS._replace(importance=needs), *more]


@pytest.fixture
def ground(engine: Engine) -> Ground:
    """The first version, with all three edited here."""
    framework = Framework(engine)
    framework.run(source(*records()))
    framework.edit(
        SetText(SAW, "definition", "en", "Mine."),
        SetLabels(SAW, "en", (Label("saw here", "en", PREFERRED), Label("cut", "en", ALTERNATIVE))),
        Relate(JOINER, "requires", SAW, "key"),
    )
    return Ground(app_of(engine, lambda: None), framework)


def waiting(ground: Ground) -> list[Proposal]:
    """What waits in the lane of conflicts."""
    return ground.app.queueing.page(MAY, lane="conflict").items


def by_concept(ground: Ground) -> dict[str, Proposal]:
    return {one.concepts()[0]: one for one in waiting(ground)}


def test_each_concept_has_one_proposal_with_three_values(ground: Ground) -> None:
    report = ground.framework.run(source(*records("Two.", "saw well", "optional"), version="2"))
    found = by_concept(ground)
    assert (len(report.conflicts), set(found)) == (3, {SAW, JOINER})
    saw, joiner = found[SAW], found[JOINER]
    told = {(one.slot.split("|")[0], one.base, str(one.current)[:60]) for one in saw.conflicts}
    assert ("definition", "One.", "Mine.") in told
    assert {type(change) for change in saw.changes} == {ChangeLabels, ChangeText}
    (change,) = joiner.changes
    assert isinstance(change, AddRelation)
    assert (change.importance, change.base["importance"]) == ("optional", "key")
    assert (saw.author, saw.author_name, saw.origin) == ("source:esco", "esco by hand, version 2", "import")
    assert (saw.state, saw.schemes, saw.kinds, saw.line, saw.impact) == ("submitted", ["esco"], ["skill"], [SAW], 1)
    assert saw.seq == report.seq == ground.framework.head
    made = ground.events("proposal_submitted")
    assert sorted(event.subject for event in made) == sorted(f"proposal/{one.id}" for one in found.values())
    last = ground.events()[-1]
    assert (last.kind, last.seq) == ("change", report.seq)  # they become true with the number


def test_accepting_takes_over_what_the_source_says(ground: Ground) -> None:
    ground.framework.run(source(*records("Two.", "saw well", "optional"), version="2"))
    for proposal in waiting(ground):
        assert ground.accept(proposal).seq is not None
    framework = ground.framework
    assert framework.content("saw").texts == {"definition": {"en": "Two."}}
    assert (framework.labels("saw"), framework.labels("saw", ALTERNATIVE)) == (["saw well"], ["cut"])
    assert framework.targets("joiner", "requires")[SAW][0] == "optional"
    assert waiting(ground) == []
    # From now on the source leads again.
    assert framework.run(source(*records("Three.", "saw best", "key"), version="3")).conflicts == []
    assert framework.content("saw").texts == {"definition": {"en": "Three."}}


def test_a_relation_that_was_edited_here_outlives_its_source(ground: Ground) -> None:
    without = [one for one in records() if not isinstance(one, RelationRecord)]
    report = ground.framework.run(source(*without, version="2"))
    (told,) = report.conflicts
    assert (told["base"], told["local"], told["incoming"]) == ("essential", "key", "")
    assert ground.framework.targets("joiner", "requires") == {SAW: ("key", ("local",))}
    (proposal,) = waiting(ground)
    (change,) = proposal.changes
    assert isinstance(change, RemoveRelation)
    assert [(one.base, one.current["importance"], one.proposed) for one in proposal.conflicts] == [("essential", "key", None)]
    # Once, and it stays until somebody decides.
    assert ground.framework.run(source(*without, concept("x", "x"), version="3")).conflicts == []
    assert ground.framework.targets("joiner", "requires") == {SAW: ("key", ("local",))}
    assert ground.accept(proposal).seq is not None
    assert ground.framework.targets("joiner", "requires") == {}
    ground.framework.run(source(*records(), version="4"))
    assert ground.framework.targets("joiner", "requires") == {SAW: ("essential", ("esco",))}


def test_what_was_rejected_does_not_come_back(ground: Ground) -> None:
    ground.framework.run(source(*records("Two.", "saw well", "optional"), version="2"))
    for proposal in waiting(ground):
        ground.reject(proposal)
    for version in ("3", "4"):
        report = ground.framework.run(source(*records("Two.", "saw well", "optional", extra=f"x{version}"), version=version))
        assert (report.conflicts, waiting(ground)) == ([], [])
    assert ground.text(SAW) == "Mine."
    assert ground.framework.targets("joiner", "requires")[SAW][0] == "key"
    # Another change upstream is another question.
    ground.framework.run(source(*records("Three.", "saw well", "optional"), version="5"))
    (proposal,) = waiting(ground)
    assert [(one.base, one.current, one.proposed) for one in proposal.conflicts] == [("Two.", "Mine.", "Three.")]


def test_the_source_changes_its_mind_before_anybody_decides(ground: Ground) -> None:
    ground.framework.run(source(*records("Two."), version="2"))
    (first,) = waiting(ground)
    ground.framework.run(source(*records("Three.", "saw well"), version="3"))
    (second,) = waiting(ground)
    assert (ground.state(first), ground.state(second)) == ("superseded", "submitted")
    assert ground.app.proposing.read(first.id, MAY).superseded_by == second.id
    assert {one.slot.split("|")[0] for one in second.conflicts} == {"definition", "labels"}
    (event,) = ground.events("proposal_superseded")
    assert (event.subject, event.data) == (f"proposal/{first.id}", {"by": second.id})


def test_what_the_source_says_no_longer_is_not_asked(ground: Ground) -> None:
    ground.framework.run(source(*records("Two.", "saw well", "optional"), version="2"))
    first = by_concept(ground)
    # It came to what was chosen here, in two fields; the third it says still.
    ground.framework.run(source(*records("Mine.", "saw well", "key"), version="3"))
    (second,) = waiting(ground)
    assert [(type(change), one.slot.split("|")[0], one.part) for change, one in zip(second.changes, second.conflicts, strict=True)] == [
        (ChangeLabels, "labels", 0)
    ]
    assert [ground.state(one) for one in first.values()] == ["superseded", "superseded"]
    assert ground.app.proposing.read(first[SAW].id, MAY).superseded_by == second.id
    assert ground.app.proposing.read(first[JOINER].id, MAY).superseded_by == ""
    assert ground.accept(second).seq is not None
    assert (ground.framework.labels("saw"), ground.text(SAW)) == (["saw well"], "Mine.")


def test_what_the_source_says_still_goes_over(ground: Ground) -> None:
    ground.framework.run(source(*records("Two."), version="2"))
    (first,) = waiting(ground)
    ground.framework.run(source(*records("Two.", extra="x"), version="3"))
    assert [one.id for one in waiting(ground)] == [first.id]
    ground.framework.run(source(*records("Two.", "saw well", extra="x"), version="4"))
    (second,) = waiting(ground)
    told = {one.slot.split("|")[0]: (one.part, one.proposed) for one in second.conflicts}
    assert (told["labels"][0], told["definition"]) == (0, (1, "Two."))
    assert ground.accept(second).seq is not None
    assert (ground.framework.labels("saw"), ground.text(SAW)) == (["saw well"], "Two.")


def test_what_is_decided_meanwhile_is_not_asked_again(ground: Ground) -> None:
    ground.framework.run(source(*records("Two."), version="2"))
    (first,) = waiting(ground)

    def meanwhile(stage: str, done: int, total: int) -> None:
        if stage == "writing" and ground.state(first) == "submitted" and done == total:
            ground.reject(first)

    Importing(ground.engine).run(source(*records("Two.", "saw well"), version="3"), progress=meanwhile)
    (second,) = waiting(ground)
    assert (ground.state(first), [type(change) for change in second.changes]) == ("rejected", [ChangeLabels])


def test_an_import_that_fails_at_the_last_leaves_no_proposals(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    before = len(ground.events())

    def broken(*_: object) -> dict[str, object]:
        raise WikicError("the last transaction fails")

    with monkeypatch.context() as patched:
        patched.setattr("wikic.store.leases.appended", broken)
        with pytest.raises(WikicError, match="the last transaction"):
            Importing(ground.engine).run(source(*records("Two."), version="2"))
    assert (waiting(ground), len(ground.events())) == ([], before)
    ground.framework.run(source(*records("Two."), version="2"))
    assert len(waiting(ground)) == 1


@pytest.mark.parametrize("writes", range(1, 9))
def test_an_importer_that_dies_leaves_no_proposals(ground: Ground, writes: int) -> None:
    head = ground.framework.head
    died = ground.framework.die(writes, lambda engine: Importing(engine).run(source(*records("Two."), version="2")))
    expire_leases(ground.engine)
    assert len(waiting(ground)) == (0 if died else 1)
    assert (ground.framework.head == head) == died
    assert events.last_event(ground.engine)[0] == len(ground.events())


def test_fifty_edits_survive_a_new_version(engine: Engine) -> None:
    """Half of them meet a change of the source: those are proposals; the rest of the new version is taken over."""
    framework = Framework(engine)
    names = [f"s{n}" for n in range(70)]

    def said(version: int, changed: range) -> list[Record]:
        now = {n: version if n in changed else 1 for n in range(len(names))}
        return [concept(name, f"{name} {now[n]}", texts={"definition": f"{name}: {now[n]}."}) for n, name in enumerate(names)]

    framework.run(source(*said(1, range(0))))
    edits: list[Edit] = []
    for n in range(50):
        uuid = uuid_of(names[n])
        mine = Label(f"mine {n}", "en", PREFERRED)
        edits.append(SetLabels(uuid, "en", (mine,)) if n % 2 else SetText(uuid, "definition", "en", f"Mine {n}."))
    for edit in edits:
        framework.edit(edit)
    report = framework.run(source(*said(2, range(25, 70)), version="2"))
    ground = Ground(app_of(engine, lambda: None), framework)
    found = by_concept(ground)
    assert set(found) == {uuid_of(name) for name in names[25:50]}
    assert len(report.conflicts) == 25
    for n, name in enumerate(names):
        version = 2 if n >= 25 else 1
        label, text = f"{name} {version}", f"{name}: {version}."
        if n < 50:
            label, text = (f"mine {n}", text) if n % 2 else (label, f"Mine {n}.")
        assert (framework.labels(name), framework.content(name).texts["definition"]) == ([label], {"en": text})
