"""The typed differences between two contents."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from wikic.domain.concepts import ConceptContent
from wikic.domain.diff import CHANGE_TYPES, diff_contents
from wikic.domain.records import Label
from wikic.domain.vocabulary import ALTERNATIVE, DEPRECATED, HIDDEN, PREFERRED

BASE = ConceptContent(
    labels=[Label("saw", "en", PREFERRED), Label("cut", "en", ALTERNATIVE)],
    texts={"definition": {"en": "One."}},
    attributes={"reuse_level": "transversal", "modified": "2024"},
    iri="urn:old",
    code="S1",
)


def changed(**fields: Any) -> list[tuple[str, str, str, str, str]]:
    differences = diff_contents(BASE, replace(BASE, **fields))
    return [(one.type, one.field, one.lang, one.before, one.after) for one in differences]


def test_nothing() -> None:
    assert changed() == changed(source_version="2", edited=True) == []


def test_a_new_concept() -> None:
    (one,) = diff_contents(None, BASE)
    assert (one.type, one.after) == ("added", "active")


def test_status() -> None:
    assert changed(status=DEPRECATED) == [("deprecated", "status", "", "active", DEPRECATED)]
    (back,) = diff_contents(replace(BASE, status=DEPRECATED), BASE)
    assert back.type == "restored"


def test_labels() -> None:
    labels = [Label("saw wood", "en", PREFERRED), Label("scier", "fr", PREFERRED), Label("rip", "en", ALTERNATIVE)]
    assert changed(labels=[*labels, Label("sawe", "en", HIDDEN)]) == [
        ("renamed", "preferred", "en", "saw", "saw wood"),
        ("renamed", "preferred", "fr", "", "scier"),
        ("relabelled", "alternative", "en", "cut", ""),
        ("relabelled", "alternative", "en", "", "rip"),
        ("relabelled", "hidden", "en", "", "sawe"),
    ]


def test_roles_of_labels() -> None:
    found = changed(labels=[BASE.labels[0], Label("cut", "en", ALTERNATIVE, ("male",))])
    assert found == [("relabelled", "alternative_roles", "en", "cut ()", "cut (male)")]


def test_order_of_labels_is_no_difference() -> None:
    assert changed(labels=list(reversed(BASE.labels))) == []


def test_texts() -> None:
    assert changed(texts={"definition": {"en": "Two."}, "note": {"fr": "N."}}) == [
        ("redefined", "definition", "en", "One.", "Two."),
        ("annotated", "note", "fr", "", "N."),
    ]


@pytest.mark.parametrize(
    ("fields", "kind", "name", "after"),
    [
        ({"code": "S2"}, "recoded", "code", "S2"),
        ({"iri": "urn:new"}, "readdressed", "iri", "urn:new"),
        ({"nature": "savoir"}, "reclassified", "nature", "savoir"),
        ({"sectors": ["A", "B"]}, "reclassified", "sectors", "A, B"),
        ({"attributes": {"reuse_level": "cross-sector"}}, "reclassified", "reuse_level", "cross-sector"),
    ],
)
def test_scalars(fields: dict[str, Any], kind: str, name: str, after: str) -> None:
    ((found, field, lang, _, value),) = changed(**fields)
    assert (found, field, lang, value) == (kind, name, "", after)


def test_dates_of_the_source_are_no_difference() -> None:
    assert changed(attributes={"reuse_level": "transversal", "modified": "2025"}) == []


def test_every_type_found_is_a_known_one() -> None:
    other = ConceptContent(
        status=DEPRECATED, labels=[Label("x", "fr", PREFERRED)], texts={"note": {"en": "n"}}, iri="urn:x"
    )
    assert {one.type for one in diff_contents(BASE, other)} <= set(CHANGE_TYPES)
