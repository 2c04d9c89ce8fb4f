"""Fixtures that every floor of the tests shares."""

from __future__ import annotations

import gc
from collections import Counter
from pathlib import Path

import pytest

from tests.engines import QUICK
from wikic.store import embedded_process

ROOT = Path(__file__).resolve().parent.parent
LONG = (
    "test_serving_killed.py", "test_kill.py", "test_hostile_files.py", "test_backup_answers.py", "test_reimport_edited.py", "test_openapi.py",
    "test_reimport_real.py", "test_openapi_signed_in.py", "test_state_machine.py", "test_webhooks_killed.py", "test_rdf_csv_equal.py",
)  # fmt: skip
"""Files of few tests that take long: they come first, so that no process is left alone with them at the end."""


def pytest_configure() -> None:
    """The engines that tests start live for seconds, or have little to do: to compile for them what servers gain by takes more than it gives."""
    embedded_process.JAVA = (*embedded_process.JAVA, f"-XX:TieredStopAtLevel={QUICK}")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whole files in the order in which processes take them (`--no-loadscope-reorder`): the long ones, then those of many tests."""
    sizes = Counter(item.path for item in items)
    items.sort(key=lambda item: (item.path.name not in LONG, -sizes[item.path], str(item.path)))


def pytest_collection_finish() -> None:
    """What was collected stays until the end: the search for garbage, a twentieth of all time, need not look through it, nor begin so often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real ESCO, ROME and mapping files beside the project; tests that need it skip where it is absent."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the real data (../shared/data) is not on this machine")
    return folder
