"""The state of deployment: what badge classes and issuers there are, counted in several ways, and badge classes that look alike. Pure.

Flow: `services.deployment_facts` (what is public, as of a moment) -> `Figures` and groups of likenesses -> pages, tables, reports.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from wikic.domain.awards import summed

SECTIONS: Final = "ABCDEFGHIJKLMNOPQRSTU"
"""The sections of NAF, rev. 2 (and NACE)."""
_FIRST_DIVISIONS: Final = (1, 5, 10, 35, 36, 41, 45, 49, 55, 58, 64, 68, 69, 77, 84, 85, 86, 90, 94, 97, 99)


@dataclass(frozen=True, slots=True)
class BadgeFact:
    """A badge class as everybody could read it at a moment; `bound` are the competencies (uuid, level) that it attests."""

    id: str
    issuer: str
    name: str
    lang: str
    bound: tuple[tuple[str, str], ...]
    retired: bool = False

    @property
    def concepts(self) -> frozenset[str]:
        """The competencies, whatever the level."""
        return frozenset(concept for concept, _ in self.bound)


@dataclass(frozen=True, slots=True)
class IssuerFact:
    """A public issuer: since when it is known here, and its territories and sections as they are now."""

    slug: str
    name: str
    created: str
    territories: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Likeness:
    """Badge classes of several issuers that may be the same. `reason`: `same_name` (the same words in any order), `same_competencies` (exactly the same,
    at least two), `near_name` (all words but one the same, and a competency in common). `words`: what they share, to say it."""

    reason: str
    words: str
    badges: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """What there is: `issuers` that are known, `issuing` those of them whose badges are given; `badges` that are given, `retired` ones; `bound`: those given
    that attest something; `bindings`, `competencies`; `levels` and `schemes`: bindings by level, competencies by scheme; `awards` of the quarter and
    `awards_ever`, each with how many small numbers are hidden, and not in them."""

    issuers: int = 0
    issuing: int = 0
    badges: int = 0
    retired: int = 0
    bound: int = 0
    bindings: int = 0
    competencies: int = 0
    endorsements: int = 0
    alike: int = 0
    awards: int = 0
    awards_hidden: int = 0
    awards_ever: int = 0
    awards_ever_hidden: int = 0
    levels: Mapping[str, int] = field(default_factory=dict)
    schemes: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Part:
    """The same for a territory, a sector or a scheme."""

    key: str
    issuers: int
    badges: int
    competencies: int
    awards: int
    awards_hidden: int


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that is counted, as of one moment. `awards`: (badge class, count) of the months of the quarter, `awards_ever` of all months until then;
    `schemes` gives the scheme of each competency."""

    issuers: Sequence[IssuerFact]
    badges: Sequence[BadgeFact]
    awards: Sequence[tuple[str, int]]
    awards_ever: Sequence[tuple[str, int]]
    schemes: Mapping[str, str]
    endorsements: Mapping[str, int] = field(default_factory=dict)


def narrowed(facts: Facts, *, issuers: Container[str] | None = None, section: str = "", scheme: str = "") -> Facts:
    """What is of these issuers, of a sector, of a scheme; of a scheme, the badge classes that attest something in it, and that."""
    those = [each for each in facts.issuers if (issuers is None or each.slug in issuers) and (not section or section in each.sections)]
    own = {each.slug for each in those}
    badges = [each for each in facts.badges if each.issuer in own]
    if scheme:
        parts = ((each, tuple(pair for pair in each.bound if facts.schemes.get(pair[0]) == scheme)) for each in badges)
        badges = [BadgeFact(each.id, each.issuer, each.name, each.lang, bound, each.retired) for each, bound in parts if bound]
        there = {each.issuer for each in badges}
        those = [each for each in those if each.slug in there]
    kept = {each.id for each in badges}
    return Facts(
        those, badges, [pair for pair in facts.awards if pair[0] in kept], [pair for pair in facts.awards_ever if pair[0] in kept], facts.schemes,
        {badge: count for badge, count in facts.endorsements.items() if badge in kept},
    )  # fmt: skip


def figures_of(facts: Facts, alike: int) -> Figures:
    """Count all of it; `alike`: how many groups of badge classes look alike."""
    given = [each for each in facts.badges if not each.retired]
    levels = Counter(level for each in given for _, level in each.bound)
    concepts = {concept for each in given for concept, _ in each.bound}
    awards, hidden = summed(count for _, count in facts.awards)
    ever, ever_hidden = summed(count for _, count in facts.awards_ever)
    return Figures(
        issuers=len(facts.issuers), issuing=len({each.issuer for each in given}), badges=len(given), retired=len(facts.badges) - len(given),
        bound=sum(bool(each.bound) for each in given), bindings=sum(len(each.bound) for each in given), competencies=len(concepts),
        endorsements=sum(facts.endorsements.values()), alike=alike, awards=awards, awards_hidden=hidden, awards_ever=ever,
        awards_ever_hidden=ever_hidden, levels=_most_first(levels), schemes=_most_first(Counter(facts.schemes.get(each, "") for each in concepts)),
    )  # fmt: skip


def parts_by_issuer(facts: Facts, keys: Callable[[IssuerFact], Iterable[str]]) -> list[Part]:
    """The same for each key of the issuers (territories, sections). An issuer with several keys counts for each of them."""
    badges: dict[str, list[BadgeFact]] = defaultdict(list)
    for each in facts.badges:
        badges[each.issuer].append(each)
    found: dict[str, list[IssuerFact]] = defaultdict(list)
    for issuer in facts.issuers:
        for key in dict.fromkeys(keys(issuer)):
            found[key].append(issuer)
    counts = _by_badge(facts.awards)
    return _ordered(
        _part(key, len(issuers), [badge for issuer in issuers for badge in badges[issuer.slug]], counts) for key, issuers in found.items()
    )


def parts_by_scheme(facts: Facts) -> list[Part]:
    """The same for each scheme that badge classes attest something of."""
    names = sorted({facts.schemes.get(concept, "") for each in facts.badges for concept, _ in each.bound})
    parts = []
    for name in names:
        inside = narrowed(facts, scheme=name)
        parts.append(_part(name, len(inside.issuers), inside.badges, _by_badge(inside.awards)))
    return _ordered(parts)


def likenesses(badges: Iterable[BadgeFact], words_of: Callable[[str, str], Sequence[str]]) -> list[Likeness]:
    """Groups of badge classes of several issuers that look alike, each with its reason. `words_of(name, lang)` gives the words of a name that count.

    Each badge class is put under a few keys, and who meets under a key looks alike: the work grows with the number of badge classes, not with its square."""
    given = [each for each in badges if not each.retired]
    words = {each.id: tuple(sorted(set(words_of(each.name, each.lang)))) for each in given}
    named: dict[tuple[str, ...], list[BadgeFact]] = defaultdict(list)
    bound: dict[tuple[str, ...], list[BadgeFact]] = defaultdict(list)
    near: dict[tuple[str, ...], list[BadgeFact]] = defaultdict(list)
    for each in given:
        own = words[each.id]
        if own:
            named[own].append(each)
        if len(each.concepts) >= 2:
            bound[tuple(sorted(each.concepts))].append(each)
        if each.bound:
            for key in {own, *(own[:place] + own[place + 1 :] for place in range(len(own)))}:
                if len(key) >= 2:
                    near[key].append(each)
    found = [Likeness("same_name", " ".join(key), _ids(group)) for key, group in named.items() if _several(group)]
    found += [Likeness("same_competencies", "", _ids(group)) for group in bound.values() if _several(group)]
    found += _near(near, words)
    seen: dict[tuple[str, ...], Likeness] = {}
    for likeness in found:
        seen.setdefault(likeness.badges, likeness)
    return sorted(seen.values(), key=lambda each: (_REASONS.index(each.reason), -len(each.badges), each.badges))


def section_of(code: str) -> str:
    """The section of a NAF code of any length; "" for none."""
    if code[:1].isalpha():
        return code[0] if code[0] in SECTIONS else ""
    division = int(code[:2]) if code[:2].isdecimal() else 0
    below = [letter for letter, first in zip(SECTIONS, _FIRST_DIVISIONS, strict=True) if first <= division]
    return below[-1] if below else ""


def place_of(code: str) -> str:
    """What a territory is counted under: of a commune its département, of all others themselves."""
    if len(code) == 5 and code[:1].isdecimal():
        return code[:3] if code.startswith(("97", "98")) else code[:2]
    return code


_REASONS: Final = ("same_name", "same_competencies", "near_name")


def _near(near: Mapping[tuple[str, ...], list[BadgeFact]], words: Mapping[str, tuple[str, ...]]) -> list[Likeness]:
    found = []
    for key, group in near.items():
        if not _several(group):
            continue
        by_concept: dict[str, list[BadgeFact]] = defaultdict(list)
        for each in group:
            for concept in each.concepts:
                by_concept[concept].append(each)
        # Those of the same words are told already.
        found += [
            Likeness("near_name", " ".join(key), _ids(those))
            for those in by_concept.values()
            if _several(those) and len({words[each.id] for each in those}) > 1
        ]
    return found


def _several(group: Sequence[BadgeFact]) -> bool:
    return len({each.issuer for each in group}) > 1


def _ids(group: Iterable[BadgeFact]) -> tuple[str, ...]:
    return tuple(sorted({each.id for each in group}))


def _by_badge(awards: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    counts: dict[str, list[int]] = defaultdict(list)
    for badge, count in awards:
        counts[badge].append(count)
    return counts


def _part(key: str, issuers: int, badges: Sequence[BadgeFact], counts: Mapping[str, Sequence[int]]) -> Part:
    given = [each for each in badges if not each.retired]
    awards, hidden = summed(count for each in badges for count in counts.get(each.id, ()))
    return Part(key, issuers, len(given), len({concept for each in given for concept, _ in each.bound}), awards, hidden)


def _ordered(parts: Iterable[Part]) -> list[Part]:
    return sorted(parts, key=lambda part: (-part.badges, -part.issuers, part.key))


def _most_first(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))
