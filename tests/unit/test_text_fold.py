"""Folding and stems: what must meet in the same words."""

from __future__ import annotations

import pytest

from wikic.text.analyse import group_of, stem_french, stems, terms_of
from wikic.text.fold import feminine, fold, fold_words, with_forms


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("L'infirmière de l’École", ["infirmiere", "de", "ecole"]),
        ("Cœur, œuvre & æther", ["coeur", "oeuvre", "aether"]),
        ("chef-d'œuvre", ["chef", "oeuvre"]),
        ("qu'elle s'engage jusqu'au bout", ["elle", "engage", "au", "bout"]),
        ("aujourd'hui", ["aujourd", "hui"]),
        ("driver's licence", ["driver", "licence"]),
        ("C++ et C#", ["c++", "et", "c#"]),
        ("Straße ÉCOLE ÎLE", ["strasse", "ecole", "ile"]),
        ("Συγκολλητής", ["συγκολλητησ"]),
        ("зварювальник", ["зварювальник"]),
        ("snake_case 3D", ["snake", "case", "3d"]),
        ("", []),
        ("  -- / ", []),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    assert fold_words(text) == words
    assert fold(text) == " ".join(words)
    assert fold_words(fold(text)) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("infirmier(ère)", ["infirmier", "infirmiere"]),
        ("Infirmier(-ère)", ["infirmier", "infirmiere"]),
        ("agent(e) de tri", ["agent", "agente", "de", "tri"]),
        ("directeur/trice", ["directeur", "directrice"]),
        ("directeur(rice)", ["directeur", "directrice"]),
        ("vendeur(euse)", ["vendeur", "vendeuse"]),
        ("coiffeur-euse", ["coiffeur", "coiffeuse"]),
        ("technicien(ne)", ["technicien", "technicienne"]),
        ("technicien(ienne)", ["technicien", "technicienne"]),
        ("étudiant·e·s", ["etudiant", "etudiante"]),
        ("assistant.e", ["assistant", "assistante"]),
        ("soudeur / soudeuse", ["soudeur", "soudeuse"]),
        ("soudeur/soudeuse", ["soudeur", "soudeuse"]),
        ("sous-officier", ["sous", "officier"]),
        ("développeur (web)", ["developpeur", "web"]),
        ("and/or", ["and", "or"]),
    ],
)
def test_gender_forms(text: str, words: list[str]) -> None:
    assert fold_words(with_forms(text)) == words


def test_a_form_that_is_no_ending_stays_a_word() -> None:
    assert feminine("python", "web") == "web"
    assert feminine("ouvrier", "iere") == "ouvriere"


@pytest.mark.parametrize(
    "forms",
    [
        ("soudeur", "soudeuse", "soudeurs", "soudeuses"),
        ("infirmier", "infirmiere", "infirmiers", "infirmieres"),
        ("directeur", "directrice", "directrices"),
        ("technicien", "technicienne", "techniciens"),
        ("journal", "journaux"),
        ("bateau", "bateaux"),
        ("agent", "agente", "agentes"),
        ("professionnel", "professionnelle", "professionnels"),
        ("cheminot", "cheminots"),
    ],
)
def test_french_forms_have_one_stem(forms: tuple[str, ...]) -> None:
    assert len({stem_french(form) for form in forms}) == 1


def test_short_words_and_codes_stay() -> None:
    assert [stem_french(word) for word in ("bus", "gaz", "m1805", "c++", "os")] == ["bus", "gaz", "m1805", "c++", "os"]


def test_terms_by_language() -> None:
    assert terms_of("les techniques de soudage", "fr") == ["techniqu", "soudag"]
    assert terms_of("managing the teams", "en") == terms_of("manage team", "en")
    assert terms_of("los equipos", "xx") == ["los", "equipos"]
    assert stems(["the", "of"], "en") == []


@pytest.mark.parametrize(
    ("lang", "group"),
    [("fr", "fr"), ("fr-CA", "fr"), ("EN", "en"), ("en-GB", "en"), ("frr", "xx"), ("de", "xx"), ("", "xx")],
)
def test_groups(lang: str, group: str) -> None:
    assert group_of(lang) == group
