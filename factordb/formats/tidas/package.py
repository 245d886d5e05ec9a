"""The data sets of a package in the order they are written, one at a time: memory holds one factor and the names."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Final, Self

import pyarrow as pa
import pyarrow.compute as pc

from factordb.formats.interchange import GAS_SCHEMA, Content, Loss
from factordb.formats.rows import release_batches
from factordb.formats.safe_zip import FolderTarget, ZipTarget
from factordb.formats.tidas.amounts import scale_of
from factordb.formats.tidas.background import (
    contact_set,
    elementary_flow,
    fixed_sources,
    flow_property_set,
    method_set,
    product_flow,
    source_set,
    unit_group_set,
)
from factordb.formats.tidas.cover import Cover
from factordb.formats.tidas.dataset import DataSet, Tree, clean, root
from factordb.formats.tidas.extension import FACTOR, extension
from factordb.formats.tidas.life_cycle_model import model_set
from factordb.formats.tidas.process import (
    NOT_STATED,
    class_words,
    either,
    flow_uuid,
    process_tree,
    process_uuid,
    product_name,
)
from factordb.formats.tidas.sidecar import EXTENSIONS, PARAMETERS, Lines
from factordb.formats.tidas.words import FlowProperty, classes_of, flow_property

ROWS_AT_ONCE: Final = 512
"""Rows that are Python objects at one time."""


@dataclass
class Tally:
    """What was counted while data sets were made.

    Attributes:
        factors: data sets of factors.
        kept: column -> factors whose value stands in the extension.
        why: column that keeps rows from being data sets -> how many rows.
    """

    factors: int = 0
    kept: Counter[str] = field(default_factory=Counter)
    why: Counter[str] = field(default_factory=Counter)

    def losses(self, how: str) -> tuple[Loss, ...]:
        """Return what the standard places could not hold; `how` says where extensions stand."""
        extended = (Loss(name, how, rows) for name, rows in sorted(self.kept.items()))
        return (*extended, *(Loss(name, "sidecar", rows) for name, rows in sorted(self.why.items())))


def no_process(row: dict[str, Any]) -> str:
    """Return the column that keeps a row from being a process, or "": parameters and rows without a value are none."""
    if row["kind"] == "parameter":
        return "kind"
    return "value" if row["value"] is None else ""


def as_it_is(_: Tree) -> None:
    """Leave a process as the national package has it."""


class Package:
    """The data sets of one release, and what stands beside them.

    Args:
        content: rows, gases, cover, sources.
        beside: which rows no data set can be made of: returns the column that says why, or "".
        shaped: changes the tree of a process into that of a narrower format.
        inside: whether extensions may stand inside of a process.
    """

    def __init__(
        self,
        content: Content,
        *,
        beside: Callable[[dict[str, Any]], str] = no_process,
        shaped: Callable[[Tree], None] = as_it_is,
        inside: bool = True,
    ) -> None:
        self.content = content
        self._beside = beside
        self._shaped = shaped
        self._inside = inside
        self.parameters = Lines()
        self.extensions = Lines()
        self.cover = Cover(content.facts)
        self.tally = Tally()
        self._seen: set[str] = set()
        self._gases: set[tuple[str, bool]] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self.parameters, self.extensions:
            return

    def losses(self) -> tuple[Loss, ...]:
        """Return what the data sets written so far could not hold at its standard place."""
        return self.tally.losses("extension" if self._inside else "sidecar")

    def write_beside(self, files: FolderTarget | ZipTarget, root: str) -> None:
        """Write what stands beside the data sets."""
        self.parameters.write(files, root + PARAMETERS)
        self.extensions.write(files, root + EXTENSIONS)

    def data_sets(self, *, models: bool = True) -> Iterator[DataSet]:
        """Yield every data set once: what is shared first, then factor by factor with its flow and its model."""
        yield from self._shared()
        for row, gases in self._factors():
            yield from self._factor(row, gases, models=models)

    def _shared(self) -> Iterator[DataSet]:
        yield from fixed_sources(self.cover)
        yield contact_set(self.cover, self.content.facts.publisher, self.content.facts.publisher)
        self._seen.add(str(self.cover.owner["@refObjectId"]))
        for _, source in sorted(self.content.sources.items()):
            yield source_set(self.cover, source)
            zh, en = source.publisher_zh or source.publisher, source.publisher_en or source.publisher
            if self._is_new(str(self.cover.contact(zh, en)["@refObjectId"])):
                yield contact_set(self.cover, zh, en)
        yield from self._gas_flows()
        gases = sorted({gas for gas, is_co2e in self._gases if not is_co2e})
        for gwp_set in sorted(self._distinct("gwp_set"), key=lambda one: one or ""):
            yield method_set(self.cover, gwp_set, gases)

    def _gas_flows(self) -> Iterator[DataSet]:
        """Yield the flows of all gases of the package; those of volumes come with their factors."""
        mass = flow_property("mass", "kg")
        yield from self._property(mass)
        stated = pa.Table.from_batches(self.content.gases.to_batches(), self.content.gases.schema)
        pairs = stated.group_by(["gas", "is_co2e"]).aggregate([]).to_pylist() if stated.num_rows else []
        self._gases = {("CO2e", False), ("CO2", False)} | {(clean(one["gas"]), bool(one["is_co2e"])) for one in pairs}
        for gas, is_co2e in sorted(self._gases):
            flow = elementary_flow(self.cover, gas, is_co2e=is_co2e, of=mass)
            if self._is_new(flow.uuid):
                yield flow

    def _factors(self) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
        """Yield factor by factor, with its gases; what is no process is put aside."""
        by_factor = _gases_by_factor(self.content.gases)
        for batch in release_batches(self.content.rows):
            for start in range(0, batch.num_rows, ROWS_AT_ONCE):
                for row in batch.slice(start, ROWS_AT_ONCE).to_pylist():
                    why = self._beside(row)
                    if why:
                        self.parameters.add(row)
                        self.tally.why[why] += 1
                    else:
                        yield row, by_factor(row["factor_id"])

    def _factor(self, row: dict[str, Any], gases: list[dict[str, Any]], *, models: bool) -> Iterator[DataSet]:
        scale = scale_of(row["unit"] or row["unit_text"])
        yield from self._property(scale.product)
        yield from self._property(scale.gas)
        flow = flow_uuid(row, scale)
        if self._is_new(flow):
            _, cpc = classes_of(class_words(row))
            yield product_flow(self.cover, flow, either(product_name(row)), cpc, scale.product)
        if row["kind"] != "factor":
            gas = clean(row["gas"] or "") or NOT_STATED[1]
            counted = elementary_flow(self.cover, gas, is_co2e=False, of=scale.gas)
            if self._is_new(counted.uuid):
                yield counted
        if row["publisher"] and self._is_new(str(self.cover.contact(row["publisher"], None)["@refObjectId"])):
            yield contact_set(self.cover, row["publisher"], None)
        tree = process_tree(row, gases, self.cover, self.content.sources[row["source_id"]])
        self._shaped(tree)
        told = extension(tree, row, self.tally.kept)
        if self._inside:
            tree["common:other"] = {FACTOR: told}
        else:
            self.extensions.add({"process": process_uuid(row["factor_id"]), "extension": told})
        self.tally.factors += 1
        yield DataSet("processes", process_uuid(row["factor_id"]), self.cover.version, root("processes", tree))
        if models:
            yield model_set(row, tree, self.cover)

    def _property(self, one: FlowProperty) -> Iterator[DataSet]:
        if self._is_new(one.uuid):
            yield flow_property_set(self.cover, one)
        if self._is_new(one.unit_group):
            yield unit_group_set(self.cover, one)

    def _is_new(self, uuid: str) -> bool:
        if uuid in self._seen:
            return False
        self._seen.add(uuid)
        return True

    def _distinct(self, column: str) -> set[str | None]:
        rows = self.content.rows
        return set(pc.unique(rows.filter(pc.equal(rows["kind"], "factor"))[column]).to_pylist())


def _gases_by_factor(gases: pa.Table) -> Any:
    """Return factor_id -> its gas amounts, looked up in a sorted table."""
    ordered = gases.select(GAS_SCHEMA.names).sort_by([("factor_id", "ascending"), ("gas", "ascending")])
    starts: dict[str, tuple[int, int]] = {}
    place = 0
    for factor_id, group in groupby(ordered["factor_id"].to_pylist()):
        length = sum(1 for _ in group)
        starts[factor_id] = (place, length)
        place += length

    def of(factor_id: str) -> list[dict[str, Any]]:
        found = starts.get(factor_id)
        return ordered.slice(*found).to_pylist() if found else []

    return of
