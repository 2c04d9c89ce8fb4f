"""Errors in the reader's language: every reason that is raised is said in French, with the values that it comes with, and nothing else is."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from wikic.domain import acceptances, badges, organisations
from wikic.domain.accounts import check_password
from wikic.domain.badges import BadgeContent, missing
from wikic.domain.open_badges import Problem
from wikic.errors import Conflict, InvalidInput, OutsideError, WikicError
from wikic.images.vector import rewritten_svg
from wikic.linked_data.quality import CHECKS
from wikic.outside.client import GuardedClient
from wikic.services.proposing_shapes import Finding
from wikic.web import texts_errors_badges
from wikic.web.texts import Texts
from wikic.web.texts_errors import REASONS, said
from wikic.web.texts_releases import _CHECKS

WIKIC = Path(__file__).resolve().parents[2] / "wikic"
OWN = {"checks"}
"""Said by another rule."""


def raised() -> Iterator[tuple[str, frozenset[str]]]:
    """Every `reason="..."` of an error, with the names of its values."""
    for path in WIKIC.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not _makes_an_error(node.func):
                continue
            given = {each.arg: each.value for each in node.keywords if each.arg}
            reason = given.pop("reason", None)
            if isinstance(reason, ast.Constant) and isinstance(reason.value, str) and re.fullmatch("[a-z-]+", reason.value):
                yield reason.value, frozenset(given) - {"retry_after"}


def _calls(name: str) -> Iterator[ast.Call]:
    for path in WIKIC.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
                yield node


def _makes_an_error(made: ast.expr) -> bool:
    """Whether what is called is a class by its name, or the class of another error: `type(error)(...)`."""
    if isinstance(made, ast.Call):
        return isinstance(made.func, ast.Name) and made.func.id == "type"
    return isinstance(made, ast.Name) and made.id[0].isupper()


def test_every_reason_has_its_sentence_and_every_sentence_its_reason() -> None:
    found = dict(raised()) | {word: frozenset({"scope", "role"}) for word in ("role", "role-here", "token-scope")}
    assert set(found) == set(REASONS) | OWN
    for reason, sentence in REASONS.items():
        assert set(re.findall(r"{(\w+)}", sentence)) <= found[reason], reason


def test_french_with_its_values_and_english_as_the_service_says_it() -> None:
    error = Conflict("proposal 7 is rejected: accepting takes one that is submitted", reason="proposal-state", proposal_state="rejected")
    assert said(error, Texts("fr")) == ("elle est dans l'état «\u00a0Refusée\u00a0», où cela ne se fait pas.", "fr")
    assert said(error, Texts("en")) == (error.message, "en")
    assert said(Conflict("no reason is known"), Texts("fr")) == ("no reason is known", "en")
    with pytest.raises(InvalidInput) as found:
        check_password("short")
    assert said(found.value, Texts("fr")) == ("un mot de passe compte de 12 à 256 caractères\u00a0: prenez plusieurs mots.", "fr")


def test_an_error_within_another_is_said_in_french_too() -> None:
    with pytest.raises(InvalidInput) as found:
        rewritten_svg(b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script/></svg>')
    error = InvalidInput(f"`image`: {found.value.message}", reason="elsewhere-image", why=found.value)
    assert said(error, Texts("fr")) == (
        "«\u00a0image\u00a0»\u00a0: le SVG contient «\u00a0script\u00a0», mais une image ne fait que dessiner\u00a0: enregistrez-le comme SVG simple,"
        " avec les styles en attributs.", "fr",
    )  # fmt: skip
    assert said(error, Texts("en")) == (error.message, "en")


def test_values_that_are_fields_problems_or_gaps_are_said_in_french() -> None:
    def french(error: WikicError) -> str:
        return said(error, Texts("fr"))[0]

    with pytest.raises(InvalidInput) as found:
        BadgeContent(description="x" * 5_001).cleaned()
    assert french(found.value) == "c'est trop long pour la description\u00a0: 5\u202f000 caractères au plus."
    problem = Problem("error", "/name", "missing")
    assert french(InvalidInput("...", reason="elsewhere-field", pointer="/name", why=problem)) == "le champ /name n'est pas comme il faut\u00a0: name manque."
    lacks = [each.key for each in missing(BadgeContent(name="Pain"), bindings=1) if each.required]
    assert french(InvalidInput("...", reason="badge-incomplete", lacks=lacks)) == (
        "il n'est pas complet. Il n'a pas de description. Il ne dit pas ce qu'il faut faire pour l'obtenir."
    )


def test_every_text_that_can_be_too_long_has_its_name() -> None:
    names = {str(node.args[0].value) for node in _calls("check_text") if isinstance(node.args[0], ast.Constant)}
    names |= badges._LONGEST.keys() | organisations._LONGEST.keys() | acceptances._LONGEST.keys() | {"criteria_address", "address", "note"}
    assert {f"text_field.{name}" for name in names} <= texts_errors_badges.NAMES.keys()


def test_what_checking_found_is_said_in_both_languages() -> None:
    found = [
        Finding("unnamed", "error", 0, "a new concept needs a preferred label"),
        Finding("of another kind", "error", 1, "said as it is"),
        Finding("split-left", "error", 2, "2 of 3 relations are given to no part", {"left": 2, "all": 3}),
    ]
    error = InvalidInput("...", reason="checks", findings=found)
    french, english = said(error, Texts("fr")), said(error, Texts("en"))
    assert french[0].split("; ")[:2] == ["Modification 1\u00a0: donnez un libellé préféré", "Modification 2\u00a0: said as it is"]
    assert "2 relations sur 3" in french[0]
    assert english == ("Change 1: give a preferred label; Change 2: said as it is; Change 3: 2 of 3 relations are given to no part", "en")


def test_every_check_of_a_preview_has_its_sentences() -> None:
    assert _CHECKS.keys() == CHECKS.keys()
    assert not {Texts("fr").name("check", slug) for slug in CHECKS} & set(CHECKS.values())


@pytest.mark.parametrize("address", ["http://127.0.0.1/b", "ftp://example.org/b", "https://me:secret@example.org/b", "http://nowhere.invalid/b"])
def test_addresses_that_are_not_asked_are_refused_in_french(address: str) -> None:
    def resolve(host: str, _: int) -> list[str]:
        if host.endswith(".invalid"):
            raise OSError("Name or service not known")
        return [host]

    with pytest.raises(OutsideError) as refused:
        GuardedClient(resolve=resolve).fetch(address)
    text, lang = said(refused.value, Texts("fr"))
    assert lang == "fr"
    assert not re.search("WIKIC|secret|Name or service", text)


def test_days_are_said_in_words() -> None:
    error = InvalidInput("it would end before it begins", reason="accept-days", start="2026-11-30", end="2020-01-01")
    assert said(error, Texts("fr"))[0] == "elle prendrait fin le 1er janvier 2020, avant de commencer le 30 novembre 2026."
