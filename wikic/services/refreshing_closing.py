"""What else closes with a badge class that is retired, or with a binding that ends: their lines that are still open, in the transaction that does it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from wikic.domain.access import Actor
from wikic.domain.changes import now
from wikic.domain.refreshing import STATE_AFTER
from wikic.store import documents
from wikic.store.engine import WriteTransaction
from wikic.store.events import happened
from wikic.store.tables import REFRESH_LINES

_NAMED: Final = 100


def close_lines(
    tx: WriteTransaction, badge_classes: Iterable[str], actor: Actor, *, treatment: str = "retire", bindings: Collection[str] | None = None
) -> None:
    """Close the open lines of badge classes, of all their bindings or of these, as a treatment does; and tell their issuers."""
    found = documents.find_by(tx, REFRESH_LINES, "badge_class", badge_classes)
    wanted = [str(row["key"]) for row in found if row["state"] == "open" and (bindings is None or row["binding"] in bindings)]
    if not wanted:
        return
    rows = [row for row in documents.lock_many(tx, REFRESH_LINES, wanted).values() if row["state"] == "open"]
    after = {"state": STATE_AFTER[treatment], "by": actor.name, "at": now(), "treatment": treatment}
    documents.change_many(tx, REFRESH_LINES, [(row, after) for row in rows])
    tell_treated(tx, rows, treatment, actor)


def tell_treated(tx: WriteTransaction, lines: Iterable[Mapping[str, Any]], treatment: str, actor: Actor) -> None:
    """Tell issuers which of their lines were treated: an event for each release."""
    told: dict[tuple[str, str], list[str]] = {}
    for line in lines:
        told.setdefault((str(line["release"]), str(line["issuer"])), []).append(str(line["badge_class"]))
    for (release, issuer), mine in sorted(told.items()):
        classes = sorted(set(mine))
        happened(
            tx, actor, "refresh_treated", subject=f"refresh/{release}/{issuer}", organisation=issuer, issuer=issuer, release=release,
            treatment=treatment, state=STATE_AFTER[treatment], lines=len(mine), badge_classes=classes[:_NAMED], total=len(classes),
        )  # fmt: skip
