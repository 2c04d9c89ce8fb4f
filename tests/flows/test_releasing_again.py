"""Releases that are frozen again, or named beside others at one number: what is signed and served goes on to fit."""

from __future__ import annotations

import sys
import threading
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.flows.test_releasing import BASE, MODERATOR
from tests.sample_world import World, make_world, release
from wikic.errors import Conflict
from wikic.services.publishing import Publishing
from wikic.services.releasing_checks import Finding, check_release, counted
from wikic.services.releasing_manifest import Manifests
from wikic.store import releases
from wikic.store.engine import Engine, Query
from wikic.store.releases import add_manifest


@pytest.fixture
def world(engine: Engine) -> World:
    return make_world(engine)


def keeping(world: World, folder: Path) -> tuple[Publishing, Manifests]:
    """The services of a site that keeps what it made."""
    app = world.app
    publishing = Publishing(app.engine, app.reading, folder)
    return publishing, Manifests(app.engine, app.reading, publishing, app.releases.deltas, lambda: app.releases.manifests.signer)


def test_what_is_frozen_again_has_downloads_of_its_own(world: World, tmp_path: Path) -> None:
    publishing, manifests = keeping(world, tmp_path)
    world.app.releasing.freeze("2027", actor=MODERATOR)
    before = b"".join(publishing.download("2027", BASE, "nt"))
    tag = publishing.file_name("2027", BASE, "nt")
    world.app.releasing.withdraw("2027", actor=MODERATOR)
    world.app.releasing.freeze("2027", actor=MODERATOR)
    assert publishing.file_name("2027", BASE, "nt") != tag
    signed = manifests.prepare("2027", BASE, actor=MODERATOR)["files"]["nt"]["sha256"]
    now = b"".join(publishing.download("2027", BASE, "nt"))
    assert sha256(now).hexdigest() == signed != sha256(before).hexdigest()


def test_a_manifest_of_what_was_withdrawn_is_not_kept(world: World) -> None:
    app = world.app
    frozen = app.releasing.freeze("2027", actor=MODERATOR)
    row = {"body": {}, "digest": "x", "made_at": frozen.frozen_at}
    with pytest.raises(Conflict, match="frozen anew"):
        add_manifest(app.engine, replace(frozen, frozen_at="2020-01-01T00:00:00.000Z"), MODERATOR, row)
    assert app.releases.manifests.state("2027") == ("missing", "")


def test_what_broke_may_be_begun_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.app.releasing.freeze("2027", actor=MODERATOR)
    manifests = world.app.releases.manifests

    def breaks(*_: object, **__: object) -> None:
        raise ValueError("what nobody foresaw")

    def made() -> str:
        manifests.prepare_soon("2027", BASE, actor=MODERATOR)
        for thread in threading.enumerate():
            if thread.name == "wikic-manifest":
                thread.join(60)
        return manifests.state("2027")[0]

    with monkeypatch.context() as within:
        within.setattr(manifests, "prepare", breaks)
        assert made() == "failed"
    assert made() == "made"


def test_kept_files_are_verified(world: World, tmp_path: Path) -> None:
    publishing, manifests = keeping(world, tmp_path)
    b"".join(publishing.download("2026", BASE, "ttl.gz"))
    assert manifests.verify("2026").ok
    (kept,) = tmp_path.iterdir()
    damaged = bytearray(kept.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    kept.write_bytes(damaged)
    (line,) = manifests.verify("2026").differences
    assert line.startswith("kept file ttl.gz")
    assert str(kept) in line


def test_what_a_release_is_compared_with_stays(world: World) -> None:
    app = world.app
    release(app, "2027")
    assert app.releases.deltas.before("2027") == "2026"
    at = app.releasing.get("2027").seq
    beside = app.releasing.freeze("2027-bis", at=at, actor=MODERATOR)
    assert app.releases.deltas.before("2027-bis") == "2027"
    app.releases.manifests.prepare("2027-bis", BASE, actor=MODERATOR)
    app.releasing.publish(beside.name, actor=MODERATOR)
    # An earlier number that is published late is not what the others were compared with either.
    late = app.releasing.freeze("2026-late", at=world.second + 1, actor=MODERATOR)
    app.releases.manifests.prepare(late.name, BASE, actor=MODERATOR)
    app.releasing.publish(late.name, actor=MODERATOR)
    found = {name: app.releases.deltas.before(name) for name in ("2025", "2026", "2026-late", "2027", "2027-bis")}
    assert found == {"2025": "", "2026": "2025", "2026-late": "2026", "2027": "2026", "2027-bis": "2027"}
    for name in found:
        assert app.releases.manifests.verify(name).ok
    app.releasing.freeze("2028-rc1", actor=MODERATOR)
    assert app.releases.deltas.before("2028-rc1") == "2027-bis"


_TWICE = Query("tests.twice", "MATCH (s:State {concept: $uuid}) WHERE s.from_seq <= $seq AND s.to_seq > $seq SET s += $more")


def two_definitions(world: World, uuid: str, seq: int) -> None:
    """Two definitions in one language, whose tag is written in two ways: the shapes forbid that."""
    spoken = world.app.reading.find(uuid, world.app.reading.moment(at=seq)).concept.content.languages()
    more = {"languages": list(dict.fromkeys([*spoken, "en", "EN"])), "definition__en": "To part bread.", "definition__en_2": "To part a loaf."}
    world.app.engine.write(lambda tx: tx.run(_TWICE, uuid=uuid, seq=seq, more=more))


def shaped(findings: list[Finding]) -> list[tuple[bool, bool, tuple[str, ...]]]:
    return [(each.blocking, each.in_source, each.concepts) for each in findings if each.check == "shape"]


def test_shapes_forbid_to_publish_what_the_preview_says_they_do(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    app = world.app
    two_definitions(world, world.slice, world.head)
    preview = app.releases.previews.preview(actor=MODERATOR)
    assert shaped(preview.findings) == [(True, False, (world.slice,))]
    assert preview.blocked
    app.releasing.freeze("2027", actor=MODERATOR)
    assert app.releases.manifests.prepare("2027", BASE, actor=MODERATOR)["checks"]["blocking"] == {"shape": 1}
    # Who publishes while it is made has seen none yet.
    found = releases.find_manifest
    seen: list[Any] = []

    def not_yet(source: Any, release: releases.Release) -> Any:
        seen.append(found(source, release))
        return None if len(seen) == 1 else seen[-1]

    monkeypatch.setattr(releases, "find_manifest", not_yet)
    with pytest.raises(Conflict, match="no manifest yet"):
        app.releasing.publish("2027", actor=MODERATOR)
    with pytest.raises(Conflict, match=r"shape \(1\)"):
        app.releasing.publish("2027", actor=MODERATOR)


def test_what_a_source_brought_against_the_shapes_forbids_nothing(world: World) -> None:
    app = world.app
    delta = app.releases.deltas.delta("2025", "2026")
    kept = (app.reading.find(each.uuid, app.reading.moment("2026")).concept for each in delta.concepts)
    uuid = next(each.identity.uuid for each in kept if each.content.origin and not each.content.edited and each.content.texts)
    more = replace(delta, concepts=[each for each in delta.concepts if each.uuid == uuid])
    two_definitions(world, uuid, world.second)
    found = check_release(app.publishing, app.reading.moment("2026"), more)
    assert (False, True, (uuid,)) in shaped(found)
    assert counted(found)["blocking"] == {}
    assert counted(found)["in_source"]["shape"] > 0


def test_shapes_that_cannot_be_checked_forbid_to_publish(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    app = world.app
    monkeypatch.setitem(sys.modules, "pyshacl", None)
    preview = app.releases.previews.preview(actor=MODERATOR)
    assert preview.blocked
    assert "pySHACL" in preview.notes[0]
    app.releasing.freeze("2027", actor=MODERATOR)
    assert app.releases.manifests.prepare("2027", BASE, actor=MODERATOR)["checks"]["blocking"] == {"shapes-unchecked": 1}
