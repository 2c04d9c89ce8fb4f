"""What importers hand over: typed records of a source, and what its files speak for.

Flow: files -> `importers` -> these records -> `services.importing` compares them with the store -> write set -> `store`.
A record says what the source says; identity, merging and numbers are decided later.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

Attribute = str | int | bool | list[str]


class Label(NamedTuple):
    """One label: `type` is preferred, alternative or hidden; `roles` are ESCO label roles, sorted ("female", "standard-male", ...)."""

    value: str
    lang: str
    type: str
    roles: tuple[str, ...] = ()


@dataclass(slots=True)
class ConceptRecord:
    """One concept as a source describes it; whole, that is: all that these files say of it, and one record per key.

    `key` is the source IRI, or `rome:{type}:{code}`. `aliases` are other IRIs of the same concept that the source
    names or its code implies. `texts` maps a field of `vocabulary.TEXT_FIELDS` to {language: text}; `attributes`
    hold what has no language (reuse_level, skill_type, modified, riasec, ...; names in snake_case, listed in
    docs/vocabulary.md). `deprecated` is True where the source itself calls the concept obsolete; `source_status`
    keeps its words.
    """

    key: str
    kind: str
    scheme: str
    code: str = ""
    nature: str = ""
    labels: list[Label] = field(default_factory=list)
    texts: dict[str, dict[str, str]] = field(default_factory=dict)
    attributes: dict[str, Attribute] = field(default_factory=dict)
    sectors: list[str] = field(default_factory=list)
    source_status: str = ""
    deprecated: bool = False
    aliases: list[str] = field(default_factory=list)
    place: str = ""


class RelationRecord(NamedTuple):
    """One relation between two source keys. `type` is of `vocabulary.RELATION_TYPES`; `rank` orders mobility (1 is nearest), 0 is none."""

    source: str
    type: str
    target: str
    importance: str = ""
    rank: int = 0
    note: str = ""
    branch: str = ""
    place: str = ""


Record = ConceptRecord | RelationRecord


@dataclass(slots=True)
class Skip:
    """Something of the source that was not kept: how often, why, and a few places (`file:line` or a subject)."""

    reason: str
    count: int = 0
    places: list[str] = field(default_factory=list)


MAX_PLACES = 20


@dataclass(slots=True)
class ReadReport:
    """What a source held and what of it could not be kept. Filled while it is read; final once its records are exhausted.

    `read` counts by file or class ("skills_en.csv": 13896); `skipped` maps a stable slug ("dangling-relation") to a Skip; `notes` are
    remarks that lose nothing ("skills_fr.csv is absent: no French skills"), one line each.
    """

    read: dict[str, int] = field(default_factory=dict)
    skipped: dict[str, Skip] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def count(self, what: str, n: int = 1) -> None:
        """Add n to what was read."""
        self.read[what] = self.read.get(what, 0) + n

    def skip(self, slug: str, reason: str, place: str, n: int = 1) -> None:
        """Count something that cannot be kept; the first MAX_PLACES places are remembered."""
        entry = self.skipped.setdefault(slug, Skip(reason))
        entry.count += n
        if len(entry.places) < MAX_PLACES:
            entry.places.append(place)


@dataclass(slots=True)
class KindCoverage:
    """What the files say about one (scheme, kind): which fields ("labels", "definition", an attribute's name ...), in which languages.

    `complete`: True where the files hold every concept of the kind (the main file of a CSV set), False where they surely do not (a mapping table),
    None where only the share of known concepts can tell (RDF: 95%). A field or language that is not named can lose no value.
    `preferred`, `alternative` and `hidden` are fields of their own.
    """

    complete: bool | None
    fields: set[str] = field(default_factory=set)
    languages: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Coverage:
    """What the files speak for. `relations` holds (relation type, scheme, kind of source concept) triples whose relations are listed whole
    for every covered source concept of that kind; relations outside of it can only be added."""

    kinds: dict[tuple[str, str], KindCoverage] = field(default_factory=dict)
    relations: set[tuple[str, str, str]] = field(default_factory=set)

    def kind(self, scheme: str, kind: str) -> KindCoverage:
        """The coverage of one (scheme, kind), made when it is first asked for (complete: None)."""
        return self.kinds.setdefault((scheme, kind), KindCoverage(None))


@dataclass(slots=True)
class SourceInfo:
    """Where records come from. `origin` names the source ("esco", "rome", "crosswalk:esco-rome"): imports of one origin follow each other.

    `version` compares as dotted numbers ("1.1.1", "60"). `digest` is the SHA-256 (hex) over the content of the files and the reading options: two
    sources with one digest give the same records. `size` is in bytes (for progress).
    """

    origin: str
    version: str
    title: str
    files: list[str]
    digest: str
    size: int = 0


class Progress(Protocol):
    """Told how far reading has come, in bytes of the files."""

    def __call__(self, done: int, total: int) -> None: ...


class Source(Protocol):
    """An opened source: cheap checks are done (format, columns, version); nothing big has been read yet."""

    info: SourceInfo
    report: ReadReport

    def records(self, progress: Progress | None = None) -> Iterator[Record]:
        """All records, concepts before the relations that start from them is not promised. Raises SourceError with file and line."""
        ...

    def coverage(self) -> Coverage:
        """What the files spoke for; valid once `records` is exhausted."""
        ...
