"""The larger acts on plain dictionaries: merging, splitting, restoring, and taking changes back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import deepcopy

from tests.flows.plain import Key, Link, PlainFramework, Refused, Side, Slot

REPLACED = "replaced_by"


def merge(model: PlainFramework, old: str, into: str, moved: Iterable[Slot]) -> None:
    """Merge one concept into another; `moved` are slots of other labels."""
    _refuse_unfit(model, old, [into])
    side, target = deepcopy(model.concepts[old].local), deepcopy(model.concepts[into].local)
    for slot in moved:
        target.slots.setdefault(slot, side.slots.pop(slot))
    _put(model, into, target)
    _hand_over(model, old, lambda _: into)
    _put(model, old, side)
    _replace(model, old, [into])


def split(model: PlainFramework, old: str, parts: list[str], assigned: dict[Key, str]) -> None:
    """Split a concept; every relation but what says which replaced which is assigned."""
    _refuse_unfit(model, old, parts)
    _hand_over(model, old, lambda key: assigned[key])
    _replace(model, old, parts)


def relations_of(model: PlainFramework, name: str) -> list[Key]:
    """What a merge or a split hands over."""
    return [key for key in model.links if name in (key[0], key[2]) and key[1] != REPLACED]


def set_status(model: PlainFramework, name: str, status: str) -> None:
    """Deprecate or restore."""
    if name not in model.concepts:
        raise Refused("missing")
    side = deepcopy(model.concepts[name].local)
    restored = (side.status, status) == ("deprecated", "active")
    side.status, side.gone = status, False
    model.edit(name, side)
    for key in [key for key in model.links if restored and key[:2] == (name, REPLACED)]:
        model.unrelate(key)


def _refuse_unfit(model: PlainFramework, old: str, others: list[str]) -> None:
    if old not in model.concepts or any(one not in model.concepts for one in others):
        raise Refused("missing")
    ended = any(model.concepts[one].local.status == "deprecated" for one in others)
    kinds = {model.concepts[one].kind for one in (old, *others)}
    if old in others or ended or len(kinds) > 1 or any(key[:2] == (old, REPLACED) for key in model.links):
        raise Refused("unfit")


def _hand_over(model: PlainFramework, old: str, heir: Callable[[Key], str]) -> None:
    taken = {key: model.links[key] for key in relations_of(model, old)}
    for key in taken:
        model.unrelate(key)
    for key, link in taken.items():
        source, kind, target = (heir(key) if end == old else end for end in key)
        there = model.links.get((source, kind, target))
        if source == target:
            continue
        if there is None:
            model.relate((source, kind, target), link.importance)
            continue
        if (link.importance, there.importance) == ("essential", "optional"):
            model.relate((source, kind, target), "essential")
        there.origins |= {"local"}


def _replace(model: PlainFramework, old: str, heirs: list[str]) -> None:
    side = deepcopy(model.concepts[old].local)
    side.status, side.gone = "deprecated", False
    _put(model, old, side)
    for heir in heirs:
        model.relate((old, REPLACED, heir), "")


def _put(model: PlainFramework, name: str, side: Side) -> None:
    if model.concepts[name].local != side:
        model.edit(name, side)


def take_back(model: PlainFramework, before: PlainFramework, after: PlainFramework, *, by_import: bool) -> None:
    """Make a change undone. Raises Refused where anything it set was set again since, or where nothing is left of it."""
    start = model.copy()
    restored = []
    for name, made in after.concepts.items():
        old, now = before.concepts.get(name), deepcopy(model.concepts[name].local)
        if old is None:
            _unborn(model, name, now, made.local, after.links.keys() - before.links.keys())
        elif old.local != made.local:
            _side_back(now, old.local, made.local)
            if (model.concepts[name].local.status, now.status) == ("deprecated", "active"):
                restored.append(name)
        _put(model, name, now)
    keys = before.links.keys() | after.links.keys()
    for key in sorted(keys - before.links.keys()):
        _link_back(model, key, None, after.links[key], by_import=by_import)
    _refuse_handed_on(model, [key for key in after.links if key not in before.links and key not in start.links])
    for key in sorted(before.links):
        _link_back(model, key, before.links[key], after.links.get(key), by_import=by_import)
    if any(key[1] == REPLACED and key[0] in restored for key in model.links):
        raise Refused("conflict")
    if model.same(start):
        raise Refused("unchanged")


def _unborn(model: PlainFramework, name: str, now: Side, made: Side, opened: set[Key]) -> None:
    if now.status == "deprecated":
        return
    if now != made or any(name in (key[0], key[2]) and key not in opened for key in model.links):
        raise Refused("conflict")
    now.status = "deprecated"


def _refuse_handed_on(model: PlainFramework, gone: Iterable[Key]) -> None:
    for source, kind, target in gone:
        ends = {(one, kind, other) for one in _heirs(model, source) for other in _heirs(model, target)}
        links = [model.links[key] for key in ends - {(source, kind, target)} if key in model.links]
        if kind != REPLACED and any("local" in link.origins for link in links):
            raise Refused("conflict")


def _heirs(model: PlainFramework, name: str) -> set[str]:
    found = {name}
    while more := {key[2] for key in model.links if key[1] == REPLACED and key[0] in found} - found:
        found |= more
    return found


def _side_back(now: Side, old: Side, made: Side) -> None:
    named = _named(now)
    if (old.status, old.gone) != (made.status, made.gone) and (now.status, now.gone) != (old.status, old.gone):
        if (now.status, now.gone) != (made.status, made.gone):
            raise Refused("conflict")
        now.status, now.gone = old.status, old.gone
    for slot in old.slots.keys() | made.slots.keys():
        was, is_, mine = old.slots.get(slot), made.slots.get(slot), now.slots.get(slot)
        if was == is_ or mine == was:
            continue
        if mine != is_:
            raise Refused("conflict")
        if was is None:
            now.slots.pop(slot)
        else:
            now.slots[slot] = was
    if named and not _named(now):
        raise Refused("conflict")


def _named(side: Side) -> bool:
    """Whether it has a preferred label."""
    return any(slot[0] == "pref" for slot in side.slots)


def _link_back(model: PlainFramework, key: Key, old: Link | None, made: Link | None, *, by_import: bool) -> None:
    if old == made:
        return
    now = model.links.get(key)
    if old is None or made is None:
        held = made or old
        if now is None and old is not None:
            _reopen(model, key, Link(old.importance, frozenset({"local"})) if by_import else deepcopy(old))
        elif now is not None and held is not None and now.importance != held.importance:
            raise Refused("conflict")
        elif now is not None and made is not None:
            _without(model, key, now, made)
        return
    moved = old.importance != made.importance
    if now is None:
        if moved:
            raise Refused("conflict")
        return
    if moved and now.importance not in (old.importance, made.importance):
        raise Refused("conflict")
    if by_import:
        if now.importance == made.importance != old.importance:
            model.relate(key, old.importance)
        return
    now.origins = (now.origins - (made.origins - old.origins)) | (old.origins - made.origins) or now.origins
    if now.base == made.base:
        now.base = old.base
    if moved:
        now.importance = old.importance


def _without(model: PlainFramework, key: Key, now: Link, made: Link) -> None:
    rest = now.origins - made.origins
    if not rest:
        model.unrelate(key)
        return
    now.importance, now.base, now.origins = now.base or now.importance, None, rest
    model.removed_here.discard(key)


def _reopen(model: PlainFramework, key: Key, link: Link) -> None:
    if key[1] == REPLACED and model.concepts[key[0]].local.status != "deprecated":
        raise Refused("unfit")
    model.relate(key, link.importance)
    model.links[key] = link
    if link.origins != {"local"}:
        model.removed_here.discard(key)


def concept_back(model: PlainFramework, name: str, then: PlainFramework) -> None:
    """Make a concept, with the relations that start at it, what it was. Raises Refused."""
    if name not in then.concepts:
        raise Refused("missing")
    start = model.copy()
    if _named(model.concepts[name].local) and not _named(then.concepts[name].local):
        raise Refused("conflict")
    _put(model, name, deepcopy(then.concepts[name].local))
    old = {key: link for key, link in then.links.items() if key[0] == name}
    for key in [key for key, link in model.links.items() if key[0] == name and key not in old]:
        model.unrelate(key)
    local = frozenset({"local"})
    for key, link in sorted(old.items()):
        now = model.links.get(key)
        if now is None:
            _reopen(model, key, deepcopy(link) if key in model.removed_here else Link(link.importance, local))
            continue
        if now.importance != link.importance:
            model.relate(key, link.importance)
        now.origins = (now.origins - local) | (link.origins & local) or local
    if model.same(start):
        raise Refused("unchanged")
