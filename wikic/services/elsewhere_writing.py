"""How badge classes from elsewhere are written: all of them with their images, bindings and, if wanted, first versions in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from wikic.domain.access import Actor
from wikic.domain.badges import BadgeContent
from wikic.domain.changes import now
from wikic.domain.ids import binding_id, new_uuid
from wikic.errors import Conflict
from wikic.images.checking import CheckedImage
from wikic.services import badging_rights as rights
from wikic.services.badging_writing import add_versions, image_row, shown, told, with_image
from wikic.services.binding_targets import Seen
from wikic.services.scaling import use_level
from wikic.store import badges as store
from wikic.store import documents
from wikic.store.badges_elsewhere import addresses_of
from wikic.store.engine import Row, WriteTransaction
from wikic.store.tables import BADGE_CLASSES, BADGE_SOURCES, BINDINGS, ORGANISATIONS


@dataclass(frozen=True, slots=True)
class Taken:
    """A badge class to make: what it says, its image (None: drawn), the competencies with the source of each binding, and the state of its address."""

    content: BadgeContent
    image: CheckedImage | None
    concepts: Sequence[tuple[Seen, str]]
    state: Row


def take(tx: WriteTransaction, issuer: str, taken: Iterable[Taken], actor: Actor, *, publish: bool) -> list[str]:
    """Make all of them, as drafts or published at once; their ids. Raises Conflict where one of the addresses was taken meanwhile, or a private issuer would
    publish; InvalidInput where a level is not there."""
    # Locked before anything else, so that nobody takes the same addresses at the same time.
    owner = documents.lock(tx, ORGANISATIONS, issuer)
    if publish:
        rights.require_open(owner)
    wanted = list(taken)
    there = addresses_of(tx, issuer, [each.content.address for each in wanted])
    if there:
        raise Conflict(f"{sorted(there)[0][:300]} was taken meanwhile: look again", reason="elsewhere-taken")
    for level in sorted({each.content.level for each in wanted}):
        use_level(tx, level)
    rows: list[Row] = []
    for each in wanted:
        content = replace(each.content, image=keep_image(tx, each.image) if each.image else "")
        row, bindings = _rows(issuer, with_image(tx, content, owner) if publish else content, each.concepts, actor, publish=publish)
        private = {**row, "number": 0}
        number = told(tx, actor, "badge_made", private, hosted="elsewhere")
        concepts = [str(bound["concept"]) for bound in bindings]
        if bindings:
            number = told(tx, actor, "binding_made", private, concepts, bindings=[str(bound["key"]) for bound in bindings][:100], total=len(bindings))
        if publish:
            number = told(tx, actor, "badge_published", row, concepts, first=True)
        row["revision"] = store.revision(number)
        documents.insert(tx, BADGE_CLASSES, row)
        documents.insert_many(tx, BINDINGS, bindings)
        documents.insert(tx, BADGE_SOURCES, {"key": row["key"], "issuer": issuer, **each.state, "due": f"{each.state['due']} {row['key']}"})
        rows.append(row)
    if publish:
        add_versions(tx, rows, actor, "published")
    return [str(row["key"]) for row in rows]


def _rows(
    issuer: str, content: BadgeContent, concepts: Sequence[tuple[Seen, str]], actor: Actor, *, publish: bool
) -> tuple[Row, list[Row]]:  # fmt: skip
    stamp, identity = now(), new_uuid()
    row: dict[str, Any] = {
        "key": identity, "issuer": issuer, "status": "published" if publish else "draft", "number": int(publish), "created": stamp, "changed": stamp,
        "made_by": actor.name, "pending": False, **shown(content), **({"published": stamp} if publish else {}),
    }  # fmt: skip
    bindings = [_binding(row, seen, source, actor, stamp) for seen, source in concepts]
    return row, list({str(each["key"]): each for each in bindings}.values())


def _binding(row: Row, seen: Seen, source: str, actor: Actor, stamp: str) -> Row:
    identity = str(row["key"])
    return {
        "key": binding_id(identity, seen.uuid, ""), "badge_class": identity, "issuer": row["issuer"], "concept": seen.uuid,
        "level": "", "at_level": row["level"],
        "seen_name": seen.name(str(row["lang"])), "since_release": seen.release, "seen_seq": seen.seq, "source": source, "made_by": actor.name,
        "made_at": stamp, "status": "open", "state": row["status"], "public": int(row["number"]) > 0, "lang": row["lang"],
        "by_concept": f"{seen.uuid}/{identity}/", "by_badge": f"{identity}/{seen.uuid}/", "by_issuer": f"{row['issuer']}/{identity}/{seen.uuid}/",
    }  # fmt: skip


def keep_image(tx: WriteTransaction, image: CheckedImage) -> str:
    """Keep an image; its digest."""
    digest = sha256(image.data).hexdigest()
    store.keep_image(tx, digest, image_row(image.media, image.data))
    return digest
