"""The command `badge lint`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wikic.cli_output import JsonFlag, amount, opened, print_json, remark, table
from wikic.errors import InvalidInput

if TYPE_CHECKING:
    from wikic.services.linting import Report

def lint(
    what: Annotated[str, typer.Argument(metavar="FILE|ADDRESS", help="A badge: JSON, CSV, PNG, SVG, or where it is.", show_default=False)],
    fix: Annotated[Path | None, typer.Option(help="Write the repaired document there.", show_default=False)] = None,
    lang: Annotated[str, typer.Option(help="The language of names where the badge does not say its own.")] = "fr",
    as_json: JsonFlag = False,
) -> None:
    """Check the alignments of a badge, and repair them. Exit status 1 if there are errors that were not repaired."""
    from wikic.config import settings
    from wikic.domain.open_badges_files import LARGEST_FILE, open_file
    from wikic.errors import TooLarge
    from wikic.services.linting import report_body

    own = settings().public_url
    remote = what.lower().startswith(("http://", "https://"))
    data = b""
    if not remote:
        with Path(what).open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
        if len(data) > LARGEST_FILE:
            raise TooLarge(f"{what}: the file is larger than {LARGEST_FILE:,} bytes")
    with opened() as app:
        report = app.linting.lint_addresses([what], own, lang=lang) if remote else app.linting.lint_file(open_file(data), what, own, lang=lang)
    if fix is not None:
        _write(report, fix)
    if as_json:
        print_json(report_body(report, lang))
    else:
        _print(report)
    if any(finding.problem.severity == "error" and not finding.applied for each in report.documents for finding in each.findings):
        raise typer.Exit(1)


def _write(report: Report, path: Path) -> None:
    import json

    documents = [each.repaired for each in report.documents if not each.sent.refused]
    if not documents:
        raise InvalidInput("there is nothing to write: no document could be read")
    content = documents[0] if len(documents) == 1 else documents
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _print(report: Report) -> None:
    rows = []
    for each in report.documents:
        if each.sent.refused:
            remark(f"{each.sent.source}: {each.sent.refused}")
        for finding in each.findings:
            after = finding.after if finding.repair in ("set", "rename") else ""
            done = "repaired" if finding.applied else "to be checked" if finding.repair else ""
            rows.append((finding.problem.severity, finding.problem.pointer or "/", finding.problem.message, after or "", done))
    table(("severity", "where", "what", "repaired value", ""), rows)
    counts = report.counts()
    found = ", ".join(amount(counts[severity], severity) for severity in ("error", "warning", "note"))
    remark(f"{amount(counts['alignments'], 'alignment')}: {found}; {counts['repaired']} repaired, as of {report.seq}")
