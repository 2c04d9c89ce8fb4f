"""A site of its own with a queue in it, for tests that decide."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn
from playwright.sync_api import Page

from tests.flows.model import Framework, concept, relation, source, uuid_of
from tests.flows.proposal_tools import ADA, BOB, person
from tests.web.known_people import WithPeople
from wikic.bootstrap import App, app_of
from wikic.domain.proposals_changes import Change, ChangeLabels, ChangeText, DeprecateConcept, RemoveRelation
from wikic.domain.records import Label
from wikic.domain.vocabulary import ALTERNATIVE, PREFERRED
from wikic.store.engine import Engine
from wikic.web.acting import SESSION_COOKIE
from wikic.web.app import create_app

LOT = 50
"""Parts of a contribution."""


@dataclass(frozen=True)
class Moderated:
    """Where the site answers, and its services."""

    address: str
    app: App


@contextmanager
def serving(app: App, *, by_name: bool = True) -> Iterator[Moderated]:
    """The site over opened services, from a thread. `by_name`: a session's token is a person's name; else accounts are those of the store."""
    services = WithPeople(app) if by_name else app
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        config = uvicorn.Config(create_app(services, address), log_config=None, access_log=False, ws="none", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not server.started and thread.is_alive():
            thread.join(0.02)
        assert server.started
        yield Moderated(address, app)
        server.should_exit = True
        thread.join()


def trade(engine: Engine, skills: int) -> App:
    """A framework of so many skills and an occupation that requires them."""
    app = app_of(engine, lambda: None)
    names = [f"s{number}" for number in range(skills)]
    made = [
        concept(name, f"handle part {name}", alts=[f"hold {name}"], texts={"definition": f"To handle the part {name} with care."})
        for name in names
    ]
    required = [relation("fitter", "requires", name, "essential") for name in names]
    Framework(engine).run(source(*made, concept("fitter", "fitter", kind="occupation"), *required))
    app.reading.forget()
    return app


def fill_queue(app: App, number: int) -> None:
    """Mixed proposals: a tenth spelling, lots of `LOT` parts, many about the same concepts, the rest single ones of several types."""
    uuids = [uuid_of(f"s{each}") for each in range(number)]
    fitter = uuid_of("fitter")
    lots = number // 2 // LOT
    for lot in range(lots):
        parts = [[_text(uuid, f"To handle it with care, as agreed in round {lot}.")] for uuid in uuids[lot * LOT : (lot + 1) * LOT]]
        app.proposing.make_lot(f"Contribution of the branch {lot + 1}", parts, BOB, justification="agreed by the committee")
    rest = number - lots * LOT
    for each in range(rest):
        uuid = uuids[-1 - each]
        name = f"s{number - 1 - each}"
        change: Change
        match each % 10:
            case 0:
                change = _labels(uuid, f"handle part {name}", f"hold {name}", f"holds {name}")
            case 1 | 2 | 3:
                # Several about one concept.
                change = _text(uuids[-1 - each // 10 * 10], f"Another wording, the {each % 10}.")
            case 4:
                change = RemoveRelation(fitter, "requires", uuid)
            case 5:
                change = DeprecateConcept(uuid)
            case 6:
                change = _text(uuid, f"To handle teh part {name} with care.")
            case _:
                change = _text(uuid, f"To handle the part {name} with great care, as the trade says.")
        app.proposing.make([change], person(f"author{each % 7}") if each % 3 else ADA, justification=f"because of {each}", submit=True)


def _text(uuid: str, value: str) -> ChangeText:
    return ChangeText(uuid, "definition", "en", value)


def _labels(uuid: str, preferred: str, *others: str) -> ChangeLabels:
    return ChangeLabels(uuid, "en", (Label(preferred, "en", PREFERRED), *(Label(each, "en", ALTERNATIVE) for each in others)))


def sign_in(page: Page, site: Moderated, name: str) -> None:
    """Be that person from now on."""
    page.context.add_cookies([{"name": SESSION_COOKIE, "value": name, "url": site.address}])
