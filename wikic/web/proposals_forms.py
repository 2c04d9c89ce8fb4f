"""From a form to the changes it asks for, and from a change back to the fields of its form. One form is about one field of a concept.

What a form is about travels in its hidden fields, with the number (`seq`) at which the present value was read. Fields may have a prefix, so that one
page can hold the forms of several changes (amending).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from starlette.datastructures import FormData, QueryParams

from wikic.domain.ids import new_uuid
from wikic.domain.open_badges_files import parse_json
from wikic.domain.proposals_changes import (
    CHANGE_TYPES,
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
    from_json,
    labels_of,
    to_json,
    type_of,
)
from wikic.domain.records import Label
from wikic.domain.vocabulary import ALTERNATIVE, HIDDEN, INVERSE, PREFERRED
from wikic.errors import InvalidInput, WikicError
from wikic.web.forms import LONGEST_FIELD

LANGUAGES_OF_NEW: Final = ("fr", "en")
"""The languages in which the form of a new concept asks for its name."""
MOST_KEPT: Final = 10
IDENTITY: Final = ("type", "concept", "language", "field", "source", "relation", "target", "branch", "uuid", "seq", "proposal", "part", "once")
"""The fields that say what a form is about."""
_FORWARD: Final = {inverse: name for name, inverse in INVERSE.items()}
_MOST_ROWS: Final = 2_000


@dataclass(frozen=True, slots=True)
class Sent:
    """The fields of a form or of an address, those with a prefix."""

    values: FormData | QueryParams
    prefix: str = ""

    def text(self, name: str, longest: int = LONGEST_FIELD) -> str:
        """A field, "" where it was not sent. Raises InvalidInput for one that is too long."""
        value = self.values.get(self.prefix + name, "")
        if not isinstance(value, str) or len(value) > longest:
            raise InvalidInput(f"the field {name!r} holds more than {longest:,} characters", reason="text-long", text_field=name, longest=longest)
        return value.replace("\r\n", "\n").strip()

    def many(self, name: str) -> list[str]:
        """All values of a field."""
        return [value for value in self.values.getlist(self.prefix + name) if isinstance(value, str)][:_MOST_ROWS]

    def lines(self, name: str) -> list[str]:
        """The lines of a field, without blank ones."""
        return [" ".join(line.split()) for line in self.text(name).splitlines() if line.strip()]

    def words(self, name: str) -> list[str]:
        """A field as one line; none where it is blank."""
        line = " ".join(self.text(name).split())
        return [line] if line else []

    def put(self, name: str, value: str) -> Sent:
        """The same with another value of a field that was sent."""
        own = self.prefix + name
        rows = [(each, value if each == own else said) for each, said in self.values.multi_items() if isinstance(said, str)]
        return Sent(QueryParams(rows), self.prefix)

    def has(self, name: str) -> bool:
        """Whether the field was sent at all."""
        return self.prefix + name in self.values

    def holds_any(self) -> bool:
        """Whether any field with the prefix was sent."""
        return any(name.startswith(self.prefix) for name in self.values)

    def without_prefix(self) -> list[tuple[str, str]]:
        """The fields with the prefix, by the rest of their names."""
        found = [(name, value) for name, value in self.values.multi_items() if name.startswith(self.prefix)]
        return [(name.removeprefix(self.prefix), value) for name, value in found if isinstance(value, str)]

    def starting(self, start: str) -> dict[str, str]:
        """The fields whose name begins so, by the rest of their name."""
        begin = self.prefix + start
        found = [(name, value) for name, value in self.values.multi_items() if name.startswith(begin)][:_MOST_ROWS]
        return {name.removeprefix(begin): value for name, value in found if isinstance(value, str)}


def type_of_form(sent: Sent) -> str:
    """The type of change that a form is of. Raises InvalidInput."""
    kind = sent.text("type", 40)
    if kind not in CHANGE_TYPES:
        raise InvalidInput(f"{kind!r} is no type of change: {', '.join(CHANGE_TYPES)}")
    return kind


def identity_of(sent: Sent) -> dict[str, str]:
    """What a form is about, as the hidden fields of the next one; the target of what is still looked for is none of them."""
    fixed = type_of_form(sent) in ("unrelate", "importance")
    chosen = ("target",) if not fixed else ()
    loose = ("relation", "branch") if not fixed and type_of_form(sent) in ("relate", "map") else ()
    return {
        name: value
        for name in IDENTITY
        if name not in (*chosen, *loose) and (value := sent.text(name, 200))
    }


def changes_of(sent: Sent, base: Any = None) -> list[Change]:
    """What a form asks for: mostly one change. `base`: the present value of the field, for what a form cannot show (the roles of labels).

    Raises InvalidInput for what is no number or no type; what is missing or wrong in the rest is found by checking."""
    kind, concept = type_of_form(sent), sent.text("concept", 100)
    seq = sent.text("seq", 20)
    number = int(seq) if seq.isdecimal() else 0
    made: list[Change]
    match kind:
        case "create":
            made = _create(sent)
        case "labels":
            made = [ChangeLabels(concept, sent.text("language", 40), _labels(sent, base))]
        case "text":
            made = [ChangeText(concept, sent.text("field", 60), sent.text("language", 40), sent.text("text"))]
        case "relate":
            made = [_relate(sent, concept)]
        case "map":
            made = [MapConcept(concept, sent.text("relation", 40), sent.text("target", 100))]
        case "unrelate":
            made = [RemoveRelation(*_ends(sent), branch=sent.text("branch", 100))]
        case "importance":
            made = [ChangeImportance(*_ends(sent), importance=sent.text("importance", 40), branch=sent.text("branch", 100))]
        case "move":
            made = [MoveConcept(concept, sent.text("old", 100), sent.text("target", 100))]
        case "merge":
            made = [MergeConcepts(concept, sent.text("target", 100), _moved(sent))]
        case "split":
            made = _split(sent, concept)
        case "deprecate":
            made = [DeprecateConcept(concept, sent.text("target", 100))]
        case _:
            made = [RestoreConcept(concept)]
    return [replace(change, seq=number) for change in made]


def amended(sent: Sent, change: Change) -> Change:
    """The change as a moderator would have it, where the form holds fields of it; else as it is."""
    match change:
        case ChangeLabels() if sent.has("preferred"):
            return replace(change, labels=_labels(sent, [*(change.base or ()), *_plain(change.labels)], change.lang))
        case ChangeText() if sent.has("text"):
            return replace(change, text=sent.text("text"))
        case AddRelation() if sent.has("importance") or sent.has("note"):
            return _amended_relation(sent, change)
        case ChangeImportance() if sent.has("importance"):
            return replace(change, importance=sent.text("importance", 40))
        case CreateConcept() if sent.has("kind"):
            made = _create(Sent(sent.values, sent.prefix))[0]
            others = tuple(label for label in change.labels if label.lang not in LANGUAGES_OF_NEW or label.type == HIDDEN)
            texts = {lang: text for lang, text in change.definition.items() if lang not in LANGUAGES_OF_NEW}
            if isinstance(made, CreateConcept):
                return replace(change, kind=made.kind, labels=(*made.labels, *others), definition={**texts, **made.definition})
    # The rest can be told from a form that was not shown by its type alone.
    return _amended_ends(sent, change) if sent.has("type") else change


def _amended_relation(sent: Sent, change: AddRelation) -> Change:
    importance, note = sent.text("importance", 40), sent.text("note")
    relation, target = sent.text("relation", 40) or change.relation, sent.text("target", 100) or change.target
    rank = _rank(sent) if sent.has("rank") else change.rank
    return replace(change, relation=relation, target=target, importance=importance, rank=rank, note=note)


def _amended_ends(sent: Sent, change: Change) -> Change:
    """What is amended by choosing another concept, or by what else becomes of the same one."""
    target = sent.text("target", 100)
    match change:
        case MapConcept():
            return replace(change, relation=sent.text("relation", 40) or change.relation, target=target or change.target)
        case MoveConcept():
            return replace(change, old=sent.text("old", 100), new=target)
        case MergeConcepts():
            return replace(change, into=target or change.into, labels=_moved(sent))
        case DeprecateConcept():
            return replace(change, replaced_by=target)
        case SplitConcept():
            parts = tuple(part.uuid for part in split_parts(sent))
            given = {**change.assignments, **sent.starting("assign-")}
            first = parts[0] if parts else ""
            return replace(change, parts=parts, assignments={one: part if part in parts else first for one, part in given.items()})
        case RestoreConcept() if target:
            return DeprecateConcept(change.concept, target, base=change.base, seq=change.seq)
        case RemoveRelation() if kept := sent.text("instead", 40):
            return ChangeImportance(change.source, change.relation, change.target, kept, change.branch, seq=change.seq)
    return change


def rows_of(change: Change) -> list[tuple[str, str]]:
    """The fields of a form that asks for this change, those that are sent several times too."""
    rows = [("type", type_of(change)), ("seq", str(change.seq)), *fields_of(change).items()]
    if isinstance(change, MergeConcepts):
        rows += [("label", label_key({"lang": one.lang, "type": one.type, "value": one.value})) for one in change.labels]
    if isinstance(change, SplitConcept):
        rows += [("piece", part) for part in change.parts]
        rows += [(f"assign-{relation}", part) for relation, part in change.assignments.items()]
    return rows


def fields_of(change: Change) -> dict[str, str]:
    """The fields of a form that asks for this change; those that say what it is about too."""
    match change:
        case CreateConcept():
            said = {"kind": change.kind, "uuid": change.uuid}
            for lang in LANGUAGES_OF_NEW:
                said |= {f"{name}_{lang}": value for name, value in label_fields(change.labels, lang).items()}
                said[f"definition_{lang}"] = change.definition.get(lang, "")
            return said
        case ChangeLabels():
            return {"concept": change.concept, "language": change.lang, **label_fields(change.labels, change.lang)}
        case ChangeText():
            return {"concept": change.concept, "field": change.field, "language": change.lang, "text": change.text}
        case AddRelation():
            said = {"concept": change.source, "relation": change.relation, "target": change.target, "branch": change.branch}
            return {**said, "importance": change.importance, "rank": str(change.rank or ""), "note": change.note}
        case MapConcept():
            return {"concept": change.source, "relation": change.relation, "target": change.target}
        case RemoveRelation() | ChangeImportance():
            said = {"source": change.source, "relation": change.relation, "target": change.target, "branch": change.branch}
            return said | {"concept": change.source, "importance": getattr(change, "importance", "")}
        case MoveConcept():
            return {"concept": change.concept, "old": change.old, "target": change.new}
        case MergeConcepts():
            return {"concept": change.concept, "target": change.into}
        case DeprecateConcept():
            return {"concept": change.concept, "target": change.replaced_by}
        case SplitConcept() | RestoreConcept():
            return {"concept": change.concept}


def kept_of(sent: Sent) -> list[Change]:
    """The changes that a suggestion holds besides the one whose form is open, without the one that is to be forgotten. Raises InvalidInput."""
    found = []
    for number, each in enumerate(sent.many("kept")[:MOST_KEPT]):
        if sent.text("forget", 5) != str(number):
            try:
                said = parse_json(each)
            except WikicError:
                said = None
            if not isinstance(said, dict):
                raise InvalidInput("a change of the suggestion cannot be read: begin again from the entry", reason="kept-unread")
            found.append(from_json(said))
    return found


def kept_field(change: Change) -> str:
    """A change as the hidden field of a suggestion; its base is looked up again."""
    return json.dumps({name: value for name, value in to_json(change).items() if name != "base"}, ensure_ascii=False)


def label_fields(labels: Sequence[Label], lang: str) -> dict[str, str]:
    """The fields of the labels of one language: the preferred one, the others one a line."""
    own = [(label.type, " ".join(label.value.split())) for label in labels if label.lang == lang]
    return {kind: "\n".join(value for found, value in own if found == kind) for kind in (PREFERRED, ALTERNATIVE, HIDDEN)}


def label_key(label: Mapping[str, Any]) -> str:
    """A label as the value of a check box."""
    return f"{label['lang']}|{label['type']}|{label['value']}"


def _create(sent: Sent) -> list[Change]:
    uuid = sent.text("uuid", 60) or new_uuid()
    labels: list[Label] = []
    definition: dict[str, str] = {}
    for lang in LANGUAGES_OF_NEW:
        labels += [Label(value, lang, PREFERRED) for value in sent.words(f"preferred_{lang}")]
        labels += [Label(value, lang, ALTERNATIVE) for value in sent.lines(f"alternative_{lang}")]
        if text := sent.text(f"definition_{lang}"):
            definition[lang] = text
    made: list[Change] = [CreateConcept(sent.text("kind", 40), tuple(labels), definition, uuid)]
    if target := sent.text("target", 100):
        made.append(AddRelation(uuid, "broader", target))
    return made


def _labels(sent: Sent, base: Any, lang: str = "") -> tuple[Label, ...]:
    """The labels of a form. A label that was there keeps its roles; a new preferred one takes over those of the old one."""
    lang = lang or sent.text("language", 40)
    known = {(label.value, label.type): label.roles for label in labels_of(base or ())}
    before = next((roles for (_, kind), roles in known.items() if kind == PREFERRED), ())
    found = []
    for kind in (PREFERRED, ALTERNATIVE, HIDDEN):
        # A preferred label is one, though its field be sent with several lines.
        for value in sent.lines(kind) if kind != PREFERRED else sent.words(kind):
            found.append(Label(value, lang, kind, known.get((value, kind), before if kind == PREFERRED else ())))
    return tuple(dict.fromkeys(found))


def _plain(labels: Sequence[Label]) -> list[dict[str, Any]]:
    return [{"value": one.value, "lang": one.lang, "type": one.type, "roles": list(one.roles)} for one in labels]


def _relate(sent: Sent, concept: str) -> Change:
    relation, target = sent.text("relation", 40), sent.text("target", 100)
    forward = _FORWARD.get(relation)
    source, target = (target, concept) if forward else (concept, target)
    return AddRelation(
        source, forward or relation, target, sent.text("importance", 40), _rank(sent), sent.text("note"), sent.text("branch", 100)
    )


def _rank(sent: Sent) -> int:
    """The rank of a relation, 0 for none. Raises InvalidInput."""
    rank = sent.text("rank", 20)
    if rank and not (rank.isdecimal() and len(rank) <= 4):
        raise InvalidInput("a rank is a whole number from 1 on; leave it empty for none", reason="rank")
    return int(rank or 0)


def _ends(sent: Sent) -> tuple[str, str, str]:
    return sent.text("source", 100), sent.text("relation", 40), sent.text("target", 100)


def _moved(sent: Sent) -> tuple[Label, ...]:
    """The labels that a merge takes along, as further labels of what it is merged into."""
    found = []
    for each in sent.many("label"):
        lang, kind, value = [*each.split("|", 2), "", ""][:3]
        if value:
            found.append(Label(value, lang, HIDDEN if kind == HIDDEN else ALTERNATIVE))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class SplitPart:
    """A part of a split: a concept that is there, or (with a `name`) one that is made."""

    uuid: str
    name: str = ""
    lang: str = ""

    @property
    def key(self) -> str:
        """The part as one hidden field."""
        return f"{self.uuid}|{self.lang}|{self.name}" if self.name else self.uuid


def split_parts(sent: Sent) -> list[SplitPart]:
    """The parts that a form of a split holds so far, after what its buttons asked for."""
    found = [SplitPart(uuid, name, lang) for uuid, lang, name in ([*each.split("|", 2), "", ""][:3] for each in sent.many("piece"))]
    action, dropped = sent.text("action", 40), sent.text("drop", 60)
    if action == "add" and (target := sent.text("target", 100)):
        found.append(SplitPart(target))
    if action == "new" and (name := " ".join(sent.text("new_name", 500).split())):
        found.append(SplitPart(new_uuid(), name, sent.text("new_lang", 10)))
    unique = {part.uuid: part for part in found if part.uuid and part.uuid != dropped}
    return list(unique.values())


def _split(sent: Sent, concept: str) -> list[Change]:
    parts, kind = split_parts(sent), sent.text("kind", 40)
    made: list[Change] = [CreateConcept(kind, (Label(part.name, part.lang, PREFERRED),), {}, part.uuid) for part in parts if part.name]
    uuids = tuple(part.uuid for part in parts)
    given = {relation: part for relation, part in sent.starting("assign-").items() if part in uuids}
    return [*made, SplitConcept(concept, uuids, given)]
