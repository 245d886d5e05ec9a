"""Reading packages of ILCD, ILCD+EPD and TIDAS as they are found: parse first, tell every fault, keep the rest.

Data sets are read in the order in which they need each other (units, flow properties, flows, others, processes), one
at a time. Every process gives a row or is refused with a fault of severity block; a process without a climate-change
result gives a row without a value, and its exchanges.
"""

import json
import math
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from factordb.formats.ilcd.columns import EXCHANGES, MODULES, PROCESSES, Columns
from factordb.formats.ilcd.linting import UUID, process_faults, shape_faults
from factordb.formats.ilcd.lookups import Lookups
from factordb.formats.interchange import GAS_SCHEMA, FormatFault, ReadBack
from factordb.formats.rows import release_schema
from factordb.formats.safe_zip import Package, RefusedDocumentError, package
from factordb.formats.tidas.dataset import ROOTS, Tree, many
from factordb.formats.tidas.extension import extended_row, extension_of
from factordb.formats.tidas.sidecar import EXTENSIONS, PARAMETERS, read_lines
from factordb.formats.tidas.standard import Reading, standard_gases, standard_row
from factordb.model.release import RELEASE_COLUMNS, ColumnType
from factordb.units import Unit, parse

Parse = Callable[[bytes, str], Tree]
"""Bytes and place of a document -> its tree; raises RefusedDocumentError."""

_FOLDERS: Final = {root: folder for folder, root in ROOTS.items()}
_ORDER: Final = ("unitgroups", "flowproperties", "flows", "contacts", "sources", "lciamethods", "lifecyclemodels")
_OTHER_ROOTS: Final = (
    "ILCDLocations",
    "ILCDClassification",
    "CategorySystem",
    "ILCDLCIAMethodologies",
    "LCIAMethodologies",
)
_NUMBERS: Final = tuple(column.name for column in RELEASE_COLUMNS if column.type is ColumnType.NUMBER)


class PackageReading:
    """One package while it is read."""

    def __init__(self, parse_document: Parse, *, single: bool) -> None:
        self.parse = parse_document
        self.single = single
        self.lookups = Lookups()
        self.faults: list[FormatFault] = []
        self.rows = Columns(release_schema())
        self.gases = Columns(GAS_SCHEMA)
        self.exchanges = Columns(EXCHANGES)
        self.processes = Columns(PROCESSES)
        self.leftovers: dict[str, Any] = {}
        self.datasets = 0
        self.refused = 0
        self._taken: set[str] = set()
        self._extensions: dict[str, dict[str, Any]] = {}
        self.modules: Counter[str] = Counter()

    def document(self, files: Package, name: str) -> None:
        """Read one document."""
        place = files.place(name)
        if name.endswith(".jsonl"):
            self._sidecar(files, name)
            return
        try:
            tree = self.parse(files.read(name), place)
        except RefusedDocumentError as refused:
            self._broken(name, refused.fault)
            return
        root = next(iter(tree), "")
        folder, inside = _FOLDERS.get(root), tree.get(root)
        self.modules[folder or str(root)[:80]] += 1
        if folder is None or not isinstance(inside, dict):
            if root not in _OTHER_ROOTS:
                self._broken(name, FormatFault("FMT030", "block", place, str(root)[:80]))
            return
        self.faults.extend(shape_faults(tree, place))
        if not self.single:
            self.lookups.refer(inside, place)
        try:
            if folder == "processes":
                self.datasets += 1
                self._process(inside, place)
            else:
                self._take(folder, inside, place)
        except (AttributeError, TypeError, KeyError, IndexError, ValueError) as fault:  # a text where a section belongs
            self.faults.append(FormatFault("FMT030", "block", place, type(fault).__name__, root))
            self.refused += int(folder == "processes")

    def _broken(self, name: str, fault: FormatFault) -> None:
        self.faults.append(fault)
        self.modules["—"] += int(fault.code != "FMT030")
        if _is_process(name) or self.single:
            self.datasets += 1
            self.refused += 1

    def _take(self, folder: str, tree: Tree, place: str) -> bool:
        uuid = _uuid(tree)
        if not UUID.fullmatch(uuid):
            self.faults.append(FormatFault("FMT031", "review", f"{place}#UUID", uuid[:80]))
        new = self.lookups.take(folder, uuid, tree)
        if not new:
            self.faults.append(FormatFault("FMT041", "review", f"{place}#UUID", uuid))
        return new

    def _process(self, process: Tree, place: str) -> None:
        uuid = _uuid(process)
        if not uuid:
            self._refuse(FormatFault("FMT031", "block", f"{place}#UUID"))
            return
        version = _version(process)
        if f"{uuid}_{version}" in self._taken:
            self._refuse(FormatFault("FMT041", "block", f"{place}#UUID", f"{uuid} {version}"))
            return
        self._taken.add(f"{uuid}_{version}")
        self._take_process(process, uuid, place)
        self.faults.extend(process_faults(process, place))
        extension = extension_of(process) or self._extensions.get(uuid)
        if extension is None:
            row = self._foreign_row(process, uuid, version, place)
        else:
            row, faults = extended_row(standard_row(process), extension, place)
            self.faults.extend(faults)
            if faults or not row["factor_id"]:
                self.refused += 1
                return
        self._checked(row, process, place)
        self.rows.add(row)
        for gas in standard_gases(process, row["factor_id"]):
            self.gases.add(gas)
        self._listed(process, row, uuid, version, place)

    def _take_process(self, process: Tree, uuid: str, place: str) -> None:
        if not UUID.fullmatch(uuid):
            self.faults.append(FormatFault("FMT031", "review", f"{place}#UUID", uuid[:80]))
        self.lookups.take("processes", uuid, process)

    def _refuse(self, fault: FormatFault) -> None:
        self.faults.append(fault)
        self.refused += 1

    def _foreign_row(self, process: Tree, uuid: str, version: str, place: str) -> dict[str, Any]:
        row = dict.fromkeys(column.name for column in RELEASE_COLUMNS) | standard_row(process, self.lookups)
        row["factor_id"] = uuid
        row["version_id"] = f"{uuid}_{version}"
        row["place"] = place
        if row["kind"] is None:
            self.faults.append(FormatFault("FMT043", "advise", place))
        row["family"] = row["family"] if row["value"] is not None else None
        kept = {key: node for key, node in process.items() if key != "exchanges" and key[0] != "@"}
        self.leftovers[uuid] = json.dumps(kept, ensure_ascii=False)
        return row

    def _checked(self, row: dict[str, Any], process: Tree, place: str) -> None:
        """Refuse no row, but tell of signs and units, and drop numbers that are none."""
        for name in _NUMBERS:
            if row[name] is not None and not math.isfinite(row[name]):
                self.faults.append(FormatFault("FMT042", "review", f"{place}#{name}", str(row[name])))
                row[name] = None
        value, direction = row["value"], row["direction"]
        if value is not None and value < 0 and direction not in {"removal", "credit"}:
            self.faults.append(FormatFault("FMT039", "review", f"{place}#value", repr(value)))
        self._unit_agrees(row, process, place)

    def _unit_agrees(self, row: Mapping[str, Any], process: Tree, place: str) -> None:
        """Tell where the declared unit is none of the dimension of the product's flow property."""
        product = Reading(process).product
        if product is None or row["unit"] is None:
            return
        base = self.lookups.unit_of(str((product.get("referenceToFlowDataSet") or {}).get("@refObjectId")))
        read, reference = parse(row["unit"]), parse(base) if base else None
        if isinstance(read, Unit) and isinstance(reference, Unit):
            stated, meant = read.denominator_dimension, reference.numerator_dimension
            if stated != meant and stated is not None:
                self.faults.append(
                    FormatFault("FMT040", "review", f"{place}#unit", f"{row['unit']}: {stated}", f"{base}: {meant}")
                )

    def _listed(self, process: Tree, row: Mapping[str, Any], uuid: str, version: str, place: str) -> None:
        method = (process.get("modellingAndValidation") or {}).get("LCIMethodAndAllocation") or {}
        self.processes.add(
            {"process": uuid, "version": version, "name_zh": row["name_zh"], "name_en": row["name_en"],
             "type": _plain(method.get("typeOfDataSet")), "location": row["region"], "place": place}
        )  # fmt: skip
        reading = Reading(process)
        for one in reading.exchanges:
            if isinstance(one, dict):
                self.exchanges.add(_exchange(one, uuid, reading.reference, self.lookups))

    def _sidecar(self, files: Package, name: str) -> None:
        """Read what stands beside the data sets: rows, or extensions by process."""
        rows = name.endswith(PARAMETERS)
        for place, one in read_lines(files, name):
            self.datasets += int(rows)
            try:
                if isinstance(one, FormatFault):
                    self.faults.append(one)
                    self.refused += int(rows)
                elif rows:
                    self.rows.add(_sidecar_row(one))
                else:
                    self._extensions[str(one["process"])] = dict(one["extension"])
            except (ValueError, TypeError, AttributeError, KeyError) as fault:
                self.faults.append(FormatFault("FMT036", "block", place, str(fault)[:80]))
                self.refused += int(rows)


def read_package(path: Path, parse_document: Parse, suffix: str) -> ReadBack:
    """Return what the package at `path` (folder, zip archive or one document) says.

    Args:
        path: where it stands.
        parse_document: bytes and place of a document -> its tree.
        suffix: of documents, ".xml" or ".json".
    """
    with package(path, (suffix, ".jsonl")) as files:
        if files.fault is not None:
            empty = PackageReading(parse_document, single=True)
            return _back(empty, [files.fault])
        wanted = [name for name in files.names if _is_wanted(name, suffix)]
        reading = PackageReading(parse_document, single=len(wanted) == 1)
        for name in sorted(wanted, key=_rank):
            reading.document(files, name)
        return _back(reading, list(reading.lookups.dangling()))


def _back(reading: PackageReading, last: list[FormatFault]) -> ReadBack:
    extra = {
        "processes": reading.processes.table(),
        "exchanges": reading.exchanges.table(),
        "flows": reading.lookups.flows(),
        "modules": pa.Table.from_pylist(
            [{"module": name, "documents": count} for name, count in sorted(reading.modules.items())], schema=MODULES
        ),
    }
    return ReadBack(
        reading.rows.table(), reading.gases.table(), (*reading.faults, *last), reading.datasets, reading.refused,
        reading.leftovers, extra,
    )  # fmt: skip


def _is_wanted(name: str, suffix: str) -> bool:
    return name.lower().endswith(suffix) or name.endswith((PARAMETERS, EXTENSIONS))


def _rank(name: str) -> tuple[int, str]:
    folder = name.lower().rsplit("/", 2)[-2] if "/" in name else ""
    if folder in _ORDER:
        return _ORDER.index(folder), name
    return (len(_ORDER) + 1 if folder == "processes" else len(_ORDER)), name


def _is_process(name: str) -> bool:
    return "processes/" in name.lower()


def _uuid(tree: Mapping[str, Any]) -> str:
    for key, node in tree.items():
        if key.lower().endswith("information") and isinstance(node, dict):
            found = (node.get("dataSetInformation") or {}) if isinstance(node.get("dataSetInformation"), dict) else {}
            if found.get("common:UUID"):
                return str(_plain(found["common:UUID"]))
    return ""


def _version(tree: Mapping[str, Any]) -> str:
    administration = tree.get("administrativeInformation")
    owned = administration.get("publicationAndOwnership") if isinstance(administration, dict) else None
    return _plain(owned.get("common:dataSetVersion")) or "" if isinstance(owned, dict) else ""


def _plain(node: Any) -> str | None:
    first = many(node)[0] if many(node) else None
    if isinstance(first, dict):
        first = first.get("#text")
    return None if first is None else str(first)


def _number(node: Any) -> float | None:
    try:
        found = float(str(_plain(node)))
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def _exchange(one: Tree, process: str, reference: str | None, lookups: Lookups) -> dict[str, Any]:
    flow = str((one.get("referenceToFlowDataSet") or {}).get("@refObjectId") or "")
    amount = one.get("resultingAmount") if one.get("resultingAmount") is not None else one.get("meanAmount")
    zh, en = lookups.name_of(flow)
    return {
        "process": process,
        "number": _plain(one.get("@dataSetInternalID")),
        "flow": flow,
        "flow_name": en or zh or _plain((one.get("referenceToFlowDataSet") or {}).get("common:shortDescription")),
        "direction": _plain(one.get("exchangeDirection")),
        "unit": lookups.unit_of(flow),
        "distribution": _plain(one.get("uncertaintyDistributionType")),
        "amount": _number(amount),
        "spread95": _number(one.get("relativeStandardDeviation95In")),
        "is_reference": str(one.get("@dataSetInternalID")) == reference,
    }


def _sidecar_row(one: Mapping[str, Any]) -> dict[str, Any]:
    row = dict.fromkeys(column.name for column in RELEASE_COLUMNS)
    for column in RELEASE_COLUMNS:
        value = one.get(column.name)
        if value is not None and column.type is ColumnType.DATE:
            value = date.fromisoformat(value)
        elif value is not None and column.type is ColumnType.NUMBER:
            value = float(value)
        row[column.name] = value
    if not row["factor_id"]:
        raise ValueError("factor_id")
    return row
