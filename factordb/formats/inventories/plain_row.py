"""A data sheet as a release row, by what the data set itself says: the path of every foreign file."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

from factordb.formats.inventories.composing import SCORES
from factordb.formats.inventories.datasheet import PRODUCT, TECHNOSPHERE, Datasheet, Exchange
from factordb.formats.inventories.ghg import CO2E, gwp100
from factordb.formats.inventories.spread import columns_of
from factordb.model.release import RELEASE_COLUMNS
from factordb.model.vocabulary import Boundary, Direction, Kind, StatementKind
from factordb.units import Unit, parse
from factordb.values.refusal import Refused

_ORIGIN: Final = re.compile(r"-(fossil|biogenic|land_use)$")
EMPTY_ROW: Final[Mapping[str, Any]] = MappingProxyType({column.name: None for column in RELEASE_COLUMNS})


@dataclass(frozen=True)
class NoFactor:
    """Why a data set is no factor: rule and fact."""

    code: str
    found: str


@dataclass(frozen=True)
class PlainRow:
    """A release row from a data set.

    Attributes:
        row: cells; null where the data set does not say.
        gases: rows of gases, without factor_id.
        doubts: (rule, fact) of what a person should look at.
    """

    row: dict[str, Any]
    gases: tuple[dict[str, Any], ...] = ()
    doubts: tuple[tuple[str, str], ...] = field(default=())


def plain_row(sheet: Datasheet, source: str, place: str) -> PlainRow | NoFactor:
    """Return the row that `sheet` states, or why it states none.

    Args:
        sheet: the data set as read.
        source: name of the format, part of the identity of a foreign data set.
        place: file and data set.
    """
    why = _no_factor(sheet)
    if why is not None:
        return why
    reference = sheet.reference
    assert reference is not None  # noqa: S101 - `_no_factor` has seen it
    per = float(reference.amount or 1)
    gases = [one for one in sheet.emissions if one.amount is not None]
    doubts = [("FMT054", f"{one.flow}: {one.amount_text!r}") for one in sheet.exchanges if one.amount is None]
    row = {
        **EMPTY_ROW,
        "factor_id": hashlib.sha256(f"{source}\x1f{sheet.key}".encode()).hexdigest()[:32],
        "name_en": sheet.name,
        "name_zh": sheet.local_name,
        "flow": sheet.product,
        "category": sheet.category,
        "technology": sheet.technology,
        "boundary": sheet.boundary or Boundary.UNSPECIFIED.value,
        "region": sheet.region,
        "region_text": sheet.region_text,
        "reference_year": sheet.reference_year,
        "valid_from": sheet.valid_from,
        "valid_until": sheet.valid_until,
        "published_on": sheet.published_on,
        "source_id": sheet.source_title,
        "publisher": sheet.publisher,
        "verified": False,
        "read_from": source,
        "source_place": place,
        "place": place,
        "gwp_set": sheet.gwp_set or None,
        "statement": StatementKind.NONE.value,
    }
    row |= dict(zip(SCORES, sheet.scores, strict=False))
    amounts, stated = _value(sheet, gases, per)
    row |= stated
    unit_doubt = _unit_cells(row, reference.unit)
    doubts += [unit_doubt] if unit_doubt else []
    if row["value"] is not None and row["value"] < 0:
        doubts.append(("FMT039", repr(row["value"])))
    if row["value"] is None:
        doubts.append(("FMT052", ", ".join(sorted({one.gas for one in gases}))))
    row["version_id"] = _content_hash(row, amounts)
    return PlainRow(row, tuple(amounts), tuple(doubts))


def _no_factor(sheet: Datasheet) -> NoFactor | None:
    reference = sheet.reference
    if reference is None:
        return NoFactor("FMT050", "no reference product")
    if not reference.amount:
        return NoFactor("FMT050", f"reference amount {reference.amount_text or reference.amount!r}")
    return _no_emission(sheet) or (
        NoFactor("FMT050", f"{sheet.emissions[0].flow} {sheet.emissions[0].amount_text!r}")
        if all(one.amount is None for one in sheet.emissions)
        else None
    )


def _no_emission(sheet: Datasheet) -> NoFactor | None:
    """Return why the emissions of `sheet` are not what its product causes: it has inputs, further products, or none."""
    inputs = sum(one.role == TECHNOSPHERE for one in sheet.exchanges)
    products = sum(one.role == PRODUCT for one in sheet.exchanges)
    if not sheet.emissions:
        return NoFactor("FMT051" if inputs else "FMT059", f"{inputs} inputs, {len(sheet.exchanges)} exchanges")
    if products:
        return NoFactor("FMT051", f"{products + 1} products")
    stated = any(one.gas == CO2E for one in sheet.emissions)
    return NoFactor("FMT051", f"{inputs} inputs") if inputs and not stated else None


@lru_cache(maxsize=4096)
def kg_in(unit: str) -> float | None:
    """Return kg per `unit`; None where it is no unit of mass."""
    found = parse(unit)
    if not isinstance(found, Unit) or found.numerator_dimension != "mass" or found.denominator_unit:
        return None
    return found.to_canonical


def _value(sheet: Datasheet, gases: Sequence[Exchange], per: float) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return gas rows, and the cells of kind, gas, value and distribution."""
    scaled = [(one, (kg_in(one.unit) or 1.0) / per) for one in gases]
    totals = [(one, scale) for one, scale in scaled if one.gas == CO2E]
    masses = [(one, scale) for one, scale in scaled if one.gas != CO2E]
    amounts = _summed(masses)
    if len(scaled) == 1:
        one, scale = scaled[0]
        kind = Kind.FACTOR if one.gas == CO2E else Kind.GAS_FACTOR
        return [], _cells(kind, one.gas, float(one.amount or 0) * scale, one, scale)
    if len(totals) == len(scaled):
        return [], _cells(Kind.FACTOR, CO2E, sum(float(one.amount or 0) * scale for one, scale in totals))
    weights = gwp100(sheet.gwp_set or None)
    value = None
    if all(one["gas"] in weights for one in amounts) and (totals or sheet.gwp_set):
        value = sum(one["amount_kg"] * weights[one["gas"]] for one in amounts)
        value += sum(float(one.amount or 0) * scale for one, scale in totals)
    return amounts, _cells(Kind.FACTOR, CO2E, value)


def _summed(masses: Sequence[tuple[Exchange, float]]) -> list[dict[str, Any]]:
    """Return one row a gas: data sets name a gas once for each compartment and origin."""
    found: dict[str, float] = {}
    for one, scale in masses:
        found[one.gas] = found.get(one.gas, 0.0) + float(one.amount or 0) * scale
    return [{"gas": gas, "amount_kg": kg, "is_co2e": False} for gas, kg in sorted(found.items())]


def _cells(
    kind: Kind, gas: str, value: float | None, one: Exchange | None = None, scale: float = 1.0
) -> dict[str, Any]:
    found: dict[str, Any] = {
        "kind": kind.value,
        "gas": gas,
        "value": value,
        "value_text": None if value is None else repr(value),
        "direction": (Direction.REMOVAL if value is not None and value < 0 else Direction.EMISSION).value,
    }
    if one is not None and one.spread is not None:
        spread = columns_of(one.spread)
        found |= {
            name: cell * scale if isinstance(cell, float) and name != "cv" else cell for name, cell in spread.items()
        }
        found["statement_text"] = one.spread_text or None
    if one is not None and scale == 1.0 and one.amount_text:
        found["value_text"] = one.amount_text
    return found


@lru_cache(maxsize=4096)
def _parsed(text: str) -> Unit | Refused:
    return parse(text)


def _unit_cells(row: dict[str, Any], declared: str) -> tuple[str, str] | None:
    gas = _ORIGIN.sub("", row["gas"])  # units know no origin of a gas
    text = f"kg{gas}/{declared}"
    row["unit_text"] = text
    found = _parsed(text)
    if not isinstance(found, Unit):
        return "FMT053", f"{text} ({found.code})"
    row |= {
        "unit": found.unit,
        "unit_basis": found.basis or None,
        "canonical_unit": found.canonical_unit,
        "canonical_value": None if row["value"] is None else row["value"] * found.to_canonical,
        "conversion": found.trail,
    }
    return None


def _content_hash(row: Mapping[str, Any], gases: Sequence[Mapping[str, Any]]) -> str:
    cells = {name: str(cell) for name, cell in row.items() if cell is not None}
    return hashlib.sha256(json.dumps([cells, list(gases)], sort_keys=True, ensure_ascii=False).encode()).hexdigest()
