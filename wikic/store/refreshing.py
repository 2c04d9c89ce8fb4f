"""What releases ask of bindings, in the store: the open bindings of many concepts at once, and the lines that issuers treat."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from wikic.store import documents
from wikic.store.documents import Source
from wikic.store.engine import Engine, Query, Row
from wikic.store.tables import REFRESH_LINES
from wikic.store.writing import chunks

_TOGETHER: Final = 2_500
# As few and as short values as will do: a release may touch tens of thousands of bindings. A name is only needed where it is newer than the release before.
_BOUND: Final = Query(
    "refresh.bound",
    "UNWIND $concepts AS concept MATCH (n:Binding {concept: concept}) WHERE n.status = 'open' AND n.state <> 'retired' AND n.seen_seq < $until"
    " RETURN concept AS c, n.badge_class AS b, n.level AS l, CASE WHEN n.seen_seq > $since THEN n.seen_name ELSE null END AS s",
)
_COUNT: Final = Query(
    "refresh_line.count",
    "MATCH (n:RefreshLine) WHERE n.by_issuer > $start AND n.by_issuer < $end RETURN n.release AS release, n.state AS state, count(n) AS n",
)


@dataclass(frozen=True, slots=True)
class WantedLines:
    """Which lines are looked for; what is empty lets all through. `change`: a type of change that must be among a line's."""

    state: str = ""
    severity: str = ""
    advice: str = ""
    change: str = ""
    badge_class: str = ""

    def equal(self) -> dict[str, str]:
        """The properties that must have a value."""
        named = {name: getattr(self, name) for name in ("state", "severity", "advice", "badge_class")}
        return {name: value for name, value in named.items() if value}

    def listing(self) -> str:
        """The same as one text, for cursors."""
        return "|".join((self.state, self.severity, self.advice, self.change, self.badge_class))


def bound_to(engine: Engine, concepts: Sequence[str], since: int, until: int) -> Iterator[tuple[str, str, str, str | None]]:
    """(concept, badge class, level, name) of the open bindings of these concepts whose badge class is not retired, and that were seen before `until`; the name
    that was seen only where that was after `since`. One round trip for some thousand concepts."""
    for part in chunks(concepts, _TOGETHER):
        for row in engine.read(_BOUND, concepts=part, since=since, until=until):
            yield row["c"], row["b"], row["l"], row["s"]


def page_of_lines(source: Source, start: str, wanted: WantedLines, *, after: str = "", limit: int = 100) -> list[Row]:
    """Lines whose `by_issuer` begins with `start` (`issuer/` or `issuer/release/`), in its order."""
    has = {"types": wanted.change} if wanted.change else None
    return documents.page(source, REFRESH_LINES, "by_issuer", prefix=start, after=after, limit=limit, where=wanted.equal(), has=has)


def page_of_release(source: Source, release: str, issuers: Iterable[str] | None, wanted: WantedLines, *, after: str = "", limit: int = 100) -> list[Row]:
    """The lines of a release ("" for all) of several issuers (None: all), the gravest first."""
    conditions, parameters = [f"n.{name} = ${name}" for name in wanted.equal()], dict[str, Any](wanted.equal())
    if wanted.change:
        conditions.append("$change IN n.types")
        parameters["change"] = wanted.change
    if issuers is not None:
        conditions.append("n.issuer IN $issuers")
        parameters["issuers"] = sorted(issuers)
    name = ".".join(["refresh_line.of_release", *sorted(parameters)])
    prefix = f"{release}/" if release else ""
    return documents.page_where(source, REFRESH_LINES, "by_release", name, conditions, parameters, prefix=prefix, after=after, limit=limit)


def count_lines(engine: Engine, issuer: str) -> dict[tuple[str, str], int]:
    """How many lines an issuer has, by release and state. One round trip."""
    start = f"{issuer}/"
    return {(str(row["release"]), str(row["state"])): int(row["n"]) for row in engine.read(_COUNT, start=start, end=start + documents.END)}
