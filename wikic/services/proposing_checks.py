"""Checking changes as they are written: what is wrong with them (which keeps them from being submitted), what should be known about them, what they touch.

Nothing is written. The same checks run again when a proposal is submitted and when it is decided.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from wikic.domain.proposals import Proposal
from wikic.domain.proposals_changes import (
    MAPPINGS,
    AddRelation,
    Change,
    ChangeImportance,
    ChangeLabels,
    ChangeText,
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
from wikic.domain.records import Label
from wikic.domain.vocabulary import ACTIVE, IMPORTANCES, KINDS, LABEL_ROLES, PREFERRED, RELATION_TYPES, TEXT_FIELDS
from wikic.errors import IndexBehind, InvalidInput
from wikic.services.proposing_around import UPWARDS, Around
from wikic.services.proposing_values import Present
from wikic.services.reading import Reading
from wikic.services.reading_views import Body
from wikic.services.searching import Filters, Searching
from wikic.store import proposals as store
from wikic.store.engine import Engine

LONGEST_LABEL: Final = 500
LONGEST_TEXT: Final = 10_000
_SIMILAR: Final = 5
_LIKELY: Final = 0.6
_REJECTED: Final = 10
_TAG: Final = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*\Z")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that was found. `code` is stable; an `error` blocks submission, a `warning` does not; `part` is the number of the change, from 0."""

    code: str
    severity: str
    part: int
    message: str
    values: dict[str, Any] = field(default_factory=dict)


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
            raise InvalidInput(said, reason="checks", findings=[(one.part, one.code, one.message) for one in found])


class Checker:
    """Checks sets of changes against the framework, the search index and earlier proposals."""

    def __init__(self, engine: Engine, reading: Reading, searching: Searching) -> None:
        self._engine, self._reading, self._searching = engine, reading, searching

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
        for part, change in enumerate(wanted):
            checked.findings += self._shape(part, change)
            self._against(part, change, present, checked)
        self._cycles(wanted, around, checked)
        self._place(wanted, present, around, checked)
        if thorough and not checked.errors:
            self._names(wanted, present, checked)
            self._earlier(wanted, space, own, checked)
        return checked

    def _shape(self, part: int, change: Change) -> list[Finding]:
        match change:
            case CreateConcept():
                found = [*_labels(part, change.labels), *_tags(part, change.definition)]
                if change.kind not in KINDS:
                    found.append(Finding("kind", "error", part, f"{change.kind[:40]!r} is no kind of concept: {', '.join(KINDS)}"))
                if not any(label.type == PREFERRED for label in change.labels):
                    found.append(Finding("unnamed", "error", part, "a new concept needs a preferred label in at least one language"))
                if any(len(text) > LONGEST_TEXT for text in change.definition.values()):
                    found.append(Finding("long", "error", part, f"a definition has at most {LONGEST_TEXT} characters"))
                return found
            case ChangeLabels():
                found = [*_labels(part, change.labels), *_tags(part, [change.lang])]
                if any(label.lang != change.lang for label in change.labels):
                    found.append(Finding("language", "error", part, f"all labels must be in {change.lang}"))
                return found
            case ChangeText():
                found = _tags(part, [change.lang])
                if change.field not in TEXT_FIELDS:
                    found.append(Finding("field", "error", part, f"{change.field[:40]!r} is no text of a concept: {', '.join(TEXT_FIELDS)}"))
                if len(change.text) > LONGEST_TEXT:
                    found.append(Finding("long", "error", part, f"a text has at most {LONGEST_TEXT} characters"))
                return found
            case AddRelation() | RemoveRelation() | ChangeImportance() | MapConcept():
                return _relation(part, change)
            case MergeConcepts() if change.concept == change.into:
                return [Finding("itself", "error", part, "a concept cannot be merged into itself")]
            case MoveConcept() if change.concept in (change.old, change.new) or change.old == change.new:
                return [Finding("itself", "error", part, "a move goes from one broader concept to another one")]
            case SplitConcept() if len(set(change.parts)) < 2 or change.concept in change.parts:
                return [Finding("parts", "error", part, "a split needs at least two parts, and the concept itself is none")]
            case DeprecateConcept() if change.concept == change.replaced_by:
                return [Finding("itself", "error", part, "a concept cannot be replaced by itself")]
            case _:
                return []

    def _against(self, part: int, change: Change, present: Present, checked: Checked) -> None:
        """Against what stands: missing concepts, changes that change nothing, bases that are old."""
        for uuid in present.missing(change):
            checked.findings.append(Finding("missing", "error", part, f"there is no concept {uuid[:100]}"))
        if any(finding.part == part and finding.severity == "error" for finding in checked.findings):
            return
        settled = settle(part, change, present.value(change))
        if settled.conflict is not None:
            values = {"base": settled.conflict.base, "current": settled.conflict.current, "proposed": settled.conflict.proposed}
            checked.findings.append(Finding("moved", "warning", part, "this field was changed by somebody else meanwhile", values))
        elif settled.change is None:
            checked.findings.append(Finding("nothing", "error", part, "this is so already: the change changes nothing"))
        if isinstance(change, AddRelation | MapConcept | MoveConcept | MergeConcepts | DeprecateConcept):
            for uuid in concepts_of(change)[1:]:
                content = present.content(uuid)
                if content is not None and content.status != ACTIVE:
                    checked.findings.append(Finding("deprecated", "warning", part, f"{uuid} is {content.status}", {"concept": uuid}))
        # What comes later in the proposal may name what is made here.
        present.take_in(change)

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

    def _names(self, changes: tuple[Change, ...], present: Present, checked: Checked) -> None:
        """Preferred labels that are there already, and concepts that are similar."""
        for part, change in enumerate(changes):
            labels = change.labels if isinstance(change, CreateConcept | ChangeLabels) else ()
            before = {label["value"] for label in change.base or () if label["type"] == PREFERRED} if isinstance(change, ChangeLabels) else set()
            for label in labels:
                if label.type == PREFERRED and label.value not in before:
                    self._name(part, change, label, present, checked)

    def _name(self, part: int, change: Change, label: Label, present: Present, checked: Checked) -> None:
        subject = concepts_of(change)[0]
        identity = present.identity(subject)
        try:
            sought = self._searching.sought()
            page = self._searching.results(label.value[:LONGEST_LABEL], Filters(kind=identity.kind if identity else ""), sought, limit=_SIMILAR + 1)
        except IndexBehind:
            checked.findings.append(Finding("unsearched", "warning", part, "the search index is being built: similar concepts were not looked for"))
            return
        for hit in page.items:
            if hit["uuid"] == subject:
                continue
            same = hit["preferred_label"].get(label.lang, "").casefold() == label.value.casefold()
            if same and identity is not None and hit["scheme"] == identity.scheme and hit["status"] == ACTIVE:
                values = {"concept": hit["uuid"], "lang": label.lang, "label": label.value}
                checked.findings.append(Finding("label-exists", "error", part, f"{label.value!r} is the preferred label of {hit['uuid']}", values))
            elif hit["score"] >= _LIKELY:
                checked.similar.append({"part": part, **hit})

    def _earlier(self, changes: tuple[Change, ...], space: str, own: str, checked: Checked) -> None:
        """What was rejected before in this space, and why; and what is open about the same."""
        made = Proposal(id="", changes=changes)
        slots, values = made.slots(), [topic for topic in made.topics() if topic.startswith("=")]
        topics = made.topics()
        closed, open_ = (
            [one for one in store.about(self._engine, topics, open_=way) if one.space == space] for way in (False, True)
        )
        before = [one.proposal for one in closed if one.state in ("rejected", "accepted_in_part")]
        found = store.read_proposals(self._engine, sorted(set(before), reverse=True)[:100])
        for identity, proposal in sorted(found.items(), reverse=True):
            if not (slots & proposal.slots() or set(values) & set(proposal.topics())) or len(checked.rejected) >= _REJECTED:
                continue
            last = proposal.decisions[-1] if proposal.decisions else None
            checked.rejected.append(
                {"proposal": identity, "time": proposal.decided, "reason": last.reason if last else "", "state": proposal.state}
            )
        if checked.rejected:
            reason = checked.rejected[0]["reason"] or "no reason was given"
            checked.findings.append(Finding("rejected-before", "warning", 0, f"something like it was rejected before: {reason[:200]}"))
        checked.alike = sorted({one.proposal for one in open_} - {own})


def _labels(part: int, labels: Iterable[Label]) -> list[Finding]:
    found: list[Finding] = []
    preferred: Counter[str] = Counter()
    for label in labels:
        found += _tags(part, [label.lang])
        if not label.value.strip():
            found.append(Finding("blank", "error", part, "a label is blank"))
        if len(label.value) > LONGEST_LABEL:
            found.append(Finding("long", "error", part, f"a label has at most {LONGEST_LABEL} characters"))
        if set(label.roles) - set(LABEL_ROLES):
            found.append(Finding("role", "error", part, f"roles of a label are {', '.join(LABEL_ROLES)}"))
        preferred[label.lang] += label.type == PREFERRED
    found += [
        Finding("two-preferred", "error", part, f"there are {times} preferred labels in {lang}: one per language")
        for lang, times in preferred.items()
        if times > 1
    ]
    return found


def _tags(part: int, tags: Iterable[str]) -> list[Finding]:
    return [
        Finding("language", "error", part, f"{tag[:40]!r} is no language tag, such as fr or en-GB")
        for tag in tags
        if len(tag) > 35 or not _TAG.match(tag)
    ]


def _relation(part: int, change: AddRelation | RemoveRelation | ChangeImportance | MapConcept) -> list[Finding]:
    found: list[Finding] = []
    allowed = MAPPINGS if isinstance(change, MapConcept) else RELATION_TYPES
    if change.relation not in allowed:
        found.append(Finding("relation", "error", part, f"{change.relation[:40]!r} is none of {', '.join(allowed)}"))
    if not (change.source and change.target):
        found.append(Finding("missing", "error", part, "say which concepts are related"))
    elif change.source == change.target:
        found.append(Finding("itself", "error", part, "a concept has no relation with itself"))
    importance = getattr(change, "importance", "")
    if importance and importance not in IMPORTANCES:
        found.append(Finding("importance", "error", part, f"{importance[:40]!r} is no importance: {', '.join(IMPORTANCES)}"))
    if isinstance(change, AddRelation) and len(change.note) > LONGEST_TEXT:
        found.append(Finding("long", "error", part, f"a note has at most {LONGEST_TEXT} characters"))
    return found


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
