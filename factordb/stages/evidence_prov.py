"""The trail of a measured factor as nodes and edges of provenance, for `formats.prov`.

Entities: the factor, the package and its files. Activities: measuring, testing, calibrating, computing, verifying.
Agents: people, organisations, instruments and this program.
"""

from collections.abc import Iterator
from datetime import date
from types import MappingProxyType

from factordb.formats.prov import Edge, Node, NodeKind, Relation
from factordb.model.evidence_trail import Calibrated, EvidenceTrail, RawRead, Reported, Verified

__all__ = ["provenance_of"]

Part = Node | Edge


def provenance_of(trail: EvidenceTrail, *, candidate_id: str, version: str) -> tuple[list[Node], list[Edge]]:
    """Return nodes and edges of one factor, for `formats.prov.document_bytes`.

    Args:
        trail: from `evidence_trail.trail_of`.
        candidate_id: of the factor in its library.
        version: of this program, which computes.
    """
    nodes: dict[str, Node] = {}
    edges: dict[Edge, None] = {}
    for one in _parts(trail, candidate_id, version):
        if isinstance(one, Node):
            nodes.setdefault(one.name, one)  # one file may serve twice; it stays what it was told as first
        else:
            edges.setdefault(one)
    return list(nodes.values()), list(edges)


def _parts(trail: EvidenceTrail, candidate_id: str, version: str) -> Iterator[Part]:
    claim, factor = trail.claim, f"factor/{candidate_id}"
    package, computing, program = f"package/{trail.submission}", f"computing/{candidate_id}", f"program/{version}"
    yield _entity(factor, "Factor", claim.name_en or claim.name_zh, claimed=claim.value, unit=claim.unit,
                  recomputed=claim.recomputed, u=claim.u, level=trail.level or None,
                  demonstration=trail.demonstration)  # fmt: skip
    yield _entity(package, "Collection", trail.submission, sha256=trail.package_sha256 or None,
                  version=trail.version or None, demonstration=trail.demonstration)  # fmt: skip
    yield Edge(Relation.DERIVED_FROM, factor, package)
    yield Node(NodeKind.AGENT, program, "SoftwareAgent", f"factordb {version}")
    yield Node(NodeKind.ACTIVITY, computing, "Recomputation", "calc/recipe.toml")
    yield Edge(Relation.GENERATED_BY, factor, computing)
    yield Edge(Relation.ASSOCIATED_WITH, computing, program)
    if trail.submitter:
        yield from _agents(package, trail.submitter, trail.organisation)
    if trail.recipe_sha256:
        yield from _file("calc/recipe.toml", trail.recipe_sha256, "Recipe", package)
        yield Edge(Relation.USED, computing, f"file/{trail.recipe_sha256}")
    instruments = {one.key for one in trail.instruments}
    for one in trail.raws:
        yield from _raw(one, trail, package, computing, instruments)
    for each in trail.instruments:
        yield from _instrument(each, package)
    for report in trail.reports:
        yield from _report(report, trail, package, computing)
    for statement in trail.verifications:
        yield from _verification(statement, trail, package)


def _entity(name: str, kind: str, label: str, **attributes: str | float | bool | None) -> Node:
    return Node(NodeKind.ENTITY, name, kind, label, MappingProxyType(attributes))


def _agents(about: str, person: str, organisation: str) -> Iterator[Part]:
    yield _agent(f"person/{person}", "Person", person)
    yield Edge(Relation.ATTRIBUTED_TO, about, f"person/{person}")
    if organisation:
        yield _agent(f"organisation/{organisation}", "Organization", organisation)
        yield Edge(Relation.ACTED_FOR, f"person/{person}", f"organisation/{organisation}")


def _agent(name: str, kind: str, label: str, **attributes: str | None) -> Node:
    return Node(NodeKind.AGENT, name, kind, label, MappingProxyType(attributes))


def _activity(name: str, kind: str, label: str, start: date | None, end: date | None, zone: str) -> Node:
    return Node(NodeKind.ACTIVITY, name, kind, label, start=_moment(start, zone), end=_moment(end, zone, last=True))


def _file(path: str, sha256: str, kind: str, package: str) -> Iterator[Part]:
    yield _entity(f"file/{sha256}", kind, path, sha256=sha256)
    yield Edge(Relation.PART_OF, package, f"file/{sha256}")


def _raw(one: RawRead, trail: EvidenceTrail, package: str, computing: str, instruments: set[str]) -> Iterator[Part]:
    if not one.sha256:
        return
    file, measuring = f"file/{one.sha256}", f"measuring/{one.table}"
    yield from _file(one.file, one.sha256, "RawRecord", package)
    start, end = trail.period or (None, None)
    yield _activity(measuring, "Measurement", one.table, start, end, trail.time_zone)
    yield Edge(Relation.GENERATED_BY, file, measuring)
    if one.columns:
        yield Edge(Relation.USED, computing, file)
    for key in one.instruments:
        if key in instruments:
            yield Edge(Relation.ASSOCIATED_WITH, measuring, f"instrument/{key}")
            yield Edge(Relation.INFORMED_BY, measuring, f"calibrating/{key}")


def _instrument(one: Calibrated, package: str) -> Iterator[Part]:
    calibrating = f"calibrating/{one.key}"
    yield _agent(f"instrument/{one.key}", "Instrument", f"{one.type_name} {one.model}".strip(), serial=one.serial,
                 place=one.place)  # fmt: skip
    yield Node(NodeKind.ACTIVITY, calibrating, "Calibration", one.key)
    for each in one.certificates:
        if not each.sha256:
            continue
        yield _entity(f"file/{each.sha256}", "Certificate", each.file, number=each.number, sha256=each.sha256,
                      valid_from=_said(each.calibrated_on), valid_to=_said(each.due_on))  # fmt: skip
        yield Edge(Relation.PART_OF, package, f"file/{each.sha256}")
        yield Edge(Relation.GENERATED_BY, f"file/{each.sha256}", calibrating)
        if each.laboratory:
            yield _agent(f"organisation/{each.laboratory}", "Organization", each.laboratory)
            yield Edge(Relation.ASSOCIATED_WITH, calibrating, f"organisation/{each.laboratory}")


def _report(one: Reported, trail: EvidenceTrail, package: str, computing: str) -> Iterator[Part]:
    testing = f"testing/{one.number}"
    yield _activity(testing, "Test", one.number, one.received_on, one.issued_on, trail.time_zone)
    if one.laboratory:
        yield _agent(f"organisation/{one.laboratory}", "Organization", one.laboratory)
        yield Edge(Relation.ASSOCIATED_WITH, testing, f"organisation/{one.laboratory}")
    if one.sha256:
        yield from _file(one.file, one.sha256, "TestReport", package)
        yield Edge(Relation.GENERATED_BY, f"file/{one.sha256}", testing)
        yield Edge(Relation.USED, computing, f"file/{one.sha256}")


def _verification(one: Verified, trail: EvidenceTrail, package: str) -> Iterator[Part]:
    verifying = f"verifying/{one.verifier}/{one.statement_on or ''}"
    yield _activity(verifying, "Verification", one.level, None, one.statement_on, trail.time_zone)
    yield Edge(Relation.USED, verifying, package)
    yield _agent(f"person/{one.verifier}", "Person", one.verifier)
    yield _agent(f"organisation/{one.organisation}", "Organization", one.organisation)
    yield Edge(Relation.ASSOCIATED_WITH, verifying, f"person/{one.verifier}")
    yield Edge(Relation.ACTED_FOR, f"person/{one.verifier}", f"organisation/{one.organisation}")
    if one.sha256:
        yield _entity(f"file/{one.sha256}", "Statement", one.file, sha256=one.sha256)
        yield Edge(Relation.GENERATED_BY, f"file/{one.sha256}", verifying)


def _said(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _moment(day: date | None, zone: str, *, last: bool = False) -> str:
    """Return the first or last second of a day in the submission's zone; empty where the day is not known."""
    return f"{day.isoformat()}T{'23:59:59' if last else '00:00:00'}{zone}" if day else ""
