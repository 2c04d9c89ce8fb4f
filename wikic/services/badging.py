"""Badge classes: made, edited, published as immutable versions, retired, read. Lists are `badging_catalogue`'s, competencies `binding`'s.

Flow: web and command line -> `Badging` -> documents. Every act appends to the event log in the transaction that makes it true.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from wikic.domain.access import Actor
from wikic.domain.badges import BadgeClass, BadgeContent, BadgeVersion, Missing, missing
from wikic.domain.changes import now
from wikic.domain.ids import is_uuid, new_uuid
from wikic.domain.organisations import Profile
from wikic.domain.texts import check_text
from wikic.errors import Conflict, InvalidInput, NotFound
from wikic.images.checking import checked_image
from wikic.services import badging_rights as rights
from wikic.services.badging_writing import (
    SVG_MEDIA,
    add_versions,
    badge_of,
    drawn,
    image_row,
    shown,
    tell_bindings,
    told,
    version_of,
    with_image,
    write,
)
from wikic.services.refreshing_closing import close_lines
from wikic.services.scaling import use_level
from wikic.store import badges as store
from wikic.store import documents
from wikic.store.documents import Source
from wikic.store.engine import Engine, Row, UniqueViolation, WriteTransaction
from wikic.store.leases import write_numbered
from wikic.store.tables import BADGE_CLASSES, BADGE_IMAGES, BADGE_VERSIONS, ORGANISATIONS

LONGEST_REASON = 2_000


@dataclass(frozen=True, slots=True)
class Image:
    """An image as it is shown: media type, bytes, its digest; `generated`: drawn from the name; `kept`: it is stored, and so never changes."""

    media: str
    data: bytes
    digest: str
    generated: bool
    kept: bool


class Badging:
    """Badge classes over one store; safe between threads."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    # Reading

    def get(self, identity: str, actor: Actor) -> BadgeClass:
        """One badge class, as the actor may see it. Raises NotFound."""
        return badge_of(self._row(identity, actor), actor)

    def get_many(self, identities: list[str], actor: Actor) -> dict[str, BadgeClass]:
        """Those of them that are there for the actor, by id. One round trip."""
        rows = store.find_classes(self.engine, identities)
        return {key: badge_of(row, actor) for key, row in rows.items() if int(row["number"]) or rights.works_for(actor, str(row["issuer"]))}

    def versions(self, identity: str, actor: Actor, *, after: int = 0, limit: int = 100) -> list[BadgeVersion]:
        """Its published versions, oldest first. Raises NotFound."""
        self._row(identity, actor)
        return [version_of(row) for row in store.versions_of(self.engine, identity, after=after, limit=limit)]

    def version(self, identity: str, number: int, actor: Actor) -> BadgeVersion:
        """One published version. Raises NotFound."""
        self._row(identity, actor)
        what = f"version {number} of the badge class"
        row = documents.find(self.engine, BADGE_VERSIONS, store.version_key(identity, number)) if 0 < number < 1_000_000 else None
        if row is None:
            raise NotFound(f"there is no {what} {identity[:60]}", reason="badge-version-none", number=number)
        return version_of(row)

    def missing(self, badge: BadgeClass) -> list[Missing]:
        """What it (or its draft) lacks to be complete."""
        issuer = documents.find(self.engine, ORGANISATIONS, badge.issuer)
        return self._missing(self.engine, badge.id, badge.working, issuer or {"profile": {}})

    def image(self, identity: str, actor: Actor, *, number: int = 0, draft: bool = False) -> Image:
        """Its image: that of version `number`, of the `draft`, or of what everybody reads; one is drawn where there is none. Raises NotFound."""
        row = self._row(identity, actor)
        badge = badge_of(row, actor)
        content = self.version(identity, number, actor).content if number else badge.working if draft else badge.content
        if content.image:
            return self.image_of(content.image)
        issuer = documents.find(self.engine, ORGANISATIONS, badge.issuer) or {"profile": {}, "key": badge.issuer}
        data = drawn(content, issuer).encode()
        return Image(SVG_MEDIA, data, sha256(data).hexdigest(), generated=True, kept=False)

    def image_of(self, digest: str) -> Image:
        """A stored image. Raises NotFound."""
        row = documents.get(self.engine, BADGE_IMAGES, digest, "image")
        return Image(str(row["media"]), base64.b64decode(row["data"]), digest, bool(row["generated"]), kept=True)

    # Writing

    def create(self, issuer: str, content: BadgeContent, actor: Actor, *, once: str = "") -> BadgeClass:
        """Make a draft. Of what is sent twice with the same words and the same `once` (a fresh uuid, which becomes its id) one is made.

        Raises NotFound (no such issuer), Forbidden, InvalidInput."""
        rights.issuer_row(self.engine, issuer, actor)
        rights.require_draft(actor, issuer)
        cleaned = self._named(content.cleaned())
        self._image_is_there(cleaned)
        held = documents.find(self.engine, BADGE_CLASSES, once) if once else None
        if held is not None and held["issuer"] == issuer and BadgeContent.of(held["content"]) == cleaned:
            return badge_of(held, actor)
        key = once if is_uuid(once) and held is None else new_uuid()
        stamp = now()
        row: Row = {
            "key": key, "issuer": issuer, "status": "draft", "number": 0, "created": stamp, "changed": stamp, "made_by": actor.name,
            "pending": False, **shown(cleaned),
        }  # fmt: skip

        def work(tx: WriteTransaction) -> None:
            use_level(tx, cleaned.level)
            number = told(tx, actor, "badge_made", row)
            documents.insert(tx, BADGE_CLASSES, {**row, "revision": store.revision(number)})

        try:
            write_numbered(self.engine, work)
        except UniqueViolation:
            if key != once:
                raise
            # What was sent with it at the same moment was quicker.
            return self.create(issuer, content, actor, once=once)
        return badge_of({**row, "version": 1}, actor)

    def change(self, identity: str, content: BadgeContent, actor: Actor, *, version: int | None) -> BadgeClass:
        """Put what it says in place of what it said: of a draft itself; once it was published, of what waits to be published next.

        Raises NotFound, Forbidden, InvalidInput, StaleVersion."""
        rights.require_draft(actor, self._issuer_of(identity, actor))
        cleaned = self._named(content.cleaned())
        self._image_is_there(cleaned)
        return self._edit(identity, lambda _: cleaned, actor, version)

    def set_image(self, identity: str, data: bytes, actor: Actor, *, version: int | None) -> BadgeClass:
        """Keep an image and show it from the next version on; no bytes: draw one again. Raises as `change`, TooLarge, InvalidInput (with the reason)."""
        rights.require_draft(actor, self._issuer_of(identity, actor))
        checked = checked_image(data) if data else None
        digest = sha256(checked.data).hexdigest() if checked else ""

        def with_it(old: BadgeContent) -> BadgeContent:
            return replace(old, image=digest)

        def keep(tx: WriteTransaction) -> None:
            if checked:
                store.keep_image(tx, digest, image_row(checked.media, checked.data))

        return self._edit(identity, with_it, actor, version, keep)

    def restore(self, identity: str, number: int, actor: Actor, *, version: int | None) -> BadgeClass:
        """Make an older version's words what waits to be published next. Raises as `change`."""
        rights.require_draft(actor, self._issuer_of(identity, actor))
        old = self.version(identity, number, actor).content
        return self._edit(identity, lambda _: old, actor, version)

    def publish(self, identity: str, actor: Actor, *, version: int | None = None) -> BadgeClass:
        """Publish what waits, as the next version; what was retired comes back. Raises NotFound, Forbidden, StaleVersion, InvalidInput (what is missing),
        Conflict (a private issuer, nothing to publish)."""
        issuer = self._issuer_of(identity, actor)
        rights.require_published(actor, issuer)

        def work(tx: WriteTransaction) -> Row:
            # Locked before the badge class, so that no issuer becomes private while it publishes.
            owner = documents.lock(tx, ORGANISATIONS, issuer)
            rights.require_open(owner)
            row = documents.lock(tx, BADGE_CLASSES, identity, version=version)
            if row["status"] == "published" and not row.get("draft"):
                raise Conflict("there is nothing to publish: it was not changed since it was published", reason="publish-nothing")
            content = with_image(tx, BadgeContent.of(row.get("draft") or row["content"]), owner)
            use_level(tx, content.level)
            lacking = [each for each in self._missing(tx, identity, content, owner) if each.required]
            if lacking:
                keys = [each.key for each in lacking]
                raise InvalidInput("it is not complete: " + " ".join(each.why for each in lacking), reason="badge-incomplete", lacks=keys)
            first = not int(row["number"])
            values = {**shown(content), "draft": None, "status": "published", "number": int(row["number"]) + 1, "retired": None}
            values["published"] = now()
            if row["status"] == "retired":
                values["gone"] = [*(row.get("gone") or ()), f"{row['retired']}/{values['published']}"]
            number = told(tx, actor, "badge_published", {**row, **values}, self._concepts(tx, identity), first=first)
            new = write(tx, row, values, number)
            tell_bindings(tx, new)
            add_versions(tx, [new], actor, "published")
            return new

        return badge_of(write_numbered(self.engine, work), actor)

    def retire(self, identity: str, actor: Actor, *, reason: str = "", version: int | None = None) -> BadgeClass:
        """Say that it is given no longer; it stays readable. A draft that was never published is put aside. Raises NotFound, Forbidden, StaleVersion,
        Conflict (it is retired)."""
        issuer = self._issuer_of(identity, actor)
        rights.require_published(actor, issuer)
        reason = check_text("reason", reason, LONGEST_REASON)

        def work(tx: WriteTransaction) -> Row:
            row = documents.lock(tx, BADGE_CLASSES, identity, version=version)
            if row["status"] == "retired":
                raise Conflict("it is retired already", reason="retired-already")
            values = {"status": "retired", "retired": now()}
            number = told(tx, actor, "badge_retired", row, self._concepts(tx, identity), reason=reason)
            new = write(tx, row, values, number)
            tell_bindings(tx, new)
            close_lines(tx, [identity], actor)
            return new

        return badge_of(write_numbered(self.engine, work), actor)

    def discard(self, identity: str, actor: Actor, *, version: int | None = None) -> BadgeClass | None:
        """Forget a draft that was never published, with its bindings; of one that was, what waits to be published. What is left of it, None for nothing.

        Raises NotFound, Forbidden, StaleVersion, Conflict (nothing waits)."""
        rights.require_draft(actor, self._issuer_of(identity, actor))

        def work(tx: WriteTransaction) -> Row | None:
            row = documents.lock(tx, BADGE_CLASSES, identity, version=version)
            private = {**row, "number": 0}
            if int(row["number"]):
                if not row.get("draft"):
                    raise Conflict("there is nothing to discard: what is published stays; retire it if it is given no longer", reason="nothing-waits")
                return write(tx, row, {"draft": None}, told(tx, actor, "badge_changed", private, discarded=True))
            told(tx, actor, "badge_discarded", private)
            close_lines(tx, [identity], actor)
            store.forget_draft(tx, identity)
            return None

        left = write_numbered(self.engine, work)
        return badge_of(left, actor) if left is not None else None

    # Parts

    def _edit(
        self, identity: str, make: Callable[[BadgeContent], BadgeContent], actor: Actor, version: int | None,
        besides: Callable[[WriteTransaction], None] | None = None,
    ) -> BadgeClass:  # fmt: skip
        def work(tx: WriteTransaction) -> Row:
            row = documents.lock(tx, BADGE_CLASSES, identity, version=version)
            current = BadgeContent.of(row["content"])
            working = BadgeContent.of(row.get("draft") or row["content"])
            new = make(working)
            if new.level != working.level:
                use_level(tx, new.level)
            if besides:
                besides(tx)
            values: dict[str, Any]
            values = {"draft": new.packed() if new != current else None} if int(row["number"]) else shown(new)
            # What waits is nobody's business yet, even where the badge class itself is public.
            private = {**row, "number": 0}
            number = told(tx, actor, "badge_changed", private, version=int(row["version"]) + 1)
            written = write(tx, row, values, number)
            tell_bindings(tx, written)
            return written

        return badge_of(write_numbered(self.engine, work), actor)

    def _row(self, identity: str, actor: Actor) -> Row:
        return rights.seen(documents.find(self.engine, BADGE_CLASSES, identity), actor, identity)

    def _issuer_of(self, identity: str, actor: Actor) -> str:
        return str(self._row(identity, actor)["issuer"])

    def _image_is_there(self, content: BadgeContent) -> None:
        if content.image:
            self.image_of(content.image)

    @staticmethod
    def _named(content: BadgeContent) -> BadgeContent:
        if not content.name:
            raise InvalidInput("a badge class has a name", reason="badge-name")
        return content

    @staticmethod
    def _missing(source: Source, identity: str, content: BadgeContent, issuer: Row) -> list[Missing]:
        profile = Profile.of(issuer["profile"])
        bound = len(store.open_bindings(source, [identity])[identity])
        return missing(content, bindings=bound, issuer_site=profile.site, issuer_email=profile.email)

    @staticmethod
    def _concepts(tx: WriteTransaction, identity: str) -> list[str]:
        return [str(row["concept"]) for row in store.open_bindings(tx, [identity])[identity]]
