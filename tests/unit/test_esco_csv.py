"""The ESCO CSV set: a golden set of all its traps, real counts, partial sets, and what is refused."""

from __future__ import annotations

import dataclasses
import json
import shutil
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from importers.esco_csv import open_esco_csv
from wikic.domain.ids import ESCO
from wikic.domain.records import ConceptRecord, RelationRecord, Source
from wikic.errors import SourceError

GOLDEN = Path(__file__).parent.parent / "golden"
SET = GOLDEN / "esco_csv_set"
SKILLS = (
    "conceptType,conceptUri,skillType,reuseLevel,preferredLabel,altLabels,hiddenLabels,status,modifiedDate,"
    "scopeNote,definition,inScheme,description\n"
)


def iri(kind: str, n: int) -> str:
    return f"{ESCO}{kind}/{n:08d}-aaaa-4aaa-8aaa-{n:012d}"


def skill_row(n: int, label: str = "x", skill_type: str = "knowledge") -> str:
    return f"KnowledgeSkillCompetence,{iri('skill', n)},{skill_type},cross-sector,{label},,,released,,,,,\n"


def read(source: Source) -> tuple[dict[str, ConceptRecord], list[RelationRecord]]:
    concepts: dict[str, ConceptRecord] = {}
    relations: list[RelationRecord] = []
    for record in source.records():
        if isinstance(record, ConceptRecord):
            assert record.key not in concepts
            concepts[record.key] = record
        else:
            relations.append(record)
    return concepts, relations


def opened(path: Path, **options: Any) -> tuple[Source, dict[str, ConceptRecord], list[RelationRecord]]:
    source = open_esco_csv(path, version="1.1.1", **options)
    return source, *read(source)


def as_json(source: Source, concepts: dict[str, ConceptRecord], relations: list[RelationRecord]) -> Any:
    coverage = source.coverage()
    seen = {
        "concepts": [dataclasses.asdict(c) for c in concepts.values()],
        "relations": relations,
        "read": source.report.read,
        "skipped": {slug: [s.count, s.places] for slug, s in source.report.skipped.items()},
        "notes": source.report.notes,
        "coverage": {
            f"{scheme}/{kind}": [c.complete, sorted(c.fields), sorted(c.languages)]
            for (scheme, kind), c in coverage.kinds.items()
        },
        "covered relations": sorted(coverage.relations),
    }
    return json.loads(json.dumps(seen))


def test_golden() -> None:
    assert as_json(*opened(SET)) == json.loads((GOLDEN / "esco_csv_set.json").read_text("utf-8"))


def test_a_zip_says_the_same_as_the_folder(tmp_path: Path) -> None:
    packed = tmp_path / "set.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(SET.rglob("*.csv")):
            archive.write(path, f"ESCO dataset/{path.relative_to(SET)}")
    assert opened(packed)[1:] == opened(SET)[1:]


def test_the_first_file_with_a_preferred_label_gives_the_alternatives() -> None:
    _, concepts, _ = opened(SET, langs=["fr"])
    assert [(x.value, x.type) for x in concepts[iri("skill", 1)].labels] == [
        ("souder sous la pluie", "preferred"),
        ("soudage de pluie", "alternative"),
        ("souder mouillé", "alternative"),
    ]
    assert [(x.value, x.type) for x in concepts[iri("skill", 2)].labels] == [
        ("nuages", "preferred"),
        ("cumulus", "alternative"),
        ("stratus", "alternative"),
    ]
    assert concepts[iri("skill", 2)].texts == {"definition": {"fr": "Ce que sont les nuages."}}
    assert {label.lang for c in concepts.values() for label in c.labels} == {"fr"}
    assert concepts[iri("skill", 2)].kind == "knowledge"


def test_a_skill_that_only_a_label_file_names_is_not_declared_beside_a_main_file() -> None:
    _, concepts, _ = opened(SET)
    assert (concepts[iri("skill", 77)].kind, concepts[iri("skill", 77)].scheme) == ("", "")
    assert concepts[iri("skill", 78)].kind == ""


def test_label_files_alone_use_the_concept_type(tmp_path: Path) -> None:
    for name in ("skills_fr_api_labels.csv", "skills_fr_v1.0_official.csv"):
        shutil.copy(SET / "fr" / name, tmp_path / name)
    source, concepts, _ = opened(tmp_path)
    kinds = {key[-2:]: record.kind for key, record in concepts.items()}
    assert kinds == {"01": "", "02": "knowledge", "77": "", "03": "skill", "78": "knowledge"}
    assert source.coverage().kinds[("esco", "knowledge")].complete is False
    assert source.coverage().relations == set()


def test_language_and_version_change_the_source_but_not_the_facts() -> None:
    en, fr = open_esco_csv(SET, version="1", langs=["en"]), open_esco_csv(SET, version="1", langs=["fr"])
    assert en.info.digest != fr.info.digest
    assert en.info.digest == open_esco_csv(SET, version="2", langs=["en", "en"]).info.digest
    first, second = read(en)[0], read(fr)[0]
    assert {k: c.attributes for k, c in first.items()} == {k: c.attributes for k, c in second.items()}
    assert {k: (c.kind, c.code) for k, c in first.items()} == {k: (c.kind, c.code) for k, c in second.items()}
    assert en.coverage().kinds[("esco", "occupation")].languages == {"en"}
    absent = open_esco_csv(SET, version="1", langs=["de"])
    assert any("'de'" in note for note in absent.report.notes)


def test_the_hierarchy_stands_in_for_absent_groups(tmp_path: Path) -> None:
    shutil.copy(SET / "en" / "skillsHierarchy_en.csv", tmp_path)
    source, concepts, relations = opened(tmp_path)
    hail = concepts[iri("skill", 91)]
    assert (hail.kind, hail.code, hail.aliases) == ("skill_group", "S9.1.1", [f"{ESCO}skill/S9.1.1"])
    assert [x.value for x in hail.labels] == ["hail"]
    assert [(r.source, r.type, r.target) for r in relations] == [(hail.key, "broader", iri("skill", 90))]
    assert source.coverage().kinds == {}


def test_without_the_relations_only_top_occupations_get_their_isco_group(tmp_path: Path) -> None:
    shutil.copy(SET / "en" / "occupations_en.csv", tmp_path)
    source, _, relations = opened(tmp_path)
    found = {(r.source, r.target) for r in relations if r.type == "broader"}
    assert found == {(iri("occupation", n), f"{ESCO}isco/C7212") for n in (1, 3)}
    assert not any(kind == "broader" for kind, _, _ in source.coverage().relations)


def test_relations_alone_are_kept_whatever_they_point_to(tmp_path: Path) -> None:
    for path in (SET / "relations").iterdir():
        shutil.copy(path, tmp_path)
    source, concepts, relations = opened(tmp_path)
    assert not concepts
    assert Counter(r.type for r in relations) == {"broader": 7, "requires": 3, "skill_requires": 2}
    assert "dangling-relation" not in source.report.skipped
    assert {r.place.split(":")[0] for r in relations if r.type == "requires"} == {"occupationSkillRelations.csv"}


def test_relations_that_come_with_each_language_are_read_once(tmp_path: Path) -> None:
    shutil.copytree(SET, tmp_path / "set")
    folder = tmp_path / "set" / "relations"
    shutil.copy(folder / "occupationSkillRelations.csv", folder / "occupationSkillRelations_fr.csv")
    source, _, relations = opened(tmp_path / "set")
    assert sorted((r.source, r.target, r.importance) for r in relations if r.type == "requires") == [
        (iri("occupation", 1), iri("skill", 1), "essential"),
        (iri("occupation", 1), iri("skill", 2), "optional"),
    ]
    assert any("repeat an earlier one" in note for note in source.report.notes)


def test_a_copy_is_read_once_and_another_release_refused(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "skills_en.csv").write_text(SKILLS + skill_row(1), "utf-8")
    source, concepts, _ = opened(tmp_path)
    assert len(concepts) == 1
    assert any("is the same as" in note for note in source.report.notes)
    (tmp_path / "b" / "skills_en.csv").write_text(SKILLS + skill_row(2), "utf-8")
    with pytest.raises(SourceError, match="one release at a time"):
        open_esco_csv(tmp_path, version="1.1.1")


def test_the_folder_tells_a_language_that_the_name_does_not(tmp_path: Path) -> None:
    folder = tmp_path / "ESCO dataset - v1.1.1 - classification - en - csv"
    folder.mkdir()
    (folder / "skills.csv").write_text(SKILLS + skill_row(1), "utf-8")
    assert [x.lang for x in opened(tmp_path)[1][iri("skill", 1)].labels] == ["en"]


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_another_delimiter(tmp_path: Path, delimiter: str) -> None:
    (tmp_path / "skills_en.csv").write_text((SKILLS + skill_row(1)).replace(",", delimiter), "utf-8")
    assert opened(tmp_path)[1][iri("skill", 1)].kind == "knowledge"


def test_columns_in_another_order_and_capitals(tmp_path: Path) -> None:
    names = SKILLS.strip().split(",")
    rows = [dict(zip(names, skill_row(1).strip("\n").split(","), strict=True))]
    text = ",".join(reversed(names)).upper() + "\n" + ",".join(rows[0][name] for name in reversed(names)) + "\n"
    (tmp_path / "skills_en.csv").write_text(text, "utf-8")
    assert opened(tmp_path)[1][iri("skill", 1)].attributes["reuse_level"] == "cross-sector"


@pytest.mark.parametrize(
    ("row", "slug", "place"),
    [
        (skill_row(2)[:80], "wrong-number-of-cells", "skills_en.csv:3 (2 instead of 13)"),
        (skill_row(2)[:-1] + ",more\n", "wrong-number-of-cells", "skills_en.csv:3 (14 instead of 13)"),
        (skill_row(2).replace(iri("skill", 2), ""), "not-an-address", "skills_en.csv:3"),
    ],
)
@pytest.mark.parametrize("last", [True, False])
def test_a_file_with_rows_that_cannot_be_read_removes_nothing(
    tmp_path: Path, row: str, slug: str, place: str, last: bool
) -> None:
    rest = "" if last else "\n" * (not row.endswith("\n")) + skill_row(3)
    (tmp_path / "skills_en.csv").write_text(SKILLS + skill_row(1) + row + rest, "utf-8")
    source, concepts, _ = opened(tmp_path)
    assert list(concepts) == [iri("skill", n) for n in ((1,) if last else (1, 3))]
    assert source.report.read == {"skills_en.csv": 2 if last else 3}
    assert source.report.skipped[slug].places == [place]
    assert source.coverage().kinds[("esco", "skill")].complete is False
    assert source.coverage().relations == set()
    assert any("1 of its rows cannot be read" in note for note in source.report.notes)


def test_a_relation_that_cannot_be_read_withdraws_no_other(tmp_path: Path) -> None:
    occupation = iri("occupation", 1)
    rows = f"{occupation},useful,,{iri('skill', 2)}\n{occupation},essential,,{iri('skill', 3)}\n"
    (tmp_path / "occupationSkillRelations.csv").write_text(
        "occupationUri,relationType,skillType,skillUri\n" + rows, "utf-8"
    )
    source, _, relations = opened(tmp_path)
    assert [(r.target, r.place) for r in relations] == [(iri("skill", 3), "occupationSkillRelations.csv:3")]
    assert source.report.skipped["unknown-relation"].places == ["occupationSkillRelations.csv:2 'useful'"]
    assert source.coverage().relations == set()


def test_progress_reaches_the_end() -> None:
    steps: list[tuple[int, int]] = []
    source = open_esco_csv(SET, version="1.1.1")
    list(source.records(lambda done, total: steps.append((done, total))))
    assert steps[-1] == (source.info.size, source.info.size)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("skills_en.csv", SKILLS.replace("skillType,", "") + "x\n", "column skillType is missing: there must be"),
        ("skills_en.csv", "a,b\n1,2\n", "column conceptUri, preferredLabel is missing"),
        ("occupationSkillRelations.csv", "occupationUri,skillUri\nx,y\n", "column relationType is missing"),
        ("skills_en.csv", SKILLS, "no rows below it"),
        ("skills.csv", SKILLS + skill_row(1), "says no language"),
        ("skills_en.csv", "<!DOCTYPE html><html></html>", "is an HTML page, not CSV"),
        ("skills_en.csv", "%PDF-1.4", "is a PDF document, not CSV"),
        ("notes_en.csv", "a,b\n1,2\n", "holds no ESCO concept"),
        (
            "skills_en.csv",
            SKILLS + 'x,"' + "line\n" * 300,
            "skills_en.csv:2: a quoted cell that begins here does not end",
        ),
        ("digitalSkillsCollection_en.csv", "conceptUri,preferredLabel\n", "holds no ESCO concept"),
    ],
)
def test_what_is_refused(tmp_path: Path, name: str, content: str, message: str) -> None:
    (tmp_path / name).write_text(content, "utf-8")
    with pytest.raises(SourceError, match=message) as caught:
        list(open_esco_csv(tmp_path, version="1.1.1").records())
    assert "\n" not in caught.value.message


@pytest.mark.parametrize(("encoding", "message"), [("utf-16", "UTF-16"), ("latin-1", "not UTF-8")])
def test_other_encodings_are_refused_with_their_place(tmp_path: Path, encoding: str, message: str) -> None:
    (tmp_path / "skills_en.csv").write_text(SKILLS + skill_row(1, "été"), encoding)
    with pytest.raises(SourceError, match=message):
        list(open_esco_csv(tmp_path, version="1.1.1").records())


def test_the_official_set(shared_data: Path) -> None:
    source, concepts, relations = opened(shared_data / "esco" / "v1.1.1", langs=["en"])
    kinds = Counter((c.scheme, c.kind) for c in concepts.values())
    assert kinds == {
        ("esco", "skill"): 10_837,
        ("esco", "knowledge"): 3_059,
        ("esco", "occupation"): 3_007,
        ("isco", "occupation_group"): 619,
        ("esco", "skill_group"): 420,
        ("isced_f", "field_of_study"): 220,
        ("esco", "collection"): 19,
    }
    read = source.report.read
    assert (read["skills_en.csv"], read["occupationSkillRelations.csv"], read["skillSkillRelations.csv"]) == (
        13_896,
        123_855,
        5_899,
    )
    assert read["broaderRelationsOccPillar.csv"] + read["broaderRelationsSkillPillar.csv"] == 24_273
    assert Counter(r.type for r in relations) == {
        "requires": 123_855 - 67,
        "skill_requires": 5_898,
        "broader": 24_273 - 8,
        "member_of": 2_431,
    }
    assert {slug: s.count for slug, s in source.report.skipped.items()} == {"dangling-relation": 75, "self-relation": 1}
    skills = [c for c in concepts.values() if c.scheme == "esco" and c.kind in ("skill", "knowledge")]
    assert sum("skill_type" not in c.attributes for c in skills) == 6
    assert all(c.code for c in concepts.values() if c.kind in ("field_of_study", "skill_group"))
    assert sum(c.kind == "skill_group" and bool(c.aliases) for c in concepts.values()) == 420
    assert all(x.value == " ".join(x.value.split()) for c in concepts.values() for x in c.labels)
    assert {source.coverage().kinds[kind].complete for kind in kinds} == {True}


def test_the_traps_of_the_official_skills_file(shared_data: Path, tmp_path: Path) -> None:
    (tmp_path / "skills_en.csv").symlink_to(shared_data / "esco" / "v1.1.1" / "en" / "skills_en.csv")
    source, concepts, _ = opened(tmp_path)
    assert len(concepts) == 13_896
    # 12,187 rows as they are, 7 more once white space is folded (78 preferred labels have some at their ends).
    repeated = next(n for n in source.report.notes if "repeat the preferred one" in n)
    assert int(repeated.split()[0]) >= 12_194
    for concept in concepts.values():
        values = [(x.lang, x.value) for x in concept.labels]
        assert len(values) == len(set(values))


def test_french_labels_from_label_files_and_collections(shared_data: Path, tmp_path: Path) -> None:
    for folder in ("v1.1.1", "fr_skill_labels"):
        (tmp_path / folder).mkdir()
        for path in (shared_data / "esco" / folder).rglob("*.csv"):
            (tmp_path / folder / path.name).symlink_to(path)
    source, concepts, _ = opened(tmp_path)
    french = {key for key, c in concepts.items() if any(x.lang == "fr" and x.type == "preferred" for x in c.labels)}
    skills = {key for key, c in concepts.items() if c.kind in ("skill", "knowledge") and c.scheme == "esco"}
    assert len(skills) == 13_896
    assert len(skills & french) == 13_695
    assert sum(c.kind == "occupation" and key in french for key, c in concepts.items()) == 3_007
    assert source.coverage().kinds[("esco", "skill")].languages == {"en"}
    assert source.coverage().kinds[("esco", "occupation")].languages == {"en", "fr"}


def test_the_release_before(shared_data: Path) -> None:
    _, concepts, relations = opened(shared_data / "esco" / "v1.1.0")
    assert sum(c.kind in ("skill", "knowledge") for c in concepts.values()) == 13_891
    groups = [c for c in concepts.values() if c.kind == "skill_group"]
    assert len(groups) == 423
    assert sum(r.type == "requires" for r in relations) == 123_852
