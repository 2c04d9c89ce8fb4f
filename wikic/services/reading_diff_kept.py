"""Differences between releases on disk: computed once, they need no store when they are asked for again, by whichever process.

They are derived: a file can be deleted at any time. What a number says never changes, so a file is right for as long as the store's epoch lives.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import astuple
from pathlib import Path
from typing import Any, Final

import orjson
import structlog

from wikic.domain.changes import Relation
from wikic.domain.diff import FieldChange
from wikic.services.reading_diff import ConceptDiff, Diff, diff_of
from wikic.store.concepts import Brief

_FORM: Final = 1
"""Grows with every change of what a file holds, or of how differences are typed."""

log = structlog.get_logger(__name__)


class KeptDiffs:
    """Differences below `folder`; None: nothing is kept."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    @property
    def on(self) -> bool:
        """Whether anything is kept."""
        return self._folder is not None

    def get(self, key: tuple[str, int, int]) -> Diff | None:
        """The difference between two numbers of an epoch, if it is kept and whole."""
        path = self._path(key)
        if path is None:
            return None
        try:
            return _read(orjson.loads(path.read_bytes()))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, KeyError) as error:
            log.warning("a kept difference cannot be read: it is computed again", path=str(path), reason=str(error))
            return None

    def put(self, key: tuple[str, int, int], diff: Diff) -> None:
        """Keep a difference, where the folder lets us."""
        path = self._path(key)
        if path is None or path.exists():
            return
        new = path.with_name(f".{path.name}.{os.getpid()}.new")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            new.write_bytes(orjson.dumps(_written(diff)))
            new.replace(path)
        except OSError as error:
            log.warning("a difference is not kept", path=str(path), reason=str(error))
        finally:
            with suppress(OSError):
                new.unlink()

    def _path(self, key: tuple[str, int, int]) -> Path | None:
        epoch, start, end = key
        return self._folder / f"{epoch}-{start}-{end}.{_FORM}.json" if self._folder is not None else None


def _written(diff: Diff) -> dict[str, Any]:
    return {
        "concepts": [
            [
                each.uuid,
                each.kind,
                [astuple(change) for change in each.changes],
                [(move, tuple(row), tuple(before) if before is not None else None) for move, row, before in each.relations],
            ]
            for each in diff.concepts
        ],
        "briefs": [astuple(brief) for brief in diff.briefs.values()],
    }


def _read(told: dict[str, Any]) -> Diff:
    concepts = [
        ConceptDiff(
            uuid,
            kind,
            [FieldChange(*change) for change in changes],
            [(move, _relation(row), _relation(before) if before is not None else None) for move, row, before in relations],
        )
        for uuid, kind, changes, relations in told["concepts"]
    ]
    briefs = [Brief(*each) for each in told["briefs"]]
    return diff_of(concepts, {brief.uuid: brief for brief in briefs})


def _relation(row: list[Any]) -> Relation:
    *values, origins, base = row
    return Relation._make((*values, tuple(origins), base))
