"""What may be asked of a list in 1EdTech's services: `filter`, `sort`, `orderBy`, `fields`, `limit`, `offset`.

A filter is `field op value`, several of them joined by AND and OR (AND binds closer): `title~'ESCO' AND adoptionStatus='Adopted'`.
The operators are = != > >= < <= and ~ (contains); a value stands in single quotes, one of its own is written twice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from wikic.errors import InvalidInput

LONGEST: Final = 2_000
"""Characters of a filter, at most."""

_CLAUSE: Final = re.compile(r"\s*([A-Za-z][A-Za-z0-9_]*)\s*(>=|<=|!=|=|>|<|~)\s*(?:'((?:[^']|'')*)'|([^\s'()]+))")
_JOINT: Final = re.compile(r"\s+(AND|OR)\b", re.IGNORECASE)
_END: Final = re.compile(r"\s*\Z")

_COMPARE: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "=": lambda one, other: one == other,
    "!=": lambda one, other: one != other,
    ">": lambda one, other: one > other,
    ">=": lambda one, other: one >= other,
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
    "~": lambda one, other: other.casefold() in one.casefold(),
}


class Clause(NamedTuple):
    """One comparison."""

    field: str
    op: str
    value: str

    def holds(self, thing: Mapping[str, Any]) -> bool:
        """Whether it holds for an object; of a list, for one of its values. What is not there equals nothing, and differs from everything."""
        said = thing.get(self.field)
        values = said if isinstance(said, list) else [] if said is None else [said]
        if self.op == "!=":
            return all(str(each) != self.value for each in values)
        return any(_COMPARE[self.op](str(each), self.value) for each in values)


Filter = list[list[Clause]]
"""Alternatives, of each of which all clauses must hold."""


def parse_filter(text: str, known: Iterable[str]) -> Filter:
    """A filter over the known fields. Raises InvalidInput."""
    if len(text) > LONGEST:
        raise InvalidInput(f"the filter is longer than {LONGEST} characters")
    fields = set(known)
    found: Filter = [[]]
    place = 0
    while True:
        clause = _CLAUSE.match(text, place)
        if clause is None:
            raise InvalidInput(
                f"the filter cannot be read at {text[place : place + 40]!r}: field op 'value', such as title~'ESCO'"
            )
        name, op, quoted, bare = clause.groups()
        if name not in fields:
            raise InvalidInput(f"the filter names {name[:40]!r}: the fields are {', '.join(sorted(fields))}")
        found[-1].append(Clause(name, op, quoted.replace("''", "'") if quoted is not None else bare))
        place = clause.end()
        if _END.match(text, place):
            return found
        joint = _JOINT.match(text, place)
        if joint is None:
            raise InvalidInput(f"the filter cannot be read at {text[place : place + 40]!r}: AND or OR is expected")
        if joint[1].upper() == "OR":
            found.append([])
        place = joint.end()


def kept(things: Iterable[dict[str, Any]], wanted: Filter) -> list[dict[str, Any]]:
    """The objects for which a filter holds."""
    return [each for each in things if any(all(clause.holds(each) for clause in one) for one in wanted)]


def sort_key(name: str, known: Iterable[str]) -> Callable[[Mapping[str, Any]], tuple[bool, str]]:
    """How to order objects by a field; those without it come last. Raises InvalidInput where there is no such field."""
    fields = sorted(known)
    if name not in fields:
        raise InvalidInput(f"nothing can be sorted by {name[:40]!r}: the fields are {', '.join(fields)}")
    return lambda thing: (name not in thing, str(thing.get(name, "")).casefold())


def parse_fields(values: Sequence[str], known: Iterable[str]) -> set[str]:
    """The fields that are asked for, each in a parameter of its own or joined by commas; none: all. Raises InvalidInput."""
    fields = set(known)
    asked = {name.strip() for value in values for name in value.split(",") if name.strip()}
    unknown = sorted(asked - fields)
    if unknown:
        raise InvalidInput(f"there is no field {unknown[0][:40]!r}: the fields are {', '.join(sorted(fields))}")
    return asked or fields
