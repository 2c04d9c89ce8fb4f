"""Badge classes and bindings by the thousand, by a seeded generator: written as the services write them, but many in one transaction."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from wikic.domain.access import Actor
from wikic.domain.badges import BadgeContent
from wikic.domain.badges_bindings import Binding
from wikic.domain.changes import now
from wikic.domain.ids import binding_id, derived_uuid
from wikic.services.badging_writing import add_versions, shown
from wikic.services.binding import row_of
from wikic.store import badges as store
from wikic.store import documents
from wikic.store.engine import Engine, Row, WriteTransaction
from wikic.store.events import happened_to_many
from wikic.store.leases import write_numbered
from wikic.store.tables import BADGE_CLASSES, BINDINGS
from wikic.store.writing import chunks

_TOGETHER = 400
_STAMP = "2026-02-01T09:00:00.000Z"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A published badge class to make: its issuer, what it says, and the concepts it is bound to (with the names that were seen)."""

    issuer: str
    content: BadgeContent
    concepts: Sequence[tuple[str, str]]

    @property
    def id(self) -> str:
        return derived_uuid(f"seeded|{self.issuer}|{self.content.human_code}")


def content_of(name: str, code: str, **more: object) -> BadgeContent:
    """What a seeded badge class says."""
    values: Row = {"name": name, "description": "Atteste un geste.", "criteria": "Le faire trois fois.", "human_code": code, "validity": 36}
    return BadgeContent.of(values | more)


def seed_badges(engine: Engine, wanted: Sequence[Wanted], actor: Actor, *, release: str, seq: int) -> None:
    """Publish badge classes, bound as of a release."""
    for part in chunks(wanted, _TOGETHER):
        write_numbered(engine, lambda tx, part=part: _write(tx, part, actor, release, seq))  # type: ignore[misc]


def spread(issuers: Sequence[str], concepts: Mapping[str, str], classes: int, bindings: int, seed: int) -> list[Wanted]:
    """So many badge classes of these issuers, with so many bindings in all, spread over concepts (uuid to name) as people do: some are bound often."""
    chooser = random.Random(seed)
    uuids = sorted(concepts)
    made: list[Wanted] = []
    for number in range(classes):
        count = bindings // classes + (number < bindings % classes)
        chosen: set[str] = set()
        while len(chosen) < min(count, len(uuids)):
            # Half of them are among a tenth of the concepts.
            among = len(uuids) // 10 or 1 if chooser.random() < 0.5 else len(uuids)
            chosen.add(uuids[chooser.randrange(among)])
        content = content_of(f"Badge {number}", f"B-{number:05}", level=f"practice:{number % 3 + 1}")
        made.append(Wanted(issuers[number % len(issuers)], content, [(uuid, concepts[uuid]) for uuid in sorted(chosen)]))
    return made


def _write(tx: WriteTransaction, wanted: Sequence[Wanted], actor: Actor, release: str, seq: int) -> None:
    stamp = now()
    told = [
        (f"badge_class/{each.id}", [uuid for uuid, _ in each.concepts],
         {"issuer": each.issuer, "organisation": each.issuer, "name": each.content.name, "number": 1, "first": True})
        for each in wanted
    ]  # fmt: skip
    numbers = happened_to_many(tx, actor, "badge_published", told, space="public", seq=None)
    rows: list[Row] = []
    bound: list[Row] = []
    for each, number in zip(wanted, numbers, strict=True):
        row: Row = {
            "key": each.id, "issuer": each.issuer, "status": "published", "number": 1, "created": stamp, "changed": stamp, "made_by": actor.name,
            "published": stamp, "pending": False, "revision": store.revision(number), **shown(each.content),
        }  # fmt: skip
        rows.append(row)
        for uuid, name in each.concepts:
            level = each.content.level
            bound.append(row_of(Binding(
                binding_id(each.id, uuid, level), each.id, each.issuer, uuid, level, name, release, seq, "imported", actor.name, stamp, "open",
            ), row))  # fmt: skip
    documents.insert_many(tx, BADGE_CLASSES, rows)
    for part in chunks(bound, 2_000):
        documents.insert_many(tx, BINDINGS, part)
    add_versions(tx, rows, actor, "published")
