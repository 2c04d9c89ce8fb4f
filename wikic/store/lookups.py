"""Many concepts at once, by what others call them: uuids that may be aliases, codes, and all the names that they have had."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from wikic.domain.concepts import ConceptContent
from wikic.store.engine import Engine, Query
from wikic.store.rows import content_of_row
from wikic.store.temporal import At, visible

BATCH: Final = 2_000

_ALIASES = Query(
    "lookups.aliases",
    "UNWIND $uuids AS uuid MATCH (a:Alias {uuid: uuid}) WHERE a.from_seq <= $at[a.space] RETURN a.uuid AS uuid, a.concept AS concept",
)
_TAKEN = Query(
    "lookups.taken",
    "UNWIND $uuids AS uuid OPTIONAL MATCH (c:Concept {uuid: uuid}) OPTIONAL MATCH (a:Alias {uuid: uuid})"
    " WITH uuid, c, a WHERE c IS NOT NULL OR a IS NOT NULL RETURN DISTINCT uuid",
)
_REFS = Query(
    "lookups.refs",
    f"UNWIND $refs AS ref MATCH (s:State {{ref: ref}}) WHERE {visible('s')}"
    " RETURN ref, s.concept AS uuid, s.status AS status ORDER BY ref, uuid",
)
_NAMES = Query(
    "lookups.names",
    "UNWIND $uuids AS uuid MATCH (c:Concept {uuid: uuid})-[:HAS_STATE]->(s:State) WHERE s.from_seq <= $at[s.space]"
    f" RETURN uuid, {visible('s')} AS current, properties(s) AS s",
)


def find_aliases(engine: Engine, uuids: Iterable[str], at: At) -> dict[str, str]:
    """The concept behind each of these that is an alias."""
    return {row["uuid"]: row["concept"] for some in _batches(uuids) for row in engine.read(_ALIASES, uuids=some, at=dict(at))}


def find_taken(engine: Engine, uuids: Iterable[str]) -> set[str]:
    """Those of these that are the uuid of a concept or an alias, in any space and at any number, also one that is not visible yet."""
    return {row["uuid"] for some in _batches(uuids) for row in engine.read(_TAKEN, uuids=some)}


def find_refs(engine: Engine, refs: Iterable[str], at: At) -> dict[str, list[tuple[str, str]]]:
    """The concepts with each of these codes (`scheme:code`): (uuid, status)."""
    found: dict[str, list[tuple[str, str]]] = {}
    for some in _batches(refs):
        for row in engine.read(_REFS, refs=some, at=dict(at)):
            found.setdefault(row["ref"], []).append((row["uuid"], row["status"]))
    return found


def read_contents(engine: Engine, uuids: Iterable[str], at: At) -> dict[str, list[tuple[bool, ConceptContent]]]:
    """What each of these concepts says and has said up to `at`: (whether it is so now, content)."""
    found: dict[str, list[tuple[bool, ConceptContent]]] = {}
    for some in _batches(uuids):
        for row in engine.read(_NAMES, uuids=some, at=dict(at)):
            found.setdefault(row["uuid"], []).append((bool(row["current"]), content_of_row(row["s"])))
    return found


def _batches(keys: Iterable[str]) -> Iterable[list[str]]:
    ordered = sorted(set(keys))
    return (ordered[start : start + BATCH] for start in range(0, len(ordered), BATCH))
