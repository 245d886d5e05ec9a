"""XML documents of the exchange formats, read safely: what is refused is told as a format's fault with its place.

The parser and its limits stand in the ground room `factordb.safe_xml`.
"""

from lxml import etree

from factordb.formats.interchange import FormatFault
from factordb.formats.safe_zip import RefusedDocumentError
from factordb.safe_xml import MAX_MARKS, UnsafeXmlError, parsed

__all__ = ["MAX_MARKS", "xml_tree"]


def xml_tree(data: bytes, place: str) -> etree._Element:
    """Return the root element of the document `data`; comments and processing instructions are gone.

    Args:
        data: bytes of the document.
        place: where it stands, for the fault.

    Raises:
        RefusedDocumentError: it is not read; the fault says why and on which line.
    """
    try:
        return parsed(data)
    except UnsafeXmlError as fault:
        where = f"{place}:{fault.line}" if fault.line else place
        raise RefusedDocumentError(FormatFault(fault.code, "block", where, fault.found)) from fault
