"""Who may see what happened: one table from the kind of an event to its audience. Pure.

Streams, feeds, webhooks, notices and mails ask `may_see`, and nobody else decides; what no line of the table names is seen by admins and by the one who
did it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

from wikic.domain.access import ACCOUNTS_SPACE, Actor, may
from wikic.domain.vocabulary import PUBLIC_SPACE
from wikic.errors import InvalidInput

Audience = Literal["everyone", "proposal", "contributors", "members", "managers", "self"]

AUDIENCES: Final[tuple[tuple[str, Audience], ...]] = (
    ("change", "everyone"),
    ("release_", "everyone"),
    ("calendar_", "everyone"),
    ("proposal_", "proposal"),
    ("comment_", "proposal"),
    ("bulk_", "proposal"),
    ("lot_", "proposal"),
    ("support_", "proposal"),
    ("expert_", "proposal"),
    ("badge_", "everyone"),
    ("binding_", "everyone"),
    ("scale_", "everyone"),
    ("criteria_adopted", "everyone"),
    ("criteria_", "members"),
    ("endorsement_", "everyone"),
    ("acceptance_", "everyone"),
    ("deployment_", "everyone"),
    ("suggestion_", "contributors"),
    ("organisation_", "members"),
    ("member_", "members"),
    ("refresh_", "members"),
    ("invitation_", "managers"),
    ("invited", "managers"),
    ("webhook_", "managers"),
)
"""How kinds begin, and who sees them: everyone who may read their space; whoever may see the proposal; contributors; members, or managers, of the
organisation that is their subject or owner; all other kinds are between admins and the one who did it, or whom it was done to. What happens to drafts of
badge classes stands in the space of their issuer, which its members alone may read."""

BETWEEN_ADMINS: Final = (
    "digest_", "email_", "filter_", "identity_", "import_", "mail_", "network_", "password_", "reason_", "registration_", "role_", "roles_", "session_",
    "sessions_", "setting_", "settings_", "signed_", "terms_", "token_", "user_", "watch_",
)  # fmt: skip
"""How those other kinds begin."""

MANAGERS: Final = ("manager",)
_BEFORE_PUBLISHING: Final = frozenset({"release_frozen", "release_prepared", "release_withdrawn"})
_EARLY: Final = frozenset({"proposal_made", "proposal_changed", "proposal_withdrawn", "proposal_superseded"})
"""What can happen to a draft. Such an event names its concepts once the proposal was handed in."""


def audience_of(kind: str) -> Audience:
    """Whom a kind of event is for."""
    return next((audience for start, audience in AUDIENCES if kind.startswith(start)), "self")


def require_kind(kind: str) -> None:
    """Raise InvalidInput for what begins as no kind of event does, which would never be told."""
    known = (*dict(AUDIENCES), *BETWEEN_ADMINS)
    if not kind.startswith(known):
        raise InvalidInput(
            f"{kind[:60]!r} is no kind of event: they begin with {', '.join(known)}", reason="event-kind", kind=kind[:60], kinds=", ".join(known)
        )


def may_see(
    actor: Actor, kind: str, *, space: str, subject: str, by: str, data: Mapping[str, Any], concepts: bool = True
) -> bool:
    """Whether somebody may see an event: of what kind, in which space, about what, done by whom, with which details; `concepts`: it names some."""
    audience = audience_of(kind)
    if space == ACCOUNTS_SPACE:
        # What happens to accounts is in no framework; some of it is for the members of an organisation.
        audience = audience if audience in ("members", "managers") else "self"
    elif not actor.may_read(space):
        return False
    if audience == "everyone":
        return not _unpublished(kind, data) or may(actor, "release")
    concerned = actor.known and bool(actor.id) and actor.id in (by, *concerned_users(subject, data))
    if concerned:
        return True
    if audience == "proposal" and data.get("state", "draft" if kind in _EARLY and not concepts else "") == "draft":
        return False
    if may(actor, "administer"):
        return True
    if audience == "proposal":
        return not data.get("held") or actor.has("contributor")
    if audience == "contributors":
        return actor.has("contributor")
    slug = organisation_of(subject, data) or (space.partition("/")[0] if space not in (PUBLIC_SPACE, ACCOUNTS_SPACE) else "")
    if audience == "members":
        return bool(slug) and actor.in_organisation(slug)
    return audience == "managers" and bool(slug) and actor.in_organisation(slug, *MANAGERS)


def _unpublished(kind: str, data: Mapping[str, Any]) -> bool:
    """Whether an event is about a release that is frozen only: its name is not for everyone yet."""
    return kind in _BEFORE_PUBLISHING and data.get("state") != "candidate"


def concerned_users(subject: str, data: Mapping[str, Any]) -> list[str]:
    """The users an event is about: its subject, the one it was done to, the author of what was decided, those who are mentioned."""
    found = [subject.removeprefix("user/")] if subject.startswith("user/") else []
    for name in ("user", "author", "owner"):
        value = data.get(name)
        if isinstance(value, str) and value:
            found.append(value.removeprefix("user/"))
    mentions = data.get("mentions")
    return found + [str(each) for each in mentions] if isinstance(mentions, list) else found


def organisation_of(subject: str, data: Mapping[str, Any]) -> str:
    """The organisation an event is about; "" for none."""
    for value in (subject, data.get("owner"), data.get("organisation")):
        if isinstance(value, str) and value.startswith("organisation/"):
            return value.removeprefix("organisation/").partition("/")[0]
    named = data.get("organisation")
    return named if isinstance(named, str) else ""
