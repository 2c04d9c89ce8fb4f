"""Scales and criteria, the pure part: what is taken, what a scale in use may become, how proposals meet, result descriptions."""

from __future__ import annotations

import pytest

from wikic.domain.badges import Level
from wikic.domain.levels import (
    PRACTICE_SCALE,
    Criteria,
    Scale,
    ScaleLevel,
    clean_key,
    clean_levels,
    clean_scale,
    in_language,
    levels_of,
    packed_levels,
    require_extension,
    result_description,
    scale_address,
    settled,
)
from wikic.errors import Conflict, InvalidInput

SITE = "https://skills.example.org"
LOW, HIGH = ScaleLevel({"fr": "Débute"}), ScaleLevel({"fr": "Maîtrise"}, {"fr": "Sans aide."})
SCALE = Scale("mastery", {"fr": "Maîtrise"}, (LOW, HIGH))


@pytest.mark.parametrize("key", ["", "Mastery", "a b", "-a", "new", "x" * 61, "a:1"])
def test_what_cannot_name_a_scale(key: str) -> None:
    with pytest.raises(InvalidInput):
        clean_key(key)


def test_a_scale_in_one_form() -> None:
    assert clean_key(" mastery ") == "mastery"
    name, levels = clean_scale({"fr": " Maî\u0302trise ", "en": ""}, [ScaleLevel({"fr": "  Un\n pas "}), HIGH])
    assert (list(name), levels[0].name) == (["fr"], {"fr": "Un pas"})
    for wrong in ([LOW], [LOW] * 21, [LOW, ScaleLevel({})], [LOW, ScaleLevel({"de": "x"})], [LOW, ScaleLevel({"fr": "x" * 121})]):
        with pytest.raises(InvalidInput):
            clean_scale({"fr": "x"}, wrong)
    with pytest.raises(InvalidInput):
        clean_scale({}, [LOW, HIGH])


def test_what_a_scale_in_use_may_become() -> None:
    require_extension(SCALE, {**SCALE.name, "en": "Mastery"}, [ScaleLevel({"fr": "Débute", "en": "Begins"}), HIGH, LOW])
    for name, levels in (
        ({"fr": "Autre"}, [LOW, HIGH]), (SCALE.name, [LOW]), (SCALE.name, [HIGH, LOW]), (SCALE.name, [LOW, ScaleLevel(HIGH.name)]),
        (SCALE.name, [LOW, ScaleLevel(HIGH.name, {"fr": "Avec aide."})]),
    ):  # fmt: skip
        with pytest.raises(Conflict):
            require_extension(SCALE, name, levels)


def test_levels_as_they_are_sent() -> None:
    assert levels_of({"10": {"fr": "x"}, "2": {}}) == {2: {}, 10: {"fr": "x"}}
    assert packed_levels({2: {"fr": "b"}, 1: {"fr": "a"}}) == {"1": {"fr": "a"}, "2": {"fr": "b"}}
    for wrong in ("", "one", "-1", "1.0", "²", "100"):
        with pytest.raises(InvalidInput):
            levels_of({wrong: {}})
    assert clean_levels(SCALE, {2: {"fr": " x ", "en": " "}, 1: {}}) == {2: {"fr": "x"}}
    for empty in ({}, {1: {"fr": " "}}, {3: {"fr": "x"}}, {0: {"fr": "x"}}, {1: {"de": "x"}}):
        with pytest.raises(InvalidInput):
            clean_levels(SCALE, empty)


@pytest.mark.parametrize(
    ("proposed", "before", "present", "then"),
    [
        ("new", "", "", "new"), ("new", "old", "old", "new"), ("old", "old", "moved", "moved"), ("same", "old", "same", "same"), ("", "old", "old", ""),
        ("old", "old", "", ""), ("new", "old", "moved", None), ("", "old", "moved", None), ("new", "", "moved", None),
    ],
)  # fmt: skip
def test_how_a_proposal_meets_what_holds(proposed: str, before: str, present: str, then: str | None) -> None:
    given = [{1: {"fr": text, "en": "stays"}} if text else {1: {"en": "stays"}} for text in (proposed, before, present)]
    if then is None:
        with pytest.raises(Conflict, match=r"level 1 \(fr\)"):
            settled(*given)
    else:
        assert settled(*given)[1].get("fr", "") == then


def test_languages() -> None:
    assert in_language({"fr": "a", "en": "b"}, "en-GB") == ("b", "en")
    assert in_language({"en": "b"}, "fr") == ("b", "en")
    assert in_language({}, "fr") == ("", "")


def test_result_descriptions() -> None:
    plain = result_description(PRACTICE_SCALE, identifier="urn:x", base=SITE, lang="fr", required=3)
    assert [(each["level"], each["name"]) for each in plain["rubricCriterionLevel"]] == [("1", "Je fais"), ("2", "Je transmets"), ("3", "Je pilote")]
    assert plain["requiredLevel"] == scale_address(SITE, Level("practice", 3)) == plain["rubricCriterionLevel"][2]["id"]
    criteria = Criteria("c-1", "bassin", "u-1", "mastery", {1: {"fr": "Essayer."}}, 1, "", "")
    made = result_description(SCALE, identifier="urn:x", base=SITE, lang="en", criteria=criteria, name="Pétrir")
    assert "requiredLevel" not in made
    assert made["name"] == "Pétrir"
    assert [(each["id"], each.get("description")) for each in made["rubricCriterionLevel"]] == [
        (f"{SITE}/criteria/c-1/levels/1", "Essayer."), (f"{SITE}/criteria/c-1/levels/2", "Sans aide."),
    ]  # fmt: skip
