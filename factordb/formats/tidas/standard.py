"""Reading a process data set by the mapping table: what its standard places say, without our extension.

The writer reads its own tree with the same functions: what they would not read back goes into the extension. So a
column that a standard place holds stands there alone, and no column is ever lost.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from typing import Any, Final, Protocol

from factordb.formats.tidas.amounts import CO2E
from factordb.formats.tidas.background import UNKNOWN_SET, method_uuid
from factordb.formats.tidas.dataset import Tree, many, text_in
from factordb.formats.tidas.elementary import elementary_uuid, gas_of_title
from factordb.formats.tidas.process import (
    NOT_STATED,
    OTHER_SYSTEM,
    REFERENCE_EXCHANGE,
    VALUE_EXCHANGE,
    YEAR_NOT_STATED,
)
from factordb.formats.tidas.words import region_of, words_back
from factordb.model.release import RELEASE_COLUMNS
from factordb.reference import tables
from factordb.units import Unit, parse

CLIMATE: Final = re.compile(r"GWP|climate|global warming|气候|全球变暖|温室", re.IGNORECASE)
"""Name of a method whose results are climate change."""

GWP_TOTAL: Final = (
    "a7ea142a-9749-11ed-a8fc-0242ac120002",
    "6a37f984-a4b3-458a-a20a-64418c145fa2",
)
"""Methods GWP-total of EN 15804+A2: EF 3.1, EF 3.0 (formats.md 2.2)."""

_SETS: Final = re.compile(r"AR[456](?:_with_feedbacks)?")
_ONE: Final = re.compile(r"1(?:\.0)? (.+)")
_FAMILIES: Final = {"log-normal": "lognormal", "normal": "normal", "triangular": "triangular", "uniform": "uniform"}

Rule = Callable[["Reading", Any, str], Any]


class FlowUnits(Protocol):
    """What a package says of the units of its flows."""

    def unit_of(self, flow: str) -> str | None:
        """Return the reference unit of a flow."""
        ...

    def size_of(self, flow: str) -> float:
        """Return how many reference units one of the flow is."""
        ...


class Reading:
    """One process data set while it is read."""

    def __init__(self, process: Mapping[str, Any], lookups: FlowUnits | None = None) -> None:
        self.process = process
        self.lookups = lookups
        self.exchanges = many((process.get("exchanges") or {}).get("exchange"))
        wanted = _at(process, ("processInformation", "quantitativeReference", "referenceToReferenceFlow"))
        self.reference = str(many(wanted)[0]) if many(wanted) else None
        self.product = next(
            (one for one in self.exchanges if str(one.get("@dataSetInternalID")) == self.reference), None
        )
        results = many((process.get("LCIAResults") or {}).get("LCIAResult"))
        climate = [one for one in results if isinstance(one, dict) and _is_climate(one)]
        # of several climate indicators of an EPD the total is the footprint
        self.result = next((one for one in climate if _is_total(one)), climate[0] if climate else None)

    def counted(self) -> tuple[Tree | None, str | None]:
        """Return (the exchange of the gas the value counts, that gas), where one of our own flows says so."""
        for one in self.exchanges:
            if str(one.get("@dataSetInternalID")) == VALUE_EXCHANGE and self.reference != VALUE_EXCHANGE:
                gas = own_gas(one)
                return (one, gas[0]) if gas else (None, None)
        return None, None

    def declared(self) -> str | None:
        """Return the declared unit: of the functional unit "1 kWh", else the reference unit of the product."""
        place = ("processInformation", "quantitativeReference", "functionalUnitOrOther")
        said = text_in(_at(self.process, place), "en") or text_in(_at(self.process, place), "zh")
        found = _ONE.fullmatch(said or "")
        return found[1] if found and self.lookups is None else self.reference_unit()

    def reference_unit(self) -> str | None:
        """Return the reference unit of the product's flow property, where the package has it."""
        return self.lookups.unit_of(self._product_uuid()) if self.lookups is not None else None

    def _product_uuid(self) -> str:
        return str(((self.product or {}).get("referenceToFlowDataSet") or {}).get("@refObjectId"))

    def amount(self) -> float | None:
        """Return the amount the data set is about: kg CO2e, or of the gas the value counts."""
        if self.result is not None:
            stated = self.result.get("meanAmount")
            return _float(stated) if stated is not None else _of_modules(self.result)
        exchange, _ = self.counted()
        return _float(exchange.get("meanAmount")) if exchange is not None else None

    def per(self) -> float | None:
        """Return the amount of the reference flow, in reference units of its flow property."""
        if self.product is None:
            return None
        shown = self.product.get("resultingAmount")
        amount = _float(shown if shown is not None else self.product.get("meanAmount"))
        if amount is None or self.lookups is None:
            return amount
        return amount * self.lookups.size_of(self._product_uuid())


def own_gas(exchange: Mapping[str, Any]) -> tuple[str, bool] | None:
    """Return (gas, whether its amount is CO2e) where an exchange refers to one of our own gas flows, else None."""
    target = exchange.get("referenceToFlowDataSet") or {}
    title = text_in(target.get("common:shortDescription"), "en") or text_in(target.get("common:shortDescription"), "zh")
    gas, is_co2e = gas_of_title((title or "").removesuffix(" 排放到大气"))
    uuid = target.get("@refObjectId")
    known = any(elementary_uuid(gas, is_co2e=is_co2e, unit=unit) == uuid for unit in ("kg", "m3", "Nm3"))
    return (gas, is_co2e) if known else None


def _is_climate(result: Mapping[str, Any]) -> bool:
    method = result.get("referenceToLCIAMethodDataSet") or {}
    names = many(method.get("common:shortDescription"))
    return any(CLIMATE.search(str(one.get("#text", "") if isinstance(one, dict) else one)) for one in names)


def _is_total(result: Mapping[str, Any]) -> bool:
    method = result.get("referenceToLCIAMethodDataSet") or {}
    return method.get("@refObjectId") in GWP_TOTAL


def _of_modules(result: Mapping[str, Any]) -> float | None:
    """Return the amount of an EPD indicator from cradle to gate: of module A1-A3, or of A1, A2 and A3 together."""
    stated: dict[str, float] = {}
    for other in many(result.get("common:other")):
        for one in many(other.get("epd:amount") if isinstance(other, dict) else None):
            amount = _float(one.get("#text")) if isinstance(one, dict) else None
            if amount is not None:
                stated.setdefault(str(one.get("@epd:module")), amount)
    if "A1-A3" in stated:
        return stated["A1-A3"]
    single = [stated[module] for module in ("A1", "A2", "A3") if module in stated]
    return sum(single) if single else None


def _at(node: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        if isinstance(node, list):
            node = node[0] if node else None
        if not isinstance(node, dict):
            return None
        node = node.get(name)
    return node


def _float(text: Any) -> float | None:
    try:
        return float(text)
    except (TypeError, ValueError):
        return None


def _whole(text: Any) -> int | None:
    try:
        return int(str(text).strip())
    except ValueError:
        return None


def _text(_: Reading, node: Any, __: str) -> str | None:
    return str(node) if node not in (None, "") and not isinstance(node, dict | list) else None


def _either(_: Reading, node: Any, __: str) -> str | None:
    found = text_in(node, "zh") or text_in(node, "en")
    return None if found in NOT_STATED else found


def _word(_: Reading, node: Any, which: str) -> str | None:
    words = words_back(which)
    return words.get(text_in(node, "zh") or "") or words.get(text_in(node, "en") or "")


def _word_or_module(reading: Reading, node: Any, which: str) -> str | None:
    """Return our word of a sentence; the boundary of an EPD is that of the modules its amount is of."""
    found = _word(reading, node, which)
    if found is None and which == "boundary" and reading.result is not None:
        return "cradle_to_gate" if _of_modules(reading.result) is not None else None
    return found


def _score(_: Reading, node: Any, name: str) -> int | None:
    found = next((one.get("@value") for one in many(node) if one.get("@name") == name), None)
    return _whole(words_back("score").get(str(found)))


def _year(reading: Reading, node: Any, _: str) -> int | None:
    remark = _at(reading.process, ("processInformation", "time", "common:timeRepresentativenessDescription"))
    return None if text_in(remark, "en") == YEAR_NOT_STATED else _whole(node)


def _last_day(_: Reading, node: Any, __: str) -> date | None:
    year = _whole(node)
    return date(year, 12, 31) if year is not None and 0 < year <= date.max.year else None


def _kind(reading: Reading, _: Any, __: str) -> str | None:
    if reading.result is not None:
        return "factor"
    return "gas_factor" if reading.counted()[0] is not None else None


def _gas(reading: Reading, _: Any, __: str) -> str | None:
    return CO2E if reading.result is not None else reading.counted()[1]


def _unit(reading: Reading, _: Any, __: str) -> str | None:
    gas, declared = _gas(reading, None, ""), reading.declared()
    return f"kg{gas}/{declared}" if gas and declared else None


def _value(reading: Reading, _: Any, __: str) -> float | None:
    amount, per = reading.amount(), reading.per()
    if amount is None or reading.lookups is None:
        return amount
    return amount / per if per else None


def _value_text(reading: Reading, _: Any, __: str) -> str | None:
    value = _value(reading, None, "")
    return None if value is None else f"{value:.15g}"


def _canonical_value(reading: Reading, _: Any, __: str) -> float | None:
    amount, per = reading.amount(), reading.per()
    return amount / per if amount is not None and per else None


def _canonical_unit(reading: Reading, _: Any, __: str) -> str | None:
    read = parse(_unit(reading, None, "") or "?")
    return read.canonical_unit if isinstance(read, Unit) else None


def _gwp_set(reading: Reading, _: Any, __: str) -> str | None:
    if reading.result is None:
        return None
    method = reading.result.get("referenceToLCIAMethodDataSet") or {}
    if method.get("@refObjectId") == method_uuid(None):
        return None
    name = text_in(method.get("common:shortDescription"), "en") or ""
    found = _SETS.search(name)
    return found[0] if found and UNKNOWN_SET not in name else None


def _family(reading: Reading, _: Any, __: str) -> str | None:
    carrier = reading.result if reading.result is not None else reading.counted()[0]
    return _FAMILIES.get(str((carrier or {}).get("uncertaintyDistributionType")))


def _product(reading: Reading, _: Any, __: str) -> str | None:
    if reading.product is None:
        return None
    target = reading.product.get("referenceToFlowDataSet") or {}
    return _either(reading, target.get("common:shortDescription"), "")


def _category(_: Reading, node: Any, __: str) -> str | None:
    systems = [one for one in many(node) if isinstance(one, dict)]
    ours = next((one for one in systems if one.get("@name") == OTHER_SYSTEM), systems[0] if systems else {})
    names = [str(one.get("#text", "") if isinstance(one, dict) else one) for one in many(ours.get("common:class"))]
    return "-".join(filter(None, names)) or None


_RULES: Final[Mapping[str, Rule]] = {
    "text": _text,
    "zh": lambda _, node, __: text_in(node, "zh"),
    "en": lambda _, node, __: text_in(node, "en"),
    "either": _either,
    "word": _word_or_module,
    "score": _score,
    "location": lambda _, node, __: region_of(str(node)) if node else None,
    "year": _year,
    "last_day": _last_day,
    "kind": _kind,
    "product": _product,
    "category": _category,
    "direction": lambda reading, _, __: "emission" if _kind(reading, None, "") else None,
    "value_text": _value_text,
    "value": _value,
    "unit": _unit,
    "gas": _gas,
    "gwp_set": _gwp_set,
    "canonical_value": _canonical_value,
    "canonical_unit": _canonical_unit,
    "family": _family,
}
"""Rule of the mapping table -> how it reads. `extension` and `sidecar` read nothing here."""


@cache
def mapping() -> tuple[tuple[str, tuple[str, ...], Rule, str], ...]:
    """Return (column, path, rule, its argument) of every column that has a standard place."""
    columns = {column.name for column in RELEASE_COLUMNS}
    found = []
    for row in tables.table("mapping/tidas").to_pylist():
        rule, _, argument = row["rule"].partition(":")
        if row["field"] in columns and rule != "extension":
            path = tuple(part for part in row["place"].split("/") if "[" not in part)
            found.append((row["field"], path, _RULES[rule], argument))
    return tuple(found)


def standard_row(process: Mapping[str, Any], lookups: FlowUnits | None = None) -> dict[str, Any]:
    """Return what the standard places of a process data set say, column -> value; what they do not say is None.

    Args:
        process: tree below `processDataSet`.
        lookups: units of the flows of a foreign package; values are then per one reference unit. None for data sets
            of ours, whose functional unit is the declared unit.
    """
    reading = Reading(process, lookups)
    return {field: rule(reading, _at(process, path), argument) for field, path, rule, argument in mapping()}


def standard_gases(process: Mapping[str, Any], factor_id: str) -> list[dict[str, Any]]:
    """Return the gas amounts of a process data set, rows of `GAS_SCHEMA`, of exchanges with our own gas flows."""
    found = []
    for one in many((process.get("exchanges") or {}).get("exchange")):
        internal = str(one.get("@dataSetInternalID"))
        gas = own_gas(one) if internal not in {REFERENCE_EXCHANGE, VALUE_EXCHANGE} else None
        amount = _float(one.get("meanAmount"))
        if gas and amount is not None:
            found.append({"factor_id": factor_id, "gas": gas[0], "amount_kg": amount, "is_co2e": gas[1]})
    return found
