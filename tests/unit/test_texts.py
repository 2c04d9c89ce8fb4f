"""What pages say is set as its language is: no line ends before a colon, and one thing is not called several."""

from __future__ import annotations

import re

import pytest

from wikic.web.texts import _MESSAGES, _NAMES, MESSAGES, Texts
from wikic.web.typography import french

FR, EN = Texts("fr"), Texts("en")


@pytest.mark.parametrize(
    ("typed", "set_so"),
    [
        ("Que faire ?", "Que faire\u202f?"),
        ("Le {n} : « {name} » ; fin !", "Le {n}\u00a0: «\u00a0{name}\u00a0»\u202f; fin\u202f!"),
        ("État n° {seq}, {share} %", "État n°\u00a0{seq}, {share}\u00a0%"),
        ("https://example.org", "https://example.org"),
    ],
)
def test_french_sentences_keep_their_signs_on_the_line(typed: str, set_so: str) -> None:
    assert french(typed) == set_so


def test_all_french_texts_are_set_so() -> None:
    assert not [key for key, (said, _) in (*_MESSAGES.items(), *_NAMES.items()) if re.search(" [:;?!»%]|[«°] ", said)]


@pytest.mark.parametrize(
    ("number", "in_french", "in_english"),
    [(0, "0 badge", "0 badges"), (1, "1 badge", "1 badge"), (2, "2 badges", "2 badges"), (1200, "1\u202f200 badges", "1,200 badges")],
)
def test_one_thing_is_said_in_the_singular(number: int, in_french: str, in_english: str) -> None:
    assert (FR("badges.count", n=number), EN("badges.count", n=number)) == (in_french, in_english)


def test_one_day_and_one_more_label_are_said_in_the_singular() -> None:
    assert [FR("queue.older", n=number) for number in (1, 7)] == ["Plus d'un jour", "Plus de 7 jours"]
    assert [FR("concept.show_rest", n=number) for number in (1, 2)] == ["Afficher 1 autre", "Afficher les 2 autres"]


def test_what_is_said_together_has_semicolons_as_the_language_sets_them() -> None:
    assert [Texts(lang).joined(["a", "b"]) for lang in ("fr", "en")] == ["a\u00a0; b", "a; b"]


def test_what_is_said_of_one_is_said_of_several_with_the_same_values() -> None:
    for key in (key for key in MESSAGES if key.endswith("_one") and "{n}" in "".join(MESSAGES.get(key.removesuffix("_one"), ()))):
        for one, several in zip(MESSAGES[key], MESSAGES[key.removesuffix("_one")], strict=True):
            assert set(re.findall(r"{\w+}", one)) <= set(re.findall(r"{\w+}", several)), key


def test_quarters_are_named_in_words() -> None:
    assert [FR.quarter(each) for each in ("2026-Q1", "2026-Q4")] == ["1er trimestre 2026", "4e trimestre 2026"]
    assert EN.quarter("2026-Q4") == "Q4 2026"


def test_days_and_months_are_named_in_words() -> None:
    assert [FR.date("2026-08-01T09:30:00.000Z"), EN.date("2026-08-01"), FR.month("2026-10")] == ["1er août 2026", "1 August 2026", "octobre 2026"]


def test_what_a_change_counts_agrees_with_its_number() -> None:
    assert [FR.counted("relations removed", number) for number in (1, 2)] == ["1 relation retirée", "2 relations retirées"]
    assert [EN.counted("conflicts", number) for number in (1, 2)] == ["1 conflict", "2 conflicts"]
    assert {key.removeprefix("count.") for key in _NAMES if key.startswith("count.")} <= {key.removeprefix("change_counts.") for key in _MESSAGES}
    assert FR.counted("loaves", 1) == "1 loaves"
