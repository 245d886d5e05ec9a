"""Certificates against the days of measurement, as SVG: bars over a calendar, holes hatched, every date printed.

Colours are told apart by colour-blind readers and never carry a meaning alone: a hole is hatched and named in words.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from factordb.formats.svg import FAINT, INK, RULE, element, escaped, fitted, line, picture, text, width_of
from factordb.reference import tables

__all__ = ["Bar", "Row", "coverage_plot"]

CERTIFICATE: Final = "#0072B2"
PERIOD: Final = "#56B4E9"
HOLE: Final = "#B85000"
SAMPLE: Final = "#1F2933"
WIDTH: Final = 940
LABEL_ROOM: Final = 250
NUMBER_ROOM: Final = 250
STEP: Final = 22
TOP: Final = 10
MOST_TICKS: Final = 9
_MONTHS: Final = (1, 2, 3, 6, 12, 24, 60, 120)


@dataclass(frozen=True)
class Bar:
    """A certificate: its number and the days it is valid, ends included."""

    label: str
    start: date
    end: date


@dataclass(frozen=True)
class Row:
    """An instrument: its name, its certificates, and the days of use that none of them covers."""

    label: str
    bars: tuple[Bar, ...]
    holes: tuple[tuple[date, date], ...]


@dataclass(frozen=True)
class _Days:
    """A horizontal axis of days."""

    first: date
    last: date

    def at(self, day: date, *, end: bool = False) -> float:
        """Return the pixel at which a day begins, or ends."""
        share = ((day - self.first).days + (1 if end else 0)) / ((self.last - self.first).days + 1)
        return LABEL_ROOM + 12 + min(1.0, max(0.0, share)) * (WIDTH - NUMBER_ROOM - LABEL_ROOM - 24)

    def ticks(self) -> Iterator[date]:
        """Yield first days of months, as many as can be read."""
        months = (self.last.year - self.first.year) * 12 + self.last.month - self.first.month
        step = next((one for one in _MONTHS if months / one <= MOST_TICKS), _MONTHS[-1])
        at = self.first.year * 12 + self.first.month - 1
        for month in range(-(-at // step) * step, at + months + 1, step):
            day = date(month // 12, month % 12 + 1, 1)
            if day >= self.first:
                yield day


def coverage_plot(
    rows: Sequence[Row],
    *,
    period: tuple[date, date],
    samples: Sequence[date] = (),
    lang: str,
    title: str = "",
    demonstration: bool = False,
) -> str:
    """Return the picture of certificates against the days of measurement.

    Args:
        rows: one for each instrument; none draws the days of measurement alone.
        period: first and last day of measurement.
        samples: days on which samples were taken.
        lang: "zh" or "en".
        title: of the factor; the heading's second half.
        demonstration: evidence was invented for teaching, which the picture says.
    """
    words = tables.toml(f"words/evidence_trail_{lang}")["plot"]
    axis = _axis(rows, period, samples)
    bottom = TOP + STEP * (1 + sum(1 + len(row.bars) for row in rows))
    left, right = axis.at(period[0]), axis.at(period[1], end=True)
    parts = [_hatching(), element("rect", x=left, y=TOP, width=max(right - left, 1.5), height=bottom - TOP,
                                  fill=PERIOD, fill_opacity=0.16)]  # fmt: skip
    parts += _calendar(axis, bottom)
    parts += _measured(axis, period, samples, words)
    y, spoken = float(TOP + STEP), [f"{words['period']} {_span(period)}"]
    for row in rows:
        said = _verdict(row, words)
        spoken.append(f"{row.label}: {said}")
        parts += _instrument(row, axis, y, said)
        y += STEP
        for bar in row.bars:
            parts += _certificate(bar, axis, y)
            y += STEP
    parts += _legend(bottom + 40, words, samples=bool(samples), demonstration=demonstration)
    heading = f"{words['title']}" + (f" · {title}" if title else "")
    return picture(WIDTH, bottom + 66, heading, parts, description="; ".join(spoken))


def _axis(rows: Sequence[Row], period: tuple[date, date], samples: Sequence[date]) -> _Days:
    days = [*period, *samples, *(day for row in rows for bar in row.bars for day in (bar.start, bar.end))]
    margin = timedelta(days=max(3, (max(days) - min(days)).days // 40))
    return _Days(min(days) - margin, max(days) + margin)


def _hatching() -> str:
    stripe = element("path", d="M-1 1l2-2M0 6l6-6M5 7l2-2", stroke=HOLE, stroke_width=1.6)
    return element("defs", element("pattern", stripe, id="hole", patternUnits="userSpaceOnUse", width=6, height=6))


def _calendar(axis: _Days, bottom: float) -> Iterator[str]:
    for day in axis.ticks():
        x = axis.at(day)
        yield line(x, TOP, x, bottom, stroke=RULE)
        yield text(x, bottom + 16, f"{day:%Y-%m}", text_anchor="middle", font_size=11, fill=FAINT)
    yield line(axis.at(axis.first), bottom, axis.at(axis.last, end=True), bottom, stroke=FAINT)


def _measured(axis: _Days, period: tuple[date, date], samples: Sequence[date], words: dict[str, str]) -> Iterator[str]:
    y = TOP + STEP / 2
    left, right = axis.at(period[0]), axis.at(period[1], end=True)
    yield text(LABEL_ROOM, y + 4.5, words["period"], text_anchor="end", font_weight="bold")
    yield element("rect", x=left, y=y - 6, width=max(right - left, 2.0), height=12, fill=PERIOD)
    for day in sorted(set(samples)):
        yield element("path", d=f"M{axis.at(day):.2f} {y - 5:.2f}l5 5-5 5-5-5z", fill=SAMPLE)
    yield text(WIDTH - NUMBER_ROOM + 4, y + 4.5, _span(period), font_size=12)


def _instrument(row: Row, axis: _Days, y: float, said: str) -> Iterator[str]:
    middle = y + STEP / 2
    name = text(LABEL_ROOM, middle + 4.5, fitted(row.label, LABEL_ROOM - 8), text_anchor="end", font_weight="bold")
    yield line(LABEL_ROOM + 12, y + 1, WIDTH - NUMBER_ROOM - 12, y + 1, stroke=RULE)
    yield element("g", element("title", escaped(row.label)) + name)
    for start, end in row.holes:
        left, width = axis.at(start), max(axis.at(end, end=True) - axis.at(start), 2.0)
        box = element("rect", x=left, y=middle - 6, width=width, height=12, fill="url(#hole)", stroke=HOLE)
        yield element("g", element("title", escaped(_span((start, end)))) + box)
    colour = HOLE if row.holes else INK
    yield text(WIDTH - NUMBER_ROOM + 4, middle + 4.5, fitted(said, NUMBER_ROOM - 12, 12), fill=colour, font_size=12)


def _certificate(bar: Bar, axis: _Days, y: float) -> Iterator[str]:
    middle = y + STEP / 2
    left, right = axis.at(bar.start), axis.at(bar.end, end=True)
    label = text(LABEL_ROOM, middle + 4.5, fitted(bar.label, LABEL_ROOM - 30, 12), text_anchor="end", font_size=12,
                 fill=FAINT)  # fmt: skip
    yield element("g", element("title", escaped(bar.label)) + label)
    yield element("rect", x=left, y=middle - 5, width=max(right - left, 2.0), height=10, fill=CERTIFICATE)
    for x in (left, max(right, left + 2.0)):
        yield line(x, middle - 8, x, middle + 8, stroke=CERTIFICATE, stroke_width=1.5)
    yield text(WIDTH - NUMBER_ROOM + 4, middle + 4.5, _span((bar.start, bar.end)), font_size=12)


def _verdict(row: Row, words: dict[str, str]) -> str:
    if not row.holes:
        return words["covered"]
    if not row.bars:
        return words["no_certificate"].format(days=sum((end - start).days + 1 for start, end in row.holes))
    return "; ".join(
        words["hole"].format(start=start, end=end, days=(end - start).days + 1) for start, end in row.holes
    )


def _span(days: tuple[date, date]) -> str:
    return f"{days[0].isoformat()} – {days[1].isoformat()}"


def _legend(y: float, words: dict[str, str], *, samples: bool, demonstration: bool) -> Iterator[str]:
    x = 12.0
    marks = [("period", PERIOD), ("certificate", CERTIFICATE), ("hole", "url(#hole)")]
    for name, fill in marks:
        edge = {"stroke": HOLE} if name == "hole" else {}
        yield element("rect", x=x, y=y - 10, width=22, height=11, fill=fill, **edge)
        yield text(x + 28, y, words[f"legend_{name}"], font_size=12)
        x += 28 + width_of(words[f"legend_{name}"], 12) + 24
    if samples:
        yield element("path", d=f"M{x + 6:.2f} {y - 10:.2f}l5 5-5 5-5-5z", fill=SAMPLE)
        yield text(x + 18, y, words["legend_sample"], font_size=12)
        x += 18 + width_of(words["legend_sample"], 12) + 24
    if demonstration:
        yield text(WIDTH - 12, y, words["demonstration"], font_size=12, fill=HOLE, text_anchor="end",
                   font_weight="bold")  # fmt: skip
