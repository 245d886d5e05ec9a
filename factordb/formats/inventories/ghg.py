"""Greenhouse gases as elementary flows: what a flow's name, formula or CAS number means, and what a gas weighs."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from factordb.formats.inventories.datasheet import CO2E_FLOW, REMAINDER_FLOW
from factordb.reference.tables import table

CO2E: Final = "CO2e"
_CO2E_WORDS: Final = (
    CO2E_FLOW,
    REMAINDER_FLOW,
    "Carbon dioxide equivalents",
    "Carbon dioxide equivalent",
    "CO2e",
    "CO2-eq",
    "CO2 eq",
    "CO2-equivalents",
)
_GWP_MARK: Final = re.compile(r"\s*\(GWP ?100[^)]*\)$", re.IGNORECASE)
AIR: Final = ("air", "emission to air", "emissions to air")
"""Words of a compartment that is the atmosphere."""


@dataclass(frozen=True)
class GasFlow:
    """A gas as an elementary flow.

    Attributes:
        gas: code.
        name: name we write.
        cas: CAS number, empty where unknown.
        formula: chemical formula, empty where unknown.
    """

    gas: str
    name: str
    cas: str = ""
    formula: str = ""


@cache
def _flows() -> dict[str, GasFlow]:
    listed = {
        one["gas"]: GasFlow(one["gas"], one["name"], one["cas"] or "", one["formula"] or "")
        for one in table("flows/ghg_flows").to_pylist()
    }
    for one in table("gwp/gwp100").to_pylist():
        listed.setdefault(one["gas"], GasFlow(one["gas"], one["name_en"] or one["gas"]))
    return listed | {CO2E: GasFlow(CO2E, CO2E_FLOW)}


def flow_of(gas: str) -> GasFlow:
    """Return the elementary flow that a gas is written as; a gas nobody knows is written under its own code."""
    return _flows().get(gas) or GasFlow(gas, gas)


@cache
def _spellings() -> dict[str, str]:
    found: dict[str, str] = {}
    for one in table("gwp/gwp100").to_pylist():
        for word in (one["gas"], one["name_en"], *(one["alias"] or "").split("|")):
            if word:
                found.setdefault(word.casefold(), one["gas"])
    for one in table("flows/ghg_flows").to_pylist():
        for word in (one["gas"], one["name"], *(one["spellings"] or "").split("|")):
            if word:
                found[word.casefold()] = one["gas"]
    # codes of the unit tables (a gas counted as one of its elements, precursors): our own exports use them as names
    gases = (one for one in table("units/substances").to_pylist() if one["role"] in {"gas", "gas_as_element"})
    for one in gases:
        found.setdefault(one["substance"].casefold(), one["substance"])
    found |= {flow.name.casefold(): gas for gas, flow in _flows().items() if flow.name.casefold() not in found}
    return found | {word.casefold(): CO2E for word in _CO2E_WORDS}


@cache
def _by_cas() -> dict[str, str]:
    # a gas that is split by origin shares its CAS number: only the gas without regard to origin is meant by it
    return {flow.cas: gas for gas, flow in _flows().items() if flow.cas}


@cache
def gas_of(flow: str, cas: str = "") -> str:
    """Return the gas that an elementary flow is, or an empty word.

    A CAS number decides only where the name has no comma or bracket: "Carbon dioxide, in air" is an uptake and
    "Methane, biogenic" another gas, whatever the number says.
    """
    plain = " ".join(_GWP_MARK.sub("", flow).split()).casefold()
    known = _spellings().get(plain)
    if known is not None:
        return known
    if re.search(r"[,(]", plain):
        return ""
    return _by_cas().get(cas.lstrip("0"), "")


@cache
def gwp100(gas_set: str | None) -> dict[str, float]:
    """Return gas -> kg CO2e per kg under the set named; empty where none is named or known."""
    rows = table("gwp/gwp100").to_pylist() if gas_set else []
    return {one["gas"]: float(one["gwp100"]) for one in rows if one["gas_set"] == gas_set}
