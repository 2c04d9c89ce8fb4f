"""Long writes, as imports do them."""

from __future__ import annotations

from wikic.domain.changes import WriteSet
from wikic.domain.concepts import to_properties
from wikic.store.writing import SpaceWriter


def write_leased(writer: SpaceWriter, rows: WriteSet) -> None:
    """A whole write set, batch by batch."""
    new = {concept.identity.uuid for concept in rows.new_concepts}
    writer.journal(sorted(rows.concerned()), rows.stated(), rows.related())
    writer.new_concepts((concept.identity, to_properties(concept.content)) for concept in rows.new_concepts)
    writer.apply_rows(rows)
    writer.touch(sorted(rows.touched - new))
