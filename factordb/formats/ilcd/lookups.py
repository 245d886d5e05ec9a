"""What processes refer to, kept while a package is read: flows, flow properties, unit groups, references."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import pyarrow as pa

from factordb.formats.interchange import FormatFault
from factordb.formats.tidas.dataset import FOLDERS, many, text_in

_FOLDER_OF_TYPE: Final = {word: folder for folder, word in FOLDERS.items()}
_FLOWS: Final = pa.schema(
    [(name, pa.string()) for name in ("flow", "name_zh", "name_en", "type", "flow_property", "unit")]
)


class Lookups:
    """Names and units of flows by UUID; references that lead nowhere."""

    def __init__(self) -> None:
        self._flows: dict[str, tuple[str | None, str | None, str | None, str | None, float]] = {}
        self._groups: dict[str, str] = {}
        self._units: dict[str, str] = {}
        self._present: set[tuple[str, str]] = set()
        self._referred: dict[tuple[str, str], str] = {}

    def take(self, folder: str, uuid: str, tree: Mapping[str, Any]) -> bool:
        """Keep what others need of a data set; return whether it was new."""
        new = (folder, uuid) not in self._present
        self._present.add((folder, uuid))
        if folder == "flows":
            self._take_flow(uuid, tree)
        elif folder == "flowproperties":
            quantity = (tree.get("flowPropertiesInformation") or {}).get("quantitativeReference") or {}
            self._groups[uuid] = str((quantity.get("referenceToReferenceUnitGroup") or {}).get("@refObjectId"))
        elif folder == "unitgroups":
            wanted = _dig(tree, "unitGroupInformation", "quantitativeReference", "referenceToReferenceUnit")
            units = [one for one in many((tree.get("units") or {}).get("unit")) if isinstance(one, dict)]
            found = next((one for one in units if str(one.get("@dataSetInternalID")) == str(wanted)), None)
            if found and found.get("name"):
                self._units[uuid] = str(found["name"])
        return new

    def _take_flow(self, uuid: str, tree: Mapping[str, Any]) -> None:
        names = _dig(tree, "flowInformation", "dataSetInformation", "name", "baseName")
        wanted = _dig(tree, "flowInformation", "quantitativeReference", "referenceToReferenceFlowProperty")
        properties = [
            one for one in many((tree.get("flowProperties") or {}).get("flowProperty")) if isinstance(one, dict)
        ]
        found = next((one for one in properties if str(one.get("@dataSetInternalID")) == str(wanted)), None)
        target = ((found or {}).get("referenceToFlowPropertyDataSet") or {}).get("@refObjectId")
        kind = _dig(tree, "modellingAndValidation", "LCIMethod", "typeOfDataSet")
        if kind is None:
            kind = _dig(tree, "modellingAndValidation", "LCIMethodAndAllocation", "typeOfDataSet")
        try:
            size = float((found or {}).get("meanValue", 1.0))
        except (TypeError, ValueError):
            size = 1.0
        self._flows[uuid] = (text_in(names, "zh"), text_in(names, "en"), kind, target, size)

    def unit_of(self, flow: str) -> str | None:
        """Return the reference unit of a flow: of the unit group of its reference flow property."""
        known = self._flows.get(flow)
        return self._units.get(self._groups.get(known[3] or "", "")) if known else None

    def size_of(self, flow: str) -> float:
        """Return how many reference units one of the flow is: the mean value of its reference flow property."""
        known = self._flows.get(flow)
        return known[4] if known else 1.0

    def name_of(self, flow: str) -> tuple[str | None, str | None]:
        """Return the names of a flow, Chinese and English."""
        known = self._flows.get(flow)
        return known[:2] if known else (None, None)

    def refer(self, tree: Any, place: str) -> None:
        """Note every reference of a data set."""
        stack = [tree]
        while stack:
            node = stack.pop()
            if isinstance(node, list):
                stack.extend(node)
            elif isinstance(node, dict):
                target = node.get("@refObjectId")
                folder = _FOLDER_OF_TYPE.get(str(node.get("@type")))
                if target and folder:
                    self._referred.setdefault((folder, str(target)), place)
                stack.extend(child for child in node.values() if isinstance(child, dict | list))

    def dangling(self) -> Iterator[FormatFault]:
        """Yield the references to data sets the package does not hold, each target once, with its first place."""
        for (folder, uuid), place in sorted(self._referred.items()):
            if (folder, uuid) not in self._present:
                yield FormatFault("FMT034", "advise", place, f"{folder}/{uuid}")

    def flows(self) -> pa.Table:
        """Return the flows of the package."""
        rows = [
            {
                "flow": uuid,
                "name_zh": zh,
                "name_en": en,
                "type": kind,
                "flow_property": target,
                "unit": self.unit_of(uuid),
            }
            for uuid, (zh, en, kind, target, _) in self._flows.items()
        ]
        return pa.Table.from_pylist(rows, schema=_FLOWS)


def _dig(node: Any, *path: str) -> Any:
    for name in path:
        if isinstance(node, list):
            node = node[0] if node else None
        if not isinstance(node, dict):
            return None
        node = node.get(name)
    return node[0] if isinstance(node, list) and path[-1] != "baseName" else node
