"""The sample of the project as a framework with two releases, an edit and a replacement, for tests that read it."""

from __future__ import annotations

import atexit
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from importers.crosswalk import open_crosswalk
from importers.esco_rdf import open_esco_rdf
from importers.rome import open_rome
from tests.engines import wipe
from wikic.bootstrap import App, app_of
from wikic.crypto.signing import Signer
from wikic.domain.access import operator
from wikic.domain.records import Label
from wikic.domain.vocabulary import DEPRECATED
from wikic.services.backup import Backup
from wikic.services.editing import Create, SetLabels, SetStatus
from wikic.store.engine import Engine

_made: list[tuple[Path, World]] = []
_key = cache(Signer.made_now)

SAMPLE = Path(__file__).resolve().parent.parent / "wikic" / "sample"


@dataclass(slots=True)
class World:
    """The services, and the numbers at which things happened."""

    app: App
    first: int
    second: int
    head: int
    crumb: str
    crust: str
    slice: str


def release(app: App, name: str) -> int:
    """Freeze the head under a name and publish it; its number."""
    by = operator("tester")
    seq = app.releasing.freeze(name, actor=by).seq
    app.releases.manifests.prepare(name, "https://skills.example.org", actor=by)
    app.releasing.publish(name, actor=by)
    return seq


def make_world(engine: Engine) -> World:
    """Both editions of the sample, named 2025 and 2026, then a chain of replacements: crumb -> crust -> slice. Imported once in a process; then restored, which
    takes less than half the time."""
    wipe(engine)
    if not _made:
        world = _imported(engine)
        file = Path(mkdtemp(prefix="wikic-world-")) / "world"
        atexit.register(rmtree, file.parent, ignore_errors=True)
        world.app.backup.save(file)
        _made.append((file, world))
        return world
    file, world = _made[0]
    Backup(engine).restore(file)
    return replace(world, app=app_of(engine, lambda: None, signer=_key))


def _imported(engine: Engine) -> World:
    app = app_of(engine, lambda: None, signer=_key)
    run = app.importing.run
    run(open_esco_rdf(SAMPLE / "esco-1.ttl", version="1.0.0"))
    run(open_rome(SAMPLE / "rome-1"))
    run(open_crosswalk(SAMPLE / "crosswalk.csv"))
    first = release(app, "2025")
    run(open_esco_rdf(SAMPLE / "esco-2.ttl", version="1.1.0"))
    run(open_rome(SAMPLE / "rome-2"))
    second = release(app, "2026")
    names = {"crumb": "00000000-0000-7000-8000-000000000001", "crust": "00000000-0000-7000-8000-000000000002"}
    names["slice"] = "00000000-0000-7000-8000-000000000003"
    made = [Create("skill", (Label(f"cut a {name}", "en", "preferred"),), uuid=uuid) for name, uuid in names.items()]
    app.editing.apply(made, actor="tester", summary="three ways to cut")
    for old, new in (("crumb", "crust"), ("crust", "slice")):
        app.editing.apply(
            [SetStatus(names[old], DEPRECATED, names[new])], actor="tester", summary=f"{old} becomes {new}"
        )
    rename = SetLabels(names["slice"], "en", (Label("slice bread", "en", "preferred"),))
    head = app.editing.apply([rename], actor="tester", summary="a clearer name")
    app.reading.forget()
    return World(app, first, second, head, **names)
