"""What people say about a candidate, before the release it rehearses is frozen. Everyone reads it; who may propose writes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from wikic.domain.access import Actor
from wikic.domain.changes import now
from wikic.domain.ids import new_uuid
from wikic.domain.texts import check_comment
from wikic.domain.vocabulary import PUBLIC_SPACE
from wikic.errors import Conflict
from wikic.services.proposing import require_contributor
from wikic.store.engine import Engine, Row, WriteTransaction
from wikic.store.events import happened
from wikic.store.leases import write_numbered
from wikic.store.proposals_talk import add_comment, list_comments
from wikic.store.releases import CANDIDATE, Release, known_release

LONGEST: Final = 5_000
_MOST: Final = 500


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment on a candidate. `author` is a user's id, `name` theirs when they wrote it; `time` is UTC, ISO 8601. An objection names the `issuer` it is
    made for, and the badge classes it is about."""

    id: str
    author: str
    name: str
    text: str
    time: str
    issuer: str = ""
    badge_classes: tuple[str, ...] = ()


class Remarks:
    """The comments on the candidates of one store."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def list(self, name: str) -> list[Remark]:
        """What was said about a candidate, oldest first, at most some hundreds; nothing about other releases. Raises UnknownRelease."""
        release = self._release(name)
        if release.state != CANDIDATE:
            return []
        return [_remark(row) for row in list_comments(self._engine, _thread(release), limit=_MOST)]

    def add(self, name: str, text: str, *, actor: Actor, issuer: str = "", badge_classes: Sequence[str] = ()) -> Remark:
        """Say something about a candidate; for an `issuer` whom the actor speaks for, object to it (services.refreshing_objecting). Raises
        Unauthenticated, Forbidden, UnknownRelease, Conflict (it is none), InvalidInput."""
        if not issuer:
            require_contributor(actor)
        release = self._release(name)
        if release.state != CANDIDATE:
            raise Conflict(f"release {name} is {release.state}: only a candidate is open to comment", reason="release-comment", name=name)
        said = check_comment(text, LONGEST)
        row: Row = {"key": new_uuid(), "author": actor.id, "name": actor.name, "text": said, "time": now()}
        told: Row = {}
        if issuer:
            row |= {"issuer": issuer, "badge_classes": list(badge_classes)}
            told = {"objection": True, "issuer": issuer, "badge_classes": list(badge_classes)}

        def work(tx: WriteTransaction) -> None:
            add_comment(tx, _thread(release), row)
            happened(tx, actor, "release_commented", subject=f"release/{release.name}", seq=release.seq, comment=row["key"], **told)

        write_numbered(self._engine, work)
        return _remark(row)

    def _release(self, name: str) -> Release:
        return known_release(self._engine, PUBLIC_SPACE, name)


def _thread(release: Release) -> str:
    return f"release:{release.key}"


def _remark(row: Row) -> Remark:
    return Remark(row["key"], row["author"], row["name"], row["text"], row["time"], row.get("issuer") or "", tuple(row.get("badge_classes") or ()))
