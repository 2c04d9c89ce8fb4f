"""What pages show of endorsements and acceptances: rows, and who stands behind a badge class, an issuer, a competency, or what an organisation says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from wikic.domain.acceptances import Acceptance
from wikic.domain.badges_bindings import BINDABLE
from wikic.domain.changes import now
from wikic.domain.endorsements import Endorsement, Named
from wikic.domain.vocabulary import DEPRECATED
from wikic.services.acceptances import AcceptancesAsked
from wikic.web.endorsing_services import endorsing_of
from wikic.web.pages_common import Visit
from wikic.web.views_common import Link
from wikic.web.views_endorsing import AcceptanceRow, EndorsementRow, Standing

_SHOWN: Final = 5
_PLACES: Final = {"badge_class": "badges", "issuer": "issuers", "concept": "c", "organisation": "organisations"}


def page_of_named(named: Named) -> str:
    """The page of a target or an organisation; "" for a person."""
    return f"/{_PLACES[named.kind]}/{named.id}" if named.kind in _PLACES else ""


def endorsement_row(seen: Visit, made: Endorsement, names: Mapping[Named, str] | None = None) -> EndorsementRow:
    """An endorsement in a list; `names`: of what is endorsed, where that is shown."""
    statement = made.statement
    return EndorsementRow(
        address=f"/e/{made.id}",
        name=made.name,
        endorser=page_of_named(made.endorser),
        target=Link(page_of_named(made.target), names[made.target]) if names else None,
        comment=statement.comment,
        lang=_foreign(seen, statement.lang),
        evidence=statement.evidence,
        since=made.since,
        revoked=made.revoked,
    )


def endorsement_rows(seen: Visit, found: Sequence[Endorsement], *, targets: bool = False) -> list[EndorsementRow]:
    """Endorsements in a list, with what they are about (`targets`) or without."""
    names = endorsing_of(seen.request).endorsements.names(found, seen.lang) if targets else None
    return [endorsement_row(seen, each, names) for each in found]


def acceptance_row(seen: Visit, made: Acceptance, day: str = "") -> AcceptanceRow:
    """An acceptance in a list, as it stands on a day ("" for today)."""
    terms = made.terms
    return AcceptanceRow(
        address=f"/acceptances/{made.id}",
        organisation=Link(page_of_named(Named("organisation", made.organisation)), made.name),
        badge=Link(page_of_named(Named("badge_class", made.badge_class)), made.badge_name),
        in_place_of=terms.in_place_of,
        lang=_foreign(seen, terms.lang),
        conditions=terms.conditions,
        where=terms.address,
        valid_from=terms.valid_from,
        valid_until=terms.valid_until,
        state=made.state(day or now()[:10]),
    )


def standing(seen: Visit, target: Named, issuer: str = "") -> Standing:
    """Who stands behind something that the reader is shown, of an issuer ("" for a competency). One round trip where nobody does, two for a badge class."""
    services = endorsing_of(seen.request)
    found, total = services.endorsements.brief(target, _SHOWN)
    accepted = _accepted(seen, badge_class=target.id) if target.kind == "badge_class" else []
    others = _manages(seen, issuer) or (seen.actor.known and not (issuer and seen.actor.in_organisation(issuer)))
    of_badge = f"badge_class={target.id}"
    return Standing(
        rows=endorsement_rows(seen, found),
        total=total,
        address=f"/endorsements?target={target}",
        endorse=f"/endorse?target={target}" if others else "",
        accepted=accepted,
        acceptances=f"/acceptances?{of_badge}" if accepted else "",
        accept=f"/accept?{of_badge}" if target.kind == "badge_class" and _manages(seen, "") else "",
    )


def standing_of_concept(seen: Visit, uuid: str, kind: str, status: str) -> Standing | None:
    """Who stands behind a competency; None for anything else, and as of a release, which knows of none."""
    if seen.release or kind not in BINDABLE:
        return None
    found = standing(seen, Named("concept", uuid))
    return replace(found, endorse="") if status == DEPRECATED else found


def spoken(seen: Visit, organisation: str) -> Standing:
    """What an organisation accepts and endorses, for its page."""
    accepted = _accepted(seen, organisation=organisation)
    return Standing(
        rows=[], total=0, address=f"/endorsements?by=organisation/{organisation}", endorse="", accepted=accepted,
        acceptances=f"/acceptances?organisation={organisation}", accept="",
    )  # fmt: skip


def _accepted(seen: Visit, badge_class: str = "", organisation: str = "") -> list[AcceptanceRow]:
    asked = AcceptancesAsked(badge_class, organisation, revoked=False)
    page = endorsing_of(seen.request).acceptances.list(asked, seen.actor, limit=_SHOWN * 4)
    rows = [acceptance_row(seen, each) for each in page.items]
    return [row for row in rows if row.state != "expired"][:_SHOWN]


def _manages(seen: Visit, besides: str) -> bool:
    return any("manager" in roles and slug != besides for slug, roles in seen.actor.memberships)


def _foreign(seen: Visit, lang: str) -> str:
    return "" if lang.partition("-")[0] == seen.lang else lang
