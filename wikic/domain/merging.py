"""The three-way merge of one concept: what the source said last, what stands here, what the source says now.

`docs/importing.md` tells the rules. Scalars (a preferred label, a text, an attribute) merge as wholes, alternative and hidden labels and
sectors by element. Only what the files speak for can lose a value; a value that was changed here stays, and where the source changed it too
a conflict is reported.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from typing import TypeVar, cast

from wikic.domain.concepts import VOLATILE, ConceptContent, label_order
from wikic.domain.records import Attribute, KindCoverage, Label
from wikic.domain.vocabulary import ALTERNATIVE, DEPRECATED, HIDDEN, PREFERRED

T = TypeVar("T", bound=Hashable)


@dataclass(frozen=True, slots=True)
class FieldConflict:
    """A field that changed on both sides: the local value stays. `field` is "preferred", a text field, an attribute ..."""

    field: str
    lang: str
    base: str
    local: str
    incoming: str


@dataclass(slots=True)
class Merged:
    """The outcome for one concept: what it says from now on, what the source is remembered to have said, and the conflicts.
    `kept` counts values of the same version that differ and were therefore not taken."""

    content: ConceptContent
    base: ConceptContent
    conflicts: list[FieldConflict] = field(default_factory=list)
    kept: int = 0


@dataclass(slots=True)
class _Slot:
    """How far one slot may change: whether its files speak for it, and whether their version is newer than the one seen last."""

    covered: bool
    newer: bool


class Merger:
    """Merges the incoming record of one source into one concept. One instance serves one concept."""

    def __init__(
        self,
        base: ConceptContent,
        local: ConceptContent,
        incoming: ConceptContent,
        cover: KindCoverage | None,
        *,
        newer: bool,
    ) -> None:
        """`cover` None: the files speak for nothing, they can only add. `newer`: whether values may be replaced at all."""
        if incoming.attributes.get("made_label") and base.preferred() and not base.attributes.get("made_label"):
            # Its files lack the name that others gave: a label made of the code does not replace it.
            named = {name: value for name, value in incoming.attributes.items() if name != "made_label"}
            incoming = replace(incoming, labels=base.labels, attributes=named)
        self.base, self.local, self.incoming, self.cover, self.newer = base, local, incoming, cover, newer
        self.conflicts: list[FieldConflict] = []
        self.kept = 0

    def merge(self) -> Merged:
        """The merged content and the new base."""
        content = self._merge(self.local, note=True)
        content.edited = self.local.edited
        base = content if self.local is self.base else self._merge(self.base, note=False)
        return Merged(content, base, self.conflicts, self.kept)

    def _merge(self, local: ConceptContent, *, note: bool) -> ConceptContent:
        silent = (self.conflicts, self.kept)
        if not note:
            self.conflicts, self.kept = [], 0
        content = replace(
            local,
            labels=self._labels(local),
            texts=self._texts(local),
            attributes=self._attributes(local),
            sectors=sorted(
                self._elements(
                    set(self.base.sectors), set(local.sectors), set(self.incoming.sectors), self._slot("sectors")
                )
            ),
        )
        for name in ("kind", "nature", "code", "iri", "source_status"):
            old, mine, new = getattr(self.base, name), getattr(local, name), getattr(self.incoming, name)
            setattr(
                content,
                name,
                self._scalar(name, "", old or None, mine or None, new or None, _Slot(False, self.newer)) or "",
            )
        self._status(content, local)
        content.origin = local.origin or self.incoming.origin
        if not note:
            self.conflicts, self.kept = silent
        return content

    def _status(self, content: ConceptContent, local: ConceptContent) -> None:
        # A concept that its source names again is no longer gone; a status that was decided here stays.
        if local.gone:
            content.gone, content.status = False, self.incoming.status
        elif local.status == self.base.status and (self.newer or self.incoming.status == DEPRECATED):
            content.status = self.incoming.status

    def _slot(self, name: str, lang: str | None = None) -> _Slot:
        cover = self.cover
        covered = cover is not None and name in cover.fields and (lang is None or lang in cover.languages)
        return _Slot(covered, self.newer)

    def _scalar(
        self, name: str, lang: str, base: Attribute | None, local: Attribute | None, new: Attribute | None, slot: _Slot
    ) -> Attribute | None:
        if new is None:
            if not (slot.covered and slot.newer) or base is None:
                return local
            return None if local in (base, None) else self._conflict(name, lang, base, local, None)
        if local in (new, None) and (base is None or local == new):
            return new
        if new == base:
            return local
        if base is not None and not slot.newer:
            self.kept += 1
            return local
        if local == base:
            return new
        return self._conflict(name, lang, base, local, new)

    def _conflict(
        self, name: str, lang: str, base: Attribute | None, local: Attribute | None, new: Attribute | None
    ) -> Attribute | None:
        self.conflicts.append(FieldConflict(name, lang, _text(base), _text(local), _text(new)))
        return local

    @staticmethod
    def _elements(base: set[T], local: set[T], new: set[T], slot: _Slot) -> set[T]:
        removed = base - new if slot.covered and slot.newer else set()
        return (local - removed) | (new - base)

    def _labels(self, local: ConceptContent) -> list[Label]:
        roles: dict[tuple[str, str, str], tuple[str, ...]] = {}
        for content in (local, self.incoming):
            for label in content.labels:
                if label.roles or label[:3] not in roles:
                    roles[(label.value, label.lang, label.type)] = label.roles
        merged: set[tuple[str, str, str]] = set()
        preferred = [content.preferred() for content in (self.base, local, self.incoming)]
        for lang in {lang for labels in preferred for lang in labels}:
            base, mine, new = (labels.get(lang) for labels in preferred)
            value = self._scalar(PREFERRED, lang, base, mine, new, self._slot(PREFERRED, lang))
            if value:
                merged.add((cast(str, value), lang, PREFERRED))
        for kind in (ALTERNATIVE, HIDDEN):
            old, mine_, new_ = (_by_language(content, kind) for content in (self.base, local, self.incoming))
            for lang in set(old) | set(mine_) | set(new_):
                values = self._elements(
                    old.get(lang, set()), mine_.get(lang, set()), new_.get(lang, set()), self._slot(kind, lang)
                )
                merged.update((value, lang, kind) for value in values if (value, lang, PREFERRED) not in merged)
        return sorted((Label(*key, roles.get(key, ())) for key in merged), key=label_order)

    def _texts(self, local: ConceptContent) -> dict[str, dict[str, str]]:
        merged: dict[str, dict[str, str]] = {}
        sides = (self.base.texts, local.texts, self.incoming.texts)
        for name in {name for side in sides for name in side}:
            fields = [side.get(name, {}) for side in sides]
            for lang in {lang for texts in fields for lang in texts}:
                base, mine, new = (texts.get(lang) for texts in fields)
                value = self._scalar(name, lang, base, mine, new, self._slot(name, lang))
                if value is not None:
                    merged.setdefault(name, {})[lang] = cast(str, value)
        return merged

    def _attributes(self, local: ConceptContent) -> dict[str, Attribute]:
        merged: dict[str, Attribute] = {}
        sides = (self.base.attributes, local.attributes, self.incoming.attributes)
        for name in {name for side in sides for name in side}:
            base, mine, new = (side.get(name) for side in sides)
            if name in VOLATILE:
                value: Attribute | None = new if new is not None and self.newer else mine
            else:
                value = self._scalar(name, "", base, mine, new, self._slot(name))
            if value is not None:
                merged[name] = value
        return merged


def _by_language(content: ConceptContent, kind: str) -> dict[str, set[str]]:
    values: dict[str, set[str]] = {}
    for label in content.labels:
        if label.type == kind:
            values.setdefault(label.lang, set()).add(label.value)
    return values


def _text(value: Attribute | None) -> str:
    return "" if value is None else ", ".join(value) if isinstance(value, list) else str(value)
