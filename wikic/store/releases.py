"""Named releases: a name for a number, its state, and its manifest. Freezing copies nothing; what is published stays as it is.

A release goes from frozen to published, once, and is never removed. A candidate stays one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from wikic.domain.access import Actor
from wikic.domain.vocabulary import PUBLIC_SPACE
from wikic.errors import Conflict, UnknownRelease
from wikic.store import documents
from wikic.store.engine import Engine, Query, ReadTransaction, Row, UniqueViolation, WriteTransaction
from wikic.store.events import happened
from wikic.store.leases import write_numbered
from wikic.store.tables import MANIFESTS

FROZEN: Final = "frozen"
PUBLISHED: Final = "published"
CANDIDATE: Final = "candidate"
OPEN_STATES: Final = frozenset({CANDIDATE, PUBLISHED})
"""The states in which a release is for every reader."""

_ADD = Query("release.add", "CREATE (r:Release) SET r = $row", small=True)
_ALWAYS: Final = frozenset({"key", "name", "space", "seq", "state", "frozen_at", "frozen_by"})
_LIST = Query(
    "release.list", "MATCH (r:Release) WHERE r.space IN $spaces RETURN properties(r) AS r ORDER BY r.seq, r.frozen_at", small=True
)
_GET = Query("release.get", "MATCH (r:Release {key: $key}) RETURN properties(r) AS r")
# Setting before reading takes the node's write lock on both engines: what is read then is what is true.
_LOCK = Query("release.lock", "MATCH (r:Release {key: $key}) SET r.state = r.state RETURN properties(r) AS r")
_REMOVE = Query("release.remove", "MATCH (r:Release {key: $key}) DETACH DELETE r")
_PUBLISH = Query(
    "release.publish",
    "MATCH (r:Release {key: $key}) SET r.state = $state, r.published_at = $time, r.published_by = $by",
)


@dataclass(frozen=True, slots=True)
class Release:
    """A named version of a space. `state` is frozen, published or candidate; times are UTC, ISO 8601, "" where it did not happen."""

    name: str
    space: str
    seq: int
    state: str
    frozen_at: str
    frozen_by: str
    published_at: str = ""
    published_by: str = ""

    @property
    def key(self) -> str:
        """By which its manifest is kept too."""
        return f"{self.space}/{self.name}"

    @property
    def open(self) -> bool:
        """Whether every reader may have it."""
        return self.state in OPEN_STATES


def add_release(engine: Engine, release: Release, actor: Actor) -> None:
    """Name a number; raises Conflict when the name is taken."""

    def work(tx: WriteTransaction) -> None:
        row = {
            "key": release.key,
            "name": release.name,
            "space": release.space,
            "seq": release.seq,
            "state": release.state,
            "frozen_at": release.frozen_at,
            "frozen_by": release.frozen_by,
        }
        # Told first: that waits for whoever else freezes, so that what is read then holds.
        _told(tx, actor, "release_frozen", release, state=release.state)
        listed = (str(each["r"]["name"]) for each in _there(tx.run(_LIST, spaces=[release.space])))
        held = next((name for name in listed if name.casefold() == release.name.casefold()), None)
        if held is not None:
            # Files of two names that differ in their capitals alone are one on some machines, and people mix them up on all.
            raise _taken(held)
        tx.run(_ADD, row=row)

    try:
        write_numbered(engine, work)
    except UniqueViolation as error:
        raise _taken(release.name) from error


def _taken(name: str) -> Conflict:
    """That a release has this name already."""
    return Conflict(f"there is already a release named {name}: choose another name", reason="release-taken", name=name)


def publish_release(engine: Engine, release: Release, actor: Actor, time: str, check: Callable[[Mapping[str, Any]], None]) -> Release:
    """Make a frozen release one for every reader, for good. Raises Conflict where it is a candidate, published already, or has no manifest; and what `check`
    raises of the manifest that it has by then."""

    def work(tx: WriteTransaction) -> Release:
        found = _frozen(tx, release, "published")
        manifest = find_manifest(tx, found)
        if manifest is None:
            raise Conflict(f"release {found.name} has no manifest yet: make it first, then publish", reason="release-manifest", name=found.name)
        check(manifest)
        tx.run(_PUBLISH, key=found.key, state=PUBLISHED, time=time, by=actor.name)
        _told(tx, actor, "release_published", found, digest=manifest["digest"])
        return replace(found, state=PUBLISHED, published_at=time, published_by=actor.name)

    return write_numbered(engine, work)


def withdraw_release(engine: Engine, release: Release, actor: Actor) -> None:
    """Take back a frozen release and its manifest, so that the name is free again. Raises Conflict for any other."""

    def work(tx: WriteTransaction) -> None:
        found = _frozen(tx, release, "withdrawn")
        documents.remove(tx, MANIFESTS, [found.key])
        tx.run(_REMOVE, key=found.key)
        _told(tx, actor, "release_withdrawn", found, state=found.state)

    write_numbered(engine, work)


def add_manifest(engine: Engine, release: Release, actor: Actor, row: Mapping[str, Any]) -> bool:
    """Keep a release's manifest (`body`, `digest`, `made_at`), if there is none yet; whether it was kept."""

    def work(tx: WriteTransaction) -> None:
        # Withdrawn meanwhile and frozen again: then this is not its manifest, which says when it was frozen.
        found = _locked(tx, release)
        if (found.seq, found.frozen_at) != (release.seq, release.frozen_at):
            raise Conflict(f"release {release.name} was frozen anew meanwhile: make its manifest again", reason="release-anew", name=release.name)
        documents.insert(tx, MANIFESTS, {"key": release.key, **row})
        _told(tx, actor, "release_prepared", release, state=release.state, digest=row["digest"])

    try:
        write_numbered(engine, work)
    except UniqueViolation:
        return False
    return True


def find_manifest(source: Engine | ReadTransaction, release: Release) -> dict[str, Any] | None:
    """The kept manifest of a release: {"body", "digest", "made_at"}."""
    return documents.find(source, MANIFESTS, release.key)


def list_releases(engine: Engine, spaces: list[str]) -> list[Release]:
    """The releases of these spaces, oldest number first."""
    return [release_of(row["r"]) for row in _there(engine.read(_LIST, spaces=spaces))]


def last_published(engine: Engine, below: int) -> Release | None:
    """The published release with the greatest number below this one."""
    listed = list_releases(engine, [PUBLIC_SPACE])
    return next((each for each in reversed(listed) if each.state == PUBLISHED and each.seq < below), None)


def get_release(engine: Engine, space: str, name: str) -> Release | None:
    """One release by name."""
    rows = _there(engine.read(_GET, key=f"{space}/{name}"))
    return release_of(rows[0]["r"]) if rows else None


def known_release(engine: Engine, space: str, name: str) -> Release:
    """One release by name. Raises UnknownRelease."""
    release = get_release(engine, space, name)
    if release is None:
        raise UnknownRelease(f"there is no release {name[:100]!r}")
    return release


def published_before(engine: Engine, release: Release) -> Release | None:
    """The published release that one follows: the one that its manifest names, for good; while it has none, the last one with a lower number, or with the
    same number and frozen earlier."""
    kept = find_manifest(engine, release)
    if kept is not None:
        named = kept["body"]["previous"]
        return known_release(engine, release.space, named["release"]) if named else None
    place = (release.seq, release.frozen_at)
    listed = list_releases(engine, [release.space])
    return next((each for each in reversed(listed) if each.state == PUBLISHED and (each.seq, each.frozen_at) < place), None)


def _there(rows: Iterable[Row]) -> list[Row]:
    return documents.there(rows, "r", _ALWAYS)


def release_of(row: Mapping[str, Any]) -> Release:
    """A row as a release."""
    return Release(
        row["name"],
        row["space"],
        int(row["seq"]),
        row["state"],
        row["frozen_at"],
        row["frozen_by"],
        row.get("published_at") or "",
        row.get("published_by") or "",
    )


def _locked(tx: WriteTransaction, release: Release) -> Release:
    rows = _there(tx.run(_LOCK, key=release.key))
    if not rows:
        raise UnknownRelease(f"there is no release {release.name[:100]!r}")
    return release_of(rows[0]["r"])


def _frozen(tx: WriteTransaction, release: Release, wanted: str) -> Release:
    found = _locked(tx, release)
    if found.state != FROZEN:
        raise Conflict(f"release {found.name} is {found.state}: only a frozen one can be {wanted}", reason="release-state", name=found.name, state=found.state)
    return found


def _told(tx: WriteTransaction, actor: Actor, kind: str, release: Release, **data: Any) -> None:
    subject = f"release/{release.name}"
    happened(tx, actor, kind, subject=subject, space=release.space, seq=release.seq, **data)
