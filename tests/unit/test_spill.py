"""Rows that move to files come back whole, once, and leave nothing behind."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from importers.spill import PARTS, Row, SpillFolder, SpillMap
from wikic.errors import SourceError


@pytest.mark.parametrize("every", [0, 1, 7, 1000])
def test_rows_come_back_whole_however_often_they_were_spilled(tmp_path: Path, every: int) -> None:
    folder = SpillFolder(tmp_path)
    spilling: SpillMap[str, tuple[Row, ...]] = SpillMap(folder)
    expected: dict[str, list[Row]] = {}
    chance = random.Random(every)
    for i in range(2000):
        key = f"clé {chance.randrange(300)}"
        spilling.live[key] = (*spilling.live.get(key, ()), i, ("fr", "rôle"))
        expected.setdefault(key, []).extend((i, ("fr", "rôle")))
        if every and i % every == 0:
            spilling.spill()
    assert spilling.spilled == bool(every)
    drained = [(key, list(rows)) for key, rows in spilling.drain()]
    assert len(drained) == len(expected)
    assert dict(drained) == expected
    assert not spilling.live
    assert not list(spilling.drain())
    folder.close()
    assert not list(tmp_path.iterdir())


def test_order_of_arrival_is_kept_when_nothing_was_spilled(tmp_path: Path) -> None:
    spilling: SpillMap[int, list[Row]] = SpillMap(SpillFolder(tmp_path))
    for key in (5, 3, 9, 1):
        spilling.live[key] = [key]
    assert [key for key, _ in spilling.drain()] == [5, 3, 9, 1]


def test_two_maps_share_a_folder(tmp_path: Path) -> None:
    folder = SpillFolder(tmp_path)
    first: SpillMap[int, list[Row]] = SpillMap(folder)
    second: SpillMap[int, list[Row]] = SpillMap(folder)
    for key in range(3 * PARTS):
        first.live[key] = [key]
        second.live[key] = [-key]
    first.spill()
    second.spill()
    assert dict(first.drain()) == {key: [key] for key in range(3 * PARTS)}
    assert dict(second.drain()) == {key: [-key] for key in range(3 * PARTS)}
    folder.close()


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    spilling: SpillMap[int, list[Row]] = SpillMap(SpillFolder(tmp_path / "absent"))
    spilling.live[1] = ["x"]
    with pytest.raises(SourceError, match="absent"):
        spilling.spill()
