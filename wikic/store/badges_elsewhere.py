"""The states of badge classes that are hosted elsewhere: which are there, which are due, and who reads one now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from wikic.errors import NotFound, StaleVersion
from wikic.store import documents
from wikic.store.documents import Source
from wikic.store.engine import Engine, Query, Row, UniqueViolation, WriteTransaction
from wikic.store.tables import BADGE_SOURCES

_ADDRESSES: Final = Query(
    "badge_class.addresses",
    "UNWIND $addresses AS address MATCH (n:BadgeClass {issuer: $issuer}) WHERE n.address = address RETURN n.address AS address",
)
_KEYS: Final = Query("badge_source.keys", "MATCH (n:BadgeSource) RETURN n.key AS key")


def addresses_of(tx: WriteTransaction, issuer: str, addresses: Iterable[str]) -> set[str]:
    """Those of these addresses that badge classes of an issuer have."""
    return {str(row["address"]) for row in tx.run(_ADDRESSES, issuer=issuer, addresses=list(addresses))}


def known_keys(engine: Engine) -> set[str]:
    """The ids of all badge classes that have a state."""
    return {str(row["key"]) for row in engine.read(_KEYS)}


def states(source: Source, badge_classes: Iterable[str]) -> dict[str, Row]:
    """The states of these badge classes, by id."""
    return {str(row["key"]): row for row in documents.find_by(source, BADGE_SOURCES, "key", badge_classes)}


def due(engine: Engine, now: str, limit: int) -> list[Row]:
    """The states that are to be read again by now, those that wait longest first."""
    return [row for row in documents.page(engine, BADGE_SOURCES, "due", limit=limit) if str(row["due"]).partition(" ")[0] <= now]


def add(engine: Engine, row: Mapping[str, Any]) -> None:
    """Begin to keep the state of a badge class; one that has a state already keeps it."""
    try:
        engine.write(lambda tx: documents.insert(tx, BADGE_SOURCES, row))
    except UniqueViolation:
        return


def claim(engine: Engine, row: Row, due: str) -> Row | None:
    """Take a state by moving its next reading to `due`; None where another process was faster, or it is gone."""
    try:
        return engine.write(lambda tx: documents.change(tx, BADGE_SOURCES, str(row["key"]), {"due": due}, version=int(row["version"])))
    except (StaleVersion, NotFound):
        return None
