"""Endorsements and acceptances by the pages and the API: forms, documents in the form that is asked for, what was revoked, what is private."""

from __future__ import annotations

import json
from collections.abc import Iterator

import jwt
import pytest
from starlette.testclient import TestClient

from tests.engines import arcadedb_engine
from tests.flows.badge_world import BadgeWorld, content, make_badge_world
from tests.people import OPERATOR, make_person, signed_in
from tests.started import started
from tests.web.conftest import PUBLIC_URL
from wikic import cli, cli_badge_endorse
from wikic.bootstrap import App
from wikic.domain.access import Actor
from wikic.store.engine import Engine

__all__ = ["arcadedb_engine"]

HTML = {"Accept": "text/html", "Accept-Language": "en"}


@pytest.fixture(scope="module")
def ground(arcadedb_engine: Engine) -> BadgeWorld:
    made = make_badge_world(arcadedb_engine)
    made.app.organisations.make("cci", "La Chambre", "company", actor=OPERATOR, private=False)
    return made


@pytest.fixture(scope="module")
def chamber(ground: BadgeWorld) -> Actor:
    return make_person(ground.app, "Carla", organisations={"cci": ["manager", "member"]})


@pytest.fixture
def site(ground: BadgeWorld) -> Iterator[TestClient]:
    with TestClient(started(ground.app, PUBLIC_URL), base_url=PUBLIC_URL, follow_redirects=False) as client:
        yield client


def page(site: TestClient, address: str) -> str:
    answer = site.get(address, headers=HTML)
    assert answer.status_code == 200, (address, answer.status_code)
    return str(answer.text)


def test_endorsed_by_a_form_read_as_documents_and_revoked(site: TestClient, ground: BadgeWorld, chamber: Actor) -> None:
    badge = ground.published("Pétrir").id
    assert "Endorsed by" not in page(site, f"/badges/{badge}"), "nobody does, and who is not signed in may not"
    signed_in(site, ground.app, chamber)
    target = f"badge_class/{badge}"
    assert f'href="/endorse?target={target}"' in page(site, f"/badges/{badge}")
    assert "La Chambre" in page(site, f"/endorse?target={target}")
    refused = site.post("/endorse", data={"target": target, "by": "cci", "comment": " ", "lang": "fr"}, headers=HTML)
    assert (refused.status_code, "say why you endorse it" in refused.text) == (400, True)
    sent = {"target": target, "by": "cci", "comment": "Nous recrutons <avec>.", "evidence": "https://cci.example.org/jobs", "lang": "fr"}
    answer = site.post("/endorse", data=sent, headers=HTML)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/badges/{badge}#endorsed")
    shown = page(site, f"/badges/{badge}")
    assert "Nous recrutons &lt;avec&gt;." in shown
    again = page(site, f"/endorse?target={target}")
    assert all(kept in again for kept in ("Nous recrutons &lt;avec&gt;.</textarea>", 'value="https://cci.example.org/jobs"', '<option value="cci" selected'))
    signed_in(site, ground.app, None)
    listed = site.get("/api/v1/endorsements", params={"target": target}).json()["items"]
    assert [(each["name"], each["by"], each["number"]) for each in listed] == [("La Chambre", "organisation/cci", 1)]
    address = listed[0]["address"].removeprefix(PUBLIC_URL)

    for accept, media in (("*/*", "application/ld+json"), ("application/json", "application/json"), ("application/vc", "application/vc")):
        assert site.get(address, headers={"Accept": accept}).headers["content-type"] == media
    assert site.get(address, headers={"Accept": "image/png"}).status_code == 406
    old, new = site.get(f"{address}.ob2.json").json(), site.get(f"{address}.ob3.json").json()
    assert (old["type"], new["type"][1], old["id"], new["id"]) == ("Endorsement", "EndorsementCredential", listed[0]["address"], listed[0]["address"])
    assert site.get(old["issuer"].removeprefix(PUBLIC_URL)).json()["name"] == "La Chambre"
    signed = site.get(f"{address}.jwt")
    assert signed.headers["content-type"] == "application/vc+jwt"
    kid = jwt.get_unverified_header(signed.text)["kid"]
    key = site.get(kid.removeprefix(PUBLIC_URL)).json()
    assert site.get("/.well-known/jwks.json").json() == {"keys": [key]}
    assert site.get("/.well-known/did.json").json()["verificationMethod"][0]["publicKeyJwk"] == key
    assert jwt.decode(signed.text, jwt.PyJWK(key), algorithms=["EdDSA"])["credentialSubject"] == new["credentialSubject"]

    signed_in(site, ground.app, chamber)
    assert "Revoke" in page(site, f"{address}.html")
    gone = site.post(f"{address}/revoke", data={"reason": "Il a changé.", "version": "1"}, headers=HTML)
    assert (gone.status_code, gone.headers["location"]) == (303, address)
    signed_in(site, ground.app, None)
    answer = site.get(f"{address}.ob2.json")
    assert (answer.status_code, answer.json()["revocationReason"]) == (410, "Il a changé.")
    assert site.get(f"{address}.ob3.json").status_code == 200
    revoked = site.get("/e/revocations").json()["revokedCredential"]
    assert revoked == [{"id": new["id"], "revoked": True, "revocationReason": "Il a changé."}]
    assert "Il a changé." in page(site, address)
    assert site.get("/api/v1/endorsements", params={"target": target}).json()["items"] == []
    assert site.get("/api/v1/endorsements", params={"target": target, "status": "revoked"}).json()["items"][0]["reason"] == "Il a changé."


def test_issuers_and_competencies(site: TestClient, ground: BadgeWorld, chamber: Actor) -> None:
    signed_in(site, ground.app, chamber)
    skill = ground.skills[0]
    for target, where in (("issuer/fournil", "/issuers/fournil"), (f"concept/{skill}", f"/c/{skill}")):
        sent = {"target": target, "comment": "Je les connais.", "lang": "fr"}
        assert site.post("/api/v1/endorsements", json=sent).status_code == 200
        assert "Je les connais." in page(site, where)
    assert "Je les connais." in page(site, f"/endorsements?by=user/{chamber.id}")
    own = signed_in(site, ground.app, ground.manager).post("/endorse", data={"target": "issuer/fournil", "comment": "x", "lang": "fr"}, headers=HTML)
    assert (own.status_code, "to which you belong" in own.text) == (403, True)


def test_accepted_by_a_form_listed_and_revoked(site: TestClient, ground: BadgeWorld, chamber: Actor) -> None:
    badge = ground.published("Cuire").id
    signed_in(site, ground.app, chamber)
    assert "La Chambre" in page(site, f"/accept?badge_class={badge}")
    sent = {"badge_class": badge, "organisation": "cci", "in_place_of": "Épreuve <E2>", "valid_until": "2099-12-31", "lang": "fr"}
    assert site.post("/accept", data=sent | {"valid_until": "2001-01-01"}, headers=HTML).status_code == 400
    assert site.post("/accept", data=sent, headers=HTML).headers["location"] == f"/badges/{badge}#accepted"
    for address in (f"/badges/{badge}", "/organisations/cci", "/acceptances"):
        assert "Épreuve &lt;E2&gt;" in page(site, address)
    found = site.get("/api/v1/acceptances", params={"badge_class": badge, "valid_on": "2099-12-31"}).json()["items"]
    assert [(each["organisation"], each["state"]) for each in found] == [("cci", "in_force")]
    later = {"badge_class": badge, "organisation": "cci", "in_place_of": "Module 9", "valid_from": "2098-01-01", "valid_until": "2098-12-31"}
    assert site.post("/api/v1/acceptances", json=later).json()["state"] == "to_come"
    then = site.get("/api/v1/acceptances", params={"badge_class": badge, "valid_on": "2098-06-01"}).json()["items"]
    assert {each["state"] for each in then} == {"in_force"}, "as it stands on that day"
    assert "Épreuve <E2>" in site.get("/api/v1/acceptances.csv", params={"organisation": "cci"}).text
    address = f"/acceptances/{found[0]['id']}"
    assert "Revoke" in page(site, address)
    assert site.post(f"{address}/revoke", data={"reason": "Fin."}, headers=HTML).headers["location"] == address
    assert "Fin." in page(site, address)
    assert site.get("/api/v1/acceptances", params={"badge_class": badge, "valid_on": "2099-12-31"}).json()["items"] == []


def test_what_is_private_is_not_there(site: TestClient, ground: BadgeWorld, chamber: Actor) -> None:
    draft = ground.badges.badging.create("fournil", content("Secret Brouillon"), ground.manager).id
    signed_in(site, ground.app, chamber)
    asked = {"target": f"badge_class/{draft}", "comment": "x"}
    for answer in (
        site.post("/api/v1/endorsements", json=asked),
        site.get("/api/v1/endorsements", params={"target": f"badge_class/{draft}"}),
        site.get("/api/v1/acceptances", params={"badge_class": draft}),
        site.post("/api/v1/acceptances", json={"badge_class": draft, "organisation": "cci", "in_place_of": "x"}),
        site.get(f"/endorse?target=badge_class/{draft}"),
    ):
        assert (answer.status_code, "Secret" in answer.text) == (404, False)


def test_by_the_command_line(ground: BadgeWorld, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from contextlib import contextmanager

    @contextmanager
    def opened(*_: object, **__: object) -> Iterator[App]:
        yield ground.app

    monkeypatch.setattr(cli_badge_endorse, "opened", opened)

    def said(*arguments: str) -> str:
        assert cli.run(["badge", *arguments]) == 0, capsys.readouterr().err
        return capsys.readouterr().out

    badge = ground.published("Livrer").id
    made = json.loads(said("endorse", f"badge_class/{badge}", "--organisation", "cci", "--comment", "Oui.", "--json"))
    assert made["id"] in said("endorsements", "--target", f"badge_class/{badge}")
    assert "is revoked" in said("revoke-endorsement", made["id"], "--reason", "Non.")
    assert "Non." in said("endorsements", "--by", "organisation/cci", "--revoked")
    taken = json.loads(said("accept", badge, "--organisation", "cci", "--in-place-of", "E3", "--json"))
    assert "E3" in said("acceptances", "--badge-class", badge)
    assert taken["id"] in said("acceptances", "--organisation", "cci", "--csv")
    assert "no longer" in said("revoke-acceptance", taken["id"], "--reason", "Non.")
