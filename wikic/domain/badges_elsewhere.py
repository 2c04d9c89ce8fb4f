"""Badge classes that are hosted elsewhere: what a document says of one, which a list or an issuer's document names, and what changed since. Pure.

Documents are of Open Badges 2.0, 3.0 or older; an award (assertion, credential) is only looked at for the badge class within it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from typing import Any, Final, NamedTuple
from urllib.parse import urljoin, urlsplit

from wikic.domain.addresses import is_web
from wikic.domain.badges import ACHIEVEMENT_TYPES, MOST_TAGS, BadgeContent
from wikic.domain.open_badges import listed, recognise, text, texts
from wikic.errors import InvalidInput

LIST_KEYS: Final = (
    "badges", "badgeClasses", "badgeclasses", "badge_classes", "hasBadgeClass", "achievements", "achievement", "items", "results", "result", "data", "@graph",
)  # fmt: skip
"""Under which names issuers' documents and lists hold their badge classes: no standard names one."""
SAID: Final = ("name", "description", "criteria", "criteria_address", "tags", "lang", "achievement_type", "human_code")
"""The fields of a badge class that a document says; all others are ours."""
IMAGE: Final = "image"
ALIGNMENTS: Final = "alignments"

_BADGES: Final = ("badge_class", "achievement")
_AWARDS: Final = ("assertion", "achievement_credential")
_FORMATS: Final = {"2.0": "ob2", "3.0": "ob3"}
_LONGEST_TAG: Final = 80
_LONGEST_IMAGE: Final = 2_000


class Aligned(NamedTuple):
    """An alignment as it stands in a document; "" for what it does not say."""

    url: str
    name: str = ""
    description: str = ""
    code: str = ""
    framework: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """What a document says of a badge class: `image` is an address, `data:...` or ""; `concepts` the competencies that its alignments lead to now, and
    `meant`, for each of these, all that its alignment may mean (also what was replaced since); `aligned` are all alignments as they stand there."""

    content: BadgeContent
    image: str = ""
    concepts: tuple[str, ...] = ()
    meant: tuple[tuple[str, ...], ...] = ()
    aligned: tuple[Aligned, ...] = ()

    @property
    def known(self) -> frozenset[str]:
        """Every competency that it may mean."""
        return frozenset(self.concepts).union(*self.meant)

    def packed(self) -> dict[str, Any]:
        """As the store keeps it."""
        values = {name: getattr(self.content, name) for name in SAID}
        return values | {
            "tags": list(self.content.tags), IMAGE: image_key(self.image), ALIGNMENTS: list(self.concepts), "meant": list(map(list, self.meant)),
            "aligned": list(map(list, self.aligned)),
        }  # fmt: skip

    def but(self, before: Said | None, names: Collection[str]) -> Said:
        """The same, but in these fields (and `image`) what it said before."""
        if before is None or not names:
            return self
        content = replace(self.content, **{name: getattr(before.content, name) for name in names if name != IMAGE})
        return replace(self, content=content, image=before.image if IMAGE in names else self.image)

    @classmethod
    def unpacked(cls, row: Mapping[str, Any]) -> Said:
        """From what the store keeps."""
        content = BadgeContent.of({name: row.get(name) for name in SAID})
        aligned = tuple(Aligned(*map(str, each)) for each in row["aligned"])
        return cls(content, str(row[IMAGE]), tuple(row[ALIGNMENTS]), tuple(map(tuple, row["meant"])), aligned)


def image_key(image: str) -> str:
    """The address of an image, or of one within the document its digest: what is kept to see whether it is another one."""
    return f"data:{sha256(image.encode()).hexdigest()}" if len(image) > _LONGEST_IMAGE else image


def badge_in(document: Any) -> dict[str, Any]:
    """The badge class or achievement that a document is, or that it awards. Raises InvalidInput for any other."""
    if not isinstance(document, dict):
        raise InvalidInput("this is no badge class: a JSON object is expected", reason="elsewhere-no-object")
    kind = recognise(document)[1]
    if kind in _BADGES:
        return document
    if kind in _AWARDS:
        holder = document if kind == "assertion" else next((each for each in listed(document.get("credentialSubject")) if isinstance(each, dict)), {})
        inner = next(iter(listed(holder.get("badge" if kind == "assertion" else "achievement"))), None)
        if isinstance(inner, dict):
            return {**_context(document), **inner}
        raise InvalidInput("this is an award whose badge class stands elsewhere: give the address of the badge class", reason="elsewhere-award")
    raise InvalidInput(f"`type`: this is no badge class, but {kind.replace('_', ' ')}", reason="elsewhere-kind")


def _context(document: Mapping[str, Any]) -> dict[str, Any]:
    return {"@context": document["@context"]} if "@context" in document else {}


def parts_of(document: Any, base: str = "") -> list[dict[str, Any] | str] | None:
    """The badge classes that an issuer's document or a list holds: documents, or addresses (made whole by `base`, where the document is); None for a document
    that is a badge class itself."""
    if isinstance(document, list):
        return [_part(each, base) for each in document if isinstance(each, dict | str)]
    if not isinstance(document, dict):
        return None
    form, kind = recognise(document)
    if kind in _BADGES or kind in _AWARDS:
        return None
    held = [each for key in LIST_KEYS for each in _held(document.get(key))]
    if held or kind in ("issuer", "profile"):
        return [_part(each, base) for each in held]
    return [] if form == "unknown" and any(key in document for key in LIST_KEYS) else None


def _held(value: Any) -> Iterator[dict[str, Any] | str]:
    for each in listed(value):
        if isinstance(each, str) or (isinstance(each, dict) and recognise(each)[1] in (*_BADGES, *_AWARDS, "unknown")):
            yield each


def _part(value: dict[str, Any] | str, base: str) -> dict[str, Any] | str:
    """What only names a badge class is its address."""
    if isinstance(value, dict) and not value.get("name") and isinstance(value.get("id"), str):
        value = str(value["id"])
    return urljoin(base, value.strip()) if isinstance(value, str) else value


def said_in(badge: Mapping[str, Any], address: str = "") -> Said:
    """What a badge class says (`lang` is "" where it does not say); `address`: where it was read, else its own. Raises InvalidInput where it has none that
    can be read again."""
    form = recognise(badge)[0]
    own = text(badge.get("id", badge.get("@id"))) or text(badge.get("openBadgeId"))
    place = address or own
    if not place.lower().startswith(("http://", "https://")):
        raise InvalidInput("`id`: the badge class has no address that begins with https:// or http://, and so cannot be read again", reason="elsewhere-id")
    words, at = _criteria(badge)
    kind = text(badge.get("achievementType"))
    content = BadgeContent(
        name=" ".join(text(badge.get("name")).split()), description=text(badge.get("description")).strip(), criteria=words, criteria_address=at,
        tags=_tags(badge), lang=text(badge.get("inLanguage") or badge.get("@language")),
        achievement_type=kind if kind in ACHIEVEMENT_TYPES or kind.startswith("ext:") else "", human_code=text(badge.get("humanCode")).strip(),
        hosted="elsewhere", address=as_kept(place), format=_FORMATS.get(form, ""),
    )  # fmt: skip
    kept = {name: form for name, value in asdict(content).items() if name in SAID and (form := _kept_form(name, value)) is not None}
    return Said(replace(content, **kept), _image(badge, place))


def _kept_form(name: str, value: Any) -> Any:
    """A field as it would be kept here, so that the way it is written is no difference; None where it cannot be."""
    try:
        return getattr(BadgeContent(**{name: value}).cleaned(), name)
    except InvalidInput:
        return None


def as_kept(address: str) -> str:
    """An address as it is kept here; as it is where it is none."""
    return str(_kept_form("address", address) or address)


def issuer_in(badge: Mapping[str, Any]) -> str:
    """Where the issuer is that a badge class names: its site, else its document; "" for none."""
    value = next(iter(listed(badge.get("issuer", badge.get("creator")))), None)
    found = (text(value.get("url")), text(value.get("id"))) if isinstance(value, dict) else (text(value),)
    return next(filter(is_web, found), "")


def _criteria(badge: Mapping[str, Any]) -> tuple[str, str]:
    value = next(iter(listed(badge.get("criteria"))), None)
    words, at = text(badge.get("criteriaNarrative")), text(badge.get("criteriaUrl"))
    if isinstance(value, dict):
        words, at = text(value.get("narrative")) or words, text(value.get("id")) or at
    elif isinstance(value, str):
        words, at = ("", value.strip()) if is_web(value) else (value, at)
    return words.strip(), at if is_web(at) else ""


def _tags(badge: Mapping[str, Any]) -> tuple[str, ...]:
    found = (" ".join(each.split())[:_LONGEST_TAG].strip() for each in texts(badge.get("tag", badge.get("tags"))))
    return tuple(dict.fromkeys(each for each in found if each))[:MOST_TAGS]


def _image(badge: Mapping[str, Any], base: str) -> str:
    value = next(iter(listed(badge.get("image"))), None)
    found = text(value.get("id")) if isinstance(value, dict) else text(value)
    found = found.strip()
    return found if not found or found.startswith("data:") else urljoin(base, found)


def place_of(address: str) -> str:
    """An address as it is compared: http and https are one, and so is a slash at its end."""
    scheme, _, rest = address.strip().partition("://")
    rest = (rest or scheme).partition("#")[0]
    host, slash, path = rest.partition("/")
    return f"{host.lower()}{slash}{path}".rstrip("/")


def host_of(address: str) -> str:
    """The host of an address, "" where it has none."""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def same_site(one: str, other: str) -> bool:
    """Whether two addresses are of one site: the same host, with or without `www.`, or one within the other."""
    first, second = (host_of(as_kept(each)).removeprefix("www.") for each in (one, other))
    return f".{first}".endswith(f".{second}") or f".{second}".endswith(f".{first}")


@dataclass(frozen=True, slots=True)
class Difference:
    """What to do after an address was read again. `content`: what the badge class says now (as it was, where nothing is taken over); `taken`: the fields taken
    over; `differs`: those in which it still differs from its address; `lost`: bound competencies that the address names no longer; `gained`: those that it
    names and that are not bound; `unfit`: fields that would have been taken over, but cannot be kept here as they are there."""

    content: BadgeContent
    taken: tuple[str, ...]
    differs: tuple[str, ...]
    lost: tuple[str, ...]
    gained: tuple[str, ...]
    unfit: tuple[str, ...] = ()


def compared(working: BadgeContent, before: Said | None, says: Said, bound: Sequence[tuple[str, str]]) -> Difference:
    """Hold a badge class against its address. A field is taken over if the address changed it and nobody changed it here; `before` is what the address said
    when it was last read, None if that is not known: then nothing is taken over. `bound`: (concept, source of the binding)."""
    wanted = [name for name in SAID if before is not None and _takes(name, working, before, says)]
    taken = [name for name in wanted if _kept_form(name, getattr(says.content, name)) is not None]
    unfit = tuple(name for name in wanted if name not in taken)
    content = replace(working, **{name: getattr(says.content, name) for name in taken})
    # What is not said there is no difference: a language or a code may have been added here.
    differs = [name for name in SAID if getattr(says.content, name) and getattr(content, name) != getattr(says.content, name)]
    held = {concept for concept, _ in bound}
    watched = {concept for concept, source in bound if source == "imported" or (before is not None and concept in before.concepts)}
    lost = sorted(watched - says.known)
    # What is bound may have been replaced since: the address means it all the same.
    gained = [concept for concept, meant in zip(says.concepts, says.meant, strict=True) if not held & {concept, *meant}]
    return Difference(content, tuple(taken), tuple(differs), tuple(lost), tuple(gained), unfit)


def _takes(name: str, working: BadgeContent, before: Said, says: Said) -> bool:
    here, then, new = (getattr(each, name) for each in (working, before.content, says.content))
    return bool(new) and new != then and here == then
