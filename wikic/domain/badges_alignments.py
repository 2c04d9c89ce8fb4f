"""Alignments: how Open Badges 2.0 and 3.0 and the platforms that make badges write which competency a badge attests, and what does not fit each. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, get_args
from urllib.parse import quote

from wikic.domain.alignment_targets import LONGEST
from wikic.domain.badges_bindings import Target, framework_name

BoxFormat = Literal["ob2", "ob3", "badgr", "moodle", "obf", "edubadges"]
BOX_FORMATS: Final[tuple[str, ...]] = get_args(BoxFormat)
TargetAddress = Literal["permanent", "pinned"]

_LEVEL: Final[Mapping[str, str]] = {"fr": "Niveau {number} : {name}.", "en": "Level {number}: {name}."}
"""How a description says a level where a platform has no field for it."""
_ESCO: Final = re.compile(r"http://data\.europa\.eu/esco/\S+\Z")
_FIELDS: Final = ("targetName", "targetUrl", "targetDescription", "targetFramework", "targetCode")
_FORMS: Final = ("moodle", "obf", "edubadges")
"""Platforms that are filled in by hand, field by field."""
_MOST: Final[Mapping[str, int]] = {"edubadges": 8}
_CUT: Final[Mapping[str, tuple[str, ...]]] = {"moodle": ("targetName", "targetFramework", "targetCode")}
"""Fields that are cut at 255 characters there."""


@dataclass(frozen=True, slots=True)
class Attested:
    """A competency as an alignment names it: its values as of `target.release`, and the level (`practice:2`, or "") with its name in words."""

    target: Target
    level: str = ""
    level_name: str = ""


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that does not fit, or that one has to know: its key, and the values of its sentence."""

    key: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Box:
    """What is copied into one platform. `alignments` are its objects; `text` what is pasted: JSON, or lines for a form; `left_out`: how many
    alignments it does not take."""

    format: str
    alignments: Sequence[Mapping[str, Any]]
    text: str
    remarks: Sequence[Remark] = ()
    left_out: int = 0


def permanent_url(base: str, concept: str) -> str:
    """Where a competency is, for ever."""
    return f"{base}/c/{concept}"


def pinned_url(base: str, concept: str, release: str) -> str:
    """Where it is as of a release; the permanent address for none."""
    return f"{base}/r/{quote(release, safe='/')}/c/{concept}" if release else permanent_url(base, concept)


def alignments(attested: Attested, base: str, *, address: str = "permanent") -> list[dict[str, Any]]:
    """The alignments of one competency as Open Badges 3.0 writes them: ours, and beside it that of ESCO where it has an address there."""
    target = attested.target
    url = pinned_url(base, target.concept, target.release) if address == "pinned" else permanent_url(base, target.concept)
    made = [_filled(target, url, framework_name(target.release), "CFItem")]
    if _ESCO.match(target.iri):
        made.append(_filled(target, target.iri, "ESCO", "ext:ESCOAlignment"))
    return made


def all_alignments(attested: Sequence[Attested], base: str, *, address: str = "permanent", levels: str | None = None) -> list[dict[str, Any]]:
    """Those of several competencies, equal ones once: one that is attested at two levels is the same alignment where no level is said. `levels`: the language
    in which descriptions say levels, for what has no field for them."""
    made: list[dict[str, Any]] = []
    for each in attested:
        shown = each if levels is None else _with_level(each, levels)
        made += [one for one in alignments(shown, base, address=address) if one not in made]
    return made


def as_ob2(alignment: Mapping[str, Any]) -> dict[str, Any]:
    """The same for Open Badges 2.0, which knows no type of alignments or targets."""
    return {name: value for name, value in alignment.items() if name in _FIELDS}


def box(format: str, attested: Sequence[Attested], base: str, *, lang: str = "fr", address: str = "permanent", results: Sequence[Any] = ()) -> Box:
    """What is copied into a platform for these competencies. `results`: the result descriptions that go with them, for Open Badges 3.0."""
    made = all_alignments(attested, base, address=address, levels=None if format == "ob3" else lang)
    remarks: list[Remark] = []
    if format == "ob3":
        whole = {"alignment": made} | ({"resultDescription": list(results)} if results else {})
        return Box(format, made, _json(whole), _deprecated(attested))
    plain = [as_ob2(each) for each in made]
    kept = _fitting(format, plain, remarks)
    if format != "ob2" and any(each.level for each in attested):
        remarks.append(Remark("level_in_text"))
    if format == "obf":
        remarks.append(Remark("case_source", {"address": f"{base}/ims/case/v1p1"}))
    text = _lines(kept) if format in _FORMS else _json({"alignments" if format == "badgr" else "alignment": kept})
    return Box(format, kept, text, [*_deprecated(attested), *remarks], len(plain) - len(kept))


def _filled(target: Target, url: str, framework: str, kind: str) -> dict[str, Any]:
    values = {
        "type": ["Alignment"], "targetName": target.name or target.code or target.concept, "targetUrl": url, "targetDescription": target.description,
        "targetFramework": framework, "targetCode": target.code, "targetType": kind,
    }  # fmt: skip
    return {name: value for name, value in values.items() if value}


def _with_level(attested: Attested, lang: str) -> Attested:
    """The same with the level said in the description."""
    if not attested.level:
        return attested
    target = attested.target
    # In other languages the name of the level is the French one, where it has none in them.
    said = _LEVEL.get(lang.partition("-")[0], _LEVEL["fr"]).format(number=attested.level.rpartition(":")[2], name=attested.level_name)
    description = " ".join(filter(None, (target.description, said)))
    return replace(attested, target=replace(target, description=description))


def _fitting(format: str, made: list[dict[str, Any]], remarks: list[Remark]) -> list[dict[str, Any]]:
    """What a platform takes of these; what it does not is said."""
    kept = made
    if format == "moodle":
        kept = [each for each in made if len(each["targetUrl"]) <= LONGEST and each["targetUrl"].startswith(("http://", "https://"))]
        remarks += [Remark("url_refused", {"name": each["targetName"], "most": LONGEST}) for each in made if each not in kept]
    for each in kept:
        long = [name for name in _CUT.get(format, ()) if len(each.get(name, "")) > LONGEST]
        remarks += [Remark("cut", {"name": each["targetName"][:80], "field": name, "most": LONGEST}) for name in long]
    most = _MOST.get(format, len(kept))
    if len(kept) > most:
        remarks.append(Remark("too_many", {"n": len(kept), "most": most}))
        # Ours and ESCO's stand beside one another: ours first, so that each competency is named once.
        kept = sorted(kept, key=lambda each: each.get("targetFramework") == "ESCO")[:most]
    return kept


def _deprecated(attested: Sequence[Attested]) -> list[Remark]:
    return [Remark("deprecated", {"name": each.target.name}) for each in attested if each.target.status == "deprecated"]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def _lines(made: Sequence[Mapping[str, Any]]) -> str:
    return "\n\n".join("\n".join(f"{name}: {each[name]}" for name in _FIELDS if name in each) for each in made)
