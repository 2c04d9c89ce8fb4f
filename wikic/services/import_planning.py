"""Second stage of an import: compare what was collected with the store as of a noted head, and say what to write.

Nothing is written here. The rules are those of `docs/importing.md`: identity, coverage, three-way merge, disappearance.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from wikic.domain.changes import Identity, NewState, Relation, WriteSet
from wikic.domain.concepts import ConceptContent, from_properties, same_content
from wikic.domain.diff import diff_contents
from wikic.domain.merging import FieldConflict, Merged, Merger
from wikic.domain.records import KindCoverage, ReadReport
from wikic.domain.vocabulary import DEPRECATED
from wikic.errors import RemovalRefused
from wikic.services.import_collecting import Collected, Entry
from wikic.services.import_relations import UNABSORBED, RelationPlanner
from wikic.store import imports as store
from wikic.store.engine import Engine
from wikic.store.writing import chunks

FULL_SHARE: Final = 0.95
"""An RDF file speaks for a kind when it names at least this share of the known concepts of it."""
REMOVAL_LIMIT: Final = 0.05
"""More than this share of a kind, and more than one concept, disappears only with `--allow-removals` (docs/decisions/0001)."""


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What the operator asked for. `complete`: the files hold everything of their kinds; `older`: an older version may replace a newer one; `review`: write
    nothing, but say it all (`import_reviewing`); `keep_as`: write nothing but the review, under this name (`import_reviews`)."""

    allow_removals: bool = False
    complete: bool = False
    older: bool = False
    actor: str = "operator"
    dry_run: bool = False
    review: bool = False
    keep_as: str | None = None

    def signature(self) -> str:
        """The options that change the outcome, as text."""
        names = [name for name in ("allow_removals", "complete", "older") if getattr(self, name)]
        return ",".join(names)


@dataclass(slots=True)
class Plan:
    """What an import would write on top of `head`. New concepts are not in `rows` (they are read from the spool again), only named in `new`;
    `digests` are those of every record the files hold; `said_otherwise` holds, by concept and field of a conflict, the relation that stands here and what the
    source says of it (None: nothing any more)."""

    head: int
    rows: WriteSet = field(default_factory=WriteSet)
    new: set[str] = field(default_factory=set)
    digests: dict[str, str] = field(default_factory=dict)
    coverage: dict[str, str] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    added: Counter[str] = field(default_factory=Counter)
    removed: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    relations: Counter[str] = field(default_factory=Counter)
    conflicts: list[tuple[str, FieldConflict]] = field(default_factory=list)
    said_otherwise: dict[tuple[str, str], tuple[Relation, tuple[str, int, str] | None]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.new or self.rows)


class Planner:
    """Compares one collected source with one space at one head. One instance serves one comparison."""

    def __init__(
        self,
        engine: Engine,
        space: str,
        head: int,
        collected: Collected,
        options: ImportOptions,
        last: store.ImportRow | None,
        *,
        newer: bool,
    ) -> None:
        self.engine, self.space, self.head, self.collected, self.options = engine, space, head, collected, options
        self.newer = newer
        self.at = {space: head}
        self.origin = collected.info.origin
        self.report = ReadReport()
        self.plan_ = Plan(head)
        self.known = store.read_known(engine, space, self.at)
        self.aliases = store.read_aliases(engine, space, self.at)
        self.last_coverage = last.coverage if last else {}
        self.last_digests = store.read_digests(engine, space, self.origin, head)
        self.ids: dict[str, str] = {}
        self.identity: dict[str, tuple[str, str]] = {}
        self.candidates: set[str] = set()
        self.named: set[str] = set()
        self.notable: set[str] = set()

    def plan(self) -> Plan:
        """Do the comparison. Raises RemovalRefused where too much of a kind would disappear."""
        self._identify()
        self.effective = self._effective_coverage()
        self._widen_candidates()
        self._merge_candidates()
        self._disappeared()
        RelationPlanner(self).plan()
        self._touch()
        return self.plan_

    def resolve(self, uuid: str) -> str | None:
        """The concept that the uuid of a source key leads to, in these files or in the store."""
        found = self.ids.get(uuid)
        if found is None:
            found = uuid if uuid in self.known else self.aliases.get(uuid)
        return found

    def kind_of(self, uuid: str) -> tuple[str, str]:
        """(scheme, kind) of a concept of these files or of the store."""
        known = self.known.get(uuid)
        return (known.scheme, known.kind) if known is not None else self.identity[uuid]

    def _identify(self) -> None:
        plan = self.plan_
        for entry in self.collected.spool:
            uuid = self.resolve(entry.uuid)
            if uuid is None:
                uuid = next((found for alias in entry.aliases if (found := self._recognise(alias, entry))), entry.uuid)
            if uuid in plan.digests:
                self.report.skip("same-concept", "a second record of a concept that was named before", entry.place)
                continue
            if not entry.kind and uuid not in self.known:
                self.report.skip(
                    "unknown-concept", "says something of a concept that is not there and has no type", entry.place
                )
                continue
            self.ids[entry.uuid] = uuid
            self.named.add(uuid)
            plan.digests[uuid] = entry.digest
            if uuid in self.known:
                self._known_again(uuid, entry)
            else:
                plan.new.add(uuid)
                plan.added[entry.kind] += 1
                self.identity[uuid] = (entry.scheme, entry.kind)
            self._note_aliases(uuid, entry)

    def _recognise(self, alias: str, entry: Entry) -> str | None:
        """A concept whose address changed, found by the address its code implies."""
        found = self.resolve(alias)
        if found is None or found in self.plan_.digests:
            return None
        return found if self.kind_of(found) == (entry.scheme, entry.kind) else None

    def _known_again(self, uuid: str, entry: Entry) -> None:
        known = self.known[uuid]
        if entry.kind and known.scheme != entry.scheme:
            self.report.skip(
                "scheme-differs", "a concept keeps the scheme it was first seen with", f"{entry.key} ({entry.scheme})"
            )
        if self.last_digests.get(uuid, "")[:16] == entry.digest and not known.gone:
            self.plan_.counts["unchanged"] += 1
        else:
            self.candidates.add(uuid)

    def _note_aliases(self, uuid: str, entry: Entry) -> None:
        for alias in (entry.uuid, *entry.aliases):
            if alias == uuid or self.aliases.get(alias) == uuid or self.plan_.rows.aliases.get(alias) == uuid:
                continue
            if alias in self.known or alias in self.aliases or alias in self.plan_.rows.aliases:
                self.report.skip("alias-taken", "an address that already leads to another concept", entry.key)
            else:
                self.plan_.rows.aliases[alias] = uuid

    def _effective_coverage(self) -> dict[tuple[str, str], KindCoverage]:
        """The kinds that the files speak for as a whole."""
        effective: dict[tuple[str, str], KindCoverage] = {}
        known: Counter[tuple[str, str]] = Counter()
        named: Counter[tuple[str, str]] = Counter()
        for uuid, row in self.known.items():
            if row.origin == self.origin and row.status != DEPRECATED:
                known[row.scheme, row.kind] += 1
                named[row.scheme, row.kind] += uuid in self.plan_.digests
        for key, cover in self.collected.coverage.kinds.items():
            complete = cover.complete
            if complete is None:
                complete = self.options.complete or named[key] >= FULL_SHARE * known[key]
            if complete:
                effective[key] = cover
            listed = sorted(kind for kind, *start in self.collected.coverage.relations if tuple(start) == key)
            signature = f"{sorted(cover.fields)} {sorted(cover.languages)} {complete} {self.newer} {listed}"
            self.plan_.coverage["/".join(key)] = signature
        return effective

    def _widen_candidates(self) -> None:
        """Where the files speak for more than the last ones did, equal records may still mean that values are gone."""
        wider = {
            key
            for key in self.effective
            if self.newer and self.last_coverage.get("/".join(key)) != self.plan_.coverage["/".join(key)]
        }
        for uuid in self.plan_.digests if wider else ():
            if uuid not in self.plan_.new and uuid not in self.candidates and self.kind_of(uuid) in wider:
                self.candidates.add(uuid)
                self.plan_.counts["unchanged"] -= 1

    def _merge_candidates(self) -> None:
        entries = (entry for entry in self.collected.spool if self.ids.get(entry.uuid) in self.candidates)
        done: set[str] = set()
        for part in chunks(entries, 1_000):
            by_uuid = {uuid: entry for entry in part if (uuid := self.ids[entry.uuid]) not in done}
            done.update(by_uuid)
            edited = [uuid for uuid in by_uuid if self.known[uuid].edited]
            bases = store.read_bases(self.engine, edited, self.at) if edited else {}
            for uuid, local in store.read_states(self.engine, by_uuid, self.at):
                self._merge(uuid, by_uuid[uuid], local, bases.get(uuid))

    def _merge(self, uuid: str, entry: Entry, local: ConceptContent, written_base: ConceptContent | None) -> None:
        incoming = from_properties(entry.content)
        base = local if written_base is None else written_base
        cover = self.effective.get(self.kind_of(uuid)) if entry.kind else None
        merged = Merger(base, local, incoming, cover, newer=self.newer and bool(entry.kind)).merge()
        if not self.newer and not same_content(merged.base, incoming):
            self.plan_.digests[uuid] = UNABSORBED
        self.plan_.counts["kept"] += merged.kept
        self.plan_.conflicts += [(uuid, conflict) for conflict in merged.conflicts]
        if same_content(merged.content, local) and (written_base is None or same_content(merged.base, written_base)):
            self.plan_.counts["unchanged"] += 1
        else:
            self._next_state(uuid, local, merged, incoming.source_version, keep_base=written_base is not None)

    def _next_state(self, uuid: str, local: ConceptContent, merged: Merged, version: str, *, keep_base: bool) -> None:
        content = replace(merged.content, source_version=version)
        identity = Identity(uuid, content.kind, self.known[uuid].scheme)
        base = merged.base if keep_base else None
        self.plan_.rows.new_states.append(NewState(identity, content, base))
        for change in diff_contents(local, content):
            self.plan_.changed[change.type] += 1
            if change.type in ("renamed", "deprecated", "restored"):
                self.notable.add(uuid)
        self.plan_.counts["changed"] += 1
        self.plan_.rows.touched.add(uuid)

    def _disappeared(self) -> None:
        if not self.newer:
            return
        gone: dict[tuple[str, str], list[str]] = {}
        standing: Counter[tuple[str, str]] = Counter()
        for uuid, row in self.known.items():
            key = (row.scheme, row.kind)
            if row.origin == self.origin and row.status != DEPRECATED and key in self.effective:
                standing[key] += 1
                if uuid not in self.plan_.digests:
                    gone.setdefault(key, []).append(uuid)
        for key, uuids in gone.items():
            bases = store.read_bases(self.engine, (uuid for uuid in uuids if self.known[uuid].edited), self.at)
            # What its source had dropped before and was restored here since stays as it is.
            uuids = [uuid for uuid in uuids if uuid not in bases or not bases[uuid].gone]
            if len(uuids) > max(1, REMOVAL_LIMIT * standing[key]) and not self.options.allow_removals:
                raise RemovalRefused(
                    f"{self.collected.info.title}: {len(uuids)} of {standing[key]} {key[1]} concepts of {key[0]} are no longer"
                    " named and would be deprecated (more than 5%); if that is meant, import with --allow-removals"
                )
            self._deprecate(key, uuids, bases)

    def _deprecate(self, key: tuple[str, str], uuids: list[str], bases: dict[str, ConceptContent]) -> None:
        scheme, kind = key
        for uuid, local in store.read_states(self.engine, uuids, self.at):
            base = replace(bases[uuid], status=DEPRECATED, gone=True) if uuid in bases else None
            content = replace(local, status=DEPRECATED, gone=True, source_version=self.collected.info.version)
            self.plan_.rows.new_states.append(NewState(Identity(uuid, kind, scheme), content, base))
            self.plan_.removed[kind] += 1
            self.plan_.rows.touched.add(uuid)
            self.notable.add(uuid)

    def _touch(self) -> None:
        if self.notable:
            self.plan_.rows.touched |= store.read_neighbours(self.engine, self.space, sorted(self.notable), self.at)

    def new_entries(self) -> Iterator[tuple[Identity, Entry]]:
        """The records of the concepts that are new, from the spool."""
        done: set[str] = set()
        for entry in self.collected.spool:
            uuid = self.ids.get(entry.uuid)
            if uuid is not None and uuid in self.plan_.new and uuid not in done:
                done.add(uuid)
                yield Identity(uuid, entry.kind, entry.scheme), entry
