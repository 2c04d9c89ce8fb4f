"""What an alignment points to, by the look of its address or code alone: which shape it has, and which concepts it could mean.

The shapes are those that are found in public badge data: permanent and pinned addresses of this site, ESCO addresses (whole, http or https, within a
portal's address, without their beginning, with another path, an identifier only), ROME codes and pages, ISCO codes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from wikic.domain.ids import ESCO, concept_uuid, is_uuid

LONGEST: Final = 255
"""Characters of an address that every platform keeps."""

_UUID: Final = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
_FIND_UUID: Final = re.compile(_UUID)
_OWN: Final = re.compile(rf"/(?:r/(?P<release>[^?#]+?)/)?c/(?P<uuid>{_UUID})(?P<rest>.*)\Z")
_WITHIN: Final = re.compile(r"https?://data\.europa\.eu/esco/[^\s&#\"'<>]+", re.IGNORECASE)
_ESCO_PATH: Final = re.compile(
    rf"(?:.*/)?(?:esco[/:])?(?P<kind>skills?|occupations?|competences?|isco|isced-f|competency|qualifications?)[/:](?P<tail>{_UUID}|[A-Za-z]?\d{{0,5}}(?:\.\d+)*)/?\Z",
    re.IGNORECASE,
)
_ESCO_HOSTS: Final = ("esco.ec.europa.eu", "ec.europa.eu", "data.europa.eu", "www.data.europa.eu")
_ROME_HOSTS: Final = ("francetravail.fr", "pole-emploi.fr", "francetravail.io", "pole-emploi.io", "emploi-store.fr")
_ROME: Final = re.compile(r"(?<![A-Za-z0-9])([A-Na-n]\d{4})(?![A-Za-z0-9])")
_OGR: Final = re.compile(r"(?<!\d)(\d{5,6})(?!\d)")
_CODE: Final = re.compile(r"(?P<scheme>rome|isco|esco|ogr|citp)[:\s#]\s*(?P<code>[A-Za-z]?[\d.]{1,16}[A-Za-z]?)\Z", re.IGNORECASE)
_ISCO: Final = re.compile(r"C?(\d{1,4})\Z", re.IGNORECASE)
_SPACES: Final = re.compile(r"[\s\u00ad\u200b-\u200f\u2028-\u202e\u2060\ufeff]+")
_ESCO_KINDS: Final = {"s": "skill", "c": "skill", "o": "occupation"}


@dataclass(frozen=True, slots=True)
class Target:
    """What was recognised. `shape`: own, pinned, esco, portal, relative, other_path, uuid_only, code_only, fiche, other or none; `candidates`: uuids to try,
    in order; `refs`: `scheme:code` to try; `iri`: the source address that it names for certain, "" if none; `address`: it, without what surrounds it."""

    shape: str
    candidates: tuple[str, ...] = ()
    refs: tuple[str, ...] = ()
    iri: str = ""
    release: str = ""
    address: str = ""


def recognise(url: str, own: str) -> Target:
    """What an address means; `own`: where this site is, such as https://skills.example.org."""
    text = _SPACES.sub("", url).strip("<>\"'`«»“”()[],;")
    if not text:
        return Target("none")
    try:
        found = _own(text, own) or _esco(text) or _bare(text) or _rome(text) or _by_path(text)
    except ValueError:
        found = None  # an address that is none, such as one with half a bracket
    return found or Target("other", address=text)


def by_code(code: str, framework: str) -> Target:
    """What a code means, with the name of its framework."""
    code, framework = _SPACES.sub("", code), framework.lower()
    if not code:
        return Target("none")
    found = _bare(code)
    if found is not None:
        return found
    if "rome" in framework and (_ROME.fullmatch(code) or _OGR.fullmatch(code)):
        return Target("code_only", refs=(f"rome:{code.upper()}",))
    isco = _ISCO.fullmatch(code)
    if isco and any(word in framework for word in ("isco", "citp")):
        return Target("code_only", refs=(f"isco:{isco[1]}",))
    if "esco" in framework and re.fullmatch(r"[\dA-Z][\d.]*", code):
        return Target("code_only", refs=(f"esco:{code}",))
    return Target("none")


def is_isco_code(code: str) -> bool:
    """Whether a code looks like one of ISCO-08: one to four digits, with or without the C that ESCO puts before them."""
    return _ISCO.fullmatch(code.strip()) is not None


def _own(text: str, own: str) -> Target | None:
    here, site = urlsplit(text if "://" in text else f"//{text}"), urlsplit(own)
    if here.netloc.lower() not in (site.netloc.lower(), f"www.{site.netloc.lower()}"):
        return None
    path = here.path.removeprefix(site.path)
    found = _OWN.match(path)
    if found is None:
        return None
    release = unquote(found["release"] or "")
    return Target("pinned" if release else "own", (found["uuid"].lower(),), release=release, address=text)


def _esco(text: str) -> Target | None:
    """Source addresses of ESCO, whole or within another address."""
    decoded = _decoded(text)
    found = _WITHIN.search(decoded)
    if found is None:
        bare = re.match(r"(?:www\.)?data\.europa\.eu/esco/\S+", decoded, re.IGNORECASE)
        return _of_iri(f"http://{bare[0]}", "relative", text) if bare else None
    whole = found.start() == 0
    # A portal names the concept in its query.
    queried = [value for name, value in parse_qsl(urlsplit(text).query) if "uri" in name.lower()] if not whole else []
    named = next((each for each in (_WITHIN.search(_decoded(value)) for value in queried) if each), found)
    return _of_iri(named[0], "esco" if whole else "portal", text)


def _of_iri(iri: str, shape: str, text: str) -> Target:
    path = urlsplit(iri).path.removeprefix("/").partition("/")[2].strip("/")
    parts = path.split("/")
    if is_uuid(parts[-1]):
        parts[-1] = parts[-1].lower()
    kind = parts[0].lower()
    exact = f"{ESCO}{'/'.join([kind, *parts[1:]])}"
    other = {"skill": "occupation", "occupation": "skill"}.get(kind, "")
    tried = (exact, *((f"{ESCO}{other}/{parts[-1]}",) if other and len(parts) > 1 else ()))
    return Target(shape, tuple(map(concept_uuid, tried)), iri=exact, address=text)


def _bare(text: str) -> Target | None:
    """Identifiers and codes alone."""
    identity = re.sub(r"\A(?:urn:)?(?:uuid|esco|wikic|skill|competence):", "", text, flags=re.IGNORECASE)
    if is_uuid(identity):
        return Target("uuid_only", _of_uuid(identity), address=text)
    coded = _CODE.fullmatch(text)
    if coded:
        scheme, code = coded["scheme"].lower(), coded["code"].upper()
        scheme = {"ogr": "rome", "citp": "isco"}.get(scheme, scheme)
        return Target("code_only", refs=(f"{scheme}:{code.removeprefix('C') if scheme == 'isco' else code}",), address=text)
    if _ROME.fullmatch(text):
        return Target("code_only", refs=(f"rome:{text.upper()}",), address=text)
    return None


def _rome(text: str) -> Target | None:
    parts = urlsplit(text if "://" in text else f"https://{text}")
    host = (parts.hostname or "") if "." in parts.netloc else ""
    if not any(host == known or host.endswith(f".{known}") for known in _ROME_HOSTS):
        return None
    place = f"{parts.path} {parts.query} {parts.fragment}"
    code = _ROME.search(place)
    if code:
        return Target("fiche", refs=(f"rome:{code[1].upper()}",), address=text)
    number = _OGR.search(place)
    return Target("fiche", refs=(f"rome:{number[1]}",), address=text) if number else None


def _by_path(text: str) -> Target | None:
    """ESCO without its beginning, or with another path: /esco/skill/..., /skill/..., a portal's own path."""
    decoded = _decoded(text).partition("?")[0].partition("#")[0]
    parts = urlsplit(decoded)
    foreign = bool(parts.netloc) and not _known_host(parts.hostname or "")
    path = parts.path if parts.netloc else decoded
    found = _ESCO_PATH.fullmatch(path.rstrip("/"))
    if found and found["tail"] and not foreign:
        kind = found["kind"].lower()
        tail = found["tail"]
        name = kind if kind in ("isco", "isced-f") else _ESCO_KINDS.get(kind[0], "")
        if name:
            return _of_iri(f"{ESCO}{name}/{tail}", "relative" if not parts.netloc else "other_path", text)
    inner = _FIND_UUID.search(_decoded(text))
    if inner and not foreign:
        return Target("other_path", _of_uuid(inner[0]), address=text)
    return None


def _known_host(host: str) -> bool:
    return host.lower() in _ESCO_HOSTS or host.lower().endswith(".esco.ec.europa.eu")


def _of_uuid(identity: str) -> tuple[str, ...]:
    """A uuid may be ours, or the end of an ESCO address of a skill or an occupation."""
    identity = identity.lower()
    return (identity, concept_uuid(f"{ESCO}skill/{identity}"), concept_uuid(f"{ESCO}occupation/{identity}"))


def _decoded(text: str) -> str:
    """Percent-encoding undone; twice, since addresses within addresses are encoded twice."""
    return unquote(unquote(text)) if "%" in text else text
