"""How badge classes are written: documents to values and back, versions, and what lists and bindings are told of them."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any

from wikic.domain.access import Actor
from wikic.domain.badges import BadgeClass, BadgeContent, BadgeVersion, parse_level
from wikic.domain.badges_bindings import binding_of, frozen
from wikic.domain.badges_images import generated_image
from wikic.domain.changes import now
from wikic.domain.organisations import Profile
from wikic.services.badging_rights import space_of, works_for
from wikic.store import badges as store
from wikic.store import documents
from wikic.store.engine import Row, WriteTransaction
from wikic.store.events import happened
from wikic.store.tables import BADGE_CLASSES, BADGE_IMAGES, BADGE_VERSIONS
from wikic.text.fold import fold

SVG_MEDIA = "image/svg+xml"
_WORDS = 1_000


def badge_of(row: Mapping[str, Any], actor: Actor) -> BadgeClass:
    """The document as this one sees it."""
    waiting = row.get("draft") if works_for(actor, str(row["issuer"])) else None
    return BadgeClass(
        id=str(row["key"]), issuer=str(row["issuer"]), content=BadgeContent.of(row["content"]), status=str(row["status"]),
        number=int(row["number"]), created=str(row["created"]), changed=str(row["changed"]), made_by=str(row["made_by"]),
        version=int(row["version"]), draft=BadgeContent.of(waiting) if waiting else None, published=str(row.get("published") or ""),
        retired=str(row.get("retired") or ""),
    )  # fmt: skip


def version_of(row: Mapping[str, Any]) -> BadgeVersion:
    """A published version from its document."""
    return BadgeVersion(
        badge_class=str(row["badge_class"]), issuer=str(row["issuer"]), number=int(row["number"]), content=BadgeContent.of(row["content"]),
        bindings=tuple(row["bindings"]), published=str(row["published"]), by=str(row["by"]), why=str(row["why"]),
    )  # fmt: skip


def shown(content: BadgeContent) -> dict[str, Any]:
    """What lists need of the content that everybody reads."""
    words = " ".join((content.name, *content.tags, content.human_code, content.description[:_WORDS]))
    return {
        "content": content.packed(), "name": content.name, "words": fold(words), "lang": content.lang, "level": content.level,
        "review_due": content.review_due, "hosted": content.hosted, "address": content.address, "human_code": content.human_code,
    }  # fmt: skip


def told(tx: WriteTransaction, actor: Actor, kind: str, row: Mapping[str, Any], concepts: Iterable[str] = (), **data: Any) -> int:
    """Append what was done to a badge class; the event's number."""
    issuer = str(row["issuer"])
    named = {"issuer": issuer, "organisation": issuer, "name": str(row["name"])[:200], "number": int(row["number"]), **data}
    return happened(tx, actor, kind, subject=f"badge_class/{row['key']}", space=space_of(row), concepts=concepts, **named)


def write(tx: WriteTransaction, row: Row, values: Mapping[str, Any], number: int) -> Row:
    """Change a badge class that is locked, as the event `number` says."""
    new = {**values, "changed": now(), "revision": store.revision(number)}
    new["pending"] = bool(new["draft"] if "draft" in new else row.get("draft"))
    documents.change_many(tx, BADGE_CLASSES, [(row, new)])
    return {name: value for name, value in {**row, **new, "version": int(row["version"]) + 1}.items() if value is not None}


def add_versions(tx: WriteTransaction, rows: Sequence[Row], actor: Actor, why: str) -> None:
    """Keep these badge classes, as they are now with their open bindings, as published versions of their `number`; and tell their bindings."""
    bound = store.open_bindings(tx, [str(row["key"]) for row in rows])
    documents.insert_many(
        tx,
        BADGE_VERSIONS,
        [
            {
                "key": store.version_key(str(row["key"]), int(row["number"])), "badge_class": row["key"], "issuer": row["issuer"],
                "number": int(row["number"]), "content": row["content"], "published": now(), "by": actor.name, "why": why,
                "bindings": [frozen(binding_of(each)) for each in bound[str(row["key"])]],
            }
            for row in rows
        ],
    )  # fmt: skip


def tell_bindings(tx: WriteTransaction, row: Mapping[str, Any]) -> None:
    """What the bindings of a badge class know of it."""
    states = {"badge_class": row["key"], "state": row["status"], "public": int(row["number"]) > 0, "lang": row["lang"], "level": row["level"]}
    store.set_states(tx, [states])


def drawn(content: BadgeContent, issuer: Mapping[str, Any]) -> str:
    """The SVG of a badge class that has no image."""
    level = parse_level(content.level)
    colours = Profile.of(issuer["profile"]).colours
    return generated_image(content.name, level.number if level else 0, colours, str(issuer["key"]))


def with_image(tx: WriteTransaction, content: BadgeContent, issuer: Mapping[str, Any]) -> BadgeContent:
    """The same with an image: one is drawn and kept where there is none, so that a published version always shows the same."""
    if content.image:
        return content
    data = drawn(content, issuer).encode()
    digest = sha256(data).hexdigest()
    store.keep_image(tx, digest, image_row(SVG_MEDIA, data, generated=True))
    return BadgeContent.of(content.packed() | {"image": digest})


def redrawn(tx: WriteTransaction, content: BadgeContent, issuer: Mapping[str, Any]) -> BadgeContent:
    """The same with an image for what it says now: one that was drawn is drawn anew, any other stays."""
    image = documents.find(tx, BADGE_IMAGES, content.image) if content.image else None
    return with_image(tx, replace(content, image="") if image and image["generated"] else content, issuer)


def image_row(media: str, data: bytes, *, generated: bool = False) -> dict[str, Any]:
    """An image as its document keeps it."""
    return {"media": media, "data": base64.b64encode(data).decode(), "size": len(data), "generated": generated}
