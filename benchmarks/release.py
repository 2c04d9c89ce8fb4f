"""A yearly release on full ESCO: freezing, the manifest, publishing, what it changed, proving it, and its CSV; each by its own command."""

from __future__ import annotations

import json

from benchmarks.common import Bench, Ran, Table, esco_file, import_esco, main, wikic


def body(bench: Bench, table: Table) -> None:
    """Measure."""
    import_esco(bench, esco_file("1.1.0"), "1.1.0")
    _release(bench, "2025")
    import_esco(bench, esco_file("1.1.1"), "1.1.1")
    prepared = _release(bench, "2026")
    table.add("manifest of full ESCO", f"{prepared.seconds:.1f} s", "", f"{prepared.rss:.0f} MB; {prepared.cost()}")
    verified = wikic(bench, "release", "verify", "2026")
    table.add("proving the store", f"{verified.seconds:.1f} s", "", f"{verified.rss:.0f} MB; {verified.cost()}")
    preview = wikic(bench, "release", "preview", "--json")
    table.add("preview with all checks", f"{preview.seconds:.1f} s", "", f"{preview.rss:.0f} MB; {preview.cost()}")
    delta = wikic(bench, "release", "delta", "2025", "2026", "--json")
    changes = json.loads(delta.out)["figures"]["changes"]
    table.add("delta 1.1.0 to 1.1.1, kept on disk", f"{delta.seconds:.1f} s", "", f"{changes:,} changes; {delta.cost()}")
    packed, manifest = bench.folder / "2026.nt.gz", bench.folder / "2026.json"
    wikic(bench, "release", "dump", "2026", "--out", str(packed))
    wikic(bench, "release", "manifest", "2026", "--out", str(manifest))
    offline = wikic(bench, "release", "verify", "--dump", str(packed), "--manifest", str(manifest))
    table.add("proving a download, offline", f"{offline.seconds:.1f} s", "", f"{offline.rss:.0f} MB; {offline.cost()}")
    sheet = bench.folder / "2026.zip"
    made = wikic(bench, "release", "dump", "2026", "--out", str(sheet))
    size = sheet.stat().st_size / 1e6
    table.add("CSV of full ESCO", f"{made.seconds:.1f} s", "", f"{size:.1f} MB; {made.rss:.0f} MB; {made.cost()}")


def _release(bench: Bench, name: str) -> Ran:
    """Freeze, prepare and publish; what preparing took."""
    wikic(bench, "release", "freeze", name)
    prepared = wikic(bench, "release", "prepare", name)
    wikic(bench, "release", "publish", name)
    return prepared


if __name__ == "__main__":
    main("release", __doc__, body)
