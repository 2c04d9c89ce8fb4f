"""Commands of the yearly version: `release preview`, `freeze`, `prepare`, `publish`, `withdraw`, `list`, `manifest`, `verify`, `delta`, `calendar`."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from wikic.cli_output import JsonFlag, actor, amount, opened, print_json, remark, table
from wikic.domain.access import Actor, operator
from wikic.errors import InvalidInput, SourceError

if TYPE_CHECKING:
    from wikic.domain.delta import Figures
    from wikic.domain.manifest import Manifest
    from wikic.services.releasing_manifest import Verified

Name = Annotated[str, typer.Argument(help="The release.", show_default=False)]
_LARGEST_MANIFEST = 1 << 20


def register(app: typer.Typer) -> None:
    """Add the commands of this group."""
    group = typer.Typer(
        help="Name the framework as it is at one moment, check it, and publish it.", no_args_is_help=True, rich_markup_mode=None
    )
    for command in (preview, freeze, prepare, publish, withdraw, manifest, verify, delta, calendar):
        group.command(command.__name__)(command)
    group.command("list")(list_releases)
    app.add_typer(group, name="release")


def _by() -> Actor:
    return operator(actor())


def preview(
    at: Annotated[int | None, typer.Option("--at", min=1, help="The number to look at.", show_default="the head")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Say what a release of the present state would be: what changed, what the checks find. Ends with 1 where something forbids to publish it."""
    with opened() as app:
        made = app.releases.previews.preview(actor=_by(), at=at)
    if as_json:
        print_json(made)
    else:
        since = f"since release {made.since} ({made.since_seq})" if made.since else "the first release"
        print(f"number {made.seq}, {since}; {made.proposals} open proposals")
        if made.figures is not None:
            _print_figures(made.figures)
        rows = [
            ("blocking" if each.blocking else "in the sources" if each.in_source else "ours", each.check, each.count, each.what)
            for each in made.findings
        ]
        table(("", "check", "number", ""), rows, right=(2,))
        for note in made.notes:
            remark(note)
    if made.blocked:
        raise typer.Exit(1)


def freeze(
    name: Annotated[
        str, typer.Argument(help="The name, such as 2026; 2027-rc1 makes a candidate.", show_default=False)
    ],
    at: Annotated[int | None, typer.Option("--at", min=1, help="The number to name.", show_default="the head")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Give the present state, or an earlier number, a name. Nothing is copied. `prepare` and `publish` come next."""
    with opened() as app:
        release = app.releasing.freeze(name, at=at, actor=_by())
        if as_json:
            print_json(release)
        else:
            print(f"release {release.name} is number {release.seq}: {release.state}", flush=True)
        # Frozen already; what it changed is asked for next.
        app.releases.deltas.keep(name)


def prepare(name: Name, as_json: JsonFlag = False) -> None:
    """Make the manifest of a frozen release: digests, checks and signature."""
    from wikic.config import settings

    with opened() as app:
        made = app.releases.manifests.prepare(name, settings().public_url, actor=_by())
    if as_json:
        print_json(made)
        return
    _print_manifest(made)


def publish(name: Name, as_json: JsonFlag = False) -> None:
    """Open a release to every reader; its manifest is made first if it is not there. This cannot be undone."""
    from wikic.config import settings

    with opened() as app:
        app.releases.manifests.prepare(name, settings().public_url, actor=_by())
        release = app.releasing.publish(name, actor=_by())
        app.refresh.refreshing.catch_up()
    if as_json:
        print_json(release)
    else:
        print(f"release {release.name} is published")


def withdraw(name: Name, as_json: JsonFlag = False) -> None:
    """Take back a release that is frozen and not published; its name is free again."""
    with opened() as app:
        release = app.releasing.withdraw(name, actor=_by())
    if as_json:
        print_json(release)
    else:
        print(f"release {release.name} is withdrawn")


def list_releases(as_json: JsonFlag = False) -> None:
    """List the releases, oldest number first."""
    with opened() as app:
        releases = app.releasing.list()
    if as_json:
        print_json(releases)
    else:
        rows = [
            (each.name, each.seq, each.state, each.frozen_at, each.frozen_by, each.published_at) for each in releases
        ]
        table(("release", "number", "state", "frozen at", "by", "published at"), rows, right=(1,))


def manifest(
    name: Name,
    out: Annotated[Path | None, typer.Option("--out", help="Write it here.", show_default=False)] = None,
    as_json: JsonFlag = False,
) -> None:
    """Show the signed manifest of a release, or write it to a file."""
    with opened() as app:
        body = app.releases.manifests.get(name)
    if out is not None:
        _write(out, json.dumps(body, ensure_ascii=False, indent=2).encode() + b"\n")
    elif as_json:
        print_json(body)
    else:
        _print_manifest(body)


def verify(
    name: Annotated[str | None, typer.Argument(help="A release of the store.", show_default=False)] = None,
    dump: Annotated[
        Path | None, typer.Option("--dump", help="A download to check, with nothing else at hand.", show_default=False)
    ] = None,
    manifest: Annotated[Path | None, typer.Option("--manifest", help="Its manifest.", show_default=False)] = None,
    key: Annotated[
        Path | None, typer.Option("--key", help="The public key that must have signed it.", show_default=False)
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Check a release of the store, or a downloaded file, against its signed manifest. Ends with 1 where one byte differs."""
    if name is not None and dump is None and manifest is None and key is None:
        with opened() as app:
            found = app.releases.manifests.verify(name)
    elif name is None and dump is not None and manifest is not None:
        found = _verify_file(dump, manifest, key)
    else:
        raise InvalidInput("give the name of a release, or --dump FILE --manifest FILE [--key FILE]")
    if as_json:
        print_json({"ok": found.ok, "verified": found})
    else:
        for line in found.differences:
            print(line)
        for note in found.notes:
            remark(note)
        if found.ok:
            print(f"release {found.release} is as its manifest says ({amount(found.concepts, 'concept')}), signed with key {found.key_id}")
    if not found.ok:
        raise typer.Exit(1)


def _verify_file(dump: Path, manifest: Path, key: Path | None) -> Verified:
    from importers.wikic_rdf import open_wikic_rdf
    from wikic.crypto.signing import read_public_key
    from wikic.domain.manifest import checked_manifest
    from wikic.services.releasing_manifest import file_facts, form_of, verify_download, verify_file

    with manifest.open("rb") as file:
        content = file.read(_LARGEST_MANIFEST + 1)
    try:
        told = checked_manifest(json.loads(content))
    except (ValueError, RecursionError):
        raise SourceError(f"{manifest} is no JSON, or not UTF-8: fetch the manifest again") from None
    trusted = read_public_key(key.read_text(errors="replace")) if key is not None else ""
    form = form_of(dump.name)
    facts = file_facts(dump, form)
    if form not in ("nt", "ttl", "nt.gz", "ttl.gz"):
        # What these say cannot be read back whole: their bytes are compared.
        return verify_file(told, facts, trusted)
    return verify_download(lambda: open_wikic_rdf(dump).concepts(), told, facts, trusted)


def delta(
    start: Annotated[str, typer.Argument(metavar="FROM", help="A release, or a number.", show_default=False)],
    end: Annotated[str, typer.Argument(metavar="TO", help="A release, or a number.", show_default=False)],
    form: Annotated[Literal["csv", "json"] | None, typer.Option("--format", help="All of it.", show_default=False)] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write here.", show_default="stdout")] = None,
    lang: Annotated[str | None, typer.Option(help="Name concepts in this language.", show_default="fr, en")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Say what a release changed and how much that matters: figures, or with --format every change."""
    with opened() as app:
        made = app.releases.deltas.delta(start, end)
        if form is not None:
            parts = app.releases.deltas.csv_parts(made, lang) if form == "csv" else app.releases.deltas.json_parts(made, (start, end))
            whole = b"".join(parts)
            if out is None:
                typer.get_binary_stream("stdout").write(whole)
            else:
                _write(out, whole)
            return
    if as_json:
        print_json({"from": start, "to": end, "figures": made.figures})
    else:
        _print_figures(made.figures)


def _print_manifest(made: Manifest) -> None:
    rows = [(scheme, each["concepts"], each["relations"], each["sha256"]) for scheme, each in made["schemes"].items()]
    table(("scheme", "concepts", "relations", "SHA-256"), rows, right=(1, 2))
    for check, count in made["checks"]["blocking"].items():
        print(f"forbids to publish: {check} ({count})")


def _print_figures(figures: Figures) -> None:
    rows: list[tuple[str, str, int]] = [("concepts", name, count) for name, count in figures.concepts.items()]
    rows += [("changes", name, count) for name, count in figures.severities.items()]
    for name, count in figures.types.items():
        rows.append(("changes", name, count))
        rows += [(f"  {name}", field, number) for field, number in figures.fields.get(name, {}).items()]
    table(("", "", "number"), rows, right=(2,))


def calendar(as_json: JsonFlag = False) -> None:
    """List the calendar of the next release."""
    with opened() as app:
        entries = app.releases.calendar.list()
    if as_json:
        print_json(entries)
    else:
        rows: list[tuple[Any, ...]] = [(each.day, each.step, each.release, " / ".join(each.text.values())) for each in entries]
        table(("day", "step", "release", ""), rows)


def _write(path: Path, content: bytes) -> None:
    new = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        new.write_bytes(content)
        new.replace(path)
    finally:
        with suppress(FileNotFoundError):
            new.unlink()
