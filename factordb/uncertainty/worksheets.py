"""Tables of readings, results and inventories as people bring them: columns in Chinese or English, cells as text.

A cell that is no number is refused with its line in the file, never guessed.
"""

import csv
import unicodedata
from collections.abc import Mapping
from math import isfinite, nan
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from factordb.errors import UsageError
from factordb.uncertainty.measured import FloatArray

Columns: TypeAlias = Mapping[str, list[str]]

ALIASES: Mapping[str, tuple[str, ...]] = {
    "laboratory": ("laboratory", "lab", "实验室", "实验室名称"),
    "value": ("value", "result", "reading", "结果", "数值", "读数", "测量值"),
    "u": ("u", "standard_uncertainty", "标准不确定度"),
    "expanded": ("U", "expanded_uncertainty", "扩展不确定度"),
    "k": ("k", "coverage_factor", "包含因子"),
    "category": ("category", "类别", "排放源"),
    "base": ("base", "base_year", "基年", "基年排放量"),
    "year": ("year", "year_t", "当年", "当年排放量"),
    "activity_u": ("activity_u", "活动数据不确定度"),
    "factor_u": ("factor_u", "因子不确定度"),
    "factor_correlated": ("factor_correlated", "因子年际相关"),
    "activity_correlated": ("activity_correlated", "活动数据年际相关"),
}
LINE = "line"
"""Column that `read_columns` adds: the line of each row in the text, counted from 1."""
YES = frozenset({"1", "yes", "true", "y", "是"})
NO = frozenset({"0", "no", "false", "n", "否"})


class Readings(NamedTuple):
    """Readings with marks of non-detection."""

    values: FloatArray
    below: NDArray[np.bool_]


def read_columns(text: str) -> dict[str, list[str]]:
    """Return the cells of a CSV table by the house's name of each column, and the line of each row.

    Empty lines and lines that begin with # are left out; full-width characters are read as their plain ones;
    columns without a known name are left out. A cell cannot hold a line break.

    Raises:
        UsageError: no known column, one twice, or a row with another number of cells than the header.
    """
    lines = [
        (number, line)
        for number, line in enumerate(text.splitlines(), start=1)
        if line.strip() and not line.lstrip().startswith("#")
    ]
    rows = [[unicodedata.normalize("NFKC", cell).strip() for cell in next(csv.reader([line]))] for _, line in lines]
    header = [_known(cell) for cell in rows[0]] if rows else []
    kept = [place for place, name in enumerate(header) if name]
    if not kept or len({header[place] for place in kept}) != len(kept):
        raise UsageError(
            problem="the table has no known column, or one of them twice",
            remedy="name the columns in the first row, such as laboratory, value, u",
            problem_zh="表中没有可识别的列，或某列重复",
            remedy_zh="请在首行写明列名，例如：实验室、结果、标准不确定度",
        )
    for (number, _), row in zip(lines, rows, strict=True):
        if len(row) != len(header):
            raise UsageError(
                problem=f"line {number} has {len(row)} cells, the header has {len(header)}",
                remedy="give one cell per column; put texts that hold a comma in quotes",
                problem_zh=f"第 {number} 行有 {len(row)} 个单元格，而表头有 {len(header)} 个",
                remedy_zh="请使各行与表头列数一致；含逗号的文字请加引号",
            )
    named = {header[place]: [row[place] for row in rows[1:]] for place in kept}
    return named | {LINE: [str(number) for number, _ in lines[1:]]}


def required(columns: Columns, name: str) -> list[str]:
    """Return the cells of a column.

    Raises:
        UsageError: there is no such column.
    """
    if name not in columns:
        known = ", ".join(ALIASES[name])
        raise UsageError(
            problem=f"the table has no column {name}",
            remedy=f"add one, named as one of: {known}",
            problem_zh=f"表中缺少 {name} 列",
            remedy_zh=f"请添加该列，列名可为：{known}",
        )
    return columns[name]


def numbers(columns: Columns, name: str) -> FloatArray:
    """Return a column as numbers, shape (rows,).

    Raises:
        UsageError: there is no such column, or a cell is no finite number; names the row.
    """
    cells = required(columns, name)
    return np.array([_number(cell, name, line) for line, cell in zip(columns[LINE], cells, strict=True)])


def readings(columns: Columns) -> Readings:
    """Return the column value with "<x" read as not detected at the limit x.

    Raises:
        UsageError: there is no such column, or a cell is no number.
    """
    cells = required(columns, "value")
    below = np.array([cell.startswith("<") for cell in cells], dtype=np.bool_)
    plain = [cell.removeprefix("<").strip() for cell in cells]
    values = [_number(cell, "value", line) for line, cell in zip(columns[LINE], plain, strict=True)]
    return Readings(np.array(values), below)


def standard_uncertainties(columns: Columns) -> FloatArray:
    """Return the column u, or U divided by k, shape (rows,).

    Raises:
        UsageError: neither is there, U comes without k, or a cell is no number.
    """
    if "u" not in columns and "expanded" in columns:
        expanded, k = numbers(columns, "expanded"), numbers(columns, "k")
        # a k of zero leaves no uncertainty, which the combination refuses with the place of the result
        found: FloatArray = np.full(k.size, nan)
        np.divide(expanded, k, out=found, where=k > 0)
        return found
    return numbers(columns, "u")


def flags(columns: Columns, name: str, size: int, *, default: bool) -> NDArray[np.bool_]:
    """Return a column of yes and no, empty cells or a missing column as the default, shape (size,).

    Raises:
        UsageError: a cell is neither.
    """
    found = []
    for line, cell in zip(columns[LINE], columns.get(name, [""] * size), strict=True):
        if cell.lower() not in YES | NO | {""}:
            raise _no_sense(name, cell, line, "yes or no", "是或否")
        found.append(default if cell == "" else cell.lower() in YES)
    return np.array(found, dtype=np.bool_)


def _known(cell: str) -> str:
    """Return the house's name of a column; u and U differ, all else may be in any case."""
    for name, aliases in ALIASES.items():
        if cell in aliases or (len(cell) > 1 and cell.lower().replace(" ", "_") in aliases):
            return name
    return ""


def _number(cell: str, name: str, line: str) -> float:
    try:
        value = float(cell)
    except ValueError:
        value = nan
    if not isfinite(value) or "_" in cell:
        raise _no_sense(name, cell, line, "a number with a point, such as 0.83", "以小数点表示的数，如 0.83")
    return value


def _no_sense(name: str, cell: str, line: str, wanted: str, wanted_zh: str) -> UsageError:
    return UsageError(
        problem=f"line {line}, column {name}: {cell!r} is not {wanted.split(',', maxsplit=1)[0]}",
        remedy=f"give {wanted}",
        problem_zh=f"第 {line} 行 {name} 列：{cell!r} 无法识别",
        remedy_zh=f"请给出{wanted_zh}",
    )
