"""Bindings: which competencies badge classes attest; made and ended, one or many at once, and looked up both ways.

A binding of a published badge class is part of what it says, so each act on one makes its next version. Whatever is refused is refused before anything is
written; what is written is written in one transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from wikic.domain.access import Actor
from wikic.domain.badges import parse_level
from wikic.domain.badges_bindings import Binding, Target, binding_of
from wikic.domain.changes import now
from wikic.domain.ids import binding_id
from wikic.errors import Conflict, InvalidInput, NotFound, WikicError
from wikic.services import badging_rights as rights
from wikic.services.badging_catalogue import Catalogue
from wikic.services.badging_writing import add_versions, told, write
from wikic.services.binding_targets import Seen, Targets
from wikic.services.reading import Reading
from wikic.services.refreshing_closing import close_lines
from wikic.services.scaling import missing_levels, use_level
from wikic.store import badges as store
from wikic.store import documents
from wikic.store.badges import Wanted
from wikic.store.engine import Engine, Row, WriteTransaction
from wikic.store.leases import write_numbered
from wikic.store.tables import BADGE_CLASSES, BINDINGS

MOST_AT_ONCE: Final = 5_000
"""Bindings that one call makes or ends."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A binding to make: the badge class's id, the competency by any reference, the level ("" for the badge class's own); `place`: the line of the table
    that asks for it, where one does."""

    badge_class: str
    concept: str
    level: str = ""
    place: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Line:
    """What becomes of a wish: `bound`, `already` (it was there), or `refused` with the error that says why. `line` counts from 1, in a table as
    people see it there."""

    line: int
    result: str
    wish: Wish
    binding: Binding | None = None
    error: WikicError | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a bulk did, or would do: each line; `applied`: it was written."""

    lines: list[Line]
    applied: bool

    def count(self, result: str) -> int:
        """How many lines ended so."""
        return sum(line.result == result for line in self.lines)


@dataclass(frozen=True, slots=True)
class BindingPage:
    """Part of a list; `next` is where it goes on, "" at the end."""

    items: list[Binding]
    next: str


@dataclass(slots=True)
class _Plan:
    """What a transaction would write."""

    lines: list[Line] = field(default_factory=list)
    badges: dict[str, Row] = field(default_factory=dict)


class Bindings:
    """Bindings over one store; safe between threads."""

    def __init__(self, engine: Engine, reading: Reading, catalogue: Catalogue) -> None:
        self._engine, self._catalogue = engine, catalogue
        self.targets = Targets(engine, reading)

    # Looking up

    def of_badge(
        self, badge_class: str, actor: Actor, *, status: str = "open", after: str = "", limit: int = 100
    ) -> BindingPage:
        """The competencies of a badge class, in a fixed order. Raises NotFound."""
        rights.seen(documents.find(self._engine, BADGE_CLASSES, badge_class), actor, badge_class)
        # A badge class that is seen is seen with its bindings.
        return self._page("by_badge", badge_class, Wanted(every=True, status=status), after, limit)

    def of_issuer(self, issuer: str, actor: Actor, *, status: str = "open", after: str = "", limit: int = 100) -> BindingPage:
        """All bindings of an issuer's badge classes."""
        return self._page("by_issuer", issuer, self._wanted(actor, status=status), after, limit)

    def of_concept(
        self, concept: str, actor: Actor, *, level: str = "", issuer: str = "", territory: str = "", lang: str = "", state: str = "published",
        status: str = "open", after: str = "", limit: int = 100,
    ) -> BindingPage:  # fmt: skip
        """The badge classes that attest a competency (by uuid): by level, issuer, territory of the issuer, language, and the badge class's own status
        ("" for any)."""
        wanted = self._asked(actor, level, issuer, territory, lang, state, status)
        return self._page("by_concept", concept, wanted, after, limit)

    def count_of_concept(self, concept: str, actor: Actor, *, state: str = "published") -> int:
        """How many bindings a competency has, as the actor sees them."""
        return store.count_bindings(self._engine, "by_concept", f"{concept}/", self._wanted(actor, state=state))

    def classes_of_concept(self, concept: str, actor: Actor) -> frozenset[str]:
        """The ids of all badge classes that attest a competency."""
        rows = store.page_of_bindings(self._engine, "by_concept", f"{concept}/", self._wanted(actor), limit=MOST_AT_ONCE)
        return frozenset(str(row["badge_class"]) for row in rows)

    def open_of(self, badge_classes: Sequence[str]) -> dict[str, list[Binding]]:
        """The open bindings of each of these badge classes, whoever asks: for programs that look at them all. One round trip."""
        found = store.open_bindings(self._engine, badge_classes)
        return {key: [binding_of(row) for row in rows] for key, rows in found.items()}

    def get(self, identity: str, actor: Actor) -> Binding:
        """One binding. Raises NotFound."""
        row = documents.find(self._engine, BINDINGS, identity)
        if row is None or not (row["public"] or rights.works_for(actor, str(row["issuer"]))):
            raise NotFound(f"there is no binding {identity[:60]}", reason="binding-none")
        return binding_of(row)

    def target(self, binding: Binding, lang: str, release: str = "") -> Target | None:
        """What an alignment says of its competency as of a release; None where it was not there."""
        return self.targets.of([binding.concept], lang, release).get(binding.concept)

    # Binding

    def bind_one(self, badge_class: str, concept: str, actor: Actor, *, level: str = "", release: str | None = None, source: str = "hand") -> Binding:
        """Bind one badge class to one competency; the binding that is there already is returned as it is. Raises as `bind`."""
        line = self.bind([Wish(badge_class, concept, level)], actor, release=release, source=source).lines[0]
        if line.binding is None:
            raise line.error or NotFound(f"there is no badge class {badge_class[:60]}", reason="badge-none", badge=badge_class[:60])
        return line.binding

    def bind(
        self, wishes: Sequence[Wish], actor: Actor, *, source: str = "hand", release: str | None = None, dry_run: bool = False,
        partly: bool = False, historic: bool = False,
    ) -> Outcome:  # fmt: skip
        """Bind many: all or nothing, unless `partly`. `release`: as of which the competencies were seen; the last one by default where it holds
        them. `historic`: deprecated competencies too, as they are found in badges that are there already.

        Raises Unauthenticated, InvalidInput (too many); what is wrong with a line stands in the line."""
        rights.require_credential(actor)
        if not 1 <= len(wishes) <= MOST_AT_ONCE:
            raise InvalidInput(f"1 to {MOST_AT_ONCE:,} bindings at once, not {len(wishes):,}", reason="lines-many", most=MOST_AT_ONCE)
        plan = self._plan(wishes, actor, source, release, historic=historic)
        refused = any(line.result == "refused" for line in plan.lines)
        wanted = any(line.result == "bound" for line in plan.lines)
        if dry_run or not wanted or (refused and not partly):
            return Outcome(plan.lines, applied=not dry_run and not refused)
        made = write_numbered(self._engine, lambda tx: self._write(tx, plan, actor))
        lines = [replace(line, binding=made.get(line.binding.id, line.binding)) if line.binding else line for line in plan.lines]
        return Outcome(lines, applied=True)

    def unbind(self, identities: Sequence[str], actor: Actor, *, version: int | None = None) -> list[Binding]:
        """End bindings, all or none; those that have ended already stay so. Raises NotFound, Forbidden, StaleVersion."""
        rights.require_credential(actor)
        wanted = list(dict.fromkeys(identities))
        if not 1 <= len(wanted) <= MOST_AT_ONCE:
            raise InvalidInput(f"1 to {MOST_AT_ONCE:,} bindings at once, not {len(wanted):,}", reason="lines-many", most=MOST_AT_ONCE)
        known = {str(row["key"]): row for row in documents.find_by(self._engine, BINDINGS, "key", wanted)}
        for identity in wanted:
            if identity not in known or not (known[identity]["public"] or rights.works_for(actor, str(known[identity]["issuer"]))):
                raise NotFound(f"there is no binding {identity[:60]}", reason="binding-none")
        badges = sorted({str(row["badge_class"]) for row in known.values()})

        def work(tx: WriteTransaction) -> dict[str, Binding]:
            rows = self._locked(tx, badges, actor)
            held = documents.lock_many(tx, BINDINGS, wanted)
            for row in held.values():
                documents.require_version(BINDINGS, row, version)
            ending = {key: row for key, row in held.items() if row["status"] == "open"}
            closed = {"status": "closed", "closed_by": actor.name, "closed_at": now()}
            documents.change_many(tx, BINDINGS, [(row, closed) for row in ending.values()])
            self._told(tx, rows, list(ending.values()), actor, "binding_closed", "unbound")
            close_lines(tx, badges, actor, bindings=ending)
            return {key: binding_of({**row, **closed, "version": int(row["version"]) + 1} if key in ending else row) for key, row in held.items()}

        found = write_numbered(self._engine, work)
        return [found[identity] for identity in wanted]

    # Parts

    def _plan(self, wishes: Sequence[Wish], actor: Actor, source: str, release: str | None, *, historic: bool) -> _Plan:
        plan = _Plan(badges=store.find_classes(self._engine, [wish.badge_class for wish in wishes]))
        seen = self.targets.resolved([wish.concept for wish in wishes], release, historic=historic)
        ids: dict[str, int] = {}
        for number, wish in enumerate(wishes, 1):
            try:
                binding = self._planned(wish, plan, seen[wish.concept], actor, source)
                result = "already" if binding.id in ids else "bound"
                ids.setdefault(binding.id, number)
                plan.lines.append(Line(wish.place or number, result, wish, binding))
            except WikicError as error:
                plan.lines.append(Line(wish.place or number, "refused", wish, error=error))
        wrong = missing_levels(self._engine, {line.binding.at_level for line in plan.lines if line.binding})
        plan.lines = [
            Line(line.line, "refused", line.wish, error=wrong[line.binding.at_level]) if line.binding and line.binding.at_level in wrong else line
            for line in plan.lines
        ]
        held = {str(row["key"]): row for row in documents.find_by(self._engine, BINDINGS, "key", ids)}
        for place, line in enumerate(plan.lines):
            row = held.get(line.binding.id) if line.binding else None
            if row is not None and row["status"] == "open":
                plan.lines[place] = replace(line, result="already", binding=binding_of(row))
        return plan

    @staticmethod
    def _planned(wish: Wish, plan: _Plan, seen: Seen | WikicError, actor: Actor, source: str) -> Binding:
        row = rights.seen(plan.badges.get(wish.badge_class), actor, wish.badge_class)
        rights.require_for(actor, row)
        level, own = str(parse_level(wish.level) or ""), str(row["level"])
        level = "" if level == own else level
        if isinstance(seen, WikicError):
            raise seen
        name = seen.name(str(row["lang"]))
        return Binding(
            id=binding_id(str(row["key"]), seen.uuid, level), badge_class=str(row["key"]), issuer=str(row["issuer"]), concept=seen.uuid, level=level,
            seen_name=name, since_release=seen.release, seen_seq=seen.seq, source=source, made_by=actor.name, made_at=now(), status="open",
            state=str(row["status"]), at_level=level or own,
        )  # fmt: skip

    def _write(self, tx: WriteTransaction, plan: _Plan, actor: Actor) -> dict[str, Binding]:
        wanted = {line.binding.id: line.binding for line in plan.lines if line.result == "bound" and line.binding}
        rows = self._locked(tx, sorted({each.badge_class for each in wanted.values()}), actor)
        for level in sorted({each.at_level for each in wanted.values()}):
            use_level(tx, level)
        held = documents.lock_many(tx, BINDINGS, wanted)
        made: list[Row] = []
        for identity, binding in wanted.items():
            if identity not in held or held[identity]["status"] != "open":
                made.append(row_of(binding, rows[binding.badge_class]))
        documents.insert_many(tx, BINDINGS, [row for row in made if row["key"] not in held])
        again = {"closed_by": None, "closed_at": None}
        documents.change_many(tx, BINDINGS, [(held[row["key"]], {**row, **again}) for row in made if row["key"] in held])
        self._told(tx, rows, made, actor, "binding_made", "bound")
        new = {str(row["key"]): binding_of({**row, "version": int(held[row["key"]]["version"]) + 1 if row["key"] in held else 1}) for row in made}
        return {identity: new[identity] if identity in new else binding_of(held[identity]) for identity in wanted}

    @staticmethod
    def _locked(tx: WriteTransaction, badges: Sequence[str], actor: Actor) -> dict[str, Row]:
        rows = documents.lock_many(tx, BADGE_CLASSES, badges)
        for identity in badges:
            rights.require_for(actor, rights.seen(rows.get(identity), actor, identity))
        return rows

    @staticmethod
    def _told(tx: WriteTransaction, rows: dict[str, Row], bindings: Sequence[Row], actor: Actor, kind: str, why: str) -> None:
        """Tell what was done, an event for each badge class; those that are public become their next version."""
        newer: list[Row] = []
        for identity, row in rows.items():
            mine = [each for each in bindings if each["badge_class"] == identity]
            if not mine:
                continue
            public = int(row["number"]) > 0
            values: dict[str, Any] = {"number": int(row["number"]) + 1, "published": now()} if public else {}
            ids = [str(each["key"]) for each in mine]
            number = told(tx, actor, kind, {**row, **values}, [str(each["concept"]) for each in mine], bindings=ids[:100], total=len(ids))
            new = write(tx, row, values, number)
            newer += [new] if public else []
        if newer:
            add_versions(tx, newer, actor, why)

    def _page(self, field_: str, start: str, wanted: Wanted, after: str, limit: int) -> BindingPage:
        rows = store.page_of_bindings(self._engine, field_, f"{start}/", wanted, after=after, limit=limit + 1)
        following = str(rows[limit - 1][field_]) if len(rows) > limit else ""
        return BindingPage([binding_of(row) for row in rows[:limit]], following)

    def _asked(self, actor: Actor, level: str, issuer: str, territory: str, lang: str, state: str, status: str) -> Wanted:
        issuers: tuple[str, ...] | None = (issuer,) if issuer else None
        if territory:
            there = self._catalogue.in_territory(territory)
            issuers = there if issuers is None else tuple(each for each in issuers if each in there)
        wanted = self._wanted(actor, state=state, status=status)
        return replace(wanted, issuers=issuers, level=str(parse_level(level) or ""), lang=lang)

    @staticmethod
    def _wanted(actor: Actor, *, state: str = "", status: str = "open") -> Wanted:
        return Wanted(own=tuple(slug for slug, _ in actor.memberships), every=actor.is_admin, state=state, status=status)


def refusal(outcome: Outcome) -> WikicError:
    """Why a bulk was refused, by its first line that is wrong."""
    wrong = [line for line in outcome.lines if line.error is not None]
    first = wrong[0]
    if len(outcome.lines) == 1 and first.error is not None:
        return first.error
    more = f" ({len(wrong)} of {len(outcome.lines)} lines are refused)" if len(wrong) > 1 else ""
    return Conflict(
        f"line {first.line}: {first.error}{more}; nothing was bound",
        reason="bind-refused", line=first.line, wrong=len(wrong), all=len(outcome.lines), why=first.error,
    )  # fmt: skip


def row_of(binding: Binding, badge: Row) -> Row:
    """A binding that is open, as its document; `badge` is that of its badge class."""
    return {
        "key": binding.id, "badge_class": binding.badge_class, "issuer": binding.issuer, "concept": binding.concept,
        "level": binding.level, "at_level": binding.level or badge["level"],
        "seen_name": binding.seen_name, "since_release": binding.since_release, "seen_seq": binding.seen_seq, "source": binding.source,
        "made_by": binding.made_by, "made_at": binding.made_at, "status": "open", "state": badge["status"], "public": int(badge["number"]) > 0,
        "lang": badge["lang"], "by_concept": f"{binding.concept}/{binding.badge_class}/{binding.level}",
        "by_badge": f"{binding.badge_class}/{binding.concept}/{binding.level}",
        "by_issuer": f"{binding.issuer}/{binding.badge_class}/{binding.concept}/{binding.level}",
    }  # fmt: skip
