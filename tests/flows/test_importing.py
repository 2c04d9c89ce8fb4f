"""Importing again: each rule of docs/importing.md on small sources, on both engines."""

from __future__ import annotations

import pytest

from tests.flows.model import RELATIONS, FakeSource, Framework, Killed, concept, relation, source, uuid_of
from wikic.domain.records import Label, Record
from wikic.domain.vocabulary import ACTIVE, ALTERNATIVE, DEPRECATED, HIDDEN, PREFERRED
from wikic.errors import OlderVersion, RemovalRefused
from wikic.services.editing import Create, SetStatus
from wikic.services.import_planning import ImportOptions
from wikic.services.importing import Importing, version_key
from wikic.store.engine import Engine
from wikic.store.events import read_events
from wikic.store.history import list_changes
from wikic.store.imports import all_imports

SAW = concept("saw", "saw wood", "scier du bois", alts=["cut wood"], texts={"definition": "Cutting."})
PLANE = concept("plane", "plane wood", "raboter")
JOINER = concept("joiner", "joiner", "menuisier", kind="occupation")
NEEDS = relation("joiner", "requires", "saw", "essential")
LIKES = relation("joiner", "requires", "plane", "optional")
ALL: tuple[Record, ...] = (SAW, PLANE, JOINER, NEEDS, LIKES)


def many(n: int, *, without: int = 0) -> list[Record]:
    """n skills, the first `without` left out."""
    return [concept(f"skill-{number}", f"skill {number}") for number in range(without, n)]


class TestTheSameAgain:
    def test_first_import_counts_what_it_adds(self, framework: Framework) -> None:
        report = framework.run(source(*ALL))
        assert report.seq == framework.head > 0
        assert report.added == {"occupation": 1, "skill": 2}
        assert report.relations == {"requires added": 2}
        assert report.read == {"ConceptRecord": 3, "RelationRecord": 2}
        assert framework.targets("joiner", "requires") == {
            uuid_of("saw"): ("essential", ("esco",)),
            uuid_of("plane"): ("optional", ("esco",)),
        }

    def test_same_files_twice_write_nothing(self, framework: Framework) -> None:
        head = framework.run(source(*ALL)).seq
        again = framework.run(source(*ALL))
        assert again.seq is None
        assert again.notes == [f"these very files were imported before, as change {head}: nothing to do"]
        assert framework.head == head

    def test_same_content_in_other_files_writes_nothing(self, framework: Framework) -> None:
        head = framework.run(source(*ALL)).seq
        again = framework.run(source(*reversed(ALL)))
        assert (again.seq, again.unchanged, again.changed_concepts, framework.head) == (None, 3, 0, head)
        assert framework.run(source(*ALL, version="2")).seq is None
        assert framework.head == head

    def test_dry_run_writes_nothing(self, framework: Framework) -> None:
        report = framework.run(source(*ALL), dry_run=True)
        assert (report.seq, report.added["skill"], framework.head) == (None, 2, 0)
        assert not framework.there("saw", 1)

    def test_a_volatile_date_is_no_change(self, framework: Framework) -> None:
        framework.run(source(concept("a", "a", attributes={"modified": "2024"})))
        assert framework.run(source(concept("a", "a", attributes={"modified": "2025"}), version="2")).seq is None

    def test_one_change_and_one_import_are_logged(self, framework: Framework) -> None:
        seq = framework.run(source(*ALL)).seq
        assert seq is not None
        changes = list_changes(framework.engine, ["public"], {"public": seq}, after=0, limit=10)
        assert [(c.seq, c.kind, c.counts) for c in changes] == [
            (seq, "import", {"concepts added": 3, "relations added": 2})
        ]
        assert [row.version for row in all_imports(framework.engine, "public", seq)] == ["1"]
        (event,) = read_events(framework.engine, 0)
        assert (event.kind, event.seq, event.actor, event.name, event.via) == ("change", seq, "operator", changes[0].actor, "operator")


class TestLanguagesAndParts:
    def test_english_then_french_add_up(self, framework: Framework) -> None:
        framework.run(source(concept("a", "saw", texts={"definition": "Cut."}), languages=["en"]))
        report = framework.run(source(concept("a", fr="scier", text_fr="Couper."), languages=["fr"]))
        assert report.changed_concepts == 1
        assert framework.content("a").preferred() == {"en": "saw", "fr": "scier"}
        assert framework.content("a").texts == {"definition": {"en": "Cut.", "fr": "Couper."}}
        assert framework.run(source(concept("a", "saw", texts={"definition": "Cut."}), languages=["en"])).seq is None

    def test_one_language_of_a_newer_version_removes_nothing_of_the_other(self, framework: Framework) -> None:
        framework.run(source(concept("a", "saw", "scier", alts=["cut"], text_fr="Couper.")))
        framework.run(source(concept("a", fr="scier net"), version="2", languages=["fr"]))
        assert framework.labels("a") == ["saw"]
        assert framework.labels("a", ALTERNATIVE) == ["cut"]
        assert framework.labels("a", lang="fr") == ["scier net"]
        assert "definition" not in framework.content("a").texts  # French definitions are covered, and gone

    def test_a_field_that_is_not_covered_keeps_its_values(self, framework: Framework) -> None:
        framework.run(source(concept("a", "saw", hidden=["sawe"], attributes={"reuse_level": "transversal"})))
        framework.run(source(concept("a", "saw well"), version="2", fields=[PREFERRED, ALTERNATIVE]))
        assert framework.labels("a", HIDDEN) == ["sawe"]
        assert framework.content("a").attributes == {"reuse_level": "transversal"}
        # The same records again, but now from files that speak for all fields: what they do not say is gone.
        framework.run(source(concept("a", "saw well"), version="3"))
        assert framework.labels("a", HIDDEN) == []
        assert framework.content("a").attributes == {}

    def test_a_slice_harms_nothing(self, framework: Framework) -> None:
        framework.run(source(*many(40)))
        report = framework.run(source(concept("skill-1", "renamed"), version="2", complete=None))
        assert (report.removed, report.changed) == ({}, {"renamed": 1})
        assert framework.content("skill-39").status == ACTIVE

    def test_an_rdf_file_speaks_for_a_kind_from_95_percent_on(self, framework: Framework) -> None:
        framework.run(source(*many(40)))
        assert framework.run(source(*many(40, without=3), version="2", complete=None)).removed == {}
        assert framework.run(source(*many(40, without=2), version="3", complete=None)).removed == {"skill": 2}

    def test_complete_makes_a_small_file_speak_for_all(self, framework: Framework) -> None:
        framework.run(source(*many(40)))
        options = {"complete": True, "allow_removals": True}
        report = framework.run(source(*many(40, without=20), version="2", complete=None), **options)
        assert report.removed == {"skill": 20}

    def test_a_mapping_table_never_speaks_for_its_concepts(self, framework: Framework) -> None:
        framework.run(source(*many(3)))
        report = framework.run(source(*many(1), version="2", complete=False), complete=True, allow_removals=True)
        assert report.removed == {}

    def test_an_absent_relation_file_removes_no_relation(self, framework: Framework) -> None:
        framework.run(source(*ALL))
        framework.run(source(SAW, PLANE, concept("joiner", "woodworker", kind="occupation"), version="2", relations=[]))
        assert framework.labels("joiner") == ["woodworker"]
        assert len(framework.targets("joiner", "requires")) == 2

    def test_an_absent_concept_file_removes_no_relation(self, framework: Framework) -> None:
        framework.run(source(*ALL))
        framework.run(source(JOINER, relation("joiner", "requires", "saw", "optional"), version="2", complete=None))
        assert framework.targets("joiner", "requires") == {
            uuid_of("saw"): ("optional", ("esco",)),
            uuid_of("plane"): ("optional", ("esco",)),
        }

    def test_relations_of_a_newer_version_are_withdrawn_after_files_without_relations(
        self, framework: Framework
    ) -> None:
        english = concept("joiner", "joiner", kind="occupation")
        framework.run(source(SAW, PLANE, english, NEEDS, LIKES, languages=["en"]))
        french = concept("joiner", fr="menuisier", kind="occupation")
        assert framework.run(source(french, languages=["fr"], relations=[])).changed_concepts == 1
        framework.run(source(SAW, PLANE, JOINER, version="2"))
        assert framework.targets("joiner", "requires") == {}

    def test_a_relation_type_that_is_covered_again_loses_what_is_gone(self, framework: Framework) -> None:
        broader = relation("saw", "broader", "plane")
        framework.run(source(*ALL, broader))
        more = concept("drill", "drill")
        framework.run(source(*ALL, more, version="2", relations=RELATIONS[:1]))
        assert framework.targets("saw", "broader") == {uuid_of("plane"): ("", ("esco",))}
        framework.run(source(*ALL, more, version="3"))
        assert framework.targets("saw", "broader") == {}


class TestVersions:
    def test_an_older_version_is_refused_unless_asked_for(self, framework: Framework) -> None:
        framework.run(source(concept("a", "new"), version="1.10"))
        with pytest.raises(OlderVersion, match=r"version 1\.9 is older than 1\.10"):
            framework.run(source(concept("a", "old"), version="1.9"))
        assert framework.labels("a") == ["new"]
        framework.run(source(concept("a", "old"), version="1.9"), older=True)
        assert framework.labels("a") == ["old"]

    def test_the_same_version_only_adds(self, framework: Framework) -> None:
        framework.run(source(*ALL))
        extra = concept("saw", "saw it", "scier du bois", alts=["rip"], texts={"note": "New."})
        report = framework.run(source(extra, concept("drill", "drill")))
        assert (report.added, report.removed, report.kept) == ({"skill": 1}, {}, 1)
        assert framework.labels("saw") == ["saw wood"]
        assert framework.labels("saw", ALTERNATIVE) == ["cut wood", "rip"]
        assert framework.content("saw").texts == {"definition": {"en": "Cutting."}, "note": {"en": "New."}}
        assert framework.content("plane").status == ACTIVE
        assert len(framework.targets("joiner", "requires")) == 2

    def test_order_of_versions(self) -> None:
        versions = ["1.0-rc1", "1.0.1", "1.0.9", "1.0.10", "2", "60", "460"]
        assert sorted(versions, key=version_key) == versions

    def test_origins_have_versions_of_their_own(self, framework: Framework) -> None:
        framework.run(source(*ALL, version="9"))
        assert framework.run(source(concept("x", "x", scheme="rome"), version="1", origin="rome", kinds=[])).added


class TestDisappearing:
    def test_deprecated_only_when_covered_and_newer_and_comes_back(self, framework: Framework) -> None:
        framework.run(source(*many(40)))
        first = framework.head
        assert framework.run(source(*many(40, without=1))).removed == {}  # not newer
        assert (
            framework.run(source(*many(40, without=1), version="2", kinds=["occupation"])).removed == {}
        )  # not covered
        gone = framework.run(source(*many(40, without=1), version="3"))
        assert (gone.removed, gone.changed) == ({"skill": 1}, {})
        assert (framework.content("skill-0").status, framework.content("skill-0").gone) == (DEPRECATED, True)
        assert framework.content("skill-0", first).status == ACTIVE
        back = framework.run(source(*many(40), version="4"))
        assert (back.added, back.changed) == ({}, {"restored": 1})
        assert (framework.content("skill-0").status, framework.content("skill-0").gone) == (ACTIVE, False)

    def test_what_disappears_keeps_its_relations(self, framework: Framework) -> None:
        framework.run(source(*ALL))
        report = framework.run(source(PLANE, SAW, version="2"))
        assert (report.removed, report.relations) == ({"occupation": 1}, {})
        assert len(framework.targets("joiner", "requires")) == 2
        # It comes back, and one of its relations is withdrawn now.
        framework.run(source(PLANE, SAW, JOINER, LIKES, version="3"))
        assert set(framework.targets("joiner", "requires")) == {uuid_of("plane")}

    def test_relations_to_what_disappears_stay_until_it_comes_back_without_them(self, framework: Framework) -> None:
        framework.run(source(*ALL))
        framework.run(source(SAW, JOINER, NEEDS, version="2"))
        assert len(framework.targets("joiner", "requires")) == 2
        framework.run(source(SAW, PLANE, JOINER, NEEDS, version="3"))
        assert set(framework.targets("joiner", "requires")) == {uuid_of("saw")}

    def test_what_is_withdrawn_can_be_said_again(self, framework: Framework) -> None:
        framework.run(source(*ALL))
        framework.run(source(SAW, PLANE, JOINER, version="2"))
        assert framework.targets("joiner", "requires") == {}
        framework.run(source(*ALL, version="3"))
        assert len(framework.targets("joiner", "requires")) == 2

    def test_more_than_five_percent_is_refused(self, framework: Framework) -> None:
        framework.run(source(*many(40)))
        with pytest.raises(RemovalRefused, match="3 of 40 skill concepts of esco"):
            framework.run(source(*many(40, without=3), version="2"))
        assert framework.content("skill-0").status == ACTIVE
        assert framework.run(source(*many(40, without=2), version="2")).removed == {"skill": 2}
        assert framework.run(source(*many(40, without=9), version="3"), allow_removals=True).removed == {"skill": 7}

    def test_what_was_restored_here_is_not_deprecated_again(self, framework: Framework) -> None:
        framework.run(source(*many(40)))
        framework.run(source(*many(40, without=1), version="2"))
        framework.edit(SetStatus(uuid_of("skill-0"), ACTIVE))
        assert framework.run(source(*many(40, without=1), concept("x", "x"), version="3")).removed == {}
        assert framework.content("skill-0").status == ACTIVE

    def test_what_was_deprecated_here_stays_so(self, framework: Framework) -> None:
        framework.run(source(*ALL))
        framework.edit(SetStatus(uuid_of("saw"), DEPRECATED, replaced_by=uuid_of("plane")))
        framework.run(source(concept("saw", "saw more"), PLANE, JOINER, NEEDS, version="2"))
        assert framework.content("saw").status == DEPRECATED
        assert framework.labels("saw") == ["saw more"]
        assert set(framework.targets("saw", "replaced_by")) == {uuid_of("plane")}

    def test_what_the_source_calls_obsolete_is_deprecated(self, framework: Framework) -> None:
        framework.run(source(*ALL))
        report = framework.run(source(concept("saw", "saw wood", deprecated=True), PLANE, JOINER, NEEDS, version="2"))
        assert report.changed["deprecated"] == 1
        assert not framework.content("saw").gone

    def test_what_is_born_here_never_disappears(self, framework: Framework) -> None:
        framework.run(source(*ALL))
        born = uuid_of("born-here")
        framework.edit(Create("skill", (Label("glue", "en", PREFERRED),), uuid=born))
        framework.run(source(SAW, PLANE, JOINER, concept("x", "x"), version="2"))
        assert framework.content(born).status == ACTIVE


class TestAddresses:
    OLD, NEW = "skill/S4.2.3", "skill/0bd8a8a4-1111-4222-8333-444455556666"

    def coded(self, name: str, kind: str = "skill_group") -> FakeSource:
        version = "1" if name == self.OLD else "2"
        aliases = [] if name == self.OLD else [self.OLD]
        record = concept(name, "analysing data", kind=kind, code="S4.2.3", aliases=aliases)
        return source(record, relation(name, "broader", name), version=version, kinds=[kind])

    def test_a_changed_address_is_recognised_by_the_one_its_code_implies(self, framework: Framework) -> None:
        framework.run(self.coded(self.OLD))
        report = framework.run(self.coded(self.NEW))
        assert (report.added, report.removed, report.changed) == ({}, {}, {"readdressed": 1})
        assert framework.resolve(uuid_of(self.OLD)) == (uuid_of(self.OLD), False)
        assert framework.resolve(uuid_of(self.NEW)) == (uuid_of(self.OLD), True)
        assert framework.content(self.OLD).iri.endswith(self.NEW)

    def test_a_fresh_installation_answers_to_the_old_address(self, framework: Framework) -> None:
        framework.run(self.coded(self.NEW))
        assert framework.resolve(uuid_of(self.NEW)) == (uuid_of(self.NEW), False)
        assert framework.resolve(uuid_of(self.OLD)) == (uuid_of(self.NEW), True)
        framework.run(self.coded(self.OLD), older=True)
        assert framework.resolve(uuid_of(self.OLD)) == (uuid_of(self.NEW), True)

    def test_relations_to_the_new_address_meet_the_old_concept(self, framework: Framework) -> None:
        framework.run(self.coded(self.OLD))
        record = concept(self.NEW, "analysing data", kind="skill_group", aliases=[self.OLD])
        framework.run(source(record, SAW, relation("saw", "broader", self.NEW), version="2"))
        assert set(framework.targets("saw", "broader")) == {uuid_of(self.OLD)}

    def test_another_kind_under_that_code_is_another_concept(self, framework: Framework) -> None:
        framework.run(self.coded(self.OLD))
        report = framework.run(self.coded(self.NEW, kind="field_of_study"))
        assert report.added == {"field_of_study": 1}
        assert report.skipped["alias-taken"][1] == 1

    def test_the_kind_follows_the_source_and_the_past_keeps_its_own(self, framework: Framework) -> None:
        framework.run(source(SAW))
        first = framework.head
        report = framework.run(source(concept("saw", "saw wood", kind="knowledge"), version="2", kinds=["knowledge"]))
        assert (report.added, report.removed, report.changed["reclassified"]) == ({}, {}, 1)
        assert framework.body("saw").identity.kind == framework.content("saw").kind == "knowledge"
        assert framework.body("saw", first).identity.kind == "skill"


class TestTouched:
    def test_a_body_says_when_it_last_changed(self, framework: Framework) -> None:
        first = framework.run(source(*ALL)).seq
        second = framework.run(source(concept("saw", "saw anew"), PLANE, JOINER, NEEDS, LIKES, version="2")).seq
        assert framework.body("saw").seq == second
        assert framework.body("joiner").seq == second  # its neighbour's name changed
        assert framework.body("plane").seq == first
        assert framework.body("joiner", first).seq == first
        third = framework.run(source(concept("saw", "saw anew"), PLANE, JOINER, NEEDS, version="3")).seq
        assert [framework.body(name).seq for name in ("saw", "plane", "joiner")] == [second, third, third]


class TestFailing:
    def test_an_import_that_fails_half_way_leaves_nothing_and_frees_the_space(self, framework: Framework) -> None:
        framework.run(source(*ALL))
        head = framework.head

        def full_disk(stage: str, _done: int, _total: int) -> None:
            if stage == "writing":
                raise OSError("no space left")

        with pytest.raises(OSError, match="no space left"):
            Importing(framework.engine).run(source(*many(5), version="2", kinds=[]), progress=full_disk)
        assert framework.head == head
        assert not framework.there("skill-1", head + 1)
        assert framework.run(source(*many(5), version="2", kinds=[])).added == {"skill": 5}

    def test_changed_origins_of_a_relation_survive_a_kill(self, framework: Framework) -> None:
        framework.run(source(*ALL))
        said = source(NEEDS, origin="crosswalk:other", kinds=[], relations=[])
        writes, deaths = 2, 0
        while framework.die(writes, lambda engine: Importing(engine).run(said, ImportOptions())):
            deaths += 1
            assert framework.targets("joiner", "requires")[uuid_of("saw")] == ("essential", ("esco",))
            framework.edit(Create("skill", (Label(f"made after death {deaths}", "en", PREFERRED),)))
            assert framework.targets("joiner", "requires")[uuid_of("saw")] == ("essential", ("esco",))
            writes += 1
        assert deaths >= 3
        assert framework.targets("joiner", "requires")[uuid_of("saw")] == ("essential", ("crosswalk:other", "esco"))

    def test_an_import_killed_at_any_moment_harms_nothing(self, framework: Framework) -> None:
        framework.run(source(*ALL))
        second = source(concept("saw", "saw anew"), JOINER, concept("drill", "drill"), LIKES, version="2")
        before = [framework.body(name) for name in ("saw", "plane", "joiner")]
        writes = 0
        while framework.die(writes, lambda engine: Importing(engine).run(second)):
            assert [framework.body(name) for name in ("saw", "plane", "joiner")] == before
            writes += 1
        assert writes > 8
        assert framework.labels("saw") == ["saw anew"]
        assert framework.content("plane").status == DEPRECATED


def test_a_kill_is_no_ordinary_error(arcadedb_engine: Engine) -> None:
    """The simulated death must pass every handler, else the tests above prove nothing."""
    assert not issubclass(Killed, Exception)
    assert arcadedb_engine.kind == "arcadedb"
