"""The real ROME 4.0 v460: every row counted, nothing dangling."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from importers.rome import RomeSource, open_rome
from wikic.domain.records import ConceptRecord, RelationRecord

Read = tuple[RomeSource, list[ConceptRecord], list[RelationRecord]]


@pytest.fixture(scope="module")
def v460(shared_data: Path) -> Read:
    source = open_rome(shared_data / "rome" / "v460")
    records = list(source.records())
    concepts = [r for r in records if isinstance(r, ConceptRecord)]
    return source, concepts, [r for r in records if isinstance(r, RelationRecord)]


def test_version(v460: Read) -> None:
    info = v460[0].info
    assert (info.origin, info.version, info.title) == ("rome", "4.60", "ROME 4.0 version 60 - 25M09")
    assert len(info.files) == 29


def test_concepts_by_kind(v460: Read) -> None:
    _, concepts, _ = v460
    assert len({c.key for c in concepts}) == len(concepts)
    assert Counter(c.kind for c in concepts) == {
        "occupation": 1584,
        "occupation_title": 13120,
        "occupation_group": 14 + 110,
        "skill": 18317,
        "knowledge": 15354,
        "skill_group": 6 + 32 + 84 + 5 + 27,
        "work_context": 179,
        "collection": 35 + 40 + 17 + 30 + 6,
    }
    assert Counter(c.nature for c in concepts if c.nature) == {
        "savoir_faire": 18301,
        "savoir_etre": 16,
        "savoir": 15354,
    }
    assert sum(c.attributes.get("level") == "macro" for c in concepts) == 507


def test_relations_by_type(v460: Read) -> None:
    _, concepts, relations = v460
    keys = {c.key for c in concepts}
    assert all(r.source in keys and r.target in keys for r in relations)
    assert len({r[:3] for r in relations}) == len(relations)
    found = Counter(r.type for r in relations)
    assert found["requires"] + found["context_of"] == 104219
    assert found["context_of"] == 13663
    assert found["mobility"] == 14912
    assert found["title_of"] == 13120
    assert Counter(r.importance for r in relations) == {
        "": len(relations) - 18900 - 1731,
        "key": 18900,
        "emerging": 1731,
    }
    assert found["member_of"] == 3303 + 1348 + 4444 + 179
    assert sum(r.note == "principal" for r in relations) == 2 * 1584
    assert found["broader"] == 17810 + 507 + 84 + 32 + 15354 + 27 + 1584 + 110 + 40


def test_every_row_is_counted_and_nothing_is_skipped(v460: Read) -> None:
    report = v460[0].report
    assert report.skipped == {}
    assert len(report.read) == 28
    rows = {name.removeprefix("unix_").removesuffix("_v460_utf8.csv"): n for name, n in report.read.items()}
    assert rows["texte"] == 11980
    assert rows["item"] == 33850
    assert rows["liens_rome_referentiels"] == 118923
    assert rows["coherence_item"] == 104219
    assert rows["rubrique_mobilite"] == 14912
    assert rows["cr_gd_dp_appellations"] == 14828
    assert rows["type_referentiel"] == 0


def test_traps(v460: Read) -> None:
    source, concepts, _ = v460
    notes = "\n".join(source.report.notes)
    assert "5248 texts have doubled apostrophes" in notes
    assert "arborescence_secteur_naf_v460_utf8.csv: 1794 lines are not UTF-8" in notes
    texts = [t for c in concepts for field in c.texts.values() for t in field.values()]
    assert not any("''" in t for t in texts)
    assert sum("definition" in c.texts for c in concepts if c.kind == "occupation") == 1584
    occupations = [c for c in concepts if c.kind == "occupation"]
    assert all(c.sectors or c.attributes.get("cross_sector") for c in occupations)
    assert all(len(s) == 2 and s != "00" for c in occupations for s in c.sectors)
    assert sum("parent_code" in c.attributes for c in occupations) == 1052


def test_every_kind_is_covered(v460: Read) -> None:
    coverage = v460[0].coverage()
    assert len(coverage.kinds) == 8
    assert all(c.complete for c in coverage.kinds.values())
    assert len(coverage.relations) == 12
