"""Reads openLCA packages of schema 1.x and 2: processes, and results that state a climate impact."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from factordb.formats.interchange import FormatFault, ReadBack
from factordb.formats.inventories.gathering import Gathering
from factordb.formats.inventories.json_read import json_object
from factordb.formats.inventories.packages import take_sidecar
from factordb.formats.openlca.process_sheet import Package, process_sheet
from factordb.formats.openlca.result_sheet import result_sheet
from factordb.formats.openlca.shape import shape
from factordb.formats.safe_zip import Package as Documents
from factordb.formats.safe_zip import RefusedDocumentError, package

KEPT: Final[Mapping[str, tuple[str, ...]]] = {
    "flows": ("name", "flowType", "cas", "category"),
    "locations": ("name", "code"),
    "actors": ("name",),
    "sources": ("name", "textReference", "year"),
    "lcia_categories": ("name", "refUnit", "referenceUnitName"),
    "flow_properties": ("name", "unitGroup"),
    "unit_groups": ("units",),
}
"""Folder -> what is remembered of its objects: processes refer to them, and memory is not to grow with the rest."""

FOLDERS: Final[Mapping[str, str]] = {
    "Process": "processes", "Result": "results", "Flow": "flows", "Location": "locations", "Actor": "actors",
    "Source": "sources", "ImpactCategory": "lcia_categories", "FlowProperty": "flow_properties",
    "UnitGroup": "unit_groups", "ImpactMethod": "lcia_methods", "ProductSystem": "product_systems",
    "DQSystem": "dq_systems", "Parameter": "parameters", "Currency": "currencies", "Project": "projects",
    "SocialIndicator": "social_indicators", "Epd": "epds",
}  # fmt: skip
"""Type of an object -> its folder in a package."""

MARKS: Final = frozenset({"olca-schema.json", "context.json", "openlca.json"})
OBJECTS: Final = pa.schema([("place", pa.string()), ("type", pa.string()), ("id", pa.string()), ("name", pa.string())])
"""Columns of `ReadBack.extra["objects"]`: objects that stand in no folder of the format, read by their type or not."""


def read_openlca(path: Path) -> ReadBack:
    """Return what the package at `path` holds; objects outside the format's folders are told apart by their type."""
    found = Gathering("openlca", shape)
    with package(path, (".json",)) as inside:
        if inside.fault is not None:
            found.refuse(inside.fault)
        folders = _by_folder(inside.names)
        found.keep("objects", _sorted_in(inside, folders, found))
        known: Package = {
            folder: dict(_objects(inside, folders.get(folder, ()), keys, found)) for folder, keys in KEPT.items()
        }
        taken: set[str] = set()
        _read(inside, folders.get("processes", ()), found, lambda one, place: _process(one, place, known, taken, found))
        _read(inside, folders.get("results", ()), found, lambda one, place: _result(one, place, known, taken, found))
    take_sidecar(path, found)
    return found.done()


def _by_folder(names: tuple[str, ...]) -> dict[str, list[str]]:
    """Return folder -> its documents; a package that was zipped with a folder around it is read as well."""
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(f"/{name}".split("/")[-2], []).append(name)
    return found


def _sorted_in(inside: Documents, folders: dict[str, list[str]], found: Gathering) -> pa.Table:
    """Add the objects that stand in no folder of the format to that of their type; return all of them as they are."""
    listed = []
    for folder in sorted(set(folders) - set(FOLDERS.values())):
        for name in folders[folder]:
            if name.rpartition("/")[2] in MARKS:
                continue
            loaded = _load(inside, name)
            if isinstance(loaded, FormatFault):
                found.refuse(loaded)
                continue
            kind = str(loaded.get("@type", ""))
            if kind in FOLDERS:
                folders.setdefault(FOLDERS[kind], []).append(name)
            cells = (inside.place(name), kind, str(loaded.get("@id", "")), str(loaded.get("name", "")))
            listed.append(dict(zip(OBJECTS.names, cells, strict=True)))
    return pa.Table.from_pylist(listed, schema=OBJECTS)


def _load(inside: Documents, name: str) -> dict[str, Any] | FormatFault:
    """Return the object in the document `name`, or why there is none."""
    try:
        loaded = json_object(inside.read(name), inside.place(name))
    except RefusedDocumentError as refused:
        return refused.fault
    return (
        loaded
        if isinstance(loaded, dict)
        else FormatFault("FMT050", "block", inside.place(name), "no JSON object", "{…}")
    )


def _objects(
    inside: Documents, names: list[str] | tuple[()], keys: tuple[str, ...], found: Gathering
) -> Iterator[tuple[str, dict[str, Any]]]:
    for name in names:
        loaded = _load(inside, name)
        if isinstance(loaded, FormatFault):
            # no data set of a factor: noted, and what refers to it reads what the reference itself says
            found.fault("FMT057", loaded.place, loaded.found)
        else:
            yield str(loaded.get("@id", "")), {key: loaded[key] for key in keys if key in loaded}


def _read(
    inside: Documents,
    names: list[str] | tuple[()],
    found: Gathering,
    take: Callable[[dict[str, Any], str], None],
) -> None:
    for name in names:
        loaded = _load(inside, name)
        if isinstance(loaded, FormatFault):
            found.refuse(loaded)
            continue
        try:
            take(loaded, inside.place(name))
        except (TypeError, ValueError, AttributeError, KeyError) as fault:
            # a value of another type than the schema's where nobody looked: the data set is refused, not the package
            found.refuse_by("FMT050", inside.place(name), f"{type(fault).__name__}: {fault}"[:200])


def _process(one: dict[str, Any], place: str, known: Package, taken: set[str], found: Gathering) -> None:
    sheet = process_sheet(one, place, known, found)
    reference = sheet.reference
    if reference:
        taken.add(reference.flow_id)
    found.add(sheet, place)


def _result(one: dict[str, Any], place: str, known: Package, taken: set[str], found: Gathering) -> None:
    """Take a result as a factor, unless a process of this package has the same product: then it is that one's."""
    sheet = result_sheet(one, known)
    if sheet.reference is None or sheet.reference.flow_id not in taken:
        found.add(sheet, place)
