"""Endorsements: who stands behind a badge class, an issuer or a competency, in which words, since when. Pure.

An endorsement has one target and one endorser (an organisation, or a person in their own name). What replaces it keeps its id and is its next version; once
revoked it stays so, and whoever endorses again makes another one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, Self, get_args

from wikic.domain.badges import check_lang
from wikic.domain.ids import derived_uuid
from wikic.domain.organisations import check_address
from wikic.domain.texts import check_text
from wikic.errors import InvalidInput

TargetKind = Literal["badge_class", "issuer", "concept"]
TARGET_KINDS: Final[tuple[str, ...]] = get_args(TargetKind)
EndorserKind = Literal["organisation", "user"]
ENDORSER_KINDS: Final[tuple[str, ...]] = get_args(EndorserKind)
StandingStatus = Literal["open", "revoked"]

LONGEST_COMMENT: Final = 4_000
LONGEST_REASON: Final = 2_000
_LONGEST_ADDRESS: Final = 2_000


@dataclass(frozen=True, slots=True)
class Named:
    """Something by its kind and id: a target (`badge_class`, `issuer` by its slug, `concept`), or an endorser. Written `issuer/fournil`."""

    kind: str
    id: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.id}"


def parse_named(text: str, kinds: tuple[str, ...], what: str) -> Named:
    """Something as it is written. Raises InvalidInput."""
    kind, _, identity = text.strip().partition("/")
    if kind not in kinds or not identity:
        forms = ", ".join(f"{each}/ID" for each in kinds)
        raise InvalidInput(f"{text[:80]!r} is no {what}: {forms}", reason="named-form", text=text[:80], forms=forms)
    return Named(kind, identity)


@dataclass(frozen=True, slots=True)
class Statement:
    """What an endorser says: a comment, in one language, and where there is evidence ("" for nowhere)."""

    comment: str
    evidence: str = ""
    lang: str = "fr"

    def cleaned(self) -> Statement:
        """The same in one form. Raises InvalidInput."""
        comment = check_text("comment", self.comment, LONGEST_COMMENT)
        if not comment:
            raise InvalidInput("say why you endorse it: an endorsement has a comment", reason="endorse-comment")
        return replace(self, comment=comment, evidence=check_address("evidence", self.evidence, _LONGEST_ADDRESS), lang=check_lang(self.lang))


def statement_of(row: Mapping[str, Any]) -> Statement:
    """From a document."""
    return Statement(str(row["comment"]), str(row["evidence"]), str(row["lang"]))


@dataclass(frozen=True, slots=True)
class Endorsement:
    """An endorsement as it is now. `number` counts its versions, `first` is when it was made, `since` when this version was; `name` is the endorser's;
    `reason`: why it was revoked. `version` grows with each change of any kind (`If-Match`)."""

    id: str
    target: Named
    endorser: Named
    name: str
    statement: Statement
    number: int
    first: str
    since: str
    made_by: str
    status: str
    revoked: str = ""
    reason: str = ""
    version: int = 1

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """From a document."""
        return cls(
            id=str(row["key"]), target=Named(str(row["target_kind"]), str(row["target"])),
            endorser=Named(str(row["endorser_kind"]), str(row["endorser"])), name=str(row["name"]),
            statement=statement_of(row), number=int(row["number"]), first=str(row["first"]),
            since=str(row["since"]), made_by=str(row["made_by"]), status=str(row["status"]), revoked=str(row.get("revoked") or ""),
            reason=str(row.get("reason") or ""), version=int(row["version"]),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class EndorsementVersion:
    """What an endorsement said, from when, and who wrote it."""

    number: int
    statement: Statement
    since: str
    made_by: str


def endorsement_id(endorser: Named, target: Named, before: int) -> str:
    """The id of the endorsement of a target by an endorser; `before`: how many of theirs were revoked. The same for two who make it at once."""
    return derived_uuid(f"endorsement|{endorser}|{target}|{before}")


def check_reason(reason: str) -> str:
    """Why something is revoked. Raises InvalidInput."""
    text = check_text("reason", reason, LONGEST_REASON)
    if not text:
        raise InvalidInput("say why it is revoked: everybody who reads it sees the reason", reason="revoke-reason")
    return text
