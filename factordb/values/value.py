"""What a value cell says: a central number, its bounds, the form it was written in."""

from dataclasses import dataclass
from enum import StrEnum


class Form(StrEnum):
    """Grammatical form of a published value string."""

    EMPTY = "empty"
    """A mark that stands for no value; the qualifier says which kind."""
    PLAIN = "plain"
    THOUSANDS = "thousands"
    DECIMAL_COMMA = "decimal_comma"
    SCIENTIFIC = "scientific"
    PERCENT = "percent"
    """"18.3 %": the value is 18.3, in percent."""
    APPROXIMATE = "approximate"
    """"约0.8": the publisher himself calls it rough."""
    LABELLED = "labelled"
    """"18.79 (GCV)": one number with its basis; the qualifier is the label."""
    LISTED = "listed"
    """"18.79 (GCV) 19.99 (NCV)": several numbers, each with its basis; the pipeline chooses among `parts`."""
    RANGE = "range"
    """"0.40~0.48": two ends and no published centre; the value is the midpoint, which a person must confirm."""
    INTERVAL = "interval"
    """"12 (10–15)": a published centre with two ends."""
    PLUS_MINUS = "plus_minus"
    PLUS_MINUS_PERCENT = "plus_minus_percent"
    HALF_WIDTH = "half_width"
    """"±3": a half-width alone, as uncertainty columns hold; the value is 3."""
    HALF_WIDTH_PERCENT = "half_width_percent"
    BELOW = "below"
    """"<5": no central number; `high` is the limit."""
    ABOVE = "above"


@dataclass(frozen=True, slots=True)
class Value:
    """A published value string that was read.

    Attributes:
        text: the string exactly as published, never changed.
        value: the published central number, in the published unit; of a range its midpoint; None where the form
            has no centre (empty, below, above, listed).
        low: lower end, where one was published or follows from ±.
        high: upper end.
        form: grammatical form.
        half_digit: half a unit of the last published digit: 0.00005 for "0.5440".
        qualifier: what stood beside the number: "<", "%", a label, or the meaning of an empty mark.
        decimals: place of the last published digit: 4 for "0.5440", -2 for "1.2E3".
        parts: of a listed value, (label, number) in published order.
    """

    text: str
    value: float | None
    low: float | None
    high: float | None
    form: Form
    half_digit: float | None = None
    qualifier: str = ""
    decimals: int | None = None
    parts: tuple[tuple[str, float], ...] = ()

    def part(self, label: str) -> float | None:
        """Return the number published under `label` (case ignored), or None when there is none."""
        wanted = label.casefold()
        return next((number for name, number in self.parts if name.casefold() == wanted), None)
