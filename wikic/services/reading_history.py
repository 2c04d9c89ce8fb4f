"""The story of one concept: what each change did to it and to its relations."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

from wikic.domain.diff import FieldChange, diff_contents
from wikic.domain.vocabulary import INVERSE
from wikic.errors import StoreError
from wikic.services.reading_moments import Moment
from wikic.services.reading_views import Body, best, change_body, field_changes, relation_values
from wikic.store.concepts import Brief, read_briefs
from wikic.store.engine import Engine
from wikic.store.history import Span, read_changes, read_spans, read_states

RELATIONS_SHOWN = 100
"""How many relations one entry lists; `relations_total` says how many there are."""


def read_history(engine: Engine, uuid: str, moment: Moment, after: int, limit: int, lang: str | None) -> list[Body]:
    """The changes of a concept after a number, oldest first, at most `limit`; empty where there is no such concept.
    Four round trips."""
    states = read_states(engine, uuid, moment.at)
    if not states:
        return []
    born = states[0][0]
    fields: dict[int, list[FieldChange]] = {born: diff_contents(None, states[0][1])}
    for (_, before), (seq, content) in pairwise(states):
        fields[seq] = diff_contents(before, content)
    moves = _moves(uuid, read_spans(engine, uuid, moment.at), born)
    seqs = [seq for seq in sorted(fields.keys() | moves.keys()) if seq > after and (fields.get(seq) or seq in moves)]
    seqs = seqs[:limit]
    shown = {seq: moves[seq][:RELATIONS_SHOWN] for seq in seqs if seq in moves}
    others = sorted({_other(uuid, span) for entry in shown.values() for _, span, _ in entry})
    briefs = read_briefs(engine, others, moment.at) if others else {}
    changes = read_changes(engine, seqs) if seqs else {}
    found = []
    for seq in seqs:
        if seq not in changes:
            raise StoreError(f"number {seq} has rows of concept {uuid} but no change in the log: run `wikic check`")
        body = change_body(changes[seq])
        found.append(
            {name: body[name] for name in ("seq", "time", "actor", "kind", "summary", "details")}
            | {
                "changes": field_changes(fields.get(seq, [])),
                "relations": [_relation(uuid, *entry, briefs, lang) for entry in shown.get(seq, [])],
                "relations_total": len(moves.get(seq, [])),
            }
        )
    return found


_Move = tuple[str, Span, Span | None]
"""opened, closed or changed; the row; and the row before it where it changed."""


def _moves(uuid: str, spans: list[Span], born: int) -> dict[int, list[_Move]]:
    opened: dict[int, dict[str, Span]] = defaultdict(dict)
    closed: dict[int, dict[str, Span]] = defaultdict(dict)
    for span in spans:
        # What a concept was born with is told by its first state.
        if span.from_seq > born:
            opened[span.from_seq][span.relation.id] = span
        if span.to_seq is not None:
            closed[span.to_seq][span.relation.id] = span
    moves: dict[int, list[_Move]] = {}
    for seq in opened.keys() | closed.keys():
        entry: list[_Move] = []
        for identity, span in opened[seq].items():
            before = closed[seq].pop(identity, None)
            if before is None:
                entry.append(("opened", span, None))
            elif relation_values(before.relation) != relation_values(span.relation):
                entry.append(("changed", span, before))
        entry += [("closed", span, None) for span in closed[seq].values()]
        if entry:
            moves[seq] = sorted(entry, key=lambda move: (_name(uuid, move[1]), move[0], move[1].relation.id))
    return moves


def _other(uuid: str, span: Span) -> str:
    return span.relation.target if span.relation.source == uuid else span.relation.source


def _name(uuid: str, span: Span) -> str:
    return span.relation.type if span.relation.source == uuid else INVERSE[span.relation.type]


def _relation(
    uuid: str, move: str, span: Span, before: Span | None, briefs: dict[str, Brief], lang: str | None
) -> Body:
    other = _other(uuid, span)
    # A relation of the past may lead to what is no longer to be seen; its uuid remains.
    brief = briefs.get(other)
    preferred = brief.preferred if brief else {}
    body: Body = {
        "change": move,
        "type": _name(uuid, span),
        "id": span.relation.id,
        "uuid": other,
        "preferred_label": preferred,
        **relation_values(span.relation),
        "before": relation_values(before.relation) if before else None,
    }
    if lang:
        body["label"] = best(preferred, lang)
    return body
