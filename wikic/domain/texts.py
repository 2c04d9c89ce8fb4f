"""Which texts can be shown: the one rule for whatever people write."""

from __future__ import annotations

import unicodedata
from typing import Final

from wikic.errors import InvalidInput

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


def check_text(name: str, value: str, longest: int) -> str:
    """A text in one form (NFC), line ends as one character, without blanks around it. Raises InvalidInput for one that is too long, or cannot be shown."""
    # A soft hyphen only says where a line may break, and would part a word that is searched.
    text = unicodedata.normalize("NFC", value).replace("\r\n", "\n").replace("\u00ad", "").strip()
    if len(text) > longest:
        raise InvalidInput(f"{name} has more than {longest:,} characters", reason="text-long", text_field=name, longest=longest)
    if unshown(text):
        raise InvalidInput(f"{name} holds characters that cannot be shown", reason="text-characters", text_field=name)
    return text


def check_comment(value: str, longest: int) -> str:
    """What somebody says to others, a comment or a question, as `check_text` gives it. Raises InvalidInput, also where there is nothing to be seen."""
    text = check_text("comment", value, longest)
    if invisible(text):
        raise InvalidInput(f"a comment has 1 to {longest:,} characters", reason="comment-length", longest=longest)
    return text
