"""The first step of all text work: letters without case and accents, words without elisions, gender forms written out.

Labels and queries go through the same functions, so that both meet in the same words.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_LIGATURES: Final = {
    "œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "đ": "d", "ł": "l", "ı": "i", "ð": "d", "þ": "th", "ħ": "h",
    "’": "'", "ʼ": "'", "‘": "'", "`": "'", "´": "'",
}  # fmt: skip
_ELISION: Final = re.compile(r"\b(?:[ldjnscmt]|qu|jusqu|lorsqu|puisqu|quelqu|presqu)'(?=\w)|'s\b")
_WORD: Final = re.compile(r"[^\W_]+[+#]*")
_APPENDED: Final = frozenset({"e", "s", "es", "ne", "nes", "le", "les", "te", "tes", "lle", "sse"})
_SUFFIX: Final = (
    r"(?:eresse|trices|trice|rices|rice|euses|euse|ieres|iere|eres|ere|iennes|ienne|ennes|enne|onnes|onne|esse|nes|ne"
    r"|ives|ive|ves|ve|ses|se|les|le|es|e)"
)
_BRACKETED: Final = re.compile(r"(\w{3,})\(-?(\w{1,7})\)")
_JOINED: Final = re.compile(rf"\b(\w{{3,}})(?:/-?|·|\.|-)({_SUFFIX})(?:(?:·|\.|-)s)?(?![\w/])")


def _letter(char: str) -> str:
    plain = "".join(c for c in unicodedata.normalize("NFKD", char.casefold()) if not unicodedata.combining(c))
    return "".join(_LIGATURES.get(c, c) for c in plain)


class _Letters(dict[int, str]):
    """A table for `str.translate` that fills itself."""

    def __missing__(self, point: int) -> str:
        folded = self[point] = _letter(chr(point))
        return folded


_LETTERS: Final = _Letters()


def fold_letters(text: str) -> str:
    """Lower case, accents off, ligatures apart, one kind of apostrophe; punctuation and blanks stay."""
    return text.lower() if text.isascii() else text.translate(_LETTERS)


def fold_words(text: str) -> list[str]:
    """The words of a text, folded, elisions off: "L'infirmière de l’École" gives infirmiere, de, ecole. "c++" and "c#"
    are words."""
    folded = fold_letters(text)
    if "'" in folded:
        folded = _ELISION.sub("", folded)
    return _WORD.findall(folded)


def fold(text: str) -> str:
    """The folded words with one blank between them: what labels are compared by."""
    return " ".join(fold_words(text))


def with_forms(text: str) -> str:
    """The text with short gender forms written out, folded: "infirmier(ère)" and "infirmier/ère" give "infirmier
    infirmiere"; forms that stand in full ("soudeur / soudeuse") stay."""
    folded = fold_letters(text)
    if "(" in folded:
        folded = _BRACKETED.sub(_both, folded)
    if any(mark in folded for mark in "/·.-"):
        folded = _JOINED.sub(_both, folded)
    return folded


def _both(match: re.Match[str]) -> str:
    base, suffix = match[1], match[2]
    return f"{base} {feminine(base, suffix)}"


def feminine(base: str, suffix: str) -> str:
    """The form that a short ending stands for: ("directeur", "trice") gives "directrice"."""
    if suffix in _APPENDED:
        return base + suffix
    if suffix.startswith("rice") and base.endswith("eur"):
        return base[:-3] + suffix
    place = base.rfind(suffix[0])
    # An ending that shares no letter near the end is a word of its own, such as "(web)".
    return base[:place] + suffix if place >= max(2, len(base) - 5) else suffix
