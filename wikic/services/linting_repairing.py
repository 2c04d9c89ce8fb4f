"""The repaired document: a copy in which certain repairs are made and all else stays as it was, in the same order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import deepcopy
from typing import Any, Final

from wikic.domain.open_badges import PLURAL, WARNING, Problem, alignment_lists, texts
from wikic.services.linting_findings import REMOVE, RENAME, WRAP, Finding

_HOLDERS: Final = frozenset(("BadgeClass", "Achievement", "Result", "ResultDescription", "RubricCriterionLevel"))


def repaired(document: Any, findings: Iterable[Finding], form: str) -> Any:
    """The document with every certain repair. Objects are wrapped and names changed first, since the others' pointers speak of the new names; lists are
    renamed last, since all pointers speak of the old ones."""
    made = deepcopy(document)
    for finding in sorted((finding for finding in findings if finding.applied), key=_turn):
        made = _with(made, finding, form)
    return made


def _turn(finding: Finding) -> int:
    return 3 if finding.problem.key == "plural" else {WRAP: 0, RENAME: 1}.get(finding.repair, 2)


def _with(document: Any, finding: Finding, form: str) -> Any:
    pointer = finding.problem.pointer
    if finding.repair == WRAP:
        first: dict[str, Any] = {"type": ["Alignment"]} if form == "3.0" else {}
        return _put(document, pointer, first | {"targetUrl": finding.before})
    parent, name = _parent(document, pointer)
    if not isinstance(parent, dict):
        return document
    if finding.repair == REMOVE:
        parent.pop(name, None)
    elif finding.repair == RENAME:
        if finding.after not in parent:
            items = [(finding.after if key == name else key, value) for key, value in parent.items()]
            parent.clear()
            parent.update(items)
    else:
        parent[name] = deepcopy(finding.after)
    return document


def renamed_lists(document: Any, form: str) -> Iterator[Finding]:
    """Lists of alignments that are called as Badgr's API calls them, where the standard has another name."""
    for at, holder, key in alignment_lists(document):
        if key == PLURAL and form in ("2.0", "3.0") and _HOLDERS & set(texts(holder.get("type"))):
            free = "alignment" not in holder
            problem = Problem(WARNING, f"{at}/{PLURAL}", "plural")
            yield Finding(problem, before=PLURAL, after="alignment", certain=free, repair=RENAME if free else "")


def at_pointer(document: Any, pointer: str) -> Any:
    """What a pointer leads to; the document itself for "". None where there is nothing."""
    value = document
    for name in _parts(pointer):
        if isinstance(value, dict):
            value = value.get(name)
        elif isinstance(value, list) and name.isdecimal() and int(name) < len(value):
            value = value[int(name)]
        else:
            return None
    return value


def _parent(document: Any, pointer: str) -> tuple[Any, str]:
    before, _, last = pointer.rpartition("/")
    return at_pointer(document, before), _parts(f"/{last}")[0]


def _put(document: Any, pointer: str, value: Any) -> Any:
    if not pointer:
        return value
    parent, name = _parent(document, pointer)
    if isinstance(parent, dict):
        parent[name] = value
    elif isinstance(parent, list):
        parent[int(name)] = value
    return document


def _parts(pointer: str) -> list[str]:
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


