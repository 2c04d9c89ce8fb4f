"""Comparing the relations of an import with those of the store: what opens, what closes, what changes its properties or its origins."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from hashlib import blake2b
from typing import TYPE_CHECKING, Final

from wikic.domain.changes import ClosedRelation, Relation
from wikic.domain.ids import concept_uuid, rome_key
from wikic.domain.merging import FieldConflict
from wikic.domain.records import RelationRecord
from wikic.domain.vocabulary import DEPRECATED, strength
from wikic.store import imports as store
from wikic.store.history import related_without

if TYPE_CHECKING:
    from wikic.services.import_planning import Planner

LOCAL: Final = "local"
"""The origin of relations that were made here."""
_NO_DIGEST: Final = "0" * 16
UNABSORBED: Final = "-" * 16
"""Stands for the digest of what says more than was taken from it, as the same version does that says something else the second time (it only adds): what a
newer version says is compared then, even if it is the same."""
ROME_ISCO: Final = "crosswalk:rome-isco"
"""The origin of the table whose codes ROME 4 has split."""


class RelationPlanner:
    """The relation half of a comparison; fills the planner's plan."""

    def __init__(self, planner: Planner) -> None:
        self.planner = planner
        self.plan_ = planner.plan_
        self.origin = planner.origin
        self.incoming: dict[str, dict[str, Relation]] = defaultdict(dict)
        self.opened: list[Relation] = []

    def plan(self) -> None:
        """Resolve, digest, compare."""
        for record in self.planner.collected.relations:
            self._resolve(record)
        if self.origin == ROME_ISCO:
            self._inherit()
        differing: list[str] = []
        last = self.planner.last_digests
        for uuid, relations in self.incoming.items():
            digest = _digest(relations)
            content = self.plan_.digests.get(uuid, _NO_DIGEST)
            self.plan_.digests[uuid] = content + digest
            if uuid in self.plan_.new:
                self._open(relations.values())
            elif last.get(uuid, "")[16:] != digest or self._wider(uuid):
                differing.append(uuid)
                if not self.planner.newer:
                    self.plan_.digests[uuid] = content + UNABSORBED
        # Sources that had relations of this origin and now have none: only a newer version can withdraw them.
        silent = [
            uuid
            for uuid, value in (last.items() if self.planner.newer else ())
            if value[16:] != _NO_DIGEST and uuid not in self.incoming
        ]
        looked_for = {*differing, *self._returned(), *self._changed_here(), *silent} & self.planner.known.keys()
        self._compare(sorted(looked_for))
        self._note_silent(silent)
        self._note_replaced()

    def _changed_here(self) -> set[str]:
        """What has relations that were removed, made anew or taken back here: what is open there does not follow from the last files alone."""
        planner = self.planner
        imports = [one.seq for one in store.all_imports(planner.engine, planner.space, planner.head)]
        return related_without(planner.engine, planner.space, planner.head, imports)

    def _returned(self) -> set[str]:
        """What is around concepts that their source names again: relations with them stayed while they were gone, whoever withdrew them."""
        planner = self.planner
        back = [uuid for uuid in planner.candidates if planner.known[uuid].gone]
        around = store.read_neighbours(planner.engine, planner.space, back, planner.at) if back else set()
        return {uuid for uuid in around if uuid not in self.plan_.new}

    def _note_silent(self, silent: list[str]) -> None:
        """The relation digests of concepts these files give no relations of: none where any was withdrawn, else what was said before, so that
        what returns is seen and what is withdrawn later is looked for."""
        withdrawn = {closed.source for closed in self.plan_.rows.close_relations}
        last = self.planner.last_digests
        for uuid, value in self.plan_.digests.items():
            if len(value) == 16:
                before = last.get(uuid, "")[16:] or _NO_DIGEST
                self.plan_.digests[uuid] = value + (_NO_DIGEST if uuid in withdrawn else before)
        for uuid in silent:
            if uuid in withdrawn and uuid not in self.plan_.digests:
                self.plan_.digests[uuid] = last[uuid][:16] + _NO_DIGEST

    def _note_replaced(self) -> None:
        """Says which new relations are of concepts that were merged, split or replaced here: nothing of them comes to the successors by itself."""
        planner = self.planner
        ended = {uuid for uuid, known in planner.known.items() if known.status == DEPRECATED and not known.gone}
        held = [one for one in self.opened if one.type != "replaced_by" and not ended.isdisjoint((one.source, one.target))]
        ends = sorted(ended & {end for one in held for end in (one.source, one.target)})
        found = store.read_outgoing(planner.engine, planner.space, ends, planner.at, ["replaced_by"]) if ends else {}
        for one in held:
            for end in (one.source, one.target):
                heirs = [heir.target for heir in found.get(end, ()) if LOCAL in heir.origins]
                if heirs:
                    planner.report.skip(
                        "at-replaced",
                        "a new relation of a concept that was replaced here: it is there, and its successor does not get it by itself",
                        f"{one.source} {one.type} {one.target}: {end} is replaced by {', '.join(heirs)}",
                    )

    def _wider(self, uuid: str) -> bool:
        key = "/".join(self.planner.kind_of(uuid))
        return self.planner.newer and self.planner.last_coverage.get(key) != self.plan_.coverage.get(key)

    def _resolve(self, record: RelationRecord) -> None:
        source = self.planner.resolve(concept_uuid(record.source))
        target = self.planner.resolve(concept_uuid(record.target))
        if source is None or target is None:
            missing = record.source if source is None else record.target
            place = record.place or f"{record.source} {record.type} {record.target}"
            self.planner.report.skip(
                "dangling-relation",
                "a relation to or from a concept that is neither in these files nor in the store",
                f"{place}: {missing} is unknown",
            )
            return
        if source == target:
            self.planner.report.skip(
                "self-relation", "a relation of a concept with itself", record.place or record.source
            )
            return
        relation = Relation(
            source, record.type, target, record.importance, record.rank, record.note, record.branch, (self.origin,)
        )
        relations = self.incoming[source]
        identity = relation.id
        other = relations.get(identity)
        if other is not None:
            self.planner.report.skip(
                "same-relation",
                "a relation that was given before (the stronger importance is kept)",
                record.place or record.source,
            )
            if strength(other.importance) <= strength(relation.importance):
                return
        relations[identity] = relation

    def _inherit(self) -> None:
        """ROME 4 split the occupations of ROME 3, which is all that the ROME-ISCO table knows: those it does not name take the groups of the
        occupation they came from, and say so in the note."""
        parents = store.read_parent_codes(self.planner.engine, "rome", "occupation", self.planner.at)
        for uuid, code in parents.items():
            parent = self.planner.resolve(concept_uuid(rome_key("metier", code)))
            if uuid in self.incoming or parent is None or parent in parents:
                continue
            for relation in list(self.incoming.get(parent, {}).values()):
                inherited = relation._replace(source=uuid, note=f"from {code}")
                self.incoming[uuid][inherited.id] = inherited

    def _open(self, relations: Iterable[Relation]) -> None:
        for relation in relations:
            self.opened.append(relation)
            self.plan_.rows.open_relations.append(relation)
            self.plan_.relations[f"{relation.type} added"] += 1
            self.plan_.rows.touched.update((relation.source, relation.target))

    def _compare(self, uuids: list[str]) -> None:
        if not uuids:
            return
        planner = self.planner
        standing = store.read_outgoing(planner.engine, planner.space, uuids, planner.at, self._types())
        removed_here = store.read_removed_here(planner.engine, planner.space, uuids, planner.at)
        for uuid in uuids:
            incoming = self.incoming.get(uuid, {})
            open_ = {relation.id: relation for relation in standing.get(uuid, ())}
            for identity, relation in incoming.items():
                if identity in open_:
                    self._again(open_[identity], relation)
                elif identity not in removed_here:
                    self._open([relation])
            for identity, relation in open_.items():
                if self.origin in relation.origins and identity not in incoming and self._speaks_for(relation):
                    self._withdraw(relation)

    def _types(self) -> list[str]:
        """The types of relation that these files bring or could withdraw."""
        brought = {relation.type for relations in self.incoming.values() for relation in relations.values()}
        return sorted(brought | {kind for kind, _, _ in self.planner.collected.coverage.relations})

    def _again(self, old: Relation, new: Relation) -> None:
        """A relation that is open already: the source joins its origins, and its values follow the three-way rule."""
        said = (new.importance, new.rank, new.note)
        local = (old.importance, old.rank, old.note)
        origins = tuple(sorted({*old.origins, self.origin}))
        base = old.base
        repeated = self.origin in old.origins
        take = (self.planner.newer and said != local) if repeated else (not any(local) and any(said))
        if base and repeated and self.planner.newer and said == local:
            # The source came to what was chosen here: from now on it leads again.
            base = ""
        elif base and take:
            # Edited here: the source's value is remembered, the local one stays.
            if base != _base_text(said):
                self._conflict(old, said)
            base, take = _base_text(said), False
        if old.origins == (LOCAL,) and said != local and not take:
            # Made here before the source said it: what was chosen here counts as an edit of what the source says.
            base = _base_text(said)
        values = said if take else local
        merged = Relation(old.source, old.type, old.target, *values, old.branch, origins, base)
        if merged != old:
            self.plan_.rows.replace_relation(old, merged)
            if values != local:
                self.plan_.relations[f"{old.type} changed"] += 1
                self.plan_.rows.touched.update((old.source, old.target))

    def _speaks_for(self, relation: Relation) -> bool:
        """Whether these files may withdraw a relation: its type is listed whole for its source's kind, both ends are still named where their
        kinds are covered (what disappears keeps its relations, as it was), and the version is newer."""
        planner = self.planner
        source = planner.kind_of(relation.source)
        if not planner.newer or (relation.type, *source) not in planner.collected.coverage.relations:
            return False
        kinds = planner.collected.coverage.kinds
        return all(
            key not in kinds or (key in planner.effective and end in planner.named)
            for end, key in ((relation.source, source), (relation.target, planner.kind_of(relation.target)))
        )

    def _conflict(self, here: Relation, said: tuple[str, int, str] | None) -> None:
        """What was edited here stays; `said`: what the source says now, None where it has withdrawn the relation."""
        local, incoming = _base_text((here.importance, here.rank, here.note)), _base_text(said) if said is not None else ""
        conflict = FieldConflict(f"{here.type} {here.target}", "", *map(_shown, (here.base, local, incoming)))
        self.plan_.conflicts.append((here.source, conflict))
        self.plan_.said_otherwise[here.source, conflict.field] = here, said

    def _withdraw(self, relation: Relation) -> None:
        rest = tuple(origin for origin in relation.origins if origin != self.origin)
        if not rest and relation.base:
            # Edited here: from now on it is said here alone.
            self._conflict(relation, None)
            rest = (LOCAL,)
        if rest:
            base = "" if rest == (LOCAL,) else relation.base
            self.plan_.rows.replace_relation(relation, relation._replace(origins=rest, base=base))
            return
        self.plan_.rows.close_relations.append(ClosedRelation(relation.source, relation.type, relation.id))
        self.plan_.relations[f"{relation.type} removed"] += 1
        self.plan_.rows.touched.update((relation.source, relation.target))


def _base_text(said: tuple[str, int, str]) -> str:
    return "|".join(str(value) for value in said)


def _shown(values: str) -> str:
    """Importance, rank and note as a person reads them."""
    return ", ".join(value for value in values.split("|") if value not in ("", "0"))


def _digest(relations: dict[str, Relation]) -> str:
    rows = sorted(f"{identity} {r.importance} {r.rank} {r.note}" for identity, r in relations.items())
    return blake2b("\n".join(rows).encode(), digest_size=8).hexdigest()
