"""A data set of the national package: its identity, its file, references to it, and texts in two languages.

A data set is a tree of dictionaries in the manner of xmltodict (`@attribute`, `#text`, `common:` prefixes), keys in the
order of the ILCD schemas: TIDAS is its JSON, ILCD its XML (formats.md 2.3).
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final
from uuid import NAMESPACE_URL, UUID, uuid5

Tree = dict[str, Any]

NAMESPACE: Final[UUID] = uuid5(NAMESPACE_URL, "urn:factordb:exchange:1")
"""Root of all identifiers made here: the same factor has the same UUID in every release and on every machine."""

FIRST_VERSION: Final = "01.00.000"
CHINESE: Final = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
"""What TIDAS takes for Chinese: a text marked zh has some, a text marked en has none (tidas_data_types)."""

_NOT_XML: Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]+")
_RELEASE: Final = re.compile(r"20(\d\d)\.(\d{1,2})")

STRING: Final = 500
"""Longest text of the ILCD type String, in characters."""
SHORT_TEXT: Final = 1000
"""Longest text of the ILCD type ST."""

FOLDERS: Final = {
    "processes": "process data set",
    "flows": "flow data set",
    "flowproperties": "flow property data set",
    "unitgroups": "unit group data set",
    "lciamethods": "LCIA method data set",
    "sources": "source data set",
    "contacts": "contact data set",
}
"""Folder of a package -> type word of references into it. Nothing refers to life cycle models."""

ROOTS: Final = {
    "lifecyclemodels": "lifeCycleModelDataSet",
    "processes": "processDataSet",
    "flows": "flowDataSet",
    "flowproperties": "flowPropertyDataSet",
    "unitgroups": "unitGroupDataSet",
    "lciamethods": "LCIAMethodDataSet",
    "sources": "sourceDataSet",
    "contacts": "contactDataSet",
}
"""The eight modules: folder -> root of its data sets."""

_SCHEMAS: Final = {
    "lifecyclemodels": ("http://eplca.jrc.ec.europa.eu/ILCD/LifeCycleModel/2017", "LifeCycleModel"),
    "processes": ("http://lca.jrc.it/ILCD/Process", "Process"),
    "flows": ("http://lca.jrc.it/ILCD/Flow", "Flow"),
    "flowproperties": ("http://lca.jrc.it/ILCD/FlowProperty", "FlowProperty"),
    "unitgroups": ("http://lca.jrc.it/ILCD/UnitGroup", "UnitGroup"),
    "lciamethods": ("http://lca.jrc.it/ILCD/LCIAMethod", "LCIAMethod"),
    "sources": ("http://lca.jrc.it/ILCD/Source", "Source"),
    "contacts": ("http://lca.jrc.it/ILCD/Contact", "Contact"),
}
"""Folder -> XML namespace and the stem of its schema file."""

COMMON: Final = "http://lca.jrc.it/ILCD/Common"
EXTENSION: Final = "urn:factordb:ilcd-extension:1"
"""Namespace of what ILCD has no place for; stands in `common:other` under the prefix fdb."""


class Shared(dict[str, Any]):
    """A tree that many data sets have and nobody changes: what it is as XML is worked out once."""

    __slots__ = ("written",)

    def __init__(self, tree: Tree) -> None:
        super().__init__(tree)
        self.written: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class DataSet:
    """One data set: folder of its module, UUID, version, tree below its root."""

    folder: str
    uuid: str
    version: str
    tree: Tree

    def name(self, ending: str) -> str:
        """Return its path in a package: folder, UUID and version."""
        return f"{self.folder}/{self.uuid}_{self.version}.{ending}"


@lru_cache(maxsize=65_536)
def identifier(kind: str, name: str) -> str:
    """Return the UUID of the thing of this kind that is called `name`."""
    return str(uuid5(NAMESPACE, f"{kind}:{name}"))


def version_of(release_id: str) -> str:
    """Return the version of data sets of the release: 2026.1 gives 26.01.000, so that a later release replaces it."""
    found = _RELEASE.fullmatch(release_id)
    return f"{found[1]}.{int(found[2]):02}.000" if found else FIRST_VERSION


def root(folder: str, tree: Tree) -> Tree:
    """Return the document of a data set: its root with namespaces, and `tree` below it."""
    namespace, stem = _SCHEMAS[folder]
    attributes = {
        "@xmlns": namespace,
        "@xmlns:common": COMMON,
        "@xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
        "@version": "1.1",
    }
    if folder == "flows":
        attributes["@xmlns:ecn"] = "http://eplca.jrc.ec.europa.eu/ILCD/Extensions/2018/ECNumber"
    if folder == "lifecyclemodels":
        attributes["@xmlns:acme"] = "http://acme.com/custom"  # the TIDAS schema demands this very prefix
    if folder in {"flows", "processes", "lifecyclemodels"}:
        attributes["@locations"] = "../ILCDLocations.xml"
    attributes["@xsi:schemaLocation"] = f"{namespace} ../../schemas/ILCD_{stem}DataSet.xsd"
    return {ROOTS[folder]: {**attributes, **tree}}


def reference(folder: str, uuid: str, version: str, texts: list[Tree]) -> Tree:
    """Return a reference to a data set, with its name."""
    return {
        "@type": FOLDERS[folder],
        "@refObjectId": uuid,
        "@version": version,
        "@uri": f"../{folder}/{uuid}_{version}.json",
        "common:shortDescription": texts,
    }


def clean(text: str) -> str:
    """Return `text` without what XML cannot hold, white space as single blanks."""
    return " ".join(_NOT_XML.sub(" ", text).split())


def said(zh: str | None, en: str | None, limit: int = STRING) -> list[Tree]:
    """Return the text in its languages: Chinese only where there is Chinese, English only where there is none.

    A text that stands under the wrong language goes to the other one if that is empty. Nothing at all is said to be
    not stated. At most `limit` characters each.
    """
    first, second = clean(zh or "")[:limit].rstrip(), clean(en or "")[:limit].rstrip()
    if first and not CHINESE.search(first):
        first, second = "", second or first
    if second and CHINESE.search(second):
        first, second = first or second, ""
    if not first and not second:
        first, second = "未说明", "not stated"
    items = [{"@xml:lang": "en", "#text": second}] if second else []
    return items + ([{"@xml:lang": "zh", "#text": first}] if first else [])


def many(node: Any) -> list[Any]:
    """Return a node that may stand once, several times or not at all as a list."""
    if node is None:
        return []
    return node if isinstance(node, list) else [node]


def text_in(node: Any, lang: str) -> str | None:
    """Return the text of `node` in the language `lang`; a text without a language is English (ILCD's default)."""
    for item in many(node):
        if isinstance(item, dict):
            if str(item.get("@xml:lang", "en"))[:2] == lang and item.get("#text"):
                return str(item["#text"])
        elif item is not None and lang == "en":
            return str(item)
    return None
