"""The format `datapackage`: a Frictionless data package of CSV tables, written as a release is, and read back.

What is read is checked first: every resource against its size and sha256, every column against ours.
"""

import hashlib
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from factordb.formats.archive import BROKEN
from factordb.formats.catalogued.described import source_table
from factordb.formats.data_package import DATA_PACKAGE, write_data_package
from factordb.formats.interchange import GAS_SCHEMA, Content, FormatFault, ReadBack, WrittenOut
from factordb.formats.inventories.json_read import json_object
from factordb.formats.manifest import file_entries
from factordb.formats.rows import release_schema
from factordb.formats.safe_zip import Package, RefusedDocumentError, package
from factordb.formats.tables import write_tables

GASES: Final = "gas_amounts.csv"
_KEY: Final = "factor_id"
_NEEDED: Final = (_KEY, "kind", "value")


class DataPackage:
    """A Frictionless data package as `ExchangeFormat`."""

    name = "datapackage"
    suffixes = ("",)
    can_write = True
    can_read = True

    def sniff(self, path: Path) -> bool:
        """Return whether there is a descriptor, and none of a release, which is read as one."""
        try:
            if not path.is_dir():
                return False
            return (path / DATA_PACKAGE).is_file() and not (path / "manifest.json").is_file()
        except BROKEN:
            return False

    def write(self, content: Content, target: Path) -> WrittenOut:
        """Write the folder: tables as CSV, Parquet and XLSX, and the descriptor with sizes and hashes."""
        target.mkdir(parents=True, exist_ok=True)
        others = {"sources": source_table(content)}
        if content.gases.num_rows:
            others["gas_amounts"] = content.gases
        done = write_tables(content.rows, target, content.facts, others=others, with_json=False)
        write_data_package(target, content.facts, file_entries(target), others)
        return WrittenOut(target, sum(done.counts.values()))

    def read(self, path: Path) -> ReadBack:
        """Read the tables of a package whose columns are ours; a folder, or an archive of one."""
        faults: list[FormatFault] = []
        with package(path) as inside:
            if inside.fault is not None:
                return _nothing(inside.fault)
            try:
                found = list(_tables(inside, faults))
                if not found and not faults:
                    faults += _strangers(inside)
            except RefusedDocumentError as refused:
                return _nothing(refused.fault)
        return _gathered(found, faults)


def _nothing(fault: FormatFault) -> ReadBack:
    return ReadBack(release_schema().empty_table(), GAS_SCHEMA.empty_table(), (fault,), 1, 1)


def _gathered(found: list[tuple[str, pa.Table]], faults: list[FormatFault]) -> ReadBack:
    rows = pa.concat_tables([release_schema().empty_table(), *(one for name, one in found if name != GASES)])
    gases = pa.concat_tables([GAS_SCHEMA.empty_table(), *(one for name, one in found if name == GASES)])
    first = rows.append_column("at", pa.array(range(rows.num_rows))).group_by(_KEY).aggregate([("at", "min")])
    single = rows.take(pc.array_sort_indices(first["at_min"])) if first.num_rows == rows.num_rows else None
    kept = rows if single is not None else rows.take(first["at_min"].sort())
    twice = rows.num_rows - kept.num_rows
    if twice:
        faults.append(FormatFault("FMT055", "block", DATA_PACKAGE, f"{twice} × {_KEY}"))
    refused = twice + sum(fault.severity == "block" and fault.code != "FMT055" for fault in faults)
    return ReadBack(kept, gases, tuple(faults), kept.num_rows + refused, refused)


def _tables(inside: Package, faults: list[FormatFault]) -> Iterator[tuple[str, pa.Table]]:
    base = next((name for name in inside.names if name.rpartition("/")[2] == DATA_PACKAGE), None)
    if base is None:
        raise RefusedDocumentError(FormatFault("FMT050", "block", inside.name, "no datapackage.json"))
    described = json_object(inside.read(base), inside.place(base), strict=True)
    listed = described.get("resources") if isinstance(described, dict) else None
    for one in listed if isinstance(listed, list) else ():
        if isinstance(one, dict) and str(one.get("path", "")).endswith(".csv"):
            name = base.removesuffix(DATA_PACKAGE) + str(one["path"])
            taken = _table(inside, name, one, faults)
            if taken is not None:
                yield name.rpartition("/")[2], taken


def _strangers(inside: Package) -> Iterator[FormatFault]:
    """Yield a fault for every table of a package of which none has our columns: none of its rows is read."""
    for name in inside.names:
        if name.endswith(".csv"):
            header = inside.read(name, 1 << 30)[: 1 << 16].split(b"\n", 1)[0].decode("utf-8-sig", "replace").strip()
            yield FormatFault("FMT050", "block", inside.place(name), header[:200], ", ".join(sorted(_NEEDED)))


def _table(inside: Package, name: str, one: Mapping[str, Any], faults: list[FormatFault]) -> pa.Table | None:
    """Return the table in the resource `name`; None where it is not one of ours, or refused with a fault."""
    place = inside.place(name)
    if name not in inside.names:
        faults.append(FormatFault("FMT057", "block", place, str(one.get("path"))))
        return None
    try:
        data = inside.read(name, 1 << 30)
    except RefusedDocumentError as refused:
        faults.append(refused.fault)
        return None
    header = data[: 1 << 16].split(b"\n", 1)[0].decode("utf-8-sig", "replace")
    schema = GAS_SCHEMA if name.endswith(GASES) else release_schema()
    columns = {cell.strip('"\r') for cell in header.split(",")}
    if not set(GAS_SCHEMA.names if schema is GAS_SCHEMA else _NEEDED) <= columns:
        return None
    stated = str(one.get("hash", "")).removeprefix("sha256:")
    if stated and stated != hashlib.sha256(data).hexdigest():
        faults.append(FormatFault("FMT053", "review", place, "sha256", stated))
    return _parsed(data, place, schema, faults)


def _parsed(data: bytes, place: str, schema: pa.Schema, faults: list[FormatFault]) -> pa.Table | None:
    options = arrow_csv.ConvertOptions(
        column_types=schema,
        include_columns=schema.names,
        include_missing_columns=True,
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
        null_values=[""],
    )
    try:
        return arrow_csv.read_csv(
            io.BytesIO(data), parse_options=arrow_csv.ParseOptions(newlines_in_values=True), convert_options=options
        ).cast(schema)
    except (pa.ArrowException, ValueError, OSError) as fault:
        faults.append(FormatFault("FMT050", "block", place, " ".join(str(fault).split())[:200], "CSV"))
        return None


FORMAT: Final = DataPackage()
