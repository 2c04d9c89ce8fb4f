"""Backup and restore: nothing is lost on the way through either engine, nothing half done is ever visible, no bad file is trusted."""

from __future__ import annotations

import gzip
import json
import os
import re
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

import wikic.store
from tests.engines import server_for_tests, wipe
from tests.flows.model import Killed, MortalEngine, expire_leases
from tests.flows.sample_store import PRIVATE, SAMPLE, fill, lines, rows
from wikic.domain.records import Label
from wikic.domain.vocabulary import PREFERRED, PUBLIC_SPACE
from wikic.errors import BackupError, Busy
from wikic.services import backup_file, importing
from wikic.services.backup import Backup
from wikic.services.checking import Checking
from wikic.services.editing import Create, Editing
from wikic.services.importing import Importing
from wikic.store import writing
from wikic.store.engine import Engine, Query
from wikic.store.history import list_changes
from wikic.store.leases import acquire, heads, release
from wikic.store.schema import INDEXES, UNIQUE, ensure_schema
from wikic.store.snapshot import DERIVED, LABELS, LAST, RELATIONSHIPS, SECTIONS
from wikic.store.snapshot_reading import windows

NODES = Query("tests.nodes", "MATCH (n) UNWIND labels(n) AS label RETURN label, count(*) AS n")
EDGES = Query("tests.edges", "MATCH ()-[r]->() RETURN type(r) AS type, count(*) AS n")
STRANGER = Query("tests.stranger", "CREATE (s:Stranger {name: 'odd'})")
STRANGE_EDGE = Query("tests.strange_edge", "MATCH (s:Space), (m:Meta) CREATE (s)-[:ODDLY_TIED]->(m)")
ORPHAN = Query("tests.orphan", "CREATE (s:State {concept: 'nobody', space: 'public', from_seq: 1, to_seq: 2})")
KILLED = """
import os, signal, sys
from pathlib import Path
from wikic.services.backup import Backup
from wikic.store.engine import Engine

def told(stage, done, total):
    if stage == "writing" and done > total // 2:
        os.kill(os.getpid(), signal.SIGKILL)

uri, user, database, kind, path = sys.argv[1:]
Backup(Engine(uri, user, os.environ["STORE_PASSWORD"], database, kind)).restore(Path(path), told)
"""


@pytest.fixture(scope="module")
def saved(arcadedb_engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of the sample store."""
    path = tmp_path_factory.mktemp("backup") / "sample.gz"
    wipe(arcadedb_engine)
    fill(arcadedb_engine)
    Backup(arcadedb_engine).save(path)
    return path


def census(engine: Engine) -> dict[str, int]:
    counts = {row["label"]: int(row["n"]) for row in engine.read(NODES)}
    return counts | {row["type"]: int(row["n"]) for row in engine.read(EDGES)}


def assert_empty(engine: Engine) -> None:
    """Nothing is there but a founded store."""
    assert census(engine) == {"Meta": 1, "Space": 1}
    assert heads(engine) == {PUBLIC_SPACE: 0}


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("ways", [("arcadedb", "neo4j"), ("neo4j", "arcadedb")], ids="-".join)
def test_a_store_survives_the_way_there_and_back(
    ways: tuple[str, str], request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    here, there = (request.getfixturevalue(f"{name}_engine") for name in ways)
    wipe(here)
    wipe(there)
    fill(here)
    before = census(here)
    made = Backup(here).save(tmp_path / "1")
    restored = Backup(there).restore(tmp_path / "1")
    assert census(there) == {name: n for name, n in before.items() if name not in DERIVED}
    Backup(there).save(tmp_path / "2")
    wipe(here)
    Backup(here).restore(tmp_path / "2")
    Backup(here).save(tmp_path / "3")
    assert rows(tmp_path / "1") == rows(tmp_path / "2") == rows(tmp_path / "3")
    assert heads(here) == heads(there) == made.heads == restored.heads
    assert made.heads[PRIVATE] > made.heads[PUBLIC_SPACE] > 0
    assert restored.epoch != made.epoch
    assert restored.counts == made.counts
    assert set(made.counts) == {section.name for section in SECTIONS}, "the sample has rows of every section"
    assert Checking(here).run() == Checking(there).run() == []


def test_a_restored_store_goes_on_counting(engine: Engine, saved: Path) -> None:
    Backup(engine).restore(saved)
    header = json.loads(lines(saved)[0])
    create = Create("skill", (Label("mend", "en", PREFERRED),))
    assert Editing(engine).apply([create], actor="editor", summary="after") == header["seq"] + 1
    assert Checking(engine).run() == []


def test_the_table_names_every_label_of_the_store() -> None:
    folder = Path(wikic.store.__file__ or "").parent
    text = "".join(path.read_text() for path in folder.glob("*.py"))
    labels = set(re.findall(r"\(\w*:([A-Z][A-Za-z]+)", text)) | {label for label, _ in (*UNIQUE, *INDEXES)}
    types = set(re.findall(r"\[\w*:([A-Z][A-Z_]+)", text))
    assert {"Concept", "State", "Journal", "Meta"} < labels
    assert {"HAS_STATE", "BROADER"} < types
    assert labels == LABELS
    assert types <= RELATIONSHIPS


@pytest.mark.parametrize(("stranger", "name"), [(STRANGER, "Stranger"), (STRANGE_EDGE, "ODDLY_TIED")])
def test_what_the_table_does_not_know_is_refused(engine: Engine, tmp_path: Path, stranger: Query, name: str) -> None:
    ensure_schema(engine)
    engine.write(lambda tx: tx.run(stranger))
    with pytest.raises(BackupError, match=f"does not know .{name}"):
        Backup(engine).save(tmp_path / "1")
    assert files(tmp_path) == []


def test_rows_that_hang_on_nothing_are_not_left_out_silently(engine: Engine, saved: Path, tmp_path: Path) -> None:
    Backup(engine).restore(saved)
    engine.write(lambda tx: tx.run(ORPHAN))
    with pytest.raises(BackupError, match="of state but"):
        Backup(engine).save(tmp_path / "1")
    assert files(tmp_path) == []


def test_a_write_under_way_is_not_part(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from importers.esco_rdf import open_esco_rdf

    ensure_schema(engine)
    Importing(engine).run(open_esco_rdf(SAMPLE / "esco-1.ttl", version="1.0.0"))
    Backup(engine).save(tmp_path / "before")
    commit = writing.commit

    def save_then_commit(*arguments: Any) -> None:
        Backup(engine).save(tmp_path / "during")
        commit(*arguments)

    monkeypatch.setattr(importing, "commit", save_then_commit)
    report = Importing(engine).run(open_esco_rdf(SAMPLE / "esco-2.ttl", version="1.1.0"))
    Backup(engine).save(tmp_path / "after")
    assert report.removed or report.changed_concepts
    assert rows(tmp_path / "during") == rows(tmp_path / "before") != rows(tmp_path / "after")
    assert json.loads(lines(tmp_path / "during")[0])["heads"] == {PUBLIC_SPACE: 1}


def test_an_existing_file_is_not_overwritten(engine: Engine, tmp_path: Path) -> None:
    ensure_schema(engine)
    (tmp_path / "1").write_text("precious")
    with pytest.raises(BackupError, match="is there already"):
        Backup(engine).save(tmp_path / "1")
    assert (tmp_path / "1").read_text() == "precious"
    assert files(tmp_path) == ["1"]


def test_a_file_that_appears_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "1"

    def write() -> None:
        with backup_file.new_backup(path) as file:
            file.header({})
            file.close()
            path.write_text("precious")

    with pytest.raises(BackupError, match="is there already"):
        write()
    assert path.read_text() == "precious"
    assert files(tmp_path) == ["1"]


@pytest.fixture
def small_disk() -> Iterator[None]:
    """No file of this process may grow beyond 20 kB."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.usefixtures("small_disk")
def test_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    noise = [{"id": sha256(str(number).encode()).hexdigest()} for number in range(10_000)]

    def write() -> None:
        with backup_file.new_backup(tmp_path / "1") as file:
            file.header({})
            file.rows("state", noise)
            file.close()

    with pytest.raises(BackupError, match=r"cannot write .*1: File too large; nothing was left there"):
        write()
    assert files(tmp_path) == []


def test_a_folder_that_is_not_there_is_named(engine: Engine, tmp_path: Path) -> None:
    ensure_schema(engine)
    with pytest.raises(BackupError, match=r"cannot write .*absent"):
        Backup(engine).save(tmp_path / "absent" / "1")


Damage = Callable[[list[bytes]], list[bytes]]


def _header(**changes: Any) -> Damage:
    return lambda all_: [json.dumps({**json.loads(all_[0]), **changes}).encode() + b"\n", *all_[1:]]


def signed(all_: list[bytes]) -> list[bytes]:
    """Lines with a trailer that fits them."""
    counts: dict[str, int] = {}
    for line in all_[1:-1]:
        section = json.loads(line)[0]
        counts[section] = counts.get(section, 0) + 1
    digest = sha256(b"".join(all_[:-1])).hexdigest()
    return [*all_[:-1], json.dumps({"end": "wiki-c-backup", "counts": counts, "sha256": digest}).encode() + b"\n"]


DAMAGES: dict[str, tuple[Damage, str]] = {
    "no trailer": (lambda all_: all_[:-1], "ends too early"),
    "a line less": (lambda all_: [*all_[:5], *all_[6:]], "altered or damaged"),
    "two lines swapped": (lambda all_: [*all_[:5], all_[6], all_[5], *all_[7:]], "altered or damaged"),
    "another head": (_header(heads={"public": 99}), "altered or damaged"),
    "half a line": (lambda all_: [*all_[:5], all_[5][:20]], "middle of a line"),
    "something behind": (lambda all_: [*all_, all_[3]], "after the end"),
    "another format": (_header(format="other"), "no backup of Wiki-C"),
    "a newer version": (_header(version=2), "newer Wiki-C"),
    "a newer schema": (lambda all_: signed(_header(schema=99)(all_)), "newer Wiki-C"),
    "no heads": (lambda all_: signed(_header(heads=None)(all_)), "no usable 'heads'"),
    "an unknown section": (
        lambda all_: signed([*all_[:-1], b'["rumour",{"key":"1"}]\n', all_[-1]]),
        "'rumour' row that this Wiki-C cannot use",
    ),
    "no JSON": (lambda all_: [*all_[:5], b"{]\n", *all_[6:]], "line 6: is damaged"),
    "nothing": (lambda _: [], "is empty"),
}


@pytest.mark.parametrize("what", DAMAGES)
def test_a_file_that_cannot_be_trusted_is_refused(
    arcadedb_engine: Engine, saved: Path, tmp_path: Path, what: str
) -> None:
    wipe(arcadedb_engine)
    ensure_schema(arcadedb_engine)
    damage, message = DAMAGES[what]
    path = tmp_path / "bad"
    path.write_bytes(gzip.compress(b"".join(damage(lines(saved)))))
    with pytest.raises(BackupError, match=message) as caught:
        Backup(arcadedb_engine).restore(path)
    assert "\n" not in caught.value.message
    assert_empty(arcadedb_engine)


@pytest.mark.parametrize("cut", [1, 30, 5_000, -1, -8])
def test_a_truncated_file_is_refused(arcadedb_engine: Engine, saved: Path, tmp_path: Path, cut: int) -> None:
    wipe(arcadedb_engine)
    ensure_schema(arcadedb_engine)
    path = tmp_path / "bad"
    path.write_bytes(saved.read_bytes()[:cut])
    with pytest.raises(BackupError, match=re.escape(str(path))):
        Backup(arcadedb_engine).restore(path)
    assert_empty(arcadedb_engine)


@pytest.mark.parametrize("content", [b"", b"not gzip at all", b"\x1f\x8b\x08\x00garbage, or so it seems"])
def test_a_foreign_file_is_refused(arcadedb_engine: Engine, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad"
    path.write_bytes(content)
    with pytest.raises(BackupError, match=re.escape(str(path))):
        Backup(arcadedb_engine).restore(path)
    with pytest.raises(BackupError, match=r"cannot read .*absent"):
        Backup(arcadedb_engine).restore(tmp_path / "absent")


def test_a_store_that_holds_something_is_left_alone(engine: Engine, saved: Path) -> None:
    Backup(engine).restore(saved)
    before = census(engine)
    with pytest.raises(BackupError, match="not empty"):
        Backup(engine).restore(saved)
    assert census(engine) == before


def test_a_store_that_is_being_written_is_left_alone(engine: Engine, saved: Path) -> None:
    ensure_schema(engine)
    lease = acquire(engine, PUBLIC_SPACE)
    with pytest.raises(Busy):
        Backup(engine).restore(saved)
    release(engine, lease)
    assert_empty(engine)


def test_a_file_whose_rows_do_not_fit_is_cleared_away(engine: Engine, saved: Path, tmp_path: Path) -> None:
    all_ = lines(saved)
    gone = next(index for index, line in enumerate(all_) if line.startswith(b'["concept"'))
    path = tmp_path / "bad"
    path.write_bytes(gzip.compress(b"".join(signed([*all_[:gone], *all_[gone + 1 :]]))))
    with pytest.raises(BackupError, match="belong to a concept"):
        Backup(engine).restore(path)
    assert_empty(engine)
    Backup(engine).restore(saved)


def test_a_process_killed_while_it_restores_leaves_an_empty_store(engine: Engine, saved: Path, tmp_path: Path) -> None:
    ensure_schema(engine)
    server = server_for_tests(engine.kind)
    command = [sys.executable, "-c", KILLED, server.uri, server.user, server.database, engine.kind, str(saved)]
    environment = {**os.environ, "STORE_PASSWORD": server.password, "PYTHONPATH": str(SAMPLE.parent.parent)}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert census(engine)["Concept"] > 0
    assert heads(engine) == {PUBLIC_SPACE: 0}
    assert not {"Change", "Event", "Release"} & census(engine).keys()
    Backup(engine).restore(saved)
    Backup(engine).save(tmp_path / "again")
    assert rows(tmp_path / "again") == rows(saved)


def restore_and_die(engine: Engine, saved: Path, writes: int) -> bool:
    """Restore in a process that dies after so many write transactions; whether it died."""
    try:
        Backup(MortalEngine(engine, writes)).restore(saved)
    except Killed:
        expire_leases(engine)
        return True
    return False


def test_a_death_at_any_moment_shows_nothing_and_hinders_nobody(engine: Engine, saved: Path, tmp_path: Path) -> None:
    ensure_schema(engine)
    lives, deaths = 0, 0
    while restore_and_die(engine, saved, lives):
        lives, deaths = lives + 1, deaths + 1
        assert heads(engine) == {PUBLIC_SPACE: 0}
        assert "Release" not in census(engine)
        assert list_changes(engine, [PUBLIC_SPACE, PRIVATE], heads(engine), after=0, limit=10) == []
    assert deaths > len(SECTIONS) - len(LAST)
    Backup(engine).save(tmp_path / "again")
    assert rows(tmp_path / "again") == rows(saved)


def test_an_import_after_a_dead_restore_undoes_it(engine: Engine, saved: Path) -> None:
    from importers.esco_rdf import open_esco_rdf

    ensure_schema(engine)
    assert restore_and_die(engine, saved, 12)
    assert census(engine)["Concept"] > 0
    report = Importing(engine).run(open_esco_rdf(SAMPLE / "esco-1.ttl", version="1.0.0"))
    assert report.seq
    left = [finding for finding in Checking(engine).run() if finding.slug != "unknown-space"]
    assert left == []
    assert census(engine)["Concept"] - 2 == sum(report.added.values()), "only the two private concepts are left over"


def test_windows_cover_all_keys_whatever_they_share(engine: Engine) -> None:
    ensure_schema(engine)
    keys = [f"01890a5d-{number:04x}" for number in range(0, 3_000, 7)] + [f"{number:x}" for number in range(16, 80)]
    query = Query("tests.keys", "UNWIND $keys AS key CREATE (a:Alias {uuid: key})")
    engine.write(lambda tx: tx.run(query, keys=keys))
    ranges = windows(engine, "Alias", "uuid", limit=50)
    held = [[key for key in keys if start <= key < end] for start, end in ranges]
    assert sorted(key for part in held for key in part) == sorted(keys)
    assert max(map(len, held)) <= 50
    assert len(ranges) <= 2 * len(keys) / 50 + 2
    assert [end for _, end in ranges[:-1]] == [start for start, _ in ranges[1:]]
