"""Checking changes as they are written: what is wrong with them (which keeps them from being submitted), what should be known about them, what they touch.

Nothing is written. The same checks run again when a proposal is submitted and when it is decided.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from wikic.domain.proposals import Proposal
from wikic.domain.proposals_changes import (
    AddRelation,
    Change,
    CreateConcept,
    DeprecateConcept,
    MapConcept,
    MergeConcepts,
    MoveConcept,
    RemoveRelation,
    SplitConcept,
    concepts_of,
    slot_of,
)
from wikic.domain.proposals_merging import settle
from wikic.domain.vocabulary import ACTIVE
from wikic.errors import Conflict, IndexBehind, InvalidInput, NotFound
from wikic.services.proposing_around import UPWARDS, Around
from wikic.services.proposing_names import Holders, holders, names
from wikic.services.proposing_shapes import Finding, amiss, fits, shape, strange_assignments
from wikic.services.proposing_values import Present, edits_of
from wikic.services.reading import Reading
from wikic.services.reading_views import Body
from wikic.services.searching import Filters, Searching
from wikic.store import proposals as store
from wikic.store.engine import Engine

_SIMILAR: Final = 5
_LIKELY: Final = 0.6
_REJECTED: Final = 10


@dataclass(slots=True)
class Checked:
    """What checking found: the changes completed by their bases, findings, similar concepts by part, earlier rejections, open proposals about the same,
    and what is touched (occupations that are or require a changed concept; neighbours)."""

    changes: tuple[Change, ...]
    findings: list[Finding] = field(default_factory=list)
    similar: list[Body] = field(default_factory=list)
    rejected: list[Body] = field(default_factory=list)
    alike: list[str] = field(default_factory=list)
    impact: int = 0
    neighbours: int = 0
    schemes: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    branches: list[str] = field(default_factory=list)
    line: list[str] = field(default_factory=list)
    seq: int = 0

    @property
    def errors(self) -> list[Finding]:
        """What blocks submission."""
        return [finding for finding in self.findings if finding.severity == "error"]

    def require(self) -> None:
        """Raise InvalidInput with the first errors, in one line."""
        if self.errors:
            found = self.errors[:5]
            said = "; ".join(f"change {one.part + 1}: {one.message}" for one in found)
            raise InvalidInput(said, reason="checks", findings=found)


class Checker:
    """Checks sets of changes against the framework, the search index and earlier proposals."""

    def __init__(self, engine: Engine, reading: Reading, searching: Searching) -> None:
        self._engine, self._reading, self._searching = engine, reading, searching

    def holders(self, changes: Iterable[Change]) -> Holders:
        """Who has the names that changes would give."""
        return holders(self._searching, changes)

    def check(
        self, changes: Iterable[Change], space: str, head: int, *, thorough: bool = True, own: str = "", around: Around | None = None
    ) -> Checked:
        """Check changes as of a head. `thorough`: look for similar concepts and earlier proposals too; `own`: the proposal they are of; `around`: what was
        read for many proposals at once."""
        wanted = tuple(changes)
        around = around or Around(self._engine, space, head)
        present = around.present(head, wanted)
        checked = Checked(wanted, seq=head)
        if not wanted:
            checked.findings.append(Finding("empty", "error", 0, "a proposal needs at least one change"))
        for slot, times in Counter(slot_of(change) for change in wanted).items():
            if times > 1:
                part = next(number for number, change in enumerate(wanted) if slot_of(change) == slot)
                checked.findings.append(Finding("twice", "error", part, "two changes speak of the same field: make one of them"))
        around.taken(change.uuid for change in wanted if isinstance(change, CreateConcept))
        settled: dict[int, Change] = {}
        for part, change in enumerate(wanted):
            checked.findings += shape(part, change)
            becomes = self._against(part, change, present, around, checked)
            if becomes is not None:
                settled[part] = becomes
        self._cycles(wanted, around, checked)
        self._place(wanted, present, around, checked)
        if not checked.errors:
            _compose(settled, around, checked)
            self._names(wanted, present, around, checked)
        if thorough and not checked.errors:
            self._similar(wanted, present, checked)
            self._earlier(wanted, space, own, checked)
        return checked

    def _against(self, part: int, change: Change, present: Present, around: Around, checked: Checked) -> Change | None:
        """Against what stands: missing concepts, changes that change nothing, bases that are old. Returns the change as it would be made."""
        for uuid in present.missing(change):
            checked.findings.append(Finding("missing", "error", part, f"there is no concept {uuid[:100]}"))
        if isinstance(change, CreateConcept) and around.taken([change.uuid]):
            checked.findings.append(Finding("uuid", "error", part, f"{change.uuid[:100]} is the uuid of another concept"))
        if _wrong(part, checked):
            return None
        current = present.value(change)
        settled = settle(part, change, current)
        found = [*fits(part, change, present), *strange_assignments(part, change, current)]
        if settled.conflict is not None:
            values = {"base": settled.conflict.base, "current": settled.conflict.current, "proposed": settled.conflict.proposed}
            moved = Finding("moved", "warning", part, "this field was changed by somebody else meanwhile", values)
            found.append(amiss(part, change, settled.conflict) or moved)
        elif settled.change is None:
            found.append(Finding("nothing", "error", part, "this is so already: the change changes nothing"))
        if isinstance(change, AddRelation | MapConcept | MoveConcept | MergeConcepts | DeprecateConcept):
            for uuid in concepts_of(change)[1:]:
                content = present.content(uuid)
                if content is not None and content.status != ACTIVE:
                    found.append(Finding("deprecated", "warning", part, f"{uuid} is {content.status}", {"concept": uuid}))
        checked.findings += found
        # What comes later in the proposal may name what is made here.
        present.take_in(change)
        return settled.change

    def _cycles(self, changes: tuple[Change, ...], around: Around, checked: Checked) -> None:
        """What would stand above itself, or be replaced by itself."""
        for kind in UPWARDS:
            added, removed = _edges(changes, kind)
            for part, source, target in added:
                front, seen = {target}, set[str]()
                while front and source not in front:
                    seen |= front
                    step = {(uuid, above) for uuid, targets in around.targets(kind, front).items() for above in targets} - removed
                    step |= {(low, high) for _, low, high in added if low in front}
                    front = {above for _, above in step} - seen
                if source in front:
                    checked.findings.append(Finding("cycle", "error", part, f"{source} would in the end be {kind} itself"))

    def _place(self, changes: tuple[Change, ...], present: Present, around: Around, checked: Checked) -> None:
        uuids = list(dict.fromkeys(uuid for change in changes for uuid in concepts_of(change)))
        identities = [identity for uuid in uuids if (identity := present.identity(uuid)) is not None]
        checked.schemes = sorted({identity.scheme for identity in identities})
        checked.kinds = sorted({identity.kind for identity in identities})
        checked.branches = sorted({str(branch) for change in changes if (branch := getattr(change, "branch", ""))})
        checked.impact, checked.neighbours = around.impact(changes)
        checked.line = around.line(changes)

    def _names(self, changes: tuple[Change, ...], present: Present, around: Around, checked: Checked) -> None:
        """Preferred labels that are there already: of another concept, or given by another change that is checked with this one."""
        found = around.holders if around.holders is not None else self.holders(changes)
        for name in names(enumerate(changes), present):
            if not found.searched:
                said = "the search index is being built: names and similar concepts were not looked for"
                checked.findings.append(Finding("unsearched", "warning", name.part, said))
            label, values = name.label, {"lang": name.label.lang, "label": name.label.value}
            if found.given.setdefault(name.place, name.subject) != name.subject:
                said = f"{label.value!r} is given to two concepts: one of them needs another name"
                checked.findings.append(Finding("name-twice", "error", name.part, said, values))
            for row in found.others(name, present):
                severity = "error" if row["scheme"] == name.scheme else "warning"
                said = f"{label.value!r} is the preferred label of {row['uuid']}"
                checked.findings.append(Finding("label-exists", severity, name.part, said, {"concept": row["uuid"], **values}))

    def _similar(self, changes: tuple[Change, ...], present: Present, checked: Checked) -> None:
        """Concepts that are called nearly so."""
        for name in names(enumerate(changes), present):
            try:
                sought = self._searching.sought()
                page = self._searching.results(name.label.value, Filters(kind=name.kind), sought, limit=_SIMILAR + 1)
            except IndexBehind:
                return
            others = (hit for hit in page.items if hit["uuid"] != name.subject and hit["score"] >= _LIKELY)
            checked.similar += [{"part": name.part, **hit} for hit in others]

    def _earlier(self, changes: tuple[Change, ...], space: str, own: str, checked: Checked) -> None:
        """What was rejected before in this space, and why; and what is open about the same."""
        made = Proposal(id="", changes=changes)
        slots, topics = made.slots(), made.topics()
        values = {topic for topic in topics if topic.startswith(("=", "~"))}
        closed, open_ = (
            [one for one in store.about(self._engine, topics, open_=way) if one.space == space] for way in (False, True)
        )
        before = [one.proposal for one in closed if one.state in ("rejected", "accepted_in_part")]
        found = store.read_proposals(self._engine, sorted(set(before), reverse=True)[:100])
        for identity, proposal in sorted(found.items(), reverse=True):
            if not (slots & proposal.slots() or values & set(proposal.topics())) or len(checked.rejected) >= _REJECTED:
                continue
            last = proposal.decisions[-1] if proposal.decisions else None
            checked.rejected.append(
                {"proposal": identity, "time": proposal.decided, "reason": last.reason if last else "", "state": proposal.state}
            )
        if checked.rejected:
            reason = checked.rejected[0]["reason"] or "no reason was given"
            checked.findings.append(Finding("rejected-before", "warning", 0, f"something like it was rejected before: {reason[:200]}"))
        checked.alike = sorted({one.proposal for one in open_} - {own})


def _compose(settled: Mapping[int, Change], around: Around, checked: Checked) -> None:
    """Make the edits that accepting would make, and write nothing: whatever it would refuse is said now."""
    composer = around.composer()
    for part, change in settled.items():
        try:
            composer.apply(edits_of(change))
        except (InvalidInput, NotFound, Conflict) as error:
            checked.findings.append(Finding(error.reason or "refused", "error", part, error.message, dict(error.values)))
            return


def _wrong(part: int, checked: Checked) -> bool:
    return any(finding.part == part and finding.severity == "error" for finding in checked.findings)


def _edges(changes: tuple[Change, ...], kind: str) -> tuple[list[tuple[int, str, str]], set[tuple[str, str]]]:
    """The relations of a kind that changes would add (with the change's number), and those that they would remove."""
    added: list[tuple[int, str, str]] = []
    removed: set[tuple[str, str]] = set()
    for part, change in enumerate(changes):
        match change:
            case AddRelation() if change.relation == kind:
                added.append((part, change.source, change.target))
            case RemoveRelation() if change.relation == kind:
                removed.add((change.source, change.target))
            case MoveConcept() if kind == "broader":
                added += [(part, change.concept, change.new)] if change.new else []
                removed.add((change.concept, change.old))
            case MergeConcepts() if kind == "replaced_by":
                added.append((part, change.concept, change.into))
            case SplitConcept() if kind == "replaced_by":
                added += [(part, change.concept, one) for one in change.parts]
            case DeprecateConcept() if kind == "replaced_by" and change.replaced_by:
                added.append((part, change.concept, change.replaced_by))
    return added, removed
