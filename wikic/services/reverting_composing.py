"""The inverse of a change, or of all that happened to a concept since a number, as rows on top of the head."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

from wikic.domain.changes import Change, Relation, WriteSet
from wikic.domain.taking_back import Moved, take_back
from wikic.domain.vocabulary import ACTIVE, DEPRECATED
from wikic.errors import Conflict, NotFound
from wikic.services.editing_composing import Composer
from wikic.services.editing_standing import LOCAL
from wikic.store import imports as store
from wikic.store.engine import Engine
from wikic.store.history import changed_between, differing_relations

_Says = tuple[str, int, str]


@dataclass(frozen=True, slots=True)
class Inverse:
    """The rows (without those in conflict), and the conflicts."""

    rows: WriteSet
    conflicts: list[Moved]


def inverse_of_change(engine: Engine, composer: Composer, *, change: Change) -> Inverse:
    """What takes a change back. Raises Conflict where it is taken back already."""
    space, seq = composer.space, change.seq
    stated, related = changed_between(engine, space, seq - 1, seq)
    before = dict(store.read_states(engine, stated, {space: seq - 1}))
    made = dict(store.read_states(engine, stated, {space: seq}))
    closed: dict[str, Relation] = {}
    opened: dict[str, Relation] = {}
    for later, relation in differing_relations(engine, space, related, seq - 1, seq):
        (opened if later else closed)[relation.id] = relation
    composer.fetch({*stated, *related})
    conflicts: list[Moved] = []
    for uuid in stated:
        content, moved = take_back(uuid, before.get(uuid), made[uuid], composer.content(uuid))
        composer.restate(uuid, content)
        conflicts += moved
    born = {uuid for uuid in stated if uuid not in before and composer.before(uuid).status != DEPRECATED}
    conflicts += [_moved(one, None, None, one) for one in composer.standing.around_all(born) if one.id not in opened]
    back = _Relations(composer, by_import=change.kind == "import")
    back.take_back(closed, opened, related)
    nothing = Conflict(f"change {seq} is taken back already, or changed nothing", reason="reverted-already", seq=seq)
    return _finished(composer, conflicts + back.conflicts, stated, nothing)


def inverse_of_concept(engine: Engine, composer: Composer, *, uuid: str, to_seq: int) -> Inverse:
    """What makes a concept what it was at a number. Raises NotFound (it was not there yet), Conflict (it is so already)."""
    then = {composer.space: to_seq}
    states = dict(store.read_states(engine, [uuid], then))
    now = composer.content(uuid)
    if uuid not in states:
        raise NotFound(f"there was no concept {uuid} at {to_seq}")
    content, conflicts = take_back(uuid, states[uuid], now, now)
    composer.restate(uuid, content)
    old = {one.id: one for one in store.read_outgoing(engine, composer.space, [uuid], then).get(uuid, ())}
    removed_here = store.read_removed_here(engine, composer.space, [uuid], {composer.space: composer.head})
    _relations_as_then(composer, uuid, old, removed_here)
    nothing = Conflict(f"{uuid} is what it was at {to_seq}", reason="as-it-was", seq=to_seq)
    return _finished(composer, conflicts, [uuid], nothing)


def _relations_as_then(composer: Composer, uuid: str, old: dict[str, Relation], removed_here: set[str]) -> None:
    """Give a concept the relations it had. Who says them now, and what, stays known: what sources changed since counts as edited here."""
    new = {one.id: one for one in composer.standing.starting(uuid)}
    # What has opened closes first, so that what opens again is checked against what is left.
    for _, one in sorted(new.items()):
        if one.id not in old:
            composer.standing.close(one, removed_here=one.origins != (LOCAL,))
    for identity, before in sorted(old.items()):
        now = new.get(identity)
        if now is None:
            # What its source withdrew is from now on said here; what was removed here follows its source again.
            composer.reopen(before if identity in removed_here else before._replace(origins=(LOCAL,), base=""))
            continue
        composer.open(before)
        there = composer.standing.find(before) or now
        origins = {*there.origins} - {LOCAL} | ({*before.origins} & {LOCAL}) or {LOCAL}
        if origins != {*there.origins}:
            composer.reopen(there._replace(origins=tuple(sorted(origins))))


def _finished(composer: Composer, conflicts: list[Moved], stated: Iterable[str], nothing: Conflict) -> Inverse:
    for uuid in stated:
        if composer.content(uuid).status == ACTIVE and composer.before(uuid).status == DEPRECATED:
            for one in composer.standing.outgoing(uuid, "replaced_by"):
                conflicts.append(Moved(uuid, "replaced_by", "", "", "", one.target))
    rows = composer.rows()
    if not rows and not conflicts:
        raise nothing
    return Inverse(rows, conflicts)


class _Relations:
    """Takes relations back: `closed` held before and do not hold as they did, `opened` hold since."""

    def __init__(self, composer: Composer, *, by_import: bool) -> None:
        self._composer, self._by_import = composer, by_import
        self.conflicts: list[Moved] = []

    def take_back(self, closed: dict[str, Relation], opened: dict[str, Relation], sources: Iterable[str]) -> None:
        """What opened closes first, so that what opens again is checked against what is left."""
        standing = self._composer.standing
        standing.fetch_outgoing(sources)
        gone: list[Relation] = []
        for identity in sorted(opened.keys() - closed.keys()):
            now = standing.find(opened[identity])
            if now is not None:
                self._without(opened[identity], now)
            else:
                gone.append(opened[identity])
        self._handed_on(gone)
        for identity, before in sorted(closed.items()):
            now = standing.find(before)
            made = opened.get(identity)
            if made is not None:
                self._as_before(before, made, now)
            elif now is None:
                self._again(before)
            elif _says(now) != _says(before):
                self._conflict(before, before, None, now)

    def _without(self, made: Relation, now: Relation) -> None:
        """A relation that the change opened: it goes, unless others say it too by now."""
        if _says(now) != _says(made):
            self._conflict(made, None, made, now)
            return
        rest = tuple(origin for origin in now.origins if origin not in made.origins)
        if not rest:
            self._composer.standing.close(now, removed_here=now.origins != (LOCAL,))
            return
        importance, rank, note = now.base.split("|", 2) if now.base else (now.importance, str(now.rank), now.note)
        self._composer.reopen(now._replace(importance=importance, rank=int(rank), note=note, origins=rest, base=""))

    def _handed_on(self, gone: list[Relation]) -> None:
        """Relations that the change opened and that a merge or a split has handed on since: what would open again would be there twice."""
        standing = self._composer.standing
        heirs = standing.heirs({end for made in gone for end in (made.source, made.target)})
        for made in gone:
            ends = product(sorted(heirs[made.source]), sorted(heirs[made.target]))
            others = (made._replace(source=source, target=target) for source, target in ends)
            found = (standing.find(one) for one in others if one != made and made.type != "replaced_by")
            heir = next((one for one in found if one is not None and LOCAL in one.origins), None)
            if heir is not None:
                self._conflict(made, None, made, heir)

    def _as_before(self, before: Relation, made: Relation, now: Relation | None) -> None:
        """A relation that the change gave other values or origins."""
        if now is None:
            if _says(before) != _says(made):
                self._conflict(before, before, made, None)
            return
        if _says(before) != _says(made) and _says(now) not in (_says(before), _says(made)):
            self._conflict(before, before, made, now)
            return
        if self._by_import:
            # The source still says what it said: what stood before counts as chosen here.
            if _says(now) == _says(made):
                self._composer.open(now._replace(importance=before.importance, rank=before.rank, note=before.note))
            return
        mine = {*now.origins} - ({*made.origins} - {*before.origins})
        origins = tuple(sorted(mine | ({*before.origins} - {*made.origins})))
        base = before.base if now.base == made.base else now.base
        values = before if _says(before) != _says(made) else now
        wanted = now._replace(
            importance=values.importance, rank=values.rank, note=values.note, origins=origins or now.origins, base=base
        )
        if wanted != now:
            self._composer.reopen(wanted)

    def _again(self, before: Relation) -> None:
        """A relation that the change closed; one that its source withdrew is from now on said here."""
        self._composer.reopen(before._replace(origins=(LOCAL,), base="") if self._by_import else before)

    def _conflict(self, about: Relation, before: Relation | None, made: Relation | None, now: Relation | None) -> None:
        self.conflicts.append(_moved(about, before, made, now))


def _moved(about: Relation, before: Relation | None, made: Relation | None, now: Relation | None) -> Moved:
    return Moved(about.source, f"{about.type} {about.target}", "", *(_shown(one) for one in (before, made, now)))


def _says(relation: Relation) -> _Says:
    return (relation.importance, relation.rank, relation.note)


def _shown(relation: Relation | None) -> str:
    if relation is None:
        return ""
    return ", ".join(str(value) for value in _says(relation) if value) or "open"
