"""The closed vocabularies of the framework: kinds, schemes, natures, statuses, relation types.

`docs/vocabulary.md` maps every file, column and class of ESCO and ROME to these.
"""

from __future__ import annotations

from typing import Final, Literal, get_args

PUBLIC_SPACE: Final = "public"

Kind = Literal[
    "occupation",
    "occupation_title",
    "occupation_group",
    "skill",
    "knowledge",
    "skill_group",
    "work_context",
    "field_of_study",
    "collection",
]
KINDS: Final[tuple[str, ...]] = get_args(Kind)
Scheme = Literal["esco", "rome", "isco", "isced_f", "wiki"]
SCHEMES: Final[tuple[str, ...]] = get_args(Scheme)
NATURES: Final = ("savoir_faire", "savoir_etre", "savoir")

ACTIVE: Final = "active"
DEPRECATED: Final = "deprecated"
Status = Literal["draft", "active", "deprecated"]
STATUSES: Final[tuple[str, ...]] = get_args(Status)

RELATION_TYPES: Final = (
    "broader",
    "requires",
    "skill_requires",
    "title_of",
    "member_of",
    "related",
    "exact_match",
    "close_match",
    "broad_match",
    "narrow_match",
    "replaced_by",
    "mobility",
    "context_of",
)

INVERSE: Final = {
    "broader": "narrower",
    "requires": "required_by",
    "skill_requires": "skill_required_by",
    "title_of": "has_title",
    "member_of": "has_member",
    "related": "related_from",
    "exact_match": "exact_match_from",
    "close_match": "close_match_from",
    "broad_match": "broad_match_from",
    "narrow_match": "narrow_match_from",
    "replaced_by": "replaces",
    "mobility": "mobility_from",
    "context_of": "has_context",
}
"""How a relation is named when it is read from its target."""

_OCCUPATIONS: Final = frozenset(("occupation", "occupation_title", "occupation_group"))
_COMPETENCIES: Final = frozenset(("skill", "knowledge"))
_LEARNT: Final = frozenset((*_COMPETENCIES, "skill_group", "field_of_study"))
_CONTEXTS: Final = frozenset(("work_context",))
_COLLECTIONS: Final = frozenset(("collection",))
_ANY: Final = frozenset(KINDS)
_OF_ONE_FAMILY: Final = tuple((family, family) for family in (_OCCUPATIONS, _LEARNT, _CONTEXTS, _COLLECTIONS))

ENDS: Final[dict[str, tuple[tuple[frozenset[str], frozenset[str]], ...]]] = {
    "broader": (
        (frozenset(("occupation", "occupation_title")), frozenset(("occupation", "occupation_group"))),
        (frozenset(("occupation_group",)), frozenset(("occupation_group",))),
        (_COMPETENCIES, _LEARNT),
        (frozenset(("skill_group", "field_of_study")), frozenset(("skill_group", "field_of_study"))),
        (_CONTEXTS, _CONTEXTS),
        (_COLLECTIONS, _COLLECTIONS),
    ),
    "requires": ((frozenset(("occupation",)), _COMPETENCIES),),
    "skill_requires": ((_COMPETENCIES, _COMPETENCIES),),
    "title_of": ((frozenset(("occupation_title",)), frozenset(("occupation",))),),
    "member_of": ((_ANY, _COLLECTIONS),),
    "related": ((_ANY, _ANY),),
    "mobility": ((frozenset(("occupation",)), frozenset(("occupation",))),),
    "context_of": ((_CONTEXTS, frozenset(("occupation",))),),
    **dict.fromkeys(("exact_match", "close_match", "broad_match", "narrow_match", "replaced_by"), _OF_ONE_FAMILY),
}
"""Between which kinds a relation that is proposed here may be, from source to target; sources may say otherwise."""


def joins(relation: str, source: str, target: str) -> bool:
    """Whether a relation may lead from a concept of one kind to one of another."""
    return any(source in sources and target in targets for sources, targets in ENDS.get(relation, ()))


IMPORTANCES: Final = ("essential", "key", "emerging", "optional")
"""Strongest first: a merge keeps the stronger one."""
_STRENGTH: Final = {name: number for number, name in enumerate(IMPORTANCES)}


def strength(importance: str) -> int:
    """Where an importance stands among the others: 0 is the strongest, none at all the weakest."""
    return _STRENGTH.get(importance, len(_STRENGTH))


PREFERRED: Final = "preferred"
ALTERNATIVE: Final = "alternative"
HIDDEN: Final = "hidden"
LABEL_TYPES: Final = (PREFERRED, ALTERNATIVE, HIDDEN)

LABEL_ROLES: Final = ("male", "female", "neutral", "standard-male", "standard-female")

TEXT_FIELDS: Final = (
    "definition",
    "scope_note",
    "note",
    "source_definition",
    "regulated_profession_note",
    "access",
)
"""Texts of a concept, one per language. `definition` is what ESCO calls description and ROME definition; all the others are read as notes:
`source_definition` is ESCO's separate, mostly empty, `definition`; `access` is ROME's `acces_metier`."""
