"""The joined rows of one subject -> a `RawConcept`.

Flow: `esco_rdf_reading` joins and drains rows -> this -> `esco_model.ConceptBuilder`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from importers.esco_model import RawConcept, tail
from importers.esco_rdf_terms import (
    CONCEPT_CLASSES,
    IN_SCHEME,
    ISCO_GROUP,
    LABELS,
    LAST_LANGUAGE_ROW,
    LINKS,
    MODIFIED,
    NOTATION,
    REFERENCE_LANGUAGE,
    REUSE_LEVEL,
    SECTOR,
    SKILL_TYPE,
    STATUS,
    TEXTS,
    TITLE,
    TYPE,
)
from importers.spill import Row
from wikic.domain.records import ReadReport
from wikic.domain.vocabulary import PREFERRED


def read_concept(iri: str, rows: list[Row], report: ReadReport) -> RawConcept:
    """What the rows of one subject say, in any order."""
    raw = RawConcept(iri)
    labels = raw.labels
    single: dict[int, set[str]] = {}
    titles: list[tuple[str, str]] = []
    groups: list[str] = []
    it: Iterator[Any] = iter(rows)
    for action, tag, value in zip(it, it, it, strict=True):
        if action == TYPE:
            raw.classes.add(CONCEPT_CLASSES.get(value, value))
        elif action <= LAST_LANGUAGE_ROW:
            lang, roles = (tag, ()) if type(tag) is str else (tag[0], tag[1:])
            if not lang:
                report.skip("no-language", "a label or text without a language", f"{iri} ({value[:60]})")
            elif action in LABELS:
                labels.append((LABELS[action], lang, value, roles))
            elif action == TITLE:
                titles.append((lang, value))
            else:
                raw.texts.append((TEXTS[action], lang, value))
        elif action in LINKS:
            raw.links.append((LINKS[action], value))
        elif action == IN_SCHEME:
            raw.in_schemes.append(value)
        elif action == SECTOR:
            raw.sectors.append(tail(value))
        elif action == ISCO_GROUP:
            groups.append(value)
        else:
            single.setdefault(action, set()).add(value)
    if titles:
        named = {label[1] for label in labels if label[0] == PREFERRED}
        labels += [(PREFERRED, lang, value, ()) for lang, value in titles if lang not in named]
    if groups and not any(kind == "broader" for kind, _ in raw.links):
        raw.links += [("broader", group) for group in groups]
    for action, values in single.items():
        _set_single(raw, action, sorted(values))
    return raw


def _set_single(raw: RawConcept, action: int, values: list[str]) -> None:
    if action == SKILL_TYPE:
        raw.skill_type = tail(values[0])
    elif action == REUSE_LEVEL:
        raw.reuse_level = tail(values[0])
    elif action == STATUS:
        raw.status = tail(values[0]) if values[0].startswith("http") else values[0]
    elif action == MODIFIED:
        raw.modified = values[-1]
    elif action == REFERENCE_LANGUAGE:
        raw.reference_language = ", ".join(values)
    elif action == NOTATION:
        raw.code = values[0].strip()
    else:
        raw.regulated_profession = values[0]
