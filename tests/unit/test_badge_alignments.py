"""Alignments and documents of Open Badges, without a store: what fits which platform, levels, languages, what is left out."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from wikic.domain.badges import BadgeContent
from wikic.domain.badges_alignments import Attested, alignments, box, pinned_url
from wikic.domain.badges_bindings import Target
from wikic.domain.badges_documents import (
    Described,
    DescribedIssuer,
    achievement,
    badge_class,
    issuer,
    profile,
)
from wikic.domain.levels import PRACTICE_SCALE, Graded, Scale, ScaleLevel
from wikic.domain.organisations import Profile
from wikic.web.open_badges import form_of
from wikic.web.texts import Texts

BASE = "https://skills.example.org"
ESCO = "http://data.europa.eu/esco/skill/1"


def attested(number: int = 1, *, level: str = "", **more: Any) -> Attested:
    values: dict[str, Any] = {
        "concept": f"c{number}", "kind": "skill", "scheme": "esco", "status": "active", "name": f"Skill {number}", "description": "Do it.", "code": "S1",
        "framework": "Wiki-C 2026", "iri": ESCO, "release": "2026", "lang": "en",
    }  # fmt: skip
    return Attested(Target(**values | more), level, "I pass on" if level else "")


def keys(made: Any) -> list[str]:
    return [each.key for each in made.remarks]


def test_ours_and_that_of_esco() -> None:
    ours, theirs = alignments(attested(), BASE)
    assert (ours["targetUrl"], ours["targetFramework"], ours["targetType"]) == (f"{BASE}/c/c1", "Wiki-C 2026", "CFItem")
    assert (theirs["targetUrl"], theirs["targetFramework"], theirs["targetType"]) == (ESCO, "ESCO", "ext:ESCOAlignment")
    assert ours["type"] == theirs["type"] == ["Alignment"]
    assert len(alignments(attested(iri="rome:competence:1"), BASE)) == 1
    assert alignments(attested(), BASE, address="pinned")[0]["targetUrl"] == f"{BASE}/r/2026/c/c1"
    assert pinned_url(BASE, "c1", "") == f"{BASE}/c/c1"
    bare = alignments(attested(name="", code="", description="", release="", iri=""), BASE)[0]
    assert bare == {"type": ["Alignment"], "targetName": "c1", "targetUrl": f"{BASE}/c/c1", "targetFramework": "Wiki-C", "targetType": "CFItem"}


def test_what_each_platform_is_given() -> None:
    assert set(json.loads(box("badgr", [attested()], BASE).text)) == {"alignments"}
    assert set(json.loads(box("ob2", [attested()], BASE).text)) == {"alignment"}
    assert "targetType" not in box("badgr", [attested()], BASE).text
    assert box("moodle", [attested()], BASE).text.splitlines()[:2] == ["targetName: Skill 1", f"targetUrl: {BASE}/c/c1"]
    assert keys(box("obf", [attested()], BASE)) == ["case_source"]
    assert keys(box("ob3", [attested(status="deprecated")], BASE)) == keys(box("ob2", [attested(status="deprecated")], BASE)) == ["deprecated"]


def test_what_does_not_fit_is_said() -> None:
    far = f"https://{'a' * 300}.example.org"
    moodle = box("moodle", [attested()], far)
    assert (keys(moodle), moodle.left_out, len(moodle.alignments)) == (["url_refused"], 1, 1)
    assert keys(box("moodle", [attested(name="n" * 300)], BASE)) == ["cut", "cut"]
    edubadges = box("edubadges", [attested(number) for number in range(6)], BASE)
    assert (keys(edubadges), edubadges.left_out) == (["too_many"], 4)
    assert [each["targetFramework"] for each in edubadges.alignments] == ["Wiki-C 2026"] * 6 + ["ESCO"] * 2
    for format in ("ob2", "ob3", "badgr"):
        assert box(format, [attested(number) for number in range(6)], far).left_out == 0


def test_a_level_without_a_field_is_said_in_words() -> None:
    made = box("badgr", [attested(level="practice:2")], BASE, lang="en")
    assert (made.alignments[0]["targetDescription"], keys(made)) == ("Do it. Level 2: I pass on.", ["level_in_text"])
    assert box("ob3", [attested(level="practice:2")], BASE).alignments[0]["targetDescription"] == "Do it."
    german = replace(attested(level="practice:2"), level_name="Je transmets")
    assert box("badgr", [german], BASE, lang="de").alignments[0]["targetDescription"] == "Do it. Niveau 2 : Je transmets.", "in one language"


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_levels_are_called_as_pages_call_them(lang: str) -> None:
    assert [Texts(lang).name("level", f"practice:{number}") for number in (1, 2, 3)] == [each.name[lang] for each in PRACTICE_SCALE.levels]


def test_levels_of_any_scale() -> None:
    dive = Scale("dive", {"en": "Diving"}, (ScaleLevel({"en": "One"}), ScaleLevel({"en": "Two"}, {"en": "More"})))
    badge = Described("b1", "i", 1, BadgeContent(name="x", description="y", lang="en"), [], [Graded("level-dive-2", dive, 2)])
    (made,) = achievement(badge, None, BASE)["resultDescription"]
    assert (made["id"], made["name"]) == (f"{BASE}/b/b1#level-dive-2", "Diving")
    assert [each["level"] for each in made["rubricCriterionLevel"]] == ["1", "2"]
    assert made["requiredLevel"] == made["rubricCriterionLevel"][1]["id"] == f"{BASE}/scales/dive/levels/2"
    assert made["rubricCriterionLevel"][1]["description"] == "More"


@pytest.mark.parametrize(("lang", "said"), [("fr", "fr"), ("FR-be", "fr-BE"), ("zh-hant-TW", "zh-Hant-TW"), ("de-1996", None), ("es-419", "es-419")])
def test_languages_as_the_schemas_write_them(lang: str, said: str | None) -> None:
    badge = Described("b1", "i", 1, BadgeContent(name="x", description="y", lang=lang), [])
    assert achievement(badge, None, BASE).get("inLanguage") == badge_class(badge, BASE).get("@language") == said


def test_what_is_empty_is_left_out() -> None:
    bare = DescribedIssuer("i", "I", Profile())
    assert set(issuer(bare, BASE)) == {"@context", "id", "type", "name", "url"}
    assert profile(bare, BASE)["url"] == f"{BASE}/issuers/i"
    full = DescribedIssuer("i", "I", Profile(siren="123456789", city="Lyon", country="FR", email="a@example.org"))
    assert profile(full, BASE)["otherIdentifier"] == [{"type": "IdentifierEntry", "identifier": "123456789", "identifierType": "ext:SIREN"}]
    assert profile(full, BASE)["address"] == {"type": ["Address"], "addressLocality": "Lyon", "addressCountryCode": "FR"}


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        (None, "ob2"), ("*/*", "ob2"), ("application/ld+json, application/json, image/png", "ob2"), ("text/html, */*;q=0.8", "html"),
        ('application/ld+json; profile="https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"', "ob3"), ("application/vc", "ob3"),
        ("application/vc+ld+json;q=0.9", "ob3"), ("image/png", None), ("application/vcard+json", None), ("application/vc, */*", "ob3"),
        ("application/vc;q=0, application/json", "ob2"), ("application/vc;q=0.5, application/json", "ob2"), ("application/vc;q=0", None),
        ("text/html;q=0.1, application/vc;q=0.5", "ob3"),
    ],
)  # fmt: skip
def test_the_form_of_what_a_client_accepts(accept: str | None, form: str | None) -> None:
    found = form_of(accept)
    assert (found.suffix if found else None) == form
