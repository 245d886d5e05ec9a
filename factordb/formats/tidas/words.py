"""What stands in `reference/mapping` for ILCD and TIDAS: words both ways, locations, classes, flow properties."""

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

from factordb.formats.tidas.dataset import FIRST_VERSION, Shared, Tree, identifier, reference, said
from factordb.reference import tables

ILCD_REFERENCE_VERSION: Final = "03.00.000"
"""Version of the reference data sets of the European Commission that are named by their own UUIDs."""


@dataclass(frozen=True, slots=True)
class FlowProperty:
    """What an amount is an amount of: flow property, its unit group, and the reference unit.

    Attributes:
        uuid: of the flow property.
        unit_group: UUID of its unit group.
        unit: reference unit: one is the amount 1.
        version: of both data sets.
        level: TIDAS class of level 0.
        name_zh: name, Chinese.
        name_en: name, English.
        group_zh: name of the unit group, Chinese.
        group_en: name of the unit group, English.
    """

    uuid: str
    unit_group: str
    unit: str
    version: str
    level: str
    name_zh: str
    name_en: str
    group_zh: str
    group_en: str

    def reference(self) -> Tree:
        """Return the reference to the flow property."""
        return _property_reference(self)


@lru_cache(maxsize=4096)
def _property_reference(one: FlowProperty) -> Tree:
    return Shared(reference("flowproperties", one.uuid, one.version, said(one.name_zh, one.name_en)))


@cache
def word_table(which: str) -> dict[str, tuple[str, str]]:
    """Return word -> (Chinese, English) of the list `which`."""
    rows = tables.table("mapping/ilcd_words").to_pylist()
    return {row["word"]: (row["zh"], row["en"]) for row in rows if row["list"] == which}


@cache
def words_back(which: str) -> dict[str, str]:
    """Return the Chinese and the English word of the list `which` -> our word."""
    return {spoken: word for word, pair in word_table(which).items() for spoken in pair}


@cache
def _locations() -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    pairs = {row["region"]: row["location"] for row in tables.table("mapping/locations").to_pylist()}
    parents = {row["code"]: row["parent"] for row in tables.table("regions/regions").to_pylist()}
    return pairs, {location: region for region, location in pairs.items()}, parents


@lru_cache(maxsize=4096)
def location_of(region: str | None) -> str:
    """Return the location code of a region: its own, or of the nearest region above that has one; NULL for none."""
    pairs, _, parents = _locations()
    here = region
    while here:
        if here in pairs:
            return pairs[here]
        here = parents.get(here)
    return "NULL"


def region_of(location: str | None) -> str | None:
    """Return the region of a location code; a code that is not in our table is no region of ours."""
    return _locations()[1].get(location or "")


@cache
def _class_rules() -> list[tuple[re.Pattern[str], list[Tree], list[Tree]]]:
    names = {(row["scheme"], row["code"]): row["name"] for row in tables.table("mapping/class_names").to_pylist()}

    def path(scheme: str, codes: str) -> list[Tree]:
        return [
            {"@level": str(level), "@classId": code, "#text": names[scheme, code]}
            for level, code in enumerate(codes.split())
        ]

    return [
        (re.compile(row["pattern"], re.IGNORECASE), path("ISIC", row["isic"]), path("CPC", row["cpc"]))
        for row in tables.table("mapping/classes").to_pylist()
    ]


@lru_cache(maxsize=65_536)
def classes_of(words: str) -> tuple[list[Tree], list[Tree]]:
    """Return (ISIC path, CPC path) of the first rule that knows a word of `words`."""
    return next((isic, cpc) for pattern, isic, cpc in _class_rules() if pattern.search(words))


@lru_cache(maxsize=4096)
def flow_property(dimension: str, unit: str) -> FlowProperty:
    """Return the flow property of amounts of this dimension whose reference unit is `unit`.

    A substance in the unit ("kg carbonate") stays out of it. Units that are no part of their dimension's reference
    ("piece", "head", "CNY") are flow properties of their own.
    """
    row = next(
        (one for one in tables.table("mapping/flow_properties").to_pylist() if one["dimension"] == dimension), None
    )
    plain = _canonical().get(dimension) or unit
    if row is None:
        row = {"dimension": dimension, "class": "4", "name_zh": f"数量（{plain}）", "name_en": f"Amount in {plain}"}
        row |= {"group_zh": f"单位（{plain}）", "group_en": f"Units of {plain}"}
    elif plain == unit and dimension not in _canonical():
        row = {**row, **{name: f"{row[name]} ({plain})" for name in ("name_zh", "name_en", "group_zh", "group_en")}}
    ours = not row.get("flow_property")
    return FlowProperty(
        row.get("flow_property") or identifier("flow property", f"{dimension}:{plain}"),
        row.get("unit_group") or identifier("unit group", f"{dimension}:{plain}"),
        plain,
        FIRST_VERSION if ours else ILCD_REFERENCE_VERSION,
        row["class"],
        row["name_zh"],
        row["name_en"],
        row["group_zh"],
        row["group_en"],
    )


@cache
def _canonical() -> dict[str, str]:
    return {
        row["dimension"]: row["canonical"] for row in tables.table("units/dimensions").to_pylist() if row["canonical"]
    }


@cache
def gas_names() -> dict[str, str]:
    """Return gas -> its English name, of every gas of the GWP tables."""
    return {row["gas"]: row["name_en"] for row in tables.table("gwp/gwp100").to_pylist()}


@cache
def gwp_of(gas_set: str) -> dict[str, str]:
    """Return gas -> GWP100 of the set, kg CO2e/kg, as published."""
    rows = tables.table("gwp/gwp100").to_pylist()
    return {row["gas"]: row["gwp100"] for row in rows if row["gas_set"] == gas_set}
