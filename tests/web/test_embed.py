"""The picker that other sites embed, and the copy boxes of pages: what is found and chosen, who may frame it, what it never does."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.sample_world import World
from tests.web.conftest import PUBLIC_URL
from wikic.domain.badges_alignments import BOX_FORMATS
from wikic.domain.ids import concept_uuid, rome_key
from wikic.web import pages_embed
from wikic.web.acting import SESSION_COOKIE

ORIGIN = "https://lms.example.com"
BAKER = concept_uuid(rome_key("metier", "D1102"))


def page(client: TestClient, address: str, status: int = 200, **headers: str) -> str:
    answer = client.get(address, headers={"Accept": "text/html", "Accept-Language": "fr"} | headers)
    assert answer.status_code == status, answer.text
    return html.unescape(answer.text)


def boxes(text: str) -> dict[str, str]:
    return dict(re.findall(r'<textarea id="box-(\w+)"[^>]*>\n?(.*?)</textarea>', text, re.DOTALL))


def test_search_choose_level_copy(client: TestClient) -> None:
    found = page(client, f"/embed/picker?q=p%C3%A9trir&origin={ORIGIN}&format=moodle")
    assert "compétence" in found
    chosen = re.search(r'href="(/embed/picker\?[^"]*concept=([0-9a-f-]{36})[^"]*)"', found)
    assert chosen
    assert "origin=https%3A%2F%2Flms.example.com" in chosen[1]
    text = page(client, chosen[1])
    assert set(boxes(text)) == set(BOX_FORMATS)
    levelled = re.search(r'href="([^"]*level=practice%3A2[^"]*)"[^>]*>Je transmets', text)
    assert levelled
    assert chosen[2] in levelled[1]
    made = boxes(page(client, levelled[1]))
    three: dict[str, Any] = json.loads(made["ob3"])
    assert three["alignment"][0]["targetUrl"] == f"{PUBLIC_URL}/c/{chosen[2]}"
    assert three["alignment"][0]["targetFramework"] == "Wiki-C 2026"
    assert three["resultDescription"][0]["requiredLevel"] == f"{PUBLIC_URL}/scales/practice/levels/2"
    assert json.loads(made["badgr"])["alignments"] == json.loads(made["ob2"])["alignment"]
    assert "Niveau 2 : Je transmets." in made["moodle"]
    english = page(client, levelled[1].replace("format=moodle", "lang=en"))
    assert '<html lang="en">' in english
    assert "I pass on" in english
    assert "Level 2: I pass on." in boxes(english)["ob2"]


def test_of_much_that_is_found_the_best_is_said_to_be_listed(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    found = page(client, "/embed/picker?q=p%C3%A2te")
    listed = len(set(re.findall(r"concept=([0-9a-f-]{36})", found)))
    assert listed > 2
    assert f"{listed} compétences trouvées" in found
    monkeypatch.setattr(pages_embed, "MOST", 2)
    assert "Les 2 compétences les plus proches de" in page(client, "/embed/picker?q=p%C3%A2te")
    monkeypatch.setattr(pages_embed, "MOST", listed)
    assert f"{listed} compétences trouvées" in page(client, "/embed/picker?q=p%C3%A2te"), "all of it is listed"


def test_only_what_is_embedded_may_be_framed(client: TestClient) -> None:
    for address in ("/embed/picker", "/embed/picker?q=pain"):
        answer = client.get(address, headers={"Accept": "text/html"})
        assert "x-frame-options" not in answer.headers
        policy = answer.headers["content-security-policy"]
        assert "frame-ancestors" not in policy, "no value of it lets a page without an origin frame this"
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
    for address in ("/", "/badges", "/embedded", "/sign-in"):
        answer = client.get(address, headers={"Accept": "text/html"})
        assert answer.headers["x-frame-options"] == "DENY"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


def test_no_cookie_is_set_and_nobody_is_known(client: TestClient) -> None:
    answer = client.get("/embed/picker?lang=en&q=bread", headers={"Cookie": f"{SESSION_COOKIE}=nonsense"})
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    assert '<html lang="en">' in answer.text
    assert not re.search(r"<style|<script(?![^>]* src=)|\son\w+=", answer.text)
    assert client.get("/embed/picker?lang=en&q=bread", headers={"If-None-Match": answer.headers["etag"]}).status_code == 304


def test_the_script(client: TestClient) -> None:
    answer = client.get("/embed/picker.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert client.get("/embed/picker.js", headers={"If-None-Match": answer.headers["etag"]}).status_code == 304
    assert f'<script src="{PUBLIC_URL}/embed/picker.js"' in page(client, "/embed/picker")
    assert "/embed/picker.js" not in page(client, f"/embed/picker?origin={ORIGIN}"), "who embeds it need not be told how"


@pytest.mark.parametrize("origin", ["javascript:alert(1)", "https://a.example/path", "null", "https://a b", "//a.example"])
def test_what_is_no_origin_is_refused(client: TestClient, origin: str) -> None:
    assert client.get("/embed/picker", params={"origin": origin}).status_code == 400


def test_what_cannot_be_aligned(client: TestClient, world: World) -> None:
    for ref in (BAKER, "00000000-0000-7000-8000-0000000000ff", "rome:Z9999"):
        text = page(client, f"/embed/picker?concept={ref}")
        assert "Cette fiche est inconnue" in text
        assert boxes(text) == {}
    assert "Aucune compétence" in page(client, "/embed/picker?q=zzzzqqq")
    assert "<b>" not in client.get("/embed/picker?q=%3Cb%3Ezzzz").text
    assert "est obsolète" in page(client, f"/embed/picker?concept={world.crust}")


@pytest.mark.parametrize("level", ["practice:9", "x", "none-such:1"])
def test_a_level_that_is_not_there_is_left_out_and_said(client: TestClient, world: World, level: str) -> None:
    text = page(client, f"/embed/picker?concept={world.slice}&level={level}")
    assert f"Le niveau «\u00a0{level}\u00a0»" in text
    assert json.loads(boxes(text)["ob2"])["alignment"][0]["targetUrl"] == f"{PUBLIC_URL}/c/{world.slice}"
    assert f"level={level}" not in text
    assert f"Le niveau «\u00a0{level}\u00a0»" in page(client, f"/embed/picker?q=p%C3%A9trir&level={level}")


def test_boxes_on_the_page_of_a_competency(client: TestClient, world: World) -> None:
    skill = str(world.app.reading.concepts(world.app.reading.moment("2026"), kind="skill", scheme="esco", status="active", limit=1).items[0]["uuid"])
    now, then = boxes(page(client, f"/c/{skill}")), boxes(page(client, f"/r/2025/c/{skill}"))
    assert json.loads(now["ob3"])["alignment"][0]["targetUrl"] == f"{PUBLIC_URL}/c/{skill}"
    assert json.loads(now["ob3"])["alignment"][1]["targetType"] == "ext:ESCOAlignment"
    assert json.loads(then["ob3"])["alignment"][0]["targetUrl"] == f"{PUBLIC_URL}/r/2025/c/{skill}"
    assert json.loads(now["ob3"])["alignment"] == client.get(f"/api/v1/concepts/{skill}/alignment").json()["alignments"]
    # What no release holds yet is said as it is now.
    assert json.loads(boxes(page(client, f"/c/{world.slice}"))["ob2"])["alignment"][0]["targetFramework"] == "Wiki-C"
    assert boxes(page(client, f"/c/{BAKER}")) == {}
