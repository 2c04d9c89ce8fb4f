"""The whole store as one answer, for comparing: what a reader can see at the head, and every row there is.

Numbers of the sequence differ between two runs (a dead writer's is never given again), so they are replaced by the place of their change in the log.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from wikic.domain.vocabulary import PUBLIC_SPACE
from wikic.store.engine import Engine, Query, ReadTransaction, Row, WriteTransaction
from wikic.store.leases import heads
from wikic.store.temporal import OPEN, visible

_STATES = Query("tests.states", f"MATCH (s:State) WHERE {visible('s')} RETURN properties(s) AS row")
_BASES = Query("tests.bases", f"MATCH (s:SourceRecord) WHERE {visible('s')} RETURN properties(s) AS row")
_RELATIONS = Query(
    "tests.relations",
    f"MATCH (a:Concept)-[r]->(b:Concept) WHERE {visible('r')}"
    " RETURN a.uuid AS source, type(r) AS type, b.uuid AS target, properties(r) AS row",
)
_CONCEPTS = Query(
    "tests.concepts",
    "MATCH (c:Concept) WHERE c.from_seq <= $at[c.space] RETURN c.uuid AS uuid, c.kind AS kind, c.scheme AS scheme",
)
_ALIASES = Query(
    "tests.aliases", "MATCH (a:Alias) WHERE a.from_seq <= $at[a.space] RETURN a.uuid AS uuid, a.concept AS concept"
)
_CHANGES = Query(
    "tests.changes", "MATCH (c:Change) WHERE c.seq <= $at[c.space] RETURN c.kind AS kind, c.summary AS summary"
)
_NODES = Query("tests.all_nodes", "MATCH (n) RETURN labels(n) AS labels, properties(n) AS row")
_EDGES = Query(
    "tests.all_edges",
    "MATCH (a)-[r]->(b) RETURN a.uuid AS source, a.from_seq AS source_from, type(r) AS type, b.uuid AS target,"
    " b.from_seq AS target_from, properties(r) AS row",
)
_SOME: Final = tuple(
    Query(f"tests.delete_some.{label}", f"MATCH (n:{label}) WITH n LIMIT 2000 DETACH DELETE n RETURN count(*) AS n")
    for label in ("State", "Concept")
)
_INTERVAL: Final = ("from_seq", "to_seq")
_SEQS: Final = (*_INTERVAL, "seq", "head")
_OWN: Final = frozenset(
    ("key", "time", "epoch", "event", "number", "lease_holder", "lease_token", "lease_until", "lease_seen")
)
_PARTS: Final = {
    "Journal": (("concepts", 1), ("stated", 1), ("related", 1)),
    "ImportPart": (("entries", 68),),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What one reader was told: the head, how many rows of each sort, and a digest of all of them (without numbers)."""

    head: int
    counts: tuple[tuple[str, int], ...]
    digest: str


def visible_answer(engine: Engine, space: str = PUBLIC_SPACE) -> Answer:
    """Everything that a reader sees at the head, read in one transaction."""

    def read(tx: ReadTransaction) -> Answer:
        at = {space: heads(tx)[space]}
        counts: Counter[str] = Counter()
        lines: list[str] = []
        for sort, query in (("state", _STATES), ("base", _BASES)):
            for row in tx.run(query, at=at):
                counts[f"{sort} {row['row'].get('kind', '')}"] += 1
                lines.append(_line(sort, _timeless(row["row"])))
        for row in tx.run(_RELATIONS, at=at):
            counts[row["type"]] += 1
            lines.append(_line(row["source"], row["type"], row["target"], _timeless(row["row"])))
        for sort, query in (("concept", _CONCEPTS), ("alias", _ALIASES), ("change", _CHANGES)):
            for row in tx.run(query, at=at):
                counts[sort] += 1
                lines.append(_line(sort, row))
        return Answer(at[space], tuple(sorted(counts.items())), _digest(lines))

    return engine.read(read)


def everything(engine: Engine) -> tuple[tuple[tuple[str, int], ...], str]:
    """Every node and relationship there is, visible or not: counts by sort, and a digest. Who holds a lease and when things happened is left out."""
    nodes, edges = engine.read(_NODES), engine.read(_EDGES)
    numbers = sorted(int(row["row"]["seq"]) for row in nodes if row["labels"] == ["Change"])
    place = {0: 0, OPEN: OPEN} | {seq: index for index, seq in enumerate(numbers, 1)}
    counts: Counter[str] = Counter()
    lines = []
    for row in nodes:
        label, content = row["labels"][0], row["row"]
        if label == "Meta":
            continue
        if label in _PARTS:
            # How many rows a batch held says nothing.
            parts = {name: (content.pop(name), size) for name, size in _PARTS[label]}
            for name, (values, size) in parts.items():
                whole = [values[start : start + size] for start in range(0, len(values), size)]
                counts[f"{label} {name}"] += len(whole)
                lines += [_line(label, name, part, _placed(content, place)) for part in whole]
        else:
            counts[label] += 1
            lines.append(_line(label, _placed(content, place)))
    for row in edges:
        counts[row["type"]] += 1
        ends = [place.get(row[end], "nowhere") for end in ("source_from", "target_from")]
        lines.append(_line(row["source"], row["type"], row["target"], ends, _placed(row["row"], place)))
    return tuple(sorted(counts.items())), _digest(lines)


def delete_some(engine: Engine) -> int:
    """Delete some thousand nodes; how many."""

    def delete(tx: WriteTransaction) -> int:
        return sum(int(row["n"]) for query in _SOME for row in tx.run(query))

    return engine.write(delete)


def _timeless(row: Mapping[str, Any]) -> Row:
    return {name: value for name, value in row.items() if name not in _INTERVAL}


def _placed(row: Mapping[str, Any], place: Mapping[int, int]) -> Row:
    placed: Row = {}
    for name, value in row.items():
        if name in _SEQS:
            placed[name] = place.get(value, "nowhere")
        elif name == "touches":
            placed[name] = [place.get(seq, "nowhere") for seq in value]
        elif name not in _OWN and value is not None:
            placed[name] = value
    return placed


def _line(*parts: Any) -> str:
    return json.dumps(parts, sort_keys=True, ensure_ascii=False, default=str)


def _digest(lines: Iterable[str]) -> str:
    digest = sha256()
    for line in sorted(lines):
        digest.update(line.encode())
        digest.update(b"\n")
    return digest.hexdigest()
