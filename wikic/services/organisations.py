"""Organisations: companies, branches, issuers and networks; who belongs to them, and who sees what.

A private organisation exists for its members alone: for everybody else it is not there. Its events stand in a space of its own slug.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from wikic.domain import access
from wikic.domain.access import Actor
from wikic.domain.accounts import name_key
from wikic.domain.changes import stamp
from wikic.domain.organisations import (
    Organisation,
    Profile,
    check_kind,
    check_organisation_name,
    check_roles,
    check_slug,
)
from wikic.errors import Conflict, Forbidden, InvalidInput, NotFound
from wikic.services.accounts import Accounts, require_scope
from wikic.services.throttling import Allowance, Throttling
from wikic.store import documents
from wikic.store import organisations as store
from wikic.store.accounts import join
from wikic.store.badges import has_published
from wikic.store.endorsements import speaks_in_public
from wikic.store.engine import Row, UniqueViolation, WriteTransaction
from wikic.store.events import happened
from wikic.store.leases import write_numbered
from wikic.store.levels import has_shared
from wikic.store.tables import MEMBERSHIPS, NETWORK_MEMBERS, ORGANISATIONS

FOUNDED: Final = Allowance("organisations", 10, 24 * 60 * 60)
PAGE: Final = 100

Rows = list[Row]


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody in an organisation."""

    user: str
    name: str
    roles: tuple[str, ...]
    since: str


@dataclass(frozen=True, slots=True)
class Association:
    """How an organisation stands to a network. `slug` and `name` are of the other one; `asked_by` says who has to agree where `state` is "asked": not
    that side (network or organisation)."""

    slug: str
    name: str
    state: str
    asked_by: str


class Organisations:
    """Organisations over one store."""

    def __init__(self, accounts: Accounts, throttling: Throttling) -> None:
        self._accounts, self._engine, self._throttling = accounts, accounts.engine, throttling

    def make(
        self,
        slug: str,
        name: str,
        kind: str,
        *,
        actor: Actor,
        profile: Profile | None = None,
        private: bool = True,
        manager: str = "",
    ) -> Organisation:
        """Found an organisation; who founds it manages it (a command names the `manager`, or nobody yet). Raises Forbidden (it takes a contributor),
        InvalidInput, Conflict (slug taken), Throttled."""
        access.require(actor, "propose")
        slug, name, kind = check_slug(slug), check_organisation_name(name), check_kind(kind)
        cleaned = (profile or Profile()).cleaned()
        if not actor.is_admin:
            self._throttling.take(FOUNDED, actor.id)
        first = self._accounts.person(manager).id if manager else actor.id if actor.via in ("session", "token") else ""
        now = stamp(self._accounts.clock())
        row: Row = {
            "key": slug, "name": name, "kind": kind, "private": private, "profile": cleaned.packed(), "created": now,
            "listing": f"{name_key(name)} {slug}",
        }  # fmt: skip
        taken = Conflict(f"the short name {slug!r} is taken: add something to it", reason="slug-taken", slug=slug)

        def work(tx: WriteTransaction) -> None:
            if documents.find(tx, ORGANISATIONS, slug) is not None:
                raise taken
            try:
                documents.insert(tx, ORGANISATIONS, row)
            except UniqueViolation:
                raise taken from None
            self._happened(tx, actor, "organisation_made", slug, sort=kind, private=private)
            if first:
                join(tx, slug, first, ["manager"], now)
                self._happened(tx, actor, "member_joined", slug, user=first, roles=["manager", "member"])

        write_numbered(self._engine, work)
        return self._of(row | {"version": 1}, ("manager", "member") if first == actor.id else ())

    def names(self, slugs: Iterable[str]) -> dict[str, str]:
        """The names of organisations that the reader was told of already, by slug."""
        return store.names_of(self._engine, slugs)

    def get(self, slug: str, *, actor: Actor) -> Organisation:
        """One organisation. Raises NotFound, also for a private one that the actor does not belong to."""
        row = documents.find(self._engine, ORGANISATIONS, slug)
        if row is None or not self._visible(row, actor):
            raise NotFound(f"there is no organisation {slug[:60]}", reason="organisation-none", organisation=slug[:60])
        return self._of(row, dict(actor.memberships).get(slug, ()))

    def list(
        self, *, actor: Actor, kind: str = "", after: str = "", limit: int = PAGE
    ) -> tuple[tuple[Organisation, ...], str]:
        """Those that the actor may see, by name, and where the next page begins ("" at the end)."""
        found: Rows = []
        where = {"kind": check_kind(kind)} if kind else None
        networks = self._networks(actor)
        while len(found) <= limit:
            rows = documents.page(self._engine, ORGANISATIONS, "listing", after=after, limit=limit + 1, where=where)
            found += [row for row in rows if self._visible(row, actor, networks)]
            if len(rows) <= limit:
                break
            after = str(rows[-1]["listing"])
        following = str(found[limit - 1]["listing"]) if len(found) > limit else ""
        roles = dict(actor.memberships)
        return tuple(self._of(row, roles.get(str(row["key"]), ())) for row in found[:limit]), following

    def change(
        self,
        slug: str,
        *,
        actor: Actor,
        version: int | None = None,
        name: str | None = None,
        private: bool | None = None,
        profile: Profile | None = None,
    ) -> Organisation:
        """Change what is given; for managers. Raises NotFound, Forbidden, InvalidInput, StaleVersion, Conflict (it has published badge classes)."""
        self._require(slug, actor, "manager")
        values: dict[str, Any] = {}
        if name is not None:
            values["name"] = check_organisation_name(name)
            values["listing"] = f"{name_key(values['name'])} {slug}"
        if private is not None:
            values["private"] = private
        if profile is not None:
            values["profile"] = profile.cleaned().packed()

        def work(tx: WriteTransaction) -> Row:
            row = documents.change(tx, ORGANISATIONS, slug, values, version=version)
            if private and has_published(tx, slug):
                raise Conflict(f"{slug} has published badge classes, which name it: it stays public", reason="publishes-in-public", organisation=slug)
            if private and has_shared(tx, slug):
                raise Conflict(f"{slug} shares criteria or a scale, which name it: it stays public", reason="network-shares", network=slug)
            if private and speaks_in_public(tx, slug):
                raise Conflict(f"{slug} has endorsed or accepted badges in its name: it stays public", reason="speaks-in-public", organisation=slug)
            self._happened(tx, actor, "organisation_changed", slug, fields=sorted(set(values) - {"listing"}))
            return row

        row = write_numbered(self._engine, work)
        return self._of(row, dict(actor.memberships).get(slug, ()))

    # Members

    def members(self, slug: str, *, actor: Actor) -> tuple[Member, ...]:
        """Who belongs to it, by name; for members."""
        self._require(slug, actor)
        rows = store.members(self._engine, slug)
        found = [Member(str(row["user"]), str(row["person"]["name"]), tuple(row["roles"]), str(row["since"])) for row in rows]
        return tuple(sorted(found, key=lambda member: name_key(member.name)))

    def set_roles(self, slug: str, user: str, roles: Iterable[str], *, actor: Actor) -> None:
        """Set the roles of a member (`member` is always among them); for managers. Raises NotFound, InvalidInput, Conflict (the last manager)."""
        self._require(slug, actor, "manager")
        wanted = check_roles(roles)

        def work(tx: WriteTransaction) -> None:
            documents.lock(tx, ORGANISATIONS, slug)
            row = documents.get(tx, MEMBERSHIPS, f"{slug}/{user}", "member")
            if sorted(row["roles"]) == wanted:
                return
            if "manager" not in wanted:
                self._keep_a_manager(tx, slug, user)
            documents.change(tx, MEMBERSHIPS, f"{slug}/{user}", {"roles": wanted})
            self._happened(tx, actor, "member_changed", slug, user=user, roles=wanted, before=row["roles"])

        write_numbered(self._engine, work)

    def remove(self, slug: str, user: str, *, actor: Actor) -> None:
        """Take somebody out: oneself, or as a manager anybody. Raises NotFound, Forbidden, Conflict (the last manager)."""
        self._require(slug, actor, *(() if user == actor.id else ("manager",)))
        require_scope(actor)

        def work(tx: WriteTransaction) -> None:
            documents.lock(tx, ORGANISATIONS, slug)
            documents.get(tx, MEMBERSHIPS, f"{slug}/{user}", "member")
            self._keep_a_manager(tx, slug, user)
            documents.remove(tx, MEMBERSHIPS, [f"{slug}/{user}"])
            self._happened(tx, actor, "member_left" if user == actor.id else "member_removed", slug, user=user)

        write_numbered(self._engine, work)

    def add_member(self, slug: str, ref: str, roles: Iterable[str] = (), *, actor: Actor) -> None:
        """Make somebody a member without asking them; for admins and commands. Managers invite."""
        access.require(actor, "administer")
        self.get(slug, actor=actor)
        person, wanted = self._accounts.person(ref), check_roles(roles)

        def work(tx: WriteTransaction) -> None:
            join(tx, slug, person.id, wanted, stamp(self._accounts.clock()))
            self._happened(tx, actor, "member_joined", slug, user=person.id, roles=wanted)

        write_numbered(self._engine, work)

    def _keep_a_manager(self, tx: WriteTransaction, slug: str, user: str) -> None:
        """Raise Conflict where nobody would manage it any more. The organisation's document is locked: of two who leave at once the second sees it."""
        if store.managers(tx, slug) == [user]:
            raise Conflict(f"{slug} would have no manager any more: make somebody else a manager first", reason="last-manager")

    # Networks

    def associations(self, slug: str, *, actor: Actor) -> tuple[tuple[Association, ...], tuple[Association, ...]]:
        """What a network holds, and the networks that an organisation belongs to; what is only asked for is seen by the managers concerned."""
        self.get(slug, actor=actor)
        return (
            self._seen(store.held_by(self._engine, slug), "organisation", slug, actor),
            self._seen(store.networks_of(self._engine, slug), "network", slug, actor),
        )

    def _seen(self, rows: Iterable[Row], other: str, slug: str, actor: Actor) -> tuple[Association, ...]:
        managing = actor.is_admin or actor.in_organisation(slug, "manager")
        kept = [row for row in rows if row["state"] == store.MEMBER or managing]
        names, networks = store.names(self._engine, [str(row[other]) for row in kept]), self._networks(actor)
        found = []
        for row in kept:
            there = names.get(str(row[other]))
            asked = row["state"] == store.ASKED and managing
            if there is not None and (asked or self._visible(there, actor, networks)):
                found.append(Association(str(row[other]), str(there["name"]), str(row["state"]), str(row["asked_by"])))
        return tuple(sorted(found, key=lambda each: name_key(each.name)))

    def associate(self, network: str, organisation: str, *, actor: Actor) -> str:
        """Make an organisation (or a network) a member of a network. It takes a manager of each: the first asks, the second agrees, one of both does both at
        once. Returns "asked" or "member". Raises NotFound, Forbidden, InvalidInput (no network, itself, a circle)."""
        access.require_known(actor)
        rows = store.names(self._engine, [network, organisation])
        for slug in (network, organisation):
            # Who asks need not belong to the other one, but has to be able to see it, or have been asked by it.
            if slug not in rows or not (self._visible(rows[slug], actor) or self._asked(network, organisation, actor)):
                raise NotFound(f"there is no organisation {slug[:60]}", reason="organisation-none", organisation=slug[:60])
        if rows[network]["kind"] != "network":
            raise InvalidInput(f"{network} is no network: only networks have member organisations", reason="no-network", network=network)
        sides = {side for side, slug in (("network", network), ("organisation", organisation)) if self._manages(actor, slug)}
        if not sides:
            raise Forbidden(
                f"you may not do this: it takes the role manager in {network} or in {organisation}",
                reason="network-manager", network=network, organisation=organisation,
            )
        key = f"{network}/{organisation}"

        def work(tx: WriteTransaction) -> str:
            # The network's lock: of two sides that speak at once the second one hears what the first one said.
            documents.lock(tx, ORGANISATIONS, network)
            held = documents.find(tx, NETWORK_MEMBERS, key)
            agreed = {"network", "organisation"} <= sides | ({str(held["asked_by"])} if held else set())
            state = store.MEMBER if agreed or (held and held["state"] == store.MEMBER) else store.ASKED
            # The event first: its number is a lock, behind which every network stands still while the circle is looked for.
            for space in (network, organisation):
                happened(
                    tx, actor, "network_joined" if state == store.MEMBER else "network_asked", subject=f"organisation/{network}",
                    space=space, network=network, organisation=organisation,
                )  # fmt: skip
            if organisation in {network, *store.above(tx, [network])}:
                raise InvalidInput(
                    f"{network} belongs to {organisation} already: networks do not go round in circles",
                    reason="network-circle", network=network, organisation=organisation,
                )
            asked_by = str(held["asked_by"]) if held else next(iter(sorted(sides)))
            store.associate(tx, network, organisation, {"state": state, "asked_by": asked_by})
            return state

        return write_numbered(self._engine, work)

    def dissociate(self, network: str, organisation: str, *, actor: Actor) -> None:
        """End a membership in a network, or say no to what was asked; for a manager of either. Raises NotFound, Forbidden."""
        access.require_known(actor)
        key = f"{network}/{organisation}"
        if not (self._manages(actor, network) or self._manages(actor, organisation)):
            rows = store.names(self._engine, [network, organisation])
            for slug in (network, organisation):
                # For who may not see it, it is not there: here as elsewhere.
                if slug not in rows or not self._visible(rows[slug], actor):
                    raise NotFound(f"there is no organisation {slug[:60]}", reason="organisation-none", organisation=slug[:60])
            raise Forbidden(
                f"you may not do this: it takes the role manager in {network} or in {organisation}",
                reason="network-manager", network=network, organisation=organisation,
            )

        def work(tx: WriteTransaction) -> None:
            documents.lock(tx, ORGANISATIONS, network)
            documents.lock(tx, NETWORK_MEMBERS, key)
            documents.remove(tx, NETWORK_MEMBERS, [key])
            for space in (network, organisation):
                happened(
                    tx, actor, "network_left", subject=f"organisation/{network}", space=space, network=network, organisation=organisation
                )

        write_numbered(self._engine, work)

    def _asked(self, network: str, organisation: str, actor: Actor) -> bool:
        """Whether one who manages either was asked by the other."""
        row = documents.find(self._engine, NETWORK_MEMBERS, f"{network}/{organisation}")
        return row is not None and (self._manages(actor, network) or self._manages(actor, organisation))

    # Who may

    @staticmethod
    def _manages(actor: Actor, slug: str) -> bool:
        may_write = actor.scopes is None or "administer" in actor.scopes
        return may_write and (actor.is_admin or actor.in_organisation(slug, "manager"))

    def _require(self, slug: str, actor: Actor, *roles: str) -> None:
        """Raise unless they belong to it in one of these roles; for one who may not even see it, it is not there."""
        self.get(slug, actor=actor)
        access.require_organisation(actor, slug, *roles)
        if roles:
            require_scope(actor)

    def _visible(self, row: Row, actor: Actor, networks: frozenset[str] | None = None) -> bool:
        slug = str(row["key"])
        if not row["private"] or actor.is_admin or actor.in_organisation(slug):
            return True
        return row["kind"] == "network" and slug in (self._networks(actor) if networks is None else networks)

    def _networks(self, actor: Actor) -> frozenset[str]:
        """The networks that hold the organisations of somebody: a network is seen by the people of its members."""
        own = [slug for slug, _ in actor.memberships]
        return frozenset(store.above(self._engine, own)) if own else frozenset()

    @staticmethod
    def _of(row: Row, roles: tuple[str, ...]) -> Organisation:
        return Organisation(
            str(row["key"]), str(row["name"]), str(row["kind"]), bool(row["private"]), Profile.of(row["profile"]),
            str(row["created"]), int(row["version"]), roles,
        )  # fmt: skip

    @staticmethod
    def _happened(tx: WriteTransaction, actor: Actor, event: str, slug: str, **data: Any) -> None:
        happened(tx, actor, event, subject=f"organisation/{slug}", space=slug, **data)
