"""The three-way merge of one concept, slot by slot."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from wikic.domain.concepts import ConceptContent, label_order
from wikic.domain.merging import Merged, Merger
from wikic.domain.records import KindCoverage, Label
from wikic.domain.vocabulary import ACTIVE, ALTERNATIVE, DEPRECATED, PREFERRED, TEXT_FIELDS

COVER = KindCoverage(True, {"preferred", "alternative", "hidden", "sectors", "level", *TEXT_FIELDS}, {"en"})


def content(pref: str | None = "p", text: str | None = None, alts: str = "", **more: Any) -> ConceptContent:
    """A preferred label, a definition, one alternative label per letter."""
    labels = [Label(pref, "en", PREFERRED)] if pref else []
    labels += [Label(alt, "en", ALTERNATIVE) for alt in alts]
    texts = {"definition": {"en": text}} if text else {}
    return ConceptContent(labels=sorted(labels, key=label_order), texts=texts, **more)


def merge(
    base: ConceptContent,
    local: ConceptContent,
    incoming: ConceptContent,
    *,
    newer: bool = True,
    cover: KindCoverage | None = COVER,
) -> Merged:
    return Merger(base, local, incoming, cover, newer=newer).merge()


def text(one: ConceptContent) -> str | None:
    return one.texts.get("definition", {}).get("en")


def alts(one: ConceptContent) -> str:
    return "".join(label.value for label in one.labels if label.type == ALTERNATIVE)


# base, local, incoming, newer -> merged, new base, conflicts, kept; "-" is absent
SCALARS = [
    ("A A A n", "A A 0 0"),
    ("A A B n", "B B 0 0"),
    ("A A B s", "A A 0 1"),
    ("A L A n", "L A 0 0"),
    ("A L B n", "L B 1 0"),
    ("A L B s", "L A 0 1"),
    ("A B B n", "B B 0 0"),
    ("A L - n", "L - 1 0"),
    ("A A - n", "- - 0 0"),
    ("A A - s", "A A 0 0"),
    ("A - A n", "- A 0 0"),
    ("A - B n", "- B 1 0"),
    ("A - - n", "- - 0 0"),
    ("- L - n", "L - 0 0"),
    ("- L B n", "L B 1 0"),
    ("- L B s", "L B 1 0"),
    ("- - B s", "B B 0 0"),
    ("- B B s", "B B 0 0"),
]


@pytest.mark.parametrize(("given", "expected"), SCALARS)
def test_a_text(given: str, expected: str) -> None:
    base, local, incoming, newer = (None if part == "-" else part for part in given.split())
    merged = merge(content(text=base), content(text=local), content(text=incoming), newer=newer == "n")
    found = (text(merged.content) or "-", text(merged.base) or "-", len(merged.conflicts), merged.kept)
    assert " ".join(map(str, found)) == expected


def test_a_conflict_says_what_is_where() -> None:
    merged = merge(content(text="A"), content(text="L"), content(text="B"))
    (one,) = merged.conflicts
    assert (one.field, one.lang, one.base, one.local, one.incoming) == ("definition", "en", "A", "L", "B")


# base, local, incoming, newer -> merged, new base
ELEMENTS = [
    ("ab ab ab n", "ab ab"),
    ("ab ab bc n", "bc bc"),
    ("ab ab bc s", "abc abc"),
    ("ab bx ab n", "bx ab"),
    ("ab bx abc n", "bcx abc"),
    ("ab bx a n", "x a"),
    ("ab abx - n", "x -"),
]


@pytest.mark.parametrize(("given", "expected"), ELEMENTS)
def test_alternative_labels_merge_one_by_one(given: str, expected: str) -> None:
    base, local, incoming, newer = (part.strip("-") for part in given.split())
    merged = merge(content(alts=base), content(alts=local), content(alts=incoming), newer=newer == "n")
    assert f"{alts(merged.content) or '-'} {alts(merged.base) or '-'}" == expected
    assert merged.conflicts == []


@pytest.mark.parametrize(
    "cover",
    [None, KindCoverage(True, {"preferred"}, {"en"}), KindCoverage(True, {"definition", "alternative"}, {"fr"})],
)
def test_what_is_not_covered_loses_nothing(cover: KindCoverage | None) -> None:
    merged = merge(content(text="A", alts="a"), content(text="A", alts="a"), content(), cover=cover)
    assert (text(merged.content), alts(merged.content)) == ("A", "a")


def test_a_preferred_label_is_no_alternative_one() -> None:
    old = content("p", alts="q")
    merged = merge(old, old, content("q", alts="p"))
    assert [(label.value, label.type) for label in merged.content.labels] == [("q", PREFERRED), ("p", ALTERNATIVE)]


def test_roles_come_with_the_source() -> None:
    old = content("p")
    new = replace(old, labels=[Label("p", "en", PREFERRED, ("female",))])
    assert merge(old, old, new).content.labels == new.labels
    assert merge(new, new, old).content.labels == new.labels


def test_attributes_and_sectors() -> None:
    old = content(attributes={"level": "1", "other": "x", "modified": "2024"}, sectors=["A", "B"])
    new = content(attributes={"modified": "2025"}, sectors=["B", "C"])
    merged = merge(old, old, new).content
    assert merged.attributes == {"other": "x", "modified": "2025"}
    assert merged.sectors == ["B", "C"]
    assert merge(old, old, new, newer=False).content.attributes["modified"] == "2024"


@pytest.mark.parametrize(
    ("base", "local", "incoming", "newer", "expected"),
    [
        (ACTIVE, ACTIVE, DEPRECATED, False, DEPRECATED),
        (DEPRECATED, DEPRECATED, ACTIVE, True, ACTIVE),
        (DEPRECATED, DEPRECATED, ACTIVE, False, DEPRECATED),
        (ACTIVE, DEPRECATED, ACTIVE, True, DEPRECATED),
        (DEPRECATED, ACTIVE, DEPRECATED, True, ACTIVE),
    ],
)
def test_status(base: str, local: str, incoming: str, newer: bool, expected: str) -> None:
    merged = merge(content(status=base), content(status=local), content(status=incoming), newer=newer)
    assert merged.content.status == expected


def test_what_was_gone_is_back() -> None:
    gone = content(status=DEPRECATED, gone=True)
    merged = merge(gone, gone, content(), newer=False).content
    assert (merged.status, merged.gone) == (ACTIVE, False)


def test_codes_and_addresses_are_never_lost() -> None:
    old = content(code="S1", iri="urn:old", nature="savoir")
    merged = merge(old, old, content(iri="urn:new")).content
    assert (merged.code, merged.iri, merged.nature) == ("S1", "urn:new", "savoir")


def test_merging_again_changes_nothing() -> None:
    base, local, incoming = content(text="A", alts="ab"), content(text="L", alts="bx"), content(text="B", alts="bc")
    once = merge(base, local, incoming)
    again = merge(once.base, once.content, incoming)
    assert (again.content, again.base, again.conflicts) == (once.content, once.base, [])
