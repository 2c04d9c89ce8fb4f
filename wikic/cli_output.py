"""What all commands share: output for people and for machines, progress bars, and the opened store.

Results go to stdout; progress, remarks and errors to stderr, so that a pipe holds nothing but results.
"""

from __future__ import annotations

import getpass
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from wikic.bootstrap import App
    from wikic.config import Settings
    from wikic.domain.access import Actor
    from wikic.services.accounts_invitations import Invitation

JsonFlag = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]

_REDRAW_SECONDS = 0.1


def plain(value: Any) -> Any:
    """The same value in what JSON knows: dataclasses and named tuples become objects, sets sorted lists."""
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return plain(value._asdict())
    if isinstance(value, Mapping):
        return {_key(key): plain(item) for key, item in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted((plain(item) for item in value), key=str)
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray)):
        return [plain(item) for item in value]
    return str(value)


def _key(key: object) -> str:
    return "/".join(map(str, key)) if isinstance(key, tuple) else str(key)


def print_json(value: Any) -> None:
    """Write one JSON document to stdout."""
    sys.stdout.write(json.dumps(plain(value), ensure_ascii=False, indent=2) + "\n")


def actor() -> str:
    """Who runs the command, for the change log: the account's name on this machine."""
    try:
        return f"operator:{getpass.getuser()}"
    except (OSError, KeyError):  # an account without a name, as in a container
        return "operator"


def me() -> Actor:
    """Who runs the command, as the services want it: on the machine itself, an admin."""
    from wikic.domain.access import operator

    return operator(actor())


def read_words(source: Path) -> str:
    """The text of a file; `-` is stdin. Raises InvalidInput."""
    from wikic.errors import InvalidInput

    try:
        return sys.stdin.read() if str(source) == "-" else source.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise InvalidInput(f"{source} is no text in UTF-8") from None


def read_json(source: Path) -> Any:
    """What a JSON file holds; `-` is stdin. Raises InvalidInput."""
    from wikic.errors import InvalidInput

    text = read_words(source)
    try:
        return json.loads(text)
    except ValueError as error:
        raise InvalidInput(f"{source} is no JSON: {error}") from None
    except RecursionError:
        raise InvalidInput(f"{source} is no JSON for us: objects are too deep within each other") from None


def print_invitation(link: str, invitation: Invitation, as_json: bool) -> None:
    """The link of an invitation that was just made, or to whom it was mailed."""
    if as_json:
        print_json({"link": link or None, "mailed": None if link else invitation.email})
    else:
        print(link or f"mailed to {invitation.email}")


def remark(text: str) -> None:
    """Tell people something that is not part of the result."""
    print(text, file=sys.stderr)


def table(columns: Sequence[str], rows: Sequence[Sequence[object]], *, right: Sequence[int] = ()) -> None:
    """Print a table to stdout: for people on a terminal, with tabs in a pipe. `right` are columns of numbers."""
    if not sys.stdout.isatty():
        for row in rows:
            print("\t".join(" ".join(str(value).split()) for value in row))
        return
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=SIMPLE_HEAD, pad_edge=False)
    for index, column in enumerate(columns):
        drawn.add_column(column, justify="right" if index in right else "left", overflow="fold")
    for row in rows:
        drawn.add_row(*(Text(_cell(value)) for value in row))
    Console().print(drawn)


def amount(number: int, one: str, many: str = "") -> str:
    """The number with its noun: `1 line`, `2,000 lines`; `many` where the plural is more than an s."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def _cell(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int):
        return str(value)
    return f"{value:,}"


class Bars:
    """Progress bars on stderr with rate and time left; nothing at all where stderr is no terminal. Use as a context."""

    def __init__(self, *, show: bool | None = None) -> None:
        self._progress: Any = None
        self._stages: dict[str, Callable[[int, int], None]] = {}
        self._show = sys.stderr.isatty() if show is None else show

    def __enter__(self) -> Bars:
        if self._show:
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

            self._progress = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                TaskProgressColumn(),
                TextColumn("{task.fields[rate]}"),
                TimeRemainingColumn(),
                console=Console(stderr=True),
            )
            self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._progress is not None:
            self._progress.stop()

    def bar(self, label: str, unit: str) -> Callable[[int, int], None]:
        """A new bar; call what is returned with (done, total). A unit of "B" is shown as megabytes."""
        if self._progress is None:
            return lambda _done, _total: None
        progress, task = self._progress, None
        first, started, drawn = 0, 0.0, 0.0

        def report(done: int, total: int) -> None:
            nonlocal task, first, started, drawn
            now = time.monotonic()
            if done < total and now - drawn < _REDRAW_SECONDS:
                return
            drawn = now
            if task is None:
                task = progress.add_task(label, total=total or None, rate="")
                first, started = done, now
            # No total: the bar only moves.
            progress.update(task, completed=done, total=total or None, rate=rate(done - first, now - started, unit))

        return report


    def stage(self, name: str, done: int, total: int) -> None:
        """Report by the name of a stage, a bar each. "reading" is counted in bytes, the others in rows."""
        if name not in self._stages:
            self._stages[name] = self.bar(name, "B" if name == "reading" else "rows")
        self._stages[name](done, total)


def rate(done: int, seconds: float, unit: str) -> str:
    """How fast, in words: "12.3 MB/s" where the unit is "B", else "1,234 rows/s"; "" where it is too early to say."""
    if seconds < _REDRAW_SECONDS:
        return ""
    return f"{done / seconds / 1e6:,.1f} MB/s" if unit == "B" else f"{done / seconds:,.0f} {unit}/s"


def start_logging(current: Settings, *, quiet: bool) -> None:
    """Set up the log. A `quiet` command says only warnings, unless WIKIC_LOG_LEVEL asks for more."""
    from wikic.logs import configure

    level = current.log_level
    configure(current.log, "warning" if quiet and "log_level" not in current.model_fields_set else level)


@contextmanager
def opened(current: Settings | None = None, *, exclusive: bool = False) -> Iterator[App]:
    """The configured store with its services, closed at the end; `exclusive`: with no other process on it.

    Raises WikicError where it cannot be opened.
    """
    from wikic.bootstrap import open_app
    from wikic.config import settings

    current = settings() if current is None else current
    start_logging(current, quiet=True)
    app = open_app(current, exclusive=exclusive)
    try:
        yield app
    finally:
        app.close()
