"""Reads the definition of an aggregate that a curator wrote: TOML in, target, samples and weights out.

Every mistake is found in one go and says where it stands (`sample[2].wieght`).
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite, nan
from typing import Any

from factordb.model.factor import EARLIEST_YEAR
from factordb.model.mistakes import DeclarationError, Desk, at

METHODS = ("production", "hierarchical")
BETWEEN = ("dersimonian-laird", "mandel-paule")
ACCESS = ("public", "restricted")
SELECTABLE = (
    "pipeline", "source_id", "flow", "category", "technology", "kind", "gas", "quantity", "region", "reference_year"
)  # fmt: skip
"""Columns of a candidate by which samples may be selected; each takes one text or a list."""
LATEST_YEAR = 2100


@dataclass(frozen=True)
class Member:
    """A sample named by itself: its factor, and what the library does not know of it."""

    factor: str
    weight: float = nan
    plant: str = ""
    enterprise: str = ""
    access: str = ""
    """public, restricted, or empty: by the kind of its source."""


@dataclass(frozen=True)
class AggregateDefinition:
    """What an aggregate is to be made of. `name` is its identity: the same name is a new version of the same factor."""

    name: str
    name_zh: str
    name_en: str
    region: str
    year: int
    method: str
    between: str = BETWEEN[0]
    technology: str = ""
    access: str = ""
    members: tuple[Member, ...] = ()
    select: Mapping[str, tuple[str, ...]] | None = None
    equal_weights: bool = False
    """Every sample weighs the same, declared: a demonstration, never released as real."""
    weight_unit: str = ""
    weight_source: str = ""
    weights: Mapping[str, float] | None = None
    """Weights of selected samples by their region as published or by its code."""
    population: float = nan
    population_source: str = ""

    @property
    def source_id(self) -> str:
        """Row of the source register that the aggregate stands under."""
        return f"aggregate-{self.name}"


def read_definition(text: str, name: str) -> AggregateDefinition:
    """Return the definition that a TOML text states.

    Args:
        text: the file's content.
        name: the file's name, for its mistakes.

    Raises:
        DeclarationError: it has mistakes; all of them are told.
    """
    desk = Desk()
    try:
        whole = tomllib.loads(text.replace("\r\n", "\n"))
    except (tomllib.TOMLDecodeError, RecursionError) as fault:
        remedy, remedy_zh = "correct this line: key = value, texts in quotes", "请更正该行：键 = 值，文字加引号"
        desk.wrong("TOML", f"{fault}", remedy, f"语法错误：{fault}", remedy_zh)
        raise DeclarationError(name, desk.mistakes) from fault
    facts = _facts(desk, whole)
    if desk.mistakes:
        raise DeclarationError(name, desk.mistakes)
    return AggregateDefinition(**facts)


def _facts(desk: Desk, whole: Mapping[str, Any]) -> dict[str, Any]:
    top = desk.table("", whole, ("aggregate", "sample", "select", "weights", "population"), ("aggregate",))
    facts = _target(desk, top.get("aggregate", {}))
    facts["members"] = tuple(_member(desk, *one) for one in desk.tables("sample", top.get("sample", [])))
    if "select" in top:
        chosen = desk.table("select", top["select"], SELECTABLE)
        facts["select"] = {key: desk.texts(at("select", key), _plain(one)) for key, one in chosen.items()}
    if bool(facts["members"]) == bool(facts.get("select")):
        desk.wrong(
            "sample", "needs samples", "name them in [[sample]] or choose them in [select], one of the two",
            "缺少样本", "请在 [[sample]] 中逐一列出，或在 [select] 中选取，二者择一",
        )  # fmt: skip
    facts |= _weights(desk, top.get("weights", {}))
    if "population" in top:
        told = desk.table("population", top["population"], ("total", "unit", "source"), ("total", "unit", "source"))
        facts["population"] = _number(desk, "population.total", told.get("total", 1.0))
        facts["population_source"] = desk.text("population.source", told.get("source", "?"))
        unit = desk.text("population.unit", told.get("unit", "?"))
        if facts.get("equal_weights") or unit != facts.get("weight_unit", ""):
            desk.wrong(
                "population.unit", f"is {unit!r}, weights are in {facts.get('weight_unit', '')!r}",
                "give weights and total in one unit", f"为 {unit!r}，而权重的单位是 {facts.get('weight_unit', '')!r}",
                "权重与总体产量请用同一单位",
            )  # fmt: skip
    return facts


def _target(desk: Desk, value: Any) -> dict[str, Any]:
    texts = ("name", "name_zh", "name_en", "region")
    known = (*texts, "year", "method", "between", "technology", "access")
    told = desk.table("aggregate", value, known, (*texts, "year", "method"))
    found: dict[str, Any] = {key: desk.text(f"aggregate.{key}", told.get(key, "x")) for key in texts}
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", found["name"]):
        desk.wrong(
            "aggregate.name", f"is {found['name']!r}", "use a-z, 0-9 and hyphens",
            f"为 {found['name']!r}", "请使用小写字母、数字和连字符",
        )  # fmt: skip
    found["year"] = desk.whole("aggregate.year", told.get("year", 2000), least=EARLIEST_YEAR, most=LATEST_YEAR)
    found["method"] = desk.choice("aggregate.method", told.get("method", METHODS[0]), METHODS)
    found["between"] = desk.choice("aggregate.between", told.get("between", BETWEEN[0]), BETWEEN)
    if "technology" in told:
        found["technology"] = desk.text("aggregate.technology", told["technology"])
    if "access" in told:
        found["access"] = desk.choice("aggregate.access", told["access"], ACCESS)
    return found


def _member(desk: Desk, path: str, value: Any) -> Member:
    told = desk.table(path, value, ("factor", "weight", "plant", "enterprise", "access"), ("factor",))
    texts = {key: desk.text(at(path, key), told[key]) for key in ("factor", "plant", "enterprise") if key in told}
    access = desk.choice(at(path, "access"), told["access"], ACCESS) if "access" in told else ""
    weight = _any_number(desk, at(path, "weight"), told["weight"]) if "weight" in told else nan
    return Member(**{"factor": "?", **texts}, weight=weight, access=access)


def _weights(desk: Desk, value: Any) -> dict[str, Any]:
    told = desk.table("weights", value, ("equal", "unit", "source", "of"))
    if "equal" in told and desk.flag("weights.equal", told["equal"]):
        if set(told) != {"equal"}:
            desk.wrong(
                "weights", "are equal and something else", "keep equal = true alone", "既相等又另有规定",
                "只保留 equal = true",
            )  # fmt: skip
        return {"equal_weights": True}
    found: dict[str, Any] = {}
    if told:
        for key in ("unit", "source"):
            if key not in told:
                desk.wrong(f"weights.{key}", "is missing", f"add {key} = …", "缺失", f"请补充 {key} = …")
        found["weight_unit"] = desk.text("weights.unit", told.get("unit", "?"))
        found["weight_source"] = desk.text("weights.source", told.get("source", "?"))
    if "of" in told:
        amounts = desk.table("weights.of", told["of"], told["of"] if isinstance(told["of"], dict) else ())
        found["weights"] = {key: _any_number(desk, f"weights.of.{key}", one) for key, one in amounts.items()}
    return found


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _number(desk: Desk, path: str, value: Any) -> float:
    number = _any_number(desk, path, value)
    if not (isfinite(number) and number > 0):
        desk.wrong(path, f"is {value!r}", "write a number above zero", f"为 {value!r}", "请写大于零的数")
    return number


def _any_number(desk: Desk, path: str, value: Any) -> float:
    """Return a number as it stands: whether it can be a weight is judged with all samples together."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    desk.wrong(path, f"is {value!r}, no number", "write a number", f"{value!r} 不是数", "请写数字")
    return nan
