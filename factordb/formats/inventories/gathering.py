"""Everything a reader found, counted: rows, refused data sets, faults, exchanges, leftovers."""

from dataclasses import replace
from typing import Any, Final

import pyarrow as pa

from factordb.formats.interchange import GAS_SCHEMA, FormatFault, ReadBack
from factordb.formats.inventories.datasheet import EXCHANGE_SCHEMA, Datasheet, Exchange
from factordb.formats.inventories.plain_row import NoFactor
from factordb.formats.inventories.recovering import Shape, recover
from factordb.formats.inventories.stated_spread import unusable
from factordb.formats.rows import release_schema

BLOCK, GAP, REVIEW, ADVISE = "block", "gap", "review", "advise"
SEVERITIES: Final = {
    "FMT039": REVIEW,
    "FMT040": REVIEW,
    "FMT050": BLOCK,
    "FMT051": BLOCK,
    "FMT052": GAP,
    "FMT053": REVIEW,
    "FMT054": REVIEW,
    "FMT055": BLOCK,
    "FMT056": ADVISE,
    "FMT057": REVIEW,
    "FMT058": REVIEW,
    "FMT059": BLOCK,
    "FMT060": REVIEW,
    "FMT061": ADVISE,
}
"""Rule -> severity; words by code in `reference/words/exchange_{zh,en}.toml`."""

BATCH: Final = 20_000
"""Exchanges held as Python objects before they become Arrow."""


class Gathering:
    """Takes data sheets and faults, gives a `ReadBack` in which data sets = rows + refused."""

    def __init__(self, source: str, shape: Shape) -> None:
        self._source, self._shape = source, shape
        self._rows: list[dict[str, Any]] = []
        self._gases: list[dict[str, Any]] = []
        self._faults: list[FormatFault] = []
        self._leftovers: dict[str, Any] = {}
        self._exchanges: list[dict[str, Any]] = []
        self._batches: list[pa.RecordBatch] = []
        self._seen: set[str] = set()
        self._extra: dict[str, pa.Table] = {}
        self._refused = 0

    def fault(self, code: str, place: str, found: str = "", expected: str = "") -> None:
        """Note a fault of a data set that is kept, or of the file."""
        self._faults.append(FormatFault(code, SEVERITIES[code], place, found, expected))

    def note(self, fault: FormatFault) -> None:
        """Note a fault that another room found."""
        self._faults.append(fault)

    def refuse(self, fault: FormatFault) -> None:
        """Count a data set that gives no row."""
        self._refused += 1
        self._faults.append(fault)

    def refuse_by(self, code: str, place: str, found: str = "", expected: str = "") -> None:
        """Count a data set that gives no row, by one of our rules."""
        self.refuse(FormatFault(code, BLOCK, place, found, expected))

    def add(self, sheet: Datasheet, place: str) -> None:
        """Take a data set: its exchanges always, its row where it is a factor."""
        for one in sheet.exchanges:
            self._check(one, place)
        sheet = _without_impossible(sheet)
        self._exchanges.extend(_line(sheet, one, place) for one in sheet.exchanges)
        if len(self._exchanges) > BATCH:
            self._flush()
        if sheet.valid_from and sheet.valid_until and sheet.valid_until < sheet.valid_from:
            self.fault("FMT058", place, f"{sheet.valid_from} … {sheet.valid_until}", "from ≤ until")
        found = recover(sheet, self._shape, self._source, place)
        if isinstance(found, NoFactor):
            self.refuse_by(found.code, place, found.found)
            return
        for code, fact in found.doubts:
            self.fault(code, place, fact)
        self.add_row(found.row, found.gases, place)
        if sheet.leftovers:
            self._leftovers[found.row["factor_id"]] = dict(sheet.leftovers)

    def add_row(self, row: dict[str, Any], gases: Any, place: str) -> None:
        """Take a finished row; one whose factor_id stood before is refused."""
        if row["factor_id"] in self._seen:
            self.refuse_by("FMT055", place, row["factor_id"])
            return
        self._seen.add(row["factor_id"])
        self._rows.append(row)
        self._gases.extend({"factor_id": row["factor_id"], **one} for one in gases)

    def keep(self, name: str, table: pa.Table) -> None:
        """Keep a table the format holds besides factors."""
        self._extra[name] = table

    def done(self) -> ReadBack:
        """Return everything."""
        self._flush()
        exchanges = pa.Table.from_batches(self._batches, schema=EXCHANGE_SCHEMA)
        return ReadBack(
            rows=pa.Table.from_pylist(self._rows, schema=release_schema()),
            gases=pa.Table.from_pylist(self._gases, schema=GAS_SCHEMA),
            faults=tuple(self._faults),
            datasets=len(self._rows) + self._refused,
            refused=self._refused,
            leftovers=self._leftovers,
            extra={"exchanges": exchanges, **self._extra},
        )

    def _check(self, one: Exchange, place: str) -> None:
        stated = f"{one.flow}: {one.spread_text or one.spread}"
        if one.spread_fault:
            self.fault("FMT060", place, stated, one.spread_fault)
        elif needed := unusable(one):
            self.fault("FMT061", place, stated, needed)

    def _flush(self) -> None:
        if self._exchanges:
            self._batches.append(pa.RecordBatch.from_pylist(self._exchanges, schema=EXCHANGE_SCHEMA))
            self._exchanges = []


def _without_impossible(sheet: Datasheet) -> Datasheet:
    """Return the sheet with distributions that cannot be as text alone, so that nobody computes with them."""
    if not any(one.spread_fault and one.spread for one in sheet.exchanges):
        return sheet
    return replace(
        sheet, exchanges=tuple(replace(one, spread=None) if one.spread_fault else one for one in sheet.exchanges)
    )


def _line(sheet: Datasheet, one: Exchange, place: str) -> dict[str, Any]:
    spread = one.spread
    return {
        "dataset": sheet.key,
        "dataset_name": sheet.name,
        "role": one.role,
        "flow": one.flow,
        "unit": one.unit,
        "amount": one.amount,
        "amount_text": one.amount_text,
        "gas": one.gas,
        "number": one.number,
        "flow_id": one.flow_id,
        "compartment": one.compartment,
        "location": one.location,
        "provider": one.provider,
        "cas": one.cas,
        "comment": one.comment,
        "family": spread.family if spread else None,
        "centre": spread.centre if spread else None,
        "width": spread.width if spread else None,
        "low": spread.low if spread else None,
        "high": spread.high if spread else None,
        "spread_text": one.spread_text,
        "place": place,
    }
