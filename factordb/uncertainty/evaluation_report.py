"""Report on a measurement model: result, both intervals, methods side by side, clause 8, budget, contributions."""

from math import isfinite

from factordb.uncertainty.audit import Verdict
from factordb.uncertainty.drawing import bar_plot, density_plot, stacked
from factordb.uncertainty.evaluation import Evaluation, Settled, evaluate
from factordb.uncertainty.gum import GumResult
from factordb.uncertainty.model_file import Model, read_model
from factordb.uncertainty.report import LANGUAGES, Bilingual, Note, Report, Row, said, word


def evaluation_report(text: str) -> Report:
    """Return the report on a model in TOML; see `factordb.uncertainty.model_file` for its grammar.

    Raises:
        UsageError: the model cannot be read, or its correlations are impossible.
        StatementError: an input has no distribution, or the model is undefined at some draws.
    """
    return report_on(evaluate(read_model(text)))


def report_on(found: Evaluation) -> Report:
    """Return the report on an evaluation."""
    model = found.model
    facts: Row = {
        "model": str(model.expression),
        "value": found.estimate.value,
        "u": found.u.value,
        "median": found.median.value,
        "unit": model.unit or None,
        "probability": model.probability,
        "method": model.method,
        "tolerance": found.tolerance,
        "seed": model.seed,
    }
    tables = {
        "intervals": (_interval("shortest", found.shortest), _interval("symmetric", found.symmetric)),
        "methods": tuple(_methods(found)),
        "budget": tuple(_budget(found.gum, model)) if found.gum is not None else (),
        "contributions": tuple(_contributions(found)),
    }
    notes = [_verdict("gum", found.verdict), _verdict("gum2", found.verdict2)]
    if found.tolerance > model.tolerance:
        notes.append(Note("unsettled_result", {"reached": found.tolerance, "asked": model.tolerance}))
    if found.gum is None:
        notes.append(Note("no_derivative"))
    if not found.sobol:
        notes.append(Note("correlated"))
    return Report(
        "evaluate",
        facts,
        {name: rows for name, rows in tables.items() if rows},
        tuple(note for note in notes if note is not None),
        {lang: _drawn(found, lang) for lang in LANGUAGES},
    )


def _interval(name: str, ends: tuple[Settled, Settled]) -> Row:
    low, high = ends
    return {"interval": name, "low": low.value, "high": high.value, "end_error": max(low.error, high.error)}


def _methods(found: Evaluation) -> list[Row]:
    """Return the law of propagation in both orders and the audit run, each with its interval."""
    audit = found.audit
    rows = [
        _law(name, law, verdict)
        for name, law, verdict in (("gum", found.gum, found.verdict), ("gum2", found.gum2, found.verdict2))
        if law
    ]
    rows.append(
        {
            "method": "audit",
            "value": audit.y,
            "u": audit.u,
            "low": audit.low,
            "high": audit.high,
            "dof": None,
            "coverage_factor": None,
            "trials": audit.trials,
            "clause8": None,
        }
    )
    return rows


def _law(name: str, law: GumResult, verdict: Verdict | None) -> Row:
    return {
        "method": name,
        "value": law.estimate,
        "u": law.u,
        "low": law.low,
        "high": law.high,
        "dof": law.dof if isfinite(law.dof) else None,
        "coverage_factor": law.coverage_factor,
        "trials": None,
        "clause8": None if verdict is None or not verdict.converged else verdict.validated,
    }


def _budget(law: GumResult, model: Model) -> list[Row]:
    units = {one.name: one.unit for one in model.inputs}
    return [
        {
            "input": line.name,
            "value": line.value,
            "unit": units[line.name] or None,
            "u": line.u,
            "dof": line.dof if isfinite(line.dof) else None,
            "family": line.family,
            "sensitivity": line.sensitivity,
            "contribution_u": abs(line.contribution),
            "share": line.share,
        }
        for line in law.lines
    ]


def _contributions(found: Evaluation) -> list[Row]:
    return [
        {
            "input": index.name,
            "first": index.first,
            "total": index.total,
            "standard_error": max(index.first_error, index.total_error),
        }
        for index in found.sobol
    ]


def _verdict(method: str, verdict: Verdict | None) -> Note | None:
    if verdict is None:
        return None
    return Note("verdict", {"method": method, "words": Bilingual(verdict.words("zh"), verdict.words("en"))})


def _drawn(found: Evaluation, lang: str) -> str:
    model = found.model
    title = model.title(lang) or word("title", "evaluate", lang)
    low, high = (end.value for end in found.shortest)
    interval = f"{said('shortest', lang)} {100 * model.probability:g} %: [{low:.5g}, {high:.5g}]"
    density = density_plot(
        found.draws,
        interval=(low, high),
        marks=[
            (word("name", "mean", lang), found.estimate.value),
            (word("name", "median", lang), found.median.value),
        ],
        title=f"{title} ({interval})",
        description=interval,
        unit=model.unit,
    )
    shares = [(index.name, index.total) for index in found.sobol]
    if not shares and found.gum is not None:
        shares = [(line.name, line.share) for line in found.gum.lines]
    if not shares:
        return density
    name = word("block", "contributions", lang)
    said_shares = "; ".join(f"{one}: {100 * share:.1f} %" for one, share in shares)
    return stacked([density, bar_plot(shares, title=name, description=said_shares)], title=title)
