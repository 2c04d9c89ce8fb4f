"""Commands of who runs the server: `config`, `check`, `backup`, `restore`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wikic.cli_output import Bars, JsonFlag, opened, print_json, remark, table
from wikic.errors import StoreError

if TYPE_CHECKING:
    from wikic.services.backup import BackupReport


def register(app: typer.Typer) -> None:
    """Add the commands of this group."""
    app.command()(config)
    app.command()(check)
    app.command()(backup)
    app.command()(restore)


def config(as_json: JsonFlag = False) -> None:
    """Print the settings, secrets masked, and where each comes from."""
    from wikic.bootstrap import require_usable
    from wikic.config import describe, settings, unknown_variables

    rows = describe(settings())
    require_usable(settings())
    unknown = unknown_variables()
    if as_json:
        print_json({"settings": rows, "unknown": unknown})
        return
    table(("variable", "value", "from", "what it is"), rows)
    for name in unknown:
        remark(f"{name} is set, but is no setting of Wiki-C")


def check(as_json: JsonFlag = False) -> None:
    """Prove that the store is consistent. Nothing is changed; status 1 where something is wrong."""
    with opened() as app:
        findings = app.checking.run()
    if as_json:
        print_json(findings)
    else:
        table(
            ("finding", "subject", "what"),
            [(f"note: {each.slug}" if each.note else each.slug, each.subject, each.message) for each in findings],
        )
    wrong = sum(not each.note for each in findings)
    if wrong:
        raise StoreError(f"the store is not consistent: {wrong} findings")
    if not as_json:
        print("the store is consistent")


def backup(
    file: Annotated[Path, typer.Argument(help="The file to make; it must not be there yet.", show_default=False)],
    as_json: JsonFlag = False,
) -> None:
    """Save everything, as of one moment, into a file that any engine can restore. Writers may go on."""
    with opened() as app, Bars() as bars:
        report = app.backup.save(file, bars.stage)
    _print(report, f"saved to {report.path}", as_json=as_json)


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `wikic backup` made.", show_default=False)],
    as_json: JsonFlag = False,
) -> None:
    """Restore a backup into the configured store, which must be empty."""
    with opened(exclusive=True) as app, Bars() as bars:
        report = app.backup.restore(file, bars.stage)
    _print(report, f"restored from {report.path}, saved at {report.created}", as_json=as_json)


def _print(report: BackupReport, outcome: str, *, as_json: bool) -> None:
    if as_json:
        print_json(report)
        return
    heads = ", ".join(f"{space} {head}" for space, head in sorted(report.heads.items()))
    print(f"{outcome}: {report.size / 1e6:,.1f} MB, head {heads}")
    table(("rows", "number"), list(report.counts.items()), right=(1,))
    print(", ".join(f"{stage} {seconds:.1f} s" for stage, seconds in report.seconds.items()))
