"""Domestic beside foreign: one line a pair, two marks with their intervals, the difference printed at its end.

What cannot be compared is grey and dashed, with its reason where the difference would stand. Never a bar: a bar begins
at zero and says that the distance from there means something.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from factordb.formats.svg import FAINT, INK, RULE, axis_over, element, escaped, fitted, line, number_text, picture, text

HOME: Final = "#0072B2"
ABROAD: Final = "#D55E00"
"""Blue and vermilion of Okabe and Ito: told apart by colour-blind eyes, and by their shapes without any colour."""
ROW: Final = 30
LABEL_ROOM: Final = 260
END_ROOM: Final = 260
WIDTH: Final = 980


@dataclass(frozen=True)
class Side:
    """One end of a pair, in the unit of the plot; `low`, `high`: its 95 % interval where it has one."""

    label: str
    value: float
    low: float | None = None
    high: float | None = None

    def numbers(self) -> list[float]:
        """Return every number that must be seen."""
        return [one for one in (self.value, self.low, self.high) if one is not None]


@dataclass(frozen=True)
class Pair:
    """A product at home and abroad.

    Attributes:
        label: the product.
        home: the domestic factor.
        abroad: the foreign one.
        end: what stands at the end of the line: the difference, or why they are not comparable.
        comparable: whether boundary, GWP set and unit allow it.
    """

    label: str
    home: Side
    abroad: Side
    end: str
    comparable: bool = True


def dumbbell_plot(pairs: Sequence[Pair], *, unit: str, title: str, description: str = "") -> str:
    """Return the dumbbells of `pairs` in the order given, as SVG; empty text without any."""
    if not pairs:
        return ""
    numbers = [one for pair in pairs for side in (pair.home, pair.abroad) for one in side.numbers()]
    axis = axis_over(numbers, LABEL_ROOM + 16, WIDTH - END_ROOM - 16)
    top, bottom = 8.0, 8.0 + ROW * len(pairs)
    parts = list(axis.drawn(top, bottom, unit))
    for at, pair in enumerate(pairs):
        parts += _row(pair, axis.at, top + ROW * (at + 0.5))
    return picture(WIDTH, bottom + 44, title, parts, description=description or title)


def _row(pair: Pair, at: Callable[[float], float], y: float) -> list[str]:
    home, abroad = (HOME, ABROAD) if pair.comparable else (FAINT, FAINT)
    name = text(LABEL_ROOM, y + 4.5, fitted(pair.label, LABEL_ROOM - 8), text_anchor="end")
    parts = [element("g", element("title", escaped(pair.label)) + name)]
    dashes = {} if pair.comparable else {"stroke_dasharray": "4 4"}
    x1, x2 = at(pair.home.value), at(pair.abroad.value)
    for side, colour, shift in ((pair.home, home, 5.0), (pair.abroad, abroad, 9.0)):
        if side.low is not None and side.high is not None:
            parts.append(
                line(at(side.low), y + shift, at(side.high), y + shift, stroke=colour, stroke_width=2, opacity=0.6)
            )
    parts.append(line(x1, y, x2, y, stroke=FAINT if pair.comparable else RULE, stroke_width=2, **dashes))
    parts.append(_marked(element("circle", cx=x1, cy=y, r=5, fill=home), pair.home))
    parts.append(_marked(element("path", d=f"M{x2:.2f} {y - 6:.2f}l6 6-6 6-6-6z", fill=abroad), pair.abroad))
    values = f"{number_text(pair.home.value, 3)} → {number_text(pair.abroad.value, 3)}"
    parts.append(text(WIDTH - END_ROOM, y + 4.5, values, fill=INK if pair.comparable else FAINT))
    room = END_ROOM - 120
    ending = text(WIDTH - END_ROOM + 116, y + 4.5, fitted(pair.end, room), fill=INK if pair.comparable else FAINT)
    parts.append(element("g", element("title", escaped(pair.end)) + ending))
    return parts


def _marked(mark: str, side: Side) -> str:
    return element("g", element("title", escaped(f"{side.label}: {number_text(side.value)}")) + mark)
