"""What the handlers of refreshes are given, and the bodies that they answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Final, Protocol, cast

from fastapi import Depends, Request

from wikic.domain.refreshing import packed, says
from wikic.services.reading_views import best
from wikic.services.refreshing import Report, line_row
from wikic.services.refreshing_awards import CheckedAward
from wikic.services.refreshing_elsewhere import ReadAgain
from wikic.services.refreshing_lines import RefreshLine, line_of
from wikic.services.refreshing_parts import RefreshServices
from wikic.services.refreshing_treating import Treated
from wikic.web.badges_services import Body
from wikic.web.texts import Texts

COLUMNS: Final = (
    "release", "issuer", "badge_class", "badge_name", "concept", "concept_name", "level", "severity", "advice", "changes", "reason", "successors",
    "state", "by", "at", "note", "treatment",
)  # fmt: skip


class WithRefresh(Protocol):
    """What these handlers need of an opened store; `bootstrap.App` is one."""

    @property
    def refresh(self) -> RefreshServices: ...


def refresh_of(request: Request) -> RefreshServices:
    """The services of the opened store."""
    return cast(WithRefresh, request.app.state.services).refresh


Refresh = Annotated[RefreshServices, Depends(refresh_of)]
"""All services that have to do with what releases ask of badge classes."""


def line_bodies(refresh: RefreshServices, lines: Sequence[RefreshLine], lang: str, badges: Mapping[str, str]) -> list[Body]:
    """Lines with the names of their concepts; `badges`: names of badge classes by id. One round trip for some hundred concepts."""
    names = refresh.lines.names({uuid for line in lines for uuid in line.concepts()}, lang)
    t = Texts(lang)
    return [_line_body(line, names, t.joined(sentences(t, line, names)), badges.get(line.badge_class, "")) for line in lines]


def sentences(t: Texts, line: RefreshLine, names: Mapping[str, str]) -> list[str]:
    """Why a line is there, a sentence for each change; `names` of concepts by uuid."""
    told = []
    for change in line.changes:
        key, values = says(change, names, lambda name: t("refresh.quoted", name=name))
        values["field"] = t.name("refresh_field", change.field)
        if change.field in ("kind", "nature"):
            values |= {"before": t.name(change.field, change.before) or "-", "after": t.name(change.field, change.after) or "-"}
        told.append(t(f"refresh.says.{key}", **values))
    return list(dict.fromkeys(told))


def _line_body(line: RefreshLine, names: Mapping[str, str], reason: str, badge: str) -> Body:
    def named(uuid: str) -> Body:
        return {"uuid": uuid, "name": names.get(uuid, uuid)}

    optional = {name: getattr(line, name) or None for name in ("opened", "by", "at", "note", "treatment")}
    return {
        "id": line.id, "release": line.release, "issuer": line.issuer, "badge_class": line.badge_class, "badge_name": badge,
        "concept": named(line.concept), "level": line.level, "binding": line.binding, "severity": line.severity, "advice": line.advice,
        "changes": [{"field": None, "lang": None, "before": None, "after": None, "old": [], "new": []} | packed(each) for each in line.changes],
        "reason": reason, "successors": [named(uuid) for uuid in line.successors], "state": line.state, "made": list(line.made), **optional,
    }  # fmt: skip


def badge_names(refresh: RefreshServices, lines: Sequence[RefreshLine]) -> dict[str, str]:
    """The names of the badge classes of lines. Mostly no round trip."""
    entries = refresh.refreshing.entries()
    return {line.badge_class: entries[line.badge_class].name for line in lines if line.badge_class in entries}


def rehearsed(report: Report, lines: Sequence[Any] | None = None) -> list[RefreshLine]:
    """The lines of a report as they would be opened."""
    return [line_of({**line_row(report.release, line, ""), "version": 1}) for line in (report.lines if lines is None else lines)]


def csv_rows(bodies: Sequence[Body]) -> Iterator[list[str]]:
    """Lines as a table with COLUMNS."""
    for each in bodies:
        told = {
            **each, "concept": each["concept"]["uuid"], "concept_name": each["concept"]["name"],
            "changes": " ".join(dict.fromkeys(change["type"] for change in each["changes"])),
            "successors": " ".join(one["uuid"] for one in each["successors"]),
        }  # fmt: skip
        yield [str(told[name] or "") for name in COLUMNS]


def treated_body(refresh: RefreshServices, treated: Treated, lang: str) -> Body:
    """What became of lines."""
    lines = [*treated.lines, *(line for line, _ in treated.left)]
    bodies = line_bodies(refresh, lines, lang, badge_names(refresh, lines))
    left = [{"line": line.id, "problem": error.slug, "reason": error.message} for line, error in treated.left]
    return {"treated": bodies[: len(treated.lines)], "left": left}


def read_body(found: Sequence[ReadAgain]) -> Body:
    """What addresses showed."""
    return {
        "items": [
            {
                "badge_class": each.badge_class, "address": each.address, "closed": [line.id for line in each.shown],
                "waiting": [line.id for line in each.waiting], "refused": each.refused or None,
            }
            for each in found
        ]
    }  # fmt: skip


def award_body(award: CheckedAward, lang: str) -> Body:
    """An award that was checked: nothing of the person."""

    def brief(concept: Any) -> Body:
        return {"uuid": concept.uuid, "label": best(concept.preferred, lang), "status": concept.status}

    badge = award.badge
    return {
        "format": award.format, "kind": award.kind, "badge_name": award.badge_name or None, "issued": award.issued or None,
        "expires": award.expires or None, "expired": award.expired, "accepted": award.accepted, "signed": award.signed, "outcome": award.outcome,
        "badge": {"id": badge.id, "name": badge.name, "issuer": badge.issuer, "status": badge.status, "number": badge.number} if badge else None,
        "alignments": [
            {
                "pointer": each.pointer, "name": each.name or None, "state": each.state, "concept": brief(each.concept) if each.concept else None,
                "successors": [brief(one) for one in each.successors], "since": each.since or None, "attested": each.attested,
            }
            for each in award.alignments
        ],
    }  # fmt: skip
