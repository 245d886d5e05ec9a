"""The uncertainty of every candidate: reported, derived from its inputs, or a declared default; always labelled."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from factordb.expression import Expression, ExpressionError
from factordb.model.vocabulary import Basis
from factordb.reference import tables
from factordb.store.appraisal import AppraisalFile
from factordb.store.duck import quote
from factordb.uncertainty.assumptions import Assumption, Reason, refusal_note
from factordb.uncertainty.batch import evaluate_batch
from factordb.uncertainty.distributions import Distributions, concatenate
from factordb.uncertainty.families import Family
from factordb.uncertainty.pedigree import pedigree_sigma
from factordb.uncertainty.results import Method, Results
from factordb.uncertainty.statements import Converted, distributions_of

Progress = Callable[[str, int, int], None]
Numbers = NDArray[np.float64]
Names = NDArray[Any]

BLOCK = 65_536
"""Candidates of one block: arrays that bound the memory of a million."""
TOLERANCE = 1e-3
"""Numerical error of interval ends that is asked for, in half-widths: below what four digits show."""
RECOMPUTED = 0.01
"""A recipe whose inputs give another value than the published one by more than this is not its recipe. Ours:
published values of three digits differ from their recipe by up to half a per cent each side."""
PRECISION = np.array([0.07, 0.10, 0.15, 0.25])
DRAWN = (Method.CONDITIONAL.value, Method.SAMPLING.value, Method.ADAPTIVE.value)
"""Methods whose result depends on the seed; the others have none to tell."""

# the class decides which default applies; the first that fits wins (reference/uncertainty/README.md)
ACTIVITY_CLASS = """
    CASE WHEN c.kind = 'parameter' THEN CASE WHEN c.quantity IN ('ncv', 'carbon content', 'oxidation')
              THEN 'parameter_energy' ELSE 'parameter_other' END
         WHEN c.flow = 'electricity' THEN 'electricity'
         WHEN c.gas IN ('SF6', 'NF3', 'CF4', 'C2F6') OR starts_with(c.gas, 'HFC') THEN 'fluorinated'
         WHEN c.category LIKE '%废弃物%' OR c.category ILIKE '%waste%' THEN 'waste'
         WHEN c.category LIKE '%逸散%' AND c.gas = 'CH4' THEN 'fugitive_ch4'
         WHEN c.category LIKE '%农业%' AND c.gas IN ('N2O', 'N2O-N') THEN 'agriculture_n2o'
         WHEN c.category LIKE '%农业%' AND c.gas = 'CH4' THEN 'agriculture_ch4'
         WHEN c.dimension = 'energy' AND c.gas IN ('CO2', 'CO2e') THEN 'combustion_co2'
         WHEN c.dimension IN ('mass', 'normal_volume') AND c.expression IS NOT NULL THEN 'combustion_co2'
         WHEN c.dimension = 'energy' AND c.gas IN ('CH4', 'N2O') THEN 'combustion_ch4_n2o'
         WHEN c.boundary = 'direct' AND c.gas = 'CO2' THEN 'process_co2'
         WHEN c.dimension IN ('freight', 'passenger', 'distance', 'length') THEN 'transport'
         WHEN c.kind = 'factor' THEN 'materials' ELSE 'unclassified' END
"""

# every input of a recipe must state its spread: a derived interval that leaves one out is too narrow
RECIPES = (
    "SELECT candidate_id FROM recipe_input GROUP BY candidate_id "
    "HAVING count(*) = count(cv_percent) AND count(*) = count(value) AND min(cv_percent) >= 0 "
    "AND max(cv_percent) > 0"
)


def default_sigmas() -> pa.Table:
    """Return tier, activity_class, sigma of ln x: basic variance plus the default pedigree scores."""
    table = tables.table("uncertainty/defaults")
    names = ("reliability", "completeness", "temporal", "geographical", "technological")
    scores = np.column_stack([table[name].cast(pa.float64()).to_numpy() for name in names])
    sigma = pedigree_sigma(scores, table["basic_ln_variance"].cast(pa.float64()).to_numpy())
    return pa.table(
        {"tier": table["tier"], "activity_class": table["activity_class"], "default_sigma": pa.array(sigma)}
    )


def simulate_candidates(work: AppraisalFile, seed: int, progress: Progress) -> None:
    """Write the uncertainty of every candidate; one that has none carries the code of the reason."""
    work.load_reference({"default_sigma": default_sigmas()})
    work.execute([f"CREATE OR REPLACE TEMP TABLE derivable AS {RECIPES}"])
    total, done = work.count("candidate"), 0

    def finished(rows: int) -> None:
        nonlocal done
        done += rows
        progress("uncertainty", done, total)

    for batch in _pages(work, "stated", _STATED):
        work.append("uncertainty", _as_stated(batch, seed))
        finished(batch.num_rows)
    derived = "FROM candidate c SEMI JOIN derivable d USING (candidate_id) WHERE c.expression IS NOT NULL"
    for text in work.table(f"SELECT DISTINCT c.expression AS text {derived} ORDER BY text")["text"].to_pylist():
        _derive(work, text, derived, seed, finished)


_STATED = (
    "SELECT c.batch_id, c.candidate_id, c.value, CAST(c.statement AS VARCHAR) AS kind, c.cv_percent, c.sd, c.gsd2, "
    "coalesce(c.bound_low, c.value_low) AS low, coalesce(c.bound_high, c.value_high) AS high, d.default_sigma, "
    # an aggregate states how sure it is, but is no surer of it than its samples were
    "CASE WHEN c.pipeline = 'aggregate' THEN split_part(c.bound_basis, ':', 1) END AS own_basis "
    "FROM (FROM candidate WHERE expression IS NULL UNION ALL "
    "FROM candidate ANTI JOIN derivable USING (candidate_id) WHERE expression IS NOT NULL) c "
    f"LEFT JOIN default_sigma d ON d.tier = c.tier AND d.activity_class = ({ACTIVITY_CLASS})"
)


def _pages(work: AppraisalFile, name: str, query: str) -> Iterator[pa.RecordBatch]:
    """Yield the answer of a query in blocks; their order does not matter to any result.

    From a table of its own: a stream would end, without a word, at the first row that is written beside it.
    """
    work.execute([f"CREATE OR REPLACE TEMP TABLE {name} AS {query}"])
    for start in range(0, work.count(name), BLOCK):
        page = work.table(f"SELECT * FROM {name} WHERE rowid >= {start} AND rowid < {start + BLOCK}")
        yield from page.combine_chunks().to_batches()
    work.execute([f"DROP TABLE {name}"])


def _number(batch: pa.RecordBatch | pa.Table, name: str) -> Numbers:
    return np.asarray(batch[name].cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=float)


def _as_stated(batch: pa.RecordBatch, seed: int) -> pa.Table:
    """Return the rows of candidates whose own statement counts, or the declared default in its place."""
    value = _number(batch, "value")
    kind = np.asarray(batch["kind"].fill_null("none").to_numpy(zero_copy_only=False), dtype=np.str_)
    low, high = _number(batch, "low"), _number(batch, "high")
    spread = {name: _number(batch, name) for name in ("cv_percent", "sd", "gsd2")}
    stated = distributions_of(
        kind, value, low=low, high=high, cv_percent=spread["cv_percent"], sd=spread["sd"], gsd2=spread["gsd2"]
    )
    default = distributions_of("pedigree", value, sigma=_number(batch, "default_sigma"))
    lacking = stated.refused
    both = concatenate([stated.distributions, default.distributions])
    given = both.take(np.arange(len(value)) + len(value) * lacking)
    results = evaluate_batch("x", {"x": given}, tolerance=TOLERANCE, seed=seed)
    unstated = stated.reasons == Reason.NO_STATEMENT
    # without a default, and unless the value itself is at fault, the statement's own refusal is the reason
    reasons = np.where(
        lacking, np.where(unstated & (default.fields == "value"), default.reasons, stated.reasons), "none"
    )
    return _rows(
        batch,
        results,
        basis=np.where(lacking, default.basis, _own_basis(batch, stated.basis)),
        family=given.families,
        sigma=np.where(given.is_family(Family.LOGNORMAL), given.parameters[:, 1], results.cv),
        assumption=_assumed(stated, default),
        reason=np.where(results.reasons == Reason.INPUT_REFUSED, reasons, results.reasons),
    )


def _own_basis(batch: pa.RecordBatch, stated: Names) -> Names:
    """Return the basis of each stated uncertainty: that of an aggregate follows from its samples."""
    own = np.asarray(batch["own_basis"].fill_null("").to_numpy(zero_copy_only=False), dtype=np.str_)
    return np.where(np.isin(own, (Basis.DERIVED.value, Basis.DEFAULT.value)), own, stated)


def _assumed(stated: Converted, default: Converted) -> Names:
    """Return what was assumed; where a stated spread was refused and the default took its place, that too."""
    found = np.where(stated.refused, default.assumptions, stated.assumptions).astype(object)
    told = np.flatnonzero(stated.refused & (stated.reasons != Reason.NO_STATEMENT))
    cases = np.stack([found[told].astype(str), stated.fields[told], stated.reasons[told]])
    distinct, places = np.unique(cases, axis=1, return_inverse=True)
    found[told] = np.array([refusal_note(*case) for case in distinct.T], dtype=object)[places.ravel()]
    return np.asarray(found, dtype=object)


def _derive(work: AppraisalFile, text: str, derived: str, seed: int, finished: Callable[[int], None]) -> None:
    """Propagate the inputs of all candidates of one recipe."""
    try:
        formula: Expression | None = Expression.parse(text)
    except ExpressionError:
        formula = None
    names = formula.names if formula else ()
    columns = "".join(
        f", max(CASE WHEN r.name = {quote(name)} THEN r.{column} END) AS {column}_{place}"
        for place, name in enumerate(names)
        for column in ("value", "cv_percent")
    )
    query = (
        f"SELECT c.batch_id, c.candidate_id, c.value{columns} FROM (SELECT c.* {derived} AND "
        f"c.expression = {quote(text)}) c JOIN recipe_input r USING (candidate_id) GROUP BY ALL"
    )
    for batch in _pages(work, "recipe", query):
        results, reason = _propagated(batch, formula, seed)
        work.append("uncertainty", _derived_rows(batch, formula, results, reason))
        work.append("contribution", _shares(batch, names, results))
        finished(batch.num_rows)


def _propagated(batch: pa.RecordBatch, formula: Expression | None, seed: int) -> tuple[Results, Names]:
    """Return results about the published values and the reason of each row, "none" where it has a result."""
    count = batch.num_rows
    if formula is None or not formula.names:
        return Results.empty(count, (), 0.95, seed), np.full(count, Reason.BAD_EXPRESSION.value, dtype=object)
    inputs = {name: _input(batch, place) for place, name in enumerate(formula.names)}
    found = evaluate_batch(formula, inputs, tolerance=TOLERANCE, seed=seed)
    value, at_means = _number(batch, "value"), formula.evaluate({name: one.mean() for name, one in inputs.items()})
    with np.errstate(invalid="ignore", divide="ignore"):
        scale = value / at_means
    missing = np.isnan([_number(batch, f"value_{place}") for place in range(len(inputs))]).any(axis=0)
    differs = (found.reason == 0) & ~(np.abs(scale - 1) <= RECOMPUTED)
    found.refuse(np.flatnonzero(missing), Reason.INPUT_MISSING)
    found.refuse(np.flatnonzero(differs), Reason.VALUE_DIFFERS)
    # the published value may be rounded: the spread stays relative to it
    return found.scaled(scale), found.reasons.astype(object)


def _input(batch: pa.RecordBatch, place: int) -> Distributions:
    """Return one input of a recipe: log-normal by its CV, or exact where that is zero."""
    value, cv = _number(batch, f"value_{place}"), _number(batch, f"cv_percent_{place}")
    given = distributions_of("cv_percent", value, cv_percent=cv).distributions
    given.parameters[cv == 0, 0] = value[cv == 0]
    return given


def _derived_rows(batch: pa.RecordBatch, formula: Expression | None, results: Results, reason: Names) -> pa.Table:
    lognormal = formula is not None and formula.monomial() is not None
    with np.errstate(invalid="ignore"):
        sigma = np.sqrt(np.log1p(np.square(results.cv))) if lognormal else results.cv
    return _rows(
        batch,
        results,
        basis=np.full(batch.num_rows, Basis.DERIVED.value),
        family=np.full(batch.num_rows, Family.LOGNORMAL.value if lognormal else "propagated"),
        sigma=sigma,
        assumption=np.full(batch.num_rows, Assumption.LOGNORMAL_MEAN.value, dtype=object),
        reason=reason,
    )


def _shares(batch: pa.RecordBatch, names: tuple[str, ...], results: Results) -> pa.Table:
    good = np.flatnonzero(results.reason == 0) if names else np.zeros(0, dtype=np.intp)
    rows = pa.array(np.repeat(good, len(names)))
    return pa.table(
        {
            "batch_id": batch["batch_id"].take(rows),
            "candidate_id": batch["candidate_id"].take(rows),
            "input": pa.array(list(names) * len(good), pa.string()),
            "share": pa.array(results.contributions[good].ravel(), pa.float64()),
        }
    )


def _rows(
    batch: pa.RecordBatch,
    results: Results,
    *,
    basis: Names,
    family: Names,
    sigma: Numbers,
    assumption: Names,
    reason: Names,
) -> pa.Table:
    """Return rows of the table `uncertainty`; where there is a reason there is no number."""
    bad = np.asarray(reason != "none")
    columns = {
        "sigma": sigma, "mean": results.mean, "sd": results.sd, "median": results.median, "cv": results.cv,
        "low95": results.low, "high95": results.high, "shortest_low95": results.shortest_low,
        "shortest_high95": results.shortest_high, "tolerance": results.tolerance,
    }  # fmt: skip
    undrawn = bad | ~np.isin(results.methods, DRAWN)
    precision = np.searchsorted(PRECISION, results.cv, side="left") + 1
    text = pa.string()
    return pa.table(
        {
            "batch_id": batch["batch_id"],
            "candidate_id": batch["candidate_id"],
            "basis": pa.array(np.where(bad, Basis.NONE.value, basis), text),
            "family": pa.array(family.astype(object), text, mask=bad),
            "method": pa.array(results.methods.astype(object), text, mask=bad),
            "assumption": pa.array(assumption, text, mask=bad),
            **{name: pa.array(column, pa.float64(), mask=bad) for name, column in columns.items()},
            "draws": pa.array(results.draws, pa.int64(), mask=bad),
            "seed": pa.array(np.full(len(bad), results.seed, dtype=np.int64), pa.int64(), mask=undrawn),
            "precision": pa.array(precision, pa.int64(), mask=bad),
            "reason": pa.array(reason.astype(object), text, mask=~bad),
        }
    )
