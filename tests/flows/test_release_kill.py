"""Whoever freezes and publishes is killed at any moment: what was acknowledged is there, once; of what was not, all or nothing."""

from __future__ import annotations

from collections import Counter
from itertools import count
from multiprocessing.connection import Connection as Line

import pytest

from tests.apart import Apart
from tests.engines import server_for_tests
from tests.flows.kill_tools import ESCO_1, import_here
from wikic.bootstrap import App, app_of
from wikic.domain.access import SYSTEM
from wikic.store.engine import Connection, Engine, Kind
from wikic.store.events import read_events

_STEPS = ("frozen", "prepared", "published")
_LATER = {"release_frozen": "frozen", "release_prepared": "prepared", "release_published": "published"}


def killed_after(steps: int, engine: Engine, name: str) -> list[tuple[str, str]]:
    """What a process acknowledged that releases until it is killed, (name, step) each: so many steps at least."""
    with Apart(_release, server_for_tests(engine.kind), engine.kind, name) as releaser:
        told = [releaser.next() for _ in range(steps)]
        releaser.kill()
        return told + list(releaser.heard())


def _release(connection: Connection, kind: Kind, start: str, line: Line) -> None:
    """Freeze, prepare and publish one release after another, and say so after each step."""
    with Engine.of(connection, kind) as engine:
        app = app_of(engine, lambda: None)
        for number in count():
            name = f"{start}-{number}"
            app.releasing.freeze(name, actor=SYSTEM)
            line.send((name, "frozen"))
            app.releases.manifests.prepare(name, "https://skills.example.org", actor=SYSTEM)
            line.send((name, "prepared"))
            app.releasing.publish(name, actor=SYSTEM)
            line.send((name, "published"))


@pytest.fixture
def app(engine: Engine) -> App:
    made = app_of(engine, lambda: None)
    import_here(engine, ESCO_1)
    return made


def test_a_killed_releaser_leaves_no_half(app: App) -> None:
    acknowledged: list[tuple[str, str]] = []
    for number, steps in enumerate((1, 2, 3, 5, 7)):
        acknowledged += killed_after(steps, app.engine, f"k{number}")
    assert len(acknowledged) >= 18
    events = Counter(
        (event.subject.partition("/")[2], _LATER[event.kind])
        for event in read_events(app.engine, 0, 10_000)
        if event.kind in _LATER
    )
    assert set(events.values()) == {1}
    assert set(acknowledged) <= set(events)
    for release in app.releasing.list():
        done = [step for step in _STEPS if (release.name, step) in events]
        assert done == list(_STEPS[: len(done)]), release
        assert (release.state == "published") == ("published" in done), release
        assert (app.releases.manifests.state(release.name)[0] == "made") == ("prepared" in done), release
        # Whatever was half done can be finished, and is what it says.
        app.releases.manifests.prepare(release.name, "https://skills.example.org", actor=SYSTEM)
        if release.state == "frozen":
            assert app.releasing.publish(release.name, actor=SYSTEM).state == "published"
        assert app.releases.manifests.verify(release.name).differences == []
