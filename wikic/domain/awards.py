"""How often a badge was given, as totals that its issuer reports: a number for each month, never who was given it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

FEWEST: Final = 5
"""What is smaller (and not nothing) is told to nobody but the issuer: in a small group, a number is somebody."""
MOST: Final = 10_000_000
MOST_CORRECTIONS: Final = 100
"""For one badge class and month."""


@dataclass(frozen=True, slots=True)
class Reported:
    """A number that was reported: by whom, when."""

    count: int
    by: str
    at: str


@dataclass(frozen=True, slots=True)
class AwardTotal:
    """How often a badge class was given in a month. `count` is None where it is hidden: then it is at least 1 and below `FEWEST`. `reports` holds every number
    that was reported, oldest first, the last one being what counts; it is empty for those who do not work for the issuer."""

    badge_class: str
    issuer: str
    month: str
    count: int | None
    at: str
    reports: tuple[Reported, ...] = ()
    version: int = 1

    def public(self) -> AwardTotal:
        """The same as everybody reads it."""
        return replace(self, count=shown(self.count or 0), reports=())


def shown(count: int) -> int | None:
    """A number as everybody reads it: None for one that is hidden."""
    return None if 0 < count < FEWEST else count


def summed(counts: Iterable[int]) -> tuple[int, int]:
    """The sum of what everybody may read of these numbers, and how many of them are hidden, which are not in the sum: otherwise it could be told from it."""
    total = hidden = 0
    for count in counts:
        if shown(count) is None:
            hidden += 1
        else:
            total += count
    return total, hidden


def total_of(row: Mapping[str, Any]) -> AwardTotal:
    """From a document."""
    reports = tuple(Reported(int(each["count"]), str(each["by"]), str(each["at"])) for each in row["reports"])
    return AwardTotal(
        badge_class=str(row["badge_class"]), issuer=str(row["issuer"]), month=str(row["month"]), count=int(row["count"]), at=str(row["at"]),
        reports=reports, version=int(row["version"]),
    )  # fmt: skip
