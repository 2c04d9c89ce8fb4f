"""The people of the table of routes and roles, and the fresh things that its requests are about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final

from tests.access_rows import ACME, Row
from tests.flows.model import concept, source
from tests.flows.people_world import CHEAP, HandClock, Outbox, token_in
from tests.flows.sample_store import found_private
from tests.people import OPERATOR, PASSWORD, actor_in_session, make_person
from tests.sample_world import World
from wikic.bootstrap import App
from wikic.domain.access import Actor, Grant
from wikic.domain.proposals import Proposal
from wikic.domain.proposals_changes import ChangeText, to_json
from wikic.domain.records import Label
from wikic.services.accounts import AccountRules
from wikic.services.accounts_parts import AccountServices
from wikic.services.deciding import Ruling
from wikic.services.editing import Create
from wikic.services.import_planning import ImportOptions
from wikic.services.mailing import Mailer
from wikic.services.webhooks import Wanted

SITE: Final = "https://skills.example.org"
HOOK: Final = "https://hooks.example.org/in"
PRIVATE_CONCEPT: Final = "01890a5d-ac96-774b-bcce-b302099a8001"


@dataclass
class Scene:
    """A store with people of every role."""

    world: World
    clock: HandClock
    outbox: Outbox
    people: Mapping[str, Actor | None]
    author: Actor
    decider: Actor
    asked: bool = False
    """Whether something asked, lately, who knocks."""
    passing: bool = False
    """Whether something was made, lately, that is taken away when more of the kind are made."""
    hook: str = ""
    secret: str = ""
    """Of the thing that was made last, where it has one."""
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def app(self) -> App:
        return self.world.app

    _role: str = "nobody"

    @property
    def role(self) -> str:
        """Who knocks now."""
        self.asked = True
        return self._role

    @role.setter
    def role(self, role: str) -> None:
        self._role = role

    @property
    def me(self) -> Actor | None:
        """Who knocks, as an account."""
        return self.people[self.role]

    def fresh(self, start: str = "thing") -> str:
        """A name that was not used before."""
        return f"{start}-{next(self.numbers)}"

    def mailed(self) -> str:
        """The text of the last mail."""
        assert self.app.people.mailer.wait()
        return self.outbox.mails[-1][2]

    def someone(self) -> Actor:
        """A new account."""
        return make_person(self.app, self.fresh("person"))

    # Proposals

    def change(self, concept: str = "") -> ChangeText:
        """A change that nobody has asked for before, of a new concept of `wiki` unless another is named."""
        return ChangeText(concept or self.world.slice, "definition", "en", f"One does {self.fresh()}.")

    def changes(self, concept: str = "") -> list[dict[str, Any]]:
        """The same as it is sent."""
        return [to_json(self.change(concept))]

    def proposal(self, by: Actor | None = None, *, concept: str = "", submit: bool = True, space: str = "public") -> Proposal:
        """A proposal by somebody who knocks nowhere, or by `by`."""
        return self.app.proposing.make([self.change(concept)], by or self.author, justification="it is so", submit=submit, space=space)

    @property
    def rome_concept(self) -> str:
        """A concept of ROME."""
        reading = self.app.reading
        return reading.locate(None, "rome", "D1102", "occupation", reading.moment())

    def may_propose(self) -> bool:
        """Whether who knocks can have proposals."""
        return self.me is not None and self.me.has("contributor")

    def bulk(self, by: Actor | None = None) -> str:
        """A bulk decision by somebody who knocks nowhere, or by `by`."""
        theirs = self.proposal(concept=self.rome_concept).id
        return self.app.bulk.decide_many([theirs], Ruling("reject", "no"), by or self.decider).id

    def private_bulk(self) -> str:
        """A bulk decision in acme's space, by a moderator of acme who knocks nowhere."""
        theirs = self.proposal(concept=PRIVATE_CONCEPT, space=ACME).id
        return self.app.bulk.decide_many([theirs], Ruling("reject", "no"), self.decider).id

    def suggestion(self) -> tuple[str, str]:
        """A suggestion that is held, and the secret of its link."""
        made = self.app.suggesting.suggest([self.change()], "it is so", sender=self.fresh("sender"))
        return made.proposal.id, made.token

    # Releases

    def release(self, *, candidate: bool = False) -> str:
        """A release that is frozen and not published, or a candidate."""
        return self.app.releasing.freeze(self.fresh("r") + ("-rc1" if candidate else ""), actor=OPERATOR).name

    def import_review(self) -> str:
        """A review of an import."""
        options = ImportOptions(keep_as="A review")
        return self.app.importing.run(source(concept("kept", "keep reviews"), origin="reviewed"), options).kept_review

    def entry(self) -> str:
        """An entry of the calendar."""
        return self.app.releases.calendar.add(day="2027-01-01", step="freeze", release="2027", text={}, actor=OPERATOR).id

    # What people have

    def webhook(self, owner: str = "") -> str:
        """A webhook: one's own, of an account that knocks nowhere ("other"), or of an organisation."""
        self.passing = True
        mine = self.me if owner == "" else None
        by = self.people["manager"] if owner.startswith("organisation/") else mine or self.author
        assert by is not None
        webhooks, owner = self.app.live.webhooks, owner if "/" in owner else ""
        for former in webhooks.of_owner(by, owner)[5:]:
            webhooks.remove(by, former.id)
        hook, _ = webhooks.make(by, f"{HOOK}/{self.fresh()}", Wanted(("change",)), owner=owner)
        self.hook = hook.id
        return hook.id

    def delivery(self) -> str:
        """What the webhook that was made last is about to deliver."""
        by = self.people["admin"]
        assert by is not None
        return self.app.live.webhooks.ping(by, self.hook).key.partition("/")[2]

    def filter(self, by: Actor | None) -> str:
        """A saved filter."""
        return str(self.app.queueing.save(self.fresh("filter"), {"lane": "main"}, by or self.author)["key"])

    def session(self) -> str:
        """The id of another session of who knocks."""
        return actor_in_session(self.app, self.me.id).credential.partition("/")[2] if self.me else "0" * 16

    def token(self) -> str:
        """The id of a token of who knocks."""
        if self.me is None:
            return "0" * 16
        return self.app.people.tokens.make(self.fresh("token"), actor=actor_in_session(self.app, self.me.id))[1].id

    # Links

    def registration(self) -> str:
        """The secret of a link that confirms a registration."""
        name = self.fresh("applicant")
        self.app.people.joining.request(name, f"{name}@example.org", address=name)
        return token_in(self.mailed())

    def waiting(self) -> str:
        """The address of a registration that waits."""
        name = self.fresh("applicant")
        self.app.people.joining.request(name, f"{name}@example.org", address=name)
        return f"{name}@example.org"

    def password(self) -> str:
        """The secret of a link to a new password."""
        return token_in(self.app.people.joining.password_link(self.someone().id, actor=OPERATOR))

    def email(self) -> str:
        """The secret of a link to a new address."""
        person = actor_in_session(self.app, self.someone().id)
        self.app.people.addresses.request_email(f"{self.fresh('new')}@example.org", actor=person)
        return token_in(self.mailed())

    def invitation(self, organisation: str = "") -> tuple[str, str]:
        """An invitation: the secret of its link, and its id."""
        link, made = self.app.people.joining.invite(organisation=organisation, actor=OPERATOR)
        return token_in(link), made.id

    # Organisations

    def member(self) -> str:
        """A new member of acme."""
        person = self.someone()
        self.app.organisations.add_member(ACME, person.id, actor=OPERATOR)
        return person.id

    def network(self, *, holds: bool = False) -> str:
        """A public network that acme is not in, or (`holds`) is in."""
        slug = self.fresh("network")
        self.app.organisations.make(slug, f"The {slug}", "network", actor=OPERATOR, private=False)
        if holds:
            self.app.organisations.associate(slug, ACME, actor=OPERATOR)
        return slug


def make_scene(world: World) -> Scene:
    """People of every role over the sample; accounts with a clock that is moved by hand, and mail that is kept."""
    clock, outbox = HandClock(), Outbox()
    mailer = Mailer(world.app.engine, outbox, "Wiki-C <wiki-c@example.org>")
    world.app.people = AccountServices.of(world.app.engine, AccountRules("open", SITE), mailer=mailer, passwords=CHEAP, clock=clock)
    app = world.app
    make_person(app, "decider", Grant("moderator"))
    for slug in (ACME, "other"):
        app.organisations.make(slug, f"The {slug}", "company", actor=OPERATOR, private=True)
    app.organisations.make("club", "The club", "company", actor=OPERATOR, private=False)
    app.organisations.make("fournil", "The fournil", "issuer", actor=OPERATOR, private=False)
    grants = {
        "newcomer": Grant("contributor"),
        "contributor": Grant("contributor"),
        "local moderator": Grant("moderator", "scheme:rome"),
        "moderator": Grant("moderator"),
        "admin": Grant("admin"),
        "member": Grant("contributor"),
        "manager": Grant("contributor"),
        "organisation moderator": Grant("contributor"),
        "stranger": Grant("contributor"),
    }
    organisations = {
        "member": {ACME: ["member"], "fournil": ["member"]},
        "manager": {ACME: ["manager", "member"], "fournil": ["manager", "member"]},
        "organisation moderator": {ACME: ["member", "moderator"], "fournil": ["member", "moderator"]},
        "stranger": {"other": ["manager", "member"]},
    }
    people: dict[str, Actor | None] = {"nobody": None}
    for name, grant in grants.items():
        person = make_person(app, name, grant, organisations=organisations.get(name))
        app.people.joining.set_password(token_in(app.people.joining.password_link(person.id, actor=OPERATOR)), PASSWORD)
        people[name] = actor_in_session(app, person.id)
    app.accounts.revoke(_id(people["newcomer"]), Grant("contributor"), actor=OPERATOR)
    people["newcomer"] = actor_in_session(app, _id(people["newcomer"]))
    author = make_person(app, "author", organisations={ACME: ["member"]})
    decider = make_person(app, "decider", organisations={ACME: ["member", "moderator"]})
    found_private(app.engine)
    label = Label("count the till", "en", "preferred")
    app.editing.apply([Create("skill", (label,), uuid=PRIVATE_CONCEPT)], actor="tester", summary="a private skill", space=ACME)
    return Scene(world, clock, outbox, people, author, decider)


def _id(person: Actor | None) -> str:
    assert person is not None
    return person.id


def parameters_of(path: str, row: Row, scene: Scene) -> dict[str, Any]:
    """What stands in an address; a line need not name what every page of a concept or a release has."""
    usual = {"uuid": scene.world.slice, "name": scene.world.slice, "release": "2026"}
    return {name: value for name, value in (usual | resolved(row.path, scene)).items() if f"{{{name}}}" in path or f"{{{name}:path}}" in path}


def resolved(value: Any, scene: Scene) -> Any:
    """A value of a line, with what its functions make."""
    if callable(value):
        return resolved(value(scene), scene)
    if isinstance(value, Mapping):
        return {name: resolved(each, scene) for name, each in value.items()}
    if isinstance(value, list):
        return [resolved(each, scene) for each in value]
    return value

