"""Small sources made by hand, and a framework to import them into: the ground of the flow tests."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from hashlib import sha256
from typing import Any, TypeVar

from wikic.domain.concepts import ConceptContent
from wikic.domain.ids import concept_uuid
from wikic.domain.records import (
    ConceptRecord,
    Coverage,
    Label,
    Progress,
    ReadReport,
    Record,
    RelationRecord,
    Source,
    SourceInfo,
)
from wikic.domain.vocabulary import ALTERNATIVE, HIDDEN, LABEL_TYPES, PREFERRED, PUBLIC_SPACE, TEXT_FIELDS
from wikic.services.editing import Edit, Editing
from wikic.services.import_planning import ImportOptions
from wikic.services.importing import Importing, ImportReport
from wikic.services.releasing import Releasing
from wikic.store import concepts as concept_store
from wikic.store.engine import WRITE_TIMEOUT, Engine, Query, WriteTransaction
from wikic.store.leases import heads
from wikic.store.schema import ensure_schema

T = TypeVar("T")

ADDRESS = "http://data.europa.eu/esco/"
FIELDS = (*LABEL_TYPES, *TEXT_FIELDS, "reuse_level", "sectors")
RELATIONS = (("requires", "esco", "occupation"), ("broader", "esco", "skill"))

_EXPIRE = Query("tests.expire", "MATCH (s:Space) SET s.lease_until = 0")


def key(name: str) -> str:
    """The address of a concept of the small sources; a full address stays."""
    return name if ":" in name else f"{ADDRESS}{name}"


def uuid_of(name: str) -> str:
    """The uuid of a concept that was first seen under that name."""
    return concept_uuid(key(name))


def concept(
    name: str,
    en: str | None = None,
    fr: str | None = None,
    *,
    kind: str = "skill",
    scheme: str = "esco",
    alts: Iterable[str] = (),
    hidden: Iterable[str] = (),
    texts: dict[str, str] | None = None,
    text_fr: str = "",
    code: str = "",
    aliases: Iterable[str] = (),
    attributes: dict[str, Any] | None = None,
    deprecated: bool = False,
    place: str = "",
) -> ConceptRecord:
    """One record: preferred labels by language, English alternative and hidden labels, English texts."""
    labels = [Label(value, lang, PREFERRED) for lang, value in (("en", en), ("fr", fr)) if value]
    labels += [Label(value, "en", ALTERNATIVE) for value in sorted(alts)]
    labels += [Label(value, "en", HIDDEN) for value in sorted(hidden)]
    spoken = {field: {"en": text} for field, text in (texts or {}).items()}
    if text_fr:
        spoken.setdefault("definition", {})["fr"] = text_fr
    return ConceptRecord(
        key(name),
        kind,
        scheme,
        code=code,
        labels=labels,
        texts=spoken,
        attributes=dict(attributes or {}),
        deprecated=deprecated,
        aliases=[key(alias) for alias in aliases],
        place=place or name,
    )


def relation(source: str, kind: str, target: str, importance: str = "", rank: int = 0) -> RelationRecord:
    """One relation record between two names."""
    return RelationRecord(key(source), kind, key(target), importance, rank, place=f"{source} {kind} {target}")


class FakeSource:
    """A source in memory."""

    def __init__(self, records: Sequence[Record], coverage: Coverage, info: SourceInfo) -> None:
        self._records, self._coverage, self.info = records, coverage, info
        self.report = ReadReport()

    def records(self, progress: Progress | None = None) -> Iterator[Record]:
        """The records as they were given."""
        if progress is not None:
            progress(self.info.size, self.info.size)
        for record in self._records:
            self.report.count(type(record).__name__)
            yield record

    def coverage(self) -> Coverage:
        """What the maker said."""
        return self._coverage


def source(
    *records: Record,
    version: str = "1",
    origin: str = "esco",
    complete: bool | None = True,
    kinds: Iterable[str] = ("skill", "occupation"),
    languages: Iterable[str] = ("en", "fr"),
    fields: Iterable[str] = FIELDS,
    relations: Iterable[tuple[str, str, str]] = RELATIONS,
) -> FakeSource:
    """A source that holds all skills and occupations, with their requirements and broader skills, unless told otherwise."""
    coverage = Coverage(relations=set(relations))
    for kind in kinds:
        cover = coverage.kind("esco", kind)
        cover.complete, cover.fields, cover.languages = complete, set(fields), set(languages)
    said = [asdict(r) if isinstance(r, ConceptRecord) else list(r) for r in records]
    asked = [str(complete), sorted(kinds), sorted(languages), sorted(fields), sorted(relations)]
    digest = sha256(json.dumps([said, asked], sort_keys=True).encode()).hexdigest()
    return FakeSource(records, coverage, SourceInfo(origin, version, f"{origin} by hand", ["memory"], digest, 1))


class Killed(BaseException):
    """The process ended here: no handler of ordinary errors runs."""


class MortalEngine(Engine):
    """Another engine's connections, on which a process lives for so many write transactions and then is gone."""

    def __init__(self, engine: Engine, writes: int) -> None:
        self.__dict__.update(vars(engine))
        self.left = writes

    def write(self, work: Callable[[WriteTransaction], T], *, timeout: float | None = WRITE_TIMEOUT) -> T:
        """One write transaction; raises Killed when the lives are used up."""
        if self.left <= 0:
            raise Killed
        self.left -= 1
        return super().write(work, timeout=timeout)


def expire_leases(engine: Engine) -> None:
    """As if the time of every lease had run out."""
    engine.write(lambda tx: tx.run(_EXPIRE))


class Framework:
    """The services over one store, in the words of the tests."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        ensure_schema(engine)
        self.releasing = Releasing(engine)

    @property
    def head(self) -> int:
        """The public head."""
        return heads(self.engine)[PUBLIC_SPACE]

    def run(self, what: Source, **options: Any) -> ImportReport:
        """Import a source."""
        return Importing(self.engine).run(what, ImportOptions(**options))

    def edit(self, *edits: Edit) -> int:
        """Apply edits as one change."""
        return Editing(self.engine).apply(edits, actor="editor", summary="an edit")

    def die(self, writes: int, what: Callable[[Engine], object]) -> bool:
        """Do `what` in a process that dies after so many write transactions; whether it died."""
        try:
            what(MortalEngine(self.engine, writes))
        except Killed:
            expire_leases(self.engine)
            return True
        return False

    def body(self, name: str, at: int | None = None) -> concept_store.Concept:
        """A concept (name or uuid) as of a number; it must be there."""
        found = concept_store.read_concept(self.engine, self.uuid(name), {PUBLIC_SPACE: at or self.head})
        assert found is not None, f"{name} is not there"
        return found

    def there(self, name: str, at: int | None = None) -> bool:
        """Whether a concept is there."""
        return concept_store.read_concept(self.engine, self.uuid(name), {PUBLIC_SPACE: at or self.head}) is not None

    def content(self, name: str, at: int | None = None) -> ConceptContent:
        """What is said of a concept."""
        return self.body(name, at).content

    def labels(self, name: str, kind: str = PREFERRED, lang: str = "en", at: int | None = None) -> list[str]:
        """The labels of one type and language."""
        return [x.value for x in self.content(name, at).labels if (x.type, x.lang) == (kind, lang)]

    def targets(self, name: str, kind: str, at: int | None = None) -> dict[str, tuple[str, tuple[str, ...]]]:
        """{uuid at the other end: (importance, origins)} of the relations of one name."""
        group = self.body(name, at).relations.get(kind)
        items = group.items if group else []
        assert len(items) == (group.total if group else 0)
        return {one.uuid: (one.relation.importance, one.relation.origins) for one in items}

    def uuid(self, name: str) -> str:
        """The uuid of a name; a uuid stays."""
        return name if len(name) == 36 and name.count("-") == 4 else uuid_of(name)

    def resolve(self, uuid: str) -> tuple[str, bool] | None:
        """(concept, whether through an alias) that a uuid leads to."""
        found = concept_store.resolve(self.engine, uuid, heads(self.engine))
        return (found.uuid, found.alias) if found else None
