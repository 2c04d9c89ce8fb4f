"""CASE 1.1: every object by the official schemas, lists, identifiers of the present and of releases, errors, what never changes."""

from __future__ import annotations

import gzip
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.case_schemas import CaseSchemas
from tests.conftest import ROOT
from tests.sample_world import World
from tests.web.conftest import PUBLIC_URL
from wikic import cli, cli_dump, config
from wikic.bootstrap import App
from wikic.domain.vocabulary import RELATION_TYPES
from wikic.linked_data.case import PREFIX, Criterion, Exemplar, Level, Rubric
from wikic.linked_data.case_ids import item_id
from wikic.linked_data.case_terms import ASSOCIATION
from wikic.services.case import Case
from wikic.services.case_attached import Attached, NothingAttached
from wikic.store.temporal import At

NOTHING = "0bd6f95c-0000-5000-8000-000000000000"
SCHEMAS = ROOT.parent / "shared" / "schemas" / "case"

Json = dict[str, Any]


@pytest.fixture(scope="session")
def schemas() -> CaseSchemas:
    if not SCHEMAS.is_dir():
        pytest.skip("the schemas of CASE (../shared/schemas/case) are not on this machine")
    return CaseSchemas(SCHEMAS)


def get(client: TestClient, path: str, **parameters: Any) -> Any:
    answer = client.get(f"{PREFIX}/{path}", params=parameters)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    return answer.json()


def documents(client: TestClient, **parameters: Any) -> list[Json]:
    found: list[Json] = get(client, "CFDocuments", **parameters)["CFDocuments"]
    return found


def document_of(client: TestClient, scheme: str, version: str = "") -> Json:
    status = f"version='{version}'" if version else "adoptionStatus='Draft'"
    found = [each for each in documents(client, filter=status) if each["extensions"]["scheme"] == scheme]
    assert len(found) == 1
    return found[0]


def package_of(client: TestClient, scheme: str, version: str = "", **parameters: Any) -> Json:
    found: Json = get(client, f"CFPackages/{document_of(client, scheme, version)['identifier']}", **parameters)
    return found


def test_every_document_and_its_package(client: TestClient, schemas: CaseSchemas) -> None:
    found = documents(client)
    assert schemas.object("CFDocumentSet", {"CFDocuments": found}) == []
    assert {(each["adoptionStatus"], each["extensions"]["scheme"]) for each in found} >= {
        ("Draft", "wiki"), ("Draft", "rome"), ("Adopted", "esco"), ("Adopted", "rome"), ("Adopted", "isco"),
    }  # fmt: skip
    assert {each["version"] for each in found if each["adoptionStatus"] == "Adopted"} == {"2025", "2026"}
    identifiers: list[str] = []
    for each in found:
        one = get(client, f"CFDocuments/{each['identifier']}")
        assert one == each
        assert schemas.object("CFDocument", one) == []
        package = client.get(each["CFPackageURI"]["uri"].removeprefix(PUBLIC_URL)).json()
        assert schemas.package(package) == []
        assert "null" not in json.dumps(package)
        assert package["CFDocument"] == {name: each[name] for name in each if name != "CFPackageURI"}
        assert package["CFItems"]
        identifiers += [item["identifier"] for item in package["CFItems"]]
        identifiers += [made["identifier"] for made in package["CFAssociations"]]
    assert len(identifiers) == len(set(identifiers))


@pytest.mark.parametrize("version", ["", "2025"])
def test_a_package_hangs_together_and_its_parts_resolve(client: TestClient, schemas: CaseSchemas, version: str) -> None:
    for scheme in ("rome", "esco"):
        package = package_of(client, scheme, version)
        items = {each["identifier"]: each for each in package["CFItems"]}
        root = package["CFDocument"]["identifier"]
        above: dict[str, set[str]] = {}
        for made in package["CFAssociations"]:
            assert made["originNodeURI"]["identifier"] in items
            if made["associationType"] == "isChildOf":
                above.setdefault(made["originNodeURI"]["identifier"], set()).add(
                    made["destinationNodeURI"]["identifier"]
                )
        assert above.keys() == items.keys()
        assert all(parents & (items.keys() | {root}) for parents in above.values())
        words = {each["identifier"]: (group, each) for group, many in package["CFDefinitions"].items() for each in many}
        for identifier in list(items)[::9]:
            one = get(client, f"CFItems/{identifier}")
            assert schemas.object("CFItem", one) == []
            assert one.pop("CFDocumentURI")["identifier"] == root
            assert one == items[identifier]
            assert one["uri"].startswith(f"{PUBLIC_URL}/r/{version}/c/" if version else f"{PUBLIC_URL}/c/")
            assert client.get(one["uri"].removeprefix(PUBLIC_URL)).status_code == 200
            around = get(client, f"CFItemAssociations/{identifier}")
            assert schemas.object("CFAssociationSet", around) == []
            outgoing = [each for each in package["CFAssociations"] if each["originNodeURI"]["identifier"] == identifier]
            assert all(each in around["CFAssociations"] for each in outgoing)
        for made in package["CFAssociations"][::23]:
            one = get(client, f"CFAssociations/{made['identifier']}")
            assert schemas.object("CFAssociation", one) == []
            assert one.pop("CFDocumentURI")["identifier"] == root
            assert one == made
        leading = [each["CFItemTypeURI"] for each in items.values()]
        leading += [each["licenseURI"] for each in items.values()]
        leading += [link for each in items.values() for link in each.get("subjectURI", ())]
        leading += [each["conceptKeywordsURI"] for each in items.values() if "conceptKeywordsURI" in each]
        leading += [
            each["CFAssociationGroupingURI"] for each in package["CFAssociations"] if "CFAssociationGroupingURI" in each
        ]
        assert {each["identifier"] for each in leading} <= words.keys()


def test_words_resolve(client: TestClient, schemas: CaseSchemas) -> None:
    sets = {"CFConcepts": "CFConceptSet", "CFSubjects": "CFSubjectSet", "CFItemTypes": "CFItemTypeSet"}
    for group, many in package_of(client, "rome")["CFDefinitions"].items():
        for each in many:
            found = get(client, f"{group}/{each['identifier']}")
            assert schemas.object(sets.get(group, group.removesuffix("s")), found) == []
            assert (found[group][0] if group in sets else found) == each
            assert each["uri"] == f"{PUBLIC_URL}{PREFIX}/{group}/{each['identifier']}"
            other = get(client, f"{group}/{each['identifier']}", lang="en")
            assert schemas.object(sets.get(group, group.removesuffix("s")), other) == []


def test_what_an_item_says(client: TestClient, world: World) -> None:
    concept = world.app.reading.concept("rome:D1102")
    item = get(client, f"CFItems/{concept.identity.uuid}")
    assert item["identifier"] == concept.identity.uuid
    assert item["fullStatement"] == concept.content.preferred()["fr"]
    assert (item["humanCodingScheme"], item["language"], item["CFItemType"]) == ("D1102", "fr", "métier")
    assert item["notes"] == concept.content.texts["definition"]["fr"]
    assert get(client, f"CFItems/{concept.identity.uuid}", lang="en")["CFItemType"] == "occupation"
    around = get(client, f"CFItemAssociations/{concept.identity.uuid}")["CFAssociations"]
    required = {each.relation.target: each for each in concept.relations["requires"].items}
    found = {
        each["destinationNodeURI"]["identifier"]: each
        for each in around
        if each["originNodeURI"]["identifier"] == concept.identity.uuid
        and each.get("CFAssociationGroupingURI", {}).get("title") == "demande"
    }
    assert required
    assert found.keys() == required.keys()
    for uuid, each in found.items():
        assert each["associationType"] == "isRelatedTo"
        assert each.get("extensions", {}).get("importance", "") == required[uuid].relation.importance
        assert each["destinationNodeURI"]["title"] == required[uuid].preferred["fr"]
    titles = {each["originNodeURI"]["title"] for each in around if each["associationType"] == "isChildOf"}
    assert titles >= {each.preferred["fr"] for each in concept.relations["has_title"].items}


def test_a_source_is_matched_exactly(client: TestClient) -> None:
    package = package_of(client, "esco", "2026")
    matched = [each for each in package["CFAssociations"] if each["destinationNodeURI"]["targetType"] == "ext:ESCO"]
    items = {each["identifier"]: each for each in package["CFItems"]}
    assert len(matched) == len(items)
    for each in matched:
        address = items[each["originNodeURI"]["identifier"]]["extensions"]["source"]
        assert each["destinationNodeURI"]["uri"] == each["destinationNodeURI"]["identifier"] == address
        assert each["associationType"] == "exactMatchOf"


def test_identifiers(client: TestClient, world: World) -> None:
    """A badge that keeps the identifier of the present item keeps the concept; that of a release stays as it was; born here, merged, aliased."""
    born_here = world.crumb
    assert born_here[14] == "7"
    moved = client.get(f"{PREFIX}/CFItems/{born_here}?lang=en")
    assert moved.status_code == 301
    assert moved.headers["location"] == f"{PREFIX}/CFItems/{item_id(born_here)}?lang=en"
    item = client.get(moved.headers["location"]).json()
    assert item["uri"] == f"{PUBLIC_URL}/c/{born_here}"
    assert item["extensions"]["status"] == "deprecated"
    assert "statusEndDate" in item
    replaced = get(client, f"CFItemAssociations/{item['identifier']}")["CFAssociations"]
    assert "replacedBy" in {each["associationType"] for each in replaced}
    # It was not there yet.
    assert client.get(f"{PREFIX}/CFItems/{item_id(born_here, '2025')}").status_code == 404
    uuid = world.app.reading.concept("rome:D1102").identity.uuid
    versions = [get(client, f"CFItems/{item_id(uuid, release)}") for release in ("", "2025", "2026")]
    assert len({each["identifier"] for each in versions}) == 3
    assert [each["CFDocumentURI"]["title"].rpartition(" ")[2] for each in versions[1:]] == ["2025", "2026"]


def test_filters_sorting_fields_pages(client: TestClient) -> None:
    every = documents(client)
    assert documents(client, sort="title", orderBy="desc") == sorted(
        every, key=lambda each: each["title"].casefold(), reverse=True
    )
    adopted = documents(client, filter="adoptionStatus='Adopted' AND title~'rome'")
    assert {each["version"] for each in adopted} == {"2025", "2026"}
    either = documents(client, filter="version='2025' OR version='2026'")
    assert either == [each for each in every if each["adoptionStatus"] == "Adopted"]
    few = documents(client, fields="version,language")
    assert all(
        each.keys()
        == {"identifier", "uri", "creator", "title", "lastChangeDateTime", "CFPackageURI", "version", "language"}
        for each in few
    )
    seen: list[Json] = []
    address: str | None = f"{PREFIX}/CFDocuments?limit=4&sort=version"
    while address is not None:
        answer = client.get(address)
        assert answer.headers["x-total-count"] == str(len(every))
        seen += answer.json()["CFDocuments"]
        links = {each["rel"]: each["url"] for each in answer.links.values()}
        assert links["first"].endswith("offset=0")
        address = links.get("next")
    assert [each["identifier"] for each in seen] == [each["identifier"] for each in documents(client, sort="version")]
    assert len(documents(client, offset=10_000)) == 0
    assert client.get(f"{PREFIX}/CFDocuments", params={"offset": 10_000}).headers["x-total-count"] == str(len(every))


@pytest.mark.parametrize(
    ("path", "status", "minor"),
    [
        ("CFDocuments?filter=colour='red'", 400, "invalid_selection_field"),
        ("CFDocuments?filter=title", 400, "invalid_selection_field"),
        ("CFDocuments?fields=colour", 400, "invalid_selection_field"),
        ("CFDocuments?sort=colour", 400, "invalid_sort_field"),
        ("CFDocuments?orderBy=sideways", 400, "invalid_sort_field"),
        ("CFDocuments?limit=0", 400, "invalid_selection_field"),
        ("CFDocuments?lang=!", 400, "invalid_selection_field"),
        *((f"{group}/{NOTHING}", 404, "unknownobject") for group in (
            "CFDocuments", "CFPackages", "CFItems", "CFItemAssociations", "CFAssociations", "CFAssociationGroupings", "CFRubrics", "CFConcepts",
            "CFSubjects", "CFItemTypes", "CFLicenses",
        )),
        ("CFItems/12", 404, "invalid_uuid"),
        ("CFPackages/12", 404, "invalid_uuid"),
        ("CFNothing", 404, "unknownobject"),
    ],
)  # fmt: skip
def test_errors(client: TestClient, schemas: CaseSchemas, path: str, status: int, minor: str) -> None:
    answer = client.get(f"{PREFIX}/{path}", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/json")
    body = answer.json()
    assert schemas.object("imsx_StatusInfo", body) == []
    assert body["imsx_codeMinor"]["imsx_codeMinorField"][0]["imsx_codeMinorFieldValue"] == minor
    assert answer.headers["access-control-allow-origin"] == "*"


def test_other_methods_are_refused(client: TestClient, schemas: CaseSchemas) -> None:
    answer = client.post(f"{PREFIX}/CFDocuments")
    assert answer.status_code == 405
    assert schemas.object("imsx_StatusInfo", answer.json()) == []


def test_what_never_changes(client: TestClient) -> None:
    for version, kept in (("2026", "public, max-age=31536000, immutable"), ("", "no-cache")):
        found = document_of(client, "rome", version)
        item = package_of(client, "rome", version)["CFItems"][0]["identifier"]
        for path in (f"CFDocuments/{found['identifier']}", f"CFPackages/{found['identifier']}", f"CFItems/{item}"):
            answer = client.get(f"{PREFIX}/{path}", headers={"Accept-Encoding": "identity"})
            assert answer.headers["cache-control"] == kept
            again = client.get(
                f"{PREFIX}/{path}", headers={"If-None-Match": answer.headers["etag"], "Accept-Encoding": "identity"}
            )
            assert (again.status_code, again.content) == (304, b"")
            assert client.get(f"{PREFIX}/{path}?lang=en").headers["etag"] != answer.headers["etag"]
            assert client.get(f"{PREFIX}/{path}", headers={"Accept-Encoding": "identity"}).content == answer.content
    with client.stream(
        "GET", f"{PREFIX}/CFPackages/{found['identifier']}", headers={"Accept-Encoding": "gzip"}
    ) as packed:
        assert packed.headers["content-encoding"] == "gzip"
        assert json.loads(gzip.decompress(b"".join(packed.iter_raw())))["CFItems"]
    assert client.get(f"{PREFIX}/CFDocuments").headers["cache-control"] == "no-cache"
    assert "X-Total-Count" in client.get(f"{PREFIX}/CFDocuments").headers["access-control-expose-headers"]


def test_discovery(client: TestClient) -> None:
    found = get(client, "discovery/imscasev1p1_openapi3_v1p0.json")
    assert found["servers"] == [{"url": f"{PUBLIC_URL}{PREFIX}"}]
    official = {
        "CFDocuments",
        "CFPackages",
        "CFItems",
        "CFItemAssociations",
        "CFAssociations",
        "CFAssociationGroupings",
        "CFRubrics",
    }
    official |= {"CFConcepts", "CFSubjects", "CFItemTypes", "CFLicenses"}
    assert {path.split("/")[1] for path in found["paths"]} == official | {"discovery"}
    assert {each["name"] for each in found["paths"]["/CFDocuments"]["get"]["parameters"]} == {
        "limit", "offset", "sort", "orderBy", "filter", "fields", "lang",
    }  # fmt: skip


class OneScale(NothingAttached):
    """A scale for one concept, and a badge."""

    def __init__(self, uuid: str) -> None:
        self.uuid = uuid
        names = ("Je fais", "Je transmets", "Je pilote")
        levels = [
            Level(item_id(uuid, f"level{score}"), f"{PUBLIC_URL}/levels/{score}", name, "", score)
            for score, name in enumerate(names, 1)
        ]
        criterion = Criterion(item_id(uuid, "criterion"), f"{PUBLIC_URL}/criteria/1", uuid, "Pétrir", "", levels)
        self.scale = Rubric(item_id(uuid, "rubric"), "Trois niveaux", "", "2026-11-25T00:00:00Z", [criterion])

    def version(self) -> str:
        return "1"

    def rubrics_of(self, scheme: str, lang: str) -> Sequence[Rubric]:  # noqa: ARG002
        return [self.scale] if scheme == "rome" else []

    def rubric(self, identifier: str, lang: str) -> tuple[str, Rubric] | None:  # noqa: ARG002
        return ("rome", self.scale) if identifier == self.scale.identifier else None

    def then(self, release: str, time: str, at: At) -> Attached:  # noqa: ARG002
        return NothingAttached()

    def exemplars_of(self, uuids: Sequence[str]) -> Mapping[str, Sequence[Exemplar]]:
        badge = Exemplar("https://badges.example.org/b/1", "Boulanger", "2026-11-25T00:00:00Z")
        return {self.uuid: [badge]} if self.uuid in uuids else {}


@pytest.fixture
def attached(world: World) -> Iterator[OneScale]:
    made, before = OneScale(world.app.reading.concept("rome:D1102").identity.uuid), world.app.case
    world.app.case = Case(world.app.engine, world.app.reading, attached=made)
    yield made
    world.app.case = before


def test_rubrics_and_badges_of_the_present(client: TestClient, schemas: CaseSchemas, attached: OneScale) -> None:
    package = package_of(client, "rome")
    assert schemas.package(package) == []
    (rubric,) = package["CFRubrics"]
    assert get(client, f"CFRubrics/{rubric['identifier']}") == rubric
    assert schemas.object("CFRubric", rubric) == []
    levels = rubric["CFRubricCriteria"][0]["CFRubricCriterionLevels"]
    assert [(each["quality"], each["score"]) for each in levels] == [
        ("Je fais", 1),
        ("Je transmets", 2),
        ("Je pilote", 3),
    ]
    (shown,) = [each for each in package["CFAssociations"] if each["associationType"] == "exemplar"]
    assert shown["originNodeURI"]["identifier"] == attached.uuid
    assert (
        get(client, f"CFAssociations/{shown['identifier']}")["destinationNodeURI"]["uri"]
        == "https://badges.example.org/b/1"
    )
    pinned = package_of(client, "rome", "2026")
    assert pinned["CFRubrics"] == []
    assert "exemplar" not in {each["associationType"] for each in pinned["CFAssociations"]}


def test_the_docs_map_every_relation() -> None:
    text = (ROOT / "docs" / "case.md").read_text(encoding="utf-8")
    for kind in RELATION_TYPES:
        assert f"| `{kind}` | `{ASSOCIATION[kind]}` |" in text, kind


def test_memory_holds_parts_only(world: World, tmp_path: Path) -> None:
    """What is asked of the store at once is bounded: windows, and names in parts."""
    case = Case(world.app.engine, world.app.reading, tmp_path)
    document = case.documents_of("2026")[0]
    parts = list(case.package(document, PUBLIC_URL, "fr"))
    assert len(parts) >= 1
    assert [path.name.endswith(".case.json") for path in tmp_path.iterdir()] == [True]
    assert b"".join(case.package(document, PUBLIC_URL, "fr")) == b"".join(parts)
    assert b"".join(case.package(document, PUBLIC_URL, "fr", keep=False)) == b"".join(parts)


def test_as_files(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    @contextmanager
    def opened() -> Iterator[App]:
        yield world.app

    monkeypatch.setattr(cli_dump, "opened", opened)
    made = config.Settings(public_url=PUBLIC_URL)
    monkeypatch.setattr(config, "settings", lambda: made)
    one, every = tmp_path / "rome.json", tmp_path / "all.zip"
    command = ["release", "dump", "2026", "--format", "case", "--out"]
    assert cli.run([*command, str(one), "--scheme", "rome", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["size"] == one.stat().st_size
    (document,) = [each for each in world.app.case.documents_of("2026") if each.scheme == "rome"]
    assert one.read_bytes() == b"".join(world.app.case.package(document, PUBLIC_URL, "fr", keep=False))
    assert cli.run([*command, str(every)]) == 0
    with zipfile.ZipFile(every) as packed:
        assert packed.testzip() is None
        names = [f"wikic-2026-{each.scheme}.json" for each in world.app.case.documents_of("2026")]
        assert packed.namelist() == names
        assert packed.read("wikic-2026-rome.json") == one.read_bytes()
    assert cli.run([*command, str(one), "--scheme", "nothing"]) == 1
    assert cli.run(["release", "dump", "2026", "--out", str(one.with_suffix(".nt")), "--scheme", "rome"]) == 1
    assert not one.with_suffix(".nt").exists()
    assert "the schemes are" in capsys.readouterr().err
