"""An import as a release note, before it is applied: what it would change by type and severity, examples, and what is changed on both sides.

Made from the plan of an import, as of the head it was compared with; nothing is written.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from wikic.domain.changes import Identity, Relation
from wikic.domain.concepts import ConceptContent, from_properties
from wikic.domain.delta import ConceptDelta, DeltaChange, Figures, Move, concept_delta, figures_of, word_of
from wikic.domain.diff import FieldChange, diff_contents
from wikic.services.import_planning import Planner
from wikic.services.reading_views import best
from wikic.store import imports as store
from wikic.store.concepts import Brief, read_briefs
from wikic.store.writing import chunks

SAMPLES: Final = 10
"""Examples of each type of change."""
_BRIEFS: Final = 2_000


@dataclass(frozen=True, slots=True)
class Sample:
    """One change of one concept, with the names of what it is about; `old` and `new` are the names of concepts it leads away from and to."""

    uuid: str
    label: str
    kind: str
    type: str
    severity: str
    field: str
    lang: str
    before: str
    after: str
    old: tuple[str, ...]
    new: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReviewedConflict:
    """A field that changed here and there: it stays as it is here, and what the source says becomes a proposal."""

    uuid: str
    label: str
    field: str
    lang: str
    base: str
    local: str
    incoming: str


@dataclass(slots=True)
class Review:
    """The note. `head` is the number it was compared with; `samples` hold at most SAMPLES changes of each type, the worst types first."""

    origin: str
    version: str
    title: str
    head: int
    figures: Figures
    samples: list[Sample] = field(default_factory=list)
    conflicts: list[ReviewedConflict] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Deltas:
    """All that would change, concept by concept, in the order of uuids; `later`: those that are new or get another state, as they would be."""

    concepts: list[ConceptDelta]
    later: dict[str, Brief]


def note_on(planner: Planner, found: Deltas, lang: str = "en") -> Review:
    """The note on what an import would change; names are in `lang`, else as `reading_views.best` chooses. The collected records must still be there."""
    deltas = found.concepts
    names = {uuid: best(brief.preferred, lang) or brief.iri or uuid for uuid, brief in found.later.items()}
    chosen = _chosen(deltas)
    conflicts = planner.plan_.conflicts
    wanted = {uuid for uuid, _ in conflicts}
    for concept, change in chosen:
        wanted.update((concept.uuid, *change.old, *change.new))
    for part in chunks(sorted(wanted - names.keys()), _BRIEFS):
        briefs = read_briefs(planner.engine, part, planner.at)
        names |= {uuid: best(brief.preferred, lang) or uuid for uuid, brief in briefs.items()}
    info = planner.collected.info
    return Review(
        info.origin,
        info.version,
        info.title,
        planner.head,
        figures_of(deltas),
        [_sample(concept, change, names) for concept, change in chosen],
        [
            ReviewedConflict(uuid, names.get(uuid, uuid), one.field, one.lang, one.base, one.local, one.incoming)
            for uuid, one in conflicts
        ],
    )


def deltas_of(planner: Planner) -> Deltas:
    """What a planned import would change of each concept. The collected records must still be there."""
    plan = planner.plan_
    later: dict[str, Brief] = {}
    changes: dict[str, list[FieldChange]] = {}
    for identity, entry in planner.new_entries():
        content = from_properties(entry.content)
        later[identity.uuid] = _brief(identity, content, entry.key)
        changes[identity.uuid] = diff_contents(None, content)
    for states in chunks(plan.rows.new_states):
        before = dict(store.read_states(planner.engine, [one.identity.uuid for one in states], planner.at))
        for state in states:
            uuid = state.identity.uuid
            later[uuid] = _brief(state.identity, state.content, uuid)
            changes[uuid] = diff_contents(before[uuid], state.content)
    moves = _moves(planner)
    born = frozenset(plan.new)
    successors: dict[str, set[str]] = defaultdict(set)
    for source, rows in moves.items():
        successors[source] = {row.target for move, row, _ in rows if move == "related" and row.type == "replaced_by"}
    takers = Counter(target for targets in successors.values() for target in targets)
    found = []
    for uuid in sorted(changes.keys() | moves.keys()):
        kind = later[uuid].kind if uuid in later else planner.kind_of(uuid)[1]
        delta = concept_delta(
            uuid,
            kind,
            changes.get(uuid, ()),
            moves.get(uuid, ()),
            born=born,
            takers=takers,
            successors=successors.get(uuid, ()),
        )
        if delta.changes:
            found.append(delta)
    return Deltas(found, later)


def _brief(identity: Identity, content: ConceptContent, key: str) -> Brief:
    about = (content.code, content.iri or key, content.status, content.nature)
    return Brief(identity.uuid, identity.kind, identity.scheme, *about, content.preferred())


def _moves(planner: Planner) -> dict[str, list[Move]]:
    """The relations that would open, close or say something else, by source."""
    rows = planner.plan_.rows
    closing = {one.id: one.source for one in rows.close_relations}
    standing = store.read_outgoing(planner.engine, planner.space, sorted(set(closing.values())), planner.at)
    closed = {one.id: one for relations in standing.values() for one in relations if one.id in closing}
    moves: dict[str, list[Move]] = defaultdict(list)
    for relation in rows.open_relations:
        before = closed.pop(relation.id, None)
        if before is None:
            moves[relation.source].append(("related", relation, None))
        elif _says(before) != _says(relation):
            moves[relation.source].append(("rerelated", relation, before))
    for relation in closed.values():
        moves[relation.source].append(("unrelated", relation, None))
    return moves


def _says(relation: Relation) -> tuple[str, int, str]:
    return (relation.importance, relation.rank, relation.note)


def _chosen(deltas: Iterable[ConceptDelta]) -> list[tuple[ConceptDelta, DeltaChange]]:
    taken: dict[tuple[str, str], list[tuple[ConceptDelta, DeltaChange]]] = defaultdict(list)
    for concept in deltas:
        for change in concept.changes:
            rows = taken[change.severity, change.word]
            if len(rows) < SAMPLES:
                rows.append((concept, change))
    order = {"breaking": 0, "notable": 1, "minor": 2}
    return [row for key in sorted(taken, key=lambda key: (order[key[0]], key[1])) for row in taken[key]]


def _sample(concept: ConceptDelta, change: DeltaChange, names: dict[str, str]) -> Sample:
    old, new = (tuple(names.get(uuid, uuid) for uuid in uuids) for uuids in (change.old, change.new))
    label = names.get(concept.uuid, concept.uuid)
    about = (change.type, change.severity, change.field, change.lang, change.before, change.after)
    return Sample(concept.uuid, label, concept.kind, *about, old, new)


def review_text(review: Review) -> str:
    """The note as plain text."""
    figures = review.figures
    severities = ", ".join(f"{figures.severities[name]:,} {name}" for name in figures.severities)
    version = "" if review.version in review.title else f", version {review.version}"
    lines = [
        f"{review.title}{version}: what importing it would change, compared with number {review.head}",
        "",
        f"{figures.changes:,} changes of {figures.total:,} concepts: {severities}",
        ", ".join(f"{number:,} {name.replace('_', ' ')}" for name, number in figures.concepts.items()),
        f"{len(review.conflicts):,} values changed here and there: they stay, and become proposals",
    ]
    samples: dict[tuple[str, str], list[Sample]] = defaultdict(list)
    for sample in review.samples:
        samples[sample.severity, word_of(sample.type, sample.before)].append(sample)
    for (severity, type_), rows in samples.items():
        by_kind = ", ".join(f"{number:,} {kind}" for kind, number in figures.kinds.get(type_, {}).items())
        lines += ["", f"{type_} ({severity}): {figures.types[type_]:,} in all; concepts: {by_kind}"]
        lines += [f"  {_told(row)}" for row in rows]
    if review.conflicts:
        lines += ["", "changed here and there"]
    for one in review.conflicts:
        where = f"{one.field} ({one.lang})" if one.lang else one.field
        lines.append(f"  {one.label}, {where}: the source said {one.base!r}, here {one.local!r}, the source now {one.incoming!r}")
    return "\n".join(lines) + "\n"


def _told(row: Sample) -> str:
    where = f" {row.field}" if row.field else ""
    lang = f" ({row.lang})" if row.lang else ""
    values = f": {_short(row.before)!r} -> {_short(row.after)!r}" if row.before or row.after else ""
    ends = "".join(f" {mark} {', '.join(names)}" for mark, names in (("from", row.old), ("to", row.new)) if names)
    return f"{row.label} [{row.kind}]{where}{lang}{values}{ends}"


def _short(text: str) -> str:
    return text if len(text) <= 120 else f"{text[:117]}..."
