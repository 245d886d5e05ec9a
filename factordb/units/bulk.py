"""A column of unit strings at once, and the words real files still need."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from factordb.units.grammar import parse
from factordb.units.unit import Unit
from factordb.values.refusal import Refused

SCHEMA = pa.schema(
    [
        ("unit_text", pa.string()),
        ("unit", pa.string()),
        ("quantity", pa.string()),
        ("gas", pa.string()),
        ("numerator_unit", pa.string()),
        ("numerator_dimension", pa.string()),
        ("denominator_unit", pa.string()),
        ("denominator_dimension", pa.string()),
        ("basis", pa.string()),
        ("to_canonical", pa.float64()),
        ("canonical_unit", pa.string()),
        ("trail", pa.string()),
        ("code", pa.string()),
        ("detail", pa.string()),
        ("constituent", pa.string()),
        ("gas_given", pa.string()),
    ]
)
"""Columns of `parse_many`. Only `unit_text`, `gas_given`, `code`, `detail` are set where refused."""

_READ = ("unit", "gas", "numerator_unit", "numerator_dimension", "denominator_unit", "denominator_dimension",
         "to_canonical", "canonical_unit", "trail", "constituent")  # fmt: skip


@dataclass(frozen=True, slots=True)
class UnknownWord:
    """A fragment that stopped the reading of unit strings, and how many rows it holds back."""

    found: str
    code: str
    count: int
    texts: tuple[str, ...]
    """The unit strings it stands in, most frequent first."""


def parse_many(
    texts: Sequence[str | None] | pa.Array | pa.ChunkedArray,
    *,
    gases: Sequence[str | None] | pa.Array | pa.ChunkedArray | None = None,
) -> pa.Table:
    """Return one row per distinct unit string, or per distinct (unit string, gas) where `gases` is given.

    Args:
        texts: unit strings as published; a null is a missing unit (UNI101).
        gases: for each text the gas named in another column, as in `parse`; same length. Comes back as `gas_given`.
    """
    columns = [_plain(texts), _plain(gases) if gases is not None else pa.nulls(len(texts), pa.string())]
    pairs = pa.table(columns, names=["text", "gas"]).group_by(["text", "gas"], use_threads=False).aggregate([])
    rows = [_row(text, gas) for text, gas in zip(*pairs.to_pydict().values(), strict=True)]
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def _plain(column: Sequence[str | None] | pa.Array | pa.ChunkedArray) -> Any:
    if isinstance(column, pa.Array | pa.ChunkedArray):
        return column.cast(pa.string())
    return pa.array(list(column), pa.string())


def _row(text: str | None, gas: str | None) -> dict[str, object]:
    read = parse(text or "", gas=gas)
    row: dict[str, object] = {"unit_text": text, "gas_given": gas}
    if isinstance(read, Refused):
        return row | {"code": read.code, "detail": read.found}
    facts = {name: getattr(read, name) for name in _READ}
    return row | facts | {"quantity": read.quantity.value, "basis": read.basis or None}


def unknown_words(texts_with_counts: Mapping[str, int] | Iterable[tuple[str, int]]) -> list[UnknownWord]:
    """Return what stopped the reading of unit strings, the fragment that holds back most rows first."""
    pairs = texts_with_counts.items() if isinstance(texts_with_counts, Mapping) else texts_with_counts
    rows: Counter[tuple[str, str]] = Counter()
    where: dict[tuple[str, str], Counter[str]] = {}
    for text, count in pairs:
        read = parse(text)
        if isinstance(read, Unit):
            continue
        key = (read.found, read.code)
        rows[key] += count
        where.setdefault(key, Counter())[text] += count
    ordered = sorted(rows.items(), key=lambda item: (-item[1], item[0]))
    return [
        UnknownWord(found, code, count, tuple(text for text, _ in where[found, code].most_common()))
        for (found, code), count in ordered
    ]
