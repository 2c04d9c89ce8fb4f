"""A backup made after a release was published, restored into the other engine: the release is proved there as it was, from the store and from a download,
and one changed byte is found."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.engines import wipe
from tests.sample_world import make_world
from wikic import cli
from wikic.bootstrap import app_of
from wikic.services.backup import Backup
from wikic.store.engine import Query

BASE = "https://skills.example.org"

# The last letter of a label as release 2025 has it.
CHANGE = Query(
    "tests.change",
    "MATCH (s:State) WHERE s.from_seq <= $at AND s.to_seq > $at AND s.pref__fr IS NOT NULL AND s.space = 'public'"
    " WITH s ORDER BY s.concept LIMIT 1 SET s.pref__fr = left(s.pref__fr, size(s.pref__fr) - 1) + '~' RETURN s.concept AS concept",
)


@pytest.mark.parametrize("ways", [("arcadedb", "neo4j"), ("neo4j", "arcadedb")], ids="-".join)
def test_a_restored_release_is_what_was_signed(
    ways: tuple[str, str], request: pytest.FixtureRequest, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    here, there = (request.getfixturevalue(f"{name}_engine") for name in ways)
    world = make_world(here)
    manifests = {name: world.app.releases.manifests.get(name) for name in ("2025", "2026")}
    Backup(here).save(tmp_path / "backup.gz")
    wipe(there)
    Backup(there).restore(tmp_path / "backup.gz")

    app = app_of(there, lambda: None)
    for name, body in manifests.items():
        assert app.releases.manifests.get(name) == body
        found = app.releases.manifests.verify(name)
        assert found.differences == []
        assert found.concepts > 50
        assert app.releasing.get(name).state == "published"

    (tmp_path / "manifest.json").write_text(json.dumps(manifests["2025"]))
    dump = tmp_path / "wikic-2025.nt"
    content = b"".join(app.publishing.download("2025", BASE, "nt", keep=False))
    verify = ["release", "verify", "--dump", str(dump), "--manifest", str(tmp_path / "manifest.json")]
    dump.write_bytes(content)
    assert cli.run(verify) == 0, capsys.readouterr()
    found_label = re.search(rb'/c/[^\n]*core#prefLabel> "', content)
    assert found_label
    place = found_label.end()
    dump.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
    assert cli.run(verify) == 1
    assert "scheme" in capsys.readouterr().out

    assert there.write(lambda tx: tx.run(CHANGE, at=world.first))
    assert any(line.startswith("scheme") for line in app.releases.manifests.verify("2025").differences)
