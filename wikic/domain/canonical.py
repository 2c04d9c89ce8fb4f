"""The canonical form of a release: what its digests are made of, whatever store, engine, program or file it is read from.

Form 1. A concept is one line of RFC 8785 JSON: an object with keys in ASCII, whose sets are sorted lists. A scheme's digest is the SHA-256 (hex) of
the sorted lines `{uuid} {SHA-256 of the concept's line}\\n` of its concepts. Numbers and times of changes are not in it, so that a download
holds all that is needed (docs/releases.md). A new form gets a new number; form 1 never changes, and migrations never alter what it says of the past.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final

from wikic.domain.changes import Change, Identity, Relation
from wikic.domain.concepts import ConceptContent
from wikic.domain.records import Attribute

FORM: Final = 1


def canonical_json(value: Any) -> bytes:
    """RFC 8785 JSON of objects whose keys are ASCII and whose numbers are whole. Raises ValueError for other numbers and keys."""
    _refuse_odd(value)
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode("utf-8", "replace")


def concept_line(
    identity: Identity,
    content: ConceptContent,
    base: ConceptContent | None,
    relations: Iterable[Relation],
    aliases: Iterable[str],
) -> bytes:
    """One concept in form 1. `base` is what its source last said, where it was edited here; `relations` are those that start at it."""
    said: dict[str, Any] = {"uuid": identity.uuid, "scheme": identity.scheme, "kind": identity.kind, **_content(content)}
    if base is not None:
        said["base"] = {"kind": base.kind, **_content(base)}
    said["relations"] = sorted(_relation(each) for each in relations)
    said["aliases"] = sorted(set(aliases))
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8", "replace")


def change_line(change: Change) -> bytes:
    """One change of the log in form 1."""
    said = {
        "seq": change.seq,
        "time": change.time,
        "actor": change.actor,
        "kind": change.kind,
        "summary": change.summary,
        "counts": sorted(change.counts.items()),
        "details": sorted(change.details.items()),
    }
    return canonical_json(said)


@dataclass(frozen=True, slots=True)
class SchemeDigest:
    """What a manifest says of a scheme: how many concepts it has, how many relations start in it, and its digest."""

    concepts: int
    relations: int
    sha256: str


@dataclass(slots=True)
class Digests:
    """Takes concepts in any order, and gives the digest of each scheme. Memory: some 150 bytes a concept."""

    kinds: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    _lines: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    _relations: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def take(
        self,
        identity: Identity,
        content: ConceptContent,
        base: ConceptContent | None,
        relations: Iterable[Relation],
        aliases: Iterable[str],
    ) -> None:
        """Add one concept."""
        told = list(relations)
        digest = sha256(concept_line(identity, content, base, told, aliases)).hexdigest()
        self._lines[identity.scheme].append(f"{identity.uuid} {digest}\n")
        self._relations[identity.scheme] += len(told)
        self.kinds[identity.kind] += 1

    def schemes(self) -> dict[str, SchemeDigest]:
        """The digests by scheme."""
        found = {}
        for scheme, lines in sorted(self._lines.items()):
            whole = sha256()
            for line in sorted(lines):
                whole.update(line.encode())
            found[scheme] = SchemeDigest(len(lines), self._relations[scheme], whole.hexdigest())
        return found


def _content(content: ConceptContent) -> dict[str, Any]:
    return {
        "status": content.status,
        "nature": content.nature,
        "code": content.code,
        "iri": content.iri,
        "origin": content.origin,
        "source_status": content.source_status,
        "source_version": content.source_version,
        "edited": content.edited,
        "gone": content.gone,
        "sectors": sorted(set(content.sectors)),
        "labels": sorted({(one.type, one.lang, one.value, " ".join(sorted(one.roles))) for one in content.labels}),
        "texts": sorted((name, lang, text) for name, texts in content.texts.items() for lang, text in texts.items()),
        "attributes": [[name, _attribute(content.attributes[name])] for name in sorted(content.attributes)],
    }


def _attribute(value: Attribute) -> Attribute:
    # A number that is not whole has no one spelling in JSON: it is told as text.
    return repr(value) if isinstance(value, float) else value


def _relation(relation: Relation) -> tuple[str, str, str, str, int, str, list[str], str]:
    """Type, target, branch, importance, rank, note, origins, and what the source said."""
    return (
        relation.type,
        relation.target,
        relation.branch,
        relation.importance,
        relation.rank,
        relation.note,
        sorted(relation.origins),
        relation.base,
    )


def _refuse_odd(value: Any) -> None:
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str) or not key.isascii():
                raise ValueError(f"{key!r} is no key of a canonical object")
            _refuse_odd(item)
    elif isinstance(value, list | tuple):
        for item in value:
            _refuse_odd(item)
    elif isinstance(value, float):
        raise ValueError(f"{value!r} is no whole number")
