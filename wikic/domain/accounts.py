"""What names, e-mail addresses and passwords must look like, and how devices are named. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final, Literal

from wikic.domain.access import Grant
from wikic.domain.ids import is_uuid
from wikic.domain.vocabulary import SCHEMES
from wikic.errors import InvalidInput

ACTIVE: Final = "active"
DISABLED: Final = "disabled"

Registration = Literal["open", "invitation", "oidc", "closed"]
"""Who may register: everybody, the invited, whoever the identity provider knows, nobody. An admin can add people always."""

SHORTEST_PASSWORD: Final = 12
LONGEST_PASSWORD: Final = 256
LONGEST_NAME: Final = 80

_EMAIL: Final = re.compile(r"[^\s@<>()\[\],;:\\\"]{1,64}@[^\s@<>()\[\],;:\\\"]{3,190}\Z")
_UNSEEN: Final = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\u2800\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")
"""Characters that nobody sees, and that are no control characters: two texts that differ by one look the same."""
_BAD_IN_NAMES: Final = frozenset("@/<>\"'\\:;,|{}[]#?&%=*")
_BROWSERS: Final = (
    ("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"), ("curl", "curl"),
)  # fmt: skip
_SYSTEMS: Final = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "macOS"), ("Linux", "Linux"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Person:
    """An account as its owner and admins see it. `has_password`: signs in by one; `identities`: the providers it is linked to; `version` for changes."""

    id: str
    name: str
    email: str
    state: str
    grants: tuple[Grant, ...]
    lang: str
    created: str
    settings: dict[str, object]
    has_password: bool
    identities: tuple[str, ...]
    version: int


def clean_email(text: str) -> str:
    """An e-mail address as it is shown and written to. Raises InvalidInput."""
    email = unicodedata.normalize("NFKC", text).strip()
    unseen = _UNSEEN.search(email) or any(unicodedata.category(char).startswith("C") for char in email)
    # What mail programs decode ("=?utf-8?q?...?=") would be written to somebody else.
    if len(email) > 254 or not _EMAIL.match(email) or unseen or "=?" in email:
        raise InvalidInput(f"{email[:100]!r} is no e-mail address such as ada@example.org", reason="email-form", email=email[:100])
    local, _, domain = email.rpartition("@")
    try:
        domain = domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise InvalidInput(
            f"{email[:100]!r} is no e-mail address: nobody can have the domain {domain[:60]!r}",
            reason="email-domain", email=email[:100], domain=domain[:60],
        ) from None
    if "." not in domain.strip(".") or domain != domain.strip("."):
        raise InvalidInput(f"{email[:100]!r} is no e-mail address: its domain is not whole", reason="email-domain", email=email[:100], domain=domain[:60])
    return f"{local}@{domain}"


def email_key(email: str) -> str:
    """What two addresses of one mailbox have in common: case does not count. Raises InvalidInput."""
    return clean_email(email).casefold()


def clean_name(text: str) -> str:
    """A person's name as it is shown. Raises InvalidInput."""
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not 2 <= len(name) <= LONGEST_NAME or not any(char.isalpha() for char in name):
        raise InvalidInput(f"a name has 2 to {LONGEST_NAME} characters, one of them a letter", reason="name-length", longest=LONGEST_NAME)
    if _BAD_IN_NAMES & set(name) - {"'"} or _UNSEEN.search(name) or any(unicodedata.category(char)[0] == "C" for char in name):
        raise InvalidInput(f"{name[:80]!r}: a name holds letters, digits, spaces, dots, dashes and apostrophes only", reason="name-characters", name=name[:80])
    if "".join(filter(str.isalnum, name_key(name))) == "wikic":
        raise InvalidInput(f"{name!r} is what this program is called: take another name", reason="name-program", name=name)
    return name


def name_key(name: str) -> str:
    """What makes two names the same: case, accents and the form of letters do not count."""
    folded = unicodedata.normalize("NFKD", name).casefold()
    return " ".join("".join(char for char in folded if not unicodedata.combining(char)).split())


def check_password(password: str, *names: str) -> None:
    """Raise InvalidInput for a password that is too easy to guess; `names` are what is known of its owner."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise InvalidInput(
            f"a password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters: several words are good",
            reason="password-length", shortest=SHORTEST_PASSWORD, longest=LONGEST_PASSWORD,
        )
    folded = name_key(password)
    if len(set(folded)) < 5 or any(folded.replace(" ", "") in row for row in _ROWS):
        raise InvalidInput("this password is too easy to guess: take several words that do not belong together", reason="password-easy")
    if any(len(key) > 3 and key in folded and len(folded) - len(key) < 6 for key in map(name_key, names)):
        raise InvalidInput("this password is your own name or address: take several words that do not belong together", reason="password-own")


_ROWS: Final = tuple(
    row * 4
    for row in (
        "0123456789", "abcdefghijklmnopqrstuvwxyz", "azertyuiopqsdfghjklmwxcvbn", "qwertyuiopasdfghjklzxcvbnm", "password", "motdepasse",
    )
)  # fmt: skip


def device_of(user_agent: str) -> str:
    """A browser and its system in two words ("Firefox, Linux"), as people recognise their own; "" for what is unknown."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    return ", ".join(part for part in (browser, system) if part)


def check_grant(grant: Grant, roles: tuple[str, ...]) -> None:
    """Raise InvalidInput for a role or a scope that there is none of. Only moderators have scopes."""
    if grant.role not in roles:
        raise InvalidInput(f"{grant.role!r} is no role: {', '.join(roles)}")
    kind, _, name = grant.scope.partition(":")
    if grant.scope and (kind not in ("scheme", "subtree", "branch") or not re.fullmatch(r"[\w.:-]{1,100}", name)):
        raise InvalidInput(f"{grant.scope[:100]!r} is no scope: scheme:NAME, subtree:UUID or branch:CODE", reason="scope-form", scope=grant.scope[:100])
    if kind == "scheme" and name not in SCHEMES:
        raise InvalidInput(f"{name!r} is no scheme: {', '.join(SCHEMES)}", reason="choice", choice=name)
    if kind == "subtree" and not is_uuid(name):
        raise InvalidInput(f"{name!r} is no uuid of a concept, below which somebody moderates", reason="scope-uuid", uuid=name)
    if grant.scope and grant.role != "moderator":
        raise InvalidInput(f"the role {grant.role} is held everywhere: only moderators may be of a part", reason="scope-role")
