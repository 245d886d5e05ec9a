"""Plots as text: self-contained SVG, without a drawing library, in any language.

Intervals (thick inner, thin outer, numbers at the right), densities with the shortest interval shaded, bars of
contributions. The reader's own fonts are used, Chinese ones named first, so that no glyph is missing. Every plot
has a title and a description for readers who cannot see it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import ArrayLike

FONTS = (
    "'Noto Sans CJK SC','Noto Sans SC','Source Han Sans SC','Microsoft YaHei','PingFang SC',"
    "'Hiragino Sans GB',SimHei,SimSun,sans-serif"
)
WIDTH = 760
ROW = 26
TOP = 46
FONT_SIZE = 13
INK, FAINT, MARK, SHADE = "#1f2933", "#9aa5b1", "#0b6e99", "#b9dcea"
LOG_RATIO = 20
"""An axis is logarithmic where its ends differ by more than this factor."""
MOST_BARS = 10
WIDE_FROM = "\u2e80"
"""From this character on, scripts are as wide as high."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One line of an interval plot: a value with its interval, and an inner one if there is any."""

    label: str
    value: float
    low: float
    high: float
    inner: tuple[float, float] | None = None
    marked: bool = False
    """Drawn in the colour of emphasis: a consensus among laboratories, a suspect among readings."""


def interval_plot(bars: Sequence[Bar], *, title: str, description: str, unit: str = "") -> str:
    """Return an SVG with one line per bar: dot, thin interval, thick inner interval, numbers at the right.

    Args:
        bars: in the order from top to bottom, at least one.
        title: above the plot.
        description: what the plot says, for readers who cannot see it.
        unit: of the axis, as text.
    """
    ends = [end for bar in bars for end in (bar.low, bar.high, bar.value) if math.isfinite(end)]
    left = 24 + max(text_width(bar.label) for bar in bars)
    numbers = [_numbers(bar) for bar in bars]
    right = WIDTH - 20 - max(text_width(text) for text in numbers)
    axis = _Axis.over(ends, left, max(right, left + 120))
    height = TOP + ROW * len(bars) + 44
    parts = [_text(12, 24, title, size=FONT_SIZE + 2, weight="bold")]
    parts += _axis_marks(axis, TOP, TOP + ROW * len(bars), unit)
    for row, (bar, text) in enumerate(zip(bars, numbers, strict=True)):
        y = TOP + ROW * row + ROW / 2
        colour = MARK if bar.marked else INK
        parts.append(_text(12, y + 4, bar.label, colour=colour))
        parts += _interval(axis, bar, y, colour)
        parts.append(_text(axis.right + 12, y + 4, text, colour=colour))
    return _svg(height, title, description, parts)


def density_plot(
    sample: ArrayLike,
    *,
    interval: tuple[float, float],
    marks: Sequence[tuple[str, float]],
    title: str,
    description: str,
    unit: str = "",
) -> str:
    """Return an SVG of a histogram of draws or quantiles, the interval shaded, values marked by name.

    Args:
        sample: values, shape (n,); those beyond the 0.1 % and 99.9 % quantiles are not drawn.
        interval: ends of the shaded part.
        marks: (name, value) of vertical lines, such as mean and median.
        title: above the plot; the caption with trials and seed belongs into it.
        description: what the plot says.
        unit: of the axis, as text.
    """
    values = np.asarray(sample, dtype=np.float64)
    low, high = (float(end) for end in np.quantile(values, [0.001, 0.999]))
    if not high > low:
        low, high = low - 0.5, high + 0.5
    counts, edges = np.histogram(values, bins=72, range=(low, high))
    axis = _Axis(low, high, 30, WIDTH - 30, logarithmic=False)
    bottom, tall = TOP + 210, 190.0
    heights = tall * counts / max(int(counts.max()), 1)
    parts = [_text(12, 24, title, size=FONT_SIZE + 2, weight="bold")]
    parts += _axis_marks(axis, TOP + 10, bottom, unit)
    for start, end, height in zip(edges[:-1], edges[1:], heights, strict=True):
        inside = interval[0] <= (start + end) / 2 <= interval[1]
        x, width = axis.at(float(start)), axis.at(float(end)) - axis.at(float(start))
        fill = SHADE if inside else "#e4e7eb"
        parts.append(_rect(x, bottom - float(height), max(width - 0.5, 0.5), float(height), fill))
    for row, (name, value) in enumerate(marks):
        x = axis.at(min(max(value, low), high))
        parts.append(_line(x, TOP + 10, x, bottom, MARK, 1.5, dash="4 3" if row else ""))
        text = f"{name} {short(value)}"
        x = min(x + 4, WIDTH - 12 - text_width(text))
        parts.append(_text(x, TOP + 22 + 16 * row, text, colour=MARK))
    return _svg(bottom + 44, title, description, parts)


def bar_plot(shares: Sequence[tuple[str, float]], *, title: str, description: str, others: str = "…") -> str:
    """Return an SVG of horizontal bars of shares in per cent, largest first, at most ten; the rest in one.

    Args:
        shares: (name, share as a fraction); negative shares (correlated inputs) are drawn to the left.
        title: above the plot.
        description: what the plot says.
        others: name of the bar that gathers the rest.
    """
    ordered = sorted(shares, key=lambda item: -abs(item[1]))
    if len(ordered) > MOST_BARS:
        rest = sum(share for _, share in ordered[MOST_BARS - 1 :])
        ordered = [*ordered[: MOST_BARS - 1], (others, rest)]
    left = 24 + max((text_width(name) for name, _ in ordered), default=0)
    ends = [0.0, *(100 * share for _, share in ordered)]
    axis = _Axis(min(ends), max(ends) or 1.0, left, WIDTH - 80, logarithmic=False)
    parts = [_text(12, 24, title, size=FONT_SIZE + 2, weight="bold")]
    for row, (name, share) in enumerate(ordered):
        y = TOP + ROW * row
        start, end = sorted((axis.at(0.0), axis.at(100 * share)))
        parts.append(_text(12, y + 17, name))
        parts.append(_rect(start, y + 5, max(end - start, 1.0), ROW - 10, MARK if share >= 0 else FAINT))
        parts.append(_text(max(end, axis.at(0.0)) + 6, y + 17, f"{100 * share:.1f} %"))
    return _svg(TOP + ROW * len(ordered) + 16, title, description, parts)


def stacked(plots: Sequence[str], *, title: str) -> str:
    """Return one SVG that shows several plots of this module one below the other."""
    heights = [_height(plot) for plot in plots]
    parts, y = [], 0
    for plot, height in zip(plots, heights, strict=True):
        parts.append(plot.replace("<svg ", f'<svg y="{y}" ', 1))
        y += height
    return _svg(y, title, title, parts)


def page(svg: str, *, title: str, lang: str) -> str:
    """Return a self-contained HTML page that shows one plot; it fetches nothing."""
    return (
        f'<!doctype html>\n<html lang="{"zh-CN" if lang == "zh" else "en"}">\n<head><meta charset="utf-8">'
        f"<title>{escape(title)}</title></head>\n<body>\n{svg}</body>\n</html>\n"
    )


def short(value: float) -> str:
    """Return a number with five significant digits and a plain minus, as every console can print it."""
    return f"{value:.5g}"


def text_width(text: str) -> float:
    """Return about how wide a text is in pixels: Chinese characters as wide as high, others a little over half."""
    return sum(FONT_SIZE if char >= WIDE_FROM else 0.58 * FONT_SIZE for char in text)


@dataclass(frozen=True, slots=True)
class _Axis:
    low: float
    high: float
    left: float
    right: float
    logarithmic: bool

    @classmethod
    def over(cls, ends: Sequence[float], left: float, right: float) -> "_Axis":
        """Return the axis that holds all ends with a little room, logarithmic where they differ much."""
        low, high = min(ends, default=0.0), max(ends, default=1.0)
        logarithmic = low > 0 and high / low > LOG_RATIO
        if logarithmic:
            room = (high / low) ** 0.03
            return cls(low / room, high * room, left, right, logarithmic=True)
        room = 0.04 * (high - low) or 0.05 * abs(high) or 1.0
        return cls(low - room, high + room, left, right, logarithmic=False)

    def at(self, value: float) -> float:
        """Return the place of a value in pixels."""
        if self.logarithmic:
            share = math.log(value / self.low) / math.log(self.high / self.low)
        else:
            share = (value - self.low) / (self.high - self.low)
        return self.left + share * (self.right - self.left)

    def ticks(self) -> list[float]:
        """Return round values to be written along the axis."""
        if self.logarithmic:
            first, last = math.ceil(math.log10(self.low)), math.floor(math.log10(self.high))
            powers = [10.0**power for power in range(first, last + 1)]
            return powers if len(powers) > 1 else [self.low, self.high]
        step = 10.0 ** math.floor(math.log10(self.high - self.low))
        step = next(s for s in (step / 5, step / 2, step, step * 2) if (self.high - self.low) / s <= 7)  # noqa: PLR2004 - labels that fit
        first, last = math.ceil(self.low / step), math.floor(self.high / step)
        return [count * step for count in range(first, last + 1)]


def _numbers(bar: Bar) -> str:
    if bar.low == bar.high:
        return short(bar.value)
    return f"{short(bar.value)}  [{short(bar.low)}, {short(bar.high)}]"


def _interval(axis: _Axis, bar: Bar, y: float, colour: str) -> list[str]:
    parts = []
    if math.isfinite(bar.low) and math.isfinite(bar.high) and bar.low < bar.high:
        parts.append(_line(axis.at(bar.low), y, axis.at(bar.high), y, colour, 1.5))
    if bar.inner is not None:
        parts.append(_line(axis.at(bar.inner[0]), y, axis.at(bar.inner[1]), y, colour, 5))
    parts.append(f'<circle cx="{axis.at(bar.value):.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>')
    return parts


def _axis_marks(axis: _Axis, top: float, bottom: float, unit: str) -> list[str]:
    parts = [_line(axis.left, bottom, axis.right, bottom, FAINT, 1)]
    for tick in axis.ticks():
        x = axis.at(tick)
        parts.append(_line(x, top, x, bottom, "#e4e7eb", 1))
        parts.append(_text(x, bottom + 16, short(tick), anchor="middle", colour=FAINT))
    if unit:
        parts.append(_text((axis.left + axis.right) / 2, bottom + 34, unit, anchor="middle"))
    return parts


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, width: float, *, dash: str = "") -> str:
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" '
        f'stroke-width="{width:g}"{dashes}/>'
    )


def _rect(x: float, y: float, width: float, height: float, fill: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{fill}"/>'


def _text(
    x: float,
    y: float,
    text: str,
    *,
    colour: str = INK,
    size: int = FONT_SIZE,
    anchor: str = "start",
    weight: str = "normal",
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" font-size="{size}" font-weight="{weight}" '
        f'text-anchor="{anchor}">{escape(text)}</text>'
    )


def _svg(height: float, title: str, description: str, parts: Sequence[str]) -> str:
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{math.ceil(height)}" '
        f'viewBox="0 0 {WIDTH} {math.ceil(height)}" role="img" font-family="{FONTS}">\n'
        f"<title>{escape(title)}</title>\n<desc>{escape(description)}</desc>\n"
        f'<rect width="{WIDTH}" height="{math.ceil(height)}" fill="#ffffff"/>\n{body}\n</svg>\n'
    )


def _height(svg: str) -> int:
    return int(svg.split('height="', 1)[1].split('"', 1)[0])
