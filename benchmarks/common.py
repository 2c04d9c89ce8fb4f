"""What the benchmarks share: an engine of their own in a temporary folder, `wikic` commands that are measured, percentiles, tables.

Every time is given beside the CPU seconds of the client and of the engine: where the clock says much more than both, the machine was busy.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.engines import run_neo4j
from tests.flows.kill_tools import server_pid
from wikic.store.embedded import open_embedded
from wikic.store.engine import Engine, Kind
from wikic.store.schema import ensure_schema

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "wikic" / "benchmarks"
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Bench:
    """A running engine; `env` makes `wikic` commands use it."""

    engine: Engine
    env: dict[str, str]
    folder: Path
    engine_pid: Callable[[], int]

    @property
    def kind(self) -> Kind:
        return self.engine.kind

    def engine_cpu(self) -> float:
        """CPU seconds the engine has used since it started."""
        fields = Path(f"/proc/{self.engine_pid()}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def engine_rss(self) -> float:
        """Memory of the engine now, in MB."""
        return int(Path(f"/proc/{self.engine_pid()}/statm").read_text().split()[1]) * resource.getpagesize() / 1e6


@contextmanager
def own_engine(kind: Kind) -> Iterator[Bench]:
    """An engine over an empty temporary folder, its schema made; gone at the end."""
    with tempfile.TemporaryDirectory(prefix="wikic-benchmark-") as name:
        folder = Path(name)
        env = {key: value for key, value in os.environ.items() if not key.startswith("WIKIC_")}
        if kind == "arcadedb":
            with open_embedded(folder) as store, Engine.of(store.connection(), kind, store.refresh) as engine:
                ensure_schema(engine)
                yield Bench(engine, {**env, "WIKIC_DATA": str(folder)}, folder, lambda: store.engine_pid or 0)
        else:
            with run_neo4j(folder, compiler=4) as connection, Engine.of(connection, kind) as engine:
                ensure_schema(engine)
                given = {
                    "WIKIC_STORE": connection.uri,
                    "WIKIC_STORE_USER": connection.user,
                    "WIKIC_STORE_PASSWORD": connection.password,
                    "WIKIC_STORE_DATABASE": connection.database,
                    "WIKIC_DATA": str(folder / "wikic"),
                }
                pid = server_pid(folder)
                yield Bench(engine, env | given, folder, lambda: pid)


@dataclass(frozen=True, slots=True)
class Ran:
    """What a measured process took: seconds on the clock, CPU seconds of it and of the engine meanwhile, its peak memory in MB, what it printed."""

    seconds: float
    cpu: float
    engine_cpu: float
    rss: float
    out: str

    def cost(self) -> str:
        """The CPU seconds, for a remark."""
        return f"CPU: client {self.cpu:.1f} s, engine {self.engine_cpu:.1f} s"


def measure(command: Sequence[str], env: dict[str, str] | None = None, bench: Bench | None = None) -> Ran:
    """Run a Python command line (what comes after `python`) to its end; raises RuntimeError with its errors where it fails."""
    before = bench.engine_cpu() if bench else 0.0
    started = time.perf_counter()
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen([sys.executable, *command], stdout=out, stderr=errors, env=env, cwd=ROOT)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - started
        out.seek(0)
        errors.seek(0)
        if process.returncode:
            raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}: {errors.read()}")
        engine = bench.engine_cpu() - before if bench else 0.0
        return Ran(seconds, usage.ru_utime + usage.ru_stime, engine, usage.ru_maxrss / 1e3, out.read())


def wikic(bench: Bench, *arguments: str) -> Ran:
    """Run a `wikic` command on the engine, measured."""
    return measure(["-m", "wikic.cli", *arguments], bench.env, bench)


def esco_file(version: str = "1.1.1", *, synthetic: int = 0, limit: int = 0) -> Path:
    """An ESCO-shaped Turtle file, English and French, derived from the real CSV files with the tool beside the project; kept in the user's cache."""
    file = CACHE / f"esco-{version}-{synthetic}-{limit}.ttl"
    if not file.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        new = file.with_suffix(".new")
        options = ["--version", version, "--synthetic-languages", str(synthetic), "--out", str(new)]
        if limit:
            options += ["--limit", str(limit)]
        tool = str(SHARED / "tools" / "esco_csv_to_turtle.py")
        subprocess.run([sys.executable, tool, *options], check=True, capture_output=True)
        new.replace(file)
    return file


def rome_folder() -> Path:
    """The real ROME 4.0 files."""
    return SHARED / "data" / "rome" / "v460"


def import_esco(bench: Bench, file: Path, version: str) -> Ran:
    """`wikic import esco` of a file."""
    return wikic(bench, "import", "esco", str(file), "--version", version)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of them does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, min(len(ordered) - 1, int(share * len(ordered) + 0.999999) - 1))]


@dataclass(slots=True)
class Table:
    """Figures with what they compare with."""

    title: str
    rows: list[tuple[str, str, str, str]] = field(default_factory=list)

    def add(self, figure: str, measured: str, target: str = "", compares: str = "") -> None:
        """One line; printed at once, so that a long run shows how far it is."""
        self.rows.append((figure, measured, target, compares))
        print(f"  {figure}: {measured}", file=sys.stderr, flush=True)

    def show(self) -> None:
        """Print it as a Markdown table."""
        print(f"\n### {self.title}\n\n| figure | measured | target | compares with |\n|---|---|---|---|")
        for row in self.rows:
            print("| " + " | ".join(row) + " |")


def run(name: str, kind: Kind, body: Callable[[Bench, Table], None]) -> None:
    """Run one benchmark on an engine of its own and print its table."""
    table = Table(f"{name}, {kind}")
    with own_engine(kind) as bench:
        body(bench, table)
    table.show()


def engine_argument(doc: str | None) -> argparse.ArgumentParser:
    """A parser with `--engine`."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", choices=["arcadedb", "neo4j"], default="arcadedb")
    return parser


def main(name: str, doc: str | None, body: Callable[[Bench, Table], None]) -> None:
    """The command of a benchmark without options of its own."""
    run(name, engine_argument(doc).parse_args().engine, body)
