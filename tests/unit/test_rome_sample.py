"""The sample data of `wikic demo`: whole, linked, and changed between its two versions as the demo shows."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from importers.crosswalk import open_crosswalk
from importers.esco_rdf import open_esco_rdf
from importers.rome import open_rome
from tests.conftest import ROOT
from wikic.domain.records import ConceptRecord, RelationRecord, Source

SAMPLE = ROOT / "wikic" / "sample"
Read = tuple[dict[str, ConceptRecord], dict[tuple[str, str, str], RelationRecord]]


def read(source: Source) -> Read:
    concepts: dict[str, ConceptRecord] = {}
    relations: dict[tuple[str, str, str], RelationRecord] = {}
    for record in source.records():
        if isinstance(record, ConceptRecord):
            concepts[record.key] = record
        else:
            relations[record[:3]] = record
    assert source.report.skipped == {}
    return concepts, relations


@pytest.fixture(scope="module")
def esco() -> tuple[Read, Read]:
    return (
        read(open_esco_rdf(SAMPLE / "esco-1.ttl", version="1.0.0")),
        read(open_esco_rdf(SAMPLE / "esco-2.ttl", version="1.1.0")),
    )


@pytest.fixture(scope="module")
def rome() -> tuple[Read, Read]:
    return read(open_rome(SAMPLE / "rome-1")), read(open_rome(SAMPLE / "rome-2"))


def preferred(record: ConceptRecord, lang: str) -> str:
    return next(x.value for x in record.labels if x.type == "preferred" and x.lang == lang)


def by_label(read_: Read, label: str) -> ConceptRecord:
    return next(c for c in read_[0].values() if any(x.value == label and x.type == "preferred" for x in c.labels))


@pytest.mark.parametrize("version", [0, 1])
def test_esco_is_whole_and_in_two_languages(esco: tuple[Read, Read], version: int) -> None:
    concepts, relations = esco[version]
    assert all(s in concepts and t in concepts for s, _, t in relations)
    assert all({x.lang for x in c.labels if x.type == "preferred"} == {"en", "fr"} for c in concepts.values())
    described = [c for c in concepts.values() if c.kind in ("occupation", "skill", "knowledge")]
    assert all(set(c.texts["definition"]) == {"en", "fr"} for c in described)


def test_esco_shapes(esco: tuple[Read, Read]) -> None:
    kinds = Counter(c.kind for c in esco[0][0].values())
    assert kinds == {
        "occupation": 22,
        "skill": 31,
        "knowledge": 14,
        "skill_group": 9,
        "occupation_group": 36,
        "field_of_study": 17,
        "collection": 9,
    }
    baker = by_label(esco[0], "baker")
    assert {r for x in baker.labels for r in x.roles} >= {"standard-male", "standard-female", "neutral"}
    assert baker.code == "7512.1"
    assert baker.sectors == ["1071"]


def test_second_esco_version_changes_what_the_demo_shows(esco: tuple[Read, Read]) -> None:
    old, new = esco
    assert {preferred(old[0][k], "en") for k in old[0].keys() - new[0].keys()} == {
        "hand typesetter",
        "working with computers",
    }
    assert {preferred(new[0][k], "en") for k in new[0].keys() - old[0].keys()} == {
        "put a web application into service",
        "working with computers",
    }
    group = by_label(new, "working with computers")
    assert group.code == "S5"
    assert by_label(old, "working with computers").key in group.aliases
    gear = by_label(old, "wear protective gear")
    assert preferred(new[0][gear.key], "en") == "use personal protective equipment"
    dough = by_label(old, "knead dough")
    assert new[0][dough.key].texts["definition"]["en"] != dough.texts["definition"]["en"]
    tables = by_label(new, "lay out pages with tables")
    assert tables.deprecated
    assert (tables.key, "replaced_by", by_label(new, "build responsive web pages").key) in new[1]
    welder, team = by_label(old, "welder").key, by_label(old, "work in a team").key
    assert (welder, "requires", team) in new[1].keys() - old[1].keys()
    boilermaker, metals = by_label(old, "boilermaker").key, by_label(old, "behaviour of heated metals").key
    assert (boilermaker, "requires", metals) in old[1].keys() - new[1].keys()


def test_removals_stay_within_what_an_import_allows(esco: tuple[Read, Read], rome: tuple[Read, Read]) -> None:
    for old, new in (esco, rome):
        aliases = {a for c in new[0].values() for a in c.aliases}
        gone = Counter(c.kind for key, c in old[0].items() if key not in new[0] and key not in aliases)
        known = Counter(c.kind for c in old[0].values())
        assert gone["occupation"] == 1
        assert all(n / known[kind] <= 0.05 for kind, n in gone.items())


def test_rome_versions(rome: tuple[Read, Read]) -> None:
    old, new = rome
    assert open_rome(SAMPLE / "rome-1").info.version == "4.60"
    assert open_rome(SAMPLE / "rome-2").info.version == "4.61"
    assert old[0].keys() - new[0].keys() == {"rome:metier:E1306", "rome:appellation:910038"}
    assert new[0].keys() - old[0].keys() == {"rome:competence:900228", "rome:savoir:900316"}
    web = "rome:metier:M1855"
    assert new[1][web, "requires", "rome:savoir:900302"].importance == "key"
    assert old[1][web, "requires", "rome:savoir:900302"].importance == "emerging"
    assert new[1][web, "mobility", "rome:metier:M1886"].rank == 2


def test_crosswalk_joins_both(esco: tuple[Read, Read], rome: tuple[Read, Read]) -> None:
    source = open_crosswalk(SAMPLE / "crosswalk.csv")
    _, relations = read(source)
    assert source.info.origin == "crosswalk:esco-rome"
    assert len(relations) == 32
    assert {t for _, t, _ in relations} == {"exact_match", "close_match", "broad_match", "narrow_match"}
    assert all(s in esco[0][0] and t in rome[0][0] for s, _, t in relations)


def test_each_rome_folder_has_all_the_tables() -> None:
    for name, version in (("rome-1", "460"), ("rome-2", "461")):
        files = {p.name for p in Path(SAMPLE / name).iterdir()}
        assert len(files) == 29
        assert "version.txt" in files
        assert sum(f"_v{version}_utf8.csv" in f for f in files) == 28
