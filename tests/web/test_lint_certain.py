"""What the linter repairs for certain and what it only tells: targets and codes of others, Open Educational Badges, lists by another name, pairs."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.sample_world import World
from tests.web.conftest import PUBLIC_URL
from tests.web.test_lint import BAKER, PERMANENT, Skill, badge_class, client, keys, lint, skill, url_of
from wikic.services.linting import Linted
from wikic.services.linting_fetching import Sent

__all__ = ["client", "skill"]

ESCO = "http://data.europa.eu/esco/"
UNKNOWN = "00000000-0000-4000-8000-000000000009"


def read(world: World, document: Any) -> Linted:
    return world.app.linting.lint([Sent(document)], PUBLIC_URL).documents[0]


@pytest.mark.parametrize(
    "url", ["https://wiki.example.org/Python_(langage)", "https://example.org/my skill", f"{ESCO}model#Skill", f"{ESCO}skill/{UNKNOWN}?x=1"]
)
def test_an_unknown_target_is_left_as_it_is(world: World, url: str) -> None:
    assert url_of(lint(world, {"targetName": "x", "targetUrl": url})) == url
    assert url_of(lint(world, {"targetName": "x", "targetUrl": f" {url}"})) in (url, f" {url}")


def test_an_address_within_that_of_something_else_is_a_suggestion(world: World, skill: Skill) -> None:
    url = f"https://mine.example.org/skills/12?exactMatch={skill.iri}"
    linted = lint(world, {"targetName": "x", "targetUrl": url})
    assert (keys(linted), url_of(linted), linted.concepts) == ({"unknown_target", "mentioned"}, url, {})
    assert next(each.after for each in linted.findings if each.problem.key == "mentioned") == skill.iri


@pytest.mark.parametrize(
    ("shape", "key"),
    [
        ("resource?uri={iri}", "portal"), ("{tail}", "other_path"), ("skills/{tail}", "other_path"), ("competence/{tail}", "other_path"),
        ("skill:{tail}", "other_path"), ("skill/{tail}/fr", "other_path"),
    ],
)  # fmt: skip
def test_other_paths_of_esco(world: World, skill: Skill, shape: str, key: str) -> None:
    linted = lint(world, {"targetName": skill.fr, "targetUrl": ESCO + shape.format(iri=skill.iri, tail=skill.tail)})
    assert (keys(linted), url_of(linted)) == ({key}, skill.iri)


def test_codes_are_read_in_their_framework(world: World, skill: Skill) -> None:
    other = {"targetName": "Peel apples", "targetCode": "D1102", "targetFramework": "Common Core of Ruritania"}
    assert "targetUrl" not in lint(world, other).repaired["alignment"][0]
    assert keys(lint(world, {"targetName": "x", "targetUrl": "D1102", "targetFramework": "Common Core"})) >= {"bad_url"}
    assert url_of(lint(world, {"targetName": "x", "targetCode": "C2513", "targetFramework": "ISCO-08"})) == f"{ESCO}isco/C2513"
    good = {"targetName": skill.fr, "targetUrl": skill.iri}
    for code, framework in (("42", "Common Core"), ("2654", "Common Core"), ("9998", "ESCO")):
        assert lint(world, good | {"targetCode": code, "targetFramework": framework}).repaired["alignment"][0]["targetCode"] == code
    assert "no_name" in keys(lint(world, {"targetCode": "42", "targetFramework": "Common Core"}))


def test_open_educational_badges_keeps_its_own_names(world: World, skill: Skill) -> None:
    name = "extensions:CompetencyExtension"
    item = {"name": skill.fr, "framework": "esco", "framework_identifier": skill.iri, "escoID": f"/esco/skill/{skill.tail}"}
    linted = read(world, badge_class([]) | {name: [item]})
    assert linted.repaired[name] == [item | {"escoID": skill.iri}]
    assert [each.problem.pointer for each in linted.findings if each.applied] == [f"/{name}/0/escoID"]
    own = read(world, badge_class([]) | {name: [{"name": skill.fr, "escoID": ""}]})
    assert own.repaired[name] == [{"name": skill.fr, "escoID": ""}]
    assert not any("target" in each.problem.pointer for each in own.findings)


@pytest.mark.parametrize("form", ["2.0", "3.0"])
def test_a_list_by_the_name_of_badgr_is_renamed(world: World, skill: Skill, form: str) -> None:
    aligned = {"type": ["Alignment"], "targetName": skill.fr, "targetUrl": f"{skill.iri}/"}
    badge = badge_class([aligned], form)
    sent = {"alignments" if key == "alignment" else key: value for key, value in badge.items()}
    linted = read(world, sent)
    assert keys(linted) == {"plural", "slash"}
    assert linted.repaired == badge | {"alignment": [aligned | {"targetUrl": skill.iri}]}
    both = read(world, sent | {"alignment": []})
    assert both.repaired["alignments"] == [aligned | {"targetUrl": skill.iri}]
    assert "plural" in keys(both)


@pytest.mark.parametrize("document", [[None], [{"targetName": "x", "targetUrl": "rome:D1102"}, 5], {"entityType": "x", "entityId": "x", "alignments": [None]}])
def test_entries_that_are_no_objects_are_told(world: World, document: Any) -> None:
    linted = read(world, document)
    assert "no_alignment" in keys(linted)
    assert not linted.badge.accepted
    assert [each.problem.key for each in lint(world, None).findings] == ["not_object"]


def test_esco_that_is_not_known_here_is_no_cfitem(world: World) -> None:
    unknown = {"type": ["Alignment"], "targetName": "x", "targetUrl": f"{ESCO}skill/{UNKNOWN}", "targetType": "CFItem"}
    assert lint(world, unknown, form="3.0").repaired["alignment"][0]["targetType"] == "ext:ESCOAlignment"
    other = unknown | {"targetUrl": "https://mine.example.org/12"}
    assert lint(world, other, form="3.0").repaired["alignment"][0]["targetType"] == "CFItem"


def test_the_address_here_and_that_of_esco_are_a_pair(world: World, skill: Skill) -> None:
    pair = [{"targetName": skill.fr, "targetUrl": url} for url in (f"{PERMANENT}{skill.uuid}", skill.iri)]
    assert keys(lint(world, *pair)) == set()
    assert "duplicate" in keys(lint(world, *pair, pair[0]))
    assert "duplicate" in keys(lint(world, {"targetName": "x", "targetUrl": "rome:D1102"}, {"targetName": "x", "targetUrl": f"{PERMANENT}{BAKER}"}))


def test_suggestions_speak_the_language_of_the_badge(world: World, skill: Skill) -> None:
    linted = lint(world, {"targetName": skill.en}, lang="en")
    assert next(each for each in linted.findings if each.problem.key == "suggestion").candidates[0]["label"] == skill.en


def test_a_column_of_something_else_is_no_list(client: TestClient) -> None:
    for text in ('http://example.org/context.json\n{"a": 1}\n', "some words\nmore words\n"):
        answer = client.post("/api/v1/lint/file", files={"file": ("x.json", text.encode())})
        assert (answer.status_code, "this is no JSON" in answer.json()["detail"]) == (400, True)
    assert client.post("/api/v1/lint/file", files={"file": ("x.csv", b"rome:D1102\nD1102\n")}).json()["counts"]["alignments"] == 2
