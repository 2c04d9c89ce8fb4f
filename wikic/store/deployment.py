"""What the state of deployment is counted from: published versions, what became of badge classes, totals of awards, endorsements."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Final

from wikic.store import documents
from wikic.store.badges import revision
from wikic.store.engine import Engine, Query, Row
from wikic.store.tables import AWARDS, TABLES
from wikic.store.writing import chunks

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
_AWARDS: Final = Query(
    "deployment.awards",
    "MATCH (n:AwardTotal) WHERE n.revision > $after AND n.revision <= $until RETURN n.badge_class AS badge, n.month AS month, n.count AS count",
)
_SCHEMES: Final = Query("deployment.schemes", "UNWIND $uuids AS uuid MATCH (c:Concept {uuid: uuid}) RETURN c.uuid AS uuid, c.scheme AS scheme")


def read_classes(engine: Engine, after: int, until: int) -> list[Row]:
    """What became of the badge classes that changed between two numbers of the event log: drafts too, whose `number` is 0."""
    return engine.read(_CLASSES, after=revision(after), until=revision(until))


def read_versions(engine: Engine, keys: Iterable[str]) -> Iterator[Row]:
    """Published versions by their keys, which are in order: those of each badge class come in the order of their numbers."""
    for some in chunks(keys, _READ):
        for row in sorted(engine.read(_VERSIONS, keys=some), key=lambda row: (str(row["id"]), int(row["number"]))):
            yield row | {"content": json.loads(row["content"]), "bindings": json.loads(row["bindings"])}


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
