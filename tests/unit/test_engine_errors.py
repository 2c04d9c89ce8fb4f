"""What the driver raises is told by what happened first."""

from __future__ import annotations

from neo4j.exceptions import ConstraintError, ResultFailedError, ServiceUnavailable

from wikic.store.engine import _behind


def test_a_failed_result_is_told_by_its_cause() -> None:
    cause, failed = ConstraintError("Node(1) already exists"), ResultFailedError(None, "the result has failed")
    failed.__cause__ = cause
    assert _behind(failed) is cause
    assert _behind(cause) is cause
    lost = ServiceUnavailable("gone")
    lost.__cause__ = OSError()
    assert _behind(lost) is lost
