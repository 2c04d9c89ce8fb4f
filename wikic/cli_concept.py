"""How bodies look on a terminal: one concept, and the differences of one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

SHOWN = 12
"""How many relations of one type are shown."""

_LONGEST = 60


def concept_lines(body: Mapping[str, Any], address: str, lang: str | None) -> list[str]:
    """The lines that `wikic show` prints of a concept's body (as the API gives it). With `lang`, that language only."""
    source = body["source"]
    lines = [
        name_of(body, lang),
        f"  {body['kind']}, {' '.join(filter(None, (body['scheme'], source['code'])))}, {body['status']}",
        f"  {address}",
    ]
    if source["iri"]:
        lines.append(f"  source: {' '.join(filter(None, (source['iri'], source['version'])))}")
    lines.append(f"  as of {body['seq']}")
    lines += [f"  replaced by: {name_of(brief, lang)} ({brief['uuid']})" for brief in body["replaced_by"]["final"]]
    lines += [f"  {tag}: {value}" for tag, value in _said(body["preferred_label"], lang)]
    for title in ("alternative", "hidden"):
        lines += [f"  {title} ({tag}): {'; '.join(values)}" for tag, values in _said(body[f"{title}_labels"], lang)]
    for name, texts in {"definition": body["definition"], **body["notes"]}.items():
        lines += [f"  {name} ({tag}): {_indented(text)}" for tag, text in _said(texts, lang)]
    for name, value in body["attributes"].items():
        lines.append(f"  {name}: {', '.join(value) if isinstance(value, list) else value}")
    if body["sectors"]:
        lines.append(f"  sectors: {', '.join(body['sectors'])}")
    for name, related in body["relations"].items():
        lines += _relations(name, related, body["relations_total"][name], lang)
    return lines


def name_of(body: Mapping[str, Any], lang: str | None) -> str:
    """The name of a concept in the asked language, else in French, in English, in any; its uuid where it has none."""
    from wikic.services.reading_views import best

    return best(body["preferred_label"], lang) or str(body["uuid"])


def difference_lines(body: Mapping[str, Any], lang: str | None) -> list[str]:
    """The lines that `wikic diff` prints of one concept that differs."""
    code = f"{body['scheme']} {body['code']}" if body["code"] else body["scheme"]
    lines = [f"{name_of(body, lang)} ({body['kind']}, {code}) {body['uuid']}"]
    for change in body["changes"]:
        where = " ".join(filter(None, (change["field"], change["lang"])))
        values = f": {' -> '.join(_excerpts(change['before'], change['after']))}" if where else ""
        lines.append(f"  {change['type']} {where}{values}".rstrip())
    for relation in body["relations"]:
        target = relation["target"]
        said = f" [{relation['importance']}]" if relation["importance"] else ""
        lines.append(f"  {relation['change']} {relation['type']}: {name_of(target, lang)}{said}")
    return lines


def _said(texts: Mapping[str, Any], lang: str | None) -> Iterator[tuple[str, Any]]:
    return ((tag, texts[tag]) for tag in sorted(texts) if lang in (None, tag))


def _relations(name: str, related: list[Mapping[str, Any]], total: int, lang: str | None) -> list[str]:
    lines = [f"  {name} ({total:,})"]
    for item in related[:SHOWN]:
        code = f"  {item['code']}" if item["code"] else ""
        importance = f"  [{item['importance']}]" if item["importance"] else ""
        lines.append(f"    {name_of(item, lang)}{code}{importance}")
    if total > SHOWN:
        lines.append(f"    ... and {total - min(SHOWN, len(related)):,} more")
    return lines


def _indented(text: str) -> str:
    return "\n    ".join(text.splitlines())


def _excerpts(before: str | None, after: str | None) -> tuple[str, str]:
    """Both values, quoted and on one line; of long ones, the part around the first difference."""
    texts = [" ".join((text or "").split()) for text in (before, after)]
    start = 0
    if all(len(text) > _LONGEST for text in texts):
        pairs = enumerate(zip(*texts, strict=False))
        parting = next((place for place, (one, other) in pairs if one != other), min(map(len, texts)))
        start = max(0, parting - _LONGEST // 3)
    old, new = (_excerpt(text, start) for text in texts)
    return old, new


def _excerpt(text: str, start: int) -> str:
    cut = text[start : start + _LONGEST]
    return f'"{"…" if start else ""}{cut}{"…" if start + _LONGEST < len(text) else ""}"'
