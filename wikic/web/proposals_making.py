"""Making the form of a change: its present values, the concepts to choose from, and what checking found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from wikic.domain.ids import new_uuid
from wikic.domain.proposals import Proposal
from wikic.domain.proposals_changes import (
    MAPPINGS,
    Change,
    ChangeImportance,
    ChangeLabels,
    ChangeText,
    CreateConcept,
    MoveConcept,
    RemoveRelation,
    labels_of,
)
from wikic.domain.vocabulary import IMPORTANCES, INVERSE, KINDS, PREFERRED, RELATION_TYPES, SCHEMES
from wikic.errors import IndexBehind, InvalidInput
from wikic.services.proposing_checks import Checked
from wikic.services.proposing_shapes import Finding
from wikic.services.reading_views import Body
from wikic.services.searching import Filters
from wikic.text.fold import fold
from wikic.web.pages_common import Visit
from wikic.web.proposals_forms import Sent, SplitPart, identity_of, label_fields, label_key, split_parts, type_of_form
from wikic.web.proposals_services import ModerationServices
from wikic.web.texts import Texts
from wikic.web.texts_errors import said_of_finding
from wikic.web.views_common import ConceptLink, Link, concept_link
from wikic.web.views_differences import Names, change_title
from wikic.web.views_proposals import (
    ChangeForm,
    CheckedView,
    EarlierView,
    FindingView,
    FoundConcept,
    Option,
    RelationChoice,
    SplitPiece,
    TargetStep,
)

_FOUND: Final = 8
_COMPETENCIES: Final = ("skill", "knowledge")
"""One kind where entries are merged."""
_RELATIONS: Final = 1_000
NONE_BORN: Final[Mapping[str, str]] = {}
_SEEKS: Final = {"relate": True, "map": True, "merge": True, "move": False, "deprecate": False, "create": False, "split": False}
"""The types whose form looks for another concept, and whether they need one."""
_AMENDED: Final = ({*_SEEKS} | {"restore"}) - {"create"}
"""The same where a moderator amends: what would be restored may stay deprecated, replaced by another one; where a new one stands is a change of its own."""
_OFFERED: Final = tuple(name for name in RELATION_TYPES if name not in (*MAPPINGS, "replaced_by", "broader"))
"""Relations that are added as such; moving, mapping and replacing have forms of their own."""


FURTHER: Final[tuple[tuple[str, str, str], ...]] = (
    *(("labels", "", lang) for lang in ("fr", "en")),
    *(("text", "definition", lang) for lang in ("fr", "en")),
    *((kind, "", "") for kind in ("relate", "move", "map", "deprecate")),
)
"""Further changes of a concept that is being changed: type, field, language."""


def further_name(kind: str, field: str, lang: str, t: Texts) -> str:
    """One of FURTHER in words."""
    name = t.name("field", field) if field else t.name("change_type", kind)
    return f"{name} ({t.name('language', lang)})" if lang else name


def base_of(services: ModerationServices, sent: Sent) -> tuple[Any, str]:
    """The value that stood in the field of a form at the number it was opened at, None where it has none; and the field's language, as the concept writes
    it: FR is fr."""
    kind, seq = type_of_form(sent), sent.text("seq", 20)
    number = int(seq) if seq.isdecimal() else 0
    change: Change
    match kind:
        case "labels":
            change = ChangeLabels(sent.text("concept", 100), sent.text("language", 40), (), seq=number)
        case "text":
            change = ChangeText(sent.text("concept", 100), sent.text("field", 60), sent.text("language", 40), "", seq=number)
        case "importance" | "unrelate":
            ends = (sent.text("source", 100), sent.text("relation", 40), sent.text("target", 100))
            change = ChangeImportance(*ends, importance="", branch=sent.text("branch", 100), seq=number)
        case "move":
            change = MoveConcept(sent.text("concept", 100), "", "", seq=number)
        case _:
            return None, ""
    completed = services.proposing.complete([change], "public")[0]
    return completed.base, str(getattr(completed, "lang", ""))


def values_of(kind: str, base: Any, sent: Sent) -> dict[str, str]:
    """What stands in the fields of a form that is opened: the present value."""
    match kind:
        case "labels":
            return label_fields(labels_of(base or ()), sent.text("language", 40))
        case "text":
            return {"text": str(base or "")}
        case "importance":
            return {"importance": (base or {}).get("importance", "")}
        case "move":
            return {"old": sent.text("old", 100) or next(iter(base or ()), "")}
        case _:
            return {}


def make_form(
    seen: Visit,
    services: ModerationServices,
    sent: Sent,
    body: Body | None,
    base: Any,
    values: Mapping[str, str],
    *,
    fresh: bool,
    born: Mapping[str, str] = NONE_BORN,
    amending: bool = False,
) -> ChangeForm:
    """The form with these values. `body`: the concept; `fresh`: it is opened, and nothing was typed yet; `born`: the names of concepts that the same
    proposal would create; `amending`: a moderator amends a change, and may say what else becomes of a concept."""
    kind, t = type_of_form(sent), seen.t
    hidden = identity_of(sent)
    hidden.setdefault("seq", str(seen.moment.seq if seen.moment else 0))
    if kind == "create":
        hidden.setdefault("uuid", new_uuid())
    if not amending and not hidden.get("proposal"):
        # Sent twice, by two clicks, the form makes one proposal.
        hidden.setdefault("once", new_uuid())
    parts = split_parts(sent) if kind == "split" else []
    if kind == "split" and body is not None:
        hidden["kind"] = str(body["kind"])
    return ChangeForm(
        type=kind,
        title=form_title(sent, t),
        hidden=list(hidden.items()),
        values=values,
        lang=sent.text("language", 40) if kind in ("labels", "text") else "",
        other=_other(seen, services, sent) if kind in ("unrelate", "importance") else None,
        target=_target(seen, services, sent, body, kind) if kind in (_AMENDED if amending else _SEEKS) else None,
        options=_options(seen, services, sent, base, amending=amending),
        labels=_labels(body, sent, fresh=fresh) if kind == "merge" and body is not None else (),
        pieces=_pieces(seen, services, parts, born),
        amending=amending,
        relations=_relations(seen, services, sent, body, parts) if len(parts) > 1 and body is not None else (),
    )


def born_in(proposal: Proposal | None) -> dict[str, str]:
    """The names of the concepts that a proposal would create."""
    made = [change for change in proposal.changes if isinstance(change, CreateConcept)] if proposal is not None else []
    return {one.uuid: next((label.value for label in one.labels if label.type == PREFERRED), one.uuid) for one in made}


def form_title(sent: Sent, t: Texts) -> str:
    """What a form is about."""
    change: Change | None = None
    match type_of_form(sent):
        case "labels":
            change = ChangeLabels("", sent.text("language", 40), ())
        case "text":
            change = ChangeText("", sent.text("field", 60), sent.text("language", 40), "")
        case "unrelate":
            change = RemoveRelation("", sent.text("relation", 40), "")
        case "importance":
            change = ChangeImportance("", sent.text("relation", 40), "", "")
    return change_title(change, t) if change is not None else t.name("change_type", type_of_form(sent))


def _importances(t: Texts) -> list[Option]:
    return [(word, t.name("importance_one", word)) for word in IMPORTANCES]


def _options(seen: Visit, services: ModerationServices, sent: Sent, base: Any, *, amending: bool) -> dict[str, Sequence[Option]]:
    kind, t = type_of_form(sent), seen.t
    options: dict[str, Sequence[Option]] = {"importance": _importances(t)}
    if kind == "relate":
        # An amendment keeps the concept that the relation starts from.
        names = [*_OFFERED, *(INVERSE[name] for name in _OFFERED if name != "related" and not amending)]
        asked = sent.text("relation", 40)
        names += [asked] if asked in RELATION_TYPES and asked not in names else []
        options["relation"] = [(name, t.name("relation", name)) for name in names]
    if kind == "map":
        options["relation"] = [(name, t.name("relation", name)) for name in MAPPINGS]
    if kind == "create":
        options["kind"] = [(name, t.name("kind", name)) for name in KINDS]
    if kind == "move" and seen.moment is not None:
        briefs = _briefs(seen, services, base or ())
        options["old"] = [(uuid, briefs[uuid].name.value if uuid in briefs else uuid) for uuid in base or ()]
    if kind == "unrelate" and amending:
        options["instead"] = _importances(t)
    return options


def _link(seen: Visit, body: Mapping[str, Any]) -> ConceptLink:
    return concept_link(body, seen.addresses, seen.lang)


def _briefs(seen: Visit, services: ModerationServices, uuids: Sequence[str]) -> dict[str, ConceptLink]:
    wanted = [uuid for uuid in uuids if uuid]
    if not wanted or seen.moment is None:
        return {}
    return {uuid: _link(seen, body) for uuid, body in services.reading.briefs(wanted, seen.moment, seen.lang).items()}


def _other(seen: Visit, services: ModerationServices, sent: Sent) -> ConceptLink | None:
    concept, source, target = (sent.text(name, 100) for name in ("concept", "source", "target"))
    other = target if source == concept else source
    return _briefs(seen, services, [other]).get(other)


def _target(seen: Visit, services: ModerationServices, sent: Sent, body: Body | None, kind: str) -> TargetStep:
    query, chosen = sent.text("q", 300), sent.text("target", 100)
    found: dict[str, FoundConcept] = {}
    if chosen and sent.text("action", 20) not in ("add", "new"):
        found = {uuid: FoundConcept(link, chosen=True) for uuid, link in _briefs(seen, services, [chosen]).items()}
    if query:
        own = str(body["uuid"]) if body is not None else ""
        for hit in _hits(services, query, body, kind):
            if hit["uuid"] != own and len(found) < _FOUND and hit["uuid"] not in found:
                found[hit["uuid"]] = FoundConcept(_link(seen, hit))
    return TargetStep(seen.t(f"propose.target_{kind}"), query, list(found.values()), bool(query), _SEEKS.get(kind, False))


def _hits(services: ModerationServices, query: str, body: Body | None, kind: str) -> list[Body]:
    limits = [Filters()]
    if body is not None and kind == "map":
        # Each scheme by itself: what one has many of would hide the others.
        limits = [Filters(scheme=scheme) for scheme in SCHEMES if scheme != body["scheme"]]
    elif body is not None and kind in ("merge", "split", "deprecate", "restore"):
        own = str(body["kind"])
        limits = [Filters(kind=each) for each in (_COMPETENCIES if kind == "merge" and own in _COMPETENCIES else (own,))]
    found: list[Body] = []
    try:
        sought = services.searching.sought()
        for limit in limits:
            found += services.searching.results(query, limit, sought, limit=3 * _FOUND).items
    except (IndexBehind, InvalidInput):
        return []
    return sorted(found, key=lambda hit: -float(hit["score"])) if len(limits) > 1 else found


def _labels(body: Body, sent: Sent, *, fresh: bool) -> list[tuple[str, str, bool]]:
    # A label may move as one of another type: a preferred one becomes an alternative one.
    chosen = {(lang, value) for lang, _, value in ([*each.split("|", 2), "", ""][:3] for each in sent.many("label"))}
    return [
        (label_key(label), f"{label['value']} ({label['lang']})", fresh or (label["lang"], label["value"]) in chosen)
        for label in body["labels"]
    ]


def _pieces(
    seen: Visit, services: ModerationServices, parts: Sequence[SplitPart], born: Mapping[str, str]
) -> list[SplitPiece]:
    known = _briefs(seen, services, [part.uuid for part in parts if not part.name and part.uuid not in born])
    names = {**{uuid: link.name.value for uuid, link in known.items()}, **born}
    return [
        SplitPiece(part.key, part.uuid, part.name or names.get(part.uuid, part.uuid), bool(part.name) or part.uuid in born)
        for part in parts
    ]


def related(seen: Visit, services: ModerationServices, concept: str) -> list[Body]:
    """All relations of a concept, whatever their number."""
    found: list[Body] = []
    cursor: str | None = None
    while seen.moment is not None:
        page = services.reading.relations(concept, seen.moment, name=None, cursor=cursor, limit=_RELATIONS, lang=seen.lang)
        found += page.items
        cursor = page.next
        if cursor is None:
            break
    return found


def _relations(
    seen: Visit, services: ModerationServices, sent: Sent, body: Body, parts: Sequence[SplitPart]
) -> list[RelationChoice]:
    # All of them: what is given to no part cannot be split.
    found = related(seen, services, str(body["uuid"]))
    given, first = sent.starting("assign-"), parts[0].uuid
    choices = [
        RelationChoice(item["id"], seen.t.name("relation", item["type"]), _link(seen, item), given.get(item["id"], first))
        for item in found
        if item["type"] not in ("replaced_by", "replaces")
    ]
    return sorted(choices, key=lambda each: (each.name, fold(each.concept.name.value)))


def checked_view(checked: Checked, names: Names, seen: Visit) -> CheckedView:
    """What checking found, in the reader's language."""
    similar = [
        FoundConcept(_link(seen, hit), score=f"{round(100 * float(hit['score']))} %") for hit in checked.similar
    ]
    return CheckedView(
        findings=[finding_view(one, names, seen.t) for one in checked.findings],
        similar=similar,
        rejected=[EarlierView(f"/proposals/{one['proposal']}", one["time"], one["reason"]) for one in checked.rejected],
        alike=[Link(f"/proposals/{one}", seen.t("proposal.number", n=one[-6:])) for one in checked.alike],
        impact=checked.impact,
        neighbours=checked.neighbours,
        good=not checked.errors,
    )


def finding_view(finding: Finding, names: Names, t: Texts) -> FindingView:
    """One finding."""
    text = said_of_finding(finding.code, finding.message, finding.values, t)
    concept = finding.values.get("concept")
    return FindingView(finding.severity, text, names(str(concept)) if concept else None)
