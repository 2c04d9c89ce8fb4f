"""Whole releases as files: statements in one order, streamed out of the store as of the release's number."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from hashlib import blake2b
from typing import Final

from wikic import __version__
from wikic.domain.vocabulary import PUBLIC_SPACE, SCHEMES
from wikic.errors import StoreError
from wikic.linked_data import serialise
from wikic.linked_data.catalogue import ReleaseFacts, SchemeFacts, describe_release
from wikic.linked_data.provenance import describe_change
from wikic.linked_data.triples import Dated, Described, describe
from wikic.linked_data.vocabulary import Site, Statement
from wikic.services.reading_moments import Moment
from wikic.services.reading_schemes import TERMS
from wikic.store.dump_reading import Whole, read_log, read_whole
from wikic.store.engine import Engine

FORMS: Final[dict[str, Callable[[Iterable[serialise.Block]], Iterator[bytes]]]] = {
    "ttl": serialise.turtle,
    "nt": serialise.ntriples,
    "jsonld": serialise.json_ld,
}
"""The forms of a download, by suffix."""

_TOGETHER: Final = 200
"""Concepts whose statements go out in one piece."""
_LEVEL: Final = 5
_GZIP_HEADER: Final = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"


def scheme_facts(scheme: str) -> SchemeFacts:
    """The terms of a scheme."""
    terms = TERMS[scheme]
    return SchemeFacts(scheme, terms.title, terms.licence, terms.licence_url, terms.attribution)


def described(whole: Whole, times: dict[int, str]) -> Described:
    """A concept of the store, with the times of its changes. Raises StoreError where one is not in the log."""
    missing = {whole.born, whole.since} - times.keys()
    if missing:
        raise StoreError(
            f"number {min(missing)} has rows of concept {whole.identity.uuid} but no change in the log: run `wikic check`"
        )
    dated = Dated((whole.born, times[whole.born]), (whole.since, times[whole.since]))
    return Described(whole.identity, whole.content, whole.relations, whole.aliases, whole.base, dated)


def blocks(engine: Engine, moment: Moment, site: Site, release: ReleaseFacts) -> Iterator[serialise.Block]:
    """Everything that holds at a moment: the release with its schemes and their terms, the change log, then the concepts by uuid."""
    yield describe_release(site, replace(release, state=""), [scheme_facts(scheme) for scheme in SCHEMES])
    times: dict[int, str] = {}
    said: set[Statement] = set()
    for change in read_log(engine, [PUBLIC_SPACE], moment.at):
        times[change.seq] = change.time
        made = [each for each in describe_change(site, change) if each not in said]
        # Those who make changes are few; each is described once.
        said.update(each for each in made if each[0] != site.change(change.seq))
        yield made
    pending: serialise.Block = []
    waiting = 0
    with closing(read_whole(engine, moment.at)) as concepts:
        for whole in concepts:
            pending += describe(site, described(whole, times))
            waiting += 1
            if waiting == _TOGETHER:
                yield pending
                pending, waiting = [], 0
    if pending:
        yield pending


def gzipped(parts: Iterable[bytes]) -> Iterator[bytes]:
    """The parts as one gzip member; no time and no name in it, so that equal content gives equal bytes."""
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    checksum, size = 0, 0
    yield _GZIP_HEADER
    for part in parts:
        checksum = zlib.crc32(part, checksum)
        size += len(part)
        packed = packer.compress(part)
        if packed:
            yield packed
    tail = (checksum & 0xFFFFFFFF).to_bytes(4, "little") + (size & 0xFFFFFFFF).to_bytes(4, "little")
    yield packer.flush() + tail


def dump(
    engine: Engine, moment: Moment, site: Site, release: ReleaseFacts, form: str, *, packed: bool
) -> Iterator[bytes]:
    """A download, in pieces; the same bytes each time."""
    parts = FORMS[form](blocks(engine, moment, site, release))
    return gzipped(parts) if packed else parts


def file_name(moment: Moment, site: Site, release: ReleaseFacts, download: str) -> str:
    """The name of a kept download: it belongs to one epoch, number, release, freezing, address and version of the program."""
    # A release that was withdrawn and frozen again has the name and perhaps the number of the one before; its downloads say when it was frozen.
    told = "\n".join((moment.epoch, str(moment.seq), site.base, release.name, release.frozen_at, __version__))
    return f"{blake2b(told.encode(), digest_size=8).hexdigest()}-{moment.seq}.{download}"
