"""Scales of levels: the one that is always there, and those that admins and moderators of networks make; whether a level exists.

Flow: web and command line -> `Scales` -> documents. `require_levels` and `use_levels` are for whoever writes a level.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from wikic.domain import access
from wikic.domain.access import Actor
from wikic.domain.badges import PRACTICE, Level, parse_level
from wikic.domain.changes import now
from wikic.domain.levels import PRACTICE_SCALE, Scale, ScaleLevel, clean_key, clean_scale, require_extension
from wikic.errors import Conflict, Forbidden, InvalidInput, NotFound
from wikic.services.proposing import require_terms
from wikic.store import documents
from wikic.store import levels as store
from wikic.store.documents import Source
from wikic.store.engine import Engine, Row, WriteTransaction
from wikic.store.events import happened
from wikic.store.leases import write_numbered
from wikic.store.tables import ORGANISATIONS, SCALE_VERSIONS, SCALES


class Scales:
    """Scales over one store."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def get(self, identity: str) -> Scale:
        """One scale. Raises NotFound."""
        found = self.get_many([identity]).get(identity)
        if found is None:
            raise NotFound(f"there is no scale {identity[:60]}", reason="scale-none", scale=identity[:60])
        return found

    def get_many(self, identities: Iterable[str]) -> dict[str, Scale]:
        """Those of them that are there, by id. One round trip, or none where only the practice scale is asked for."""
        return scales_in(self._engine, identities)

    def page(self, *, after: str = "", limit: int = 100) -> tuple[list[Scale], str]:
        """Scales by their ids, the one that is always there among them, and where the next page begins ("" at the end)."""
        rows = documents.page(self._engine, SCALES, "key", after=after, limit=limit + 1)
        found = [_scale_of(row) for row in rows]
        if after < PRACTICE:
            found = sorted([*found, PRACTICE_SCALE], key=lambda scale: scale.id)
        return found[:limit], found[limit - 1].id if len(found) > limit else ""

    def versions(self, identity: str, *, after: int = 0, limit: int = 100) -> list[Scale]:
        """What a scale said each time that it was written, oldest first; of the one that is always there, itself. Raises NotFound."""
        current = self.get(identity)
        if current.built_in:
            return [] if after else [current]
        return [_scale_of({**row, "key": identity}) for row in store.versions_of(self._engine, identity, scale=True, after=after, limit=limit)]

    def of_level(self, text: str) -> Scale | None:
        """The scale of a level (`practice:2`); None for "". Raises InvalidInput where there is no such level."""
        level = parse_level(text)
        if level is None:
            return None
        scale = self.get_many([level.scale]).get(level.scale)
        if not _holds(scale, level):
            raise _no_level(level, scale)
        return scale

    def as_of(self, identities: Iterable[str], time: str) -> dict[str, Scale]:
        """Those of them that are there, as they were at a time (or first). One round trip for each, none for the one that is always there."""
        found = self.get_many(identities)
        for key, scale in found.items():
            if not scale.built_in and scale.changed > time:
                said = self.versions(key)
                found[key] = next((each for each in reversed(said) if each.changed <= time), said[0])
        return found

    def make(self, key: str, name: Mapping[str, str], levels: Sequence[ScaleLevel], actor: Actor, *, owner: str = "") -> Scale:
        """Make a scale: as an admin, or (`owner`) as a moderator of that network. Raises Unauthenticated, Forbidden, NotFound, InvalidInput, Conflict (the
        id is taken, the network is private)."""
        self._require(actor, owner)
        key, (named, cleaned) = clean_key(key), clean_scale(name, levels)
        taken = Conflict(f"there is a scale {key} already: choose another short name", reason="scale-taken", scale=key)
        if key == PRACTICE:
            raise taken
        stamp = now()
        row: Row = {
            "key": key, "name": named, "levels": [each.packed() for each in cleaned], "owner": owner, "number": 1, "used": False,
            "made_by": actor.name, "created": stamp, "changed": stamp,
        }  # fmt: skip

        def work(tx: WriteTransaction) -> None:
            if owner:
                require_public_network(tx, owner)
            happened(tx, actor, "scale_made", subject=f"scale/{key}", name=named, number=1)
            if documents.find(tx, SCALES, key) is not None:
                raise taken
            documents.insert(tx, SCALES, row)
            _keep(tx, row, actor)

        if documents.find(self._engine, SCALES, key) is not None:
            raise taken
        write_numbered(self._engine, work)
        return _scale_of({**row, "version": 1})

    def change(
        self, identity: str, name: Mapping[str, str], levels: Sequence[ScaleLevel], actor: Actor, *, version: int | None = None
    ) -> Scale:
        """Say something else; of a scale that is in use, only something more (see `require_extension`). Raises Unauthenticated, Forbidden, NotFound,
        InvalidInput, Conflict, StaleVersion."""
        before = self.get(identity)
        self.require_changer(before, actor)
        named, cleaned = clean_scale(name, levels)

        def work(tx: WriteTransaction) -> Row:
            row = documents.lock(tx, SCALES, identity)
            current = _scale_of(row)
            if (current.name, current.levels) == (named, cleaned):
                return row
            # What somebody else has added meanwhile is no attempt to take it away.
            documents.require_version(SCALES, row, version)
            if current.used:
                require_extension(current, named, cleaned)
            number = current.number + 1
            happened(tx, actor, "scale_changed", subject=f"scale/{identity}", name=named, number=number)
            values = {"name": named, "levels": [each.packed() for each in cleaned], "number": number, "changed": now()}
            row = documents.change(tx, SCALES, identity, values, version=version)
            _keep(tx, row, actor)
            return row

        return _scale_of(write_numbered(self._engine, work))

    def may_make(self, actor: Actor) -> bool:
        """Whether somebody may make scales: an admin, or somebody who moderates a network."""
        return actor.is_admin or bool(self.moderated(actor))

    def moderated(self, actor: Actor) -> Sequence[tuple[str, str]]:
        """The public networks that somebody moderates: slugs and names."""
        slugs = [slug for slug, roles in actor.memberships if "moderator" in roles]
        rows = documents.find_by(self._engine, ORGANISATIONS, "key", slugs) if slugs else []
        return [(str(row["key"]), str(row["name"])) for row in rows if row["kind"] == "network" and not row["private"]]

    def may_change(self, scale: Scale, actor: Actor) -> bool:
        """Whether somebody may change a scale."""
        return not scale.built_in and (actor.is_admin or (bool(scale.owner) and actor.in_organisation(scale.owner, "moderator")))

    def require_maker(self, actor: Actor) -> None:
        """Raise Unauthenticated or Forbidden unless somebody may make scales at all."""
        access.require_known(actor)
        if not self.may_make(actor):
            self._require(actor, "")

    def require_changer(self, scale: Scale, actor: Actor) -> None:
        """Raise Unauthenticated, Forbidden or Conflict unless somebody may change a scale."""
        if scale.built_in:
            raise Conflict(f"the scale {PRACTICE} is part of Wiki-C and cannot be changed: make another one", reason="scale-built-in", scale=PRACTICE)
        self._require(actor, scale.owner)

    @staticmethod
    def _require(actor: Actor, owner: str) -> None:
        access.require_known(actor)
        if owner:
            access.require_organisation(actor, owner, "moderator")
        elif not actor.is_admin:
            raise Forbidden("scales are made by admins, and by moderators of a network in its name: name the network", reason="scale-owner")
        require_scope(actor, "decide")
        require_terms(actor)


def require_scope(actor: Actor, scope: str) -> None:
    """Raise Forbidden where somebody acts by a token that was not made for this."""
    if actor.scopes is not None and scope not in actor.scopes:
        raise Forbidden(f"you may not do this: this token was not made for it (scope {scope!r})", reason="token-scope", scope=scope)


def require_public_network(tx: WriteTransaction, slug: str) -> Row:
    """The document of a network, locked. Raises NotFound, InvalidInput (no network), Conflict (it is private: what it shares names it)."""
    row = documents.lock(tx, ORGANISATIONS, slug)
    if row["kind"] != "network":
        raise InvalidInput(f"{slug} is no network: only networks have member organisations", reason="no-network", network=slug)
    if row["private"]:
        raise Conflict(f"{slug} is private: make the network public first, since everybody sees what it shares", reason="network-private", network=slug)
    return row


def scales_in(source: Source, identities: Iterable[str]) -> dict[str, Scale]:
    """Scales by id, as a transaction sees them."""
    wanted = set(identities)
    rows = store.find_scales(source, sorted(wanted - {PRACTICE}))
    found = {key: _scale_of(row) for key, row in rows.items()}
    return found | ({PRACTICE: PRACTICE_SCALE} if PRACTICE in wanted else {})


def missing_levels(source: Source, levels: Iterable[str]) -> dict[str, InvalidInput]:
    """Those of these levels (`practice:2`; "" is none) that no scale has, each with what is wrong."""
    parsed = {text: level for text in levels if text and (level := parse_level(text)) is not None}
    known = scales_in(source, {level.scale for level in parsed.values()})
    return {text: _no_level(level, known.get(level.scale)) for text, level in parsed.items() if not _holds(known.get(level.scale), level)}


def use_level(tx: WriteTransaction, text: str) -> None:
    """Note that something is at a level, so that what the scale says of it stays. Raises InvalidInput where there is no such level."""
    level = parse_level(text)
    if level is None:
        return
    scale = scales_in(tx, [level.scale]).get(level.scale)
    if scale is not None and not scale.used:
        scale = _scale_of(documents.lock(tx, SCALES, level.scale))
        if not scale.used and _holds(scale, level):
            documents.change(tx, SCALES, level.scale, {"used": True})
    if not _holds(scale, level):
        raise _no_level(level, scale)


def _holds(scale: Scale | None, level: Level) -> bool:
    return scale is not None and scale.level(level.number) is not None


def _no_level(level: Level, scale: Scale | None) -> InvalidInput:
    there = f"the scale {scale.id} has the levels 1 to {len(scale.levels)}" if scale else f"there is no scale {level.scale}: `wikic scale list` names them"
    return InvalidInput(f"there is no level {level}: {there}", reason="level-none", level=str(level))


def _keep(tx: WriteTransaction, row: Mapping[str, Any], actor: Actor) -> None:
    """Keep what a scale says now as a version."""
    kept = ("name", "levels", "owner", "number", "changed", "created")
    key = store.version_key(str(row["key"]), int(row["number"]))
    documents.insert(tx, SCALE_VERSIONS, {"key": key, "scale": row["key"], "made_by": actor.name, **{name: row[name] for name in kept}})


def _scale_of(row: Mapping[str, Any]) -> Scale:
    return Scale(
        id=str(row["key"]), name=row["name"], levels=tuple(ScaleLevel.of(each) for each in row["levels"]), owner=str(row["owner"]),
        number=int(row["number"]), used=bool(row.get("used")), made_by=str(row["made_by"]), created=str(row["created"]),
        changed=str(row["changed"]), version=int(row["version"]),
    )  # fmt: skip
