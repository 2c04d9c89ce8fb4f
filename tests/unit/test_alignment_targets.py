"""What addresses and codes mean by their look alone: which shape, and what is only mentioned or left as it is."""

from __future__ import annotations

import pytest

from wikic.domain.alignment_targets import by_code, isco_ref, recognise

OWN = "https://skills.example.org"
ESCO = "http://data.europa.eu/esco/"
S = "0f3f5c1f-0b11-4d0c-9a44-6d1c7c3e6f0e"


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://wiki.example.org/Python_(langage)", None),
        (" https://example.org/my skill\u200b", "https://example.org/my skill"),
        ("https://example.org/a;b;", None),
    ],
)
def test_of_an_address_of_something_else_only_blanks_around_it_go(url: str, address: str | None) -> None:
    found = recognise(url, OWN)
    assert (found.shape, found.address) == ("other", address or url)


@pytest.mark.parametrize(
    ("url", "shape"),
    [
        (f"{ESCO}skill/{S}", "esco"),
        (f"{ESCO}resource?uri={ESCO}skill/{S}", "portal"),
        (f"data.europa.eu/esco/resource?uri={ESCO}skill/{S}", "portal"),
        (f"ESCO: {ESCO}skill/{S}", "portal"),
        (f"{ESCO}skills/{S}", "other_path"),
        (f"{ESCO}competence/{S}", "other_path"),
        (f"{ESCO}skill/{S}/fr", "other_path"),
        (f"/esco/skills/{S}", "relative"),
        (f"/esco/skill:{S}", "relative"),
        (f"/skill/{S}/fr", "relative"),
        (f"/skill/{S}.", "relative"),
    ],
)
def test_addresses_of_esco_name_one_concept(url: str, shape: str) -> None:
    found = recognise(url, OWN)
    assert (found.shape, found.iri, found.of_esco) == (shape, f"{ESCO}skill/{S}", True)


def test_addresses_of_esco_that_name_none() -> None:
    bare, model = recognise(f"{ESCO}{S}", OWN), recognise(f"{ESCO}model#Skill", OWN)
    assert (bare.shape, bare.iri, bare.of_esco) == ("other_path", "", True)
    assert recognise(f"{ESCO}skill/{S}", OWN).candidates[0] in bare.candidates
    assert (model.iri, model.of_esco) == ("", True)


@pytest.mark.parametrize("url", [f"https://mine.example/12?uri={ESCO}skill/{S}", f"https://mine.example/?m=http%3A%2F%2Fdata.europa.eu%2Fesco%2Fskill%2F{S}"])
def test_an_address_within_that_of_something_else_is_mentioned(url: str) -> None:
    found = recognise(url, OWN)
    assert (found.shape, found.candidates, found.iri, found.address) == ("other", (), "", url)
    assert found.mentioned[0] == recognise(f"{ESCO}skill/{S}", OWN).candidates[0]


@pytest.mark.parametrize(
    ("code", "framework", "refs"),
    [
        ("D1102", "", ("rome:D1102",)),
        ("D1102", "ROME 4.0", ("rome:D1102",)),
        ("D1102", "Wiki-C 2026", ("rome:D1102",)),
        ("D1102", "Common Core of Ruritania", ()),
        ("D1102", "Chrome", ()),
        ("rome:D1102", "Common Core of Ruritania", ("rome:D1102",)),
        ("11573", "Répertoire opérationnel des métiers", ("rome:11573",)),
        ("C2513", "ISCO-08", ("isco:2513",)),
        ("2513", "CITP-08", ("isco:2513",)),
        ("2513", "ESCO v1.2", ("esco:2513", "isco:2513")),
        ("2513", "", ()),
        ("S1.2", "ESCO", ("esco:S1.2",)),
    ],
)
def test_the_framework_says_whose_a_code_is(code: str, framework: str, refs: tuple[str, ...]) -> None:
    assert by_code(code, framework).refs == refs


def test_codes_of_isco_beside_an_address() -> None:
    assert [isco_ref("c2654", framework) for framework in ("", "ESCO", "ISCO-08", "Common Core")] == ["isco:2654"] * 3 + [""]
    assert isco_ref("S1", "") == ""
