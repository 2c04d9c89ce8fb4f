"""Coverage: which competencies no badge class attests, by scheme and branch; which occupations are covered best. Public things only.

Flow: web and command line -> `Coverage` -> what the framework holds (read once for each of its numbers) and what badge classes attest (`deployment_facts`).
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from wikic.domain.vocabulary import PUBLIC_SPACE, SCHEMES
from wikic.errors import InvalidInput
from wikic.services.deployment_facts import Kept
from wikic.services.reading import Reading
from wikic.store import coverage as store
from wikic.store.engine import Engine
from wikic.store.history import touched_between

KINDS: Final = ("skill", "knowledge")
"""What is counted. Groups of them are branches, whether a badge class attests them or not."""
_GROUP: Final = "skill_group"
_OCCUPATION: Final = "occupation"
_FEW: Final = 10_000
"""Up to so many touched concepts are read one by one; of more, everything is read again."""


@dataclass(frozen=True, slots=True)
class Covered:
    """Of how many there are, how many a badge class attests. `key`: a scheme, or the uuid of a branch ("" for what stands in none); `deeper`: there are
    branches in it."""

    key: str
    total: int
    covered: int
    deeper: bool = False

    @property
    def missing(self) -> int:
        """How many have no badge class."""
        return self.total - self.covered

    @property
    def share(self) -> int:
        """In hundredths, rounded down."""
        return self.covered * 100 // self.total if self.total else 0


@dataclass(frozen=True, slots=True)
class CoveredOccupation:
    """An occupation: how many competencies are essential for it (ESCO) or at its core (ROME), and how many of them a badge class attests."""

    uuid: str
    scheme: str
    essential: int
    covered: int

    @property
    def share(self) -> int:
        """In hundredths, rounded down."""
        return self.covered * 100 // self.essential


@dataclass(frozen=True, slots=True)
class CoveragePart:
    """Part of a list: how many there are in all, and where it goes on ("" at the end)."""

    uuids: Sequence[str]
    total: int
    next: str


@dataclass(slots=True)
class _Held:
    """What the framework holds in a scheme, as it is read: active concepts by uuid, with their kind; what is broader; what is essential for occupations."""

    kinds: dict[str, str] = field(default_factory=dict)
    broader: dict[str, list[str]] = field(default_factory=dict)
    required: dict[str, list[str]] = field(default_factory=dict)


@dataclass(slots=True)
class _Scheme:
    """What a scheme holds: competencies by uuid in order, with their kind; groups; what is below and above; what occupations ask for."""

    kinds: dict[str, str] = field(default_factory=dict)
    groups: frozenset[str] = frozenset()
    below: dict[str, list[str]] = field(default_factory=dict)
    above: dict[str, list[str]] = field(default_factory=dict)
    occupations: dict[str, list[str]] = field(default_factory=dict)

    def tops(self) -> list[str]:
        """The branches that are in no other."""
        return [each for each in self.below if each not in self.above]

    def inside(self, branch: str) -> list[str]:
        """The competencies of a branch, itself too where it is one, in order; of "", those that stand in no branch."""
        if not branch:
            return [each for each in self.kinds if each not in self.above and each not in self.below]
        seen, rest = {branch}, [branch]
        while rest:
            found = [each for each in self.below.get(rest.pop(), ()) if each not in seen]
            seen.update(found)
            rest += found
        return sorted(each for each in seen if each in self.kinds)


class Coverage:
    """Coverage of one store; safe between threads."""

    def __init__(self, engine: Engine, reading: Reading, kept: Kept) -> None:
        self._engine, self._reading, self._kept = engine, reading, kept
        self._lock = threading.Lock()
        self._read: tuple[str, int] = ("", -1)
        self._held: dict[str, _Held] = {}
        self._schemes: dict[str, _Scheme] = {}
        self._counted: tuple[object, dict[str, int]] = (None, {})
        self._best: tuple[object, list[CoveredOccupation]] = (None, [])

    def schemes(self) -> list[Covered]:
        """Each scheme that holds competencies."""
        attested, schemes = self._now()
        return [_covered(name, each.kinds, attested, deeper=bool(each.below)) for name, each in schemes.items() if each.kinds]

    def branches(self, scheme: str, branch: str = "") -> list[Covered]:
        """The branches of a scheme, or of a branch of it (by uuid); the last one, "", is of what stands in none. Raises InvalidInput."""
        attested, schemes = self._now()
        inside = _scheme(schemes, scheme)
        _check_branch(inside, branch)
        keys = [each for each in (inside.below.get(branch, ()) if branch else inside.tops()) if each in inside.below or each in inside.groups]
        found = [
            _covered(key, inside.inside(key), attested, deeper=any(each in inside.below for each in inside.below.get(key, ()))) for key in sorted(set(keys))
        ]
        found = [each for each in found if each.total]
        loose = _covered("", inside.inside(""), attested) if not branch else Covered("", 0, 0)
        return found + ([loose] if loose.total else [])

    def within(self, scheme: str, *, branch: str = "", loose: bool = False) -> Covered:
        """How much of a scheme is covered, of a branch of it, or (`loose`) of what stands in none. Raises InvalidInput."""
        attested, schemes = self._now()
        inside = _scheme(schemes, scheme)
        _check_branch(inside, branch)
        return _covered(branch or scheme, inside.inside(branch) if branch or loose else inside.kinds, attested)

    def missing(
        self, scheme: str, *, branch: str = "", kind: str = "", after: str = "", limit: int = 100, loose: bool = False
    ) -> CoveragePart:
        """The competencies that no badge class attests, in the order of their uuids: of a scheme, of a branch of it, or (`loose`) of no branch. Raises
        InvalidInput."""
        attested, schemes = self._now()
        inside = _scheme(schemes, scheme)
        _check_branch(inside, branch)
        if kind and kind not in KINDS:
            raise InvalidInput(f"{kind[:40]!r} is no kind of competency: {', '.join(KINDS)}", reason="choice", choice=kind[:40])
        asked = inside.inside(branch) if branch or loose else list(inside.kinds)
        found = [each for each in asked if each not in attested and (not kind or inside.kinds[each] == kind)]
        start = bisect_right(found, after) if after else 0
        part = found[start : start + limit]
        return CoveragePart(part, len(found), part[-1] if start + limit < len(found) else "")

    def occupations(self, scheme: str = "") -> list[CoveredOccupation]:
        """The occupations of which at least one essential competency is covered, the best covered first: by share, then by number."""
        attested, schemes = self._now()
        if scheme:
            _scheme(schemes, scheme)
        with self._lock:
            key, best = self._best
            now = (self._read, self._counted[0])
            if key != now:
                best = sorted(
                    (found for name, each in schemes.items() for found in _occupations(name, each, attested)),
                    key=lambda each: (-(each.covered / each.essential), -each.covered, each.uuid),
                )
                self._best = (now, best)
        return [each for each in best if not scheme or each.scheme == scheme]

    def attested(self, uuids: Iterable[str]) -> dict[str, int]:
        """How many badge classes attest each of these competencies; those that none attests are not in it."""
        attested, _ = self._now()
        return {uuid: attested[uuid] for uuid in uuids if uuid in attested}

    def _now(self) -> tuple[Mapping[str, int], Mapping[str, _Scheme]]:
        moment = self._reading.moment()
        version = self._kept.version()
        with self._lock:
            if self._counted[0] != version:
                self._counted = (version, self._kept.attested())
            if self._read != (moment.epoch, moment.seq):
                self._follow(moment.epoch, moment.seq)
                self._schemes = _schemes_of(self._held)
                self._read = (moment.epoch, moment.seq)
            return self._counted[1], self._schemes

    def _follow(self, epoch: str, seq: int) -> None:
        """Read what is held at a number: only what was touched since the one before, unless that is much."""
        (before, start), at = self._read, {PUBLIC_SPACE: seq}
        known = bool(self._held) and before == epoch and start <= seq
        touched = touched_between(self._engine, PUBLIC_SPACE, start, seq) if known else []
        if not known or len(touched) > _FEW:
            self._held = {name: self._load(name, at) for name in SCHEMES}
            return
        places = store.read_places(self._engine, touched, at)
        broader, required = store.read_links(self._engine, touched, at)
        for uuid in touched:
            for held in self._held.values():
                for each in (held.kinds, held.broader, held.required):
                    each.pop(uuid, None)
            scheme, kind = places.get(uuid, ("", ""))
            if kind in (*KINDS, _GROUP):
                self._held[scheme].kinds[uuid] = kind
                self._held[scheme].broader[uuid] = broader.get(uuid, [])
            elif kind == _OCCUPATION:
                self._held[scheme].required[uuid] = required.get(uuid, [])

    def _load(self, name: str, at: Mapping[str, int]) -> _Held:
        kinds = (*KINDS, _GROUP)
        return _Held(
            {uuid: kind for kind in kinds for uuid in store.read_active(self._engine, name, kind, at)},
            {uuid: others for kind in kinds for uuid, others in store.read_broader(self._engine, name, kind, at)},
            dict(store.read_required(self._engine, name, at)),
        )


def _schemes_of(held: Mapping[str, _Held]) -> dict[str, _Scheme]:
    competencies = {uuid for each in held.values() for uuid, kind in each.kinds.items() if kind != _GROUP}
    return {name: _scheme_of(each, competencies) for name, each in held.items()}


def _scheme_of(held: _Held, competencies: set[str]) -> _Scheme:
    above = {uuid: inside for uuid, others in held.broader.items() if (inside := [each for each in others if each in held.kinds])}
    below: dict[str, list[str]] = defaultdict(list)
    for uuid, others in above.items():
        for each in others:
            below[each].append(uuid)
    kinds = dict(sorted((uuid, kind) for uuid, kind in held.kinds.items() if kind != _GROUP))
    groups = frozenset(uuid for uuid, kind in held.kinds.items() if kind == _GROUP)
    occupations = {uuid: inside for uuid, others in held.required.items() if (inside := sorted(competencies.intersection(others)))}
    return _Scheme(kinds, groups, dict(below), above, occupations)


def _covered(key: str, uuids: Iterable[str], attested: Mapping[str, int], *, deeper: bool = False) -> Covered:
    own = list(uuids)
    return Covered(key, len(own), sum(each in attested for each in own), deeper)


def _occupations(name: str, scheme: _Scheme, attested: Mapping[str, int]) -> Iterable[CoveredOccupation]:
    for uuid, wanted in scheme.occupations.items():
        covered = sum(each in attested for each in wanted)
        if covered:
            yield CoveredOccupation(uuid, name, len(wanted), covered)


def _scheme(schemes: Mapping[str, _Scheme], name: str) -> _Scheme:
    if name not in schemes:
        raise InvalidInput(f"{name[:40]!r} is no scheme: {', '.join(SCHEMES)}", reason="choice", choice=name[:40])
    return schemes[name]


def _check_branch(scheme: _Scheme, branch: str) -> None:
    if branch and branch not in scheme.below and branch not in scheme.groups:
        raise InvalidInput(f"{branch[:60]} is no branch of competencies of that scheme", reason="coverage-branch")
