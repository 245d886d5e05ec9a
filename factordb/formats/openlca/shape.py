"""What an openLCA package holds of a data sheet: nearly everything, in texts of any length."""

from dataclasses import replace

from factordb.formats.inventories.datasheet import Datasheet
from factordb.formats.inventories.shaping import emptied


def shape(sheet: Datasheet) -> Datasheet:
    """Return what the format holds of `sheet`."""
    scores = sheet.scores if any(sheet.scores) else ()
    return replace(emptied(sheet, "local_name", "published_on"), scores=scores)
