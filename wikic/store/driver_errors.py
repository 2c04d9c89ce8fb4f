"""What errors of the driver mean, where their class alone does not say it."""

from __future__ import annotations

import re

from neo4j.exceptions import (
    ConstraintError,
    DriverError,
    IncompleteCommit,
    Neo4jError,
    ResultFailedError,
    ServiceUnavailable,
)

_GONE_RECORD = re.compile(r"Record #\d+:\d+ (was )?not found", re.IGNORECASE)
_GONE_ENTITY = "Neo.ClientError.Statement.EntityNotFound"
_NO_TRANSACTION = "Neo.ClientError.Transaction.TransactionNotFound"
_LOST_PLACE = re.compile(r"Expected structure, found marker|Unknown PackStream marker")


def behind(error: DriverError | Neo4jError | ValueError, *, commits: bool) -> DriverError | Neo4jError:
    """What happened: where a transaction ends after a failure, the driver may say only that an earlier result has failed; and of an answer that it could not
    read (`is_unreadable`), that it gave the connection up, it says nothing. `commits`: it may have been the answer to a commit."""
    if isinstance(error, ValueError):
        lost = IncompleteCommit if commits else ServiceUnavailable
        return lost(f"what the store answered could not be read: {error}")
    cause = error.__cause__
    return cause if isinstance(error, ResultFailedError) and isinstance(cause, DriverError | Neo4jError) else error


def is_unreadable(error: ValueError) -> bool:
    """Whether the driver lost its place in what the engine sent. Seen once, with 32 writers at once on Neo4j; why, is not known."""
    return bool(_LOST_PLACE.match(str(error)))


def vanished(error: Exception) -> bool:
    """Whether the engine met what another transaction deleted while this one was at it (a mail sent, an undo at work): what is left can be read.

    ArcadeDB names the record, or where it was about to be changed gives only the code, which Neo4j has for the same.
    """
    return isinstance(error, Neo4jError) and (error.code == _GONE_ENTITY or bool(_GONE_RECORD.search(str(error.message))))


def is_failed_commit(error: Exception) -> bool:
    """Whether ArcadeDB says no more of a commit than that it failed, as where a draft was discarded by one of several who write to it. It has undone it: past
    the point where it could not, it takes no further commit of anybody, and says so otherwise."""
    return isinstance(error, Neo4jError) and error.code == _NO_TRANSACTION and str(error.message).startswith("Transaction error on commit")


def is_unique_violation(error: DriverError | Neo4jError) -> bool:
    # Neo4j gives the same class to "still has relationships"; its texts and ArcadeDB's tell them apart.
    text = str(getattr(error, "message", None) or "")
    return isinstance(error, ConstraintError) and ("already exists" in text or "Duplicated key" in text)
