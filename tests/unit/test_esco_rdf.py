"""ESCO RDF -> records: a golden file with every trap, the same content in other shapes and orders, real slices."""

from __future__ import annotations

import gzip
import json
import random
import subprocess
import sys
import zipfile
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyoxigraph
import pytest
from pyoxigraph import RdfFormat

from importers.esco_rdf import EscoRdf, open_esco_rdf
from tests.conftest import ROOT
from wikic.domain.records import ConceptRecord, Record, RelationRecord

GOLDEN = ROOT / "tests" / "golden"
TRAPS = GOLDEN / "esco_rdf_traps.ttl"
SKILL = "http://data.europa.eu/esco/skill/00000000-0000-4000-8000-0000000000"
OCCUPATION = "http://data.europa.eu/esco/occupation/00000000-0000-4000-8000-00000000000"


def read(path: Path, **options: Any) -> tuple[EscoRdf, list[Record]]:
    source = open_esco_rdf(path, version="1.0.0", **options)
    return source, list(source.records())


def plain(records: list[Record]) -> list[Any]:
    """Records as JSON values in a fixed order."""
    found = [asdict(r) if isinstance(r, ConceptRecord) else r._asdict() for r in records]
    return sorted(json.loads(json.dumps(found)), key=lambda r: json.dumps([r.get("key", "~"), r], sort_keys=True))


def seen(source: EscoRdf) -> dict[str, Any]:
    """Report and coverage as JSON values, without what names the files."""
    report, coverage = source.report, source.coverage()
    return {
        "read": {k: v for k, v in sorted(report.read.items()) if k not in source.info.files},
        "skipped": {slug: [skip.count, sorted(skip.places)] for slug, skip in sorted(report.skipped.items())},
        "notes": sorted(report.notes),
        "kinds": {
            f"{scheme}/{kind}": [covered.complete, sorted(covered.fields), sorted(covered.languages)]
            for (scheme, kind), covered in sorted(coverage.kinds.items())
        },
        "relations": sorted("/".join(triple) for triple in coverage.relations),
    }


@pytest.fixture(scope="module")
def lines() -> list[str]:
    """The trap file as N-Triples, one statement a line."""
    quads = pyoxigraph.parse(path=TRAPS, format=RdfFormat.TURTLE)
    data = pyoxigraph.serialize((quad.triple for quad in quads), format=RdfFormat.N_TRIPLES)
    assert data is not None
    return data.decode().splitlines(keepends=True)


def concept(records: list[Record], key: str) -> ConceptRecord:
    return next(r for r in records if isinstance(r, ConceptRecord) and r.key == key)


def links(records: list[Record], kind: str) -> dict[tuple[str, str], str]:
    return {(r.source, r.target): r.importance for r in records if isinstance(r, RelationRecord) and r.type == kind}


def test_golden_records_of_every_trap() -> None:
    source, records = read(TRAPS)
    found = {"records": plain(records), **seen(source)}
    expected = json.loads((GOLDEN / "esco_rdf_traps.json").read_text(encoding="utf-8"))
    assert found == expected


def test_labels_of_both_kinds_are_united_with_their_roles() -> None:
    _, records = read(TRAPS)
    baker = concept(records, OCCUPATION + "1")
    assert [(label.type, label.lang, label.value, label.roles) for label in baker.labels] == [
        ("preferred", "de", "Bäcker", ()),
        ("preferred", "en", "baker", ()),
        ("preferred", "en-us", "baker", ()),
        ("preferred", "fr", "boulangère", ("female", "standard-female")),
        ("alternative", "en", "bread maker", ()),
        ("alternative", "fr", "mitron", ("male",)),
        ("hidden", "en", "backer", ()),
    ]


def test_texts_are_tidied() -> None:
    _, records = read(TRAPS)
    baker = concept(records, OCCUPATION + "1")
    assert baker.texts["definition"] == {
        "de": "Backen Brot.",
        "en": "Bakers make bread.\nThey start early.",
        "fr": "Les boulangers font du pain.",
    }
    assert baker.texts["note"] == {"en": "First note.\nSecond note."}
    assert baker.attributes["regulated_profession"] == "unregulated"
    assert concept(records, OCCUPATION + "2").texts["regulated_profession_note"] == {"en": "Needs a permit."}


def test_one_record_per_link_and_essential_wins() -> None:
    source, records = read(TRAPS)
    requires = [r for r in records if isinstance(r, RelationRecord) and r.type == "requires"]
    assert {(r.source, r.target, r.importance) for r in requires} == {
        (OCCUPATION + "1", SKILL + "11", "essential"),
        (OCCUPATION + "1", SKILL + "12", "essential"),
    }
    assert len(requires) == 2
    assert links(records, "skill_requires") == {(SKILL + "11", SKILL + "12"): "optional"}
    assert source.report.skipped["importance-conflict"].places == [f"{OCCUPATION}1 -> {SKILL}12"]
    assert source.report.skipped["incomplete-association"].count == 2


def test_groups_and_collections_are_told_by_address() -> None:
    _, records = read(TRAPS)
    base = "http://data.europa.eu/esco/"
    found = {r.key.removeprefix(base): (r.kind, r.scheme, r.code) for r in records if isinstance(r, ConceptRecord)}
    assert found["isco/C7512"] == ("occupation_group", "isco", "7512")
    assert found["isced-f/0721"] == ("field_of_study", "isced_f", "0721")
    assert found["skill/S9"] == ("skill_group", "esco", "S9")
    assert found["concept-scheme/green"] == ("collection", "esco", "green")
    assert found["concept-scheme/00000000-0000-4000-8000-0000000000c1"] == ("collection", "esco", "")
    assert concept(records, SKILL + "a1").aliases == [base + "skill/S9.9"]
    assert concept(records, base + "skill/S9").aliases == []
    assert (base + "isco/C7512", base + "isco/C75") in links(records, "broader")
    assert (OCCUPATION + "2", base + "isco/C7512") in links(records, "broader")


def test_a_subject_without_type_has_no_kind_and_no_coverage() -> None:
    source, records = read(TRAPS)
    record = concept(records, SKILL + "ff")
    assert (record.kind, record.scheme, [label.value for label in record.labels]) == ("", "", ["sourdough"])
    assert all(kind for _, kind in source.coverage().kinds)


@pytest.mark.parametrize("budget", [1, 3000, 400 << 20])
def test_any_order_gives_the_same_records(tmp_path: Path, lines: list[str], budget: int) -> None:
    expected_source, expected = read(TRAPS)
    for seed in range(3):
        shuffled = tmp_path / f"{seed}.nt"
        mixed = list(lines)
        random.Random(seed).shuffle(mixed)
        shuffled.write_text("".join(mixed), encoding="utf-8")
        source, records = read(shuffled, memory_budget=budget, spill_dir=tmp_path)
        assert plain(records) == plain(expected)
        assert seen(source) == seen(expected_source)
    assert not list(tmp_path.glob("wikic-import-*")), "temporary files are removed"


def test_plain_labels_and_xl_labels_give_the_same_but_for_roles(tmp_path: Path) -> None:
    both = """
    @prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix skosxl: <http://www.w3.org/2008/05/skos-xl#> .
    <http://data.europa.eu/esco/skill/a> a <http://data.europa.eu/esco/model#Skill> .
    """
    simple = '<http://data.europa.eu/esco/skill/a> skos:prefLabel "bake"@en ; skos:altLabel "cook bread"@en .'
    xl = """<http://data.europa.eu/esco/skill/a> skosxl:prefLabel <urn:l:1> ; skosxl:altLabel <urn:l:2> .
    <urn:l:1> skosxl:literalForm "bake"@en . <urn:l:2> skosxl:literalForm "cook bread"@en ."""
    found = []
    for name, text in (("plain", simple), ("xl", xl), ("both", simple + xl)):
        file = tmp_path / f"{name}.ttl"
        file.write_text(both + text, encoding="utf-8")
        found.append(plain(read(file)[1]))
    assert found[0] == found[1] == found[2]
    assert len(found[0][0]["labels"]) == 2


def test_every_format_and_packing_gives_the_same_records(tmp_path: Path, lines: list[str]) -> None:
    expected = plain(read(TRAPS)[1])
    text = "".join(lines).encode()
    (tmp_path / "a.nt").write_bytes(b"\xef\xbb\xbf" + text)
    quads = pyoxigraph.parse(input=text, format=RdfFormat.N_TRIPLES)
    pyoxigraph.serialize((q.triple for q in quads), output=str(tmp_path / "b.rdf"), format=RdfFormat.RDF_XML)
    with gzip.open(tmp_path / "c.ttl.gz", "wb") as packed:
        packed.write(TRAPS.read_bytes())
    with zipfile.ZipFile(tmp_path / "d.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        # A blank node is known in its own file only.
        archive.writestr("one.nt", "".join(line for line in lines if "_:" in line or "label" in line))
        archive.writestr("sub/two.nt", "".join(line for line in lines if not ("_:" in line or "label" in line)))
        archive.writestr("read me.txt", "not read")
    (tmp_path / "e").mkdir()
    (tmp_path / "e" / "1.nt").write_text("".join(line for line in lines if "_:" not in line), encoding="utf-8")
    (tmp_path / "e" / "2.ttl").write_text("".join(line for line in lines if "_:" in line), encoding="utf-8")
    for name in ("a.nt", "b.rdf", "c.ttl.gz", "d.zip", "e"):
        source, records = read(tmp_path / name)
        assert plain(records) == expected, name
        aside = "1 files that are not RDF were left aside: d.zip/read me.txt"
        assert (aside in source.report.notes) == (name == "d.zip")


def test_languages_are_filtered() -> None:
    source, records = read(TRAPS, langs=["fr"])
    concepts = [r for r in records if isinstance(r, ConceptRecord)]
    assert {label.lang for r in concepts for label in r.labels} == {"fr"}
    assert {lang for r in concepts for texts in r.texts.values() for lang in texts} == {"fr"}
    assert source.coverage().kinds["esco", "skill"].languages == {"fr"}
    assert source.report.skipped["label-not-in-file"].count == 1, "a label left out by its language is not missing"
    assert source.info.digest != open_esco_rdf(TRAPS, version="1.0.0").info.digest


def test_a_source_can_be_read_twice_and_tells_progress() -> None:
    source = open_esco_rdf(TRAPS, version="1.0.0")
    told: list[tuple[int, int]] = []
    first = plain(list(source.records(lambda done, total: told.append((done, total)))))
    report = seen(source)
    assert told[-1] == (source.info.size, source.info.size)
    assert plain(list(source.records())) == first
    assert seen(source) == report


def test_the_digest_follows_the_content_not_the_name(tmp_path: Path) -> None:
    other = tmp_path / "other.ttl"
    other.write_bytes(TRAPS.read_bytes())
    digest = open_esco_rdf(TRAPS, version="1.0.0").info.digest
    assert open_esco_rdf(other, version="1.0.1").info.digest == digest
    other.write_bytes(TRAPS.read_bytes() + b"\n")
    assert open_esco_rdf(other, version="1.0.0").info.digest != digest


def test_labels_as_the_dumps_of_several_years_write_them(tmp_path: Path, shared_data: Path) -> None:
    """`both`, `xl` and `plain` of one slice of the whole classification, made by the tool beside the data."""
    tool = shared_data.parent / "tools" / "esco_csv_to_turtle.py"
    if not tool.is_file():
        pytest.skip("the tool that derives Turtle from the real data is not on this machine")
    found = {}
    for labels, form in (("both", "ttl"), ("xl", "nt"), ("plain", "ttl")):
        out = tmp_path / f"{labels}.{form}"
        command = [sys.executable, str(tool), "--limit", "60", "--labels", labels, "--format", form, "--out", str(out)]
        subprocess.run(command, check=True, capture_output=True)
        found[labels] = plain(read(out)[1])
    assert found["both"] == found["xl"] == found["plain"]
    kinds = Counter(record.get("kind") or record["type"] for record in found["both"])
    assert min(kinds[kind] for kind in ("skill", "occupation", "occupation_group", "requires", "broader")) > 20
    assert kinds["collection"] == 19


def test_the_official_slice(shared_data: Path) -> None:
    source, records = read(shared_data / "esco/rdf/esco_v1.0_verbatim_slice.ttl")
    kinds = Counter(r.kind if isinstance(r, ConceptRecord) else r.type for r in records)
    expected = {"skill": 2, "knowledge": 1, "occupation_group": 1, "requires": 19, "skill_requires": 1, "broader": 9}
    assert kinds == expected
    assert source.report.read["esco_v1.0_verbatim_slice.ttl"] == 316
    assert "en-us" in source.coverage().kinds["esco", "skill"].languages
    assert concept(records, "http://data.europa.eu/esco/isco/C6112").code == "6112"


def test_a_third_partys_additions(shared_data: Path) -> None:
    source, records = read(shared_data / "esco/rdf/par-tec_esco-padding.ttl")
    concepts = [r for r in records if isinstance(r, ConceptRecord)]
    assert Counter(r.kind for r in concepts) == {"knowledge": 1, "": 3}
    assert sum(len(r.labels) for r in concepts if not r.kind) == 8
    assert len(links(records, "requires")) == 9
    assert len(links(records, "skill_requires")) == 1
    assert list(source.coverage().kinds) == [("esco", "knowledge")]
