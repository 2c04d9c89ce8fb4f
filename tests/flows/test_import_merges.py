"""Importing again: three-way merges and relations of several origins, on both engines."""

from __future__ import annotations

from tests.flows.model import FakeSource, Framework, concept, relation, source, uuid_of
from wikic.domain.records import Label, Record
from wikic.domain.vocabulary import ALTERNATIVE, PREFERRED
from wikic.services.editing import Relate, SetLabels, SetText, Unrelate
from wikic.services.importing import Importing

SAW = concept("saw", "saw wood", "scier du bois", alts=["cut wood"], texts={"definition": "Cutting."})
PLANE = concept("plane", "plane wood", "raboter")
JOINER = concept("joiner", "joiner", "menuisier", kind="occupation")
NEEDS = relation("joiner", "requires", "saw", "essential")
LIKES = relation("joiner", "requires", "plane", "optional")
ALL: tuple[Record, ...] = (SAW, PLANE, JOINER, NEEDS, LIKES)


def test_what_the_same_version_kept_back_comes_with_the_next_slice(framework: Framework) -> None:
    """The same version once more only adds: what it says otherwise is not taken from it, and must not count as known."""
    framework.run(source(SAW, PLANE, JOINER, NEEDS, LIKES))
    said = (concept("saw", "saw well", "scier du bois", alts=["cut wood", "rip"]), relation("joiner", "requires", "saw", "optional"))
    framework.run(source(*said, JOINER, complete=None))
    assert framework.labels("saw") == ["saw wood"]
    assert framework.labels("saw", ALTERNATIVE) == ["cut wood", "rip"]
    framework.run(source(*said, JOINER, complete=None, version="2"))
    assert framework.labels("saw") == ["saw well"]
    assert framework.targets("joiner", "requires")[uuid_of("saw")][0] == "optional"


class TestThreeWayMerge:
    def start(self, framework: Framework) -> str:
        framework.run(source(concept("a", "saw", "scier", alts=["cut", "rip"], texts={"definition": "One."})))
        return uuid_of("a")

    def test_edited_here_only_stays(self, framework: Framework) -> None:
        uuid = self.start(framework)
        framework.edit(SetText(uuid, "definition", "en", "Mine."), SetText(uuid, "note", "en", "Mine too."))
        record = concept("a", "saw", "scier net", alts=["cut", "rip"], texts={"definition": "One."})
        report = framework.run(source(record, version="2"))
        assert (report.conflicts, report.changed) == ([], {"renamed": 1})
        assert framework.content("a").texts == {"definition": {"en": "Mine."}, "note": {"en": "Mine too."}}

    def test_changed_there_only_follows(self, framework: Framework) -> None:
        uuid = self.start(framework)
        framework.edit(SetText(uuid, "note", "en", "Mine."))
        record = concept("a", "saw well", "scier", alts=["cut", "split"], texts={"definition": "Two."})
        assert framework.run(source(record, version="2")).conflicts == []
        assert framework.labels("a") == ["saw well"]
        assert framework.labels("a", ALTERNATIVE) == ["cut", "split"]
        assert framework.content("a").texts == {"definition": {"en": "Two."}, "note": {"en": "Mine."}}

    def test_changed_on_both_sides_stays_and_conflicts_once(self, framework: Framework) -> None:
        uuid = self.start(framework)
        framework.edit(SetText(uuid, "definition", "en", "Mine."))
        two = concept("a", "saw", "scier", alts=["cut", "rip"], texts={"definition": "Two."})
        report = framework.run(source(two, version="2"))
        assert report.conflicts == [
            {
                "concept": uuid,
                "field": "definition",
                "lang": "en",
                "base": "One.",
                "local": "Mine.",
                "incoming": "Two.",
            }
        ]
        assert report.seq == framework.head  # the base advanced
        assert framework.content("a").texts == {"definition": {"en": "Mine."}}
        assert framework.run(source(two, concept("b", "b"), version="3")).conflicts == []
        three = concept("a", "saw", "scier", alts=["cut", "rip"], texts={"definition": "Three."})
        assert [c["base"] for c in framework.run(source(three, concept("b", "b"), version="4")).conflicts] == ["Two."]

    def test_the_same_change_on_both_sides_is_no_conflict(self, framework: Framework) -> None:
        uuid = self.start(framework)
        framework.edit(SetText(uuid, "definition", "en", "Two."))
        record = concept("a", "saw", "scier", alts=["cut", "rip"], texts={"definition": "Two."})
        assert framework.run(source(record, version="2")).conflicts == []
        # From now on the source leads again.
        record = concept("a", "saw", "scier", alts=["cut", "rip"], texts={"definition": "Three."})
        assert framework.run(source(record, version="3")).conflicts == []
        assert framework.content("a").texts == {"definition": {"en": "Three."}}

    def test_removed_on_both_sides_is_no_conflict(self, framework: Framework) -> None:
        uuid = self.start(framework)
        framework.edit(SetText(uuid, "definition", "en", ""))
        assert framework.run(source(concept("a", "saw", alts=["cut", "rip"]), version="2")).conflicts == []

    def test_removed_here_does_not_come_back(self, framework: Framework) -> None:
        uuid = self.start(framework)
        labels = (Label("saw", "en", PREFERRED), Label("rip", "en", ALTERNATIVE))
        framework.edit(SetLabels(uuid, "en", labels), SetText(uuid, "definition", "en", ""))
        record = concept("a", "saw", "scier net", alts=["cut", "rip", "split"], texts={"definition": "One."})
        assert framework.run(source(record, version="2")).conflicts == []
        assert framework.labels("a", ALTERNATIVE) == ["rip", "split"]
        assert framework.content("a").texts == {}

    def test_a_second_edit_keeps_the_first_base(self, framework: Framework) -> None:
        uuid = self.start(framework)
        framework.edit(SetText(uuid, "definition", "en", "Mine."))
        framework.edit(SetText(uuid, "note", "en", "More."))
        record = concept("a", "saw", "scier", alts=["cut", "rip"], texts={"definition": "Two."})
        assert [c["base"] for c in framework.run(source(record, version="2")).conflicts] == ["One."]

    def test_an_edit_between_comparing_and_writing_is_seen(self, framework: Framework) -> None:
        uuid = self.start(framework)

        def meanwhile(stage: str, _done: int, _total: int) -> None:
            if stage == "comparing" and not framework.content("a").edited:
                edited.append(framework.edit(SetText(uuid, "definition", "en", "Mine.")))

        edited: list[int] = []
        record = concept("a", "saw", "scier", alts=["cut", "rip"], texts={"definition": "Two."})
        report = Importing(framework.engine).run(source(record, version="2"), progress=meanwhile)
        assert edited
        assert [c["local"] for c in report.conflicts] == ["Mine."]
        assert framework.content("a").texts == {"definition": {"en": "Mine."}}


class TestRelations:
    def other(self, *records: Record, version: str = "1") -> FakeSource:
        listed = [("requires", "esco", "occupation")]
        return source(*records, origin="crosswalk:other", version=version, kinds=[], relations=listed)

    def test_a_relation_closes_when_its_last_origin_withdraws_it(self, framework: Framework) -> None:
        framework.run(source(*ALL))
        framework.run(self.other(NEEDS))
        assert framework.targets("joiner", "requires")[uuid_of("saw")] == ("essential", ("crosswalk:other", "esco"))
        framework.run(source(SAW, PLANE, JOINER, LIKES, version="2"))
        assert framework.targets("joiner", "requires")[uuid_of("saw")] == ("essential", ("crosswalk:other",))
        framework.run(self.other(version="2"))
        assert set(framework.targets("joiner", "requires")) == {uuid_of("plane")}
        framework.run(self.other(NEEDS, version="3"))
        assert framework.targets("joiner", "requires")[uuid_of("saw")] == ("essential", ("crosswalk:other",))

    def test_a_changed_importance_closes_and_reopens(self, framework: Framework) -> None:
        framework.run(source(*ALL))
        first = framework.head
        report = framework.run(source(SAW, PLANE, JOINER, NEEDS, LIKES._replace(importance="essential"), version="2"))
        assert report.relations == {"requires changed": 1}
        assert framework.targets("joiner", "requires")[uuid_of("plane")][0] == "essential"
        assert framework.targets("joiner", "requires", first)[uuid_of("plane")][0] == "optional"

    def test_removed_here_does_not_come_back(self, framework: Framework) -> None:
        framework.run(source(*ALL))
        framework.edit(Unrelate(uuid_of("joiner"), "requires", uuid_of("saw")))
        framework.run(source(SAW, PLANE, JOINER, NEEDS, version="2"))
        assert framework.targets("joiner", "requires") == {}

    def test_made_here_stays_when_the_source_says_and_withdraws_it(self, framework: Framework) -> None:
        framework.run(source(SAW, PLANE, JOINER, LIKES))
        framework.edit(Relate(uuid_of("joiner"), "requires", uuid_of("saw"), "key"))
        framework.run(source(*ALL, version="2"))
        assert framework.targets("joiner", "requires")[uuid_of("saw")] == ("key", ("esco", "local"))
        framework.run(source(SAW, PLANE, JOINER, LIKES, version="3"))
        assert framework.targets("joiner", "requires")[uuid_of("saw")] == ("key", ("local",))

    def test_importance_edited_here_stays_and_conflicts_once(self, framework: Framework) -> None:
        framework.run(source(*ALL))
        framework.edit(Relate(uuid_of("joiner"), "requires", uuid_of("saw"), "key"))
        assert framework.run(source(*ALL, concept("x", "x"), version="2")).conflicts == []
        changed = (SAW, PLANE, JOINER, concept("x", "x"), LIKES, NEEDS._replace(importance="optional"))
        report = framework.run(source(*changed, version="3"))
        assert [(c["base"], c["local"], c["incoming"]) for c in report.conflicts] == [("essential", "key", "optional")]
        assert framework.targets("joiner", "requires")[uuid_of("saw")][0] == "key"
        assert framework.run(source(*changed, concept("y", "y"), version="4")).conflicts == []

    def test_dangling_and_self_and_double_are_reported(self, framework: Framework) -> None:
        bad = (relation("joiner", "requires", "nobody"), relation("nobody", "requires", "saw"))
        twice = relation("joiner", "requires", "saw", "optional")
        report = framework.run(source(*ALL, *bad, relation("saw", "broader", "saw"), twice))
        assert {slug: skip[1] for slug, skip in report.skipped.items()} == {
            "dangling-relation": 2,
            "self-relation": 1,
            "same-relation": 1,
        }
        assert report.skipped["dangling-relation"][2][0].endswith(f"{bad[0].target} is unknown")
        assert framework.targets("joiner", "requires")[uuid_of("saw")][0] == "essential"  # the stronger one

    def test_an_annotation_adds_to_what_is_there_and_needs_it(self, framework: Framework) -> None:
        framework.run(source(*ALL))
        note = concept("saw", kind="", scheme="", attributes={"riasec": ["R"]})
        stray = concept("stray", kind="", scheme="", attributes={"riasec": ["I"]})
        report = framework.run(source(note, stray, origin="riasec", kinds=[], relations=[]))
        assert (report.added, report.changed_concepts) == ({}, 1)
        assert report.skipped["unknown-concept"][1:] == (1, ["stray"])
        assert framework.content("saw").attributes == {"riasec": ["R"]}
        assert framework.labels("saw") == ["saw wood"]
        assert framework.content("saw").iri.endswith("saw")
