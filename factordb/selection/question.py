"""A question for a factor: what a drafter has in hand, checked before anything is looked up."""

import math
from collections.abc import Collection
from dataclasses import dataclass, replace

from factordb.errors import NotFoundError, UsageError
from factordb.model.vocabulary import Boundary
from factordb.reference import table
from factordb.selection import places
from factordb.selection.flags import CO2E, refused_flags
from factordb.selection.released import settings
from factordb.units import Quantity, Unit, parse
from factordb.units.tables import gases
from factordb.values.refusal import Refused


@dataclass(frozen=True)
class Question:
    """What is asked of a choice.

    Attributes:
        product: words for the product or activity; or
        factor: a factor or version id, or its beginning.
        amount: how much of it, in `unit`.
        unit: unit of the amount, such as kWh.
        region: place of use, any spelling; "" = the reference table's.
        year: year of use.
        boundary: boundary asked for; "" = none is asked for.
        gwp_set: GWP set asked for; "" = the factor's own.
        technology: technology asked for; "" = the average.
        gas: CO2e, or one gas.
        allow_flags: flags the caller accepts.
    """

    product: str = ""
    factor: str = ""
    amount: float = 1.0
    unit: str = ""
    region: str = ""
    year: int | None = None
    boundary: str = ""
    gwp_set: str = ""
    technology: str = ""
    gas: str = CO2E
    allow_flags: Collection[str] = ()


def checked(asked: Question) -> tuple[Question, Unit | None]:
    """Return the question with its region as a code, and its unit read; None where no unit was given.

    Raises:
        UsageError: product and factor are both missing or both given, or an amount, year or unit cannot be.
        NotFoundError: a region, boundary, GWP set, gas or flag is not known.
    """
    if bool(asked.product.strip()) == bool(asked.factor.strip()):
        raise UsageError(
            problem="a choice needs either words for the product or a factor's identifier",
            remedy="give one of the two",
            problem_zh="选用因子须给出产品名称，或给出因子标识，二者取一",
            remedy_zh="请给出其中之一",
        )
    _countable(asked.amount)
    _within_years(asked.year)
    _known("boundary", asked.boundary, [one.value for one in Boundary])
    known_gwp_set(asked.gwp_set)
    _known("gas", asked.gas, list(gases()))
    refused_flags([], asked.allow_flags)
    region = places.region_code(asked.region or str(settings()["place_of_use"]))
    return replace(asked, region=region), _unit(asked.unit)


def _countable(amount: float) -> None:
    least, most = settings()["amounts"]
    counts = isinstance(amount, (int, float)) and math.isfinite(amount)
    if not counts or (amount and not least <= abs(amount) <= most):
        raise UsageError(
            problem=f"{amount} is no amount",
            remedy=f"give zero, or a finite number from {least:g} to {most:g}, in a fitting unit",
            problem_zh=f"{amount} 不是有效的数量",
            remedy_zh=f"请给出零，或 {least:g} 至 {most:g} 之间的有限数值，并选用合适的单位",
        )


def _within_years(year: int | None) -> None:
    first, last = settings()["years"]
    if year is not None and not first <= year <= last:
        raise UsageError(
            problem=f"{year} is no year of use",
            remedy=f"give a year from {first} to {last}",
            problem_zh=f"{year} 不是有效的使用年份",
            remedy_zh=f"请给出 {first} 至 {last} 之间的年份",
        )


def known_gwp_set(name: str) -> None:
    """Refuse a GWP set that is not of the table; "" stands for none.

    Raises:
        NotFoundError: it is not.
    """
    _known("GWP set", name, table("gwp/sets")["gas_set"].to_pylist())


def _known(kind: str, name: str, known: list[str]) -> None:
    if name and name not in known:
        raise NotFoundError(kind, name, known=", ".join(known))


def _unit(text: str) -> Unit | None:
    if not text:
        return None
    read = parse(text)
    if isinstance(read, Refused):
        raise UsageError(
            problem=read.problem_en,
            remedy="write the unit of the amount as in kWh, t or Nm3",
            problem_zh=read.problem_zh,
            remedy_zh="请按 kWh、t、Nm3 的形式书写数量单位",
        )
    if read.quantity not in {Quantity.AMOUNT, Quantity.COUNT}:
        raise UsageError(
            problem=f"{text} is a ratio of {read.numerator_dimension}, no unit of an amount",
            remedy="write the unit of the amount as in kWh, t or Nm3",
            problem_zh=f"{text} 是比值（分子量纲 {read.numerator_dimension}），不是数量单位",
            remedy_zh="请按 kWh、t、Nm3 的形式书写数量单位",
        )
    return read
