"""The manifest of a release: its digests, counts and checks, what came before it, and the signature over all of that.

A manifest is an object; what is signed is its canonical JSON (`canonical.canonical_json`) without `signature`. Comparing one with a store or a file
gives a list of differences, each a line for people; none means: this is that release.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from hashlib import sha256
from typing import Any, Final

from wikic.domain.canonical import FORM, Digests, SchemeDigest, canonical_json
from wikic.errors import SourceError

FORMAT: Final = "wikic-manifest-1"
LARGEST: Final = 1 << 20
"""Bytes of a manifest's file, at most."""

Manifest = dict[str, Any]
_TEXTS: Final = ("format", "release", "space", "frozen_at", "address", "public_key", "signature")
_DIGEST: Final[Mapping[str, type]] = {"concepts": int, "relations": int, "sha256": str}
_FILE: Final[Mapping[str, type]] = {"sha256": str, "size": int}


def new_manifest(
    *,
    release: str,
    space: str,
    seq: int,
    frozen_at: str,
    digests: Digests,
    log: Mapping[str, int | str],
    files: Mapping[str, Mapping[str, int | str]],
    previous: Mapping[str, str] | None,
    checks: Mapping[str, Mapping[str, int]],
    address: str,
    public_key: str,
) -> Manifest:
    """A manifest without its signature. `files` are downloads by form: {"sha256", "size"}; `previous` the release before: {"release", "sha256"}."""
    return {
        "format": FORMAT,
        "canonical_form": FORM,
        "release": release,
        "space": space,
        "seq": seq,
        "frozen_at": frozen_at,
        "address": address,
        "schemes": {scheme: asdict(digest) for scheme, digest in digests.schemes().items()},
        "kinds": dict(sorted(digests.kinds.items())),
        "log": dict(log),
        "files": {name: dict(files[name]) for name in sorted(files)},
        "previous": dict(previous) if previous is not None else None,
        "checks": {name: dict(counts) for name, counts in checks.items()},
        "public_key": public_key,
    }


def signed_bytes(manifest: Mapping[str, Any]) -> bytes:
    """What the signature is over. Raises SourceError for what no manifest can hold."""
    try:
        return canonical_json({name: value for name, value in manifest.items() if name != "signature"})
    except ValueError as error:
        raise SourceError(f"the manifest holds what none of ours does: {error}") from None


def manifest_digest(manifest: Mapping[str, Any]) -> str:
    """The SHA-256 (hex) of the whole manifest, by which the next one names it."""
    return sha256(canonical_json(dict(manifest))).hexdigest()


def site_of(manifest: Mapping[str, Any]) -> str:
    """The public address of the site as it was when the manifest was signed: it stands in the downloads that the manifest names."""
    return str(manifest["address"]).removesuffix(f"/r/{manifest['release']}/")


def checked_manifest(value: Any) -> Manifest:
    """A manifest that was read from a file: all that is compared has its type. Raises SourceError, with the place, where it is none, or of a newer form."""
    if not isinstance(value, dict) or any(not isinstance(value.get(name), str) for name in _TEXTS):
        raise SourceError(f"the file is no manifest of a release: it lacks one of {', '.join(_TEXTS)}")
    if value["format"] != FORMAT or value.get("canonical_form") != FORM:
        raise SourceError(
            f"the manifest is {value['format']}, canonical form {value.get('canonical_form')}: this program knows {FORMAT}, form {FORM}"
        )
    for place, wanted in (("schemes", _DIGEST), ("files", _FILE), ("kinds", int)):
        part = value.get(place)
        if not isinstance(part, dict):
            raise SourceError(f"the file is no manifest of a release: {place} is no object; fetch the manifest again")
        for name, said in part.items():
            if not _is_a(said, wanted):
                raise SourceError(f"the file is no manifest of a release: {place}.{name[:40]} is not what it should be; fetch the manifest again")
    return value


def _is_a(said: Any, wanted: type | Mapping[str, type]) -> bool:
    if isinstance(wanted, type):
        # True is a number to Python.
        return type(said) is wanted
    return isinstance(said, dict) and said.keys() == wanted.keys() and all(_is_a(said[name], each) for name, each in wanted.items())


def content_differences(manifest: Mapping[str, Any], found: Mapping[str, SchemeDigest]) -> list[str]:
    """Where schemes are not those of the manifest."""
    lines = []
    wanted: Mapping[str, Any] = manifest["schemes"]
    for scheme in sorted(wanted.keys() | found.keys()):
        said, is_there = wanted.get(scheme), found.get(scheme)
        if said is None or is_there is None:
            lines.append(f"scheme {scheme}: {'not in the manifest' if said is None else 'not there'}")
        elif said != asdict(is_there):
            parts = [
                f"{name} {said.get(name)} in the manifest, {value} found"
                for name, value in asdict(is_there).items()
                if said.get(name) != value
            ]
            lines.append(f"scheme {scheme}: {'; '.join(parts)}")
    return lines


def file_differences(manifest: Mapping[str, Any], form: str, digest: str, size: int) -> list[str]:
    """Where a download is not the file that the manifest names; [] too where the manifest names none of that form."""
    said = manifest["files"].get(form)
    if said is None or said == {"sha256": digest, "size": size}:
        return []
    return [
        f"file {form}: SHA-256 {said.get('sha256')}, {said.get('size')} bytes in the manifest; {digest}, {size} bytes found"
    ]
