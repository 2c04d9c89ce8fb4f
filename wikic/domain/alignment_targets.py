"""What an alignment points to, by the look of its address or code alone: which shape it has, and which concepts it could mean.

The shapes are those that are found in public badge data: permanent and pinned addresses of this site, ESCO addresses (whole, http or https, within a
portal's address, without their beginning, with another path, an identifier only), ROME codes and pages, ISCO codes."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from wikic.domain.ids import ESCO, concept_uuid, is_uuid

LONGEST: Final = 255
"""Characters of an address that every platform keeps."""

_UUID: Final = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
_FIND_UUID: Final = re.compile(_UUID)
_OWN: Final = re.compile(rf"/(?:r/(?P<release>[^?#]+?)/)?c/(?P<uuid>{_UUID})(?P<rest>.*)\Z")
_KIND: Final = "skills?|occupations?|competences?|isco|isced-f|competency|qualifications?"
_WITHIN: Final = re.compile(r"https?://data\.europa\.eu/esco/[^\s&#\"'<>]+", re.IGNORECASE)
_ESCO_PATH: Final = re.compile(
    rf"(?:.*/)?(?:esco[/:])?(?P<kind>{_KIND})[/:](?P<tail>{_UUID}(?=/|\Z)|[A-Za-z]?\d{{0,5}}(?:\.\d+)*\Z)(?:/.*)?\Z", re.IGNORECASE
)
_OF_ESCO: Final = re.compile(r"(?:https?://)?(?:www\.)?data\.europa\.eu/esco/", re.IGNORECASE)
_ESCO_HOSTS: Final = ("esco.ec.europa.eu", "ec.europa.eu", "data.europa.eu", "www.data.europa.eu")
_ROME_HOSTS: Final = ("francetravail.fr", "pole-emploi.fr", "francetravail.io", "pole-emploi.io", "emploi-store.fr")
_ROME: Final = re.compile(r"(?<![A-Za-z0-9])([A-Na-n]\d{4})(?![A-Za-z0-9])")
_OGR: Final = re.compile(r"(?<!\d)(\d{5,6})(?!\d)")
_CODE: Final = re.compile(r"(?P<scheme>rome|isco|esco|ogr|citp)[:\s#]\s*(?P<code>[A-Za-z]?[\d.]{1,16}[A-Za-z]?)\Z", re.IGNORECASE)
_ISCO: Final = re.compile(r"C?(\d{1,4})\Z", re.IGNORECASE)
_SPACE: Final = r"[\s\u00ad\u200b-\u200f\u2028-\u202e\u2060\ufeff]+"
_SPACES: Final = re.compile(_SPACE)
_AROUND: Final = re.compile(rf"\A{_SPACE}|{_SPACE}\Z")
_ESCO_KINDS: Final = {"s": "skill", "c": "skill", "o": "occupation", "isco": "isco", "isced-f": "isced-f"}
_CODED: Final = ("isco", "isced-f")
_FRAMEWORKS: Final = {
    "rome": re.compile(r"(?<![a-z])rome(?![a-z])|r[ée]pertoire op[ée]rationnel des m[ée]tiers"),
    "isco": re.compile(r"(?<![a-z])(?:isco|citp)(?![a-z])|standard classification of occupations"),
    "esco": re.compile(r"(?<![a-z])esco(?![a-z])|european skills"),
    "own": re.compile(r"\A\Z|wiki-?c(?![a-z])"),
}
"""What names a framework; the last is this one, which has codes of all of them, or none at all."""


@dataclass(frozen=True, slots=True)
class Target:
    """What was recognised. `shape`: own, pinned, esco, portal, relative, other_path, uuid_only, code_only, fiche, other or none; `candidates`: uuids to try,
    in order; `refs`: `scheme:code` to try; `iri`: the source address that it names for certain, "" if none; `address`: it, without what surrounds it;
    `mentioned`: uuids of the concept whose address stands within that of something else, which is no target."""

    shape: str
    candidates: tuple[str, ...] = ()
    refs: tuple[str, ...] = ()
    iri: str = ""
    release: str = ""
    address: str = ""
    mentioned: tuple[str, ...] = ()

    @property
    def of_esco(self) -> bool:
        """Whether it is an address of ESCO, known here or not."""
        return bool(self.iri) or self.shape == "portal" or _OF_ESCO.match(self.address) is not None


def recognise(url: str, own: str) -> Target:
    """What an address means; `own`: where this site is, such as https://skills.example.org."""
    text = _SPACES.sub("", url).strip("<>\"'`«»“”()[],;.")
    if not text:
        return Target("none")
    # Of an address that is not known only the blanks around it are certainly no part of it.
    other = Target("other", address=_AROUND.sub("", url))
    try:
        found = _own(text, own) or _esco(text) or _bare(text) or _rome(text) or _by_path(text)
    except ValueError:
        found = None  # an address that is none, such as one with half a bracket
    return replace(other, mentioned=found.mentioned) if found and found.shape == "other" else found or other


def by_code(code: str, framework: str) -> Target:
    """What a code means in the framework of that name; where that is none or this one, in any."""
    code, named = _SPACES.sub("", code), _named(framework)
    found = _bare(code)
    # Identifiers, and codes that say whose they are, mean the same in every framework.
    if found is not None and (found.candidates or _CODE.fullmatch(code) or named & {"rome", "own"}):
        return found
    if "rome" in named and _OGR.fullmatch(code):
        return Target("code_only", refs=(f"rome:{code}",))
    isco = _ISCO.fullmatch(code)
    refs = [f"esco:{code}"] if "esco" in named and re.fullmatch(r"[\dA-Z][\d.]*", code) else []
    refs += [f"isco:{isco[1]}"] if isco and named & {"isco", "esco"} else []
    return Target("code_only", refs=tuple(refs)) if refs else Target("none")


def isco_ref(code: str, framework: str) -> str:
    """`isco:code` for what may be a code of ISCO-08 beside an alignment: one to four digits, with or without the C that ESCO puts before them; "" for what
    is none, or of another framework."""
    found = _ISCO.fullmatch(code.strip())
    return f"isco:{found[1]}" if found and _named(framework) & {"isco", "esco", "own"} else ""


def _named(framework: str) -> set[str]:
    words = framework.strip().lower()
    return {name for name, known in _FRAMEWORKS.items() if known.search(words)}


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
    before = decoded[: found.start()]
    host = urlsplit(before if "://" in before else f"//{before}").hostname or ""
    # A portal names the concept in its query.
    queried = [_WITHIN.search(_decoded(value)) for name, value in parse_qsl(urlsplit(text).query) if "uri" in name.lower()]
    named = next((each for each in queried if each), None)
    if not before:
        made = _of_iri(found[0], "esco", text)
        return made if made.iri or named is None else _of_iri(named[0], "portal", text)
    made = _of_iri((named or found)[0], "portal", text)
    # What stands before it may be words, or the address of something else.
    foreign = host and not _known_host(host) and ("." in host or "://" in before)
    return Target("other", mentioned=made.candidates) if foreign else made


def _of_iri(iri: str, shape: str, text: str) -> Target:
    """The concept of an address of ESCO, whose path may be another one than that of its concepts: `skills`, `competence`, no kind, more behind it."""
    path = urlsplit(iri).path.removeprefix("/").partition("/")[2].strip("/")
    exact = _exact(path)
    found = _FIND_UUID.search(path)
    literal = f"{ESCO}{path[: found.start()].lower()}{found[0].lower()}" if found else f"{ESCO}{path}"
    other = {"skill": "occupation", "occupation": "skill"}.get(exact.removeprefix(ESCO).partition("/")[0], "")
    tried = [exact or literal, *([f"{ESCO}{other}/{exact.rpartition('/')[2]}"] if other else [])]
    candidates = dict.fromkeys([*map(concept_uuid, tried), concept_uuid(literal), *(_of_uuid(found[0]) if found else ())])
    if shape == "esco" and found and path.lower() != exact.removeprefix(ESCO):
        shape = "other_path"
    return Target(shape, tuple(candidates), iri=exact, address=text)


def _exact(path: str) -> str:
    """The address of ESCO's concept by what follows `esco/` in a path; "" where that names none for certain."""
    parts = _ESCO_PATH.fullmatch(path)
    if parts is None or not parts["tail"]:
        return ""
    kind = parts["kind"].lower()
    name = _ESCO_KINDS.get(kind if kind in _CODED else kind[0], "")
    tail = parts["tail"].lower() if is_uuid(parts["tail"]) else parts["tail"].upper()
    return f"{ESCO}{name}/{tail}" if name else ""


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
    exact = "" if foreign else _exact(path.rstrip("/"))
    if exact:
        return _of_iri(exact, "relative" if not parts.netloc else "other_path", text)
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
