"""Acceptances: an organisation takes a badge class in place of a test or a module of its own, from when and until when. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import Any, Final, Literal, Self

from wikic.domain.badges import check_day, check_lang
from wikic.domain.organisations import check_address
from wikic.domain.texts import check_text
from wikic.errors import InvalidInput

AcceptanceState = Literal["to_come", "in_force", "expired", "revoked"]

FOR_EVER: Final = "9999-12-31"
_LONGEST: Final = {"in_place_of": 500, "conditions": 4_000}
_LONGEST_ADDRESS: Final = 2_000


@dataclass(frozen=True, slots=True)
class Terms:
    """What is accepted: in place of what, under which conditions, where that stands, from which day until which ("" for no end), both included."""

    in_place_of: str
    conditions: str = ""
    address: str = ""
    valid_from: str = ""
    valid_until: str = ""
    lang: str = "fr"

    def cleaned(self, today: str) -> Terms:
        """The same in one form; it begins `today` where it does not say. Raises InvalidInput."""
        texts: dict[str, Any] = {name: check_text(name, getattr(self, name), longest) for name, longest in _LONGEST.items()}
        if not texts["in_place_of"]:
            raise InvalidInput("say in place of what the badge is accepted: a test, a module, an interview", reason="accept-what")
        start, end = check_day(self.valid_from) or today, check_day(self.valid_until)
        if end and end < start:
            raise InvalidInput(f"it would end on {end}, before it begins on {start}", reason="accept-days", start=start, end=end)
        address = check_address("address", self.address, _LONGEST_ADDRESS)
        return replace(self, **texts, address=address, valid_from=start, valid_until=end, lang=check_lang(self.lang))

    def packed(self) -> dict[str, Any]:
        """As documents and bodies keep it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Acceptance:
    """An acceptance as it is now. `ends`: the last day on which it holds, also where it was revoked before its end. `name` is the organisation's,
    `badge_name` the badge class's as it was then."""

    id: str
    organisation: str
    name: str
    badge_class: str
    badge_name: str
    terms: Terms
    ends: str
    made: str
    made_by: str
    revoked: str = ""
    reason: str = ""
    version: int = 1

    def state(self, day: str) -> str:
        """How it stands on a day."""
        if self.revoked and self.revoked[:10] <= day:
            return "revoked"
        return "to_come" if day < self.terms.valid_from else "expired" if day > self.ends else "in_force"

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """From a document."""
        terms = {name: str(row[name]) for name in ("in_place_of", "conditions", "address", "valid_from", "valid_until", "lang")}
        return cls(
            id=str(row["key"]), organisation=str(row["organisation"]), name=str(row["name"]), badge_class=str(row["badge_class"]),
            badge_name=str(row["badge_name"]), terms=Terms(**terms), ends=str(row["ends"]), made=str(row["made"]), made_by=str(row["made_by"]),
            revoked=str(row.get("revoked") or ""), reason=str(row.get("reason") or ""), version=int(row["version"]),
        )  # fmt: skip


def last_day(terms: Terms) -> str:
    """The last day on which it holds, unless it is revoked before."""
    return terms.valid_until or FOR_EVER


def day_before(day: str) -> str:
    """The day before a day."""
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()
