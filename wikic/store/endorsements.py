"""Endorsements and acceptances in the store: what stands in one range of an index."""

from __future__ import annotations

from typing import Any, Final

from wikic.domain.endorsements import Named
from wikic.store import documents
from wikic.store.documents import Source
from wikic.store.engine import Row
from wikic.store.tables import ACCEPTANCES, ENDORSEMENT_VERSIONS, ENDORSEMENTS

_VERSION_OF: Final = 6
_PART: Final = 500


def version_key(endorsement: str, number: int) -> str:
    """The key of a version."""
    return f"{endorsement}/{number:0{_VERSION_OF}}"


def versions_of(source: Source, endorsement: str, *, after: int = 0, limit: int = 100) -> list[Row]:
    """The versions of an endorsement, in order."""
    start = version_key(endorsement, after) if after else ""
    return documents.page(source, ENDORSEMENT_VERSIONS, "key", prefix=f"{endorsement}/", after=start, limit=limit)


def of_pair(source: Source, target: Named, endorser: Named) -> list[Row]:
    """The endorsements of a target by one endorser: those that were revoked, and at most one that is open."""
    return documents.page(source, ENDORSEMENTS, "by_target", prefix=f"{target}/{endorser}/", limit=10_000)


def count_open(source: Source, target: Named) -> int:
    """How many stand behind a target."""
    return documents.count(source, ENDORSEMENTS, "by_target", prefix=f"{target}/", where={"status": "open"})


def all_revoked(source: Source) -> list[Row]:
    """Every endorsement that was revoked, the first one first."""
    found: list[Row] = []
    while True:
        after = str(found[-1]["revoked_listing"]) if found else ""
        rows = documents.page(source, ENDORSEMENTS, "revoked_listing", after=after, limit=_PART)
        found += rows
        if len(rows) < _PART:
            return found


def page_of_acceptances(
    source: Source, badge_class: str, organisation: str, valid_on: str, *, revoked: bool | None = None, after: str = "", limit: int = 100
) -> list[Row]:
    """Acceptances of a badge class, of an organisation, of both or of neither ("" for any); those that hold on a day; those (not) revoked."""
    field = place_of(badge_class, organisation)
    field = place_of(badge_class, organisation)
    start = f"{badge_class or organisation}/" if field != "listing" else ""
    asked: dict[str, str] = {}
    if badge_class and organisation:
        asked["organisation"] = "n.organisation = $organisation"
    if valid_on:
        asked["valid_on"] = "n.valid_from <= $day AND n.ends >= $day"
    if revoked is not None:
        asked["revoked"] = "n.is_revoked = $revoked"
    values: dict[str, Any] = {"organisation": organisation, "day": valid_on, "revoked": revoked}
    name = ".".join(("acceptance", field, *asked))
    return documents.page_where(source, ACCEPTANCES, field, name, asked.values(), values, prefix=start, after=after, limit=limit)


def place_of(badge_class: str, organisation: str) -> str:
    """The property whose order such a list has."""
    return "by_badge" if badge_class else "by_organisation" if organisation else "listing"


def speaks_in_public(source: Source, organisation: str) -> bool:
    """Whether an organisation has endorsed or accepted anything: everybody reads who did."""
    endorsed = documents.page(source, ENDORSEMENTS, "by_endorser", prefix=f"organisation/{organisation}/", limit=1)
    return bool(endorsed or documents.page(source, ACCEPTANCES, "by_organisation", prefix=f"{organisation}/", limit=1))
