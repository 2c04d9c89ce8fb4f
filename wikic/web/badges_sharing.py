"""What the page of a badge class gives to others: HTML to copy, without a script, and what programs read. All of it is public."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from markupsafe import Markup

from wikic.domain.badges import BadgeClass
from wikic.services.badges_parts import BadgeServices
from wikic.web import schema_org
from wikic.web.badges_services import image_url, issuer_name
from wikic.web.pages_common import Visit
from wikic.web.views_badges import BoundRow
from wikic.web.views_common import Link
from wikic.web.views_deployment import EmbedSnippets, SharedBadge

_SHOWN: Final = 8


def shared_badge(seen: Visit, badges: BadgeServices, badge: BadgeClass, bound: Sequence[BoundRow]) -> SharedBadge | None:
    """What the page of a badge class gives to others; None for a draft."""
    if not badge.public:
        return None
    base = seen.public_url
    node = schema_org.credential(base, badge, issuer_name(badges, badge.issuer, seen.actor), image_url(base, badge.id))
    terms = [
        {"@id": each.permanent, "@type": "DefinedTerm", "name": each.concept.name.value, "url": {"@id": each.permanent}}
        | ({"termCode": each.concept.code} if each.concept.code else {})
        for each in bound
    ]
    return SharedBadge(
        markup=schema_org.data_block(schema_org.attesting(node, terms)),
        snippets=snippets(seen, badges, badge, bound),
        data=[Link(f"/badges/{badge.id}/data.{form}", name) for form, name in (("jsonld", "JSON-LD"), ("ttl", "Turtle"))],
        awards=f"/badges/{badge.id}/awards",
    )


def snippets(seen: Visit, badges: BadgeServices, badge: BadgeClass, bound: Sequence[BoundRow]) -> EmbedSnippets:
    """The HTML to copy."""
    base, name = seen.public_url, badge.content.name
    head = Markup('<a href="{}">{}</a> ({})').format(f"{base}/badges/{badge.id}", name, issuer_name(badges, badge.issuer, seen.actor))
    links = [Markup('<a href="{}">{}</a>').format(each.permanent, each.concept.name.value) for each in bound[:_SHOWN]]
    said = Markup(" {} {}").format(seen.t("embed.attests"), Markup(", ").join(links)) if links else Markup("")
    frame = Markup('<iframe src="{}" title="{}" width="420" height="260" style="max-width: 100%" loading="lazy"></iframe>').format(
        f"{base}/embed/badge/{badge.id}", name
    )
    return EmbedSnippets(html=str(Markup('<p lang="{}">{}{}</p>').format(seen.lang, head, said)), frame=str(frame))
