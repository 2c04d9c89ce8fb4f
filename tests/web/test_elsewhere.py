"""Badge classes hosted elsewhere by pages, API and commands: looked at, taken, shown, read again; hostile input leaves nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.engines import arcadedb_engine
from tests.flows.badge_world import BadgeWorld, content, make_badge_world
from tests.outside_site import PublicName, Site, badge_class, outside_site
from tests.people import OPERATOR, signed_in
from tests.started import started
from tests.web.conftest import PUBLIC_URL
from wikic import cli, cli_badge_elsewhere
from wikic.services.elsewhere_parts import ElsewhereServices
from wikic.store.engine import Engine, Query

__all__ = ["arcadedb_engine"]

API = "/api/v1/badge-classes"
_COUNT = Query("tests.kept", "MATCH (n) WHERE n:BadgeClass OR n:Binding OR n:BadgeImage OR n:BadgeSource RETURN count(n) AS n")


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with outside_site() as site:
        yield site


@pytest.fixture(scope="module")
def world(arcadedb_engine: Engine) -> BadgeWorld:
    world = make_badge_world(arcadedb_engine)
    app = world.app
    app.elsewhere = ElsewhereServices.of(app.engine, app.badges, app.linting, PublicName(), PUBLIC_URL, seconds=1.0)
    return world


@pytest.fixture
def client(world: BadgeWorld, site: Site) -> Iterator[TestClient]:
    """The manager's browser."""
    site.clear()
    with TestClient(started(world.app, PUBLIC_URL), follow_redirects=False, headers={"Accept-Language": "fr"}) as client:
        signed_in(client, world.app, world.manager)
        yield client


def kept(world: BadgeWorld) -> int:
    return int(world.app.engine.read(_COUNT)[0]["n"])


def hidden(text: str, name: str) -> list[str]:
    return re.findall(rf'name="{name}" value="([^"]*)"', text)


def to(concept: str) -> dict[str, str]:
    return {"targetName": "x", "targetUrl": f"{PUBLIC_URL}/c/{concept}"}


def test_one_badge_by_the_form(world: BadgeWorld, site: Site, client: TestClient) -> None:
    skill = world.skills[0]
    address = site.badge("/p1", name="Geste <b>", alignment=[to(skill)])
    before = kept(world)
    assert "Tenus à jour" in client.get("/badges/elsewhere").text
    answer = client.post("/badges/elsewhere", data={"issuer": "fournil", "address": address})
    assert answer.status_code == 200
    assert "Geste &lt;b&gt;" in answer.text
    assert (hidden(answer.text, "bind"), kept(world)) == ([f"{skill} {address}"], before)
    form = {name: hidden(answer.text, name) for name in ("issuer", "one", "text", "seen", "take", "bind")} | {"act": "publish"}
    site.badge("/p1", name="Autre geste", alignment=[to(skill)])
    changed = client.post("/badges/catalogue/take", data=form)
    assert changed.status_code in (400, 409)
    assert "a changé depuis que vous l&#39;avez vu" in changed.text
    assert kept(world) == before
    site.badge("/p1", name="Geste <b>", alignment=[to(skill)])
    taken = client.post("/badges/catalogue/take", data=form)
    assert taken.status_code == 303
    page = client.get(taken.headers["location"]).text
    assert "À jour" in page
    assert "Relire maintenant" in page
    site.badge("/p1", name="Geste <b>")
    assert client.post(f"{taken.headers['location']}/reread", data={"again": "1"}).status_code == 303
    assert "Alignement perdu" in client.get(taken.headers["location"]).text
    assert "Alignement perdu" in client.get("/badges").text
    assert "Alignement perdu" in client.get("/badges/elsewhere").text
    known = client.post("/badges/elsewhere", data={"issuer": "fournil", "address": address}).text
    assert "déjà ici" in known
    assert "Prendre comme brouillons" not in known


def test_a_catalogue_by_the_form(site: Site, client: TestClient) -> None:
    urls = [site.badge(f"/c{n}") for n in range(3)]
    text = "\n".join([*urls, f"{site.url}/missing"])
    answer = client.post("/badges/catalogue", files={"issuer": (None, "fournil"), "file": ("list.csv", text.encode())})
    assert answer.status_code == 200
    assert "répond par le statut 404" in answer.text
    form: dict[str, Any] = {name: hidden(answer.text, name) for name in ("issuer", "text", "seen")}
    assert sorted(hidden(answer.text, "take")) == urls
    assert "choisissez au moins un badge" in client.post("/badges/catalogue/take", data=form | {"take": []}).text
    done = client.post("/badges/catalogue/take", data=form | {"take": urls[:2]})
    assert done.status_code == 200
    assert done.text.count("Voir le badge") == 2
    for sent in ("", "nothing", "{", '{"type": "Issuer"}', "a;b\n1;2"):
        answer = client.post("/badges/catalogue", files={"issuer": (None, "fournil"), "text": (None, sent)})
        assert answer.status_code == 400, sent
        assert 'role="alert"' in answer.text


def test_what_a_table_names_is_bound_by_the_form_too(world: BadgeWorld, site: Site, client: TestClient) -> None:
    first, second = world.skills[:2]
    address = site.badge("/t1", alignment=[to(first)])
    table = f"adresse;compétences\n{address};{first} {second}"
    answer = client.post("/badges/catalogue", files={"issuer": (None, "fournil"), "text": (None, table)})
    form: dict[str, Any] = {name: hidden(answer.text, name) for name in ("issuer", "text", "seen", "take", "bind")}
    assert form["bind"] == [f"{first} {address}", f"{second} {address}"], "each once"
    assert len(re.findall(r'name="bind" value="[^"]*" checked', answer.text)) == 2
    taken = client.post("/badges/catalogue/take", data=form | {"act": "draft"})
    bound = world.badges.bindings.of_badge(taken.headers["location"].split("/")[2], world.member).items
    assert {each.concept: each.source for each in bound} == {first: "imported", second: "csv"}


def test_the_api(world: BadgeWorld, site: Site, client: TestClient) -> None:
    skill = world.skills[1]
    address = site.badge("/a1", "3.0", alignment=[{"type": ["Alignment"], **to(skill)}])
    sent = {"issuer": "fournil", "address": address}
    before = kept(world)
    body = client.post(f"{API}/from", json=sent).json()
    line = body["lines"][0]
    assert (body["applied"], body["new"], line["result"], line["concepts"], line["recognised"][0]["bindable"]) == (False, 1, "new", [skill], True)
    assert kept(world) == before
    body = client.post(f"{API}/from", json=sent | {"dry_run": False, "publish": True, "seen": {address: line["digest"]}}).json()
    badge = body["lines"][0]["badge_class"]
    assert (body["applied"], body["taken"]) == (True, 1)
    source = client.get(f"{API}/{badge}/source").json()
    assert (source["state"], source["address"]) == ("same", address)
    site.pages["/a1"] = 500
    again = client.post(f"{API}/{badge}/source/read").json()
    assert (again["state"], again["version"]) == ("unreachable", 0)
    assert "status 500" in again["error"]
    signed_in(client, world.app, None)
    seen = client.get(f"{API}/{badge}/source").json()
    assert (seen["state"], seen["error"]) == ("unreachable", None)
    assert client.post(f"{API}/from", json=sent).status_code == 401
    signed_in(client, world.app, world.stranger)
    assert client.post(f"{API}/from", json=sent).status_code == 403
    signed_in(client, world.app, world.manager)
    wrongs: tuple[dict[str, object], ...] = ({}, {"address": address, "csv": "x"}, {"documents": []}, {"addresses": ["x"] * 501})
    for wrong in wrongs:
        assert client.post(f"{API}/from", json={"issuer": "fournil"} | wrong).status_code == 400
    half = b'{"issuer": "fournil", "documents": [{"type": "BadgeClass", "name": "\\ud800"}]}'
    broken = client.post(f"{API}/from", content=half, headers={"Content-Type": "application/json"})
    assert (broken.status_code, "JSON cannot write" in broken.json()["detail"]) == (400, True)
    mixed = {"issuer": "fournil", "documents": [badge_class(f"{site.url}/a2"), {"type": "x"}], "dry_run": False, "draw": True}
    before = kept(world)
    refused = client.post(f"{API}/from", json=mixed)
    assert refused.status_code in (400, 409)
    assert "line 2" in refused.json()["detail"]
    assert kept(world) == before
    assert client.post(f"{API}/from", json=mixed | {"partly": True}).json()["taken"] == 1


@pytest.mark.parametrize("path", ["/inside", "/cloud", "/large", "/endless", "/round", "/script.svg", "/bomb.png"])
def test_hostile_addresses_by_the_api_leave_nothing(world: BadgeWorld, site: Site, client: TestClient, path: str) -> None:
    before = kept(world)
    named = badge_class(f"{site.url}/of{path}", image=f"{site.url}{path}")
    for sent in ({"address": f"{site.url}{path}"}, {"documents": [named]}):
        answer = client.post(f"{API}/from", json=sent | {"issuer": "fournil", "dry_run": False, "publish": True})
        if "documents" in sent and path in ("/large", "/endless", "/round"):
            # An image that cannot be had is drawn.
            line = answer.json()["lines"][0]
            assert (line["image"], "image_drawn" in [note["key"] for note in line["notes"]]) == ("drawn", True)
            continue
        assert answer.status_code == 400, answer.text
        assert answer.json()["detail"]
        assert kept(world) == before


def test_too_large_a_document_is_refused_before_it_is_read(world: BadgeWorld, client: TestClient) -> None:
    before = kept(world)
    fifty = b'{"issuer": "fournil", "documents": ["' + b"x" * 50_000_000 + b'"]}'
    assert client.post(f"{API}/from", content=fifty, headers={"Content-Type": "application/json"}).status_code == 413
    assert client.post("/badges/catalogue", files={"issuer": (None, "fournil"), "file": ("x.json", fifty)}).status_code == 413
    one = {"issuer": "fournil", "documents": [badge_class("http://x.example.org/b", description="y" * 1_500_000)]}
    assert client.post(f"{API}/from", json=one).json()["lines"][0]["result"] == "refused"
    assert kept(world) == before


def test_discarding(world: BadgeWorld, client: TestClient) -> None:
    badging = world.badges.badging
    draft, public = badging.create("fournil", content("Un brouillon"), world.member), world.published("Publié")
    assert "Jeter ce brouillon" in client.get(f"/badges/{draft.id}").text
    assert client.delete(f"{API}/{draft.id}").status_code == 428
    assert client.delete(f"{API}/{draft.id}", headers={"If-Match": '"9-x"'}).status_code == 412
    assert client.post(f"/badges/{draft.id}/discard", data={"version": "9"}).status_code == 412
    assert client.post(f"/badges/{draft.id}/discard", data={"version": "1"}).headers["location"] == "/badges"
    assert client.get(f"/badges/{draft.id}").status_code == 404
    answer = client.post(f"/badges/{public.id}/discard", data={"version": ""})
    assert (answer.status_code, "il n&#39;y a rien à jeter" in answer.text) == (409, True)
    badging.change(public.id, content("Autre"), world.member, version=None)
    assert client.delete(f"{API}/{public.id}", headers={"If-Match": "*"}).json()["draft"] is None
    other = badging.create("fournil", content("Encore"), OPERATOR)
    assert client.delete(f"{API}/{other.id}", headers={"If-Match": "*"}).status_code == 204


def test_commands(world: BadgeWorld, site: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    @contextmanager
    def opened() -> Iterator[Any]:
        yield world.app

    monkeypatch.setattr(cli_badge_elsewhere, "opened", opened)
    address = site.badge("/k1", alignment=[to(world.skills[2])])

    def run(*arguments: str, status: int = 0) -> str:
        assert cli.run(["badge", *arguments]) == status
        told = capsys.readouterr()
        return told.out + told.err

    assert "1 new" in run("add", address, "--issuer", "fournil")
    assert "0 new, 0 known, 0 refused, 1 taken" in run("add", address, "--issuer", "fournil", "--apply", "--publish")
    file = tmp_path / "list.csv"
    file.write_text(f"address,code\n{address},K-1\n{site.badge('/k2')},K-2\n{site.url}/none,K-3\n", encoding="utf-8")
    assert "nothing was taken" in run("catalogue", str(file), "--issuer", "fournil", "--apply", status=1)
    assert "0 new, 1 known, 1 refused, 1 taken" in run("catalogue", str(file), "--issuer", "fournil", "--apply", "--partly")
    # What is counted comes after the JSON, on stderr.
    made = json.JSONDecoder().raw_decode(run("catalogue", f"{site.url}/k2", "--issuer", "fournil", "--json"))[0]["lines"][0]["badge_class"]
    site.badge("/k2", name="Nouveau")
    assert "same" in run("refetch", made)
    assert world.badges.badging.get(made, OPERATOR).content.name == "Nouveau"
    assert made in run("discard", made)
    assert "no badge class" in run("refetch", made, status=1)
