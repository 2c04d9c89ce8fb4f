"""Who may do what to the badge classes of an issuer.

Whoever belongs to the issuer edits its drafts; its managers publish, retire, and bind what is published. Everybody reads what was published; what was
never published is there for the issuer's people (and admins) alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wikic.domain.access import Actor, require_badge_scope, require_issuer, require_known
from wikic.domain.vocabulary import PUBLIC_SPACE
from wikic.errors import Conflict, Forbidden, InvalidInput, NotFound
from wikic.services.accounts import TERMS
from wikic.store import documents
from wikic.store.documents import Source
from wikic.store.engine import Row
from wikic.store.tables import ORGANISATIONS


def works_for(actor: Actor, issuer: str) -> bool:
    """Whether somebody sees an issuer's drafts."""
    return actor.is_admin or actor.in_organisation(issuer)


def may_publish(actor: Actor, issuer: str) -> bool:
    """Whether somebody manages an issuer (what a token was made for is asked later)."""
    return actor.is_admin or actor.in_organisation(issuer, "manager")


def require_credential(actor: Actor) -> None:
    """Raise where nobody is signed in, or a token was not made for badges: asked before many things are looked at."""
    require_known(actor)
    require_badge_scope(actor)


def require_writer(actor: Actor) -> None:
    """Raise unless somebody may write about badges at all, whosever they are: known, with the right credential, terms accepted."""
    require_credential(actor)
    _require_terms(actor)


def require_draft(actor: Actor, issuer: str) -> None:
    """Raise unless they may edit drafts of this issuer."""
    require_issuer(actor, issuer)
    _require_terms(actor)


def require_published(actor: Actor, issuer: str) -> None:
    """Raise unless they may publish for this issuer."""
    require_issuer(actor, issuer, "manager")
    _require_terms(actor)


def require_for(actor: Actor, row: Mapping[str, Any]) -> None:
    """Raise unless they may change what a badge class says to everybody: a draft says nothing yet."""
    if int(row["number"]):
        require_published(actor, str(row["issuer"]))
    else:
        require_draft(actor, str(row["issuer"]))


def seen(row: Row | None, actor: Actor, identity: str) -> Row:
    """The document of a badge class, if the actor may see it. Raises NotFound."""
    if row is None or not (int(row["number"]) or works_for(actor, str(row["issuer"]))):
        raise NotFound(f"there is no badge class {identity[:100]}", reason="badge-none", badge=identity[:100])
    return row


def issuer_row(source: Source, slug: str, actor: Actor) -> Row:
    """The document of an issuer, if the actor may see it. Raises NotFound; InvalidInput for another kind of organisation."""
    row = documents.find(source, ORGANISATIONS, slug)
    if row is None or (row["private"] and not works_for(actor, slug)):
        raise NotFound(f"there is no issuer {slug[:60]}", reason="issuer-none", issuer=slug[:60])
    if row["kind"] != "issuer":
        raise InvalidInput(
            f"{slug} is a {row['kind']}, not an issuer: badge classes belong to organisations of the kind issuer", reason="no-issuer", organisation=slug
        )
    return row


def require_open(row: Mapping[str, Any]) -> None:
    """Raise where an issuer is private: what is published names it."""
    if row["private"]:
        slug = str(row["key"])
        raise Conflict(f"{slug} is private: make the issuer's profile public first, since everybody sees who publishes", reason="issuer-private", issuer=slug)


def space_of(row: Mapping[str, Any]) -> str:
    """Where what happens to a badge class is told: to everybody once it was published, before that to its issuer's people."""
    return PUBLIC_SPACE if int(row["number"]) else str(row["issuer"])


def _require_terms(actor: Actor) -> None:
    if actor.via not in ("operator", "system") and str(actor.settings.get("terms", "")) < TERMS:
        raise Forbidden("accept the terms of contribution first: they are with your account", reason="terms")
