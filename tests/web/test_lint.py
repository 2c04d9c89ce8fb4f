"""The linter over the sample: each shape of an address that people write, what moved, names, codes and types; the API, the page, the command; hostile
documents."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.sample_world import World
from tests.started import started
from tests.web.conftest import PUBLIC_URL
from wikic import cli, cli_badge_lint
from wikic.domain.ids import concept_uuid, rome_key
from wikic.services.linting import Linted
from wikic.services.linting_fetching import Sent
from wikic.store.concepts import list_concepts
from wikic.web.app import create_app
from wikic.web.rate_limit import Buckets

BAKER = concept_uuid(rome_key("metier", "D1102"))
PERMANENT = f"{PUBLIC_URL}/c/"


class Skill:
    """A skill of the sample's ESCO, active, with names in both languages."""

    def __init__(self, world: World) -> None:
        moment = world.app.reading.moment()
        rows = list_concepts(world.app.engine, moment.at, scheme="esco", kind="skill", status="active", after="", limit=20)
        brief = next(each for _, each in rows if each.iri.startswith("http://data.europa.eu/esco/skill/") and {"fr", "en"} <= each.preferred.keys())
        self.iri, self.uuid, self.fr, self.en = brief.iri, brief.uuid, brief.preferred["fr"], brief.preferred["en"]
        self.tail = self.iri.rpartition("/")[2]


@pytest.fixture
def skill(world: World) -> Skill:
    return Skill(world)


def lint(world: World, *alignments: Any, form: str = "2.0", lang: str = "") -> Linted:
    """The alignments within a badge."""
    badge = badge_class(list(alignments), form) | ({"@language" if form == "2.0" else "inLanguage": lang} if lang else {})
    return world.app.linting.lint([Sent(badge)], PUBLIC_URL).documents[0]


def badge_class(alignments: Any, form: str = "2.0") -> dict[str, Any]:
    base = {"id": "https://issuer.example.org/b/1", "name": "A badge", "description": "Well.", "criteria": {"narrative": "Do it."}}
    if form == "3.0":
        return {"@context": "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json", "type": ["Achievement"], **base, "alignment": alignments}
    more = {"image": "https://issuer.example.org/b/1.png", "issuer": "https://issuer.example.org/i"}
    return {"@context": "https://w3id.org/openbadges/v2", "type": "BadgeClass", **base, **more, "alignment": alignments}


def keys(linted: Linted) -> set[str]:
    return {finding.problem.key for finding in linted.findings}


def url_of(linted: Linted) -> Any:
    return linted.repaired["alignment"][0].get("targetUrl")


@pytest.mark.parametrize(
    ("shape", "key"),
    [
        ("{iri}", None),
        ("  {iri} ", "spaces"),
        ("{iri}/", "slash"),
        ("https{rest}", "http"),
        ("http://DATA.europa.eu/esco/skill/{upper}", "case"),
        ("{iri}#overlayspin", "decorated"),
        ("https://esco.ec.europa.eu/fr/classification/skill_main?uri={iri}", "portal"),
        ("https://ec.europa.eu/esco/portal/skill?uri=http%3A%2F%2Fdata.europa.eu%2Fesco%2Fskill%2F{tail}&conceptLanguage=fr", "portal"),
        ("data.europa.eu/esco/skill/{tail}", "relative"),
        ("esco/skill/{tail}", "relative"),
        ("/esco/skill/{tail}", "relative"),
        ("/skill/{tail}", "relative"),
        ("https://esco.ec.europa.eu/en/classification/skills/{tail}", "other_path"),
        ("https://ec.europa.eu/esco/resource/{tail}", "other_path"),
        ("http://data.europa.eu/esco/occupation/{tail}", "alias"),
        ("urn:uuid:{tail}", "uuid_only"),
        ("{tail}", "uuid_only"),
    ],
)
def test_shapes_of_esco_addresses(world: World, skill: Skill, shape: str, key: str | None) -> None:
    url = shape.format(iri=skill.iri, rest=skill.iri.removeprefix("http"), tail=skill.tail, upper=skill.tail.upper())
    linted = lint(world, {"targetName": skill.fr, "targetUrl": url})
    assert keys(linted) == ({key} if key else set())
    assert url_of(linted) == skill.iri
    assert linted.concepts["/alignment/0"].uuid == skill.uuid


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("rome:D1102", "code_only"),
        ("d1102", "code_only"),
        ("https://candidat.francetravail.fr/metierscope/fiche-metier/D1102", "fiche"),
        ("https://candidat.pole-emploi.fr/marche-du-travail/fichemetierrome?codeRome=D1102", "fiche"),
        (f"{PERMANENT}{BAKER}/", "slash"),
        (f"{PERMANENT}{BAKER}.ttl", "decorated"),
        (f"http://skills.example.org/c/{BAKER}", "http"),
        (f"{PERMANENT}{BAKER.upper()}", "case"),
    ],
)
def test_rome_and_own_addresses(world: World, url: str, key: str) -> None:
    linted = lint(world, {"targetName": "x", "targetUrl": url})
    assert key in keys(linted)
    assert url_of(linted) == f"{PERMANENT}{BAKER}"


def test_pinned_addresses_stay_and_say_what_came_since(world: World, skill: Skill) -> None:
    pinned = f"{PUBLIC_URL}/r/2025/c/{skill.uuid}"
    assert url_of(lint(world, {"targetName": skill.fr, "targetUrl": pinned})) == pinned
    assert keys(lint(world, {"targetName": "x", "targetUrl": f"{PUBLIC_URL}/r/1999/c/{skill.uuid}"})) >= {"unknown_release"}
    gone = lint(world, {"targetName": "x", "targetUrl": f"{PUBLIC_URL}/r/2026/c/{world.crumb}"})
    assert "not_found" in keys(gone)


def test_what_was_replaced_leads_to_its_final_successor(world: World) -> None:
    linted = lint(world, {"targetName": "cut a crumb", "targetUrl": f"{PERMANENT}{world.crumb}"})
    assert {"replaced", "renamed"} <= keys(linted)
    assert linted.repaired["alignment"] == [{"targetName": "slice bread", "targetUrl": f"{PERMANENT}{world.slice}"}]


def test_names(world: World, skill: Skill) -> None:
    right = {"targetUrl": skill.iri}
    assert keys(lint(world, right | {"targetName": skill.fr}, lang="fr")) == set()
    other = lint(world, right | {"targetName": skill.en}, lang="fr")
    assert (keys(other), other.repaired["alignment"][0]["targetName"]) == ({"other_language"}, skill.fr)
    assert keys(lint(world, right | {"targetName": skill.fr.upper()}, lang="fr")) == {"name_form"}
    wrong = lint(world, right | {"targetName": "sell insurance"}, lang="fr")
    assert keys(wrong) == {"name_differs"}
    assert wrong.repaired["alignment"][0]["targetName"] == "sell insurance"  # that may as well be the wrong address
    assert lint(world, right, lang="en").repaired["alignment"][0]["targetName"] == skill.en
    renamed = lint(world, {"targetName": "cut a slice", "targetUrl": f"{PERMANENT}{world.slice}"})
    assert (keys(renamed), renamed.repaired["alignment"][0]["targetName"]) == ({"renamed"}, "slice bread")


def test_codes(world: World, skill: Skill) -> None:
    isco = lint(world, {"targetName": skill.fr, "targetUrl": skill.iri, "targetCode": "2513"})
    assert (keys(isco), isco.repaired["alignment"][0]["targetCode"]) == ({"isco_code"}, skill.tail)
    assert keys(lint(world, {"targetName": skill.fr, "targetUrl": skill.iri, "targetCode": "Z99"})) == {"code_differs"}
    assert keys(lint(world, {"targetName": skill.fr, "targetUrl": skill.iri, "targetCode": skill.tail})) == set()
    coded = lint(world, {"targetName": "Boulanger", "targetCode": "D1102", "targetFramework": "ROME 4.0"})
    assert keys(coded) == {"url_from_code", "alternative_name"}
    assert url_of(coded) == f"{PERMANENT}{BAKER}"


def test_types(world: World, skill: Skill) -> None:
    second = lint(world, {"targetName": skill.fr, "targetUrl": skill.iri, "targetType": "CFItem"})
    assert keys(second) == {"type_in_ob2"}
    assert "targetType" not in second.repaired["alignment"][0]
    third = lint(world, {"type": ["Alignment"], "targetName": skill.fr, "targetUrl": skill.iri, "targetType": "CFItem"}, form="3.0")
    assert third.repaired["alignment"][0]["targetType"] == "ext:ESCOAlignment"
    own = {"type": ["Alignment"], "targetName": skill.fr, "targetUrl": f"{PERMANENT}{skill.uuid}", "targetType": "CFItem"}
    assert keys(lint(world, own, form="3.0")) == set()
    odd = lint(world, own | {"type": "Alignment", "targetType": "Skill"}, form="3.0")
    assert (keys(odd), odd.repaired["alignment"][0]) == ({"alignment_type", "type_unknown"}, own)


def test_a_name_alone_is_a_suggestion_and_never_a_repair(world: World, skill: Skill) -> None:
    linted = lint(world, {"targetName": skill.fr})
    found = next(each for each in linted.findings if each.problem.key == "suggestion")
    assert not found.applied
    assert found.candidates[0]["uuid"] == skill.uuid
    assert found.candidates[0]["score"] == 1.0
    assert linted.repaired["alignment"] == [{"targetName": skill.fr}]
    assert keys(lint(world, {"targetName": "qzqzqz wvwvwv"})) >= {"no_suggestion"}
    assert keys(lint(world, {"targetDescription": "x"})) >= {"target_missing"}


def test_old_names_bare_addresses_and_many(world: World, skill: Skill) -> None:
    old = lint(world, {"name": skill.fr, "url": skill.iri, "description": "x"})
    assert list(old.repaired["alignment"][0].items()) == [("targetName", skill.fr), ("targetUrl", skill.iri), ("description", "x")]
    bare = lint(world, f"{skill.iri}/", lang="fr")
    assert bare.repaired["alignment"] == [{"targetUrl": skill.iri, "targetName": skill.fr}]
    same = [{"targetName": skill.fr, "targetUrl": skill.iri}] * 9
    assert keys(lint(world, *same)) == {"duplicate", "many"}
    assert keys(lint(world, {"targetName": "x", "targetUrl": "https://other.example.org/x?" + "y" * 300})) == {"long_url", "unknown_target"}
    for nowhere in ("ftp://other.example.org/x", "http://", "https:///x", "http://[::1/x", "https://other.example.org:99999/x"):
        assert keys(lint(world, {"targetName": "x", "targetUrl": nowhere})) >= {"bad_url"}, nowhere


def test_badgr_and_other_homes_of_alignments(world: World, skill: Skill) -> None:
    badgr = {"entityType": "BadgeClass", "entityId": "x", "alignments": [{"targetName": skill.fr, "targetUrl": f"/skill/{skill.tail}", "targetType": None}]}
    report = world.app.linting.lint([Sent(badgr)], PUBLIC_URL).documents[0]
    assert (report.badge.format, report.repaired["alignments"][0]["targetUrl"]) == ("badgr", skill.iri)
    snake = {"entityType": "BadgeClass", "entityId": "x", "alignment": [{"target_name": skill.fr, "target_url": f"{skill.iri}/"}]}
    assert world.app.linting.lint([Sent(snake)], PUBLIC_URL).documents[0].repaired["alignment"][0]["target_url"] == skill.iri
    extension = badge_class([]) | {
        "extensions:CompetencyExtension": [{"name": skill.fr, "framework": "esco", "framework_identifier": f"/esco/skill/{skill.tail}"}]
    }
    made = world.app.linting.lint([Sent(extension)], PUBLIC_URL).documents[0]
    assert made.repaired["extensions:CompetencyExtension"][0]["framework_identifier"] == skill.iri


def test_nothing_else_is_touched(world: World, skill: Skill) -> None:
    badge = badge_class({"targetUrl": f"{skill.iri}/", "x": [1.5, None], "targetName": skill.fr}) | {"é": {"b": 1, "a": 12345678901234567890123}}
    before = json.dumps(badge)
    linted = world.app.linting.lint([Sent(badge)], PUBLIC_URL).documents[0]
    assert json.dumps(badge) == before
    assert json.dumps(linted.repaired) == before.replace(f"{skill.iri}/", skill.iri)


@pytest.mark.parametrize("form", ["2.0", "3.0"])
def test_a_repaired_document_needs_no_repair(world: World, skill: Skill, form: str) -> None:
    urls = [
        f"{skill.iri}/?x=1", f"/skill/{skill.tail.upper()}", "rome:D1102", f" {PERMANENT}{world.crumb}.html", f"{PUBLIC_URL}/r/2025/c/{skill.uuid}/history",
        f"https://esco.ec.europa.eu/x?uri=http%3A%2F%2Fdata.europa.eu%2Fesco%2Fskill%2F{skill.tail}", "https://other.example.org/ x", "nonsense", "", "isco:1",
        "http://data.europa.eu/esco/isco/c1", "https://esco.ec.europa.eu/fr?uri=http://data.europa.eu/esco/skill/00000000-0000-4000-8000-000000000009",
    ]  # fmt: skip
    names = ["", skill.en.upper(), "cut a crumb", "x"]
    some = [
        {"name": name, "url": url, "targetType": kind, "targetCode": "2654"}
        for url in urls
        for name in names
        for kind in ("CFItem", "Skill")
    ]
    first = lint(world, *some, f"{skill.iri}/", form=form, lang="fr")
    assert first.changed
    again = world.app.linting.lint([Sent(first.repaired)], PUBLIC_URL).documents[0]
    assert [(each.problem, each.before, each.after) for each in again.findings if each.applied] == []
    assert again.repaired == first.repaired


def test_few_round_trips_however_many(world: World, skill: Skill) -> None:
    def trips(count: int) -> int:
        some = [{"targetName": f"name {n}", "targetUrl": f"{skill.iri}?n={n}"} for n in range(count)]
        with world.app.engine.count_round_trips() as counted:
            lint(world, *some)
        return len(counted.names)

    assert trips(300) <= max(trips(3), 10)


@pytest.fixture
def client(world: World) -> Iterator[TestClient]:
    with TestClient(started(world.app, PUBLIC_URL), follow_redirects=False) as client:
        yield client


def test_api(client: TestClient, skill: Skill) -> None:
    sent = {"document": badge_class([{"targetName": skill.fr, "targetUrl": f"{skill.iri}/"}])}
    answer = client.post("/api/v1/lint", json=sent)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "private, no-store"
    body = answer.json()
    assert body["counts"] == {"documents": 1, "alignments": 1, "error": 0, "warning": 0, "note": 1, "repaired": 1}
    assert body["documents"][0]["document"]["alignment"][0]["targetUrl"] == skill.iri
    wrongs: list[dict[str, Any]] = [{}, {"document": None}, {"document": {}, "address": "https://x.example.org"}, {"address": ""}, {"documents": [{}] * 501}]
    for wrong in wrongs:
        assert client.post("/api/v1/lint", json=wrong).status_code == 400, wrong
    half = rb'{"addresses": ["\ud800"]}'
    assert client.post("/api/v1/lint", content=half, headers={"Content-Type": "application/json"}).status_code == 400
    many = [{"targetUrl": skill.iri}] * 2_001
    assert client.post("/api/v1/lint", json={"document": many}).status_code == 413
    assert client.post("/api/v1/lint", json={"document": {"x": "y" * 1_000_001}}).status_code == 413
    assert client.get("/api/v1/lint").json()["alignments"] == 2_000


def test_files(client: TestClient, skill: Skill) -> None:
    badge = badge_class([{"targetName": skill.fr, "targetUrl": f"{skill.iri}/"}])
    packed = json.dumps(badge).encode()
    token = ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in (b'{"alg":"EdDSA"}', packed, b"signature"))
    inner = f'<o:assertion verify="x"><![CDATA[{packed.decode()}]]></o:assertion>'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:o="http://openbadges.org">{inner}</svg>'
    files = {
        "badge.json": packed,
        "badge.jwt": token.encode(),
        "badge.png": png(packed),
        "packed.png": png(zlib.compress(packed), packed=True),
        "badge.svg": svg.encode(),
        "list.csv": f"targetName;targetUrl\n{skill.fr};{skill.iri}/\n".encode(),
        "addresses.csv": f"{skill.iri}/\n{skill.iri}\n".encode(),
    }
    for name, data in files.items():
        body = client.post("/api/v1/lint/file", files={"file": (name, data)}).json()
        assert body["counts"]["repaired"] >= 1, (name, body)
        assert skill.iri in json.dumps(body["documents"][0]["document"]), name
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><svg>&a;</svg>'
    wide = png(zlib.compress(b" " * 9_000_000), packed=True)
    for data, status in ((b"\x00\xff", 400), (b"", 400), (png(b""), 400), (bomb, 400), (b"x" * 2_000_001, 413), (wide, 413)):
        assert client.post("/api/v1/lint/file", files={"file": ("x", data)}).status_code == status, data[:30]


def png(content: bytes, *, packed: bool = False) -> bytes:
    text = b"openbadges\0" + (b"\1" if packed else b"\0") + b"\0\0\0" + content
    return b"\x89PNG\r\n\x1a\n" + len(text).to_bytes(4, "big") + b"iTXt" + text + b"\0\0\0\0" + b"\0\0\0\0IEND\0\0\0\0"


def test_page(client: TestClient, skill: Skill) -> None:
    assert "<textarea" in client.get("/lint").text
    text = json.dumps([{"targetName": f"{skill.fr} <b>", "targetUrl": f"/skill/{skill.tail}"}])
    answer = client.post("/lint", data={"text": text}, headers={"accept-language": "fr"})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert "le début de l&#39;adresse manque" in answer.text
    assert skill.iri in answer.text
    assert "<b>" not in answer.text
    for sent in ({"text": ""}, {"text": "{"}, {"text": "{}"}):
        answer = client.post("/lint", data=sent)
        assert answer.status_code == (200 if sent["text"] == "{}" else 400)
    assert client.post("/lint", files={"file": ("b.json", text.encode())}).status_code == 200


def test_recipients_are_in_no_error(client: TestClient, capfd: pytest.CaptureFixture[str]) -> None:
    secret = "somebody.secret@example.org"
    identity = {"type": secret, "identityHash": secret, "identityType": secret}
    award = {
        "@context": ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "credentialSubject": {"id": secret, "type": [secret], "identifier": [identity]},
        "issuer": 5,
    }
    body = client.post("/api/v1/lint", json={"document": award}).json()
    body["documents"][0].pop("document")
    assert body["counts"]["error"] > 3
    assert secret not in json.dumps(body)
    broken = client.post("/api/v1/lint/file", files={"file": ("x.json", json.dumps(award)[:-2].encode())})
    assert broken.status_code == 400
    assert secret not in broken.text
    assert secret not in "".join(capfd.readouterr())


def test_too_often_without_an_account(world: World) -> None:
    web = create_app(world.app, PUBLIC_URL)
    web.state.lint_buckets = Buckets(3, clock=lambda: 0.0)
    with TestClient(web, client=("203.0.113.9", 1)) as client:
        answers = [client.post("/api/v1/lint", json={"document": []}) for _ in range(4)]
    assert [each.status_code for each in answers] == [200, 200, 200, 429]
    assert answers[-1].headers["retry-after"] == "20"
    assert answers[-1].json()["type"].endswith("#throttled")


def test_command(world: World, skill: Skill, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    @contextmanager
    def opened() -> Iterator[Any]:
        yield world.app

    monkeypatch.setattr(cli_badge_lint, "opened", opened)
    source, fixed = tmp_path / "badge.json", tmp_path / "fixed.json"
    source.write_text(json.dumps(badge_class([{"targetName": skill.fr, "targetUrl": f"/skill/{skill.tail}"}])))
    assert cli.run(["badge", "lint", str(source), "--fix", str(fixed)]) == 0
    told = capsys.readouterr()
    assert "the address lacks its beginning" in told.out
    assert "1 alignment: 1 error" in told.err
    assert json.loads(fixed.read_text())["alignment"][0]["targetUrl"] == skill.iri
    assert cli.run(["badge", "lint", str(fixed), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["counts"]["error"] == 0
    source.write_text("[{}]")
    assert cli.run(["badge", "lint", str(source)]) == 1
    capsys.readouterr()
    for wrong, why in ((str(tmp_path / "none.json"), "No such file"), ("http://127.0.0.1/b", "private or reserved")):
        assert cli.run(["badge", "lint", wrong]) == 1
        assert why in capsys.readouterr().err
