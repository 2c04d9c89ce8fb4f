"""An import as a release note before it is applied, on both engines: what it tells is what importing does."""

from __future__ import annotations

import json
from contextlib import nullcontext
from pathlib import Path

import pytest

from importers.esco_rdf import open_esco_rdf
from tests.flows.model import Framework, concept, relation, source, uuid_of
from tests.flows.sample_store import SAMPLE
from tests.flows.whole_store import visible_answer
from wikic import cli
from wikic.bootstrap import app_of
from wikic.domain.delta import figures_of
from wikic.domain.vocabulary import PREFERRED
from wikic.services.editing import SetText
from wikic.services.import_planning import ImportOptions
from wikic.services.import_reviewing import Review, review_text
from wikic.services.importing import Importing
from wikic.services.reading import Reading
from wikic.services.releasing_delta import Deltas
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
