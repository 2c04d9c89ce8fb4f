"""RDF and CSV of one ESCO version give the same records, in all that both can say.

The Turtle is made out of the same CSV files by the shared tool, which leaves out some of what they say: TOLERATED lists
that, and nothing else may differ.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from importers.esco_csv import open_esco_csv
from importers.esco_rdf import open_esco_rdf
from wikic.domain.records import ConceptRecord, Label, RelationRecord, Source

TOLERATED = {
    "attributes": {
        "reference_language",  # the tool writes "en" everywhere, the CSV files have no such column
        "regulated_profession",  # the tool leaves the column out
    },
    "labels": {"hidden"},  # the tool leaves the column out
    "texts": {"source_definition", "regulated_profession_note"},  # the tool leaves the columns out
    "collection": {"source_status", "definition"},  # the tool writes only the title of a concept scheme
}
TOOL_TEXT_LANGUAGE = {"scope_note": "en"}  # the tool writes scope notes in English only
TOOL_CUTS = ", "  # the tool cuts commas off the ends of alternative labels: one label of 1.1.1
BLANK_STATUS = "released"  # the tool writes this where the status is blank

Relation = tuple[str, str, str, str]


@pytest.fixture(scope="module")
def turtle(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """ESCO 1.1.1 in English and French as Turtle, made by the shared tool."""
    out = tmp_path_factory.mktemp("turtle") / "esco.ttl"
    tool = shared_data.parent / "tools" / "esco_csv_to_turtle.py"
    if not tool.is_file():
        pytest.skip("the tool that makes Turtle (../shared/tools) is not on this machine")
    command = [sys.executable, str(tool), "--version", "1.1.1", "--languages", "en", "fr", "--out", str(out)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    yield out
    out.unlink()  # 180 MB


def read(source: Source) -> tuple[dict[str, ConceptRecord], set[Relation]]:
    concepts: dict[str, ConceptRecord] = {}
    relations: set[Relation] = set()
    for record in source.records():
        if isinstance(record, RelationRecord):
            relations.add((record.source, record.type, record.target, record.importance))
        else:
            concepts[record.key] = record
    return concepts, relations


def shared_labels(record: ConceptRecord) -> list[Label]:
    labels = [label for label in record.labels if label.type not in TOLERATED["labels"]]
    cut = [label._replace(value=label.value.rstrip(TOOL_CUTS)) for label in labels]
    return labels if cut == labels else sorted(set(cut), key=lambda x: (x.type != "preferred", x.lang, x.value))


def comparable(record: ConceptRecord) -> dict[str, Any]:
    """What both formats can say of a concept."""
    collection = record.kind == "collection"
    status = "" if collection else record.source_status or BLANK_STATUS
    dropped_texts = TOLERATED["texts"] | (TOLERATED["collection"] if collection else set())
    texts = {name: dict(by_lang) for name, by_lang in record.texts.items() if name not in dropped_texts}
    for name, lang in TOOL_TEXT_LANGUAGE.items():
        if name in texts:
            texts[name] = {lang: texts[name][lang]} if lang in texts[name] else {}
    return {
        "identity": (record.kind, record.scheme, record.code, record.nature, record.aliases),
        "labels": shared_labels(record),
        "texts": {name: by_lang for name, by_lang in texts.items() if by_lang},
        "attributes": {k: v for k, v in record.attributes.items() if k not in TOLERATED["attributes"]},
        "status": (status, record.deprecated),
        "sectors": record.sectors,
    }


def assert_equal(
    from_csv: dict[str, ConceptRecord], from_rdf: dict[str, ConceptRecord], keys: Iterable[str] | None = None
) -> None:
    assert set(from_csv) == set(from_rdf)
    different = {}
    for key in from_csv if keys is None else keys:
        one, two = comparable(from_csv[key]), comparable(from_rdf[key])
        if one != two:
            different[key] = {name: (one[name], two[name]) for name in one if one[name] != two[name]}
    assert different == {}


def resolved(relations: set[Relation], concepts: dict[str, ConceptRecord]) -> set[Relation]:
    """Relations with both ends in the files: CSV drops the others itself, from RDF the importing service does."""
    return {r for r in relations if r[0] in concepts and r[2] in concepts}


def test_english(shared_data: Path, tmp_path: Path, turtle: Path) -> None:
    esco = shared_data / "esco" / "v1.1.1"
    csv_set = tmp_path / "csv"
    csv_set.mkdir()
    for path in [*(esco / "en").iterdir(), *(esco / "relations").iterdir()]:
        (csv_set / path.name).symlink_to(path)
    from_csv, csv_relations = read(open_esco_csv(csv_set, version="1.1.1"))
    from_rdf, rdf_relations = read(open_esco_rdf(turtle, version="1.1.1", langs=["en"]))
    assert_equal(from_csv, from_rdf)
    assert csv_relations == resolved(csv_relations, from_csv)
    assert csv_relations == resolved(rdf_relations, from_rdf)
    # 67 rows name an occupation that is not in the files; in Turtle the skills say it (isEssentialSkillFor).
    left = rdf_relations - csv_relations
    assert {(source in from_rdf, kind) for source, kind, _, _ in left} == {(False, "requires")}
    assert len(left) == 67


def test_english_and_french(shared_data: Path, turtle: Path) -> None:
    from_csv, csv_relations = read(open_esco_csv(shared_data / "esco" / "v1.1.1", version="1.1.1"))
    from_rdf, rdf_relations = read(open_esco_rdf(turtle, version="1.1.1"))
    # French skill labels come from other files, in another order of trust.
    others = [key for key, record in from_csv.items() if record.kind not in ("skill", "knowledge")]
    assert_equal(from_csv, from_rdf, others)
    assert sum(label.lang == "fr" for key in others for label in from_rdf[key].labels) > 10_000
    assert csv_relations == resolved(rdf_relations, from_rdf)
