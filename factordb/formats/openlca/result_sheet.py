"""A result of openLCA as a data sheet: a product and its climate impact, without the flows behind it."""

import re
from collections.abc import Mapping
from typing import Any, Final

from factordb.formats.inventories.datasheet import CO2E_FLOW, EMISSION, REFERENCE, Datasheet, Exchange
from factordb.formats.inventories.ghg import CO2E
from factordb.formats.inventories.numbers import number
from factordb.formats.openlca.process_sheet import NONE, Package, identity

_CLIMATE: Final = re.compile(
    r"climate|gwp|global warming|carbon footprint|greenhouse|气候|全球变暖|温室", re.IGNORECASE
)
_KG: Final = re.compile(r"^\s*kg", re.IGNORECASE)
_SETS: Final = (("AR6", "AR6"), ("AR5", "AR5"), ("AR4", "AR4"))


def result_sheet(one: Mapping[str, Any], known: Package) -> Datasheet:
    """Return the data sheet of a result; without an emission where it states no climate impact in kg."""
    references = [line for line in one.get("flowResults") or () if line.get("isRefFlow")]
    exchanges = [
        Exchange(
            REFERENCE,
            str((line.get("flow") or NONE).get("name") or ""),
            str((line.get("unit") or NONE).get("name") or (line.get("flow") or NONE).get("refUnit") or ""),
            number(line.get("amount")),
            repr(line.get("amount")),
            flow_id=identity(line.get("flow")),
        )
        for line in references[:1]
    ]
    impacts = [line for line in one.get("impactResults") or () if _is_climate(line, known)]
    told = ""
    if len(impacts) == 1:
        amount = impacts[0].get("amount")
        told = _name(impacts[0], known)
        exchanges.append(Exchange(EMISSION, CO2E_FLOW, "kg", number(amount), repr(amount), gas=CO2E, comment=told))
    return Datasheet(
        key=identity(one),
        uuid=identity(one),
        name=str(one.get("name") or ""),
        exchanges=tuple(exchanges),
        gwp_set=next((name for word, name in _SETS if word in told), ""),
        product=exchanges[0].flow if exchanges else None,
        leftovers={"impactResults": one.get("impactResults")} if one.get("impactResults") else {},
    )


def _name(line: Mapping[str, Any], known: Package) -> str:
    indicator = line.get("indicator") or NONE
    return str(indicator.get("name") or known["lcia_categories"].get(identity(indicator), NONE).get("name") or "")


def _is_climate(line: Mapping[str, Any], known: Package) -> bool:
    indicator = line.get("indicator") or NONE
    told = known["lcia_categories"].get(identity(indicator), NONE)
    unit = str(told.get("refUnit") or told.get("referenceUnitName") or indicator.get("refUnit") or "")
    return bool(_CLIMATE.search(_name(line, known)) and (_KG.match(unit) or not unit))
