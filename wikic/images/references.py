"""How much an SVG draws: what refers to a part of it draws that part anew each time, and a part may refer to others, so that a few lines can draw for ever."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from xml.etree.ElementTree import Element

from wikic.errors import InvalidInput

MOST_DRAWN: Final = 10_000
"""Elements that are drawn in all, each as often as something refers to it."""
DEEPEST: Final = 6
"""How many references may lie one within the other: each is a picture of its own to whoever draws it."""

_LOCAL: Final = re.compile(r"url\(\s*['\"]?#([\w.:-]+)", re.IGNORECASE)
_HELD: Final = frozenset(("defs", "symbol", "pattern", "mask", "clipPath", "linearGradient", "radialGradient"))
"""What is drawn only where something refers to it."""
_GRADIENTS: Final = frozenset(("linearGradient", "radialGradient"))
_PAINTS: Final = ("fill", "stroke")


class Weighing:
    """Counts what one document draws."""

    def __init__(self, root: Element) -> None:
        self._root = root
        self._targets: dict[str, Element] = {}
        self._paints: dict[Element, tuple[tuple[str, ...], ...]] = {}
        self._known: dict[str, tuple[int, int]] = {}
        self._within: list[str] = []
        self._look(root, ((), ()))

    def check(self) -> None:
        """Raise InvalidInput where it draws too much, too deep, or in a circle."""
        if self._weigh(self._root)[0] > MOST_DRAWN:
            raise _refused()

    def _look(self, element: Element, inherited: tuple[tuple[str, ...], ...]) -> None:
        """What can be referred to, and what each element is filled and stroked with, which it has from those it stands in."""
        if identity := element.get("id"):
            self._targets.setdefault(identity, element)
        own = (element.get(name, "inherit") for name in _PAINTS)
        paints = tuple(before if value.strip() == "inherit" else self._named(value) for value, before in zip(own, inherited, strict=True))
        self._paints[element] = paints
        for child in element:
            self._look(child, paints)

    @staticmethod
    def _named(value: str) -> tuple[str, ...]:
        return tuple(_LOCAL.findall(value))

    def _weigh(self, element: Element) -> tuple[int, int]:
        """How many elements are drawn, and how deep the references among them go."""
        weight, depth = 1, 0
        painted = 0
        for identity in (each for paint in self._paints[element] for each in paint):
            more, deep = self._referred(identity)
            painted, depth = painted + more, max(depth, deep)
        weight += painted
        for identity, used in self._others(element):
            more, deep = self._referred(identity)
            # What is used is painted as what uses it.
            weight, depth = weight + more * (1 + painted if used else 1), max(depth, deep)
        for child in element:
            if _kind(child) not in _HELD:
                more, deep = self._weigh(child)
                weight, depth = weight + more, max(depth, deep)
        return weight, depth

    def _others(self, element: Element) -> Iterator[tuple[str, bool]]:
        """What an element refers to beside its paints, and whether it uses it."""
        for name, value in element.attrib.items():
            if name == "href" and value.startswith("#"):
                yield value[1:], True
            elif name not in _PAINTS:
                yield from ((identity, False) for identity in self._named(value))

    def _referred(self, identity: str) -> tuple[int, int]:
        target = self._targets.get(identity)
        if target is None or _kind(target) in _GRADIENTS:
            return 0, 0
        if identity not in self._known:
            if identity in self._within or len(self._within) == DEEPEST:
                raise _refused()
            self._within.append(identity)
            weight, depth = self._weigh(target)
            self._within.pop()
            self._known[identity] = weight, depth + 1
        weight, depth = self._known[identity]
        if weight > MOST_DRAWN or depth + len(self._within) > DEEPEST:
            raise _refused()
        return weight, depth


def _kind(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _refused() -> InvalidInput:
    return InvalidInput(
        f"the SVG draws more than {MOST_DRAWN:,} elements, parts that are used, masked, clipped or patterned counted each time, or nests these more than"
        f" {DEEPEST} deep: save it with such parts flattened",
        reason="image-uses", most=MOST_DRAWN, deepest=DEEPEST,
    )
