"""The pages and the API of reviews of imports: a release note before it is applied, for moderators; on both engines."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pydantic import TypeAdapter
from starlette.testclient import TestClient

from tests.engines import arcadedb_engine, engine, neo4j_engine
from tests.flows.model import concept, source, uuid_of
from tests.flows.proposal_tools import ADA, JOINER, MAY, Ground, make_ground, text
from tests.web.conftest import PUBLIC_URL
from tests.web.known_people import WithPeople
from tests.web.page_forms import Site
from wikic.domain.proposals_changes import DeprecateConcept
from wikic.services.import_planning import ImportOptions
from wikic.services.importing import Importing
from wikic.web.api_imports import ReviewDetailShape, ReviewedConceptShape, ReviewShape
from wikic.web.app import create_app
from wikic.web.schemas import PageShape

__all__ = ["arcadedb_engine", "engine", "neo4j_engine"]

NEXT = source(
    concept("saw", "saw wood", "scier du bois", alts=["cut planks"], texts={"definition": "Sawing."}),
    concept("wood", "work wood", kind="skill_group"),
    concept("nail", "nail boards"),
    concept("joiner", "joiner", kind="occupation"),
    version="2",
)


@pytest.fixture
def site(engine: object) -> Iterator[Site]:
    ground = make_ground(engine)  # type: ignore[arg-type]
    ground.accept(ground.propose(text("To saw wood.")))
    ground.app.reading.forget()
    with TestClient(create_app(WithPeople(ground.app), PUBLIC_URL), follow_redirects=False) as client:
        yield Site(client, ground)


def kept(ground: Ground) -> str:
    return Importing(ground.engine).run(NEXT, ImportOptions(allow_removals=True, keep_as="The next one")).kept_review


def test_the_page(site: Site) -> None:
    review = kept(site.ground)
    assert site.be(None).client.get("/imports").status_code == 303
    site.be(ADA).get("/imports", 403)
    site.get(f"/imports/{review}", 403)
    listed = site.be(MAY).get("/imports")
    assert f'href="/imports/{review}">The next one</a>' in listed
    page = site.get(f"/imports/{review}")
    for said in ("Not applied yet", "nail boards", "saw planks", "saw wood", "To saw wood.", "Sawing.", "Changed here and in the source", "<svg"):
        assert said in page, said
    assert f'href="/c/{uuid_of("nail")}"' not in page
    renamed = site.get(f"/imports/{review}?type=renamed")
    assert ("nail boards" in renamed.partition("Entry by entry")[2], "saw wood" in renamed) == (False, True)
    site.get("/imports/nothing", 404)


def test_once_it_is_applied(site: Site) -> None:
    review = kept(site.ground)
    seq = Importing(site.ground.engine).run(NEXT, ImportOptions(allow_removals=True)).seq
    site.ground.app.reading.forget()
    page = site.be(MAY).get(f"/imports/{review}")
    assert f'<a href="/changes/{seq}">Applied as change no. {seq}</a>' in page
    assert f'href="/c/{uuid_of("nail")}"' in page
    assert f'href="/imports/{review}"' in site.get(f"/changes/{seq}")
    assert f'href="/imports/{review}"' not in site.be(ADA).get(f"/changes/{seq}")


def test_a_conflict_is_for_the_moderator_to_choose(site: Site) -> None:
    """Nobody wrote what an import proposes: there is no author to send it back to, or to ask."""
    Importing(site.ground.engine).run(NEXT, ImportOptions(allow_removals=True))
    site.ground.app.reading.forget()
    (waiting,) = site.ground.app.queueing.page(MAY, lane="conflict").items
    page = site.be(MAY).get(f"/proposals/{waiting.id}?lang=fr")
    assert "refuser garde ce qui est en place" in page
    assert "son auteur doit revoir" not in page
    assert f"Modifié ici, et autrement par {waiting.author_name}." in page
    assert f'<option value="{waiting.author}"' not in page
    assert "Modifié ici, et autrement par" in site.get("/queue?lane=conflict&lang=fr")


def test_what_the_source_says_is_in_words(site: Site) -> None:
    site.ground.accept(site.ground.propose(DeprecateConcept(JOINER)))
    site.ground.app.reading.forget()
    page = site.be(None).get(f"/c/{JOINER}?lang=fr")
    assert "<td><ins>Dépréciée</ins></td><td>Active</td>" in page


def test_once_the_framework_has_moved(site: Site) -> None:
    review = kept(site.ground)
    site.ground.accept(site.ground.propose(text("To join.", JOINER)))
    assert "The framework has moved since" in site.be(MAY).get(f"/imports/{review}")


def test_the_api(site: Site) -> None:
    review = kept(site.ground)
    client = site.be(MAY).client
    found = client.get("/api/v1/imports")
    TypeAdapter(PageShape[ReviewShape]).validate_json(found.content)
    assert [(one["id"], one["state"], one["version"]) for one in found.json()["items"]] == [(review, "waits", "2")]
    one = client.get(f"/api/v1/imports/{review}")
    TypeAdapter(ReviewDetailShape).validate_json(one.content)
    assert (one.json()["conflicts_total"], one.json()["conflicts"][0]["incoming"]) == (1, "Sawing.")
    listed: list[str] = []
    cursor = ""
    while True:
        page = client.get(f"/api/v1/imports/{review}/changes?limit=2" + (f"&cursor={cursor}" if cursor else ""))
        TypeAdapter(PageShape[ReviewedConceptShape]).validate_json(page.content)
        listed += [each["uuid"] for each in page.json()["items"]]
        cursor = page.json()["next"]
        if not cursor:
            break
    assert len(listed) == len(set(listed)) == one.json()["figures"]["total"]
    assert client.get(f"/api/v1/imports/{review}/changes?cursor=x").status_code == 400
    assert site.be(None).client.get("/api/v1/imports").status_code == 401
