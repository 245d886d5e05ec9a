"""A calculation recipe as data: columns of a package's own tables, constants with sources, and steps over them.

    schema = "factordb-recipe/1"
    result = "factor"
    unit = "tCO2/t"

    [constants.co2_per_c]
    value = "44/12"
    unit = "kgCO2/kgC"
    source = "IPCC 2006, volume 2, chapter 1"

    [columns.carbon_ad]
    table = "tests"
    column = "value"
    unit = "% kgC/kg"
    key = "sample_id"
    where = {quantity = "carbon", basis = "ad"}
    u = {column = "expanded_u", k = "coverage_k"}

    [steps.carbon]
    sum = "carbon_ad * mass"

    [steps.factor]
    expression = "carbon / total * co2_per_c"

No Python, no spreadsheet formulas: `recipe_run` evaluates it, with dimensions. Faults are `RecipeError`s.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from factordb.derivation.recipe_error import RecipeError
from factordb.expression import Expression, ExpressionError

__all__ = ["AGGREGATES", "SCHEMA", "Column", "Constant", "Recipe", "Step", "Uncertain", "read_recipe"]

SCHEMA: Final = "factordb-recipe/1"
AGGREGATES: Final = ("sum", "mean", "weighted_mean", "min", "max", "count", "slope")
"""Operations that make one number of a column, or one per group with `by`."""


_COLUMN_KEYS: Final = (
    "table", "column", "unit", "key", "where", "text", "u", "unit_column", "times", "times_unit_column", "time",
)  # fmt: skip


@dataclass(frozen=True)
class Uncertain:
    """Where the uncertainty of a column or constant comes from.

    Attributes:
        column: column of the same table with it, in the unit of the values.
        k: column with the coverage factor of `column`; empty: it is a standard uncertainty.
        relative: standard uncertainty of each value over its value.
        shared: relative standard uncertainty common to all values of the column: fully correlated, such as an
            instrument's calibration.
    """

    column: str = ""
    k: str = ""
    relative: float = 0.0
    shared: float = 0.0


@dataclass(frozen=True)
class Column:
    """A column read of a table; `text` columns are labels for `by`.

    In an inventory every row has a unit of its own: `unit_column` names where it stands, and `times` and
    `times_unit_column` a second quantity of the same row that each value is multiplied by (an amount and its factor).
    The rows must come to one dimension. A column of moments names in `time` how they are written (`iso`, or a pattern
    of strptime such as `%m/%d/%Y %H:%M:%S.%f`); they are read as seconds, all clocks in one zone.
    """

    name: str
    table: str
    column: str
    unit: str
    key: str = ""
    where: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    text: bool = False
    unit_column: str = ""
    times: str = ""
    times_unit_column: str = ""
    time: str = ""
    u: Uncertain = Uncertain()


@dataclass(frozen=True)
class Constant:
    """A named constant; its value is an expression of numbers, such as `44/12`."""

    name: str
    value: float
    text: str
    unit: str
    source: str
    u: Uncertain = Uncertain()


@dataclass(frozen=True)
class Step:
    """One step: `expression` row by row, an aggregate, or a method with named arguments."""

    name: str
    operation: str
    expression: Expression | None = None
    weight: str = ""
    against: str = ""
    by: str = ""
    method: str = ""
    arguments: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    options: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))

    def needs(self) -> tuple[str, ...]:
        """Return the names this step reads."""
        named = self.expression.names if self.expression else ()
        return tuple(dict.fromkeys((*named, *(one for one in (self.weight, self.against, self.by) if one),
                                    *self.arguments.values())))  # fmt: skip


@dataclass(frozen=True)
class Recipe:
    """A recipe whose names are all defined and whose steps stand in an order in which they can be taken."""

    result: str
    unit: str
    columns: Mapping[str, Column]
    constants: Mapping[str, Constant]
    steps: tuple[Step, ...]


def read_recipe(text: str) -> Recipe:
    """Return the recipe written in TOML.

    Raises:
        RecipeError: not written as a recipe; an unknown name; steps in a circle; a constant without source.
    """
    try:
        facts = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RecipeError("form", "recipe.toml", found=str(error)) from error
    if facts.get("schema") != SCHEMA:
        raise RecipeError("schema", "recipe.toml", found=str(facts.get("schema", "")), expected=SCHEMA)
    columns = {name: _column(name, one) for name, one in _tables(facts, "columns")}
    constants = {name: _constant(name, one) for name, one in _tables(facts, "constants")}
    steps = {name: _step(name, one) for name, one in _tables(facts, "steps")}
    _names_once(columns, constants, steps)
    result = str(facts.get("result", ""))
    if result not in {*columns, *constants, *steps}:
        raise RecipeError("unknown_name", "result", found=result)
    if not isinstance(facts.get("unit"), str):
        raise RecipeError("form", "recipe.toml", found="unit")
    return Recipe(
        result, facts["unit"], MappingProxyType(columns), MappingProxyType(constants),
        _in_order(steps, {*columns, *constants}),
    )  # fmt: skip


def _tables(facts: Mapping[str, Any], part: str) -> Iterable[tuple[str, Mapping[str, Any]]]:
    found = facts.get(part, {})
    if not isinstance(found, dict) or not all(isinstance(one, dict) for one in found.values()):
        raise RecipeError("form", part, found=part)
    for name in found:
        if not name.isidentifier():
            raise RecipeError("form", part, found=name)
    return found.items()


def _text(name: str, facts: Mapping[str, Any], key: str, *, must: bool = True) -> str:
    value = facts.get(key, "")
    if not isinstance(value, str) or (must and not value.strip()):
        raise RecipeError("form", name, found=key)
    return value


def _only(name: str, facts: Mapping[str, Any], known: Iterable[str]) -> None:
    strange = sorted(set(facts) - set(known))
    if strange:
        raise RecipeError("form", name, found=", ".join(strange))


def _uncertain(name: str, facts: Mapping[str, Any]) -> Uncertain:
    given = facts.get("u", {})
    if not isinstance(given, dict):
        raise RecipeError("form", name, found="u")
    _only(name, given, ("column", "k", "relative", "shared"))
    numbers = {}
    for key in ("relative", "shared"):
        value = given.get(key, 0.0)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise RecipeError("form", name, found=key)
        if value < 0:
            raise RecipeError("negative_u", name, found=str(value))
        numbers[key] = float(value)
    return Uncertain(_text(name, given, "column", must=False), _text(name, given, "k", must=False), **numbers)


def _column(name: str, facts: Mapping[str, Any]) -> Column:
    _only(name, facts, _COLUMN_KEYS)
    where = facts.get("where", {})
    text = facts.get("text", False)
    if not isinstance(where, dict) or not all(isinstance(one, str) for one in where.values()):
        raise RecipeError("form", name, found="where")
    if not isinstance(text, bool):
        raise RecipeError("form", name, found="text")
    return Column(
        name=name,
        table=_text(name, facts, "table"),
        column=_text(name, facts, "column"),
        unit="s" if "time" in facts else _text(name, facts, "unit", must=not (text or "unit_column" in facts)),
        unit_column=_text(name, facts, "unit_column", must=False),
        times=_text(name, facts, "times", must=False),
        times_unit_column=_text(name, facts, "times_unit_column", must="times" in facts),
        key=_text(name, facts, "key", must=False),
        where=MappingProxyType(where),
        text=text,
        time=_text(name, facts, "time", must="time" in facts),
        u=_uncertain(name, facts),
    )


def _constant(name: str, facts: Mapping[str, Any]) -> Constant:
    _only(name, facts, ("value", "unit", "source", "u"))
    if not str(facts.get("source", "")).strip():
        raise RecipeError("source", name)
    text = str(facts.get("value", ""))
    parsed = _expression(name, text)
    if parsed.names:
        raise RecipeError("form", name, found=text)
    return Constant(
        name, float(parsed.evaluate({})), text, _text(name, facts, "unit"), facts["source"], _uncertain(name, facts)
    )


def _expression(name: str, text: str) -> Expression:
    try:
        return Expression.parse(text)
    except ExpressionError as error:
        raise RecipeError("form", name, found=text) from error


def _step(name: str, facts: Mapping[str, Any]) -> Step:
    told = [key for key in ("expression", "method", *AGGREGATES) if key in facts]
    if len(told) != 1:
        raise RecipeError("form", name, found=", ".join(told) or "—")
    operation = told[0]
    _only(name, facts, (operation, "weight", "against", "by", "arguments", "options"))
    arguments, options = facts.get("arguments", {}), facts.get("options", {})
    if not isinstance(arguments, dict) or not all(isinstance(one, str) for one in arguments.values()):
        raise RecipeError("form", name, found="arguments")
    if not isinstance(options, dict) or not all(isinstance(one, int | float) for one in options.values()):
        raise RecipeError("form", name, found="options")
    said = _text(name, facts, operation)
    return Step(
        name=name,
        operation=operation,
        expression=None if operation == "method" else _expression(name, said),
        weight=_text(name, facts, "weight", must=operation == "weighted_mean"),
        against=_text(name, facts, "against", must=operation == "slope"),
        by=_text(name, facts, "by", must=False),
        method=said if operation == "method" else "",
        arguments=MappingProxyType(arguments),
        options=MappingProxyType({key: float(value) for key, value in options.items()}),
    )


def _names_once(*parts: Mapping[str, object]) -> None:
    seen: set[str] = set()
    for part in parts:
        for name in part:
            if name in seen:
                raise RecipeError("form", name, found=name)
            seen.add(name)


def _in_order(steps: Mapping[str, Step], given: set[str]) -> tuple[Step, ...]:
    """Return the steps, each after those it reads; a method's results are named `step.result`."""
    for step in steps.values():
        for name in step.needs():
            if name not in given and name not in steps:
                raise RecipeError("unknown_name", step.name, found=name)
    ordered: list[Step] = []
    done = set(given)
    waiting = dict(steps)
    while waiting:
        ready = [step for step in waiting.values() if all(name in done for name in step.needs())]
        if not ready:
            raise RecipeError("circle", "steps", found=", ".join(waiting))
        for step in ready:
            ordered.append(step)
            done.add(step.name)
            del waiting[step.name]
    return tuple(ordered)
