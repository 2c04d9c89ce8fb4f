"""Changes as people compare them: what was, what is proposed, word by word; and the three values of a conflict."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Annotated, Any, Final

from wikic.domain.proposals_changes import (
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
    RestoreConcept,
    SplitConcept,
    labels_of,
    subject_of,
    type_of,
)
from wikic.domain.proposals_merging import ValueConflict
from wikic.domain.vocabulary import LABEL_TYPES
from wikic.web.texts import Texts
from wikic.web.views_common import Addresses, ConceptLink, Text, concept_link, text_of

_WORD: Final = re.compile(r"\s+|\w+|[^\w\s]")
_MOST_WORDS: Final = 1_500
_MOST_GIVEN: Final = 30
_ALIKE: Final = 0.35
"""Below this likeness two texts are shown as two texts: marking each word of them helps nobody."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of words."""

    kind: Annotated[str, "same, gone or new."]
    text: Annotated[str, "The words."]


@dataclass(frozen=True, slots=True)
class ValueRow:
    """One value before and after."""

    name: Annotated[str, "What it is."]
    before: Annotated[Sequence[Piece], "What stood there; empty if nothing."]
    after: Annotated[Sequence[Piece], "What is proposed; empty if nothing."]
    lang: Annotated[str, "The language of the values; empty if they have none."] = ""
    listed: Annotated[bool, "Whether the pieces are single values of a list."] = False


@dataclass(frozen=True, slots=True)
class ThreeValues:
    """A field that changed on both sides."""

    base: Annotated[str, "What the proposal was based on."]
    current: Annotated[str, "What stands now."]
    proposed: Annotated[str, "What the proposal asks for."]
    lang: Annotated[str, "Their language; empty if they have none."] = ""


@dataclass(frozen=True, slots=True)
class ChangeView:
    """One change of a proposal."""

    part: Annotated[int, "Its number, from 0."]
    type: Annotated[str, "Its type."]
    title: Annotated[str, "What it changes, in words."]
    concept: Annotated[ConceptLink, "The concept that is changed."]
    other: Annotated[ConceptLink | None, "The concept at the other end, where there is one."]
    rows: Annotated[Sequence[ValueRow], "Its values before and after."]
    effect: Annotated[str, "What accepting it would do now; empty if that was not asked."] = ""
    conflict: Annotated[ThreeValues | None, "Its three values, where it is in conflict."] = None
    verdict: Annotated[str, "What was decided on it; empty if nothing."] = ""
    amended: Annotated[bool, "Whether a moderator amended it."] = False
    why: Annotated[str, "Why it cannot be accepted; empty if it can."] = ""
    why_lang: Annotated[str, "The language of that."] = ""


class Names:
    """The concepts that changes name, as links. What a proposal would create has a name and no page yet."""

    def __init__(self, briefs: Iterable[Mapping[str, Any]], changes: Iterable[Change], lang: str, relations: Mapping[str, str] | None = None) -> None:
        self._lang = lang
        self.relations: Final = relations or {}
        """Relations in words, by their ids, as far as they were asked for."""
        self._links = {str(body["uuid"]): concept_link(body, Addresses(), lang) for body in briefs}
        for change in changes:
            if isinstance(change, CreateConcept) and change.uuid not in self._links:
                names = {label.lang: label.value for label in reversed(change.labels) if label.type == "preferred"}
                self._links[change.uuid] = ConceptLink(change.uuid, "", text_of(names, lang, "…"), change.kind, "wiki", "")

    def __call__(self, uuid: str) -> ConceptLink:
        """A concept by its uuid, also one that nothing is known of."""
        return self._links.get(uuid) or ConceptLink(uuid, f"/c/{uuid}", Text(uuid[:8] + "…", self._lang), "", "", "")

    def texts(self, uuids: Iterable[str]) -> str:
        """Several names in a line."""
        return ", ".join(self(uuid).name.value for uuid in uuids if uuid)


def compare(before: str, after: str) -> tuple[list[Piece], list[Piece]]:
    """Two texts, each as runs of words that are the same, gone or new."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    whole = ([Piece("gone", before)] if before else [], [Piece("new", after)] if after else [])
    if before == after:
        return ([Piece("same", before)], [Piece("same", after)]) if before else ([], [])
    if not old or not new or max(len(old), len(new)) > _MOST_WORDS:
        return whole
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if matcher.ratio() < _ALIKE:
        return whole
    left: list[Piece] = []
    right: list[Piece] = []
    for tag, start, end, new_start, new_end in matcher.get_opcodes():
        _push(left, "same" if tag == "equal" else "gone", "".join(old[start:end]))
        _push(right, "same" if tag == "equal" else "new", "".join(new[new_start:new_end]))
    return left, right


def _push(pieces: list[Piece], kind: str, text: str) -> None:
    if text:
        pieces.append(Piece(kind, text))


def _listed(name: str, before: Sequence[str], after: Sequence[str], lang: str) -> ValueRow:
    left = [Piece("same" if value in after else "gone", value) for value in before]
    right = [Piece("same" if value in before else "new", value) for value in after]
    return ValueRow(name, left, right, lang, listed=True)


def _row(name: str, before: str, after: str, lang: str = "") -> ValueRow:
    return ValueRow(name, *compare(before, after), lang)


def change_title(change: Change, t: Texts) -> str:
    """What a change is about, in a few words."""
    kind = t.name("change_type", type_of(change))
    match change:
        case ChangeLabels():
            return f"{kind} ({t.name('language', change.lang)})"
        case ChangeText():
            name = t.name("field", change.field) if change.field == "definition" else t.name("note", change.field)
            return f"{name} ({t.name('language', change.lang)})"
        case AddRelation() | RemoveRelation() | MapConcept() | ChangeImportance():
            return f"{kind}{t.colon} {t.name('relation', change.relation).lower()}"
        case _:
            return kind


def change_view(
    part: int, change: Change, names: Names, t: Texts, *, effect: str = "", conflict: ValueConflict | None = None, verdict: str = "", amended: bool = False
) -> ChangeView:
    """One change with what it is based on."""
    lang = change.lang if isinstance(change, ChangeLabels | ChangeText) else ""
    three = None
    if conflict is not None:
        base, current, proposed = (
            value_text(change, value, names, t) or t("proposal.nothing") for value in (conflict.base, conflict.current, conflict.proposed)
        )
        three = ThreeValues(base, current, proposed, lang)
    return ChangeView(
        part=part,
        type=type_of(change),
        title=change_title(change, t),
        concept=names(subject_of(change)),
        other=_other(change, names),
        rows=_rows(change, names, t),
        effect=effect,
        conflict=three,
        verdict=verdict,
        amended=amended,
    )


def _other(change: Change, names: Names) -> ConceptLink | None:
    match change:
        case AddRelation() | RemoveRelation() | ChangeImportance() | MapConcept():
            return names(change.target)
        case MergeConcepts():
            return names(change.into)
        case DeprecateConcept() if change.replaced_by:
            return names(change.replaced_by)
        case _:
            return None


def _rows(change: Change, names: Names, t: Texts) -> list[ValueRow]:
    match change:
        case CreateConcept():
            return _created(change, t)
        case ChangeLabels():
            return _labels(change, t)
        case ChangeText():
            return [_row("", str(change.base or ""), change.text, change.lang)]
        case MoveConcept():
            before = list(change.base or ())
            after = [*(uuid for uuid in before if uuid != change.old), *([change.new] if change.new else [])]
            return [_listed(t.name("relation", "broader"), [names.texts([one]) for one in before], [names.texts([one]) for one in after], "")]
        case MergeConcepts():
            status = _status_row(change, t)
            return [status, _listed(t("proposal.labels_move"), [], [label.value for label in change.labels], "")] if change.labels else [status]
        case SplitConcept():
            parts = _listed(t("proposal.parts"), [], [names.texts([one]) for one in change.parts], "")
            return [_status_row(change, t), parts, *(_given(change, one, names, t) for one in change.parts)]
        case DeprecateConcept() | RestoreConcept():
            return [_status_row(change, t)]
        case _:
            return _relation_rows(change, names, t)


def _created(change: CreateConcept, t: Texts) -> list[ValueRow]:
    rows = [_row(t("search.filter_kind"), "", t.name("kind", change.kind))]
    for label in change.labels:
        rows.append(_row(f"{t.name('field', label.type)} ({t.name('language', label.lang)})", "", label.value, label.lang))
    return rows + [_row(f"{t.name('field', 'definition')} ({t.name('language', lang)})", "", text, lang) for lang, text in change.definition.items()]


def _given(change: SplitConcept, part: str, names: Names, t: Texts) -> ValueRow:
    """The relations that a split gives to a part: the first ones in words, of the others how many."""
    ids = [one for one, to in change.assignments.items() if to == part]
    said = sorted(names.relations[one] for one in ids if one in names.relations)[:_MOST_GIVEN]
    left = len(ids) - len(said)
    more = [t("proposal.given_more" if said else "proposal.given", n=left)] if left or not ids else []
    return _listed(f"{t('propose.goes_to')}{t.colon} {names.texts([part])}", [], [*said, *more], "")


def _labels(change: ChangeLabels, t: Texts) -> list[ValueRow]:
    rows = []
    base = labels_of(change.base or ())
    for kind in LABEL_TYPES:
        before = [label.value for label in base if label.type == kind]
        after = [label.value for label in change.labels if label.type == kind]
        if before == after:
            continue
        if kind == "preferred":
            rows.append(_row(t.name("field", kind), "".join(before), "".join(after), change.lang))
        else:
            rows.append(_listed(t.name("field", kind), before, after, change.lang))
    return rows


def _status_row(change: MergeConcepts | SplitConcept | DeprecateConcept | RestoreConcept, t: Texts) -> ValueRow:
    before = (change.base or {}).get("status", "active")
    after = "active" if isinstance(change, RestoreConcept) else "deprecated"
    return _row(t.name("field", "status"), t.name("status", before), t.name("status", after))


def _relation_rows(change: AddRelation | RemoveRelation | ChangeImportance | MapConcept, names: Names, t: Texts) -> list[ValueRow]:
    target = names(change.target).name.value
    name = t.name("relation", change.relation)
    base = value_text(change, change.base, names, t) if change.base is not None else ""
    match change:
        case RemoveRelation():
            return [ValueRow(name, [Piece("gone", _joined(target, base))], [])]
        case ChangeImportance():
            before = (change.base or {}).get("importance") or ""
            return [_row(t("proposal.importance"), *(t.name("importance_one", one) or t("proposal.none") for one in (before, change.importance)))]
        case AddRelation():
            said = _joined(target, ", ".join(each for each in (t.name("importance_one", change.importance), change.note) if each))
            return [ValueRow(name, [], [Piece("new", said)])]
        case _:
            return [ValueRow(name, [], [Piece("new", target)])]


def amendment_view(part: int, before: Change, after: Change, names: Names, t: Texts) -> ChangeView:
    """What a moderator made of a change: what was proposed, and what was accepted in its place."""
    old, new = _said(before, names, t), _said(after, names, t)
    rows = []
    for key in dict.fromkeys([*old, *new]):
        left, right = old.get(key, []), new.get(key, [])
        if left == right:
            continue
        name, lang = key
        single = len(left) < 2 and len(right) < 2
        rows.append(_row(name, "".join(left), "".join(right), lang) if single else _listed(name, left, right, lang))
    return ChangeView(part, type_of(after), change_title(after, t), names(subject_of(after)), _other(after, names), rows)


_Said = dict[tuple[str, str], list[str]]
"""Values by their name and language."""


def _said(change: Change, names: Names, t: Texts) -> _Said:
    match change:
        case CreateConcept() | ChangeLabels():
            said: _Said = {(t.name("field", kind), lang): [] for kind, lang in sorted({(one.type, one.lang) for one in change.labels})}
            for label in change.labels:
                said[t.name("field", label.type), label.lang].append(label.value)
            if isinstance(change, CreateConcept):
                said[t("search.filter_kind"), ""] = [t.name("kind", change.kind)]
                said |= {(t.name("field", "definition"), lang): [text] for lang, text in change.definition.items()}
            return said
        case ChangeText():
            return {("", change.lang): [change.text]}
        case MoveConcept():
            ends = ((t("propose.move_from"), change.old), (t("propose.target_move"), change.new))
            return {(name, ""): [names.texts([uuid])] if uuid else [] for name, uuid in ends}
        case MergeConcepts() | SplitConcept() | DeprecateConcept() | RestoreConcept():
            return _said_of_status(change, names, t)
        case _:
            found = {t("concept.kind_of_relation"): t.name("relation", change.relation), t("proposal.other"): names.texts([change.target])}
            if isinstance(change, RemoveRelation):
                found = {}
            found[t("proposal.importance")] = t.name("importance_one", getattr(change, "importance", ""))
            found[t("propose.note")] = str(getattr(change, "note", ""))
            return {(name, ""): [value] for name, value in found.items() if value}


def _said_of_status(change: MergeConcepts | SplitConcept | DeprecateConcept | RestoreConcept, names: Names, t: Texts) -> _Said:
    said: _Said = {(t("compare.becomes"), ""): [t.name("change_type", type_of(change))]}
    match change:
        case MergeConcepts():
            said[t("propose.target_merge"), ""] = [names.texts([change.into])]
            said[t("proposal.labels_move"), ""] = [label.value for label in change.labels]
        case SplitConcept():
            said[t("proposal.parts"), ""] = [names.texts([one]) for one in change.parts]
            counts = Counter(change.assignments.values())
            said[t("propose.assign"), ""] = [f"{names.texts([one])}{t.colon} {t.number(counts[one])}" for one in change.parts]
        case DeprecateConcept():
            said[t("propose.target_deprecate"), ""] = [names.texts([change.replaced_by])] if change.replaced_by else []
    return said


def _joined(name: str, more: str) -> str:
    return f"{name} ({more})" if more else name


def value_text(change: Change, value: Any, names: Names, t: Texts) -> str:
    """The value of a change's slot (in the form of `proposals_merging`) as a person reads it; "" for none."""
    if value in (None, "", [], {}):
        return ""
    match change:
        case ChangeLabels():
            return " · ".join(label.value for label in labels_of(value))
        case MoveConcept():
            return names.texts(value)
        case AddRelation() | RemoveRelation() | ChangeImportance() | MapConcept():
            found = [t.name("importance_one", value.get("importance")), str(value.get("note") or "")]
            return ", ".join(each for each in found if each) or t("proposal.there")
        case ChangeText():
            return str(value)
        case _:
            status = t.name("status", value.get("status")) if isinstance(value, dict) else ""
            replaced = names.texts(value.get("replaced_by") or ()) if isinstance(value, dict) else ""
            return f"{status} → {replaced}" if replaced else status
