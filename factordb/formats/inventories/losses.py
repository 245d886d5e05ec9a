"""What a life-cycle format cannot hold of the rows written, counted by the declared mapping of its room."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from factordb.formats.interchange import Loss
from factordb.reference.tables import table

EXTENSION, SIDECAR = "extension", "sidecar"


class Losses:
    """Counts losses while rows are written."""

    def __init__(self, name: str) -> None:
        lines = table(f"mapping/{name}").to_pylist()
        self._always = tuple(one["field"] for one in lines if one["loss"] and one["direction"] != "read")
        self._how = {one["field"]: one["loss"] for one in lines if one["loss"]}
        self._counts: Counter[tuple[str, str]] = Counter()

    def written(self, row: Mapping[str, Any], partial: Iterable[str] = (), gases: bool = False) -> None:
        """Count a row written as a data set.

        Args:
            row: the row.
            partial: columns that the format holds, but not the whole of this row's cell.
            gases: its gases stand in the annex only.
        """
        for name in self._always:
            if name == "gases":
                continue
            if row.get(name) is not None:
                self._counts[name, self._how[name]] += 1
        for name in partial:
            self._counts[name, EXTENSION] += 1
        if gases:
            self._counts["gases", EXTENSION] += 1

    def aside(self) -> None:
        """Count a row that went to the sidecar as a whole."""
        self._counts["kind", SIDECAR] += 1

    def list(self) -> tuple[Loss, ...]:
        """Return the losses, sorted by field."""
        return tuple(Loss(name, how, rows) for (name, how), rows in sorted(self._counts.items()))
