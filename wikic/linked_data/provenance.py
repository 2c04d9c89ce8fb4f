"""The change log as PROV-O: every accepted write is an activity, whoever made it an agent."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from wikic.domain.changes import Change
from wikic.linked_data.vocabulary import PROV, RDFS, A, Site, Statement, iri, moment, number, own, text

ACTIVITY: Final = iri(f"{PROV}Activity")
AGENT: Final = iri(f"{PROV}Agent")
ENDED: Final = iri(f"{PROV}endedAtTime")
ASSOCIATED: Final = iri(f"{PROV}wasAssociatedWith")
LABEL: Final = iri(f"{RDFS}label")

_UNSAFE: Final = re.compile(r"[^A-Za-z0-9._~-]")


def agent(site: Site, actor: str) -> str:
    """The address of whoever made a change."""
    name = _UNSAFE.sub(lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode("utf-8", "replace")), actor)
    return site.at(f"/catalog#agent-{name}")


def describe_change(site: Site, change: Change) -> list[Statement]:
    """One change: when it was accepted, by whom, of what kind, and its summary."""
    subject, who = site.change(change.seq), agent(site, change.actor)
    return [
        (subject, A, ACTIVITY),
        (subject, LABEL, text(change.summary)),
        (subject, own("seq"), number(change.seq)),
        (subject, own("changeKind"), text(change.kind)),
        (subject, ENDED, moment(change.time)),
        (subject, ASSOCIATED, who),
        (who, A, AGENT),
        (who, LABEL, text(change.actor)),
    ]


def describe_history(site: Site, uuid: str, changes: Iterable[Change]) -> list[Statement]:
    """The changes that gave a concept its states, oldest first."""
    out: list[Statement] = []
    for change in changes:
        out.append((site.concept(uuid), iri(f"{PROV}wasGeneratedBy"), site.change(change.seq)))
        out += describe_change(site, change)
    return list(dict.fromkeys(out))
