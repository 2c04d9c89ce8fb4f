"""Mapping tables: the EURES format in its many shapes, the ROME-ISCO table, and what is refused."""

from __future__ import annotations

import io
import json
import zipfile
from collections import Counter
from pathlib import Path

import openpyxl
import pytest

from importers.crosswalk import esco_iri, fold, open_crosswalk, parse_relation
from wikic.domain.records import RelationRecord, Source
from wikic.errors import SourceError

GOLDEN = Path(__file__).parent.parent / "golden"
UUID_A = "11111111-aaaa-4aaa-8aaa-111111111111"
UUID_B = "22222222-bbbb-4bbb-8bbb-222222222222"
A = f"http://data.europa.eu/esco/occupation/{UUID_A}"
B = f"http://data.europa.eu/esco/occupation/{UUID_B}"
META = (
    "Mapping project name,ESCO - ROME\nMapping project version,V1.4\n"
    "Classification 1 Name,ESCO\nClassification 2 Name,ROME \n\n"
)
HEADER = (
    "classification 1 ID,classification 1 prefered label,"
    "classification 2 ID,classification 2 prefered label,mapping relation\n"
)


def write(folder: Path, text: str, name: str = "table.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def relations(source: Source) -> list[RelationRecord]:
    return [r for r in source.records() if isinstance(r, RelationRecord)]


def read(path: Path, version: str | None = None) -> list[tuple[str, str, str]]:
    return [(r.source, r.type, r.target) for r in relations(open_crosswalk(path, version=version))]


def test_golden() -> None:
    source = open_crosswalk(GOLDEN / "crosswalk_eures.csv")
    seen = {
        "origin": source.info.origin,
        "version": source.info.version,
        "title": source.info.title,
        "relations": [[r.source, r.type, r.target, r.place] for r in relations(source)],
        "read": source.report.read,
        "skipped": {slug: [s.count, s.places] for slug, s in source.report.skipped.items()},
        "notes": source.report.notes,
        "coverage": sorted(map(list, source.coverage().relations)),
    }
    assert seen == json.loads((GOLDEN / "crosswalk_eures.json").read_text("utf-8"))
    assert not source.coverage().kinds


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("skos:exactMatch", "exact_match"),
        ("SKOS:CLOSEMATCH", "close_match"),
        ("broad_match", "broad_match"),
        ("Narrow match", "narrow_match"),
        ("http://www.w3.org/2004/02/skos/core#exactMatch", "exact_match"),
        (" exact-match ", "exact_match"),
        ("relatedMatch", None),
        ("", None),
        ("match", None),
    ],
)
def test_relation_words(word: str, found: str | None) -> None:
    assert parse_relation(word) == found


@pytest.mark.parametrize(
    "text",
    [
        A,
        A.replace("http:", "https:"),
        f"<{A}>",
        UUID_A.upper(),
        f"https://esco.ec.europa.eu/en/classification/occupation?uri=http%3A%2F%2Fdata.europa.eu%2Fesco%2Foccupation%2F{UUID_A}",
        f"http://data.europa.eu/esco/occupation/{UUID_A.upper()}",
    ],
)
def test_esco_addresses(text: str) -> None:
    assert esco_iri(text, "occupation") == A


def test_no_esco_address() -> None:
    assert esco_iri("2654.1", "occupation") is None
    assert esco_iri("http://data.europa.eu/esco/isco/C2654", "occupation") == "http://data.europa.eu/esco/isco/C2654"


def test_fold() -> None:
    assert fold(" ESCO - ROME ") == "esco-rome"
    assert fold("Répertoire_des Métiers 4.0") == "repertoire-des-metiers-4-0"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1"])
def test_delimiters_and_encodings_give_one_thing(tmp_path: Path, delimiter: str, encoding: str) -> None:
    rows = META + HEADER + f"{A},boulangère à façon,101,Boulangère,skos:exactMatch\n{B},x,102,é,skos:closeMatch\n"
    path = write(tmp_path, rows.replace(",", delimiter), encoding=encoding)
    source = open_crosswalk(path)
    assert [(r.source, r.type, r.target) for r in relations(source)] == [
        (A, "exact_match", "rome:appellation:101"),
        (B, "close_match", "rome:appellation:102"),
    ]
    assert source.info.origin == "crosswalk:esco-rome"
    if encoding == "latin-1":
        assert any("Latin-1" in note and "table.csv:7" in note for note in source.report.notes)
    elif encoding.startswith("utf-16"):
        assert any("UTF-16" in note for note in source.report.notes)
    else:
        assert source.report.notes == []


def test_the_column_with_the_address_is_found_among_uri_and_url(tmp_path: Path) -> None:
    text = (
        "MAPPING PROJECT NAME;ESCO – Klasifikacija\nMapping project version;v2\nClassification 2 Name;SKP-08\n\n"
        "Classification 1 URI;Classification 1 URL;"
        "Classification 1 Preferred Label EN;Classification 1 Preferred Label SL;"
        "Classification 2 ID;Classification 2 Preferred label;Mapping Relation\n"
        f'"{UUID_A}";"{A}";"baker, pastry";"pek";"7512.01";"Pek";"Exact match"\n'
        f'"";"{B}";"x";"y";"7512.02";"Slaščičar";"skos:broadmatch"\n'
    )
    path = write(tmp_path, text)
    assert read(path) == [
        (A, "exact_match", "crosswalk:skp-08:7512.01"),
        (B, "broad_match", "crosswalk:skp-08:7512.02"),
    ]
    assert open_crosswalk(path).info.version == "2"


def test_a_table_that_reads_national_to_esco_is_turned_round(tmp_path: Path) -> None:
    text = (
        META.replace("1 Name,ESCO", "1 Name,ROME").replace("2 Name,ROME ", "2 Name,ESCO")
        + HEADER
        + f"101,x,{A},y,broadMatch\n101,x,{B},y,exactMatch\nm1805,x,{B},y,narrowMatch\n"
    )
    source = open_crosswalk(write(tmp_path, text))
    assert [(r.source, r.type, r.target) for r in relations(source)] == [
        (A, "narrow_match", "rome:appellation:101"),
        (B, "exact_match", "rome:appellation:101"),
        (B, "broad_match", "rome:metier:M1805"),
    ]
    assert any("turned round" in note for note in source.report.notes)


def test_skills_and_their_coverage(tmp_path: Path) -> None:
    text = (
        META
        + "Classification 1 Concept type,skill\nClassification 2 Concept type,Skill\n"
        + HEADER
        + f"{UUID_A},x,101.0,y,exactMatch\n"
    )
    source = open_crosswalk(write(tmp_path, text))
    assert [(r.source, r.target) for r in relations(source)] == [
        (A.replace("/occupation/", "/skill/"), "rome:competence:101")
    ]
    assert ("exact_match", "esco", "skill") in source.coverage().relations
    assert ("narrow_match", "esco", "occupation") in source.coverage().relations


def test_rows_that_span_lines_keep_their_first_line(tmp_path: Path) -> None:
    text = META + HEADER + f'{A},"two\nlines",101,x,exactMatch\n{B},x,102,y,exactMatch\n'
    assert [r.place for r in relations(open_crosswalk(write(tmp_path, text)))] == ["table.csv:7", "table.csv:9"]


def test_given_version_wins_and_zip_folder_and_file_agree(tmp_path: Path) -> None:
    text = META + HEADER + f"{A},x,101,y,exactMatch\n"
    plain = write(tmp_path, text)
    folder = tmp_path / "folder"
    folder.mkdir()
    write(folder, text)
    packed = tmp_path / "table.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("deep/table.csv", text)
    assert open_crosswalk(plain, version="9.1").info.version == "9.1"
    assert read(plain) == read(folder) == read(packed)
    assert open_crosswalk(plain).info.digest == open_crosswalk(folder).info.digest


def workbook(path: Path, sheets: dict[str, list[list[object]]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def test_eures_table_in_a_workbook(tmp_path: Path) -> None:
    rows: list[list[object]] = [[*line.split(",")] for line in (META + HEADER).splitlines()]
    path = workbook(tmp_path / "t.xlsx", {"About": [["hello"]], "Map": [*rows, [A, "x", 101, "y", "skos:closeMatch"]]})
    assert read(path) == [(A, "close_match", "rome:appellation:101")]


def test_rome_isco_sheets_are_united(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "isco.xlsx",
        {
            "Définition": [["La table"]],
            "ROME to ISCO-08": [
                ["Code ROME", "Libellé codes ROME", "ISCO08 14SI4", "Code ISCO08", "Libellé"],
                ["K1703", "x", 0, 110, "y"],
                ["A1101", "x", 8341, 8341, "y"],
                ["bad", "x", 1, 1, "y"],
                [None, None, None, None, None],
            ],
            "ISCO-08 to ROME": [
                ["ISCO08 14SI4", "Code ISCO08", "Libellé codes ISCO08", "Code ROME", "Libellé"],
                [0, 110, "y", "K1703", "x"],
                [1, 6210, "y", "A1201", "x"],
            ],
        },
    )
    source = open_crosswalk(path, version="3")
    assert [(r.source, r.type, r.target) for r in relations(source)] == [
        ("rome:metier:K1703", "broad_match", "http://data.europa.eu/esco/isco/C0110"),
        ("rome:metier:A1101", "broad_match", "http://data.europa.eu/esco/isco/C8341"),
        ("rome:metier:A1201", "broad_match", "http://data.europa.eu/esco/isco/C6210"),
    ]
    assert source.info.origin == "crosswalk:rome-isco"
    assert source.info.version == "3"
    assert source.report.skipped["malformed-row"].places == ["isco.xlsx [ROME to ISCO-08]:4"]
    assert source.coverage().relations == {("broad_match", "rome", "occupation")}
    assert sum("lacks 1 pairs" in note for note in source.report.notes) == 2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<!DOCTYPE html><html></html>", "HTML page"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"   \n", "is empty"),
        (b"a,b\n1,2\n", "no mapping table in it"),
        ((META + HEADER).encode(), "no rows below it"),
        ((META + HEADER + "101,x,102,y,exactMatch\n").encode(), "no ESCO address"),
        (
            (META + HEADER + f"{A},x,102,y,relatedMatch\n").encode(),
            "none of its 1 rows is a mapping: the relation is none",
        ),
        ((HEADER + f"{A},x,102,y,exactMatch\n").encode(), "give the version of the table"),
        (b"PK\x03\x04 not really", "damaged"),
        ("é;à\0".encode() * 10, "binary"),
    ],
)
def test_what_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    with pytest.raises(SourceError, match=message) as caught:
        list(open_crosswalk(path).records())
    assert "table.csv" in caught.value.message
    assert "\n" not in caught.value.message


def test_two_tables_at_once_are_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.csv", "x")
        archive.writestr("b.csv", "x")
    path = tmp_path / "two.zip"
    path.write_bytes(buffer.getvalue())
    with pytest.raises(SourceError, match="2 tables"):
        open_crosswalk(path)


def test_the_official_table(shared_data: Path) -> None:
    source = open_crosswalk(shared_data / "crosswalks" / "FR_mapping_esco_rome_v1.4.csv")
    found = relations(source)
    assert (source.info.origin, source.info.version) == ("crosswalk:esco-rome", "1.4")
    assert Counter(r.type for r in found) == {
        "broad_match": 5086,
        "close_match": 4597,
        "exact_match": 1144,
        "narrow_match": 291,
    }
    assert sum(source.report.read.values()) == 11_118
    assert len({r.source for r in found}) == 1_915
    assert not source.report.skipped


def test_the_rome_isco_workbook(shared_data: Path) -> None:
    source = open_crosswalk(shared_data / "rome" / "isco" / "Correspondance_ROME_ISCO08.xlsx")
    assert len(relations(source)) == 532
    assert source.info.version == "2018.5.14"
    assert not source.report.skipped
