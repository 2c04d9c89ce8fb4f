"""The services around releases besides naming them (`releasing`), as one: manifests, deltas, previews, the calendar, comments on candidates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Self

from wikic.crypto.signing import Signer
from wikic.services.publishing import Publishing
from wikic.services.reading import Reading
from wikic.services.releasing_calendar import Calendar
from wikic.services.releasing_delta import Deltas
from wikic.services.releasing_manifest import Manifests
from wikic.services.releasing_preview import Previews
from wikic.services.releasing_talk import Remarks
from wikic.store.engine import Engine


@dataclass(frozen=True, slots=True)
class ReleaseServices:
    """One of each."""

    manifests: Manifests
    deltas: Deltas
    previews: Previews
    calendar: Calendar
    remarks: Remarks

    @classmethod
    def of(
        cls, engine: Engine, reading: Reading, publishing: Publishing, signer: Callable[[], Signer] | None = None
    ) -> Self:
        """Wired over a store. `signer` gives the key that manifests are signed with, when it is first needed; by default one that nobody keeps."""
        deltas = Deltas(engine, reading)
        return cls(
            Manifests(engine, reading, publishing, deltas, cache(signer or Signer.made_now)),
            deltas,
            Previews(engine, reading, publishing, deltas),
            Calendar(engine),
            Remarks(engine),
        )
