"""What the handlers of endorsements and acceptances are given, and the bodies that they answer."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Protocol, cast

from fastapi import Depends, Path, Request

from wikic.crypto.signing import Signer
from wikic.domain.acceptances import FOR_EVER, Acceptance
from wikic.domain.changes import now
from wikic.domain.endorsements import Endorsement, EndorsementVersion
from wikic.domain.endorsements_documents import endorsement_address
from wikic.services.endorsing_parts import EndorsingServices
from wikic.services.releasing_parts import ReleaseServices

Body = dict[str, Any]


class WithEndorsing(Protocol):
    """What these handlers need of an opened store; `bootstrap.App` is one."""

    @property
    def endorsing(self) -> EndorsingServices: ...
    @property
    def releases(self) -> ReleaseServices: ...


def endorsing_of(request: Request) -> EndorsingServices:
    """The services of endorsements and acceptances."""
    return cast(WithEndorsing, request.app.state.services).endorsing


def signer_of(request: Request) -> Signer:
    """What this installation signs with."""
    return cast(WithEndorsing, request.app.state.services).releases.manifests.signer


Endorsers = Annotated[EndorsingServices, Depends(endorsing_of)]
"""Endorsements and acceptances."""

EndorsementId = Annotated[str, Path(alias="id", description="The endorsement's id.", min_length=1, max_length=60)]
AcceptanceId = Annotated[str, Path(alias="id", description="The acceptance's id.", min_length=1, max_length=60)]


def endorsement_body(made: Endorsement, public_url: str) -> Body:
    """An endorsement."""
    address = endorsement_address(made.id, public_url)
    return {
        "id": made.id,
        "target": str(made.target),
        "by": str(made.endorser),
        "name": made.name,
        **asdict(made.statement),
        "number": made.number,
        "first": made.first,
        "since": made.since,
        "made_by": made.made_by,
        "status": made.status,
        "revoked": made.revoked or None,
        "reason": made.reason or None,
        "address": address,
        "documents": {name: f"{address}.{suffix}" for name, suffix in (("ob2", "ob2.json"), ("ob3", "ob3.json"), ("jwt", "jwt"))},
    }


def endorsement_version_body(version: EndorsementVersion) -> Body:
    """What an endorsement said."""
    return {"number": version.number, **asdict(version.statement), "since": version.since, "made_by": version.made_by}


def acceptance_body(made: Acceptance, day: str = "") -> Body:
    """An acceptance, as it stands on a day ("" for today)."""
    return {
        "id": made.id,
        "organisation": made.organisation,
        "name": made.name,
        "badge_class": made.badge_class,
        "badge_name": made.badge_name,
        **made.terms.packed(),
        "valid_until": made.terms.valid_until or None,
        "ends": None if made.ends == FOR_EVER else made.ends,
        "state": made.state(day or now()[:10]),
        "made": made.made,
        "made_by": made.made_by,
        "revoked": made.revoked or None,
        "reason": made.reason or None,
    }
