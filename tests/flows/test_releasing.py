"""The yearly version: candidates, freezing, manifests, publishing once, withdrawing, and proving a store or a file against what was signed."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path

import pytest

from importers.wikic_rdf import open_wikic_rdf
from tests.flows.proposal_tools import ADA
from tests.sample_world import World, make_world
from wikic import cli
from wikic.crypto.signing import Signer, verifies
from wikic.domain.access import Actor, Grant
from wikic.domain.ids import concept_uuid, rome_key
from wikic.domain.manifest import Manifest, checked_manifest, manifest_digest, signed_bytes
from wikic.domain.proposals_changes import ChangeText, DeprecateConcept
from wikic.domain.records import Label
from wikic.errors import Conflict, Forbidden, InvalidInput, NotFound, SourceError, Unauthenticated, UnknownRelease
from wikic.services.editing import Create, SetLabels, SetText
from wikic.services.releasing_delta import Chosen
from wikic.services.releasing_manifest import FileFacts, Manifests, form_of, verify_download, verify_file
from wikic.store.engine import Engine, Query
from wikic.store.events import read_events
from wikic.store.leases import write_numbered

BASE = "https://skills.example.org"
MODERATOR = Actor("m", "Mo", (Grant("moderator"),), via="session")
READER = Actor("r", "Re", (Grant("contributor"),), via="session")

_RENAME = Query("tests.rename", "MATCH (s:State {concept: $uuid}) SET s.pref__en = s.pref__en + 's'")
_WEAKEN = Query(
    "tests.weaken", "MATCH (:Concept)-[r:REQUIRES]->(:Concept) WITH r LIMIT 1 SET r.importance = 'optional', r.note = 'x'"
)
_LOG = Query("tests.log", "MATCH (c:Change {seq: 1}) SET c.summary = c.summary + '.'")


@pytest.fixture
def world(engine: Engine) -> World:
    return make_world(engine)


def kinds(world: World) -> list[str]:
    return [event.kind for event in read_events(world.app.engine, 0, 1_000) if event.subject == "release/2027"]


def test_from_frozen_to_published(world: World) -> None:
    app = world.app
    frozen = app.releasing.freeze("2027", actor=MODERATOR)
    assert (frozen.state, frozen.seq, frozen.frozen_by) == ("frozen", world.head, "Mo")
    with pytest.raises(Conflict, match="no manifest yet"):
        app.releasing.publish("2027", actor=MODERATOR)
    made = app.releases.manifests.prepare("2027", BASE, actor=MODERATOR)
    assert app.releases.manifests.prepare("2027", BASE, actor=MODERATOR) == made
    published = app.releasing.publish("2027", actor=MODERATOR)
    assert (published.state, published.published_by) == ("published", "Mo")
    assert app.releasing.get("2027") == published
    assert kinds(world) == ["release_frozen", "release_prepared", "release_published"]
    for attempt in (app.releasing.publish, app.releasing.withdraw):
        with pytest.raises(Conflict, match="is published"):
            attempt("2027", actor=MODERATOR)
    with pytest.raises(Conflict, match="choose another name"):
        app.releasing.freeze("2027", actor=MODERATOR)
    assert app.releases.manifests.verify("2027").ok


def test_only_who_may(world: World) -> None:
    app = world.app
    app.releasing.freeze("2027", actor=MODERATOR)
    for actor, error in ((READER, Forbidden), (Actor(), Unauthenticated)):
        for attempt in (app.releasing.freeze, app.releasing.publish, app.releasing.withdraw):
            with pytest.raises(error):
                attempt("2027", actor=actor)
        with pytest.raises(error):
            app.releases.manifests.prepare("2027", BASE, actor=actor)
        with pytest.raises(error):
            app.releases.previews.preview(actor=actor)
    assert kinds(world) == ["release_frozen"]


def test_what_is_frozen_is_hidden_until_published(world: World) -> None:
    app = world.app
    app.releasing.freeze("2027", actor=MODERATOR)
    app.releasing.freeze("2027-rc1", actor=MODERATOR)
    seen, inside = app.reading.seen_by(READER), app.reading.seen_by(MODERATOR)
    for word in (lambda: seen.moment("2027"), lambda: seen.moment_of("2027"), lambda: seen.release("2027")):
        with pytest.raises(UnknownRelease):
            word()
    assert seen.known_moment("2027", None, None) is None
    assert [each["name"] for each in seen.releases().items] == ["2025", "2026", "2027-rc1"]
    assert [each["name"] for each in inside.releases().items] == ["2025", "2026", "2027", "2027-rc1"]
    assert (inside.moment("2027").seq, inside.moment("2027").pinned) == (world.head, False)
    assert (seen.moment("2027-rc1").state, seen.moment("2027-rc1").pinned) == ("candidate", True)
    # A number stays a number.
    assert seen.moment(at=world.head).seq == world.head
    app.releases.manifests.prepare("2027", BASE, actor=MODERATOR)
    app.releasing.publish("2027", actor=MODERATOR)
    assert seen.moment("2027").pinned
    assert seen.release("2027")["state"] == "published"


def test_a_candidate_is_never_published(world: World) -> None:
    app = world.app
    candidate = app.releasing.freeze("2027-rc1", actor=MODERATOR)
    app.releases.manifests.prepare("2027-rc1", BASE, actor=MODERATOR)
    with pytest.raises(Conflict, match="candidate"):
        app.releasing.publish("2027-rc1", actor=MODERATOR)
    with pytest.raises(Conflict, match="already a release named 2027-rc1"):
        app.releasing.freeze("2027-RC1", actor=MODERATOR)
    assert app.releasing.freeze("2027", at=candidate.seq, actor=MODERATOR).seq == candidate.seq


def test_a_withdrawn_name_is_free_again(world: World) -> None:
    app = world.app
    app.releasing.freeze("2027", at=world.first, actor=MODERATOR)
    app.releases.manifests.prepare("2027", BASE, actor=MODERATOR)
    app.releasing.withdraw("2027", actor=MODERATOR)
    with pytest.raises(UnknownRelease):
        app.reading.moment("2027")
    assert app.releasing.freeze("2027", actor=MODERATOR).seq == world.head
    assert app.reading.moment("2027").seq == world.head
    with pytest.raises(NotFound):
        app.releases.manifests.get("2027")


def test_a_manifest_says_what_there_is(world: World) -> None:
    app = world.app
    body = app.releases.manifests.get("2026")
    assert verifies(body["public_key"], signed_bytes(body), body["signature"])
    assert body["previous"] == {"release": "2025", "sha256": manifest_digest(app.releases.manifests.get("2025"))}
    assert app.releases.manifests.get("2025")["previous"] is None
    shown = app.reading.schemes(app.reading.moment("2026")).items
    assert {name: each["concepts"] for name, each in body["schemes"].items()} == {
        str(each["scheme"]): each["total"] for each in shown if each["total"]
    }
    assert set(body["files"]) == {"ttl", "ttl.gz", "nt", "nt.gz", "jsonld", "jsonld.gz", "csv.zip"}
    changed = app.releases.manifests.get("2025")["schemes"]
    assert {name for name in changed if changed[name] != body["schemes"][name]} >= {"esco", "rome"}


@pytest.mark.parametrize("query", [_RENAME, _WEAKEN, _LOG], ids=["label", "relation", "log"])
def test_one_changed_byte_in_the_store_is_found(world: World, query: Query) -> None:
    app = world.app
    app.releasing.freeze("2027", actor=MODERATOR)
    app.releases.manifests.prepare("2027", BASE, actor=MODERATOR)
    assert app.releases.manifests.verify("2027").differences == []
    app.engine.write(lambda tx: tx.run(query, uuid=world.slice))
    assert not app.releases.manifests.verify("2027").ok


def test_later_changes_do_not_touch_a_release(world: World) -> None:
    app = world.app
    app.editing.apply([Create("skill", (Label("fold", "en", "preferred"),))], actor="tester", summary="new")
    for name in ("2025", "2026"):
        found = app.releases.manifests.verify(name)
        assert (found.differences, found.notes) == ([], [])
    other = Manifests(app.engine, app.reading, app.publishing, app.releases.deltas, lambda: _OTHER)
    assert "another key" in other.verify("2026").notes[0]


_OTHER = Signer.made_now()


def test_a_later_manifest_proves_the_earlier(world: World) -> None:
    app = world.app
    body = {**app.releases.manifests.get("2025"), "frozen_at": "2020-01-01T00:00:00.000Z"}
    forged = Query("tests.forge", "MATCH (m:Manifest {key: 'public/2025'}) SET m.body = $body")
    write_numbered(app.engine, lambda tx: tx.run(forged, body=json.dumps(body)))
    assert any("2025" in line for line in app.releases.manifests.verify("2026").differences)
    assert any("signature" in line for line in app.releases.manifests.verify("2025").differences)


class Offline:
    """A download and its manifest on disk, and checking them with nothing else."""

    def __init__(self, world: World, folder: Path, form: str) -> None:
        self.form, self.path = form, folder / f"wikic-2026.{form}"
        self.content = b"".join(world.app.publishing.download("2026", BASE, form, keep=False))
        self.manifest: Manifest = world.app.releases.manifests.get("2026")

    def differences(self, content: bytes | None = None, key: str = "", manifest: Manifest | None = None) -> list[str]:
        content = self.content if content is None else content
        self.path.write_bytes(content)
        from hashlib import sha256

        facts = FileFacts(form_of(self.path.name), sha256(content).hexdigest(), len(content))
        told = manifest or self.manifest
        if "nt" not in self.form and "ttl" not in self.form:
            return verify_file(told, facts, key).differences
        return verify_download(lambda: open_wikic_rdf(self.path).concepts(), told, facts, key).differences


@pytest.mark.parametrize("form", ["nt", "ttl.gz", "jsonld", "csv.zip"])
def test_a_download_is_proved_offline(world: World, tmp_path: Path, form: str) -> None:
    file = Offline(world, tmp_path, form)
    own = world.app.releases.manifests.signer.public_key
    assert file.differences(key=own) == []
    for place in (0, len(file.content) // 2, len(file.content) - 1):
        damaged = bytearray(file.content)
        damaged[place] ^= 1
        assert file.differences(bytes(damaged)), place
    # That it is another's is all that is wrong: nobody changed it.
    (only,) = file.differences(key=_OTHER.public_key)
    assert "signed with key" in only
    assert any("signature" in line for line in file.differences(manifest={**file.manifest, "seq": 1}))


def test_what_a_download_says_is_proved_without_its_digest(world: World, tmp_path: Path) -> None:
    """As for a download of another address of the site: there the bytes differ, but not what they say."""
    file = Offline(world, tmp_path, "nt")
    bare = {**file.manifest, "files": {}}
    world.app.releasing.freeze("2026-rc1", at=world.second, actor=MODERATOR)
    other = b"".join(world.app.publishing.download("2026-rc1", "https://other.example.org", "nt", keep=False))
    told = [line for line in file.differences(other, manifest=bare) if line.startswith(("scheme", "the numbers"))]
    assert told == []
    line = next(each for each in other.splitlines() if b'core#prefLabel> "' in each and b"/c/" in each)
    changed = other.replace(line, line.replace(b'> "', b'> "x'))
    assert any(each.startswith("scheme") for each in file.differences(changed, manifest=bare))


def test_a_file_that_differs_may_be_of_another_version(world: World, tmp_path: Path) -> None:
    file = Offline(world, tmp_path, "nt")
    right = FileFacts("nt", file.manifest["files"]["nt"]["sha256"], file.manifest["files"]["nt"]["size"])
    file.path.write_bytes(file.content)
    for facts, manifest, hinted in ((replace(right, size=1), file.manifest, True), (right, {**file.manifest, "seq": 1}, False)):
        found = verify_download(lambda: open_wikic_rdf(file.path).concepts(), manifest, facts, file.manifest["public_key"])
        assert not found.ok
        assert any("another version" in note for note in found.notes) is hinted


def test_manifests_from_files_are_checked() -> None:
    nothing: list[Manifest | list[str]] = [[], {}, {"format": "wikic-manifest-1"}]
    for bad in nothing:
        with pytest.raises(SourceError, match="no manifest"):
            checked_manifest(bad)
    texts = dict.fromkeys(("release", "space", "frozen_at", "address", "public_key", "signature"), "x")
    with pytest.raises(SourceError, match="wikic-manifest-9"):
        checked_manifest({**texts, "format": "wikic-manifest-9"})
    digest, file = {"concepts": 2, "relations": 1, "sha256": "ab"}, {"sha256": "ab", "size": 3}
    good = {**texts, "format": "wikic-manifest-1", "canonical_form": 1, "schemes": {"esco": digest}, "files": {"nt": file}, "kinds": {"skill": 2}}
    assert checked_manifest(good) == good
    broken: list[tuple[str, object]] = [
        ("kinds", {"skill": "2"}), ("kinds", None), ("schemes", {"esco": 1}), ("schemes", {"esco": {**digest, "concepts": True}}),
        ("schemes", {"esco": {"concepts": 2}}), ("files", {"nt": []}), ("files", {"nt": {**file, "size": "3"}}), ("files", []),
    ]  # fmt: skip
    for name, part in broken:
        with pytest.raises(SourceError, match=name):
            checked_manifest({**good, name: part})
    with pytest.raises(InvalidInput):
        form_of("x.doc")


def test_blocking_findings_forbid_to_publish(world: World) -> None:
    app = world.app
    cut = Query("tests.cut", "MATCH (s:State {concept: $uuid}) WHERE s.to_seq > 9000000000000000 REMOVE s.pref__en")
    app.engine.write(lambda tx: tx.run(cut, uuid=world.slice))
    preview = app.releases.previews.preview(actor=MODERATOR)
    assert [(each.check, each.concepts) for each in preview.findings if each.check == "no-preferred-label"] == [
        ("no-preferred-label", (world.slice,))
    ]
    assert preview.blocked
    app.releasing.freeze("2027", actor=MODERATOR)
    app.releases.manifests.prepare("2027", BASE, actor=MODERATOR)
    with pytest.raises(Conflict, match="no-preferred-label"):
        app.releasing.publish("2027", actor=MODERATOR)


def test_a_preview_names_the_proposals_that_matter(world: World) -> None:
    preview = world.app.releases.previews.preview
    assert (preview(actor=MODERATOR).pending, preview(actor=MODERATOR).pending_total) == ([], 0)
    deltas = world.app.releases.deltas
    changed = deltas.delta("2026", str(world.head)).concepts[0].uuid
    others = [one["uuid"] for one in world.app.reading.concepts(world.app.reading.moment(), limit=50).items if one["uuid"] != changed]
    known = {one.uuid for one in deltas.delta("2026", str(world.head)).concepts}
    still, ended = [uuid for uuid in others if uuid not in known][:2]
    touching = ChangeText(changed, "note", "fr", "À noter.")
    made = [
        world.app.proposing.make([change], ADA, justification="it is so", submit=True).id
        for change in (touching, ChangeText(still, "note", "fr", "À noter."), DeprecateConcept(ended))
    ]
    found = {one.id: (one.touches, one.ends, one.concepts) for one in preview(actor=MODERATOR).pending}
    assert found == {made[0]: (True, False, (changed,)), made[2]: (False, True, (ended,))}
    assert not preview(actor=MODERATOR).blocked


def test_a_preview(world: World) -> None:
    preview = world.app.releases.previews.preview(actor=MODERATOR)
    assert (preview.seq, preview.since, preview.checked, preview.blocked) == (world.head, "2026", True, False)
    assert preview.figures is not None
    # Three were made, two of them replaced at once: what came and went is new only.
    assert preview.figures.concepts == {"new": 3, "modified": 0, "deprecated": 0, "without_replacement": 0}
    assert world.app.releases.previews.preview(actor=MODERATOR, at=world.first).since == "2025"


def test_first_texts_in_a_language_are_chosen_apart(world: World) -> None:
    app, deltas = world.app, world.app.releases.deltas
    renamed = SetLabels(world.slice, "en", (Label("cut bread", "en", "preferred"),))
    named = SetLabels(world.slice, "fr", (Label("trancher", "fr", "preferred"),))
    defined = SetText(world.slice, "definition", "fr", "Couper en tranches.")
    seq = app.editing.apply([renamed, named, defined], actor="tester", summary="also in French")
    delta = deltas.delta(str(world.head), str(seq))
    assert delta.figures.types == {"renamed": 1, "translated": 2}
    for chosen, found in ((Chosen("translated"), ["fr", "fr"]), (Chosen("renamed"), ["en"]), (Chosen(language="fr"), ["fr", "fr"])):
        (item,) = deltas.page(delta, chosen).items
        assert [change["lang"] for change in item["changes"]] == found


def test_what_a_concept_points_to_is_not_held_against_the_shapes_with_it(world: World) -> None:
    app, baker = world.app, concept_uuid(rome_key("metier", "D1102"))
    assert app.publishing.check_shapes([baker], app.reading.moment()) == []


def test_commands(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from contextlib import contextmanager

    from wikic import cli_dump, cli_release

    @contextmanager
    def opened():  # type: ignore[no-untyped-def]
        yield world.app

    for module in (cli_dump, cli_release):
        monkeypatch.setattr(module, "opened", opened)
    monkeypatch.setenv("WIKIC_PUBLIC_URL", BASE)

    def run(*arguments: str) -> tuple[int, str]:
        status = cli.run(["release", *arguments])
        return status, capsys.readouterr().out

    assert run("preview")[0] == 0
    assert "frozen" in run("freeze", "2027")[1]
    assert run("publish", "2027") == (0, "release 2027 is published\n")
    assert run("withdraw", "2027")[0] == 1
    assert run("verify", "2027")[0] == 0
    dump, manifest, key = tmp_path / "d.nt.gz", tmp_path / "m.json", tmp_path / "key"
    assert run("dump", "2027", "--out", str(dump))[0] == 0
    assert run("manifest", "2027", "--out", str(manifest))[0] == 0
    key.write_text(json.dumps({"public_key": world.app.releases.manifests.signer.public_key}))
    offline = ("verify", "--dump", str(dump), "--manifest", str(manifest), "--key", str(key))
    assert run(*offline)[0] == 0
    assert run("verify", "2027", "--dump", str(dump))[0] == 1
    content = gzip.decompress(dump.read_bytes())
    dump.write_bytes(gzip.compress(content.replace(b"slice bread", b"slice Bread", 1)))
    assert run(*offline)[0] == 1
    manifest.write_text("{")
    assert run(*offline)[0] == 1
    assert json.loads(run("delta", "2025", "2026", "--json")[1])["figures"]["total"] > 0
    assert json.loads(run("delta", "2026", "head", "--json")[1])["figures"]["concepts"]["new"] == 3
    assert run("delta", "2025", "2026", "--format", "csv")[1].startswith("severity,list,type,uuid")
    assert run("calendar")[0] == 0
    assert json.loads(run("list", "--json")[1])[-1]["state"] == "published"
