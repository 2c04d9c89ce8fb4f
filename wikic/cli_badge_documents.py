"""The commands `badge alignment` and `badge document`: what other tools read and what one copies into them."""

from __future__ import annotations

from typing import Annotated

import typer

from wikic.cli_output import JsonFlag, opened, print_json, remark
from wikic.errors import InvalidInput


def alignment(
    concept: Annotated[str, typer.Argument(help="A competency: uuid, source address, code.", show_default=False)],
    form: Annotated[str, typer.Option("--format", help="ob2, ob3, badgr, moodle, obf or edubadges.")] = "ob3",
    release: Annotated[str, typer.Option(help="As of this published release; else the last one that holds it.")] = "",
    level: Annotated[str, typer.Option(help="Such as practice:2.")] = "",
    pinned: Annotated[bool, typer.Option("--pinned", help="The address as of the release, in place of the permanent one.")] = False,
    lang: Annotated[str, typer.Option(help="The language of names and texts.")] = "fr",
    as_json: JsonFlag = False,
) -> None:
    """Print the alignment of a competency, to be pasted into a badge tool."""
    from wikic.domain.badges_alignments import BOX_FORMATS

    if form not in BOX_FORMATS:
        raise InvalidInput(f"{form[:40]!r} is no format: one of {', '.join(BOX_FORMATS)}")
    with opened() as app:
        aligned = app.badges.documents.competency(concept, lang, level=level, release=release or None)
        made = aligned.box(form, app.accounts.rules.public_url, lang=lang, address="pinned" if pinned else "permanent")
    if as_json:
        print_json(made)
        return
    print(made.text)
    for each in made.remarks:
        remark(f"{each.key}: {', '.join(f'{name} {value}' for name, value in each.values.items())}")


def document(
    identity: Annotated[str, typer.Argument(metavar="ID|SLUG", help="A badge class, or an issuer's short name.", show_default=False)],
    form: Annotated[str, typer.Option("--format", help="ob2 or ob3.")] = "ob3",
    number: Annotated[int, typer.Option("--version", min=0, help="That published version; 0 for what it is now.")] = 0,
    _as_json: JsonFlag = True,
) -> None:
    """Print the Open Badges document of a badge class or an issuer, as its permanent address answers it."""
    from wikic.domain import badges_documents as write
    from wikic.domain.endorsements import Named
    from wikic.domain.ids import is_uuid
    from wikic.services.endorsing_credentials import endorsed

    if form not in ("ob2", "ob3"):
        raise InvalidInput(f"{form[:40]!r} is no standard: ob2 or ob3")
    with opened() as app:
        documents, base = app.badges.documents, app.accounts.rules.public_url
        if not is_uuid(identity):
            issuer, target = documents.issuer(identity), Named("issuer", identity)
            made = write.issuer(issuer, base) if form == "ob2" else write.profile(issuer, base)
        else:
            badge, target = documents.version(identity, number) if number else documents.badge(identity), Named("badge_class", identity)
            creator = None if number else documents.issuer(badge.issuer)
            made = write.badge_class(badge, base) if form == "ob2" else write.achievement(badge, creator, base)
        if not number:
            made |= endorsed(form, app.endorsing.endorsements, target, app.releases.manifests.signer, base)
    print_json(made)
