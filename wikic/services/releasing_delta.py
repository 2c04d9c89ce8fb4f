"""The delta between two moments: figures, lists, pages, and whole ones as JSON and CSV.

Flow: `Reading.differences` (what differs) -> `domain.delta` (what that means) -> bodies. Kept in memory for the pairs asked for last.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Final

import orjson
import structlog

from wikic.domain.delta import ConceptDelta, DeltaChange, Figures, concept_delta, figures_of, weight
from wikic.domain.vocabulary import DEPRECATED, PUBLIC_SPACE
from wikic.errors import WikicError
from wikic.services.reading import Page, Reading
from wikic.services.reading_diff import Diff
from wikic.services.reading_heads import Remembered
from wikic.services.reading_moments import Moment, make_cursor, parse_cursor
from wikic.services.reading_views import Body, best, brief_body
from wikic.store.concepts import Brief, read_briefs, read_successors
from wikic.store.engine import Engine
from wikic.store.releases import known_release, published_before
from wikic.text.tables import lines_of

log = structlog.get_logger(__name__)

_KEPT: Final = 4
_FIGURES: Final = 200
_TOGETHER: Final = 500
CSV_COLUMNS: Final = (
    "severity", "list", "type", "uuid", "kind", "scheme", "code", "iri", "status", "label", "field", "lang", "before", "after",
    "old_uuids", "old_labels", "new_uuids", "new_labels", "branch",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Delta:
    """All of it, in the order of uuids. `before` and `later` are the moments."""

    before: Moment
    later: Moment
    concepts: list[ConceptDelta]
    figures: Figures
    briefs: Mapping[str, Brief]


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which part of a delta is wanted: by type (of DELTA_WORDS), severity or language of a change, kind of the concept, or list (domain.delta)."""

    type: str | None = None
    severity: str | None = None
    kind: str | None = None
    listed: str | None = None
    language: str | None = None

    def __call__(self, concept: ConceptDelta) -> bool:
        """Whether a concept has a part in it."""
        return (
            (self.kind is None or concept.kind == self.kind)
            and (self.listed is None or self.listed in concept.lists())
            and any(self.takes(change) for change in concept.changes)
        )

    def takes(self, change: DeltaChange) -> bool:
        """Whether a change is in it."""
        return self.type in (None, change.word) and self.severity in (None, change.severity) and self.language in (None, change.lang)


class Deltas:
    """The deltas of one store."""

    def __init__(self, engine: Engine, reading: Reading) -> None:
        self._engine, self._reading = engine, reading
        self._known: Remembered[tuple[str, int, int], tuple[list[ConceptDelta], Figures]] = Remembered(_KEPT)
        self._figures: Remembered[tuple[str, int, int], Figures] = Remembered(_FIGURES)
        self._ordered: Remembered[tuple[str, int, int], list[ConceptDelta]] = Remembered(_KEPT)

    def delta(self, start: Moment | str, end: Moment | str, *, reading: Reading | None = None) -> Delta:
        """The delta between two moments (release names or numbers), as a reader may name them (`Reading.seen_by`). Raises InvalidInput, UnknownRelease."""
        before, later, diff = (reading or self._reading).differences(start, end)
        key = (later.epoch, before.seq, later.seq)
        made = self._known.get(key)
        if made is None:
            concepts = self._made(diff, later)
            made = self._known.put(key, (concepts, figures_of(concepts)))
        return Delta(before, later, *made, diff.briefs)

    def keep(self, name: str) -> None:
        """Have the differences with the release before, and with the published one before, ready on disk. Raises UnknownRelease."""
        listed = self._reading.releases().items
        named = self._reading.release(name)
        before = [str(each["name"]) for each in listed if each["seq"] <= named["seq"] and each["name"] != name]
        for start in {*before[-1:], self.before(name)} - {""}:
            self._reading.differences(start, name)

    def before(self, name: str) -> str:
        """The published release that a release is compared with (store.releases.published_before); "" where there is none. Raises UnknownRelease."""
        found = published_before(self._engine, known_release(self._engine, PUBLIC_SPACE, name))
        return found.name if found is not None else ""

    def keep_all(self) -> None:
        """Have those of all open releases ready on disk: for a server that starts, perhaps over a store that was made elsewhere. Gives up where the
        store does."""
        if not self._reading.keeps_differences:
            return
        try:
            for each in self._reading.releases().items:
                self.keep(str(each["name"]))
        except WikicError as error:
            log.info("differences between releases are made when they are asked for", reason=error.message)

    def figures(self, name: str) -> tuple[str, Figures] | None:
        """The release that a release is compared with and what changed since, in figures; None for the first one. Raises UnknownRelease."""
        before = self.before(name)
        if not before:
            return None
        start, end = self._reading.between(before, name)
        key = (end.epoch, start.seq, end.seq)
        return before, self._figures.get(key) or self._figures.put(key, self.delta(start, end).figures)

    def page(
        self,
        delta: Delta,
        chosen: Chosen,
        *,
        cursor: str | None = None,
        limit: int = 100,
        lang: str | None = None,
        worst_first: bool = False,
    ) -> Page:
        """Concepts of a delta after a cursor, with the changes that were chosen; by uuid, or those with the worst changes first. One round trip."""
        listing = f"delta|{delta.before.seq}|{chosen.type}|{chosen.severity}|{chosen.kind}|{chosen.listed}|{chosen.language}|{worst_first}"
        after = parse_cursor(cursor).place_in(delta.later, listing) if cursor is not None else ""
        ordered, place = (self._worst(delta), weight) if worst_first else (delta.concepts, _uuid)
        start = bisect_right(ordered, after, key=place)
        found = list(islice(filter(chosen, islice(ordered, start, None)), limit + 1))
        shown = found[:limit]
        items = self._bodies(delta, shown, chosen, lang)
        following = make_cursor(delta.later, listing, place(shown[-1])) if len(found) > limit else None
        extra = {"from": delta.before.seq, "to": delta.later.seq, "figures": asdict(delta.figures)}
        return Page(items, following, extra)

    def _worst(self, delta: Delta) -> list[ConceptDelta]:
        key = (delta.later.epoch, delta.before.seq, delta.later.seq)
        return self._ordered.get(key) or self._ordered.put(key, sorted(delta.concepts, key=weight))

    def json_parts(self, delta: Delta, names: tuple[str, str]) -> Iterator[bytes]:
        """All of it as one JSON object, in pieces; the same bytes each time. `names` are what the moments were called."""
        head = {
            "from": {"name": names[0], "seq": delta.before.seq},
            "to": {"name": names[1], "seq": delta.later.seq},
            "figures": asdict(delta.figures),
        }
        yield orjson.dumps(head)[:-1] + b',"concepts":['
        first = True
        for bodies in self._all(delta):
            for body in bodies:
                yield (b"\n" if first else b",\n") + orjson.dumps(body)
                first = False
        yield b"\n]}\n"

    def csv_parts(self, delta: Delta, lang: str | None) -> Iterator[bytes]:
        """All of it as CSV with the columns CSV_COLUMNS, a row for each change, in pieces. Labels are in `lang`, else as `reading_views.best` chooses."""
        yield lines_of([CSV_COLUMNS]).encode()
        for bodies in self._all(delta):
            rows = (_csv_row(body, change, lang) for body in bodies for change in body["changes"])
            yield lines_of(rows).encode("utf-8", "replace")

    def _made(self, diff: Diff, later: Moment) -> list[ConceptDelta]:
        born = {each.uuid for each in diff.concepts if any(one.type == "added" for one in each.changes)}
        ended = [each.uuid for each in diff.concepts if any(one.type == DEPRECATED for one in each.changes)]
        successors: dict[str, set[str]] = {}
        for step in read_successors(self._engine, ended, later.at) if ended else ():
            successors.setdefault(step.old, set()).add(step.brief.uuid)
        gained = {
            (each.uuid, row.target)
            for each in diff.concepts
            for move, row, _ in each.relations
            if move == "related" and row.type == "replaced_by"
        }
        gained |= {(old, new) for old, news in successors.items() for new in news}
        takers = Counter(new for _, new in gained)
        return [
            concept_delta(
                each.uuid,
                each.kind,
                each.changes,
                each.relations,
                born=born,
                takers=takers,
                successors=successors.get(each.uuid, ()),
            )
            for each in diff.concepts
        ]

    def _all(self, delta: Delta) -> Iterator[list[Body]]:
        for start in range(0, len(delta.concepts), _TOGETHER):
            yield self._bodies(delta, delta.concepts[start : start + _TOGETHER], Chosen(), None)

    def _bodies(self, delta: Delta, concepts: list[ConceptDelta], chosen: Chosen, lang: str | None) -> list[Body]:
        wanted = {concept.uuid for concept in concepts}
        for concept in concepts:
            for change in concept.changes:
                if chosen.takes(change):
                    wanted.update(change.old, change.new)
        # All but what replaced a concept before the earlier moment is known.
        missing = sorted(wanted - delta.briefs.keys())
        briefs = {**delta.briefs, **read_briefs(self._engine, missing, delta.later.at)} if missing else delta.briefs
        return [_body(concept, chosen, briefs, lang) for concept in concepts]


def _uuid(concept: ConceptDelta) -> str:
    return concept.uuid


def _body(concept: ConceptDelta, chosen: Chosen, briefs: Mapping[str, Brief], lang: str | None) -> Body:
    return brief_body(briefs[concept.uuid], lang) | {
        "severity": concept.severity,
        "lists": list(concept.lists()),
        "changes": [_change(change, briefs, lang) for change in concept.changes if chosen.takes(change)],
    }


def _change(change: DeltaChange, briefs: Mapping[str, Brief], lang: str | None) -> Body:
    return {
        "type": change.type,
        "severity": change.severity,
        "field": change.field or None,
        "lang": change.lang or None,
        "branch": change.branch or None,
        "before": change.before or None,
        "after": change.after or None,
        "old": [brief_body(briefs[uuid], lang) for uuid in change.old],
        "new": [brief_body(briefs[uuid], lang) for uuid in change.new],
    }


def _csv_row(body: Body, change: Body, lang: str | None) -> list[str]:
    def names(briefs: list[Body]) -> str:
        return "\n".join(best(each["preferred_label"], lang) for each in briefs)

    return [
        change["severity"],
        body["lists"][-1],
        change["type"],
        *(body[name] or "" for name in ("uuid", "kind", "scheme", "code", "iri", "status")),
        best(body["preferred_label"], lang),
        *(change[name] or "" for name in ("field", "lang", "before", "after")),
        "\n".join(each["uuid"] for each in change["old"]),
        names(change["old"]),
        "\n".join(each["uuid"] for each in change["new"]),
        names(change["new"]),
        change["branch"] or "",
    ]
