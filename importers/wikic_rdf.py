"""Our own release downloads (N-Triples or Turtle; plain, .gz, .zip) read back, whole: the way out is `wikic.linked_data.triples`.

Flow: `files.open_files` -> pyoxigraph parses -> statements by concept (`spill`, so that memory is bounded and their order does not matter) ->
`wikic_rdf_concept` -> concepts with everything about them -> `services.publishing_loading`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final, cast

from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from importers.files import FileSet, Member, Meter, open_files
from importers.spill import SpillFolder, SpillMap
from importers.wikic_rdf_concept import PartStatement, build
from wikic.domain.changes import Identity, Relation
from wikic.domain.concepts import ConceptContent
from wikic.domain.ids import is_uuid
from wikic.domain.records import Progress, ReadReport, SourceInfo
from wikic.errors import SourceError

SUFFIXES: Final = {
    ".nt": RdfFormat.N_TRIPLES,
    ".ntriples": RdfFormat.N_TRIPLES,
    ".ttl": RdfFormat.TURTLE,
    ".turtle": RdfFormat.TURTLE,
}
MEMORY_BUDGET: Final = 200 << 20
"""Bytes of statements (estimated) held before they move to temporary files."""

_RUN: Final = 512
_HEAD: Final = 16_384
_VERSION: Final = "http://www.w3.org/ns/dcat#version"
_URI_SPACE: Final = "http://rdfs.org/ns/void#uriSpace"
_ROW_BYTES: Final = 120
_SPACE: Final = re.compile(r"(https?://[^\s<>\"]+/c/)([0-9a-f-]{36})(?:#(.+))?\Z")


@dataclass(slots=True)
class ReadConcept:
    """One concept as a release holds it. `base` is what its source said, where it was edited."""

    identity: Identity
    content: ConceptContent
    base: ConceptContent | None = None
    relations: list[Relation] = field(default_factory=list)
    aliases: list[str] = field(default_factory=list)


def open_wikic_rdf(path: Path, *, spill_dir: Path | None = None, memory_budget: int = MEMORY_BUDGET) -> WikicRdf:
    """Open a release download. Raises SourceError for what is none; apart from the digest nothing big is read yet."""
    files = open_files(path, SUFFIXES)
    head = b"".join(files.head(member, _HEAD) for member in files.members)
    version = re.search(rb'(?:dcat#version>|dcat:version) "([^"\n]+)"', head)
    if version is None:
        raise SourceError(f"{path} is no release of Wiki-C: it does not begin with the description of one")
    return WikicRdf(files, version[1].decode(errors="replace"), spill_dir, memory_budget)


class WikicRdf:
    """An opened release download."""

    def __init__(self, files: FileSet, version: str, spill_dir: Path | None, memory_budget: int) -> None:
        self._files, self._spill_dir, self._budget = files, spill_dir, memory_budget
        self.report = ReadReport()
        self.info = SourceInfo(
            origin="wikic",
            version=version,
            title=f"Wiki-C release {version}",
            files=[member.name for member in files.members],
            digest=files.digest(names=False),
            size=files.size,
        )

    def concepts(self, progress: Progress | None = None) -> Iterator[ReadConcept]:
        """All concepts, after the whole parse. Raises SourceError with the line, or the concept that cannot be understood."""
        self.report.read.clear()
        folder = SpillFolder(self._spill_dir)
        try:
            rows: SpillMap[str, list[int | str | tuple[str, ...]]] = SpillMap(folder)
            meter = Meter(self._files.size, progress)
            spaces: set[str] = set()
            for member in self._files.members:
                self._read(member, meter, rows, spaces)
            meter.finish()
            if len(spaces) != 1:
                raise SourceError(
                    f"{self.info.files[0]} names {len(spaces)} addresses under which its concepts stand (void:uriSpace), not one:"
                    " is it a whole download of one release?"
                )
            start = spaces.pop()
            for subject, statements in rows.drain():
                if subject.startswith(start):
                    uuid = subject.removeprefix(start)
                    self.report.count("concepts")
                    yield self._concept(uuid, start, cast(list[PartStatement], statements))
        finally:
            folder.close()

    def _concept(self, uuid: str, start: str, statements: list[PartStatement]) -> ReadConcept:
        if not is_uuid(uuid):
            raise SourceError(f"{start}{uuid}: the end of a concept's address must be a uuid")
        try:
            made = build(uuid, start, statements)
        except (KeyError, ValueError) as error:
            raise SourceError(f"{start}{uuid} cannot be understood: {type(error).__name__} {error}") from error
        return ReadConcept(*made)

    def _read(
        self,
        member: Member,
        meter: Meter,
        rows: SpillMap[str, list[int | str | tuple[str, ...]]],
        spaces: set[str],
    ) -> None:
        held = 0
        form = SUFFIXES[member.suffix]
        with self._files.open(member, meter) as stream:
            try:
                quads = parse(input=stream, format=form, lenient=True)
                while run := list(islice(quads, _RUN)):
                    for subject, predicate, obj, _ in run:
                        name = predicate.value
                        if name == _URI_SPACE:
                            spaces.add(str(cast(Literal, obj).value))
                        found = _SPACE.match(subject.value) if isinstance(subject, NamedNode) else None
                        if found is None:
                            continue
                        row = (found[3] or "", name, *_term(obj))
                        rows.live.setdefault(found[1] + found[2], []).append(row)
                        held += _ROW_BYTES + len(row[2])
                    if held > self._budget:
                        rows.spill()
                        held = 0
                    self.report.count(member.name, len(run))
            except SyntaxError as error:
                line = f"line {error.lineno}: " if error.lineno else ""
                raise SourceError(f"{member.name}: {line}{error.msg}: the file is damaged or cut off there") from error


def _term(obj: object) -> tuple[str, str, str]:
    """Value, sort (`<` an address, `@` a text with a tag, `"` another literal), and tag or datatype."""
    if isinstance(obj, NamedNode):
        return obj.value, "<", ""
    if isinstance(obj, Literal):
        return (obj.value, "@", obj.language) if obj.language else (obj.value, '"', obj.datatype.value)
    raise ValueError("a blank node, which no download has")
