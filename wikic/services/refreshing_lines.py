"""The lines that releases opened: read as their issuers see them, whatever became of them; and which badge classes are due for review."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from wikic.domain.access import Actor
from wikic.domain.badges import BadgeContent
from wikic.domain.delta import DELTA_TYPES, SEVERITIES, DeltaChange
from wikic.domain.refreshing import ADVICES, LINE_STATES, due_day, reason, unpacked
from wikic.domain.vocabulary import PUBLIC_SPACE
from wikic.errors import InvalidInput, NotFound, UnknownRelease
from wikic.services.badging_catalogue import Catalogue
from wikic.services.badging_rights import works_for
from wikic.services.reading import Reading
from wikic.services.reading_views import best
from wikic.store import documents
from wikic.store import refreshing as store
from wikic.store.concepts import Brief, read_briefs
from wikic.store.engine import Engine, Row
from wikic.store.refreshing import WantedLines
from wikic.store.releases import known_release
from wikic.store.tables import BADGE_CLASSES, REFRESH_LINES, REFRESHES

__all__ = ["Lines", "RefreshLine", "WantedLines"]

SOON: Final = timedelta(days=90)
"""How long before its day a badge class is shown as due for review."""
_READ: Final = 500


@dataclass(frozen=True, slots=True)
class RefreshLine:
    """What a release asks of one binding. `state`: open, kept, updated or retired; `by`, `at`, `note`, `treatment`: who did that, when, why and how; `made`:
    the bindings that stand in its place; `successors`: the concepts that stand for its own in the end."""

    id: str
    release: str
    issuer: str
    badge_class: str
    concept: str
    level: str
    binding: str
    severity: str
    advice: str
    changes: tuple[DeltaChange, ...]
    successors: tuple[str, ...]
    state: str
    opened: str
    by: str = ""
    at: str = ""
    note: str = ""
    treatment: str = ""
    made: tuple[str, ...] = ()
    version: int = 1

    def concepts(self) -> set[str]:
        """All concepts that it names."""
        return {self.concept, *self.successors, *(uuid for change in self.changes for uuid in (*change.old, *change.new))}


@dataclass(frozen=True, slots=True)
class LinePage:
    """Part of a list; `next` is where it goes on, "" at the end."""

    items: list[RefreshLine]
    next: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How far an issuer is with a release: lines by state."""

    release: str
    issuer: str
    opened: str
    lines: int
    asking: int
    states: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Due:
    """A badge class that is to be reviewed by a day, or was."""

    badge_class: str
    issuer: str
    name: str
    day: str
    overdue: bool


class Lines:
    """The lines of one store; safe between threads."""

    def __init__(self, engine: Engine, reading: Reading, catalogue: Catalogue) -> None:
        self._engine, self._reading, self._catalogue = engine, reading, catalogue

    def own(self, actor: Actor) -> list[str]:
        """The issuers whose lines somebody sees."""
        return sorted(slug for slug in self._catalogue.issuers() if works_for(actor, slug)) if actor.known else []

    def require_own(self, issuer: str, actor: Actor) -> None:
        """Raise NotFound unless somebody works for an issuer."""
        self._catalogue.issuer(issuer, actor)
        if not works_for(actor, issuer):
            raise NotFound(f"there are no reports of the issuer {issuer[:60]} for you", reason="refresh-issuer", issuer=issuer[:60])

    def get(self, identity: str, actor: Actor) -> RefreshLine:
        """One line. Raises NotFound."""
        return self.get_many([identity], actor)[0]

    def get_many(self, identities: Sequence[str], actor: Actor) -> list[RefreshLine]:
        """Several, in this order. Raises NotFound where one is not there for the actor. One round trip."""
        rows = {str(row["key"]): row for row in documents.find_by(self._engine, REFRESH_LINES, "key", identities)}
        for identity in identities:
            if identity not in rows or not works_for(actor, str(rows[identity]["issuer"])):
                raise NotFound(f"there is no line {identity[:60]} in a report of yours", reason="refresh-line-none")
        return [line_of(rows[identity]) for identity in dict.fromkeys(identities)]

    def page(
        self, actor: Actor, wanted: WantedLines, *, issuer: str = "", release: str = "", after: str = "", limit: int = 100
    ) -> LinePage:
        """The lines of an issuer, or of all that somebody works for; by release, the gravest first. Raises NotFound (no such issuer for them),
        UnknownRelease, InvalidInput (`wanted` has a word that there is not)."""
        _require_known(wanted)
        if release and not known_release(self._engine, PUBLIC_SPACE, release).open:
            raise UnknownRelease(f"there is no release {release[:100]!r}", reason="release-none", name=release[:100])
        if issuer:
            self.require_own(issuer, actor)
            start = f"{issuer}/{release}/" if release else f"{issuer}/"
            rows, order = store.page_of_lines(self._engine, start, wanted, after=after, limit=limit + 1), "by_issuer"
        else:
            issuers = None if actor.is_admin else self.own(actor)
            rows = store.page_of_release(self._engine, release, issuers, wanted, after=after, limit=limit + 1)
            order = "by_release"
        return LinePage([line_of(row) for row in rows[:limit]], str(rows[limit - 1][order]) if len(rows) > limit else "")

    def all(self, actor: Actor, wanted: WantedLines, *, issuer: str = "", release: str = "") -> Iterator[RefreshLine]:
        """All of them, page by page."""
        after = ""
        while True:
            page = self.page(actor, wanted, issuer=issuer, release=release, after=after, limit=_READ)
            yield from page.items
            if not page.next:
                return
            after = page.next

    def of_badge(self, badge_class: str) -> list[RefreshLine]:
        """The lines of a badge class, whoever asks: for programs."""
        return [line_of(row) for row in documents.find_by(self._engine, REFRESH_LINES, "badge_class", [badge_class])]

    def standings(self, issuer: str) -> list[Standing]:
        """How far an issuer is, by release, the latest first. Two round trips."""
        counts = store.count_lines(self._engine, issuer)
        rows = documents.page(self._engine, REFRESHES, "by_issuer", prefix=f"{issuer}/", limit=_READ)
        rows.sort(key=lambda row: int(row["seq"]), reverse=True)
        return [
            Standing(
                str(row["release"]), issuer, str(row["opened"]), int(row["lines"]), int(row["asking"]),
                {state: counts.get((str(row["release"]), state), 0) for state in LINE_STATES},
            )
            for row in rows
        ]  # fmt: skip

    def due(self, issuer: str, *, today: datetime | None = None, within: timedelta = SOON) -> list[Due]:
        """The published badge classes of an issuer that are to be reviewed soon, or should have been, the first day first."""
        now = today or datetime.now(UTC)
        day, last = now.date().isoformat(), (now + within).date().isoformat()
        found = []
        for row in documents.find_by(self._engine, BADGE_CLASSES, "issuer", [issuer]):
            if row["status"] != "published":
                continue
            content = BadgeContent.of(row["content"])
            due = due_day(str(row.get("published") or ""), content.validity, content.review_due)
            if due and due <= last:
                found.append(Due(str(row["key"]), issuer, content.name, due, due < day))
        return sorted(found, key=lambda each: (each.day, each.name, each.badge_class))

    def names(self, concepts: Iterable[str], lang: str) -> dict[str, str]:
        """What concepts are called now, by uuid."""
        return {uuid: best(brief.preferred, lang) or brief.code or uuid for uuid, brief in self.briefs(concepts).items()}

    def briefs(self, concepts: Iterable[str]) -> dict[str, Brief]:
        """Concepts as they are now."""
        wanted = sorted(set(concepts))
        found: dict[str, Brief] = {}
        for start in range(0, len(wanted), _READ):
            found |= read_briefs(self._engine, wanted[start : start + _READ], self._reading.moment().at)
        return found

    def told(self, lines: Sequence[RefreshLine], lang: str = "en") -> dict[str, str]:
        """Why each line is there, in English with the names in a language, by id."""
        names = self.names((uuid for line in lines for uuid in line.concepts()), lang)
        return {line.id: reason(line.changes, names) for line in lines}


def _require_known(wanted: WantedLines) -> None:
    """Raise InvalidInput for a word that no line can have."""
    for word, words in ((wanted.state, LINE_STATES), (wanted.severity, SEVERITIES), (wanted.advice, ADVICES), (wanted.change, DELTA_TYPES)):
        if word and word not in words:
            raise InvalidInput(f"{word[:40]!r} is none of {', '.join(words)}", reason="choice", choice=word[:40])


def line_of(row: Row) -> RefreshLine:
    """From a document."""
    return RefreshLine(
        id=str(row["key"]), release=str(row["release"]), issuer=str(row["issuer"]), badge_class=str(row["badge_class"]), concept=str(row["concept"]),
        level=str(row["level"]), binding=str(row["binding"]), severity=str(row["severity"]), advice=str(row["advice"]),
        changes=tuple(map(unpacked, row["changes"])), successors=tuple(row.get("successors") or ()), state=str(row["state"]),
        opened=str(row["opened"]), by=str(row.get("by") or ""), at=str(row.get("at") or ""), note=str(row.get("note") or ""),
        treatment=str(row.get("treatment") or ""), made=tuple(row.get("made") or ()), version=int(row["version"]),
    )  # fmt: skip
