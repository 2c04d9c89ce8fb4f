"""The pages: every one in both languages and as of both releases, contexts against templates, what each concept page
must say, and errors for browsers."""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, get_type_hints
from urllib.parse import urlsplit

import pytest
from jinja2 import Environment, nodes
from starlette.testclient import TestClient

from tests.sample_world import World
from tests.web.conftest import PUBLIC_URL
from wikic.domain.diff import CHANGE_TYPES
from wikic.domain.ids import concept_uuid, rome_key
from wikic.domain.vocabulary import IMPORTANCES, KINDS, NATURES, RELATION_TYPES, SCHEMES, STATUSES
from wikic.store.concepts import RELATION_NAMES
from wikic.web import (
    texts,
    texts_names,
    views_about,
    views_account,
    views_badges,
    views_common,
    views_concept,
    views_deployment,
    views_differences,
    views_elsewhere,
    views_endorsing,
    views_framework,
    views_imports,
    views_levels,
    views_lint,
    views_live,
    views_open_badges,
    views_organisations,
    views_proposals,
    views_queue,
    views_refresh,
    views_releases,
    views_reverting,
    views_search,
)
from wikic.web.pages_common import environment
from wikic.web.views_about import CALLS
from wikic.web.views_search import marked

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "wikic" / "web" / "templates"
BAKER = concept_uuid(rome_key("metier", "D1102"))
HTML = {"Accept": "text/html"}
VIEWS = (
    views_about,
    views_account,
    views_badges,
    views_common,
    views_concept,
    views_deployment,
    views_differences,
    views_elsewhere,
    views_endorsing,
    views_framework,
    views_imports,
    views_levels,
    views_lint,
    views_live,
    views_open_badges,
    views_organisations,
    views_proposals,
    views_queue,
    views_refresh,
    views_releases,
    views_reverting,
    views_search,
)
MADE = (
    "figure.",
    "badge.missing.", "badge.suggest.", "box.", "catalogue.note.", "change_counts.", "done.", "event.", "finding.", "key.", "lint.done_", "lint_says.",
    "propose.target_", "queue.done_", "queue.preview_", "refresh.says.", "revert.not_", "trouble.",
)  # fmt: skip
"""Messages whose keys are put together."""
VOID = {"meta", "link", "input", "img", "path", "rect", "circle"}

ADDRESSES = (
    "/", "/search", "/search?q=pain", "/tree", "/tree?scheme=rome", "/tree?scheme=esco&kind=skill_group",
    f"/c/{BAKER}", f"/c/{BAKER}/relations", f"/c/{BAKER}/relations?type=requires", f"/c/{BAKER}/history",
    f"/r/2025/c/{BAKER}", f"/r/2025/c/{BAKER}/history", f"/r/2026/c/{BAKER}/relations",
    "/schemes", "/releases", "/releases/2025", "/releases/2026", "/releases/2026?type=renamed",
    "/releases/2026?list=new&severity=notable", "/calendar", "/diff?from=2025&to=2026",
    "/changes", "/changes/1", "/about", "/use-the-api", "/docs", "/docs/errors", "/design", "/?release=2025",
    "/sign-in", "/register", "/password/forgotten", "/terms", "/organisations", "/badges", "/issuers", "/proposals", "/proposals/suggested",
    "/propose?type=create", "/lint", "/scales", "/scales/practice", "/scales/practice/levels/2",
    "/endorsements", "/acceptances",
    "/deployment", "/deployment?quarter=2026-Q1&territory=69&sector=C", "/coverage", "/coverage?scheme=rome", "/coverage/occupations",
    "/check-award",
    *(f"/propose?type={kind}&concept={BAKER}" for kind in ("relate", "move", "map", "merge", "split", "deprecate", "restore")),
    f"/propose?type=labels&language=fr&concept={BAKER}", f"/propose?type=text&field=definition&language=fr&concept={BAKER}",
)  # fmt: skip


class Parsed(HTMLParser):
    """A page taken apart: its links, ids, headings; complains about tags that do not close."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.headings: list[int] = []
        self.attributes: set[str] = set()
        self.open: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        for name, value in attrs:
            self.attributes.add(name)
            if name == "id" and value:
                self.ids.append(value)
            if name in ("href", "src", "action") and value is not None:
                self.links.append(value)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag


def page(client: TestClient, address: str, lang: str = "en", status: int = 200) -> str:
    answer = client.get(address, headers=HTML | {"Accept-Language": lang})
    assert answer.status_code == status, (address, answer.status_code)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return str(answer.text)


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("address", ADDRESSES)
def test_every_page(client: TestClient, address: str, lang: str) -> None:
    text = page(client, address, lang)
    parsed = Parsed(text)
    assert f'<html lang="{lang}">' in text
    assert parsed.headings.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in zip(parsed.headings, parsed.headings[1:], strict=False))
    assert sorted(parsed.ids) == sorted(set(parsed.ids))
    # Content-Security-Policy: nothing inline.
    assert not [name for name in parsed.attributes if name == "style" or name.startswith("on")]
    assert not re.search(r'<style|<script(?! type="application/ld\+json">)(?![^>]* src=)', text)
    assert "This service uses the ESCO classification of the European Commission." in text
    assert "France Travail" in text


def test_no_link_is_dead(client: TestClient) -> None:
    seen: set[str] = set()
    for address in (*ADDRESSES, f"/tree?parent={BAKER}"):
        for link in Parsed(page(client, address)).links:
            if link.startswith("/") and not re.search(r"/download\.|/c/[^/]+\.(json|jsonld|ttl|rdf|nt)$|^/search|^/diff$|lang=", link):
                seen.add(link.partition("#")[0])
            elif not link.startswith(("/", "#", PUBLIC_URL)):
                assert urlsplit(link).hostname in ("creativecommons.org", "www.etalab.gouv.fr", "data.europa.eu"), link
    concepts = [link for link in sorted(seen) if "/c/" in link]
    for link in [each for each in seen if "/c/" not in each and "parent=" not in each] + concepts[::12]:
        assert client.get(link, headers=HTML).status_code in (200, 303), link


class TestComparing:
    """Any two moments: releases, numbers, the current version."""

    def test_the_form_comes_first(self, client: TestClient) -> None:
        for address in ("/diff", "/releases"):
            page = client.get(f"{address}?lang=en")
            assert page.status_code == 200
            assert '<option value="head">Current version</option>' in page.text
            assert page.text.count('list="moments"') == 2
        assert 'name="from" list="moments" required maxlength="64" value="2025"' in client.get("/releases").text

    def test_with_the_current_version_and_numbers(self, client: TestClient, world: World) -> None:
        page = client.get("/diff?from=2026&to=head&lang=en").text
        assert "From 2026 to the current version" in page
        assert f"from=2026&amp;to={world.head}&amp;type=" in page
        assert "De 1 à 2026" in client.get("/diff?from=1&to=2026&lang=fr").text
        slip = client.get("/diff?from=2062&to=2026&lang=fr")
        assert (slip.status_code, 'role="alert"' in slip.text, "pas de version 2062" in slip.text) == (404, True, True)
        assert re.findall(r'name="(?:from|to)"[^>]*value="(\w+)"', slip.text) == ["2062", "2026"]

    def test_the_earlier_one_comes_first_whichever_is_given_first(self, client: TestClient) -> None:
        assert "From 2025 to 2026" in client.get("/diff?from=2026&to=2025&lang=en").text
        assert "From 2025 to the current version" in client.get("/diff?from=head&to=2025&lang=en").text


def test_a_concept_as_of_each_moment(client: TestClient, world: World) -> None:
    old = page(client, f"/r/2025/c/{BAKER}")
    new = page(client, f"/r/2026/c/{BAKER}")
    assert "You are reading release 2025" in old
    assert f'href="/r/2026/c/{BAKER}"' in old
    assert "à la main ou à la machine" in new
    assert "à la main ou à la machine" not in old
    assert f"{PUBLIC_URL}/c/{BAKER}" in new
    assert f"{PUBLIC_URL}/r/2026/c/{BAKER}" in new
    # What was made after a release is not in it.
    missing = page(client, f"/r/2026/c/{world.slice}", status=404)
    assert f'href="/c/{world.slice}">See the current version' in missing
    assert "slice bread" in page(client, f"/c/{world.slice}")


def test_an_occupation_shows_what_it_is_made_of(client: TestClient) -> None:
    text = page(client, f"/c/{BAKER}", "fr")
    body = client.get(f"/api/v1/concepts/{BAKER}?lang=fr").json()
    for items in body["relations"].values():
        for item in items:
            assert f'href="/c/{item["uuid"]}"' in text
    for heading in ("Composition du métier", "Savoirs", "Contextes de travail", "Évolutions possibles vers", "Citer"):
        assert heading in text
    assert 'class="chart chart-stack" role="img"' in text
    assert 'class="chart chart-neighbourhood" role="group"' in text


def test_what_replaced_a_concept(client: TestClient, world: World) -> None:
    text = page(client, f"/c/{world.crumb}")
    assert "This entry is deprecated." in text
    assert f'href="/c/{world.slice}"' in text


def test_search(client: TestClient) -> None:
    text = page(client, "/search?q=boulanger", "fr")
    assert f'href="/c/{BAKER}"' in text
    assert page(client, "/search?q=zzzzqqq").count("No result for “zzzzqqq”") >= 1
    narrowed = page(client, "/search?q=boulanger&kind=occupation&release=2025", "fr")
    assert f'href="/r/2025/c/{BAKER}"' in narrowed
    assert "Retirer les filtres" in narrowed
    for code in ("D1102", "rome:D1102", BAKER):
        answer = client.get(f"/search?q={code}", headers=HTML)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/c/{BAKER}")
    assert client.get("/search?q=%3Cscript%3E", headers=HTML).text.count("<script>") == 0


def test_language(client: TestClient) -> None:
    def lang(address: str = "/", **headers: str) -> str:
        found = re.search(r'<html lang="(\w+)">', client.get(address, headers=HTML | headers).text)
        assert found
        return found[1]

    assert lang() == "fr"
    assert lang(**{"Accept-Language": "de, en-GB;q=0.8, fr;q=0.3"}) == "en"
    assert lang(**{"Accept-Language": "en;q=0, *"}) == "fr"
    assert lang("/?lang=en", **{"Accept-Language": "fr"}) == "en"
    # The choice is remembered.
    cookie = client.get("/?lang=en", headers=HTML).headers["set-cookie"]
    assert cookie.endswith("; SameSite=Lax; Secure")
    assert lang(**{"Accept-Language": "fr", "Cookie": cookie.partition(";")[0]}) == "en"


@pytest.mark.parametrize(
    ("address", "status"),
    [("/nothing", 404), ("/c/00000000-0000-7000-8000-00000000ffff", 404), ("/?release=1999", 404), ("/tree?scheme=x", 400)],
)
def test_errors_for_browsers_and_programs(client: TestClient, address: str, status: int) -> None:
    answer = client.get(address, headers=HTML)
    text = page(client, address, status=status)
    assert answer.headers["cache-control"] == "no-store"
    assert str(status) in text
    assert answer.headers["x-request-id"] in answer.text
    assert client.get(address).headers["content-type"] == "application/problem+json"
    assert client.get("/api/v1/nothing", headers=HTML).headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("address", "said"), [("/proposals/zzz", "pas de proposition zzz"), ("/changes/999999", "pas de changement")]
)
def test_what_is_not_there_is_said_in_french_too(client: TestClient, address: str, said: str) -> None:
    assert said in page(client, address, "fr", 404)


class TestContexts:
    """Page contexts are the contract of the templates."""

    @staticmethod
    def classes() -> Iterator[type[Any]]:
        for module in VIEWS:
            for found in vars(module).values():
                if inspect.isclass(found) and dataclasses.is_dataclass(found) and found.__module__ == module.__name__:
                    yield found

    def test_every_field_is_documented(self) -> None:
        for found in self.classes():
            if found is views_common.Addresses:
                continue
            hints = get_type_hints(found, include_extras=True)
            for field in dataclasses.fields(found):
                said = getattr(hints[field.name], "__metadata__", ("",))[0]
                assert said.endswith("."), f"{found.__name__}.{field.name}"

    def test_templates_use_what_there_is(self) -> None:
        made = Environment(autoescape=True)
        pages = {found.template: found for found in self.classes() if hasattr(found, "template")}
        files = {path.name for path in TEMPLATES.glob("*.html") if not path.name.endswith("parts.html")} - {"base.html", "copy_boxes.html"}
        assert files == set(pages)
        shared = self.used(made, "base.html", "page")
        frame = self.used(made, "base.html", "frame") | self.used(made, "parts.html", "frame")
        for name, found in pages.items():
            fields = {field.name for field in dataclasses.fields(found)}
            used = self.used(made, name, "page")
            assert used <= fields, name
            assert fields <= used | shared, name
            frame |= self.used(made, name, "frame")
        assert frame == {field.name for field in dataclasses.fields(views_common.Frame)}

    @staticmethod
    def used(made: Environment, template: str, variable: str) -> set[str]:
        tree = made.parse((TEMPLATES / template).read_text(encoding="utf-8"))
        found = tree.find_all(nodes.Getattr)
        return {each.attr for each in found if isinstance(each.node, nodes.Name) and each.node.name == variable}

    def test_messages(self) -> None:
        made = environment()
        used: set[str] = set()
        for path in TEMPLATES.glob("*.html"):
            tree = made.parse(path.read_text(encoding="utf-8"))
            for call in tree.find_all(nodes.Call):
                if isinstance(call.node, nodes.Name) and call.node.name == "t" and isinstance(call.args[0], nodes.Const):
                    used.add(call.args[0].value)
        files = (path for path in (ROOT / "wikic" / "web").glob("*_*.py") if not path.name.startswith("texts_"))
        source = "".join(path.read_text(encoding="utf-8") for path in files)
        source += "".join(path.read_text(encoding="utf-8") for path in TEMPLATES.glob("*.html"))
        assert used <= texts.MESSAGES.keys()
        unused = {key for key in texts.MESSAGES if f'"{key}"' not in source and f'"{key.removesuffix("_one")}"' not in source}
        assert {key for key in unused if not key.startswith(("api.", "error.", "history.", "search.filter_", *MADE))} == set()
        for french, english in texts.MESSAGES.values():
            assert set(re.findall(r"{\w+}", french)) == set(re.findall(r"{\w+}", english))

    def test_vocabularies_have_names(self) -> None:
        groups = {
            "kind": KINDS, "kinds": KINDS, "scheme": SCHEMES, "nature": NATURES, "status": STATUSES,
            "importance": IMPORTANCES, "importance_one": IMPORTANCES, "relation": (*RELATION_NAMES, *RELATION_TYPES),
            "change": CHANGE_TYPES, "change_one": CHANGE_TYPES, "written": ("import", "edit", "proposal", "revert", "migration", "restore"),
        }  # fmt: skip
        for group, words in groups.items():
            assert {f"{group}.{word}" for word in words} <= texts_names.NAMES.keys()


def test_marks() -> None:
    assert marked("pain <d'épi>", [[0, 4], [6, 7]]) == "<mark>pain</mark> &lt;<mark>d</mark>&#39;épi&gt;"
    assert marked("pain", [[2, 9], [1, 1]]) == "pain"


@pytest.mark.parametrize("name", CALLS)
def test_the_five_calls_run_unaltered(client: TestClient, name: str) -> None:
    answer = client.get(CALLS[name])
    assert answer.status_code == 200
    body = answer.json()
    if name == "concept":
        assert body["source"]["code"] == "D1102"
    else:
        assert body["items"]
        assert body["seq"] > 0
    text = page(client, "/use-the-api")
    assert f"curl &#39;{PUBLIC_URL}{CALLS[name].replace('&', '&amp;')}&#39;" in text
    assert CALLS[name] in (ROOT / "docs" / "use-the-api.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("address", "most"), [(f"/c/{BAKER}", 8), (f"/c/{BAKER}/history", 12), ("/", 8)])
def test_round_trips(world: World, client: TestClient, address: str, most: int) -> None:
    page(client, address)
    with world.app.engine.count_round_trips() as counted:
        page(client, address)
    assert len(counted.names) <= most, counted.names
