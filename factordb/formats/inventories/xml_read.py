"""Elements by their local names: files of the same format differ in name spaces."""

from collections.abc import Iterator
from typing import Any, Final, TypeAlias

from lxml import etree

Node: TypeAlias = Any
"""An lxml element; lxml's own class is private."""

_NONE: Final = etree.Element("none")


def local_name(node: Node) -> str:
    """Return the name without its name space."""
    return str(etree.QName(node).localname)


def children(node: Node, name: str) -> Iterator[Node]:
    """Yield the children called `name` in any name space."""
    yield from node.iterfind(f"{{*}}{name}")


def first(node: Node, *names: str) -> Node:
    """Return the first descendant along `names`; an empty element where there is none, so that questions are short."""
    for name in names:
        node = node.find(f"{{*}}{name}")
        if node is None:
            return _NONE
    return node


def text_of(node: Node, *names: str, lang: str = "") -> str:
    """Return the text of the first descendant along `names`, in `lang` where several languages stand there."""
    if not names:
        return (node.text or "").strip()
    above = first(node, *names[:-1]) if names[:-1] else node
    found = list(children(above, names[-1]))
    for one in found:
        if lang and one.get("{http://www.w3.org/XML/1998/namespace}lang", "") == lang:
            return (one.text or "").strip()
    return (found[0].text or "").strip() if found and not lang else ""
