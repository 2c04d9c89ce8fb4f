"""What differs between two moments: computed once, remembered in memory, and kept on disk where both are releases."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Final

from wikic.services.reading_diff import Diff, compute_diff
from wikic.services.reading_diff_kept import KeptDiffs
from wikic.services.reading_heads import Remembered
from wikic.services.reading_moments import Moment
from wikic.store.engine import Engine

_REMEMBERED: Final = 2


class Comparing:
    """Differences of one store; safe between threads. `kept`: the folder where those between releases are kept; None: nowhere."""

    def __init__(self, engine: Engine, kept: Path | None) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._remembered: Remembered[tuple[str, int, int], Diff] = Remembered(_REMEMBERED)
        self._kept = KeptDiffs(kept)

    @property
    def keeps(self) -> bool:
        """Whether differences between releases are kept on disk."""
        return self._kept.on

    def between(self, before: Moment, later: Moment) -> Diff:
        """All that differs between two moments."""
        key = (later.epoch, before.seq, later.seq)
        diff = self._remembered.get(key)
        if diff is None:
            # One at a time: a large one takes seconds and much memory, and those who wait mostly want the same.
            with self._lock:
                diff = self._remembered.get(key) or self._kept.get(key) or compute_diff(self._engine, *key[1:])
                self._remembered.put(key, diff)
                if before.state and later.state:
                    self._kept.put(key, diff)
        return diff
