"""Commands of whole releases as files: `release dump`, `release quality`, `import wikic`."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from wikic.cli_output import Bars, JsonFlag, actor, opened, print_json, remark, table
from wikic.domain.vocabulary import SCHEMES
from wikic.errors import InvalidInput

if TYPE_CHECKING:
    from wikic.bootstrap import App

_FORMS: Final = ("ttl", "nt", "jsonld", "csv", "case")

Name = Annotated[str, typer.Argument(help="The release.", show_default=False)]


def register(app: typer.Typer) -> None:
    """Add the commands to the groups `release` and `import`, which must be there."""
    groups = {group.name: group.typer_instance for group in app.registered_groups}
    releases, imports = groups["release"], groups["import"]
    if releases is None or imports is None:
        raise LookupError("the groups `release` and `import` are registered before this one")
    releases.command("dump")(dump)
    releases.command("quality")(quality)
    imports.command("wikic")(import_wikic)


def dump(
    name: Name,
    form: Annotated[
        Literal["ttl", "nt", "jsonld", "csv", "case"] | None,
        typer.Option(
            "--format",
            help="Turtle, N-Triples, JSON-LD, ESCO's own CSV files in a zip, or CASE 1.1 (a package, or a zip of one for each scheme).",
            show_default="by the name of the file",
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write here; packed where it ends in .gz.", show_default="stdout")
    ] = None,
    scheme: Annotated[
        str, typer.Option("--scheme", help="For CASE: one scheme, such as esco.", show_default="all, in a zip")
    ] = "",
    lang: Annotated[str, typer.Option("--lang", help="For CASE: the language of names and texts.")] = "fr",
    as_json: JsonFlag = False,
) -> None:
    """Write a whole release, the same bytes each time; `import wikic` reads linked data back, `import esco` the CSV."""
    packed = out is not None and out.suffix == ".gz"
    suffix = "" if out is None else (out.with_suffix("") if packed else out).suffix.removeprefix(".")
    chosen = form or ("csv" if suffix == "zip" else suffix)
    if chosen not in _FORMS or (packed and chosen in ("csv", "case")):
        raise InvalidInput(
            "name a form: --format ttl, nt, jsonld, csv or case, or a file that ends in .ttl, .nt, .jsonld or .zip"
        )
    if scheme and chosen != "case":
        raise InvalidInput(f"--scheme is for CASE: a file of the form {chosen} holds the whole release")
    from wikic.config import settings

    started = time.perf_counter()
    with opened() as app:
        base = settings().public_url
        parts = _parts(app, name, base, chosen, packed=packed, scheme=scheme, lang=lang)
        size = _to_stdout(parts) if out is None else _to_file(parts, out)
    seconds = round(time.perf_counter() - started, 3)
    if out is None:
        return
    if as_json:
        print_json({"release": name, "file": str(out), "format": chosen, "size": size, "seconds": seconds})
    else:
        print(f"release {name} is in {out}: {size / 1e6:,.1f} MB, {seconds:.1f} s")


def _download(form: str, *, packed: bool) -> str:
    return "csv.zip" if form == "csv" else f"{form}{'.gz' if packed else ''}"


def _parts(
    app: App, name: str, base: str, form: str, *, packed: bool, scheme: str, lang: str
) -> Iterator[bytes]:
    if form != "case":
        return app.publishing.download(name, base, _download(form, packed=packed), keep=False)
    if not scheme:
        return app.case.archive(name, base, lang)
    chosen = [each for each in app.case.documents_of(name) if each.scheme == scheme]
    if not chosen:
        raise InvalidInput(
            f"release {name} holds nothing of a scheme {scheme[:40]!r}: the schemes are {', '.join(SCHEMES)}"
        )
    return app.case.package(chosen[0], base, lang, keep=False)


def _to_stdout(parts: Iterator[bytes]) -> int:
    size = 0
    for part in parts:
        size += sys.stdout.buffer.write(part)
    sys.stdout.buffer.flush()
    return size


def _to_file(parts: Iterator[bytes], out: Path) -> int:
    new = out.with_name(f"{out.name}.{os.getpid()}.new")
    try:
        with new.open("xb") as file:
            for part in parts:
                file.write(part)
            size = file.tell()
        new.replace(out)
    finally:
        with suppress(FileNotFoundError):
            new.unlink()
    return size


def quality(name: Name, as_json: JsonFlag = False) -> None:
    """Look through a whole release for what SKOS forbids or a careful editor would not leave. Ends with 1 where any of it is ours."""
    with opened() as app:
        report = app.publishing.check(name)
    if as_json:
        print_json(report)
    else:
        from wikic.services.publishing import CHECKS

        rows = [(slug, report.in_source.get(slug, 0), report.ours.get(slug, 0), text) for slug, text in CHECKS.items()]
        table(("check", "in the sources", "ours", ""), rows, right=(1, 2))
        for finding in report.findings:
            if not finding.in_source:
                print(f"{finding.check}: {', '.join(finding.concepts)} {finding.what}".rstrip())
    if report.ours:
        raise typer.Exit(1)


def import_wikic(
    path: Annotated[
        Path, typer.Argument(help="A release download: .nt or .ttl, also .gz or .zip.", show_default=False)
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and check the file, and write nothing.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """A whole release of Wiki-C into an empty store: the same concepts, under the same addresses."""
    from importers.wikic_rdf import open_wikic_rdf

    download = open_wikic_rdf(path)
    with opened() as app, Bars() as bars:
        report = app.loading.run(download, actor=actor(), dry_run=dry_run, progress=bars.stage)
    if as_json:
        print_json(report)
        return
    outcome = "this would be loaded; nothing was written" if report.seq is None else f"loaded as number {report.seq}"
    print(f"{report.title}: {outcome}")
    rows = [("concepts", kind, count) for kind, count in sorted(report.concepts.items())]
    rows += [("relations", kind, count) for kind, count in sorted(report.relations.items())]
    table(("", "", "number"), rows, right=(2,))
    remark(", ".join(f"{stage} {seconds:.1f} s" for stage, seconds in report.seconds.items()))
