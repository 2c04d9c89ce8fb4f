"""The commands of scales and criteria."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.flows.level_world import LevelWorld, make_level_world
from wikic import cli, cli_levels
from wikic.bootstrap import App
from wikic.store.engine import Engine


@pytest.fixture(scope="module")
def world(arcadedb_engine: Engine) -> LevelWorld:
    return make_level_world(arcadedb_engine)


@pytest.fixture(autouse=True)
def opening(world: LevelWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def opened(*_: object, **__: object) -> Iterator[App]:
        yield world.app

    monkeypatch.setattr(cli_levels, "opened", opened)


def said(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> str:
    assert cli.run(list(arguments)) == status, capsys.readouterr().err
    captured = capsys.readouterr()
    return captured.out + captured.err


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    return json.loads(said(capsys, *arguments, "--json"))


def test_scales(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "scale.json"
    scale = {"name": {"fr": "Maîtrise"}, "levels": [{"name": {"fr": "Débute"}}, {"name": {"fr": "Maîtrise"}}]}
    file.write_text(json.dumps(scale), encoding="utf-8")
    assert "mastery:2\tMaîtrise" in said(capsys, "scale", "create", "mastery", "--from", str(file), "--network", "bassin")
    assert [(each["id"], each["owner"]) for each in told(capsys, "scale", "list")] == [("mastery", "bassin"), ("practice", "")]
    file.write_text(json.dumps(scale | {"name": {"fr": "Maîtrise", "en": "Mastery"}}), encoding="utf-8")
    assert "Maîtrise / Mastery (version 2)" in said(capsys, "scale", "change", "mastery", "--from", str(file))
    assert told(capsys, "scale", "show", "mastery")["number"] == 2
    for wrong in ("[]", "{", '{"name": {}, "levels": [1]}', '{"name": {}, "levels": [{"nom": {}}]}', '{"name": {"fr": 1}, "levels": []}'):
        file.write_text(wrong, encoding="utf-8")
        said(capsys, "scale", "create", "other", "--from", str(file), status=1)


def test_criteria(world: LevelWorld, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file, skill = tmp_path / "criteria.json", world.skill
    file.write_text('{"1": {"fr": "Pétrir."}}', encoding="utf-8")
    # Whoever runs commands decides on what others have proposed.
    own = told(capsys, "criteria", "propose", "bassin", skill, "--from", str(file))
    assert "your own work" in said(capsys, "criteria", "accept", own["id"], status=1)
    assert told(capsys, "criteria", "withdraw", own["id"])["state"] == "withdrawn"
    assert said(capsys, "criteria", "withdraw", own["id"], status=1)
    theirs, other = world.proposed(fr1="Pétrir."), world.proposed("region", fr1="Cuire.")
    assert theirs.id in said(capsys, "criteria", "proposals", "bassin")
    assert told(capsys, "criteria", "accept", theirs.id, "--amended", str(file), "--reason", "net")["state"] == "accepted"
    assert "rejected" in said(capsys, "criteria", "reject", other.id, "--reason", "non")
    (held,) = told(capsys, "criteria", "list", "--concept", skill)
    assert held["levels"] == {"1": {"fr": "Pétrir."}}
    assert "1\tfr\tPétrir." in said(capsys, "criteria", "show", held["id"])
    assert "there is no network nowhere" in said(capsys, "criteria", "list", "--network", "nowhere", status=1)
    assert "there is no scale nowhere" in said(capsys, "criteria", "list", "--scale", "nowhere", status=1)
