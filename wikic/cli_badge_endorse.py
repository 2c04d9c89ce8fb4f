"""Commands of who stands behind badges: `badge endorse | endorsements | accept | acceptances`, and revoking."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wikic.cli_output import JsonFlag, me, opened, print_json, table

if TYPE_CHECKING:
    from wikic.domain.acceptances import Acceptance

TargetArgument = Annotated[str, typer.Argument(help="badge_class/ID, issuer/SLUG or concept/REF.", show_default=False)]
BadgeArgument = Annotated[str, typer.Argument(help="The id of a badge class.", show_default=False)]
OrganisationOption = Annotated[str, typer.Option(help="Short name of the organisation in whose name.", show_default=False)]
LangOption = Annotated[str, typer.Option(help="The language of what is said.")]
ReasonOption = Annotated[str, typer.Option(help="Why; everybody reads it.", show_default=False)]

_PAGE = 200


def register(group: typer.Typer) -> None:
    """Add these commands to the group `badge`."""
    group.command("endorse")(endorse)
    group.command("endorsements")(endorsements)
    group.command("revoke-endorsement")(revoke_endorsement)
    group.command("accept")(accept)
    group.command("acceptances")(acceptances)
    group.command("revoke-acceptance")(revoke_acceptance)


def endorse(
    target: TargetArgument,
    organisation: OrganisationOption,
    comment: Annotated[str, typer.Option(help="What it says.", show_default=False)],
    evidence: Annotated[str, typer.Option(help="Address of some evidence.")] = "",
    lang: LangOption = "fr",
    as_json: JsonFlag = False,
) -> None:
    """Endorse a badge class, an issuer or a competency in the name of an organisation."""
    from wikic.domain.endorsements import TARGET_KINDS, Statement, parse_named

    aim = parse_named(target, TARGET_KINDS, "target")
    with opened() as app:
        made = app.endorsing.endorsements.make(aim, Statement(comment, evidence, lang), me(), organisation=organisation)
    if as_json:
        print_json(made)
    else:
        print(f"endorsement {made.id}: {made.name} stands behind {made.target} (version {made.number})")


def endorsements(
    target: Annotated[str, typer.Option(help="Of this: badge_class/ID, issuer/SLUG or concept/REF.")] = "",
    by: Annotated[str, typer.Option(help="By this: organisation/SLUG or user/ID.")] = "",
    revoked: Annotated[bool, typer.Option("--revoked", help="Those that were revoked.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """List endorsements."""
    from wikic.domain.endorsements import ENDORSER_KINDS, TARGET_KINDS, Endorsement, Named, parse_named

    aim = parse_named(target, TARGET_KINDS, "target") if target else None
    endorser = parse_named(by, ENDORSER_KINDS, "endorser") if by else None
    found: list[Endorsement] = []
    with opened() as app:
        if aim and aim.kind == "concept":
            aim = Named("concept", app.badges.bindings.targets.uuid_of(aim.id))
        after, status = "", "revoked" if revoked else "open"
        while True:
            page = app.endorsing.endorsements.find(aim, endorser, me(), status=status, after=after, limit=_PAGE)
            found += page.items
            after = page.next
            if not after:
                break
    if as_json:
        print_json(found)
    else:
        rows = [(each.id, each.target, each.name, each.since[:10], each.reason or each.statement.comment) for each in found]
        table(("endorsement", "of", "by", "since", "why" if revoked else "comment"), rows)


def revoke_endorsement(
    identity: Annotated[str, typer.Argument(help="The id of an endorsement.", show_default=False)], reason: ReasonOption, as_json: JsonFlag = False
) -> None:
    """Take an endorsement back for good; it stays readable."""
    with opened() as app:
        made = app.endorsing.endorsements.revoke(identity, reason, me())
    if as_json:
        print_json(made)
    else:
        print(f"the endorsement of {made.target} by {made.name} is revoked")


def accept(
    badge_class: BadgeArgument,
    organisation: OrganisationOption,
    in_place_of: Annotated[str, typer.Option(help="In place of which test or module.", show_default=False)],
    conditions: Annotated[str, typer.Option(help="Under which conditions.")] = "",
    address: Annotated[str, typer.Option(help="Where that stands.")] = "",
    valid_from: Annotated[str, typer.Option(help="First day, such as 2027-01-01; today if left out.")] = "",
    valid_until: Annotated[str, typer.Option(help="Last day; no end if left out.")] = "",
    lang: LangOption = "fr",
    as_json: JsonFlag = False,
) -> None:
    """Declare that an organisation accepts a badge class in place of something of its own."""
    from wikic.domain.acceptances import Terms

    terms = Terms(in_place_of, conditions, address, valid_from, valid_until, lang)
    with opened() as app:
        made = app.endorsing.acceptances.declare(badge_class, organisation, terms, me())
    if as_json:
        print_json(_shown(made))
    else:
        print(f"acceptance {made.id}: {made.name} accepts {made.badge_name} in place of {made.terms.in_place_of}")


def acceptances(
    badge_class: Annotated[str, typer.Option(help="Of this badge class.")] = "",
    organisation: Annotated[str, typer.Option(help="By this organisation.")] = "",
    valid_on: Annotated[str, typer.Option(help="Those that hold on this day, such as 2027-01-15.")] = "",
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """List acceptances."""
    from wikic.services.acceptances import AcceptancesAsked

    asked = AcceptancesAsked(badge_class, organisation, valid_on)
    with opened() as app:
        if as_csv:
            sys.stdout.write(app.endorsing.acceptances.table(asked, me()))
            return
        found = [_shown(each) for each in app.endorsing.acceptances.every(asked, me())]
    if as_json:
        print_json(found)
    else:
        names = ("id", "organisation", "badge_name", "in_place_of", "valid_from", "valid_until", "state")
        table(names, [tuple(each[name] for name in names) for each in found])


def revoke_acceptance(
    identity: Annotated[str, typer.Argument(help="The id of an acceptance.", show_default=False)], reason: ReasonOption, as_json: JsonFlag = False
) -> None:
    """End an acceptance today; it stays readable."""
    with opened() as app:
        made = app.endorsing.acceptances.revoke(identity, reason, me())
    if as_json:
        print_json(_shown(made))
    else:
        print(f"{made.name} accepts {made.badge_name} no longer in place of {made.terms.in_place_of}")


def _shown(made: Acceptance) -> dict[str, Any]:
    from wikic.domain.changes import now

    return {
        "id": made.id, "organisation": made.organisation, "name": made.name, "badge_class": made.badge_class, "badge_name": made.badge_name,
        **made.terms.packed(), "state": made.state(now()[:10]), "made": made.made, "revoked": made.revoked, "reason": made.reason,
    }  # fmt: skip
