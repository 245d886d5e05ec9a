"""Reads SimaPro CSV: every process with its exchanges; other blocks are counted."""

import csv
import math
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pyarrow as pa

from factordb.formats.interchange import ReadBack
from factordb.formats.inventories.datasheet import (
    EMISSION,
    PRODUCT,
    REFERENCE,
    RESOURCE,
    TECHNOSPHERE,
    Datasheet,
    Exchange,
    Spread,
)
from factordb.formats.inventories.gathering import Gathering
from factordb.formats.inventories.ghg import gas_of
from factordb.formats.inventories.numbers import number
from factordb.formats.inventories.packages import documents
from factordb.formats.inventories.stated_spread import unfit
from factordb.formats.simapro.blocks import ELEMENTARY, PARAMETERS, PROCESS, PRODUCTS, TECHNICAL, TEXTS, Block, blocks
from factordb.formats.simapro.header import Header, decoded, header_of

AVOIDED: Final = "avoided products"
RESOURCES: Final = frozenset({"resources", "raw materials"})
AIR: Final = "emissions to air"
HEAD_LINES: Final = 60
COMMENT: Final = 6
"""Place of the comment in a row of products."""

SHORT: Final = 3
"""Cells of an elementary row before its distribution, where it has none for the sub-compartment."""

DISTRIBUTIONS: Final = frozenset({"undefined", "lognormal", "normal", "triangle", "uniform"})
_YEAR: Final = re.compile(r"\b(1[89]\d\d|20\d\d)\b")
_SECTIONS_READ: Final = frozenset(
    {"process identifier", "process name", "category type", "geography", "time period", "technology", "date"}
)


def read_simapro(path: Path) -> ReadBack:
    """Return what the file, folder or archive at `path` holds."""
    found, others = Gathering("simapro", lambda sheet: sheet), Counter[tuple[str, str]]()
    for place, data in documents(path, (".csv", ".txt"), found):
        text, encoding = decoded(data)
        lines = text.splitlines(keepends=True)
        header = header_of(lines[:HEAD_LINES])
        if "\ufffd" in text:
            found.fault("FMT053", place, encoding)
        try:
            for block in blocks(lines, header.separator):
                _take(block, place, header, found, others)
        except csv.Error as fault:
            found.refuse_by("FMT050", place, str(fault)[:200])
    rows = [{"place": place, "block": word, "rows": count} for (place, word), count in sorted(others.items())]
    schema = pa.schema([("place", pa.string()), ("block", pa.string()), ("rows", pa.int64())])
    found.keep("blocks", pa.Table.from_pylist(rows, schema=schema))
    return found.done()


def _take(block: Block, place: str, header: Header, found: Gathering, others: Counter[tuple[str, str]]) -> None:
    if block.word != PROCESS:
        others[place, block.word] += sum(map(len, block.sections.values()))
        return
    mark = f"{place}:{block.line}"
    found.add(_sheet(block, mark, header, found), mark)


def _sheet(block: Block, place: str, header: Header, found: Gathering) -> Datasheet:
    lines = tuple(_exchanges(block, place, header, found))
    product = next((one for one in lines if one.role == REFERENCE), None)
    name = block.text("process name") or (product.flow if product else "") or place
    path = [block.text("category type"), *_category(block)]
    year = _YEAR.search(block.text("time period"))
    kept: dict[str, object] = {word: block.text(word) for word in sorted(TEXTS - _SECTIONS_READ) if block.text(word)}
    kept |= {word: block.sections[word] for word in sorted(PARAMETERS) if block.sections.get(word)}
    if block.sections.get(""):
        kept["rows outside any section"] = block.sections[""]
    return Datasheet(
        key=block.text("process identifier") or "\x1f".join((name, product.unit if product else "")),
        uuid=block.text("process identifier"),
        name=name,
        exchanges=lines,
        region_text=block.text("geography") or None,
        reference_year=int(year[1]) if year else None,
        published_on=header.day(block.text("date")),
        product=product.flow if product else None,
        category="/".join(filter(None, path)) or None,
        technology=block.text("technology") or None,
        source_title=block.text("literature references").partition("\n")[0] or None,
        comment=block.text("comment"),
        leftovers=kept,
    )


def _category(block: Block) -> list[str]:
    """Return the path of the first product's category; it stands fifth or sixth, by the kind of product."""
    for section, at in (("products", 5), ("waste treatment", 4)):
        for row in block.sections.get(section, []):
            return row[at].split("\\") if len(row) > at else []
    return []


def _exchanges(block: Block, place: str, header: Header, found: Gathering) -> Iterator[Exchange]:
    role = REFERENCE
    for section in ("products", "waste treatment", "waste scenario"):
        for row in block.sections.get(section, []):
            unit, text, _ = _amount(row, 1, header)
            comment = row[COMMENT] if len(row) > COMMENT else ""
            yield Exchange(role, row[0], unit, number(text), text, comment=comment)
            role = PRODUCT
    for section, rows in block.sections.items():
        if section in TECHNICAL or section in ELEMENTARY:
            for row in rows:
                yield _exchange(section, row, header)
        elif section not in TEXTS | PRODUCTS | PARAMETERS and section:
            found.fault("FMT053", place, section)


def _exchange(section: str, row: list[str], header: Header) -> Exchange:
    elementary = section in ELEMENTARY
    # some exports leave the sub-compartment out: then a number or unit and a distribution follow at once
    shift = 2 if elementary and not _is_short(row, header) else 1
    unit, text, rest = _amount(row, shift, header)
    spread, told = _spread(rest, number(text), header)
    role = (RESOURCE if section in RESOURCES else EMISSION) if elementary else TECHNOSPHERE
    compartment = "/".join(filter(None, (section, row[1] if shift > 1 and len(row) > 1 else "")))
    return Exchange(
        role=role,
        flow=row[0],
        unit=unit,
        amount=number(text),
        amount_text=text,
        gas=gas_of(row[0]) if section == AIR else "",
        compartment=compartment if elementary or section == AVOIDED else "",
        comment=rest[4] if len(rest) > 4 else "",  # noqa: PLR2004 - after distribution and its three numbers
        spread=spread,
        spread_text=told,
        spread_fault=_spread_fault(rest, header),
    )


def _is_short(row: list[str], header: Header) -> bool:
    """Return whether an elementary row has no cell for the sub-compartment: its distribution then stands fourth."""
    at = next((place for place, cell in enumerate(row) if cell.casefold() in DISTRIBUTIONS and place > 1), None)
    if at is None:
        return len(row) == SHORT and number(header.number(row[2])) is not None
    return at == SHORT


def _amount(row: list[str], at: int, header: Header) -> tuple[str, str, list[str]]:
    """Return unit, amount with a decimal point, and what follows; SimaPro 7 writes the amount before the unit."""
    cells = [*row[at : at + 2], "", ""][:2]
    first, second = (header.number(cell) for cell in cells)
    if number(first) is not None and number(second) is None:
        return cells[1], first, row[at + 2 :]
    return cells[0], second, row[at + 2 :]


def _spread(rest: list[str], mean: float | None, header: Header) -> tuple[Spread | None, str]:
    """Return the distribution and its text: GSD² of a log-normal, 2 SD of a normal, bounds of the others."""
    if not rest or rest[0].casefold() not in DISTRIBUTIONS - {"undefined"}:
        return None, ""
    family = rest[0].casefold()
    width, low, high = (number(header.number(cell)) for cell in [*rest[1:4], "", "", ""][:3])
    told = f"{rest[0]} " + "; ".join(rest[1:4])
    if family == "lognormal" and mean is not None and mean > 0 and width is not None and width > 0:
        return Spread("lognormal", mean, math.log(width) / 2), told
    if family == "normal" and mean is not None and width is not None:
        return Spread("normal", mean, width / 2), told
    if family == "triangle" and low is not None and high is not None:
        return Spread("triangular", mean, None, low, high), told
    if family == "uniform" and low is not None and high is not None:
        return Spread("uniform", None, None, low, high), told
    return None, told


def _spread_fault(rest: list[str], header: Header) -> str:
    """Return what the numbers of a distribution had to be and are not."""
    if not rest or rest[0].casefold() not in DISTRIBUTIONS - {"undefined"}:
        return ""
    family = rest[0].casefold()
    spread, low, high = (header.number(cell) for cell in [*rest[1:4], "", "", ""][:3])
    named = "GSD²" if family == "lognormal" else "2 SD"
    # SimaPro writes zeros where a family has no such number
    bounds = {"min": low, "max": high} if family in {"triangle", "uniform"} else {}
    return unfit({named: (spread, 1.0 if family == "lognormal" else 0.0)}, bounds)
