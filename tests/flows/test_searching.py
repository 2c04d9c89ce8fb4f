"""Search over both engines: the index follows the store, answers as of any number, and survives what happens to it."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from contextlib import closing, nullcontext
from pathlib import Path
from typing import Any

import pytest

from tests.apart import Apart
from tests.engines import server_for_tests
from tests.flows.model import Framework, concept, source, uuid_of
from wikic import cli_search
from wikic.bootstrap import app_of
from wikic.cli import run
from wikic.domain.access import SYSTEM
from wikic.domain.records import Label
from wikic.domain.vocabulary import DEPRECATED, PREFERRED
from wikic.errors import IndexBehind, InvalidInput, UnknownRelease
from wikic.services.editing import SetLabels, SetStatus
from wikic.services.giving_way import GivingWay
from wikic.services.reading import Reading
from wikic.services.searching import Searching
from wikic.store.engine import Connection, Engine, Kind
from wikic.store.schema import ensure_schema, renew_epoch
from wikic.text import index

FIRST = (
    concept("baker", "baker", "boulanger / boulangère", kind="occupation", alts=["bread maker"], code="7512.1"),
    concept("knead", "knead dough", "pétrir la pâte", text_fr="Travailler la farine et l'eau."),
    concept("print", "set type by hand", "composer à la main"),
)
SECOND = (
    concept("baker", "artisan baker", "artisan boulanger", kind="occupation", alts=["bread maker"], code="7512.1"),
    concept("knead", "knead dough", "pétrir la pâte", text_fr="Travailler la farine et l'eau."),
    concept("oven", "heat the oven", "chauffer le four"),
)


def searching(engine: Engine, folder: Path | None = None) -> Searching:
    """The search of a process that has just started."""
    return Searching(engine, Reading(engine, ensure_schema(engine), clock=lambda: 0.0), folder)


def process(engine: Engine, folder: Path) -> tuple[Searching, Reading]:
    """The same with its reading, to tell it that the head has moved."""
    reading = Reading(engine, ensure_schema(engine), clock=lambda: 0.0)
    return Searching(engine, reading, folder), reading


def names(search: Searching, text: str, **options: Any) -> list[str]:
    """The uuids of the results, best first."""
    return [item["uuid"] for item in search.search(text, **options)["items"]]


@pytest.fixture
def two(framework: Framework) -> Framework:
    """A framework of two releases: one concept renamed, one added, one removed."""
    framework.run(source(*FIRST, version="1"))
    framework.releasing.freeze("2025", actor=SYSTEM)
    framework.run(source(*SECOND, version="2"), allow_removals=True)
    framework.releasing.freeze("2026", actor=SYSTEM)
    return framework


def test_as_of_each_release(two: Framework) -> None:
    search = searching(two.engine)
    baker, oven, printer = uuid_of("baker"), uuid_of("oven"), uuid_of("print")
    assert names(search, "baker", release="2025")[0] == names(search, "baker", release="2026")[0] == baker
    assert search.search("baker", release="2025")["items"][0]["preferred_label"]["en"] == "baker"
    assert search.search("baker")["items"][0]["preferred_label"]["en"] == "artisan baker"
    assert names(search, "artisan", release="2025") == []
    assert names(search, "artisan") == [baker]
    assert (names(search, "oven", release="2025"), names(search, "oven")) == ([], [oven])
    before, now = search.search("composer", release="2025"), search.search("composer")
    assert [(item["uuid"], item["status"]) for item in before["items"]] == [(printer, "active")]
    assert [(item["uuid"], item["status"]) for item in now["items"]] == [(printer, "deprecated")]
    assert (before["seq"], now["seq"]) == (1, 2)
    assert names(search, "composer", status="active") == []


def test_an_edit_is_caught_up(two: Framework, tmp_path: Path) -> None:
    search, reading = process(two.engine, tmp_path)
    assert names(search, "knead") == [uuid_of("knead")]
    last = two.edit(
        SetLabels(uuid_of("knead"), "en", (Label("work the dough", "en", PREFERRED),)),
        SetStatus(uuid_of("oven"), DEPRECATED, uuid_of("baker")),
    )
    reading.forget()
    assert names(search, "work") == [uuid_of("knead")]
    assert names(search, "knead") == []
    assert names(search, "knead", at=last - 1) == [uuid_of("knead")]
    assert search.search("oven")["items"][0]["status"] == "deprecated"
    assert search.search("oven", at=2)["items"][0]["status"] == "active"
    fresh = searching(two.engine, tmp_path / "other")
    for text in ("work", "knead", "oven", "boulanger", "dough"):
        for at in (None, 1, 2):
            grown, built = search.search(text, at=at), fresh.search(text, at=at)
            assert [item["uuid"] for item in grown["items"]] == [item["uuid"] for item in built["items"]]
            assert grown["facets"] == built["facets"]
    assert search.catch_up().did == "nothing"


def test_processes_of_one_folder_share_the_index(two: Framework, tmp_path: Path) -> None:
    writer, reading = process(two.engine, tmp_path)
    reader, other = process(two.engine, tmp_path)
    assert writer.catch_up().did == "built"
    assert reader.catch_up().did == "nothing"
    assert names(reader, "artisan") == [uuid_of("baker")]
    two.edit(SetLabels(uuid_of("knead"), "en", (Label("work the dough", "en", PREFERRED),)))
    reading.forget()
    assert writer.catch_up().did == "updated"
    other.forget()
    assert names(reader, "work") == [uuid_of("knead")]
    assert reader.state() == {"state": "ready", "seq": two.head, "head": two.head, "documents": 7}


def test_a_rebuild_replaces_what_others_have_open(two: Framework, tmp_path: Path) -> None:
    writer, reader = searching(two.engine, tmp_path), searching(two.engine, tmp_path)
    assert names(reader, "artisan") == names(writer, "artisan") == [uuid_of("baker")]
    assert writer.catch_up(rebuild=True).did == "built"
    assert names(reader, "artisan") == [uuid_of("baker")]
    assert len(list((tmp_path / "public").glob("g-*"))) == 1


@pytest.mark.parametrize("harm", ["meta", "current", "gone", "epoch"])
def test_built_anew_when_it_must_be(two: Framework, tmp_path: Path, harm: str) -> None:
    searching(two.engine, tmp_path).catch_up()
    folder = tmp_path / "public"
    generation = folder / (folder / "current").read_text()
    if harm == "meta":
        (generation / "meta.json").write_text('{"broken')
    elif harm == "current":
        (folder / "current").write_text("g-none")
    elif harm == "gone":
        (folder / "current").unlink()
    else:
        two.engine.write(renew_epoch)
    search = searching(two.engine, tmp_path)
    assert search.catch_up().did == "built"
    assert names(search, "artisan") == [uuid_of("baker")]


def test_an_import_under_way_is_not_seen(framework: Framework) -> None:
    framework.run(source(*FIRST, version="1"))
    died = framework.die(7, lambda engine: Framework(engine).run(source(*SECOND, version="2"), allow_removals=True))
    assert died
    search = searching(framework.engine)
    assert names(search, "artisan") == names(search, "oven") == []
    assert search.search("composer")["items"][0]["status"] == "active"
    assert search.search("baker")["items"][0]["preferred_label"]["en"] == "baker"


def test_numbers_that_the_index_has_not_reached(two: Framework, tmp_path: Path) -> None:
    search, reading = process(two.engine, tmp_path)
    search.catch_up()
    cursor = search.search("dough baker type", limit=1)["next"]
    with search._index._folder.writing(wait=False) as ours:
        # Another process holds the lock and never gets on; this one has a keeper, so it does not write on its own.
        assert ours
        search._keeper = threading.Thread()
        last = two.edit(SetLabels(uuid_of("knead"), "en", (Label("work the dough", "en", PREFERRED),)))
        reading.forget()
        assert search.search("knead")["seq"] == last - 1
        assert search.search("knead", release="2026")["seq"] == 2
        assert search.state()["state"] == "behind"
        assert search.search("dough baker type", cursor=cursor, limit=1)["items"]
        with pytest.raises(IndexBehind) as raised:
            search.search("knead", at=last)
        assert raised.value.retry_after
    with pytest.raises(UnknownRelease):
        search.search("knead", at=last + 1)
    fresh, _ = process(two.engine, tmp_path / "other")
    fresh._keeper = threading.Thread()
    assert fresh.state()["state"] == "missing"
    with pytest.raises(IndexBehind):
        fresh.search("knead")


@pytest.mark.parametrize("quiet", [True, False])
def test_the_keeper_follows(two: Framework, tmp_path: Path, quiet: bool) -> None:
    """Also where somebody always waits for an answer, and the keeper has rested for long."""
    reading = Reading(two.engine, ensure_schema(two.engine))
    search = Searching(two.engine, reading, tmp_path)
    if not quiet:
        long_ago = [time.monotonic() - 20]
        search.way = GivingWay(lambda: long_ago.pop() if long_ago else time.monotonic())
        search.way.begin()
    search.start()
    try:
        wanted = two.edit(SetLabels(uuid_of("knead"), "en", (Label("work the dough", "en", PREFERRED),)))
        moved = threading.Event()
        for _ in range(200):
            if search.state()["seq"] == wanted:
                break
            moved.wait(0.05)
        assert search.state()["seq"] == wanted
        assert names(search, "work") == [uuid_of("knead")]
    finally:
        search.close()


def test_a_writer_that_is_stopped_leaves_the_index_as_it_was(two: Framework, tmp_path: Path) -> None:
    def stop(_stage: str, _done: int, _total: int) -> None:
        raise KeyboardInterrupt

    search, reading = process(two.engine, tmp_path)
    with pytest.raises(KeyboardInterrupt):
        search.catch_up(progress=stop)
    assert search.state()["state"] == "missing"
    assert search.catch_up().did == "built"
    with pytest.raises(KeyboardInterrupt):
        search.catch_up(rebuild=True, progress=stop)
    two.edit(SetLabels(uuid_of("knead"), "en", (Label("work the dough", "en", PREFERRED),)))
    reading.forget()
    with pytest.raises(KeyboardInterrupt):
        search.catch_up(progress=stop)
    assert search.state()["seq"] == 2
    assert names(search, "work") == [uuid_of("knead")]
    assert len(list((tmp_path / "public").glob("g-*"))) == 1


def test_pages_and_refusals(two: Framework) -> None:
    search = searching(two.engine)
    whole = names(search, "baker dough oven", limit=20)
    paged: list[str] = []
    cursor = None
    while True:
        page = search.search("baker dough oven", cursor=cursor, limit=1)
        paged += [item["uuid"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert paged == whole
    assert len(whole) == page["total"] == 3
    cursor = search.search("baker dough oven", limit=1)["next"]
    for text, options in (
        ("", {}),
        (" ", {}),
        ("x" * 501, {}),
        ("baker", {"cursor": cursor}),
        ("baker", {"cursor": "?"}),
    ):
        with pytest.raises(InvalidInput):
            search.search(text, **options)


def test_the_commands(two: Framework, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with closing(app_of(two.engine, lambda: None)) as app:
        monkeypatch.setattr(cli_search, "opened", lambda: nullcontext(app))
        assert run(["search", "baker", "--release", "2025", "--json"]) == 0
        found = json.loads(capsys.readouterr().out)
        assert (found["seq"], found["items"][0]["preferred_label"]["en"]) == (1, "baker")
        assert run(["search", "bread maker", "--lang", "en", "--kind", "occupation"]) == 0
        shown = capsys.readouterr()
        assert shown.out.split("\t")[1:4] == ["occupation", "esco:7512.1", "bread maker (artisan baker)"]
        assert shown.err == "1 of 1 result, as of 2\n"
        assert run(["search", "baker", "--kind", "baker"]) == 1
        assert capsys.readouterr().err.startswith("wikic: --kind 'baker' is none of: occupation, ")
        assert run(["search", " "]) == 1
        capsys.readouterr()
        assert run(["reindex", "--json"]) == 0
        reached = json.loads(capsys.readouterr().out)
        assert (reached["did"], reached["seq"], reached["states"]) == ("built", 2, 6)


def _index_and_die(connection: Connection, kind: Kind, folder: Path, place: str, _: object) -> None:
    finish = index.Writing.finish

    def finish_and_die(writing: index.Writing, mark: index.Mark) -> None:
        if place == "finished":
            finish(writing, mark)
        os.kill(os.getpid(), signal.SIGKILL)

    index.Writing.finish = finish_and_die  # type: ignore[assignment, method-assign]
    engine = Engine.of(connection, kind)
    Searching(engine, Reading(engine, ""), folder).catch_up()


@pytest.mark.parametrize("first", [True, False], ids=["build", "update"])
@pytest.mark.parametrize("place", ["adding", "finished"])
def test_a_killed_writer_leaves_the_old_or_the_new(two: Framework, tmp_path: Path, place: str, first: bool) -> None:
    engine = two.engine
    if not first:
        searching(engine, tmp_path).catch_up()
        two.edit(SetLabels(uuid_of("knead"), "en", (Label("work the dough", "en", PREFERRED),)))
    with Apart(_index_and_die, server_for_tests(engine.kind), engine.kind, tmp_path, place) as writer:
        assert writer.killed
    search = searching(engine, tmp_path)
    did = search.catch_up().did
    assert did == ("built" if first else "nothing" if place == "finished" else "updated")
    assert names(search, "artisan") == [uuid_of("baker")]
    assert names(search, "dough") == [uuid_of("knead")]
    if not first:
        assert names(search, "work") == [uuid_of("knead")]
        assert names(search, "knead") == []
