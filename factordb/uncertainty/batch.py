"""A million factors as columns: blocks that fit the cache, threads where they pay, nothing that stops the rest."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from factordb.errors import UsageError
from factordb.expression import Expression
from factordb.uncertainty.distributions import Distributions
from factordb.uncertainty.engine import Asked, evaluate_block
from factordb.uncertainty.results import METHODS, SUMMARY, Method, Results

BLOCK = 16_384
"""Rows of one block."""


def evaluate_batch(
    expression: Expression | str,
    inputs: Mapping[str, Distributions],
    *,
    probability: float = 0.95,
    tolerance: float = 1e-3,
    method: Method | str | None = None,
    seed: int = 0,
    threads: int = 1,
    block: int = BLOCK,
    progress: Callable[[int, int], None] | None = None,
) -> Results:
    """Return moments, intervals, method and contributions of n factors of one formula.

    Args:
        expression: the formula; its inputs are independent of each other.
        inputs: distributions of each name, n rows each; not changed.
        probability: coverage probability of both intervals.
        tolerance: greatest numerical error of the symmetric interval's ends, in half-widths. A row that no
            method brings below it keeps the best result, and its `tolerance` says how good that is.
        method: a method to force; rows it cannot answer are refused. None takes the cheapest that will do.
        seed: whole number; with the names of the inputs it fixes every draw.
        threads: blocks worked on at once.
        block: rows of a block. Results do not depend on blocks, threads or the order of rows.
        progress: called with (rows done, rows) after each block, from the calling thread.

    Raises:
        UsageError: an input has no distributions, lengths differ, or a setting is out of range.
        ExpressionError: the formula cannot be read.
    """
    formula = Expression.parse(expression) if isinstance(expression, str) else expression
    count = _rows(formula, inputs)
    asked = Asked(probability, tolerance, seed, _method(method))
    _require(probability=0 < probability < 1, tolerance=tolerance > 0, block=block > 0, threads=threads > 0)
    results = Results.empty(count, formula.names, probability, seed)
    starts = range(0, count, block)

    def work(start: int) -> Results:
        rows = slice(start, min(start + block, count))
        return evaluate_block(formula, {name: inputs[name].take(rows) for name in formula.names}, asked)

    with ThreadPoolExecutor(threads) as pool:
        found = pool.map(work, starts) if threads > 1 else map(work, starts)
        for start, part in zip(starts, found, strict=True):
            _write(results, start, part)
            if progress is not None:
                progress(start + len(part), count)
    return results


def _write(results: Results, start: int, part: Results) -> None:
    rows = slice(start, start + len(part))
    for name in ("method", "tolerance", "draws", "contributions", "reason"):
        getattr(results, name)[rows] = getattr(part, name)
    for name in SUMMARY:
        getattr(results.summary, name)[rows] = getattr(part.summary, name)


def _method(asked: Method | str | None) -> Method | None:
    names = [method.value for method in METHODS[1:]]
    if asked is None or asked in names:
        return None if asked is None else Method(asked)
    raise UsageError(
        problem=f"there is no method {asked!r}",
        remedy=f"choose one of: {', '.join(names)}",
        problem_zh=f"没有名为 {asked!r} 的方法",
        remedy_zh=f"请从以下选择：{'、'.join(names)}",
    )


def _rows(formula: Expression, inputs: Mapping[str, Distributions]) -> int:
    missing = [name for name in formula.names if name not in inputs]
    lengths = {len(inputs[name]) for name in formula.names if name in inputs}
    if missing or len(lengths) != 1:
        raise UsageError(
            problem=f"{formula} has no inputs, lacks {missing}, or they differ in length: {sorted(lengths)}",
            remedy="give every input of the formula one distribution for each factor",
            problem_zh=f"{formula} 没有输入量、缺少 {missing}，或各输入量行数不同：{sorted(lengths)}",
            remedy_zh="请为公式的每个输入量按因子逐一给出分布",
        )
    return lengths.pop()


def _require(**kept: bool) -> None:
    for name, good in kept.items():
        if not good:
            raise UsageError(
                problem=f"{name} is out of range",
                remedy="give 0 < probability < 1, tolerance > 0, and at least one row and thread",
                problem_zh=f"{name} 超出范围",
                remedy_zh="请给出 0 < probability < 1、tolerance > 0，行数与线程数至少为 1",
            )
