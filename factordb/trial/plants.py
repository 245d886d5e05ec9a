"""A table of plants: what each of them makes, uses, and holds of certificates and contracts."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from factordb.errors import UsageError
from factordb.trial.assembling import RESIDUAL
from factordb.trial.inventory import Cells, Inventory, number_of, rules
from factordb.uncertainty.families import Array
from factordb.units import convert
from factordb.values.refusal import Refused

PLANT: Final = "plant"
PRODUCTION: Final = "production"


@dataclass(frozen=True)
class Plants:
    """A table of plants, in order of their names.

    Attributes:
        names: of the plants, n of them.
        production: output in the unit of the study, > 0, shape (n,).
        amounts: line -> activity for that output, in the unit of the line, shape (n,).
        contracted: certificate or contract -> what a plant holds of it, in the unit of its line, shape (n,).
    """

    names: tuple[str, ...]
    production: Array
    amounts: Mapping[str, Array]
    contracted: Mapping[str, Array] = field(default_factory=dict)


def plants_of(rows: Sequence[Mapping[str, str]], stated: Inventory) -> Plants:
    """Return the plants of a table of text cells.

    Raises:
        UsageError: a column is no line or contract of the inventory, a cell holds no number, or a plant stands
            there twice.
    """
    lines = [line["id"] for line in stated.lines]
    bought = {line["id"]: line for line in stated.lines if line["electricity"]}
    held = {one["id"]: one for one in stated.contracts if one["kind"] != RESIDUAL and one["line"] in bought}
    columns = list(rows[0]) if rows else []
    for name in columns:
        if name not in {PLANT, PRODUCTION, *lines, *held}:
            near = difflib.get_close_matches(name, [*lines, *held], 1, 0.5) or lines[:1]
            raise fault(f"the column {name!r} is no line, certificate or contract of the inventory",
                        f"did you mean {near[0]}?",
                        f"列 {name!r} 不是清单中行、证书或合同的标识", f"是否应为 {near[0]}？")  # fmt: skip
    if not {PLANT, PRODUCTION} <= set(columns) or len(rows) > rules()["batch"]["most_plants"]:
        most = rules()["batch"]["most_plants"]
        raise fault(f"a table of 1 to {most} plants needs the columns plant and production", "add them",
                    f"工厂表须有 1 至 {most} 行，且须有 plant 与 production 两列", "请补充")  # fmt: skip
    ordered = sorted(rows, key=lambda row: row[PLANT])
    names = [row[PLANT] for row in ordered]
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if twice or not all(names):
        raise fault(f"plants without a name of their own: {', '.join(twice) or '—'}", "name each plant once",
                    f"工厂名称缺失或重复：{'、'.join(twice) or '—'}", "请为每家工厂填写唯一的名称")  # fmt: skip
    production = _numbers(ordered, PRODUCTION)
    if (production <= 0).any():
        raise fault("a plant's production is not positive", "leave out plants without output",
                    "存在产量不为正数的工厂", "请剔除没有产量的工厂")  # fmt: skip
    amounts = {name: _numbers(ordered, name) for name in lines if name in columns}
    for name in (one for one in bought if one in amounts):
        if (amounts[name] < 0).any():
            raise fault(f"a plant's purchased electricity ({name}) is negative",
                        "give what it bought; sold power is a line of its own",
                        f"存在外购电力（{name}）为负数的工厂", "请填写外购电量；外供电力请另列一行")  # fmt: skip
    contracted = {
        name: _contracted(ordered, one, bought[one["line"]])
        for name, one in held.items() if name in columns and name not in amounts
    }  # fmt: skip
    return Plants(tuple(names), production, amounts, contracted)


def _contracted(rows: Sequence[Mapping[str, str]], contract: Cells, line: Cells) -> Array:
    """Return what each plant holds of a certificate or contract, in the unit of its line."""
    numbers = _numbers(rows, contract["id"])
    ratio = convert(1.0, contract["unit"] or line["unit"], line["unit"])
    if (numbers < 0).any() or isinstance(ratio, Refused):
        raise fault(f"{contract['id']}: amounts cannot be negative, and need a unit of {line['unit']}",
                    "correct the amounts, or the unit of the contract",
                    f"{contract['id']} 的电量不能为负，单位须可换算为 {line['unit']}",
                    "请更正电量，或更正证书、合同的单位")  # fmt: skip
    return np.asarray(numbers * ratio[0])


def _numbers(rows: Sequence[Mapping[str, str]], column: str) -> Array:
    found = np.empty(len(rows))
    for at, row in enumerate(rows):
        number = number_of(row[column])
        if number is None:
            raise fault(f"{row[PLANT]}, {column}: {row[column]!r} is no number that can be used",
                        "give a number: 0, or 1e-18 to 1e18",
                        f"{row[PLANT]} 的 {column}：{row[column]!r} 不是可用的数值",
                        "请填写 0 或绝对值 1e-18 至 1e18 的数值")  # fmt: skip
        found[at] = number
    return found


def fault(problem: str, remedy: str, problem_zh: str, remedy_zh: str) -> UsageError:
    """Return a fault of a table of plants."""
    return UsageError(problem=problem, remedy=remedy, problem_zh=problem_zh, remedy_zh=remedy_zh)
