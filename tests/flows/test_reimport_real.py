"""Real files: what changes from ESCO 1.1.0 to 1.1.1 is what importing says changed, and the ESCO-ROME table finds its concepts.

On the embedded engine only: the rules are the same on both (see test_importing), these are the figures.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from importers.crosswalk import open_crosswalk
from importers.esco_csv import open_esco_csv
from importers.rome import open_rome
from tests.engines import arcadedb_for_tests
from tests.flows.model import Framework
from wikic.domain.diff import FieldChange, diff_contents
from wikic.domain.ids import concept_uuid
from wikic.domain.vocabulary import ALTERNATIVE, DEPRECATED, PREFERRED
from wikic.services.importing import ImportReport
from wikic.services.reading import Reading
from wikic.services.releasing_delta import Deltas
from wikic.store.engine import Engine
from wikic.store.history import differing_relations, differing_states, touched_between

OLD, NEW = "1.1.0", "1.1.1"
GONE = "http://data.europa.eu/esco/occupation/a9e54177-a185-404d-b6e6-15663d31137e"
NEW_SKILLS = 5


@dataclass
class Upgraded:
    """ESCO in English, one version imported over the other."""

    framework: Framework
    first: ImportReport
    second: ImportReport
    changes: dict[str, list[FieldChange]]
    kinds: dict[str, str]
    links: Counter[tuple[str, bool]]


@pytest.fixture(scope="module")
def empty() -> Iterator[Framework]:
    """A framework on an engine of its own: emptying a shared one of this much data would take longer."""
    with arcadedb_for_tests() as connection, Engine.of(connection, "arcadedb") as engine:
        yield Framework(engine)


@pytest.fixture(scope="module")
def upgraded(shared_data: Path, tmp_path_factory: pytest.TempPathFactory, empty: Framework) -> Upgraded:
    reports = [
        empty.run(
            open_esco_csv(english(shared_data, version, tmp_path_factory.mktemp(f"esco-{version}")), version=version)
        )
        for version in (OLD, NEW)
    ]
    start, end = (report.seq for report in reports)
    assert start is not None
    assert end is not None
    touched = touched_between(empty.engine, "public", start, end)
    changes: dict[str, list[FieldChange]] = {}
    kinds: dict[str, str] = {}
    for uuid, kind, _, differing in differing_states(empty.engine, "public", touched, start, end):
        assert differing.after is not None
        kinds[uuid] = kind
        changes[uuid] = diff_contents(differing.before, differing.after)
    rows = differing_relations(empty.engine, "public", touched, start, end)
    links = Counter((relation.type, opened) for opened, relation, *_ in rows)
    return Upgraded(empty, reports[0], reports[1], changes, kinds, links)


def english(shared_data: Path, version: str, folder: Path) -> Path:
    """A folder of the English files and the relations of one version."""
    for path in sorted((shared_data / "esco" / f"v{version}").glob("*/*.csv")):
        if path.parent.name in ("en", "relations"):
            (folder / path.name).symlink_to(path)
    return folder


def read(shared_data: Path, version: str, name: str) -> list[dict[str, str]]:
    path = shared_data / "esco" / f"v{version}" / name
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def by_address(shared_data: Path, version: str, name: str) -> dict[str, dict[str, str]]:
    return {row["conceptUri"]: row for row in read(shared_data, version, name)}


def alternatives(row: dict[str, str]) -> set[str]:
    """The alternative labels of a row: a set, without the preferred label, stray spaces folded."""
    labels = {" ".join(label.split()) for label in row["altLabels"].split("\n")}
    return labels - {"", " ".join(row["preferredLabel"].split())}


def concepts_with(upgraded: Upgraded, change: str, field: str, *kinds: str) -> set[str]:
    return {
        uuid
        for uuid, changes in upgraded.changes.items()
        if upgraded.kinds[uuid] in kinds and any((one.type, one.field) == (change, field) for one in changes)
    }


def test_descriptions(shared_data: Path, upgraded: Upgraded) -> None:
    old, new = (by_address(shared_data, version, "en/skills_en.csv") for version in (OLD, NEW))
    differ = {
        concept_uuid(key) for key in old.keys() & new.keys() if old[key]["description"] != new[key]["description"]
    }
    assert len(differ) == 86
    assert concepts_with(upgraded, "redefined", "definition", "skill", "knowledge") == differ


def test_alternative_labels(shared_data: Path, upgraded: Upgraded) -> None:
    """867 cells differ, but nearly all in their order: only four skills have other alternative labels."""
    old, new = (by_address(shared_data, version, "en/skills_en.csv") for version in (OLD, NEW))
    both = old.keys() & new.keys()
    assert sum(old[key]["altLabels"] != new[key]["altLabels"] for key in both) == 867
    differ = {concept_uuid(key) for key in both if alternatives(old[key]) != alternatives(new[key])}
    assert len(differ) == 4
    assert concepts_with(upgraded, "relabelled", ALTERNATIVE, "skill", "knowledge") == differ
    renamed = {concept_uuid(key) for key in both if old[key]["preferredLabel"] != new[key]["preferredLabel"]}
    assert len(renamed) == 2
    assert concepts_with(upgraded, "renamed", PREFERRED, "skill", "knowledge") == renamed


def test_five_more_skills_were_groups_before(shared_data: Path, upgraded: Upgraded) -> None:
    old, new = (by_address(shared_data, version, "en/skills_en.csv") for version in (OLD, NEW))
    more = new.keys() - old.keys()
    assert (len(more), len(old.keys() - new.keys())) == (NEW_SKILLS, 0)
    assert more <= by_address(shared_data, OLD, "en/skillGroups_en.csv").keys()
    for key in more:
        kinds = [(one.before, one.after) for one in upgraded.changes[concept_uuid(key)] if one.field == "kind"]
        assert kinds == [("skill_group", "skill")]


def test_one_occupation_disappears(shared_data: Path, upgraded: Upgraded) -> None:
    old, new = (by_address(shared_data, version, "en/occupations_en.csv") for version in (OLD, NEW))
    assert (old.keys() - new.keys(), new.keys() - old.keys()) == ({GONE}, set())
    assert upgraded.second.removed["occupation"] == 1
    assert upgraded.framework.content(concept_uuid(GONE)).status == DEPRECATED


def test_occupation_skill_links(shared_data: Path, upgraded: Upgraded) -> None:
    """347 rows are new and 344 are gone; 42 of each differ in the skill's type only, which is no property of the link."""
    name = "relations/occupationSkillRelations.csv"
    old, new = ({tuple(sorted(row.items())) for row in read(shared_data, version, name)} for version in (OLD, NEW))
    assert (len(new - old), len(old - new)) == (347, 344)
    ends = [
        {(row["occupationUri"], row["relationType"], row["skillUri"]) for row in read(shared_data, version, name)}
        for version in (OLD, NEW)
    ]
    added, removed = len(ends[1] - ends[0]), len(ends[0] - ends[1])
    assert (added, removed) == (305, 302)
    assert upgraded.links["requires", True] == upgraded.second.relations["requires added"] == added
    assert upgraded.links["requires", False] == upgraded.second.relations["requires removed"] == removed


def test_skill_groups_keep_their_uuids(shared_data: Path, upgraded: Upgraded) -> None:
    groups = concepts_with(upgraded, "readdressed", "iri", "skill_group")
    assert (len(groups), upgraded.second.changed["readdressed"]) == (410, 410)
    old = by_address(shared_data, OLD, "en/skillGroups_en.csv")
    assert groups <= {concept_uuid(key) for key in old}
    for uuid in sorted(groups)[:20]:
        now = upgraded.framework.content(uuid).iri
        assert concept_uuid(now) != uuid
        assert upgraded.framework.resolve(concept_uuid(now)) == (uuid, True)
        assert upgraded.framework.resolve(uuid) == (uuid, False)


def test_the_release_note(upgraded: Upgraded) -> None:
    """The same figures as those above, as people are told them."""
    engine, start, end = upgraded.framework.engine, str(upgraded.first.seq), str(upgraded.second.seq)
    delta = Deltas(engine, Reading(engine, "epoch")).delta(start, end)
    figures = delta.figures
    assert sum(figures.kinds["redefined"].get(kind, 0) for kind in ("skill", "knowledge")) == 86
    assert figures.kinds["readdressed"] == {"skill_group": 410}
    assert (figures.fields["related"]["requires"], figures.fields["unrelated"]["requires"]) == (305, 302)
    # Besides those five, two skills became knowledge.
    assert figures.fields["reclassified"]["kind"] == NEW_SKILLS + 2
    assert figures.kinds["deprecated"]["occupation"] == 1
    gone = next(each for each in delta.concepts if each.uuid == concept_uuid(GONE))
    assert (gone.severity, gone.lists()) == ("breaking", ("deprecated", "without_replacement"))
    assert figures.concepts["deprecated"] == figures.concepts["without_replacement"]
    assert sum(figures.severities.values()) == sum(figures.types.values()) == figures.changes


def test_the_same_files_again_write_nothing(shared_data: Path, upgraded: Upgraded, tmp_path: Path) -> None:
    again = upgraded.framework.run(open_esco_csv(english(shared_data, NEW, tmp_path), version=NEW))
    assert (again.seq, upgraded.framework.head) == (None, upgraded.second.seq)


def test_the_esco_rome_table(shared_data: Path, tmp_path: Path) -> None:
    """Occupations of ESCO 1.1.1, ROME, and the table between them."""
    (tmp_path / "occupations_en.csv").symlink_to(shared_data / "esco" / f"v{NEW}" / "en" / "occupations_en.csv")
    titles = tmp_path / "rome"
    titles.mkdir()
    for path in (shared_data / "rome" / "v460").iterdir():
        (titles / path.name).symlink_to(path)
    with arcadedb_for_tests() as connection, Engine.of(connection, "arcadedb") as engine:
        framework = Framework(engine)
        framework.run(open_esco_csv(tmp_path / "occupations_en.csv", version=NEW))
        framework.run(open_rome(titles))
        report = framework.run(open_crosswalk(shared_data / "crosswalks" / "FR_mapping_esco_rome_v1.4.csv"))
        assert report.read == {"FR_mapping_esco_rome_v1.4.csv": 11_118}
        assert {name: n for name, n in report.relations.items() if name.endswith("_match added")} == report.relations
        doubles = report.skipped["same-relation"][1] if "same-relation" in report.skipped else 0
        assert sum(report.relations.values()) + doubles == 11_113
        assert report.skipped["dangling-relation"][1] == 5
