"""What EcoSpold 1 holds of a data sheet: lengths of its texts, region codes of seven letters, no field for the rest."""

from dataclasses import replace
from typing import Final

from factordb.formats.inventories.datasheet import Datasheet
from factordb.formats.inventories.shaping import cut, emptied, short_region, unit_cut

NAME, CATEGORY, UNIT, REGION, AUTHOR, TEXT = 255, 255, 20, 7, 40, 32_000
"""Greatest lengths: TString255, TCategoryName, TUnit, TRegionalCode, TString40, TString32000."""

NO_YEAR: Final = "reference year not stated / 未注明数据年份"
"""Text of a time period that the schema demands and the factor has not."""


def shape(sheet: Datasheet) -> Datasheet:
    """Return what the format holds of `sheet`."""
    held = emptied(sheet, "boundary", "valid_from", "valid_until", "published_on", "scores", "gwp_set", "product")
    return replace(
        unit_cut(held, UNIT),
        name=cut(sheet.name, NAME) or sheet.key,
        local_name=cut(sheet.local_name or sheet.name, NAME),
        category=cut(sheet.category, CATEGORY),
        technology=cut(sheet.technology, TEXT),
        region=short_region(sheet.region, REGION),
        source_title=cut(sheet.source_title, TEXT),
    )


def partly(sheet: Datasheet, held: Datasheet) -> list[str]:
    """Return the columns of which the format holds only a part in this data set."""
    pairs = {
        "name_en": (sheet.name, held.name),
        "name_zh": (sheet.local_name or sheet.name, held.local_name),
        "category": (sheet.category, held.category),
        "technology": (sheet.technology, held.technology),
        "region": (sheet.region, held.region),
        "unit": (sheet.exchanges[0].unit, held.exchanges[0].unit),
    }
    return [column for column, (whole, part) in pairs.items() if whole is not None and whole != part]
