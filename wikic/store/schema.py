"""The schema of the store: unique keys, indexes, its version, and the migrations between versions.

One label per node and no index on relationships: both engines write twice as fast so, and what would need them is found through the journal.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from wikic.domain.vocabulary import PUBLIC_SPACE
from wikic.errors import StoreNotReady
from wikic.store.engine import Engine, Query, UniqueViolation, WriteTransaction
from wikic.store.tables import TABLES

UNIQUE: Final = (
    ("Meta", "key"),
    ("Space", "name"),
    ("Concept", "uuid"),
    ("Alias", "uuid"),
    ("Change", "seq"),
    ("Event", "number"),
    ("Release", "key"),
    ("Journal", "key"),
    ("Import", "key"),
    ("ImportPart", "key"),
    *((table.label, "key") for table in TABLES),
)
INDEXES: Final = (
    ("State", "listing"),
    ("State", "ref"),
    *((table.label, field) for table in TABLES for field in table.indexes),
)

_VERSION = Query("schema.version", "MATCH (m:Meta {key: 'store'}) RETURN m.schema AS schema, m.epoch AS epoch")
_FOUND = Query(
    "schema.found",
    "CREATE (m:Meta {key: 'store', schema: $schema, epoch: $epoch, seq: 0, event: 0, people_from: 0})"
    " CREATE (s:Space {name: $space, kind: 'public', head: 0, lease_token: 0, lease_until: 0, lease_holder: ''})",
)
# Writing something takes the node's lock, so that two processes do not migrate at once; what is read after it is true.
_LOCK = Query("schema.lock", "MATCH (m:Meta {key: 'store'}) SET m.migrating = timestamp()")
_UNLOCK = Query("schema.unlock", "MATCH (m:Meta {key: 'store'}) REMOVE m.migrating")
_SET_VERSION = Query("schema.set_version", "MATCH (m:Meta {key: 'store'}) SET m.schema = $schema")
_PEOPLE_FROM = Query("schema.people_from", "MATCH (m:Meta {key: 'store'}) SET m.people_from = m.event")
_SET_EPOCH = Query("schema.set_epoch", "MATCH (m:Meta {key: 'store'}) SET m.epoch = $epoch")


@dataclass(frozen=True, slots=True)
class Migration:
    """One step from version `number - 1` to `number`. `run` happens in one transaction with the new version number, and never alters the
    canonical content of the past."""

    number: int
    title: str
    run: Callable[[WriteTransaction], None]


def _nothing(_: WriteTransaction) -> None:
    pass


def _people_from_here(tx: WriteTransaction) -> None:
    """Of the events so far it is not known by an index whom they are about."""
    tx.run(_PEOPLE_FROM)


MIGRATIONS: Final[tuple[Migration, ...]] = (
    # Nothing to change, but a program that does not know these documents must not work on the store.
    Migration(2, "documents: accounts, proposals, webhooks", _nothing),
    Migration(3, "outgoing mail; reviews of imports; who an event is about", _people_from_here),
    Migration(4, "badge classes and their bindings, scales, criteria", _nothing),
)
"""Steps after version 1; the newest number is the version this program wants."""


def wanted_version() -> int:
    """The schema version that this program works with."""
    return MIGRATIONS[-1].number if MIGRATIONS else 1


def new_epoch() -> str:
    """A new store epoch: part of ETags and cursors, renewed by a restore."""
    return secrets.token_hex(6)


def ensure_schema(engine: Engine, migrations: tuple[Migration, ...] = MIGRATIONS) -> str:
    """Make or upgrade the schema; returns the store's epoch. Safe to run from several processes at once.

    Raises StoreNotReady when the store was written by a newer program.
    """
    wanted = migrations[-1].number if migrations else 1
    for label, key in UNIQUE:
        name = f"{label.lower()}_{key}"
        engine.define(
            Query("schema.unique", f"CREATE CONSTRAINT {name} IF NOT EXISTS FOR (n:{label}) REQUIRE n.{key} IS UNIQUE")
        )
    for label, key in INDEXES:
        name = f"{label.lower()}_{key}"
        engine.define(Query("schema.index", f"CREATE INDEX {name} IF NOT EXISTS FOR (n:{label}) ON (n.{key})"))
    rows = engine.read(_VERSION)
    if not rows:
        # Another process may found the store in this very moment.
        with suppress(UniqueViolation):
            engine.write(lambda tx: tx.run(_FOUND, schema=wanted, epoch=new_epoch(), space=PUBLIC_SPACE))
        rows = engine.read(_VERSION)
    version = int(rows[0]["schema"])
    if version > wanted:
        raise StoreNotReady(
            f"the store has schema {version}, this program knows up to {wanted}: use the newer Wiki-C that wrote it"
        )
    for step in migrations:
        if step.number > version:
            engine.write(lambda tx, step=step: _migrate(tx, step), timeout=None)  # type: ignore[misc]
    return str(rows[0]["epoch"])


def renew_epoch(tx: WriteTransaction) -> str:
    """Give the store a new epoch, as a restore does; returns it."""
    epoch = new_epoch()
    tx.run(_SET_EPOCH, epoch=epoch)
    return epoch


def _migrate(tx: WriteTransaction, step: Migration) -> None:
    tx.run(_LOCK)
    if int(tx.run(_VERSION)[0]["schema"]) < step.number:
        step.run(tx)
        tx.run(_SET_VERSION, schema=step.number)
    tx.run(_UNLOCK)
