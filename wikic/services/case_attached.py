"""What is attached to concepts from outside of the framework's versions: scales of levels, and badges that are bound to them.

The present documents say what there is now, those of a release what there was when it was frozen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from wikic.linked_data.case import Exemplar, Level, Rubric
from wikic.store.temporal import At


class Attached(Protocol):
    """What packages need to know of rubrics and badges."""

    def version(self) -> str:
        """A word that changes with anything that is attached; part of the tags of answers."""
        ...

    def changed(self) -> str:
        """When anything that is attached was changed last; "" for never."""
        ...

    def rubrics_of(self, scheme: str, lang: str) -> Sequence[Rubric]:
        """The scales by which concepts of a scheme are graded."""
        ...

    def rubric(self, identifier: str, lang: str) -> tuple[str, Rubric] | None:
        """One of them by its identifier, and its scheme."""
        ...

    def exemplars_of(self, uuids: Sequence[str]) -> Mapping[str, Sequence[Exemplar]]:
        """The badges that are bound to these concepts, by uuid; a concept without is not in it."""
        ...

    def levels_of(self, uuids: Sequence[str], lang: str) -> Mapping[str, Sequence[tuple[Level, str]]]:
        """The levels that networks have written criteria for, of these concepts, each with when; a concept without is not in it."""
        ...


    def then(self, release: str, time: str, at: At) -> Attached:
        """What was attached at a time, when a release was frozen; `at`: the numbers it is as of."""
        ...


class NothingAttached:
    """No scales, no badges."""

    def version(self) -> str:
        """See Attached."""
        return ""

    def changed(self) -> str:
        """See Attached."""
        return ""

    def rubrics_of(self, scheme: str, lang: str) -> Sequence[Rubric]:  # noqa: ARG002
        """See Attached."""
        return ()

    def rubric(self, identifier: str, lang: str) -> tuple[str, Rubric] | None:  # noqa: ARG002
        """See Attached."""
        return None

    def exemplars_of(self, uuids: Sequence[str]) -> Mapping[str, Sequence[Exemplar]]:  # noqa: ARG002
        """See Attached."""
        return {}

    def levels_of(self, uuids: Sequence[str], lang: str) -> Mapping[str, Sequence[tuple[Level, str]]]:  # noqa: ARG002
        """See Attached."""
        return {}

    def then(self, release: str, time: str, at: At) -> Attached:  # noqa: ARG002
        """See Attached."""
        return self
