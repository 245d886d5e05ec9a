"""Gases as elementary flows: identity, names, references."""

from functools import lru_cache

from factordb.formats.tidas.dataset import FIRST_VERSION, Shared, Tree, identifier, reference, said
from factordb.formats.tidas.words import gas_names

_EQUIVALENT = " (CO2e)"
"""Ends the name of a gas whose amount is already multiplied by its GWP."""


def elementary_uuid(gas: str, *, is_co2e: bool, unit: str) -> str:
    """Return the UUID of the flow of a gas to air, in kg or m3, or of its CO2 equivalents."""
    return identifier("gas", f"{gas}:{unit}:{'CO2e' if is_co2e else ''}")


@lru_cache(maxsize=1024)
def gas_title(gas: str, *, is_co2e: bool) -> list[Tree]:
    """Return the name of the flow of a gas: its formula, then its name."""
    name = {"CO2e": "CO2 equivalents of greenhouse gases"}.get(gas) or gas_names().get(gas, "")
    end = _EQUIVALENT if is_co2e else ""
    return said(f"{gas}{end} 排放到大气", f"{gas}{end}" + (f", {name}" if name else ""))


def gas_of_title(title: str) -> tuple[str, bool]:
    """Return (gas, whether its amount is CO2e) of the English name of a flow; what is no name of ours as it is."""
    formula = title.split(", ", 1)[0]
    return formula.removesuffix(_EQUIVALENT), formula.endswith(_EQUIVALENT)


@lru_cache(maxsize=1024)
def elementary_reference(gas: str, *, is_co2e: bool, unit: str) -> Tree:
    """Return the reference to the flow of a gas."""
    uuid = elementary_uuid(gas, is_co2e=is_co2e, unit=unit)
    return Shared(reference("flows", uuid, FIRST_VERSION, gas_title(gas, is_co2e=is_co2e)))
