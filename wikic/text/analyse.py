"""Words to index terms: language groups, stop words, stems.

French stems are ours: the usual French stemmer needs the accents that people leave out, and keeps genders apart
("soudeur", "soudeuse"). English ones are Snowball's, by tantivy. Other languages are folded only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Final

import tantivy

from wikic.text.fold import fold_words

GROUPS: Final = ("fr", "en", "xx")
"""Language groups: French, English, all others."""

_FRENCH: Final = """
a au aux avec ce ces dans de des du elle en et eux il la le les leur lui ma mais me meme mes moi mon ne nos notre nous on ou
par pas pour qu que qui sa se ses son sur ta te tes toi ton tu un une vos votre vous y d l h f
"""
_ENGLISH: Final = """
a an and are as at be but by for if in into is it of on or such that the their then there these they this to was will with
"""
STOP_WORDS: Final = {
    "fr": frozenset(_FRENCH.split()),
    "en": frozenset(_ENGLISH.split()),
    "xx": frozenset[str](),
}

_FRENCH_ENDINGS: Final = (
    ("trice", "teur"),
    ("euse", "eur"),
    ("ienne", "ien"),
    ("iere", "ier"),
    ("enne", "en"),
    ("onne", "on"),
    ("elle", "el"),
    ("ette", "et"),
    ("ere", "er"),
    ("ive", "if"),
    ("aise", "ais"),
    ("ee", "e"),
)
_SHORTEST: Final = 3


def group_of(lang: str) -> str:
    """The language group of a tag ("en-GB": en)."""
    primary = lang[:2].lower()
    return primary if primary in ("fr", "en") and not lang[2:3].isalpha() else "xx"


def stem_french(word: str) -> str:
    """The stem of a folded French word: singular, masculine, no final e. "infirmieres" and "infirmier" give "infirmier"."""
    if len(word) <= _SHORTEST or not word.isalpha():
        return word
    if word.endswith("aux") and len(word) > 4:
        word = word[:-1] if word.endswith("eaux") else word[:-3] + "al"
    elif word[-1] in "sx" and word[-2] != "s":
        word = word[:-1]
    for ending, other in _FRENCH_ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 2:
            return word[: -len(ending)] + other
    if word.endswith("e") and len(word) > _SHORTEST:
        word = word[:-1]
    if len(word) > 4 and word[-1] == word[-2] and word[-1] not in "aeiou":
        word = word[:-1]
    return word


_english: Final = (
    tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.raw()).filter(tantivy.Filter.stemmer("English")).build().analyze
)


@lru_cache(maxsize=1 << 17)
def _stem_fr(word: str) -> str:
    return "" if word in STOP_WORDS["fr"] else stem_french(word)


@lru_cache(maxsize=1 << 17)
def _stem_en(word: str) -> str:
    if word in STOP_WORDS["en"]:
        return ""
    found = _english(word)
    return found[0] if found else word


def _same(word: str) -> str:
    return word


STEMMERS: Final[dict[str, Callable[[str], str]]] = {"fr": _stem_fr, "en": _stem_en, "xx": _same}
"""By group: a folded word to its stem; "" for a stop word."""


def stems(words: Iterable[str], group: str) -> list[str]:
    """The stems of folded words, stop words left out."""
    stem = STEMMERS[group]
    return [found for word in words if (found := stem(word))]


def terms_of(text: str, group: str) -> list[str]:
    """The index terms of a text."""
    return stems(fold_words(text), group)
