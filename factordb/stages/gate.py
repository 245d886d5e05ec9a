"""The Great Expectations gate of an appraisal: a second reading of the same rules, kept and shown.

The gate gives no verdict of its own: it must find what the checks found, else the appraisal stops.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from factordb.checks.base import Registry
from factordb.checks.expectations import Counts, run_gate
from factordb.checks.gate_page import gate_page
from factordb.evidence import objects
from factordb.paths import Workspace
from factordb.store.appraisal import AppraisalFile
from factordb.store.records import BatchRow


@dataclass(frozen=True)
class GateReport:
    """What the gate found and where it can be read."""

    result_sha256: str
    """Object that holds its whole JSON."""
    pages: dict[str, Path]
    """Language -> self-contained page."""
    expectations: int
    broken: int
    passed: bool
    """Nothing critical failed: false says that some candidates break blocking rules, not that the gate failed."""


def counts_of(batches: Iterable[BatchRow]) -> Counts:
    """Return the rows of some batches together, as they were recorded."""
    rows = list(batches)
    return Counts(
        rows=sum(row.rows_in for row in rows),
        rows_staged=sum(row.rows_staged for row in rows),
        rows_refused=sum(row.rows_refused for row in rows),
    )


def open_gate(
    work: AppraisalFile, workspace: Workspace, registry: Registry, counts: Counts, *, offline: bool
) -> GateReport:
    """Run the suite over the candidates of an appraisal and keep its result and its pages.

    Raises:
        GateError: an expectation could not be asked, or the gate and the checks do not find the same rows.
    """
    result = run_gate(work.connection, registry, counts=counts, phase=2, offline=offline)
    text = result.to_json()
    sha256 = objects.keep_bytes(workspace.objects, text.encode())
    workspace.reports.mkdir(parents=True, exist_ok=True)
    pages = {}
    for lang in ("zh", "en"):
        path = workspace.reports / f"gate-{sha256[:12]}.{lang}.html"
        path.write_text(gate_page(text, lang), encoding="utf-8")
        pages[lang] = path
    broken = sum(not line.success for line in result.lines)
    return GateReport(sha256, pages, len(result.lines), broken, result.passed)
