"""Quarters and months as they are written (`2026-Q4`, `2026-10`), and the instants between them. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Self

from wikic.errors import InvalidInput

FIRST_YEAR: Final = 2000
_QUARTER: Final = re.compile(r"(\d{4})-Q([1-4])\Z", re.ASCII)
_MONTH: Final = re.compile(r"(\d{4})-(0[1-9]|1[0-2])\Z", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Quarter:
    """Three months of a year. Written `2026-Q4`, which sorts as quarters follow each other."""

    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.year:04}-Q{self.number}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """A quarter as it is written. Raises InvalidInput."""
        found = _QUARTER.match(text.strip())
        if found is None or int(found[1]) < FIRST_YEAR:
            raise InvalidInput(f"{text[:40]!r} is no quarter: write it as 2026-Q4", reason="quarter", text=text[:40])
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def of(cls, time: str) -> Self:
        """The quarter in which an ISO time or month lies."""
        return cls(int(time[:4]), (int(time[5:7]) + 2) // 3)

    @property
    def months(self) -> tuple[str, str, str]:
        """Its months, `2026-10` and so on."""
        first = 3 * self.number - 2
        return (f"{self.year:04}-{first:02}", f"{self.year:04}-{first + 1:02}", f"{self.year:04}-{first + 2:02}")

    @property
    def next(self) -> Quarter:
        """The one after it."""
        return Quarter(self.year, self.number + 1) if self.number < 4 else Quarter(self.year + 1, 1)

    @property
    def end(self) -> str:
        """The first instant (UTC) that is no longer in it, as times are written."""
        following = self.next
        return f"{following.months[0]}-01T00:00:00.000Z"


def quarters(first: Quarter, last: Quarter) -> list[Quarter]:
    """All quarters from one to another, both included."""
    found = []
    while first <= last:
        found.append(first)
        first = first.next
    return found


def check_month(text: str) -> str:
    """A month as it is written. Raises InvalidInput."""
    found = _MONTH.match(text.strip())
    if found is None or int(found[1]) < FIRST_YEAR:
        raise InvalidInput(f"{text[:40]!r} is no month: write it as 2026-10", reason="month", text=text[:40])
    return text.strip()
