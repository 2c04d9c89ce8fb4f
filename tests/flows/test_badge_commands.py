"""The commands of badges, and the demo's badge classes."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.flows.badge_world import BadgeWorld, content, make_badge_world
from tests.people import make_person
from wikic import cli, cli_badge
from wikic.bootstrap import App
from wikic.cli_serve import demo_badges
from wikic.domain.access import NOBODY
from wikic.services.badging_catalogue import Asked
from wikic.store.engine import Engine


@pytest.fixture(scope="module")
def world(arcadedb_engine: Engine) -> BadgeWorld:
    return make_badge_world(arcadedb_engine)


@pytest.fixture(autouse=True)
def opening(world: BadgeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def opened(*_: object, **__: object) -> Iterator[App]:
        yield world.app

    monkeypatch.setattr(cli_badge, "opened", opened)


def said(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> str:
    assert cli.run(["badge", *arguments]) == status, capsys.readouterr().err
    captured = capsys.readouterr()
    return captured.out + captured.err


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    assert cli.run(["badge", *arguments, "--json"]) == 0, capsys.readouterr().err
    return json.loads(capsys.readouterr().out)


def test_a_badge_class_by_commands(
    world: BadgeWorld, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two, three = world.skills[:3]
    source = tmp_path / "badge.json"
    source.write_text(json.dumps(content("Pétrir", human_code="P-1").packed()), encoding="utf-8")
    made = told(capsys, "create", "--from", str(source), "--issuer", "fournil")
    assert (made["status"], made["content"]["name"]) == ("draft", "Pétrir")
    identity = made["id"]
    assert "advice: It is bound to no competency." in said(capsys, "show", identity)
    assert "2 would be bound" in said(capsys, "bind", identity, one, two, "--dry-run")
    assert [line["result"] for line in told(capsys, "bind", identity, one, two, "--level", "practice:2")["lines"]] == ["bound", "bound"]
    assert "version 1 of Pétrir is published" in said(capsys, "publish", identity)
    assert "nothing to publish" in said(capsys, "publish", identity, status=1)
    table = tmp_path / "table.csv"
    table.write_text(f"badge_class,concept\nP-1,{three}\nP-2,{one}\n", encoding="utf-8")
    assert "1 would be bound, 0 already, 1 refused" in said(capsys, "bind-csv", str(table), "--issuer", "fournil")
    refused = said(capsys, "bind-csv", str(table), "--issuer", "fournil", "--apply", status=1)
    assert "0 bound, 0 already, 1 refused" in refused
    assert "\tnot bound\t" in refused, "nor is it said of the line that was right"
    assert "1 bound, 0 already, 1 refused" in said(capsys, "bind-csv", str(table), "--issuer", "fournil", "--apply", "--partly")
    bound = told(capsys, "show", identity)["bindings"]
    assert f"{bound[0]['made_by']}, {bound[0]['made_at'][:10]}" in said(capsys, "show", identity)
    assert {each["concept"] for each in bound} == {one, two, three}
    assert told(capsys, "unbind", bound[0]["id"])[0]["status"] == "closed"
    assert [each["id"] for each in told(capsys, "list", "petrir", "--concept", bound[1]["concept"])] == [identity]
    assert identity in said(capsys, "list", "--issuer", "fournil")
    assert told(capsys, "suggest", identity, "--limit", "3") is not None
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps({"name": "Cuire", "criteria": "Le faire.", "description": "Un geste."})))
    assert told(capsys, "create", "--from", "-", "--issuer", "fournil", "--publish")["number"] == 1
    assert "'given' is none of draft, published, retired" in said(capsys, "list", "--status", "given", status=1)
    assert "there is no issuer nobody" in said(capsys, "list", "--issuer", "nobody", status=1)
    for wrong, why in ((b"[]", "object"), (b'{"title": "x"}', "'title'"), (b'{"name": 3}', "'name'"), (b"{", "no JSON"), (b"\x89PNG", "no text in UTF-8")):
        source.write_bytes(wrong)
        assert why in said(capsys, "create", "--from", str(source), "--issuer", "fournil", status=1)


def test_changed_restored_and_retired_by_commands(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps({"name": "Cuire", "criteria": "Le faire.", "description": "Un geste.", "tags": ["pain"]})))
    identity = told(capsys, "create", "--from", "-", "--issuer", "fournil", "--publish")["id"]
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps({"name": "Cuire au four"})))
    changed = told(capsys, "edit", identity, "--from", "-")
    assert changed["content"]["name"] == "Cuire"
    assert (changed["draft"]["name"], changed["draft"]["tags"], changed["draft"]["criteria"]) == ("Cuire au four", ["pain"], "Le faire.")
    assert "version 2 of Cuire au four is published" in said(capsys, "publish", identity)
    assert "version 1 of Cuire waits" in said(capsys, "restore", identity, "1")
    assert "there is no" in said(capsys, "restore", identity, "7", status=1)
    assert told(capsys, "retire", identity, "--reason", "plus donné")["status"] == "retired"
    assert said(capsys, "retire", identity, status=1)


def test_an_image_by_command(world: BadgeWorld, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    identity = world.published("Cuire").id
    picture, wrong, empty = (tmp_path / name for name in ("a.png", "b.svg", "c.png"))
    Image.new("RGB", (20, 20), "#7b241c").save(picture, "PNG")
    wrong.write_text("<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", encoding="utf-8")
    empty.touch()
    assert "has the image, which waits to be published" in said(capsys, "image", identity, str(picture))
    sent = world.badges.badging.get(identity, world.manager).working.image
    assert sent
    assert "script" in said(capsys, "image", identity, str(wrong), status=1)
    assert "is empty" in said(capsys, "image", identity, str(empty), status=1)
    assert world.badges.badging.get(identity, world.manager).working.image == sent, "what is refused changes nothing"
    assert "is drawn again" in said(capsys, "image", identity)
    assert world.badges.badging.get(identity, world.manager).working.image == ""


def test_the_demo_has_badges(world: BadgeWorld) -> None:
    make_person(world.app, "ada")
    demo_badges(world.app)
    found = world.badges.catalogue.find(Asked(issuer="le-fournil"), NOBODY)
    assert found.total == 3
    for identity in found.ids:
        badge = world.badges.badging.get(identity, NOBODY)
        assert world.badges.badging.missing(badge) == [], badge.content.name
