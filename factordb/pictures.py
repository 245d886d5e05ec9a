"""Pictures of candidates and release rows: plots of `formats.plots` fed with the rows as the library gives them."""

import itertools
from collections.abc import Mapping, Sequence
from html import escape
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
from factordb.selection import places
from factordb.uncertainty.distributions import Distributions, of_family
from factordb.uncertainty.drawing import bar_plot
from factordb.uncertainty.families import Family
from factordb.uncertainty.intervals import shortest_from_quantiles

Row = Mapping[str, Any]
Rows = Mapping[str, Sequence[Row]]

POINTS = 241
TAIL = 2e-4
"""Probability left out at each end of a drawn density."""
HALF = 0.5
MANY = 2
"""Inputs from which on their shares say something."""
FITS = 0.01
"""Distance of the medians, in standard deviations, up to which a row's moments are those of the named family."""


def named(row: Row, lang: str) -> str:
    """Return the name of a row in `lang`, or in the other language where it has none."""
    return str(row[f"name_{lang}"] or row["name_zh"] or row["name_en"] or row["factor_id"])


def labelled(row: Row, lang: str) -> str:
    """Return name, place and year of a row, for a line of a picture; what it has not is left out, said twice too."""
    place = dict(zip(("zh", "en"), places.names(row["region"]), strict=False)).get(lang, row["region"])
    name = named(row, lang)
    return " · ".join([name, *(str(one) for one in (place, row["reference_year"]) if one and str(one) not in name)])


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
    return _on_paper(interval_plot([drawn], lang=lang, unit=row["unit_text"] or row["unit"] or "–"))


def intervals_of(rows: Sequence[Row], lang: str) -> str:
    """Return one interval plot of the release rows that share the most frequent unit; empty text without any."""
    usable = sorted((row for row in rows if row["value"] is not None), key=lambda row: row["unit"] or "")
    groups = [(unit, list(members)) for unit, members in itertools.groupby(usable, key=lambda row: row["unit"] or "–")]
    if not groups:
        return ""
    unit, members = max(groups, key=lambda group: len(group[1]))
    drawn = [
        Interval(
            label=labelled(row, lang),
            point=row["value"],
            low=row["shortest_low95"],
            high=row["shortest_high95"],
            basis=row["basis"] or "none",
            printed=row["value_text"],
        )
        for row in members
    ]
    return _on_paper(interval_plot(drawn, lang=lang, unit=unit))


def density_of(parts: Rows, lang: str) -> str:
    """Return the density of one candidate with its shortest 95 % interval shaded; empty text where none is known."""
    sure = parts["uncertainty"][0] if parts["uncertainty"] else {}
    known = _distribution(sure)
    if known is None:
        return ""
    row = parts["candidate"][0]
    left, right = known.ppf(np.array([[TAIL, 1 - TAIL]]))[0]
    values = np.linspace(left, right, POINTS)
    drawn = Distribution(
        values=values.tolist(),
        density=known.pdf(values[np.newaxis, :])[0].tolist(),
        low=sure["shortest_low95"],
        high=sure["shortest_high95"],
        mean=sure["mean"],
        median=sure["median"],
        draws=sure["draws"] or None,
        seed=sure["seed"],
    )
    return _on_paper(density_plot(drawn, lang=lang, unit=row["unit_text"] or row["unit"] or "–"))


def rating_of(parts: Rows, lang: str) -> str:
    """Return the rating strip of one candidate, scores printed in the cells; empty text before its appraisal."""
    if not parts["assessment"]:
        return ""
    rated = parts["assessment"][0]
    scores = tuple(rated[name] for name in SCORE_COLUMNS)
    return _on_paper(rating_strip([RatingRow(str(rated["scheme"]), scores)], lang=lang))


def _on_paper(svg: str) -> str:
    """Return a picture with a ground of its own: dark ink must be readable on a dark page too."""
    return svg.replace('style="', 'style="background:#FFFFFF;', 1)


def _half_interval(sure: Row) -> tuple[float | None, float | None]:
    """Return the shortest 50 % interval, (None, None) where the distribution is not known."""
    known = _distribution(sure)
    if known is None:
        return None, None
    low, high = shortest_from_quantiles(known.ppf, 1, HALF)
    return float(low[0]), float(high[0])


def _distribution(sure: Row) -> Distributions | None:
    """Return the distribution of an uncertainty row, shape (1,), or None where the row does not fix it.

    The row keeps moments, not parameters: those fix a log-normal without shift, a normal and a rectangle.
    """
    if not sure.get("family") or not sure["sd"]:
        return None
    mean, sd = sure["mean"], sure["sd"]
    if sure["family"] == Family.LOGNORMAL:
        sigma = np.sqrt(np.log1p(np.square(sd / mean)))
        known = of_family(Family.LOGNORMAL, np.log(abs(mean)) - np.square(sigma) / 2, sigma, 0.0, np.sign(mean))
    elif sure["family"] == Family.NORMAL:
        known = of_family(Family.NORMAL, mean, sd)
    elif sure["family"] == Family.UNIFORM:
        known = of_family(Family.UNIFORM, mean - np.sqrt(3) * sd, mean + np.sqrt(3) * sd)
    else:
        return None
    # a shifted or cut distribution has the same name but another median: nothing is drawn rather than a guess
    fits = abs(known.median()[0] - sure["median"]) <= FITS * sd
    return known if fits else None


def contributions_of(parts: Rows, lang: str) -> str:
    """Return the bars of what each input contributes to the variance; empty text where nothing was derived."""
    shares = [(str(one["input"]), float(one["share"])) for one in parts["contribution"]]
    if len(shares) < MANY:
        return ""
    title = {"zh": "各输入对方差的贡献", "en": "Share of variance by input"}[lang]
    return bar_plot(shares, title=title, description=title)


def factor_page(parts: Rows, told: Mapping[str, Any], lang: str) -> str:
    """Return one candidate as a self-contained page: interval, density, rating strip, and the words of `explain`.

    Args:
        parts: everything about it, as `Library.factor` gives it.
        told: the same in words, as `Library.explain` gives it.
        lang: "zh" or "en".
    """
    pictures = [draw(parts, lang) for draw in (interval_of, density_of, contributions_of, rating_of)]
    body = "".join(f"<div>{svg}</div>" for svg in pictures if svg)
    words = "".join(
        f"<h2>{escape(section[f'title_{lang}'])}</h2><ul>"
        + "".join(f"<li>{escape(line[lang])}</li>" for line in section["lines"])
        + "</ul>"
        for section in told["sections"]
    )
    title = escape(named(parts["candidate"][0], lang))
    fonts = "'Noto Sans CJK SC','Microsoft YaHei','PingFang SC','WenQuanYi Micro Hei',sans-serif"
    style = f"body{{font-family:{fonts};max-width:60rem;margin:2rem auto}}"
    return (
        f'<!doctype html><html lang="{lang}"><meta charset="utf-8"><title>{title}</title><style>{style}</style>'
        f"<h1>{title}</h1>{body}{words}</html>\n"
    )
