"""A data set of a life-cycle format, whatever its spelling: one product, its exchanges, and what is said of them."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any, Final

import pyarrow as pa

NAMESPACE: Final = uuid.uuid5(uuid.NAMESPACE_DNS, "factordb")
"""Name space of every identifier we make: the same thing has the same identifier in every export."""

REFERENCE, PRODUCT, TECHNOSPHERE, EMISSION, RESOURCE = "reference", "product", "technosphere", "emission", "resource"
"""Roles of an exchange: the product the data set is per unit of; further products; inputs from other processes;
outputs to nature; inputs from nature."""

CO2E_FLOW: Final = "Carbon dioxide equivalents (CO2e)"
"""The elementary flow of a factor of which only CO2e is known. Never called CO2."""

REMAINDER_FLOW: Final = "Carbon dioxide equivalents (CO2e), not itemised by gas"
"""What the published CO2e holds beyond its gases under the GWP set named: rounding, or gases not given."""


def stable_uuid(*parts: str) -> str:
    """Return the identifier of the thing that `parts` name."""
    return str(uuid.uuid5(NAMESPACE, "\x1f".join(parts)))


@dataclass(frozen=True)
class Spread:
    """A distribution of an amount, in the amount's unit.

    Attributes:
        family: lognormal, normal, triangular or uniform.
        centre: median (log-normal), mean (normal) or mode (triangular).
        width: sigma of ln X (log-normal, GSD = exp(width)) or standard deviation (normal).
        low: least value (triangular, uniform).
        high: greatest value (triangular, uniform).
    """

    family: str
    centre: float | None = None
    width: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Exchange:
    """One flow in or out of a process.

    Attributes:
        role: reference, product, technosphere, emission or resource.
        flow: its name.
        unit: its unit.
        amount: how much; None where the file's text is no number.
        amount_text: the text of the file.
        gas: greenhouse gas it is (`CO2e` for equivalents), empty where none.
        number: its number or identifier inside the data set.
        flow_id: identifier of the flow.
        compartment: where from or to.
        location: where it is produced.
        provider: data set that supplies it.
        cas: CAS number.
        comment: what is said of it.
        spread: its distribution.
        spread_text: the distribution as the file gives it.
        spread_fault: what the distribution had to be and is not; empty where it can be.
    """

    role: str
    flow: str
    unit: str
    amount: float | None
    amount_text: str = ""
    gas: str = ""
    number: str = ""
    flow_id: str = ""
    compartment: str = ""
    location: str = ""
    provider: str = ""
    cas: str = ""
    comment: str = ""
    spread: Spread | None = None
    spread_text: str = ""
    spread_fault: str = ""


@dataclass(frozen=True)
class Datasheet:
    """One data set.

    Attributes:
        key: `factor_id` where it is ours, else the identifier in the file.
        uuid: identifier in the format.
        name: name, English, or the only one.
        local_name: name, Chinese.
        exchanges: the reference product first, then everything else.
        gwp_set: GWP set of a CO2e value; empty where none is named.
        region: code.
        region_text: place in words.
        reference_year: year the data describe.
        valid_from: first day of validity.
        valid_until: last day of validity.
        published_on: date of publication.
        product: flow the data set is per unit of.
        category: path.
        technology: in words.
        boundary: life-cycle stages, as our vocabulary names them; empty where the file does not say.
        scores: te, gr, ti, p; empty where not rated.
        source_title: document the values come from.
        publisher: who published them.
        comment: what the data set says of itself, without the annex.
        annex: the release row and gases as exported, where the file carries them.
        leftovers: what was not understood.
    """

    key: str
    uuid: str
    name: str
    exchanges: tuple[Exchange, ...]
    local_name: str | None = None
    gwp_set: str = ""
    region: str | None = None
    region_text: str | None = None
    reference_year: int | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    published_on: date | None = None
    product: str | None = None
    category: str | None = None
    technology: str | None = None
    boundary: str = ""
    scores: tuple[int | None, ...] = ()
    source_title: str | None = None
    publisher: str | None = None
    comment: str = ""
    annex: Mapping[str, Any] | None = None
    leftovers: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def reference(self) -> Exchange | None:
        """Return the product that the data set is per unit of."""
        return next((one for one in self.exchanges if one.role == REFERENCE), None)

    @property
    def emissions(self) -> tuple[Exchange, ...]:
        """Return the outputs to nature that are greenhouse gases or CO2e."""
        return tuple(one for one in self.exchanges if one.role == EMISSION and one.gas)


EXCHANGE_SCHEMA: Final = pa.schema(
    [
        ("dataset", pa.string()),
        ("dataset_name", pa.string()),
        ("role", pa.string()),
        ("flow", pa.string()),
        ("unit", pa.string()),
        ("amount", pa.float64()),
        ("amount_text", pa.string()),
        ("gas", pa.string()),
        ("number", pa.string()),
        ("flow_id", pa.string()),
        ("compartment", pa.string()),
        ("location", pa.string()),
        ("provider", pa.string()),
        ("cas", pa.string()),
        ("comment", pa.string()),
        ("family", pa.string()),
        ("centre", pa.float64()),
        ("width", pa.float64()),
        ("low", pa.float64()),
        ("high", pa.float64()),
        ("spread_text", pa.string()),
        ("place", pa.string()),
    ]
)
"""Columns of `ReadBack.extra["exchanges"]`: every exchange of every data set, whether it gave a factor or not."""
