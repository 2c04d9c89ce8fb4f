"""The flat form of a concept's content: nothing is lost on the way there and back, and equal content is equal."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wikic.domain.concepts import (
    ConceptContent,
    content_of,
    digest_of,
    fold_tag,
    from_properties,
    label_order,
    same_content,
    to_properties,
)
from wikic.domain.records import ConceptRecord, Label
from wikic.domain.vocabulary import ACTIVE, ALTERNATIVE, DEPRECATED, HIDDEN, LABEL_ROLES, PREFERRED, TEXT_FIELDS

TAGS = st.sampled_from(("en", "fr", "en-US", "en_us", "EN-us", "zh-Hant"))
VALUES = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), min_size=1, max_size=8)


@st.composite
def contents(draw: st.DrawFn) -> ConceptContent:
    preferred = draw(st.dictionaries(TAGS, VALUES, max_size=3))
    others = draw(st.sets(st.tuples(VALUES, TAGS, st.sampled_from((ALTERNATIVE, HIDDEN))), max_size=4))
    roles = st.sets(st.sampled_from(LABEL_ROLES), max_size=2).map(lambda found: tuple(sorted(found)))
    labels = [Label(value, lang, PREFERRED, draw(roles)) for lang, value in preferred.items()]
    labels += [Label(*one, draw(roles)) for one in others]
    texts = draw(st.dictionaries(st.sampled_from(TEXT_FIELDS), st.dictionaries(TAGS, VALUES, min_size=1), max_size=3))
    attributes = draw(
        st.dictionaries(
            st.sampled_from(("reuse_level", "skill_type", "riasec", "modified")),
            st.one_of(VALUES, st.integers(0, 9), st.booleans(), st.lists(VALUES, min_size=1, max_size=3)),
        )
    )
    return ConceptContent(
        status=draw(st.sampled_from((ACTIVE, DEPRECATED))),
        code=draw(st.sampled_from(("", "S1"))),
        labels=sorted(labels, key=label_order),
        texts=texts,
        attributes=attributes,
        sectors=sorted(draw(st.sets(VALUES, max_size=2))),
        edited=draw(st.booleans()),
        gone=draw(st.booleans()),
    )


@settings(derandomize=True, database=None, deadline=None, max_examples=200)
@given(contents())
def test_there_and_back_loses_nothing(content: ConceptContent) -> None:
    flat = to_properties(content)
    assert all(isinstance(value, str | int | bool | list) for value in flat.values())
    assert from_properties({**flat, "from_seq": 3, "listing": "x"}) == content


def test_tags_that_fold_to_one_name_stay_apart() -> None:
    content = ConceptContent(labels=[Label("lift", "en-GB", PREFERRED), Label("elevator", "en-gb", PREFERRED)])
    flat = to_properties(content)
    assert (flat["pref__en_gb"], flat["pref__en_gb_2"], flat["languages"]) == ("lift", "elevator", ["en-GB", "en-gb"])
    assert from_properties(flat).preferred() == {"en-GB": "lift", "en-gb": "elevator"}


@pytest.mark.parametrize(("tag", "name"), [("en-US", "en_us"), ("zh-Hant", "zh_hant"), ("é", "_"), ("fr", "fr")])
def test_folded_tags(tag: str, name: str) -> None:
    assert fold_tag(tag) == name


def test_lists_for_several_and_parallel_roles() -> None:
    labels = [Label("a", "fr", ALTERNATIVE, ("female",)), Label("b", "fr", ALTERNATIVE), Label("c", "fr", PREFERRED)]
    flat = to_properties(ConceptContent(labels=labels))
    assert (flat["alt__fr"], flat["alt_roles__fr"], flat["pref__fr"]) == (["a", "b"], ["female", ""], "c")
    assert "pref_roles__fr" not in flat
    assert json.loads(flat["preferred"]) == {"fr": "c"}


def test_a_record_becomes_content() -> None:
    record = ConceptRecord("urn:a", "skill", "esco", code="S1", source_status="obsolete", deprecated=True)
    content = content_of(record, origin="esco", version="1.1")
    assert (content.status, content.iri, content.origin, content.source_version) == (DEPRECATED, "urn:a", "esco", "1.1")
    assert (content.source_status, content.code, content.edited, content.gone) == ("obsolete", "S1", False, False)


class TestEquality:
    BASE = ConceptContent(
        labels=[Label("a", "en", PREFERRED), Label("b", "en", ALTERNATIVE), Label("c", "en", ALTERNATIVE)],
        attributes={"riasec": ["R", "I"], "modified": "2024"},
        source_version="1",
    )

    @pytest.mark.parametrize(
        "other",
        [
            replace(BASE, source_version="2"),
            replace(BASE, attributes={"riasec": ["R", "I"], "modified": "2025"}),
            replace(BASE, attributes={"riasec": ["R", "I"]}),
        ],
    )
    def test_what_says_nothing_new(self, other: ConceptContent) -> None:
        assert same_content(self.BASE, other)
        assert digest_of(to_properties(self.BASE)) == digest_of(to_properties(other))

    @pytest.mark.parametrize(
        "other",
        [
            replace(BASE, status=DEPRECATED),
            replace(BASE, gone=True),
            replace(BASE, edited=True),
            replace(BASE, code="x"),
            replace(BASE, labels=BASE.labels[:2]),
            replace(BASE, labels=[Label("a", "en", PREFERRED, ("male",)), *BASE.labels[1:]]),
            replace(BASE, labels=[Label("a", "fr", PREFERRED), *BASE.labels[1:]]),
            replace(BASE, texts={"note": {"en": "n"}}),
            replace(BASE, attributes={"riasec": ["R"], "modified": "2024"}),
            replace(BASE, sectors=["A"]),
        ],
    )
    def test_what_differs(self, other: ConceptContent) -> None:
        assert not same_content(self.BASE, other)
        assert digest_of(to_properties(self.BASE)) != digest_of(to_properties(other))

    def test_a_digest_does_not_depend_on_the_order_of_properties(self) -> None:
        flat = to_properties(self.BASE)
        assert digest_of(dict(reversed(flat.items()))) == digest_of(flat)
        assert len(digest_of(flat)) == 16
