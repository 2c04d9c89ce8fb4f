"""The ground of the state machine: the store and its model side by side, what was written, and how a refusal is expected."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from hypothesis.stateful import RuleBasedStateMachine

from tests.engines import wipe
from tests.flows.machine_parts import body_of, read_touches, source_of
from tests.flows.model import Framework, uuid_of
from tests.flows.plain import Key, PlainFramework, Refused, Said, Side, Snapshot
from wikic.domain.vocabulary import PREFERRED
from wikic.errors import Conflict, InvalidInput, NotFound, OlderVersion, RemovalRefused, WikicError
from wikic.services.editing import Edit
from wikic.services.import_planning import ImportOptions
from wikic.services.importing import Importing, ImportReport
from wikic.store.engine import Engine

ERRORS: dict[str, type[WikicError]] = {
    "unchanged": InvalidInput,
    "cycle": InvalidInput,
    "unfit": InvalidInput,
    "missing": NotFound,
    "conflict": Conflict,
    "older": OlderVersion,
    "removals": RemovalRefused,
}


class Ground(RuleBasedStateMachine):
    """One framework of a few concepts, its source upstream, and the model of both."""

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        wipe(engine)
        self.framework = Framework(engine)
        self.model = PlainFramework()
        self.version = 1
        self.upstream: dict[str, Side] = {}
        self.links: dict[Key, str] = {}
        self.aliases: dict[str, list[str]] = {}
        self.archive: list[Said] = []
        self.last: tuple[str, ...] = ()
        """What tells the last import from another: of the same files nothing is looked at."""
        self.written: dict[int, tuple[PlainFramework, PlainFramework, bool]] = {}
        """Of each change: the model before, the model after, whether it was an import."""

    def import_(self, said: Said, *, allow_removals: bool, older: bool, engine: Engine | None = None) -> None:
        """Import a file into both; the store may refuse it for the reason the model does."""
        options = ImportOptions(allow_removals=allow_removals, older=older)
        trial, conflicts = self.model.copy(), 0
        signature = (str(said.version), source_of(said).info.digest, options.signature())
        again = self.last == signature
        try:
            if not again:
                conflicts = trial.import_(deepcopy(said), allow_removals=allow_removals, older=older)
        except Refused as refused:
            self.refuse(refused, lambda: Importing(self.framework.engine).run(source_of(said), options))
            return
        report: ImportReport = Importing(engine or self.framework.engine).run(source_of(said), options)
        assert (report.seq is None) == trial.same(self.model), report
        assert sum(c["field"] in (PREFERRED, "definition") for c in report.conflicts) == conflicts
        if report.seq is not None:
            trial.last_version = said.version
            self.commit(trial, report.seq, by_import=True)
            self.archive.append(said)
            self.last = signature

    def attempt(self, change: Callable[[PlainFramework], None], *edits: Edit) -> None:
        """Make edits in the store as `change` makes them in the model; what one refuses the other refuses too, whole."""
        trial = self.model.copy()
        try:
            change(trial)
            if trial.same(self.model):
                raise Refused("unchanged")
        except Refused as refused:
            # Of several reasons each side may meet another one first.
            self.refuse(refused, lambda: self.framework.edit(*edits), InvalidInput, NotFound)
            return
        self.commit(trial, self.framework.edit(*edits))

    def commit(self, trial: PlainFramework, seq: int, *, by_import: bool = False) -> None:
        """The trial is the model from now on."""
        assert seq > max(self.model.past, default=0)
        self.written[seq] = (self.model, trial, by_import)
        self.model = trial
        self.model.past[seq] = trial.snapshot()
        assert self.framework.head == seq
        self.check_touches(seq)

    def check_touches(self, seq: int) -> None:
        """Every concept whose body this number changed is touched by it."""
        (_, last), touches = sorted(self.model.past.items())[-1], read_touches(self.framework.engine)
        before = self.past_at(seq - 1)
        for name in last[0]:
            if body_of(before, name) != body_of(last, name):
                assert touches[name] == seq, f"{name} is not touched by {seq}: {touches[name]} {body_of(before, name)} -> {body_of(last, name)}"

    def past_at(self, seq: int) -> Snapshot:
        """What there was at a number."""
        before = [one for one in self.model.past if one <= seq]
        return self.model.past[max(before)] if before else ({}, {})

    def refuse(self, refused: Refused, what: Callable[[], Any], *others: type[WikicError]) -> None:
        """The store refuses it, for the same reason (or one of `others`), and nothing of it is there."""
        head = self.framework.head
        try:
            what()
        except (ERRORS[refused.why], *others):
            assert self.framework.head == head
        else:
            raise AssertionError(f"refused here, as {refused.why}, but done there")

    def local(self, name: str) -> Side:
        """What stands here, to change."""
        one = self.model.concepts.get(name)
        return deepcopy(one.local) if one else Side({})

    def uuids(self, *names: str) -> tuple[str, ...]:
        """The uuids of names."""
        return tuple(uuid_of(name) for name in names)
