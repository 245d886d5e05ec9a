"""SVG by hand: escaped elements, axes, numbers and colours that every plot shares. Text stays text.

Fonts are the reader's own: a list of Chinese families that Windows, macOS and Linux bring along.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Any, Final

FONTS: Final = "Noto Sans CJK SC, Microsoft YaHei, PingFang SC, WenQuanYi Micro Hei, sans-serif"
INK: Final = "#1F2933"
FAINT: Final = "#6B7785"
RULE: Final = "#D5DBE1"

CIVIDIS: Final = (
    "#00204D", "#00336F", "#39486B", "#575C6D", "#707173", "#8A8779", "#A69D75", "#C4B56C", "#FFEA46",
)  # fmt: skip
"""Nine colours of the cividis map (Nuñez, Anderton, Renslow 2018), dark to bright, for colour-blind eyes too."""

MANY_DECADES: Final = 3
LOG_RATIO: Final = 20
"""Largest over smallest value from which an axis is logarithmic (ux.md 1.6)."""
ELLIPSIS: Final = "…"
_UNSEEN: Final = {
    **dict.fromkeys((*range(9), 11, 12, *range(14, 32), 127, 0xFFFE, 0xFFFF), "\ufffd"),
    # characters that turn the direction of a line could make a number read backwards
    **dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)), "\ufffd"),
}


def escaped(text: object) -> str:
    """Return `text` for use between tags or in a quoted attribute, in HTML and in XML."""
    return escape(str(text).translate(_UNSEEN), quote=True)


def element(name: str, content: str = "", **attributes: object) -> str:
    """Return one element; `content` is markup already, attributes are escaped here, `_` in their names is `-`."""
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escaped(_plain(value))}"' for key, value in attributes.items()
    )
    return f"<{name}{given}>{content}</{name}>"


def _plain(value: object) -> object:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else value


def text(x: float, y: float, words: str, **attributes: object) -> str:
    """Return a text element at (x, y) with escaped `words`."""
    given: dict[str, Any] = {"fill": INK, "font_size": 13} | attributes
    return element("text", escaped(words), x=x, y=y, **given)


def line(x1: float, y1: float, x2: float, y2: float, **attributes: object) -> str:
    """Return a straight line."""
    given: dict[str, Any] = {"stroke": RULE, "stroke_width": 1} | attributes
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, **given)


def picture(width: float, height: float, title: str, parts: list[str], *, description: str = "") -> str:
    """Return a whole SVG with `title` as its alternative text."""
    head = element("title", escaped(title)) + (element("desc", escaped(description)) if description else "")
    return element(
        "svg",
        head + "".join(parts),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width:g} {height:g}",
        width=width,
        height=height,
        role="img",
        aria_label=title,
        font_family=FONTS,
        style="max-width:100%;height:auto",
    )


def width_of(words: str, size: float = 13) -> float:
    """Return about how wide `words` are in pixels: an ideograph is one em, other letters 0.56 em."""
    return sum(size if ord(letter) > 0x2E7F else 0.56 * size for letter in words)  # noqa: PLR2004 - first CJK block


def fitted(words: str, room: float, size: float = 13) -> str:
    """Return `words` on one line, cut in the middle where they are wider than `room` pixels.

    The end of a name often tells it from its siblings (place, year), so half of the room is the end's.
    """
    flat = " ".join(words.split())
    if width_of(flat, size) <= room:
        return flat
    left = room - size
    return _start(flat, left / 2, size) + ELLIPSIS + _start(flat[::-1], left / 2, size)[::-1]


def _start(words: str, room: float, size: float) -> str:
    kept = ""
    for letter in words:
        room -= width_of(letter, size)
        if room < 0:
            break
        kept += letter
    return kept


PLAIN_FROM, PLAIN_TO = 1e4, 1e6
"""Numbers people read as they stand; beyond, powers of ten are shorter."""


def number_text(value: float | None, digits: int = 4) -> str:
    """Return `value` with `digits` significant digits, a true minus sign and powers of ten written out."""
    if value is None:
        return "–"
    plain = f"{value:.{digits}g}"
    if PLAIN_FROM <= abs(value) < PLAIN_TO:
        plain = f"{float(plain):.{max(digits - 1 - math.floor(math.log10(abs(value))), 0)}f}"
    mantissa, _, exponent = plain.partition("e")
    if exponent:
        raised = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
        plain = f"{mantissa}×10{raised}"
    return plain.replace("-", "−")


@dataclass(frozen=True)
class Axis:
    """A horizontal axis from value `low` at pixel `left` to value `high` at pixel `right`."""

    low: float
    high: float
    left: float
    right: float
    log: bool = False

    def at(self, value: float) -> float:
        """Return the pixel of `value`, held inside the axis."""
        low, high, here = (math.log10(v) if self.log else v for v in (self.low, self.high, value))
        share = (here - low) / (high - low)
        return self.left + min(1.0, max(0.0, share)) * (self.right - self.left)

    def ticks(self) -> list[float]:
        """Return round values along the axis: 1-2-5 steps, decades where it is logarithmic."""
        if not self.log:
            return list(_linear_ticks(self.low, self.high))
        decades = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
        few = math.log10(self.high / self.low) < MANY_DECADES
        step = max(1, len(decades) // 7)
        steps = (1, 2, 5) if few else (1,)
        found = [mantissa * 10.0**decade for decade in decades[::step] for mantissa in steps]
        return [value for value in found if self.low <= value <= self.high]

    def drawn(self, top: float, bottom: float, label: str) -> Iterator[str]:
        """Yield grid lines from `top` to `bottom`, tick numbers and the label below."""
        for tick in self.ticks():
            x = self.at(tick)
            strong = tick == 0 and self.low < 0
            yield line(x, top, x, bottom, stroke=FAINT if strong else RULE)
            yield text(x, bottom + 16, number_text(tick), text_anchor="middle", font_size=11, fill=FAINT)
        yield line(self.left, bottom, self.right, bottom, stroke=FAINT)
        middle = (self.left + self.right) / 2
        yield text(middle, bottom + 34, label, text_anchor="middle", font_size=12, fill=FAINT)


def axis_over(values: list[float], left: float, right: float) -> Axis:
    """Return an axis that shows all `values` (at least one) with a margin; logarithmic beyond `LOG_RATIO`."""
    low, high = min(values), max(values)
    if low > 0 and high / low > LOG_RATIO:
        margin = (high / low) ** 0.04
        return Axis(low / margin, high * margin, left, right, log=True)
    margin = 0.05 * (high - low) or 0.1 * abs(high) or 1.0
    return Axis(low - margin, high + margin, left, right)


def _linear_ticks(low: float, high: float, wanted: int = 6) -> Iterator[float]:
    raw = (high - low) / wanted
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= raw * (1 - 1e-9))
    for number in range(math.ceil(low / step), math.floor(high / step) + 1):
        # the product of a whole number and a step may end a last digit beyond the end it stands on
        yield min(max(round(number * step, 12 - math.floor(math.log10(step))), low), high)


def shade(share: float) -> str:
    """Return the cividis colour at `share`, 0 (dark) to 1 (bright)."""
    place = min(1.0, max(0.0, share)) * (len(CIVIDIS) - 1)
    at = min(int(place), len(CIVIDIS) - 2)
    mixed = [round(a + (b - a) * (place - at)) for a, b in zip(_rgb(CIVIDIS[at]), _rgb(CIVIDIS[at + 1]), strict=True)]
    return "#{:02X}{:02X}{:02X}".format(*mixed)


def ink_on(colour: str) -> str:
    """Return black or white, whichever reads better on `colour` (WCAG relative luminance)."""
    linear = [(c / 255 / 12.92) if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in _rgb(colour)]  # noqa: PLR2004 - WCAG 2.2
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#000000" if luminance > 0.179 else "#FFFFFF"  # noqa: PLR2004 - equal contrast with both


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
