"""Errors in the reader's language: every reason that is raised is said in French, with the values that it comes with, and nothing else is."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from wikic.domain.accounts import check_password
from wikic.errors import Conflict, InvalidInput
from wikic.linked_data.quality import CHECKS
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
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or not node.func.id[0].isupper():
                continue
            given = {each.arg: each.value for each in node.keywords if each.arg}
            reason = given.pop("reason", None)
            if isinstance(reason, ast.Constant) and isinstance(reason.value, str) and re.fullmatch("[a-z-]+", reason.value):
                yield reason.value, frozenset(given) - {"retry_after"}


def test_every_reason_has_its_sentence_and_every_sentence_its_reason() -> None:
    found = dict(raised()) | {word: frozenset({"scope", "role"}) for word in ("role", "role-here", "token-scope")}
    assert set(found) == set(REASONS) | OWN
    for reason, sentence in REASONS.items():
        assert set(re.findall(r"{(\w+)}", sentence)) <= found[reason], reason


def test_french_with_its_values_and_english_as_the_service_says_it() -> None:
    error = Conflict("proposal 7 is rejected: accepting takes one that is submitted", reason="proposal-state", proposal_state="rejected")
    assert said(error, Texts("fr")) == ("elle est dans l'état « Refusée », où cela ne se fait pas.", "fr")
    assert said(error, Texts("en")) == (error.message, "en")
    assert said(Conflict("no reason is known"), Texts("fr")) == ("no reason is known", "en")
    with pytest.raises(InvalidInput) as found:
        check_password("short")
    assert said(found.value, Texts("fr")) == ("un mot de passe compte de 12 à 256 caractères : prenez plusieurs mots.", "fr")


def test_what_checking_found_is_said_in_both_languages() -> None:
    found = [(0, "unnamed", "a new concept needs a preferred label"), (1, "of another kind", "said as it is")]
    error = InvalidInput("...", reason="checks", findings=found)
    assert said(error, Texts("fr")) == ("Modification 1\u00a0: donnez un libellé préféré; Modification 2\u00a0: said as it is", "fr")
    assert said(error, Texts("en")) == ("Change 1: give a preferred label; Change 2: said as it is", "en")


def test_every_check_of_a_preview_has_its_sentences() -> None:
    assert _CHECKS.keys() == CHECKS.keys()
    assert not {Texts("fr").name("check", slug) for slug in CHECKS} & set(CHECKS.values())
