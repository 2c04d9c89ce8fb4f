"""The difference between two contents of one concept, in typed pieces that people can read and programs can count."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal, get_args

from wikic.domain.concepts import VOLATILE, ConceptContent
from wikic.domain.records import Attribute, Label
from wikic.domain.vocabulary import ALTERNATIVE, DEPRECATED, HIDDEN, PREFERRED

ChangeType = Literal[
    "added",
    "deprecated",
    "restored",
    "renamed",
    "relabelled",
    "redefined",
    "annotated",
    "recoded",
    "readdressed",
    "reclassified",
    "related",
    "unrelated",
    "rerelated",
]
CHANGE_TYPES: Final[tuple[str, ...]] = get_args(ChangeType)
"""What can happen to a concept: it is added, deprecated or restored; its preferred label (renamed), other labels (relabelled), definition
(redefined), notes (annotated), code, source address or attributes (reclassified) change; relations open (related), close (unrelated) or change."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One difference: `type` is of CHANGE_TYPES; `field` and `lang` say where; `before` and `after` are texts, "" where there was nothing."""

    type: str
    field: str
    lang: str
    before: str
    after: str


def diff_contents(before: ConceptContent | None, after: ConceptContent) -> list[FieldChange]:
    """All differences, in the order of CHANGE_TYPES. Before None: the concept was not there. Volatile attributes are no difference."""
    if before is None:
        return [FieldChange("added", "", "", "", after.status)]
    found: list[FieldChange] = []
    if before.status != after.status:
        kind = "deprecated" if after.status == DEPRECATED else "restored"
        found.append(FieldChange(kind, "status", "", before.status, after.status))
    old, new = before.preferred(), after.preferred()
    found += _by_language("renamed", PREFERRED, old, new)
    for kind in (ALTERNATIVE, HIDDEN):
        found += _labels(kind, before.labels, after.labels)
    for name in sorted(set(before.texts) | set(after.texts)):
        change = "redefined" if name == "definition" else "annotated"
        found += _by_language(change, name, before.texts.get(name, {}), after.texts.get(name, {}))
    found += _scalar("recoded", "code", before.code, after.code)
    found += _scalar("readdressed", "iri", before.iri, after.iri)
    found += _scalar("reclassified", "kind", before.kind, after.kind)
    found += _scalar("reclassified", "nature", before.nature, after.nature)
    found += _scalar("reclassified", "source_status", before.source_status, after.source_status)
    found += _scalar("reclassified", "sectors", before.sectors, after.sectors)
    for name in sorted((set(before.attributes) | set(after.attributes)) - VOLATILE):
        found += _scalar("reclassified", name, before.attributes.get(name, ""), after.attributes.get(name, ""))
    return found


def _by_language(change: str, field: str, old: dict[str, str], new: dict[str, str]) -> Iterable[FieldChange]:
    for lang in sorted(set(old) | set(new)):
        yield from _scalar(change, field, old.get(lang, ""), new.get(lang, ""), lang)


def _scalar(change: str, field: str, old: Attribute, new: Attribute, lang: str = "") -> Iterable[FieldChange]:
    if old != new:
        yield FieldChange(change, field, lang, _text(old), _text(new))


def _labels(kind: str, old: list[Label], new: list[Label]) -> Iterable[FieldChange]:
    before = {(label.lang, label.value): label.roles for label in old if label.type == kind}
    after = {(label.lang, label.value): label.roles for label in new if label.type == kind}
    for lang, value in sorted(before.keys() - after.keys()):
        yield FieldChange("relabelled", kind, lang, value, "")
    for lang, value in sorted(after.keys() - before.keys()):
        yield FieldChange("relabelled", kind, lang, "", value)
    for lang, value in sorted(before.keys() & after.keys()):
        if before[lang, value] != after[lang, value]:
            roles = (" ".join(before[lang, value]), " ".join(after[lang, value]))
            yield FieldChange("relabelled", f"{kind}_roles", lang, f"{value} ({roles[0]})", f"{value} ({roles[1]})")


def _text(value: Attribute) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)
