"""The services of what releases do to badges, put together over one store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from wikic.services.badges_parts import BadgeServices
from wikic.services.elsewhere_keeping import Keeping
from wikic.services.linting import Linting
from wikic.services.reading import Reading
from wikic.services.refreshing import Refreshing
from wikic.services.refreshing_awards import Awards
from wikic.services.refreshing_elsewhere import Elsewhere
from wikic.services.refreshing_lines import Lines
from wikic.services.refreshing_objecting import Objecting
from wikic.services.refreshing_seen import AsOf
from wikic.services.refreshing_treating import Treating
from wikic.services.releasing_parts import ReleaseServices
from wikic.store.engine import Engine


@dataclass(frozen=True, slots=True)
class RefreshServices:
    """Reports and rehearsals, lines, treatments, what is hosted elsewhere, objections, awards."""

    refreshing: Refreshing
    lines: Lines
    treating: Treating
    elsewhere: Elsewhere
    objecting: Objecting
    awards: Awards

    @classmethod
    def of(cls, engine: Engine, reading: Reading, badges: BadgeServices, releases: ReleaseServices, linting: Linting, keeping: Keeping, own: str) -> Self:
        """Over an engine that is open; `own`: the address of this site."""
        catalogue, seen = badges.catalogue, AsOf(engine, reading)
        refreshing = Refreshing(engine, reading, releases.deltas, catalogue)
        lines = Lines(engine, reading, catalogue)
        treating = Treating(engine, lines, seen)
        return cls(
            refreshing,
            lines,
            treating,
            Elsewhere(badges.badging, badges.bindings.targets, lines, treating, seen, keeping, own),
            Objecting(releases.remarks, refreshing, catalogue),
            Awards(engine, reading, linting, catalogue),
        )
