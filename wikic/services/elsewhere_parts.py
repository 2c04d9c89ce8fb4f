"""The services of badge classes that are hosted elsewhere, put together over one store."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Self

from wikic.outside.client import GuardedClient
from wikic.services.badges_parts import BadgeServices
from wikic.services.elsewhere import Elsewhere
from wikic.services.elsewhere_fetching import SECONDS, SourceReader
from wikic.services.elsewhere_keeping import Keeping
from wikic.services.linting import Linting
from wikic.services.throttling import Clock, utc_now
from wikic.store.engine import Engine


@dataclass(frozen=True, slots=True)
class ElsewhereServices:
    """What brings badge classes in from elsewhere, and what keeps them up to date."""

    taking: Elsewhere
    keeping: Keeping

    @classmethod
    def of(
        cls, engine: Engine, badges: BadgeServices, linting: Linting, client: GuardedClient, own: str, *, clock: Clock = utc_now, seconds: float = SECONDS
    ) -> Self:
        """Over an engine that is open; `own`: the address of this site."""
        reader = SourceReader(client, seconds=seconds)

        def jitter() -> float:
            return random.uniform(0.8, 1.2)  # noqa: S311

        taking = Elsewhere(engine, badges.catalogue, badges.bindings, badges.suggesting, linting, reader, own, clock=clock, jitter=jitter)
        return cls(taking, Keeping(engine, badges.catalogue, linting, reader, own, clock=clock, jitter=jitter))
