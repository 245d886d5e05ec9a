"""What a footprint holds of a data sheet: one declared unit, one amount of CO2e, one place, a period, three scores."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final

from factordb.formats.footprint import terms
from factordb.formats.inventories.composing import declared_unit
from factordb.formats.inventories.datasheet import CO2E_FLOW, EMISSION, REFERENCE, Datasheet, Exchange
from factordb.formats.inventories.ghg import CO2E
from factordb.formats.inventories.shaping import emptied
from factordb.model.vocabulary import Boundary, Kind

PACT3, PACT2, CATENAX = "pact3", "pact2", "catenax"
LONGEST_VALIDITY: Final = 3
"""Years after the reference period for which a footprint of PACT may be valid (`validityPeriodEnd`)."""

LISTED: Final = frozenset({"AR4", "AR5", "AR6"})
"""Assessment reports that Catena-X lists."""

LAST_YEAR: Final = 9990
"""Beyond it the periods of a footprint leave the calendar."""


@dataclass(frozen=True)
class Held:
    """A row as a footprint.

    Attributes:
        sheet: what the format holds of it.
        unit: declared unit in the format's words.
        value: kg CO2e per declared unit.
        partial: columns of which the format holds less than the row says.
    """

    sheet: Datasheet
    unit: terms.FootprintUnit
    value: float
    partial: tuple[str, ...]


def held(row: Mapping[str, Any], sheet: Datasheet | None, form: str) -> Held | str:
    """Return the row as a footprint of `form`, or the column for which it is none and goes to the sidecar."""
    if sheet is None or row["kind"] != Kind.FACTOR.value or row["gas"] not in {None, CO2E}:
        return "kind"
    if row["value"] < 0:
        return "value"
    if form == CATENAX and terms.scope_of(row["boundary"]) is None:
        return "boundary"
    amount = _amount(row, form)
    year = row["reference_year"]
    if amount is None:
        return "unit"
    if year is not None and not 1 <= year <= LAST_YEAR:
        return "reference_year"
    shaped = shape_of(form)(sheet)
    return Held(shaped, amount[0], amount[1], tuple(_partial(row, shaped)))


def _partial(row: Mapping[str, Any], shaped: Datasheet) -> list[str]:
    found = [name for name in ("region", "gwp_set") if row[name] and (getattr(shaped, name) or None) != row[name]]
    dates = ("valid_from", "valid_until")
    found += [name for name in dates if row[name] and getattr(shaped, name) != row[name]]
    scores = zip(("te", "gr", "ti"), shaped.scores or (None,) * 3, strict=False)
    return found + [name for name, score in scores if row[name] is not None and score is None]


def _amount(row: Mapping[str, Any], form: str) -> tuple[terms.FootprintUnit, float] | None:
    """Return (unit of the format, kg CO2e per one of it)."""
    declared = declared_unit(row["unit"], row["gas"])
    unit = terms.unit_for(declared, form) if declared is not None else None
    if declared is None or unit is None:
        return None
    return unit, row["value"] * float(declared.to_kg) / (declared.to_reference / float(unit.to_canonical))


def shape_of(form: str) -> Callable[[Datasheet], Datasheet]:
    """Return the shape of a format: what it holds of any data sheet."""
    return lambda sheet: _shape(sheet, form)


def _shape(sheet: Datasheet, form: str) -> Datasheet:
    plain = emptied(sheet, "local_name", "published_on", "product", "category", "valid_from", "valid_until")
    scored = [*sheet.scores[:3]]
    start, end = valid(sheet, form)
    boundary = "" if sheet.boundary == Boundary.UNSPECIFIED.value else sheet.boundary
    return replace(
        plain,
        exchanges=_exchanges(sheet, form),
        technology=None if sheet.technology == sheet.name else sheet.technology,
        boundary=boundary,
        gwp_set=terms.set_of(report(sheet.gwp_set, form) or ""),
        region=_region(sheet.region),
        valid_from=start,
        valid_until=end,
        scores=(*scored, None) if _rated(scored, form) else (),
    )


def _rated(scores: list[int | None], form: str) -> bool:
    """Return whether the scores can be stated: PACT wants all three, Catena-X takes any."""
    given = [score for score in scores if score is not None]
    return bool(given) if form == CATENAX else len(given) == 3  # noqa: PLR2004 - te, gr, ti


def _exchanges(sheet: Datasheet, form: str) -> tuple[Exchange, ...]:
    row = (sheet.annex or {}).get("row")
    amount = _amount(row, form) if row else None
    if amount is None:
        return sheet.exchanges
    return exchanges_of(amount[0].ours, amount[1])


def exchanges_of(unit: str, value: float | None, text: str = "") -> tuple[Exchange, ...]:
    """Return the product, one `unit` of it, and its CO2e in kg."""
    reference = Exchange(REFERENCE, "product", unit, 1.0)
    return reference, Exchange(EMISSION, CO2E_FLOW, "kg", value, text, gas=CO2E, compartment="air")


def report(gwp_set: str | None, form: str) -> str | None:
    """Return the assessment report that the format can name for a GWP set; None where there is none."""
    found = terms.report_of(gwp_set or "")
    return None if form == CATENAX and found not in LISTED else found


def _region(region: str | None) -> str | None:
    if region == terms.WORLD:
        return region
    place = terms.place_of(region)
    if place is not None:
        return terms.region_in(*place)
    return None


def valid(sheet: Datasheet, form: str) -> tuple[date | None, date | None]:
    """Return first and last day of validity as the format can state them.

    PACT: both or none, from the end of the reference period on, for at most three years after it.
    """
    start, end = sheet.valid_from, sheet.valid_until
    if end is not None and end.year > LAST_YEAR:
        end = None
    if form == CATENAX:
        return start, end
    year = sheet.reference_year
    if year is None or start is None or end is None or year + 1 + LONGEST_VALIDITY > LAST_YEAR:
        return None, None
    first, last = date(year + 1, 1, 1), date(year + 1 + LONGEST_VALIDITY, 1, 1)
    kept = first <= start <= end and end + timedelta(days=1) <= last
    return (start, end) if kept else (None, None)
