"""Passwords: argon2id, with parameters that may be raised later (`needs_rehash` at the next sign-in says so)."""

from __future__ import annotations

import threading
import unicodedata
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LONGEST: Final = 1_024
"""Characters; what is longer is cut off before anybody computes with it, and never matches."""

_AT_ONCE: Final = 4


class Passwords:
    """Hashes and verifies. `memory` in KiB; by default the second recommendation of RFC 9106. Only a few at once: each takes its memory."""

    def __init__(self, *, time: int = 3, memory: int = 65_536, parallelism: int = 4) -> None:
        self._hasher = PasswordHasher(time_cost=time, memory_cost=memory, parallelism=parallelism)
        self._room = threading.BoundedSemaphore(_AT_ONCE)
        # In its form that of a password with these parameters, and of none: as much work to look at, and none to make.
        self._of_nobody = f"$argon2id$v=19$m={memory},t={time},p={parallelism}${'A' * 22}${'A' * 43}"

    def hash(self, password: str) -> str:
        """The hash to keep, with its salt and parameters in it."""
        with self._room:
            return self._hasher.hash(_form(password))

    def verify(self, kept: str, password: str) -> bool:
        """Whether it is the password of a kept hash. Without one ("") the same work is done, and the answer is no."""
        with self._room:
            try:
                return self._hasher.verify(kept or self._of_nobody, _form(password)) and bool(kept) and len(password) <= LONGEST
            except (VerificationError, InvalidHashError):
                return False

    def needs_rehash(self, kept: str) -> bool:
        """Whether a hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(kept)


def _form(password: str) -> str:
    # Keyboards send the same letters composed or decomposed.
    return unicodedata.normalize("NFKC", password[:LONGEST])
