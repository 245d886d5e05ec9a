"""W3C PROV-JSON: things, what was done, who did it, and how they hang together, as one document.

The room knows no release and no factor: `document` takes nodes and edges and returns the document, whatever they tell
of. Identifiers are names in our own name space; what a name may not hold is percent-encoded.
Source: PROV-DM (W3C Recommendation 2013-04-30) section 5; PROV-JSON (W3C Member Submission 2013-04-24) section 3.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import quote

from factordb.errors import UsageError

PREFIX: Final = "fdb"
NAMESPACE: Final = "urn:factordb:"
_SAFE: Final = "/._-:@"

Attribute = str | int | float | bool
"""Value of an attribute."""


class NodeKind(StrEnum):
    """What a node is."""

    ENTITY = "entity"
    """A thing that stays as it is: a value, a file of these bytes, a decision that was written down, a release."""
    ACTIVITY = "activity"
    """Something that was done, with begin and end."""
    AGENT = "agent"
    """Who answers for it: a person, an organisation, a program."""


class Relation(StrEnum):
    """How two nodes hang together, from the later to the earlier one."""

    GENERATED_BY = "wasGeneratedBy"
    """entity ← activity that made it."""
    USED = "used"
    """activity → entity it read."""
    DERIVED_FROM = "wasDerivedFrom"
    """entity → entity it comes from."""
    REVISION_OF = "wasRevisionOf"
    """entity → earlier version of it."""
    ATTRIBUTED_TO = "wasAttributedTo"
    """entity → agent who answers for it."""
    ASSOCIATED_WITH = "wasAssociatedWith"
    """activity → agent who did it."""
    INFORMED_BY = "wasInformedBy"
    """activity → activity whose outcome it used."""
    ACTED_FOR = "actedOnBehalfOf"
    """agent → agent on whose behalf."""
    PART_OF = "hadMember"
    """collection → entity in it."""


_ENDS: Final[Mapping[Relation, tuple[tuple[str, NodeKind], tuple[str, NodeKind]]]] = MappingProxyType(
    {
        Relation.GENERATED_BY: (("prov:entity", NodeKind.ENTITY), ("prov:activity", NodeKind.ACTIVITY)),
        Relation.USED: (("prov:activity", NodeKind.ACTIVITY), ("prov:entity", NodeKind.ENTITY)),
        Relation.DERIVED_FROM: (("prov:generatedEntity", NodeKind.ENTITY), ("prov:usedEntity", NodeKind.ENTITY)),
        Relation.REVISION_OF: (("prov:generatedEntity", NodeKind.ENTITY), ("prov:usedEntity", NodeKind.ENTITY)),
        Relation.ATTRIBUTED_TO: (("prov:entity", NodeKind.ENTITY), ("prov:agent", NodeKind.AGENT)),
        Relation.ASSOCIATED_WITH: (("prov:activity", NodeKind.ACTIVITY), ("prov:agent", NodeKind.AGENT)),
        Relation.INFORMED_BY: (("prov:informed", NodeKind.ACTIVITY), ("prov:informant", NodeKind.ACTIVITY)),
        Relation.ACTED_FOR: (("prov:delegate", NodeKind.AGENT), ("prov:responsible", NodeKind.AGENT)),
        Relation.PART_OF: (("prov:collection", NodeKind.ENTITY), ("prov:entity", NodeKind.ENTITY)),
    }
)
"""Names of both ends of a relation and what may stand there."""


@dataclass(frozen=True)
class Node:
    """A node of the chain.

    Attributes:
        kind: entity, activity or agent.
        name: its identifier, such as `file/<sha256>` or `person/p-1`; unique in a document.
        type: what it is in our words, such as `RawFile`; `Person`, `Organization`, `SoftwareAgent` and `Collection`
            are PROV's own.
        label: for people; (language, text) or plain text.
        attributes: what else is known; None is left out.
        start: begin of an activity, ISO 8601 with time zone.
        end: end of an activity.
    """

    kind: NodeKind
    name: str
    type: str = ""
    label: str = ""
    attributes: Mapping[str, Attribute | None] = field(default_factory=lambda: MappingProxyType({}))
    start: str = ""
    end: str = ""


@dataclass(frozen=True)
class Edge:
    """A relation of two nodes.

    Attributes:
        relation: which.
        later: name of the node that comes later.
        earlier: name of the node it hangs on.
    """

    relation: Relation
    later: str
    earlier: str


_PROV_TYPES: Final = frozenset({"Person", "Organization", "SoftwareAgent", "Collection", "Plan", "Bundle"})


def document(nodes: Iterable[Node], edges: Iterable[Edge]) -> dict[str, Any]:
    """Return the PROV-JSON document of some nodes and edges, sorted: the same chain gives the same document.

    Raises:
        UsageError: two different nodes have one name, an edge names a node that is not there, or of another kind.
    """
    known: dict[str, Node] = {}
    for node in nodes:
        if known.setdefault(node.name, node) != node:
            raise _wrong(f"two nodes are named {node.name}", f"两个节点同名：{node.name}")
    found: dict[str, Any] = {"prefix": {PREFIX: NAMESPACE}}
    for kind in NodeKind:
        mine = {qualified(node.name): _described(node) for node in known.values() if node.kind is kind}
        if mine:
            found[kind.value] = dict(sorted(mine.items()))
    listed = sorted(set(edges), key=lambda edge: (edge.relation, edge.later, edge.earlier))
    for number, edge in enumerate(listed, start=1):
        name = Relation.DERIVED_FROM if edge.relation is Relation.REVISION_OF else edge.relation
        found.setdefault(name.value, {})[f"_:r{number}"] = _related(edge, known)
    return found


def qualified(name: str) -> str:
    """Return the name of a node as PROV writes it, in our name space."""
    return f"{PREFIX}:{quote(name, safe=_SAFE)}"


def document_bytes(nodes: Iterable[Node], edges: Iterable[Edge]) -> bytes:
    """Return the document as UTF-8 with a final newline.

    Raises:
        UsageError: as `document`.
    """
    return json.dumps(document(nodes, edges), ensure_ascii=False, indent=1, allow_nan=False).encode() + b"\n"


def _described(node: Node) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if node.type:
        space = "prov" if node.type in _PROV_TYPES else PREFIX
        found["prov:type"] = {"$": f"{space}:{node.type}", "type": "prov:QUALIFIED_NAME"}
    if node.label:
        found["prov:label"] = node.label
    if node.start:
        found["prov:startTime"] = node.start
    if node.end:
        found["prov:endTime"] = node.end
    told = {f"{PREFIX}:{name}": value for name, value in node.attributes.items() if value is not None}
    return found | dict(sorted(told.items()))


def _related(edge: Edge, known: Mapping[str, Node]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, (role, kind) in zip((edge.later, edge.earlier), _ENDS[edge.relation], strict=True):
        if name not in known or known[name].kind is not kind:
            raise _wrong(
                f"{edge.relation} needs a node {name} of kind {kind}", f"{edge.relation} 需要 {kind} 类节点 {name}"
            )
        found[role] = qualified(name)
    if edge.relation is Relation.REVISION_OF:
        found["prov:type"] = {"$": "prov:Revision", "type": "prov:QUALIFIED_NAME"}
    return found


def _wrong(problem: str, problem_zh: str) -> UsageError:
    return UsageError(
        problem=f"this is no chain of provenance: {problem}",
        remedy="name each node once, and every node that an edge hangs on",
        problem_zh=f"不是溯源链：{problem_zh}",
        remedy_zh="请为每个节点只命名一次，并给出每条边所指的节点",
    )
