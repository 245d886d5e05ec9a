"""XML from strangers as a tree: no DOCTYPE, no entities, no network, bounded size and depth (256, libxml2's own).

The ground of every room that reads XML. What is refused and why: trust.md 2.4.
Codes: XML-DOCTYPE, XML-ENCODING, XML-SIZE, XML-NODES, XML-BROKEN.
"""

import codecs
import re
from typing import Final

from lxml import etree

__all__ = ["ENCODINGS", "MAX_MARKS", "UnsafeXmlError", "parsed"]

MAX_BYTES: Final = 64 << 20
"""Bytes of one document."""
MAX_MARKS: Final = 1_500_000
"""Signs "<" and "=" of a document: bounds elements and attributes, and so the memory of its tree, to about 350 MB."""

MAX_ATTRIBUTES: Final = 500
"""Attributes of one element; the most of any exchange format is some forty."""

_ATTRIBUTE: Final = re.compile(rb"""=[\s\0]*["']""")

ENCODINGS: Final = frozenset(
    {
        *("ascii", "utf-8", "utf-16", "utf-16-le", "utf-16-be", "iso8859-1", "iso8859-2", "iso8859-15"),
        *("cp1250", "cp1252", "gbk", "gb2312", "gb18030", "big5"),
    }
)
"""Encodings that are read, by Python's names: none in which "<!DOCTYPE" could be written as other bytes (UTF-7)."""

_DECLARED: Final = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
_PROLOG: Final = re.compile(rb"(?:\s+|<\?.*?\?>|<!--.*?-->)*", re.DOTALL)
_MARKS_OF_ORDER: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class UnsafeXmlError(ValueError):
    """A document that is not read: a code, the line where one is known, and what was found."""

    def __init__(self, code: str, found: str, line: int | None = None) -> None:
        super().__init__(f"{code}: {found}")
        self.code, self.found, self.line = code, found, line


def parsed(data: bytes) -> etree._Element:
    """Return the root element of the document `data`; comments and processing instructions are gone.

    Raises:
        UnsafeXmlError: it is not read; says why and on which line.
    """
    _refuse_unread(data)
    try:
        root = etree.fromstring(data, _parser())
    except (etree.XMLSyntaxError, ValueError, LookupError) as fault:
        line = getattr(fault, "lineno", None)
        raise UnsafeXmlError("XML-BROKEN", " ".join(str(fault).split())[:200], line) from fault
    if root.getroottree().docinfo.doctype:
        raise UnsafeXmlError("XML-DOCTYPE", "<!DOCTYPE")
    return root


def _parser() -> etree.XMLParser:
    """Return a fresh parser: one that failed keeps nothing for the next document."""
    return etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        no_network=True,
        huge_tree=False,  # libxml2's own limits on depth, text and amplification stay on
        remove_comments=True,
        remove_pis=True,
        remove_blank_text=True,
        strip_cdata=True,
        collect_ids=False,
    )


def _refuse_unread(data: bytes) -> None:
    """Refuse what can be seen without a parser: size, encoding, DOCTYPE, more elements than memory has room for."""
    if len(data) > MAX_BYTES:
        raise UnsafeXmlError("XML-SIZE", f"{len(data):,} > {MAX_BYTES:,} bytes")
    marks = data.count(b"<") + data.count(b"=")
    if marks > MAX_MARKS:
        raise UnsafeXmlError("XML-NODES", f"{marks:,} > {MAX_MARKS:,}")
    if data.count(b"=") > MAX_ATTRIBUTES and _crowded(data):
        raise UnsafeXmlError("XML-NODES", f"> {MAX_ATTRIBUTES} attributes in one element")
    head = _head(data)
    declared = _DECLARED.match(head)
    if declared and _encoding(declared.group(1).decode()) not in ENCODINGS:
        raise UnsafeXmlError("XML-ENCODING", declared.group(1).decode())
    prolog = _PROLOG.match(head)
    if prolog and head[prolog.end() :].startswith(b"<!"):
        raise UnsafeXmlError("XML-DOCTYPE", "<!DOCTYPE")


def _crowded(data: bytes) -> bool:
    """Return whether an element has more attributes than are read: the parser's time grows with their square."""
    crowded = (part for part in data.split(b"<") if part.count(b"=") > MAX_ATTRIBUTES)
    return any(len(_ATTRIBUTE.findall(part)) > MAX_ATTRIBUTES for part in crowded)


def _head(data: bytes) -> bytes:
    """Return the document up to its first element, as bytes in which "<" is "<", also where it is UTF-16."""
    if data.startswith(codecs.BOM_UTF8):
        return data[len(codecs.BOM_UTF8) :]
    if data.startswith(_MARKS_OF_ORDER):
        return data[: 1 << 16].decode("utf-16", errors="replace").encode("utf-8", errors="replace")
    if data[:2] in {b"<\x00", b"\x00<"}:
        order = "utf-16-le" if data[:1] == b"<" else "utf-16-be"
        return data[: 1 << 16].decode(order, errors="replace").encode("utf-8", errors="replace")
    return data


def _encoding(name: str) -> str:
    try:
        return codecs.lookup(name).name
    except LookupError:
        return name.lower()
