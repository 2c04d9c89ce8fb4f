"""Taking a change of one concept back: what it said before, what the change made of it, what it says now. Pure.

A field that still is as the change left it gets its former value; one that has its former value already stays; anything else moved since and is
a conflict. Alternative and hidden labels and sectors are taken back one by one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import cast

from wikic.domain.concepts import VOLATILE, ConceptContent, label_order
from wikic.domain.records import Attribute, Label
from wikic.domain.vocabulary import DEPRECATED, PREFERRED

_Slot = tuple[str, str, str]
"""Field, language, and of elements the element."""
_SCALARS = ("kind", "nature", "code", "iri", "source_status")


@dataclass(frozen=True, slots=True)
class Moved:
    """A field that was changed again since: its value before the change, the one that the change gave, the one it has now ("" for none)."""

    concept: str
    field: str
    lang: str
    before: str
    made: str
    now: str


def take_back(
    uuid: str, before: ConceptContent | None, made: ConceptContent, now: ConceptContent
) -> tuple[ConceptContent, list[Moved]]:
    """The content without the change, and the conflicts. `before` None: the change created the concept, which is deprecated then, unless it says something
    else by now."""
    if before is None:
        return _deprecated(uuid, made, now)
    old, new, present = (_slots(content) for content in (before, made, now))
    result, conflicts = dict(present), []
    for slot in sorted(old.keys() | new.keys()):
        was, is_ = old.get(slot), new.get(slot)
        mine = present.get(slot)
        if was == is_ or mine == was:
            continue
        one_by_one = bool(slot[2]) and None in (was, is_)
        if mine != is_ and not one_by_one:
            conflicts.append(Moved(uuid, slot[0], slot[1], _text(was), _text(is_), _text(mine)))
        elif was is None:
            result.pop(slot, None)
        elif mine == is_:
            result[slot] = was
    content = _content(now, result)
    if now.preferred() and not content.preferred():
        lang, value = next(iter(sorted(now.preferred().items())))
        conflicts.append(Moved(uuid, PREFERRED, lang, "", value, value))
    return content, conflicts


def _deprecated(uuid: str, made: ConceptContent, now: ConceptContent) -> tuple[ConceptContent, list[Moved]]:
    if now.status == DEPRECATED:
        return now, []
    new, present = _slots(made), _slots(now)
    conflicts = [
        Moved(uuid, slot[0], slot[1], "", _text(new.get(slot)), _text(present.get(slot)))
        for slot in sorted(new.keys() | present.keys())
        if new.get(slot) != present.get(slot)
    ]
    return (now if conflicts else replace(now, status=DEPRECATED)), conflicts


def _slots(content: ConceptContent) -> dict[_Slot, object]:
    slots: dict[_Slot, object] = {("status", "", ""): (content.status, content.gone)}
    for name in _SCALARS:
        if value := getattr(content, name):
            slots[name, "", ""] = value
    for label in content.labels:
        if label.type == PREFERRED:
            slots[PREFERRED, label.lang, ""] = (label.value, label.roles)
        else:
            slots[label.type, label.lang, label.value] = label.roles
    for name, texts in content.texts.items():
        for lang, text in texts.items():
            slots[name, lang, ""] = text
    for name, attribute in content.attributes.items():
        if name not in VOLATILE:
            slots[f"x_{name}", "", ""] = tuple(attribute) if isinstance(attribute, list) else attribute
    return slots | {("sectors", "", sector): True for sector in content.sectors}


def _content(now: ConceptContent, slots: dict[_Slot, object]) -> ConceptContent:
    content = replace(now, labels=[], texts={}, attributes={}, sectors=[])
    for name in _SCALARS:
        setattr(content, name, slots.get((name, "", ""), ""))
    content.attributes = {name: value for name, value in now.attributes.items() if name in VOLATILE}
    for (name, lang, element), value in slots.items():
        if name == "status":
            content.status, content.gone = cast(tuple[str, bool], value)
        elif name == PREFERRED:
            text, roles = cast(tuple[str, tuple[str, ...]], value)
            content.labels.append(Label(text, lang, PREFERRED, roles))
        elif name == "sectors":
            content.sectors.append(element)
        elif element:
            content.labels.append(Label(element, lang, name, cast(tuple[str, ...], value)))
        elif name.startswith("x_"):
            content.attributes[name[2:]] = cast(Attribute, list(value) if isinstance(value, tuple) else value)
        elif name not in _SCALARS:
            content.texts.setdefault(name, {})[lang] = str(value)
    names = {(label.value, label.lang) for label in content.labels if label.type == PREFERRED}
    content.labels = sorted(
        (one for one in content.labels if one.type == PREFERRED or one[:2] not in names), key=label_order
    )
    content.sectors.sort()
    return content


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return next((str(part) for part in value if part), "")
    return "" if value is None else str(value)
