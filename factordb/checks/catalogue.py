"""The catalogue: built-in checks as a plain tuple, further ones by the entry-point group `factordb.checks`."""

import hashlib
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import metadata, resources

from factordb.checks import (
    comparison,
    dates,
    form,
    gases,
    identity,
    plausibility,
    statements,
    trace,
    units,
    value,
)
from factordb.checks.base import FAMILIES, Check, Registry

BUILT_IN: tuple[Check, ...] = (
    *trace.CHECKS, *value.CHECKS, *gases.CHECKS, *units.CHECKS, *dates.CHECKS, *identity.CHECKS,
    *plausibility.CHECKS, *comparison.CHECKS, *statements.CHECKS, *form.CHECKS,
)  # fmt: skip


def all_checks() -> Registry:
    """Return a fresh registry of the built-in checks and those of installed packages."""
    further = [point.load() for point in metadata.entry_points(group="factordb.checks")]
    return Registry([*BUILT_IN, *further])


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    table = resources.files("factordb").joinpath("reference", "words", "checks.toml")
    return tomllib.loads(table.read_text(encoding="utf-8"))


def words_of(code: str) -> Mapping[str, str]:
    """Return the words of a rule: title, message, why and remedy, each zh and en.

    Codes of the value and unit grammars (VAL1xx, UNI1xx) have their words beside the grammars.
    """
    from factordb.values.refusal import refusal_words  # noqa: PLC0415 - read on use

    words = _words()
    return words[code] if code in words else refusal_words()[code]


def worded_codes() -> tuple[str, ...]:
    """Return every code that has words, in order of family and number: checks, refusals of intake and of grammars."""
    from factordb.values.refusal import refusal_words  # noqa: PLC0415 - read on use

    order = list(FAMILIES)
    return tuple(sorted({*_words(), *refusal_words()}, key=lambda code: (order.index(code.rstrip("0123456789")), code)))


def digest(registry: Registry) -> str:
    """Return the sha256 of every check's declaration and SQL: part of a rule set's version."""
    parts = [repr(one) for one in registry]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
