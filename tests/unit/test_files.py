"""Opening files, archives and folders: what is found, what is refused, progress and digests."""

from __future__ import annotations

import gzip
import io
import os
import struct
import zipfile
from pathlib import Path

import pytest

from importers import files
from importers.files import FileSet, Meter, foreign_kind, open_files, refuse_foreign
from wikic.errors import SourceError


def read_all(found: FileSet, meter: Meter | None = None) -> dict[str, bytes]:
    data = {}
    for member in found.members:
        with found.open(member, meter) as stream:
            data[member.name] = stream.read()
    return data


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def test_a_folder_is_searched_at_any_depth(tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "skills_en.csv").write_bytes(b"a")
    (tmp_path / "B.CSV.gz").write_bytes(gzip.compress(b"b"))
    (tmp_path / "readme.txt").write_bytes(b"c")
    (tmp_path / ".hidden.csv").write_bytes(b"d")
    (tmp_path / "__MACOSX").mkdir()
    (tmp_path / "__MACOSX" / "x.csv").write_bytes(b"e")
    zipped(
        tmp_path / "more.zip",
        {"fr/skills_fr.csv": b"f", "fr/.x.csv": b"g", "note.md": b"h", "z.csv.gz": gzip.compress(b"i")},
    )
    found = open_files(tmp_path, [".csv"])
    assert read_all(found) == {
        "B.CSV.gz": b"b",
        "en/skills_en.csv": b"a",
        "more.zip/fr/skills_fr.csv": b"f",
        "more.zip/z.csv.gz": b"i",
    }
    assert [member.base for member in found.members] == ["B.CSV", "skills_en.csv", "skills_fr.csv", "z.csv"]
    assert {member.suffix for member in found.members} == {".csv"}
    assert found.others == ["more.zip/note.md", "readme.txt"]


def test_a_single_file_is_taken_whatever_its_name(tmp_path: Path) -> None:
    path = tmp_path / "download"
    path.write_bytes(gzip.compress(b"text"))
    assert read_all(open_files(path, [".csv"])) == {"download": b"text"}


def test_progress_reaches_the_total(tmp_path: Path) -> None:
    noise = os.urandom(3 << 20)
    (tmp_path / "a.csv").write_bytes(noise)
    (tmp_path / "b.csv.gz").write_bytes(gzip.compress(noise))
    zipped(tmp_path / "c.zip", {"c.csv": noise, "d.csv.gz": gzip.compress(noise)})
    found = open_files(tmp_path, [".csv"])
    told: list[tuple[int, int]] = []
    meter = Meter(found.size, lambda done, total: told.append((done, total)))
    read_all(found, meter)
    assert meter.done == found.size
    meter.finish()
    assert told == sorted(told)
    assert len(told) > 6
    assert told[-1] == (found.size, found.size)


def test_lines_are_decoded_with_their_ends(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes('\ufeffé,1\r\n"x\ny",2'.encode())
    found = open_files(tmp_path, [".csv"])
    assert list(found.lines(found.members[0])) == ["é,1\r\n", '"x\n', 'y",2']


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"a\nb\xe9\n", ["a.csv:2", "0xE9", "UTF-8"]),
        ("a,b\n".encode("utf-16"), ["UTF-16"]),
    ],
)
def test_text_that_is_not_utf8_is_refused(tmp_path: Path, data: bytes, words: list[str]) -> None:
    (tmp_path / "a.csv").write_bytes(data)
    found = open_files(tmp_path, [".csv"])
    with pytest.raises(SourceError) as caught:
        list(found.lines(found.members[0]))
    assert all(word in caught.value.message for word in words)


def test_other_encodings_can_be_asked_for(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"\xe9\n")
    found = open_files(tmp_path, [".csv"])
    assert list(found.lines(found.members[0], encoding="latin-1")) == ["é\n"]


def test_the_digest_follows_content_and_options_not_the_place(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        for name in ("2.csv", "1.csv") if folder == "a" else ("1.csv", "2.csv"):
            (tmp_path / folder / name).write_bytes(name.encode())
    first, second = (open_files(tmp_path / folder, [".csv"]) for folder in ("a", "b"))
    assert first.digest() == second.digest()
    assert first.digest(["x"]) != first.digest()
    (tmp_path / "b" / "2.csv").rename(tmp_path / "b" / "3.csv")
    renamed = open_files(tmp_path / "b", [".csv"])
    assert renamed.digest() != first.digest()
    assert renamed.digest(names=False) == first.digest(names=False)


@pytest.mark.parametrize("name", ["../a.csv", "/a.csv", "x/../../a.csv", "C:\\a.csv", "..\\a.csv"])
def test_unsafe_names_in_a_zip_are_refused(tmp_path: Path, name: str) -> None:
    path = zipped(tmp_path / "a.zip", {name: b"x"})
    with pytest.raises(SourceError, match="unsafe member name"):
        open_files(path, [".csv"])


def test_a_bomb_is_refused_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "FREE_BYTES", 1 << 20)
    zeros = b"0" * (8 << 20)
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(zeros))
    zipped(tmp_path / "b.zip", {"b.csv": zeros})
    for path in (tmp_path / "a.csv.gz", tmp_path / "b.zip"):
        with pytest.raises(SourceError, match="refused as a bomb"):
            read_all(open_files(path, [".csv"]))


def test_many_archives_that_are_too_much_together_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_TOTAL", 3 << 20)
    path = zipped(tmp_path / "a.zip", {f"{i}.csv": b"0" * (1 << 20) for i in range(4)})
    with pytest.raises(SourceError, match="GiB"):
        read_all(open_files(path, [".csv"]))


def test_overlapping_members_are_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"1.csv": os.urandom(1000)})
    data = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        start = archive.start_dir
    end = data.rindex(b"PK\x05\x06")
    directory = data[start:end] + data[start:end].replace(b"1.csv", b"2.csv")
    tail = bytearray(data[end:])
    struct.pack_into("<HHI", tail, 8, 2, 2, len(directory))
    path.write_bytes(data[:start] + directory + tail)  # two names for the same bytes
    with pytest.raises(SourceError, match="members overlap"):
        open_files(path, [".csv"])


def test_damaged_archives_are_refused(tmp_path: Path) -> None:
    noise = os.urandom(1 << 16)
    path = zipped(tmp_path / "a.zip", {"a.csv": noise})
    data = bytearray(path.read_bytes())
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(SourceError, match="damaged zip archive"):
        open_files(path, [".csv"])
    data[1000] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(SourceError, match="damaged"):
        read_all(open_files(path, [".csv"]))
    packed = gzip.compress(noise)
    (tmp_path / "a.csv.gz").write_bytes(packed[:-100])
    with pytest.raises(SourceError, match="ends too early"):
        read_all(open_files(tmp_path / "a.csv.gz", [".csv"]))


def test_an_encrypted_member_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"a.csv": b"x"})
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    with pytest.raises(SourceError, match="encrypted"):
        open_files(path, [".csv"])


def test_an_office_document_is_no_zip_of_files(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.xlsx", {"[Content_Types].xml": b"x", "xl/a.csv": b"x"})
    with pytest.raises(SourceError, match="Office document"):
        open_files(path, [".csv"])
    assert [member.suffix for member in open_files(path, [".xlsx"]).members] == [".xlsx"]


def test_nothing_and_empty_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="does not exist"):
        open_files(tmp_path / "absent", [".csv"])
    with pytest.raises(SourceError, match="it is empty"):
        open_files(tmp_path, [".csv"])
    (tmp_path / "a.csv").touch()
    with pytest.raises(SourceError, match=r"a\.csv is empty"):
        open_files(tmp_path, [".csv"])
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(SourceError, match="neither a file nor a folder"):
        open_files(tmp_path / "pipe", [".csv"])


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"%PDF-1.4", "a PDF document"),
        (b"\n <!doctype HTML><p>", "an HTML page"),
        (b"\xff\xfea\0", "UTF-16 text"),
        (b"\0" * 257 + b"ustar", "a tar archive"),
        (b"ab\0cd", "a binary file"),
        (b"plain,text\n", ""),
        ("\ufeffé".encode(), ""),
    ],
)
def test_foreign_kinds_are_told_by_their_first_bytes(head: bytes, kind: str) -> None:
    assert foreign_kind(head) == kind
    if kind:
        with pytest.raises(SourceError, match=kind):
            refuse_foreign(head, "x", "CSV")
    else:
        refuse_foreign(head, "x", "CSV")


def test_open_gives_a_buffered_reader(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"abc")
    found = open_files(tmp_path, [".csv"])
    with found.open(found.members[0]) as stream:
        assert isinstance(stream, io.BufferedReader)
        assert stream.peek(1)[:1] == b"a"
    assert found.head(found.members[0], 2) == b"ab"
