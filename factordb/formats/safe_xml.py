"""XML from strangers as a tree: no DOCTYPE, no entities, no network, bounded size and depth (256, libxml2's own).

What is refused and why: trust.md 2.4. Codes: XML-DOCTYPE, XML-ENCODING, XML-SIZE, XML-NODES, XML-BROKEN.
"""

import codecs
import re
from typing import Final

from lxml import etree

from factordb.formats.interchange import FormatFault
from factordb.formats.safe_zip import MAX_DOCUMENT_BYTES, RefusedDocumentError

MAX_MARKS: Final = 1_500_000
"""Signs "<" and "=" of a document: bounds elements and attributes, and so the memory of its tree, to about 350 MB."""

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


def xml_tree(data: bytes, place: str) -> etree._Element:
    """Return the root element of the document `data`; comments and processing instructions are gone.

    Args:
        data: bytes of the document.
        place: where it stands, for the fault.

    Raises:
        RefusedDocumentError: it is not read; the fault says why and on which line.
    """
    _refuse_unread(data, place)
    try:
        root = etree.fromstring(data, _parser())
    except (etree.XMLSyntaxError, ValueError, LookupError) as fault:
        line = getattr(fault, "lineno", None)
        where = f"{place}:{line}" if line else place
        raise _refused("XML-BROKEN", where, " ".join(str(fault).split())[:200]) from fault
    if root.getroottree().docinfo.doctype:
        raise _refused("XML-DOCTYPE", place, "<!DOCTYPE")
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


def _refuse_unread(data: bytes, place: str) -> None:
    """Refuse what can be seen without a parser: size, encoding, DOCTYPE, more elements than memory has room for."""
    if len(data) > MAX_DOCUMENT_BYTES:
        raise _refused("XML-SIZE", place, f"{len(data):,} > {MAX_DOCUMENT_BYTES:,} bytes")
    marks = data.count(b"<") + data.count(b"=")
    if marks > MAX_MARKS:
        raise _refused("XML-NODES", place, f"{marks:,} > {MAX_MARKS:,}")
    head = _head(data)
    declared = _DECLARED.match(head)
    if declared and _encoding(declared.group(1).decode()) not in ENCODINGS:
        raise _refused("XML-ENCODING", place, declared.group(1).decode())
    prolog = _PROLOG.match(head)
    if prolog and head[prolog.end() :].startswith(b"<!"):
        raise _refused("XML-DOCTYPE", place, "<!DOCTYPE")


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


def _refused(code: str, place: str, found: str) -> RefusedDocumentError:
    return RefusedDocumentError(FormatFault(code, "block", place, found))
