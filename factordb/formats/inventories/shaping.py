"""What several formats cannot hold, taken from a data sheet in one way."""

from dataclasses import replace
from typing import Any, Final

from factordb.formats.inventories.datasheet import REFERENCE, Datasheet
from factordb.formats.inventories.xml_text import clean

EMPTY_FACTS: Final[dict[str, Any]] = {
    "local_name": None,
    "product": None,
    "category": None,
    "technology": None,
    "boundary": "",
    "valid_from": None,
    "valid_until": None,
    "published_on": None,
    "scores": (),
    "gwp_set": "",
}
"""Facts of a data sheet and how they look where a format does not carry them."""


def emptied(sheet: Datasheet, *facts: str) -> Datasheet:
    """Return `sheet` without `facts`."""
    return replace(sheet, **{name: EMPTY_FACTS[name] for name in facts})


def cut(text: str | None, length: int) -> str | None:
    """Return the first `length` characters as XML can hold them, blanks as every XML parser hands them on."""
    return None if text is None else " ".join(clean(text).split())[:length].strip()


def unit_cut(sheet: Datasheet, length: int) -> Datasheet:
    """Return `sheet` with the declared unit cut to `length` characters."""
    exchanges = tuple(
        replace(one, unit=cut(one.unit, length) or "") if one.role == REFERENCE else one for one in sheet.exchanges
    )
    return replace(sheet, exchanges=exchanges)


def short_region(region: str | None, length: int) -> str:
    """Return the longest ancestor of a region code that has at most `length` characters; GLO where none is known."""
    code = region or "GLO"
    while len(code) > length and "-" in code:
        code = code.rpartition("-")[0]
    return code[:length]
