"""Which texts can be shown: the one rule for whatever people write."""

from __future__ import annotations

import unicodedata
from typing import Final

_KEPT: Final = frozenset("\n\t\u200c\u200d")
"""What is not seen but means something: line ends, tabs, and what joins letters or keeps them apart (Persian, emoji)."""
_BLANK: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and signs that are drawn as nothing."""


def unshown(text: str) -> set[str]:
    """The characters of a text that cannot be shown: controls, marks of direction, halves of characters and their like."""
    return {char for char in text if char not in _KEPT and unicodedata.category(char)[0] == "C"}


def invisible(text: str) -> bool:
    """Whether nothing of a text can be seen."""
    return not any(unicodedata.category(char)[0] in "LNPS" and char not in _BLANK for char in text)
