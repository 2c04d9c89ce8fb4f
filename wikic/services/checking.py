"""Proving the invariants of a live store: what `wikic check` says.

Nothing is changed and nothing is locked; writers may go on meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable

from wikic.errors import NotFound
from wikic.services.scaling import missing_levels
from wikic.store.engine import Engine
from wikic.store.invariants import ConceptChecks
from wikic.store.invariants_logs import Finding, Ledger
from wikic.store.levels import levels_in_use

__all__ = ["Checking", "Finding"]


class Checking:
    """The check flow over one store."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def run(self, space: str | None = None) -> list[Finding]:
        """Check everything, or one space; nothing but notes in the answer means that the store is consistent. Raises NotFound for no
        such space."""
        ledger = Ledger(self._engine, space)
        if space is not None and space not in ledger.heads:
            raise NotFound(f"there is no space named {space}: {', '.join(sorted(ledger.heads))}")
        steps: tuple[Callable[[], None], ...] = (
            ConceptChecks(self._engine, ledger, space).run,
            ledger.check_logs,
            ledger.check_aliases,
            ledger.check_successors,
            ledger.check_orphans,
            ledger.close,
        )
        for step in steps:
            step()
        if space is None:
            self._levels(ledger)
        return ledger.findings.all()

    def _levels(self, ledger: Ledger) -> None:
        """Levels that badge classes and bindings name are levels of scales that are there."""
        for level, wrong in missing_levels(self._engine, levels_in_use(self._engine)).items():
            ledger.findings.add("level-unknown", f"badge classes or bindings are at a level that is not there: {wrong}", level)
