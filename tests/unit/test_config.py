"""Settings: defaults, what the environment says, and one clear line for what is wrong."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from wikic import cli, config
from wikic.bootstrap import open_app
from wikic.errors import InvalidInput

SECRET = "s3cret-that-nobody-may-see-" + "x" * 20


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in list(os.environ):
        if name.startswith(config.PREFIX):
            monkeypatch.delenv(name)
    config.settings.cache_clear()
    yield
    config.settings.cache_clear()


def test_defaults_are_the_embedded_store_in_the_data_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    current = config.load()
    assert current.embedded
    assert current.data == tmp_path / "wikic"
    assert current.store_user == current.store_database == "neo4j"
    assert current.password == ""
    assert current.public_url == "http://localhost:8000"
    assert (current.log, current.log_level) == ("console", "info")


def test_relative_data_home_is_ignored(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "somewhere")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert config.load().data == tmp_path / ".local" / "share" / "wikic"


@pytest.mark.parametrize("uri", [f"{scheme}://graph.example.org:7687" for scheme in config.BOLT_SCHEMES])
def test_every_bolt_address_is_a_store(monkeypatch: pytest.MonkeyPatch, uri: str) -> None:
    monkeypatch.setenv("WIKIC_STORE", uri)
    assert config.load().store == uri
    assert not config.load().embedded


def test_values_are_brought_to_one_form(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIKIC_STORE", " Embedded ")
    monkeypatch.setenv("WIKIC_PUBLIC_URL", "https://skills.example.org/base/")
    monkeypatch.setenv("WIKIC_LOG", "JSON")
    monkeypatch.setenv("WIKIC_LOG_LEVEL", "WARNING")
    monkeypatch.setenv("WIKIC_DATA", "relative")
    monkeypatch.setenv("WIKIC_STORE_USER", "")
    current = config.load()
    assert current.embedded
    assert current.public_url == "https://skills.example.org/base"
    assert (current.log, current.log_level) == ("json", "warning")
    assert current.data == Path.cwd() / "relative"
    assert current.store_user == "neo4j", "an empty variable is an absent one"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WIKIC_STORE", "http://localhost:7474"),
        ("WIKIC_STORE", "bolt://"),
        ("WIKIC_STORE", "postgres"),
        ("WIKIC_PUBLIC_URL", "skills.example.org"),
        ("WIKIC_PUBLIC_URL", "https://skills.example.org/?q=1"),
        ("WIKIC_PUBLIC_URL", "https://ada:secret@skills.example.org"),
        ("WIKIC_PUBLIC_URL", "https://skills.example.org:99999"),
        ("WIKIC_PUBLIC_URL", "https://skills example.org"),
        ("WIKIC_MAIL_FROM", "nobody"),
        ("WIKIC_MAIL_FROM", "Wiki-C <wiki-c@example.org"),
        ("WIKIC_LOG", "xml"),
        ("WIKIC_LOG_LEVEL", "loud"),
        ("WIKIC_ENGINE_HEAP", "lots"),
        ("WIKIC_ENGINE_HEAP", "2g -Dsome.option=1"),
        ("WIKIC_SECRET_KEY", "short"),
        ("WIKIC_DATA", __file__),
    ],
)
def test_a_wrong_value_is_one_line_that_names_its_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(InvalidInput) as caught:
        config.load()
    assert caught.value.message.startswith(f"{name} ")
    assert "\n" not in caught.value.message
    assert "secret" not in caught.value.message


@pytest.mark.parametrize(
    ("name", "value"), [("WIKIC_SMTP_URL", "http://mail.example.org"), ("WIKIC_SIGNING_KEY", "zz"), ("WIKIC_OIDC_ROLES", "editors=king")]
)
def test_a_value_that_is_used_later_is_refused_at_the_start(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    monkeypatch.setenv("WIKIC_MAIL_FROM", "Wiki-C <wiki-c@example.org>")
    assert cli.run(["config"]) == 1
    assert capsys.readouterr().err.startswith(f"wikic: {name}")
    with pytest.raises(InvalidInput, match=name):
        open_app(config.load())


def test_all_wrong_variables_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIKIC_LOG", "xml")
    monkeypatch.setenv("WIKIC_ENGINE_HEAP", "lots")
    with pytest.raises(InvalidInput, match=r"WIKIC_LOG must be console or json; WIKIC_ENGINE_HEAP 'lots'"):
        config.load()


@pytest.mark.parametrize("name", ["WIKIC_STORE_PASSWORD", "WIKIC_SECRET_KEY"])
def test_secrets_are_masked_everywhere(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, SECRET)
    current = config.load()
    rows = {row.name: row for row in config.describe(current)}
    assert rows[name].value == "********"
    assert rows[name].origin == "environment"
    assert SECRET not in repr(current) + str(config.describe(current))


def test_a_password_within_the_address_is_refused_and_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIKIC_STORE", f"bolt://neo4j:{SECRET}@localhost:7687")
    with pytest.raises(InvalidInput, match="WIKIC_STORE_PASSWORD") as caught:
        config.load()
    assert SECRET not in caught.value.message


def test_a_short_secret_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIKIC_SECRET_KEY", "hunter2")
    with pytest.raises(InvalidInput) as caught:
        config.load()
    assert "hunter2" not in caught.value.message


def test_describe_names_every_setting_and_its_origin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIKIC_LOG", "json")
    rows = config.describe(config.load())
    assert [row.name for row in rows] == [config.variable(name) for name in config.Settings.model_fields]
    assert {row.name for row in rows if row.origin == "environment"} == {"WIKIC_LOG"}
    assert all(row.description for row in rows)


def test_overrides_win_over_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WIKIC_STORE", "bolt://localhost:7687")
    current = config.load(store="embedded", data=tmp_path)
    assert current.embedded
    assert current.data == tmp_path


def test_settings_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    first = config.settings()
    monkeypatch.setenv("WIKIC_LOG", "json")
    assert config.settings() is first


def test_slips_of_the_pen_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIKIC_STOER", "bolt://localhost:7687")
    monkeypatch.setenv("WIKIC_TEST_NEO4J_URI", "bolt://localhost:7687")
    assert config.unknown_variables() == ["WIKIC_STOER"]


def test_every_setting_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "operate.md").read_text(encoding="utf-8")
    documented = {line.split("`")[1] for line in page.splitlines() if line.startswith("| `WIKIC_")}
    assert documented == {config.variable(name) for name in config.Settings.model_fields}
