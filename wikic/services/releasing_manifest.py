"""The manifest of a release: made once for its number, signed, kept in the store; and checking a store or a download against one.

Flow of making: one pass over the concepts (`domain.canonical`) -> the change log -> each download (`publishing`) -> checks -> signature -> a document.
Flow of checking: the same digests again, from the store or from a file alone, against those of the manifest.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Final

import structlog

from wikic.crypto.signing import Signer, key_id, verifies
from wikic.domain.access import Actor, require
from wikic.domain.canonical import Digests, change_line
from wikic.domain.changes import now
from wikic.domain.manifest import (
    Manifest,
    content_differences,
    file_differences,
    manifest_digest,
    new_manifest,
    signed_bytes,
    site_of,
)
from wikic.domain.vocabulary import PUBLIC_SPACE
from wikic.errors import InvalidInput, NotFound, SourceError, WikicError
from wikic.services.publishing import MANIFEST_DOWNLOADS, Publishing
from wikic.services.publishing_dumps import gzipped
from wikic.services.publishing_loading import Loadable
from wikic.services.reading import Reading
from wikic.services.releasing_checks import Finding, check_release, counted
from wikic.services.releasing_delta import Deltas
from wikic.store.dump_reading import read_log, read_whole
from wikic.store.engine import Engine
from wikic.store.releases import Release, add_manifest, find_manifest, get_release, known_release, published_before

_PIECE: Final = 1 << 20

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Verified:
    """What a check found. `differences` are lines for people; none: all is as the manifest says. `key_id` tells which key has signed."""

    release: str
    key_id: str
    schemes: int = 0
    concepts: int = 0
    differences: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether nothing differs."""
        return not self.differences


@dataclass(frozen=True, slots=True)
class FileFacts:
    """A download's file: its form ("nt", "ttl.gz" ...), the SHA-256 (hex) and the number of its bytes."""

    form: str
    sha256: str
    size: int


class Manifests:
    """Manifests of one store. `signer` gives the key when it is first needed."""

    def __init__(
        self, engine: Engine, reading: Reading, publishing: Publishing, deltas: Deltas, signer: Callable[[], Signer]
    ) -> None:
        self._engine, self._reading, self._publishing, self._deltas, self._signer = engine, reading, publishing, deltas, signer
        self._making = threading.Lock()
        self._running: dict[str, str] = {}

    @property
    def signer(self) -> Signer:
        """What this installation signs with."""
        return self._signer()

    def get(self, name: str) -> Manifest:
        """The manifest of a release. Raises UnknownRelease, NotFound where it is not made yet."""
        kept = find_manifest(self._engine, self._release(name))
        if kept is None:
            raise NotFound(f"the manifest of release {name} is not made yet", reason="manifest-none", name=name)
        body: Manifest = kept["body"]
        return body

    def prepare(self, name: str, base: str, *, actor: Actor) -> Manifest:
        """Make the manifest of a frozen release, unless it is there. `base` is the public address of the site, which stands in its downloads.

        Takes about as long as making each download once. Raises UnknownRelease, Forbidden, StoreUnavailable.
        """
        require(actor, "release")
        with self._making:
            release = self._release(name)
            kept = find_manifest(self._engine, release)
            if kept is None:
                body = self._made(release, base)
                row = {"body": body, "digest": manifest_digest(body), "made_at": now()}
                add_manifest(self._engine, release, actor, row)
                # What it changed will be asked for next.
                self._deltas.keep(name)
        return self.get(name)

    def prepare_soon(self, name: str, base: str, *, actor: Actor) -> None:
        """`prepare` in a thread of its own; `state` tells how it goes. Raises UnknownRelease, Forbidden."""
        require(actor, "release")
        self._release(name)

        def run() -> None:
            try:
                self.prepare(name, base, actor=actor)
                self._running.pop(name, None)
            except WikicError as error:
                self._running[name] = error.message
                log.warning("a manifest could not be made", release=name, reason=error.message)
            except Exception as error:
                # Whatever it was: what is said to run for ever could not be begun again.
                self._running[name] = f"it broke ({type(error).__name__}): the server's log says more"
                log.error("a manifest could not be made", release=name, exc_info=error)

        if self._running.get(name) != "":
            self._running[name] = ""
            threading.Thread(target=run, name="wikic-manifest", daemon=True).start()

    def state(self, name: str) -> tuple[str, str]:
        """How far it is: ("made", ""), ("running", ""), ("failed", why) in this process, or ("missing", "")."""
        if find_manifest(self._engine, self._release(name)) is not None:
            return "made", ""
        reason = self._running.get(name)
        return ("missing", "") if reason is None else ("failed", reason) if reason else ("running", "")

    def verify(self, name: str) -> Verified:
        """Compare the store with the manifest of a release. Raises UnknownRelease, NotFound."""
        release, manifest = self._release(name), self.get(name)
        found = _signature(manifest, "")
        if (manifest["release"], manifest["space"], manifest["seq"]) != (release.name, release.space, release.seq):
            found.differences.append(f"the manifest is of release {manifest['release']} at {manifest['seq']}, not {release.seq}")
        digests = self._digests(release)
        _compare(found, manifest, digests)
        log_now = self._log(release)
        if log_now != manifest["log"]:
            found.differences.append("the change log up to the release is not the one of the manifest")
        self._chain(found, manifest)
        self._kept(found, manifest)
        if manifest["public_key"] != self.signer.public_key:
            found.notes.append("it was signed with another key than this installation has now")
        return found

    def _chain(self, found: Verified, manifest: Manifest) -> None:
        before = manifest["previous"]
        earlier = get_release(self._engine, PUBLIC_SPACE, before["release"]) if before else None
        kept = find_manifest(self._engine, earlier) if earlier is not None else None
        if before and kept is None:
            found.differences.append(f"the manifest before it, of release {before['release']}, is not there")
        elif before and kept is not None and manifest_digest(kept["body"]) != before["sha256"]:
            found.differences.append(f"the manifest before it, of release {before['release']}, is not the one that it names")

    def _kept(self, found: Verified, manifest: Manifest) -> None:
        """The downloads that were made before are served as they are."""
        for form in manifest["files"]:
            place = self._publishing.kept(found.release, site_of(manifest), form)
            if place is not None:
                facts = file_facts(place, form)
                told = file_differences(manifest, form, facts.sha256, facts.size)
                found.differences += [f"kept {line}; delete {place}, and it is made anew" for line in told]

    def _made(self, release: Release, base: str) -> Manifest:
        before = published_before(self._engine, release)
        body = new_manifest(
            release=release.name,
            space=release.space,
            seq=release.seq,
            frozen_at=release.frozen_at,
            digests=self._digests(release),
            log=self._log(release),
            files=dict(self._files(release, base)),
            previous=self._named(before),
            checks=counted(self._checked(release, before)),
            address=f"{base}/r/{release.name}/",
            public_key=self.signer.public_key,
        )
        body["signature"] = self.signer.sign(signed_bytes(body))
        return body

    def _files(self, release: Release, base: str) -> Iterator[tuple[str, dict[str, int | str]]]:
        for form, packs in MANIFEST_DOWNLOADS.items():
            plain = _Hashed()
            parts = plain.through(self._publishing.download(release.name, base, form, keep=False))
            if packs:
                packed = _Hashed()
                for _ in packed.through(gzipped(parts)):
                    pass
                yield f"{form}.gz", packed.told()
            else:
                for _ in parts:
                    pass
            yield form, plain.told()

    def _digests(self, release: Release) -> Digests:
        digests = Digests()
        with closing(read_whole(self._engine, {release.space: release.seq})) as concepts:
            for each in concepts:
                digests.take(each.identity, each.content, each.base, each.relations, each.aliases)
        return digests

    def _log(self, release: Release) -> dict[str, int | str]:
        whole, count = sha256(), 0
        for change in read_log(self._engine, [release.space], {release.space: release.seq}):
            whole.update(change_line(change) + b"\n")
            count += 1
        return {"changes": count, "sha256": whole.hexdigest()}

    def _named(self, before: Release | None) -> dict[str, str] | None:
        """The release before it, by its manifest: without one nothing was published."""
        kept = find_manifest(self._engine, before) if before is not None else None
        return {"release": before.name, "sha256": kept["digest"]} if before is not None and kept is not None else None

    def _checked(self, release: Release, before: Release | None) -> list[Finding]:
        delta = self._deltas.delta(before.name, release.name) if before is not None else None
        return check_release(self._publishing, self._reading.moment(release.name), delta)

    def _release(self, name: str) -> Release:
        return known_release(self._engine, PUBLIC_SPACE, name)


def file_facts(place: Path, form: str) -> FileFacts:
    """A file on disk. Raises OSError."""
    whole, size = sha256(), 0
    with place.open("rb") as file:
        while piece := file.read(_PIECE):
            whole.update(piece)
            size += len(piece)
    return FileFacts(form, whole.hexdigest(), size)


def form_of(name: str) -> str:
    """The form of a download by the name of its file: "nt", "ttl.gz", "csv.zip" ... Raises InvalidInput where it tells none."""
    for form, packs in MANIFEST_DOWNLOADS.items():
        for suffix in (form, f"{form}.gz") if packs else (form,):
            if name.endswith(f".{suffix}"):
                return suffix
    raise InvalidInput(f"{name}: a download ends in {', '.join(f'.{form}' for form in MANIFEST_DOWNLOADS)} (or .gz)")


def verify_file(manifest: Manifest, file: FileFacts, key: str = "") -> Verified:
    """Compare the bytes of a download with a manifest. `key`: the public key that must have signed; "" for the one that the manifest
    names itself."""
    found = _signature(manifest, key)
    if not key:
        found.notes.append(f"whose key {found.key_id} is was not checked: give --key with a key that you trust")
    found.differences += file_differences(manifest, file.form, file.sha256, file.size)
    if file.form not in manifest["files"]:
        found.differences.append(f"the manifest names no file of the form {file.form}")
    found.schemes = len(manifest["schemes"])
    found.concepts = sum(int(each["concepts"]) for each in manifest["schemes"].values())
    return found


def verify_download(
    concepts: Callable[[], Iterable[Loadable]], manifest: Manifest, file: FileFacts, key: str = ""
) -> Verified:
    """The same, and what the download says against the digests by scheme. A file that can no longer be read is a difference too."""
    found = verify_file(manifest, file, key)
    bytes_differ = bool(file_differences(manifest, file.form, file.sha256, file.size))
    digests = Digests()
    try:
        for each in concepts():
            digests.take(each.identity, each.content, each.base, each.relations, each.aliases)
    except SourceError as error:
        found.differences.append(f"the file cannot be read: {error.message}")
        return found
    _compare(found, manifest, digests)
    if bytes_differ and not content_differences(manifest, digests.schemes()):
        found.notes.append("what the file says of every concept is as in the manifest: it may be of another version of the program, or site")
    return found


def _signature(manifest: Manifest, key: str) -> Verified:
    named = str(manifest["public_key"])
    found = Verified(str(manifest["release"]), key_id(named))
    if key and key != named:
        found.differences.append(f"the manifest was signed with key {key_id(named)}, not with {key_id(key)}")
    # Held against the key that it names: with another one no signature fits, and that says nothing of the manifest.
    if not verifies(named, signed_bytes(manifest), str(manifest["signature"])):
        found.differences.append("the signature does not fit: the manifest was changed after it was signed")
    return found


def _compare(found: Verified, manifest: Manifest, digests: Digests) -> None:
    schemes = digests.schemes()
    found.schemes, found.concepts = len(schemes), sum(each.concepts for each in schemes.values())
    found.differences += content_differences(manifest, schemes)
    if dict(sorted(digests.kinds.items())) != manifest["kinds"]:
        found.differences.append("the numbers of concepts by kind are not those of the manifest")


class _Hashed:
    """The digest and size of what goes through."""

    def __init__(self) -> None:
        self._whole, self._size = sha256(), 0

    def through(self, parts: Iterable[bytes]) -> Iterator[bytes]:
        for part in parts:
            self._whole.update(part)
            self._size += len(part)
            yield part

    def told(self) -> dict[str, int | str]:
        return {"sha256": self._whole.hexdigest(), "size": self._size}
