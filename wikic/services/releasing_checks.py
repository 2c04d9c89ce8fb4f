"""What the checks find in a release that is to be: all of it looked through (linked_data.quality), and what changed most held against the shapes.

The preview and the manifest both ask here, so what forbids to publish is the same in both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from wikic.domain.delta import weight
from wikic.errors import InvalidInput
from wikic.linked_data.quality import CHECKS, QualityReport
from wikic.services.publishing import Publishing
from wikic.services.reading_moments import Moment
from wikic.services.releasing_delta import Delta

SHAPE: Final = "shape"
UNSHAPED: Final = "shapes-unchecked"
BLOCKING: Final = frozenset(
    {"hierarchy-cycle", "replacement-cycle", "no-preferred-label", "two-preferred-labels", "dangling-relation", SHAPE, UNSHAPED}
)
"""Checks that forbid to publish, where what they find was made here."""

_SHAPED: Final = 40
"""How many changed concepts are held against the shapes, the most severely changed first."""
_NODE: Final = re.compile(r" (?:on|for) <[^>]*>\S*")
_NAMED: Final = 20


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a check found. `blocking`: a release with it cannot be published; `in_source`: so it came, nobody made it here. `concepts`
    are some of those it is about."""

    check: str
    what: str
    count: int
    blocking: bool
    in_source: bool
    concepts: tuple[str, ...] = ()


def check_release(publishing: Publishing, moment: Moment, delta: Delta | None) -> list[Finding]:
    """What is found at a moment; `delta`: what changed since the release before, None for the first one. Slow: it goes through everything."""
    found = sorted(_looked_through(publishing.check_moment(moment)), key=lambda one: (not one.blocking, one.in_source, one.check))
    try:
        return found + (_shapes(publishing, moment, delta) if delta is not None else [])
    except InvalidInput as error:
        return [_finding(UNSHAPED, f"shapes were not checked: {error.message}", 1, in_source=False), *found]


def counted(findings: list[Finding]) -> dict[str, dict[str, int]]:
    """The same as a manifest has it: numbers by check, of what forbids to publish, what else was made here, and what came so from the sources."""
    counts: dict[str, dict[str, int]] = {"blocking": {}, "ours": {}, "in_source": {}}
    for each in sorted(findings, key=lambda one: one.check):
        part = counts["blocking" if each.blocking else "in_source" if each.in_source else "ours"]
        part[each.check] = part.get(each.check, 0) + each.count
    return counts


def _finding(check: str, what: str, count: int, *, in_source: bool, concepts: tuple[str, ...] = ()) -> Finding:
    return Finding(check, what, count, check in BLOCKING and not in_source, in_source, concepts)


def _looked_through(report: QualityReport) -> Iterator[Finding]:
    for counts, in_source in ((report.ours, False), (report.in_source, True)):
        for check, count in sorted(counts.items()):
            about = [each for each in report.findings if each.check == check and each.in_source == in_source]
            concepts = tuple(dict.fromkeys(uuid for each in about for uuid in each.concepts))[:_NAMED]
            yield _finding(check, CHECKS[check], count, in_source=in_source, concepts=concepts)


def _shapes(publishing: Publishing, moment: Moment, delta: Delta) -> list[Finding]:
    worst = sorted(delta.concepts, key=weight)[:_SHAPED]
    found = publishing.check_shapes([each.uuid for each in worst], moment) if worst else []
    places: dict[tuple[bool, str], list[str]] = {}
    for one in found:
        # pySHACL names the node in its own words; here they stand once for all nodes.
        what = f"{one.path.rpartition('#')[2]}: {_NODE.sub('', one.reason)}"
        places.setdefault((one.in_source, what), []).append(one.node.rpartition("/")[2].partition("#")[0])
    return [
        _finding(SHAPE, what, len(nodes), in_source=in_source, concepts=tuple(dict.fromkeys(nodes))[:_NAMED])
        for (in_source, what), nodes in sorted(places.items())
    ]
