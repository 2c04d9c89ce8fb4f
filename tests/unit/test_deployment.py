"""Quarters, totals of awards, likenesses, figures and schema.org, by hand."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from wikic.domain.awards import AwardTotal, Reported, shown, summed
from wikic.domain.deployment import (
    SECTIONS,
    BadgeFact,
    Facts,
    IssuerFact,
    figures_of,
    likenesses,
    narrowed,
    parts_by_issuer,
    parts_by_scheme,
    place_of,
    section_of,
)
from wikic.domain.quarters import Quarter, check_month, quarters
from wikic.errors import InvalidInput
from wikic.web.schema_org import attesting, data_block, statements
from wikic.web.texts import Texts


def words(name: str, _: str) -> Sequence[str]:
    return [each for each in name.lower().split() if each not in ("la", "le", "the")]


def badge(identity: str, issuer: str, name: str, *concepts: str, retired: bool = False) -> BadgeFact:
    return BadgeFact(identity, issuer, name, "fr", tuple((concept, "practice:1") for concept in concepts), retired)


def test_quarters() -> None:
    last = Quarter.parse("2026-Q4")
    assert (str(last), last.months, last.end) == ("2026-Q4", ("2026-10", "2026-11", "2026-12"), "2027-01-01T00:00:00.000Z")
    assert [str(each) for each in quarters(Quarter.parse("2025-Q3"), Quarter.parse("2026-Q1"))] == ["2025-Q3", "2025-Q4", "2026-Q1"]
    assert [str(Quarter.of(f"2026-{month:02}-28T23:59:59.999Z")) for month in range(1, 13)] == [
        f"2026-Q{number}" for number in (1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4)
    ]
    for wrong in ("2026", "2026-Q5", "2026-Q0", "26-Q1", "1999-Q4", "2026-Q4 x", "२०२६-Q1"):
        with pytest.raises(InvalidInput):
            Quarter.parse(wrong)
    assert check_month(" 2026-10 ") == "2026-10"
    for wrong in ("2026-00", "2026-13", "2026-1", "1999-12", "2026-10-01"):
        with pytest.raises(InvalidInput):
            check_month(wrong)


def test_small_numbers_are_told_to_nobody_and_in_no_sum() -> None:
    assert [shown(count) for count in (0, 1, 4, 5)] == [0, None, None, 5]
    assert summed([0, 5, 3, 12, 1]) == (17, 2)
    total = AwardTotal("b", "i", "2026-10", 4, "t", (Reported(4, "ada", "t"),))
    assert (total.public().count, total.public().reports) == (None, ())


def test_likenesses_have_a_reason_and_cross_issuers() -> None:
    badges = [
        badge("1", "a", "Pétrir la pâte", "x"), badge("2", "b", "pâte pétrir", "y"), badge("3", "a", "pâte pétrir"),
        badge("4", "a", "Cuire", "u", "v"), badge("5", "b", "Enfourner", "v", "u"),
        badge("6", "a", "Tenir la caisse", "w"), badge("7", "b", "Tenir la caisse seul", "w"), badge("8", "c", "Tenir la caisse vite", "z"),
        badge("9", "c", "Pétrir la pâte", "x", retired=True),
    ]  # fmt: skip
    assert [(each.reason, each.badges) for each in likenesses(badges, words)] == [
        ("same_name", ("1", "2", "3")), ("same_competencies", ("4", "5")), ("near_name", ("6", "7")),
    ]  # fmt: skip
    assert likenesses([each for each in badges if each.issuer == "a"], words) == [], "of one issuer, they are its own affair"


def test_figures_and_parts() -> None:
    issuers = [IssuerFact("a", "A", "2026", ("69123", "75"), ("C", "J")), IssuerFact("b", "B", "2026", ("69",), ("C",)), IssuerFact("c", "C", "2026")]
    badges = [badge("1", "a", "One", "x", "y"), badge("2", "b", "Two", "x"), badge("3", "b", "Three", retired=True)]
    facts = Facts(issuers, badges, [("1", 7), ("2", 3)], [("1", 7), ("1", 2), ("2", 3), ("3", 50)], {"x": "rome", "y": "esco"}, {"1": 2})
    found = figures_of(facts, 0)
    assert (found.issuers, found.issuing, found.badges, found.retired, found.bound, found.bindings, found.competencies) == (3, 2, 2, 1, 2, 3, 2)
    assert (found.awards, found.awards_hidden, found.awards_ever, found.awards_ever_hidden, found.endorsements) == (7, 1, 57, 2, 2)
    assert (found.levels, found.schemes) == ({"practice:1": 3}, {"esco": 1, "rome": 1})
    places = parts_by_issuer(facts, lambda issuer: map(place_of, issuer.territories))
    assert [(each.key, each.issuers, each.badges, each.awards, each.awards_hidden) for each in places] == [("69", 2, 2, 7, 1), ("75", 1, 1, 7, 0)]
    assert [(each.key, each.issuers, each.badges) for each in parts_by_scheme(facts)] == [("rome", 2, 2), ("esco", 1, 1)]
    inside = narrowed(facts, scheme="esco")
    assert [(each.id, each.bound) for each in inside.badges] == [("1", (("y", "practice:1"),))]
    assert [each.slug for each in narrowed(facts, section="J").issuers] == ["a"]
    assert narrowed(facts, issuers={"b"}).awards_ever == [("2", 3), ("3", 50)]


def test_sections_and_places() -> None:
    known = {"62.01Z": "J", "62": "J", "J": "J", "01.11Z": "A", "03": "A", "05": "B", "99": "U", "33": "C", "84.1": "O", "85": "P", "82": "N"}
    assert {code: section_of(code) for code in known} == known
    assert section_of("00") == ""
    assert all(Texts(lang).name("section", letter) != letter for lang in ("fr", "en") for letter in SECTIONS)
    assert [place_of(code) for code in ("69123", "2A004", "97411", "69", "FRK26", "FR")] == ["69", "2A", "974", "69", "FRK26", "FR"]


def test_what_could_end_a_block_of_data_is_written_otherwise() -> None:
    node = {"@id": "https://x.example.org/b", "@type": "T", "name": "</script><b>&\u2028"}
    block = str(data_block(node))
    inside = block.removeprefix('<script type="application/ld+json">').removesuffix("</script>")
    assert not set("<>&\u2028") & set(inside)
    assert json.loads(inside)["name"] == node["name"]
    term = {"@id": "https://x.example.org/c", "@type": "DefinedTerm", "name": "n"}
    found = statements([attesting(node, [term])])
    assert ("<https://x.example.org/b>", "<https://schema.org/competencyRequired>", "<https://x.example.org/c>") in found
    assert ("<https://x.example.org/c>", "<https://schema.org/name>", '"n"') in found
