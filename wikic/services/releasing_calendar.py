"""The calendar of a release: when proposals open and close, when there is a candidate, a frozen and a published version.

Everyone reads it; who may release writes it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Literal, get_args

from wikic.domain.access import Actor, require
from wikic.domain.ids import new_uuid
from wikic.errors import InvalidInput
from wikic.store import calendar as store
from wikic.store.engine import Engine, Row

CalendarStep = Literal["opening", "closing", "candidate", "freeze", "publication"]
STEPS: Final[tuple[str, ...]] = get_args(CalendarStep)
"""Proposals are taken from the opening to the closing; then there is a candidate, a frozen version, and its publication."""

FIRST_YEAR: Final = 2000
LAST_YEAR: Final = 2200
"""The first year after those that a calendar has."""
_LONGEST: Final = 1_000
_LANGUAGES: Final = ("fr", "en")


@dataclass(frozen=True, slots=True)
class Entry:
    """One day of the calendar. `day` is ISO (2027-01-15); `text` says more, by language; `version` grows with each change."""

    id: str
    day: str
    step: str
    release: str
    text: dict[str, str] = field(default_factory=dict)
    version: int = 1


class Calendar:
    """The calendar of one store."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def list(self, *, after: str = "") -> list[Entry]:
        """All entries in the order of their days; `after`: from this day (ISO) on."""
        return [_entry(row) for row in store.list_entries(self._engine, after=after)]

    def get(self, identity: str) -> Entry:
        """One entry. Raises NotFound."""
        return _entry(store.get_entry(self._engine, identity))

    def add(self, *, day: str, step: str, release: str, text: dict[str, str], actor: Actor) -> Entry:
        """Add an entry. Raises InvalidInput, Forbidden."""
        require(actor, "release")
        identity = new_uuid()
        store.add_entry(self._engine, actor, {"key": identity, **_checked(day, step, release, text)})
        return self.get(identity)

    def change(
        self, identity: str, *, day: str, step: str, release: str, text: dict[str, str], version: int | None, actor: Actor
    ) -> Entry:
        """Let an entry say something else, if it is at `version` (None: whatever it is at). Raises InvalidInput, Forbidden, NotFound, StaleVersion."""
        require(actor, "release")
        store.change_entry(self._engine, actor, identity, _checked(day, step, release, text), version)
        return self.get(identity)

    def remove(self, identity: str, *, version: int | None, actor: Actor) -> Entry:
        """Take an entry away, which is given back. Raises Forbidden, NotFound, StaleVersion."""
        require(actor, "release")
        return _entry(store.remove_entry(self._engine, actor, identity, version))


def _checked(day: str, step: str, release: str, text: dict[str, str]) -> dict[str, Any]:
    try:
        found = date.fromisoformat(day)
    except ValueError:
        raise InvalidInput(f"{day[:40]!r} is no day: write it as 2027-01-15", reason="day", day=day[:40]) from None
    if not FIRST_YEAR <= found.year < LAST_YEAR:
        raise InvalidInput(
            f"{found.isoformat()} is no day of a release: from {FIRST_YEAR} to {LAST_YEAR - 1}",
            reason="day-far", day=found.isoformat(), first=str(FIRST_YEAR), last=str(LAST_YEAR - 1),
        )
    if step not in STEPS:
        raise InvalidInput(f"{step[:40]!r} is no step of a release: {', '.join(STEPS)}")
    if not release.strip() or len(release) > 64:
        raise InvalidInput("say which release it is about, in 64 characters at most", reason="calendar-release")
    kept = {lang: " ".join(text.get(lang, "").split()) for lang in _LANGUAGES}
    if set(text) - set(_LANGUAGES) or any(len(value) > _LONGEST for value in kept.values()):
        raise InvalidInput(f"the text is in {' and '.join(_LANGUAGES)}, with {_LONGEST} characters at most")
    said = {lang: value for lang, value in kept.items() if value}
    return {"day": found.isoformat(), "step": step, "release": release.strip(), "text": said}


def _entry(row: Row) -> Entry:
    return Entry(row["key"], row["day"], row["step"], row["release"], row.get("text") or {}, int(row["version"]))
