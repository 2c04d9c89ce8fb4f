"""How a concept looks on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikic.domain.vocabulary import ALTERNATIVE, HIDDEN, IMPORTANCES

if TYPE_CHECKING:
    from wikic.domain.records import Label
    from wikic.store.concepts import Concept, Neighbour, Neighbours

FALLBACK = ("fr", "en")
"""Languages that are tried after the asked one; then any."""

SHOWN = 12
"""How many relations of one type are shown."""


def best(texts: dict[str, str], lang: str | None) -> str:
    """A text in the asked language, else in French, in English, in any; "" where there is none."""
    for tag in (lang, *FALLBACK):
        if tag in texts:
            return texts[tag]
    return texts[min(texts)] if texts else ""


def concept_lines(concept: Concept, address: str, lang: str | None) -> list[str]:
    """The lines that `wikic show` prints: name, identity, labels, texts, relations. With `lang`, that language only."""
    content, identity = concept.content, concept.identity
    preferred = content.preferred()
    lines = [
        best(preferred, lang) or identity.uuid,
        f"  {identity.kind}, {' '.join(filter(None, (identity.scheme, content.code)))}, {content.status}",
        f"  {address}",
    ]
    lines += [f"  source: {' '.join(filter(None, (content.iri, content.source_version)))}"] if content.iri else []
    lines.append(f"  as of {concept.seq}")
    lines += [f"  {tag}: {value}" for tag, value in sorted(preferred.items()) if lang in (None, tag)]
    for kind in (ALTERNATIVE, HIDDEN):
        lines += _labels(kind, content.labels, lang)
    for name, texts in content.texts.items():
        lines += [f"  {name} ({tag}): {text}" for tag, text in sorted(texts.items()) if lang in (None, tag)]
    for name, value in sorted(content.attributes.items()):
        lines.append(f"  {name}: {', '.join(value) if isinstance(value, list) else value}")
    if content.sectors:
        lines.append(f"  sectors: {', '.join(content.sectors)}")
    for name, neighbours in concept.relations.items():
        lines += _relations(name, neighbours, lang)
    return lines


def _labels(kind: str, labels: list[Label], lang: str | None) -> list[str]:
    by_tag: dict[str, list[str]] = {}
    for label in labels:
        if label.type == kind and lang in (None, label.lang):
            by_tag.setdefault(label.lang, []).append(label.value)
    return [f"  {kind} ({tag}): {'; '.join(values)}" for tag, values in sorted(by_tag.items())]


def _relations(name: str, neighbours: Neighbours, lang: str | None) -> list[str]:
    ordered = sorted(neighbours.items, key=lambda item: (_strength(item), item.relation.rank, best(item.preferred, lang)))
    lines = [f"  {name} ({neighbours.total:,})"]
    for item in ordered[:SHOWN]:
        importance = f"  [{item.relation.importance}]" if item.relation.importance else ""
        code = f"  {item.code}" if item.code else ""
        lines.append(f"    {best(item.preferred, lang) or item.uuid}{code}{importance}")
    if neighbours.total > SHOWN:
        lines.append(f"    ... and {neighbours.total - len(ordered[:SHOWN]):,} more")
    return lines


def _strength(item: Neighbour) -> int:
    importance = item.relation.importance
    return IMPORTANCES.index(importance) if importance in IMPORTANCES else len(IMPORTANCES)
