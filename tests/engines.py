"""The two engines for tests: an embedded ArcadeDB and a real Neo4j, each started once a run, on loopback, thrown away.

Neo4j comes from WIKIC_TEST_NEO4J_URI, else from Docker, else from the server's Maven artifacts (see
`neo4j_server/pom.xml`), which are kept in the user's cache. By hand, for benchmarks:

    python -m tests.engines neo4j --data DIR --port N
"""

from __future__ import annotations

import argparse
import atexit
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path

import neo4j
import pytest
from neo4j.exceptions import AuthError, DriverError, Neo4jError

from wikic.store.embedded import open_embedded
from wikic.store.embedded_process import spawn_watched, write_private
from wikic.store.engine import Connection, Engine, Kind, Query

VERSION = "5.26.30"
POM = Path(__file__).parent / "neo4j_server" / "pom.xml"
START_SECONDS = 120.0
QUICK = 1
"""Java's level of compiling that takes least of the processors from the tests beside it; the highest, 4, is for what a server does that lives longer."""
WIPE = Query("tests.wipe", "MATCH (n) DETACH DELETE n")


class NoNeo4jError(Exception):
    """There is no Neo4j for tests here; the message says why."""


@contextmanager
def arcadedb_for_tests() -> Iterator[Connection]:
    """An embedded ArcadeDB over a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="wikic-arcadedb-") as folder, open_embedded(Path(folder)) as store:
        yield store.connection()


@contextmanager
def neo4j_for_tests() -> Iterator[Connection]:
    """A Neo4j whose data may be thrown away; raises NoNeo4jError where none can be had."""
    address = os.environ.get("WIKIC_TEST_NEO4J_URI")
    if address:
        user = os.environ.get("WIKIC_TEST_NEO4J_USER", "neo4j")
        yield Connection(address, user, os.environ.get("WIKIC_TEST_NEO4J_PASSWORD", ""), "neo4j")
    elif _docker_answers():
        with _container() as connection:
            yield connection
    else:
        with tempfile.TemporaryDirectory(prefix="wikic-neo4j-") as folder, run_neo4j(Path(folder)) as connection:
            yield connection


def _docker_answers() -> bool:
    if "DOCKER_HOST" not in os.environ and not Path("/var/run/docker.sock").exists():
        return False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            import docker  # type: ignore[import-untyped]
            import docker.errors  # type: ignore[import-untyped]
        except ImportError:
            return False
        try:
            client = docker.from_env(timeout=5)
        except docker.errors.DockerException:
            return False
        try:
            return bool(client.ping())
        except (docker.errors.DockerException, OSError):
            return False
        finally:
            client.close()


@contextmanager
def _container() -> Iterator[Connection]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from testcontainers.core.container import DockerContainer

        container = DockerContainer(f"neo4j:{VERSION}")
        container.with_env("NEO4J_AUTH", "neo4j/wikic-tests").with_exposed_ports(7687)
        with container:
            uri = f"bolt://{container.get_container_host_ip()}:{container.get_exposed_port(7687)}"
            connection = Connection(uri, "neo4j", "wikic-tests", "neo4j")
            _wait_for_bolt(connection, lambda: None)
            yield connection


def java() -> str:
    """A Java of 17 to 21; raises NoNeo4jError."""
    home = os.environ.get("JAVA_HOME")
    candidates = [str(Path(home) / "bin" / "java")] if home else []
    candidates.append(shutil.which("java") or "")
    for found in filter(os.path.isfile, candidates):
        answer = subprocess.run([found, "-version"], capture_output=True, text=True, check=False).stderr
        match = re.search(r'version "(\d+)', answer)
        if match and 17 <= int(match[1]) <= 21:
            return found
    raise NoNeo4jError("no Docker answers and there is no Java 17 to 21 to run Neo4j with")


def jars(name: str, pom: Path) -> Path:
    """The folder of a server's jars, fetched with Maven the first time."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "wikic"
    folder = cache / name
    if folder.is_dir():
        return folder
    maven = shutil.which("mvn")
    if maven is None:
        raise NoNeo4jError(f"no Docker answers and there is no Maven (mvn) to fetch {name} with")
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as temporary:
        shutil.copy(pom, temporary)
        command = [maven, "-q", "-B", "dependency:copy-dependencies", "-DoutputDirectory=lib"]
        fetched = subprocess.run(command, cwd=temporary, capture_output=True, text=True, check=False)
        if fetched.returncode != 0:
            lines = (fetched.stdout + fetched.stderr).strip().splitlines() or ["no message"]
            raise NoNeo4jError(f"Maven cannot fetch {name}: {lines[0]}")
        # Another run may have been faster: its folder is as good.
        with suppress(OSError):
            (Path(temporary) / "lib").rename(folder)
    return folder


@contextmanager
def run_neo4j(home: Path, port: int = 0, *, compiler: int = QUICK) -> Iterator[Connection]:
    """A Neo4j server over `home`, started now and stopped at the end; what is in the folder stays. `compiler`: Java's level."""
    program, libraries = java(), jars(f"neo4j-{VERSION}", POM)
    conf = home / "conf"
    conf.mkdir(parents=True, exist_ok=True)
    settings = {
        "server.bolt.listen_address": f"127.0.0.1:{port or _free_port()}",
        "server.http.enabled": "false",
        "server.https.enabled": "false",
        "dbms.usage_report.enabled": "false",
        "server.memory.pagecache.size": "256m",
        "db.tx_log.preallocate": "false",
        "db.tx_log.rotation.retention_policy": "keep_none",
        # To stop takes ten seconds otherwise, in which nothing happens.
        "internal.server.bolt.thread_pool_shutdown_wait_time": "0s",
    }
    (conf / "neo4j.conf").write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
    password_file = home / "password"
    if not password_file.exists():
        write_private(password_file, "wikic-tests")
    uri = f"bolt://{settings['server.bolt.listen_address']}"
    connection = Connection(uri, "neo4j", password_file.read_text().strip(), "neo4j")
    memory = ["-Xmx1500m", "-XX:+UseParallelGC", f"-XX:TieredStopAtLevel={compiler}"]
    server = ["-cp", f"{libraries}/*", "org.neo4j.server.CommunityEntryPoint", f"--home-dir={home}", f"--config-dir={conf}"]
    log = home / "server.log"
    with log.open("wb") as output, Path(os.devnull).open("rb") as nothing:
        process, pipe = spawn_watched([program, *memory, *server], nothing, output, home)

    def check() -> None:
        if process.poll() is not None:
            raise NoNeo4jError(f"Neo4j ended with status {process.returncode}: {log.read_text()[-400:]}")

    try:
        _wait_for_bolt(connection, check)
        yield connection
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        with suppress(BrokenPipeError):
            os.write(pipe, b"ended\n")
        os.close(pipe)


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def _wait_for_bolt(connection: Connection, check: Callable[[], None]) -> None:
    """Wait until the server answers to the password, which is set the first time."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        check()
        try:
            _ask(connection.uri, connection.password, connection.database, "RETURN 1")
            return
        except AuthError:
            with suppress(AuthError, DriverError, Neo4jError):
                change = "ALTER CURRENT USER SET PASSWORD FROM 'neo4j' TO $new"
                _ask(connection.uri, "neo4j", "system", change, new=connection.password)
        except (DriverError, Neo4jError) as error:
            if time.monotonic() > deadline:
                raise NoNeo4jError(f"Neo4j did not answer within {START_SECONDS:.0f} s: {error}") from error
        time.sleep(0.1)


def _ask(uri: str, password: str, database: str, text: str, **parameters: str) -> None:
    with (
        neo4j.GraphDatabase.driver(uri, auth=("neo4j", password), max_transaction_retry_time=0) as driver,
        driver.session(database=database) as session,
    ):
        session.run(text, parameters).consume()


_servers: dict[Kind, Connection | NoNeo4jError] = {}
_running = ExitStack()
atexit.register(_running.close)


def server_for_tests(kind: Kind) -> Connection:
    """The server of this test run, started at the first call; skips (or fails, see above) where there is no Neo4j."""
    if kind not in _servers:
        starting: AbstractContextManager[Connection] = arcadedb_for_tests() if kind == "arcadedb" else neo4j_for_tests()
        try:
            _servers[kind] = _running.enter_context(starting)
        except NoNeo4jError as error:
            _servers[kind] = error
    server = _servers[kind]
    if isinstance(server, NoNeo4jError):
        if os.environ.get("WIKIC_REQUIRE_NEO4J") == "1":
            pytest.fail(f"WIKIC_REQUIRE_NEO4J=1, but {server}")
        pytest.skip(str(server))
    return server


@pytest.fixture(scope="session")
def arcadedb_engine() -> Iterator[Engine]:
    """An Engine on the run's ArcadeDB."""
    with Engine.of(server_for_tests("arcadedb"), "arcadedb") as engine:
        yield engine


@pytest.fixture(scope="session")
def neo4j_engine() -> Iterator[Engine]:
    """An Engine on the run's Neo4j."""
    with Engine.of(server_for_tests("neo4j"), "neo4j") as engine:
        yield engine


@pytest.fixture(params=["arcadedb", "neo4j"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """Each engine in turn, with no data (constraints and indexes stay)."""
    chosen = request.getfixturevalue(f"{request.param}_engine")
    assert isinstance(chosen, Engine)
    wipe(chosen)
    return chosen


def wipe(engine: Engine) -> None:
    """Delete all nodes and relationships; the schema stays."""
    engine.write(lambda transaction: transaction.run(WIPE))


def main() -> None:
    """Run an engine in the foreground until it is interrupted."""
    parser = argparse.ArgumentParser(prog="python -m tests.engines", description=main.__doc__)
    parser.add_argument("engine", choices=["neo4j", "arcadedb"])
    parser.add_argument("--data", type=Path, required=True, help="folder of the data; kept")
    parser.add_argument("--port", type=int, default=0, help="Bolt port (Neo4j); a free one by default")
    arguments = parser.parse_args()
    data = arguments.data.absolute()
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    with ExitStack() as stack:
        if arguments.engine == "neo4j":
            connection = stack.enter_context(run_neo4j(data, arguments.port))
        else:
            connection = stack.enter_context(open_embedded(data)).connection()
        print(f"WIKIC_STORE={connection.uri}")
        print(f"WIKIC_STORE_USER={connection.user}")
        print(f"WIKIC_STORE_PASSWORD={connection.password}")
        print(f"WIKIC_STORE_DATABASE={connection.database}", flush=True)
        ended.wait()


if __name__ == "__main__":
    main()
