"""The pages of a concept: the entry, all its relations, its history. `concept_page` is what content negotiation on
`/c/` and `/r/` calls for HTML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response
from markupsafe import Markup
from starlette.responses import RedirectResponse

from wikic.services.reading import Found, Reading
from wikic.services.reading_heads import Remembered
from wikic.services.reading_moments import Moment
from wikic.services.reading_schemes import TERMS
from wikic.web import charts, schema_org
from wikic.web.acting import actor_of
from wikic.web.badges_shown import attested_by
from wikic.web.dependencies import CursorParameter, ReadingService
from wikic.web.endorsing_tools import standing_of_concept
from wikic.web.pages_boxes import boxes_of_concept
from wikic.web.pages_common import Visit, visit, visit_at
from wikic.web.pages_levels_parts import criteria_on_concept
from wikic.web.pages_watches import watch_form
from wikic.web.proposals_services import contributes, obstacles_of, services_of
from wikic.web.proposing_links import acts_of, links_of, open_about, relation_links
from wikic.web.views_common import Link, concept_link, text_of
from wikic.web.views_concept import (
    Cite,
    ConceptHead,
    ConceptPage,
    Entry,
    HistoryPage,
    Named,
    RelationsPage,
    SourceValue,
    attributes_of,
    groups_of,
    head_of,
    labels_of,
    makeup_of,
)
from wikic.web.views_framework import author_of, proposal_addresses, summary_of

_FORMATS: Final = {"json": "JSON", "jsonld": "JSON-LD", "ttl": "Turtle", "rdf": "RDF/XML", "nt": "N-Triples"}
_MOST: Final = 1_000
_NEAR: Final = 4
_ABOVE: Final = ("broader", "title_of", "context_of")

_paths: Remembered[tuple[str, int, str, str], list[Link]] = Remembered(10_000)

router = APIRouter(include_in_schema=False)


def concept_page(request: Request, found: Found, moment: Moment) -> Response:
    """A concept as a page. The release is that of the path (`/r/{release}/c/...`), if it has one."""
    reading: Reading = request.app.state.services.reading.seen_by(actor_of(request))
    return _entry(visit_at(request, reading, moment, _release_of(request)), reading, found, moment)


@router.get("/c/{uuid}/relations")
@router.get("/r/{release:path}/c/{uuid}/relations")
def relations_page(
    request: Request,
    reading: ReadingService,
    uuid: str,
    type: Annotated[str | None, Query(max_length=40)] = None,
    cursor: CursorParameter = None,
) -> Response:
    """All relations of a concept."""
    seen = visit(request, reading, _release_of(request))
    found, moment = _found(seen, reading, uuid)
    if found.alias:
        return _moved(seen, found, "relations")
    body = reading.body(found, seen.lang)
    head = head_of(body, seen.addresses, seen.t, "relations")
    page = reading.relations(uuid, moment, name=type, cursor=cursor, limit=100, lang=seen.lang)
    start = seen.addresses.concept(head.uuid, "relations")
    filters = [Link(start, seen.t("concept.all_relations"), current=type is None)]
    filters += [
        Link(f"{start}?type={name}", seen.t.name("relation", name), current=name == type, total=total)
        for name, total in body["relations_total"].items()
    ]
    query = f"type={type}&" if type else ""
    shown = RelationsPage(
        title=seen.t("concept.relations_of", name=head.name.value),
        trail=_trail(seen, reading, moment, body, head),
        head=head,
        filters=filters,
        items=[
            (
                seen.t.name("relation", item["type"]),
                concept_link(item, seen.addresses, seen.lang),
                [] if seen.release else relation_links(head.uuid, item, seen.t),
            )
            for item in page.items
        ],
        following=f"{start}?{query}cursor={page.next}" if page.next else "",
        begun=cursor is not None,
    )
    return seen.answer(shown, indexed=False)


@router.get("/c/{uuid}/history")
@router.get("/r/{release:path}/c/{uuid}/history")
def history_page(request: Request, reading: ReadingService, uuid: str, cursor: CursorParameter = None) -> Response:
    """The story of a concept."""
    seen = visit(request, reading, _release_of(request))
    found, moment = _found(seen, reading, uuid)
    if found.alias:
        return _moved(seen, found, "history")
    body = reading.body(found, seen.lang)
    head = head_of(body, seen.addresses, seen.t, "history")
    page = reading.history(uuid, moment, cursor=cursor, limit=100, lang=seen.lang)
    obstacles = obstacles_of(request, seen.actor, [] if seen.release else [item["seq"] for item in page.items])
    start = seen.addresses.concept(head.uuid, "history")
    shown = HistoryPage(
        title=seen.t("history.title", name=head.name.value),
        trail=_trail(seen, reading, moment, body, head),
        head=head,
        entries=[replace(_history_entry(seen, item), obstacle=obstacles.get(item["seq"], "")) for item in reversed(page.items)],
        following=f"{start}?cursor={page.next}" if page.next else "",
        reverts=not seen.release and seen.actor.is_moderator,
        proposes=not seen.release and contributes(seen.actor) and not seen.actor.is_moderator,
    )
    return seen.answer(shown, indexed=False)


def _entry(seen: Visit, reading: Reading, found: Found, moment: Moment) -> Response:
    t, addresses = seen.t, seen.addresses
    body = reading.body(found, seen.lang)
    if body["relations_total"].get("requires", 0) > len(body["relations"].get("requires", ())):
        every = reading.relations(body["uuid"], moment, name="requires", cursor=None, limit=_MOST, lang=seen.lang)
        order = {item["id"]: number for number, item in enumerate(body["relations"]["requires"])}
        body["relations"]["requires"] = sorted(every.items, key=lambda item: order.get(item["id"], _MOST))
    head = head_of(body, addresses, t, "")
    labels, more_labels = labels_of(body, t)
    parts = makeup_of(body, t) if body["kind"] == "occupation" else []
    makeup_title = t("concept.makeup_text", n=sum(part.value for part in parts))
    terms = TERMS.get(body["scheme"])
    page = ConceptPage(
        title=head.name.value,
        trail=_trail(seen, reading, moment, body, head),
        head=head,
        replaced_by=[concept_link(brief, addresses, seen.lang) for brief in body["replaced_by"]["final"]],
        definition=text_of(body["definition"], seen.lang),
        notes=[Named(t.name("note", name), text_of(texts, seen.lang), name) for name, texts in body["notes"].items()],
        labels=labels,
        more_labels=more_labels,
        neighbourhood=_neighbourhood(seen, body, head),
        markup=_markup(seen, body, head),
        makeup=charts.stack(makeup_title, parts) if parts else Markup(""),
        makeup_parts=parts,
        groups=groups_of(body, addresses, t),
        source_version=body["source"]["version"] or "",
        source_iri=body["source"]["iri"] or "",
        sectors=body["sectors"],
        attributes=attributes_of(body, t),
        source_values=_source_values(seen, reading.source_differences(found, moment)),
        cite=_cite(seen, head),
        downloads=[Link(f"{addresses.concept(head.uuid)}.{suffix}", name) for suffix, name in _FORMATS.items()],
        attribution=terms.attribution if terms else "",
        licence=Link(terms.licence_url, terms.licence) if terms and terms.licence else None,
        seq=body["seq"],
        watching=watch_form(seen, head.uuid),
        propose={} if seen.release else links_of(body, text_of(body["definition"], seen.lang).lang, t),
        acts=[] if seen.release else acts_of(body, t),
        proposals=open_about(seen, services_of(seen.request), head.uuid),
        badges=attested_by(seen, head.uuid, body["kind"], body["status"]),
        criteria=criteria_on_concept(seen, head.uuid, body["kind"], body["status"]),
        standing=standing_of_concept(seen, head.uuid, body["kind"], body["status"]),
        boxes=boxes_of_concept(seen, found),
    )
    return seen.answer(page, indexed=not seen.release)


def _found(seen: Visit, reading: Reading, uuid: str) -> tuple[Found, Moment]:
    moment = seen.moment or reading.moment(seen.release or None)
    return reading.find(uuid, moment), moment


def _moved(seen: Visit, found: Found, part: str) -> Response:
    return RedirectResponse(seen.addresses.concept(found.concept.identity.uuid, part), 301)


def _release_of(request: Request) -> str:
    return str(request.path_params.get("release", ""))


def _trail(
    seen: Visit, reading: Reading, moment: Moment, body: Mapping[str, Any], head: ConceptHead
) -> list[Link]:
    """The scheme, the first chain of broader concepts, and on the inner pages the concept itself."""
    trail = [Link(seen.addresses.page("/tree", scheme=head.scheme), seen.t.name("scheme", head.scheme))]
    above = next((body["relations"][name] for name in _ABOVE[:2] if body["relations"].get(name)), ())
    if above:
        trail += _path(seen, reading, moment, above[0]["uuid"])
    if not head.tabs[0].current:
        trail.append(Link(head.tabs[0].address, head.name.value, lang=head.name.lang if head.name.foreign else ""))
    return trail


def _path(seen: Visit, reading: Reading, moment: Moment, uuid: str) -> list[Link]:
    key = (moment.epoch, moment.seq, uuid, f"{seen.lang}|{seen.release}")
    known = _paths.get(key)
    if known is not None:
        return known
    extra = reading.tree(moment, parent=uuid, limit=1, lang=seen.lang).extra or {}
    links = [concept_link(brief, seen.addresses, seen.lang) for brief in (*extra["path"], extra["parent"])]
    made = [Link(link.address, link.name.value, lang=link.name.lang if link.name.foreign else "") for link in links]
    return _paths.put(key, made)


def _neighbourhood(seen: Visit, body: Mapping[str, Any], head: ConceptHead) -> Markup:
    sides = {
        "above": ("broader", "title_of", "member_of"),
        "below": ("narrower", "has_title", "has_member"),
        "left": ("required_by", "skill_required_by", "mobility_from", "has_context", "exact_match_from"),
        "right": ("requires", "skill_requires", "mobility", "context_of", "exact_match", "close_match", "related"),
    }
    made = {side: _branch(seen, body, names, 3 if side in ("above", "below") else _NEAR) for side, names in sides.items()}
    if not any(branch.nodes for branch in made.values()):
        return Markup("")
    return charts.neighbourhood(
        seen.t("concept.neighbourhood_of", name=head.name.value),
        head.name.value,
        made["above"],
        made["below"],
        made["left"],
        made["right"],
    )


def _markup(seen: Visit, body: Mapping[str, Any], head: ConceptHead) -> Markup:
    address = f"{seen.public_url}{seen.addresses.concept(head.uuid)}"
    definition = text_of(body["definition"], seen.lang).value
    return schema_org.data_block(schema_org.concept_term(seen.public_url, address, body, head.name.value, definition))


def _branch(seen: Visit, body: Mapping[str, Any], names: tuple[str, ...], most: int) -> charts.Branch:
    name = next((name for name in names if body["relations"].get(name)), "")
    if not name:
        return charts.Branch("", 0)
    links = [concept_link(item, seen.addresses, seen.lang) for item in body["relations"][name][:most]]
    nodes = [charts.Node(link.name.value, link.address, link.kind) for link in links]
    return charts.Branch(seen.t.name("relation", name), body["relations_total"][name], nodes)


def _source_values(seen: Visit, differences: list[dict[str, Any]]) -> list[SourceValue]:
    return [
        SourceValue(
            seen.t.name("field", each["field"]) or seen.t.name("change_one", each["type"]),
            each["lang"] or "",
            _source_word(seen, each["field"], each["after"]),
            _source_word(seen, each["field"], each["before"]),
        )
        for each in differences
    ]


def _source_word(seen: Visit, field: str, value: str | None) -> str:
    """A value for people: what is a word of the program by its name."""
    return (seen.t.name(field, value) if value and field in ("status", "nature", "kind") else "") or value or ""


def _cite(seen: Visit, head: ConceptHead) -> Cite:
    release = seen.release or (str(seen.releases[-1]["name"]) if seen.releases else "")
    permanent = f"{seen.public_url}/c/{head.uuid}"
    pinned = f"{seen.public_url}/r/{release}/c/{head.uuid}" if release else ""
    code = f", {seen.t.name('scheme', head.scheme)} {head.code}" if head.code else ""
    edition = f", {seen.t('releases.one', name=release).lower()}" if release else ""
    quoted = f"« {head.name.value} »" if seen.lang == "fr" else f"“{head.name.value}”"
    return Cite(permanent, pinned, release, f"{quoted}{code}. Wiki-C{edition}. {pinned or permanent}")


def _history_entry(seen: Visit, item: Mapping[str, Any]) -> Entry:
    relations = [
        (each["change"], seen.t.name("relation", each["type"]), concept_link(each, seen.addresses, seen.lang))
        for each in item["relations"]
    ]
    return Entry(
        seq=item["seq"],
        time=item["time"],
        actor=author_of(item, seen.t),
        kind=item["kind"],
        summary=summary_of(item, seen.t),
        address=f"/changes/{item['seq']}",
        changes=item["changes"],
        relations=relations,
        more=item["relations_total"] - len(relations),
        moderator=item["details"].get("moderator", ""),
        proposals=proposal_addresses(item["details"]),
    )
