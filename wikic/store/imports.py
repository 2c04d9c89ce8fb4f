"""What imports leave behind and ask for: the digests of the records they absorbed, and the known concepts a new import is compared with."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from wikic.domain.changes import Identity, Relation
from wikic.domain.concepts import ConceptContent
from wikic.domain.vocabulary import RELATION_TYPES
from wikic.store.engine import Engine, Query, WriteTransaction
from wikic.store.leases import Lease, hold
from wikic.store.rows import EDGE, content_of_row, relation_of
from wikic.store.temporal import At, visible
from wikic.store.writing import chunks

_PART: Final = 5_000
_ENTRY: Final = 36 + 32
_READ: Final = 1_000
_LOCAL: Final = "local"

_LAST = Query(
    "import.last",
    "MATCH (i:Import) WHERE i.space = $space AND i.origin = $origin AND i.seq <= $head"
    " RETURN properties(i) AS i ORDER BY i.seq DESC LIMIT 1",
)
_ALL = Query(
    "import.all", "MATCH (i:Import) WHERE i.space = $space AND i.seq <= $head RETURN properties(i) AS i ORDER BY i.seq"
)
_PARTS = Query(
    "import.parts",
    "MATCH (p:ImportPart) WHERE p.space = $space AND p.origin = $origin AND p.seq <= $head"
    " RETURN p.entries AS entries, p.seq AS seq, p.number AS number ORDER BY seq, number",
)
_ADD = Query("import.add", "CREATE (i:Import) SET i = $row")
_ADD_PART = Query("import.add_part", "CREATE (p:ImportPart) SET p = $row")
_KNOWN = Query(
    "import.known",
    f"MATCH (s:State) WHERE s.space = $space AND {visible('s')} RETURN s.concept AS uuid, s.kind AS kind, s.scheme AS scheme,"
    " s.status AS status, s.origin AS origin, s.gone AS gone, s.edited AS edited",
)
_ALIASES = Query(
    "import.aliases",
    "MATCH (a:Alias) WHERE a.space = $space AND a.from_seq <= $at[a.space] RETURN a.uuid AS alias, a.concept AS concept",
)
_STATES = Query(
    "import.states",
    f"UNWIND $uuids AS uuid MATCH (c:Concept {{uuid: uuid}})-[:HAS_STATE]->(s:State) WHERE {visible('s')}"
    " RETURN properties(s) AS s",
)
_BASES = Query(
    "import.bases",
    f"UNWIND $uuids AS uuid MATCH (c:Concept {{uuid: uuid}})-[:HAS_SOURCE]->(s:SourceRecord) WHERE {visible('s')}"
    " RETURN properties(s) AS s",
)
_RELATIONS = Query(
    "import.relations",
    f"UNWIND $uuids AS uuid MATCH (c:Concept {{uuid: uuid}})-[r]->(n:Concept) WHERE type(r) IN $edges AND r.space = $space AND {visible('r')}"
    " RETURN uuid AS source, type(r) AS type, n.uuid AS target, properties(r) AS r",
)
# The concept is bound first: ArcadeDB would begin at every other end.
_INCOMING = Query(
    "import.incoming",
    "UNWIND $uuids AS uuid MATCH (c:Concept {uuid: uuid}) WITH c, uuid MATCH (c)<-[r]-(n:Concept)"
    f" WHERE r.space = $space AND {visible('r')}"
    " RETURN n.uuid AS source, type(r) AS type, uuid AS target, properties(r) AS r",
)
_REMOVED = Query(
    "import.removed_here",
    "UNWIND $uuids AS uuid MATCH (c:Concept {uuid: uuid})-[r]->(n:Concept) WHERE r.space = $space"
    " AND r.removed_here = true AND r.to_seq <= $at[r.space] RETURN r.id AS id,"
    " COLLECT { MATCH (c)-[q]->(n) WHERE q.id = r.id AND q.from_seq >= r.to_seq AND q.from_seq <= $at[q.space]"
    " RETURN q.origins } AS later",
)
_PARENTS = Query(
    "import.parents",
    f"MATCH (s:State) WHERE s.listing > $start AND s.listing < $end AND s.x_parent_code IS NOT NULL AND {visible('s')}"
    " RETURN s.concept AS uuid, s.x_parent_code AS code",
)
_NEIGHBOURS = Query(
    "import.neighbours",
    f"UNWIND $uuids AS uuid MATCH (c:Concept {{uuid: uuid}})-[r]-(n:Concept) WHERE r.space = $space AND {visible('r')}"
    " RETURN DISTINCT n.uuid AS uuid",
)


@dataclass(slots=True)
class ImportRow:
    """One import that changed something: its source, and the coverage signature of each (scheme, kind) it spoke for."""

    origin: str
    version: str
    digest: str
    seq: int
    options: str = ""
    coverage: dict[str, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)


class Known(NamedTuple):
    """What an import needs to know of every concept that is there."""

    kind: str
    scheme: str
    status: str
    origin: str
    gone: bool
    edited: bool


def last_import(engine: Engine, space: str, origin: str, head: int) -> ImportRow | None:
    """The newest visible import of an origin."""
    rows = engine.read(_LAST, space=space, origin=origin, head=head)
    return _import_of(rows[0]["i"]) if rows else None


def all_imports(engine: Engine, space: str, head: int) -> list[ImportRow]:
    """Every visible import, oldest first."""
    return [_import_of(row["i"]) for row in engine.read(_ALL, space=space, head=head)]


def read_digests(engine: Engine, space: str, origin: str, head: int) -> dict[str, str]:
    """The digest of what each concept's source last said: {concept uuid: 32 hex digits (content, relations)}, over all visible imports of an origin."""
    digests: dict[str, str] = {}
    for row in engine.read(_PARTS, space=space, origin=origin, head=head):
        entries: str = row["entries"]
        for start in range(0, len(entries), _ENTRY):
            digests[entries[start : start + 36]] = entries[start + 36 : start + _ENTRY]
    return digests


def write_digests(engine: Engine, lease: Lease, seq: int, origin: str, digests: Iterable[tuple[str, str]]) -> None:
    """Keep the digests of the records that an import saw changed, under its lease."""
    for number, part in enumerate(chunks(digests, _PART)):
        row = {
            "key": f"{seq}/{number}",
            "seq": seq,
            "number": number,
            "space": lease.space,
            "origin": origin,
            "entries": "".join(uuid + digest for uuid, digest in part),
        }
        engine.write(lambda tx, row=row: _add_part(tx, lease, row))  # type: ignore[misc]


def _add_part(tx: WriteTransaction, lease: Lease, row: dict[str, Any]) -> None:
    hold(tx, lease)
    tx.run(_ADD_PART, row=row)


def record_import(tx: WriteTransaction, space: str, row: ImportRow) -> None:
    """Write the import's own row; part of its last transaction."""
    tx.run(
        _ADD,
        row={
            "key": f"{space}/{row.seq}",
            "space": space,
            "origin": row.origin,
            "version": row.version,
            "digest": row.digest,
            "seq": row.seq,
            "options": row.options,
            "coverage": json.dumps(row.coverage, sort_keys=True),
            "counts": json.dumps(row.counts, sort_keys=True),
        },
    )


def _import_of(row: dict[str, Any]) -> ImportRow:
    return ImportRow(
        row["origin"],
        row["version"],
        row["digest"],
        int(row["seq"]),
        row["options"],
        json.loads(row["coverage"]),
        json.loads(row["counts"]),
    )


def read_known(engine: Engine, space: str, at: At) -> dict[str, Known]:
    """Every concept of a space."""
    return {
        row["uuid"]: Known(
            row["kind"],
            row["scheme"],
            row["status"],
            row["origin"] or "",
            bool(row["gone"]),
            bool(row["edited"]),
        )
        for row in engine.read(_KNOWN, space=space, at=dict(at))
    }


def read_aliases(engine: Engine, space: str, at: At) -> dict[str, str]:
    """{alias uuid: concept uuid} of a space."""
    return {row["alias"]: row["concept"] for row in engine.read(_ALIASES, space=space, at=dict(at))}


def read_states(engine: Engine, uuids: Iterable[str], at: At) -> Iterator[tuple[str, ConceptContent]]:
    """The contents of concepts as of `at`: (uuid, content), in batches behind the scenes."""
    for part in chunks(uuids, _READ):
        for row in engine.read(_STATES, uuids=part, at=dict(at)):
            yield row["s"]["concept"], content_of_row(row["s"])


def read_identities(engine: Engine, uuids: list[str], at: At) -> dict[str, tuple[Identity, ConceptContent]]:
    """What these concepts are and say as of `at`."""
    found = {}
    for row in engine.read(_STATES, uuids=uuids, at=dict(at)):
        state = row["s"]
        identity = Identity(state["concept"], state["kind"], state["scheme"])
        found[identity.uuid] = (identity, content_of_row(state))
    return found


def read_bases(engine: Engine, uuids: Iterable[str], at: At) -> dict[str, ConceptContent]:
    """What the source last said of concepts that are edited here."""
    return {
        row["s"]["concept"]: content_of_row(row["s"])
        for part in chunks(uuids, _READ)
        for row in engine.read(_BASES, uuids=part, at=dict(at))
    }


def read_outgoing(
    engine: Engine, space: str, uuids: Iterable[str], at: At, types: Iterable[str] = RELATION_TYPES
) -> dict[str, list[Relation]]:
    """The relations of a space, of some types, that start at these concepts, by source."""
    edges = [EDGE[kind] for kind in types]
    found: dict[str, list[Relation]] = defaultdict(list)
    for part in chunks(uuids, _READ):
        for row in engine.read(_RELATIONS, space=space, uuids=part, at=dict(at), edges=edges):
            found[row["source"]].append(relation_of(row["source"], row["type"], row["target"], row["r"]))
    return found


def read_incoming(engine: Engine, space: str, uuids: Iterable[str], at: At) -> dict[str, list[Relation]]:
    """The relations of a space that end at these concepts, by target."""
    found: dict[str, list[Relation]] = defaultdict(list)
    for part in chunks(uuids, _READ):
        for row in engine.read(_INCOMING, space=space, uuids=part, at=dict(at)):
            found[row["target"]].append(relation_of(row["source"], row["type"], row["target"], row["r"]))
    return found


def read_removed_here(engine: Engine, space: str, uuids: Iterable[str], at: At) -> set[str]:
    """The ids of relations from these concepts that an editor removed. One that a source has said again since (as the removal was taken back) is
    none of them."""
    return {
        row["id"]
        for part in chunks(uuids, _READ)
        for row in engine.read(_REMOVED, space=space, uuids=part, at=dict(at))
        if not any(origin != _LOCAL for origins in row["later"] for origin in origins or ())
    }


def read_parent_codes(engine: Engine, scheme: str, kind: str, at: At) -> dict[str, str]:
    """{concept uuid: code of the occupation it came from}, for the concepts that name one (ROME's `code_rome_parent`)."""
    start = f"{scheme}/{kind}/"
    rows = engine.read(_PARENTS, start=start, end=start + "\uffff", at=dict(at))
    return {row["uuid"]: row["code"] for row in rows}


def read_neighbours(engine: Engine, space: str, uuids: Iterable[str], at: At) -> set[str]:
    """Every concept that has a relation with one of these."""
    return {
        row["uuid"]
        for part in chunks(uuids, _READ)
        for row in engine.read(_NEIGHBOURS, space=space, uuids=part, at=dict(at))
    }
