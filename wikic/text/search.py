"""Asking the index: a shortlist by words, ranked by labels (search), or by beginnings (suggest).

Everything here is as of one opened state of the index, and needs neither the store nor the disk's other files.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
import tantivy
from tantivy import Occur, Query

from wikic.domain.vocabulary import DEPRECATED
from wikic.text import scoring
from wikic.text.index import LABEL_NAMES, Mark, primary, read_mark
from wikic.text.marking import marks
from wikic.text.query import (
    Asked,
    Filters,
    beginning_query,
    content_words,
    filter_clauses,
    moment_clauses,
    reference_query,
    start_clauses,
    word_query,
)
from wikic.text.scoring import Label

SHORTLIST: Final = 100
"""So many of the best by words are ranked by their labels."""
ENOUGH: Final = 10
"""With fewer results not all words are asked for."""
FEW: Final = 3
"""With fewer results similar words are asked for."""
DEEPEST: Final = 10_000
"""How far results can be paged."""

_SUGGESTIONS: Final = 60
_WORDS_SHARE: Final = 0.35
_CODE_SCORE: Final = 2.0
_FACETS: Final = ("kind", "scheme")

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Hit:
    """A concept that was found: its stored row, the label that answers best (None for a code alone), its score (0 to 2; bigger is better)
    and the ranges of the label that match."""

    row: Row
    label: Label | None
    score: float
    marks: Sequence[tuple[int, int]]

    @property
    def preferred(self) -> dict[str, str]:
        """Preferred labels by language."""
        return {label[1]: label[0] for label in self.row["labels"] if label[2] == 0}

    @property
    def label_type(self) -> str:
        """preferred, alternative or hidden."""
        return LABEL_NAMES[self.label[2]] if self.label is not None else ""


@dataclass(slots=True)
class Results:
    """A page of results; `total` counts all, `facets` by kind and scheme (each without its own filter)."""

    hits: list[Hit]
    total: int
    facets: dict[str, dict[str, int]] = field(default_factory=dict)


class Snapshot:
    """One state of the index; safe between threads."""

    def __init__(self, index: tantivy.Index) -> None:
        self.schema = index.schema
        self.searcher = index.searcher()
        self.mark: Mark | None = read_mark(index, self.searcher)

    def search(self, text: str, filters: Filters, at: int, *, offset: int = 0, limit: int = 20) -> Results:
        """The results from `offset` on, best first, as of the number `at` (not above the mark's)."""
        asked = Asked.of(text)
        if not asked.words and not asked.reference:
            return Results([], 0, {name: {} for name in _FACETS})
        content = self._matching(asked, filters, at)
        whole = self._limited(content, filters, at)
        depth = min(max(SHORTLIST, offset + limit), DEEPEST)
        found = self.searcher.search(whole, depth)
        total = _total(found)
        scored = [(score, self._row(address)) for score, address in found.hits]
        ranked = rank(asked, scored[:SHORTLIST], filters.lang)
        if offset + limit > SHORTLIST:
            ranked += [_plain(asked, row, filters.lang) for _, row in scored[SHORTLIST:]]
        hits = [_marked(hit, asked) for hit in ranked[offset : offset + limit]]
        return Results(hits, total, self._facets(content, whole, filters, at))

    def suggest(self, text: str, filters: Filters, at: int, *, limit: int = 10) -> list[Hit]:
        """What may be meant by the beginning of a query: labels whose words begin so, the whole label's beginning first."""
        asked = Asked.of(text)
        if not asked.words:
            return []
        groups = filters.groups()
        hits = self._beginning(asked, filters, at, groups, fuzzy=False)
        if len(hits) < min(3, limit) and max(map(len, asked.words)) >= 4:
            known = {hit.row["uuid"] for hit in hits}
            more = self._beginning(asked, filters, at, groups, fuzzy=True)
            hits += [hit for hit in more if hit.row["uuid"] not in known]
        return [_marked(hit, asked, beginnings=True) for hit in hits[:limit]]

    def _matching(self, asked: Asked, filters: Filters, at: int) -> Query:
        """The query whose words are all asked for, or, where that finds little, most, then any, then similar ones."""
        groups = filters.groups()
        words = content_words(asked, groups)
        if asked.reference.startswith(("http:", "https:")):
            return reference_query(self.schema, asked)
        parts = [(Occur.Should, word_query(self.schema, word, groups)) for word in words]
        query = Query.empty_query()
        number, count = len(words), 0
        for least in dict.fromkeys((number, -(-2 * number // 3), 1)):
            query = Query.boolean_query(parts, minimum_number_should_match=least)
            count = self._count(self._limited(query, filters, at))
            if count >= ENOUGH:
                break
        if count < FEW:
            near = [(Occur.Should, word_query(self.schema, word, groups, fuzzy=True)) for word in words]
            query = Query.boolean_query(near, minimum_number_should_match=1 if number < 3 else 2)
        if asked.reference:
            code = Query.boost_query(reference_query(self.schema, asked), 1_000.0)
            query = Query.boolean_query([(Occur.Should, code), (Occur.Should, query)])
        return query

    def _limited(self, content: Query, filters: Filters, at: int, *, without: str = "") -> Query:
        limits = filter_clauses(self.schema, filters, without=without)
        reached = self.mark.seq if self.mark else 0
        return Query.boolean_query([(Occur.Must, content), *limits, *moment_clauses(self.schema, at, reached)])

    def _count(self, query: Query) -> int:
        return _total(self.searcher.search(query, 1))

    def _facets(self, content: Query, whole: Query, filters: Filters, at: int) -> dict[str, dict[str, int]]:
        counts: dict[str, dict[str, int]] = {}
        free = [name for name in _FACETS if not getattr(filters, name)]
        asked = {name: {"terms": {"field": name, "size": 50}} for name in free}
        answers = self.searcher.aggregate(whole, asked) if asked else {}
        for name in _FACETS:
            if name not in answers:
                wider = self._limited(content, filters, at, without=name)
                answers |= self.searcher.aggregate(wider, {name: {"terms": {"field": name, "size": 50}}})
            counts[name] = {bucket["key"]: bucket["doc_count"] for bucket in answers[name]["buckets"]}
        return counts

    def _beginning(self, asked: Asked, filters: Filters, at: int, groups: Sequence[str], *, fuzzy: bool) -> list[Hit]:
        words = [(Occur.Must, beginning_query(self.schema, word, groups, fuzzy=fuzzy)) for word in asked.words]
        content = Query.boolean_query([*words, *start_clauses(self.schema, asked.folded, groups)])
        if asked.reference:
            begin = Query.regex_query(self.schema, "ref", f"{re.escape(asked.reference)}.*")
            code = Query.const_score_query(begin, 20.0)
            content = Query.boolean_query([(Occur.Should, content), (Occur.Should, code)])
        query = self._limited(content, filters, at)
        found = self.searcher.search(query, _SUGGESTIONS, count=False, weight_by_field="weight")
        scored = []
        for score, address in found.hits:
            row = self._row(address)
            hit = _beginning_hit(asked, row, filters.lang, score, fuzzy=fuzzy)
            if hit is not None:
                scored.append(hit)
        scored.sort(key=lambda hit: -hit.score)
        return scored

    def _row(self, address: tantivy.DocAddress) -> Row:
        packed = self.searcher.doc(address).get_first("row")
        row: Row = orjson.loads(packed or b"{}")
        return row


def rank(asked: Asked, scored: Sequence[tuple[float, Row]], lang: str) -> list[Hit]:
    """A shortlist in the order of its labels and words together."""
    highest = max((score for score, _ in scored if score < 500.0), default=1.0) or 1.0
    hits = []
    for words, row in scored:
        labels = _in_language(row["labels"], lang)
        likeness, label = scoring.best_label(asked.folded, labels)
        score = likeness * (1.0 - _WORDS_SHARE) + min(1.0, words / highest) * _WORDS_SHARE
        if words >= 500.0:
            score += _CODE_SCORE
        if row["status"] == DEPRECATED:
            score *= scoring.DEPRECATED
        hits.append(Hit(row, label, score, ()))
    hits.sort(key=lambda hit: -hit.score)
    return hits


def _total(found: Any) -> int:
    # The attribute is there, but not in tantivy's type stubs.
    return int(found.count)


def _plain(asked: Asked, row: Row, lang: str) -> Hit:
    likeness, label = scoring.best_label(asked.folded, _in_language(row["labels"], lang))
    return Hit(row, label, likeness * (1.0 - _WORDS_SHARE), ())


def _marked(hit: Hit, asked: Asked, *, beginnings: bool = False) -> Hit:
    if hit.label is None:
        return hit
    found = marks(hit.label[0], hit.label[1], asked.words, beginnings=beginnings)
    return Hit(hit.row, hit.label, round(hit.score, 4), found)


def _in_language(labels: list[Label], lang: str) -> list[Label]:
    """The labels of a language; of the tag itself and of its regions."""
    if not lang:
        return labels
    wanted = primary(lang)
    return [label for label in labels if primary(label[1]) == wanted]


def _beginning_hit(asked: Asked, row: Row, lang: str, score: float, *, fuzzy: bool) -> Hit | None:
    """The label that begins best; None where none does (its language is another one)."""
    best, found = 0.0, None
    labels = _in_language(row["labels"], lang)
    for label in labels:
        text = label[3]
        if text == asked.folded:
            fit = 4.0
        elif text.startswith(asked.folded):
            fit = 3.0
        elif all(_begins(text, word) for word in asked.words):
            fit = 2.0
        else:
            continue
        fit += (0.9, 0.4, 0.0)[label[2]] - min(len(text), 200) / 1000
        if fit > best:
            best, found = fit, label
    if found is None and labels and fuzzy:
        likeness, found = scoring.best_label(asked.folded, labels)
        best = likeness
    if found is None and asked.reference and str(row["code"]).lower().startswith(asked.reference.rpartition(":")[2]):
        best, found = 5.0, (labels or row["labels"])[0]
    if found is None:
        return None
    status = 0.3 if row["status"] == DEPRECATED else 1.0
    return Hit(row, found, best * status + score * 0.01, ())


def _begins(text: str, word: str) -> bool:
    return text.startswith(word) or f" {word}" in text
