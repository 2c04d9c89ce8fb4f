"""The one scorer: how well a label answers a query, and so how well a concept does.

The mean of rapidfuzz's token_sort_ratio and token_set_ratio was measured to be the best of its scores (docs/search.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rapidfuzz import fuzz

Label = tuple[str, str, int, str]
"""A label as the index keeps it: value, language, number of its type (0 preferred, 1 alternative, 2 hidden), folded words."""

TYPE_FACTORS: Final = (1.0, 0.985, 0.96)
"""By the number of a label's type."""
EXACT: Final = (0.5, 0.4, 0.3)
"""What is added where a label is the query itself."""
DEPRECATED: Final = 0.8
KIND_FACTORS: Final = {
    "occupation_title": 0.98,
    "occupation_group": 0.97,
    "skill_group": 0.97,
    "field_of_study": 0.97,
    "work_context": 0.97,
    "collection": 0.95,
}
"""What many concepts share a name with comes after them: an occupation's titles, groups, collections."""


def best_label(query: str, labels: Sequence[Label]) -> tuple[float, Label | None]:
    """The label that answers a folded query best, and its score (0 to 1.5); None where there is none."""
    best, found = -1.0, None
    sort, overlap = fuzz.token_sort_ratio, fuzz.token_set_ratio
    for label in labels:
        text, type_ = label[3], label[2]
        likeness = (sort(query, text) + overlap(query, text)) * 0.005 * TYPE_FACTORS[type_]
        score = 1.0 + EXACT[type_] if text == query else likeness
        if score > best:
            best, found = score, label
    return max(best, 0.0), found
