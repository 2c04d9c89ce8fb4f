"""The commands around decisions: in part and amended, together and undone, giving, asking, rules, reasons, saved filters."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.engines import wipe
from tests.flows.proposal_tools import ADA, GLUE, SAW, Ground, make_ground
from tests.flows.proposal_tools import text as change
from tests.flows.test_proposal_commands import said, text, told
from tests.people import make_person
from wikic import cli_proposal, cli_proposal_deciding
from wikic.bootstrap import App
from wikic.domain.access import Grant
from wikic.store.engine import Engine


@pytest.fixture
def ground(arcadedb_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Ground:
    wipe(arcadedb_engine)
    made = make_ground(arcadedb_engine)

    @contextmanager
    def opened(*_: object, **__: object) -> Iterator[App]:
        yield made.app

    for module in (cli_proposal, cli_proposal_deciding):
        monkeypatch.setattr(module, "opened", opened)
    return made


def test_in_part_and_amended(ground: Ground, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    made = ground.propose(change("To saw wuud."), change("No.", GLUE))
    file = tmp_path / "ruling.json"
    wrong: object
    for wrong in ([], {"parts": {"x": "reject"}}, {"part": {}}):
        file.write_text(json.dumps(wrong), encoding="utf-8")
        assert "`parts`" in said(capsys, "proposal", "accept", made.id, "--from", str(file), status=1)
    file.write_text(json.dumps({"parts": {"1": "reject"}, "amended": {"0": text("To saw wood.")}}), encoding="utf-8")
    assert "give a reason" in said(capsys, "proposal", "accept", made.id, "--from", str(file), status=1)
    assert told(capsys, "proposal", "accept", made.id, "--from", str(file), "--reason", "one is enough")["state"] == "accepted_in_part"
    assert (ground.text(SAW), ground.text(GLUE)) == ("To saw wood.", "To glue.")


def test_together_and_undone(ground: Ground, capsys: pytest.CaptureFixture[str]) -> None:
    ids = [ground.propose(change("One.")).id, ground.propose(change("Two.", GLUE)).id]
    assert told(capsys, "proposal", "bulk", "accept", *ids, "--dry-run")["counts"] == {"accepted": 2}
    assert ground.text(SAW) == "To saw."
    assert "give a reason" in said(capsys, "proposal", "bulk", "reject", *ids, status=1)
    done = told(capsys, "proposal", "bulk", "accept", *ids)
    assert ground.text(SAW) == "One."
    assert told(capsys, "proposal", "undo", done["id"])["state"] == "undone"
    assert ground.text(SAW) == "To saw."
    assert f"{ids[0]}\trejected" in said(capsys, "proposal", "bulk", "reject", *ids, "--reason", "No.")


def test_giving_and_asking(ground: Ground, capsys: pytest.CaptureFixture[str]) -> None:
    made = ground.propose(change("One."), by=ADA).id
    mo, bo = make_person(ground.app, "Mo", Grant("moderator")), make_person(ground.app, "Bo")
    assert told(capsys, "proposal", "assign", made, "mo") == {"proposal": made, "assignee": mo.id, "name": "Mo"}
    assert "may decide on it" in said(capsys, "proposal", "assign", made, "bo", status=1)
    assert "nobody" in said(capsys, "proposal", "assign", made)
    assert told(capsys, "proposal", "ask", made, "bo", "Is it?")["asks"] == bo.id
    assert [each["text"] for each in told(capsys, "proposal", "comments", made)] == ["Is it?"]


@pytest.mark.usefixtures("ground")
def test_rules_reasons_and_filters(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, "proposal", "rules") == {"two_moderators": False, "usual_delay": None}
    assert "two moderators" in said(capsys, "proposal", "rules", "--two-moderators")
    said(capsys, "proposal", "put-reason", "reject-again", "reject", "--fr", "Encore.", "--en", "Again.")
    assert "reject-again\treject\tEncore.\tAgain." in said(capsys, "proposal", "reasons", "--verdict", "reject")
    said(capsys, "proposal", "put-reason", "reject-again", "reject", "--hide")
    assert "Encore." not in said(capsys, "proposal", "reasons")
    saved = told(capsys, "proposal", "save-filter", "mine", "lane=spelling", "scheme=esco")[0]
    assert saved["query"] == {"lane": "spelling", "scheme": "esco"}
    assert "no scheme" in said(capsys, "proposal", "save-filter", "wrong", "scheme=nowhere", status=1)
    assert told(capsys, "proposal", "forget-filter", saved["id"]) == []
    assert told(capsys, "proposal", "filters") == []
