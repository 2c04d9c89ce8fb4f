"""Two server processes send to a webhook, and the one at work is killed in the middle of an attempt, again and again: everything arrives, in the order of
each subject, and what arrives twice has the same id."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.engines import server_for_tests
from tests.people import make_person
from tests.serving import Server
from tests.web.test_events import say
from wikic.bootstrap import app_of
from wikic.services.webhooks import Wanted
from wikic.store import webhooks as store
from wikic.store.engine import Engine

EVENTS = 24
SUBJECTS = 4
DEATHS = (5, 13)
"""At which message its senders are killed, before they are answered."""


class Receiver:
    """Keeps what it accepted, in order. At each of `DEATHS` it says so, and answers when it is told to."""

    def __init__(self) -> None:
        self.got: list[tuple[str, str, int]] = []
        self.lock = threading.Lock()
        self.reached, self.killed = threading.Semaphore(0), threading.Semaphore(0)

    def accept(self, identity: str, said: Any) -> None:
        """A message came."""
        with self.lock:
            self.got.append((identity, said["data"]["subject"], said["data"]["data"]["step"]))
            holding = len(self.got) in DEATHS
        if holding:
            self.reached.release()
            self.killed.acquire(timeout=120)


@contextmanager
def receiving() -> Iterator[tuple[Receiver, str]]:
    """A receiver on a port of this machine."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            receiver.accept(self.headers["webhook-id"], json.loads(body))
            try:
                self.send_response(204)
                self.end_headers()
            except OSError:
                self.close_connection = True  # the sender was killed

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield receiver, f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()
        thread.join()


def test_killed_senders_skip_nothing(engine: Engine) -> None:
    connection = server_for_tests(engine.kind)
    with receiving() as (receiver, url), app_of(engine, lambda: None, allow_private_targets=True) as app:
        ada = make_person(app, "Ada")
        hook, _ = app.live.webhooks.make(ada, url, Wanted(kinds=("proposal_supported",)))
        for step in range(EVENTS):
            say(engine, "proposal_supported", subject=f"proposal/{step % SUBJECTS}", step=step)
        for _ in DEATHS:
            # Of two processes one has the claim; both go.
            with Server(engine.kind, connection, allow_private_targets=True) as one, Server(
                engine.kind, connection, allow_private_targets=True
            ) as two:
                assert receiver.reached.acquire(timeout=120), f"{len(receiver.got)} messages came"
                one.kill()
                two.kill()
                receiver.killed.release()
        while app.live.sending.round():
            pass
        first = list(dict.fromkeys(receiver.got))
        assert len(first) == EVENTS
        for subject in range(SUBJECTS):
            steps = [step for _, about, step in first if about == f"proposal/{subject}"]
            assert steps == sorted(steps)
        # Whatever came is written down as an attempt, but for what its sender died over: that was sent again. Each of the two may die over one, since the
        # second takes the claim as soon as the first is dead.
        log = app.live.webhooks.deliveries(ada, hook.id, limit=100)[0]
        unwritten = len(receiver.got) - sum(delivery.tries for delivery in log)
        assert len(DEATHS) <= unwritten <= 2 * len(DEATHS)
        assert {receiver.got[death - 1] for death in DEATHS} <= {each for each in first if receiver.got.count(each) > 1}
        assert {delivery.state for delivery in log} == {store.DELIVERED}
