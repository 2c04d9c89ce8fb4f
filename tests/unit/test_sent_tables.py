"""Tables that people send: line ends, columns, and what cannot be read."""

from __future__ import annotations

import csv
from collections.abc import Callable

import pytest

from wikic.domain.open_badges_files import open_text
from wikic.domain.sent_tables import LONGEST_CELL, sent_table
from wikic.errors import InvalidInput
from wikic.services.awards import AwardLine, award_lines
from wikic.services.binding import Wish
from wikic.services.binding_csv import wishes_of
from wikic.services.elsewhere_gathering import Wanted, wanted_of


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("between", [";", ",", "\t"])
def test_line_ends_and_what_stands_between_columns(end: str, between: str) -> None:
    lines = ["", between.join((" a ", '"b  B"')), "", between.join(("1", f'"2{end}x"')), between * 2, between.join(("3", " 4 "))]
    table = sent_table("\ufeff" + end.join(lines))
    assert table.head == ["a", "b  B"]
    assert table.lines == [(4, ["1", "2\nx"]), (7, ["3", "4"])], "a cell of two lines counts as two"
    assert table.places({"second": ("b b",), "none": ("c",)}) == {"second": 1}


def test_a_table_of_old_spreadsheets_is_read_everywhere() -> None:
    assert wishes_of("badge;skill\rA;rome:1\r") == [Wish("A", "rome:1")]
    assert [each.place for each in wishes_of("badge;skill\n\nA;rome:1\n\nB;rome:1\n")] == [3, 5], "as people see them where they wrote the table"
    assert award_lines("badge;mois;nombre\rA;2026-10;3\r") == [AwardLine("A", "2026-10", 3)]
    assert wanted_of("url;code\rhttps://x.example.org/1;C\r") == [Wanted(address="https://x.example.org/1", more={"human_code": "C"})]
    assert open_text("url;code\rhttps://x.example.org/1;C\r").document == [{"targetUrl": "https://x.example.org/1", "targetCode": "C"}]
    assert open_text("https://x.example.org/1;a,b\rhttps://x.example.org/2\r").document == [
        {"targetUrl": "https://x.example.org/1;a,b"}, {"targetUrl": "https://x.example.org/2"},
    ]  # fmt: skip


@pytest.mark.parametrize("read", [wishes_of, award_lines, wanted_of, open_text])
def test_a_cell_without_end_is_refused_with_its_line(read: Callable[[str], object]) -> None:
    head = "badge;skill;mois;nombre;url\na;b;2026-01;1;c\n"
    with pytest.raises(InvalidInput, match="line 3 of the table") as found:
        read(head + '"' + "x" * (LONGEST_CELL + 1))
    assert (found.value.reason, found.value.values["line"]) == ("table-broken", 3)
    limit = csv.field_size_limit(10_000)
    try:
        with pytest.raises(InvalidInput, match="line 3 of the table"):
            read(head + "x" * 20_000)
    finally:
        csv.field_size_limit(limit)


def test_nothing_is_an_empty_table() -> None:
    assert sent_table(" \n;;\n") == sent_table("")
    for read in (wishes_of, award_lines):
        with pytest.raises(InvalidInput, match="no column badge_class"):
            read("")
