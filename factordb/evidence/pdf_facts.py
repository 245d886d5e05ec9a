"""What a PDF says of itself: producer, days, ends, text, scripts, embedded files, and codes in its pictures.

All of it is a hint: a full rewrite keeps one end and can set any producer and any day (traceability.md 3.5).
"""

import logging
import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

from factordb.model.evidence_facts import PdfFacts

__all__ = ["read_pdf"]

LARGEST: Final = 64 << 20
"""Bytes of a PDF that is read; a larger one is stored and hashed only."""
PAGES: Final = 40
"""Pages of which the text is taken: reports and certificates are shorter."""
PICTURES: Final = 8
_DAY: Final = re.compile(r"D:(\d{4})(\d{2})(\d{2})")
_SCRIPTS: Final = ("/JavaScript", "/JS", "/Launch", "/EmbeddedFiles", "/RichMedia", "/OpenAction")
_END: Final = b"%%EOF"


def read_pdf(path: Path, *, codes: bool = True) -> PdfFacts:
    """Return the facts of the PDF at `path`; no pages where it cannot be read.

    Args:
        path: of the file.
        codes: decode QR and bar codes, where `zxing-cpp` is installed.
    """
    import pypdf  # noqa: PLC0415 - a tenth of a second, on use

    data = path.read_bytes() if path.stat().st_size <= LARGEST else b""
    if not data.startswith(b"%PDF"):
        return PdfFacts(pages=0)
    logging.getLogger("pypdf").setLevel(logging.ERROR)
    try:
        reader = pypdf.PdfReader(path, strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            return PdfFacts(pages=0, ends=data.count(_END))
        about: Mapping[str, Any] = reader.metadata or {}
        pages = len(reader.pages)
        return PdfFacts(
            pages=pages,
            producer=" ".join(str(about.get(name, "")) for name in ("/Producer", "/Creator")).strip(),
            created_on=_day(about.get("/CreationDate")),
            modified_on=_day(about.get("/ModDate")),
            ends=data.count(_END),
            text="\n".join(page.extract_text() or "" for page in reader.pages[:PAGES]),
            scripts=tuple(dict.fromkeys(_scripts(reader))),
            signed=any(str(one.get("/FT", "")) == "/Sig" for one in (reader.get_fields() or {}).values()),
            codes=_codes(reader) if codes else None,
        )
    except (pypdf.errors.PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError, OSError):
        return PdfFacts(pages=0, ends=data.count(_END))


def _day(written: Any) -> date | None:
    hit = _DAY.match(str(written or ""))
    try:
        return date(int(hit[1]), int(hit[2]), int(hit[3])) if hit else None
    except ValueError:
        return None


def _scripts(reader: Any) -> Iterator[str]:
    """Yield what runs or hides in the document: names of its catalogue, its names tree and its pages' actions."""
    root = reader.trailer["/Root"]
    names = root.get("/Names", {})
    for where in (root, names.get_object() if hasattr(names, "get_object") else names):
        for one in _SCRIPTS:
            found = where.get(one)
            if found is not None and (one != "/OpenAction" or _runs(found)):
                yield one
    for page in reader.pages[:PAGES]:
        if "/AA" in page:
            yield "/AA"
        for note in page.get("/Annots") or ():
            if _runs(note.get_object().get("/A")):
                yield "/Launch"


def _runs(action: Any) -> bool:
    found = action.get_object() if hasattr(action, "get_object") else action
    return isinstance(found, dict) and str(found.get("/S")) in {"/JavaScript", "/Launch"}


def _codes(reader: Any) -> tuple[str, ...] | None:
    """Return the decoded codes of the document's pictures; None where no decoder is installed."""
    try:
        import zxingcpp  # noqa: PLC0415 - the extra [evidence]
        from PIL import Image  # noqa: PLC0415 - as above
    except ImportError:
        return None
    found: list[str] = []
    for page in reader.pages[:PAGES]:
        for number, picture in enumerate(page.images):
            if number >= PICTURES:
                break
            if isinstance(picture.image, Image.Image):
                found += [one.text for one in zxingcpp.read_barcodes(picture.image.convert("L"))]
    return tuple(dict.fromkeys(found))
