"""The closed tree of business errors.

Every error that a user can meet is one of these. `slug` is stable (it becomes the `type` of an HTTP problem, see
docs/errors.md); the message is one line that says what, where and what to do. HTTP statuses live in `wikic.web.errors`.
"""

from __future__ import annotations


class WikicError(Exception):
    """Base of all business errors. `retry_after` is in seconds where trying again later may help. `reason` is a word for what happened and `values` its
    particulars: by them a page says it in its reader's language (`wikic.web.texts_errors`), where the message is in English."""

    slug = "error"
    retry_after: float | None = None

    def __init__(self, message: str, *, retry_after: float | None = None, reason: str = "", **values: object) -> None:
        super().__init__(" ".join(message.split()))
        self.reason, self.values = reason, values
        if retry_after is not None:
            self.retry_after = retry_after

    @property
    def message(self) -> str:
        return str(self)


class InvalidInput(WikicError):
    """What was asked or sent cannot be understood: a bad parameter, cursor, reference or setting."""

    slug = "invalid-input"


class NotFound(WikicError):
    """Nothing of that name, address or code."""

    slug = "not-found"


class UnknownRelease(NotFound):
    """No release of that name, or a number above the head."""

    slug = "unknown-release"


class Unauthenticated(WikicError):
    """Nobody is signed in, or what was sent to prove it (a session, a token, a password) is not valid."""

    slug = "unauthenticated"


class Forbidden(WikicError):
    """The one who asks may not do this."""

    slug = "forbidden"


class StaleVersion(WikicError):
    """The thing was changed by somebody else since it was read (`If-Match` names an old version)."""

    slug = "stale-version"


class VersionRequired(WikicError):
    """Editing a thing in place needs the version that was read (`If-Match`)."""

    slug = "version-required"


class Throttled(WikicError):
    """Too many attempts of one kind in a short time."""

    slug = "throttled"
    retry_after = 60.0


class TooLarge(WikicError):
    """What was sent is larger than what is taken."""

    slug = "too-large"


class Conflict(WikicError):
    """The request contradicts what is there (a name already taken, an object that moved meanwhile)."""

    slug = "conflict"


class SourceError(WikicError):
    """A file cannot be imported: the message names the file, the place in it and the reason."""

    slug = "source-error"


class RemovalRefused(SourceError):
    """An import would deprecate more than the share of a kind that is allowed without `--allow-removals`."""

    slug = "removal-refused"


class OlderVersion(SourceError):
    """The files are of an older version than the one that was imported last."""

    slug = "older-version"


class StoreError(WikicError):
    """The store cannot do its work."""

    slug = "store-error"


class StoreUnavailable(StoreError):
    """The store cannot be reached, or went away."""

    slug = "store-unavailable"
    retry_after = 5.0


class StoreLocked(StoreError):
    """Another process holds the data folder."""

    slug = "store-locked"


class StoreNotReady(StoreError):
    """The store's schema is of another version than this program, or it is not a Wiki-C store."""

    slug = "store-not-ready"


class Busy(StoreError):
    """Another writer holds the space's lease."""

    slug = "busy"
    retry_after = 2.0


class LeaseLost(StoreError):
    """The lease was taken over by another writer: what was written at this number is undone, nothing is visible."""

    slug = "lease-lost"


class BackupError(WikicError):
    """A backup file cannot be written, read or trusted."""

    slug = "backup-error"


class IndexBehind(WikicError):
    """The search index is still being built, or has not reached the release or number that was asked for."""

    slug = "index-behind"
    retry_after = 2.0


class OutsideError(WikicError):
    """Another service (a mail server, an identity provider, a receiver of webhooks) cannot be reached, or its answer cannot be used."""

    slug = "outside-error"


class TargetRefused(OutsideError):
    """An address of another service that Wiki-C will not connect to: no http(s), or within a private network."""

    slug = "target-refused"
