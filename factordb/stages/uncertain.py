"""The uncertainty of every candidate: reported, derived from its inputs, or a declared default; always labelled."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from factordb.model.vocabulary import Basis
from factordb.reference import tables
from factordb.store.appraisal import AppraisalFile
from factordb.uncertainty import lognormal
from factordb.uncertainty.pedigree import pedigree_sigma

Progress = Callable[[str, int, int], None]

BLOCK = 65_536
"""Candidates of one block: arrays that fit the cache and bound the memory of a million."""

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
    """Write the uncertainty of every candidate; one that has none is named with field and reason."""
    work.load_reference({"default_sigma": default_sigmas()})
    total, done = work.count("candidate"), 0
    inputs = (
        "SELECT candidate_id, max(CASE WHEN nth = 1 THEN cv_percent END) AS cv_1, "
        "max(CASE WHEN nth = 2 THEN cv_percent END) AS cv_2, count(*) AS n, count(cv_percent) AS stated "
        "FROM (SELECT *, row_number() OVER (PARTITION BY candidate_id ORDER BY name) AS nth FROM recipe_input) "
        "GROUP BY candidate_id"
    )
    query = (
        "SELECT c.batch_id, c.candidate_id, c.value, c.statement, c.cv_percent, c.sd, c.gsd2, c.bound_low, "
        "c.bound_high, c.value_low, c.value_high, c.expression, i.cv_1, i.cv_2, i.n AS inputs, i.stated, "
        f"d.default_sigma FROM candidate c LEFT JOIN ({inputs}) i USING (candidate_id) "
        f"LEFT JOIN default_sigma d ON d.tier = c.tier AND d.activity_class = ({ACTIVITY_CLASS}) "
        "ORDER BY c.candidate_id"
    )
    for batch in work.batches(query, BLOCK):
        work.append("uncertainty", _evaluated(batch, seed))
        done += batch.num_rows
        progress("uncertainty", done, total)


def _number(batch: pa.RecordBatch, name: str) -> NDArray[np.float64]:
    return np.asarray(batch[name].cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=float)


def _evaluated(batch: pa.RecordBatch, seed: int) -> pa.Table:
    del seed
    value, default = _number(batch, "value"), _number(batch, "default_sigma")
    cv, low, high = _number(batch, "cv_percent") / 100, _number(batch, "bound_low"), _number(batch, "bound_high")
    derived = batch["expression"].is_valid().to_numpy(zero_copy_only=False)
    with np.errstate(invalid="ignore", divide="ignore"):
        parts = np.column_stack([lognormal.sigma_from_cv(_number(batch, name) / 100) for name in ("cv_1", "cv_2")])
        choices = [
            (derived & np.isfinite(parts).all(axis=1), np.hypot(parts[:, 0], parts[:, 1]), Basis.DERIVED),
            (np.isfinite(cv) & (cv > 0), lognormal.sigma_from_cv(cv), Basis.REPORTED),
            (np.isfinite(low) & (low > 0) & (high > low), lognormal.sigma_from_bounds(low, high), Basis.REPORTED),
            (np.isfinite(default), default, Basis.DEFAULT),
        ]
    sigma = np.select([where for where, _, _ in choices], [what for _, what, _ in choices], np.nan)
    basis = np.select([where for where, _, _ in choices], [name.value for _, _, name in choices], Basis.NONE.value)
    good = np.isfinite(sigma) & np.isfinite(value) & (value != 0)
    found = lognormal.summary(np.where(good, value, 1.0), np.where(good, sigma, 0.0))
    columns: dict[str, Any] = {
        "mean": found.mean, "sd": found.sd, "median": found.median, "cv": found.cv, "low95": found.low,
        "high95": found.high, "shortest_low95": found.shortest_low, "shortest_high95": found.shortest_high,
        "sigma": sigma, "tolerance": np.zeros(len(value)),
    }  # fmt: skip
    precision = np.searchsorted(np.array([0.07, 0.10, 0.15, 0.25]), found.cv, side="left") + 1
    text = pa.string()
    return pa.table(
        {
            "batch_id": batch["batch_id"],
            "candidate_id": batch["candidate_id"],
            "basis": pa.array(np.where(good, basis, Basis.NONE.value), text),
            "family": pa.array(np.full(len(value), "lognormal"), text, mask=~good),
            "method": pa.array(np.full(len(value), "closed"), text, mask=~good),
            **{name: pa.array(column, pa.float64(), mask=~good) for name, column in columns.items()},
            "precision": pa.array(precision, pa.int64(), mask=~good),
            "reason": pa.array(np.where(value == 0, "value is zero", "no number"), text, mask=good),
        }
    )
