"""The measurement model as a TOML text: expression, inputs, correlation, and what is asked of it.

A model file stands for itself: whoever reads it sees every number, its unit and where it comes from. It may
carry published results under `[[reference]]`; the proof in `docs/uncertainty.md` is made from those.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any, Literal, get_args

from factordb.errors import UsageError
from factordb.expression import Expression

Method = Literal["nets", "plain"]
ReferenceMethod = Literal["mcm", "mcm_symmetric", "gum", "gum2"]
Figure = Literal["value", "u", "low", "high", "dof", "expanded"]
Interval = Literal["shortest", "symmetric"]

FAMILIES: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "constant": (("value",),),
    "normal": (("mean", "sd"), ("mean", "expanded", "k")),
    "lognormal": (("mu", "sigma"), ("median", "gsd"), ("mean", "cv")),
    "uniform": (("low", "high"), ("centre", "half_width")),
    "triangular": (("low", "mode", "high"),),
    "trapezoid": (("low", "high", "beta"),),
    "curvilinear_trapezoid": (("low", "high", "d"),),
    "arcsine": (("low", "high"),),
    "student": (("location", "scale", "degrees"),),
    "truncated_normal": (("mean", "sd", "low", "high"),),
    "pert": (("low", "mode", "high"),),
    "beta": (("low", "high", "alpha", "beta"),),
    "gamma": (("shape", "scale"),),
    "weibull": (("shape", "scale"),),
    "exponential": (("mean",),),
}
"""Families and the sets of parameters each may be given by."""

KEYS = frozenset({"title", "expression", "unit", "inputs", "correlation", "simultaneous", "reference"}) | frozenset(
    {"probability", "interval", "method", "tolerance", "digits", "seed"}
)
INPUT_KEYS = frozenset({"family", "unit", "dof", "zh", "en", "readings", "resolution"})
REFERENCE_KEYS = frozenset({"source", "method", "quantity", "value", "exact", "within"})


@dataclass(frozen=True, slots=True)
class Input:
    """One input quantity: a family with its parameters, or readings."""

    name: str
    family: str
    parameters: Mapping[str, float]
    unit: str = ""
    dof: float | None = None
    """Degrees of freedom of a Type B uncertainty (JCGM 100, G.4.2); None for those of the family."""
    readings: tuple[float, ...] = ()
    resolution: float | None = None
    zh: str = ""
    en: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """One published figure: whose, by which method, of which quantity, and how exact."""

    source: str
    method: str
    quantity: str
    value: str
    """As printed: its digits say how exact it is."""
    exact: bool = False
    """True for a figure known in closed form, False for one printed from a simulation or rounded."""
    within: float | None = None
    """Allowed difference; without it half a unit of the last digit."""

    @property
    def half_digit(self) -> float:
        """Half a unit of the last printed digit."""
        mantissa, _, exponent = self.value.lower().partition("e")
        digits = len(mantissa.partition(".")[2])
        return 0.5 * 10.0 ** (int(exponent or 0) - digits)

    @property
    def allowed(self) -> float:
        """How far a computed figure may lie from the printed one."""
        return self.half_digit if self.within is None else self.within


@dataclass(frozen=True, slots=True)
class Model:
    """A measurement model and what is asked of it."""

    expression: Expression
    inputs: tuple[Input, ...]
    unit: str = ""
    probability: float = 0.95
    interval: Interval = "symmetric"
    """Which interval the audit run settles and clause 8 judges; both are reported."""
    method: Method = "nets"
    """Scrambled Sobol nets, or plain Monte Carlo as JCGM 101 has it."""
    tolerance: float = 0.01
    """Allowed numerical error of an end of an interval, as a share of its half-width."""
    digits: int = 2
    """Significant digits of u that the adaptive run settles (JCGM 101, 7.9.2)."""
    seed: int = 1
    correlation: tuple[tuple[str, str, float], ...] = ()
    simultaneous: tuple[str, ...] = ()
    """Inputs whose readings were taken together: their correlation is that of the readings."""
    references: tuple[Reference, ...] = ()
    title_zh: str = ""
    title_en: str = ""

    def title(self, lang: str) -> str:
        """Return the title in `lang`."""
        return self.title_zh if lang == "zh" else self.title_en


def read_model(text: str) -> Model:
    """Return the model that a TOML text declares.

    Raises:
        UsageError: the text is no TOML, a key is unknown or missing, a parameter is no finite number, an
            input is declared but not used or used but not declared.
        ExpressionError: the expression is not in the grammar.
    """
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise _fault(
            f"the model is no TOML: {fault}", "mend that line", f"模型文件不是 TOML:{fault}", "请更正该行"
        ) from fault
    _known(given, KEYS, "model")
    expression = Expression.parse(str(_needed(given, "expression", "model")))
    inputs = tuple(_input(name, table) for name, table in dict(given.get("inputs", {})).items())
    _all_used(expression, inputs)
    title = given.get("title", {})
    model = Model(
        expression=expression,
        inputs=inputs,
        unit=str(given.get("unit", "")),
        probability=_number(given.get("probability", 0.95), "probability"),
        interval=_choice(given.get("interval", "symmetric"), get_args(Interval), "interval"),
        method=_choice(given.get("method", "nets"), get_args(Method), "method"),
        tolerance=_number(given.get("tolerance", 0.01), "tolerance"),
        digits=int(_number(given.get("digits", 2), "digits")),
        seed=int(_number(given.get("seed", 1), "seed")),
        correlation=_pairs(given.get("correlation", []), inputs),
        simultaneous=_together(given.get("simultaneous", []), inputs),
        references=tuple(_reference(table) for table in given.get("reference", [])),
        title_zh=title if isinstance(title, str) else str(title.get("zh", "")),
        title_en=title if isinstance(title, str) else str(title.get("en", "")),
    )
    _in_range(model)
    return model


def _in_range(model: Model) -> None:
    if not 0 < model.probability < 1 or not 0 < model.tolerance < 1 or model.digits not in {1, 2} or model.seed < 0:
        raise _fault(
            f"probability {model.probability}, tolerance {model.tolerance}, digits {model.digits} or seed "
            f"{model.seed} is out of range",
            "give probability and tolerance between 0 and 1, 1 or 2 digits, and a seed from 0",
            f"概率 {model.probability}、容差 {model.tolerance}、位数 {model.digits} 或种子 {model.seed} 超出范围",
            "概率与容差须在 0 与 1 之间，位数为 1 或 2，种子不小于 0",
        )


def _input(name: str, table: Any) -> Input:
    if not isinstance(table, dict):
        raise _fault(
            f"input {name} is no table",
            f'write [inputs.{name}] and under it family = "…"',
            f"输入量 {name} 不是表",
            f'请写成 [inputs.{name}]，其下给出 family = "…"',
        )
    if "readings" in table:
        _known(table, INPUT_KEYS - {"family"}, f"inputs.{name}")
        numbers = tuple(_number(reading, f"{name}.readings") for reading in table["readings"])
        return _described(Input(name, "readings", {}, readings=numbers), table)
    family = _choice(_needed(table, "family", f"inputs.{name}"), tuple(FAMILIES), f"{name}.family")
    parameters = {key: _number(cell, f"{name}.{key}") for key, cell in table.items() if key not in INPUT_KEYS}
    ways = FAMILIES[family]
    if not any(set(way) == set(parameters) for way in ways):
        wanted = " | ".join(", ".join(way) for way in ways)
        raise _fault(
            f"input {name}, {family}: parameters {', '.join(parameters) or 'none'} do not fit",
            f"give {wanted}",
            f"输入量 {name}（{family}）：参数 {'、'.join(parameters) or '空'} 不符",
            f"请给出：{wanted}",
        )
    return _described(Input(name, family, parameters), table)


def _described(one: Input, table: Mapping[str, Any]) -> Input:
    """Return the input with what every family may carry."""
    dof, resolution = (
        _number(table[key], f"{one.name}.{key}") if key in table else None for key in ("dof", "resolution")
    )
    unit, zh, en = (str(table.get(key, "")) for key in ("unit", "zh", "en"))
    return replace(one, dof=dof, resolution=resolution, unit=unit, zh=zh, en=en)


def _pairs(tables: Any, inputs: tuple[Input, ...]) -> tuple[tuple[str, str, float], ...]:
    names = {one.name for one in inputs}
    pairs = []
    for table in tables:
        _known(table, frozenset({"inputs", "coefficient"}), "correlation")
        both = [str(name) for name in _needed(table, "inputs", "correlation")]
        coefficient = _number(_needed(table, "coefficient", "correlation"), "coefficient")
        if len(both) != 2 or not set(both) <= names or both[0] == both[1] or abs(coefficient) > 1:  # noqa: PLR2004 - a pair
            raise _fault(
                f"a correlation of {both} with coefficient {coefficient} is impossible",
                "name two different inputs of the model and a coefficient from -1 to 1",
                f"{both} 之间相关系数 {coefficient} 不可能成立",
                "请给出模型中两个不同的输入量及 -1 至 1 之间的系数",
            )
        pairs.append((both[0], both[1], coefficient))
    return tuple(pairs)


def _together(names: Any, inputs: tuple[Input, ...]) -> tuple[str, ...]:
    sizes = {one.name: len(one.readings) for one in inputs if one.readings}
    wanted = tuple(str(name) for name in names)
    if any(name not in sizes for name in wanted) or len({sizes[name] for name in wanted}) > 1:
        raise _fault(
            f"the inputs {', '.join(wanted)} have no readings, or not equally many",
            "readings taken together must be given for each of them, in the same order",
            f"输入量 {'、'.join(wanted)} 没有读数，或读数个数不同",
            "同时测得的输入量须各给出相同个数、相同次序的读数",
        )
    return wanted


def _reference(table: Any) -> Reference:
    _known(table, REFERENCE_KEYS, "reference")
    return Reference(
        source=str(_needed(table, "source", "reference")),
        method=_choice(_needed(table, "method", "reference"), get_args(ReferenceMethod), "reference.method"),
        quantity=_choice(_needed(table, "quantity", "reference"), get_args(Figure), "reference.quantity"),
        value=str(_needed(table, "value", "reference")),
        exact=bool(table.get("exact", False)),
        within=_number(table["within"], "within") if "within" in table else None,
    )


def _all_used(expression: Expression, inputs: tuple[Input, ...]) -> None:
    declared, used = {one.name for one in inputs}, set(expression.names)
    if declared != used:
        missing, idle = ", ".join(sorted(used - declared)), ", ".join(sorted(declared - used))
        raise _fault(
            f"the expression and the inputs differ (not declared: {missing or '-'}; not used: {idle or '-'})",
            "declare every name of the expression under [inputs], and no other",
            f"表达式与输入量不一致（未声明：{missing or '-'}；未使用：{idle or '-'}）",
            "请在 [inputs] 中逐一声明表达式中的名称，不多不少",
        )


def _known(table: Mapping[str, Any], keys: frozenset[str], where: str) -> None:
    unknown = sorted(set(table) - keys)
    if unknown:
        raise _fault(
            f"{where} has unknown keys: {', '.join(unknown)}",
            f"known are: {', '.join(sorted(keys))}",
            f"{where} 中有无法识别的键：{'、'.join(unknown)}",
            f"可用的键：{'、'.join(sorted(keys))}",
        )


def _needed(table: Mapping[str, Any], key: str, where: str) -> Any:
    if key not in table:
        raise _fault(f"{where} lacks {key}", "add it", f"{where} 缺少 {key}", "请补充")
    return table[key]


def _number(cell: Any, where: str) -> float:
    if isinstance(cell, bool) or not isinstance(cell, int | float) or not isfinite(cell):
        raise _fault(
            f"{where}: {cell!r} is no finite number",
            "give a number without quotes",
            f"{where}:{cell!r} 不是有限数",
            "请给出不带引号的数",
        )
    return float(cell)


def _choice(cell: Any, choices: tuple[Any, ...], where: str) -> Any:
    if cell not in choices:
        known = ", ".join(choices)
        raise _fault(
            f"{where}: {cell!r} is not known",
            f"choose one of: {known}",
            f"{where}：无法识别 {cell!r}",
            f"可选：{known}",
        )
    return cell


def _fault(problem: str, remedy: str, problem_zh: str, remedy_zh: str) -> UsageError:
    return UsageError(problem=problem, remedy=remedy, problem_zh=problem_zh, remedy_zh=remedy_zh)
