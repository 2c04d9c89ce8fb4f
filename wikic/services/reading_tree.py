"""The tree of broader and narrower concepts: what stands above a concept, and below it."""

from __future__ import annotations

import re

from wikic.services.reading_moments import Moment
from wikic.services.reading_views import best
from wikic.store.concepts import Brief, read_children, read_parents, read_roots
from wikic.store.engine import Engine

_DEEPEST = 32
"""Levels after which a chain of broader concepts is taken for a circle."""
_NUMBERS = re.compile(r"(\d+)")


def roots(engine: Engine, scheme: str, kind: str, moment: Moment) -> list[Brief]:
    """The concepts of a kind that have no broader one and are not deprecated, each with how many narrower ones it
    has."""
    return read_roots(engine, scheme, kind, moment.at)


def children(engine: Engine, uuid: str, moment: Moment) -> list[Brief]:
    """The narrower concepts of one, each with how many it has itself."""
    return read_children(engine, uuid, moment.at)


def in_order(briefs: list[Brief], lang: str | None) -> list[Brief]:
    """By code as people count (2 before 10), then by label."""
    return sorted(briefs, key=lambda brief: (_natural(brief.code), best(brief.preferred, lang).casefold(), brief.uuid))


def path_to(engine: Engine, uuid: str, moment: Moment, lang: str | None) -> list[Brief]:
    """From a root down to the concept above this one: of several broader concepts the first in order. One round trip a
    level."""
    path: list[Brief] = []
    seen = {uuid}
    while len(path) < _DEEPEST:
        above = [brief for brief in read_parents(engine, [uuid], moment.at).get(uuid, []) if brief.uuid not in seen]
        if not above:
            break
        first = in_order(above, lang)[0]
        path.append(first)
        uuid = first.uuid
        seen.add(uuid)
    return path[::-1]


def _natural(code: str) -> list[tuple[int, int, str]]:
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in _NUMBERS.split(code) if part]
