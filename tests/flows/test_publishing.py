"""Whole releases as downloads: equal each time, kept, valid, and with nothing wrong in them that is not in the source."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.compare import isomorphic

from tests.engines import wipe
from tests.sample_world import World, make_world
from wikic import cli
from wikic.bootstrap import app_of
from wikic.domain.access import SYSTEM, operator
from wikic.domain.records import Label
from wikic.errors import Busy, InvalidInput, StoreError, StoreUnavailable, UnknownRelease
from wikic.linked_data.shapes import validate
from wikic.services.editing import Create
from wikic.services.publishing import Publishing
from wikic.services.publishing_kept import Kept
from wikic.store.engine import Engine, Query

# rdflib's own JSON-LD parser still uses it.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")

BASE = "https://skills.example.org"


@pytest.fixture
def world(engine: Engine) -> World:
    made = make_world(engine)
    made.app.releasing.freeze("2027", actor=SYSTEM)
    made.app.reading.forget()
    return made


def whole(publishing: Publishing, name: str, form: str) -> bytes:
    return b"".join(publishing.download(name, BASE, form))


def test_downloads_are_equal_and_load_everywhere(world: World) -> None:
    graphs, stores = [], []
    for form, name, kind in (
        ("nt", "nt", ox.RdfFormat.N_TRIPLES),
        ("ttl", "turtle", ox.RdfFormat.TURTLE),
        ("jsonld", "json-ld", ox.RdfFormat.JSON_LD),
    ):
        content = whole(world.app.publishing, "2027", form)
        assert whole(world.app.publishing, "2027", form) == content
        graphs.append(rdflib.Graph().parse(data=content, format=name))
        store = ox.Store()
        store.load(input=content, format=kind)
        stores.append(store)
    assert len(graphs[0]) > 2_000
    assert all(isomorphic(graphs[0], each) for each in graphs[1:])
    assert {len(store) for store in stores} == {len(graphs[0])}
    concepts = set(graphs[0].subjects(rdflib.RDF.type, rdflib.SKOS.Concept))
    total = sum(item["total"] for item in world.app.reading.schemes(world.app.reading.moment()).items)
    assert len(concepts) == total


def test_downloads_hold_source_and_licence(world: World) -> None:
    text = whole(world.app.publishing, "2025", "ttl").decode()
    head = text.partition("\n\n<https://skills.example.org/c/")[0]
    assert "This service uses the ESCO classification of the European Commission." in head
    assert "https://creativecommons.org/licenses/by/4.0/" in head
    assert "Source : France Travail, ROME 4.0." in head
    assert "https://www.etalab.gouv.fr/licence-ouverte-open-licence/" in head


def test_both_engines_give_the_same_concepts(neo4j_engine: Engine, arcadedb_engine: Engine) -> None:
    def concepts(of: Engine) -> list[bytes]:
        made = make_world(of)
        lines = whole(made.app.publishing, "2026", "nt").splitlines()
        times = (b"terms/issued", b"terms/modified", b"endedAtTime")
        return [line for line in lines if not any(word in line for word in times)]

    assert concepts(neo4j_engine) == concepts(arcadedb_engine)


def test_a_release_never_changes(world: World) -> None:
    before = whole(world.app.publishing, "2025", "nt")
    create = Create("skill", (Label("fold", "en", "preferred"),))
    world.app.editing.apply([create], actor="tester", summary="a new skill")
    assert whole(Publishing(world.app.engine, world.app.reading), "2025", "nt") == before
    assert whole(world.app.publishing, "2026", "nt") != before


@pytest.mark.parametrize("name", ["2025", "2027"])
def test_releases_keep_to_the_shapes(world: World, name: str) -> None:
    assert validate(whole(world.app.publishing, name, "nt"), "nt") == []


def test_shapes_find_what_is_wrong(world: World) -> None:
    text = whole(world.app.publishing, "2025", "nt").decode()
    lines = text.splitlines(keepends=True)
    broken = [line for line in lines if "hasStatus" not in line]
    label = next(line for line in lines if "core#prefLabel" in line and "/c/" in line.split()[0])
    broken.append(label.replace("prefLabel", "altLabel"))
    broken.append(label.replace('> "', '> "another '))
    paths = {violation.path.rpartition("#")[2] for violation in validate("".join(broken).encode(), "nt")}
    assert {"hasStatus", "prefLabel"} <= paths


def test_checks_find_nothing_of_ours(world: World) -> None:
    for name in ("2025", "2026"):
        assert world.app.publishing.check(name).ours == {}
    # The three that are made here say nothing more than their name.
    assert set(world.app.publishing.check("2027").ours) <= {"no-definition", "orphan"}


def test_what_is_made_is_kept(world: World, tmp_path: Path) -> None:
    publishing = Publishing(world.app.engine, world.app.reading, tmp_path / "downloads")
    assert publishing.kept("2025", BASE, "nt.gz") is None
    readers = [publishing.download("2025", BASE, "nt.gz") for _ in range(4)]
    next(readers.pop())
    made = b"".join(readers.pop())
    assert gzip.decompress(made) == whole(world.app.publishing, "2025", "nt")
    kept = publishing.kept("2025", BASE, "nt.gz")
    assert kept is not None
    assert kept.read_bytes() == made
    assert [b"".join(reader) for reader in readers] == [made, made]
    assert publishing.kept("2026", BASE, "nt.gz") is None
    # What was signed has one address of the site, whatever it is now.
    assert publishing.kept("2025", "https://other.example.org", "nt.gz") == kept
    assert b"".join(publishing.download("2025", "https://other.example.org", "nt.gz", keep=False)) == made
    world.app.releasing.freeze("2028", actor=operator("tester"))
    assert publishing.file_name("2028", BASE, "nt") != publishing.file_name("2028", "https://other.example.org", "nt")
    assert list((tmp_path / "downloads").iterdir()) == [kept]


def test_a_download_that_fails_is_not_kept(tmp_path: Path) -> None:
    kept = Kept(tmp_path)

    def parts() -> Iterator[bytes]:
        yield b"one"
        raise StoreUnavailable("the store went away")

    reader = kept.stream("a.nt", parts)
    assert next(reader) == b"one"
    with pytest.raises(StoreError, match="went away"):
        next(reader)
    assert list(tmp_path.iterdir()) == []
    assert b"".join(kept.stream("a.nt", lambda: iter([b"one", b"two"]))) == b"onetwo"
    assert kept.path("a.nt") is not None


def test_a_folder_that_cannot_be_written_is_no_trouble(world: World, tmp_path: Path) -> None:
    (tmp_path / "downloads").write_text("a file")
    publishing = Publishing(world.app.engine, world.app.reading, tmp_path / "downloads")
    assert whole(publishing, "2025", "nt") == whole(world.app.publishing, "2025", "nt")


def test_refusals(world: World) -> None:
    publishing = world.app.publishing
    with pytest.raises(UnknownRelease):
        publishing.download("2040", BASE, "nt")
    with pytest.raises(InvalidInput):
        publishing.download("2025", BASE, "exe")
    running = [publishing.download("2025", BASE, "nt") for _ in range(2)]
    with pytest.raises(Busy):
        publishing.download("2025", BASE, "nt")
    running.pop()
    assert whole(publishing, "2025", "nt") == b"".join(running[0])
    assert whole(publishing, "2025", "nt")


def test_memory_holds_windows_only(world: World) -> None:
    with world.app.engine.count_round_trips() as counted:
        whole(world.app.publishing, "2027", "nt")
    assert len([name for name in counted.names if name.startswith("dump.")]) <= 4


def test_commands(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from contextlib import contextmanager

    from wikic import cli_dump

    @contextmanager
    def opened():  # type: ignore[no-untyped-def]
        yield world.app

    monkeypatch.setattr(cli_dump, "opened", opened)
    monkeypatch.setenv("WIKIC_PUBLIC_URL", BASE)
    out = tmp_path / "2027.nt.gz"
    assert cli.run(["release", "dump", "2027", "--out", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["release"], told["format"], told["size"]) == ("2027", "nt", out.stat().st_size)
    assert cli.run(["release", "dump", "2027", "--out", str(tmp_path / "x.doc")]) == 1
    assert cli.run(["release", "dump", "2040", "--format", "nt", "--out", str(out)]) == 1
    assert cli.run(["release", "quality", "2026"]) == 0
    assert "hierarchy-cycle" in capsys.readouterr().out
    assert cli.run(["import", "wikic", str(out)]) == 1
    assert "not empty" in capsys.readouterr().err
    total = world.app.engine.read(Query("tests.total", "MATCH (c:Concept) RETURN count(c) AS n"))[0]["n"]
    wipe(world.app.engine)
    world.app = app_of(world.app.engine, lambda: None)
    assert cli.run(["import", "wikic", str(out), "--dry-run"]) == 0
    assert cli.run(["import", "wikic", str(out), "--json"]) == 0
    printed = capsys.readouterr().out
    report = json.loads(printed[printed.index("{") :])
    assert sum(report["concepts"].values()) == total
    assert [path.name for path in tmp_path.iterdir()] == ["2027.nt.gz"]
