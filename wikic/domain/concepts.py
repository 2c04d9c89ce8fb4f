"""The content of a concept at one moment, and its flat form.

One state holds everything textual. The flat form is what the store keeps (`{field}__{tag}`, lists for several values, parallel lists
for label roles) and what digests are made of; the typed form is what rules, merges and differences work on.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Final

from wikic.domain.records import Attribute, ConceptRecord, Label
from wikic.domain.vocabulary import ACTIVE, ALTERNATIVE, DEPRECATED, HIDDEN, LABEL_TYPES, PREFERRED, TEXT_FIELDS

Properties = dict[str, Any]
"""The flat form: strings, integers, booleans and lists of strings only."""

FALLBACK: Final = ("fr", "en")
"""Languages that are tried after the asked one; then any."""

VOLATILE = frozenset({"modified"})
"""Attributes that a source renews without saying anything new: they are kept, but are no change by themselves."""

_SHORT = {PREFERRED: "pref", ALTERNATIVE: "alt", HIDDEN: "hidden"}
_LONG = {short: long for long, short in _SHORT.items()}
_TEXTS = frozenset(TEXT_FIELDS)
_ORDER = {kind: number for number, kind in enumerate(LABEL_TYPES)}
_FIXED = ("kind", "status", "nature", "code", "iri", "source_status", "source_version", "origin")


def best_tag(tags: Collection[str], lang: str | None) -> str:
    """Of these language tags the asked one (or its base: fr for fr-CA), else French, English, any; "" where there is none."""
    asked = (lang, lang.partition("-")[0]) if lang else ()
    return next((tag for tag in (*asked, *FALLBACK) if tag in tags), min(tags, default=""))


def label_order(label: Label) -> tuple[int, str, str]:
    """The canonical order of labels: preferred, alternative, hidden; by language; by value."""
    return (_ORDER[label.type], label.lang, label.value)


@dataclass(slots=True)
class ConceptContent:
    """What is said of a concept. `kind` may differ from the one it was first seen with: a source may reclassify it.
    `iri` is the source's present address, `origin` who brought it ("esco", "rome", "" for what is born here),
    `source_version` the version of the source that last changed it, `edited` whether it was changed here since,
    `gone` whether it was deprecated because its source no longer names it."""

    kind: str = ""
    status: str = ACTIVE
    nature: str = ""
    code: str = ""
    iri: str = ""
    origin: str = ""
    source_status: str = ""
    source_version: str = ""
    labels: list[Label] = field(default_factory=list)
    texts: dict[str, dict[str, str]] = field(default_factory=dict)
    attributes: dict[str, Attribute] = field(default_factory=dict)
    sectors: list[str] = field(default_factory=list)
    edited: bool = False
    gone: bool = False

    def preferred(self) -> dict[str, str]:
        """Preferred labels by language."""
        return {label.lang: label.value for label in self.labels if label.type == PREFERRED}

    def languages(self) -> list[str]:
        """The language tags in use, as written in the source, sorted."""
        tags = {label.lang for label in self.labels}
        for texts in self.texts.values():
            tags.update(texts)
        return sorted(tags)


def content_of(record: ConceptRecord, *, origin: str, version: str) -> ConceptContent:
    """The content that a source's record asks for."""
    return ConceptContent(
        kind=record.kind,
        status=DEPRECATED if record.deprecated else ACTIVE,
        nature=record.nature,
        code=record.code,
        iri=record.key,
        origin=origin,
        source_status=record.source_status,
        source_version=version,
        labels=record.labels,
        texts=record.texts,
        attributes=record.attributes,
        sectors=record.sectors,
    )


def fold_tag(tag: str) -> str:
    """A language tag as part of a property name: lower case, `_` for whatever is no letter or digit ("en-US" -> "en_us")."""
    return "".join(c if c.isalnum() and c.isascii() else "_" for c in tag.lower())


def to_properties(content: ConceptContent) -> Properties:
    """The flat form. Tags that fold to one name get a number behind, in the order of `languages`, so that nothing is overwritten.
    `preferred` repeats the preferred labels as JSON: whoever shows a concept's name need not read all of it."""
    flat: Properties = {name: value for name in _FIXED if (value := getattr(content, name))}
    languages = content.languages()
    names = _folded(languages)
    lists: dict[str, tuple[list[str], list[str]]] = {}
    for label in content.labels:
        values, roles = lists.setdefault(f"{_SHORT[label.type]}|{names[label.lang]}", ([], []))
        values.append(label.value)
        roles.append(" ".join(label.roles))
    for key, (values, roles) in lists.items():
        short, tag = key.split("|")
        single = short == "pref"
        flat[f"{short}__{tag}"] = values[0] if single else values
        if any(roles):
            flat[f"{short}_roles__{tag}"] = roles[0] if single else roles
    for name, texts in content.texts.items():
        for lang, text in texts.items():
            flat[f"{name}__{names[lang]}"] = text
    for name, value in content.attributes.items():
        flat[f"x_{name}"] = value
    if languages:
        flat["languages"] = languages
    flat["preferred"] = json.dumps(content.preferred(), ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    if content.sectors:
        flat["sectors"] = content.sectors
    if content.edited:
        flat["edited"] = True
    if content.gone:
        flat["gone"] = True
    return flat


def from_properties(flat: Properties) -> ConceptContent:
    """The typed form of a flat one; properties that are not content (numbers, keys) are passed over."""
    content = ConceptContent(
        **{name: flat[name] for name in _FIXED if name in flat},
        sectors=list(flat.get("sectors", ())),
        edited=bool(flat.get("edited", False)),
        gone=bool(flat.get("gone", False)),
    )
    languages = list(flat.get("languages", ()))
    tags = {name: lang for lang, name in _folded(languages).items()}
    for key, value in flat.items():
        if key.startswith("x_"):
            content.attributes[key[2:]] = list(value) if isinstance(value, list | tuple) else value
            continue
        name, mark, tag = key.partition("__")
        if not mark:
            continue
        if name in _LONG:
            content.labels += _labels(_LONG[name], tags[tag], value, flat.get(f"{name}_roles__{tag}"))
        elif name in _TEXTS:
            content.texts.setdefault(name, {})[tags[tag]] = value
    content.labels.sort(key=label_order)
    return content


def _folded(languages: list[str]) -> dict[str, str]:
    names: dict[str, str] = {}
    taken: set[str] = set()
    for lang in languages:
        name = plain = fold_tag(lang)
        number = 2
        while name in taken:
            name = f"{plain}_{number}"
            number += 1
        taken.add(name)
        names[lang] = name
    return names


def _labels(kind: str, lang: str, value: str | list[str], roles: str | list[str] | None) -> list[Label]:
    values = [value] if isinstance(value, str) else list(value)
    given = [""] * len(values) if roles is None else [roles] if isinstance(roles, str) else list(roles)
    return [Label(text, lang, kind, tuple(role.split())) for text, role in zip(values, given, strict=True)]


def digest_of(flat: Properties) -> str:
    """16 hex digits over what a record says, volatile attributes and bookkeeping left out; equal content gives equal digests."""
    kept = {
        key: value
        for key, value in flat.items()
        if key != "source_version" and not (key.startswith("x_") and key[2:] in VOLATILE)
    }
    text = json.dumps(kept, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return blake2b(text.encode(), digest_size=8).hexdigest()


def same_content(one: ConceptContent, other: ConceptContent) -> bool:
    """Whether two contents say the same, volatile attributes and the source's version left out."""
    return _comparable(one) == _comparable(other)


def _comparable(content: ConceptContent) -> Properties:
    flat = to_properties(content)
    flat.pop("source_version", None)
    for name in VOLATILE:
        flat.pop(f"x_{name}", None)
    for key, value in flat.items():
        if isinstance(value, list) and not key.startswith(("alt", "hidden")):
            flat[key] = sorted(value)
    return flat
