"""The lines of a report as pages show them; and the badge classes that a release touches, for who prepares it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from wikic.services.reading_views import brief_body
from wikic.services.refreshing import figures_of
from wikic.services.refreshing_lines import RefreshLine
from wikic.services.refreshing_parts import RefreshServices
from wikic.web.badges_shown import level_name
from wikic.web.pages_common import Visit
from wikic.web.refresh_services import rehearsed, sentences
from wikic.web.views_common import Link, concept_link
from wikic.web.views_refresh import PasteView, RefreshRow, TouchedView

_SHOWN: Final = 20
_ONE_CLICK: Final = {
    "update": ("update", "keep"), "realign": ("realign", "keep"), "choose": ("realign", "keep"), "retire": ("retire", "keep"), "nothing": ("keep",),
}  # fmt: skip


def refresh_rows(seen: Visit, refresh: RefreshServices, lines: Sequence[RefreshLine]) -> list[RefreshRow]:
    """Lines in the reader's language. A few round trips."""
    briefs = refresh.lines.briefs({uuid for line in lines for uuid in line.concepts()})
    links = {uuid: concept_link(brief_body(brief, seen.lang), seen.addresses, seen.lang) for uuid, brief in briefs.items()}
    names = {uuid: link.name.value for uuid, link in links.items()}
    entries, issuers = refresh.refreshing.entries(), refresh.refreshing.issuers()
    pastes = refresh.elsewhere.paste(lines, seen.actor, seen.public_url) if seen.actor.known else {}
    made = []
    for line in lines:
        badge, issuer, paste = entries.get(line.badge_class), issuers.get(line.issuer), pastes.get(line.id)
        state = seen.t.name("line_state", line.state)
        clicks = _ONE_CLICK[line.advice] if line.state == "open" and line.opened else ()
        made.append(
            RefreshRow(
                id=line.id,
                badge=Link(f"/badges/{line.badge_class}", badge.name if badge else line.badge_class),
                badge_class=line.badge_class,
                issuer=Link(f"/issuers/{line.issuer}", issuer.name if issuer else line.issuer),
                concept=links.get(line.concept),
                level=level_name(seen, line.level),
                severity=line.severity,
                advice=line.advice,
                says=sentences(seen.t, line, names),
                successors=[links[uuid] for uuid in line.successors if uuid in links],
                state=line.state,
                done=seen.t("refresh.by", state=state, name=line.by, date=seen.t.date(line.at)) if line.at else "",
                note=line.note,
                treatments=[each for each in clicks if paste is None or each in ("keep", "retire")],
                paste=PasteView(paste.address, _json(paste.old), _json(list(paste.new))) if paste else None,
            )
        )
    return made


def touched_view(seen: Visit, refresh: RefreshServices, release: str, address: str) -> TouchedView:
    """The badge classes that a release (or, with "", the present state) touches, as far as the reader sees them."""
    report = refresh.refreshing.rehearsal(release, seen.actor)
    figures = figures_of(report.lines)
    asking = [line for line in report.lines if line.verdict.asks][:_SHOWN]
    return TouchedView(
        before=report.before,
        badges=figures.badge_classes,
        issuers=figures.issuers,
        severities=list(figures.severities.items()),
        advices=list(figures.advices.items()),
        rows=refresh_rows(seen, refresh, rehearsed(report, asking)),
        all=address,
    )


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
