"""What people watch, what was last told to them by mail, and what concepts belong to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from wikic.store import documents
from wikic.store.engine import Engine, Query, Row, WriteTransaction
from wikic.store.tables import WATCHES
from wikic.store.writing import chunks

_SCHEMES: Final = Query(
    "concept.schemes", "UNWIND $uuids AS uuid MATCH (c:Concept {uuid: uuid}) RETURN DISTINCT c.scheme AS scheme"
)
_READ: Final = 2_000


def schemes_of(engine: Engine, uuids: Iterable[str]) -> set[str]:
    """The schemes that these concepts belong to."""
    found: set[str] = set()
    for part in chunks(uuids, _READ):
        found.update(str(row["scheme"]) for row in engine.read(_SCHEMES, uuids=part))
    return found


def key_of(user: str, subject: str) -> str:
    """The key of what a user watches."""
    return f"{user}/{subject}"


def add_watch(tx: WriteTransaction, user: str, subject: str, since: str) -> None:
    """A user watches a subject from now on. Raises UniqueViolation where they do already."""
    documents.insert(tx, WATCHES, {"key": key_of(user, subject), "user": user, "subject": subject, "since": since})


def watches_of(engine: Engine, user: str) -> list[Row]:
    """What a user watches, in the order of its subjects."""
    return documents.find_by(engine, WATCHES, "user", [user])
