"""The exchange formats by name; a format's room is imported when it is first asked for."""

from functools import cache
from importlib import import_module
from typing import Final, cast

from factordb.errors import NotFoundError
from factordb.formats.interchange import ExchangeFormat

ROOMS: Final[dict[str, str]] = {
    "catenax": "footprint.exchange_catenax",
    "croissant": "catalogued.croissant",
    "datacite": "catalogued.datacite",
    "datapackage": "catalogued.datapackage",
    "ecospold1": "ecospold1",
    "ecospold2": "ecospold2",
    "ilcd": "ilcd.exchange",
    "ilcd_epd": "ilcd.exchange_epd",
    "openlca": "openlca",
    "pact2": "footprint.exchange_pact2",
    "pact3": "footprint.exchange_pact3",
    "prov": "catalogued.prov",
    "simapro": "simapro",
    "tidas": "tidas.exchange",
    "xlsx": "catalogued.xlsx",
}
"""Name of a format -> its module below `factordb.formats`."""


def names() -> tuple[str, ...]:
    """Return the names of all exchange formats, sorted."""
    return tuple(sorted(ROOMS))


@cache
def exchange_format(name: str) -> ExchangeFormat:
    """Return the format `name`.

    Raises:
        NotFoundError: there is none of that name.
    """
    if name not in ROOMS:
        raise NotFoundError("format", name, known=", ".join(names()))
    return cast("ExchangeFormat", import_module(f"factordb.formats.{ROOMS[name]}").FORMAT)
