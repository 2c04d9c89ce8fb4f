"""What the state of deployment is counted from: published versions, what became of badge classes, totals of awards, endorsements."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Final

from wikic.store import documents
from wikic.store.badges import revision, version_key
from wikic.store.engine import Engine, Query, Row
from wikic.store.events import last_event
from wikic.store.tables import AWARDS, TABLES
from wikic.store.writing import chunks

ALWAYS: Final = "9999"
"""Sorts after every time."""
_READ: Final = 500
_CLASSES: Final = Query(
    "deployment.badge_classes",
    "MATCH (n:BadgeClass) WHERE n.revision > $after AND n.revision <= $until"
    " RETURN n.key AS id, n.issuer AS issuer, n.status AS status, n.number AS number, n.retired AS retired, n.gone AS gone",
)
_VERSIONS: Final = Query(
    "deployment.versions",
    "UNWIND $keys AS key MATCH (n:BadgeVersion {key: key})"
    " RETURN n.badge_class AS id, n.number AS number, n.published AS published, n.content AS content, n.bindings AS bindings",
)
_LAST: Final = Query(
    "deployment.versions_at", "MATCH (n:BadgeVersion) WHERE n.published <= $time RETURN n.badge_class AS id, max(n.number) AS number"
)
_AWARDS: Final = Query(
    "deployment.awards",
    "MATCH (n:AwardTotal) WHERE n.revision > $after AND n.revision <= $until RETURN n.badge_class AS badge, n.month AS month, n.count AS count",
)
_SCHEMES: Final = Query("deployment.schemes", "UNWIND $uuids AS uuid MATCH (c:Concept {uuid: uuid}) RETURN c.uuid AS uuid, c.scheme AS scheme")


def read_classes(engine: Engine, after: int, until: int) -> list[Row]:
    """What became of the badge classes that changed between two numbers of the event log: drafts too, whose `number` is 0."""
    return documents.there(engine.read(_CLASSES, after=revision(after), until=revision(until)), "id")


def read_versions(engine: Engine, keys: Iterable[str]) -> Iterator[Row]:
    """Published versions by their keys, which are in order: those of each badge class come in the order of their numbers."""
    for some in chunks(keys, _READ):
        for row in sorted(engine.read(_VERSIONS, keys=some), key=lambda row: (str(row["id"]), int(row["number"]))):
            yield row | {"content": json.loads(row["content"]), "bindings": json.loads(row["bindings"])}


def versions_at(engine: Engine, time: str) -> Iterator[Row]:
    """The version of each badge class that was given at a time, by their ids: of those that were published, and not retired then."""
    last = last_event(engine)[0]
    kept = {str(row["id"]) for row in read_classes(engine, 0, last) if not any(start <= time < end for start, end in retired_spans(row))}
    numbers = {str(row["id"]): int(row["number"]) for row in engine.read(_LAST, time=time)}
    yield from read_versions(engine, [version_key(identity, numbers[identity]) for identity in sorted(numbers) if identity in kept])


def retired_spans(row: Row) -> tuple[tuple[str, str], ...]:
    """When a badge class was retired, (from, to): "9999" sorts after every time."""
    spans = tuple((str(span).partition("/")[0], str(span).partition("/")[2]) for span in row["gone"] or ())
    return (*spans, (str(row["retired"]), ALWAYS)) if row["status"] == "retired" else spans


def read_awards(engine: Engine, after: int, until: int) -> list[Row]:
    """The totals of awards that were reported or corrected between two numbers of the event log."""
    return engine.read(_AWARDS, after=revision(after), until=revision(until))


def awards_of(engine: Engine, badge_class: str) -> list[Row]:
    """The totals of a badge class, by month."""
    return documents.page(engine, AWARDS, "key", prefix=f"{badge_class}/", limit=1_000)


def read_schemes(engine: Engine, uuids: Iterable[str]) -> dict[str, str]:
    """The scheme of each concept, which never changes."""
    found: dict[str, str] = {}
    for some in chunks(uuids, _READ):
        found |= {str(row["uuid"]): str(row["scheme"]) for row in engine.read(_SCHEMES, uuids=some)}
    return found


def count_endorsements(engine: Engine, end: str) -> dict[str, int]:
    """How many endorsements each badge class had before an instant; none where endorsements are not kept here."""
    table = next((each for each in TABLES if each.name == "endorsement"), None)
    if table is None:
        return {}
    query = Query(
        "deployment.endorsements",
        f"MATCH (n:{table.label}) WHERE n.target_kind = 'badge_class' AND n.first < $end AND (n.revoked IS NULL OR n.revoked >= $end)"
        " RETURN n.target AS badge, count(*) AS n",
    )
    return {str(row["badge"]): int(row["n"]) for row in engine.read(query, end=end)}
