"""The round trip: what is downloaded, read back and loaded into an empty store is what was there.

What may differ, all of it: numbers and times of changes, and what was before the release (earlier states, changes and closed relations, with the
memory of what an editor removed); the kind that a concept was first seen with; what imports remember of their files.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from importers.wikic_rdf import open_wikic_rdf
from tests.engines import wipe
from tests.flows import sample_store
from wikic.bootstrap import App, app_of
from wikic.domain.access import SYSTEM
from wikic.domain.records import Label
from wikic.domain.vocabulary import PUBLIC_SPACE
from wikic.errors import Conflict, SourceError
from wikic.services.editing import Create, SetLabels
from wikic.store.dump_reading import read_whole
from wikic.store.engine import Engine

BASE = "https://skills.example.org"


def graph(app: App) -> list[str]:
    """Everything that holds at the head, a line for each concept."""
    app.reading.forget()
    lines = []
    for whole in read_whole(app.engine, {PUBLIC_SPACE: app.reading.moment().head}):
        relations = sorted((tuple(each) for each in whole.relations), key=str)
        said = (whole.identity, whole.content, whole.base, relations, sorted(whole.aliases))
        lines.append(json.dumps(said, default=_plain, sort_keys=True, ensure_ascii=False))
    return lines


def _plain(value: Any) -> Any:
    return {name: getattr(value, name) for name in value.__slots__}


def download(app: App, release: str, form: str, folder: Path) -> Path:
    path = folder / f"wikic-{release}.{form}"
    path.write_bytes(b"".join(app.publishing.download(release, BASE, form)))
    return path


@pytest.fixture
def app(engine: Engine) -> App:
    """A store with edits, replacements, withdrawn relations, odd values and a private space; its head is named 2028."""
    sample_store.fill(engine)
    made = app_of(engine, lambda: None)
    odd = (
        Label("pain d’épices", "fr", "preferred"),
        Label('a "quoted"\nline \\ end', "en", "preferred"),
        Label("pan", "fr-CA", "alternative", ("female", "standard-female")),
        Label("pan", "fr", "hidden"),
    )
    made.editing.apply([Create("skill", odd[:2])], actor="Zoë <z@example.org>", summary='one "more"')
    uuid = next(
        whole.identity.uuid
        for whole in read_whole(engine, {PUBLIC_SPACE: made.reading.moment_of("").head + 1})
        if whole.content.origin == ""
    )
    made.editing.apply([SetLabels(uuid, "fr-CA", odd[2:3])], actor="editor", summary="a label with roles")
    made.releasing.freeze("2028", actor=SYSTEM)
    made.reading.forget()
    return made


@pytest.mark.parametrize("form", ["nt", "ttl.gz"])
def test_the_graph_comes_back(app: App, engine: Engine, tmp_path: Path, form: str) -> None:
    before = graph(app)
    file = download(app, "2028", form, tmp_path)
    wipe(engine)
    empty = app_of(engine, lambda: None)
    report = empty.loading.run(open_wikic_rdf(file), actor="tester")
    assert report.seq is not None
    assert sum(report.concepts.values()) == len(before)
    after = graph(empty)
    assert after == before
    errors = [finding for finding in empty.checking.run() if not finding.note]
    assert errors == []
    with pytest.raises(Conflict, match="not empty"):
        empty.loading.run(open_wikic_rdf(file))


def test_order_and_memory_do_not_matter(app: App, engine: Engine, tmp_path: Path) -> None:
    before = graph(app)
    file = download(app, "2028", "nt", tmp_path)
    head, *lines = file.read_bytes().splitlines(keepends=True)
    version = next(line for line in lines if b"dcat#version" in line)
    random.Random(7).shuffle(lines)
    file.write_bytes(b"".join([version, head, *lines]))
    wipe(engine)
    empty = app_of(engine, lambda: None)
    empty.loading.run(open_wikic_rdf(file, memory_budget=20_000, spill_dir=tmp_path))
    assert graph(empty) == before


def test_a_dry_run_and_bad_files_write_nothing(app: App, engine: Engine, tmp_path: Path) -> None:
    file = download(app, "2028", "nt", tmp_path)
    content = file.read_bytes()
    wipe(engine)
    empty = app_of(engine, lambda: None)
    report = empty.loading.run(open_wikic_rdf(file), dry_run=True)
    assert report.seq is None
    assert report.concepts["skill"] > 3
    lines = content.splitlines(keepends=True)
    relation = next(line for line in lines if b"core#broader>" in line)
    gone = relation.split()[2]
    bad: Mapping[str, bytes] = {
        "damaged": content[: len(content) // 2] + b"<<<",
        "not in the file": b"".join(line for line in lines if not line.startswith(gone)),
        "cannot be understood": b"".join(line for line in lines if b"hasStatus" not in line),
        "uriSpace": b"".join(line for line in lines if b"uriSpace" not in line),
    }
    for reason, damaged in bad.items():
        file.write_bytes(damaged)
        with pytest.raises(SourceError, match=reason):
            empty.loading.run(open_wikic_rdf(file))
    file.write_bytes(b"<http://a.example/x> <http://a.example/y> <http://a.example/z> .\n")
    with pytest.raises(SourceError, match="no release of Wiki-C"):
        open_wikic_rdf(file)
    assert empty.reading.moment().head == 0
