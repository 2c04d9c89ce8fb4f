"""What people hand in by mistake or on purpose, through the real command: each ends with status 1 and one line that says what and where, and
changes nothing."""

from __future__ import annotations

import gzip
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.flows.kill_tools import ESCO_1, ROOT, SAMPLE, check
from wikic.services.importing import Importing
from wikic.store.embedded import EmbeddedStore, open_embedded
from wikic.store.engine import Connection, Engine
from wikic.store.leases import heads
from wikic.store.schema import ensure_schema

ESCO = SAMPLE / "esco-1.ttl"
ROME = SAMPLE / "rome-1"

_OWNER = """
import sys
from pathlib import Path
from wikic.store.embedded import open_embedded
with open_embedded(Path(sys.argv[1])) as store:
    print("up", flush=True)
    sys.stdin.readline()
"""
_DOOMED = """
import os, signal, sys
from wikic import cli
from wikic.store import engine, writing
owner, server = int(sys.argv[1]), int(sys.argv[2])
send = writing.SpaceWriter.open_relations
def killing(self, relations):
    os.kill(owner, signal.SIGKILL)
    os.kill(server, signal.SIGKILL)
    send(self, relations)
writing.SpaceWriter.open_relations = killing
# The address is that of an embedded engine, which is spoken to as one.
opened = engine.Engine.of
engine.Engine.of = lambda connection, _kind: opened(connection, "arcadedb", patience=2)
sys.exit(cli.run(sys.argv[3:]))
"""


@dataclass(frozen=True)
class Command:
    """How a `wikic` command ended."""

    status: int
    out: str
    lines: list[str]


@dataclass(frozen=True)
class Site:
    """One embedded store that runs, and commands on it."""

    data: Path
    store: EmbeddedStore
    engine: Engine

    def wikic(self, *arguments: str | Path, limit: Callable[[], None] | None = None) -> Command:
        """Run a command as a person does."""
        return run_wikic(self.data, *arguments, limit=limit)

    def refuses(self, *arguments: str | Path) -> str:
        """The one line with which a command ends that fails; the store is as it was."""
        before = heads(self.engine)
        ran = self.wikic("import", *arguments)
        assert ran.status == 1, ran
        assert len(ran.lines) == 1, ran.lines
        assert ran.out == ""
        assert heads(self.engine) == before
        return ran.lines[0]


def environment(data: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WIKIC_")}
    return {**kept, "WIKIC_DATA": str(data), **more}


def run_wikic(data: Path, *arguments: str | Path, limit: Callable[[], None] | None = None) -> Command:
    ran = subprocess.run(
        [sys.executable, "-m", "wikic.cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment(data),
        preexec_fn=limit,
        check=False,
    )
    return Command(ran.returncode, ran.stdout, ran.stderr.splitlines())


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    data = tmp_path_factory.mktemp("data")
    with open_embedded(data) as store, Engine.of(store.connection(), "arcadedb", store.refresh) as engine:
        ensure_schema(engine)
        yield Site(data, store, engine)


class TestEscoRdf:
    def test_truncated_gzip(self, site: Site, tmp_path: Path) -> None:
        file = tmp_path / "esco.ttl.gz"
        file.write_bytes(gzip.compress(ESCO.read_bytes())[:-2000])
        line = site.refuses("esco", file, "--version", "1")
        assert "esco.ttl.gz" in line
        assert re.search("cut off|truncated|ends|damaged|broken", line), line

    def test_syntax_error(self, site: Site, tmp_path: Path) -> None:
        file = tmp_path / "esco.ttl"
        lines = ESCO.read_text().splitlines(keepends=True)
        lines.insert(1000, "this is not Turtle at all ;;;\n")
        file.write_text("".join(lines))
        line = site.refuses("esco", file, "--version", "1")
        assert f"{file.name}:1001" in line or "line 1001" in line, line

    def test_a_page_of_a_website(self, site: Site, tmp_path: Path) -> None:
        file = tmp_path / "esco.ttl"
        file.write_text("<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>Please sign in</body></html>\n")
        line = site.refuses("esco", file, "--version", "1")
        assert "esco.ttl" in line
        assert "HTML" in line

    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("report.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n"),
            ("book.xlsx", b"PK\x03\x04 not really"),
            ("data.json", b'{"hits": []}'),
            ("renamed.ttl", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n"),
            ("binary.ttl", bytes(range(256)) * 40),
            ("renamed.csv", b"\x89PNG\r\n\x1a\n" + bytes(300)),
            ("nothing.ttl", b""),
            ("other.ttl", b"@prefix f: <http://xmlns.com/foaf/0.1/> .\n<http://example.org/a> f:name \"A\" .\n"),
        ],
    )
    def test_files_of_another_kind(self, site: Site, tmp_path: Path, name: str, content: bytes) -> None:
        file = tmp_path / name
        file.write_bytes(content)
        assert name in site.refuses("esco", file, "--version", "1")

    def test_a_workbook(self, site: Site, tmp_path: Path) -> None:
        import openpyxl

        file = tmp_path / "esco.xlsx"
        openpyxl.Workbook().save(file)
        assert "esco.xlsx" in site.refuses("esco", file, "--version", "1")

    def test_an_empty_folder(self, site: Site, tmp_path: Path) -> None:
        assert tmp_path.name in site.refuses("esco", tmp_path, "--version", "1")

    def test_no_such_file(self, site: Site, tmp_path: Path) -> None:
        assert "there is no such file" in site.refuses("esco", tmp_path / "esco.ttl", "--version", "1")

    def test_a_zip_bomb(self, site: Site, tmp_path: Path) -> None:
        file = tmp_path / "esco.zip"
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("esco.ttl", "w") as member:
            for _ in range(300):
                member.write(b"#  comment comment comment com\n" * (1 << 15))
        assert file.stat().st_size < 1 << 20
        line = site.refuses("esco", file, "--version", "1")
        assert "esco.zip" in line
        assert re.search("bomb|times|unpack", line), line

    def test_a_gzip_bomb(self, site: Site, tmp_path: Path) -> None:
        file = tmp_path / "esco.ttl.gz"
        with gzip.open(file, "wb") as packed:
            for _ in range(300):
                packed.write(b"#  comment comment comment com\n" * (1 << 15))
        assert "esco.ttl.gz" in site.refuses("esco", file, "--version", "1")

    def test_a_line_without_end(self, site: Site, tmp_path: Path) -> None:
        file = tmp_path / "esco.ttl"
        file.write_bytes(b"#" * (40 << 20))
        line = site.refuses("esco", file, "--version", "1")
        assert "esco.ttl" in line
        assert "fault of Wiki-C" not in line

    def test_names_that_lead_out_of_the_zip(self, site: Site, tmp_path: Path) -> None:
        folder = tmp_path / "deep" / "er"
        folder.mkdir(parents=True)
        file = folder / "esco.zip"
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("../../escaped.ttl", "this is no Turtle either")
        line = site.refuses("esco", file, "--version", "1")
        assert "escaped.ttl" in line
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == [file]

    def test_entities_that_expand(self, site: Site, tmp_path: Path) -> None:
        file = tmp_path / "esco.rdf"
        entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">\n' for n in range(1, 12))
        file.write_text(
            '<?xml version="1.0"?>\n<!DOCTYPE rdf:RDF [\n<!ENTITY e0 "boom">\n' + entities + "]>\n"
            '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:s="http://www.w3.org/2004/02/skos/core#">\n'
            '<s:Concept rdf:about="http://data.europa.eu/esco/skill/1"><s:prefLabel xml:lang="en">&e11;</s:prefLabel>'
            "</s:Concept>\n</rdf:RDF>\n"
        )
        assert "esco.rdf" in site.refuses("esco", file, "--version", "1")

    def test_an_entity_that_reads_a_file(self, site: Site, tmp_path: Path) -> None:
        secret = tmp_path / "secret"
        secret.write_text("s3cr3t")
        file = tmp_path / "esco.rdf"
        file.write_text(
            f'<?xml version="1.0"?>\n<!DOCTYPE rdf:RDF [<!ENTITY x SYSTEM "file://{secret}">]>\n'
            '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:s="http://www.w3.org/2004/02/skos/core#">\n'
            '<s:Concept rdf:about="http://data.europa.eu/esco/skill/1"><s:prefLabel xml:lang="en">&x;</s:prefLabel>'
            "</s:Concept>\n</rdf:RDF>\n"
        )
        line = site.refuses("esco", file, "--version", "1")
        assert "esco.rdf" in line
        assert "s3cr3t" not in line


class TestCsv:
    def test_a_column_that_is_missing(self, site: Site, tmp_path: Path) -> None:
        file = tmp_path / "skills_en.csv"
        file.write_text("conceptType,preferredLabel\nKnowledgeSkillCompetence,saw\n")
        line = site.refuses("esco", tmp_path, "--version", "1")
        assert "skills_en.csv" in line
        assert "conceptUri" in line

    def test_rome_without_a_column(self, site: Site, tmp_path: Path) -> None:
        folder = shutil.copytree(ROME, tmp_path / "rome")
        file = next(folder.glob("unix_referentiel_code_rome_v*_utf8.csv"))
        file.write_text(file.read_text().replace("code_rome", "code_emor", 1))
        line = site.refuses("rome", folder)
        assert file.name in line
        assert "code_rome" in line

    def test_rome_3(self, site: Site, tmp_path: Path) -> None:
        for name, header in (
            ("unix_referentiel_code_rome_v346_utf8.csv", "code_rome,code_fiche_metier,code_ogr,libelle_rome,statut"),
            ("unix_referentiel_competence_v346_utf8.csv", "code_ogr,libelle_competence,code_type_competence,statut"),
            ("unix_referentiel_environnement_travail_v346_utf8.csv", "code_ogr,libelle_env_travail,libelle_type,statut"),
        ):
            (tmp_path / name).write_text(header + "\n")
        line = site.refuses("rome", tmp_path)
        assert "ROME 3" in line or "4.0" in line, line

    def test_an_empty_folder(self, site: Site, tmp_path: Path) -> None:
        assert tmp_path.name in site.refuses("rome", tmp_path)

    def test_a_table_that_is_no_mapping(self, site: Site, tmp_path: Path) -> None:
        file = tmp_path / "mapping.csv"
        file.write_text("a,b,c\n1,2,3\n")
        assert "mapping.csv" in site.refuses("crosswalk", file)


class TestFullDisks:
    def test_the_temporary_folder(self, site: Site) -> None:
        def limit() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

        before = heads(site.engine)
        ran = site.wikic("import", "esco", ESCO, "--version", "1", limit=limit)
        assert (ran.status, len(ran.lines)) == (1, 1), ran
        assert "File too large" in ran.lines[0] or "space" in ran.lines[0], ran.lines
        assert heads(site.engine) == before

    def test_the_data_folder(self, small_disk: Path) -> None:
        data = small_disk / "data"
        filler = small_disk / "filler"
        with open_embedded(data) as store, Engine.of(store.connection(), "arcadedb", store.refresh) as engine:
            ensure_schema(engine)
            fill(filler, leave=200_000)
            ran = run_wikic(data, "import", "esco", ESCO, "--version", "1")
            assert (ran.status, len(ran.lines)) == (1, 1), ran
            assert heads(engine) == {"public": 0}
            filler.unlink()
            assert run_wikic(data, "import", "esco", ESCO, "--version", "1").status == 0
            check(engine)


def fill(file: Path, *, leave: int) -> None:
    """Use up all of a file system but some bytes."""
    room = os.statvfs(file.parent)
    with file.open("wb") as filler:
        os.posix_fallocate(filler.fileno(), 0, room.f_bavail * room.f_bsize - leave)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A small file system; only root may make one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=80m", "tmpfs", str(folder)], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"cannot mount a small file system here: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_store_that_goes_away_half_way(tmp_path: Path) -> None:
    """The process that runs the embedded engine is killed, and with it the engine; where no other may start it, the import ends in one line."""
    data = tmp_path / "data"
    with subprocess.Popen(
        [sys.executable, "-c", _OWNER, str(data)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    ) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline()
        given = json.loads((data / "store.json").read_text())
        connection = Connection(given["uri"], given["user"], given["password"], given["database"])
        with Engine.of(connection, "arcadedb") as engine:
            ensure_schema(engine)
        ran = subprocess.run(
            [sys.executable, "-c", _DOOMED, str(owner.pid), str(given["pid"]), "import", "esco", str(ESCO), "--version", "1"],
            capture_output=True,
            text=True,
            cwd=ROOT,
            env=environment(
                data,
                WIKIC_STORE=connection.uri,
                WIKIC_STORE_USER=connection.user,
                WIKIC_STORE_PASSWORD=connection.password,
                WIKIC_STORE_DATABASE=connection.database,
            ),
            check=False,
        )
        lines = ran.stderr.splitlines()
        assert (ran.returncode, len(lines)) == (1, 1), lines
        assert re.search("does not answer|broke during a commit", lines[0]), lines
        owner.wait()
    with open_embedded(data) as store, Engine.of(store.connection(), "arcadedb", store.refresh) as engine:
        assert heads(engine) == {"public": 0}
        assert Importing(engine).run(ESCO_1.open()).seq
        check(engine)
