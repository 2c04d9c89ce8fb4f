"""What is logged of an error: where it arose, and nothing of what the code held in its hands (a session's cookie, a password)."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any, Literal

import pytest
import structlog

from wikic import logs


@pytest.fixture
def _logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.mark.usefixtures("_logging_as_it_was")
@pytest.mark.parametrize("form", ["console", "json"])
def test_an_error_is_logged_without_the_values_at_hand(form: Literal["console", "json"], capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(form, "info")
    _fail(logging.getLogger("wikic.tried"), "geheimnis")
    _fail(structlog.stdlib.get_logger("wikic.tried"), "geheimnis")
    written = capsys.readouterr().err
    assert "geheimnis" not in written, "what a variable held is in the log"
    assert "_fail" in written, "the log says where it arose"
    if form == "json":
        lines = [json.loads(line) for line in written.splitlines()]
        assert [line["exception"][0]["exc_type"] for line in lines] == ["ValueError", "ValueError"]
    else:
        assert written.count("\nValueError: a wrong value") == 2


@pytest.mark.usefixtures("_logging_as_it_was")
@pytest.mark.parametrize("form", ["console", "json"])
def test_no_line_holds_codes_of_a_terminal(form: Literal["console", "json"], capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(form, "info")
    logging.getLogger("uvicorn.error").info("Started server process [%d]", 7, extra={"color_message": "Started server process [\x1b[36m%d\x1b[0m]"})
    written = capsys.readouterr().err
    assert ("Started server process [7]" in written, "36m" in written, "color_message" in written) == (True, False, False)


def _fail(logger: Any, cookie: str) -> None:
    try:
        if cookie:
            raise ValueError("a wrong value")
    except ValueError:
        logger.exception("it failed")
