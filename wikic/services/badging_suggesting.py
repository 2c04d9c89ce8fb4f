"""Suggested bindings: the competencies that a badge class seems to attest, by the words of its name, tags, description and criteria.

Each of these texts is looked for among the names of competencies; those that are found are held once more against all its words by their definitions. Skills
come before knowledge, and both before groups of them, which fit everything a little."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from wikic.domain.badges import BadgeContent
from wikic.domain.badges_bindings import BINDABLE
from wikic.services.binding_targets import Targets
from wikic.services.searching import LONGEST, Filters, Searching
from wikic.text.analyse import STOP_WORDS
from wikic.text.fold import fold_words

_PARTS: Final = 12
_SHORTEST: Final = 8
_DEEP: Final = 15
_WEIGHTS: Final = {"name": 1.0, "tags": 0.8, "description": 0.7, "criteria": 0.6}
_AGAIN: Final = 0.15
"""What each further text that leads to the same competency adds."""
_LEAST: Final = 0.15
_KINDS: Final = {"skill": 1.0, "knowledge": 0.95, "skill_group": 0.75}
_DEFINED: Final = 0.35
"""What a definition all of whose words the badge has would add."""
_READ: Final = 40
"""Competencies whose definitions are read."""
_WORD: Final = 5
"""Letters of a word that says something."""

_LITTLE: Final = STOP_WORDS["fr"] | STOP_WORDS["en"]
"""Words that two texts have in common without being about the same."""

_SENTENCES: Final = re.compile(r"[.;:!?\n•]+")


@dataclass(frozen=True, slots=True)
class SuggestedBinding:
    """A competency, how well it fits (0 to 1), the words that matched, and in which texts (`name`, `tags`, `description`, `criteria`). `body` is the
    concept as searches answer it."""

    concept: str
    score: float
    words: tuple[str, ...]
    fields: tuple[str, ...]
    body: dict[str, Any]


@dataclass(slots=True)
class _Gathered:
    body: dict[str, Any]
    best: float
    words: list[str]
    fields: list[str]
    times: int = 0


class BindingSuggesting:
    """Suggestions over one search index."""

    def __init__(self, searching: Searching, targets: Targets | None = None) -> None:
        self._searching, self._targets = searching, targets

    def search(self, text: str, *, limit: int = 20) -> list[dict[str, Any]]:
        """The competencies that answer some words, best first, as searches answer them; deprecated ones are left out. Raises IndexBehind, InvalidInput."""
        sought = self._searching.sought()
        found = [body for kind in BINDABLE for body in self._searching.results(text, Filters("", kind, "", "active"), sought, limit=limit).items]
        return sorted(found, key=lambda body: (-body["score"], body["uuid"]))[:limit]

    def suggest(self, content: BadgeContent, *, limit: int = 10) -> list[SuggestedBinding]:
        """The best first; deprecated ones are left out. Raises IndexBehind. One round trip, for definitions."""
        sought = self._searching.sought()
        found: dict[str, _Gathered] = {}
        for name, text in _texts(content):
            for kind in BINDABLE:
                filters = Filters(content.lang if content.lang in ("fr", "en") else "", kind, "", "active")
                for body in self._searching.results(text, filters, sought, limit=_DEEP).items:
                    self._gather(found, name, body)
        scores = {uuid: (each.best + _AGAIN * (each.times - 1)) * _KINDS.get(str(each.body["kind"]), 1.0) for uuid, each in found.items() if each.words}
        likely = sorted((uuid for uuid in scores if scores[uuid] >= _LEAST), key=lambda uuid: (-scores[uuid], uuid))[: max(_READ, limit)]
        for uuid, added in self._defined(content, likely).items():
            scores[uuid] += added
        likely.sort(key=lambda uuid: (-scores[uuid], uuid))
        return [
            SuggestedBinding(
                uuid, round(min(1.0, scores[uuid]), 3), tuple(found[uuid].words), tuple(dict.fromkeys(found[uuid].fields)), found[uuid].body
            )
            for uuid in likely[:limit]
        ]

    def _defined(self, content: BadgeContent, concepts: list[str]) -> dict[str, float]:
        """What the definitions of these add to their scores: how many of their words the badge class has."""
        if self._targets is None or not concepts:
            return {}
        said = _telling(" ".join((content.name, *content.tags, content.description, content.criteria)))
        definitions = {uuid: _telling(target.description) for uuid, target in self._targets.of(concepts, content.lang).items()}
        return {uuid: _DEFINED * len(words & said) / max(_WORD, len(words)) for uuid, words in definitions.items() if words}

    @staticmethod
    def _gather(found: dict[str, _Gathered], name: str, body: dict[str, Any]) -> None:
        label = body["label"]
        if label is None:
            return
        matched = [label["value"][start:end] for start, end in label["marks"]]
        if not (telling := [word for word in matched if not set(fold_words(word)) <= _LITTLE]):
            return
        words = fold_words(label["value"])
        covered = len(fold_words(" ".join(matched))) / max(1, len(words))
        score = min(1.0, float(body["score"])) * _WEIGHTS[name] * covered
        held = found.setdefault(body["uuid"], _Gathered(body, 0.0, [], []))
        held.times += 1
        held.best = max(held.best, score)
        held.words += [word for word in telling if word.casefold() not in {each.casefold() for each in held.words}]
        held.fields.append(name)


def _telling(text: str) -> set[str]:
    return {word for word in fold_words(text) if len(word) >= _WORD}


def _texts(content: BadgeContent) -> Iterator[tuple[str, str]]:
    """What is looked for: the name, the tags, and the sentences of the other texts, some of each."""
    if content.name:
        yield "name", content.name[:LONGEST]
    for tag in content.tags[:_PARTS]:
        yield "tags", tag
    for name in ("description", "criteria"):
        parts = [" ".join(part.split())[:LONGEST] for part in _SENTENCES.split(getattr(content, name))]
        for part in [part for part in parts if len(part) >= _SHORTEST][:_PARTS]:
            yield name, part
