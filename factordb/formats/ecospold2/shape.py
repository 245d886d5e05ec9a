"""What EcoSpold 2 holds of a data sheet."""

from dataclasses import replace
from typing import Final

from factordb.formats.inventories.datasheet import REFERENCE, Datasheet
from factordb.formats.inventories.shaping import cut, emptied

NAME, UNIT, REGION, CATEGORY, AUTHOR, EMAIL, TEXT, TAG = 120, 40, 80, 120, 40, 80, 32_000, 40
"""Greatest lengths: TString120, TString40, TString80, TString120, TBaseString40, TBaseString80, TString32000, TTag."""

NO_YEAR: Final = "reference year not stated / 未注明数据年份"
"""Comment of a time period that the schema demands and the factor has not."""


def shape(sheet: Datasheet) -> Datasheet:
    """Return what the format holds of `sheet`."""
    held = emptied(sheet, "valid_from", "valid_until", "published_on", "scores")
    exchanges = tuple(
        replace(one, unit=cut(one.unit, UNIT) or "", flow=cut(one.flow, NAME) or sheet.key)
        if one.role == REFERENCE
        else replace(one, flow=cut(one.flow, NAME) or one.gas)
        for one in held.exchanges
    )
    return replace(
        held,
        exchanges=exchanges,
        name=cut(sheet.name, NAME) or sheet.key,
        local_name=cut(sheet.local_name, NAME) or None,
        product=exchanges[0].flow,
        category=cut(sheet.category, CATEGORY) or None,
        technology=cut(sheet.technology, TEXT) or None,
        region=cut(sheet.region, REGION) or "GLO",
        gwp_set=cut(sheet.gwp_set, TAG - len("gwp:")) or "",
    )


def partly(sheet: Datasheet, held: Datasheet) -> list[str]:
    """Return the columns of which the format holds only a part in this data set."""
    pairs = {
        "name_en": (sheet.name, held.name),
        "name_zh": (sheet.local_name, held.local_name),
        "flow": (sheet.product, held.product),
        "category": (sheet.category, held.category),
        "technology": (sheet.technology, held.technology),
        "region": (sheet.region, held.region),
        "unit": (sheet.exchanges[0].unit, held.exchanges[0].unit),
    }
    return [column for column, (whole, part) in pairs.items() if whole is not None and whole != part]
