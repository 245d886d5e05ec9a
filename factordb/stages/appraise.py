"""Appraisal (评估): every candidate is asked every check, gets its uncertainty, its rating and a verdict.

All of it is worked out in a file of its own beside the library; the library is touched once, when results are merged.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa

from factordb.checks.base import Check, Registry, asking, counting
from factordb.checks.catalogue import digest as checks_digest
from factordb.checks.expectations import Counts
from factordb.model.vocabulary import Severity
from factordb.paths import Workspace
from factordb.reference import tables
from factordb.stages.gate import GateReport, open_gate
from factordb.stages.rate import rate_candidates
from factordb.stages.relations import FLOWS, reference_relations
from factordb.stages.uncertain import simulate_candidates
from factordb.store.appraisal import AppraisalFile, appraisal_file
from factordb.store.library_file import Published
from factordb.store.records import AppraisalRow, now

Progress = Callable[[str, int, int], None]
"""Called with the name of a step, how much of it is done, and how much there is."""


NO_PART = ("words/", "trial/", "standards/", "codes/")
"""Reference folders no appraisal reads: what is said of rules, trial footprints, standards, codes of products."""


@dataclass(frozen=True)
class Terms:
    """Under what an appraisal is made; bound into its name and into every decision taken on it."""

    as_of: date
    scheme: str = "cifa-ef"
    policy: str = "clause5"
    seed: int = 20260101
    offline: bool = False
    """An offline check: rules that need the library are not asked, and listed as such."""


@dataclass(frozen=True)
class Appraisal:
    """What an appraisal came to, and the file that holds its rows."""

    appraisal_id: str
    terms: Terms
    rule_set: str
    batches: tuple[str, ...]
    candidates: int
    findings: int
    eligible: int
    content_hash: str
    file: Path
    gate: GateReport | None
    """None where the gate was left out."""


def rule_set_of(registry: Registry, engine_version: str) -> str:
    """Return the version of the rule set: hash of checks, tables an appraisal reads, and engine."""
    parts = "\n".join((checks_digest(registry), tables.digest(without=NO_PART), engine_version))
    return hashlib.sha256(parts.encode()).hexdigest()[:16]


def appraise(
    workspace: Workspace,
    *,
    batches: Sequence[str],
    published: Published,
    hashes: Mapping[str, str],
    terms: Terms,
    registry: Registry,
    sources: pa.Table,
    engine_version: str,
    gate_counts: Counts | None,
    progress: Progress,
) -> Appraisal:
    """Appraise the candidates of some batches together and return what came of it.

    Args:
        workspace: the library's files.
        batches: merged batches to be appraised; all others are the pool they are compared with.
        published: the read model of what is merged.
        hashes: batch id -> content hash of every batch appraised.
        terms: day, scheme, policy, seed.
        registry: the checks.
        sources: the source register.
        engine_version: version of factordb.
        gate_counts: rows of these batches for the Great Expectations gate; None leaves the gate out.
        progress: told of each step.

    Raises:
        GateError: the gate could not ask, or does not find what the checks found.
    """
    rule_set = rule_set_of(registry, engine_version)
    bound = "\n".join((repr(terms), rule_set, published.folder.name, *sorted(hashes.values())))
    appraisal_id = hashlib.sha256(bound.encode()).hexdigest()[:16]
    path = workspace.staging / f"appraisal-{appraisal_id}.duckdb"
    with appraisal_file(path) as work:
        progress("load", 0, 1)
        work.load(published, batches)
        flows = work.table(FLOWS)["flow"].to_pylist()
        work.load_reference(reference_relations(sources, terms.as_of, flows))
        ask(work, registry, terms, 1, progress)
        simulate_candidates(work, terms.seed, progress)
        ask(work, registry, terms, 2, progress)
        work.execute([counting(registry, offline=terms.offline)])
        progress("gate", 0, 1)
        gate = open_gate(work, workspace, registry, gate_counts, offline=terms.offline) if gate_counts else None
        work.verdicts(one.code for one in registry if one.core and one.severity is Severity.GAP)
        rate_candidates(work, terms.as_of, terms.scheme, terms.policy, progress)
        return Appraisal(
            appraisal_id=appraisal_id,
            terms=terms,
            rule_set=rule_set,
            batches=tuple(sorted(batches)),
            candidates=work.count("candidate"),
            findings=work.count("finding"),
            eligible=work.count("assessment", "eligible"),
            content_hash=work.content_hash(),
            file=path,
            gate=gate,
        )


def appraisal_row(done: Appraisal) -> AppraisalRow:
    """Return the record of an appraisal: what makes its results visible."""
    return AppraisalRow(
        appraisal_id=done.appraisal_id,
        as_of=done.terms.as_of,
        rule_set=done.rule_set,
        scheme=done.terms.scheme,
        policy=done.terms.policy,
        seed=done.terms.seed,
        candidates=done.candidates,
        findings=done.findings,
        eligible=done.eligible,
        content_hash=done.content_hash,
        finished_on=now(),
    )


def ask(work: AppraisalFile, registry: Registry, terms: Terms, phase: int, progress: Progress) -> None:
    """Ask every check of a phase, in an order that asks what is required first."""
    asked = [
        one for one in registry.in_asking_order() if one.phase == phase and not (one.needs_library and terms.offline)
    ]
    for done, one in enumerate(asked):
        progress("checks", done, len(asked))
        work.execute([asking(registry, one)])
    progress("checks", len(asked), len(asked))


def not_asked_offline(registry: Registry) -> list[Check]:
    """Return the checks that an offline appraisal cannot ask."""
    return [one for one in registry if one.needs_library]
