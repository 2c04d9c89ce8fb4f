"""A release as ESCO's own CSV files: the same bytes each time, in ESCO's columns, and what the CSV importer reads back is what was there.

Not in these columns, and so not compared: label roles, the reference language, matches, replacements, `related`, sectors, numbers of versions.
"""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest

from importers.esco_csv import open_esco_csv
from tests.engines import wipe
from tests.sample_world import World, make_world
from wikic.bootstrap import App, app_of
from wikic.domain.vocabulary import PUBLIC_SPACE
from wikic.store.dump_reading import read_whole
from wikic.store.engine import Engine

BASE = "https://skills.example.org"
FAMILY = {"esco", "isco", "isced_f"}
KEPT = ("requires", "skill_requires", "broader", "member_of")
ATTRIBUTES = ("skill_type", "reuse_level", "modified", "in_schemes", "regulated_profession")


@pytest.fixture
def world(engine: Engine) -> World:
    return make_world(engine)


def said(app: App, seq: int) -> dict[str, Any]:
    """What these columns can say of each concept of ESCO's family, by address."""
    wholes = {each.identity.uuid: each for each in read_whole(app.engine, {PUBLIC_SPACE: seq})}
    family = {uuid: each for uuid, each in wholes.items() if each.identity.scheme in FAMILY}
    found = {}
    for each in family.values():
        content = each.content
        relations = sorted(
            (one.type, family[one.target].content.iri, one.importance)
            for one in each.relations
            if one.type in KEPT and one.target in family
        )
        found[content.iri] = {
            "kind": content.kind,
            "code": content.code,
            "status": content.status,
            "labels": sorted((one.type, one.lang, one.value) for one in content.labels),
            "texts": {name: texts for name, texts in content.texts.items() if name != "note"},
            "attributes": {name: content.attributes[name] for name in ATTRIBUTES if name in content.attributes},
            "relations": relations,
        }
    return found


def packed(app: App, name: str) -> bytes:
    return b"".join(app.publishing.download(name, BASE, "csv.zip", keep=False))


def test_the_importer_reads_it_back(world: World, engine: Engine, tmp_path: Path) -> None:
    before = said(world.app, world.second)
    content = packed(world.app, "2026")
    assert packed(world.app, "2026") == content
    path = tmp_path / "esco.zip"
    path.write_bytes(content)
    wipe(engine)
    empty = app_of(engine, lambda: None)
    report = empty.importing.run(open_esco_csv(path, version="1.1.0"))
    assert report.seq is not None
    after = said(empty, report.seq)
    assert after.keys() == before.keys()
    for address, told in before.items():
        assert after[address] == told, address


def test_columns_are_those_of_esco(world: World) -> None:
    with zipfile.ZipFile(io.BytesIO(packed(world.app, "2026"))) as files:
        names = files.namelist()
        assert names == sorted(names)
        assert {info.date_time for info in files.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        rows = list(csv.DictReader(io.TextIOWrapper(files.open("skills_en.csv"), "utf-8", newline="")))
        rome = list(csv.DictReader(io.TextIOWrapper(files.open("rome-occupations_fr.csv"), "utf-8", newline="")))
    columns = (
        "conceptType,conceptUri,skillType,reuseLevel,preferredLabel,altLabels,hiddenLabels,status,modifiedDate,scopeNote,"
        "definition,inScheme,description"
    )
    assert ",".join(rows[0]) == columns
    assert all(row["conceptUri"].startswith("http://data.europa.eu/esco/skill/") for row in rows)
    assert all(row["conceptUri"].startswith(f"{BASE}/c/") for row in rome)
    assert {"obsolete", "released"} >= {row["status"] for row in rows}
