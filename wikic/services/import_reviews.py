"""Reviews of imports that are kept: the release note of an import before it is applied, for admins and moderators to read together.

Flow: `Importing.run` (its plan, nothing written) -> `keep` -> documents -> pages and API. The import of the same files with the same options names the
latest review of them that it applies.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from hashlib import blake2b
from typing import Any, Final

from wikic.domain.access import Actor, operator
from wikic.domain.changes import now
from wikic.domain.delta import DELTA_LISTS, DELTA_WORDS, SEVERITIES, ConceptDelta, Figures, weight, word_of
from wikic.domain.ids import new_uuid
from wikic.domain.vocabulary import PUBLIC_SPACE
from wikic.errors import InvalidInput, NotFound
from wikic.services.import_planning import ImportOptions, Planner
from wikic.services.import_reviewing import Deltas, Review
from wikic.services.placing import require_somewhere
from wikic.services.reading_views import Body, brief_body
from wikic.services.releasing_delta import Chosen
from wikic.store import import_reviews as store
from wikic.store.concepts import Brief, read_briefs
from wikic.store.engine import Engine, Row, WriteTransaction
from wikic.store.events import happened
from wikic.store.leases import heads, write_numbered
from wikic.store.writing import chunks

MOST_CONCEPTS: Final = 20_000
"""Concepts that a review keeps, the most severely changed first."""
MOST_CONFLICTS: Final = 1_000
LONGEST_NAME: Final = 100
Bodies = list[Body]
_LATEST: Final = 2**50
_PLACE: Final = re.compile(r"\d{1,6}\.\d{1,3}\Z")
_BRIEFS: Final = 2_000


@dataclass(frozen=True, slots=True)
class KeptReview:
    """A review as it is kept. `head`: the number of its space that the files were compared with; `state`: `waits` (to be applied), `moved` (the
    framework has changed since) or `applied` (as change `applied`, on top of number `applied_on`); `report`: counts as the command prints them; `kept`:
    of how many of the concepts the changes can be listed. `head_now` is the present number of the space."""

    id: str
    name: str
    time: str
    by: str
    space: str
    origin: str
    version: str
    title: str
    files: tuple[str, ...]
    digest: str
    options: str
    head: int
    head_now: int
    state: str
    applied: int
    applied_on: int
    figures: Figures
    report: Mapping[str, Any]
    conflicts: tuple[Mapping[str, str], ...]
    conflicts_total: int
    kept: int


class ImportReviews:
    """The reviews of one store, for admins and moderators."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def list(self, *, actor: Actor, before: str = "", limit: int = 50) -> tuple[list[KeptReview], str]:
        """Reviews, the latest first, and where the next page begins ("" at the end). Raises Unauthenticated, Forbidden."""
        require_somewhere(actor, "decide", PUBLIC_SPACE)
        rows = store.latest(self._engine, before=before, limit=limit + 1)
        now_ = heads(self._engine)
        seen = [_of_row(row, now_) for row in rows[:limit] if _may_see(row, actor)]
        return seen, str(rows[limit - 1]["listing"]) if len(rows) > limit else ""

    def get(self, identity: str, *, actor: Actor) -> KeptReview:
        """One review. Raises Unauthenticated, Forbidden, NotFound."""
        require_somewhere(actor, "decide", PUBLIC_SPACE)
        row = store.find(self._engine, identity)
        if row is None or not _may_see(row, actor):
            raise NotFound(f"there is no review of an import {identity[:100]}", reason="none-here", key=identity[:100])
        return _of_row(row, heads(self._engine))

    def concepts(
        self, review: KeptReview, chosen: Chosen, *, cursor: str = "", limit: int = 50
    ) -> tuple[Bodies, str]:
        """Concepts that would change, in the form of a delta's (`there`: whether a concept is in the framework already), and where the next page begins ("" at
        the end). Raises InvalidInput for a cursor that is none."""
        if cursor and not _PLACE.match(cursor):
            raise InvalidInput("the cursor is none of ours: take it from `next` as it is")
        first, _, start = cursor.partition(".")
        place, skip = int(first or 0), int(start or 0)
        found: list[Body] = []
        tag = _tag(chosen)
        while True:
            read = store.parts(self._engine, review.id, place, tag)
            for number, rows in read:
                begin = skip if number == place else 0
                for index, body in enumerate(rows[begin:], begin):
                    changes = [one for one in body["changes"] if _takes(one, chosen)]
                    if not changes or (chosen.listed is not None and chosen.listed not in body["lists"]):
                        continue
                    if len(found) == limit:
                        return found, f"{number}.{index}"
                    found.append({**body, "changes": changes})
            if not read:
                return found, ""
            place, skip = read[-1][0] + 1, 0


def keep(
    planner: Planner, name: str, review: Review, deltas: Deltas, report: Mapping[str, Any], options: ImportOptions
) -> str:
    """Write the review of a plan down; returns its id. `report`: counts by what and which. Raises InvalidInput for a name that is none."""
    name = checked_name(name)
    engine, identity, time, info = planner.engine, new_uuid(), now(), planner.collected.info
    ordered = sorted(deltas.concepts, key=weight)[:MOST_CONCEPTS]
    store.add_parts(engine, identity, _parts(planner, ordered, deltas.later))
    row: Row = {
        "key": identity, "name": name, "time": time, "by": options.actor, "space": planner.space, "origin": info.origin,
        "source_version": info.version, "title": info.title, "files": signature_of(planner, options), "paths": list(info.files),
        "digest": info.digest, "options": options.signature(), "head": planner.head, "kept": len(ordered),
        # The latest come first.
        "listing": f"{_LATEST - int(identity.replace('-', '')[:12], 16):016d}/{identity}",
        "body": {
            "figures": asdict(review.figures), "report": dict(report), "conflicts_total": len(review.conflicts),
            "conflicts": [asdict(one) for one in review.conflicts[:MOST_CONFLICTS]],
        },
    }  # fmt: skip

    def work(tx: WriteTransaction) -> None:
        store.add(tx, row)
        happened(
            tx, operator(options.actor), "import_reviewed", subject=f"import_review/{identity}", space=planner.space, title=name,
            origin=info.origin, version=info.version,
        )  # fmt: skip

    write_numbered(engine, work)
    return identity


def checked_name(name: str) -> str:
    """A name of a review, tidied. Raises InvalidInput."""
    name = " ".join(name.split())
    if not 1 <= len(name) <= LONGEST_NAME:
        raise InvalidInput(f"a review has a name of 1 to {LONGEST_NAME} characters")
    return name


def signature_of(planner: Planner, options: ImportOptions) -> str:
    """What makes two imports the same: their space, files and options."""
    info = planner.collected.info
    text = "|".join((planner.space, info.origin, info.version, info.digest, options.signature()))
    return blake2b(text.encode(), digest_size=16).hexdigest()


def _parts(
    planner: Planner, concepts: list[ConceptDelta], later: Mapping[str, Brief]
) -> Iterator[tuple[list[str], list[Row]]]:
    for some in chunks(concepts, store.TOGETHER):
        wanted = {uuid for one in some for uuid in (one.uuid, *(end for each in one.changes for end in (*each.old, *each.new)))}
        briefs: dict[str, Brief] = {}
        for uuids in chunks(sorted(wanted), _BRIEFS):
            briefs |= read_briefs(planner.engine, uuids, planner.at)
        rows = [_body(one, briefs, later) for one in some]
        yield _tags(rows), rows


def _body(concept: ConceptDelta, briefs: Mapping[str, Brief], later: Mapping[str, Brief]) -> Body:
    def named(uuid: str) -> Body:
        # A new one is described by its source, and so is one that gets another name.
        brief = later.get(uuid) or briefs.get(uuid) or Brief(uuid, "", "", "", "", "", "", {})
        return brief_body(brief, None) | {"there": uuid in briefs}

    def change(one: Any) -> Body:
        values = {name: getattr(one, name) or None for name in ("field", "lang", "branch", "before", "after")}
        ends = {"old": [named(uuid) for uuid in one.old], "new": [named(uuid) for uuid in one.new]}
        return {"type": one.type, "severity": one.severity, **values, **ends}

    about = {"severity": concept.severity, "lists": list(concept.lists())}
    return named(concept.uuid) | about | {"changes": [change(one) for one in concept.changes]}


def _tags(rows: Iterable[Body]) -> list[str]:
    found = set()
    for row in rows:
        found |= {f"list:{name}" for name in row["lists"]}
        for change in row["changes"]:
            found |= {f"type:{word_of(change['type'], change['before'])}", f"severity:{change['severity']}"}
    return sorted(found)


def _tag(chosen: Chosen) -> str:
    """The tag by which most parts are skipped."""
    pairs = (("type", chosen.type), ("list", chosen.listed), ("severity", chosen.severity))
    return next((f"{name}:{value}" for name, value in pairs if value), "")


def _takes(change: Body, chosen: Chosen) -> bool:
    word = word_of(change["type"], change["before"])
    return chosen.type in (None, word) and chosen.severity in (None, change["severity"]) and chosen.language in (None, change["lang"])


def _may_see(row: Row, actor: Actor) -> bool:
    return actor.is_admin or actor.may_read(str(row["space"]))


def _figures(said: Mapping[str, Any]) -> Figures:
    """Figures as they were; what is kept has lost the order of its words."""
    orders: tuple[tuple[str, tuple[str, ...]], ...] = (
        ("types", DELTA_WORDS), ("severities", SEVERITIES), ("concepts", DELTA_LISTS), ("kinds", DELTA_WORDS), ("fields", DELTA_WORDS),
    )  # fmt: skip
    ordered = {name: {word: said[name][word] for word in words if word in said[name]} for name, words in orders}
    return Figures(**{**said, **ordered})


def _of_row(row: Row, heads_: Mapping[str, int]) -> KeptReview:
    head, applied, body = int(row["head"]), int(row.get("applied") or 0), row["body"]
    head_now = heads_.get(str(row["space"]), 0)
    return KeptReview(
        id=str(row["key"]),
        name=str(row["name"]),
        time=str(row["time"]),
        by=str(row["by"]),
        space=str(row["space"]),
        origin=str(row["origin"]),
        version=str(row["source_version"]),
        title=str(row["title"]),
        files=tuple(row.get("paths") or ()),
        digest=str(row["digest"]),
        options=str(row.get("options") or ""),
        head=head,
        head_now=head_now,
        state="applied" if applied else "moved" if head_now != head else "waits",
        applied=applied,
        applied_on=int(row.get("applied_on") or 0),
        figures=_figures(body["figures"]),
        report=body["report"],
        conflicts=tuple(body["conflicts"]),
        conflicts_total=int(body["conflicts_total"]),
        kept=int(row["kept"]),
    )
