"""Organisations in the store: members with their names, and which organisations a network holds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from wikic.domain.accounts import ACTIVE
from wikic.errors import NotFound
from wikic.store import documents
from wikic.store.documents import Source
from wikic.store.engine import Row, WriteTransaction
from wikic.store.tables import MEMBERSHIPS, NETWORK_MEMBERS, ORGANISATIONS, USERS

ASKED, MEMBER = "asked", "member"


def members(source: Source, slug: str) -> list[Row]:
    """The memberships of an organisation, each with the user's document under `person`."""
    rows = documents.find_by(source, MEMBERSHIPS, "organisation", [slug])
    users = {row["key"]: row for row in documents.find_by(source, USERS, "key", [str(row["user"]) for row in rows])}
    return [{**row, "person": users[row["user"]]} for row in rows if row["user"] in users]


def managers(source: Source, slug: str) -> list[str]:
    """The users who can manage an organisation: nobody signs in to an account that is disabled."""
    rows = documents.find_by(source, MEMBERSHIPS, "organisation", [slug])
    people = documents.find_by(source, USERS, "key", [str(row["user"]) for row in rows if "manager" in row["roles"]])
    return [str(row["key"]) for row in people if row["state"] == ACTIVE]


def held_by(source: Source, network: str) -> list[Row]:
    """What belongs to a network, or was asked to."""
    return documents.find_by(source, NETWORK_MEMBERS, "network", [network])


def networks_of(source: Source, slug: str) -> list[Row]:
    """The networks that an organisation belongs to, or was asked into."""
    return documents.find_by(source, NETWORK_MEMBERS, "organisation", [slug])


def above(source: Source, slugs: list[str]) -> set[str]:
    """The networks that hold these organisations, directly or through others."""
    found: set[str] = set()
    front = set(slugs)
    while front:
        rows = documents.find_by(source, NETWORK_MEMBERS, "organisation", sorted(front))
        front = {str(row["network"]) for row in rows if row["state"] == MEMBER} - found
        found |= front
    return found


def name_of(source: Source, slug: str) -> str:
    """The name of an organisation; the slug where there is none of it, "" for ""."""
    return names_of(source, [slug] if slug else []).get(slug, slug)


def names_of(source: Source, slugs: Iterable[str]) -> dict[str, str]:
    """The names of organisations by slug; of none, nothing is asked."""
    wanted = sorted(set(slugs))
    return {slug: str(row["name"]) for slug, row in names(source, wanted).items()} if wanted else {}


def names(source: Source, slugs: list[str]) -> dict[str, Row]:
    """The documents of organisations by slug."""
    return {str(row["key"]): row for row in documents.find_by(source, ORGANISATIONS, "key", slugs)}


def associate(tx: WriteTransaction, network: str, organisation: str, values: dict[str, Any]) -> None:
    """Write how an organisation stands to a network."""
    key = f"{network}/{organisation}"
    try:
        documents.change(tx, NETWORK_MEMBERS, key, values)
    except NotFound:
        # Or no more since it was read, which ArcadeDB lets a transaction see: its commit then fails on the network's lock, and all is done again.
        documents.insert(tx, NETWORK_MEMBERS, {"key": key, "network": network, "organisation": organisation, **values})
