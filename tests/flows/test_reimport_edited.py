"""Real files: ESCO 1.1.0 with 50 edits made here, then 1.1.1. No edit is lost, what changed on both sides is proposed, the rest follows the source.

On the embedded engine only, like test_reimport_real; the rules are under test on both in test_import_conflicts.
"""

from __future__ import annotations

from pathlib import Path

from importers.esco_csv import open_esco_csv
from tests.engines import arcadedb_for_tests
from tests.flows.model import Framework
from tests.flows.proposal_tools import MAY, Ground
from tests.flows.test_reimport_real import NEW, OLD, by_address, english
from wikic.bootstrap import app_of
from wikic.domain.ids import concept_uuid
from wikic.services.editing import Editing, SetText
from wikic.store.engine import Engine

MET, ALONE = 25, 25


def test_fifty_edits_survive_the_next_version(shared_data: Path, tmp_path: Path) -> None:
    old, new = (by_address(shared_data, version, "en/skills_en.csv") for version in (OLD, NEW))
    both = sorted(old.keys() & new.keys())
    redefined = [key for key in both if old[key]["description"] != new[key]["description"]]
    same = [key for key in both if old[key]["description"] == new[key]["description"]]
    met, followed = redefined[:MET], redefined[MET:]
    edited = {concept_uuid(key): f"Chosen here: {number}." for number, key in enumerate((*met, *same[:ALONE]))}
    with arcadedb_for_tests() as connection, Engine.of(connection, "arcadedb") as engine:
        framework = Framework(engine)
        for version in (OLD, NEW):
            folder = tmp_path / version
            folder.mkdir()
            report = framework.run(open_esco_csv(english(shared_data, version, folder), version=version))
            if version == OLD:
                for uuid, text in edited.items():
                    Editing(engine).apply([SetText(uuid, "definition", "en", text)], actor="editor", summary="a better definition")
        for uuid, text in edited.items():
            assert framework.content(uuid).texts["definition"]["en"] == text
        for key in followed:
            assert framework.content(concept_uuid(key)).texts["definition"]["en"].split() == new[key]["description"].split()
        ground = Ground(app_of(engine, lambda: None), framework)
        waiting = ground.app.queueing.page(MAY, lane="conflict", limit=MET + 1).items
        assert {one.concepts()[0] for one in waiting} == {concept_uuid(key) for key in met}
        assert len(report.conflicts) == len(waiting) == MET
        for proposal in waiting:
            ground.reject(proposal)
        again = framework.run(open_esco_csv(tmp_path / NEW, version=NEW), complete=True)
        assert (again.conflicts, ground.app.queueing.page(MAY, lane="conflict").items) == ([], [])
