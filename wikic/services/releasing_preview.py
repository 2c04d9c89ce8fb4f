"""What the next release would be: what changed since the last one, checks, open proposals, and what stands in its way.

The delta is made at once; the checks go through the whole framework, so a page may ask for them to be made aside (`wait` False) and look again.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import structlog

from wikic.domain.access import Actor, require
from wikic.domain.delta import Figures
from wikic.domain.proposals import HARD
from wikic.domain.vocabulary import PUBLIC_SPACE
from wikic.errors import UnknownRelease, WikicError
from wikic.services.publishing import Publishing
from wikic.services.reading import Reading
from wikic.services.reading_heads import Remembered
from wikic.services.reading_moments import Moment
from wikic.services.releasing_checks import UNSHAPED, Finding, check_release
from wikic.services.releasing_delta import Delta, Deltas
from wikic.store import documents
from wikic.store.engine import Engine
from wikic.store.releases import last_published
from wikic.store.tables import PROPOSALS

_KEPT: Final = 4
_TOGETHER: Final = 500
PENDING: Final = 100
"""Open proposals that a preview names."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Pending:
    """An open proposal that matters to the release: it touches `concepts` that changed since the last one, or (`ends`) would merge, split or deprecate
    something. It does not forbid to publish."""

    id: str
    types: tuple[str, ...]
    concepts: tuple[str, ...]
    touches: bool
    ends: bool


@dataclass(slots=True)
class Preview:
    """What a release frozen at `seq` would be. `since` is the last published release, "" where there is none (then there are no `figures`);
    `checked`: whether `findings` are there yet; `proposals` are those that wait for a decision; `pending` the first
    ones of those that matter to the release, `pending_total` how many there are."""

    seq: int
    since: str
    since_seq: int
    figures: Figures | None
    proposals: int
    checked: bool = False
    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    pending: list[Pending] = field(default_factory=list)
    pending_total: int = 0

    @property
    def blocked(self) -> bool:
        """Whether anything found forbids to publish."""
        return any(finding.blocking for finding in self.findings)


class Previews:
    """Previews of one store."""

    def __init__(self, engine: Engine, reading: Reading, publishing: Publishing, deltas: Deltas) -> None:
        self._engine, self._reading, self._publishing, self._deltas = engine, reading, publishing, deltas
        self._checks: Remembered[tuple[str, int, int], tuple[list[Finding], list[str]]] = Remembered(_KEPT)
        self._checking = threading.Lock()

    def preview(self, *, actor: Actor, at: int | None = None, wait: bool = True) -> Preview:
        """What freezing now, or at an earlier number, would name. Raises Forbidden, UnknownRelease (no such number)."""
        require(actor, "release")
        moment = self._reading.moment(at=at)
        if not moment.seq:
            raise UnknownRelease("the framework holds nothing yet: import something first")
        since = last_published(self._engine, moment.seq + 1)
        delta = self._deltas.delta(str(since.seq), str(moment.seq)) if since is not None else None
        made = Preview(
            moment.seq,
            since.name if since is not None else "",
            since.seq if since is not None else 0,
            delta.figures if delta is not None else None,
            documents.count(self._engine, PROPOSALS, "queue", where={"space": PUBLIC_SPACE}),
        )
        waiting = list(self._pending(delta))
        made.pending, made.pending_total = waiting[:PENDING], len(waiting)
        known = self._checks.get((moment.epoch, made.since_seq, moment.seq))
        if known is None and wait:
            known = self._checked(moment, delta, made.since_seq)
        elif known is None:
            threading.Thread(
                target=self._check_aside, args=(moment, delta, made.since_seq), name="wikic-preview", daemon=True
            ).start()
        if known is not None:
            made.checked, (made.findings, made.notes) = True, known
        return made

    def _pending(self, delta: Delta | None) -> Iterator[Pending]:
        """Open proposals that matter: those that touch what changed, and those that would end a concept, in the order of the queue."""
        changed = {one.uuid for one in delta.concepts} if delta is not None else set()
        after = ""
        while True:
            rows = documents.page(self._engine, PROPOSALS, "queue", after=after, limit=_TOGETHER, where={"space": PUBLIC_SPACE})
            for row in rows:
                types, concepts = tuple(row["types"]), tuple(row["concepts"])
                touched, ends = tuple(uuid for uuid in concepts if uuid in changed), bool(HARD & set(types))
                if touched or ends:
                    yield Pending(str(row["key"]), types, touched or concepts[:1], bool(touched), ends)
            if len(rows) < _TOGETHER:
                return
            after = str(rows[-1]["queue"])

    def _check_aside(self, moment: Moment, delta: Delta | None, since: int) -> None:
        # One at a time: who asks while it runs finds what it made.
        try:
            self._checked(moment, delta, since)
        except WikicError as error:
            log.warning("the checks of a preview could not be made", reason=error.message)

    def _checked(self, moment: Moment, delta: Delta | None, since: int) -> tuple[list[Finding], list[str]]:
        key = (moment.epoch, since, moment.seq)
        with self._checking:
            known = self._checks.get(key)
            if known is not None:
                return known
            findings = check_release(self._publishing, moment, delta)
            return self._checks.put(key, (findings, [each.what for each in findings if each.check == UNSHAPED]))
