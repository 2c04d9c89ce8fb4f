"""What a read is as of: the head, a release or a number; and the references and cursors that people send.

One place turns `release`, `at` and a cursor into the map that every query is given.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

import orjson

from wikic.domain.ids import concept_uuid, is_uuid
from wikic.domain.vocabulary import PUBLIC_SPACE, SCHEMES
from wikic.errors import InvalidInput

CURSOR_VERSION: Final = 1
HEAD: Final = "head"
"""Stands for the present number where two moments are compared; no release is called so."""

_BROKEN_SLASHES = re.compile(r"^(https?):/(?=[^/])")


@dataclass(frozen=True, slots=True)
class Moment:
    """What a read is as of. `at` maps the spaces that may be seen to a number; `head` is the public space's present
    one; `pinned`: an open release or a number was asked for, so that the answer never changes; `state`: that of the release
    that was asked for, "" for none."""

    at: Mapping[str, int]
    head: int
    epoch: str
    pinned: bool = False
    state: str = ""

    @property
    def seq(self) -> int:
        """The number of the public space."""
        return self.at[PUBLIC_SPACE]


@dataclass(frozen=True, slots=True)
class Reference:
    """A concept as people name it: `uuid` (which may be an alias), or `scheme` and `code`."""

    uuid: str = ""
    scheme: str = ""
    code: str = ""


def parse_reference(text: str) -> Reference:
    """A uuid, a source IRI or key (`rome:metier:M1805`), or a code such as `rome:M1805`. Raises InvalidInput."""
    text = text.strip()
    if is_uuid(text):
        return Reference(uuid=text.lower())
    # Some proxies make one slash of two.
    text = _BROKEN_SLASHES.sub(r"\1://", text)
    if text.startswith(("http://", "https://")):
        return Reference(uuid=concept_uuid(text))
    scheme, colon, code = text.partition(":")
    if not colon or not code or scheme not in SCHEMES:
        raise InvalidInput(
            f"{text[:200]!r} names no concept: a uuid, a source address (http...), or a code such as rome:M1805"
            f" (schemes: {', '.join(SCHEMES)})"
        )
    if scheme == "rome" and ":" in code:
        return Reference(uuid=concept_uuid(text))
    return Reference(scheme=scheme, code=code)


def make_cursor(moment: Moment, listing: str, after: str) -> str:
    """An opaque cursor: where a list goes on, in which list, and as of what."""
    packed = orjson.dumps([CURSOR_VERSION, moment.epoch, moment.seq, _tag(listing), after])
    return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


@dataclass(frozen=True, slots=True)
class Cursor:
    """A cursor that was sent back."""

    epoch: str
    seq: int
    tag: str
    after: str

    def place_in(self, moment: Moment, listing: str) -> str:
        """Where the list goes on. Raises InvalidInput for a cursor of another list or another moment."""
        if self.tag != _tag(listing):
            raise InvalidInput("the cursor belongs to another list: use it with the parameters that it came with")
        if self.epoch != moment.epoch or self.seq != moment.seq:
            raise InvalidInput("the cursor is of another moment than the one asked for: begin the list again")
        return self.after


def parse_cursor(text: str) -> Cursor:
    """Read a cursor. Raises InvalidInput for what is none."""
    try:
        packed = base64.b64decode(text.encode() + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
        version, epoch, seq, tag, after = orjson.loads(packed)
    except (binascii.Error, ValueError, TypeError, UnicodeError):
        raise InvalidInput("the cursor is none of ours: take it from `next` as it is") from None
    fits = isinstance(epoch, str) and type(seq) is int and isinstance(tag, str) and isinstance(after, str)
    if version != CURSOR_VERSION or not fits:
        raise InvalidInput("the cursor is none of ours: take it from `next` as it is")
    return Cursor(epoch, seq, tag, after)


def _tag(listing: str) -> str:
    return blake2b(listing.encode("utf-8", "replace"), digest_size=4).hexdigest()
