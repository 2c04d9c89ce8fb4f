"""The commands of the state of deployment, coverage and awards."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.flows.badge_world import BadgeWorld, make_badge_world
from wikic import cli, cli_deployment
from wikic.bootstrap import App
from wikic.store.engine import Engine


@pytest.fixture(scope="module")
def world(arcadedb_engine: Engine) -> BadgeWorld:
    return make_badge_world(arcadedb_engine)


@pytest.fixture(autouse=True)
def opening(world: BadgeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def opened(*_: object, **__: object) -> Iterator[App]:
        yield world.app

    monkeypatch.setattr(cli_deployment, "opened", opened)


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    assert cli.run([*arguments, "--json"]) == 0, capsys.readouterr().err
    return json.loads(capsys.readouterr().out)


def test_by_commands(world: BadgeWorld, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    badge = world.published("Pétrir", *world.skills[:2], human_code="P-1").id
    assert told(capsys, "awards", "report", badge, "2026-01", "30")[0]["result"] == "reported"
    source = tmp_path / "awards.csv"
    source.write_text("badge_class,month,count\nP-1,2026-01,31\nP-1,2026-02,3\n", encoding="utf-8")
    asked = ("awards", "report", "--csv", str(source), "--issuer", "fournil")
    assert [each["result"] for each in told(capsys, *asked)] == ["corrected", "reported"]
    assert [each["count"] for each in told(capsys, "awards", "show", badge)] == [30], "dry without --apply"
    told(capsys, *asked, "--apply")
    assert [(each["month"], each["count"]) for each in told(capsys, "awards", "show", badge)] == [("2026-02", 3), ("2026-01", 31)]
    assert cli.run(["awards", "report", badge, "2026-01", "3", "--csv", str(source)]) == 1
    assert "give either" in capsys.readouterr().err
    assert cli.run(["awards", "report", badge, "2031-01", "3"]) == 1
    assert "still to come" in capsys.readouterr().out
    for incomplete in ([], [badge, "2026-02"]):
        assert cli.run(["awards", "report", *incomplete]) == 1
        assert "which badge class" in capsys.readouterr().err
    assert [each["count"] for each in told(capsys, "awards", "show", badge)] == [3, 31], "no number is no number, not nought"

    figures = told(capsys, "deployment", "show")["figures"]
    assert (figures["badges"], figures["bindings"], figures["awards_ever"], figures["awards_ever_hidden"]) == (1, 2, 31, 1)
    assert cli.run(["deployment", "show", "--csv"]) == 0
    assert "all,,badges,1" in capsys.readouterr().out
    said = tmp_path / "said.txt"
    said.write_text("Un état.", encoding="utf-8")
    assert told(capsys, "deployment", "freeze", "2025-Q4", "--fr", str(said))["body"]["commentary"] == {"fr": "Un état."}
    assert [each["quarter"] for each in told(capsys, "deployment", "reports")] == ["2025-Q4"]

    schemes = told(capsys, "coverage")
    assert sum(each["covered"] for each in schemes) == 2
    one = next(each for each in schemes if each["covered"])
    assert len(told(capsys, "coverage", "--scheme", one["key"], "--missing")) == one["missing"]
    assert sum(each["total"] for each in told(capsys, "coverage", "--scheme", one["key"])) >= one["total"]
    assert all(each["covered"] for each in told(capsys, "coverage", "--occupations"))
    assert cli.run(["coverage", "--missing"]) == 1
