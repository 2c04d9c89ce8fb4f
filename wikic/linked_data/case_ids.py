"""Identifiers of CASE: UUIDs of versions 1 to 5 only, one for each thing in each document, from which what is meant can be found again.

A concept keeps its uuid in the present document of its scheme. In the document of a release each has another one, so that two packages can be
loaded side by side: the same 122 bits, crossed with a mask that follows from the release's name. Whoever knows the releases can take the mask off again.
docs/decisions/0015 says why.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from wikic.domain.ids import derived_uuid

VERSIONS: Final = "57"
"""The version digits of concepts: of those with a source, and of those that are born here."""

_VERSION_DIGIT: Final = 14
_PREFIX: Final = 8
_FREE: Final = ~((0xF << 76) | (0b11 << 62))


def document_id(scheme: str, release: str = "") -> str:
    """The identifier of the document of a scheme, now (`release` "") or as it is in a release."""
    return derived_uuid(f"case:document:{release}:{scheme}" if release else f"case:document:{scheme}")


def term_id(group: str, word: str) -> str:
    """The identifier of a word of a closed vocabulary: an item type, a subject, a licence, a concept, a grouping."""
    return derived_uuid(f"case:{group}:{word}")


def item_id(uuid: str, release: str = "") -> str:
    """The identifier of a concept as an item."""
    return _crossed(allowed(uuid), release)


def allowed(uuid: str) -> str:
    """A uuid as CASE takes it: version 5 is written for one that it does not know (7)."""
    return uuid if uuid[_VERSION_DIGIT] in "12345" else f"{uuid[:_VERSION_DIGIT]}5{uuid[_VERSION_DIGIT + 1 :]}"


def item_uuids(identifier: str, release: str = "") -> list[str]:
    """The uuids of concepts that may have this identifier as items."""
    plain = _crossed(identifier, release)
    found = [f"{plain[:_VERSION_DIGIT]}{digit}{plain[_VERSION_DIGIT + 1 :]}" for digit in VERSIONS]
    return list(dict.fromkeys([plain, *found]))


def association_id(source: str, relation: str, release: str = "") -> str:
    """The identifier of an association that starts at a concept (its uuid): it begins as the concept's does, so that it is found without an index
    of relations. `relation` is the id (a UUIDv5) of the relation."""
    return _crossed(allowed(source)[:_PREFIX] + relation[_PREFIX:], release)


def association_range(identifier: str, release: str = "") -> tuple[str, str]:
    """Between which uuids (the second one excluded) the concept is that an association starts at."""
    prefix = _crossed(identifier, release)[:_PREFIX]
    return prefix, f"{prefix}g"


def _crossed(uuid: str, release: str) -> str:
    if not release:
        return uuid
    text = f"{int(uuid.replace('-', ''), 16) ^ _mask(release):032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


@lru_cache(maxsize=1_000)
def _mask(release: str) -> int:
    return int(derived_uuid(f"case:release:{release}").replace("-", ""), 16) & _FREE
