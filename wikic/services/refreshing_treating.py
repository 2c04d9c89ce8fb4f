"""What issuers do about the lines of a release: keep, update, re-align, retire; one or many at once.

What is done to a badge class by one call becomes one version of it, written with its bindings, its lines and the events that tell of it in one
transaction. Whatever is refused is refused before anything is written. A line may be treated again while its binding is as it was (kept).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from wikic.domain.access import Actor
from wikic.domain.badges_bindings import Binding
from wikic.domain.changes import now
from wikic.domain.delta import ENDINGS
from wikic.domain.ids import binding_id
from wikic.domain.refreshing import STATE_AFTER, TREATMENTS
from wikic.domain.texts import check_text
from wikic.errors import Conflict, InvalidInput, WikicError
from wikic.services import badging_rights as rights
from wikic.services.badging_writing import add_versions
from wikic.services.binding import row_of
from wikic.services.binding_targets import Seen
from wikic.services.refreshing_closing import close_lines, tell_treated
from wikic.services.refreshing_lines import Lines, RefreshLine, WantedLines, line_of
from wikic.services.refreshing_seen import AsOf
from wikic.store import badges as badge_store
from wikic.store import documents
from wikic.store.engine import Engine, Row, WriteTransaction
from wikic.store.events import happened_to_many
from wikic.store.leases import write_numbered
from wikic.store.tables import BADGE_CLASSES, BINDINGS, REFRESH_LINES
from wikic.store.writing import chunks

MOST_AT_ONCE: Final = 5_000
"""Lines that one call treats."""
LONGEST_NOTE: Final = 2_000
_TOGETHER: Final = 200
_NAMED: Final = 100
_OF_TREATMENT: Final = {"update": "binding_renewed", "realign": "binding_made"}


@dataclass(frozen=True, slots=True)
class Treated:
    """What became of lines: those that were treated, as they are now; those that were left, each with why."""

    lines: list[RefreshLine] = field(default_factory=list)
    left: list[tuple[RefreshLine, WikicError]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Step:
    """One line, and the concepts that its binding leads to then (of `update` its own)."""

    line: RefreshLine
    to: tuple[Seen, ...] = ()


@dataclass(slots=True)
class _Written:
    """What one transaction does to one badge class."""

    row: Row
    closed: list[Row] = field(default_factory=list)
    made: dict[str, Row] = field(default_factory=dict)
    renewed: list[Row] = field(default_factory=list)
    retired: bool = False

    @property
    def changed(self) -> bool:
        return bool(self.closed or self.made or self.renewed)


class Treating:
    """Treatments over one store; safe between threads."""

    def __init__(self, engine: Engine, lines: Lines, seen: AsOf) -> None:
        self._engine, self._lines, self._seen = engine, lines, seen

    def treat(self, identities: Sequence[str], treatment: str, actor: Actor, *, to: Sequence[str] = (), note: str = "", partly: bool = False) -> Treated:
        """Treat lines, all or (`partly`) those that can be. `to`: the concepts to re-align to, else the one that stands for each line's own.

        Raises Unauthenticated, Forbidden, NotFound, InvalidInput, Conflict (it was treated; it needs another treatment; it is hosted elsewhere)."""
        rights.require_credential(actor)
        wanted = list(dict.fromkeys(identities))
        if not 1 <= len(wanted) <= MOST_AT_ONCE:
            raise InvalidInput(f"1 to {MOST_AT_ONCE:,} lines at once, not {len(wanted):,}", reason="lines-many", most=MOST_AT_ONCE)
        return self._treat(self._lines.get_many(wanted, actor), treatment, actor, to, note, partly=partly)

    def treat_all(self, issuer: str, release: str, treatment: str, actor: Actor, wanted: WantedLines, *, note: str = "") -> Treated:
        """Treat all open lines of an issuer and a release of some kind (`wanted`) that can be treated so. Raises as `treat`, UnknownRelease."""
        rights.require_credential(actor)
        only = WantedLines("open", wanted.severity, wanted.advice, wanted.change, wanted.badge_class)
        page = self._lines.page(actor, only, issuer=issuer, release=release, limit=MOST_AT_ONCE)
        return self._treat(page.items, treatment, actor, (), note, partly=True)

    def apply(self, steps: Sequence[Step], treatment: str, actor: Actor, *, note: str = "") -> list[RefreshLine]:
        """Do what was decided of lines that are open, as whoever may: without asking whether a badge class is hosted elsewhere."""
        done: list[RefreshLine] = []
        by_badge: dict[str, list[Step]] = {}
        for step in steps:
            by_badge.setdefault(step.line.badge_class, []).append(step)
        for badges in chunks(sorted(by_badge), _TOGETHER):
            part = [step for badge in badges for step in by_badge[badge]]
            done += write_numbered(self._engine, lambda tx, part=part: self._write(tx, part, treatment, actor, note))  # type: ignore[misc]
        return done

    def _treat(
        self, lines: Sequence[RefreshLine], treatment: str, actor: Actor, to: Sequence[str], note: str, *, partly: bool
    ) -> Treated:
        if treatment not in TREATMENTS:
            raise InvalidInput(f"{treatment[:40]!r} is no treatment: {', '.join(TREATMENTS)}", reason="choice", choice=treatment[:40])
        note = check_text("note", note, LONGEST_NOTE)
        badges = badge_store.find_classes(self._engine, [line.badge_class for line in lines])
        bound = {str(row["key"]): row for row in documents.find_by(self._engine, BINDINGS, "key", [line.binding for line in lines])}
        targets = self._targets(lines, treatment, to)
        left: list[tuple[RefreshLine, WikicError]] = []
        steps: list[Step] = []
        for line in lines:
            try:
                row = rights.seen(badges.get(line.badge_class), actor, line.badge_class)
                rights.require_for(actor, row)
                if treatment == "update":
                    _bound(bound.get(line.binding))
                steps.append(_step(line, row, treatment, to, targets))
            except WikicError as error:
                if not partly:
                    raise
                left.append((line, error))
        return Treated(self.apply(steps, treatment, actor, note=note), left)

    def _targets(self, lines: Sequence[RefreshLine], treatment: str, to: Sequence[str]) -> dict[tuple[str, str], Seen | WikicError]:
        """(release, reference) with the concept as of that release."""
        found: dict[tuple[str, str], Seen | WikicError] = {}
        if treatment not in ("update", "realign"):
            return found
        by_release: dict[str, set[str]] = {}
        for line in lines:
            refs = {line.concept} if treatment == "update" else set(to) or set(line.successors[:1])
            by_release.setdefault(line.release, set()).update(refs)
        for release, refs in by_release.items():
            # What is bound now gets no line of what was published meanwhile.
            then = release if treatment == "update" else self._seen.latest(release)
            found |= {(release, ref): seen for ref, seen in self._seen.resolved(refs, then).items()}
        return found

    # Writing

    def _write(self, tx: WriteTransaction, steps: Sequence[Step], treatment: str, actor: Actor, note: str) -> list[RefreshLine]:
        lines = documents.lock_many(tx, REFRESH_LINES, [step.line.id for step in steps])
        for row in lines.values():
            _require_open(line_of(row))
        rows = documents.lock_many(tx, BADGE_CLASSES, [step.line.badge_class for step in steps])
        for identity in {step.line.badge_class for step in steps}:
            row = rights.seen(rows.get(identity), actor, identity)
            rights.require_for(actor, row)
            _require_given(row, treatment)
        written = {key: _Written(row) for key, row in rows.items()}
        replaced: dict[str, list[str]] = {}
        if treatment != "keep":
            replaced = self._bindings(tx, steps, written, treatment, actor)
            self._tell(tx, list(written.values()), treatment, actor)
        stamp = now()
        after = {"state": STATE_AFTER[treatment], "by": actor.name, "at": stamp, "note": note or None, "treatment": treatment}
        made = [(row, {**after, "made": replaced.get(key) or None}) for key, row in lines.items()]
        documents.change_many(tx, REFRESH_LINES, made)
        tell_treated(tx, lines.values(), treatment, actor)
        self._close_others(tx, list(written.values()), treatment, actor)
        changed = {str(row["key"]): {**row, **new, "version": int(row["version"]) + 1} for row, new in made}
        return [line_of(changed[step.line.id]) for step in steps]

    def _bindings(
        self, tx: WriteTransaction, steps: Sequence[Step], written: Mapping[str, _Written], treatment: str, actor: Actor
    ) -> dict[str, list[str]]:
        """Change the bindings; the ids of those that stand in the place of each line's."""
        wanted = {step.line.binding for step in steps}
        wanted |= {binding_id(step.line.badge_class, seen.uuid, step.line.level) for step in steps for seen in step.to}
        held = documents.lock_many(tx, BINDINGS, wanted)
        replaced: dict[str, list[str]] = {}
        if treatment == "retire":
            self._retire(tx, steps, written)
        for step in steps:
            mine, row = written[step.line.badge_class], held.get(step.line.binding)
            if mine.retired or mine.row["status"] == "retired":
                continue
            if treatment == "update":
                bound = _bound(row)
                # One that a later release renewed has seen what this one asks for.
                mine.renewed += [{**bound, **_as_seen(step.to[0], mine.row)}] if int(bound["seen_seq"]) < step.to[0].seq else []
                continue
            # Where its own was ended by hand before, those that are asked for are made all the same.
            mine.closed += [row] if row is not None and row["status"] == "open" else []
            for seen in step.to:
                binding = _binding(step.line, seen, mine.row, actor)
                replaced.setdefault(step.line.id, []).append(binding.id)
                if binding.id not in held or held[binding.id]["status"] != "open":
                    mine.made[binding.id] = row_of(binding, mine.row)
        self._put(tx, written.values(), held, actor)
        return replaced

    @staticmethod
    def _retire(tx: WriteTransaction, steps: Sequence[Step], written: Mapping[str, _Written]) -> None:
        """Which badge classes attest nothing else: they are retired, and keep what they attested."""
        ending = {step.line.binding for step in steps}
        for badge_class, rows in badge_store.open_bindings(tx, list(written)).items():
            mine = written[badge_class]
            mine.retired = bool(rows) and mine.row["status"] != "retired" and all(str(row["key"]) in ending for row in rows)

    @staticmethod
    def _close_others(tx: WriteTransaction, written: Sequence[_Written], treatment: str, actor: Actor) -> None:
        """Close what other releases ask of what has ended."""
        close_lines(tx, [str(each.row["key"]) for each in written if each.retired], actor, treatment=treatment)
        ended = {str(row["key"]) for each in written for row in each.closed} - {key for each in written for key in each.made}
        close_lines(tx, [str(each.row["key"]) for each in written if each.closed], actor, treatment=treatment, bindings=ended)

    @staticmethod
    def _put(tx: WriteTransaction, written: Iterable[_Written], held: Mapping[str, Row], actor: Actor) -> None:
        told = list(written)
        closing = {"status": "closed", "closed_by": actor.name, "closed_at": now()}
        again = {"closed_by": None, "closed_at": None}
        made = {key: row for each in told for key, row in each.made.items()}
        documents.insert_many(tx, BINDINGS, [row for key, row in made.items() if key not in held])
        changes: list[tuple[Row, Mapping[str, Any]]] = [(row, closing) for each in told for row in each.closed if row["key"] not in made]
        changes += [(held[key], {**row, **again}) for key, row in made.items() if key in held]
        changes += [(held[str(row["key"])], row) for each in told for row in each.renewed]
        documents.change_many(tx, BINDINGS, changes)

    def _tell(self, tx: WriteTransaction, written: Sequence[_Written], treatment: str, actor: Actor) -> None:
        """Tell what was done to each badge class, to everybody or to its issuer's people; those that are public become their next version."""
        stamp = now()
        newer: list[tuple[Row, Row]] = []
        for space in sorted({rights.space_of(each.row) for each in written}):
            mine = [each for each in written if rights.space_of(each.row) == space and (each.changed or each.retired)]
            numbers = {
                **_events(tx, [each for each in mine if each.closed], "binding_closed", actor, space, lambda each: each.closed),
                **_events(tx, [each for each in mine if each.retired], "badge_retired", actor, space, lambda _: []),
                **_events(tx, [each for each in mine if each.made or each.renewed], _OF_TREATMENT.get(treatment, ""), actor, space,
                          lambda each: [*each.made.values(), *each.renewed]),
            }  # fmt: skip
            for each in mine:
                values: Row = {"changed": stamp, "revision": badge_store.revision(numbers[str(each.row["key"])])}
                if each.retired:
                    values |= {"status": "retired", "retired": stamp}
                elif int(each.row["number"]):
                    values |= {"number": int(each.row["number"]) + 1, "published": stamp}
                newer.append((each.row, values))
        documents.change_many(tx, BADGE_CLASSES, newer)
        after = [{**row, **values} for row, values in newer]
        add_versions(tx, [row for (old, _), row in zip(newer, after, strict=True) if row["number"] != old["number"]], actor, "refreshed")
        states = [row for row in after if row["status"] == "retired"]
        badge_store.set_states(
            tx, [{"badge_class": row["key"], "state": "retired", "public": int(row["number"]) > 0, "lang": row["lang"]} for row in states]
        )


def _step(
    line: RefreshLine, badge: Row, treatment: str, to: Sequence[str], targets: Mapping[tuple[str, str], Seen | WikicError]
) -> Step:
    """What a treatment does to a line. Raises Conflict, InvalidInput."""
    _require_open(line)
    _require_given(badge, treatment)
    if treatment in ("update", "realign") and badge["hosted"] == "elsewhere":
        raise Conflict(
            f"{badge['name'][:100]!r} is hosted elsewhere: put the repaired alignment there ({badge['address']}), then have the address read again",
            reason="refresh-elsewhere", name=str(badge["name"])[:100], address=str(badge["address"]),
        )
    if treatment == "update":
        if any(change.type in ENDINGS and change.field == "status" for change in line.changes):
            raise Conflict("its competency has ended: re-align it, keep it as it is, or retire it", reason="refresh-ended")
        return Step(line, (_found(targets[line.release, line.concept]),))
    if treatment != "realign":
        return Step(line)
    refs = tuple(dict.fromkeys(to)) or (line.successors if len(line.successors) == 1 else ())
    if not refs:
        raise InvalidInput("say to which competencies it is re-aligned (`to`): not one alone stands for the old one", reason="refresh-choose")
    found = tuple(_found(targets[line.release, ref]) for ref in refs)
    if any(seen.uuid == line.concept for seen in found):
        raise InvalidInput("it is aligned to this competency already: choose another one, or update it", reason="refresh-same")
    return Step(line, found)


def _found(seen: Seen | WikicError) -> Seen:
    if isinstance(seen, WikicError):
        raise seen
    return seen


def _require_open(line: RefreshLine) -> None:
    if line.state not in ("open", "kept"):
        raise Conflict(f"this line is {line.state} already, by {line.by}: look again", reason="refresh-treated", line_state=line.state, by=line.by)


def _require_given(badge: Row, treatment: str) -> None:
    if badge["status"] == "retired" and treatment in ("update", "realign"):
        name = str(badge["name"])[:100]
        raise Conflict(f"{name!r} is retired: publish it again first, or keep it as it is", reason="refresh-retired", name=name)


def _bound(binding: Row | None) -> Row:
    if binding is None or binding["status"] != "open":
        raise Conflict("its binding was ended meanwhile: re-align it, keep it as it is, or retire it", reason="refresh-unbound")
    return binding


def _as_seen(seen: Seen, badge: Row) -> Row:
    return {"seen_name": seen.name(str(badge["lang"])), "since_release": seen.release, "seen_seq": seen.seq}


def _binding(line: RefreshLine, seen: Seen, badge: Row, actor: Actor) -> Binding:
    return Binding(
        id=binding_id(line.badge_class, seen.uuid, line.level), badge_class=line.badge_class, issuer=line.issuer, concept=seen.uuid, level=line.level,
        seen_name=seen.name(str(badge["lang"])), since_release=seen.release, seen_seq=seen.seq, source="hand", made_by=actor.name, made_at=now(),
        status="open", state=str(badge["status"]),
    )  # fmt: skip


def _events(tx: WriteTransaction, written: Sequence[_Written], kind: str, actor: Actor, space: str, bindings: Any) -> dict[str, int]:
    """One event of a kind for each badge class; their numbers by its id."""
    rows = []
    for each in written:
        row, about = each.row, bindings(each)
        number = int(row["number"]) + (1 if int(row["number"]) and not each.retired else 0)
        data: Row = {"issuer": row["issuer"], "organisation": row["issuer"], "name": str(row["name"])[:200], "number": number}
        data |= {"bindings": [str(one["key"]) for one in about][:_NAMED], "total": len(about)} if about else {"reason": ""}
        rows.append((f"badge_class/{row['key']}", sorted({str(one["concept"]) for one in about}), data))
    numbers = happened_to_many(tx, actor, kind, rows, space=space, seq=None) if rows else []
    return {str(each.row["key"]): number for each, number in zip(written, numbers, strict=True)}
