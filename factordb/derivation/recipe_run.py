"""A recipe evaluated over a package's tables, with dimensions and with the uncertainty of its records.

Every value is an array of shape (draws, rows), (draws, 1) for a single number; the first draw is the recipe at the
values as they were written. The other draws vary each record by its own uncertainty and each column by the part common
to it; streams are named, so that a further column leaves the others' draws as they were.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from factordb.derivation.measure import Tidy, dimensions_of, measure, words_of
from factordb.derivation.methods import METHODS, Drawing
from factordb.derivation.node import Array, Labels, Node
from factordb.derivation.recipe import Constant, Recipe, Step
from factordb.derivation.recipe_error import RecipeError
from factordb.derivation.recipe_read import ReadColumn, Tables, stream

__all__ = ["Outcome", "Tables", "run_recipe"]

BLOCK: Final = 4_000_000
"""Numbers of one array drawn at a time: 32 MB."""


@dataclass(frozen=True)
class Outcome:
    """What a recipe came to.

    Attributes:
        value: the result in the recipe's unit.
        u: its standard uncertainty from the records, in the same unit; nan without draws.
        low95: lower end of the probabilistically symmetric 95 % interval.
        high95: its upper end.
        draws: how many were drawn.
        seed: of the draws.
        steps: name -> node at the values as written, in base units: the trail.
        units: name -> dimensions in words.
        rows: column -> rows it selected.
    """

    value: float
    u: float
    low95: float
    high95: float
    draws: int
    seed: int
    steps: Mapping[str, Node]
    units: Mapping[str, str]
    rows: Mapping[str, int]


def run_recipe(recipe: Recipe, tables: Tables, *, draws: int = 0, seed: int = 20260101) -> Outcome:
    """Return what `recipe` makes of `tables`.

    Args:
        recipe: from `read_recipe`.
        tables: the package's own tables, sheets and raw records by name.
        draws: Monte Carlo draws; 0 for the value alone.
        seed: of the draws.

    Raises:
        RecipeError: a table, column or key is missing, a cell is no number, dimensions do not agree, records have gaps.
    """
    read = {name: ReadColumn(column, tables) for name, column in recipe.columns.items()}
    widest = max((one.size for one in read.values()), default=1)
    nominal, dimensions = _evaluate(recipe, read, None, 0, seed)
    target = measure(recipe.unit)
    if dimensions[recipe.result] != target.dimensions:
        raise RecipeError("result_unit", recipe.result, found=words_of(dimensions[recipe.result]), expected=recipe.unit)
    value = _number(recipe, nominal[recipe.result]) / target.size
    drawn = []
    block = max(1, BLOCK // max(1, widest))
    for start in range(0, draws, block):
        count = min(block, draws - start)
        found, _ = _evaluate(recipe, read, count, start, seed)
        drawn.append(np.broadcast_to(found[recipe.result].values[:, 0], count) / target.size)
    spread = np.concatenate(drawn) if drawn else np.array([np.nan])
    low, high = np.quantile(spread, [0.025, 0.975])
    return Outcome(
        value=value,
        u=float(np.std(spread, ddof=1)) if draws > 1 else np.nan,
        low95=float(low),
        high95=float(high),
        draws=draws,
        seed=seed,
        steps=MappingProxyType(nominal),
        units=MappingProxyType({name: words_of(found) for name, found in dimensions.items()}),
        rows=MappingProxyType({name: one.size for name, one in read.items()}),
    )


def _number(recipe: Recipe, node: Node) -> float:
    if node.values.shape[1] != 1 or node.labels is not None:
        raise RecipeError("shape", recipe.result, found=node.labels.name if node.labels else "rows", expected="1")
    value = float(node.values[0, 0])
    if not np.isfinite(value):
        raise RecipeError("gap", recipe.result, found=str(value))
    return value


def _evaluate(
    recipe: Recipe, read: Mapping[str, ReadColumn], draws: int | None, start: int, seed: int
) -> tuple[dict[str, Node], dict[str, Tidy]]:
    nodes: dict[str, Node] = {}
    dimensions: dict[str, Tidy] = {}
    for name, one in read.items():
        nodes[name] = Node(one.draw(draws or 0, start, seed), one.labels, one.texts)
        dimensions[name] = one.measure.dimensions
    for name, constant in recipe.constants.items():
        nodes[name], dimensions[name] = _constant(constant, draws or 0, start, seed)
    with np.errstate(all="ignore"):  # what is no number is told by its place, as a gap
        for step in recipe.steps:
            _take(step, nodes, dimensions, Drawing(stream(step.name, start, seed), draws) if draws else None)
    return nodes, dimensions


def _constant(constant: Constant, draws: int, start: int, seed: int) -> tuple[Node, Tidy]:
    unit = measure(constant.unit)
    relative = np.hypot(constant.u.relative, constant.u.shared)
    values = np.full((1, 1), constant.value * unit.size)
    if draws and relative:
        values = values * (1.0 + relative * stream(constant.name, start, seed).standard_normal((draws, 1)))
    return Node(np.asarray(values, float), None), unit.dimensions


def _take(step: Step, nodes: dict[str, Node], dimensions: dict[str, Tidy], drawn: Drawing | None) -> None:
    if step.operation == "method":
        method = METHODS.get(step.method)
        if method is None:
            raise RecipeError("method", step.name, found=step.method, expected=", ".join(sorted(METHODS)))
        given = {name: (nodes[source], dimensions[source]) for name, source in step.arguments.items()}
        nodes[step.name], dimensions[step.name] = method(step.name, given, step.options, drawn)
        return
    row, dims = _rows(step, nodes, dimensions)
    if step.operation == "expression":
        nodes[step.name], dimensions[step.name] = row, dims
        return
    nodes[step.name], dimensions[step.name] = _aggregate(step, row, dims, nodes, dimensions)


def _rows(step: Step, nodes: Mapping[str, Node], dimensions: Mapping[str, Tidy]) -> tuple[Node, Tidy]:
    """Return the step's expression, row by row, with columns brought to one order of keys."""
    assert step.expression is not None  # noqa: S101 - `read_recipe` gives every step but a method one
    names = step.expression.names
    for name in names:
        if nodes[name].texts.size:
            raise RecipeError("form", step.name, found=name)
    dims = dimensions_of(step.expression, {name: dimensions[name] for name in names}, step.name)
    together = {name: nodes[name] for name in names}
    labels = _common(step.name, together)
    values = step.expression.evaluate({name: _aligned(name, node, labels) for name, node in together.items()})
    values = np.atleast_2d(np.asarray(values, float))
    return Node(values, labels), dims


def _common(step: str, nodes: Mapping[str, Node]) -> Labels | None:
    labels: Labels | None = None
    for node in nodes.values():
        if node.labels is None:
            continue
        if labels is not None and node.labels.name != labels.name:
            raise RecipeError("shape", step, found=node.labels.name, expected=labels.name)
        labels = labels or node.labels
    return labels


def _aligned(name: str, node: Node, labels: Labels | None) -> Array:
    """Return the values in the order of `labels`; a key that is missing is a fault, never a zero."""
    if node.labels is None or labels is None or np.array_equal(node.labels.keys, labels.keys):
        return node.values
    order = np.argsort(node.labels.keys, kind="stable")
    place = np.searchsorted(node.labels.keys, labels.keys, sorter=order)
    found = order[np.minimum(place, order.size - 1)]
    missing = node.labels.keys[found] != labels.keys
    if missing.any():
        raise RecipeError("missing_key", name, found=str(labels.keys[missing][0]))
    if node.labels.keys.size != labels.keys.size:
        extra = np.setdiff1d(node.labels.keys, labels.keys)
        raise RecipeError("missing_key", "; ".join(labels.keys[:1]), found=str(extra[0]))
    return node.values[:, found]


def _aggregate(
    step: Step, row: Node, dims: Tidy, nodes: Mapping[str, Node], dimensions: Mapping[str, Tidy]
) -> tuple[Node, Tidy]:
    groups, labels = _groups(step, row, nodes)
    operation = step.operation
    values = np.broadcast_to(row.values, (row.values.shape[0], groups.size)) if row.labels is None else row.values
    if operation == "count":
        return Node(np.bincount(groups).astype(float)[None, :], labels), ()
    if operation == "weighted_mean":
        weight = _aligned(step.weight, nodes[step.weight], row.labels)
        return Node(_sum(values * weight, groups) / _sum(weight * np.ones_like(values), groups), labels), dims
    if operation == "slope":
        x = np.broadcast_to(_aligned(step.against, nodes[step.against], row.labels), values.shape)
        over = dict(dims)
        for name, power in dimensions[step.against]:
            over[name] = over.get(name, 0) - power
        return Node(_slope(values, x, groups), labels), tuple(sorted((k, v) for k, v in over.items() if v))
    if operation in {"min", "max"}:
        return Node(_extreme(values, groups, np.minimum if operation == "min" else np.maximum), labels), dims
    total = _sum(values, groups)
    return Node(total / np.bincount(groups) if operation == "mean" else total, labels), dims


def _groups(step: Step, row: Node, nodes: Mapping[str, Node]) -> tuple[NDArray[np.intp], Labels | None]:
    size = row.labels.keys.size if row.labels is not None else row.values.shape[1]
    if not step.by:
        return np.zeros(size, dtype=np.intp), None
    by = nodes[step.by]
    if not by.texts.size or by.labels is None or row.labels is None or by.labels.name != row.labels.name:
        raise RecipeError("shape", step.name, found=step.by, expected=row.labels.name if row.labels else "1")
    order = {key: place for place, key in enumerate(by.labels.keys.tolist())}
    lost = [key for key in row.labels.keys.tolist() if key not in order]
    if lost:
        raise RecipeError("missing_key", step.by, found=lost[0])
    texts = by.texts[[order[key] for key in row.labels.keys.tolist()]]
    names, groups = np.unique(texts, return_inverse=True)
    return groups.astype(np.intp), Labels(step.by, names)


def _sum(values: Array, groups: NDArray[np.intp]) -> Array:
    order = np.argsort(groups, kind="stable")
    first = np.flatnonzero(np.r_[True, np.diff(groups[order]) > 0])
    return np.asarray(np.add.reduceat(values[:, order], first, axis=1), float)


def _extreme(values: Array, groups: NDArray[np.intp], which: np.ufunc) -> Array:
    order = np.argsort(groups, kind="stable")
    first = np.flatnonzero(np.r_[True, np.diff(groups[order]) > 0])
    return np.asarray(which.reduceat(values[:, order], first, axis=1), float)


def _slope(values: Array, x: Array, groups: NDArray[np.intp]) -> Array:
    n = np.bincount(groups)
    x_rest = x - (_sum(x, groups) / n)[:, groups]
    return _sum(x_rest * values, groups) / _sum(x_rest * x_rest, groups)
