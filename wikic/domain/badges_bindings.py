"""Bindings: which competency a badge class attests, at which level, since when. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

BindingSource = Literal["hand", "csv", "suggested", "imported"]
BindingStatus = Literal["open", "closed"]

BINDABLE: Final = ("skill", "knowledge", "skill_group")
"""The kinds of concepts that a badge class can attest."""

FRAMEWORK: Final = "Wiki-C"


@dataclass(frozen=True, slots=True)
class Binding:
    """A badge class attests a competency. `level` as `badges.Level` writes it, or "" for the badge class's own, which `at_level` follows.
    `seen_name` is the competency's name when it was bound, as of the release `since_release` ("" for now, which was the number `seen_seq`). `state` is the
    badge class's own status."""

    id: str
    badge_class: str
    issuer: str
    concept: str
    level: str
    seen_name: str
    since_release: str
    seen_seq: int
    source: str
    made_by: str
    made_at: str
    status: str
    closed_by: str = ""
    closed_at: str = ""
    state: str = "draft"
    version: int = 1
    at_level: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """What an alignment says of a competency, as of a release ("" for now): the values of Open Badges' targetName, targetDescription, targetCode and
    targetFramework, in one language; `iri` is its own address in its source; `successors` are the uuids of what replaced it in the end."""

    concept: str
    kind: str
    scheme: str
    status: str
    name: str
    description: str
    code: str
    framework: str
    iri: str
    release: str
    lang: str
    successors: tuple[str, ...] = field(default=())


def framework_name(release: str) -> str:
    """What alignments call the framework as of a release: `Wiki-C 2026`; of now, `Wiki-C`."""
    return f"{FRAMEWORK} {release}" if release else FRAMEWORK


def frozen(binding: Binding) -> dict[str, Any]:
    """What a version of a badge class keeps of a binding."""
    return {
        "id": binding.id, "concept": binding.concept, "level": binding.at_level, "seen_name": binding.seen_name,
        "since_release": binding.since_release, "seen_seq": binding.seen_seq,
    }  # fmt: skip


def binding_of(row: Mapping[str, Any]) -> Binding:
    """From a document."""
    return Binding(
        id=str(row["key"]), badge_class=str(row["badge_class"]), issuer=str(row["issuer"]), concept=str(row["concept"]),
        level=str(row["level"]), seen_name=str(row["seen_name"]), since_release=str(row["since_release"]), seen_seq=int(row["seen_seq"]),
        source=str(row["source"]), made_by=str(row["made_by"]), made_at=str(row["made_at"]), status=str(row["status"]),
        closed_by=str(row.get("closed_by") or ""), closed_at=str(row.get("closed_at") or ""), state=str(row["state"]), version=int(row["version"]),
        at_level=str(row.get("at_level") or row["level"]),
    )  # fmt: skip
