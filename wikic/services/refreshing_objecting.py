"""Objections to a candidate: what issuers say about the badge classes that it would break. They are comments on it that name badge classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from wikic.domain.access import Actor, require_issuer
from wikic.errors import InvalidInput
from wikic.services.badging_catalogue import Catalogue
from wikic.services.refreshing import Refreshing
from wikic.services.releasing_talk import Remark, Remarks

MOST: Final = 200
"""Badge classes that one objection names."""


class Objecting:
    """Objections over one store."""

    def __init__(self, remarks: Remarks, refreshing: Refreshing, catalogue: Catalogue) -> None:
        self._remarks, self._refreshing, self._catalogue = remarks, refreshing, catalogue

    def list(self, release: str) -> list[Remark]:
        """The objections to a candidate, oldest first. Raises UnknownRelease."""
        return [each for each in self._remarks.list(release) if each.issuer]

    def add(self, release: str, issuer: str, badge_classes: Sequence[str], text: str, actor: Actor) -> Remark:
        """Object to a candidate for an issuer, because of these of its badge classes, which have to be public and touched by it.

        Raises Unauthenticated, Forbidden, NotFound (no such issuer), UnknownRelease, Conflict (no candidate), InvalidInput."""
        self._catalogue.issuer(issuer, actor)
        require_issuer(actor, issuer)
        named = list(dict.fromkeys(badge_classes))
        if not 1 <= len(named) <= MOST:
            raise InvalidInput(f"name the badge classes that it is about: 1 to {MOST}", reason="objection-badges", most=MOST)
        touched = {line.badge_class for line in self._refreshing.rehearsal(release, actor).lines if line.issuer == issuer and line.public}
        wrong = [each for each in named if each not in touched]
        if wrong:
            raise InvalidInput(
                f"{wrong[0][:60]} is no published badge class of {issuer} that {release[:60]} touches: name those of the rehearsal",
                reason="objection-untouched", release=release[:60], organisation=issuer,
            )
        return self._remarks.add(release, text, actor=actor, issuer=issuer, badge_classes=named)
