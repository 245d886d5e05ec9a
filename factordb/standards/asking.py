"""Questions about the registry as filters, and the refusal of what is not known."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from factordb.errors import NotFoundError, UsageError
from factordb.model.standard import CODES, Level, Standard, Status, Subject

__all__ = ["answers", "known_filters", "misuse", "one_of"]

_FILTERS: Final[Mapping[str, type[StrEnum]]] = {"level": Level, "status": Status, "subject": Subject}


def known_filters(filters: Mapping[str, str]) -> None:
    """Refuse filters and values that are not known.

    Raises:
        UsageError: there is no such filter; NotFoundError: no such value.
    """
    known = (*_FILTERS, *CODES)
    for name, value in filters.items():
        if name not in known:
            raise misuse(f"there is no filter called {name!r}", f"use some of: {', '.join(known)}",
                          f"没有名为 {name} 的筛选条件", f"可用条件：{', '.join(known)}")  # fmt: skip
        if name in _FILTERS and value:
            one_of(name, value, _FILTERS[name])


def answers(one: Standard, text: str, filters: Mapping[str, str]) -> bool:
    """Return whether a record holds every word of the text and every filter; codes are asked by their beginning."""
    said = f"{one.number} {one.title_zh} {one.title_en} {one.product_zh} {one.product_en} {one.issuer}".casefold()
    held = all(getattr(one, name).value == value for name, value in filters.items() if name in _FILTERS and value)
    coded = all(
        any(code.startswith(value.replace(".", "")) for code in getattr(one, name))
        for name, value in filters.items()
        if name in CODES and value
    )
    return held and coded and all(word in said for word in text.casefold().split())


def one_of(kind: str, value: str, vocabulary: type[StrEnum]) -> None:
    """Refuse a value that the vocabulary does not hold.

    Raises:
        NotFoundError: it does not.
    """
    if value not in {one.value for one in vocabulary}:
        raise NotFoundError(kind, value, known=", ".join(one.value for one in vocabulary))


def misuse(problem: str, remedy: str, problem_zh: str, remedy_zh: str) -> UsageError:
    """Return a fault of use in both languages."""
    return UsageError(problem=problem, remedy=remedy, problem_zh=problem_zh, remedy_zh=remedy_zh)
