"""Proposing: writing changes down, checking them, handing them in, taking them back. Deciding on them is `deciding`'s.

Flow: web -> `Proposing` -> checks against the framework -> `store.proposals`. Every act appends to the event log in the transaction that makes it true.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from wikic.domain import access
from wikic.domain.access import Actor
from wikic.domain.changes import now
from wikic.domain.ids import new_uuid
from wikic.domain.proposals import ACTS, Proposal, keep_beside, may_see, next_state, require_author
from wikic.domain.proposals_changes import Change, CreateConcept, spelled, subject_of
from wikic.domain.proposals_spelling import is_spelling_only
from wikic.domain.texts import check_text
from wikic.domain.vocabulary import PUBLIC_SPACE
from wikic.errors import Forbidden, InvalidInput, NotFound
from wikic.services.accounts import TERMS
from wikic.services.proposing_around import Around
from wikic.services.proposing_checks import Checked, Checker
from wikic.services.proposing_lists import ProposalLists
from wikic.services.proposing_once import id_for, written_once
from wikic.services.reading import Reading
from wikic.services.searching import Searching
from wikic.store import proposals as store
from wikic.store import proposals_talk as talk
from wikic.store.engine import Engine, WriteTransaction
from wikic.store.events import happened, happened_to_many
from wikic.store.leases import heads, write_numbered

MOST_CHANGES: Final = 100
MOST_PARTS: Final = 500
LONGEST_JUSTIFICATION: Final = 10_000
LONGEST_SOURCE: Final = 2_000
MOST_SOURCES: Final = 20


@dataclass(frozen=True, slots=True)
class Lot:
    """A contribution of many parts: its context once, its parts as proposals of their own."""

    id: str
    title: str
    justification: str
    sources: list[str]
    author: str
    author_name: str
    created: str
    parts: list[Proposal]


class Proposing(ProposalLists):
    """The contributors' flow over one store; safe between threads."""

    def __init__(self, engine: Engine, reading: Reading, searching: Searching) -> None:
        super().__init__(engine, reading)
        self.checker = Checker(engine, reading, searching)

    def check(self, changes: Sequence[Change], actor: Actor, *, space: str = PUBLIC_SPACE, own: str = "") -> Checked:
        """Check changes as they are written, for anybody who may read the space; nothing is kept."""
        _require_space(actor, space)
        completed = self.complete(changes, space)
        return self.checker.check(completed, space, heads(self._engine)[space], own=own)

    def make(
        self,
        changes: Sequence[Change],
        actor: Actor,
        *,
        justification: str = "",
        sources: Iterable[str] = (),
        space: str = PUBLIC_SPACE,
        submit: bool = False,
        supersedes: str = "",
        once: str = "",
    ) -> Proposal:
        """Write a proposal down, as a draft or submitted at once. `supersedes`: one of their own that it stands for once it is submitted; `once`: the id
        that a form was given when it was opened: what is sent a second time is there already.

        Raises Forbidden (no contributor, terms not accepted), InvalidInput (what blocks submission), NotFound, Conflict.
        """
        require_contributor(actor, space)
        proposal = Proposal(id=id_for(once), space=space, author=actor.id, author_name=actor.name, hands=[actor.id])
        proposal.created = proposal.changed = now()
        proposal.supersedes = supersedes
        self._fill(proposal, changes, justification, sources)
        if submit:
            self.prepare(proposal)

        def work(tx: WriteTransaction) -> None:
            if supersedes:
                self._supersede(tx, proposal, actor, only_look=not submit)
            store.add_proposals(tx, [proposal])
            told(tx, actor, "proposal_made", proposal, state=proposal.state)
            if submit:
                told(tx, actor, "proposal_submitted", proposal)

        return written_once(self._engine, proposal, work)

    def make_lot(
        self,
        title: str,
        parts: Sequence[Sequence[Change]],
        actor: Actor,
        *,
        justification: str = "",
        sources: Iterable[str] = (),
        space: str = PUBLIC_SPACE,
    ) -> Lot:
        """Hand in a contribution of many parts, each decided on its own. Raises as `make` does; the first part that is wrong is named."""
        require_contributor(actor, space)
        if not 1 <= len(parts) <= MOST_PARTS:
            raise InvalidInput(f"a lot has 1 to {MOST_PARTS} parts, not {len(parts)}")
        title = " ".join(title.split())[:300]
        if not title:
            raise InvalidInput("name the lot: it is listed by its title", reason="lot-title")
        context = Proposal(id=new_uuid(), space=space, author=actor.id, author_name=actor.name, hands=[actor.id])
        context.created = context.changed = now()
        _words(context, justification, sources)
        _require_justification(context)
        around = self._around(space)
        parts = [_named(changes) for changes in parts]
        whole = [change for changes in parts for change in changes]
        around.look_ahead(whole, self.checker.holders(whole))
        made: list[Proposal] = []
        for number, changes in enumerate(parts):
            part = replace(context, id=new_uuid(), lot=context.id, lot_part=number, justification="", sources=[])
            try:
                self._fill(part, changes, "", (), around)
                self.prepare(part, thorough=False, around=around)
            except (InvalidInput, NotFound) as error:
                raise InvalidInput(f"part {number + 1} of the lot: {error.message}") from error
            made.append(part)
        row = {
            "key": context.id,
            "title": title,
            "justification": context.justification,
            "sources": context.sources,
            "space": space,
            "author": actor.id,
            "author_name": actor.name,
            "created": context.created,
            "total": len(made),
        }

        def work(tx: WriteTransaction) -> None:
            talk.add_lot(tx, row)
            store.add_proposals(tx, made)
            happened(tx, actor, "lot_submitted", subject=f"lot/{context.id}", space=space, parts=len(made))
            # Each part for itself too: to those who watch its concepts, and to pages of the queue.
            rows = [(f"proposal/{part.id}", part.concepts(), {"lot": context.id}) for part in made]
            happened_to_many(tx, actor, "proposal_submitted", rows, space=space, seq=None)

        write_numbered(self._engine, work)
        for part in made:
            part.version = 1
        return lot_of(row, made)

    def lot(self, identity: str, actor: Actor) -> Lot:
        """A contribution with its parts. Raises NotFound."""
        row = talk.read_lots(self._engine, [identity]).get(identity)
        parts = [part for part in store.proposals_of_lot(self._engine, identity) if may_see(part, actor)]
        if row is None or not parts:
            raise NotFound(f"there is no lot {identity[:100]}", reason="lot-none", id=identity[:100])
        return lot_of(row, parts)

    def edit(
        self,
        identity: str,
        actor: Actor,
        version: int | None,
        *,
        changes: Sequence[Change] | None = None,
        justification: str | None = None,
        sources: Iterable[str] | None = None,
    ) -> Proposal:
        """Change one's own proposal in place; a submitted one stays so, and is checked again. What moderators approved of it counts no longer.

        Raises StaleVersion (not at `version`), Forbidden, Conflict (decided meanwhile), InvalidInput.
        """
        proposal = self.read(identity, actor)
        require_contributor(actor, proposal.space)
        require_author(proposal, actor)
        next_state(proposal, "edit")
        seen = proposal.version if version is None else version
        if changes is not None:
            proposal.conflicts = []
        self._fill(
            proposal,
            proposal.changes if changes is None else changes,
            proposal.justification if justification is None else justification,
            proposal.sources if sources is None else sources,
        )
        proposal.hands = sorted({*proposal.hands, actor.id})
        if proposal.state == "submitted":
            self.prepare(proposal, again=True)

        def work(tx: WriteTransaction) -> Proposal:
            written = store.lock_proposal(tx, identity)
            store.require_version(written, seen)
            next_state(written, "edit")
            proposal.version, proposal.changed = written.version, now()
            proposal.decisions = [one for one in written.decisions if one.verdict != "approve"]
            keep_beside(proposal, written)
            store.save_proposal(tx, proposal, content=True)
            told(tx, actor, "proposal_changed", proposal)
            return proposal

        return write_numbered(self._engine, work)

    def submit(self, identity: str, actor: Actor, version: int | None) -> Proposal:
        """Hand a draft in, or again what was sent back. Raises InvalidInput with what blocks it; StaleVersion, Forbidden, Conflict."""
        proposal = self.read(identity, actor)
        require_contributor(actor, proposal.space)
        require_author(proposal, actor)
        next_state(proposal, "submit")
        seen = proposal.version if version is None else version
        self.prepare(proposal)

        def work(tx: WriteTransaction) -> Proposal:
            written = store.lock_proposal(tx, identity)
            store.require_version(written, seen)
            next_state(written, "submit")
            ready = replace(proposal, version=written.version)
            keep_beside(ready, written)
            saved = store.save_proposal(tx, ready, content=True)
            if saved.supersedes and store.lock_proposal(tx, saved.supersedes).state in ACTS["supersede"].from_:
                self._supersede(tx, saved, actor)
            told(tx, actor, "proposal_submitted", saved)
            return saved

        return write_numbered(self._engine, work)

    def withdraw(self, identity: str, actor: Actor, version: int | None) -> Proposal:
        """Take one's own proposal back. Raises StaleVersion, Forbidden, Conflict."""
        proposal = self.read(identity, actor)
        access.require(actor, "propose")
        require_author(proposal, actor)

        def work(tx: WriteTransaction) -> Proposal:
            found = store.lock_proposal(tx, identity)
            store.require_version(found, version)
            found.state, found.changed = next_state(found, "withdraw"), now()
            store.save_proposal(tx, found)
            told(tx, actor, "proposal_withdrawn", found)
            return found

        return write_numbered(self._engine, work)

    def _around(self, space: str) -> Around:
        head = heads(self._engine).get(space)
        if head is None:
            raise NotFound(f"there is no space named {space[:100]}", reason="none-here", key=space[:100])
        return Around(self._engine, space, head)

    def complete(self, changes: Sequence[Change], space: str, around: Around | None = None) -> tuple[Change, ...]:
        """The changes with what they are based on: the value that stood at the `seq` they name, or stands now; new concepts get their uuid."""
        if len(changes) > MOST_CHANGES:
            raise InvalidInput(f"a proposal has at most {MOST_CHANGES} changes: hand more of them in as a lot", reason="changes-many", most=MOST_CHANGES)
        around = around or self._around(space)
        named = _named(changes)
        born = {one.uuid for one in named if isinstance(one, CreateConcept)}
        moments: dict[int, list[Change]] = {}
        for change in named:
            moments.setdefault(around.moment(change), []).append(change)
        present = {seq: around.present(seq, each) for seq, each in moments.items()}
        completed: list[Change] = []
        for sent in named:
            seq = around.moment(sent)
            content = present[seq].content(subject_of(sent))
            change = spelled(sent, content.languages() if content is not None else ())
            known = subject_of(change) not in born and not set(present[seq].missing(change)) - born
            completed.append(replace(change, base=present[seq].value(change) if known else None, seq=seq))
        return tuple(completed)

    def draft(
        self, changes: Sequence[Change], justification: str, sources: Iterable[str], space: str = PUBLIC_SPACE
    ) -> Proposal:
        """A proposal of nobody that is written down nowhere yet, its changes completed."""
        proposal = Proposal(id="", space=space)
        self._fill(proposal, changes, justification, sources)
        return proposal

    def prepare(
        self, proposal: Proposal, *, thorough: bool = True, again: bool = False, around: Around | None = None
    ) -> None:
        """Make a proposal ready to be decided: checked, with its impact and its lane. Raises InvalidInput with what blocks it."""
        if not proposal.lot:
            _require_justification(proposal)
        around = around or self._around(proposal.space)
        checked = self.checker.check(
            proposal.changes, proposal.space, around.head, thorough=thorough, own=proposal.id, around=around
        )
        checked.require()
        take_over(proposal, checked)
        if not again:
            proposal.state = next_state(proposal, "submit")
            if proposal.submitted:
                proposal.submitted_before = [*proposal.submitted_before, proposal.submitted]
            proposal.submitted = proposal.changed = now()

    def _fill(
        self, proposal: Proposal, changes: Sequence[Change], justification: str, sources: Iterable[str], around: Around | None = None
    ) -> None:
        proposal.changes = self.complete(changes, proposal.space, around)
        proposal.seq = max((change.seq for change in proposal.changes), default=0)
        _words(proposal, justification, sources)

    def _supersede(self, tx: WriteTransaction, proposal: Proposal, actor: Actor, *, only_look: bool = False) -> None:
        """Let a proposal stand for the one it names. `only_look`: whether it could; a draft keeps nothing from being decided."""
        old = store.lock_proposal(tx, proposal.supersedes)
        if not may_see(old, actor):
            raise store.missing(old.id)
        require_author(old, actor)
        state = next_state(old, "supersede")
        if only_look:
            return
        old.state, old.superseded_by, old.changed = state, proposal.id, now()
        store.save_proposal(tx, old)
        told(tx, actor, "proposal_superseded", old, by=proposal.id)


def take_over(proposal: Proposal, checked: Checked) -> None:
    """Keep what checking found beside the proposal: for the queue, and for those who decide."""
    proposal.schemes, proposal.kinds, proposal.branches = checked.schemes, checked.kinds, checked.branches
    proposal.line, proposal.impact, proposal.neighbours = checked.line, checked.impact, checked.neighbours
    proposal.checks = [
        {"code": one.code, "severity": one.severity, "part": one.part, "message": one.message, "values": one.values}
        for one in checked.findings
    ]
    if proposal.lane != "conflict":
        proposal.lane = "spelling" if is_spelling_only(proposal.changes) else "main"


def told(tx: WriteTransaction, actor: Actor, kind: str, proposal: Proposal, *, seq: int | None = None, **data: Any) -> None:
    """Append to the event log what happened to a proposal, and the state it is in, by which the log knows who may see it. What it is about is said once
    it is handed in."""
    concepts = () if proposal.private or proposal.held else proposal.concepts()
    said = {"state": "draft" if proposal.private else proposal.state, **({"held": True} if proposal.held else {}), **data}
    happened(tx, actor, kind, subject=f"proposal/{proposal.id}", space=proposal.space, concepts=concepts, seq=seq, **said)


def require_contributor(actor: Actor, space: str = PUBLIC_SPACE) -> None:
    """Raise unless they may propose: signed in, in the space, and the terms of contribution accepted."""
    access.require(actor, "propose")
    _require_space(actor, space)
    require_terms(actor)


def require_terms(actor: Actor) -> None:
    """Raise Forbidden unless the terms of contribution are accepted."""
    if not has_terms(actor):
        raise Forbidden("accept the terms of contribution first: they are with your account", reason="terms")


def has_terms(actor: Actor) -> bool:
    """Whether somebody has accepted the present terms of contribution."""
    return actor.via in ("operator", "system") or str(actor.settings.get("terms", "")) >= TERMS


def _require_space(actor: Actor, space: str) -> None:
    if not actor.may_read(space):
        raise NotFound(f"there is no space named {space[:100]}", reason="none-here", key=space[:100])


def _named(changes: Iterable[Change]) -> list[Change]:
    """The changes, in which each new concept has its uuid."""
    return [replace(one, uuid=one.uuid or new_uuid()) if isinstance(one, CreateConcept) else one for one in changes]


def _require_justification(proposal: Proposal) -> None:
    if not proposal.justification:
        raise InvalidInput("say why: a proposal needs a justification", reason="justification")


def _words(proposal: Proposal, justification: str, sources: Iterable[str]) -> None:
    proposal.justification = check_text("justification", justification, LONGEST_JUSTIFICATION)
    proposal.sources = [said for each in sources if (said := check_text("source", each, LONGEST_SOURCE))]
    if len(proposal.sources) > MOST_SOURCES:
        raise InvalidInput(f"a proposal names at most {MOST_SOURCES} sources", reason="sources-many", most=MOST_SOURCES)


def lot_of(row: dict[str, Any], parts: list[Proposal]) -> Lot:
    """A contribution from its row and its parts."""
    return Lot(
        row["key"],
        row["title"],
        row["justification"],
        list(row["sources"]),
        row["author"],
        row["author_name"],
        row["created"],
        parts,
    )
