"""Taking back by the API and by the command: who may, what is told, what is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import nullcontext

import pytest
from starlette.testclient import TestClient

from tests.sample_world import World, make_world
from tests.started import started
from wikic import cli
from wikic.domain.access import NOBODY, Actor, Grant
from wikic.domain.records import Label
from wikic.errors import Unauthenticated
from wikic.services.editing import SetLabels
from wikic.store.engine import Engine
from wikic.web.api_revert import RevertShape

MODERATOR = Actor("0190", "Ada", (Grant("moderator"),), via="token", scopes=frozenset({"read", "decide"}))
CONTRIBUTOR = Actor("0191", "Bob", (Grant("contributor"),), via="session")


class Accounts:
    """Knows two tokens."""

    def actor_of(self, *, session: str = "", token: str = "") -> Actor:
        if token and not session:
            try:
                return {"ada": MODERATOR, "bob": CONTRIBUTOR}[token]
            except KeyError:
                raise Unauthenticated("no such token") from None
        return NOBODY


@pytest.fixture
def own(engine: Engine) -> World:
    """A sample of its own: it is written to here."""
    return make_world(engine)


@pytest.fixture
def browser(own: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    app = started(own.app, "https://skills.example.org")
    monkeypatch.setattr(app.state, "services", Services(own))
    with TestClient(app, follow_redirects=False) as client:
        yield client


class Services:
    """The services of the sample, with accounts of two people."""

    def __init__(self, world: World) -> None:
        self._app, self.accounts = world.app, Accounts()

    def __getattr__(self, name: str) -> object:
        return getattr(self._app, name)


def post(client: TestClient, address: str, body: object, token: str = "ada") -> tuple[int, dict[str, object]]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = client.post(f"/api/v1/{address}", json=body, headers=headers)
    return answer.status_code, answer.json()


def test_a_change_is_taken_back(own: World, browser: TestClient) -> None:
    status, looked = post(browser, f"changes/{own.head}/revert", {"dry_run": True})
    assert (status, looked["seq"], looked["conflicts"]) == (200, None, [])
    assert own.app.reading.moment().seq == own.head
    status, done = post(browser, f"changes/{own.head}/revert", {"reason": "too clear"})
    assert (status, {**done, "seq": None}) == (200, looked)
    RevertShape.model_validate(done)
    assert browser.get(f"/api/v1/concepts/{own.slice}").json()["preferred_label"] == {"en": "cut a slice"}
    change = browser.get(f"/api/v1/changes/{done['seq']}").json()
    assert (change["kind"], change["actor"]) == ("revert", "Ada")
    assert change["details"] == {"reverts": str(own.head), "reason": "too clear"}


def test_a_concept_is_taken_back(own: World, browser: TestClient) -> None:
    at = own.head - 1
    status, done = post(browser, f"concepts/{own.slice}/revert", {"to": str(at)})
    assert (status, len(done["concepts"])) == (200, 1)  # type: ignore[arg-type]
    assert post(browser, f"concepts/{own.slice}/revert", {"to": "2027"})[0] == 404


def test_who_may(own: World, browser: TestClient) -> None:
    for token, expected in (("", 401), ("eve", 401), ("bob", 403)):
        for address, body in ((f"changes/{own.head}/revert", {}), (f"concepts/{own.slice}/revert", {"to": "1"})):
            status, problem = post(browser, address, body, token)
            assert status == expected, problem
    assert own.app.reading.moment().seq == own.head


def test_what_is_refused(own: World, browser: TestClient) -> None:
    rename = SetLabels(own.slice, "en", (Label("carve bread", "en", "preferred"),))
    own.app.editing.apply([rename], actor="tester", summary="another name")
    status, looked = post(browser, f"changes/{own.head}/revert", {"dry_run": True})
    values = {"before": "cut a slice", "made": "slice bread", "now": "carve bread"}
    assert looked["conflicts"] == [{"concept": own.slice, "field": "preferred", "lang": "en", **values}]
    RevertShape.model_validate(looked)
    status, problem = post(browser, f"changes/{own.head}/revert", {})
    assert (status, str(problem["type"]).rpartition("#")[2]) == (409, "conflict")
    assert post(browser, "changes/999999/revert", {})[0] == 404
    assert post(browser, f"changes/{own.head}/revert", {"force": True})[0] == 400


def test_the_command(own: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("wikic.cli_revert.opened", lambda: nullcontext(own.app))
    assert cli.run(["revert", str(own.head), "--dry-run"]) == 0
    assert "slice bread\tcut a slice" in capsys.readouterr().out
    assert cli.run(["revert", "--concept", own.slice, "--to", str(own.head - 1), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["seq"] > own.head
    assert cli.run(["revert", str(own.head)]) == 1
    assert "taken back already" in capsys.readouterr().err
    assert cli.run(["revert", "1", "--to", "2"]) == 2
    assert cli.run(["revert"]) == 2
