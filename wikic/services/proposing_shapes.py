"""What a change must be by itself, and together with the kinds of the concepts it is about: shapes, without a look at the store."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from wikic.domain.ids import is_new_uuid
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
    OnRelation,
    RemoveRelation,
    SplitConcept,
    labels_of,
)
from wikic.domain.proposals_merging import ValueConflict
from wikic.domain.records import Label
from wikic.domain.texts import invisible, unshown
from wikic.domain.vocabulary import IMPORTANCES, KINDS, LABEL_ROLES, PREFERRED, RELATION_TYPES, TEXT_FIELDS, joins
from wikic.services.proposing_values import Present

LONGEST_LABEL: Final = 500
LONGEST_TEXT: Final = 10_000
_TAG: Final = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*\Z")
_BRANCH: Final = re.compile(r"[\w.-]{1,60}\Z")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that was found. `code` is stable; an `error` blocks submission, a `warning` does not; `part` is the number of the change, from 0."""

    code: str
    severity: str
    part: int
    message: str
    values: dict[str, Any] = field(default_factory=dict)


def shape(part: int, change: Change) -> list[Finding]:
    """What is wrong with a change by itself."""
    match change:
        case CreateConcept():
            return _create(part, change)
        case ChangeLabels():
            found = [*_labels(part, change.labels, labels_of(change.base or ())), *_tags(part, [change.lang])]
            if any(label.lang != change.lang for label in change.labels):
                found.append(Finding("language", "error", part, f"all labels must be in {change.lang}"))
            return found
        case ChangeText():
            found = [*_tags(part, [change.lang]), *_text(part, "a text", change.text, str(change.base or ""))]
            if change.field not in TEXT_FIELDS:
                found.append(Finding("field", "error", part, f"{change.field[:40]!r} is no text of a concept: {', '.join(TEXT_FIELDS)}"))
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


def fits(part: int, change: Change, present: Present) -> list[Finding]:
    """Whether what would be related may be: by the kinds of both, and, where one is mapped to the other, by their schemes."""
    match change:
        case AddRelation() | MapConcept():
            wanted = (change.source, change.relation, change.target)
        case MoveConcept() if change.new:
            wanted = (change.concept, "broader", change.new)
        case DeprecateConcept() if change.replaced_by:
            wanted = (change.concept, "replaced_by", change.replaced_by)
        case _:
            return []
    source, relation, target = present.identity(wanted[0]), wanted[1], present.identity(wanted[2])
    if source is None or target is None:
        return []
    if not joins(relation, source.kind, target.kind):
        message = f"no {source.kind} is related to a {target.kind} by {relation}"
        return [Finding("kinds", "error", part, message, {"source": source.kind, "relation": relation, "target": target.kind})]
    if relation in MAPPINGS and source.scheme == target.scheme:
        message = f"both are of {source.scheme}: a concept is mapped to one of another scheme"
        return [Finding("one-scheme", "error", part, message, {"scheme": source.scheme})]
    return []


def amiss(part: int, change: Change, conflict: ValueConflict) -> Finding | None:
    """What keeps a change from being made though nobody changed anything meanwhile: it names what was never there, or leaves something out."""
    match change:
        case SplitConcept() if conflict.current == conflict.base:
            held = conflict.current["relations"]
            left = len(set(held) - set(change.assignments))
            message = f"{left} of {len(held)} relations are given to no part: assign each"
            return Finding("unassigned", "error", part, message, {"left": left, "all": len(held)})
        case MoveConcept() if conflict.base is None or change.old not in conflict.base:
            return Finding("not-there", "error", part, f"{change.old} is no broader concept of {change.concept}")
        case ChangeImportance() if conflict.base is None and conflict.current is None:
            return Finding("not-there", "error", part, "there is no such relation: its importance cannot change")
        case _:
            return None


def strange_assignments(part: int, change: Change, current: Any) -> list[Finding]:
    """Relations that a split gives away though the concept never had them."""
    if not isinstance(change, SplitConcept):
        return []
    known = {*current["relations"], *(change.base or {}).get("relations", ())}
    unknown = sorted(set(change.assignments) - known)
    return [Finding("not-there", "error", part, f"{unknown[0][:100]} is no relation of {change.concept}")] if unknown else []


def _create(part: int, change: CreateConcept) -> list[Finding]:
    found = [*_labels(part, change.labels), *_tags(part, change.definition)]
    if not is_new_uuid(change.uuid):
        found.append(Finding("uuid", "error", part, "the uuid of a new concept is a UUIDv7 in small letters: leave it out, and it gets one"))
    if change.kind not in KINDS:
        found.append(Finding("kind", "error", part, f"{change.kind[:40]!r} is no kind of concept: {', '.join(KINDS)}"))
    if not any(label.type == PREFERRED for label in change.labels):
        found.append(Finding("unnamed", "error", part, "a new concept needs a preferred label in at least one language"))
    for text in change.definition.values():
        found += _text(part, "a definition", text)
    return found


def _text(part: int, what: str, text: str, base: str = "") -> list[Finding]:
    found = []
    if len(text) > LONGEST_TEXT:
        found.append(Finding("long", "error", part, f"{what} has at most {LONGEST_TEXT} characters"))
    # What its source brought is not the fault of who corrects the rest.
    if unshown(text) - unshown(base) or (text.strip() and invisible(text)):
        found.append(Finding("characters", "error", part, f"{what} holds characters that cannot be shown"))
    return found


def _labels(part: int, labels: Iterable[Label], base: Iterable[Label] = ()) -> list[Finding]:
    found: list[Finding] = []
    preferred: Counter[str] = Counter()
    before, types = set(base), dict[tuple[str, str], set[str]]()
    for label in labels:
        found += _tags(part, [label.lang])
        if not label.value.strip():
            found.append(Finding("blank", "error", part, "a label is blank"))
        elif label not in before and (unshown(label.value) or invisible(label.value)):
            found.append(Finding("characters", "error", part, "a label holds characters that cannot be shown"))
        if len(label.value) > LONGEST_LABEL:
            found.append(Finding("long", "error", part, f"a label has at most {LONGEST_LABEL} characters"))
        if set(label.roles) - set(LABEL_ROLES):
            found.append(Finding("role", "error", part, f"roles of a label are {', '.join(LABEL_ROLES)}"))
        preferred[label.lang] += label.type == PREFERRED
        if label not in before:
            types.setdefault((label.lang, label.value), set())
        types.get((label.lang, label.value), set()).add(label.type)
    found += [
        Finding("two-preferred", "error", part, f"there are {times} preferred labels in {lang}: one per language")
        for lang, times in preferred.items()
        if times > 1
    ]
    found += [
        Finding("label-twice", "error", part, f"{value[:100]!r} ({lang}) is given as {' and as '.join(sorted(kinds, reverse=True))}: once is enough")
        for (lang, value), kinds in types.items()
        if len(kinds) > 1
    ]
    return found


def _tags(part: int, tags: Iterable[str]) -> list[Finding]:
    return [
        Finding("language", "error", part, f"{tag[:40]!r} is no language tag, such as fr or en-GB")
        for tag in tags
        if len(tag) > 35 or not _TAG.match(tag)
    ]


def _relation(part: int, change: OnRelation) -> list[Finding]:
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
    if isinstance(change, AddRelation):
        found += _text(part, "a note", change.note)
        if change.branch and not _BRANCH.match(change.branch):
            found.append(Finding("branch", "error", part, f"{change.branch[:40]!r} is no branch: the code of one, such as an IDCC like 0843"))
    return found
