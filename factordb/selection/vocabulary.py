"""Values that a criterion can have: closed vocabularies and units, refused where unknown with the nearest known."""

from collections.abc import Callable
from difflib import get_close_matches
from functools import cache
from typing import Final

from factordb.errors import UsageError
from factordb.model.vocabulary import Boundary, Direction, Kind, Tier
from factordb.rating.schemes import scheme, scheme_names
from factordb.reference import table
from factordb.selection.words import plain
from factordb.units import parse
from factordb.units.tables import gases
from factordb.values.refusal import Refused

_CLOSED: Final[dict[str, Callable[[], list[str]]]] = {
    "kind": lambda: [one.value for one in Kind],
    "tier": lambda: [one.value for one in Tier],
    "boundary": lambda: [one.value for one in Boundary],
    "direction": lambda: [one.value for one in Direction],
    "gas": lambda: list(gases()),
    "gwp_set": lambda: [str(one) for one in table("gwp/sets")["gas_set"].to_pylist()],
    "band": lambda: list(dict.fromkeys(band.id for name in scheme_names() for band in scheme(name).bands)),
}
CHECKED: Final = (*_CLOSED, "unit")
"""Criteria whose values are checked: what no row can have is a fault of the question, not an answer of no rows."""
_NEAR: Final = 0.6
"""Likeness of two words, 0 to 1, from which one may have meant the other; difflib's own measure and default."""


def known_value(name: str, value: str) -> str:
    """Return the value of a criterion as it is stored.

    Raises:
        UsageError: there is no such value, or it is no unit; the nearest known one is named.
    """
    if name == "unit":
        return _unit(value)
    known = _known(name)
    if value in known:
        return value
    spelt = {plain(one): one for one in known}
    raise unknown_value(
        name, value, known, near=[spelt[one] for one in get_close_matches(plain(value), spelt, 1, _NEAR)]
    )


def unknown_value(name: str, value: str, known: tuple[str, ...], *, near: list[str]) -> UsageError:
    """Return the fault of a value that a criterion cannot have, with the nearest and all known ones."""
    listed = ", ".join(known)
    meant, meant_zh = (f"did you mean {near[0]!r}? ", f"是否指 {near[0]!r}？") if near else ("", "")
    return UsageError(
        problem=f"{value!r} is no value of {name}",
        remedy=f"{meant}use one of: {listed}",
        problem_zh=f"{value!r} 不是 {name} 的取值",
        remedy_zh=f"{meant_zh}可用取值：{listed}",
    )


@cache
def _known(name: str) -> tuple[str, ...]:
    return tuple(_CLOSED[name]())


def _unit(text: str) -> str:
    read = parse(text)
    if isinstance(read, Refused):
        raise UsageError(
            problem=f"{text!r} is no unit ({read.problem_en})",
            remedy="write the unit as in kgCO2e/kWh or kgCO2/TJ",
            problem_zh=f"{text!r} 不是单位（{read.problem_zh}）",
            remedy_zh="请按 kgCO2e/kWh 或 kgCO2/TJ 的形式书写单位",
        )
    return read.unit
