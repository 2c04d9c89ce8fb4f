"""Bodies of proposals: what the API answers, as plain objects that JSON knows; null where there is nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from wikic.domain.proposals import Decision, Proposal
from wikic.domain.proposals_changes import to_json
from wikic.services.deciding import Deciding
from wikic.services.deciding_trial import PartView
from wikic.services.proposing import Lot
from wikic.services.proposing_checks import Checked
from wikic.services.reading import Reading
from wikic.services.reading_views import Body, brief_body
from wikic.store import proposals_talk as talk
from wikic.store.concepts import Brief, read_briefs
from wikic.store.engine import Engine, Row


class ProposalBodies:
    """Makes bodies of proposals, with the concepts they name and what was said about them. Three round trips, whatever their number."""

    def __init__(self, engine: Engine, reading: Reading, deciding: Deciding) -> None:
        self._engine, self._reading, self._deciding = engine, reading, deciding

    def many(self, proposals: Sequence[Proposal], lang: str | None = None) -> list[Body]:
        """The bodies of a list."""
        uuids = sorted({uuid for proposal in proposals for uuid in proposal.concepts()})
        at = self._reading.moment().at
        briefs = read_briefs(self._engine, uuids, at) if uuids else {}
        lots = talk.read_lots(self._engine, {one.lot for one in proposals if one.lot})
        counts = talk.count_talk(self._engine, [one.id for one in proposals])
        return [_body(one, briefs, lots.get(one.lot), counts.get(one.id, (0, 0)), lang) for one in proposals]

    def one(self, proposal: Proposal, lang: str | None = None) -> Body:
        """The body of one proposal; while it is open, `parts` says what accepting each change would do now."""
        views = self._deciding.look(proposal) if proposal.open or proposal.state == "draft" else []
        return {**self.many([proposal], lang)[0], "parts": [part_body(view) for view in views]}

    def lot(self, lot: Lot, lang: str | None = None) -> Body:
        """A contribution with its parts."""
        return {
            "id": lot.id,
            "title": lot.title,
            "justification": lot.justification,
            "sources": lot.sources,
            "author": _person(lot.author, lot.author_name),
            "created": lot.created,
            "parts": self.many(lot.parts, lang),
        }


def part_body(view: PartView) -> Body:
    """What a change would do now."""
    base = view.change.base
    why = view.why.message if view.why is not None else None
    return {"part": view.part, "base": base, "current": view.current, "proposed": view.proposed, "effect": view.effect, "why": why}


def checked_body(checked: Checked) -> Body:
    """What checking found."""
    return {
        "changes": [to_json(change) for change in checked.changes],
        "findings": [asdict(finding) for finding in checked.findings],
        "similar": checked.similar,
        "rejected": checked.rejected,
        "alike": checked.alike,
        "impact": checked.impact,
        "neighbours": checked.neighbours,
        "seq": checked.seq,
    }


def decision_body(decision: Decision) -> Body:
    """One decision."""
    return {
        "verdict": decision.verdict,
        "moderator": _person(decision.moderator, decision.name),
        "time": decision.time,
        "reason": decision.reason or None,
        "parts": list(decision.parts),
        "amended": decision.amended,
        "seq": decision.seq or None,
        "bulk": decision.bulk or None,
    }


def comment_body(row: Row) -> Body:
    """One comment; `asks` is the user that it asks."""
    return {
        "id": row["key"],
        "author": _person(row["author"], row["name"]),
        "text": row["text"],
        "time": row["time"],
        "mentions": list(row.get("mentions") or ()),
        "asks": row.get("asks"),
    }


def bulk_body(row: Row) -> Body:
    """What was decided together."""
    return {
        "id": row["key"],
        "state": row["state"],
        "verdict": row["verdict"],
        "reason": row.get("reason", ""),
        "moderator": _person(row["actor"], row["name"]),
        "time": row["time"],
        "seq": row["seq"] or None,
        "undone_by": row.get("undone_by") or None,
        "proposals": row["proposals"],
        "skipped": row["skipped"],
    }


def _body(proposal: Proposal, briefs: dict[str, Brief], lot: Row | None, counts: tuple[int, int], lang: str | None) -> Body:
    body: dict[str, Any] = {
        "id": proposal.id,
        "state": proposal.state,
        "lane": proposal.lane,
        "origin": proposal.origin,
        "held": proposal.held,
        "space": proposal.space,
        "author": _person(proposal.author, proposal.author_name),
        "changes": [to_json(change) for change in proposal.changes],
        "concepts": [brief_body(briefs[uuid], lang) for uuid in proposal.concepts() if uuid in briefs],
        "justification": proposal.justification or (str(lot["justification"]) if lot else ""),
        "sources": proposal.sources or (list(lot["sources"]) if lot else []),
        "lot": {"id": lot["key"], "title": lot["title"], "part": proposal.lot_part, "total": lot["total"]} if lot else None,
        "schemes": proposal.schemes,
        "kinds": proposal.kinds,
        "branches": proposal.branches,
        "impact": proposal.impact,
        "neighbours": proposal.neighbours,
        "checks": proposal.checks,
        "conflicts": [asdict(conflict) for conflict in proposal.conflicts],
        "decisions": [decision_body(decision) for decision in proposal.decisions],
        "assignee": _person(proposal.assignee, proposal.assignee_name),
        "experts": proposal.experts,
        "supports": counts[0],
        "comments": counts[1],
        "version": proposal.version,
    }
    for name in ("created", "submitted", "changed", "decided", "supersedes", "superseded_by", "result"):
        body[name] = getattr(proposal, name) or None
    return body


def _person(identity: str, name: str) -> Body | None:
    return {"id": identity or None, "name": name} if identity or name else None


def lookers_body(rows: Iterable[Row]) -> list[Body]:
    """Who has a proposal on the screen."""
    return [{"id": row["user"], "name": row["name"]} for row in rows]
