"""Badge classes and bindings in the store: what documents alone do not do quickly enough."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from wikic.store import documents
from wikic.store.documents import Source
from wikic.store.engine import Engine, Query, Row, WriteTransaction
from wikic.store.tables import BADGE_CLASSES, BADGE_IMAGES, BADGE_SOURCES, BADGE_VERSIONS, BINDINGS, ORGANISATIONS

_ENTRIES: Final = Query(
    "badge_class.entries",
    "MATCH (n:BadgeClass) WHERE n.revision > $after AND n.revision <= $until RETURN n.key AS id, n.issuer AS issuer, n.status AS status,"
    " n.number AS number, n.name AS name, n.words AS words, n.lang AS lang, n.level AS level, n.review_due AS review_due, n.hosted AS hosted,"
    " n.address AS address, n.human_code AS human_code, n.revision AS revision, n.pending AS pending",
)
_ISSUERS: Final = Query("issuer.all", "MATCH (n:Organisation) WHERE n.kind = 'issuer' RETURN properties(n) AS n")
_STATES: Final = Query(
    "binding.set_state",
    "UNWIND $rows AS row MATCH (n:Binding {badge_class: row.badge_class}) SET n.state = row.state, n.public = row.public,"
    " n.lang = row.lang, n.at_level = CASE WHEN n.level = '' THEN row.level ELSE n.level END",
)
# Number by number: ArcadeDB reads the whole label for a range of them.
_DISCARDED: Final = Query(
    "badge_class.discarded",
    "UNWIND range($after + 1, $until) AS number MATCH (e:Event {number: number}) WHERE e.kind = 'badge_discarded' RETURN e.subject AS subject",
)
_EVENTS: Final = 5_000
_WHO_SEES: Final = "(n.public = true OR $all OR n.issuer IN $own)"
_VERSION_OF: Final = 6
"""Digits of a version's number in its key."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which bindings are looked for. `own`: issuers whose drafts are seen too (`every`: all of them); `issuers`: only of these; `state`: of the badge class;
    `level` (the one that they are at) "" and `lang` "" for any; `status` open, closed or ""."""

    own: tuple[str, ...] = ()
    every: bool = False
    issuers: tuple[str, ...] | None = None
    state: str = ""
    level: str = ""
    lang: str = ""
    status: str = "open"

    def conditions(self) -> list[str]:
        """The conditions, each only where it is asked for."""
        found = [_WHO_SEES]
        found += ["n.issuer IN $issuers"] if self.issuers is not None else []
        found += ["n.at_level = $level"] if self.level else []
        return found + [f"n.{name} = ${name}" for name in ("state", "lang", "status") if getattr(self, name)]

    def name(self) -> str:
        """What of it is asked for, as part of a query's name."""
        asked = ["issuers"] if self.issuers is not None else []
        return ".".join([*asked, *(name for name in ("state", "level", "lang", "status") if getattr(self, name))])

    def values(self) -> dict[str, Any]:
        """The parameters."""
        values: dict[str, Any] = {"own": list(self.own), "all": self.every, "issuers": list(self.issuers or ())}
        return values | {name: getattr(self, name) for name in ("state", "level", "lang", "status")}


def page_of_bindings(source: Source, field: str, start: str, wanted: Wanted, *, after: str = "", limit: int = 100) -> list[Row]:
    """Bindings by one of `by_concept`, `by_badge`, `by_issuer`, which is also their order: those whose key there begins with `start`."""
    name = f"binding.{field}.{wanted.name()}"
    return documents.page_where(source, BINDINGS, field, name, wanted.conditions(), wanted.values(), prefix=start, after=after, limit=limit)


def count_bindings(source: Source, field: str, start: str, wanted: Wanted) -> int:
    """How many `page_of_bindings` would go through."""
    name = f"binding.count.{field}.{wanted.name()}"
    return documents.count_where(source, BINDINGS, field, name, wanted.conditions(), wanted.values(), prefix=start)


def open_bindings(source: Source, badge_classes: Iterable[str]) -> dict[str, list[Row]]:
    """The open bindings of each badge class, in the order of their concepts."""
    wanted = list(dict.fromkeys(badge_classes))
    found: dict[str, list[Row]] = {key: [] for key in wanted}
    query = Query(
        "binding.open_of",
        "UNWIND $keys AS key MATCH (n:Binding {badge_class: key}) WHERE n.status = 'open'"
        " RETURN properties(n) AS n",
    )
    rows = documents.there(documents.run(source, query, keys=wanted))
    for row in sorted((documents.unpacked(BINDINGS, row["n"]) for row in rows), key=lambda row: str(row["by_badge"])):
        found[str(row["badge_class"])].append(row)
    return found


def set_states(tx: WriteTransaction, rows: Iterable[Mapping[str, Any]]) -> None:
    """Tell the bindings of badge classes what these are now: `badge_class`, `state`, `public`, `lang`, `level`."""
    made = [dict(row) for row in rows]
    if made:
        tx.run(_STATES, rows=made)


def read_entries(engine: Engine, after: int, until: int) -> list[Row]:
    """What lists need of the badge classes that changed between two numbers of the event log."""
    return documents.there(engine.read(_ENTRIES, after=revision(after), until=revision(until)), "id")


def read_issuers(source: Source) -> list[Row]:
    """The documents of all issuers."""
    return [documents.unpacked(ORGANISATIONS, row["n"]) for row in documents.run(source, _ISSUERS)]


def has_published(source: Source, issuer: str) -> bool:
    """Whether an issuer has published anything."""
    query = Query("badge_class.published_of", "MATCH (n:BadgeClass {issuer: $issuer}) WHERE n.number > 0 RETURN n.key AS id LIMIT 1")
    return bool(documents.run(source, query, issuer=issuer))


def revision(number: int) -> str:
    """A number of the event log as badge classes keep it: sorts as it counts."""
    return f"{number:016}"


def last_revision(source: Source) -> str:
    """A word that changes with every badge class and every binding."""
    query = Query("badge_class.last_revision", "MATCH (n:BadgeClass) RETURN max(n.revision) AS last")
    return str(documents.run(source, query)[0]["last"] or "")


def version_key(badge_class: str, number: int) -> str:
    """The key of a version."""
    return f"{badge_class}/{number:0{_VERSION_OF}}"


def versions_of(source: Source, badge_class: str, *, after: int = 0, limit: int = 100) -> list[Row]:
    """The published versions of a badge class, in order."""
    start = version_key(badge_class, after) if after else ""
    return documents.page(source, BADGE_VERSIONS, "key", prefix=f"{badge_class}/", after=start, limit=limit)


def keep_image(tx: WriteTransaction, digest: str, row: Mapping[str, Any]) -> None:
    """Keep an image under its digest, unless it is kept already."""
    if documents.find(tx, BADGE_IMAGES, digest) is None:
        documents.insert(tx, BADGE_IMAGES, {"key": digest, **row})


def forget_draft(tx: WriteTransaction, badge_class: str) -> None:
    """Delete a badge class that was never published, its bindings and what is known of its address. What lists hold of it goes by the event that says so."""
    bindings = documents.find_by(tx, BINDINGS, "badge_class", [badge_class])
    documents.remove(tx, BINDINGS, [str(row["key"]) for row in bindings])
    documents.remove(tx, BADGE_SOURCES, [badge_class])
    documents.remove(tx, BADGE_CLASSES, [badge_class])


def discarded(engine: Engine, after: int, until: int) -> list[str]:
    """The ids of the drafts that were discarded between two numbers of the event log."""
    found: list[str] = []
    for start in range(after, until, _EVENTS):
        rows = engine.read(_DISCARDED, after=start, until=min(until, start + _EVENTS))
        found += [str(row["subject"]).removeprefix("badge_class/") for row in rows]
    return found


def find_classes(source: Source, keys: Iterable[str]) -> dict[str, Row]:
    """Badge classes by id."""
    return {str(row["key"]): row for row in documents.find_by(source, BADGE_CLASSES, "key", keys)}
