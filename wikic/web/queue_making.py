"""Making the rows, groups and filters of the queue, and what a preview shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from wikic.domain.access import Actor
from wikic.domain.proposals import Proposal
from wikic.domain.proposals_changes import CHANGE_TYPES, subject_of
from wikic.domain.vocabulary import KINDS, SCHEMES
from wikic.services.deciding_bulk import BulkPreview
from wikic.services.queueing import QueueFilter
from wikic.services.reading_views import Body
from wikic.web.pages_common import Visit
from wikic.web.pages_proposals import names_of
from wikic.web.pages_proposals_one import title_of, why_of
from wikic.web.proposals_services import ModerationServices
from wikic.web.texts import Texts
from wikic.web.texts_errors import said
from wikic.web.views_differences import change_view
from wikic.web.views_proposals import Option
from wikic.web.views_queue import EffectLine, FilterField, QueueGroup, QueueRow

_SHOWN: Final = 3
"""How many changes of a proposal a row shows."""
_AGES: Final = (1, 7, 30, 90)
_KEYS: Final = ("j", "k", "x", "shift_x", "a", "r", "c", "e", "o", "u", "slash", "help")


def rows_of(seen: Visit, services: ModerationServices, proposals: Sequence[Proposal], bodies: Sequence[Body]) -> list[QueueRow]:
    """The rows of proposals, in their order. Two round trips."""
    names = names_of(seen, services, [change for one in proposals for change in one.changes])
    looking = services.talking.lookers_of([one.id for one in proposals]) if proposals else {}
    rows = []
    for proposal, body in zip(proposals, bodies, strict=True):
        shown = proposal.changes[:_SHOWN]
        rows.append(
            QueueRow(
                id=proposal.id,
                version=proposal.version,
                address=f"/proposals/{proposal.id}",
                title=title_of(proposal, names, seen.t),
                concept=names(subject_of(proposal.changes[0]) if proposal.changes else ""),
                changes=[change_view(part, change, names, seen.t) for part, change in enumerate(shown)],
                more=len(proposal.changes) - len(shown),
                justification="" if proposal.lot else why_of(proposal, seen.t),
                author=proposal.author_name,
                theirs=f"/queue?{urlencode({'lane': proposal.lane, 'author': proposal.author_name})}",
                time=proposal.submitted,
                impact=proposal.impact,
                supports=body["supports"],
                comments=body["comments"],
                warnings=sum(check["severity"] == "warning" for check in proposal.checks),
                assignee=proposal.assignee_name,
                looking=[str(row["name"]) for row in looking.get(proposal.id, ()) if row["user"] != seen.actor.id],
            )
        )
    return rows


def groups_of(rows: Sequence[QueueRow], bodies: Sequence[Body], order: str, t: Texts) -> list[QueueGroup]:
    """Rows put together: the parts of a lot always, what is about one concept in the order "alike"."""
    found: dict[str, list[int]] = {}
    for number, (row, body) in enumerate(zip(rows, bodies, strict=True)):
        lot = body["lot"]
        key = f"lot/{lot['id']}" if lot else f"concept/{row.concept.uuid}" if order == "alike" else row.id
        found.setdefault(key, []).append(number)
    groups = []
    for numbers in found.values():
        members = [rows[number] for number in numbers]
        lot = bodies[numbers[0]]["lot"]
        if lot:
            said = bodies[numbers[0]]
            title = t("queue.lot", title=lot["title"], n=lot["total"])
            groups.append(QueueGroup(title, f"/queue?lot={lot['id']}", said["justification"], said["sources"], members))
        elif len(members) > 1:
            title = t("queue.alike", name=members[0].concept.name.value, n=len(members))
            groups.append(QueueGroup(title, f"/queue?order=alike&concept={members[0].concept.uuid}", "", (), members))
        else:
            groups.append(QueueGroup("", "", "", (), members))
    return groups


def filter_fields(filters: QueueFilter, actor: Actor, t: Texts) -> list[FilterField]:
    """The filters as fields of a form."""
    ages = [(str(days), t("queue.older", n=days)) for days in _AGES]
    if filters.before and filters.before not in dict(ages):
        ages.append((filters.before, filters.before[:10]))
    whose = [(actor.id, t("queue.mine")), ("none", t("queue.nobodys"))]
    if filters.assignee and filters.assignee not in dict(whose):
        whose.append((filters.assignee, filters.assignee))
    return [
        FilterField("scheme", t("search.filter_scheme"), filters.scheme, [(one, t.name("scheme", one)) for one in SCHEMES]),
        FilterField("kind", t("search.filter_kind"), filters.kind, [(one, t.name("kind", one)) for one in KINDS]),
        FilterField("type", t("queue.filter_type"), filters.type, [(one, t.name("change_type", one)) for one in CHANGE_TYPES]),
        FilterField("before", t("queue.filter_age"), filters.before, ages),
        FilterField("assignee", t("queue.filter_assignee"), filters.assignee, whose),
        FilterField("branch", t("queue.filter_branch"), filters.branch, ()),
        FilterField("concept", t("queue.filter_concept"), filters.concept, ()),
        FilterField("within", t("queue.filter_within"), filters.within, ()),
        FilterField("author", t("queue.filter_author"), filters.author, ()),
        FilterField("expert", t("queue.filter_expert"), filters.expert, ()),
    ]


def resolved(filters: QueueFilter) -> QueueFilter:
    """A filter as the service takes it: an age in days becomes a time, the beginning of a day."""
    if not filters.before.isdecimal() or len(filters.before) > 4:
        return filters
    since = datetime.now(UTC) - timedelta(days=int(filters.before))
    return replace(filters, before=since.strftime("%Y-%m-%dT00:00:00.000Z"))


def keys_of(t: Texts) -> list[Option]:
    """The keys of the queue, and what they do."""
    return [(t(f"key.{name}"), t(f"key.{name}_text")) for name in _KEYS]


def effects_of(seen: Visit, services: ModerationServices, made: BulkPreview, actor: Actor) -> list[EffectLine]:
    """What a preview says of each proposal, with the three values of conflicts."""
    proposals = services.queueing.several([item.proposal for item in made.items], actor)
    rows = rows_of(seen, services, proposals, services.proposal_bodies.many(proposals))
    names = names_of(seen, services, [change for one in proposals for change in one.changes])
    lines = []
    for item, proposal, row in zip(made.items, proposals, rows, strict=True):
        conflicts = [
            change_view(one.part, proposal.changes[one.part], names, seen.t, effect="conflict", conflict=one) for one in item.conflicts
        ]
        why = made.why.get(item.proposal)
        reason, lang = said(why, seen.t) if why is not None else (item.reason, "en")
        lines.append(EffectLine(row, item.effect, reason, lang, conflicts))
    return lines
