"""Rows of a release as search and choice need them: in one order, with flags, declared unit and concept of the flow."""

from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from factordb.model.vocabulary import Kind, Tier
from factordb.rating.evidence import Known, codes_of
from factordb.rating.order import order_of_preference, tier_rank, with_signatures
from factordb.reference import toml
from factordb.selection.coding import assigned
from factordb.selection.flags import flags_of
from factordb.selection.words import plain, segments, synonyms
from factordb.units import parse_many

ADDED: Final = ("n", "rank", "width", "flags", "declared_unit", "declared_dimension", "declared_basis", "concept",
                "codes", "codes_from")  # fmt: skip
"""Columns that are added to those of the release, `n` first."""
_NAMES: Final = ("name_zh", "name_en", "version_id")


def in_order(rows: pa.Table, as_of: date) -> pa.Table:
    """Return the rows, CO2e factors first, from the most to the least preferred by clause (五), numbered by `n`.

    What is `ADDED` stands beside the columns of the release.

    Args:
        rows: the tables of a release, one under the other.
        as_of: the day the release speaks for.
    """
    rank = ranks(rows)
    width = relative_width(rows)
    columns = [rows[name].cast(pa.float64()).to_numpy() for name in ("dqr", "reference_year")]
    kinds = pc.index_in(rows["kind"].combine_chunks(), value_set=pa.array([one.value for one in Kind])).to_numpy()
    signed = rows["signed_share"].cast(pa.float64()).to_numpy()
    first = with_signatures(rank, signed)
    order = order_of_preference(first, columns[0], np.round(width, 6), columns[1], _last_words(rows), kinds)
    known = rows.append_column("rank", pa.array(rank, pa.int8())).append_column(
        "width", pa.array(width, from_pandas=True)
    )
    known = known.append_column("flags", flags_of(rows, as_of)).append_column("concept", concepts(rows["flow"]))
    for name, column in zip(("declared_unit", "declared_dimension", "declared_basis"), _declared(rows), strict=True):
        known = known.append_column(name, column)
    for name, column in zip(("codes", "codes_from"), assigned(known), strict=True):
        known = known.append_column(name, column)
    ordered = known.take(pa.array(order)).add_column(0, "n", pa.array(np.arange(rows.num_rows), pa.int64()))
    return ordered.combine_chunks().replace_schema_metadata(rows.schema.metadata)


def ranks(rows: pa.Table) -> np.ndarray:
    """Return the rank of each row's source by clause (五), 1 first; measured by level of traceability, shape (n,)."""
    verified = np.where(pc.fill_null(rows["verified"], fill_value=False).to_numpy(), Known.YES, Known.NO)
    return tier_rank(codes_of(Tier, rows["tier"]), verified, rows["trace_level"])


def relative_width(rows: pa.Table) -> np.ndarray:
    """Return the width of the shortest 95 % interval over |mean|, NaN without one, shape (n,)."""
    high, low, mean = (rows[name].to_numpy() for name in ("shortest_high95", "shortest_low95", "mean"))
    with np.errstate(invalid="ignore", divide="ignore"):
        width = (high - low) / np.abs(mean)
    return np.where(np.isfinite(width), width, np.nan)


def concepts(flows: pa.ChunkedArray) -> pa.Array:
    """Return the concept that each flow names as a whole, or the flow in one spelling without one, shape (n,)."""
    return each_distinct(flows, lambda flow: synonyms().whole(flow) or " ".join(segments(flow)))


def each_distinct(texts: pa.ChunkedArray, make: Callable[[str], str]) -> pa.Array:
    """Return make(text) of each text, worked out once for each distinct one; null stays null, shape (n,)."""
    whole = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    coded = whole.dictionary_encode()
    made = pa.array([make(one) for one in coded.dictionary.to_pylist()], pa.string())
    return made.take(coded.indices)


def _declared(rows: pa.Table) -> list[pa.Array]:
    """Return declared unit (canonical), its dimension and its basis, from the unit in one spelling."""
    read = parse_many(rows["unit"]).select(["unit_text", "denominator_unit", "denominator_dimension", "basis"])
    place = pc.index_in(rows["unit"].combine_chunks(), value_set=read["unit_text"].combine_chunks())
    return [read[name].combine_chunks().take(place) for name in read.column_names[1:]]


def _last_words(rows: pa.Table) -> np.ndarray:
    """Return what decides between rows equal in everything else: averages first, then the name, then the id."""
    special = each_distinct(rows["technology"], lambda technology: "0" if is_average(technology) else "1")
    parts = [pc.fill_null(special, "1"), *(pc.fill_null(rows[one].combine_chunks(), "") for one in _NAMES)]
    return _strings(pc.binary_join_element_wise(*parts, "\x1f"))


def is_average(technology: str | None) -> bool:
    """Return whether a technology is the average of its market rather than one way of making the product."""
    words = plain(technology or "")
    whole = not any(one in words for one in settings()["left_out"])
    return whole and any(one in words for one in settings()["averages"])


@cache
def settings() -> dict[str, Any]:
    """Return `search/choice`."""
    return toml("search/choice")


def _strings(column: pa.ChunkedArray) -> np.ndarray:
    return column.to_numpy(zero_copy_only=False).astype(str) if len(column) else np.array([], str)
