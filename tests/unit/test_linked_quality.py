"""The checks of a whole release: each finds what it is for, and tells what is in the source from what is ours."""

from __future__ import annotations

from wikic.domain.changes import Identity, Relation
from wikic.domain.concepts import ConceptContent
from wikic.domain.records import Label
from wikic.linked_data.quality import CHECKS, QualityReport, Wanted, check, cycles
from wikic.linked_data.triples import Described, describe
from wikic.linked_data.vocabulary import Site

SITE = Site("https://skills.example.org")
IDS = [f"e4ad427d-f2a8-5626-be61-355d644e3b{n}" for n in range(10, 30)]


def concept(n: int, label: str = "", *relations: tuple[str, int], kind: str = "skill", **more: object) -> Described:
    labels = [Label(label or f"label {n}", "en", "preferred")]
    given = {"origin": "esco", "labels": labels, "texts": {"definition": {"en": "d"}}} | more
    content = ConceptContent(kind=kind, **given)  # type: ignore[arg-type]
    found = [Relation(IDS[n], type_, IDS[to], origins=("esco",)) for type_, to in relations]
    return Described(Identity(IDS[n], kind, "esco"), content, found)


def run(*concepts: Described) -> QualityReport:
    wanted = Wanted(SITE)
    statements = [each for it in concepts for each in describe(SITE, it) if wanted(each)]
    return check(SITE, statements)


def test_a_good_release_has_no_findings() -> None:
    report = run(concept(0, "a", ("broader", 1)), concept(1, "b"), concept(2, "a", ("broader", 1), kind="knowledge"))
    assert (report.in_source, report.ours, report.findings, report.concepts) == ({}, {}, [], 3)


def test_cycles() -> None:
    assert cycles({"a": ["b"], "b": ["c"], "c": ["a", "d"], "d": [], "e": ["e"], "f": ["a"]}) == [
        ("a", "b", "c"),
        ("e",),
    ]
    deep = {str(n): [str(n + 1)] for n in range(50_000)}
    assert cycles(deep) == []
    report = run(
        concept(0, "", ("broader", 1)),
        concept(1, "", ("broader", 2)),
        concept(2, "", ("broader", 0)),
        concept(3, "", ("broader", 0), ("replaced_by", 4), status="deprecated"),
        concept(4, "", ("replaced_by", 3), status="deprecated", edited=True),
    )
    assert report.in_source == {"hierarchy-cycle": 1}
    assert report.ours == {"replacement-cycle": 1}
    assert report.findings[0].concepts == tuple(IDS[:3])


def test_labels() -> None:
    report = run(
        concept(0, "same", ("related", 3)),
        concept(1, "same", ("related", 3)),
        concept(2, "same", ("related", 3), status="deprecated"),
        concept(3, labels=[], origin=""),
        concept(4, "", ("related", 3), labels=[Label("x", "en", "preferred"), Label("x", "en", "hidden")]),
    )
    assert report.in_source == {"same-preferred-label": 1, "label-clash": 1}
    assert report.ours == {"no-preferred-label": 1}
    found = {finding.check: finding for finding in report.findings}
    assert found["same-preferred-label"].concepts == tuple(IDS[:2])
    assert found["same-preferred-label"].what == '"same"@en'


def test_what_is_missing_or_contradicts() -> None:
    report = run(
        concept(0, texts={}),
        concept(1, "", ("broader", 2), ("related", 2)),
        concept(2, "", ("related", 15), texts={}, status="deprecated"),
        concept(3, "", ("exact_match", 4), ("broad_match", 4)),
        concept(4, texts={}, kind="skill_group"),
    )
    assert report.in_source == {"orphan": 1, "no-definition": 1, "related-and-broader": 1, "match-clash": 1}
    assert report.ours == {"dangling-relation": 1}
    assert set(report.in_source) | set(report.ours) < set(CHECKS)
