"""Identities: the uuid of a concept and of a relation, and the references people write.

The namespace is written down in `ontology/wikic.ttl`, so that two installations give one source address the same uuid.
"""

from __future__ import annotations

import re
import secrets
import time
import uuid
from functools import lru_cache
from hashlib import sha1

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://wiki-c.org/ontology#concept")
"""UUIDv5 namespace of concepts and relations. Never change it: permanent addresses follow from it."""

ESCO = "http://data.europa.eu/esco/"

_NAMESPACE_BYTES = NAMESPACE.bytes
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z", re.IGNORECASE)
_NEW = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\Z")


def _v5(name: str) -> str:
    # uuid.uuid5 costs four times as much and an import makes half a million of these.
    digest = bytearray(sha1(_NAMESPACE_BYTES + name.encode(), usedforsecurity=False).digest()[:16])
    digest[6] = (digest[6] & 0x0F) | 0x50
    digest[8] = (digest[8] & 0x3F) | 0x80
    text = digest.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


@lru_cache(maxsize=1 << 17)
def concept_uuid(key: str) -> str:
    """The uuid (36 characters) of the concept first seen under a source key: an IRI, or `rome:{type}:{code}`."""
    return _v5(key)


def relation_id(source: str, kind: str, target: str, branch: str = "") -> str:
    """The id of a relation from concept uuid to concept uuid: UUIDv5 of `source|type|target[|branch]`."""
    return _v5(f"{source}|{kind}|{target}|{branch}" if branch else f"{source}|{kind}|{target}")


def binding_id(badge_class: str, concept: str, level: str = "") -> str:
    """The id of a binding of a badge class to a concept, at a level (`practice:2`) or at none."""
    return _v5(f"binding|{badge_class}|{concept}|{level}")


def refresh_id(release: str, binding: str) -> str:
    """The id of what a release asks of a binding."""
    return _v5(f"refresh|{release}|{binding}")


def derived_uuid(name: str) -> str:
    """The UUIDv5 of anything else that has a fixed name, such as `case:document:2026:esco`."""
    return _v5(name)


def new_uuid() -> str:
    """A UUIDv7 (RFC 9562): time-ordered, for concepts that are born here."""
    millis = time.time_ns() // 1_000_000
    value = (
        (millis & ((1 << 48) - 1)) << 80 | 0x7 << 76 | secrets.randbits(12) << 64 | 0b10 << 62 | secrets.randbits(62)
    )
    return str(uuid.UUID(int=value))


def rome_key(kind: str, code: str) -> str:
    """The source key of a ROME entity, `rome:{type}:{code}`.

    Types: metier (code ROME), appellation, competence, savoir, contexte (OGR codes), domaine, enjeu, objectif, categorie_savoir,
    sous_categorie_savoir, type_contexte, grand_domaine, domaine_professionnel, secteur, sous_secteur, thematique, centre_interet.
    """
    return f"rome:{kind}:{code}"


def is_uuid(text: str) -> bool:
    """Whether the text has the form of a UUID, in either case."""
    return _UUID.match(text) is not None


def time_of_uuid(uuid: str) -> int:
    """When a UUIDv7 was made, in milliseconds."""
    return int(uuid[:8] + uuid[9:13], 16)


def is_new_uuid(text: str) -> bool:
    """Whether the text is a UUIDv7 as `new_uuid` writes it. No source address ever becomes one: those give UUIDv5."""
    return _NEW.match(text) is not None
