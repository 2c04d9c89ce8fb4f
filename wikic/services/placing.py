"""Where in the framework concepts stand, for rights that reach as far as a scheme, a subtree or a branch."""

from __future__ import annotations

from collections.abc import Iterable

from wikic.domain.access import Actor, Permission, Place, may, require, require_known, require_organisation
from wikic.domain.vocabulary import PUBLIC_SPACE
from wikic.errors import Forbidden
from wikic.store import imports as store
from wikic.store.engine import Engine


def places_of(engine: Engine, space: str, head: int, uuids: Iterable[str]) -> dict[str, Place]:
    """The place of each concept: its scheme, itself and all above it, the branches of the relations that start from it."""
    at = {space: head}
    wanted = sorted(set(uuids))
    identities = store.read_identities(engine, wanted, at) if wanted else {}
    outgoing = store.read_outgoing(engine, space, wanted, at) if wanted else {}
    above = {uuid: {one.target for one in outgoing.get(uuid, ()) if one.type == "broader"} for uuid in wanted}
    front = {parent for parents in above.values() for parent in parents} - above.keys()
    while front:
        found = store.read_outgoing(engine, space, sorted(front), at, ("broader",))
        above |= {uuid: {one.target for one in found.get(uuid, ())} for uuid in front}
        front = {parent for uuid in front for parent in above[uuid]} - above.keys()
    return {
        uuid: Place(
            identity.scheme,
            frozenset(_line(uuid, above)),
            frozenset(one.branch for one in outgoing.get(uuid, ()) if one.branch),
        )
        for uuid, (identity, _) in identities.items()
    }


def _line(uuid: str, above: dict[str, set[str]]) -> set[str]:
    front, seen = {uuid}, set[str]()
    while front:
        seen |= front
        front = {parent for one in front for parent in above.get(one, ())} - seen
    return seen


def require_somewhere(actor: Actor, permission: Permission, space: str) -> None:
    """Raise unless somebody may do this anywhere in a space: asked first, before anything is looked at."""
    require_known(actor)
    if space != PUBLIC_SPACE:
        _require_within(actor, permission, space)
    elif not any(may(actor, permission, _scoped(grant.scope)) for grant in actor.grants):
        require(actor, permission)


def _require_within(actor: Actor, permission: Permission, space: str) -> None:
    """Raise unless somebody moderates the organisation whose space it is, by a credential that was made for this."""
    require_organisation(actor, space.partition("/")[0], "moderator")
    if actor.scopes is not None and permission not in actor.scopes:
        raise Forbidden(f"you may not do this: this token was not made for it (scope {permission!r})")


def _scoped(scope: str) -> Place:
    """A place within a grant's scope."""
    _, _, name = scope.partition(":")
    return Place(name, frozenset((name,)), frozenset((name,)))


def require_everywhere(
    engine: Engine, actor: Actor, permission: Permission, space: str, head: int, uuids: Iterable[str]
) -> None:
    """Raise unless somebody may do this at each of these concepts; in an organisation's space, unless they moderate it."""
    require_known(actor)
    if space != PUBLIC_SPACE:
        _require_within(actor, permission, space)
        return
    if may(actor, permission):
        return
    places = places_of(engine, space, head, uuids)
    for place in places.values():
        require(actor, permission, place)
    if not places:
        require(actor, permission)
