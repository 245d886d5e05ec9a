"""A footprint as a data sheet: what its fields say, faults where they say it wrongly, leftovers where nobody asked."""

from collections.abc import Callable, Mapping
from typing import Any, Final, Self

from factordb.formats.footprint import terms
from factordb.formats.footprint.shape import exchanges_of
from factordb.formats.footprint.statement import GEOGRAPHY, PERIOD, day_of, last_day
from factordb.formats.inventories.datasheet import Datasheet
from factordb.formats.inventories.numbers import number

Fault = Callable[[str, str, str, str], None]
"""Takes code, place, what was found, what was expected."""

_BEST, _WORST = 1, 5
_OURS: Final = frozenset({"extensions", "comment"})


class Field:
    """An object of a footprint: gives its fields in the types they should have, and notes where they have not."""

    def __init__(self, found: Any, place: str, path: str, fault: Fault) -> None:
        self.found: Mapping[str, Any] = found if isinstance(found, dict) else {}
        self.place, self._path, self.fault = place, path, fault

    def _at(self, name: str) -> str:
        return f"{self._path}/{name}" if self._path else name

    def inner(self, name: str, *, needed: bool = True) -> Self:
        """Return the object `name`; an empty one, and a fault where it is needed, if it is none."""
        found = self.found.get(name)
        if isinstance(found, list) and found:
            found = found[0]
        if not isinstance(found, dict) and (needed or found is not None):
            self.fault("FMT053", self.place, f"{self._at(name)}: {_short(found)}", "{…}")
        return type(self)(found, self.place, self._at(name), self.fault)

    def text(self, name: str) -> str:
        """Return the text `name`, empty where there is none."""
        found = self.found.get(name)
        if found is None or isinstance(found, str):
            return found or ""
        if isinstance(found, int | float):
            return str(found)
        self.fault("FMT053", self.place, f"{self._at(name)}: {_short(found)}", "text")
        return ""

    def number(self, name: str) -> float | None:
        """Return the number `name`, written as a number or as a decimal text; None where there is none."""
        found = self.found.get(name)
        if found is None:
            return None
        told = number(found)
        if told is None:
            self.fault("FMT054", self.place, f"{self._at(name)}: {_short(found)}", "")
        return told

    def first(self, name: str) -> str:
        """Return the first text of the list `name`, or the text itself."""
        found = self.found.get(name)
        listed = found if isinstance(found, list) else [found]
        return next((one for one in listed if isinstance(one, str)), "")


def _short(found: Any) -> str:
    return repr(found)[:120]


def footprint_sheet(
    whole: Field,
    pcf: Field,
    *,
    unit: str,
    value: float | None,
    value_text: str,
    report: str,
    scores: tuple[float | None, ...],
    annex: dict[str, Any] | None,
    absent: frozenset[str],
) -> Datasheet:
    """Return the data sheet of a footprint of PACT.

    Args:
        whole: the footprint.
        pcf: its carbon footprint.
        unit: declared unit, in the format's words.
        value: kg CO2e per one of it.
        value_text: the same as published; empty where it had to be computed.
        report: assessment report of its GWP values.
        scores: technological, geographical and temporal, 1 … 5.
        annex: our row in it.
        absent: fields that hold no fact.
    """
    name, about = whole.text("productNameCompany"), whole.text("productDescription")
    known = terms.unit_named(unit)
    if known is None:
        whole.fault("FMT053", whole.place, f"declared unit: {unit!r}", ", ".join(one.name for one in terms.units()))
    start, end = day_of(pcf.found.get("referencePeriodStart")), day_of(pcf.found.get("referencePeriodEnd"))
    if start and end and end < start:
        whole.fault("FMT058", whole.place, f"{start} … {end}", "from ≤ until")
    return Datasheet(
        key=whole.text("id"),
        uuid=whole.text("id"),
        name=name,
        exchanges=exchanges_of(known.ours if known else unit or "?", value, value_text if annex is None else ""),
        gwp_set=terms.set_of(report),
        region=_region(pcf, absent),
        reference_year=start.year if start and PERIOD not in absent else None,
        valid_from=day_of(whole.found.get("validityPeriodStart")),
        valid_until=last_day(whole.found.get("validityPeriodEnd")),
        published_on=day_of(whole.found.get("created")) if annex is None else None,
        product=name if annex is None else None,
        technology=about if about and about != name else None,
        boundary=terms.boundary_told(pcf.text("boundaryProcessesDescription")),
        scores=whole_scores(scores, whole),
        publisher=whole.text("companyName") or None,
        comment=whole.text("comment"),
        annex=annex,
        leftovers=leftovers(whole.found, pcf.found) if annex is None else {},
    )


def _region(pcf: Field, absent: frozenset[str]) -> str | None:
    given = [(name, pcf.text(name)) for name in (terms.COUNTRY, terms.SUBDIVISION, terms.REGION) if pcf.text(name)]
    if len(given) > 1:
        pcf.fault("FMT053", pcf.place, ", ".join(f"{name}: {value}" for name, value in given), "one place")
    if not given:
        return None if GEOGRAPHY in absent else terms.WORLD
    region = terms.region_in(*given[0])
    if region is None and given[0][0] != terms.REGION:
        pcf.fault("FMT053", pcf.place, f"{given[0][0]}: {given[0][1]}", "ISO 3166")
    return region


def whole_scores(scores: tuple[float | None, ...], field: Field) -> tuple[int | None, ...]:
    """Return scores as whole numbers from 1 to 5; what is between is rounded to the worse, what is outside is none."""
    found: list[int | None] = []
    for score in scores:
        inside = score is not None and _BEST <= score <= _WORST
        if score is not None and (not inside or score != int(score)):
            field.fault("FMT053", field.place, f"DQR {score:g}", "1, 2, 3, 4, 5")
        found.append(-int(-score // 1) if inside and score is not None else None)
    return (*found, None) if any(found) else ()


def leftovers(whole: Mapping[str, Any], pcf: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a foreign footprint says and no column takes."""
    taken = {"id", "productNameCompany", "companyName", "created", "specVersion", "pcf"}
    used = {"declaredUnit", "declaredUnitOfMeasurement", "pcfExcludingBiogenicUptake", "pCfExcludingBiogenic"}
    outer = {name: value for name, value in whole.items() if name not in taken}
    return outer | ({"pcf": {name: value for name, value in pcf.items() if name not in used}} if pcf else {})
