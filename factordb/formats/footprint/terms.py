"""The words of footprints for ours: declared units, GWP sets, places, boundaries, scores, decimals."""

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Final

from factordb.formats.inventories.composing import DeclaredUnit
from factordb.formats.tidas.words import location_of, region_of, word_table
from factordb.model.vocabulary import Boundary
from factordb.reference import tables

NO_REPORT: Final = "AR0"
"""What stands where a schema requires an assessment report and nobody named one: there is no report of that number."""

WORLD: Final = "GLO"
COUNTRY, SUBDIVISION, REGION = "geographyCountry", "geographyCountrySubdivision", "geographyRegionOrSubregion"
_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_SUBDIVISION: Final = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}")


@dataclass(frozen=True)
class FootprintUnit:
    """A declared unit of the formats.

    Attributes:
        name: as the schemas list it.
        ours: the same unit in our grammar.
        dimension: ours.
        mark: sign in the text of a declared unit that chooses this one; empty where it is the dimension's own.
        to_canonical: our canonical units in one.
        mass: kg of product in one; None where not known.
        formats: those that list it.
    """

    name: str
    ours: str
    dimension: str
    mark: str
    to_canonical: Decimal
    mass: str | None
    formats: frozenset[str]


@cache
def units() -> tuple[FootprintUnit, ...]:
    """Return every declared unit, in the order in which they are tried."""
    return tuple(
        FootprintUnit(
            name=one["name"],
            ours=one["ours"],
            dimension=one["dimension"],
            mark=one["mark"] or "",
            to_canonical=Decimal(one["to_canonical"]),
            mass=one["mass"],
            formats=frozenset(one["in"].split()),
        )
        for one in tables.table("mapping/footprint_units").to_pylist()
    )


def unit_for(declared: DeclaredUnit, form: str) -> FootprintUnit | None:
    """Return the unit of the format `form` that a declared unit is a multiple of; None where there is none.

    A substance in the unit ("kg Al") is a statement of its own that the formats have no place for.
    """
    fitting = (one for one in units() if one.dimension == declared.dimension and form in one.formats)
    found = next((one for one in fitting if one.mark in declared.text), None)
    return found if found is not None and declared.reference in _canonical(found.dimension) else None


@cache
def _canonical(dimension: str) -> frozenset[str]:
    listed = {one["dimension"]: one["canonical"] for one in tables.table("units/dimensions").to_pylist()}
    return frozenset({listed.get(dimension) or "piece"})


def unit_named(name: str) -> FootprintUnit | None:
    """Return the declared unit of that name, in the spelling of any version."""
    return next((one for one in units() if one.name == name.strip().lower()), None)


@cache
def _pairs(which: str) -> tuple[dict[str, str], dict[str, str]]:
    lines = [one for one in tables.table("mapping/footprint_words").to_pylist() if one["list"] == which]
    back: dict[str, str] = {}
    for one in lines:
        if one["back"]:
            back.setdefault(one["theirs"], one["ours"])
    return {one["ours"]: one["theirs"] for one in lines}, back


def report_of(gwp_set: str) -> str | None:
    """Return the assessment report of a GWP set; None where the set is not known or not named."""
    return _pairs("gwp")[0].get(gwp_set)


def set_of(report: str) -> str:
    """Return the GWP set that is meant by an assessment report; empty where none is."""
    return _pairs("gwp")[1].get(report, "")


def scope_of(boundary: str) -> str | None:
    """Return how Catena-X names the boundary; None where it is none of a footprint."""
    return _pairs("boundary")[0].get(boundary)


def boundary_of(scope: str) -> str:
    """Return the boundary of Catena-X's word; empty where it is none of ours."""
    return _pairs("boundary")[1].get(scope, "")


def boundary_text(boundary: str) -> str:
    """Return the boundary for people, both languages."""
    zh, en = word_table("boundary").get(boundary, ("", ""))
    return f"{en}; {zh}" if en else "boundary not stated; 未说明边界"


@cache
def boundary_told(text: str) -> str:
    """Return the boundary that a text begins with ("Cradle-to-gate, …"); empty where it says none of ours."""
    plain = " ".join(re.split(r"[\s_-]+", text)).strip().casefold()
    spoken = ((word, en.casefold()) for word, (_, en) in word_table("boundary").items())
    return next((word for word, en in spoken if word != Boundary.UNSPECIFIED.value and plain.startswith(en)), "")


def place_of(region: str | None) -> tuple[str, str] | None:
    """Return (field, value) of a region; None for the world, and for what has no place in the lists."""
    if region is None or region == WORLD:
        return None
    named = _pairs("region")[0].get(region)
    if named:
        return REGION, named
    location = location_of(region)
    if _COUNTRY.fullmatch(location):
        return COUNTRY, location
    return (SUBDIVISION, location) if _SUBDIVISION.fullmatch(location) else None


def region_in(field: str, value: str) -> str | None:
    """Return our region of a place in the lists; None where it is none of ours."""
    if field == REGION:
        return _pairs("region")[1].get(value)
    return region_of(value)


@cache
def continent_of(region: str | None) -> str | None:
    """Return the name of the region of the world that a region lies in; None for the world and what is unknown."""
    parents = {one["code"]: one["parent"] for one in tables.table("regions/regions").to_pylist()}
    here, names = region, _pairs("region")[0]
    while here:
        if here in names:
            return names[here]
        here = parents.get(here)
    return None


def narrow(score: int) -> float:
    """Return a score of 1 … 5 on the scale 1 … 3 of PACT v2: ends on ends, linear between (ours)."""
    return 1 + (score - 1) / 2


def wide(score: float) -> float:
    """Return a score of PACT v2, 1 … 3, on the scale 1 … 5."""
    return 1 + (score - 1) * 2


def decimal_text(number: float) -> str:
    """Return a number as the formats want decimals: all its digits, no exponent."""
    return format(Decimal(repr(number)), "f")
