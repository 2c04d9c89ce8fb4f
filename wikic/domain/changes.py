"""What a write changes: typed rows from the services to the store, and the record of the write itself.

Interval ends are not here: the store opens rows at the write's number and closes the replaced ones at it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal, NamedTuple

from wikic.domain.concepts import ConceptContent
from wikic.domain.ids import relation_id

ChangeKind = Literal["import", "edit", "proposal", "revert", "migration", "restore"]


class Identity(NamedTuple):
    """What a concept is. The uuid and the scheme never change; `kind` is that of the state at hand (the node of the concept keeps its first one)."""

    uuid: str
    kind: str
    scheme: str


class NewConcept(NamedTuple):
    """A concept that is not there yet, with its first state."""

    identity: Identity
    content: ConceptContent


class NewState(NamedTuple):
    """The next state of a known concept; its open one closes. `base`: what its source last said, where the concept was edited here."""

    identity: Identity
    content: ConceptContent
    base: ConceptContent | None = None


class Relation(NamedTuple):
    """An open relation between two concepts (uuids). `origins` are the sources that say so ("esco", "crosswalk:esco-rome", "local");
    `base` is what the source said (`importance|rank|note`) where it was edited here."""

    source: str
    type: str
    target: str
    importance: str = ""
    rank: int = 0
    note: str = ""
    branch: str = ""
    origins: tuple[str, ...] = ()
    base: str = ""

    @property
    def id(self) -> str:
        """UUIDv5 of source, type, target and branch."""
        return relation_id(self.source, self.type, self.target, self.branch)


class ClosedRelation(NamedTuple):
    """A relation row to close. `removed_here`: an editor removed it, so that its source does not bring it back."""

    source: str
    type: str
    id: str
    removed_here: bool = False


@dataclass(slots=True)
class WriteSet:
    """Everything one write changes. `touched` names every concept whose body changes: those with a new state, both ends of relations that open
    or close, and the neighbours of a concept whose preferred label or status changes."""

    new_concepts: list[NewConcept] = field(default_factory=list)
    new_states: list[NewState] = field(default_factory=list)
    open_relations: list[Relation] = field(default_factory=list)
    close_relations: list[ClosedRelation] = field(default_factory=list)
    aliases: dict[str, str] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.new_concepts or self.new_states or self.open_relations or self.close_relations or self.aliases)

    def stated(self) -> set[str]:
        """The concepts that get a state."""
        return {concept.identity.uuid for concept in self.new_concepts} | {
            state.identity.uuid for state in self.new_states
        }

    def related(self) -> set[str]:
        """The concepts of which a relation that starts there opens or closes."""
        return {row.source for row in self.open_relations} | {row.source for row in self.close_relations}

    def concerned(self) -> set[str]:
        """Every concept that any row of this set hangs on, for the journal: more than `touched`, as a relation may change its origins only."""
        return self.stated() | self.related() | self.touched | set(self.aliases.values())

    def replace_relation(self, old: Relation, new: Relation) -> None:
        """Close a relation row and open it again with other properties."""
        self.close_relations.append(ClosedRelation(old.source, old.type, old.id))
        self.open_relations.append(new)


@dataclass(slots=True)
class Change:
    """One accepted write, as the change log keeps it. `counts` are numbers by name; `time` is UTC, ISO 8601."""

    kind: ChangeKind
    actor: str
    summary: str
    counts: dict[str, int] = field(default_factory=dict)
    details: dict[str, str] = field(default_factory=dict)
    seq: int = 0
    space: str = ""
    time: str = ""


def stamp(moment: datetime) -> str:
    """A moment as it is written: UTC, ISO 8601 with milliseconds, so that its text sorts as it passes."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def now() -> str:
    """The present moment, the same."""
    return stamp(datetime.now(UTC))
