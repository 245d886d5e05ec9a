"""The objects that processes refer to: flows, properties, units, sources, actors, locations, the rating, the method.

Units and flow properties are our own objects with our own identifiers: a package is complete in itself, and importing
it changes nothing in the reference data of the database it is imported into.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import cache
from typing import Any, Final

from factordb.formats.inventories.composing import SCORES, DeclaredUnit
from factordb.formats.inventories.datasheet import CO2E_FLOW, REMAINDER_FLOW, Datasheet, Exchange, stable_uuid
from factordb.formats.inventories.ghg import CO2E, flow_of, gwp100
from factordb.formats.words import column_words
from factordb.model.release import ReleaseFacts
from factordb.model.source import Source
from factordb.reference.tables import table

VERSION: Final = "01.00.000"
MASS: Final = DeclaredUnit("kg", Fraction(1), "mass", "kg", 1.0)
EMISSIONS: Final = "Elementary flows/Emission to air/unspecified"
METHOD: Final = "Global warming potential, 100 years (factordb)"
AS_PUBLISHED: Final = "GWP100, CO2e as published (GWP set not stated)"
BEST, WORST = 1, 5
_ITEMS: Final = frozenset({"item", "currency"})


def ref(kind: str, identifier: str, name: str, **more: Any) -> dict[str, Any]:
    """Return a reference to an object."""
    return {"@type": kind, "@id": identifier, "name": name, **more}


class Objects:
    """Collects the objects that the processes written so far refer to."""

    def __init__(self, facts: ReleaseFacts, sources: Mapping[str, Source]) -> None:
        self._stamp = f"{facts.as_of.isoformat()}T00:00:00Z"
        self._sources_known = sources
        self._units: dict[str, dict[str, tuple[str, float]]] = defaultdict(dict)
        self._references: dict[str, tuple[str, str]] = {}
        self._gases: dict[str, tuple[str, str]] = {}
        self._sets: set[str] = set()
        self._others: dict[str, dict[str, Any]] = {}
        self.unit(MASS)

    def unit(self, declared: DeclaredUnit) -> tuple[dict[str, Any], dict[str, Any], str]:
        """Return references to the unit and its flow property, and the name of the group's reference unit."""
        dimension, reference = declared.dimension, _reference(declared)
        key = f"{dimension}:{reference}" if dimension in _ITEMS else dimension
        title = _dimension(dimension) + (f" ({reference})" if dimension in _ITEMS else "")
        self._references[key] = (title, reference)
        units = self._units[key]
        units.setdefault(reference, (stable_uuid("unit", key, reference), 1.0))
        units.setdefault(declared.text, (stable_uuid("unit", key, declared.text), declared.to_reference))
        unit = ref("Unit", units[declared.text][0], declared.text)
        return unit, ref("FlowProperty", stable_uuid("flow property", key), title), reference

    def product(self, sheet: Datasheet, declared: DeclaredUnit) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the product flow as an object, and the reference to it."""
        reference = sheet.exchanges[0]
        _, prop, unit = self.unit(declared)
        found = self._flow("PRODUCT_FLOW", reference.flow_id, reference.flow, sheet.category or "", prop)
        if sheet.region:
            found["location"] = self.location(sheet.region, sheet.region_text)
        return found, self._flow_ref(found, unit)

    def gas(self, one: Exchange) -> dict[str, Any]:
        """Return the reference to the elementary flow of an emission, and remember it."""
        self._gases[one.flow_id] = (one.gas, one.flow)
        _, prop, unit = self.unit(MASS)
        return self._flow_ref(self._flow("ELEMENTARY_FLOW", one.flow_id, one.flow, EMISSIONS, prop), unit)

    def gwp_set(self, name: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return references to the method and to the category of a GWP set, and remember it."""
        self._sets.add(name)
        return ref("ImpactMethod", stable_uuid("method"), METHOD), ref(
            "ImpactCategory", stable_uuid("category", name), _category(name)
        )

    def location(self, code: str, text: str | None) -> dict[str, Any]:
        """Return the reference to a location."""
        identifier = stable_uuid("location", code)
        self._keep("locations", "Location", identifier, text or code, code=code)
        return ref("Location", identifier, self._others[f"locations/{identifier}"]["name"])

    def actor(self, name: str) -> dict[str, Any]:
        """Return the reference to a person or institution."""
        identifier = stable_uuid("actor", name)
        self._keep("actors", "Actor", identifier, name)
        return ref("Actor", identifier, name)

    def source(self, source_id: str) -> dict[str, Any]:
        """Return the reference to a source."""
        identifier, known = stable_uuid("source", source_id), self._sources_known.get(source_id)
        title = known.title_en if known else source_id
        if known:
            more = {
                "description": known.title_zh,
                "textReference": "; ".join(
                    filter(None, (known.publisher, known.edition, known.document_no, known.licence))
                ),
                "year": known.published_on.year if known.published_on else None,
            }
        else:
            more = {}
        self._keep("sources", "Source", identifier, title, **{name: cell for name, cell in more.items() if cell})
        return ref("Source", identifier, title)

    def rating(self, scheme: str | None) -> dict[str, Any]:
        """Return the reference to the data-quality system of a rating scheme."""
        name = f"factordb {scheme or 'rating'}"
        identifier = stable_uuid("dq system", name)
        indicators = [
            {
                "name": column_words("en", score).title,
                "position": place,
                "scores": [
                    {"label": str(level), "position": level, "description": f"{level} ({BEST}: best, {WORST}: worst)"}
                    for level in range(BEST, WORST + 1)
                ],
            }
            for place, score in enumerate(SCORES, start=1)
        ]
        self._keep("dq_systems", "DQSystem", identifier, name, hasUncertainties=False, indicators=indicators)
        return ref("DQSystem", identifier, name)

    def all(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield (folder, object) of everything remembered, in a fixed order."""
        yield from self._unit_groups()
        _, prop, _ = self.unit(MASS)
        for identifier, (gas, name) in sorted(self._gases.items()):
            flow = self._flow("ELEMENTARY_FLOW", identifier, name, EMISSIONS, prop)
            known = flow_of(gas)
            more = {"cas": known.cas, "formula": known.formula} if gas != CO2E else {}
            yield "flows", flow | {key: cell for key, cell in more.items() if cell}
        yield from self._methods()
        for key, found in sorted(self._others.items()):
            yield key.partition("/")[0], found

    def _unit_groups(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for key, (title, reference) in sorted(self._references.items()):
            group = ref("UnitGroup", stable_uuid("unit group", key), f"Units of {title} (factordb)")
            prop = ref("FlowProperty", stable_uuid("flow property", key), title)
            units = [
                {
                    "@type": "Unit",
                    "@id": identifier,
                    "name": name,
                    "conversionFactor": share,
                    "isRefUnit": name == reference,
                }
                for name, (identifier, share) in sorted(self._units[key].items())
            ]
            yield "unit_groups", group | self._dated() | {"units": units, "defaultFlowProperty": prop}
            kind = "ECONOMIC_QUANTITY" if key.startswith("currency") else "PHYSICAL_QUANTITY"
            yield "flow_properties", prop | self._dated() | {"flowPropertyType": kind, "unitGroup": group}

    def _methods(self) -> Iterator[tuple[str, dict[str, Any]]]:
        categories = []
        unit, prop, reference = self.unit(MASS)
        for gas_set in sorted(self._sets):
            weights = gwp100(gas_set) | {CO2E: 1.0}
            factors = [
                {
                    "flow": self._flow_ref(self._flow("ELEMENTARY_FLOW", identifier, name, EMISSIONS, prop), reference),
                    "flowProperty": prop,
                    "unit": unit,
                    "value": weights[gas],
                }
                for identifier, (gas, name) in sorted(self._gases.items())
                if gas in weights and (gas_set or name in {CO2E_FLOW, REMAINDER_FLOW})
            ]
            category = ref("ImpactCategory", stable_uuid("category", gas_set), _category(gas_set))
            categories.append(category)
            yield (
                "lcia_categories",
                category
                | self._dated()
                | {
                    "description": f"kg CO2e per kg, 100 years; GWP set: {gas_set or 'as the sources published'}",
                    "refUnit": "kg CO2e",
                    "impactFactors": factors,
                },
            )
        if categories:
            method = ref("ImpactMethod", stable_uuid("method"), METHOD)
            yield (
                "lcia_methods",
                method
                | self._dated()
                | {
                    "description": "One category for each GWP set that the factors name",
                    "impactCategories": categories,
                },
            )

    def _flow(self, kind: str, identifier: str, name: str, category: str, prop: dict[str, Any]) -> dict[str, Any]:
        held = {"@type": "FlowPropertyFactor", "conversionFactor": 1.0, "flowProperty": prop, "isRefFlowProperty": True}
        return (
            ref("Flow", identifier, name, category=category, flowType=kind) | self._dated() | {"flowProperties": [held]}
        )

    def _flow_ref(self, flow: dict[str, Any], unit: str) -> dict[str, Any]:
        return ref(
            "Flow", flow["@id"], flow["name"], category=flow["category"], flowType=flow["flowType"], refUnit=unit
        )

    def _keep(self, folder: str, kind: str, identifier: str, name: str, **more: Any) -> None:
        self._others.setdefault(f"{folder}/{identifier}", ref(kind, identifier, name) | self._dated() | more)

    def _dated(self) -> dict[str, Any]:
        return {"lastChange": self._stamp, "version": VERSION}


def _reference(declared: DeclaredUnit) -> str:
    """Return the group's reference unit: "kg", not "kg VS", where the unit says of what the mass is."""
    if declared.dimension in _ITEMS:
        return declared.reference
    return _canonical().get(declared.dimension) or declared.reference


@cache
def _canonical() -> dict[str, str]:
    return {one["dimension"]: one["canonical"] for one in table("units/dimensions").to_pylist()}


@cache
def _dimension(name: str) -> str:
    return next((str(one["en"]) for one in table("units/dimensions").to_pylist() if one["dimension"] == name), name)


def _category(gas_set: str) -> str:
    return f"GWP100, {gas_set}" if gas_set else AS_PUBLISHED
