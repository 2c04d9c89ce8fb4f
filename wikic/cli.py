"""The command line, top of the house: `wikic COMMAND`.

Commands live in `cli_*.py`, a module a group, and import what is heavy when they run. Exit status: 0 done; 1 refused or
failed, with one line on stderr; 2 wrong usage; 130 interrupted.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from wikic import (
    __version__,
    cli_admin,
    cli_audit,
    cli_badge,
    cli_deployment,
    cli_dump,
    cli_import,
    cli_levels,
    cli_organisation,
    cli_proposal,
    cli_read,
    cli_refresh,
    cli_release,
    cli_revert,
    cli_search,
    cli_serve,
    cli_user,
    cli_webhook,
)
from wikic.errors import WikicError

app = typer.Typer(
    name="wikic",
    help="Wiki-C: an open, moderated, versioned framework of occupations and competencies.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(asked: bool) -> None:
    if asked:
        print(f"wikic {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    pass


for _group in (
    cli_serve, cli_import, cli_read, cli_search, cli_release, cli_revert, cli_dump, cli_user, cli_organisation, cli_proposal, cli_webhook, cli_badge,
    cli_levels, cli_refresh, cli_deployment, cli_admin, cli_audit,
):  # fmt: skip
    _group.register(app)


def run(arguments: Sequence[str]) -> int:
    """Run one command; returns its exit status and lets no exception out."""
    try:
        app(list(arguments), prog_name="wikic")
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except KeyboardInterrupt:
        return 130
    except WikicError as error:
        return _fail(error.message)
    except BrokenPipeError:
        # Whoever read our output has gone (`| head`). Python would complain once more when it flushes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return _fail(f"{where}{error.strerror or error}")
    except Exception as error:
        from wikic.config import debugging

        if debugging():
            raise
        return _fail(f"a fault of Wiki-C itself: {type(error).__name__}: {error} (WIKIC_LOG_LEVEL=debug shows where)")
    return 0


def _fail(message: str) -> int:
    print(f"wikic: {' '.join(message.split())}", file=sys.stderr)
    return 1


def main() -> None:
    """Entry point of the `wikic` script."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
