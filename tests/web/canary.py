"""A word that stands nowhere else in each private thing of acme: what tests look for in all that others are shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from tests.access_rows import ACME
from tests.access_scene import PRIVATE_CONCEPT, Scene
from tests.flows.people_world import token_in
from tests.flows.sample_store import private_relation
from tests.people import OPERATOR, actor_in_session
from wikic.domain.access import Actor
from wikic.domain.organisations import Profile
from wikic.domain.proposals_changes import ChangeText, CreateConcept
from wikic.domain.records import Label
from wikic.services.deciding import Ruling
from wikic.services.editing import Edit, SetLabels, SetText
from wikic.services.webhooks import Wanted

WORDS: Final = {
    name: f"kestrel{number:02d}{name.replace(' ', '')}qzx"
    for number, name in enumerate(
        (
            "label", "definition", "summary", "justification", "source", "text", "comment", "question", "reason", "new concept", "lot", "lot reason",
            "draft", "bulk reason", "organisation", "profile", "webhook", "hook address", "filter", "release", "invitation", "token",
        ),
        11,
    )
}  # fmt: skip
"""By what they stand in."""


@dataclass
class Planted:
    """The ids of acme's private things, by the kind of thing."""

    ids: dict[str, str] = field(default_factory=dict)
    seq: int = 0

    def secrets(self) -> set[str]:
        """What nobody else may be shown."""
        return {*WORDS.values(), *(identity for kind, identity in self.ids.items() if kind not in ("slug", "user"))}


def plant(scene: Scene) -> Planted:
    """Put a word into everything that acme has."""
    app, planted = scene.app, Planted({"concept": PRIVATE_CONCEPT, "slug": ACME})
    manager, member, moderator = (_person(scene, name) for name in ("manager", "member", "organisation moderator"))
    planted.ids["user"] = manager.id
    edits: list[Edit] = [
        SetLabels(PRIVATE_CONCEPT, "en", (Label(WORDS["label"], "en", "preferred"),)),
        SetText(PRIVATE_CONCEPT, "definition", "en", WORDS["definition"]),
    ]
    planted.seq = app.editing.apply(edits, actor="tester", summary=WORDS["summary"], space=ACME)
    private_relation(app.engine, PRIVATE_CONCEPT, scene.world.slice)
    _organise(scene, planted, manager)
    _propose(scene, planted, member, moderator)
    app.releasing.freeze(WORDS["release"], actor=OPERATOR, space=ACME)
    return planted


def _propose(scene: Scene, planted: Planted, member: Actor, moderator: Actor) -> None:
    app = scene.app

    def make(*changes: Any, why: str, **more: Any) -> str:
        return app.proposing.make(changes, member, justification=why, space=ACME, **more).id

    text = ChangeText(PRIVATE_CONCEPT, "definition", "fr", WORDS["text"])
    open_ = make(text, why=WORDS["justification"], sources=[WORDS["source"]], submit=True)
    comment = app.talking.comment(open_, f"{WORDS['comment']} @stranger @moderator", member)
    app.talking.ask(open_, _person(scene, "manager").id, WORDS["question"], moderator)
    app.talking.look(open_, member)
    born = CreateConcept("skill", (Label(WORDS["new concept"], "en", "preferred"), Label("fold napkins", "fr", "preferred")))
    made = make(born, why="new", submit=True)
    rejected = make(born, why="again", submit=True)
    app.deciding.decide(rejected, Ruling("reject", WORDS["reason"]), moderator, None)
    draft = make(ChangeText(PRIVATE_CONCEPT, "definition", "de", WORDS["draft"]), why="", submit=False)
    parts = [[ChangeText(PRIVATE_CONCEPT, "definition", lang, "x")] for lang in ("es", "it")]
    lot = app.proposing.make_lot(WORDS["lot"], parts, member, justification=WORDS["lot reason"], space=ACME)
    together = app.bulk.decide_many([lot.parts[0].id], Ruling("reject", WORDS["bulk reason"]), moderator)
    planted.ids |= {"proposal": open_, "comment": str(comment["key"]), "made": made, "rejected": rejected, "draft": draft}
    planted.ids |= {"lot": lot.id, "part": lot.parts[1].id, "bulk": together.id}


def _organise(scene: Scene, planted: Planted, manager: Actor) -> None:
    app = scene.app
    profile = Profile(description=WORDS["profile"])
    app.organisations.change(ACME, actor=manager, name=f"The {WORDS['organisation']}", profile=profile)
    url = f"https://hooks.example.org/{WORDS['hook address']}"
    hook, _ = app.live.webhooks.make(manager, url, Wanted(("proposal_submitted",)), owner=f"organisation/{ACME}", description=WORDS["webhook"])
    planted.ids["webhook"] = hook.id
    planted.ids["filter"] = str(app.queueing.save(WORDS["filter"], {"lane": "main"}, manager)["key"])
    signed_in = actor_in_session(app, manager.id)
    planted.ids["token"] = app.people.tokens.make(WORDS["token"], actor=signed_in)[1].id
    link, made = app.people.joining.invite(f"{WORDS['invitation']}@example.org", organisation=ACME, actor=signed_in)
    # Mailed: who made it never sees its link.
    assert link == ""
    planted.ids |= {"invitation": made.id, "link": token_in(scene.mailed())}


def _person(scene: Scene, name: str) -> Actor:
    found = scene.people[name]
    assert found is not None
    return found
