"""The commands of proposals and of webhooks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.engines import wipe
from tests.flows.proposal_tools import ADA, SAW, Ground, make_ground
from tests.people import OPERATOR
from wikic import cli, cli_proposal, cli_webhook
from wikic.bootstrap import App
from wikic.domain.proposals_changes import ChangeText
from wikic.services.editing import SetText
from wikic.store.engine import Engine


@pytest.fixture
def ground(arcadedb_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Ground:
    wipe(arcadedb_engine)
    made = make_ground(arcadedb_engine)
    made.app.organisations.make("guild", "The guild", "branch", actor=OPERATOR)

    @contextmanager
    def opened(*_: object, **__: object) -> Iterator[App]:
        yield made.app

    for module in (cli_proposal, cli_webhook):
        monkeypatch.setattr(module, "opened", opened)
    return made


def said(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> str:
    assert cli.run(list(arguments)) == status, capsys.readouterr().err
    captured = capsys.readouterr()
    return captured.out + captured.err


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    return json.loads(said(capsys, *arguments, "--json"))


def text(what: str) -> dict[str, str]:
    return {"type": "text", "concept": SAW, "field": "definition", "lang": "en", "text": what}


def test_a_proposal_is_made_and_taken_back(ground: Ground, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "proposal.json"
    file.write_text(json.dumps({"changes": [text("To saw along the grain.")], "justification": "the trade says so"}), encoding="utf-8")
    assert told(capsys, "proposal", "check", "--from", str(file))["changes"][0]["concept"] == SAW
    made = told(capsys, "proposal", "make", "--from", str(file), "--draft")
    assert (made["state"], made["parts"][0]["effect"]) == ("draft", "applies")
    assert told(capsys, "proposal", "submit", made["id"])["state"] == "submitted"
    assert [each["id"] for each in told(capsys, "proposal", "queue")] == [made["id"]]
    assert told(capsys, "proposal", "queue", "--lane", "spelling") == []
    assert "the trade says so" in said(capsys, "proposal", "show", made["id"])
    said(capsys, "proposal", "comment", made["id"], "Of every trade?")
    assert [each["text"] for each in ground.app.talking.comments(made["id"], OPERATOR)] == ["Of every trade?"]
    assert "own work" in said(capsys, "proposal", "accept", made["id"], status=1), "four eyes hold here too"
    assert told(capsys, "proposal", "withdraw", made["id"])["state"] == "withdrawn"
    for wrong in ("{", "1", '{"changes": [1]}', '[{"type": "nothing"}]'):
        file.write_text(wrong, encoding="utf-8")
        said(capsys, "proposal", "make", "--from", str(file), status=1)
    assert len(told(capsys, "proposal", "list")) == 1


def test_others_proposals_are_decided_on(ground: Ground, capsys: pytest.CaptureFixture[str]) -> None:
    def propose(what: str) -> str:
        return ground.app.proposing.make([ChangeText(SAW, "definition", "en", what)], ADA, justification="so it is", submit=True).id

    first = propose("To saw along the grain.")
    sent = told(capsys, "proposal", "return", first, "--reason", "Name the source.")
    assert (sent["state"], sent["seq"]) == ("changes_requested", None)
    second = propose("To saw across the grain.")
    assert told(capsys, "proposal", "reject", second, "--reason", "Not in this trade.")["state"] == "rejected"
    third = propose("To saw with the grain.")
    done = told(capsys, "proposal", "accept", third)
    assert (done["state"], ground.text(SAW)) == ("accepted", "To saw with the grain.")
    assert done["seq"] == ground.app.reading.moment().seq
    states = {each["state"] for each in told(capsys, "proposal", "list", "--limit", "2")}
    assert states <= {"accepted", "rejected", "changes_requested"}
    assert third in said(capsys, "proposal", "list", "--state", "accepted")
    late = propose("To saw later.")
    ground.framework.edit(SetText(SAW, "definition", "en", "To saw meanwhile."))
    refused = said(capsys, "proposal", "accept", late, status=1)
    assert f"definition|{SAW}|en\tTo saw later.\tTo saw meanwhile.\tTo saw with the grain." in refused
    assert "it went back to its author" in refused
    assert "ValueConflict" not in refused
    assert ground.app.proposing.read(late, ADA).state == "changes_requested"
    sent_by_a_reader = ground.app.suggesting.suggest([ChangeText(SAW, "note", "en", "Seen.")], "so it is", sender="192.0.2.1")
    ground.app.suggesting.confirm(sent_by_a_reader.proposal.id, sent_by_a_reader.token)
    assert sent_by_a_reader.proposal.id in said(capsys, "proposal", "queue")
    assert "there is no proposal" in said(capsys, "proposal", "show", "01890a5d-ac96-774b-bcce-b302099a8057", status=1)


@pytest.mark.usefixtures("ground")
def test_webhooks_of_an_organisation(capsys: pytest.CaptureFixture[str]) -> None:
    kinds = ("--kind", "release_published", "--kind", "change")
    made = told(capsys, "webhook", "add", "guild", "https://hooks.example.org/x", *kinds)
    assert (made["owner"], sorted(made["wanted"]["kinds"]), made["secret"][:6]) == ("organisation/guild", ["change", "release_published"], "whsec_")
    assert made["secret"] not in said(capsys, "webhook", "list", "--organisation", "guild")
    assert [each["id"] for each in told(capsys, "webhook", "list")] == [made["id"]]
    assert told(capsys, "webhook", "rotate", made["id"])["secret"] != made["secret"]
    said(capsys, "webhook", "ping", made["id"])
    assert [(each["kind"], each["state"]) for each in told(capsys, "webhook", "deliveries", made["id"])] == [("ping", "pending")]
    assert told(capsys, "webhook", "switch", made["id"], "off")[0]["state"] == "off"
    assert "off" in said(capsys, "webhook", "ping", made["id"], status=1)
    assert "no organisation nobody" in said(capsys, "webhook", "add", "nobody", "https://hooks.example.org/x", status=1)
    said(capsys, "webhook", "remove", made["id"])
    assert told(capsys, "webhook", "list") == []


def test_all_of_it_by_command(ground: Ground, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "proposal.json"

    def write(said: Any) -> str:
        file.write_text(json.dumps(said), encoding="utf-8")
        return str(file)

    first = told(capsys, "proposal", "make", "--from", write({"changes": [text("One.")], "justification": "so"}))["id"]
    draft = told(capsys, "proposal", "make", "--draft", "--supersedes", first, "--from", write([text("Two.")]))["id"]
    assert [each["id"] for each in told(capsys, "proposal", "list")] == [first]
    assert [each["id"] for each in told(capsys, "proposal", "list", "--author", "me")] == [draft, first]
    assert [each["id"] for each in told(capsys, "proposal", "list", "--concept", SAW)] == [first]
    assert "esco, rome" in said(capsys, "proposal", "list", "--scheme", "zz", status=1)
    edited = told(capsys, "proposal", "edit", draft, "--from", write({"changes": [text("Three.")], "justification": "better"}))
    assert (edited["changes"][0]["text"], edited["justification"]) == ("Three.", "better")
    told(capsys, "proposal", "submit", draft)
    assert told(capsys, "proposal", "show", first)["state"] == "superseded"
    parts = {"title": "Saws", "justification": "all of it", "parts": [[text("A.") | {"lang": "de"}], [text("B.") | {"lang": "it"}]]}
    lot = told(capsys, "proposal", "lot", "--from", write(parts))
    assert len(told(capsys, "proposal", "show-lot", lot["id"])["parts"]) == 2
    assert "Saws" in said(capsys, "proposal", "show-lot", lot["id"])
    assert "`parts`" in said(capsys, "proposal", "lot", "--from", write([text("A.")]), status=1)
    theirs = ground.app.proposing.make([ChangeText(SAW, "note", "en", "Seen.")], ADA, justification="so", submit=True).id
    assert told(capsys, "proposal", "support", theirs)["supports"] == 1
    assert told(capsys, "proposal", "support", theirs, "--stop")["supports"] == 0
    held = ground.app.suggesting.suggest([ChangeText(SAW, "note", "fr", "Vu.")], "so", sender="192.0.2.1").proposal.id
    assert [each["id"] for each in told(capsys, "proposal", "suggestions")] == [held]
    assert told(capsys, "proposal", "take-up", held)["state"] == "submitted"
    assert told(capsys, "proposal", "suggestions") == []


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        (json.dumps({"changes": [text("a\ud800")], "justification": "so"}), "half a character"),
        (json.dumps({"changes": [text("a")], "justification": "\ud800"}), "cannot be shown"),
        ("[" * 100_000, "too deep"),
    ],
    ids=["text", "justification", "deep"],
)
def test_what_no_file_may_hold(ground: Ground, capsys: pytest.CaptureFixture[str], tmp_path: Path, sent: str, why: str) -> None:
    file = tmp_path / "proposal.json"
    file.write_text(sent, encoding="utf-8")
    assert why in said(capsys, "proposal", "make", "--from", str(file), status=1)
    assert ground.events("proposal_made") == []
