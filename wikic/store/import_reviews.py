"""Reviews of imports in the store: what importing some files would change, kept before they are applied, and what became of it.

A review is one document; the concepts that would change are kept beside it in parts of `TOGETHER`, each with tags of what is in it, by which a list
that is filtered skips what has none.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from wikic.store import documents
from wikic.store.documents import Source
from wikic.store.engine import Engine, Row, WriteTransaction
from wikic.store.tables import IMPORT_REVIEW_PARTS, IMPORT_REVIEWS
from wikic.store.writing import chunks

TOGETHER: Final = 100
_WRITTEN: Final = 5
"""Parts in one transaction."""


def add_parts(engine: Engine, review: str, parts: Iterable[tuple[list[str], list[Row]]]) -> None:
    """Write the concepts of a review that is not there yet: (tags, rows) of each part, in their order."""
    rows = (
        {"key": part_key(review, number), "review": review, "tags": tags, "rows": found}
        for number, (tags, found) in enumerate(parts)
    )
    for together in chunks(rows, _WRITTEN):
        engine.write(lambda tx, together=together: documents.insert_many(tx, IMPORT_REVIEW_PARTS, together))  # type: ignore[misc]


def add(tx: WriteTransaction, row: Row) -> None:
    """Write a review down: from now on it is listed."""
    documents.insert(tx, IMPORT_REVIEWS, row)


def find(source: Source, review: str) -> Row | None:
    """One review."""
    return documents.find(source, IMPORT_REVIEWS, review)


def latest(source: Source, *, before: str = "", limit: int = 50) -> list[Row]:
    """Reviews, the latest first; `before`: the `listing` after which the page begins."""
    return documents.page(source, IMPORT_REVIEWS, "listing", after=before, limit=limit)


def of_files(source: Source, files: str) -> list[str]:
    """The reviews of these files that have not been applied, the latest last."""
    return [str(row["key"]) for row in documents.find_by(source, IMPORT_REVIEWS, "files", [files]) if not row.get("applied")]


def applied(tx: WriteTransaction, review: str, seq: int, on: int) -> None:
    """Say that the files of a review were imported as a change, on top of a head."""
    documents.change(tx, IMPORT_REVIEWS, review, {"applied": seq, "applied_on": on})


def parts(source: Source, review: str, first: int, tag: str = "", limit: int = 2) -> list[tuple[int, list[dict[str, Any]]]]:
    """Parts of a review from a number on, with their numbers; `tag`: those alone that have something of it."""
    rows = documents.page(
        source,
        IMPORT_REVIEW_PARTS,
        "key",
        prefix=f"{review}/",
        after=part_key(review, first - 1) if first else "",
        limit=limit,
        has={"tags": tag} if tag else None,
    )
    return [(int(str(row["key"]).rpartition("/")[2]), list(row["rows"])) for row in rows]


def part_key(review: str, number: int) -> str:
    """The key of a part."""
    return f"{review}/{number:06d}"
