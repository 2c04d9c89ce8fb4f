"""Totals of awards: an issuer's people say how often a badge class was given in a month, and correct it; everybody reads the totals, small ones as such.

Flow: web and command line -> `Awards` -> documents, an event in the issuer's space for each badge class that is reported on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from wikic.domain.access import Actor
from wikic.domain.awards import MOST, MOST_CORRECTIONS, AwardTotal, total_of
from wikic.domain.changes import now
from wikic.domain.quarters import check_month
from wikic.domain.sent_tables import sent_table
from wikic.errors import Conflict, InvalidInput, WikicError
from wikic.services import badging_rights as rights
from wikic.store import badges as badge_store
from wikic.store import documents
from wikic.store.badges import revision
from wikic.store.deployment import awards_of
from wikic.store.engine import Engine, Row, WriteTransaction
from wikic.store.events import happened
from wikic.store.leases import write_numbered
from wikic.store.tables import AWARDS, BADGE_CLASSES

MOST_AT_ONCE: Final = 5_000
COLUMNS: Final = ("badge_class", "month", "count")
_NAMES: Final = {
    "badge_class": ("badge_class", "badge", "badge class", "badgeclass"),
    "month": ("month", "mois"),
    "count": ("count", "awards", "nombre", "total"),
}
_ADDRESS: Final = re.compile(r"https?://[^/]+/badges/([0-9a-f-]{36})/?\Z")


@dataclass(frozen=True, slots=True)
class AwardLine:
    """What is reported: of a badge class (its id), in a month, how often; `place`: the line of the table that says so, where one does."""

    badge_class: str
    month: str
    count: int
    place: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class AwardOutcome:
    """What becomes of a line: `reported`, `corrected`, `same` (it says so already), or `refused` with the error. `line` counts from 1."""

    line: int
    result: str
    wish: AwardLine
    error: WikicError | None = None


class Awards:
    """Totals of awards over one store; safe between threads. `clock` gives the present moment as times are written."""

    def __init__(self, engine: Engine, clock: Callable[[], str] = now) -> None:
        self._engine, self._clock = engine, clock

    def of_badge(self, badge_class: str, actor: Actor) -> list[AwardTotal]:
        """The totals of a badge class by month, the latest first; small ones are hidden from those who do not work for its issuer. Raises NotFound."""
        row = rights.seen(documents.find(self._engine, BADGE_CLASSES, badge_class), actor, badge_class)
        totals = [total_of(each) for each in reversed(awards_of(self._engine, badge_class))]
        return totals if rights.works_for(actor, str(row["issuer"])) else [each.public() for each in totals]

    def report(self, badge_class: str, month: str, count: int, actor: Actor) -> AwardTotal:
        """Say how often a badge class was given in a month, in place of what was said before. Raises NotFound, Forbidden, InvalidInput, Conflict."""
        month = month.strip()
        outcome = self.report_many([AwardLine(badge_class, month, count)], actor)[0]
        if outcome.error is not None:
            raise outcome.error
        row = documents.get(self._engine, AWARDS, _key(badge_class, month), "total of awards")
        return total_of(row)

    def report_many(self, lines: Sequence[AwardLine], actor: Actor, *, dry_run: bool = False) -> list[AwardOutcome]:
        """The same for many: all or nothing. Raises Unauthenticated, InvalidInput (too many); what is wrong with a line stands with the line."""
        rights.require_credential(actor)
        if not 1 <= len(lines) <= MOST_AT_ONCE:
            raise InvalidInput(f"1 to {MOST_AT_ONCE:,} lines at once, not {len(lines):,}", reason="lines-many", most=MOST_AT_ONCE)
        badges = badge_store.find_classes(self._engine, [line.badge_class for line in lines])
        outcomes = self._judged(lines, badges, actor)
        if dry_run or any(each.error for each in outcomes) or all(each.result == "same" for each in outcomes):
            return outcomes
        write_numbered(self._engine, lambda tx: self._write(tx, [each.wish for each in outcomes if each.result != "same"], actor))
        return outcomes

    def _judged(self, lines: Sequence[AwardLine], badges: dict[str, Row], actor: Actor) -> list[AwardOutcome]:
        held = {str(row["key"]): row for row in documents.find_by(self._engine, AWARDS, "key", [_key(each.badge_class, each.month) for each in lines])}
        outcomes, seen = [], set()
        for number, line in enumerate(lines, 1):
            try:
                self._check(line, badges.get(line.badge_class), actor)
                key = _key(line.badge_class, line.month)
                if key in seen:
                    raise InvalidInput(f"{line.month} of the badge class {line.badge_class} stands in two lines", reason="award-twice", month=line.month)
                seen.add(key)
                result = "reported" if key not in held else "same" if held[key]["count"] == line.count else "corrected"
                outcomes.append(AwardOutcome(line.place or number, result, line))
            except WikicError as error:
                outcomes.append(AwardOutcome(line.place or number, "refused", line, error))
        return outcomes

    def _check(self, line: AwardLine, row: Row | None, actor: Actor) -> None:
        badge = rights.seen(row, actor, line.badge_class)
        rights.require_draft(actor, str(badge["issuer"]))
        if check_month(line.month) > self._clock()[:7]:
            raise InvalidInput(f"{line.month} is still to come: report on months that have begun", reason="award-month", month=line.month)
        if not 0 <= line.count <= MOST:
            raise InvalidInput(f"a badge class is given 0 to {MOST:,} times in a month, not {line.count:,}", reason="award-count", most=MOST)
        if not int(badge["number"]):
            raise Conflict("it was never published, so it was given to nobody yet: publish it first", reason="award-draft")

    def _write(self, tx: WriteTransaction, lines: Sequence[AwardLine], actor: Actor) -> None:
        # Of two who report on the same month for the first time, the second waits here.
        badges = documents.lock_many(tx, BADGE_CLASSES, {line.badge_class for line in lines})
        held = documents.lock_many(tx, AWARDS, {_key(line.badge_class, line.month) for line in lines})
        new: list[Row] = []
        changed: list[tuple[Row, Row]] = []
        for identity, badge in badges.items():
            own = [line for line in lines if line.badge_class == identity]
            number = self._told(tx, badge, own, actor)
            for line in own:
                old = held.get(_key(identity, line.month))
                row = self._row(badge, line, actor, old) | {"revision": revision(number)}
                if old is None:
                    new.append(row)
                else:
                    changed.append((old, row))
        documents.insert_many(tx, AWARDS, new)
        documents.change_many(tx, AWARDS, changed)

    def _row(self, badge: Row, line: AwardLine, actor: Actor, old: Row | None) -> Row:
        reports = [*(old["reports"] if old else ()), {"count": line.count, "by": actor.name, "at": self._clock()}]
        if len(reports) > MOST_CORRECTIONS:
            raise Conflict(f"{line.month} was corrected {MOST_CORRECTIONS} times: no further correction is kept", reason="award-corrections", month=line.month)
        return {
            "key": _key(line.badge_class, line.month), "badge_class": line.badge_class, "issuer": badge["issuer"], "month": line.month,
            "count": line.count, "at": reports[-1]["at"], "reports": reports,
        }  # fmt: skip

    @staticmethod
    def _told(tx: WriteTransaction, badge: Row, lines: Sequence[AwardLine], actor: Actor) -> int:
        """In the issuer's space: small numbers are for its people alone."""
        issuer, months = str(badge["issuer"]), sorted(line.month for line in lines)
        return happened(
            tx, actor, "badge_awards_reported", subject=f"badge_class/{badge['key']}", space=issuer, issuer=issuer, organisation=issuer,
            name=str(badge["name"])[:200], months=months[:100], total=len(months),
        )  # fmt: skip


def award_lines(text: str, codes: Iterable[tuple[str, str]] = ()) -> list[AwardLine]:
    """What a CSV reports. Its first line names the columns `badge_class` (an id, its address, or one of `codes`: (code, id)), `month` and `count`; commas,
    semicolons or tabs stand between them. Raises InvalidInput with the line."""
    table = sent_table(text)
    places = table.places(_NAMES)
    if missing := [name for name in COLUMNS if name not in places]:
        raise InvalidInput(
            f"the table has no column {missing[0]}: its first line names badge_class, month and count", reason="award-columns", column=missing[0]
        )
    known, lines = dict(codes), []
    for number, row in table.lines:
        cells = {name: row[place] if place < len(row) else "" for name, place in places.items()}
        count = re.sub(r"\s", "", cells["count"])
        if not (cells["badge_class"] and count.isascii() and count.isdecimal() and len(count) < 12):
            raise InvalidInput(f"line {number} of the table names no badge class, or {cells['count'][:40]!r} is no number", reason="award-line", line=number)
        found = _ADDRESS.match(cells["badge_class"])
        lines.append(AwardLine(found[1] if found else known.get(cells["badge_class"], cells["badge_class"]), cells["month"], int(count), number))
        if len(lines) > MOST_AT_ONCE:
            raise InvalidInput(f"the table has more than {MOST_AT_ONCE:,} lines: send it in parts", reason="lines-many", most=MOST_AT_ONCE)
    if not lines:
        raise InvalidInput("the table has no line besides its head", reason="table-empty")
    return lines


def _key(badge_class: str, month: str) -> str:
    return f"{badge_class}/{month}"
