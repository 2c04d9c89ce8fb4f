"""An award is checked by page, API and command: what became of what it attests."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.flows.refresh_world import Trade, french, make_trade, skill
from tests.sample_world import release
from tests.started import started
from tests.web.conftest import PUBLIC_URL
from tests.web.test_live_pages import plain
from wikic import cli, cli_badge_check
from wikic.domain.access import NOBODY
from wikic.domain.open_badges_files import Found
from wikic.errors import InvalidInput
from wikic.store.engine import Engine
from wikic.store.events import read_events


@pytest.fixture(scope="module")
def opened(arcadedb_engine: Engine) -> Trade:
    """Four issuers with a hundred badge classes; 2027 is published, and its reports are open."""
    made = make_trade(arcadedb_engine, issuers=4, classes=100)
    made.change()
    release(made.app, "2027")
    assert made.refresh.refreshing.catch_up()
    return made


@pytest.fixture
def client(opened: Trade) -> Iterator[TestClient]:
    with TestClient(started(opened.app, PUBLIC_URL), follow_redirects=False) as client:
        yield client


def award(*concepts: str, badge: str = "", **more: Any) -> dict[str, Any]:
    """An assertion of a badge class with these alignments."""
    inner = {
        "type": "BadgeClass", "id": f"{PUBLIC_URL}/badges/{badge}" if badge else "https://elsewhere.example.org/b", "name": "Pétrir", "description": "x",
        "image": "https://x.example.org/i.png", "criteria": {"narrative": "x"}, "issuer": "https://x.example.org/issuer",
        "alignment": [{"targetName": french(number), "targetUrl": f"{PUBLIC_URL}/c/{uuid}"} for number, uuid in enumerate(concepts)],
    }  # fmt: skip
    recipient = {"type": "email", "hashed": False, "identity": "someone@example.org"}
    first = {"@context": "https://w3id.org/openbadges/v2", "type": "Assertion", "id": "https://x.example.org/a", "issuedOn": "2026-05-04T10:00:00Z"}
    return {**first, "recipient": recipient, "verification": {"type": "HostedBadge"}, "badge": inner, **more}


def test_an_award_is_held_against_today(opened: Trade, client: TestClient, capfd: pytest.CaptureFixture[str]) -> None:
    before = read_events(opened.app.engine, 0, 100_000)
    badge = next(each.id for each in opened.wanted if skill(6) in dict(each.concepts))
    sent = award(skill(20), skill(9), skill(7), skill(8), skill(10), "01890a5d-ac96-774b-bcce-b302099a8057", badge=badge, expires="2026-06-01T00:00:00Z")
    answer = client.post("/api/v1/awards/check", json={"award": sent}, params={"language": "fr"})
    body = answer.json()
    assert [each["state"] for each in body["alignments"]] == ["current", "replaced", "split", "ended", "replaced", "unknown"]
    assert [each["since"] for each in body["alignments"]] == [None, "2027", "2027", "2027", "2027", None]
    assert body["alignments"][4]["successors"][0]["uuid"] == skill(12), "what stands for it in the end"
    assert (body["badge"]["id"], body["outcome"], body["expired"]) == (badge, "ended", True)
    assert answer.headers["cache-control"] == "private, no-store"
    assert "someone@example.org" not in answer.text
    renamed = client.post("/api/v1/awards/check", json={"award": award(skill(0), skill(1))}).json()
    assert (renamed["alignments"][0]["state"], renamed["outcome"], renamed["badge"]) == ("renamed", "changed", None)
    assert renamed["alignments"][1]["state"] == "renamed", "also where its old name is another name of it now"
    payload = base64.urlsafe_b64encode(json.dumps({"vc": _credential(skill(9), badge)}).encode()).decode().rstrip("=")
    token = client.post("/api/v1/awards/check", json={"award": f"eyJhbGciOiJFZERTQSJ9.{payload}.c2lnbmF0dXJl"}).json()
    assert (token["kind"], token["signed"], token["alignments"][0]["state"]) == ("achievement_credential", True, "replaced")
    for wrong in ("https://x.example.org/award", {"type": "BadgeClass", "@context": "https://w3id.org/openbadges/v2", "name": "x"}, "{"):
        assert client.post("/api/v1/awards/check", json={"award": wrong}).status_code == 400, wrong
    text = client.post("/check-award", data={"text": json.dumps(sent)}, headers={"Accept": "text/html", "Accept-Language": "en"})
    assert text.status_code == 200
    assert "since release 2027" in text.text
    assert "someone@example.org" not in text.text, "a person's award is not shown again"
    assert plain(client, "/check-award")
    file = client.post("/api/v1/awards/check/file", files={"file": ("a.json", json.dumps(sent))})
    assert file.json()["outcome"] == "ended"
    assert read_events(opened.app.engine, 0, 100_000) == before, "nothing is written"
    assert "someone@example.org" not in "".join(capfd.readouterr())
    with pytest.raises(InvalidInput, match="no award"):
        opened.refresh.awards.check(Found([{"targetName": "x"}]), NOBODY, PUBLIC_URL)


def test_an_award_that_only_names_its_badge_is_held_against_what_that_attested(opened: Trade, client: TestClient) -> None:
    merged = {skill(5), skill(10), skill(11)}
    badge = next(each for each in opened.wanted if each.content.hosted == "here" and len(merged & dict(each.concepts).keys()) == 1)
    (ended,) = merged & dict(badge.concepts).keys()
    for address in (f"{PUBLIC_URL}/b/{badge.id}", f"{PUBLIC_URL}/b/{badge.id}/v/1"):
        body = client.post("/api/v1/awards/check", json={"award": {**award(), "badge": address}}, params={"language": "fr"}).json()
        told = {each["concept"]["uuid"]: (each["state"], each["since"], each["pointer"]) for each in body["alignments"]}
        assert told.keys() == dict(badge.concepts).keys(), "by the only version that there is, or the first where it was issued before"
        assert told[ended] == ("replaced", "2027", "")
        assert (body["badge"]["id"], body["outcome"]) == (badge.id, "changed")
    gone = client.post("/api/v1/awards/check", json={"award": {**award(), "badge": f"{PUBLIC_URL}/b/{badge.id}/v/99"}}).json()
    assert (gone["alignments"], gone["outcome"]) == ([], "unknown"), "there is no such version"
    stranger = json.dumps({**award(), "badge": "https://elsewhere.example.org/b"})
    page = client.post("/check-award", data={"text": stranger}, headers={"Accept": "text/html", "Accept-Language": "en"}).text
    assert "This badge is not known here." in page
    assert "aligned to no competency" not in page, "who knows"


def _credential(concept: str, badge: str) -> dict[str, Any]:
    achievement = {
        "id": f"{PUBLIC_URL}/badges/{badge}", "type": ["Achievement"], "name": "x", "description": "x", "criteria": {"narrative": "x"},
        "alignment": [{"type": ["Alignment"], "targetName": french(9), "targetUrl": f"{PUBLIC_URL}/r/2026/c/{concept}"}],
    }  # fmt: skip
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],
        "type": ["VerifiableCredential", "OpenBadgeCredential"], "id": "urn:uuid:1", "issuer": {"id": "https://x.example.org", "type": ["Profile"]},
        "validFrom": "2026-05-04T10:00:00Z", "credentialSubject": {"type": ["AchievementSubject"], "achievement": achievement},
    }  # fmt: skip


def test_by_command(opened: Trade, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    monkeypatch.setattr(cli_badge_check, "opened", lambda *_, **__: nullcontext(opened.app))
    path = tmp_path / "award.json"
    here = opened.app.accounts.rules.public_url
    path.write_text(json.dumps(award(skill(8))).replace(PUBLIC_URL, here), encoding="utf-8")
    assert cli.run(["badge", "check", str(path)]) == 1
    assert "ended" in capsys.readouterr().out
