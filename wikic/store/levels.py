"""Scales and criteria in the store: keys, and what documents alone do not do in few round trips."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from wikic.store import documents
from wikic.store.documents import Source
from wikic.store.engine import Engine, Query, Row
from wikic.store.organisations import MEMBER
from wikic.store.tables import CRITERIA, CRITERIA_VERSIONS, NETWORK_MEMBERS, SCALE_VERSIONS, SCALES

_DIGITS: Final = 6
_ADOPTED: Final = Query("criteria.of_network", "MATCH (n:Criteria) WHERE n.by_network > $start AND n.by_network < $end RETURN n.key AS id LIMIT 1")
_OWNED: Final = Query("scale.of_network", "MATCH (n:Scale {owner: $network}) RETURN n.key AS id LIMIT 1")
_WRITTEN: Final = Query("scale.written", "MATCH (n:ScaleVersion) RETURN count(n) AS n, max(n.changed) AS last")
_DECIDED: Final = Query("criteria.written", "MATCH (n:CriteriaVersion) RETURN count(n) AS n, max(n.changed) AS last")
_PLACES: Final = Query("criteria.places", "MATCH (n:Criteria) RETURN DISTINCT n.network AS network, n.scale AS scale")
_MOST: Final = 20_000
_AT_LEVELS: Final = Query(
    "check.levels",
    "MATCH (n:BadgeClass) WHERE n.level <> '' RETURN DISTINCT n.level AS level UNION MATCH (n:Binding) WHERE n.level <> '' RETURN DISTINCT n.level AS level",
)


def version_key(identity: str, number: int) -> str:
    """The key of a version of a scale or of criteria."""
    return f"{identity}/{number:0{_DIGITS}}"


def find_scales(source: Source, keys: Iterable[str]) -> dict[str, Row]:
    """Scales by id."""
    wanted = list(keys)
    return {str(row["key"]): row for row in documents.find_by(source, SCALES, "key", wanted)} if wanted else {}


def criteria_of(source: Source, concepts: Iterable[str]) -> list[Row]:
    """The criteria of these concepts, of every network and scale."""
    return documents.find_by(source, CRITERIA, "concept", concepts)


def versions_of(source: Source, identity: str, *, scale: bool = False, after: int = 0, limit: int = 100) -> list[Row]:
    """The versions of criteria, or of a scale, in order."""
    start = version_key(identity, after) if after else ""
    return documents.page(source, SCALE_VERSIONS if scale else CRITERIA_VERSIONS, "key", prefix=f"{identity}/", after=start, limit=limit)


def layers_above(source: Source, slug: str) -> list[list[str]]:
    """The networks that hold an organisation, nearest first: those it belongs to, those that these belong to, and so on; each once."""
    seen, front = {slug}, [slug]
    layers: list[list[str]] = []
    while front:
        rows = documents.find_by(source, NETWORK_MEMBERS, "organisation", front)
        front = sorted({str(row["network"]) for row in rows if row["state"] == MEMBER} - seen)
        seen |= set(front)
        layers += [front] if front else []
    return layers


def of_network(source: Source, network: str, scale: str) -> list[Row]:
    """All criteria of a network on a scale, in the order of their concepts."""
    return documents.page(source, CRITERIA, "by_network", prefix=f"{network}/", limit=_MOST, where={"scale": scale})


def adopted_places(source: Source) -> list[tuple[str, str]]:
    """The networks that have adopted criteria, each with a scale that they are for."""
    return sorted((str(row["network"]), str(row["scale"])) for row in documents.run(source, _PLACES))


def has_shared(source: Source, network: str) -> bool:
    """Whether a network has adopted criteria, or made a scale."""
    sent: dict[str, Any] = {"start": f"{network}/", "end": f"{network}/{documents.END}"}
    return bool(documents.run(source, _ADOPTED, **sent) or documents.run(source, _OWNED, network=network))


def written(engine: Engine) -> tuple[int, int]:
    """How often scales, and criteria, were written so far: nothing of either changes without one of these."""
    return int(engine.read(_WRITTEN)[0]["n"]), int(engine.read(_DECIDED)[0]["n"])


def last_written(engine: Engine) -> str:
    """When a scale or criteria were written last; "" for never."""
    return max(str(row["last"] or "") for query in (_WRITTEN, _DECIDED) for row in engine.read(query))


def levels_in_use(engine: Engine) -> list[str]:
    """Every level that a badge class or a binding names."""
    return sorted({str(row["level"]) for row in engine.read(_AT_LEVELS)})
