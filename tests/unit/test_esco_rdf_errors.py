"""What cannot be read as ESCO RDF is refused with one line that says what, where and what to do."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import pytest

from importers.esco_rdf import open_esco_rdf
from wikic.errors import SourceError

TYPE = b"<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
CONCEPT = b"<http://data.europa.eu/esco/skill/a> " + TYPE + b" <http://data.europa.eu/esco/model#Skill> .\n"
LABEL = b'<http://data.europa.eu/esco/skill/a> <http://www.w3.org/2004/02/skos/core#prefLabel> "%s"@en .\n'
RDF_XML = b"""<?xml version="1.0"?>%s<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns:esco="http://data.europa.eu/esco/model#" xmlns:skos="http://www.w3.org/2004/02/skos/core#">
 <esco:Skill rdf:about="http://data.europa.eu/esco/skill/a">
 <skos:prefLabel xml:lang="en">%s</skos:prefLabel></esco:Skill>
</rdf:RDF>"""


def refusal(path: Path, **options: int) -> str:
    """The message with which a path is refused, when it is opened or when it is read."""
    with pytest.raises(SourceError) as caught:
        list(open_esco_rdf(path, version="1.0.0", **options).records())  # type: ignore[arg-type]
    message = caught.value.message
    assert "\n" not in message
    return message


def file(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.ttl", b"<!DOCTYPE html>\n<html><body>Sign in</body></html>", ["HTML page", "login or error page"]),
        ("a.ttl", b'<?xml version="1.0"?>\n<!DOCTYPE html>\n<html xmlns="x">', ["HTML page", "login or error page"]),
        ("a.rdf", b"  <html lang='fr'>", ["HTML page"]),
        ("a.ttl", b"%PDF-1.7 ...", ["a.ttl", "PDF", "not Turtle"]),
        ("a.ttl", b"PK\x03\x04" + b"\0" * 40, ["zip archive"]),
        ("a.ttl", b"\xd0\xcf\x11\xe0....", ["Office"]),
        ("a.ttl", b'{"@graph": []}', ["JSON", "Turtle, N-Triples or RDF/XML"]),
        ("a.ttl", b'[{"uri": 1}]', ["JSON"]),
        ("a.ttl", b"conceptType,conceptUri,skillType\n", ["starts with 'conceptType"]),
        ("a.ttl", "\ufeff@prefix".encode("utf-16"), ["UTF-16", "UTF-8"]),
        ("a.ttl", b"", ["empty"]),
        ("a.ttl", b"# nothing but a remark\n", ["no ESCO concept"]),
        ("a.ttl", CONCEPT + b"<urn:a> <urn:b> .\n", ["a.ttl", "line 2"]),
        ("a.nt", CONCEPT + CONCEPT + b"<urn:a> urn:b .\n", ["a.nt", "line 3"]),
        ("a.ttl", CONCEPT + LABEL % b"caf\xe9", ["line 2", "not UTF-8", "save the file as UTF-8"]),
        ("a.ttl", CONCEPT[:40], ["a.ttl", "cut off"]),
        ("a.ttl", b"<urn:a> <urn:b> <urn:c> .\n", ["no ESCO concept"]),
        (
            "a.ttl",
            b"<urn:a> <http://www.w3.org/2004/02/skos/core#note> <<( <urn:a> <urn:b> <urn:c> )>> .",
            ["RDF-star"],
        ),
        ("a.rdf", RDF_XML % (b"", b"x</wrong>"), ["a.rdf", "damaged"]),
    ],
)
def test_files_that_are_not_esco_are_refused(tmp_path: Path, name: str, data: bytes, words: list[str]) -> None:
    message = refusal(file(tmp_path, name, data))
    for word in words:
        assert word in message


def test_a_damaged_gzip_is_refused(tmp_path: Path) -> None:
    import random

    noise = random.Random(1).randbytes(200_000).hex().encode()
    packed = gzip.compress(CONCEPT + LABEL % noise)
    assert "ends too early" in refusal(file(tmp_path, "cut.ttl.gz", packed[: len(packed) // 2]))
    broken = bytearray(packed)
    broken[len(broken) // 2] ^= 0xFF
    assert "damaged" in refusal(file(tmp_path, "broken.ttl.gz", bytes(broken)))


def test_missing_and_empty_places_are_refused(tmp_path: Path) -> None:
    assert "does not exist" in refusal(tmp_path / "nowhere.ttl")
    (tmp_path / "empty").mkdir()
    assert "it is empty" in refusal(tmp_path / "empty")
    file(tmp_path / "empty", "notes.txt", b"x")
    assert "notes.txt" in refusal(tmp_path / "empty")


def test_the_file_of_a_folder_that_is_wrong_is_named(tmp_path: Path) -> None:
    file(tmp_path, "a.ttl", CONCEPT + LABEL % b"a")
    file(tmp_path, "b.ttl", CONCEPT + b"oops")
    assert refusal(tmp_path).startswith("b.ttl: ")


@pytest.mark.parametrize("name", ["../a.ttl", "/a.ttl", "x/../../a.ttl", "C:\\a.ttl", "..\\a.ttl"])
def test_a_zip_with_unsafe_names_is_refused(tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(name, CONCEPT)
    assert "unsafe member name" in refusal(tmp_path / "a.zip")


NESTED = b"".join(b'<!ENTITY l%d "%s">' % (i, b"&l%d;" % (i - 1) * 10) for i in range(1, 10))


@pytest.mark.parametrize(
    "declarations",
    [
        b'<!ENTITY l0 "lol">' + NESTED,
        b'<!ENTITY c SYSTEM "file:///etc/hostname">',
        b'<!ENTITY % c "x">',
        b'<!ENTITY c "' + b"x" * 5000 + b'">',
        b"<!ENTITY c 'x'",
    ],
)
def test_dangerous_xml_entities_are_refused(tmp_path: Path, declarations: bytes) -> None:
    data = RDF_XML % (b"<!DOCTYPE rdf:RDF [" + declarations + b"]>", b"&l9;")
    assert "entities" in refusal(file(tmp_path, "a.rdf", data))
    late = RDF_XML % (b"<!-- " + b"x" * 300_000 + b" --><!DOCTYPE rdf:RDF [" + declarations + b"]>", b"&l9;")
    assert "entities" in refusal(file(tmp_path, "b.rdf", late))


def test_namespace_entities_are_read(tmp_path: Path) -> None:
    data = RDF_XML % (b'<!DOCTYPE rdf:RDF [<!ENTITY who "baker">\n<!ENTITY xsd "http://example.org/x#" >]>', b"&who;")
    records = list(open_esco_rdf(file(tmp_path, "a.rdf", data), version="1.0.0").records())
    assert records[0].labels[0].value == "baker"  # type: ignore[union-attr]


def test_the_model_is_not_the_classification(shared_data: Path) -> None:
    assert "no ESCO concept" in refusal(shared_data / "esco/model/esco-model.rdf")


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    path = file(tmp_path, "a.ttl", CONCEPT + LABEL % b"a")
    with pytest.raises(SourceError, match="cannot write temporary files in"):
        list(open_esco_rdf(path, version="1.0.0", memory_budget=1, spill_dir=tmp_path / "absent").records())
