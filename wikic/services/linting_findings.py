"""What is said about one alignment, given which concept it means: pure, so that a report can be made of thousands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from wikic.domain.addresses import is_web
from wikic.domain.alignment_targets import LONGEST, Target
from wikic.domain.concepts import ConceptContent
from wikic.domain.open_badges import ERROR, NOTE, WARNING, Alignment, Problem, escaped
from wikic.domain.open_badges_shapes import TARGETS
from wikic.domain.vocabulary import DEPRECATED, PREFERRED
from wikic.services.reading_views import Replacement, best
from wikic.store.concepts import Brief
from wikic.text.fold import fold

SET: Final = "set"
REMOVE: Final = "remove"
RENAME: Final = "rename"
WRAP: Final = "wrap"

ESCO_TYPE: Final = "ext:ESCOAlignment"
_SOURCED: Final = ("esco", "isco", "isced_f")
_OF_SHAPE: Final = {
    "portal": (WARNING, "portal"),
    "relative": (ERROR, "relative"),
    "other_path": (WARNING, "other_path"),
    "uuid_only": (ERROR, "uuid_only"),
    "code_only": (ERROR, "code_only"),
    "fiche": (WARNING, "fiche"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something found. `before` and `after`: the value as it was and repaired, None where there is none; `certain`: whether the repair can only be this one
    (certain repairs are made in the repaired document); `repair`: set, remove, rename or wrap, "" for none; `candidates`: concepts that may be meant."""

    problem: Problem
    before: Any = None
    after: Any = None
    certain: bool = False
    repair: str = ""
    candidates: tuple[dict[str, Any], ...] = ()

    @property
    def applied(self) -> bool:
        """Whether the repaired document has it."""
        return self.certain and bool(self.repair)


@dataclass(slots=True)
class Meant:
    """What an alignment means. `concept`: as of the moment it is read at, None if it is not known; `replacement`: what replaced it by now;
    `contents`: what it says and said, where its preferred labels do not say enough; `options`: the concepts it could be, where there may be several;
    `mentioned`: the concept whose address stands within another one; `isco`: whether the code beside the address is one of ISCO's."""

    target: Target
    concept: Brief | None = None
    alias: bool = False
    replacement: Replacement = field(default_factory=lambda: Replacement([], []))
    contents: Sequence[tuple[bool, ConceptContent]] = ()
    options: Sequence[Brief] = ()
    mentioned: Brief | None = None
    isco: bool = False
    trouble: str = ""
    suggestions: Sequence[Mapping[str, Any]] | None = None


class Judge:
    """Findings of one document: its format, its language, and where this site is."""

    def __init__(self, form: str, lang: str, own: str, reader: str) -> None:
        self._form, self._lang, self._own, self._reader = form, lang, own, reader

    def judge(self, raw: Any, alignment: Alignment, meant: Meant) -> tuple[list[Finding], Brief | None]:
        """Everything about one alignment, and the concept that the repaired one leads to."""
        self._raw = raw if isinstance(raw, dict) else {}
        self._at, self._keys, self._extension = alignment.pointer, dict(alignment.keys), alignment.extension
        found: list[Finding] = []
        if alignment.bare:
            found.append(self._one(ERROR, "", "bare_address", before=alignment.url, after={}, certain=True, repair=WRAP))
        if not alignment.extension:
            found += self._old_names()
        concept = self._concept(alignment, meant, found)
        if not alignment.further and concept is not None:
            self._name(alignment, meant, concept, found)
        elif not alignment.further and not alignment.name:
            found.append(self._one(ERROR, self._key("name"), "name_missing"))
        if not alignment.extension:
            if concept is not None:
                self._code(alignment, meant, concept, found)
            self._type(concept, meant.target, found)
        return found, concept

    def address(self, concept: Brief, target: Target) -> str:
        """The address that an alignment to the concept should have."""
        if target.shape == "pinned" and concept.uuid:
            return f"{self._own}/r/{target.release}/c/{concept.uuid}"
        sourced = concept.scheme in _SOURCED and concept.iri.startswith("http")
        return concept.iri if sourced and target.shape != "own" else f"{self._own}/c/{concept.uuid}"

    def name(self, names: Mapping[str, str]) -> str:
        """The label in the language of the badge, else of the reader."""
        lang = next((tag for tag in names if self._lang and _base(tag) == _base(self._lang)), self._reader)
        return best(names, lang)

    def _key(self, part: str) -> str:
        """The name of a field in this alignment, also where it is missing."""
        if self._extension:
            return self._keys.get(part, {"url": "framework_identifier"}.get(part, part))
        if part in self._keys:
            return {"url": "targetUrl", "name": "targetName"}.get(self._keys[part], self._keys[part]) if self._modern else self._keys[part]
        snake = any("_" in key and key.startswith("target") for key in self._keys.values())
        return f"target_{part}" if snake else f"target{part.capitalize()}"

    @property
    def _modern(self) -> bool:
        return self._form in ("2.0", "3.0")

    def _one(self, severity: str, name: str, key: str, about: str = "", **more: Any) -> Finding:
        pointer = f"{self._at}/{escaped(name)}" if name else self._at
        return Finding(Problem(severity, pointer, key, about), **more)

    def _old_names(self) -> list[Finding]:
        found = []
        for part, now in (("url", "targetUrl"), ("name", "targetName")):
            key = self._keys.get(part)
            if self._modern and key in ("url", "name"):
                found.append(self._one(WARNING, key, "old_names", now, before=key, after=now, certain=True, repair=RENAME))
        return found

    def _concept(self, alignment: Alignment, meant: Meant, found: list[Finding]) -> Brief | None:
        url, key = alignment.url, self._key("url")
        if len(url) > LONGEST:
            found.append(self._one(WARNING, key, "long_url", before=url[:300]))
        if meant.trouble:
            found.append(self._one(ERROR, key, meant.trouble, meant.target.release, before=url))
            return None
        if meant.concept is None:
            self._unknown(alignment, meant, found)
            return None
        concept, target = meant.concept, meant.target
        if len(meant.options) > 1:
            shown = tuple(map(self._candidate, meant.options))
            found.append(self._one(ERROR, key, "unsure", before=url or None, candidates=shown))
            return None
        successor = self._successor(concept, meant, target, found, url)
        address = self.address(successor, target)
        if not url.strip():
            about = alignment.code
            found.append(self._one(ERROR, key, "url_from_code", about, before=None, after=address, certain=True, repair=SET))
        elif successor is concept:
            self._address(url, address, meant, found)
        return successor

    def _address(self, url: str, address: str, meant: Meant, found: list[Finding]) -> None:
        if url == address:
            return
        severity, key = _OF_SHAPE.get(meant.target.shape, (WARNING, ""))
        if not key:
            key = _difference(url, address)
            severity = NOTE if key in ("case", "slash", "encoding") else WARNING
        moved = meant.target.shape in ("own", "pinned", "esco") and (meant.alias or (key == "decorated" and meant.target.iri not in ("", address)))
        if moved:
            key = "alias"
        found.append(self._one(severity, self._key("url"), key, before=url, after=address, certain=True, repair=SET))

    def _successor(self, concept: Brief, meant: Meant, target: Target, found: list[Finding], url: str) -> Brief:
        """The concept that stands for this one now."""
        final, key = meant.replacement.final, self._key("url")
        if target.shape == "pinned":
            if final:
                about = ", ".join(self.name(each.preferred) for each in final)
                found.append(self._one(NOTE, key, "replaced_since", about, candidates=tuple(map(self._candidate, final))))
            return concept
        if concept.status != DEPRECATED:
            return concept
        if not final:
            found.append(self._one(WARNING, key, "deprecated", before=url))
            return concept
        about = ", ".join(self.name(each.preferred) for each in final)
        shown = tuple(map(self._candidate, final))
        if len(final) > 1:
            found.append(self._one(ERROR, key, "replaced_many", about, before=url, candidates=shown))
            return concept
        after = self.address(final[0], target)
        found.append(self._one(ERROR, key, "replaced", about, before=url, after=after, certain=True, repair=SET, candidates=shown))
        return final[0]

    def _unknown(self, alignment: Alignment, meant: Meant, found: list[Finding]) -> None:
        url, key, target = alignment.url, self._key("url"), meant.target
        remote = is_web(target.address or url)
        if target.of_esco:
            self._unknown_of_esco(url, target, found)
        elif target.shape in ("own", "pinned", "fiche"):
            found.append(self._one(ERROR, key, "not_found", target.address[:200], before=url))
        elif url.strip() and not remote:
            found.append(self._one(ERROR, key, "bad_url", before=url))
        elif url.strip():
            self._unknown_elsewhere(url, meant, found)
            return
        elif not alignment.extension:
            # The extension need not lead anywhere.
            found.append(self._one(ERROR, key, "url_missing" if alignment.name or alignment.code else "target_missing"))
        if not url.strip() or target.shape not in ("esco", "portal", "relative", "own", "pinned"):
            self._suggest(alignment, meant, found)

    def _unknown_of_esco(self, url: str, target: Target, found: list[Finding]) -> None:
        key = self._key("url")
        if target.iri and url != target.iri:
            severity, name = _OF_SHAPE.get(target.shape, (WARNING, _difference(url, target.iri)))
            # What follows may name something else, as far as one knows.
            certain = target.shape == "portal" or not {"?", "#"} & set(url)
            found.append(self._one(severity, key, name, before=url, after=target.iri, certain=certain, repair=SET))
        found.append(self._one(WARNING, key, "not_found", target.iri or target.address[:200], before=url))

    def _unknown_elsewhere(self, url: str, meant: Meant, found: list[Finding]) -> None:
        key, target = self._key("url"), meant.target
        if url != target.address and target.shape == "other":
            found.append(self._one(WARNING, key, "spaces", before=url, after=target.address, certain=True, repair=SET))
        elif any(map(str.isspace, url)):
            found.append(self._one(WARNING, key, "spaces", before=url))
        found.append(self._one(NOTE, key, "unknown_target", before=url))
        if meant.mentioned is not None:
            shown = self._candidate(meant.mentioned)
            found.append(self._one(NOTE, key, "mentioned", shown["label"], before=url, after=shown["address"], repair=SET, candidates=(shown,)))

    def _suggest(self, alignment: Alignment, meant: Meant, found: list[Finding]) -> None:
        key = self._key("url")
        if not alignment.name.strip():
            found.append(self._one(NOTE, key, "no_name"))
        elif meant.suggestions is None:
            found.append(self._one(NOTE, key, "not_searched"))
        elif not meant.suggestions:
            found.append(self._one(NOTE, key, "no_suggestion"))
        else:
            first = meant.suggestions[0]
            shown = tuple(dict(each) for each in meant.suggestions)
            found.append(self._one(WARNING, key, "suggestion", str(first["label"]), after=first["address"], repair=SET, candidates=shown))

    def _candidate(self, concept: Brief) -> dict[str, Any]:
        return {
            "uuid": concept.uuid,
            "label": self.name(concept.preferred),
            "address": self.address(concept, Target("other")),
            "score": None,
        }

    def _name(self, alignment: Alignment, meant: Meant, concept: Brief, found: list[Finding]) -> None:
        key, value, names = self._key("name"), alignment.name, concept.preferred
        if not value.strip():
            label = self.name(names)
            found.append(self._one(ERROR, key, "name_missing", before=value or None, after=label, certain=True, repair=SET))
            return
        words = fold(value)
        spoken = [lang for lang, label in names.items() if fold(label) == words]
        wished = [lang for lang in spoken if _base(lang) == _base(self._lang)] if self._lang else spoken
        if wished or (spoken and not any(_base(lang) == _base(self._lang) for lang in names)):
            fitting = wished or spoken
            if value not in [names[lang] for lang in fitting]:
                label = names[fitting[0]]
                found.append(self._one(NOTE, key, "name_form", label, before=value, after=label, certain=True, repair=SET))
            return
        label = self.name(names)
        if spoken:
            found.append(self._one(NOTE, key, "other_language", label, before=value, after=label, certain=True, repair=SET))
            return
        # The name may be that of the concept that was replaced.
        if meant.concept is not concept and meant.concept is not None and words in map(fold, meant.concept.preferred.values()):
            label = _same_language(words, meant.concept.preferred, names) or label
            found.append(self._one(WARNING, key, "renamed", label, before=value, after=label, certain=True, repair=SET))
            return
        self._other_name(words, value, meant, concept, label, found)

    def _other_name(self, words: str, value: str, meant: Meant, concept: Brief, label: str, found: list[Finding]) -> None:
        key = self._key("name")
        current = [each for now, content in meant.contents if now for each in content.labels]
        former = [each for now, content in meant.contents if not now for each in content.labels if each.type == PREFERRED]
        # Who renames a concept mostly keeps its name as another one.
        old = next((each.lang for each in former if fold(each.value) == words), None)
        if old is not None:
            label = label if self._lang else concept.preferred.get(old, label)
            found.append(self._one(WARNING, key, "renamed", label, before=value, after=label, certain=True, repair=SET))
        elif any(fold(each.value) == words for each in current) or words in _halves(concept.preferred.values()):
            found.append(self._one(NOTE, key, "alternative_name", label, before=value, after=label, repair=SET))
        else:
            found.append(self._one(WARNING, key, "name_differs", label, before=value, after=label, repair=SET))

    def _code(self, alignment: Alignment, meant: Meant, concept: Brief, found: list[Finding]) -> None:
        code, key = alignment.code.strip(), self._key("code")
        if not code:
            return
        tail = concept.iri.rstrip("/").rpartition("/")[2]
        known = {concept.code, f"{concept.scheme}:{concept.code}", tail, concept.iri, concept.uuid}
        if code.casefold() in {each.casefold() for each in known if each}:
            return
        after = concept.code or tail or concept.uuid
        if meant.isco and concept.scheme != "isco":
            found.append(self._one(WARNING, key, "isco_code", before=alignment.code, after=after, certain=True, repair=SET))
        else:
            found.append(self._one(WARNING, key, "code_differs", after, before=alignment.code, after=after, repair=SET))

    def _type(self, concept: Brief | None, target: Target, found: list[Finding]) -> None:
        value = self._raw.get("targetType")
        if self._form == "3.0" and self._raw and self._raw.get("type") != ["Alignment"] and "Alignment" not in (self._raw.get("type") or ()):
            found.append(self._one(ERROR, "type", "alignment_type", before=self._raw.get("type"), after=["Alignment"], certain=True, repair=SET))
        elif self._form == "3.0" and self._raw.get("type") == "Alignment":
            found.append(self._one(NOTE, "type", "alignment_type", before="Alignment", after=["Alignment"], certain=True, repair=SET))
        if value is None:
            return
        if self._form in ("2.0", "1.x"):
            found.append(self._one(WARNING, "targetType", "type_in_ob2", before=value, certain=True, repair=REMOVE))
            return
        esco = not self._own_address() and (concept.scheme in _SOURCED if concept is not None else target.of_esco)
        fitting = ESCO_TYPE if esco else "CFItem" if concept is not None else None
        if not isinstance(value, str) or (value not in TARGETS and not value.startswith("ext:")):
            repair = SET if fitting else REMOVE
            found.append(self._one(ERROR, "targetType", "type_unknown", str(value)[:60], before=value, after=fitting, certain=True, repair=repair))
        elif esco and value == "CFItem":
            found.append(self._one(WARNING, "targetType", "type_esco", ESCO_TYPE, before=value, after=ESCO_TYPE, certain=True, repair=SET))

    def _own_address(self) -> bool:
        return str(self._raw.get("targetUrl", "")).startswith(f"{self._own}/")


def _same_language(words: str, old: Mapping[str, str], new: Mapping[str, str]) -> str:
    """The new label in the language in which the old one is said."""
    return next((new[lang] for lang, label in old.items() if fold(label) == words and lang in new), "")


def _halves(labels: Iterable[str]) -> set[str]:
    """The parts of labels that give two forms, such as one for men and one for women."""
    return {fold(part) for label in labels if " / " in label for part in label.split(" / ")}


def _difference(url: str, address: str) -> str:
    """In what two addresses differ."""
    bare = "".join(url.split())
    if bare == address:
        return "spaces"
    if bare.rstrip("/") == address:
        return "slash"
    if unquote(bare) == address:
        return "encoding"
    if bare.lower().rstrip("/") == address.lower():
        return "case"
    try:
        one, other = urlsplit(bare), urlsplit(address)
    except ValueError:
        return "decorated"
    same = one.netloc.lower().removeprefix("www.") == other.netloc.lower() and one.path.rstrip("/").lower() == other.path.lower()
    return "http" if same and one.scheme != other.scheme and not one.query and not one.fragment else "decorated"


def _base(tag: str) -> str:
    return tag.partition("-")[0].lower()
