"""What the source says of a concept that was edited here: written down at the first edit, renewed by each import."""

from __future__ import annotations

from wikic.domain.diff import diff_contents
from wikic.services.reading_moments import Moment
from wikic.services.reading_views import Body, field_changes
from wikic.store.concepts import Concept
from wikic.store.engine import Engine
from wikic.store.imports import read_bases


def source_differences(engine: Engine, concept: Concept, moment: Moment) -> list[Body]:
    """Where a concept differs from its source: `before` is what the source says, `after` what is said here. Empty for a
    concept that was not edited, or that has no source. One round trip for an edited one."""
    if not concept.content.edited:
        return []
    base = read_bases(engine, [concept.identity.uuid], moment.at).get(concept.identity.uuid)
    return field_changes(diff_contents(base, concept.content)) if base is not None else []
