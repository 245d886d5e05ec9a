"""What a batch staged, read back as tables: rows of facts, gases, refusals. Nothing of it enters a library."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from factordb.store.duck import opened

_FIRST = "row_number() OVER (PARTITION BY factor_id ORDER BY row_no, candidate_id) = 1"
_ONE_A_RECORD = "row_number() OVER (PARTITION BY split_part(place, '!', 1), row_no, record ORDER BY code, field) = 1"


@dataclass(frozen=True)
class Staged:
    """The tables of a staging file.

    Attributes:
        rows: facts of candidates, each factor_id once, in the order of their rows.
        gases: factor_id, gas, amount_kg, is_co2e of those rows.
        repeated: factor_id and place of candidates whose factor_id stood before.
        refused: place, code, field, found, expected, first (whether it is the first of its record).
    """

    rows: pa.Table
    gases: pa.Table
    repeated: pa.Table
    refused: pa.Table


def staged_tables(path: Path, columns: Sequence[str]) -> Staged:
    """Return what the staging file at `path` holds.

    Args:
        path: a staging file that is complete.
        columns: facts wanted of each candidate.
    """
    told = ", ".join(f'"{name}"' for name in columns)
    first = f"(FROM candidate QUALIFY {_FIRST})"
    with opened(path, read_only=True) as connection:

        def asked(query: str) -> pa.Table:
            return connection.execute(query).to_arrow_table()

        return Staged(
            rows=asked(f"SELECT {told} FROM {first} ORDER BY row_no, candidate_id"),
            gases=asked(
                f"SELECT c.factor_id, g.gas, g.amount_kg, g.is_co2e FROM gas_amount g JOIN {first} c "
                "USING (candidate_id) WHERE g.amount_kg IS NOT NULL ORDER BY c.row_no, g.gas, g.is_co2e"
            ),
            repeated=asked(f"SELECT factor_id, place FROM candidate QUALIFY NOT {_FIRST} ORDER BY row_no"),
            refused=asked(
                f"SELECT place, code, field, found, expected, {_ONE_A_RECORD} AS first FROM refused "
                "ORDER BY row_no, place, code, field"
            ),
        )
