"""From what people type to what the index is asked: words, fields and their weights, filters, the moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import tantivy
from tantivy import FieldType, Occur, Query

from wikic.text.analyse import GROUPS, STEMMERS, STOP_WORDS, group_of
from wikic.text.fold import fold, fold_words, with_forms
from wikic.text.index import EDGE, LABEL_EDGES, OPEN, definition_analyzer, primary

MOST_WORDS: Final = 24
"""Words of a query that count; what comes after is left out."""

_WEIGHTS: Final = {"p_": 3.0, "a_": 2.2, "h_": 1.6, "d_": 0.35}
_DEFINITIONS: Final = {group: definition_analyzer(group).analyze for group in GROUPS}
_FUZZY: Final = ((8, 2), (4, 1))
_START_SCORES: Final = (("=", 12.0), ("^", 6.0), ("~", 4.0))


@dataclass(frozen=True, slots=True)
class Filters:
    """What results are limited to; empty for no limit. `lang` is a tag: labels of that language only."""

    lang: str = ""
    kind: str = ""
    scheme: str = ""
    status: str = ""

    def groups(self) -> tuple[str, ...]:
        """The language groups that are searched."""
        return (group_of(self.lang),) if self.lang else GROUPS

    def flags(self) -> dict[str, str]:
        """The filter terms, by what they limit."""
        asked = {"kind": self.kind, "scheme": self.scheme, "status": self.status, "lang": primary(self.lang)}
        return {name: f"{name}:{value}" for name, value in asked.items() if value}


@dataclass(frozen=True, slots=True)
class Asked:
    """A query taken apart: as typed, folded, its words, and whether it looks like a code or an address."""

    text: str
    folded: str
    words: tuple[str, ...]
    reference: str

    @classmethod
    def of(cls, text: str) -> Asked:
        """Take a query apart."""
        text = " ".join(text.split())
        # Short gender forms are written out as in labels, and each word counts once.
        words = tuple(dict.fromkeys(fold_words(with_forms(text))))[:MOST_WORDS]
        single = " " not in text and any(char.isdigit() or char == ":" for char in text)
        return cls(text, fold(text), words, text.lower() if single else "")


def fuzziness(word: str) -> int:
    """How many letters of a word may differ."""
    return next((distance for length, distance in _FUZZY if len(word) >= length), 0)


def moment_clauses(schema: tantivy.Schema, at: int, reached: int) -> list[tuple[Occur, Query]]:
    """The states that hold at `at`. What the index has reached last needs no comparison of numbers."""
    if at >= reached:
        return [(Occur.MustNot, Query.term_query(schema, "flag", "closed", "basic"))]
    began = Query.range_query(schema, "from_seq", FieldType.Integer, None, at)
    ends = Query.range_query(schema, "to_seq", FieldType.Integer, at + 1, OPEN)
    return [(Occur.Must, Query.const_score_query(each, 0.0)) for each in (began, ends)]


def filter_clauses(schema: tantivy.Schema, filters: Filters, *, without: str = "") -> list[tuple[Occur, Query]]:
    """The filters, but for one."""
    return [
        (Occur.Must, Query.const_score_query(Query.term_query(schema, "flag", flag, "basic"), 0.0))
        for name, flag in filters.flags().items()
        if name != without
    ]


def content_words(asked: Asked, groups: Sequence[str]) -> list[str]:
    """The words that say something in one of the languages; all of them where none does."""
    found = [word for word in asked.words if any(word not in STOP_WORDS[group] for group in groups)]
    return found if found else list(asked.words)


def word_query(
    schema: tantivy.Schema, word: str, groups: Sequence[str], *, fuzzy: bool = False, definitions: bool = True
) -> Query:
    """One word in all fields: the best field counts, others a little."""
    parts = []
    for group in groups:
        stem = STEMMERS[group](word)
        for prefix in ("p_", "a_", "h_") if stem else ():
            found = Query.term_query(schema, f"{prefix}{group}", stem, "freq")
            parts.append(Query.boost_query(found, _WEIGHTS[prefix]))
        distance = fuzziness(stem) if fuzzy else 0
        for prefix in ("p_", "a_") if distance else ():
            near = Query.fuzzy_term_query(schema, f"{prefix}{group}", stem, distance)
            parts.append(Query.const_score_query(near, _WEIGHTS[prefix]))
        for term in _DEFINITIONS[group](word)[:1] if definitions else ():
            found = Query.term_query(schema, f"d_{group}", term, "freq")
            parts.append(Query.boost_query(found, _WEIGHTS["d_"]))
    return Query.disjunction_max_query(parts, 0.1) if parts else Query.empty_query()


def reference_query(schema: tantivy.Schema, asked: Asked) -> Query:
    """The concept with this code, address or uuid."""
    return Query.const_score_query(Query.term_query(schema, "ref", asked.reference, "basic"), 1.0)


def beginning_query(schema: tantivy.Schema, word: str, groups: Sequence[str], *, fuzzy: bool = False) -> Query:
    """A word that begins like this one."""
    parts = []
    for group in groups:
        name = f"x_{group}"
        distance = fuzziness(word) if fuzzy else 0
        if distance:
            parts.append(Query.fuzzy_term_query(schema, name, word, distance, True, True))
        elif len(word) <= EDGE:
            parts.append(Query.const_score_query(Query.term_query(schema, name, word, "basic"), 1.0))
        else:
            parts.append(Query.fuzzy_term_query(schema, name, word, 0, True, True))
    return Query.disjunction_max_query(parts)


def start_clauses(schema: tantivy.Schema, folded: str, groups: Sequence[str]) -> list[tuple[Occur, Query]]:
    """Labels that are, or begin with, what was typed count more; preferred ones most."""
    glued = folded.replace(" ", "_")
    edge = max((length for length in LABEL_EDGES if length <= len(glued)), default=0)
    found = []
    for group in groups:
        for mark, score in _START_SCORES:
            term = mark + (glued if mark == "=" else glued[:edge])
            clause = Query.term_query(schema, f"x_{group}", term, "basic")
            found.append((Occur.Should, Query.const_score_query(clause, score)))
    return found
