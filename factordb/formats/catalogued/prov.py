"""The format `prov`: where every value of a release comes from, and through what it went, as PROV-JSON."""

import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from factordb.formats.catalogued.write_only import WriteOnly
from factordb.formats.interchange import Content
from factordb.formats.prov import Edge, Node, NodeKind, Relation, document_bytes
from factordb.model.release import ReleaseFacts
from factordb.model.source import Source

_FILE: Final = re.compile(r"^([^!]+)!")
_PLAIN: Final = ("value_text", "unit", "gas", "gwp_set", "reference_year", "place", "source_place", "tier", "verdict")

Chain = tuple[list[Node], list[Edge]]
"""Nodes and edges."""


def release_chain(content: Content) -> Chain:
    """Return the chain of a release: sources and files, intake, appraisal, decision, release, and every value."""
    facts = content.facts
    nodes, edges = _frame(facts)
    for source in sorted(content.sources.values(), key=lambda one: one.source_id):
        more = _source(source)
        nodes += more[0]
        edges += more[1]
    names = ["factor_id", "version_id", "name_zh", "name_en", "source_id", "publisher", *_PLAIN]
    seen: set[str] = set()
    for batch in content.rows.select(names).to_batches():
        for row in batch.to_pylist():
            for node in _value_nodes(row):
                if node.name not in seen:
                    seen.add(node.name)
                    nodes.append(node)
            edges += _value_edges(row, facts)
    return nodes, edges


def _frame(facts: ReleaseFacts) -> Chain:
    release, program = _release(facts), f"program/factordb-{facts.engine_version or 'unknown'}"
    day = f"{facts.as_of.isoformat()}T00:00:00Z"
    person, library = _person(facts), f"organisation/{facts.publisher}"
    steps = ("intake", "appraisal", "decision", "release")
    rules: dict[str, str | int | float | bool | None] = {"rule_set": facts.rule_set, "seed": facts.seed}
    nodes = [
        Node(NodeKind.ENTITY, release, "Collection", facts.title_en, {"licence": facts.licence, "as_of": day}),
        Node(NodeKind.AGENT, library, "Organization", facts.publisher),
        Node(NodeKind.AGENT, person, "Person", facts.approved_by, {"approval_mode": facts.approval_mode.value}),
        Node(NodeKind.AGENT, program, "SoftwareAgent", program.partition("/")[2]),
        *(
            Node(NodeKind.ACTIVITY, _step(facts, step), step.capitalize(), "", rules if step == "appraisal" else {})
            for step in steps
        ),
    ]
    edges = [
        Edge(Relation.GENERATED_BY, release, _step(facts, "release")),
        Edge(Relation.ATTRIBUTED_TO, release, library),
        Edge(Relation.ASSOCIATED_WITH, _step(facts, "decision"), person),
        Edge(Relation.ACTED_FOR, person, library),
        *(Edge(Relation.INFORMED_BY, _step(facts, later), _step(facts, earlier))
          for earlier, later in itertools.pairwise(steps)),
        *(Edge(Relation.ASSOCIATED_WITH, _step(facts, step), program) for step in steps if step != "decision"),
    ]  # fmt: skip
    if facts.base_release:
        nodes.append(Node(NodeKind.ENTITY, f"release/{facts.base_release}", "Collection"))
        edges.append(Edge(Relation.REVISION_OF, release, f"release/{facts.base_release}"))
    return nodes, edges


def _release(facts: ReleaseFacts) -> str:
    return f"release/{facts.release_id}"


def _step(facts: ReleaseFacts, step: str) -> str:
    return f"activity/{step}/{facts.release_id}"


def _person(facts: ReleaseFacts) -> str:
    return f"person/{facts.approved_by}"


def _source(source: Source) -> Chain:
    told = {
        "title_zh": source.title_zh,
        "edition": source.edition,
        "document_no": source.document_no,
        "published_on": source.published_on.isoformat() if source.published_on else None,
        "licence": source.licence,
    }
    name, publisher = f"source/{source.source_id}", f"organisation/{source.publisher}"
    nodes = [
        Node(NodeKind.ENTITY, name, "Source", source.title_en, told),
        Node(NodeKind.AGENT, publisher, "Organization", source.publisher),
    ]
    return nodes, [Edge(Relation.ATTRIBUTED_TO, name, publisher)]


def _file(row: dict[str, Any]) -> str | None:
    found = _FILE.match(row["place"] or "")
    return f"file/{row['source_id']}/{found[1]}" if found else None


def _value(row: dict[str, Any]) -> str:
    return f"factor/{row['factor_id']}/{row['version_id']}"


def _value_nodes(row: dict[str, Any]) -> Iterator[Node]:
    label = row["name_en"] or row["name_zh"] or row["factor_id"]
    yield Node(NodeKind.ENTITY, _value(row), "Value", label, {name: row[name] for name in _PLAIN})
    file = _file(row)
    if file:
        yield Node(NodeKind.ENTITY, file, "RawFile", file.rpartition("/")[2])


def _value_edges(row: dict[str, Any], facts: ReleaseFacts) -> Iterator[Edge]:
    value, source, file = _value(row), f"source/{row['source_id']}", _file(row)
    yield Edge(Relation.PART_OF, _release(facts), value)
    yield Edge(Relation.GENERATED_BY, value, _step(facts, "intake"))
    yield Edge(Relation.DERIVED_FROM, value, file or source)
    yield Edge(Relation.USED, _step(facts, "intake"), file or source)
    yield Edge(Relation.USED, _step(facts, "appraisal"), value)
    if file:
        yield Edge(Relation.DERIVED_FROM, file, source)


def write_prov(content: Content, target: Path) -> int:
    """Write the chain of a release to `target` and return the number of values in it."""
    target.write_bytes(document_bytes(*release_chain(content)))
    return int(content.rows.num_rows)


FORMAT: Final = WriteOnly("prov", (".provjson",), write_prov)
