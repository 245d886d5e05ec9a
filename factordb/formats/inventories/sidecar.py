"""Rows that are no process of a life-cycle format (parameters, volumes of gas), kept beside it as lines of JSON."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from factordb.formats.inventories.annex import encoded, row_read

NAME: Final = "factordb-sidecar.jsonl"
"""Name of the member of an archive; beside a single file it is `<file>.factordb-sidecar.jsonl`."""


def sidecar_line(row: Mapping[str, Any], gases: Sequence[Mapping[str, Any]]) -> bytes:
    """Return one line: the row and its gases."""
    cells = {name: cell for name, cell in row.items() if cell is not None}
    mine = [[one["gas"], one["amount_kg"], one["is_co2e"]] for one in gases]
    return (encoded({"row": cells, "gases": mine}) + "\n").encode()


def sidecar_rows(data: bytes) -> Iterator[tuple[int, dict[str, Any] | None, list[dict[str, Any]]]]:
    """Yield (line, row, gases); the row is None where the line is not understood."""
    for number, line in enumerate(data.split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            found = json.loads(line)
            gases = [{"gas": str(gas), "amount_kg": kg, "is_co2e": bool(co2e)} for gas, kg, co2e in found["gases"]]
            row = row_read(found["row"])
            yield number, row if row["factor_id"] else None, gases
        except (ValueError, TypeError, KeyError, RecursionError):
            yield number, None, []
