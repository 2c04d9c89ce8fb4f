"""The services of badges, put together over one store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from wikic.services.awards import Awards
from wikic.services.badging import Badging
from wikic.services.badging_catalogue import Catalogue
from wikic.services.badging_documents import Documents
from wikic.services.badging_suggesting import BindingSuggesting
from wikic.services.binding import Bindings
from wikic.services.coverage import Coverage
from wikic.services.deployment import Deployment
from wikic.services.deployment_facts import Kept
from wikic.services.levels_parts import LevelServices
from wikic.services.reading import Reading
from wikic.services.searching import Searching
from wikic.store.engine import Engine


@dataclass(frozen=True, slots=True)
class BadgeServices:
    """All that has to do with badge classes."""

    badging: Badging
    bindings: Bindings
    catalogue: Catalogue
    suggesting: BindingSuggesting
    levels: LevelServices
    documents: Documents
    awards: Awards
    deployment: Deployment
    coverage: Coverage

    @classmethod
    def of(cls, engine: Engine, reading: Reading, searching: Searching) -> Self:
        """Over an engine that is open."""
        catalogue = Catalogue(engine)
        badging, bindings = Badging(engine), Bindings(engine, reading, catalogue)
        kept, levels = Kept(engine, catalogue), LevelServices.of(engine, reading)
        return cls(
            badging=badging,
            bindings=bindings,
            catalogue=catalogue,
            suggesting=BindingSuggesting(searching, bindings.targets),
            levels=levels,
            documents=Documents(badging, bindings, catalogue, reading, levels),
            awards=Awards(engine),
            deployment=Deployment(engine, catalogue, kept),
            coverage=Coverage(engine, reading, kept),
        )
