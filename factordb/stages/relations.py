"""The reference relations that checks name: tables of `reference/` in the form a question in SQL needs.

Words are matched here, once for each distinct flow, so that the questions join on equal strings.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import pyarrow as pa

from factordb.reference import tables

FLOWS = (
    "SELECT DISTINCT lower(coalesce(flow, name_en, name_zh)) AS flow FROM comparable "
    "WHERE coalesce(flow, name_en, name_zh) IS NOT NULL"
)
"""The question whose answer `flow_families` matches: distinct flows of candidates and pool, in lower case."""

_QUALIFIER = re.compile(r"\s*[(\[,;:].*$")
_SPACE = re.compile(r"\s+")


def reference_relations(sources: pa.Table, as_of: date, flows: Iterable[str] = ()) -> dict[str, pa.Table]:
    """Return the reference relations that checks name.

    Args:
        sources: the source register, one row a source.
        as_of: the day the candidates are appraised on.
        flows: distinct flows as in `FLOWS`; each gets the family of its fuel or product, if it has one.
    """
    limits = tables.toml("thresholds/checks")
    plain = {name: entry["value"] for name, entry in limits.items() if "value" in entry}
    jumps = limits["jump_factors"]
    gwp = tables.table("gwp/gwp100").select(["gas_set", "gas", "gwp100"])
    return {
        "gwp": gwp.set_column(2, "gwp100", gwp["gwp100"].cast(pa.float64())),
        "source": sources,
        "region": tables.table("regions/regions").select(["code", "parent", "level"]),
        "threshold": pa.table({"name": list(plain), "value": pa.array(plain.values(), pa.float64())}),
        "jump": pa.table(
            {
                "name": jumps["names"],
                "ratio": pa.array(jumps["values"], pa.float64()),
                "tolerance": pa.array([plain[_tolerance(jumps, name)] for name in jumps["names"]], pa.float64()),
            }
        ),
        "tier_rank": tier_ranks(),
        "plausible_range": plausible_ranges(),
        "flow_family": flow_families(flows),
        "day": pa.table({"as_of": pa.array([as_of], pa.date32())}),
    }


def _tolerance(jumps: Mapping[str, Any], name: str) -> str:
    return "jump_tolerance_ten" if name in jumps["powers_of_ten"] else "jump_tolerance"


def tier_ranks() -> pa.Table:
    """Return tier -> rank by the order of clause (五), 1 first."""
    listed = tables.table("tiers/source_tiers")
    return pa.table({"tier": listed["tier"], "rank": listed["rank"].cast(pa.int64())})


def plausible_ranges() -> pa.Table:
    """Return the declared ranges with numbers as numbers."""
    table = tables.table("plausibility/ranges")
    for name in ("low", "high"):
        position = table.schema.get_field_index(name)
        table = table.set_column(position, name, table[name].cast(pa.float64()))
    return table


def flow_families(flows: Iterable[str] = ()) -> pa.Table:
    """Return flow (lower case) -> family of comparable flows: the listed ones, and those of `flows` that match.

    A flow matches a listed one when it is the same but for width of characters and blanks, or when it is the listed
    one with a qualifier behind a bracket or a mark: "natural gas (100% mineral blend)" is natural gas.
    """
    listed = tables.table("plausibility/families")
    family = {_tidy(flow): name for flow, name in zip(*_columns(listed), strict=True)}
    known = dict(zip(*_columns(listed), strict=True))
    for flow in flows:
        tidy = _tidy(flow)
        found = family.get(tidy) or family.get(_QUALIFIER.sub("", tidy))
        if found:
            known.setdefault(flow, found)
    return pa.table({"flow": pa.array(known, pa.string()), "family": pa.array(known.values(), pa.string())})


def _columns(listed: pa.Table) -> tuple[list[str], list[str]]:
    return listed["flow"].to_pylist(), listed["family"].to_pylist()


def _tidy(flow: str) -> str:
    return _SPACE.sub(" ", unicodedata.normalize("NFKC", flow)).strip().lower()
