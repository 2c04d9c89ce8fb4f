"""ESCO as RDF (Turtle, N-Triples, RDF/XML; plain, .gz, .zip or a folder) as a Source of records, streamed.

Flow: `files.open_files` -> formats and first bytes are checked here -> pyoxigraph parses -> `esco_rdf_reading`
joins -> records. Official files and those of third parties in the same model are read alike; docs/vocabulary.md
lists the model.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import IO, cast

from pyoxigraph import QuadParser, RdfFormat, Triple, parse

from importers.esco_rdf_reading import Reading
from importers.files import FileSet, Member, Meter, foreign_kind, open_files, refuse_foreign
from wikic.domain.records import Coverage, Progress, ReadReport, Record, SourceInfo
from wikic.errors import SourceError

MEMORY_BUDGET = 400 << 20
"""Bytes of rows (estimated) held before they move to temporary files: enough for ESCO in two or three languages."""

SUFFIXES = {
    ".ttl": RdfFormat.TURTLE,
    ".turtle": RdfFormat.TURTLE,
    ".nt": RdfFormat.N_TRIPLES,
    ".ntriples": RdfFormat.N_TRIPLES,
    ".rdf": RdfFormat.RDF_XML,
    ".owl": RdfFormat.RDF_XML,
    ".xml": RdfFormat.RDF_XML,
}
_WANTED = "RDF (Turtle, N-Triples or RDF/XML)"
_RUN = 512
# Few, because live quads are work for the garbage collector: runs of 16,384 take half as long again.
_HEAD = 4096
_TURTLE_START = re.compile(rb"(@prefix|@base|prefix\s|base\s|<[^>\s]*>|_:|\[|[\w-]*:)", re.IGNORECASE)
_BLANK = re.compile(rb"(\s+|#[^\n]*(\n|$))*")
_XML_START = re.compile(rb"<(\?xml|!doctype|!--|[\w.-]+:RDF|RDF)[\s>-]", re.IGNORECASE)


def open_esco_rdf(
    path: Path,
    *,
    version: str,
    langs: Sequence[str] | None = None,
    spill_dir: Path | None = None,
    memory_budget: int = MEMORY_BUDGET,
) -> EscoRdf:
    """Open ESCO RDF: a file, a .gz, a .zip or a folder, one or several files.

    `langs` keeps only labels and texts with exactly these language tags. Temporary files go below `spill_dir` (None:
    the system's) when the rows of a reading take more than about `memory_budget` bytes. Raises SourceError
    for what is no RDF. Apart from the digest nothing big is read yet.
    """
    files = open_files(path, SUFFIXES)
    formats = {member.name: sniff(files.head(member, _HEAD), member) for member in files.members}
    return EscoRdf(files, formats, version, langs, spill_dir, memory_budget)


def sniff(head: bytes, member: Member) -> RdfFormat:
    """The format of a file by its first bytes, then its suffix. Raises SourceError for what is not RDF: what is it?"""
    by_suffix = SUFFIXES.get(member.suffix)
    wanted = "Turtle" if by_suffix == RdfFormat.TURTLE else _WANTED
    refuse_foreign(head, member.name, wanted)
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if _XML_START.match(start):
        if re.search(rb"<html[\s>]", head, re.IGNORECASE):
            refuse_foreign(b"<html>", member.name, wanted)
        return RdfFormat.RDF_XML
    blank = _BLANK.match(start)
    rest = start[blank.end() :] if blank else start
    if rest[:1] == b"{" or rest[:2] in (b"[{", b"[\n", b'["'):
        raise SourceError(f"{member.name} is JSON, not {wanted}: export ESCO as Turtle, N-Triples or RDF/XML")
    if not rest or _TURTLE_START.match(rest):
        return RdfFormat.N_TRIPLES if by_suffix == RdfFormat.N_TRIPLES else RdfFormat.TURTLE
    if foreign_kind(rest):
        refuse_foreign(rest, member.name, wanted)
    raise SourceError(f"{member.name} is not {wanted}: it starts with {rest[:40].decode(errors='replace')!r}")


class EscoRdf:
    """A Source of ESCO records from RDF files."""

    def __init__(
        self,
        files: FileSet,
        formats: dict[str, RdfFormat],
        version: str,
        langs: Sequence[str] | None,
        spill_dir: Path | None,
        memory_budget: int,
    ) -> None:
        self._files = files
        self._formats = formats
        self._langs = None if langs is None else sorted(set(langs))
        self._spill_dir = spill_dir
        self._budget = memory_budget
        self._coverage = Coverage()
        self.report = ReadReport()
        options = () if self._langs is None else (f"langs={','.join(self._langs)}",)
        self.info = SourceInfo(
            origin="esco",
            version=version,
            title=f"ESCO {version} (RDF)",
            files=[member.name for member in files.members],
            digest=files.digest(options, names=False),
            size=files.size,
        )

    def records(self, progress: Progress | None = None) -> Iterator[Record]:
        """All records, after the whole parse; memory is freed as they are taken. Raises SourceError with the line."""
        self.report.read.clear()
        self.report.skipped.clear()
        self.report.notes.clear()
        reading = Reading(self._langs, self._spill_dir, self._budget, self.report)
        try:
            meter = Meter(self._files.size, progress)
            for member in self._files.members:
                n = self._read(member, reading, meter)
                self.report.count(member.name, n)
            meter.finish()
            if others := self._files.others:
                self.report.notes.append(
                    f"{len(others)} files that are not RDF were left aside: {', '.join(others[:5])}"
                )
            yield from reading.records()
            if not reading.told:
                names = ", ".join(self.info.files[:3])
                raise SourceError(f"{names} holds no ESCO concept: is it the classification, or only its model?")
            self._coverage = reading.builder.coverage
        finally:
            reading.close()

    def coverage(self) -> Coverage:
        """What was seen; valid once `records` is exhausted."""
        return self._coverage

    def _read(self, member: Member, reading: Reading, meter: Meter) -> int:
        """Parse one file into the reading; how many statements it holds."""
        count = 0
        form = self._formats[member.name]
        with self._files.open(member, meter) as stream:
            if stream.peek(3)[:3] == b"\xef\xbb\xbf":
                stream.read(3)
            source = cast(IO[bytes], EntityGuard(stream, member.name)) if form == RdfFormat.RDF_XML else stream
            try:
                quads: QuadParser = parse(input=source, format=form, lenient=True, rename_blank_nodes=True)
                while run := list(islice(quads, _RUN)):
                    reading.take(run)
                    count += len(run)
            except SyntaxError as error:
                raise SourceError(f"{member.name}: {_explain(error)}") from error
            except MemoryError as error:
                # The parser keeps a statement whole, and gives up at 16 MB of it.
                raise SourceError(
                    f"{member.name}: a single line or statement of more than 16 MB: no RDF that can be read, is the file whole?"
                ) from error
            except AttributeError as error:
                if not isinstance(error.obj, Triple):
                    raise
                raise SourceError(f"{member.name}: a statement about a statement (RDF-star) cannot be read") from error
        return count


def _explain(error: SyntaxError) -> str:
    said = str(error.msg)
    where = f"line {error.lineno}" if error.lineno else ""
    if "UTF-8" in said:
        return f"{where + ': ' if where else ''}not UTF-8 text: save the file as UTF-8 and import it again ({said})"
    return f"{said}: the file is damaged or cut off there"


_ENTITY = re.compile(rb"<!ENTITY")
_HARMLESS = re.compile(rb"<!ENTITY\s+[\w.-]+\s+\"[^\"&%\s]{0,200}\"\s*>")
_WINDOW = 1024


class EntityGuard:
    """RDF/XML on its way to the parser, which would expand nested entities without bound ("billion laughs").

    Lets short, flat ones pass (`<!ENTITY skos "http://...">`), as RDF tools write them for namespaces.
    """

    def __init__(self, stream: IO[bytes], name: str) -> None:
        self._stream = stream
        self._name = name
        self._carry = b""

    def read(self, n: int = -1) -> bytes:
        """The next bytes; raises SourceError before a dangerous declaration is complete."""
        block = self._stream.read(n)
        window = self._carry + block
        keep = max(0, len(window) - len(b"<!ENTITY"))
        for found in _ENTITY.finditer(window):
            if _HARMLESS.match(window, found.start()):
                continue
            if block and len(window) - found.start() < _WINDOW and b">" not in window[found.start() :]:
                keep = min(keep, found.start())
                continue
            raise SourceError(f"{self._name} declares XML entities that are not plain namespaces: refused as unsafe")
        self._carry = window[keep:]
        return block
