"""Copy boxes, and the picker that other sites embed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

from wikic.web.views_common import Link, Page


@dataclass(frozen=True, slots=True)
class CopyBox:
    """What is copied into one platform."""

    format: Annotated[str, "Its word."]
    text: Annotated[str, "What is pasted."]
    rows: Annotated[int, "Lines of it that are shown at once."]
    remarks: Annotated[Sequence[str], "What does not fit, and what one has to know."]
    alignments: Annotated[str, "The alignments as JSON, for scripts."]


@dataclass(frozen=True, slots=True)
class CopyBoxes:
    """Copy boxes for every platform."""

    help: Annotated[str, "What they are for."]
    boxes: Annotated[Sequence[CopyBox], "One for each platform."]
    documents: Annotated[Sequence[Link], "Open Badges documents of the same."] = ()


@dataclass(frozen=True, slots=True)
class PickedConcept:
    """The competency that was chosen."""

    uuid: Annotated[str, "Its uuid."]
    name: Annotated[str, "Its name."]
    description: Annotated[str, "Its definition."]
    framework: Annotated[str, "The framework and release, as alignments name it."]
    code: Annotated[str, "Its code; empty if none."]
    level: Annotated[str, "The chosen level; empty for none."]


@dataclass(frozen=True, slots=True)
class PickerRow:
    """A competency that was found."""

    address: Annotated[str, "Where it is chosen."]
    name: Annotated[str, "Its name."]
    lang: Annotated[str, "The language of the name, if another than the page's."]
    kind: Annotated[str, "Its kind."]
    code: Annotated[str, "Its scheme and code."]


@dataclass(frozen=True)
class PickerPage(Page):
    """Search a competency, choose it and a level, get its alignment."""

    template: ClassVar = "embed_picker.html"
    lang: Annotated[str, "The language of the page."]
    static: Annotated[dict[str, str], "Addresses of the static files."]
    query: Annotated[str, "What was typed."]
    hidden: Annotated[Sequence[tuple[str, str]], "What the form keeps: language, format, level, origin."]
    found: Annotated[Sequence[PickerRow], "What was found; the best of it."]
    more: Annotated[bool, "More was found than is listed."]
    chosen: Annotated[PickedConcept | None, "The competency that was chosen."]
    levels: Annotated[Sequence[Link], "The levels to choose from."]
    boxes: Annotated[CopyBoxes | None, "Its alignment for every platform."]
    format: Annotated[str, "The platform whose box is open."]
    origin: Annotated[str, "The origin of the page that embeds this one; empty for none."]
    back: Annotated[str, "Where another one is chosen."]
    entry: Annotated[str, "The page of the competency; empty before one is chosen."]
    trouble: Annotated[str, "Why what was asked for, or a part of it, is not there; empty for nothing."]
    snippet: Annotated[str, "What others put into their page to embed it."]
