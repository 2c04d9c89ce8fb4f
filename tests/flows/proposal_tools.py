"""People, a small framework with its services, and short ways to propose: the ground of the tests of proposals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tests.flows.model import Framework, concept, relation, source, uuid_of
from wikic.bootstrap import App, app_of
from wikic.domain.access import Actor, Grant
from wikic.domain.proposals import Proposal
from wikic.domain.proposals_changes import Change, ChangeLabels, ChangeText
from wikic.domain.records import Label
from wikic.domain.vocabulary import ALTERNATIVE, PREFERRED, PUBLIC_SPACE
from wikic.services.deciding import Outcome, Ruling
from wikic.store.engine import Engine
from wikic.store.events import Event, read_events
from wikic.store.history import list_changes

SAW, WOOD, GLUE, JOINER = (uuid_of(name) for name in ("saw", "wood", "glue", "joiner"))


def person(name: str, *roles: str, scope: str = "", terms: bool = True) -> Actor:
    """A signed-in user with roles."""
    grants = tuple(Grant(role, scope) for role in roles or ("contributor",))
    return Actor(f"user-{name}", name, grants, via="session", settings={"terms": "2026-01-01"} if terms else {})


ADA, BOB = person("ada"), person("bob")
MAY, MEL = person("may", "moderator"), person("mel", "moderator")
ROOT = person("root", "admin")


@dataclass(slots=True)
class Ground:
    """The services over one store, and what reads them."""

    app: App
    framework: Framework

    @property
    def engine(self) -> Engine:
        return self.app.engine

    def propose(self, *changes: Change, by: Actor = ADA, why: str = "it is so", submit: bool = True) -> Proposal:
        """Make a proposal, and submit it."""
        return self.app.proposing.make(changes, by, justification=why, submit=submit)

    def accept(self, proposal: Proposal, by: Actor = MAY, **more: Any) -> Outcome:
        """Accept a proposal."""
        return self.app.deciding.decide(proposal.id, Ruling("accept", **more), by, None)

    def reject(self, proposal: Proposal, why: str = "no", by: Actor = MAY) -> Outcome:
        """Reject a proposal."""
        return self.app.deciding.decide(proposal.id, Ruling("reject", why), by, None)

    def state(self, proposal: Proposal) -> str:
        """The state a proposal has now."""
        return self.app.proposing.read(proposal.id, ROOT).state

    def events(self, *kinds: str) -> list[Event]:
        """What happened, of these kinds."""
        return [event for event in read_events(self.engine, 0, 10_000) if not kinds or event.kind in kinds]

    def text(self, uuid: str, lang: str = "en", field: str = "definition") -> str:
        """A text of a concept as it stands."""
        return self.framework.content(uuid).texts.get(field, {}).get(lang, "")


def make_ground(engine: Engine) -> Ground:
    """Three skills and an occupation that requires two of them."""
    app = app_of(engine, lambda: None)
    framework = Framework(engine)
    framework.run(
        source(
            concept("saw", "saw planks", "scier des planches", alts=["cut planks"], texts={"definition": "To saw."}),
            concept("wood", "work wood", kind="skill_group"),
            concept("glue", "glue boards", texts={"definition": "To glue."}),
            concept("joiner", "joiner", kind="occupation"),
            relation("saw", "broader", "wood"),
            relation("joiner", "requires", "saw", "essential"),
            relation("joiner", "requires", "glue", "optional"),
        )
    )
    app.reading.forget()
    return Ground(app, framework)


def text(value: str, uuid: str = SAW, lang: str = "en", field: str = "definition", seq: int = 0) -> ChangeText:
    """Another text."""
    return ChangeText(uuid, field, lang, value, seq=seq)


def labels(preferred: str, *alternative: str, uuid: str = SAW, lang: str = "en", seq: int = 0) -> ChangeLabels:
    """Other labels."""
    wanted = (Label(preferred, lang, PREFERRED), *(Label(each, lang, ALTERNATIVE) for each in alternative))
    return ChangeLabels(uuid, lang, wanted, seq=seq)


def two_changes(number: int, concepts: int) -> list[Change]:
    """The `number`-th of many proposals on the concepts c0, c1 ...: a text of one, and one of its neighbour; no two speak of one field."""
    lang = f"fr-{number // concepts:04d}"
    one, other = uuid_of(f"c{number % concepts}"), uuid_of(f"c{(number + 1) % concepts}")
    return [text(f"T{number}.", one, lang), text(f"N{number}.", other, lang, "note")]


def two_texts(ground: Ground, number: int, concepts: int) -> tuple[str, str]:
    """What stands now where `two_changes` wants something."""
    lang = f"fr-{number // concepts:04d}"
    one, other = uuid_of(f"c{number % concepts}"), uuid_of(f"c{(number + 1) % concepts}")
    return ground.text(one, lang), ground.text(other, lang, "note")


def check_the_log(ground: Ground, decided: Iterable[str], first: int) -> None:
    """Each of these proposals was decided once, and nothing else was written after `first`; the logs tell it in order and without a gap, and agree."""
    events = ground.events("proposal_accepted", "proposal_rejected")
    assert Counter(event.subject for event in events) == Counter(f"proposal/{identity}" for identity in decided)
    numbers = [event.number for event in ground.events()]
    assert numbers == list(range(1, len(numbers) + 1))
    accepted = [(event.seq, event.subject.partition("/")[2]) for event in events if event.seq is not None]
    seqs = [seq for seq, _ in accepted]
    assert seqs == sorted(set(seqs))
    head = {PUBLIC_SPACE: ground.framework.head}
    log = list_changes(ground.engine, [PUBLIC_SPACE], head, after=first, limit=10_000)
    assert [(change.seq, change.details["proposal"]) for change in log] == accepted
