"""Every table of documents, in one list: the schema, backups and the emptying of a store follow it."""

from __future__ import annotations

from typing import Final

from wikic.store.documents import Table


def _all(*names: str) -> frozenset[str]:
    """What each document of a table has."""
    return frozenset({"key", *names})


USERS: Final = Table("user", "User", ("email_key", "name_key", "listing"), frozenset({"grants", "settings"}))
# What leads to a user and to no other: `email:...`, `name:...`, `oidc:ISSUER SUBJECT`. Only a key is unique on both engines.
LOGINS: Final = Table("login", "Login", ("user",))
SESSIONS: Final = Table("session", "Session", ("user", "expires"), kept=False, always=_all("user", "device", "created", "used", "expires", "ends"))
TOKENS: Final = Table("token", "Token", ("user",), always=_all("user", "name", "scopes", "created", "expires"))
TOKEN_USES: Final = Table("token_use", "TokenUse", (), kept=False)
LINKS: Final = Table(
    "link", "Link", ("user", "listing", "expires"), frozenset({"data"}), kept=False, always=_all("purpose", "user", "listing", "expires", "data"),
)  # fmt: skip
ATTEMPTS: Final = Table("attempt", "Attempt", ("expires",), kept=False)
ORGANISATIONS: Final = Table("organisation", "Organisation", ("listing",), frozenset({"profile"}))
MEMBERSHIPS: Final = Table("membership", "Membership", ("user", "organisation"), always=_all("organisation", "user", "roles"))
NETWORK_MEMBERS: Final = Table("network_member", "NetworkMember", ("network", "organisation"), always=_all("network", "organisation", "state", "asked_by"))
INVITATIONS: Final = Table(
    "invitation", "Invitation", ("organisation", "email_key", "listing"), frozenset({"grants"}),
    always=_all("email", "email_key", "organisation", "grants", "by", "created", "expires", "listing"),
)  # fmt: skip
PROPOSALS: Final = Table(
    "proposal",
    "Proposal",
    ("listing", "queue", "by_author", "lot", "held_by", "done"),
    frozenset({"changes", "checks", "conflicts", "decisions"}),
)
PROPOSAL_CONCEPTS: Final = Table("proposal_concept", "ProposalConcept", ("concept", "proposal"))
LOTS: Final = Table("lot", "Lot", ("listing",))
BULKS: Final = Table("bulk", "Bulk", ("listing",), frozenset({"proposals", "skipped"}))
SUPPORTS: Final = Table("support", "Support", ("proposal",))
PRESENCE: Final = Table("presence", "Presence", ("proposal",), kept=False)
COMMENTS: Final = Table("comment", "Comment", ("thread", "proposal"))
SAVED_FILTERS: Final = Table("saved_filter", "SavedFilter", ("user",), frozenset({"query"}), always=_all("user", "name", "query"))
REASONS: Final = Table("reason", "Reason", ("listing",), frozenset({"text"}))
# Who an event is about, for the audit: `PERSON/NUMBER`, the latest first. Made with the event; a restored store reads its older events one by one.
EVENT_PEOPLE: Final = Table("event_person", "EventPerson", (), kept=False)
WATCHES: Final = Table("watch", "Watch", ("user", "subject"), always=_all("user", "subject", "since"))
# Until where a person was told by mail, and when; what the link that ends it holds.
DIGESTS: Final = Table("digest", "Digest", ("unsubscribe",), kept=False)
WEBHOOKS: Final = Table("webhook", "Webhook", ("owner", "listing"), frozenset({"former"}))
# How far each webhook is, and what is on its way, are forgotten by a copy: a restored store sends what happens from then on.
WEBHOOK_STATES: Final = Table("webhook_state", "WebhookState", (), kept=False)
DELIVERIES: Final = Table("delivery", "Delivery", ("log", "pending"), frozenset({"attempts"}), kept=False)
# Mail on its way: its links are of the past for a copy, and it may have been sent since.
MAILS: Final = Table("mail", "OutgoingMail", ("due",), kept=False, always=_all("to", "subject", "text", "tries", "created", "due", "version"))
CALENDAR: Final = Table("calendar_entry", "CalendarEntry", ("listing",), frozenset({"text"}))
# What an import would change, before it is applied; `files` is a digest of what is imported, and how.
IMPORT_REVIEWS: Final = Table("import_review", "ImportReview", ("listing", "files"), frozenset({"body"}))
IMPORT_REVIEW_PARTS: Final = Table("import_review_part", "ImportReviewPart", (), frozenset({"rows"}))
MANIFESTS: Final = Table("manifest", "Manifest", (), frozenset({"body"}))
SETTINGS: Final = Table("setting", "Setting", (), frozenset({"value"}))
# `revision`: the number of the event that changed it last, so that what changed since another number is one range.
BADGE_CLASSES: Final = Table("badge_class", "BadgeClass", ("issuer", "revision"), frozenset({"content", "draft"}))
BADGE_VERSIONS: Final = Table("badge_version", "BadgeVersion", (), frozenset({"content", "bindings"}))
BINDINGS: Final = Table("binding", "Binding", ("by_concept", "by_badge", "by_issuer", "badge_class", "concept"))
BADGE_IMAGES: Final = Table("badge_image", "BadgeImage", ())
SCALES: Final = Table("scale", "Scale", (), frozenset({"name", "levels"}))
SCALE_VERSIONS: Final = Table("scale_version", "ScaleVersion", (), frozenset({"name", "levels"}))
CRITERIA: Final = Table("criteria", "Criteria", ("concept", "by_concept", "by_network"), frozenset({"levels"}))
CRITERIA_VERSIONS: Final = Table("criteria_version", "CriteriaVersion", (), frozenset({"levels"}))
CRITERIA_PROPOSALS: Final = Table(
    "criteria_proposal",
    "CriteriaProposal",
    ("listing", "by_network", "by_criteria"),
    frozenset({"levels", "before", "amended", "comments"}),
)
# `revoked_listing` is there once it is revoked: the list of what was revoked is one range.
ENDORSEMENTS: Final = Table("endorsement", "Endorsement", ("by_target", "by_endorser", "listing", "revoked_listing"))
ENDORSEMENT_VERSIONS: Final = Table("endorsement_version", "EndorsementVersion", ())
ACCEPTANCES: Final = Table("acceptance", "Acceptance", ("by_badge", "by_organisation", "listing"))
# What the address of a badge class that is hosted elsewhere said when it was last read, and when it is read again: a copy reads for itself.
BADGE_SOURCES: Final = Table("badge_source", "BadgeSource", ("due", "issuer"), frozenset({"said"}), kept=False)
# What a release asks of a binding, and what became of it; which issuers were told of which release; up to where that was done for all of them.
REFRESH_LINES: Final = Table("refresh_line", "RefreshLine", ("by_issuer", "by_release", "badge_class"), frozenset({"changes"}))
REFRESHES: Final = Table("refresh", "Refresh", ("by_issuer",))
REFRESHED: Final = Table("refreshed", "Refreshed", (), kept=False)
# How often a badge class was given in a month, as its issuer reports it; `revision` as of badge classes.
AWARDS: Final = Table("award_total", "AwardTotal", ("revision",), frozenset({"reports"}))
DEPLOYMENT_REPORTS: Final = Table("deployment_report", "DeploymentReport", (), frozenset({"body"}))

TABLES: Final = (
    USERS,
    LOGINS,
    SESSIONS,
    TOKENS,
    TOKEN_USES,
    LINKS,
    ATTEMPTS,
    ORGANISATIONS,
    MEMBERSHIPS,
    NETWORK_MEMBERS,
    INVITATIONS,
    PROPOSALS,
    PROPOSAL_CONCEPTS,
    LOTS,
    BULKS,
    SUPPORTS,
    PRESENCE,
    COMMENTS,
    SAVED_FILTERS,
    REASONS,
    EVENT_PEOPLE,
    WATCHES,
    DIGESTS,
    WEBHOOKS,
    WEBHOOK_STATES,
    DELIVERIES,
    MAILS,
    CALENDAR,
    IMPORT_REVIEWS,
    IMPORT_REVIEW_PARTS,
    MANIFESTS,
    SETTINGS,
    BADGE_CLASSES,
    BADGE_VERSIONS,
    BINDINGS,
    BADGE_IMAGES,
    SCALES,
    SCALE_VERSIONS,
    CRITERIA,
    CRITERIA_VERSIONS,
    CRITERIA_PROPOSALS,
    ENDORSEMENTS,
    ENDORSEMENT_VERSIONS,
    ACCEPTANCES,
    BADGE_SOURCES,
    REFRESH_LINES,
    REFRESHES,
    REFRESHED,
    AWARDS,
    DEPLOYMENT_REPORTS,
)
