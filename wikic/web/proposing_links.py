"""From the pages of a concept to the forms that change it: one link for each field, and the proposals that are open about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from wikic.domain.access import NOBODY
from wikic.domain.vocabulary import IMPORTANCES, INVERSE
from wikic.web.pages_common import Visit
from wikic.web.pages_proposals import names_of
from wikic.web.pages_proposals_one import title_of
from wikic.web.proposals_services import ModerationServices
from wikic.web.texts import LANGUAGES, Texts
from wikic.web.views_common import Link

_OPEN: Final = 3
_FORWARD: Final = {inverse: name for name, inverse in INVERSE.items()}
_WEIGHED: Final = ("requires", "skill_requires", "mobility")
"""Relations whose importance is said."""


def form_address(kind: str, **query: str) -> str:
    """The form of a change."""
    return "/propose?" + urlencode({"type": kind, **{name: value for name, value in query.items() if value}})


def links_of(body: Mapping[str, Any], definition_lang: str, t: Texts) -> dict[str, str]:
    """The forms of a concept's fields, by field: `labels|fr`, `definition`, `definition|own` (in the page's language), `NOTE|fr`, relations by their names,
    those of an importance as `requires-key`."""
    concept = str(body["uuid"])
    tags = {label["lang"] for label in body["labels"]} | set(LANGUAGES)
    found = {f"labels|{tag}": form_address("labels", concept=concept, language=tag) for tag in sorted(tags)}
    found["definition"] = form_address("text", concept=concept, field="definition", language=definition_lang or t.lang)
    found["definition|own"] = form_address("text", concept=concept, field="definition", language=t.lang)
    for name, texts in body["notes"].items():
        for lang in texts:
            found[f"{name}|{lang}"] = form_address("text", concept=concept, field=name, language=lang)
    for name in body["relations"]:
        relation = "broader" if name == "narrower" else name
        found[name] = form_address("move", concept=concept) if relation == "broader" else form_address("relate", concept=concept, relation=name)
    if "requires" in body["relations"]:
        found |= {f"requires-{each}": form_address("relate", concept=concept, relation="requires", importance=each) for each in IMPORTANCES}
    return found


def acts_of(body: Mapping[str, Any], t: Texts) -> list[Link]:
    """What else can be proposed about a concept."""
    concept = str(body["uuid"])
    deprecated = body["status"] == "deprecated"
    kinds = ("restore",) if deprecated else ("relate", "move", "map", "merge", "split", "deprecate")
    links = [Link(form_address(kind, concept=concept), t.name("change_type", kind)) for kind in kinds]
    if deprecated:
        links.append(Link(form_address("deprecate", concept=concept), t("propose.replacement")))
    missing = [tag for tag in LANGUAGES if not any(label["lang"] == tag for label in body["labels"])]
    links += [Link(form_address("labels", concept=concept, language=tag), f"{t.name('change_type', 'labels')} ({t.name('language', tag)})") for tag in missing]
    links.append(Link(form_address("text", concept=concept), t("propose.add_text")))
    return [*links, Link(form_address("labels", concept=concept), t("propose.other_language"))]


def relation_links(concept: str, item: Mapping[str, Any], t: Texts) -> list[Link]:
    """The forms that change one relation of a concept; `item` names it as seen from there."""
    name, other = str(item["type"]), str(item["uuid"])
    forward = _FORWARD.get(name)
    source, relation, target = (other, forward, concept) if forward else (concept, name, other)
    if relation == "replaced_by":
        return []
    ends = {"concept": concept, "source": source, "relation": relation, "target": target, "branch": item.get("branch") or ""}
    links = [Link(form_address("importance", **ends), t.name("change_type", "importance"))] if relation in _WEIGHED else []
    if relation == "broader":
        links.append(Link(form_address("move", concept=source, old=target), t.name("change_type", "move")))
    return [*links, Link(form_address("unrelate", **ends), t("propose.drop"))]


def open_about(seen: Visit, services: ModerationServices | None, uuid: str) -> list[Link]:
    """The open proposals about a concept that everyone may see: the same for all readers, so that the page can be kept. Few are listed."""
    if services is None or seen.release:
        return []
    found = services.proposing.of_concept(uuid, NOBODY)
    if not found:
        return []
    shown = found[:_OPEN]
    names = names_of(seen, services, [change for one in shown for change in one.changes])
    links = [Link(f"/proposals/{one.id}", title_of(one, names, seen.t, about=uuid)) for one in shown]
    more = Link(f"/proposals?concept={uuid}", seen.t("proposals.all_here"), total=len(found))
    return [*links, more] if len(found) > len(shown) else links
