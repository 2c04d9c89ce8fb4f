"""A small trade of sixty skills, forty issuers with five hundred badge classes bound to 2026, and what 2027 changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tests.badge_seed import Wanted, content_of, seed_badges
from tests.engines import wipe
from tests.people import OPERATOR, actor_in_session, make_person
from tests.sample_world import release
from wikic.bootstrap import App, app_of
from wikic.domain.access import Actor
from wikic.domain.edits import Edit, Merge, SetLabels, SetStatus, SetText, Split
from wikic.domain.ids import derived_uuid
from wikic.domain.records import Label
from wikic.domain.vocabulary import DEPRECATED
from wikic.services.editing import Create
from wikic.services.refreshing_parts import RefreshServices
from wikic.store.engine import Engine

SKILLS: Final = 60
ELSEWHERE: Final = "https://badges.example.org/class"


def skill(name: int | str) -> str:
    """The uuid of a skill of the trade: a number, or the name of a part that is born later."""
    return derived_uuid(f"trade|{name}")


def french(name: int | str) -> str:
    """What it is called."""
    return f"Maîtriser le geste {name}"


def english(name: int | str) -> str:
    return f"Master gesture {name}"


EXPECTED: Final[Mapping[int, tuple[str, str, tuple[str, ...]]]] = {
    0: ("update", "notable", ("renamed",)),
    1: ("update", "notable", ("renamed", "relabelled")),
    3: ("update", "notable", ("redefined",)),
    4: ("update", "minor", ("renamed",)),
    5: ("realign", "breaking", ("merged",)),
    7: ("choose", "breaking", ("split",)),
    8: ("retire", "breaking", ("deprecated",)),
    9: ("realign", "breaking", ("replaced",)),
    10: ("realign", "breaking", ("merged",)),
    11: ("realign", "breaking", ("merged",)),
}
"""What 2027 asks of badge classes in French: by skill, the advice, the severity, the types of change. A new English name (skill 2) asks nothing of them."""
SUCCESSORS: Final[Mapping[int, tuple[int | str, ...]]] = {5: (6,), 7: ("a", "b"), 9: ("c",), 10: (12,), 11: (12,)}


def changes_of_2027() -> list[list[Edit]]:
    """What happens, change by change."""

    def renamed(number: int, name: str, lang: str = "fr") -> Edit:
        return SetLabels(skill(number), lang, (Label(name, lang, "preferred"),))

    # Its old name is another name of it now.
    kept = SetLabels(skill(1), "fr", (Label("Tenir le geste un", "fr", "preferred"), Label(french(1), "fr", "alternative")))
    born: list[Edit] = [Create("skill", (Label(french(name), "fr", "preferred"),), uuid=skill(name)) for name in "abc"]
    return [
        born,
        [renamed(0, "Tenir le geste zéro"), kept, renamed(2, "Hold gesture two", "en"), renamed(4, french(4).upper())],
        [SetText(skill(3), "definition", "fr", "Tout autre chose que ce qui était dit auparavant.")],
        [Merge(skill(5), skill(6)), Split(skill(7), (skill("a"), skill("b"))), SetStatus(skill(8), DEPRECATED), SetStatus(skill(9), DEPRECATED, skill("c"))],
        [Merge(skill(10), skill(11))],
        [Merge(skill(11), skill(12))],
    ]


@dataclass
class Trade:
    """The services, what was seeded, and who manages the first issuer."""

    app: App
    wanted: list[Wanted]
    manager: Actor
    member: Actor

    @property
    def refresh(self) -> RefreshServices:
        return self.app.refresh

    def expected(self, issuer: str = "") -> dict[tuple[str, str], tuple[str, str, tuple[str, ...]]]:
        """What 2027 asks: by badge class and skill."""
        numbers = {skill(number): told for number, told in EXPECTED.items()}
        english = {skill(0), skill(1), skill(3), skill(4)}
        found = {}
        for each in self.wanted:
            for uuid, _ in each.concepts:
                if issuer and each.issuer != issuer:
                    continue
                if each.content.lang == "en":
                    told = ("update", "notable", ("renamed",)) if uuid == skill(2) else None if uuid in english else numbers.get(uuid)
                else:
                    told = numbers.get(uuid)
                if told:
                    found[each.id, uuid] = told
        return found

    def change(self) -> None:
        """What happens between 2026 and 2027."""
        for number, edits in enumerate(changes_of_2027()):
            self.app.editing.apply(edits, actor="tester", summary=f"2027, {number}")
        self.app.reading.forget()


def issuer_of(number: int) -> str:
    """The short name of an issuer."""
    return f"emetteur-{number:02}"


def make_trade(engine: Engine, *, issuers: int = 40, classes: int = 500, elsewhere: str = ELSEWHERE) -> Trade:
    """Over an engine that holds nothing: 2026 is published, and badge classes are bound to it. Those of the last issuer speak English; the first badge class of
    each tenth issuer is hosted elsewhere."""
    wipe(engine)
    app = app_of(engine, lambda: None)
    made: list[Edit] = []
    for number in range(SKILLS):
        labels = (Label(french(number), "fr", "preferred"), Label(english(number), "en", "preferred"))
        made.append(Create("skill", labels, {"fr": f"Le geste {number}, tel qu'on l'apprend."}, uuid=skill(number)))
    app.editing.apply(made, actor="tester", summary="the trade")
    seq = release(app, "2026")
    for number in range(issuers):
        app.organisations.make(issuer_of(number), f"Émetteur {number}", "issuer", actor=OPERATOR, private=False)
    wanted = []
    for number in range(classes):
        lang = "en" if number % issuers == issuers - 1 else "fr"
        place = {"hosted": "elsewhere", "address": f"{elsewhere}/{number}", "format": "ob2"} if number < issuers and number % 10 == 0 else {}
        name = english if lang == "en" else french
        turn = number // issuers
        bound = sorted({(number + turn) % SKILLS, (number + 11 * turn + 5) % SKILLS})
        content = content_of(f"Badge {number}", f"B-{number}", lang=lang, **place)
        wanted.append(Wanted(issuer_of(number % issuers), content, [(skill(each), name(each)) for each in bound]))
    seed_badges(engine, wanted, OPERATOR, release="2026", seq=seq)
    manager = make_person(app, "Maud", organisations={issuer_of(0): ["manager", "member"]})
    member = make_person(app, "Mina", organisations={issuer_of(0): ["member"]})
    return Trade(app, wanted, actor_in_session(app, manager.id), member)
