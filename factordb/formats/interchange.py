"""What every exchange format's room takes and gives: release rows with their gases; faults and losses, all counted.

A format is a module with `FORMAT`, an `ExchangeFormat`. It is registered by its name in `formats/exchange_registry.py`
and its mapping (factor field, place in the format, rule, loss) stands in `reference/mapping/<name>.csv`, from which
`docs/mapping.md` is generated.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Protocol

import pyarrow as pa

from factordb.model.release import ReleaseFacts
from factordb.model.source import Source

GAS_SCHEMA: Final = pa.schema(
    [("factor_id", pa.string()), ("gas", pa.string()), ("amount_kg", pa.float64()), ("is_co2e", pa.bool_())]
)
"""Gas amounts of factors: kg of gas, or kg CO2e where `is_co2e`, per declared unit in the published unit's basis."""


@dataclass(frozen=True)
class Content:
    """What a writer writes.

    Attributes:
        rows: factors in the columns of `RELEASE_COLUMNS` (`formats.rows.release_schema`), each factor_id once.
        gases: rows of `GAS_SCHEMA`; empty where none are known.
        facts: cover of the release they come from.
        sources: source_id -> source, for all source_ids of `rows`.
    """

    rows: pa.Table
    gases: pa.Table
    facts: ReleaseFacts
    sources: Mapping[str, Source]


@dataclass(frozen=True)
class Loss:
    """What a format cannot hold of our rows.

    Attributes:
        field: column of the release, or "gases".
        how: `sidecar` (kept beside the data sets), `extension` (kept where the format allows extensions),
            `rounded`, or `dropped`.
        rows: factors concerned.
    """

    field: str
    how: str
    rows: int


@dataclass(frozen=True)
class WrittenOut:
    """What a writer wrote: files below `path`, how many data sets of factors, what was lost."""

    path: Path
    datasets: int
    losses: tuple[Loss, ...] = ()


@dataclass(frozen=True)
class FormatFault:
    """One fault of a file that was read; words by code in `reference/words/exchange_{zh,en}.toml`.

    Attributes:
        code: rule that is broken: FMT and three digits, or ZIP/XML codes of the preflight.
        severity: block (the data set or file is refused), gap, review or advise.
        place: file, data set and path inside it.
        found: what stands there.
        expected: what should.
        facts: further facts the sentence names.
    """

    code: str
    severity: str
    place: str
    found: str = ""
    expected: str = ""
    facts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class ReadBack:
    """What a reader read: data sets in = rows + refused, always.

    Attributes:
        rows: factors in the columns of `RELEASE_COLUMNS`; what the file does not say is null.
        gases: rows of `GAS_SCHEMA`.
        faults: everything found, also where the row was kept.
        datasets: data sets of processes, factors or footprints seen.
        refused: data sets that gave no row, each with a fault of severity block.
        leftovers: factor_id -> what was not understood, as read.
        extra: whatever else the format holds (unit processes with exchanges, flows), by name.
    """

    rows: pa.Table
    gases: pa.Table
    faults: tuple[FormatFault, ...]
    datasets: int
    refused: int
    leftovers: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    extra: Mapping[str, pa.Table] = field(default_factory=lambda: MappingProxyType({}))


class ExchangeFormat(Protocol):
    """A format that factordb writes, reads or both."""

    name: str
    """Name on the command line, such as `ilcd` or `openlca`."""
    suffixes: tuple[str, ...]
    """Endings of files, such as `.zip`."""
    can_write: bool
    can_read: bool

    def sniff(self, path: Path) -> bool:
        """Return whether the file at `path` looks like this format; reads little and never fails."""
        ...

    def write(self, content: Content, target: Path) -> WrittenOut:
        """Write `content` to `target`; the same content gives the same bytes."""
        ...

    def read(self, path: Path) -> ReadBack:
        """Read `path`; every fault of the file is a `FormatFault`, never an exception."""
        ...
