"""The index on disk: its fields, one document per state of a concept, and the mark that says what it has reached.

Fields by language group (`fr`, `en`, `xx`): `p_` stems of preferred labels, `a_` of alternative, `h_` of hidden ones, `d_` of
definitions, `x_` what suggestions start with. `flag` holds what filters ask for, `ref` codes and addresses. The document as it is
shown is stored as JSON (`row`), so that an answer needs no store.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import orjson
import tantivy

from wikic.domain.vocabulary import ALTERNATIVE, DEPRECATED, HIDDEN, PREFERRED
from wikic.text.analyse import GROUPS, STEMMERS, group_of
from wikic.text.fold import fold_words, with_forms

Index = tantivy.Index
"""An opened index, for those who may not know the library."""

FORMAT: Final = 1
"""The form of the index; an index of another one is rebuilt."""

LABEL_FIELDS: Final = {PREFERRED: "p_", ALTERNATIVE: "a_", HIDDEN: "h_"}
LABEL_NUMBERS: Final = {PREFERRED: 0, ALTERNATIVE: 1, HIDDEN: 2}
LABEL_NAMES: Final = (PREFERRED, ALTERNATIVE, HIDDEN)

OPEN: Final = 2**53 - 1
"""`to_seq` of a state that still holds."""

EDGE: Final = 3
"""Words are indexed by their first letters up to this length; longer beginnings are looked for among whole words."""
LABEL_EDGES: Final = (1, 2, 3, 4, 6, 8, 12, 16)
"""Labels are indexed by beginnings of these lengths."""
STARTS: Final = {PREFERRED: "^", ALTERNATIVE: "~", HIDDEN: "~"}
"""What the beginning of a label is marked with, by its type."""

_KIND_WEIGHTS: Final = {
    "occupation": 1.0,
    "skill": 0.94,
    "knowledge": 0.94,
    "occupation_title": 0.86,
    "occupation_group": 0.8,
    "skill_group": 0.8,
    "field_of_study": 0.76,
    "work_context": 0.74,
    "collection": 0.72,
}
_HEAP: Final = 160_000_000
_SMALL_HEAP: Final = 40_000_000
_MARK: Final = "mark"


@dataclass(frozen=True, slots=True)
class Mark:
    """What an index has reached: the number, the store's epoch, the form of the index."""

    seq: int
    epoch: str
    format: int = FORMAT


@dataclass(slots=True)
class Entry:
    """One state of a concept, as it comes from the store. `labels` are (value, language, type); `to_seq` is OPEN where it still holds."""

    uuid: str
    from_seq: int
    to_seq: int
    kind: str
    scheme: str
    status: str
    code: str = ""
    iri: str = ""
    labels: list[tuple[str, str, str]] = field(default_factory=list)
    definitions: Mapping[str, str] = field(default_factory=dict)


def make_schema() -> tantivy.Schema:
    """The fields."""
    builder = tantivy.SchemaBuilder()
    for name in ("id", "uuid", "flag", "ref"):
        builder.add_text_field(name, tokenizer_name="lines", index_option="basic")
    for group in GROUPS:
        for prefix in LABEL_FIELDS.values():
            builder.add_text_field(f"{prefix}{group}", tokenizer_name="terms", index_option="freq")
        builder.add_text_field(f"d_{group}", tokenizer_name=f"text_{group}", index_option="freq")
        builder.add_text_field(f"x_{group}", tokenizer_name="terms", index_option="basic")
    for name in ("kind", "scheme"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    for name in ("from_seq", "to_seq"):
        builder.add_integer_field(name, fast=True)
    builder.add_float_field("weight", fast=True)
    builder.add_bytes_field("row", stored=True)
    return builder.build()


def definition_analyzer(group: str) -> tantivy.TextAnalyzer:
    """Words of running text; the same for documents and for queries."""
    filters = tantivy.Filter
    made = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple()).filter(filters.remove_long(60))
    made = made.filter(filters.lowercase()).filter(filters.ascii_fold())
    languages = {"fr": "French", "en": "English"}
    if group in languages:
        made = made.filter(filters.stopword(languages[group])).filter(filters.stemmer(languages[group]))
    return made.build()


def open_index(folder: Path, *, create: bool = False) -> tantivy.Index:
    """The index in a folder; with `create`, a new one in an empty folder."""
    index = tantivy.Index(make_schema(), str(folder), reuse=not create)
    blank = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
    index.register_tokenizer("terms", blank)
    index.register_tokenizer("lines", tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.regex(r"[^\n]+")).build())
    for group in GROUPS:
        index.register_tokenizer(f"text_{group}", definition_analyzer(group))
    index.config_reader("manual")
    return index


def read_mark(index: tantivy.Index, searcher: tantivy.Searcher) -> Mark | None:
    """What the documents that this searcher sees have reached; None for an index that was never finished."""
    found = searcher.search(tantivy.Query.term_query(index.schema, "id", _MARK), 1).hits
    if not found:
        return None
    return Mark(**orjson.loads(searcher.doc(found[0][1]).get_first("row") or b"{}"))


class Writing:
    """Changes to an index, seen by readers after `finish`, all at once; use as a context, which forgets what was not finished. Only
    one at a time may be open on a folder."""

    def __init__(self, index: tantivy.Index, *, bulk: bool = False) -> None:
        self._writer = index.writer(_HEAP if bulk else _SMALL_HEAP, 2 if bulk else 1)
        self._open = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._open:
            self._open = False
            self._writer.rollback()
            self._writer.wait_merging_threads()

    def add(self, entry: Entry) -> None:
        """Add one state."""
        self._writer.add_document(document_of(entry))

    def remove(self, uuid: str, from_seq: int) -> None:
        """Take one state out, if it is there."""
        self._writer.delete_documents_by_term("id", _identity(uuid, from_seq))

    def finish(self, mark: Mark) -> None:
        """Write everything to disk with what it has reached. Nothing may be called after."""
        self._writer.delete_documents_by_term("id", _MARK)
        packed = orjson.dumps({"seq": mark.seq, "epoch": mark.epoch, "format": mark.format})
        self._writer.add_document(tantivy.Document(id=_MARK, row=packed))
        self._writer.commit()
        self._open = False
        self._writer.wait_merging_threads()


def _identity(uuid: str, from_seq: int) -> str:
    return f"{uuid}/{from_seq}"


def document_of(entry: Entry) -> tantivy.Document:
    """The document of a state."""
    fields: dict[str, list[str]] = {}
    starts: dict[str, set[str]] = {}
    rows: list[tuple[str, str, int, str]] = []
    shortest = 60
    for value, lang, type_ in entry.labels:
        group = group_of(lang)
        words = fold_words(value)
        folded = " ".join(words)
        indexed = words if group == "en" else fold_words(with_forms(value)) if _short_forms(value) else words
        stem = STEMMERS[group]
        fields.setdefault(LABEL_FIELDS[type_] + group, []).extend([s for word in indexed if (s := stem(word))])
        _add_starts(starts.setdefault(group, set()), indexed, folded, type_)
        rows.append((value, lang, LABEL_NUMBERS[type_], folded))
        if type_ == PREFERRED:
            shortest = min(shortest, len(folded))
    flags = [f"kind:{entry.kind}", f"scheme:{entry.scheme}", f"status:{entry.status}"]
    flags += [f"lang:{lang}" for lang in {primary(lang) for _, lang, _ in entry.labels}]
    if entry.to_seq != OPEN:
        flags.append("closed")
    texts: dict[str, Any] = {name: " ".join(words) for name, words in fields.items()}
    texts |= {f"x_{group}": " ".join(found) for group, found in starts.items()}
    for lang, text in entry.definitions.items():
        name = f"d_{group_of(lang)}"
        texts[name] = f"{texts[name]} {text}" if name in texts else text
    row = {
        "uuid": entry.uuid,
        "kind": entry.kind,
        "scheme": entry.scheme,
        "code": entry.code or None,
        "status": entry.status,
        "labels": rows,
    }
    return tantivy.Document(
        id=_identity(entry.uuid, entry.from_seq),
        uuid=entry.uuid,
        flag="\n".join(flags),
        ref="\n".join(_references(entry)),
        kind=entry.kind,
        scheme=entry.scheme,
        from_seq=entry.from_seq,
        to_seq=entry.to_seq,
        weight=_weight(entry, shortest),
        row=orjson.dumps(row),
        **texts,
    )


def primary(lang: str) -> str:
    """The language of a tag, without region and script: "en-GB" gives "en"."""
    return lang.partition("-")[0].lower()


def _short_forms(value: str) -> bool:
    return "(" in value or "/" in value or "·" in value or "." in value or "-" in value


def _add_starts(found: set[str], words: list[str], folded: str, type_: str) -> None:
    for word in words:
        found.add(word)
        found.add(word[:1])
        found.add(word[:2])
        found.add(word[:EDGE])
    glued = folded.replace(" ", "_")
    mark = STARTS[type_]
    length = len(glued)
    for edge in LABEL_EDGES:
        if edge <= length:
            found.add(mark + glued[:edge])
    found.add(f"={glued}")


def _references(entry: Entry) -> list[str]:
    found = [entry.uuid]
    if entry.code:
        code = entry.code.lower()
        found += [code, f"{entry.scheme}:{code}"]
    if entry.iri:
        found.append(entry.iri.lower())
    return found


def _weight(entry: Entry, length: int) -> float:
    """How much a concept counts before anything was asked: by kind, shorter names a little more, deprecated ones far less."""
    weight = _KIND_WEIGHTS.get(entry.kind, 0.7) * (1.1 - 0.03 * math.log2(max(2, length)))
    return weight * (0.3 if entry.status == DEPRECATED else 1.0)
