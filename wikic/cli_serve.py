"""Commands that serve: `demo` (a throw-away store with the sample in it) and `serve` (the configured store)."""

from __future__ import annotations

import json
import signal
import socket
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from wikic.cli_output import Bars, opened, start_logging
from wikic.domain.access import Grant, operator
from wikic.errors import Conflict, InvalidInput

if TYPE_CHECKING:
    from wikic.bootstrap import App
    from wikic.config import Settings

PORT = 8000

_BACKLOG = 2048
_UVICORN: dict[str, Any] = {
    "log_config": None,
    "access_log": False,
    "server_header": False,
    "timeout_graceful_shutdown": 5,
}
_DEMO_ROLES = {"ada": "proposes changes, and issues badges", "max": "decides on them, and administers"}
_WORKERS_TARGET = "wikic.bootstrap:web_from_environment"


def register(app: typer.Typer) -> None:
    """Add the commands of this group."""
    app.command()(demo)
    app.command()(serve)


def demo(
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="The port.", show_default="8000, or a free one if taken")
    ] = None,
) -> None:
    """A throw-away store, the sample loaded, the site up. Ctrl-C ends it, and nothing remains."""
    from wikic.config import load

    listening = _listen("127.0.0.1", PORT if port is None else port, or_any=port is None)
    address = f"http://localhost:{listening.getsockname()[1]}"
    with listening, _stoppable(), tempfile.TemporaryDirectory(prefix="wikic-demo-") as folder:
        current = load(store="embedded", data=Path(folder) / "data", public_url=address)
        print("Starting a throw-away store and loading the sample", flush=True)
        with opened(current) as app:
            with Bars() as bars:
                load_sample(app, bars, address)
            people = demo_people(app)
            demo_badges(app)
            print("\n".join(demo_lines(address, people)), flush=True)
            _serve_here(app, current, listening)


def serve(
    host: Annotated[str, typer.Option(help="The address to listen at; 0.0.0.0 for all.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 for any free one.")] = PORT,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that answer.")] = 1,
) -> None:
    """The site and the API on the configured store."""
    from wikic.config import settings

    current = settings()
    with _listen(host, port) as listening, _stoppable(), opened(current) as app:
        start_logging(current, quiet=False)
        print(f"Wiki-C at http://{host}:{listening.getsockname()[1]}", flush=True)
        if workers == 1:
            _serve_here(app, current, listening)
        else:
            _serve_in_workers(listening, workers)


def load_sample(app: App, bars: Bars, address: str = "http://localhost:8000") -> None:
    """Load both editions of the sample, and publish the state after each: releases 2025 and 2026. `address`: that of the site."""
    from importers.crosswalk import open_crosswalk
    from importers.esco_rdf import open_esco_rdf
    from importers.rome import open_rome

    sample = Path(__file__).parent / "sample"
    run = app.importing.run
    run(open_esco_rdf(sample / "esco-1.ttl", version="1.0.0"), progress=bars.stage)
    run(open_rome(sample / "rome-1"), progress=bars.stage)
    run(open_crosswalk(sample / "crosswalk.csv"), progress=bars.stage)
    _release(app, "2025", address)
    run(open_esco_rdf(sample / "esco-2.ttl", version="1.1.0"), progress=bars.stage)
    run(open_rome(sample / "rome-2"), progress=bars.stage)
    _release(app, "2026", address)


def _release(app: App, name: str, address: str) -> None:
    by = operator("demo")
    app.releasing.freeze(name, actor=by)
    app.releases.manifests.prepare(name, address, actor=by)
    app.releasing.publish(name, actor=by)


def demo_people(app: App) -> dict[str, str]:
    """Two accounts to try proposing and deciding with: by name, the link that sets the password."""
    by = operator("demo")
    roles = {"ada": Grant("contributor"), "max": Grant("admin")}
    people = {name: app.accounts.add(name, actor=by, grants=[grant]) for name, grant in roles.items()}
    return {name: app.people.joining.password_link(person.id, actor=by) for name, person in people.items()}


def demo_badges(app: App, manager: str = "ada") -> None:
    """An issuer, managed by one of the demo's accounts, with badge classes bound to competencies of the sample."""
    from wikic.domain.badges import BadgeContent
    from wikic.domain.organisations import Profile
    from wikic.services.binding import Wish

    by = operator("demo")
    sample = json.loads((Path(__file__).parent / "sample" / "badges.json").read_text(encoding="utf-8"))
    issuer = sample["issuer"]
    profile = Profile.of(issuer["profile"])
    app.organisations.make(issuer["slug"], issuer["name"], "issuer", actor=by, profile=profile, private=False, manager=manager)
    for each in sample["badges"]:
        made = app.badges.badging.create(issuer["slug"], BadgeContent.of(each["content"]), by)
        app.badges.bindings.bind([Wish(made.id, concept) for concept in each["concepts"]], by)
        app.badges.badging.publish(made.id, by)


def demo_lines(address: str, people: Mapping[str, str]) -> list[str]:
    """What the demo tells people to open."""
    return [
        f"Wiki-C is at {address}",
        f"  {address}/docs    the API",
        f"  {address}/api/v1/concepts/rome:D1102    an occupation, as JSON",
        f"  {address}/releases/2026    what changed between the two releases",
        f"  {address}/badges    badge classes, and the competencies they attest",
        *(f"  {link}    become {name}, who {_DEMO_ROLES[name]}" for name, link in people.items()),
        "Ctrl-C ends it, and nothing remains.",
    ]


def _serve_here(app: App, current: Settings, listening: socket.socket) -> None:
    import uvicorn

    from wikic.bootstrap import web_of

    uvicorn.Server(uvicorn.Config(web_of(app, current), **_UVICORN)).run(sockets=[listening])


def _serve_in_workers(listening: socket.socket, workers: int) -> None:
    """The store stays open in this process, which owns the embedded engine; the workers attach to it."""
    import uvicorn
    from uvicorn.supervisors import Multiprocess

    config = uvicorn.Config(_WORKERS_TARGET, factory=True, workers=workers, **_UVICORN)
    Multiprocess(config, sockets=[listening]).run()


def _listen(host: str, port: int, *, or_any: bool = False) -> socket.socket:
    """A socket that listens. Raises Conflict where the port is taken, unless any other is as good."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror as error:
        raise InvalidInput(f"--host {host!r} is no address of this machine: {error.strerror}") from error
    listening = socket.socket(family, kind, protocol)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        if or_any:
            return _listen(host, 0)
        raise Conflict(f"cannot listen at {host}:{port} ({error.strerror}): choose another with --port") from error
    return listening


@contextmanager
def _stoppable() -> Iterator[None]:
    """Let SIGTERM end this like Ctrl-C: stores are closed and temporary folders removed. Both are a normal end."""

    def stop(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        with suppress(KeyboardInterrupt):
            yield
    finally:
        signal.signal(signal.SIGTERM, before)
