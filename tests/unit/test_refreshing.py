"""What a change of a competency means for who aligned a badge to it: severity, advice, reasons; and when a badge class is due for review."""

from __future__ import annotations

import pytest

from wikic.domain.delta import DELTA_TYPES, SEVERITIES, ConceptDelta, DeltaChange, Severity
from wikic.domain.refreshing import (
    ADVICES,
    FIELDS,
    SAYS,
    SHOWN,
    Verdict,
    due_day,
    judged,
    packed,
    reason,
    says,
    unpacked,
)
from wikic.services.refreshing import line_row
from wikic.web.texts import Texts
from wikic.web.texts_refresh import MESSAGES


def french(lang: str) -> bool:
    return lang == "fr"


def verdict(*changes: DeltaChange, finals: tuple[str, ...] = (), seen: str | None = None) -> Verdict | None:
    return judged(ConceptDelta("a", "skill", changes), french, finals, seen=seen)


def change(
    type_: str, severity: Severity = "notable", field: str = "", lang: str = "", before: str = "x", after: str = "y", new: tuple[str, ...] = ()
) -> DeltaChange:
    return DeltaChange(type_, severity, field, lang, before, after, new=new)


ENDED = change("deprecated", "breaking", "status", before="active", after="deprecated")


@pytest.mark.parametrize(
    ("found", "finals", "told"),
    [
        (ENDED, (), ("breaking", "retire")),
        (change("replaced", "breaking", "status", new=("b",)), ("b",), ("breaking", "realign")),
        (change("merged", "breaking", "status", new=("b",)), ("c",), ("breaking", "realign")),
        (change("split", "breaking", "status", new=("b", "c")), ("b", "c"), ("breaking", "choose")),
        # Merged into what was split meanwhile.
        (change("merged", "breaking", "status", new=("b",)), ("c", "d"), ("breaking", "choose")),
        # Ended before, and only now something stands for it.
        (change("merged", "notable", "replaced_by", new=("b",)), ("b",), ("notable", "realign")),
        (change("renamed", lang="fr"), (), ("notable", "update")),
        (change("renamed", "minor", lang="fr"), (), ("minor", "update")),
        (change("renamed", lang="de"), (), ("minor", "nothing")),
        (change("redefined", lang="fr"), (), ("notable", "update")),
        (change("redefined", "minor", lang="fr"), (), ("minor", "nothing")),
        (change("redefined", lang="en"), (), ("minor", "nothing")),
        (change("recoded", "breaking"), (), ("breaking", "update")),
        (change("recoded", "minor"), (), ("minor", "nothing")),
        (change("readdressed"), (), ("notable", "update")),
        (change("reclassified", "breaking", "kind", after="knowledge"), (), ("breaking", "nothing")),
        (change("reclassified", "breaking", "kind", after="occupation"), (), ("breaking", "retire")),
        (change("moved"), (), ("notable", "nothing")),
        (change("restored"), (), ("notable", "nothing")),
        (change("relabelled", "minor", lang="fr"), (), ("minor", "nothing")),
        (change("unrelated", "notable"), (), ("notable", "nothing")),
    ],
)
def test_what_to_do(found: DeltaChange, finals: tuple[str, ...], told: tuple[str, str]) -> None:
    made = verdict(found, finals=finals)
    assert made is not None
    assert (made.severity, made.advice) == told
    assert made.asks is (told != ("minor", "nothing"))
    assert made.successors == (finals if found.type in ("replaced", "merged", "split", "deprecated") else ())


def test_the_gravest_counts_and_stands_first() -> None:
    made = verdict(change("relabelled", "minor", lang="fr"), change("renamed", lang="fr"), ENDED)
    assert made is not None
    assert (made.severity, made.advice, made.types) == ("breaking", "retire", ("deprecated", "renamed", "relabelled"))
    assert verdict(change("added")) is None, "what is new touches nobody"
    many = verdict(*(change("annotated", "minor", lang=str(number)) for number in range(40)))
    assert many is not None
    assert len(many.changes) == SHOWN


def test_a_name_that_was_seen_already_is_no_news() -> None:
    assert verdict(change("renamed", lang="fr", after="y"), seen="y") is None
    assert verdict(change("renamed", lang="fr", after="y"), seen="x") is not None


def test_long_texts_are_cut_and_changes_come_back_as_they_were() -> None:
    made = verdict(change("redefined", lang="fr", before="word " * 200, after="z"), change("split", "breaking", "status", new=("b", "c")), finals=("b", "c"))
    assert made is not None
    assert max(len(each.before) for each in made.changes) <= 301
    assert tuple(unpacked(packed(each)) for each in made.changes) == made.changes


def test_reasons_in_words() -> None:
    told = (change("renamed", lang="fr", before="pétrir", after="malaxer"), change("merged", "breaking", "status", new=("b",)))
    assert reason(told, {"b": "cuire"}) == "renamed from “pétrir” to “malaxer”; merged into “cuire”"
    assert reason((change("renamed", lang="fr", before=""),), {}) == "named “y”"
    for name in set(DELTA_TYPES) - {"added"}:
        key, values = says(change(name, new=("b",)), {"b": "cuire"})
        assert values["field"] == ""
        assert Texts("fr")(f"refresh.says.{key}", **values) != Texts("en")(f"refresh.says.{key}", **values)
    assert {f"refresh.says.{key}" for key in SAYS} <= MESSAGES.keys()
    status = change("reclassified", "minor", "source_status", before="released", after="obsolete")
    assert reason((status,), {}) == "its status in its source changed from “released” to “obsolete”"
    assert {Texts(lang).name("refresh_field", name) for lang in ("fr", "en") for name in FIELDS}.isdisjoint(FIELDS)


def test_what_has_ended_says_so_once() -> None:
    status = change("reclassified", "minor", "source_status", before="released", after="obsolete")
    made, other = verdict(ENDED, status), verdict(status)
    assert made is not None
    assert made.types == ("deprecated",)
    assert other is not None
    assert other.types == ("reclassified",)


def test_a_line_is_the_same_each_time_it_is_made() -> None:
    from wikic.domain.refreshing import Touched

    made = verdict(ENDED)
    assert made is not None
    line = Touched("badge", "fournil", "a", "practice:1", True, "Pétrir", made)
    row = line_row("2027", line, "2027-01-15T00:00:00.000Z")
    assert row["key"] == line_row("2027", line, "later")["key"] != line_row("2028", line, "later")["key"]
    assert (row["state"], row["by_issuer"]) == ("open", "fournil/2027/00/badge/a/practice:1")
    assert sorted(SEVERITIES, key=SEVERITIES.index)[0] == "breaking"
    assert ADVICES[0] == "retire"


@pytest.mark.parametrize(
    ("published", "validity", "named", "day"),
    [
        ("2026-01-31T09:00:00.000Z", 1, "", "2026-02-28"),
        ("2026-05-15T09:00:00.000Z", 36, "", "2029-05-15"),
        ("2027-12-31T09:00:00.000Z", 2, "", "2028-02-29"),
        ("2026-05-15T09:00:00.000Z", 36, "2027-06-30", "2027-06-30"),
        ("2026-05-15T09:00:00.000Z", None, "", ""),
        ("", 36, "", ""),
        ("9999-06-30T09:00:00.000Z", 600, "", ""),
    ],
)
def test_when_it_is_due(published: str, validity: int | None, named: str, day: str) -> None:
    assert due_day(published, validity, named) == day
