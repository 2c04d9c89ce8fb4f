"""What all pages share: the frame around a page, links, and texts with their language. Templates see these dataclasses
and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar
from urllib.parse import quote, urlencode

from wikic.domain.access import NOBODY, Actor
from wikic.services.reading_views import best
from wikic.web.texts import Texts


@dataclass(frozen=True, slots=True)
class Text:
    """A text with the language it is in; `foreign`: another than the page's."""

    value: Annotated[str, "The text."]
    lang: Annotated[str, "Its language tag."]
    foreign: Annotated[bool, "Whether it is in another language than the page."] = False


@dataclass(frozen=True, slots=True)
class Link:
    """An address with its text; `current`: the one that is shown."""

    address: Annotated[str, "Where it leads."]
    text: Annotated[str, "What it says."]
    current: Annotated[bool, "Whether it is where the reader is."] = False
    lang: Annotated[str, "The language of the text, if another than the page's."] = ""
    total: Annotated[int | None, "How many there are behind it."] = None


@dataclass(frozen=True, slots=True)
class ConceptLink:
    """A concept in a list."""

    uuid: Annotated[str, "Its uuid."]
    address: Annotated[str, "Its page, in the release shown."]
    name: Annotated[Text, "Its name."]
    kind: Annotated[str, "Its kind."]
    scheme: Annotated[str, "Its scheme."]
    code: Annotated[str, "Its code; empty if none."]
    deprecated: Annotated[bool, "Whether it is deprecated."] = False
    importance: Annotated[str, "Of a relation: its importance; empty if none."] = ""
    rank: Annotated[int | None, "Of a relation: its rank."] = None
    note: Annotated[str, "Of a relation: its note."] = ""
    children: Annotated[int, "In the tree: how many narrower ones it has."] = 0


@dataclass(frozen=True, slots=True)
class Addresses:
    """Addresses of pages as of one release ("" for the current version)."""

    release: str = ""

    def concept(self, uuid: str, part: str = "") -> str:
        """The page of a concept, or a part of it (`history`, `relations`)."""
        start = f"/r/{quote(self.release, safe='/')}" if self.release else ""
        return f"{start}/c/{uuid}" + (f"/{part}" if part else "")

    def page(self, path: str, **query: str | int | None) -> str:
        """Any other page, with its query."""
        pairs = {name: value for name, value in query.items() if value not in (None, "")}
        if self.release:
            pairs["release"] = self.release
        return f"{path}?{urlencode(pairs)}" if pairs else path


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around every page."""

    lang: Annotated[str, "The language of the page: fr or en."]
    here: Annotated[str, "The address of the page, without `lang`."]
    permanent: Annotated[str, "The whole address of the page for search engines."]
    languages: Annotated[Sequence[Link], "The page in each language."]
    navigation: Annotated[Sequence[Link], "The main navigation."]
    release: Annotated[str, "The release shown; empty for the current version."]
    releases: Annotated[Sequence[Link], "The page in the current version and in each release."]
    current: Annotated[str, "The page in the current version."]
    seq: Annotated[int | None, "The number shown; None where the store does not answer."]
    addresses: Annotated[Addresses, "Makes addresses as of the release shown."]
    static: Annotated[Mapping[str, str], "Addresses of the static files by their names."]
    version: Annotated[str, "The version of the program."]
    query: Annotated[str, "What stands in the search field of the header."] = ""
    indexed: Annotated[bool, "Whether search engines may list the page."] = True
    state: Annotated[str, "The state of the release shown; empty for none."] = ""
    actor: Annotated[Actor, "Who reads; nobody's `name` is empty."] = NOBODY


@dataclass(frozen=True)
class Page:
    """Base of all page contexts. `template` is the file that shows it."""

    template: ClassVar[str]
    title: Annotated[str, "The title of the page."]
    trail: Annotated[Sequence[Link], "The way to the page, from the home page; without the page itself."] = field(
        default=(), kw_only=True
    )


def text_of(texts: Mapping[str, str], lang: str, otherwise: str = "") -> Text:
    """The best of several texts for readers of a language."""
    value = best(texts, lang)
    if not value:
        return Text(otherwise, lang)
    tag = next(tag for tag in (lang, "fr", "en", *sorted(texts)) if texts.get(tag) == value)
    return Text(value, tag, tag.partition("-")[0] != lang)


def concept_link(body: Mapping[str, Any], addresses: Addresses, lang: str) -> ConceptLink:
    """A link of a concept in a list (`reading_views.brief_body`) or of a relation (`related_body`)."""
    uuid = str(body["uuid"])
    return ConceptLink(
        uuid=uuid,
        address=addresses.concept(uuid),
        name=text_of(body["preferred_label"], lang, body.get("code") or uuid),
        kind=body.get("kind") or "",
        scheme=body.get("scheme") or "",
        code=body.get("code") or "",
        deprecated=body.get("status") == "deprecated",
        importance=body.get("importance") or "",
        rank=body.get("rank"),
        note=body.get("note") or "",
        children=body.get("children") or 0,
    )


def navigation(t: Texts, addresses: Addresses, path: str) -> list[Link]:
    """The main navigation, with the part that a path belongs to marked."""
    parts = {
        "nav.tree": "/tree",
        "nav.schemes": "/schemes",
        "nav.releases": "/releases",
        "nav.changes": "/changes",
        "proposals.title": "/proposals",
        "badges.title": "/badges",
        "nav.api": "/use-the-api",
        "nav.about": "/about",
    }
    return [Link(addresses.page(start), t(key), current=path.startswith(start)) for key, start in parts.items()]
