"""The one predicate of time and visibility, and the sentinel of an open interval.

Every query that reads versioned rows takes the parameter `$at`: a map from the spaces its reader may see to a number. A row of a
space that is not in the map compares with null: it does not exist for that reader.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

OPEN: Final = 2**53 - 1
"""`to_seq` of what still holds; the largest integer that JSON readers keep exactly."""

At = Mapping[str, int]
"""From the spaces a reader may see to the number it reads as of."""


def visible(row: str) -> str:
    """Cypher: whether the interval of `row` (a node or relationship variable) holds at `$at`."""
    return f"{row}.from_seq <= $at[{row}.space] AND $at[{row}.space] < {row}.to_seq"


def journal_key(space: str, seq: int, part: int) -> str:
    """The key of one part of a write's journal. Text, padded: ArcadeDB seeks in ranges of texts, but reads numbers from the start."""
    return f"{space}/{seq:016d}/{part:05d}"


def journal_range(space: str, after: int, until: int = OPEN - 1) -> dict[str, str]:
    """Parameters `start` and `end`: the journal keys of a space's numbers in (after, until] are between them."""
    return {"start": f"{space}/{after + 1:016d}/", "end": f"{space}/{until + 1:016d}/"}
