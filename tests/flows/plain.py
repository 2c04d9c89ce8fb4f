"""The framework as plain dictionaries: what importing and editing must come to, said once more and as simply as it can be.

Nothing here skips, batches or remembers digests: every import compares everything. A concept's content is a dictionary of slots:
("pref", lang) and ("def", lang) hold a value, ("alt", lang, value) is there or not.
"""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass, field, replace

Slot = tuple[str, ...]
Slots = dict[Slot, str]
Key = tuple[str, str, str]
"""A relation: source, type, target."""


@dataclass
class Side:
    """A concept as one side has it."""

    slots: Slots
    status: str = "active"
    gone: bool = False


@dataclass
class Plain:
    """A concept: what stands here, and what its source said last (the same, until it is edited here)."""

    kind: str
    local: Side
    base: Side
    imported: bool = True
    edited: bool = False


@dataclass
class Link:
    """An open relation; `base` is the importance its source gave, where it was edited here."""

    importance: str
    origins: frozenset[str]
    base: str | None = None


@dataclass
class Said:
    """What a file says: records, relations, and what it speaks for."""

    version: int
    records: dict[str, Side]
    kinds_of: dict[str, str]
    links: dict[Key, str]
    complete: bool | None = True
    kinds: tuple[str, ...] = ("skill", "occupation")
    languages: tuple[str, ...] = ("en", "fr")
    relations: tuple[str, ...] = ("requires", "broader")
    aliases: dict[str, list[str]] = field(default_factory=dict)


class Refused(Exception):
    """The write is refused: `why` is older, removals, unchanged, missing, cycle, unfit or conflict."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


Snapshot = tuple[dict[str, tuple[str, frozenset[tuple[Slot, str]]]], dict[Key, str]]
"""Concepts: (status, slots); relations: importance."""


@dataclass
class PlainFramework:
    """The whole framework now; `past` holds what it was at each number."""

    concepts: dict[str, Plain] = field(default_factory=dict)
    links: dict[Key, Link] = field(default_factory=dict)
    removed_here: set[Key] = field(default_factory=set)
    aliases: dict[str, str] = field(default_factory=dict)
    last_version: int | None = None
    past: dict[int, Snapshot] = field(default_factory=dict)

    def snapshot(self) -> Snapshot:
        """What readers see."""
        concepts = {
            name: (one.local.status, frozenset(one.local.slots.items())) for name, one in sorted(self.concepts.items())
        }
        return concepts, {key: link.importance for key, link in self.links.items()}

    def copy(self) -> PlainFramework:
        """A framework to try something on; the past is shared."""
        return replace(
            self,
            concepts=deepcopy(self.concepts),
            links=deepcopy(self.links),
            removed_here=set(self.removed_here),
            aliases=dict(self.aliases),
        )

    def same(self, other: PlainFramework) -> bool:
        """Whether both hold the same, remembered bases, origins and other addresses included."""
        return (self.concepts, self.links, self.aliases) == (other.concepts, other.links, other.aliases)

    def import_(self, said: Said, *, allow_removals: bool = False, older: bool = False) -> int:
        """Take in a file; returns the number of conflicts in fields. Raises Refused."""
        if self.last_version is not None and said.version < self.last_version and not older:
            raise Refused("older")
        newer = self.last_version is None or said.version != self.last_version
        effective = {kind for kind in said.kinds if self._speaks(said, kind)}
        self._disappear(said, effective, newer=newer, allowed=allow_removals)
        conflicts = 0
        old = set(self.concepts)
        for name, record in said.records.items():
            self.aliases |= dict.fromkeys(said.aliases.get(name, ()), name)
            if name not in self.concepts:
                self.concepts[name] = Plain(said.kinds_of[name], deepcopy(record), deepcopy(record))
                continue
            conflicts += self._merge(self.concepts[name], record, said, effective, newer=newer)
        self._relate_imported(said, effective, old, newer=newer)
        return conflicts

    def _speaks(self, said: Said, kind: str) -> bool:
        if said.complete is not None:
            return said.complete
        known = [
            n for n, c in self.concepts.items() if c.kind == kind and c.imported and c.local.status != "deprecated"
        ]
        return sum(name in said.records for name in known) >= 0.95 * len(known)

    def _disappear(self, said: Said, effective: set[str], *, newer: bool, allowed: bool) -> None:
        for kind in effective if newer else ():
            standing = [
                c
                for c in self.concepts.items()
                if c[1].kind == kind and c[1].imported and c[1].local.status != "deprecated"
            ]
            # What its source had dropped before and was restored here stays.
            missing = [one for name, one in standing if name not in said.records and not one.base.gone]
            if len(missing) > max(1, 0.05 * len(standing)) and not allowed:
                raise Refused("removals")
            for one in missing:
                one.local.status = one.base.status = "deprecated"
                one.local.gone = one.base.gone = True

    def _merge(self, one: Plain, record: Side, said: Said, effective: set[str], *, newer: bool) -> int:
        conflicts = 0
        local, base = one.local, one.base
        follows = local.status == base.status
        if local.gone:
            local.status, local.gone = record.status, False
        elif follows and (newer or record.status == "deprecated"):
            local.status = record.status
        if base.gone:
            base.status, base.gone = record.status, False
        elif newer or record.status == "deprecated":
            base.status = record.status
        for slot in local.slots.keys() | base.slots.keys() | record.slots.keys():
            covered = newer and one.kind in effective and slot[1] in said.languages
            conflicts += _merge_slot(slot, local.slots, base.slots, record.slots, covered=covered, newer=newer)
        return conflicts

    def _relate_imported(self, said: Said, effective: set[str], old: set[str], *, newer: bool) -> None:
        known = {key: imp for key, imp in said.links.items() if key[0] in self.concepts and key[2] in self.concepts}
        for key, importance in known.items():
            link = self.links.get(key)
            if link is None:
                if key not in self.removed_here or key[0] not in old:
                    self.links[key] = Link(importance, frozenset({"esco"}))
            elif "esco" not in link.origins:
                link.origins |= {"esco"}
                self.removed_here.discard(key)
                if link.importance != importance:
                    link.base = importance
            elif newer and link.importance == importance:
                link.base = None
            elif newer:
                if link.base is None:
                    link.importance = importance
                else:
                    link.base = importance
        for key, link in list(self.links.items()):
            # What disappears keeps its relations, as it was: both ends must be named by what speaks for them.
            ends = [(end, self.concepts[end].kind) for end in (key[0], key[2])]
            named = all(kind not in said.kinds or (kind in effective and end in said.records) for end, kind in ends)
            speaks = newer and key[1] in said.relations and named
            if "esco" in link.origins and key not in known and speaks:
                link.origins -= {"esco"}
                if not link.origins and link.base is None:
                    del self.links[key]
                else:
                    # Edited here: it is said here from now on.
                    link.origins, link.base = frozenset({"local"}), None

    def edit(self, name: str, change: Side) -> None:
        """Give a concept another content. Raises Refused where it is the same."""
        if name not in self.concepts:
            raise Refused("missing")
        one = self.concepts[name]
        if one.local == change:
            raise Refused("unchanged")
        if one.imported and not one.edited:
            one.base, one.edited = one.local, True
        one.local = change

    def relate(self, key: Key, importance: str) -> None:
        """Add a relation, or give it another importance."""
        if key[0] not in self.concepts or key[2] not in self.concepts:
            raise Refused("missing")
        link = self.links.get(key)
        if link is None:
            if key[1] in ("broader", "replaced_by") and key[0] in {key[2], *self.reached(key[2], key[1])}:
                raise Refused("cycle")
            self.links[key] = Link(importance, frozenset({"local"}))
        elif link.importance == importance:
            raise Refused("unchanged")
        else:
            if link.base is None and link.origins != {"local"}:
                link.base = link.importance
            link.base = None if link.base == importance else link.base
            link.importance = importance

    def unrelate(self, key: Key) -> None:
        """Remove a relation; its source does not bring it back."""
        link = self.links.pop(key, None)
        if link is None:
            raise Refused("missing")
        if link.origins != {"local"}:
            self.removed_here.add(key)

    def reached(self, name: str, kind: str) -> Iterable[str]:
        """All that relations of a type lead to from a concept, step by step."""
        front, seen = {name}, set[str]()
        while front:
            seen |= front
            front = {key[2] for key in self.links if key[1] == kind and key[0] in front} - seen
        return seen - {name}


def _merge_slot(slot: Slot, local: Slots, base: Slots, record: Slots, *, covered: bool, newer: bool) -> int:
    """Merge one slot in place; 1 where both sides changed it."""
    mine, was, new = local.get(slot), base.get(slot), record.get(slot)
    if slot[0] == "alt":
        if new is not None and was is None:
            local[slot] = base[slot] = new
        elif new is None and was is not None and covered:
            local.pop(slot, None)
            del base[slot]
        return 0
    if new is None:
        if was is None or not covered:
            return 0
        del base[slot]
        if mine == was:
            local.pop(slot, None)
        return int(mine not in (was, None))
    if was is not None and not newer:
        return 0
    base[slot] = new
    if mine == was:
        local[slot] = new
    return int(mine != was and was != new and mine != new)
