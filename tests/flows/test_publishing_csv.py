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
from wikic.domain.access import operator
from wikic.domain.changes import Relation
from wikic.domain.edits import Create, Relate
from wikic.domain.records import Label
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


def sheet(app: App, name: str, file: str) -> list[dict[str, str]]:
    with zipfile.ZipFile(io.BytesIO(packed(app, name))) as files:
        return list(csv.DictReader(io.TextIOWrapper(files.open(file), "utf-8", newline="")))


def test_every_occupation_has_the_nearest_unit_group(world: World) -> None:
    """Also where it stands below other occupations, or was made here."""
    app = world.app
    rows = sheet(app, "2026", "occupations_en.csv")
    groups = {row["conceptUri"]: row["iscoGroup"] for row in rows}
    parents = sheet(app, "2026", "broaderRelationsOccPillar.csv")
    below = [row for row in parents if (row["conceptType"], row["broaderType"]) == ("Occupation", "Occupation")]
    above = next(row["conceptUri"] for row in rows if row["iscoGroup"])
    assert all(groups.values())
    assert all(groups[row["conceptUri"]] == groups[row["broaderUri"]] for row in below)
    uuids = {content.iri: uuid for uuid, content in contents(app).items()}
    made = [Create("occupation", (Label(name, "en", "preferred"),), uuid=uuid) for name, uuid in zip(("roller", "twister"), HERE, strict=True)]
    chain = [Relate(HERE[0], "broader", uuids[above]), Relate(HERE[1], "broader", HERE[0])]
    app.editing.apply([*made, *chain], actor="tester", summary="two more")
    app.releasing.freeze("2027", actor=operator("tester"))
    assert {row["iscoGroup"] for row in sheet(app, "2027", "wiki-occupations_en.csv")} == {groups[above]}
    assert {row["conceptUri"] for row in sheet(app, "2027", "wiki-broaderRelationsOccPillar.csv")} == {f"{BASE}/c/{uuid}" for uuid in HERE}


HERE = ("00000000-0000-7000-8000-0000000000a1", "00000000-0000-7000-8000-0000000000a2")


def contents(app: App) -> dict[str, Any]:
    return {each.identity.uuid: each.content for each in read_whole(app.engine, app.reading.moment().at)}


def test_columns_say_no_more_than_the_framework(world: World) -> None:
    app = world.app
    wholes = list(read_whole(app.engine, app.reading.moment("2026").at))
    kinds = {each.identity.uuid: each.identity.kind for each in wholes}
    needs: list[Relation] = [one for each in wholes for one in each.relations if one.type == "requires" and each.identity.scheme == "rome"]
    needs = [one for one in needs if kinds[one.target] in ("skill", "knowledge")]
    words = {"key": "essential", "essential": "essential", "optional": "optional"}
    told = {(row["occupationUri"], row["skillUri"]): row["relationType"] for row in sheet(app, "2026", "rome-occupationSkillRelations.csv")}
    assert told == {(f"{BASE}/c/{one.source}", f"{BASE}/c/{one.target}"): words.get(one.importance, "") for one in needs}
    assert {one.importance for one in needs} > {"key"}
    assert {row["skillType"] for row in sheet(app, "2026", "rome-skills_fr.csv")} == {"skill/competence", "knowledge"}


def test_relations_between_schemes_stand_where_they_start(world: World) -> None:
    app = world.app
    baker = next(each for each in read_whole(app.engine, app.reading.moment().at) if (each.identity.kind, each.identity.scheme) == ("occupation", "esco"))
    uuid = baker.identity.uuid
    more = [Relate(uuid, "requires", world.slice, "optional"), Relate(uuid, "requires", world.crust, "essential", branch="1267")]
    app.editing.apply(more, actor="tester", summary="bread is cut")
    app.releasing.freeze("2027", actor=operator("tester"))
    rows = [row for row in sheet(app, "2027", "occupationSkillRelations.csv") if row["skillUri"].startswith(BASE)]
    said = {"occupationUri": baker.content.iri, "relationType": "optional", "skillType": "skill/competence", "skillUri": f"{BASE}/c/{world.slice}"}
    assert rows == [said]
