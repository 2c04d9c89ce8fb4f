"""A real identity provider for tests: the npm package oidc-provider, in a process of its own on loopback.

It is kept in the user's cache once fetched. Without Node.js these tests are skipped with the reason, unless WIKIC_REQUIRE_OIDC=1 (CI sets it)."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

VERSION = "9.13.3"
SCRIPT = Path(__file__).parent / "server.mjs"


class NoProviderError(Exception):
    """There is no provider for tests here; the message says why."""


def _packages() -> Path:
    """The folder with the provider's packages, fetched with npm the first time."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "wikic"
    folder = cache / f"oidc-provider-{VERSION}"
    if folder.is_dir():
        return folder
    npm = shutil.which("npm")
    if npm is None:
        raise NoProviderError("there is no npm to fetch oidc-provider with")
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as temporary:
        command = [npm, "install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts", f"oidc-provider@{VERSION}"]
        fetched = subprocess.run(command, cwd=temporary, capture_output=True, text=True, check=False)
        if fetched.returncode != 0:
            lines = (fetched.stdout + fetched.stderr).strip().splitlines() or ["no message"]
            raise NoProviderError(f"npm cannot fetch oidc-provider: {lines[0]}")
        # Another run may have been faster: its folder is as good.
        with suppress(OSError):
            Path(temporary).rename(folder)
        # The temporary folder was moved: there is nothing left to remove, unless another run was faster.
        Path(temporary).mkdir(exist_ok=True)
    return folder


@contextmanager
def run_provider(people: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """A provider that knows these people (claims by sign-in name); its issuer. Raises NoProviderError."""
    node = shutil.which("node")
    if node is None:
        raise NoProviderError("there is no Node.js to run oidc-provider with")
    packages = _packages()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    # A module finds its packages beside itself.
    script = packages / f"server-{os.getpid()}.mjs"
    script.write_text(SCRIPT.read_text(encoding="utf-8"), encoding="utf-8")
    command = [node, "--no-warnings", str(script), str(port), json.dumps(people)]
    process = subprocess.Popen(command, cwd=packages, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout is not None
        lines: list[str] = []
        for line in process.stdout:
            lines.append(line.strip())
            if line.startswith("listening"):
                break
        else:
            raise NoProviderError(f"oidc-provider ended with status {process.wait()}: {' '.join(lines)[:300]}")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
        script.unlink(missing_ok=True)


@contextmanager
def provider_for_tests(people: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """The same; skips (or fails, see above) where there can be none."""
    try:
        with run_provider(people) as issuer:
            yield issuer
    except NoProviderError as error:
        if os.environ.get("WIKIC_REQUIRE_OIDC") == "1":
            pytest.fail(f"WIKIC_REQUIRE_OIDC=1, but {error}")
        pytest.skip(str(error))
