"""Reading states for the search index: all of them, or those that changed between two numbers."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Final

from wikic.store.engine import Engine, Query, Row
from wikic.store.temporal import OPEN
from wikic.store.writing import chunks

_WINDOW: Final = 3_000
_CONCEPTS: Final = 2_000
_DIGITS: Final = "0123456789abcdef"
_END: Final = "\uffff"

_SIZES = Query(
    "index.sizes",
    "MATCH (s:State) WHERE s.space = $space AND s.from_seq <= $at"
    " RETURN s.scheme AS scheme, s.kind AS kind, count(*) AS n",
)
_STATES = Query(
    "index.states",
    "MATCH (s:State) WHERE s.listing >= $start AND s.listing < $end AND s.space = $space AND s.from_seq <= $at"
    " RETURN properties(s) AS s",
)
_CHANGED = Query(
    "index.changed",
    "UNWIND $uuids AS uuid MATCH (c:Concept {uuid: uuid})-[:HAS_STATE]->(s:State) WHERE s.space = $space"
    " AND s.from_seq <= $to AND (s.from_seq > $from OR (s.to_seq > $from AND s.to_seq <= $to))"
    " RETURN properties(s) AS s",
)


def count_states(engine: Engine, space: str, at: int) -> dict[tuple[str, str], int]:
    """How many states began up to `at`, by scheme and kind."""
    return {(row["scheme"], row["kind"]): int(row["n"]) for row in engine.read(_SIZES, space=space, at=at)}


def read_all(engine: Engine, space: str, at: int, sizes: dict[tuple[str, str], int]) -> Iterator[list[Row]]:
    """Every state that began up to `at`, in pages of some thousand rows (see `state_row`); an end above `at` is open. `sizes` as
    counted. The next page is on its way while one is used."""
    ranges = [bounds for (scheme, kind), size in sizes.items() for bounds in _ranges(f"{scheme}/{kind}/", size)]

    def read(bounds: tuple[str, str]) -> list[Row]:
        rows = engine.read(_STATES, start=bounds[0], end=bounds[1], space=space, at=at)
        return _as_of([row["s"] for row in rows], at)

    with ThreadPoolExecutor(1, thread_name_prefix="wikic-index-read") as reader:
        following = reader.submit(read, ranges[0]) if ranges else None
        for bounds in [*ranges[1:], None]:
            if following is None:
                return
            page = following.result()
            following = reader.submit(read, bounds) if bounds is not None else None
            yield page


def read_changed(engine: Engine, space: str, touched: list[str], start: int, end: int) -> Iterator[list[Row]]:
    """The states of the touched concepts that began or ended in (start, end], as they are at `end`, in pages."""
    for part in chunks(touched, _CONCEPTS):
        rows = engine.read(_CHANGED, uuids=part, space=space, **{"from": start, "to": end})
        yield _as_of([row["s"] for row in rows], end)


def _as_of(rows: list[Row], at: int) -> list[Row]:
    for row in rows:
        # Written by an import that is not yet visible, or came after.
        if row["to_seq"] > at:
            row["to_seq"] = OPEN
    return rows


def _ranges(prefix: str, size: int) -> list[tuple[str, str]]:
    """Half-open ranges of the listing key, of some thousand rows each where uuids spread evenly."""
    digits = 0
    while size > _WINDOW * 16**digits:
        digits += 1
    starts = [""]
    for _ in range(digits):
        starts = [start + digit for start in starts for digit in _DIGITS]
    # Uuids have hexadecimal digits only, so nothing sorts before "0".
    bounds = [prefix + start for start in starts]
    return list(pairwise([*bounds, prefix + _END]))
