"""The plots people in this field read, as SVG text: intervals, rating strip, density, tornado (ux.md 1.6).

Every function takes plain numbers and gives markup that report, dashboard and command line show alike. Text from
data is escaped; colours are told apart by colour-blind readers and never carry a meaning alone.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from factordb.formats.svg import (
    FAINT,
    INK,
    RULE,
    Axis,
    axis_over,
    element,
    escaped,
    fitted,
    ink_on,
    line,
    number_text,
    picture,
    shade,
    text,
    width_of,
)
from factordb.formats.words import word
from factordb.model.release import SCORE_COLUMNS

BASIS_COLOURS: Final = {"reported": "#0072B2", "derived": "#007A5A", "default": "#B85000", "none": FAINT}
"""Blue, green, vermilion of Okabe and Ito, the last two darkened until text in them is readable on white."""

WIDTH: Final = 940
LABEL_ROOM: Final = 320
NUMBER_ROOM: Final = 240
ROW: Final = 24
MOST_BARS: Final = 10
BEST, WORST = 1, 5


@dataclass(frozen=True)
class Interval:
    """One line of an interval plot, all numbers in one unit.

    Attributes:
        label: name of the factor.
        point: its value.
        low: lower end of the shortest 95 % interval, None where there is none.
        high: upper end.
        basis: reported, derived, default or none.
        printed: the value as published; empty: `point` is printed.
        low50: lower end of the 50 % interval, drawn thick where given.
        high50: upper end.
        printed_ends: low and high as the text beside the plot prints them; empty: three digits of each.
    """

    label: str
    point: float
    low: float | None = None
    high: float | None = None
    basis: str = "none"
    printed: str = ""
    low50: float | None = None
    high50: float | None = None
    printed_ends: str = ""

    def numbers(self) -> list[float]:
        """Return every number that must be seen."""
        return [number for number in (self.point, self.low, self.high) if number is not None]

    def words(self, lang: str) -> str:
        """Return value and interval as printed at the right."""
        value = fitted(self.printed, 90) or number_text(self.point)
        if self.low is None or self.high is None:
            return f"{value}  {word(lang, 'report', 'no_interval')}"
        return f"{value}  {self.printed_ends or f'[{number_text(self.low, 3)}, {number_text(self.high, 3)}]'}"


def interval_plot(rows: Sequence[Interval], *, lang: str, unit: str, title: str = "") -> str:
    """Return the interval plot of `rows`, sorted by value, largest on top; empty text without rows.

    The axis is logarithmic where the largest number is over 20 times the smallest and all are positive.
    """
    if not rows:
        return ""
    ordered = sorted(rows, key=lambda row: row.point, reverse=True)
    axis = axis_over([n for row in ordered for n in row.numbers()], LABEL_ROOM + 12, WIDTH - NUMBER_ROOM - 12)
    top, bottom = 8, 8 + ROW * len(ordered)
    label = f"{unit} ({word(lang, 'report', 'log_axis')})" if axis.log else unit
    parts = list(axis.drawn(top, bottom, label))
    for at, row in enumerate(ordered):
        parts += _interval_row(row, axis, top + ROW * at + ROW / 2, lang)
    heading = title or word(lang, "report", "interval_title")
    spoken = "; ".join(f"{row.label}: {row.words(lang)}" for row in ordered[:MOST_BARS])
    return picture(WIDTH, bottom + 44, f"{heading} ({unit})", parts, description=spoken)


def _interval_row(row: Interval, axis: Axis, y: float, lang: str) -> list[str]:
    colour = BASIS_COLOURS.get(row.basis, FAINT)
    shown = fitted(row.label, LABEL_ROOM - 8)
    parts = [element("g", element("title", escaped(row.label)) + text(LABEL_ROOM, y + 4.5, shown, text_anchor="end"))]
    if row.low is not None and row.high is not None:
        dashes = {"stroke_dasharray": "5 3"} if row.basis == "default" else {}
        parts.append(line(axis.at(row.low), y, axis.at(row.high), y, stroke=colour, stroke_width=2.5, **dashes))
        parts += [
            line(axis.at(end), y - 4, axis.at(end), y + 4, stroke=colour, stroke_width=1.5)
            for end in (row.low, row.high)
        ]
    if row.low50 is not None and row.high50 is not None:
        parts.append(line(axis.at(row.low50), y, axis.at(row.high50), y, stroke=colour, stroke_width=7, opacity=0.55))
    parts.append(basis_mark(row.basis, axis.at(row.point), y))
    parts.append(text(WIDTH - NUMBER_ROOM + 4, y + 4.5, row.words(lang), fill=colour if row.basis != "none" else INK))
    return parts


def basis_mark(basis: str, x: float, y: float) -> str:
    """Return the mark of a basis: disc reported, diamond derived, hollow square default, cross none."""
    colour = BASIS_COLOURS.get(basis, FAINT)
    if basis == "reported":
        return element("circle", cx=x, cy=y, r=4.5, fill=colour)
    if basis == "derived":
        return element("path", d=f"M{x:.2f} {y - 6:.2f}l6 6-6 6-6-6z", fill=colour)
    if basis == "default":
        return element("rect", x=x - 4, y=y - 4, width=8, height=8, fill="#FFFFFF", stroke=colour, stroke_width=2)
    return element("path", d=f"M{x - 4:.2f} {y - 4:.2f}l8 8m0-8l-8 8", stroke=colour, stroke_width=2, fill="none")


def basis_legend(basis: str) -> str:
    """Return the small picture of a basis for a legend; its words stand beside it."""
    dashes = {"stroke_dasharray": "5 3"} if basis == "default" else {}
    parts = [basis_mark(basis, 25, 9)]
    if basis != "none":
        parts.insert(0, line(2, 9, 48, 9, stroke=BASIS_COLOURS[basis], stroke_width=2.5, **dashes))
    return picture(50, 18, basis, parts)


@dataclass(frozen=True)
class RatingRow:
    """One line of a rating strip: a name and its scores in the order of `SCORE_COLUMNS`, 1 best to 5 worst."""

    label: str
    scores: tuple[float | None, ...]


def rating_strip(rows: Sequence[RatingRow], *, lang: str, title: str = "") -> str:
    """Return the heat strip of `rows` in cividis, bright is good, the score printed in every cell."""
    if not rows:
        return ""
    cell, top = 76, 26
    parts = [
        text(LABEL_ROOM + 12 + cell * (at + 0.5), 17, word(lang, "scores", name), text_anchor="middle", fill=FAINT)
        for at, name in enumerate(SCORE_COLUMNS)
    ]
    for number, row in enumerate(rows):
        y = top + ROW * number
        name = text(LABEL_ROOM, y + 16, fitted(row.label, LABEL_ROOM - 8), text_anchor="end")
        parts.append(element("g", element("title", escaped(row.label)) + name))
        parts += [_cell(score, LABEL_ROOM + 12 + cell * at, y, cell) for at, score in enumerate(row.scores)]
    bottom = top + ROW * len(rows)
    width = LABEL_ROOM + 12 + cell * len(SCORE_COLUMNS) + 12
    parts += _scale(LABEL_ROOM + 12, bottom + 12, lang)
    return picture(width, bottom + 44, title or word(lang, "report", "rating_title"), parts)


def _cell(score: float | None, x: float, y: float, width: float) -> str:
    if score is None:
        box = element("rect", x=x, y=y, width=width - 2, height=ROW - 2, fill="#FFFFFF", stroke=RULE)
        return box + text(x + width / 2 - 1, y + 16, "–", text_anchor="middle", fill=FAINT)
    colour = shade((WORST - score) / (WORST - BEST))
    box = element("rect", x=x, y=y, width=width - 2, height=ROW - 2, fill=colour)
    return box + text(x + width / 2 - 1, y + 16, number_text(score, 3), text_anchor="middle", fill=ink_on(colour))


def _scale(x: float, y: float, lang: str) -> list[str]:
    best, worst = (word(lang, "report", end) for end in ("best", "worst"))
    start = x + width_of(best) + 10
    parts = [text(x, y + 13, best, fill=FAINT)]
    for at, score in enumerate(range(BEST, WORST + 1)):
        colour = shade((WORST - score) / (WORST - BEST))
        parts.append(element("rect", x=start + 30 * at, y=y, width=28, height=18, fill=colour))
        parts.append(
            text(start + 30 * at + 14, y + 13, str(score), text_anchor="middle", font_size=12, fill=ink_on(colour))
        )
    parts.append(text(start + 30 * WORST + 8, y + 13, worst, fill=FAINT))
    parts.append(
        text(start + 30 * WORST + 28 + width_of(worst), y + 13, f"– {word(lang, 'report', 'not_rated')}", fill=FAINT)
    )
    return parts


@dataclass(frozen=True)
class Distribution:
    """A distribution to be drawn, in one unit.

    Attributes:
        values: where the density is given, ascending, at least two.
        density: the density there, >= 0, same length.
        low: lower end of the shortest 95 % interval.
        high: upper end.
        mean: arithmetic mean.
        median: median.
        draws: Monte Carlo draws, None where the method is analytical.
        seed: seed of the draws.
    """

    values: Sequence[float]
    density: Sequence[float]
    low: float
    high: float
    mean: float
    median: float
    draws: int | None = None
    seed: int | None = None


def density_plot(found: Distribution, *, lang: str, unit: str, title: str = "") -> str:
    """Return the density with its shortest 95 % interval shaded, mean (dashed) and median (solid) marked."""
    top, bottom = 34.0, 240.0
    axis = Axis(found.values[0], found.values[-1], 30, 610)
    peak = max(found.density) or 1.0
    points = [
        (axis.at(v), bottom - (bottom - top) * d / peak) for v, d in zip(found.values, found.density, strict=True)
    ]
    inside = [(x, y) for (x, y), v in zip(points, found.values, strict=True) if found.low <= v <= found.high]
    ends = [(axis.at(v), _height(points, axis.at(v))) for v in (found.low, found.high)]
    shaded = [(ends[0][0], bottom), ends[0], *inside, ends[1], (ends[1][0], bottom)]
    parts = list(axis.drawn(top, bottom, unit))
    parts.insert(0, element("path", d=_path(shaded) + "z", fill="#56B4E9", fill_opacity=0.35))
    parts.append(element("path", d=_path(points), fill="none", stroke="#0072B2", stroke_width=2))
    parts += _centre(axis, found.median, "median", lang, left=found.median <= found.mean, top=top, bottom=bottom)
    parts += _centre(axis, found.mean, "mean", lang, left=found.mean < found.median, top=top, bottom=bottom)
    caption = f"{word(lang, 'report', 'shortest')} [{number_text(found.low)}, {number_text(found.high)}]"
    if found.draws is not None:
        caption += " · " + word(lang, "report", "trials", draws=found.draws, seed=found.seed)
    parts.append(text(320, bottom + 56, caption, text_anchor="middle", font_size=12))
    return picture(640, bottom + 68, f"{title or word(lang, 'report', 'density')} ({unit})", parts, description=caption)


def _centre(axis: Axis, value: float, key: str, lang: str, *, left: bool, top: float, bottom: float) -> list[str]:
    x = axis.at(value)
    dashes = {"stroke_dasharray": "6 4"} if key == "mean" else {}
    words = f"{word(lang, 'report', key)} {number_text(value)}"
    anchor, shift = ("end", -6) if left else ("start", 6)
    return [
        line(x, top - 14, x, bottom, stroke=INK, stroke_width=1.5, **dashes),
        text(x + shift, top - 16, words, text_anchor=anchor, font_size=12),
    ]


def _height(points: list[tuple[float, float]], x: float) -> float:
    """Return the height of the curve at pixel `x`, by straight lines between its points."""
    for (x1, y1), (x2, y2) in itertools.pairwise(points):
        if x1 <= x <= x2:
            return y1 + (y2 - y1) * (x - x1) / ((x2 - x1) or 1.0)
    return points[0][1] if x < points[0][0] else points[-1][1]


def _path(points: list[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in points)


@dataclass(frozen=True)
class Influence:
    """One bar of a tornado: the result when this input alone goes to its low and to its high end.

    `printed` is both ends as the text beside the plot prints them; empty: four digits of each.
    """

    label: str
    low: float
    high: float
    printed: str = field(default="", kw_only=True)


def tornado_plot(bars: Sequence[Influence], *, base: float, lang: str, unit: str, title: str = "") -> str:
    """Return the tornado of `bars` around `base`, widest on top; what is beyond ten becomes one bar "others".

    The others are joined by the root of the sum of squares of their deviations from `base`.
    """
    if not bars:
        return ""
    ordered = sorted(bars, key=lambda bar: abs(bar.high - bar.low), reverse=True)
    shown = (
        ordered
        if len(ordered) <= MOST_BARS
        else [*ordered[: MOST_BARS - 1], _others(ordered[MOST_BARS - 1 :], base, lang)]
    )
    axis = _plain_axis([base, *(end for bar in shown for end in (bar.low, bar.high))])
    top, bottom = 8, 8 + ROW * len(shown)
    parts = list(axis.drawn(top, bottom, unit))
    for at, bar in enumerate(shown):
        parts += _influence(bar, axis, base, top + ROW * at)
    parts.append(line(axis.at(base), top, axis.at(base), bottom, stroke=INK, stroke_width=1.5))
    return picture(WIDTH, bottom + 44, f"{title or word(lang, 'report', 'tornado')} ({unit})", parts)


def _plain_axis(values: list[float]) -> Axis:
    low, high = min(values), max(values)
    margin = 0.05 * (high - low) or 0.1 * abs(high) or 1.0
    return Axis(low - margin, high + margin, LABEL_ROOM + 12, WIDTH - NUMBER_ROOM + 40)


def _others(bars: list[Influence], base: float, lang: str) -> Influence:
    down, up = (math.hypot(*(end(bar.low, bar.high) - base for bar in bars)) for end in (min, max))
    return Influence(f"{word(lang, 'report', 'others')} ({len(bars)})", base - down, base + up)


def _influence(bar: Influence, axis: Axis, base: float, y: float) -> list[str]:
    name = text(LABEL_ROOM, y + 16, fitted(bar.label, LABEL_ROOM - 8), text_anchor="end")
    parts = [element("g", element("title", escaped(bar.label)) + name)]
    for end, colour in ((bar.low, "#56B4E9"), (bar.high, "#B85000")):
        x1, x2 = sorted((axis.at(base), axis.at(end)))
        parts.append(element("rect", x=x1, y=y + 4, width=x2 - x1, height=ROW - 8, fill=colour))
    printed = bar.printed or f"[{number_text(bar.low)}, {number_text(bar.high)}]"
    parts.append(text(axis.right + 10, y + 16, printed))
    return parts
