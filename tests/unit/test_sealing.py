"""Secrets that the store keeps: sealed by a key, opened by that one alone, and only where they belong."""

from __future__ import annotations

import stat
from pathlib import Path

from wikic.crypto.sealing import Sealer


def test_sealed_and_opened() -> None:
    sealer = Sealer.of("a secret of the settings, long enough")
    kept = sealer.seal("whsec_abc", "hook-1")
    assert "whsec_abc" not in kept
    assert kept != sealer.seal("whsec_abc", "hook-1")
    assert sealer.seals(kept)
    assert sealer.open(kept, "hook-1") == "whsec_abc"
    assert sealer.open(kept, "hook-2") is None
    assert sealer.open(kept[:-4] + "AAAA", "hook-1") is None
    other = Sealer.of("another secret of the settings, as long")
    assert (other.seals(kept), other.open(kept, "hook-1")) == (False, None)
    assert Sealer.plain().open(kept, "hook-1") is None


def test_in_clear() -> None:
    assert Sealer.of("a secret").open("whsec_abc", "hook-1") == "whsec_abc"
    assert Sealer.plain().seal("whsec_abc", "hook-1") == "whsec_abc"


def test_a_file_holds_the_key(tmp_path: Path) -> None:
    path = tmp_path / "data" / "secret-key"
    kept = Sealer.kept_in(path).seal("whsec_abc", "hook-1")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert Sealer.kept_in(path).open(kept, "hook-1") == "whsec_abc"
    assert [each.name for each in path.parent.iterdir()] == ["secret-key"]
