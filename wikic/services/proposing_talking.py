"""What people say around a proposal: comments with mentions, support, questions to experts, and who is looking at it now."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final

from wikic.domain import access
from wikic.domain.access import Actor
from wikic.domain.accounts import ACTIVE, name_key
from wikic.domain.changes import now
from wikic.domain.ids import is_uuid, new_uuid
from wikic.domain.proposals import Proposal
from wikic.domain.texts import check_comment
from wikic.domain.vocabulary import PUBLIC_SPACE
from wikic.errors import Conflict, InvalidInput, NotFound
from wikic.services.deciding_rights import may_decide
from wikic.services.placing import require_somewhere
from wikic.services.proposing import require_contributor, told
from wikic.services.proposing_lists import seen_proposal
from wikic.store import documents
from wikic.store import proposals as store
from wikic.store import proposals_talk as talk
from wikic.store.engine import Engine, Row, WriteTransaction
from wikic.store.leases import write_numbered
from wikic.store.tables import MEMBERSHIPS, USERS

LONGEST_COMMENT: Final = 5_000
MOST_MENTIONS: Final = 10
MOST_FOUND: Final = 10
"""People that a search for somebody to ask gives."""
SHORTEST_SOUGHT: Final = 2
LONGEST_NAME: Final = 80
_READ: Final = 50
_MENTION: Final = re.compile(r'(?<![\w@.])@(?:"([^"\n]{1,80})"|(\w[\w.-]{0,63}))')
"""`@name`, or `@"name"` where it has blanks."""


class Talking:
    """The talk about proposals of one store. `actor_of`: a user's uuid to who they are now."""

    def __init__(self, engine: Engine, actor_of: Callable[[str], Actor]) -> None:
        self._engine, self._actor_of = engine, actor_of

    def comment(self, identity: str, text: str, actor: Actor) -> Row:
        """Add a comment; `@name` mentions a user, who is told. Raises Forbidden, NotFound, InvalidInput."""
        proposal = seen_proposal(self._engine, identity, actor)
        require_contributor(actor, proposal.space)
        said = check_comment(text, LONGEST_COMMENT)
        mentions = self.mentioned(said)
        row: Row = {"key": new_uuid(), "author": actor.id, "name": actor.name, "text": said, "time": now(), "mentions": mentions}

        def work(tx: WriteTransaction) -> None:
            talk.add_comment(tx, identity, {name: value for name, value in row.items() if value != []})
            told(tx, actor, "comment_added", proposal, comment=row["key"], mentions=mentions, author=proposal.author)

        write_numbered(self._engine, work)
        return row

    def comments(self, identity: str, actor: Actor, *, after: str = "", limit: int = 100) -> list[Row]:
        """A proposal's comments, oldest first, after the id of one. Raises NotFound, InvalidInput for what is no id."""
        seen_proposal(self._engine, identity, actor)
        if after and not is_uuid(after):
            raise InvalidInput("the cursor is none of ours: take it from `next` as it is")
        return talk.list_comments(self._engine, identity, after=after, limit=limit)

    def mentioned(self, text: str) -> list[str]:
        """The ids of the users that a text names by `@name`, or `@"name"`."""
        found = (quoted or plain.rstrip(".-") for quoted, plain in _MENTION.findall(text))
        names = list(dict.fromkeys(name_key(name) for name in found))[:MOST_MENTIONS]
        known = talk.people_named(self._engine, names) if names else {}
        return sorted(str(row["key"]) for row in known.values())

    def support(self, identity: str, actor: Actor, *, wanted: bool = True) -> int:
        """Support somebody else's open proposal, once; or take it back. Returns how many support it."""
        proposal = seen_proposal(self._engine, identity, actor)
        require_contributor(actor, proposal.space)
        if wanted and (actor.id == proposal.author or not proposal.open):
            raise Conflict("you support what others propose, while it is open", reason="support")

        def work(tx: WriteTransaction) -> int:
            # The proposal's lock: of two clicks at once the second sees the first.
            store.lock_proposal(tx, identity)
            row = {"name": actor.name, "time": now()}
            if wanted and talk.add_support(tx, identity, actor.id, row):
                told(tx, actor, "proposal_supported", proposal, author=proposal.author)
            if not wanted and talk.drop_support(tx, identity, actor.id):
                told(tx, actor, "support_withdrawn", proposal, author=proposal.author)
            return len(talk.supporters(tx, identity))

        return write_numbered(self._engine, work)

    def supporters(self, identity: str, actor: Actor) -> list[Row]:
        """Who supports a proposal."""
        seen_proposal(self._engine, identity, actor)
        return talk.supporters(self._engine, identity)

    def assign(self, identity: str, user: str, actor: Actor, version: int | None) -> Proposal:
        """Give an open proposal to somebody who may decide on it, "" to nobody; they are told.

        Raises NotFound for no such user, Forbidden, InvalidInput for who may not decide on it, Conflict, StaleVersion.
        """
        proposal = seen_proposal(self._engine, identity, actor)
        _require_moderator(actor, proposal.space)
        name = self._decider(user, proposal, actor).name if user else ""

        def work(tx: WriteTransaction) -> Proposal:
            found = store.lock_proposal(tx, identity)
            store.require_version(found, version)
            if not found.open:
                raise Conflict(
                    f"proposal {identity} is {found.state}: one that is open is given to somebody", reason="proposal-state", proposal_state=found.state
                )
            found.assignee, found.assignee_name = user, name
            store.save_beside(tx, found)
            told(tx, actor, "proposal_assigned", found, assignee=user, mentions=[user] if user else [], author=found.author)
            return found

        return write_numbered(self._engine, work)

    def ask(self, identity: str, user: str, question: str, actor: Actor) -> Row:
        """Ask a named user what they think; the question stands among the comments. Raises as `comment` does."""
        proposal = seen_proposal(self._engine, identity, actor)
        _require_moderator(actor, proposal.space)
        row_of_asked = documents.find(self._engine, USERS, user)
        if row_of_asked is None or not _may_be_asked(row_of_asked, self._inside(proposal.space)):
            raise NotFound(f"there is nobody {user[:100]} who may be asked about this", reason="ask-none", name=user[:100])
        said = check_comment(question, LONGEST_COMMENT)
        row: Row = {"key": new_uuid(), "author": actor.id, "name": actor.name, "text": said, "time": now(), "mentions": [user]}
        row["asks"] = user

        def work(tx: WriteTransaction) -> None:
            found = store.lock_proposal(tx, identity)
            if user not in found.experts:
                found.experts = [*found.experts, user]
                store.save_beside(tx, found)
            talk.add_comment(tx, identity, row)
            told(tx, actor, "expert_asked", proposal, expert=user, comment=row["key"], mentions=[user], author=proposal.author)

        write_numbered(self._engine, work)
        return row

    def askable(self, identity: str, beginning: str, actor: Actor) -> list[tuple[str, str]]:
        """Accounts that may be asked about a proposal, whose name begins so (case and accents do not count): id and name, `MOST_FOUND` at most, in the
        order of names. For those who decide alone; of one letter nobody is found, so that nobody lists all. Raises Forbidden, NotFound."""
        proposal = seen_proposal(self._engine, identity, actor)
        _require_moderator(actor, proposal.space)
        sought = name_key(beginning[:LONGEST_NAME])
        if len(sought) < SHORTEST_SOUGHT:
            return []
        inside = self._inside(proposal.space)
        found: list[tuple[str, str]] = []
        after = ""
        while len(found) < MOST_FOUND:
            rows = documents.page(self._engine, USERS, "listing", prefix=sought, after=after, limit=_READ)
            found += [(str(row["key"]), str(row["name"])) for row in rows if row["key"] != actor.id and _may_be_asked(row, inside)]
            if len(rows) < _READ:
                break
            after = str(rows[-1]["listing"])
        return found[:MOST_FOUND]

    def _inside(self, space: str) -> frozenset[str] | None:
        """The users who may read a space; None for all."""
        if space == PUBLIC_SPACE:
            return None
        rows = documents.find_by(self._engine, MEMBERSHIPS, "organisation", [space.partition("/")[0]])
        return frozenset(str(row["user"]) for row in rows)

    def look(self, identity: str, actor: Actor, *, here: bool = True) -> list[Row]:
        """Say that one has the proposal on the screen (again every half minute), or no more; returns who else has it there: `user`, `name`. Who has no
        account is told nobody, and nobody is told of them."""
        seen_proposal(self._engine, identity, actor)
        if actor.known and here:
            talk.look_at(self._engine, identity, actor.id, actor.name)
        elif actor.known:
            talk.leave(self._engine, identity, actor.id)
        return [row for row in self.lookers(identity) if row["user"] != actor.id] if actor.known else []

    def lookers(self, identity: str) -> list[Row]:
        """Who has a proposal on the screen now."""
        return talk.lookers(self._engine, [identity]).get(identity, [])

    def lookers_of(self, identities: Iterable[str]) -> dict[str, list[Row]]:
        """The same of several proposals. One round trip."""
        return talk.lookers(self._engine, identities)

    def counts(self, proposals: list[Proposal]) -> dict[str, tuple[int, int]]:
        """How many support and comment each proposal."""
        return talk.count_talk(self._engine, [one.id for one in proposals])

    def _decider(self, user: str, proposal: Proposal, actor: Actor) -> Actor:
        """Somebody who may decide on a proposal: a moderator of its place who did not write it. Raises NotFound, InvalidInput."""
        found = actor if user == actor.id else self._actor_of(user)
        if not may_decide(self._engine, proposal, found):
            raise InvalidInput(
                "it is given to somebody who may decide on it: a moderator of its place, who did not write it themselves", reason="assignee"
            )
        return found


def _may_be_asked(row: Row, inside: frozenset[str] | None) -> bool:
    """Whether a user may comment on a proposal: an account in use, with a role, which may read the space."""
    return row.get("state", ACTIVE) == ACTIVE and bool(row.get("grants")) and (inside is None or row["key"] in inside)


def _require_moderator(actor: Actor, space: str) -> None:
    """Raise unless they decide on something there: in an organisation's space, unless they moderate it."""
    access.require_known(actor)
    if space != PUBLIC_SPACE or not actor.is_moderator or (actor.scopes is not None and "decide" not in actor.scopes):
        require_somewhere(actor, "decide", space)
