"""PHY: the results of a sample agree with each other as fuel chemistry has it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from factordb.checks.package.base import Broken, Ground, PackageCheck, broken, check
from factordb.checks.package.context import Context
from factordb.checks.package.reading import last_digit, limit, number, text, threshold
from factordb.model.submission import Cell, Kind, Package, Row
from factordb.model.vocabulary import Severity

__all__ = ["CHECKS", "scale_of"]

PERCENT: Final = 100.0


@dataclass(frozen=True)
class Analysis:
    """Results of one sample: (quantity, basis) -> value in % or J/g, half a unit of its last digit, and its cell."""

    results: dict[tuple[str, str], tuple[float, float, Cell]]

    def value(self, quantity: str, basis: str) -> float | None:
        """Return a result; moistures are found whatever their basis is called."""
        found = self.results.get((quantity, basis)) or self._moisture(quantity)
        return found[0] if found else None

    def half(self, quantity: str, basis: str) -> float:
        """Return half a unit of a result's last digit."""
        found = self.results.get((quantity, basis)) or self._moisture(quantity)
        return found[1] if found else 0.0

    def _moisture(self, quantity: str) -> tuple[float, float, Cell] | None:
        if quantity not in {"moisture_total", "moisture_ad"}:
            return None
        return next((found for (name, _), found in self.results.items() if name == quantity), None)


def scale_of(row: Row) -> float | None:
    """Return what brings a result to % or J/g; None where its unit is none of the field's."""
    unit = text(row, "unit")
    if unit in {"%", "1", "kg/kg"}:
        return 1.0 if unit == "%" else PERCENT
    heat = threshold("heat_units").get(unit)
    return float(heat) if heat is not None else None


def _analyses(package: Package, context: Context) -> dict[str, Analysis]:
    """Return the results of each sample, read once."""
    return context.once("analyses", lambda: _read(package))


def _read(package: Package) -> dict[str, Analysis]:
    """Return the results of each sample; units that are none of the field's are left to the recipe's dimensions."""
    found: dict[str, Analysis] = {}
    for row in package.table("tests"):
        value, scale = number(row, "value"), scale_of(row)
        if value is None or scale is None:
            continue
        mine = found.setdefault(text(row, "sample_id"), Analysis({}))
        half = last_digit(row["value"].text) / 2 * scale
        mine.results[text(row, "quantity"), text(row, "basis")] = (value * scale, half, row["value"])
    return found


def _bases(package: Package, context: Context) -> bool:
    return any(
        len({basis for name, basis in one.results if name == quantity} & {"ar", "ad", "d", "daf"}) > 1
        for one in _analyses(package, context).values()
        for quantity, _ in one.results
    )


def _as_received(one: Analysis, quantity: str, basis: str) -> tuple[float, float] | None:
    """Return a result brought to the as-received basis, and half a unit of its last digit."""
    value, wet, own = one.value(quantity, basis), one.value("moisture_total", "ar"), one.value("moisture_ad", "ad")
    if value is None or wet is None or (basis == "ad" and own is None):
        return None
    dry = PERCENT - wet
    scale = dry / (PERCENT - (own or 0.0)) if basis == "ad" else dry / PERCENT
    return value * scale, one.half(quantity, basis) * scale


@check(
    "PHY001",
    basis="GB/T 483, GB/T 35985: X_ar = X_ad (100 − Mt)/(100 − Mad)",
    status="standard",
    severity=Severity.BLOCK,
    kinds=[Kind.FUEL, Kind.CEMS],
    sheets=["tests"],
    when=[Ground("field", _bases)],
)
def bases_convert(package: Package, context: Context) -> Iterator[Broken]:
    """A result on one basis, converted with the moistures of its sample, is its result on the other."""
    for one in _analyses(package, context).values():
        for (quantity, basis), (stated, half, cell) in one.results.items():
            if basis != "ar" or quantity in {"moisture_total", "moisture_ad", "lhv", "oxidation"}:
                continue
            for other in ("ad", "d"):
                found = _as_received(one, quantity, other)
                if found is None:
                    continue
                heat = quantity == "q_gr"
                allowed = half + found[1] + (limit("lhv_tolerance") if heat else limit("basis_tolerance"))
                if abs(stated - found[0]) > allowed:
                    yield broken(cell, found[0], quantity=quantity, other=other)


LHV: Final = (("q_gr", "ad"), ("hydrogen", "ad"), ("moisture_total", "ar"), ("moisture_ad", "ad"), ("lhv", "ar"))


def _complete(*wanted: tuple[str, str]) -> Ground:
    def holds(package: Package, context: Context) -> bool:
        return any(all(one.value(*each) is not None for each in wanted) for one in _analyses(package, context).values())

    return Ground("field", holds)


@check(
    "PHY002",
    basis="GB/T 213-2008: Q_net,ar = (Q_gr,ad − 206 H_ad)(100 − Mt)/(100 − Mad) − 23 Mt",
    status="standard",
    severity=Severity.BLOCK,
    kinds=[Kind.FUEL, Kind.CEMS],
    sheets=["tests"],
    when=[_complete(*LHV)],
)
def heating_values_convert(package: Package, context: Context) -> Iterator[Broken]:
    """The net calorific value as received follows from the gross one, hydrogen and the moistures."""
    for one in _analyses(package, context).values():
        gross, hydrogen, wet, own, stated = (one.value(*each) for each in LHV)
        if gross is None or hydrogen is None or wet is None or own is None or stated is None:
            continue
        scale = (PERCENT - wet) / (PERCENT - own)
        expected = (gross - limit("lhv_hydrogen") * hydrogen) * scale - limit("lhv_moisture") * wet
        allowed = (
            limit("lhv_tolerance")
            + one.half("lhv", "ar")
            + one.half("q_gr", "ad")
            + limit("lhv_hydrogen") * one.half("hydrogen", "ad")
        )
        if abs(stated - expected) > allowed:
            _, _, cell = one.results["lhv", "ar"]
            yield broken(cell, f"{expected:.0f} J/g")


@check(
    "PHY003",
    basis="ours: 0.024 to 0.034 tC/GJ for coal",
    status="ours",
    severity=Severity.REVIEW,
    kinds=[Kind.FUEL, Kind.CEMS],
    sheets=["tests"],
    when=[_complete(("carbon", "ar"), ("lhv", "ar"))],
)
def carbon_fits_the_heat(package: Package, context: Context) -> Iterator[Broken]:
    """Carbon per heat lies in the band of the fuel. Both as received; a consistent edit of both bases escapes it."""
    low, high = limit("carbon_per_heat_low"), limit("carbon_per_heat_high")
    for one in _analyses(package, context).values():
        carbon, heat = one.value("carbon", "ar"), one.value("lhv", "ar")
        if carbon is None or not heat:
            continue
        # % over J/g is tC/t over GJ/t times 10
        ratio = carbon / PERCENT / (heat / 1000.0)
        if not low <= ratio <= high:
            yield broken(one.results["carbon", "ar"][2], f"{low:g} – {high:g} tC/GJ", ratio=ratio)


PARTS: Final = ("carbon", "hydrogen", "nitrogen", "sulphur", "ash")


@check("PHY004", basis="conservation of mass; 44/12", status="standard", severity=Severity.BLOCK, sheets=["factors"])
def sums_are_possible(package: Package, context: Context) -> Iterator[Broken]:
    """Elements, ash and moisture add up to at most 100 %, nothing is negative, oxidation is at most 1.

    A direct CO2 factor per mass of fuel is at most 44/12 of its carbon, or of the fuel.
    """
    most = limit("stoichiometric_co2")
    for one in _analyses(package, context).values():
        for (quantity, _), (value, _, cell) in one.results.items():
            if value < 0 or (quantity not in {"lhv", "q_gr"} and value > PERCENT):
                yield broken(cell, "0 – 100 %", sheet="tests")
        for basis, water in (("ar", "moisture_total"), ("ad", "moisture_ad")):
            found = [one.value(name, basis) for name in PARTS] + [one.value(water, basis)]
            total = sum(each for each in found if each is not None)
            if total > PERCENT + limit("sum_tolerance") and ("carbon", basis) in one.results:
                yield broken(one.results["carbon", basis][2], f"Σ = {total:.2f} ≤ 100 %", sheet="tests")
    carbon = max((one.value("carbon", "ar") or 0.0 for one in _analyses(package, context).values()), default=0.0)
    for row in package.table("factors"):
        claim = number(row, "value")
        ceiling = most * (carbon / PERCENT if carbon else 1.0) * (1 + limit("constant_tolerance"))
        if claim is not None and package.kind is Kind.FUEL and text(row, "unit") in MASS_RATIO and claim > ceiling:
            yield broken(row["value"], f"≤ {ceiling:.4g}")


MASS_RATIO: Final = frozenset({"tCO2/t", "kgCO2/kg", "gCO2/g"})


@check(
    "PHY005",
    basis="Dulong formula, residual in line with the own series",
    severity=Severity.REVIEW,
    kinds=[Kind.FUEL, Kind.CEMS],
    sheets=["tests"],
    when=[_complete(("carbon", "ad"), ("hydrogen", "ad"), ("q_gr", "ad"))],
)
def heat_follows_the_elements(package: Package, context: Context) -> Iterator[Broken]:
    """The gross calorific value differs from that of the elements by about the same in every sample of the series."""
    names = (("carbon", "dulong_carbon"), ("hydrogen", "dulong_hydrogen"), ("sulphur", "dulong_sulphur"))
    rows = []
    for one in _analyses(package, context).values():
        gross, carbon, hydrogen = (one.value(name, "ad") for name in ("q_gr", "carbon", "hydrogen"))
        if gross is not None and carbon is not None and hydrogen is not None:
            heat = sum((one.value(name, "ad") or 0.0) * limit(key) for name, key in names)
            rows.append((heat - gross, one.results["q_gr", "ad"][2]))
    if len(rows) < limit("dulong_least"):
        return
    residuals = np.array([one for one, _ in rows])
    middle = float(np.median(residuals))
    spread = max(1.4826 * float(np.median(np.abs(residuals - middle))), limit("dulong_floor"))
    for residual, cell in rows:
        if abs(residual - middle) > limit("dulong_z") * spread:
            yield broken(cell, f"± {limit('dulong_z') * spread:.0f} J/g", residual=f"{residual - middle:+.0f}")


CHECKS: Final[tuple[PackageCheck, ...]] = (
    bases_convert, heating_values_convert, carbon_fits_the_heat, sums_are_possible, heat_follows_the_elements,
)  # fmt: skip
