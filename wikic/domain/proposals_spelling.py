"""Whether a change corrects the spelling only: the same words, nearly the same letters, the same numbers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from wikic.domain.proposals_changes import Change, ChangeLabels, ChangeText, labels_of
from wikic.domain.records import Label

_WORD: Final = re.compile(r"[^\W_]+")
_SHORT: Final = 5
"""In a shorter word one letter may differ, in others two: "sale" and "salé" are one letter apart, and "ou" and "et" two."""


def is_spelling_only(changes: Iterable[Change]) -> bool:
    """Whether all changes correct the spelling of labels and texts, and nothing else."""
    found = list(changes)
    return bool(found) and all(_corrects(change) for change in found)


def _corrects(change: Change) -> bool:
    match change:
        case ChangeText():
            return bool(change.base) and same_but_spelling(str(change.base), change.text)
        case ChangeLabels():
            return _same_labels(list(labels_of(change.base or ())), list(change.labels))
        case _:
            return False


def _same_labels(before: list[Label], after: list[Label]) -> bool:
    removed = [label for label in before if label not in after]
    added = [label for label in after if label not in before]
    if not removed or len(removed) != len(added):
        return False
    for label in removed:
        match = next(
            (
                other
                for other in added
                if (other.type, other.roles) == (label.type, label.roles) and same_but_spelling(label.value, other.value)
            ),
            None,
        )
        if match is None:
            return False
        added.remove(match)
    return True


def same_but_spelling(before: str, after: str) -> bool:
    """Whether two texts have the same words but for a letter or two in some of them, accents, case and punctuation, and the same digits."""
    old, new = _words(before), _words(after)
    if len(old) != len(new) or before == after:
        return False
    return all(one == other or _near(one, other) for one, other in zip(old, new, strict=True))


def plain(text: str) -> str:
    """A text without case, accents and blanks beyond one: what names are alike by."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(char for char in letters if not unicodedata.combining(char)).split())


def _words(text: str) -> list[str]:
    return _WORD.findall(plain(text))


def _near(one: str, other: str) -> bool:
    if any(char.isdigit() for char in one + other):
        return False
    allowed = 1 if min(len(one), len(other)) < _SHORT else 2
    return min(len(one), len(other)) > 2 and distance(one, other, allowed) <= allowed


def distance(one: str, other: str, most: int) -> int:
    """How many letters have to be added, removed, replaced or swapped; `most` + 1 where it is more than that."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    earlier: list[int] = []
    above = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        row = [i]
        for j, wanted in enumerate(other, 1):
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
        earlier, above = above, row
    return min(above[-1], most + 1)
