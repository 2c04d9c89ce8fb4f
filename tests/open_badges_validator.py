"""The outside validator of Open Badges 2.0 (PyPI `openbadges`), in a virtual environment of its own: what it needs is too old to stand beside ours.

The environment is made once, with pip, and kept in the user's cache. Where it cannot be made the tests skip; with WIKIC_REQUIRE_OPENBADGES=1 (CI sets
it) that is a failure.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

# Those it names itself do not run on today's Python.
PINS = (
    "aniso8601==10.0.1", "click==8.1.8", "decorator==5.2.1", "future==1.0.0", "jsonschema==3.2.0", "language-tags==1.2.0", "openbadges-bakery==2.0.0",
    "pycryptodome==3.23.0", "pydux==0.2.2", "PyLD==0.8.2", "python-jose==3.5.0", "python-mimeparse==2.0.0", "pytz==2025.2", "requests==2.32.5",
    "requests-cache==0.5.2", "rfc3986==1.5.0", "setuptools<81", "urllib3<2", "validators==0.20.0",
)  # fmt: skip
VALIDATOR = "openbadges==1.1.2"
_CHECK = """
import json, sys
from openbadges import verify
from openbadges.verifier import utils
from openbadges.verifier.openbadges_context import OPENBADGES_CONTEXT_V2_DICT, OPENBADGES_CONTEXT_V2_URI
bundled = {"contextUrl": None, "documentUrl": OPENBADGES_CONTEXT_V2_URI, "document": json.dumps(OPENBADGES_CONTEXT_V2_DICT)}
fetch = utils.CachableDocumentLoader.__call__
utils.CachableDocumentLoader.__call__ = lambda self, url: bundled if url == OPENBADGES_CONTEXT_V2_URI else fetch(self, url)
for address in json.load(sys.stdin):
    report = verify(address)["report"]
    print(json.dumps({"valid": report["valid"], "messages": [each["result"] for each in report["messages"]]}))
"""


def validator_python() -> Path:
    """The Python that has the validator; skips where it cannot be had."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "wikic"
    mark = hashlib.sha256(repr((PINS, VALIDATOR, sys.version_info[:2])).encode()).hexdigest()[:12]
    folder = cache / f"openbadges-{mark}"
    if not (folder / "bin" / "python").exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as temporary:
            made = Path(temporary) / "venv"
            try:
                _make(made)
            except (OSError, subprocess.SubprocessError) as error:
                _give_up(str(getattr(error, "stderr", "") or error)[-600:])
            try:
                made.rename(folder)
            except OSError:  # another process was first
                assert (folder / "bin" / "python").exists()
    return folder / "bin" / "python"


def validate(addresses: list[str]) -> list[dict[str, Any]]:
    """What the validator says of what answers at each address: `valid`, `messages`. The validator's own copy of the context is used: nothing is
    fetched but from there."""
    ran = subprocess.run(
        [str(validator_python()), "-W", "ignore", "-c", _CHECK], input=json.dumps(addresses), capture_output=True, text=True, timeout=120, check=False
    )
    assert ran.returncode == 0, ran.stderr[-2_000:]
    return [json.loads(line) for line in ran.stdout.splitlines() if line.startswith("{")]


def _make(folder: Path) -> None:
    def run(*command: str) -> None:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=300)

    run(sys.executable, "-m", "venv", str(folder))
    pip = (str(folder / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "--quiet", "--no-input", "install")
    run(*pip, *PINS)
    run(*pip, "--no-deps", "--no-build-isolation", VALIDATOR)


def _give_up(why: str) -> None:
    message = f"the validator of Open Badges 2.0 cannot be installed: {why}"
    if os.environ.get("WIKIC_REQUIRE_OPENBADGES") == "1":
        pytest.fail(message)
    pytest.skip(message)
