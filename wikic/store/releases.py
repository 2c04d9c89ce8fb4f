"""Named releases: a name for a number. Freezing copies nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wikic.errors import Conflict
from wikic.store.engine import Engine, Query, UniqueViolation, WriteTransaction
from wikic.store.events import record_event
from wikic.store.leases import write_numbered

_ADD = Query("release.add", "CREATE (r:Release) SET r = $row")
_LIST = Query(
    "release.list", "MATCH (r:Release) WHERE r.space IN $spaces RETURN properties(r) AS r ORDER BY r.seq, r.frozen_at"
)
_GET = Query("release.get", "MATCH (r:Release {key: $key}) RETURN properties(r) AS r")


@dataclass(frozen=True, slots=True)
class Release:
    """A frozen version of a space. `state` is frozen or published; `frozen_at` is UTC, ISO 8601."""

    name: str
    space: str
    seq: int
    state: str
    frozen_at: str
    frozen_by: str


def add_release(engine: Engine, release: Release) -> None:
    """Name a number; raises Conflict when the name is taken."""

    def work(tx: WriteTransaction) -> None:
        row = {
            "key": _key(release.space, release.name),
            "name": release.name,
            "space": release.space,
            "seq": release.seq,
            "state": release.state,
            "frozen_at": release.frozen_at,
            "frozen_by": release.frozen_by,
        }
        tx.run(_ADD, row=row)
        record_event(tx, "release_frozen", {"space": release.space, "seq": release.seq, "time": release.frozen_at})

    try:
        write_numbered(engine, work)
    except UniqueViolation as error:
        raise Conflict(f"there is already a release named {release.name}: choose another name") from error


def list_releases(engine: Engine, spaces: list[str]) -> list[Release]:
    """The releases of these spaces, oldest number first."""
    return [_release_of(row["r"]) for row in engine.read(_LIST, spaces=spaces)]


def get_release(engine: Engine, space: str, name: str) -> Release | None:
    """One release by name."""
    rows = engine.read(_GET, key=_key(space, name))
    return _release_of(rows[0]["r"]) if rows else None


def _key(space: str, name: str) -> str:
    return f"{space}/{name}"


def _release_of(row: dict[str, Any]) -> Release:
    return Release(row["name"], row["space"], int(row["seq"]), row["state"], row["frozen_at"], row["frozen_by"])
