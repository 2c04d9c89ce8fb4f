"""Filters of lists, and identifiers that lead back to what they mean."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wikic.domain.ids import concept_uuid, new_uuid, relation_id
from wikic.errors import InvalidInput
from wikic.linked_data.case_ids import VERSIONS, association_id, association_range, item_id, item_uuids
from wikic.linked_data.case_query import Clause, Filter, kept, parse_fields, parse_filter, sort_key
from wikic.linked_data.case_terms import section_of

FIELDS = ("title", "version", "keywords")
OPS = ("=", "!=", ">", ">=", "<", "<=", "~")

clauses = st.builds(Clause, st.sampled_from(FIELDS), st.sampled_from(OPS), st.text(max_size=8))
filters = st.lists(st.lists(clauses, min_size=1, max_size=3), min_size=1, max_size=3)
spaces = st.sampled_from(("", " ", "  "))
words = st.text(max_size=4)
things = st.lists(
    st.fixed_dictionaries({}, optional={"title": words, "version": words, "keywords": st.lists(words, max_size=2)}),
    max_size=6,
)


def written(wanted: Filter, space: str) -> str:
    """A filter as somebody would write it."""

    def clause(it: Clause) -> str:
        quoted = it.value.replace("'", "''")
        return f"{it.field}{space}{it.op}{space}'{quoted}'"

    return " OR ".join(" AND ".join(map(clause, one)) for one in wanted)


@settings(max_examples=80, deadline=None)
@given(filters, spaces)
def test_what_is_written_is_read(wanted: Filter, space: str) -> None:
    assert parse_filter(written(wanted, space), FIELDS) == wanted


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="title'=<>!~ andor\"()\\\n", max_size=40) | st.text(max_size=40))
def test_nothing_breaks_the_parser(text: str) -> None:
    try:
        found = parse_filter(text, FIELDS)
    except InvalidInput:
        return
    assert all(clause.field in FIELDS and clause.op in OPS for one in found for clause in one)
    assert parse_filter(written(found, ""), FIELDS) == found


@settings(max_examples=60, deadline=None)
@given(filters, filters, things)
def test_and_binds_closer_than_or(one: Filter, other: Filter, given_things: list[dict[str, Any]]) -> None:
    either = parse_filter(f"{written(one, '')} or {written(other, '')}", FIELDS)
    found = kept(given_things, either)
    assert found == [each for each in given_things if kept([each], one) or kept([each], other)]
    both = parse_filter(f"{written(one[:1], '')} and {written(other[:1], '')}", FIELDS)
    assert kept(given_things, both) == [
        each for each in given_things if kept([each], one[:1]) and kept([each], other[:1])
    ]


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("title='Le pain'", True),
        ("title = 'le pain'", False),
        ("title~'PAIN'", True),
        ("version>=2026", True),
        ("version<'2026'", False),
        ("keywords=b", True),
        ("keywords!=b", False),
        ("missing!='x'", True),
        ("missing='x'", False),
        ("title='x' AND version='x' OR keywords='a'", True),
    ],
)
def test_operators(text: str, holds: bool) -> None:
    thing = {"title": "Le pain", "version": "2026", "keywords": ["a", "b"]}
    assert bool(kept([thing], parse_filter(text, (*FIELDS, "missing")))) is holds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "title",
        "title=",
        "title='a",
        "title='a' version='b'",
        "title='a' AND",
        "colour='a'",
        "title='a' XOR title='b'",
        "x" * 3_000,
    ],
)
def test_what_is_no_filter(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_filter(text, FIELDS)


def test_fields_and_sorting() -> None:
    assert parse_fields([], FIELDS) == set(FIELDS)
    assert parse_fields(["title, version", ""], FIELDS) == {"title", "version"}
    with pytest.raises(InvalidInput):
        parse_fields(["colour"], FIELDS)
    with pytest.raises(InvalidInput):
        sort_key("colour", FIELDS)
    given_things: list[dict[str, Any]] = [{}, {"title": "b"}, {"title": "A"}]
    assert sorted(given_things, key=sort_key("title", FIELDS)) == [{"title": "A"}, {"title": "b"}, {}]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=12), st.booleans(), st.sampled_from(("", "2025", "2026", "2027-rc1")))
def test_identifiers_lead_back(name: str, born_here: bool, release: str) -> None:
    uuid = new_uuid() if born_here else concept_uuid(name)
    assert uuid[14] in VERSIONS
    identifier = item_id(uuid, release)
    assert identifier[14] in "12345"
    assert identifier[19] in "89ab"
    assert uuid in item_uuids(identifier, release)
    assert (identifier == uuid) is (not release and not born_here)
    assert uuid not in item_uuids(identifier, "another")
    relation = relation_id(uuid, "broader", concept_uuid("x"))
    made = association_id(uuid, relation, release)
    start, end = association_range(made, release)
    assert start <= uuid < end
    assert made[14] == "5"
    assert made != identifier


def test_sections() -> None:
    assert [section_of(code) for code in ("01", "47.11", "C.10", "6201", "99", "00", "A", "", "x")] == [
        "A", "G", "C", "J", "U", "", "", "", "",
    ]  # fmt: skip
