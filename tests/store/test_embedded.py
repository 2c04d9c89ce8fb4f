"""The embedded store: who owns the engine, what happens when either dies, and what is said when it cannot start."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest

from wikic.errors import StoreError, StoreLocked, StoreUnavailable
from wikic.store import embedded_process
from wikic.store.embedded import EmbeddedStore, open_embedded, short_of_room
from wikic.store.engine import Engine, Query, WriteTransaction

ROOT = Path(__file__).resolve().parents[2]
WRITE = Query("test.write", "CREATE (n:TestMark {name: $name})")
NAMES = Query("test.names", "MATCH (n:TestMark) RETURN n.name AS name ORDER BY name")


def engine_on(store: EmbeddedStore) -> Engine:
    return Engine.of(store.connection(), "arcadedb", store.refresh, patience=60)


def names(engine: Engine) -> list[str]:
    return [row["name"] for row in engine.read(NAMES)]


def mark(tx: WriteTransaction, name: str) -> None:
    tx.run(WRITE, name=name)


def wait_until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, f"still not: {what}"
        os.sched_yield()


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A zombie has ended; its parent has not asked yet.
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


@contextmanager
def other_process(data: Path, *, exclusive: bool = False) -> Iterator[subprocess.Popen[str]]:
    """A process that opens the store, writes one mark, says so, and then waits for its standard input to end."""
    program = f"""
        import sys
        from pathlib import Path
        from tests.store.test_embedded import WRITE, engine_on
        from wikic.store.embedded import open_embedded
        with open_embedded(Path(sys.argv[1]), exclusive={exclusive}) as store, engine_on(store) as engine:
            engine.write(lambda tx: tx.run(WRITE, name="other"))
            print("owner" if store.owner else "attached", flush=True)
            sys.stdin.read()
    """
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program), str(data)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_data_survive_a_restart(tmp_path: Path) -> None:
    with open_embedded(tmp_path) as store, engine_on(store) as engine:
        assert store.owner
        engine.write(lambda tx: tx.run(WRITE, name="kept"))
        pid = store.engine_pid
    assert pid is not None
    assert not is_running(pid)
    assert not (tmp_path / "store.json").exists()
    with open_embedded(tmp_path) as store, engine_on(store) as engine:
        assert names(engine) == ["kept"]


def test_secrets_are_private(tmp_path: Path) -> None:
    with open_embedded(tmp_path) as store:
        assert stat.S_IMODE((tmp_path / "store.json").stat().st_mode) == 0o600
        password = store.connection().password
        command = Path(f"/proc/{store.engine_pid}/cmdline").read_text()
        assert password not in command
        assert not (tmp_path / "store" / "password").exists()


def test_killed_engine_is_restarted_with_every_acknowledged_commit(tmp_path: Path) -> None:
    with open_embedded(tmp_path) as store, engine_on(store) as engine:
        for number in range(50):
            engine.write(partial(mark, name=f"{number:03}"))
        first = store.engine_pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        assert names(engine) == [f"{number:03}" for number in range(50)]
        assert store.engine_pid != first
        engine.write(lambda tx: tx.run(WRITE, name="after"))
        assert "after" in names(engine)


def test_another_process_attaches(tmp_path: Path) -> None:
    with open_embedded(tmp_path) as store, engine_on(store) as engine, other_process(tmp_path) as other:
        assert said(other) == "attached"
        assert names(engine) == ["other"]


def test_the_attached_takes_over_when_the_owner_is_killed(tmp_path: Path) -> None:
    with other_process(tmp_path) as owner:
        assert said(owner) == "owner"
        with open_embedded(tmp_path) as store, engine_on(store) as engine:
            assert not store.owner
            assert names(engine) == ["other"]
            old = store.engine_pid
            assert old is not None
            owner.kill()
            owner.wait()
            wait_until(lambda: not is_running(old), "the dead owner's engine has ended")
            assert names(engine) == ["other"]
            assert store.owner


def test_the_attached_follow_an_engine_that_its_owner_restarts(tmp_path: Path) -> None:
    with other_process(tmp_path) as owner:
        assert said(owner) == "owner"
        with open_embedded(tmp_path) as store, engine_on(store) as engine:
            old = store.engine_pid
            assert old is not None
            os.kill(old, signal.SIGKILL)
            assert names(engine) == ["other"]
            assert not store.owner


def test_exclusive_use_is_refused_while_another_process_is_there(tmp_path: Path) -> None:
    with other_process(tmp_path) as owner:
        assert said(owner) == "owner"
        with pytest.raises(StoreLocked, match=f"process {owner.pid} "):
            open_embedded(tmp_path, exclusive=True)


def test_exclusive_use_keeps_others_out(tmp_path: Path) -> None:
    with other_process(tmp_path, exclusive=True) as owner:
        assert said(owner) == "owner"
        for may_start in (True, False):
            with pytest.raises(StoreLocked, match=f"process {owner.pid} "):
                open_embedded(tmp_path, may_start=may_start)


def test_attaching_to_nothing(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="nobody runs the embedded store"):
        open_embedded(tmp_path, may_start=False)


def test_a_forked_child_does_not_keep_the_lock(tmp_path: Path) -> None:
    store = open_embedded(tmp_path)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(writing)
        os.read(reading, 1)
        os._exit(0)
    os.close(reading)
    try:
        store.close()
        with open_embedded(tmp_path, exclusive=True) as again:
            assert again.owner
    finally:
        os.close(writing)
        os.waitpid(child, 0)


def test_a_closed_store_stays_closed(tmp_path: Path) -> None:
    store = open_embedded(tmp_path)
    store.close()
    with pytest.raises(StoreUnavailable, match="was closed"):
        store.refresh()


def test_a_data_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(StoreError, match="WIKIC_DATA"):
        open_embedded(tmp_path / "data")


def test_a_disk_that_is_full_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert short_of_room(tmp_path / "not" / "there") == ""
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=10_000_000_000))
    assert short_of_room(tmp_path) == ""
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=3_000_000))
    assert "disk is full: 3 MB are free" in short_of_room(tmp_path)


def database_with_a_mark(data: Path) -> Path:
    with open_embedded(data) as store, engine_on(store) as engine:
        engine.write(lambda tx: tx.run(WRITE, name="lost"))
    return data / "store" / "databases" / "wikic"


def test_a_broken_database_is_said_in_one_line(tmp_path: Path) -> None:
    database = database_with_a_mark(tmp_path)
    for file in database.glob("dictionary.*"):
        file.unlink()
    with pytest.raises(StoreUnavailable, match=r"cannot start: .*Dictionary file not found") as caught:
        open_embedded(tmp_path)
    assert "\n" not in str(caught.value)
    assert "engine.log" in str(caught.value)
    # Nobody holds the folder after a failed start.
    with pytest.raises(StoreUnavailable, match="cannot start"):
        open_embedded(tmp_path, exclusive=True)


def test_a_missing_data_file_is_not_opened_as_an_empty_store(tmp_path: Path) -> None:
    database = database_with_a_mark(tmp_path)
    for file in database.glob("TestMark_*.bucket"):
        file.unlink()
    with pytest.raises(StoreError, match="the data file TestMark_0 of TestMark is missing"):
        open_embedded(tmp_path)


def test_no_java_runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded_process, "_wheel_folder", lambda: tmp_path / "wheel")
    with pytest.raises(StoreError, match="no Java runtime for this platform"):
        open_embedded(tmp_path / "data")


def test_a_heap_that_java_refuses(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="cannot start: Invalid maximum heap size: -Xmxmuch"):
        open_embedded(tmp_path, options=embedded_process.ProcessOptions(heap="much"))
    assert not (tmp_path / "store" / "password").exists()
