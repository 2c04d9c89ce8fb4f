"""The command line's promises: exit status, one clear line, clean stdout, and a start that loads nothing heavy."""

from __future__ import annotations

import errno
import json
import os
import re
import socket
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer

from wikic import __version__, cli, cli_import, cli_read, config
from wikic.errors import InvalidInput, NotFound
from wikic.logs import configure

HEAVY = ("fastapi", "neo4j", "openpyxl", "pydantic", "pyoxigraph", "rdflib", "rich", "structlog", "uvicorn")
WITHOUT_JSON = {"demo", "serve"}


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith(config.PREFIX):
            monkeypatch.delenv(name)
    monkeypatch.setenv("WIKIC_DATA", str(tmp_path / "data"))
    config.settings.cache_clear()


def _commands(group: Any, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    found: dict[tuple[str, ...], Any] = {}
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            found |= _commands(command, (*path, name))
        else:
            found[*path, name] = command
    return found


COMMANDS = _commands(typer.main.get_command(cli.app))


def test_all_commands_are_there() -> None:
    assert {" ".join(path) for path in COMMANDS} >= {
        "demo", "serve", "import esco", "import rome", "import crosswalk", "show", "diff", "release freeze",
        "release list", "backup", "restore", "check", "config",
    }


@pytest.mark.parametrize("path", sorted(COMMANDS), ids=" ".join)
def test_every_command_explains_itself(path: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run([*path, "--help"]) == 0
    captured = capsys.readouterr()
    assert captured.out.startswith(f"Usage: wikic {' '.join(path)}")
    assert captured.err == ""
    for parameter in COMMANDS[path].params:
        assert parameter.help, f"{parameter.name} is not explained"


def test_docs_list_every_command_with_its_own_words() -> None:
    page = (Path(__file__).parents[2] / "docs" / "commands.md").read_text(encoding="utf-8")
    rows = [line.removeprefix("| `wikic ").removesuffix(" |").partition("` | ") for line in page.splitlines() if line.startswith("| `wikic ")]
    documented = {" ".join(word for word in usage.split() if re.fullmatch("[a-z][a-z-]*", word)): said for usage, _, said in rows}
    assert documented == {" ".join(path): " ".join(command.help.split()) for path, command in COMMANDS.items()}


@pytest.mark.parametrize("path", sorted(COMMANDS), ids=" ".join)
def test_every_command_has_json_for_machines(path: tuple[str, ...]) -> None:
    options = {option for parameter in COMMANDS[path].params for option in parameter.opts}
    assert ("--json" in options) != (path[0] in WITHOUT_JSON)


def test_start_loads_nothing_heavy() -> None:
    code = f"import sys, wikic.cli; print(sorted(set({HEAVY!r}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["--version"]) == 0
    assert capsys.readouterr().out == f"wikic {__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [["nonsense"], ["import", "esco"], ["import", "rome", "x", "--nonsense"], ["config", "superfluous"]],
    ids=" ".join,
)
def test_wrong_usage_is_status_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "wikic" in captured.err


@pytest.mark.parametrize(
    ("raised", "status", "line"),
    [
        (NotFound("no concept rome:X:\n look for it"), 1, "wikic: no concept rome:X: look for it\n"),
        (OSError(errno.ENOSPC, "No space left", "some.file"), 1, "wikic: some.file: No space left\n"),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_what_goes_wrong_is_one_line_and_a_status(
    raised: BaseException,
    status: int,
    line: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(config, "describe", _raiser(raised))
    assert cli.run(["config"]) == status
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == line


def test_a_fault_of_ours_is_one_line_too(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(config, "describe", _raiser(ZeroDivisionError("seven by\nnought")))
    assert cli.run(["config"]) == 1
    assert capsys.readouterr().err.startswith("wikic: a fault of Wiki-C itself: ZeroDivisionError: seven by nought (")
    monkeypatch.setenv("WIKIC_LOG_LEVEL", "debug")
    with pytest.raises(ZeroDivisionError):
        cli.run(["config"])


def _raiser(error: BaseException) -> Callable[..., object]:
    def fail(*_: object) -> object:
        raise error

    return fail


def test_a_wrong_setting_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("WIKIC_LOG", "xml")
    assert cli.run(["config"]) == 1
    assert capsys.readouterr() == ("", "wikic: WIKIC_LOG must be console or json\n")


def test_a_reader_that_goes_away_is_no_fault() -> None:
    command = f"{sys.executable} -m wikic.cli config --json | true"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert done.stderr == ""


def test_config_masks_secrets(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("WIKIC_STORE_PASSWORD", "tell-nobody")
    monkeypatch.setenv("WIKIC_STOER", "embedded")
    assert cli.run(["config", "--json"]) == 0
    printed = capsys.readouterr().out
    assert "tell-nobody" not in printed
    answer = json.loads(printed)
    assert answer["unknown"] == ["WIKIC_STOER"]
    rows = {row["name"]: row for row in answer["settings"]}
    assert rows["WIKIC_STORE_PASSWORD"]["value"] == "********"
    assert rows["WIKIC_STORE_PASSWORD"]["origin"] == "environment"


def test_config_in_a_pipe_is_tabs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("WIKIC_LOG", "json")
    assert cli.run(["config"]) == 0
    lines = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert {len(line) for line in lines} == {4}
    assert ["WIKIC_LOG", "json", "environment"] in [line[:3] for line in lines]


def test_a_taken_port_is_refused_before_the_store_is_touched(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert cli.run(["serve", "--port", port]) == 1
        assert cli.run(["demo", "--port", port]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert [line.split(" (")[0] for line in captured.err.splitlines()] == [
        f"wikic: cannot listen at 127.0.0.1:{port}"
    ] * 2
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("source", ["rome", "crosswalk"])
def test_an_absent_file_is_refused_before_the_store_is_touched(
    source: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["import", source, str(tmp_path / "absent.zip")]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert "absent.zip" in captured.err
    assert not (tmp_path / "data").exists()


def test_languages_may_be_repeated_or_listed() -> None:
    assert cli_import.split_languages(None) is None
    assert cli_import.split_languages(["fr, en", "de", "fr"]) == ["fr", "en", "de"]
    with pytest.raises(InvalidInput, match="'f r'"):
        cli_import.split_languages(["f r"])


@pytest.mark.parametrize("version", ["", " ", "latest"])
def test_what_has_no_number_is_no_version(version: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "esco.ttl").touch()
    assert cli.run(["import", "esco", str(tmp_path / "esco.ttl"), "--version", version]) == 1
    assert "is no version such as 1.2.0" in capsys.readouterr().err


def test_csv_and_rdf_downloads_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "csv" / "deep").mkdir(parents=True)
    (tmp_path / "csv" / "deep" / "skills_fr.CSV").touch()
    (tmp_path / "rdf").mkdir()
    (tmp_path / "rdf" / "esco.ttl").touch()
    for kind in ("csv", "ttl"):
        with zipfile.ZipFile(tmp_path / f"{kind}.zip", "w") as archive:
            archive.writestr(f"folder/esco.{kind}", "x")
    assert cli_import.holds_csv(tmp_path / "csv")
    assert cli_import.holds_csv(tmp_path / "csv.zip")
    assert not cli_import.holds_csv(tmp_path / "rdf")
    assert not cli_import.holds_csv(tmp_path / "ttl.zip")
    assert not cli_import.holds_csv(tmp_path / "esco.ttl.gz")
    assert cli_import.holds_csv(tmp_path / "skills_fr.csv.gz")
    (tmp_path / "rdf" / "skills_fr.csv").touch()
    with pytest.raises(InvalidInput, match="both CSV and RDF"):
        cli_import.holds_csv(tmp_path / "rdf")


def test_one_moment_only() -> None:
    assert cli_read.moment(None, None) == ""
    assert cli_read.moment("2026", None) == "2026"
    assert cli_read.moment(None, 0) == "0"
    with pytest.raises(InvalidInput, match="one moment"):
        cli_read.moment("2026", 3)


@pytest.mark.parametrize("form", ["console", "json"])
def test_logs_go_to_stderr_in_one_form(form: Any, capsys: pytest.CaptureFixture[str]) -> None:
    import logging

    import structlog

    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    try:
        configure(form, "warning")
        structlog.get_logger("ours").warning("first", seq=7)
        structlog.get_logger("ours").info("not said")
        logging.getLogger("theirs").error("second %s", "one")
    finally:
        root.handlers[:] = before
        root.setLevel(level)
        structlog.reset_defaults()
    captured = capsys.readouterr()
    assert captured.out == ""
    lines = captured.err.splitlines()
    assert len(lines) == 2
    if form == "json":
        first, second = map(json.loads, lines)
        assert (first["event"], first["seq"], first["level"], first["logger"]) == ("first", 7, "warning", "ours")
        assert (second["event"], second["level"]) == ("second one", "error")
    else:
        assert "first" in lines[0]
        assert "second one" in lines[1]
