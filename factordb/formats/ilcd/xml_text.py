"""Trees of data sets as XML and back, in the manner of xmltodict: `@attribute`, `#text`, a list where a name repeats.

Names are read by their namespace, not by the prefix that happens to stand in the file.
"""

import re
from functools import lru_cache
from typing import Any, Final

from lxml import etree

from factordb.formats.tidas.dataset import COMMON, EXTENSION, Shared, Tree

EPD_2013: Final = "http://www.iai.kit.edu/EPD/2013"
EPD_2019: Final = "http://www.indata.network/EPD/2019"
_XML: Final = "http://www.w3.org/XML/1998/namespace"
_PREFIXES: Final = {
    COMMON: "common:",
    EXTENSION: "fdb:",
    EPD_2013: "epd:",
    EPD_2019: "epd2:",
    _XML: "xml:",
    "http://www.w3.org/2001/XMLSchema-instance": "xsi:",
}
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SPECIAL: Final = re.compile('[&<>"\n\t\r]')
"""Most texts have none of these; translating them all took a third of the time of writing."""
_IN_TEXT: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_IN_ATTRIBUTE: Final = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#10;", "\t": "&#9;", "\r": "&#13;"}
)


def as_xml(tree: Tree) -> bytes:
    """Return the document of a data set as XML; references name XML files."""
    parts = [_HEAD]
    for name, node in tree.items():
        _write(name, node, parts)
    parts.append("\n")
    return "".join(parts).encode()


def _write(name: str, node: Any, parts: list[str]) -> None:
    if isinstance(node, list):
        for one in node:
            _write(name, one, parts)
        return
    if isinstance(node, Shared):
        if name not in node.written:
            once: list[str] = []
            _write(name, dict(node), once)
            node.written[name] = "".join(once)
        parts.append(node.written[name])
        return
    if not isinstance(node, dict):
        parts.append(f"<{name}>{_text(node)}</{name}>")
        return
    _element(name, node, parts)


def _element(name: str, node: Tree, parts: list[str]) -> None:
    parts.append(f"<{name}")
    inside, text = [], ""
    for key, value in node.items():
        if key[0] == "@":
            parts.append(f' {key[1:]}="{_attribute(key, value)}"')
        elif key == "#text":
            text = _text(value)
        else:
            inside.append((key, value))
    if not inside and not text:
        parts.append("/>")
        return
    parts.append(">" + text)
    for key, value in inside:
        _write(key, value, parts)
    parts.append(f"</{name}>")


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    return text.translate(_IN_TEXT) if _SPECIAL.search(text) else text


def _attribute(key: str, value: Any) -> str:
    text = str(value)
    if key == "@uri" and text.endswith(".json"):
        text = text.removesuffix(".json") + ".xml"
    return text.translate(_IN_ATTRIBUTE) if _SPECIAL.search(text) else text


def document(root: etree._Element) -> Tree:
    """Return the tree of a whole document: the name of its root, without its namespace, and what is below."""
    return {etree.QName(root).localname: _tree(root)}


def _tree(element: etree._Element) -> Any:
    found: Tree = {}
    for key, value in element.attrib.items():
        found["@" + _name(str(key))] = value
    for child in element:
        name, node = _name(child.tag), _tree(child)
        if name in found:
            before = found[name]
            if isinstance(before, list):
                before.append(node)
            else:
                found[name] = [before, node]
        else:
            found[name] = node
    text = element.text
    if text and not text.isspace():
        text = text.strip()
        if not found:
            return text
        found["#text"] = text
    return found or None


@lru_cache(maxsize=16_384)
def _name(tag: str) -> str:
    if tag[0] != "{":
        return tag
    namespace, _, local = tag[1:].partition("}")
    return _PREFIXES.get(namespace, "") + local
