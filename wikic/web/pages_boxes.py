"""Copy boxes of pages: the alignment of a competency, or of a badge class, for every platform."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from wikic.domain.badges import BadgeClass
from wikic.domain.badges_alignments import BOX_FORMATS, Box
from wikic.domain.badges_bindings import BINDABLE
from wikic.services.badges_parts import BadgeServices
from wikic.services.badging_documents import Aligned
from wikic.services.binding_targets import target_of
from wikic.services.reading import Found
from wikic.web.pages_common import Visit
from wikic.web.texts import Texts
from wikic.web.views_common import Link
from wikic.web.views_open_badges import CopyBox, CopyBoxes

_MOST_ROWS: Final = 12


def boxes_of_concept(seen: Visit, found: Found) -> CopyBoxes | None:
    """Those of a competency on its page: on the current version with its permanent address, on a release's with the pinned one. Mostly no round trip."""
    concept, moment = found.concept, seen.moment
    if concept.content.kind not in BINDABLE or moment is None or moment.state not in ("", "published"):
        return None
    badges: BadgeServices = seen.request.app.state.services.badges
    published = [(str(each["name"]), int(each["seq"])) for each in seen.releases if each["state"] == "published"]
    release, since = (seen.release, moment.seq) if seen.release else published[-1] if published else ("", moment.seq)
    if concept.seq <= since:
        target = target_of(concept.identity.uuid, concept.identity.scheme, concept.content, seen.lang, release)
        aligned = badges.documents.aligned(target)
    else:
        aligned = badges.documents.competency(concept.identity.uuid, seen.lang)
    return boxes_of(aligned, seen.public_url, seen.lang, address="pinned" if seen.release else "permanent")


def boxes_of_badge(seen: Visit, badges: BadgeServices, badge: BadgeClass) -> CopyBoxes | None:
    """Those of a badge class that was published and attests something."""
    if not badge.public:
        return None
    described = badges.documents.described(badge)
    documents = [Link(f"/b/{badge.id}.{form}.json", seen.t.name("box_format", form)) for form in ("ob2", "ob3")]
    if not described.attested:
        return CopyBoxes("", [], documents)
    made = _made(seen.t, lambda format: badges.documents.boxes_of(described, format, seen.public_url))
    return CopyBoxes(seen.t("boxes.help"), made, documents)


def boxes_of(aligned: Aligned, base: str, lang: str, *, address: str = "permanent") -> CopyBoxes:
    """Those of a competency that is known."""
    t = Texts(lang)
    release = aligned.attested.target.release
    made = _made(t, lambda format: aligned.box(format, base, lang=lang, address=address))
    return CopyBoxes(t("boxes.help_pinned", release=release) if address == "pinned" else t("boxes.help"), made)


def _made(t: Texts, make: Callable[[str], Box]) -> list[CopyBox]:
    return [_box(t, make(format)) for format in BOX_FORMATS]


def _box(t: Texts, box: Box) -> CopyBox:
    remarks = [t(f"box.{each.key}", **each.values) for each in box.remarks]
    alignments: list[Any] = list(box.alignments)
    return CopyBox(box.format, box.text, min(_MOST_ROWS, box.text.count("\n") + 1), remarks, json.dumps(alignments, ensure_ascii=False))
