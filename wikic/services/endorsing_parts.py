"""The services of who stands behind badges, put together over one store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from wikic.services.acceptances import Acceptances
from wikic.services.endorsing import Endorsing
from wikic.services.reading import Reading
from wikic.store.engine import Engine


@dataclass(frozen=True, slots=True)
class EndorsingServices:
    """Endorsements, and acceptances."""

    endorsements: Endorsing
    acceptances: Acceptances

    @classmethod
    def of(cls, engine: Engine, reading: Reading) -> Self:
        """Over an engine that is open."""
        return cls(Endorsing(engine, reading), Acceptances(engine))
