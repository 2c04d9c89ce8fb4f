"""Proposals of criteria: made by anybody of a network's organisations, talked about, decided by the network's moderators. Never deleted.

What is decided becomes true, is kept as a version, and is told, in one transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final, Literal

from wikic.domain import access
from wikic.domain.access import Actor
from wikic.domain.changes import now
from wikic.domain.ids import new_uuid
from wikic.domain.levels import (
    OPEN,
    PROPOSAL_STATES,
    Criteria,
    CriteriaProposal,
    LevelTexts,
    Said,
    clean_levels,
    packed_levels,
    settled,
)
from wikic.domain.texts import check_comment, check_text
from wikic.errors import Conflict, Forbidden, InvalidInput, NotFound, StaleVersion, WikicError
from wikic.services.binding_targets import Targets
from wikic.services.criteria_documents import (
    criteria_id,
    criteria_of,
    criteria_row,
    is_of_network,
    may_moderate,
    network_row,
    placed,
    proposal_of,
    proposal_row,
    require_moderator,
    sees,
)
from wikic.services.proposing import require_terms
from wikic.services.scaling import require_public_network, require_scope, scales_in, use_level
from wikic.store import documents
from wikic.store import levels as store
from wikic.store.documents import Source
from wikic.store.engine import Engine, Row, WriteTransaction
from wikic.store.events import happened
from wikic.store.leases import write_numbered
from wikic.store.organisations import above, names
from wikic.store.tables import CRITERIA, CRITERIA_PROPOSALS, CRITERIA_VERSIONS

Verdict = Literal["accept", "reject"]
LONGEST_NOTE: Final = 5_000
MOST_COMMENTS: Final = 200


class CriteriaProposing:
    """Proposals of criteria over one store."""

    def __init__(self, engine: Engine, targets: Targets) -> None:
        self._engine, self._targets = engine, targets

    # Reading

    def get(self, identity: str, actor: Actor) -> CriteriaProposal:
        """One proposal, for the network's people, its moderators and its author. Raises NotFound."""
        row = documents.find(self._engine, CRITERIA_PROPOSALS, identity)
        proposal = proposal_of(row) if row else None
        if proposal is None or not (_is_author(proposal, actor) or sees(self._engine, actor, proposal.network)):
            raise NotFound(f"there is no proposal of criteria {identity[:60]}", reason="criteria-proposal-none")
        return proposal

    def page(self, network: str, actor: Actor, *, state: str = OPEN, after: str = "", limit: int = 100) -> tuple[list[CriteriaProposal], str]:
        """What is proposed to a network, in one state, oldest first; and where the next page begins ("" at the end). Raises NotFound, Forbidden."""
        network_row(self._engine, network, actor)
        access.require_known(actor)
        if not sees(self._engine, actor, network):
            raise Forbidden(f"criteria of {network} are for its people: whoever belongs to an organisation in it", reason="network-people", network=network)
        if state not in PROPOSAL_STATES:
            raise InvalidInput(f"a proposal is {', '.join(PROPOSAL_STATES)}, not {state[:40]!r}", reason="choice", choice=state[:40])
        rows = documents.page(self._engine, CRITERIA_PROPOSALS, "by_network", prefix=f"{network}/{state}/", after=after, limit=limit + 1)
        return [proposal_of(row) for row in rows[:limit]], str(rows[limit - 1]["by_network"]) if len(rows) > limit else ""

    def network_name(self, slug: str, actor: Actor) -> str:
        """The name of a network that the actor may see. Raises NotFound."""
        return str(network_row(self._engine, slug, actor)["name"])

    def sees(self, network: str, actor: Actor) -> bool:
        """Whether somebody sees what is proposed to a network."""
        return actor.known and sees(self._engine, actor, network)

    def networks_of(self, actor: Actor) -> list[tuple[str, str]]:
        """The networks that somebody may propose criteria to by belonging to their people: slugs and names, by name."""
        own = [slug for slug, _ in actor.memberships]
        rows = names(self._engine, sorted({*own, *above(self._engine, own)})) if own else {}
        found = [(slug, str(row["name"])) for slug, row in rows.items() if row["kind"] == "network"]
        return sorted(found, key=lambda each: each[1].casefold())

    def may_propose(self, network: str, actor: Actor) -> bool:
        """Whether somebody belongs to the network's people."""
        return actor.known and (actor.is_admin or is_of_network(self._engine, actor, network))

    def may_decide(self, proposal: CriteriaProposal, actor: Actor) -> bool:
        """Whether somebody may decide on a proposal."""
        return proposal.state == OPEN and not _is_author(proposal, actor) and may_moderate(self._engine, actor, proposal.network)

    # Writing

    def propose(self, network: str, ref: str, scale: str, levels: Mapping[int, Mapping[str, str]], actor: Actor, *, note: str = "") -> CriteriaProposal:
        """Propose what criteria say from now on, all levels together: what is left out is said no more. Raises Unauthenticated, Forbidden, NotFound,
        InvalidInput (no such level, nothing said, nothing changed), Conflict (a deprecated concept)."""
        access.require_known(actor)
        network_row(self._engine, network, actor)
        if not self.may_propose(network, actor):
            raise Forbidden(f"criteria of {network} are for its people: whoever belongs to an organisation in it", reason="network-people", network=network)
        require_scope(actor, "propose")
        require_terms(actor)
        seen = self._targets.resolved([ref])[ref]
        if isinstance(seen, WikicError):
            raise seen
        known = scales_in(self._engine, [scale]).get(scale)
        if known is None:
            raise NotFound(f"there is no scale {scale[:60]}", reason="scale-none", scale=scale[:60])
        cleaned, before = clean_levels(known, levels), self._present(self._engine, criteria_id(network, seen.uuid, scale))
        if before is not None and before.levels == cleaned:
            raise InvalidInput("the criteria say that already", reason="criteria-same")
        stamp = now()
        proposal = CriteriaProposal(
            id=new_uuid(), network=network, concept=seen.uuid, scale=scale, levels=cleaned, before=before.levels if before else {},
            base=before.number if before else 0, author=actor.id, author_name=actor.name, created=stamp, changed=stamp, state=OPEN, version=1,
            note=_checked("note", note),
        )  # fmt: skip

        def work(tx: WriteTransaction) -> None:
            # The scale's levels stay from now on: what is proposed speaks of them.
            use_level(tx, f"{scale}:1")
            _told(tx, actor, "criteria_proposed", proposal)
            documents.insert(tx, CRITERIA_PROPOSALS, proposal_row(proposal))

        write_numbered(self._engine, work)
        return proposal

    def withdraw(self, identity: str, actor: Actor, *, version: int | None = None) -> CriteriaProposal:
        """Take back what one has proposed oneself. Raises NotFound, Forbidden, Conflict (it is decided), StaleVersion."""
        self._visible(identity, actor, "propose")

        def work(tx: WriteTransaction) -> Row:
            proposal = self._open(tx, identity, version)
            if not _is_author(proposal, actor):
                raise Forbidden("only its author withdraws a proposal", reason="only-author")
            _told(tx, actor, "criteria_withdrawn", proposal)
            return documents.change(tx, CRITERIA_PROPOSALS, identity, {**placed(proposal, "withdrawn"), "changed": now()})

        return proposal_of(write_numbered(self._engine, work))

    def comment(self, identity: str, text: str, actor: Actor) -> CriteriaProposal:
        """Say something of a proposal: whoever sees it. Raises NotFound, InvalidInput, Conflict (too many)."""
        self._visible(identity, actor, "propose")
        require_terms(actor)
        cleaned = check_comment(text, LONGEST_NOTE)

        def work(tx: WriteTransaction) -> Row:
            row = documents.lock(tx, CRITERIA_PROPOSALS, identity)
            proposal = proposal_of(row)
            if len(proposal.comments) >= MOST_COMMENTS:
                raise Conflict(f"there are {MOST_COMMENTS} comments already", reason="comments-many", most=MOST_COMMENTS)
            _told(tx, actor, "criteria_commented", proposal)
            comments = [*row["comments"], asdict(Said(actor.id, actor.name, now(), cleaned))]
            return documents.change(tx, CRITERIA_PROPOSALS, identity, {"comments": comments, "changed": now()})

        return proposal_of(write_numbered(self._engine, work))

    def decide(
        self, identity: str, verdict: Verdict, actor: Actor, *, reason: str = "", amended: Mapping[int, Mapping[str, str]] | None = None,
        version: int | None = None,
    ) -> CriteriaProposal:  # fmt: skip
        """Accept a proposal (`amended`: with these texts in the place of the proposed ones), or reject it, with a reason. Raises NotFound, Forbidden (no
        moderator of it, one's own), InvalidInput, Conflict (it is decided, the criteria moved, the network is private), StaleVersion."""
        require_moderator(self._engine, actor, self._visible(identity, actor, "decide"))
        require_terms(actor)
        why = _checked("reason", reason)
        if not why and (verdict == "reject" or amended is not None):
            raise InvalidInput("say why: the author needs to know", reason="decision-reason")
        if verdict == "reject" and amended is not None:
            raise InvalidInput("what is rejected is not amended", reason="reject-amended")

        def work(tx: WriteTransaction) -> Row:
            proposal = self._open(tx, identity, version)
            require_moderator(tx, actor, proposal)
            decided: dict[str, Any] = {"decided_by": actor.id, "decided_name": actor.name, "decided_at": now(), "reason": why, "changed": now()}
            if verdict == "reject":
                _told(tx, actor, "criteria_rejected", proposal, reason=why)
                return documents.change(tx, CRITERIA_PROPOSALS, identity, {**placed(proposal, "rejected"), **decided})
            require_public_network(tx, proposal.network)
            chosen = self._adopt(tx, proposal, amended, actor)
            decided["amended"] = packed_levels(chosen) if amended is not None else None
            return documents.change(tx, CRITERIA_PROPOSALS, identity, {**placed(proposal, "accepted"), **decided})

        return proposal_of(write_numbered(self._engine, work))

    # Parts

    def _adopt(self, tx: WriteTransaction, proposal: CriteriaProposal, amended: Mapping[int, Mapping[str, str]] | None, actor: Actor) -> LevelTexts:
        """Write what holds from now on, as the next version."""
        key = criteria_id(*proposal.criteria)
        present = self._present(tx, key)
        wanted = amended if amended is not None else settled(proposal.levels, proposal.before, present.levels if present else {})
        levels = clean_levels(scales_in(tx, [proposal.scale])[proposal.scale], wanted)
        number = present.number + 1 if present else 1
        made = Criteria(key, proposal.network, proposal.concept, proposal.scale, levels, number, now(), actor.name, proposal.id)
        row = criteria_row(made)
        _told(tx, actor, "criteria_adopted", proposal, criteria=key, number=number, amended=amended is not None)
        if present is None:
            documents.insert(tx, CRITERIA, row)
        else:
            documents.change(tx, CRITERIA, key, row)
        kept = {name: row[name] for name in ("network", "concept", "scale", "levels", "number", "changed", "by", "proposal")}
        documents.insert(tx, CRITERIA_VERSIONS, {"key": store.version_key(key, number), "criteria": key, **kept})
        return levels

    def _visible(self, identity: str, actor: Actor, scope: str) -> CriteriaProposal:
        access.require_known(actor)
        proposal = self.get(identity, actor)
        require_scope(actor, scope)
        return proposal

    @staticmethod
    def _present(source: Source, key: str) -> Criteria | None:
        row = documents.find(source, CRITERIA, key)
        return criteria_of(row) if row else None

    @staticmethod
    def _open(tx: WriteTransaction, identity: str, version: int | None) -> CriteriaProposal:
        proposal = proposal_of(documents.lock(tx, CRITERIA_PROPOSALS, identity))
        if version is not None and proposal.version != version:
            raise StaleVersion("the proposal was changed meanwhile: look again, then repeat", reason="stale")
        if proposal.state != OPEN:
            raise Conflict(f"the proposal is {proposal.state} already", reason="criteria-decided")
        return proposal


def _is_author(proposal: CriteriaProposal, actor: Actor) -> bool:
    return actor.known and bool(actor.id) and actor.id == proposal.author


def _checked(name: str, text: str) -> str:
    return check_text(name, text, LONGEST_NOTE)


def _told(tx: WriteTransaction, actor: Actor, kind: str, proposal: CriteriaProposal, **data: Any) -> None:
    named = {"organisation": proposal.network, "scale": proposal.scale, "author": proposal.author, **data}
    happened(tx, actor, kind, subject=f"criteria_proposal/{proposal.id}", concepts=[proposal.concept], **named)
