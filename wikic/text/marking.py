"""Which letters of a label matched: ranges for whoever shows it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from rapidfuzz.distance import OSA

from wikic.text.analyse import STEMMERS, group_of
from wikic.text.fold import fold_words
from wikic.text.query import fuzziness

_TOKEN: Final = re.compile(r"[^\W_]+[+#]*")


def marks(value: str, lang: str, words: Sequence[str], *, beginnings: bool = False) -> list[tuple[int, int]]:
    """Half-open ranges of characters of `value` that the folded query words match, in order: a word of the same stem, or (with
    `beginnings`) the first letters; where no word matches so, those with few other letters."""
    group = group_of(lang)
    stem = STEMMERS[group]
    stems = {stem(word) or word for word in words}
    tokens = [(match.start(), match.end(), "".join(fold_words(match[0]))) for match in _TOKEN.finditer(value)]
    found = []
    for start, end, folded in tokens:
        if folded and (folded in words or (stem(folded) or folded) in stems):
            found.append((start, end))
        elif beginnings:
            length = max((len(word) for word in words if folded.startswith(word)), default=0)
            if length:
                found.append((start, end if length >= len(folded) else _cut(value, start, end, length)))
    if found:
        return found
    return [(start, end) for start, end, folded in tokens if any(_near(word, folded, beginnings) for word in words)]


def _cut(value: str, start: int, end: int, length: int) -> int:
    """Where the first `length` folded letters end; a ligature folds to two."""
    for place in range(start + 1, end):
        if len("".join(fold_words(value[start:place]))) >= length:
            return place
    return end


def _near(word: str, folded: str, beginnings: bool) -> bool:
    distance = fuzziness(word)
    if not distance or not folded:
        return False
    shown = folded[: len(word)] if beginnings else folded
    return OSA.distance(word, shown, score_cutoff=distance) <= distance
