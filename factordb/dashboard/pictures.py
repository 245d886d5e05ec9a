"""Pictures of candidates and release rows: plots of `formats.plots` fed with the rows as the library gives them."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from factordb.formats.plots import (
    Distribution,
    Interval,
    RatingRow,
    density_plot,
    interval_plot,
    rating_strip,
)
from factordb.model.release import SCORE_COLUMNS
from factordb.uncertainty import lognormal

Row = Mapping[str, Any]
Rows = Mapping[str, Sequence[Row]]

POINTS = 241
TAIL = 3.5
"""Standard deviations of ln X that a density is drawn over."""


def named(row: Row, lang: str) -> str:
    """Return the name of a row in `lang`, or in the other language where it has none."""
    return str(row[f"name_{lang}"] or row["name_zh"] or row["name_en"] or row["factor_id"])


def interval_of(parts: Rows, lang: str) -> str:
    """Return the interval plot of one candidate as SVG; empty text where its value is no number."""
    row = parts["candidate"][0]
    sure = parts["uncertainty"][0] if parts["uncertainty"] else {}
    if row["value"] is None:
        return ""
    half = _half_interval(sure)
    drawn = Interval(
        label=named(row, lang),
        point=row["value"],
        low=sure.get("shortest_low95"),
        high=sure.get("shortest_high95"),
        basis=sure.get("basis") or "none",
        printed=row["value_text"],
        low50=half[0],
        high50=half[1],
    )
    return interval_plot([drawn], lang=lang, unit=row["unit_text"] or row["unit"] or "–")


def intervals_of(rows: Sequence[Row], lang: str) -> str:
    """Return one interval plot of the release rows that share the most frequent unit; empty text without any."""
    usable = sorted((row for row in rows if row["value"] is not None), key=lambda row: row["unit"] or "")
    groups = [(unit, list(members)) for unit, members in itertools.groupby(usable, key=lambda row: row["unit"] or "–")]
    if not groups:
        return ""
    unit, members = max(groups, key=lambda group: len(group[1]))
    drawn = [
        Interval(
            label=" · ".join(str(one) for one in (named(row, lang), row["region"], row["reference_year"]) if one),
            point=row["value"],
            low=row["shortest_low95"],
            high=row["shortest_high95"],
            basis=row["basis"] or "none",
            printed=row["value_text"],
        )
        for row in members
    ]
    return interval_plot(drawn, lang=lang, unit=unit)


def density_of(parts: Rows, lang: str) -> str:
    """Return the density of one candidate with its shortest 95 % interval shaded; empty text where none is known."""
    sure = parts["uncertainty"][0] if parts["uncertainty"] else {}
    if sure.get("family") != "lognormal" or not sure.get("sigma"):
        return ""
    row = parts["candidate"][0]
    sigma, median = sure["sigma"], sure["median"]
    z = np.linspace(-TAIL, TAIL, POINTS)
    values = median * np.exp(sigma * z)
    density = np.exp(-np.square(z) / 2) / (np.abs(values) * sigma * np.sqrt(2 * np.pi))
    order = np.argsort(values)
    drawn = Distribution(
        values=values[order].tolist(),
        density=density[order].tolist(),
        low=sure["shortest_low95"],
        high=sure["shortest_high95"],
        mean=sure["mean"],
        median=median,
        draws=sure["draws"],
        seed=sure["seed"],
    )
    return density_plot(drawn, lang=lang, unit=row["unit_text"] or row["unit"] or "–")


def rating_of(parts: Rows, lang: str) -> str:
    """Return the rating strip of one candidate, scores printed in the cells; empty text before its appraisal."""
    if not parts["assessment"]:
        return ""
    rated = parts["assessment"][0]
    scores = tuple(rated[name] for name in SCORE_COLUMNS)
    return rating_strip([RatingRow(str(rated["scheme"]), scores)], lang=lang)


def _half_interval(sure: Row) -> tuple[float | None, float | None]:
    """Return the shortest 50 % interval, (None, None) where the family is not known in closed form."""
    if sure.get("family") != "lognormal" or not sure.get("sigma"):
        return None, None
    found = lognormal.summary(np.array([sure["mean"]]), np.array([sure["sigma"]]), probability=0.5)
    return float(found.shortest_low[0]), float(found.shortest_high[0])
