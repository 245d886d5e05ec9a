"""Aggregates at the desk: a definition as it was sent, judged by the library, and drawn with its samples."""

import tempfile
from datetime import UTC, datetime
from pathlib import Path

from factordb.deriving import AggregateReport
from factordb.formats.plots import Interval, interval_plot
from factordb.library import Library

__all__ = ["aggregate", "aggregate_anew", "aggregate_plot"]


def aggregate(library: Library, definition: bytes, *, propose_as: str = "") -> AggregateReport:
    """Return what a definition comes to; with a person it is taken in as their candidate, without nothing is written.

    Raises:
        UsageError: the definition has mistakes, or its samples do not fit together.
        NotPermittedError: the rule of confidentiality is broken, or the person may not submit.
    """
    with tempfile.TemporaryDirectory(prefix="factordb-aggregate-") as folder:
        path = Path(folder) / "definition.toml"
        path.write_bytes(definition)
        if not propose_as:
            return library.check_aggregate(path)
        made = library.propose_aggregate(path, actor=propose_as)
    _appraise(library, propose_as)
    return made


def aggregate_anew(library: Library, factor_id: str, *, actor: str = "") -> AggregateReport:
    """Return what a stale aggregate comes to from the samples accepted now; with a person it is proposed anew.

    Raises:
        NotFoundError: there is no such factor.
        NotPermittedError: the person may not submit.
    """
    made = library.repropose(factor_id, dry_run=not actor, actor=actor)
    if actor:
        _appraise(library, actor)
    return made


def _appraise(library: Library, actor: str) -> None:
    """Appraise what was just taken in, as of today, so that a case can be opened for it."""
    library.appraise(as_of=datetime.now(tz=UTC).date(), actor=actor)


def aggregate_plot(report: AggregateReport, lang: str) -> str:
    """Return the samples that may be shown and the aggregate with its interval, as SVG, in the aggregate's unit."""
    rows = [
        Interval(label=one[f"name_{lang}"] or one["name_zh"] or one["factor_id"][:10], point=one["value"])
        for one in report.samples
        if one["value"] is not None
    ]
    whole = Interval(
        label=report.name_zh if lang == "zh" else report.name_en,
        point=report.value,
        low=report.low,
        high=report.high,
        basis="derived",
    )
    return interval_plot([*rows, whole], lang=lang, unit=report.unit).replace(
        'style="', 'style="background:#FFFFFF;', 1
    )
