"""Organisations: what their profile may hold, and how the numbers in it are checked. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Final, Self

from wikic.domain.access import ACCOUNTS_SPACE, ORGANISATION_KINDS, ORGANISATION_ROLES
from wikic.domain.accounts import clean_email
from wikic.domain.addresses import web_address
from wikic.domain.texts import check_text
from wikic.domain.vocabulary import PUBLIC_SPACE
from wikic.errors import InvalidInput

RESERVED: Final = frozenset({PUBLIC_SPACE, ACCOUNTS_SPACE, "new", "system", "operator", "wikic", "admin", "api"})
"""Slugs that name something else: spaces, and pages beside those of organisations."""

MOST_TERRITORIES: Final = 50
MOST_SECTORS: Final = 50
MOST_COLOURS: Final = 3
_SLUG: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")
_LA_POSTE: Final = "356000000"
_COUNTRIES: Final = (
    "AL|AT|BE|BG|CH|CY|CZ|DE|DK|EE|EL|ES|FI|FR|HR|HU|IE|IS|IT|LI|LT|LU|LV|ME|MK|MT|NL|NO|PL|PT|RO|RS|SE|SI|SK|TR|UK"
)  # fmt: skip
_NUTS: Final = re.compile(rf"(?:{_COUNTRIES})(?:[0-9A-Z](?:[0-9Z][0-9A-Z]?)?)?\Z")
"""A country, and up to three further places, the second of which is a digit (Z: outside of all regions): no name of a town."""
_INSEE: Final = re.compile(r"(\d{5}|2[AB]\d{3}|\d{2,3}|2[AB])\Z")
_NAF: Final = re.compile(r"([A-U]|\d{2}(\.\d{1,2}[A-Z]?)?)\Z")
_COLOUR: Final = re.compile(r"#[0-9a-f]{6}\Z")
_LISTS: Final = ("idcc", "territories", "sectors", "colours")
_LONGEST: Final = {"description": 4_000, "street": 200, "postcode": 20, "city": 100, "country": 2}
_LONGEST_SITE: Final = 300


@dataclass(frozen=True, slots=True)
class Profile:
    """What an organisation says of itself. `siren`, `siret`: its number and that of its seat (France); `idcc`: the collective agreements of a branch;
    `territories`: INSEE codes (communes, départements) or NUTS codes; `country`: ISO 3166-1, two letters; `email`: where everybody may write to;
    `sectors`: NAF codes (`62.01Z`, or a part of one, or a section's letter); `colours`: at most three, `#rrggbb`, those of its badges' images."""

    description: str = ""
    siren: str = ""
    siret: str = ""
    idcc: tuple[str, ...] = ()
    territories: tuple[str, ...] = ()
    street: str = ""
    postcode: str = ""
    city: str = ""
    country: str = ""
    site: str = ""
    email: str = ""
    sectors: tuple[str, ...] = ()
    colours: tuple[str, ...] = ()

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """From a document."""
        known: dict[str, Any] = {each.name: values[each.name] for each in fields(cls) if each.name in values}
        for name in _LISTS:
            known[name] = tuple(known.get(name) or ())
        return cls(**known)

    def packed(self) -> dict[str, Any]:
        """As documents and bodies keep it."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

    def cleaned(self) -> Profile:
        """The same in one form, every number checked. Raises InvalidInput."""
        texts = {name: check_text(name, getattr(self, name), longest) for name, longest in _LONGEST.items()}
        site = check_address("site", self.site, _LONGEST_SITE)
        siren, siret = check_siren(self.siren), check_siret(self.siret)
        if siret and siren and not siret.startswith(siren):
            raise InvalidInput(f"the SIRET {siret} belongs to another organisation than the SIREN {siren}", reason="siret-siren", siret=siret, siren=siren)
        country = texts["country"].upper()
        if country and not re.fullmatch("[A-Z]{2}", country):
            raise InvalidInput(f"{country!r} is no country: two letters, such as FR", reason="country", country=country[:20])
        return replace(
            self, **texts | {"country": country, "site": site}, siren=siren or siret[:9], siret=siret,
            idcc=tuple(dict.fromkeys(map(check_idcc, self.idcc))), territories=_territories(self.territories),
            email=clean_email(self.email) if self.email.strip() else "", sectors=_sectors(self.sectors), colours=_colours(self.colours),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation as who may see it sees it. `roles`: those of the reader in it."""

    slug: str
    name: str
    kind: str
    private: bool
    profile: Profile
    created: str
    version: int
    roles: tuple[str, ...] = field(default=())


def check_slug(text: str) -> str:
    """The short name that stands in addresses. Raises InvalidInput."""
    slug = text.strip()
    if not 2 <= len(slug) <= 40 or not _SLUG.match(slug) or slug in RESERVED:
        raise InvalidInput(
            f"{slug[:60]!r} cannot be a short name: 2 to 40 small letters, digits and single dashes, such as boulangerie-martin",
            reason="slug", slug=slug[:60],
        )
    return slug


def suggest_slug(name: str) -> str:
    """A slug made of a name; "" if nothing of it can be used."""
    plain = "".join(char for char in unicodedata.normalize("NFKD", name.lower()) if not unicodedata.combining(char))
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-")


def check_kind(kind: str) -> str:
    """One of the four kinds. Raises InvalidInput."""
    if kind not in ORGANISATION_KINDS:
        raise InvalidInput(f"{kind[:40]!r} is no kind of organisation: {', '.join(ORGANISATION_KINDS)}", reason="choice", choice=kind[:40])
    return kind


def check_roles(roles: Iterable[str]) -> list[str]:
    """Roles in an organisation, `member` always among them, in order. Raises InvalidInput."""
    wanted = sorted({"member", *roles})
    if unknown := [role for role in wanted if role not in ORGANISATION_ROLES]:
        raise InvalidInput(f"{unknown[0][:40]!r} is no role in an organisation: {', '.join(ORGANISATION_ROLES)}", reason="choice", choice=unknown[0][:40])
    return wanted


def check_organisation_name(text: str) -> str:
    """The full name. Raises InvalidInput."""
    name = check_text("name", " ".join(text.split()), 120)
    if len(name) < 2:
        raise InvalidInput("an organisation has a name of 2 to 120 characters", reason="organisation-name")
    return name


def luhn(digits: str) -> bool:
    """Whether a number ends with the right check digit (Luhn)."""
    total = 0
    for place, char in enumerate(reversed(digits)):
        value = int(char) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def check_siren(text: str) -> str:
    """A SIREN: nine digits; "" for none. Raises InvalidInput."""
    number = re.sub(r"\s", "", text)
    if number and not (re.fullmatch(r"[0-9]{9}", number) and luhn(number)):
        raise InvalidInput(f"{text[:40]!r} is no SIREN: nine digits, the last of which checks the others", reason="siren", number=text[:40])
    return number


def check_siret(text: str) -> str:
    """A SIRET: fourteen digits; "" for none. Raises InvalidInput."""
    number = re.sub(r"\s", "", text)
    if not number:
        return ""
    # The post has more than a hundred thousand places: its numbers are checked by their sum.
    if re.fullmatch(r"[0-9]{14}", number) and (
        luhn(number) or (number.startswith(_LA_POSTE) and sum(map(int, number)) % 5 == 0)
    ):
        return number
    raise InvalidInput(f"{text[:40]!r} is no SIRET: fourteen digits, the last of which checks the others", reason="siret", number=text[:40])


def check_idcc(text: str) -> str:
    """The number of a collective agreement, as four digits. Raises InvalidInput."""
    number = re.sub(r"(?i)^idcc", "", text).strip()
    if not re.fullmatch(r"[0-9]{1,4}", number) or int(number) == 0:
        raise InvalidInput(f"{text[:40]!r} is no IDCC: one to four digits, such as 0843", reason="idcc", number=text[:40])
    return number.zfill(4)


def check_site(text: str) -> str:
    """An address on the web; "" for none. Raises InvalidInput."""
    return web_address(text) if text else ""


def check_address(name: str, value: str, longest: int) -> str:
    """A field that holds an address on the web, or "". Raises InvalidInput."""
    return check_text(name, check_site(check_text(name, value, longest)), longest)


def check_sector(text: str) -> str:
    """A NAF code: a section, a division, or down to a sub-class. Raises InvalidInput."""
    code = text.strip().upper()
    if re.fullmatch(r"\d{4}[A-Z]?", code):
        code = f"{code[:2]}.{code[2:]}"
    if not _NAF.match(code):
        raise InvalidInput(f"{text[:40]!r} is no NAF code: such as 62.01Z, 62.0, 62 or J", reason="sector", code=text[:40])
    return code


def _sectors(values: tuple[str, ...]) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(map(check_sector, values)))
    if len(found) > MOST_SECTORS:
        raise InvalidInput(f"an organisation names at most {MOST_SECTORS} sectors: name what they belong to", reason="sectors-many", most=MOST_SECTORS)
    return found


def _colours(values: tuple[str, ...]) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(value.strip().lower() for value in values))
    for colour in found:
        if not _COLOUR.match(colour):
            raise InvalidInput(f"{colour[:40]!r} is no colour: # and six hexadecimal digits, such as #1b4f72", reason="colour", colour=colour[:40])
    if len(found) > MOST_COLOURS:
        raise InvalidInput(f"an organisation has at most {MOST_COLOURS} colours", reason="colours-many", most=MOST_COLOURS)
    return found


def check_territory(value: str) -> str:
    """The code of a territory in one form. Raises InvalidInput."""
    code = value.strip().upper()
    if not (_NUTS.match(code) or _INSEE.match(code)):
        raise InvalidInput(
            f"{code[:40]!r} is no territory: an INSEE code such as 69 or 69123, or a NUTS code such as FRK26", reason="territory", code=code[:40]
        )
    return code


def _territories(values: tuple[str, ...]) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(map(check_territory, values)))
    if len(found) > MOST_TERRITORIES:
        raise InvalidInput(
            f"an organisation names at most {MOST_TERRITORIES} territories: name what they lie in",
            reason="territories-many", most=MOST_TERRITORIES,
        )
    return found
