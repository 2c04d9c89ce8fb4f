"""What commands print: bars, reports, concepts and differences, and the plain form of everything."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from wikic import cli_import, cli_output
from wikic.cli_concept import concept_lines, difference_lines
from wikic.domain.changes import Identity, Relation
from wikic.domain.concepts import ConceptContent
from wikic.domain.records import Label
from wikic.services.importing import ImportReport
from wikic.services.reading_views import Replacement, concept_body
from wikic.store.concepts import Concept, Neighbour, Neighbours


def test_bars_are_silent_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with cli_output.Bars() as bars:
        report = bars.bar("reading", "B")
        report(1, 2)
        report(2, 2)
    assert capsys.readouterr() == ("", "")


def test_bars_show_rate_and_share(capsys: pytest.CaptureFixture[str]) -> None:
    with cli_output.Bars(show=True) as bars:
        bars.bar("reading", "rows")(10, 10)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "reading" in captured.err
    assert "100%" in captured.err


def test_rates() -> None:
    assert cli_output.rate(25_000_000, 2.0, "B") == "12.5 MB/s"
    assert cli_output.rate(30_000, 2.0, "rows") == "15,000 rows/s"
    assert cli_output.rate(1, 0.0, "rows") == ""


def test_a_report_says_what_happened(capsys: pytest.CaptureFixture[str]) -> None:
    report = ImportReport(
        "esco",
        "1.2.0",
        "ESCO 1.2.0 (CSV)",
        seq=7,
        read={"skills_fr.csv": 1234},
        added={"skill": 3},
        changed={"renamed": 2},
        changed_concepts=1,
        unchanged=1230,
        skipped={"dangling": ("the target is not there", 5, [f"skills_fr.csv:{line}" for line in range(2, 7)])},
        notes=["definitions are absent"],
        seconds={"reading": 0.26},
    )
    cli_import.print_report(report)
    assert capsys.readouterr().out.splitlines() == [
        "ESCO 1.2.0 (CSV): written as number 7",
        "read\tskills_fr.csv\t1234",
        "added\tskill\t3",
        "changed\tconcepts\t1",
        "changed\trenamed\t2",
        "unchanged\tconcepts\t1230",
        "skipped 5 (dangling): the target is not there: skills_fr.csv:2, skills_fr.csv:3, skills_fr.csv:4, ...",
        "note: definitions are absent",
        "reading 0.3 s",
    ]


@pytest.mark.parametrize(
    ("seq", "dry_run", "words"),
    [
        (None, False, "nothing new, nothing was written"),
        (None, True, "nothing would change; nothing was written"),
        (3, False, "written as number 3"),
    ],
)
def test_a_report_says_whether_anything_was_written(
    seq: int | None, dry_run: bool, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    cli_import.print_report(ImportReport("rome", "4.60", "ROME 4.0", seq=seq, dry_run=dry_run))
    assert capsys.readouterr().out == f"ROME 4.0, version 4.60: {words}\n"


def _concept_body() -> dict[str, Any]:
    def neighbour(name: str, importance: str, rank: int = 0) -> Neighbour:
        relation = Relation("one", "requires", name, importance, rank)
        return Neighbour(relation, name, "skill", "rome", "", "active", {"en": name})

    content = ConceptContent(
        code="X1",
        labels=[
            Label("Boulangère", "fr", "preferred"),
            Label("Baker", "en", "preferred"),
            Label("B", "en", "alternative"),
        ],
        texts={"definition": {"fr": "Fait du pain.", "en": "Makes bread."}},
    )
    items = [neighbour("b", ""), neighbour("c", "optional"), neighbour("a", "essential")]
    concept = Concept(Identity("one", "occupation", "rome"), "public", content, 4, {"requires": Neighbours(20, items)})
    return concept_body(concept, Replacement([], []))


def test_a_concept_is_shown_in_the_asked_language_and_strongest_relations_first() -> None:
    assert concept_lines(_concept_body(), "http://localhost/c/one", "en") == [
        "Baker",
        "  occupation, rome X1, active",
        "  http://localhost/c/one",
        "  as of 4",
        "  en: Baker",
        "  alternative (en): B",
        "  definition (en): Makes bread.",
        "  requires (20)",
        "    a  [essential]",
        "    c  [optional]",
        "    b",
        "    ... and 17 more",
    ]


@pytest.mark.parametrize("lang", [None, "de"])
def test_a_concept_is_named_in_french_where_nothing_else_fits(lang: str | None) -> None:
    assert concept_lines(_concept_body(), "", lang)[0] == "Boulangère"


def test_a_difference_shows_where_long_texts_part() -> None:
    before = "The same beginning of a long sentence that nobody has touched, and then the old end of it."
    after = "The same beginning of a long sentence that nobody has touched, and then a new end of it."
    body = {
        "uuid": "one",
        "kind": "skill",
        "scheme": "esco",
        "code": None,
        "preferred_label": {"en": "knead dough"},
        "changes": [
            {"type": "redefined", "field": "definition", "lang": "en", "before": before, "after": after},
            {"type": "added", "field": None, "lang": None, "before": None, "after": "active"},
        ],
        "relations": [
            {
                "change": "related",
                "type": "broader",
                "importance": None,
                "target": {"uuid": "two", "preferred_label": {"fr": "pétrir"}},
            }
        ],
    }
    assert difference_lines(body, "en") == [
        "knead dough (skill, esco) one",
        '  redefined definition en: "…s touched, and then the old end of it."'
        ' -> "…s touched, and then a new end of it."',
        "  added",
        "  related broader: pétrir",
    ]


def test_everything_has_a_plain_form() -> None:
    class Point(NamedTuple):
        x: int
        where: Path

    @dataclass
    class Holder:
        points: list[Point]
        names: set[str]
        by: dict[tuple[str, str], bool]

    held = Holder([Point(1, Path("a") / "b")], {"z", "a"}, {("esco", "skill"): True})
    assert cli_output.plain(held) == {
        "points": [{"x": 1, "where": str(Path("a") / "b")}],
        "names": ["a", "z"],
        "by": {"esco/skill": True},
    }
