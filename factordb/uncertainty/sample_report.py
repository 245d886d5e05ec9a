"""Reports on readings of one quantity: Type A, outliers, series, ISO 5725-2, non-detects."""

from collections.abc import Callable
from math import isfinite, nan, sqrt

import numpy as np

from factordb.errors import FactorDBError
from factordb.uncertainty import nondetects
from factordb.uncertainty.drawing import Bar
from factordb.uncertainty.interlaboratory import consistency, laboratories, mandel, precision
from factordb.uncertainty.measured import FloatArray, type_a
from factordb.uncertainty.outliers import OutlierTest, grubbs, grubbs_pair
from factordb.uncertainty.report import LANGUAGES, Bilingual, Note, Report, Row, drawn, said, word
from factordb.uncertainty.series import LEAST_READINGS, block_bootstrap, series_mean
from factordb.uncertainty.worksheets import Readings, read_columns, readings

LEAST_FOR_PAIR = 4
LEAST_FOR_TEST = 3
MOST_DRAWN = 60
"""Readings beyond this number are left out of the plot, not of the result."""


def sample_report(
    text: str,
    *,
    probability: float = 0.95,
    resolution: float | None = None,
    series: bool = False,
    seed: int = 1,
) -> Report:
    """Return what a table of readings says; a column laboratory asks for ISO 5725-2, "<x" is a non-detect.

    Args:
        text: the table, columns value and, if there are several, laboratory.
        probability: coverage probability.
        resolution: step of the last digit; see `factordb.uncertainty.measured.mean_and_sd`.
        series: True if the readings are a series in time.
        seed: of the resampling.

    Raises:
        UsageError: a column is missing or a cell is no number.
        StatementError: too few readings.
    """
    columns = read_columns(text)
    found = readings(columns)
    if found.below.any():
        return _nondetects_report(found, probability, seed)
    if "laboratory" in columns:
        return _laboratories_report(found.values, columns["laboratory"], probability)
    return _type_a_report(found.values, probability, resolution, series=series, seed=seed)


def _type_a_report(
    values: FloatArray, probability: float, resolution: float | None, *, series: bool, seed: int
) -> Report:
    found = type_a(values, resolution=resolution)
    low, high = found.interval(probability)
    facts: Row = {
        "n": found.n,
        "mean": found.mean,
        "sd": found.sd,
        "u": found.u,
        "dof": found.dof,
        "probability": probability,
        "low": low,
        "high": high,
        "distribution_sd": found.distribution_sd if isfinite(found.distribution_sd) else None,
        "autocorrelation": found.autocorrelation if isfinite(found.autocorrelation) else None,
    }
    notes = [] if isfinite(found.distribution_sd) else [Note("few", {"n": found.n})]
    if not found.resolved:
        notes.append(Note("unresolved"))
    tests = _reading_tests(values, resolved=found.resolved)
    if any(test.verdict == "outlier" for test in tests):
        notes.append(Note("outliers"))
    # twice the standard error of r for independent readings
    alike = found.resolved and values.size >= LEAST_READINGS and found.autocorrelation > 2 / sqrt(found.n)
    if values.size >= LEAST_READINGS and found.resolved and (series or alike):
        chained, resampled = series_mean(values), block_bootstrap(values, probability=probability, seed=seed)
        facts |= {
            "effective_n": chained.effective_n,
            "u_series": chained.u,
            "u_bootstrap": resampled.u,
            "block": resampled.block,
            "seed": seed,
        }
        if alike:
            notes.append(Note("series", {"r": found.autocorrelation}))
    suspects = {suspect for test in tests if test.verdict != "none" for suspect in test.suspects}

    def draw(lang: str) -> str:
        bars = [
            Bar(str(place + 1), float(value), float(value), float(value), marked=place in suspects)
            for place, value in enumerate(values[:MOST_DRAWN])
        ]
        return drawn("sample", [*bars, Bar(word("name", "mean", lang), found.mean, low, high, marked=True)], lang)

    rows = tuple(_test_row(test, [str(place + 1) for place in range(found.n)]) for test in tests)
    return Report("sample", facts, {"tests": rows}, tuple(notes), {lang: draw(lang) for lang in LANGUAGES})


def _laboratories_report(values: FloatArray, names: list[str], probability: float) -> Report:
    cells = laboratories(values, names)
    found, tests = precision(cells), consistency(cells)
    h, k = (
        mandel(cells)
        if len(cells.names) >= LEAST_FOR_TEST and np.ptp(cells.means) > 0
        else (np.full(len(cells.names), nan),) * 2
    )
    rows: list[Row] = [
        {
            "laboratory": name,
            "n": int(cells.counts[place]),
            "mean": float(cells.means[place]),
            "sd": _finite(cells.sds[place]),
            "h": _finite(h[place]),
            "mandel_k": _finite(k[place]),
        }
        for place, name in enumerate(cells.names)
    ]
    names_of = (
        "repeatability_sd",
        "between_sd",
        "reproducibility_sd",
        "repeatability_limit",
        "reproducibility_limit",
        "u_mean",
    )
    facts: Row = {
        "n": int(cells.counts.sum()),
        "mean": found.mean,
        **{name: float(getattr(found, name)) for name in names_of},
    }
    notes = [Note("negative_between")] if found.between_variance < 0 else []
    if any(test.verdict == "outlier" for test in tests):
        notes.append(Note("outliers"))

    def draw(lang: str) -> str:
        bars = []
        for place, name in enumerate(cells.names):
            cell = values[np.array(names) == name]
            bars.append(Bar(name, float(cells.means[place]), float(cell.min()), float(cell.max())))
        whole = Bar(
            word("name", "mean", lang),
            found.mean,
            found.mean - 2 * found.u_mean,
            found.mean + 2 * found.u_mean,
            marked=True,
        )
        return drawn("sample", [*bars, whole], lang)

    facts["probability"] = probability
    return Report(
        "sample",
        facts,
        {"laboratories": tuple(rows), "tests": tuple(_test_row(test, list(cells.names)) for test in tests)},
        tuple(notes),
        {lang: draw(lang) for lang in LANGUAGES},
    )


def _nondetects_report(given: Readings, probability: float, seed: int) -> Report:
    asked: dict[str, Callable[[], nondetects.Censored]] = {
        "substitution": lambda: nondetects.substitution(*given),
        "kaplan-meier": lambda: nondetects.kaplan_meier(*given),
        "ros": lambda: nondetects.ros(*given, seed=seed),
        "mle": lambda: nondetects.mle(*given),
    }
    rows: list[Row] = []
    notes: list[Note] = []
    found: list[nondetects.Censored] = []
    for method, ask in asked.items():
        try:
            result = ask()
        except FactorDBError as refusal:
            # a method that refuses is an answer of this report, not its end
            rows.append({"method": method, "mean": None, "sd": None, "u_mean": None})
            reason = Bilingual(refusal.problem_zh, refusal.problem)
            notes.append(Note("refused", {"method": method, "reason": reason}))
            continue
        found.append(result)
        rows.append({"method": method, "mean": result.mean, "sd": result.sd, "u_mean": _finite(result.u_mean)})
        if result.substituted:
            notes.append(Note("substituted"))
    count, n = int(given.below.sum()), given.values.size

    def draw(lang: str) -> str:
        bars = [
            Bar(said(each.method, lang), each.mean, each.mean - 2 * each.u_mean, each.mean + 2 * each.u_mean)
            for each in found
        ]
        return drawn("sample", bars, lang) if bars else ""

    facts: Row = {"n": n, "nondetects": count, "share": count / n, "seed": seed, "probability": probability}
    return Report("sample", facts, {"nondetects": tuple(rows)}, tuple(notes), {lang: draw(lang) for lang in LANGUAGES})


def _reading_tests(values: FloatArray, *, resolved: bool) -> list[OutlierTest]:
    """Return Grubbs' test of one reading, and of pairs where that finds none (ISO 5725-2:1994, 7.3.4)."""
    if not resolved or values.size < LEAST_FOR_TEST:
        return []
    one = grubbs(values)
    if one.verdict == "outlier" or values.size < LEAST_FOR_PAIR:
        return [one]
    return [one, *grubbs_pair(values)]


def _test_row(test: OutlierTest, names: list[str]) -> Row:
    return {
        "test": test.name,
        "statistic": test.statistic,
        "critical_5": test.critical_5,
        "critical_1": test.critical_1,
        "p_value": test.p_value,
        "verdict": test.verdict,
        "suspects": ", ".join(names[suspect] for suspect in test.suspects),
    }


def _finite(value: np.float64 | float) -> float | None:
    return float(value) if isfinite(value) else None
