"""Suggestions of readers without an account: held until they are confirmed by the link in a mail, or taken up by a contributor.

They are few by address of the sender, so that nobody floods the queue; of the address only a digest is kept, and of the link only its hash.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b, sha256
from typing import Final

from wikic.domain.access import NOBODY, Actor
from wikic.domain.changes import now, stamp
from wikic.domain.proposals import Proposal, may_see
from wikic.domain.proposals_changes import Change
from wikic.errors import Conflict, Forbidden, InvalidInput, NotFound, Throttled
from wikic.services.mailing import Mailer
from wikic.services.proposing import Proposing, require_contributor, told
from wikic.services.proposing_once import id_for, written_once
from wikic.store import proposals as store
from wikic.store.documents import Source
from wikic.store.engine import Engine, WriteTransaction
from wikic.store.leases import write_numbered

MOST_CHANGES: Final = 5
MOST_A_DAY: Final = 5
"""Suggestions from one address within a day."""
_MAIL: Final = re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}\.[^@\s.]{2,60}\Z")


@dataclass(frozen=True, slots=True)
class Suggested:
    """A suggestion that is held, and the secret part of the link that confirms it (to be sent by mail, and kept nowhere)."""

    proposal: Proposal
    token: str


class Suggesting:
    """The flow of suggestions over one store."""

    def __init__(
        self, engine: Engine, epoch: str, proposing: Proposing, mailer: Mailer | None = None, public_url: str = ""
    ) -> None:
        """`mailer` sends the link that confirms, to a page under `public_url`; without one suggestions wait to be taken up."""
        self._engine, self._epoch, self._proposing = engine, epoch, proposing
        self._mailer, self._public_url = mailer, public_url

    @property
    def mails(self) -> bool:
        """Whether the link is mailed at all."""
        return self._mailer is not None and self._mailer.enabled

    def suggest(
        self,
        changes: Sequence[Change],
        justification: str,
        *,
        sender: str,
        mail: str = "",
        sources: Iterable[str] = (),
        lang: str = "",
        once: str = "",
    ) -> Suggested:
        """Write a suggestion down, hold it, and mail the link that confirms it. `sender`: the address it came from; `once`: as of `Proposing.make`.

        Raises InvalidInput, NotFound, Throttled.
        """
        if not 1 <= len(changes) <= MOST_CHANGES:
            raise InvalidInput(
                f"a suggestion has 1 to {MOST_CHANGES} changes: with an account you may propose more",
                reason="suggestion-changes", most=MOST_CHANGES,
            )
        if mail and not _MAIL.match(mail):
            raise InvalidInput("this is no address of mail", reason="email-form", email="")
        address = blake2b(f"{self._epoch}|{sender}".encode(), digest_size=12).hexdigest()
        since = stamp(datetime.now(UTC) - timedelta(days=1))
        _require_fewer(self._engine, address, since)
        token = secrets.token_urlsafe(24)
        draft = self._proposing.draft(changes, justification, sources)
        draft.id, draft.created, draft.changed = id_for(once), now(), now()
        draft.origin, draft.held, draft.address, draft.mail = "suggestion", True, address, mail.strip()
        draft.secret = _hash(token)
        self._proposing.prepare(draft)

        def work(tx: WriteTransaction) -> None:
            told(tx, NOBODY, "suggestion_made", draft)
            # The event's number is taken by one at a time: of several that are sent at once, each is counted by the next.
            _require_fewer(tx, address, since)
            store.add_proposals(tx, [draft])
            if mail and self._mailer is not None:
                url = f"{self._public_url}/proposals/{draft.id}/confirm?token={token}"
                self._mailer.queue(tx, draft.mail, *_letter(lang, url))

        written = written_once(self._engine, draft, work)
        if self._mailer is not None:
            self._mailer.wake()
        return Suggested(written, token)

    def confirm(self, identity: str, token: str) -> Proposal:
        """The link was followed: the suggestion goes to the moderators. Raises NotFound for a wrong link, Conflict where it was used already."""

        def work(tx: WriteTransaction) -> Proposal:
            found = store.lock_proposal(tx, identity)
            if not found.waits_to_be_taken_up or not found.secret or not hmac.compare_digest(found.secret, _hash(token)):
                said = "this link confirms no suggestion: it was used already, the suggestion was decided on, or it is not whole"
                raise NotFound(said, reason="suggestion-gone")
            _let_go(found)
            store.save_proposal(tx, found, content=True)
            told(tx, NOBODY, "proposal_submitted", found)
            return found

        return write_numbered(self._engine, work)

    def public(self, identity: str) -> bool:
        """Whether a suggestion waits no longer, so that everyone may read it."""
        try:
            found = self._proposing.read(identity, NOBODY)
        except NotFound:
            return False
        return found.origin == "suggestion"

    def take_up(self, identity: str, actor: Actor) -> Proposal:
        """A contributor stands for a held suggestion: it is theirs from now on, and goes to the moderators. Raises Forbidden, Conflict."""
        require_contributor(actor)

        def work(tx: WriteTransaction) -> Proposal:
            found = store.lock_proposal(tx, identity)
            if not may_see(found, actor):
                raise store.missing(identity)
            if not found.waits_to_be_taken_up:
                raise Conflict(f"proposal {identity} is no suggestion that waits for somebody", reason="suggestion-taken")
            _let_go(found)
            found.author, found.author_name, found.hands = actor.id, actor.name, [actor.id]
            store.save_proposal(tx, found, content=True)
            told(tx, actor, "suggestion_taken_up", found)
            told(tx, actor, "proposal_submitted", found)
            return found

        return write_numbered(self._engine, work)

    def held(self, actor: Actor, *, limit: int = 100) -> list[Proposal]:
        """The suggestions that wait to be confirmed or taken up, newest first."""
        if not actor.has("contributor"):
            raise Forbidden("you may not do this: it takes the role contributor", reason="role", role="contributor")
        return [one for _, one in store.page_of_proposals(self._engine, "listing", limit=limit, filters={"held": True, "state": "submitted"})]


def _require_fewer(source: Source, address: str, since: str) -> None:
    if store.count_held(source, address, since) >= MOST_A_DAY:
        raise Throttled("too many suggestions came from your address today: sign in to propose more", retry_after=3600, reason="suggestions-many")


def _let_go(proposal: Proposal) -> None:
    proposal.held, proposal.secret = False, ""
    proposal.submitted = proposal.changed = now()


def _letter(lang: str, url: str) -> tuple[str, str]:
    if lang == "en":
        return (
            "Wiki-C: confirm your suggestion",
            f"Hello,\n\nTo send your suggestion to the moderators of Wiki-C, open this link:\n\n{url}\n\n"
            "Afterwards it shows what becomes of it. If you suggested nothing, do nothing: it will not be looked at.\n",
        )
    return (
        "Wiki-C : confirmez votre suggestion",
        f"Bonjour,\n\nPour transmettre votre suggestion aux modérateurs de Wiki-C, ouvrez ce lien :\n\n{url}\n\n"
        "Il montre ensuite ce qu'elle devient. Si vous n'avez rien suggéré, ne faites rien : elle ne sera pas examinée.\n",
    )


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()
