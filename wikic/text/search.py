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

from wikic.domain.vocabulary import ACTIVE, DEPRECATED
from wikic.text import scoring
from wikic.text.analyse import GROUPS
from wikic.text.fold import fold
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

CODE_BOOST: Final = 1_000_000.0
"""The score of a code or an address that is the query; words never reach it."""

_SUGGESTIONS: Final = 40
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
        depth = min(max(SHORTLIST, offset + limit), DEEPEST)
        content, found = self._matching(asked, filters, at, depth)
        ranked: list[Hit] = []
        if offset < SHORTLIST:
            ranked = rank(asked, [(score, self._row(place)) for score, place in found.hits[:SHORTLIST]], filters.lang)
        hits = ranked[offset : offset + limit]
        # What stands too far down to be ranked keeps the order of its words.
        for _, place in found.hits[max(SHORTLIST, offset) : offset + limit]:
            hits.append(_plain(asked, self._row(place), filters.lang))
        return Results([_marked(hit, asked) for hit in hits], _total(found), self._facets(content, filters, at))

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

    def named(self, text: str, at: int) -> list[Row]:
        """The stored rows of the active concepts that have a label of the same words."""
        folded = fold(text)
        if not folded:
            return []
        whole = f"={folded.replace(' ', '_')}"
        labels = [(Occur.Should, Query.term_query(self.schema, f"x_{group}", whole, "basic")) for group in GROUPS]
        query = self._limited(Query.boolean_query(labels), Filters(status=ACTIVE), at)
        return [self._row(address) for _, address in self.searcher.search(query, SHORTLIST, count=False).hits]

    def _matching(self, asked: Asked, filters: Filters, at: int, depth: int) -> tuple[Query, tantivy.SearchResult]:
        """What is asked for, and the first `depth` that answer it: all words, or, where that finds little, most, then any, then
        similar ones. A code or address that is there needs no more words."""
        groups = filters.groups()
        words = content_words(asked, groups)

        def ask(query: Query) -> tuple[Query, tantivy.SearchResult, int]:
            found = self.searcher.search(self._limited(query, filters, at), depth)
            return query, found, _total(found)

        parts = [(Occur.Should, word_query(self.schema, word, groups)) for word in words]
        number = len(words)
        if asked.reference:
            code = Query.boost_query(reference_query(self.schema, asked), CODE_BOOST)
            every = Query.boolean_query(parts, minimum_number_should_match=number) if parts else Query.empty_query()
            query, found, _ = ask(Query.boolean_query([(Occur.Should, code), (Occur.Should, every)]))
            if found.hits and found.hits[0][0] >= CODE_BOOST:
                return query, found
        query, found, count = ask(Query.empty_query())
        for least in dict.fromkeys((number, -(-2 * number // 3), 1)):
            query, found, count = ask(Query.boolean_query(parts, minimum_number_should_match=least))
            if count >= ENOUGH:
                break
        if count < FEW and number:
            near = [(Occur.Should, word_query(self.schema, word, groups, fuzzy=True)) for word in words]
            query, found, _ = ask(Query.boolean_query(near, minimum_number_should_match=1 if number < 3 else 2))
        return query, found

    def _limited(self, content: Query, filters: Filters, at: int, *, without: str = "") -> Query:
        limits = filter_clauses(self.schema, filters, without=without)
        reached = self.mark.seq if self.mark else 0
        return Query.boolean_query([(Occur.Must, content), *limits, *moment_clauses(self.schema, at, reached)])

    def _facets(self, content: Query, filters: Filters, at: int) -> dict[str, dict[str, int]]:
        counts: dict[str, dict[str, int]] = {}
        free = [name for name in _FACETS if not getattr(filters, name)]
        asked = {name: {"terms": {"field": name, "size": 50}} for name in free}
        answers = self.searcher.aggregate(self._limited(content, filters, at), asked) if asked else {}
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
        scored.sort(key=lambda hit: (-hit.score, hit.row["uuid"]))
        return scored

    def _row(self, address: tantivy.DocAddress) -> Row:
        packed = self.searcher.doc(address).get_first("row")
        row: Row = orjson.loads(packed or b"{}")
        return row


def rank(asked: Asked, scored: Sequence[tuple[float, Row]], lang: str) -> list[Hit]:
    """A shortlist in the order of its labels and words together."""
    highest = max((score for score, _ in scored if score < CODE_BOOST), default=1.0) or 1.0
    hits = []
    for words, row in scored:
        labels = _in_language(row["labels"], lang)
        likeness, label = scoring.best_label(asked.folded, labels)
        score = likeness * (1.0 - _WORDS_SHARE) + min(1.0, words / highest) * _WORDS_SHARE
        if words >= CODE_BOOST:
            score += _CODE_SCORE
        score *= scoring.KIND_FACTORS.get(row["kind"], 1.0)
        if row["status"] == DEPRECATED:
            score *= scoring.DEPRECATED
        hits.append(Hit(row, label, score, ()))
    hits.sort(key=lambda hit: (-hit.score, hit.row["uuid"]))
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
