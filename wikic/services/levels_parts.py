"""The services of scales and criteria, put together over one store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from wikic.services.binding_targets import Targets
from wikic.services.criteria import AdoptedCriteria
from wikic.services.criteria_proposing import CriteriaProposing
from wikic.services.reading import Reading
from wikic.services.scaling import Scales
from wikic.store.engine import Engine


@dataclass(frozen=True, slots=True)
class LevelServices:
    """All that has to do with levels."""

    scales: Scales
    criteria: AdoptedCriteria
    proposing: CriteriaProposing

    @classmethod
    def of(cls, engine: Engine, reading: Reading) -> Self:
        """Over an engine that is open."""
        return cls(Scales(engine), AdoptedCriteria(engine), CriteriaProposing(engine, Targets(engine, reading)))
