"""Commands that take in files: `import esco`, `import rome`, `import crosswalk`.

Flow: path -> importer (opens and checks) -> `services.importing` -> report, printed here.
"""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wikic.cli_output import Bars, JsonFlag, actor, opened, plain, print_json, remark, table
from wikic.errors import InvalidInput, SourceError

if TYPE_CHECKING:
    from wikic.domain.records import Source
    from wikic.services.import_reviewing import Review
    from wikic.services.importing import ImportReport

PathArgument = Annotated[
    Path, typer.Argument(help="A file, a folder (files at any depth) or a .zip.", show_default=False)
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would change, and write nothing.")]
AllowRemovals = Annotated[
    bool, typer.Option("--allow-removals", help="Deprecate what is gone, even more than 5% of a kind.")
]
Complete = Annotated[bool, typer.Option("--complete", help="The files hold everything: what they do not name is gone.")]
ReviewFile = Annotated[
    Path | None,
    typer.Option(
        "--review",
        help="Write nothing to the store, but a release note of what would change to this file: JSON if it ends in .json, else text.",
        show_default=False,
    ),
]
ReviewName = Annotated[
    str | None,
    typer.Option(
        "--review-as",
        help="Write nothing to the framework, but keep the release note of what would change under this name, for /imports.",
        show_default=False,
    ),
]
Older = Annotated[bool, typer.Option("--older", help="Take an older version than the one that was imported last.")]

_SHOWN_PLACES = 3
_RDF = frozenset((".ttl", ".turtle", ".nt", ".ntriples", ".rdf", ".owl"))


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person may ask of any import."""

    dry_run: bool
    allow_removals: bool
    complete: bool
    older: bool
    review: Path | None
    keep_as: str | None


def register(app: typer.Typer) -> None:
    """Add the commands of this group."""
    group = typer.Typer(help="Take in ESCO, ROME, or a mapping table.", no_args_is_help=True, rich_markup_mode=None)
    group.command("esco")(import_esco)
    group.command("rome")(import_rome)
    group.command("crosswalk")(import_crosswalk)
    app.add_typer(group, name="import")


def import_esco(
    path: PathArgument,
    version: Annotated[str, typer.Option("--version", help="The version of ESCO, such as 1.2.0.", show_default=False)],
    lang: Annotated[
        list[str] | None,
        typer.Option("--lang", help="Keep this language only; may be repeated, or fr,en.", show_default="all"),
    ] = None,
    dry_run: DryRun = False,
    allow_removals: AllowRemovals = False,
    complete: Complete = False,
    older: Older = False,
    review: ReviewFile = None,
    review_as: ReviewName = None,
    as_json: JsonFlag = False,
) -> None:
    """ESCO: Turtle, N-Triples or RDF/XML (also .gz, .zip), or the CSV set."""
    languages = split_languages(lang)
    if not any(letter.isdigit() for letter in version):
        # What has no number cannot come after another one.
        raise InvalidInput(f"--version {version!r} is no version such as 1.2.0")

    def open_source() -> Source:
        if holds_csv(path):
            from importers.esco_csv import open_esco_csv

            return open_esco_csv(path, version=version, langs=languages)
        from importers.esco_rdf import open_esco_rdf

        return open_esco_rdf(path, version=version, langs=languages)

    _import(path, open_source, Asked(dry_run, allow_removals, complete, older, review, review_as), as_json=as_json)


def import_rome(
    path: PathArgument,
    dry_run: DryRun = False,
    allow_removals: AllowRemovals = False,
    complete: Complete = False,
    older: Older = False,
    review: ReviewFile = None,
    review_as: ReviewName = None,
    as_json: JsonFlag = False,
) -> None:
    """ROME 4.0: its CSV files; the version comes from them."""

    def open_source() -> Source:
        from importers.rome import open_rome

        return open_rome(path)

    _import(path, open_source, Asked(dry_run, allow_removals, complete, older, review, review_as), as_json=as_json)


def import_crosswalk(
    path: PathArgument,
    version: Annotated[
        str | None, typer.Option("--version", help="The version of the table.", show_default="the one in the file")
    ] = None,
    dry_run: DryRun = False,
    allow_removals: AllowRemovals = False,
    complete: Complete = False,
    older: Older = False,
    review: ReviewFile = None,
    review_as: ReviewName = None,
    as_json: JsonFlag = False,
) -> None:
    """A mapping table: ESCO to ROME or another classification (CSV), or ROME to ISCO (XLSX)."""

    def open_source() -> Source:
        from importers.crosswalk import open_crosswalk

        return open_crosswalk(path, version=version)

    _import(path, open_source, Asked(dry_run, allow_removals, complete, older, review, review_as), as_json=as_json)


def split_languages(given: list[str] | None) -> list[str] | None:
    """`["fr,en", "de"]` -> `["fr", "en", "de"]`; None where nothing was given. Raises InvalidInput."""
    languages = [tag.strip() for value in given or () for tag in value.split(",") if tag.strip()]
    for tag in languages:
        if not tag.replace("-", "").isalnum() or len(tag) > 35:
            raise InvalidInput(f"--lang {tag!r} is not a language tag such as fr")
    return list(dict.fromkeys(languages)) or None


def holds_csv(path: Path) -> bool:
    """Whether an ESCO download is the CSV set (else it is RDF), by the names of its files, also within .zip.

    Raises InvalidInput where it holds both: they say the same thing twice.
    """
    suffixes = {Path(name.lower().removesuffix(".gz")).suffix for name in _names(path)}
    if ".csv" in suffixes and suffixes & _RDF:
        raise InvalidInput(f"{path} holds both CSV and RDF files: name the folder or file of one of them")
    return ".csv" in suffixes


def _names(path: Path) -> Iterator[str]:
    files = (file for file in path.rglob("*") if file.is_file()) if path.is_dir() else iter([path])
    for file in files:
        if file.suffix.lower() == ".zip" and zipfile.is_zipfile(file):
            with zipfile.ZipFile(file) as archive:
                yield from archive.namelist()
        else:
            yield file.name


def _import(path: Path, open_source: Callable[[], Source], options: Asked, *, as_json: bool) -> None:
    if not path.exists():
        raise SourceError(f"{path}: there is no such file or folder")
    source = open_source()
    with opened() as app, Bars() as bars:
        from wikic.services.import_planning import ImportOptions

        # Readers come first: the site may run on this machine too.
        os.nice(10)
        asked = asdict(options) | {"review": options.review is not None}
        report = app.importing.run(source, ImportOptions(actor=actor(), **asked), progress=bars.stage)
    note, report.review = report.review, None
    if report.kept_review:
        remark(f"the review is kept: /imports/{report.kept_review}")
    if options.review is not None and note is not None:
        _write_review(options.review, note)
    if as_json:
        print_json(report)
    else:
        print_report(report)


def _write_review(path: Path, note: Review) -> None:
    from wikic.services.import_reviewing import review_text

    as_json = path.suffix.lower() == ".json"
    path.write_text(json.dumps(plain(note), ensure_ascii=False, indent=2) + "\n" if as_json else review_text(note), encoding="utf-8")
    remark(f"the release note is in {path}")


def print_report(report: ImportReport) -> None:
    """Print what an import did: the outcome, the numbers as a table, then what was not kept, and remarks."""
    version = "" if report.version in report.title else f", version {report.version}"
    print(f"{report.title}{version}: {_outcome(report)}")
    rows = report_rows(report)
    if rows:
        table(("", "", "number"), rows, right=(2,))
    for slug, (reason, count, places) in report.skipped.items():
        shown = ", ".join(places[:_SHOWN_PLACES]) + (", ..." if count > _SHOWN_PLACES else "")
        print(f"skipped {count:,} ({slug}): {reason}: {shown}")
    for note in report.notes:
        print(f"note: {note}")
    if report.applied_review:
        print(f"this applies the review /imports/{report.applied_review}")
    if report.seconds:
        print(", ".join(f"{stage} {seconds:.1f} s" for stage, seconds in report.seconds.items()))


def _outcome(report: ImportReport) -> str:
    if report.dry_run:
        return "this would change; nothing was written" if report_rows(report) else "nothing would change; nothing was written"
    return "nothing new, nothing was written" if report.seq is None else f"written as number {report.seq}"


def report_rows(report: ImportReport) -> list[tuple[str, str, int]]:
    """The numbers of a report as (what, which, how many); what is zero is left out."""
    changed = {"concepts": report.changed_concepts, **report.changed}
    groups: tuple[tuple[str, dict[str, int]], ...] = (
        ("read", report.read),
        ("added", report.added),
        ("changed", changed),
        ("removed", report.removed),
        ("unchanged", {"concepts": report.unchanged}),
        ("relations", report.relations),
        ("conflicts", {"kept as they are here": len(report.conflicts)}),
    )
    return [(name, which, count) for name, counts in groups for which, count in counts.items() if count]
