"""Flags of a released factor: what may mislead, and what a choice refuses for it unless told otherwise."""

from collections.abc import Iterable
from datetime import date
from functools import cache
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from factordb.errors import NotFoundError
from factordb.model.vocabulary import Basis, Boundary, Kind, Tier
from factordb.reference import table

SEPARATOR: Final = " "
CO2E: Final = "CO2e"


@cache
def known_flags() -> dict[str, dict[str, str]]:
    """Return flag -> refused ("yes" or "no"), zh, en."""
    return {row["flag"]: row for row in table("search/flags").to_pylist()}


def refused_flags(flags: Iterable[str], allowed: Iterable[str]) -> list[str]:
    """Return those flags a choice refuses, without the allowed ones, in the order of the table.

    Raises:
        NotFoundError: an allowed flag is none.
    """
    allow = set(allowed)
    for name in sorted(allow - set(known_flags())):
        raise NotFoundError("flag", name, known=", ".join(known_flags()))
    given = set(flags) - allow
    return [name for name, row in known_flags().items() if row["refused"] == "yes" and name in given]


def flags_of(rows: pa.Table, as_of: date) -> pa.Array:
    """Return the flags of each released row, separated by blanks, shape (n,).

    Args:
        rows: columns of a release.
        as_of: the day the release speaks for.
    """

    def is_(column: str, value: str) -> pa.Array:
        return pc.fill_null(pc.equal(rows[column], value), fill_value=False)

    measured = pc.or_(is_("tier", Tier.MEASURED_UNVERIFIED), pc.and_(
        is_("tier", Tier.MEASURED_VERIFIED), pc.invert(pc.fill_null(rows["verified"], fill_value=False))))  # fmt: skip
    gas = is_("kind", Kind.GAS_FACTOR)
    holds = {
        "expired": pc.fill_null(pc.less(rows["valid_until"], pa.scalar(as_of)), fill_value=False),
        "unverified_measured": measured,
        "estimated": is_("tier", Tier.ESTIMATED),
        "co2_only": pc.and_(gas, is_("gas", "CO2")),
        "one_gas_only": pc.and_(gas, pc.invert(is_("gas", "CO2"))),
        "gwp_unknown": pc.and_(is_("gas", CO2E), pc.is_null(rows["gwp_set"])),
        "boundary_unspecified": is_("boundary", Boundary.UNSPECIFIED),
        "default_uncertainty": is_("basis", Basis.DEFAULT),
    }
    named = [pc.if_else(pc.fill_null(mask, fill_value=False), f"{flag}{SEPARATOR}", "") for flag, mask in holds.items()]
    return pc.utf8_trim_whitespace(pc.binary_join_element_wise(*named, ""))
