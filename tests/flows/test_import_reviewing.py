"""An import as a release note before it is applied, on both engines: what it tells is what importing does."""

from __future__ import annotations

import json
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from importers.esco_rdf import open_esco_rdf
from tests.flows.model import Framework, concept, relation, source, uuid_of
from tests.flows.proposal_tools import ADA, MAY, ROOT
from tests.flows.sample_store import SAMPLE
from tests.flows.whole_store import visible_answer
from wikic import cli
from wikic.bootstrap import app_of
from wikic.domain.access import NOBODY
from wikic.domain.delta import SEVERITIES, figures_of
from wikic.domain.vocabulary import PREFERRED
from wikic.errors import Forbidden, InvalidInput, NotFound, Unauthenticated
from wikic.services.editing import SetText
from wikic.services.import_planning import ImportOptions
from wikic.services.import_reviewing import Review, review_text
from wikic.services.import_reviews import ImportReviews, KeptReview
from wikic.services.importing import Importing
from wikic.services.reading import Reading
from wikic.services.releasing_delta import Chosen, Deltas
from wikic.store import import_reviews as import_reviews_store
from wikic.store.history import read_changes
from wikic.store.schema import ensure_schema

OLD = (
    concept("a", "saw", texts={"definition": "One."}, alts=["cut"]),
    concept("b", "plane", texts={"definition": "Flat."}),
    concept("c", "glue"),
    concept("joiner", "joiner", kind="occupation"),
    relation("joiner", "requires", "a", "essential"),
    relation("a", "broader", "b"),
)
NEW = (
    concept("a", "saw wood", texts={"definition": "Two."}, alts=["cut", "rip"]),
    concept("b", "plane", texts={"definition": "Even."}),
    concept("d", "nail"),
    concept("joiner", "joiner", kind="occupation"),
    relation("joiner", "requires", "a", "optional"),
    relation("joiner", "requires", "d"),
    relation("a", "broader", "d"),
)


@pytest.fixture
def edited(framework: Framework) -> Framework:
    """The first version, with a definition edited here."""
    framework.run(source(*OLD))
    framework.edit(SetText(uuid_of("b"), "definition", "en", "Smooth."))
    return framework


def review(framework: Framework, *records: object) -> Review:
    options = ImportOptions(allow_removals=True, review=True)
    report = Importing(framework.engine).run(source(*records, version="2"), options)  # type: ignore[arg-type]
    assert (report.seq, report.dry_run) == (None, True)
    assert report.review is not None
    return report.review


def test_it_tells_what_importing_does(edited: Framework) -> None:
    before, head = visible_answer(edited.engine), edited.head
    note = review(edited, *NEW)
    assert visible_answer(edited.engine) == before
    assert note.head == head
    edited.run(source(*NEW, version="2"), allow_removals=True)
    reading = Reading(edited.engine, ensure_schema(edited.engine))
    delta = Deltas(edited.engine, reading).delta(str(head), str(edited.head))
    assert note.figures == figures_of(delta.concepts)
    assert {sample.type for sample in note.samples} == {change.type for one in delta.concepts for change in one.changes}


def test_samples_name_what_they_are_about(edited: Framework) -> None:
    note = review(edited, *NEW)
    told = {(one.type, one.label): one for one in note.samples}
    assert note.samples[0].severity == "breaking"
    assert (told["deprecated", "glue"].severity, told["added", "nail"].kind) == ("breaking", "skill")
    assert (told["renamed", "saw wood"].before, told["renamed", "saw wood"].field) == ("saw", PREFERRED)
    assert (told["moved", "saw wood"].old, told["moved", "saw wood"].new) == (("plane",), ("nail",))
    assert told["rerelated", "joiner"].after == "optional"


def test_conflicts_have_their_three_values(edited: Framework) -> None:
    note = review(edited, *NEW)
    (conflict,) = note.conflicts
    values = (conflict.base, conflict.local, conflict.incoming)
    assert (conflict.label, conflict.field, conflict.lang, *values) == ("plane", "definition", "en", "Flat.", "Smooth.", "Even.")


def test_as_text(edited: Framework) -> None:
    text = review_text(review(edited, *NEW))
    assert text.startswith(f"esco by hand, version 2: what importing it would change, compared with number {edited.head}\n")
    for line in (
        "deprecated (breaking): 1 in all; concepts: 1 skill",
        "  saw wood [skill] preferred (en): 'saw' -> 'saw wood'",
        "  saw wood [skill] broader from plane to nail",
        "  plane, definition (en): the source said 'Flat.', here 'Smooth.', the source now 'Even.'",
        "1 values changed here and there: they stay, and become proposals",
    ):
        assert line in text.splitlines()


def test_the_second_edition_of_the_sample(framework: Framework) -> None:
    run = Importing(framework.engine).run
    run(open_esco_rdf(SAMPLE / "esco-1.ttl", version="1.0.0"))
    head = framework.head
    note = run(open_esco_rdf(SAMPLE / "esco-2.ttl", version="1.1.0"), ImportOptions(review=True)).review
    run(open_esco_rdf(SAMPLE / "esco-2.ttl", version="1.1.0"))
    reading = Reading(framework.engine, ensure_schema(framework.engine))
    delta = Deltas(framework.engine, reading).delta(str(head), str(framework.head))
    assert note is not None
    assert note.figures == figures_of(delta.concepts)
    assert note.conflicts == []


def test_the_command_writes_it_to_a_file(
    framework: Framework, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    app = app_of(framework.engine, lambda: None)
    monkeypatch.setattr("wikic.cli_import.opened", lambda: nullcontext(app))
    monkeypatch.setattr("os.nice", lambda _: 0)
    asked = ["import", "esco", str(SAMPLE / "esco-1.ttl"), "--version", "1.0.0", "--review"]
    assert cli.run([*asked, str(tmp_path / "note.txt")]) == 0
    assert "nothing was written" in capsys.readouterr().out
    assert (tmp_path / "note.txt").read_text().startswith("ESCO 1.0.0 (RDF): what importing it would change")
    assert cli.run([*asked, str(tmp_path / "note.json"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["dry_run"] is True
    note = json.loads((tmp_path / "note.json").read_text())
    assert note["figures"]["concepts"]["new"] == note["figures"]["total"] > 0
    assert framework.head == 0


class TestKept:
    """A review that is kept, and what becomes of it."""

    def keep(self, framework: Framework, *records: object, name: str = "The second one") -> KeptReview:
        options = ImportOptions(allow_removals=True, keep_as=name)
        report = Importing(framework.engine).run(source(*records, version="2"), options)  # type: ignore[arg-type]
        assert report.seq is None
        return ImportReviews(framework.engine).get(report.kept_review, actor=MAY)

    def test_it_lists_all_that_would_change(self, edited: Framework) -> None:
        before, head = visible_answer(edited.engine), edited.head
        kept = self.keep(edited, *NEW)
        assert visible_answer(edited.engine) == before
        assert (kept.name, kept.state, kept.head, kept.version, kept.conflicts_total) == ("The second one", "waits", head, "2", 1)
        assert kept.report["removed"] == {"skill": 1}
        assert list(kept.figures.severities) == [name for name in SEVERITIES if name in kept.figures.severities]
        found, following = ImportReviews(edited.engine).concepts(kept, Chosen())
        assert following == ""
        edited.run(source(*NEW, version="2"), allow_removals=True)
        reading = Reading(edited.engine, ensure_schema(edited.engine))
        deltas = Deltas(edited.engine, reading)
        page = deltas.page(deltas.delta(str(head), str(edited.head)), Chosen())
        assert sorted((strip(one) for one in found), key=lambda one: one["uuid"]) == page.items
        assert [one["severity"] for one in found] == sorted((one["severity"] for one in found), key=SEVERITIES.index)
        assert {one["uuid"] for one in found if not one["there"]} == {uuid_of("d")}

    def test_page_by_page_and_chosen(self, edited: Framework, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(import_reviews_store, "TOGETHER", 2)
        reviews, kept = ImportReviews(edited.engine), self.keep(edited, *NEW)
        whole, _ = reviews.concepts(kept, Chosen())
        pages: list[dict[str, Any]] = []
        cursor = ""
        while True:
            items, cursor = reviews.concepts(kept, Chosen(), cursor=cursor, limit=2)
            pages += items
            if not cursor:
                break
        assert pages == whole
        renamed, _ = reviews.concepts(kept, Chosen(type="renamed"))
        assert [(one["uuid"], len(one["changes"])) for one in renamed] == [(uuid_of("a"), 1)]
        gone, _ = reviews.concepts(kept, Chosen(listed="without_replacement"))
        assert [one["uuid"] for one in gone] == [uuid_of("c")]
        with pytest.raises(InvalidInput):
            reviews.concepts(kept, Chosen(), cursor="x")

    def test_the_import_of_the_same_files_applies_it(self, edited: Framework) -> None:
        reviews, kept = ImportReviews(edited.engine), self.keep(edited, *NEW)
        report = Importing(edited.engine).run(source(*NEW, version="2"), ImportOptions(allow_removals=True))
        assert report.applied_review == kept.id
        after = reviews.get(kept.id, actor=MAY)
        assert (after.state, after.applied, after.applied_on) == ("applied", report.seq, kept.head)
        assert read_changes(edited.engine, [report.seq or 0])[report.seq or 0].details["review"] == kept.id

    def test_other_files_or_options_do_not(self, edited: Framework) -> None:
        reviews, kept = ImportReviews(edited.engine), self.keep(edited, *NEW)
        options = ImportOptions(allow_removals=True, complete=True)
        assert Importing(edited.engine).run(source(*NEW, version="2"), options).applied_review == ""
        assert reviews.get(kept.id, actor=MAY).state == "moved"

    def test_the_framework_moves_before_it_is_applied(self, edited: Framework) -> None:
        reviews, kept = ImportReviews(edited.engine), self.keep(edited, *NEW)
        edited.edit(SetText(uuid_of("c"), "definition", "en", "Sticky."))
        assert reviews.get(kept.id, actor=MAY).state == "moved"
        again = self.keep(edited, *NEW)
        report = Importing(edited.engine).run(source(*NEW, version="2"), ImportOptions(allow_removals=True))
        # Nobody is asked to review again what is in: the earlier one is applied with the one that the import names.
        assert report.applied_review == again.id
        for one, moved in ((kept, True), (again, False)):
            after = reviews.get(one.id, actor=MAY)
            assert (after.state, after.applied, after.applied_on > after.head) == ("applied", report.seq, moved)

    def test_for_whom(self, edited: Framework) -> None:
        reviews, kept = ImportReviews(edited.engine), self.keep(edited, *NEW)
        assert [one.id for one in reviews.list(actor=ROOT)[0]] == [kept.id]
        with pytest.raises(Forbidden):
            reviews.get(kept.id, actor=ADA)
        with pytest.raises(Unauthenticated):
            reviews.list(actor=NOBODY)
        with pytest.raises(NotFound):
            reviews.get("nothing", actor=MAY)
        for name in (" x" * 200, "", "  "):
            with pytest.raises(InvalidInput):
                self.keep(edited, *NEW, name=name)

    def test_by_the_command(
        self, framework: Framework, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        app = app_of(framework.engine, lambda: None)
        monkeypatch.setattr("wikic.cli_import.opened", lambda: nullcontext(app))
        monkeypatch.setattr("os.nice", lambda _: 0)
        command = ["import", "esco", str(SAMPLE / "esco-1.ttl"), "--version", "1.0.0"]
        assert cli.run([*command, "--review-as", "The sample"]) == 0
        (kept,) = app.import_reviews.list(actor=MAY)[0]
        assert f"/imports/{kept.id}" in capsys.readouterr().err
        assert cli.run(command) == 0
        assert f"this applies the review /imports/{kept.id}" in capsys.readouterr().out

    def test_a_blank_name_imports_nothing(
        self, framework: Framework, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr("wikic.cli_import.opened", lambda: nullcontext(app_of(framework.engine, lambda: None)))
        monkeypatch.setattr("os.nice", lambda _: 0)
        assert cli.run(["import", "esco", str(SAMPLE / "esco-1.ttl"), "--version", "1.0.0", "--review-as", ""]) != 0
        assert "a review has a name" in capsys.readouterr().err
        assert framework.head == 0

    def test_files_that_were_imported_already_leave_nothing_to_review(self, edited: Framework) -> None:
        edited.run(source(*NEW, version="2"), allow_removals=True)
        report = Importing(edited.engine).run(source(*NEW, version="2"), ImportOptions(allow_removals=True, keep_as="Late"))
        assert report.kept_review == ""
        assert "no release note is written or kept" in report.notes[0]
        assert ImportReviews(edited.engine).list(actor=MAY)[0] == []


def strip(body: dict[str, Any]) -> dict[str, Any]:
    """What a delta says of a concept too."""
    changes = [
        {**change, **{end: [{name: value for name, value in one.items() if name != "there"} for one in change[end]] for end in ("old", "new")}}
        for change in body["changes"]
    ]
    return {**{name: value for name, value in body.items() if name != "there"}, "changes": changes}
