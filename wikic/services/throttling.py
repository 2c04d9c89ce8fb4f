"""How often something may be tried, counted in the store so that all server processes count together.

A bucket fills by one with each attempt and runs empty evenly over its window; what does not fit is refused until it has run down.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from wikic.crypto.tokens import digest
from wikic.domain.changes import stamp
from wikic.errors import NotFound, Throttled
from wikic.store import documents
from wikic.store.accounts import remove_expired
from wikic.store.engine import Engine, UniqueViolation, WriteTransaction
from wikic.store.tables import ATTEMPTS

Clock = Callable[[], datetime]
"""The present moment, in UTC."""

_UNIT = 1_000


def utc_now() -> datetime:
    """The clock of every process that is no test."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Allowance:
    """So many attempts, all of which come back within so many seconds. `kind` names the bucket."""

    kind: str
    attempts: int
    seconds: int


class Throttling:
    """Counts attempts over one store."""

    def __init__(self, engine: Engine, clock: Clock = utc_now) -> None:
        self._engine, self._clock = engine, clock

    def take(self, allowance: Allowance, who: str) -> None:
        """Count one attempt of somebody (an address, an account, nobody's name). Raises Throttled, with the time to wait, where there is no room for it."""
        wait = self._counted(allowance, _key(allowance, who))
        if wait:
            raise Throttled(f"too many attempts ({allowance.kind}): wait {wait} s", retry_after=wait)

    def give_back(self, allowance: Allowance, who: str) -> None:
        """Forget the attempts of somebody: they have shown that they may."""
        self._engine.write(lambda tx: documents.remove(tx, ATTEMPTS, [_key(allowance, who)]))

    def put_back(self, allowance: Allowance, who: str) -> None:
        """Forget one attempt of somebody: it was no guess."""
        key = _key(allowance, who)

        def work(tx: WriteTransaction) -> None:
            level = int(documents.lock(tx, ATTEMPTS, key)["level"])
            documents.change(tx, ATTEMPTS, key, {"level": max(0, level - _UNIT)})

        with suppress(NotFound):
            self._engine.write(work)

    def _counted(self, allowance: Allowance, key: str) -> int:
        while True:
            try:
                return self._engine.write(lambda tx: self._count(tx, allowance, key))
            except (UniqueViolation, NotFound):
                continue  # another process made the bucket in this moment, or cleared it away

    def _count(self, tx: WriteTransaction, allowance: Allowance, key: str) -> int:
        now = self._clock()
        millis = round(now.timestamp() * 1000)
        fresh = {"level": _UNIT, "at": millis, "expires": stamp(now + timedelta(seconds=allowance.seconds))}
        if documents.find(tx, ATTEMPTS, key) is None:
            remove_expired(tx, ATTEMPTS, stamp(now))
            documents.insert(tx, ATTEMPTS, {"key": key, **fresh})
            return 0
        row = documents.lock(tx, ATTEMPTS, key)
        emptied = (millis - int(row["at"])) * allowance.attempts * _UNIT // (allowance.seconds * 1000)
        level = max(0, int(row["level"]) - emptied) + _UNIT
        over = level - allowance.attempts * _UNIT
        if over > 0:
            return max(1, math.ceil(over * allowance.seconds / (allowance.attempts * _UNIT)))
        documents.change(tx, ATTEMPTS, key, {**fresh, "level": level})
        return 0


def _key(allowance: Allowance, who: str) -> str:
    return f"{allowance.kind}:{digest(who)}"
