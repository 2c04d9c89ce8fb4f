"""Issuers and badge classes as documents of Open Badges 2.0 and 3.0, from what their versions say. Pure.

Both standards' documents of a thing have one id, its permanent address; a version has an address of its own and names its competencies by pinned
addresses, so that it never changes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from wikic.domain.badges import BadgeContent, usual_tag
from wikic.domain.badges_alignments import Attested, all_alignments, as_ob2
from wikic.domain.levels import Graded
from wikic.domain.organisations import Profile

OB2_CONTEXT: Final = "https://w3id.org/openbadges/v2"
OB3_CONTEXT: Final = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
CREDENTIALS_CONTEXT: Final = "https://www.w3.org/ns/credentials/v2"

_LANG: Final = re.compile(r"([a-z]{2,4})(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?\Z")


@dataclass(frozen=True, slots=True)
class Described:
    """A badge class, or one of its versions (`pinned`), with all that its documents say. `graded`: the levels that it attests."""

    id: str
    issuer: str
    number: int
    content: BadgeContent
    attested: Sequence[Attested]
    graded: Sequence[Graded] = ()
    pinned: bool = False

    def url(self, base: str) -> str:
        """Its id."""
        return badge_url(base, self.id, self.number if self.pinned else 0)

    def results(self, base: str) -> list[dict[str, Any]]:
        """The result descriptions of its levels, for Open Badges 3.0."""
        return [each.described(self.url(base), base=base, lang=self.content.lang) for each in self.graded]


@dataclass(frozen=True, slots=True)
class DescribedIssuer:
    """An issuer."""

    slug: str
    name: str
    profile: Profile


def badge_url(base: str, identity: str, number: int = 0) -> str:
    """The id of a badge class, or of one of its versions."""
    return f"{base}/b/{identity}" + (f"/v/{number}" if number else "")


def issuer_url(base: str, slug: str) -> str:
    """The id of an issuer."""
    return f"{base}/i/{slug}"


def badge_class(badge: Described, base: str) -> dict[str, Any]:
    """The BadgeClass of Open Badges 2.0."""
    content, url = badge.content, badge.url(base)
    made: dict[str, Any] = {
        "@context": OB2_CONTEXT, "id": url, "type": "BadgeClass", "name": content.name, "description": content.description, "image": f"{url}/image",
        "criteria": _criteria(badge, base), "issuer": issuer_url(base, badge.issuer), "version": str(badge.number),
        "alignment": [as_ob2(each) for each in _alignments(badge, base, levels=content.lang)], "tags": list(content.tags), "@language": _language(content.lang),
        "related": [_related2(each) for each in _others(badge, base)],
    }  # fmt: skip
    return _said(made)


def issuer(described: DescribedIssuer, base: str) -> dict[str, Any]:
    """The Issuer of Open Badges 2.0. Without an address of contact in the profile it has no `email`, which 2.0 asks for."""
    profile, url = described.profile, issuer_url(base, described.slug)
    made = {
        "@context": OB2_CONTEXT, "id": url, "type": "Issuer", "name": described.name, "url": profile.site or f"{base}/issuers/{described.slug}",
        "email": profile.email, "description": profile.description,
    }  # fmt: skip
    return _said(made)


def achievement(badge: Described, creator: DescribedIssuer | None, base: str) -> dict[str, Any]:
    """The Achievement of Open Badges 3.0. Without `creator` the issuer is named by its address alone, as versions do: what it says of itself changes."""
    content, url = badge.content, badge.url(base)
    made: dict[str, Any] = {
        "@context": [CREDENTIALS_CONTEXT, OB3_CONTEXT], "id": url, "type": ["Achievement"], "name": content.name, "description": content.description,
        "criteria": _criteria(badge, base), "achievementType": content.achievement_type, "humanCode": content.human_code,
        "image": {"id": f"{url}/image", "type": "Image"}, "inLanguage": _language(content.lang), "version": str(badge.number),
        "creator": _profile(creator, base) if creator else {"id": issuer_url(base, badge.issuer), "type": ["Profile"]},
        "alignment": _alignments(badge, base), "tag": list(content.tags), "related": [_related3(each) for each in _others(badge, base)],
        "resultDescription": badge.results(base),
    }  # fmt: skip
    return _said(made)


def profile(described: DescribedIssuer, base: str) -> dict[str, Any]:
    """The Profile of Open Badges 3.0."""
    return {"@context": [CREDENTIALS_CONTEXT, OB3_CONTEXT]} | _profile(described, base)


def _profile(described: DescribedIssuer, base: str) -> dict[str, Any]:
    own = described.profile
    address = _said(
        {"type": ["Address"], "streetAddress": own.street, "postalCode": own.postcode, "addressLocality": own.city, "addressCountryCode": own.country}
    )
    numbers = {"ext:SIREN": own.siren, "ext:SIRET": own.siret}
    made = {
        "id": issuer_url(base, described.slug), "type": ["Profile"], "name": described.name,
        "url": own.site or f"{base}/issuers/{described.slug}", "email": own.email, "description": own.description,
        "address": address if len(address) > 1 else None,
        "otherIdentifier": [
            {"type": "IdentifierEntry", "identifier": number, "identifierType": kind} for kind, number in numbers.items() if number
        ],
    }  # fmt: skip
    return _said(made)


def _criteria(badge: Described, base: str) -> dict[str, Any]:
    content = badge.content
    narrative = "\n\n".join(filter(None, (content.criteria, content.deviates)))
    return _said({"id": content.criteria_address or f"{badge.url(base)}/criteria", "narrative": narrative})


def _alignments(badge: Described, base: str, levels: str | None = None) -> list[dict[str, Any]]:
    return all_alignments(badge.attested, base, address="pinned" if badge.pinned else "permanent", levels=levels)


def _others(badge: Described, base: str) -> list[tuple[str, str]]:
    """Other documents of the same badge, with their versions: the present one's own version, a version's present one, the original elsewhere."""
    found = [(badge_url(base, badge.id), "") if badge.pinned else (badge_url(base, badge.id, badge.number), str(badge.number))]
    if badge.content.hosted == "elsewhere" and badge.content.address:
        found.append((badge.content.address, ""))
    return found


def _related2(other: tuple[str, str]) -> dict[str, Any]:
    return _said({"id": other[0], "type": "BadgeClass", "version": other[1]})


def _related3(other: tuple[str, str]) -> dict[str, Any]:
    return _said({"id": other[0], "type": ["Related"], "version": other[1]})


def _language(lang: str) -> str:
    """The language as the schemas write it; "" where they have no form for it."""
    tag = usual_tag(lang)
    return tag if _LANG.match(tag) else ""


def _said(values: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is empty."""
    return {name: value for name, value in values.items() if value not in (None, "", [], {})}
