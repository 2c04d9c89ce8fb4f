"""Whoever freezes and publishes is killed at any moment: what was acknowledged is there, once; of what was not, all or nothing."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import asdict

import pytest

from tests.engines import server_for_tests
from tests.flows.kill_tools import ESCO_1, ROOT, import_here
from wikic.bootstrap import App, app_of
from wikic.domain.access import SYSTEM
from wikic.store.engine import Connection, Engine
from wikic.store.events import read_events

_STEPS = ("frozen", "prepared", "published")
_LATER = {"release_frozen": "frozen", "release_prepared": "prepared", "release_published": "published"}


class Releaser:
    """A process that freezes, prepares and publishes one release after another, and says so after each step."""

    def __init__(self, engine: Engine, name: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdin is not None
        job = {"connection": asdict(server_for_tests(engine.kind)), "kind": engine.kind, "name": name}
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()

    def killed_after(self, steps: int) -> list[tuple[str, str]]:
        """What it acknowledged until it was killed, (name, step) each: so many steps at least."""
        assert self._process.stdout is not None
        told = [self._process.stdout.readline() for _ in range(steps)]
        self._process.send_signal(signal.SIGKILL)
        told += self._process.stdout.readlines()
        self._process.wait()
        self._process.stdout.close()
        assert self._process.stdin is not None
        self._process.stdin.close()
        return [(name, step) for name, step in (line.split() for line in told if line.endswith("\n"))]


@pytest.fixture
def app(engine: Engine) -> App:
    made = app_of(engine, lambda: None)
    import_here(engine, ESCO_1)
    return made


def test_a_killed_releaser_leaves_no_half(app: App) -> None:
    acknowledged: list[tuple[str, str]] = []
    for number, steps in enumerate((1, 2, 3, 5, 7)):
        acknowledged += Releaser(app.engine, f"k{number}").killed_after(steps)
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


def main() -> None:
    """The process: told on stdin where the engine is."""
    job = json.loads(sys.stdin.readline())
    with Engine.of(Connection(**job["connection"]), job["kind"]) as engine:
        app = app_of(engine, lambda: None)
        number = 0
        while True:
            name = f"{job['name']}-{number}"
            app.releasing.freeze(name, actor=SYSTEM)
            print(name, "frozen", flush=True)
            app.releases.manifests.prepare(name, "https://skills.example.org", actor=SYSTEM)
            print(name, "prepared", flush=True)
            app.releasing.publish(name, actor=SYSTEM)
            print(name, "published", flush=True)
            number += 1


if __name__ == "__main__":
    main()
