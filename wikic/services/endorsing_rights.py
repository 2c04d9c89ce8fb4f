"""Who endorses and accepts in whose name, and what can be endorsed: nothing that is not public, and nothing of one's own."""

from __future__ import annotations

from dataclasses import dataclass

from wikic.domain.access import Actor, require_organisation
from wikic.domain.badges_bindings import BINDABLE
from wikic.domain.endorsements import Named
from wikic.domain.vocabulary import DEPRECATED
from wikic.errors import Conflict, Forbidden, InvalidInput, NotFound
from wikic.services import badging_rights as rights
from wikic.services.reading import Reading
from wikic.services.reading_views import best
from wikic.store import documents
from wikic.store.documents import Source
from wikic.store.engine import Row, WriteTransaction
from wikic.store.tables import BADGE_CLASSES, ORGANISATIONS


@dataclass(frozen=True, slots=True)
class Aim:
    """What would be endorsed, found: its name, and the issuer it belongs to ("" for none)."""

    target: Named
    name: str
    issuer: str = ""


def seen_organisation(source: Source, slug: str, actor: Actor) -> Row:
    """An organisation, if the actor may see it. Raises NotFound."""
    row = documents.find(source, ORGANISATIONS, slug)
    if row is None or (row["private"] and not rights.works_for(actor, slug)):
        raise NotFound(f"there is no organisation {slug[:60]}", reason="organisation-none", organisation=slug[:60])
    return row


def require_manager(source: Source, slug: str, actor: Actor) -> Row:
    """The organisation in whose name the actor may speak. Raises Unauthenticated, NotFound, Forbidden."""
    rights.require_writer(actor)
    row = seen_organisation(source, slug, actor)
    require_organisation(actor, slug, "manager")
    return row


def require_public(row: Row) -> None:
    """Raise where an organisation is private: what it says in public names it."""
    if row["private"]:
        slug = str(row["key"])
        raise Conflict(
            f"{slug} is private: make its profile public first, since everybody reads who endorses or accepts",
            reason="speaker-private", organisation=slug,
        )  # fmt: skip


def endorser_of(source: Source, organisation: str, actor: Actor) -> tuple[Named, str]:
    """Who endorses: an organisation that the actor manages, or ("") the actor themself; and their name. Raises as `require_manager`, Conflict."""
    if organisation:
        row = require_manager(source, organisation, actor)
        require_public(row)
        return Named("organisation", organisation), str(row["name"])
    rights.require_writer(actor)
    if actor.via not in ("session", "token"):
        raise InvalidInput("name the organisation that endorses: a command on the machine is no person", reason="endorse-by")
    return Named("user", actor.id), actor.name


def lock_speaker(tx: WriteTransaction, organisation: str) -> None:
    """Hold an organisation public until the transaction ends."""
    require_public(documents.lock(tx, ORGANISATIONS, organisation))


def aim(source: Source, reading: Reading, target: Named, actor: Actor) -> Aim:
    """What would be endorsed, if it is there for everybody. Raises NotFound, InvalidInput, Conflict."""
    if target.kind == "badge_class":
        return _badge_class(source, target.id, actor)
    if target.kind == "issuer":
        row = rights.issuer_row(source, target.id, actor)
        if row["private"]:
            raise Conflict(f"{target.id} is private: only what everybody sees is endorsed", reason="endorse-private")
        return Aim(target, str(row["name"]), target.id)
    return _competency(reading, target.id)


def public_badge(source: Source, identity: str, actor: Actor) -> Row:
    """A badge class that was published. Raises NotFound, Conflict (a draft, for those who see it)."""
    row = rights.seen(documents.find(source, BADGE_CLASSES, identity), actor, identity)
    if not int(row["number"]):
        raise Conflict("it is a draft: only what was published is endorsed or accepted", reason="endorse-draft")
    return row


def require_others(found: Aim, endorser: Named, actor: Actor) -> None:
    """Raise where somebody would endorse what is their own: as the issuer, or as a person who belongs to it."""
    own = found.issuer == endorser.id if endorser.kind == "organisation" else actor.in_organisation(found.issuer)
    if found.issuer and own:
        raise Forbidden(
            f"this is of {found.issuer}, to which you belong: an endorsement comes from somebody else, from an organisation or a person outside it",
            reason="endorse-own", organisation=found.issuer,
        )  # fmt: skip


def may_speak(actor: Actor, endorser: Named) -> bool:
    """Whether somebody revokes what this endorser said: themself, a manager, an admin."""
    if endorser.kind == "user":
        return actor.is_admin or (actor.known and actor.id == endorser.id)
    return actor.is_admin or actor.in_organisation(endorser.id, "manager")


def require_speaker(actor: Actor, endorser: Named) -> None:
    """Raise unless `may_speak`, by a credential that was made for it."""
    rights.require_writer(actor)
    if not may_speak(actor, endorser):
        raise Forbidden("you may not do this: who endorsed revokes, or a manager of the organisation that did", reason="not-yours")


def _badge_class(source: Source, identity: str, actor: Actor) -> Aim:
    row = public_badge(source, identity, actor)
    return Aim(Named("badge_class", identity), str(row["name"]), str(row["issuer"]))


def _competency(reading: Reading, ref: str) -> Aim:
    found = reading.find(ref, reading.moment())
    content, uuid = found.concept.content, found.concept.identity.uuid
    name = best(content.preferred(), None) or uuid
    if content.kind not in BINDABLE:
        raise InvalidInput(f"{name!r} is of the kind {content.kind}: competencies are endorsed ({', '.join(BINDABLE)})", reason="endorse-kind", name=name)
    if content.status == DEPRECATED:
        final = ", ".join(f"{best(each.preferred, None)} ({each.uuid})" for each in found.replacement.final)
        instead = f"endorse what replaced it: {final}" if final else "nothing replaced it"
        raise Conflict(f"{name!r} is deprecated; {instead}", reason="endorse-deprecated", name=name)
    return Aim(Named("concept", uuid), name)


def seen_badge(source: Source, identity: str, actor: Actor) -> Row:
    """A badge class, if the actor may see it. Raises NotFound."""
    return rights.seen(documents.find(source, BADGE_CLASSES, identity), actor, identity)


def names_of_badges(source: Source, identities: list[str]) -> dict[str, str]:
    """The names of badge classes by id."""
    return {str(row["key"]): str(row["name"]) for row in documents.find_by(source, BADGE_CLASSES, "key", identities)} if identities else {}
