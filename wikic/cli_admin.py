"""Commands of who runs the server: `config`, `check`, `backup`, `restore`."""

from __future__ import annotations

import typer

from wikic.cli_output import JsonFlag, print_json, remark, table


def register(app: typer.Typer) -> None:
    """Add the commands of this group."""
    app.command()(config)


def config(as_json: JsonFlag = False) -> None:
    """Print the settings, secrets masked, and where each comes from."""
    from wikic.config import describe, settings, unknown_variables

    rows = describe(settings())
    unknown = unknown_variables()
    if as_json:
        print_json({"settings": rows, "unknown": unknown})
        return
    table(("variable", "value", "from", "what it is"), rows)
    for name in unknown:
        remark(f"{name} is set, but is no setting of Wiki-C")
