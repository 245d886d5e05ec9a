"""An inventory as it was stated: checked against the one schema, whether it came from TOML or from a workbook."""

import difflib
import math
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Literal

from factordb.errors import UsageError
from factordb.reference import toml

Cells = Mapping[str, Any]
"""Key -> value of one line, every key of its sheet; None where nothing is stated."""
LEAST: Final = 1e-18
MOST: Final = 1e18
YES: Final = frozenset({"true", "yes", "y", "1", "是"})
NO: Final = frozenset({"false", "no", "n", "0", "否"})


@dataclass(frozen=True)
class Inventory:
    """What a drafter states of one product.

    Attributes:
        study: product, functional unit, boundary, year, GWP set.
        lines: activities.
        contracts: green certificates, power contracts, residual mix.
        allocations: shares of products, one line a product.
        cut_offs: what is left out.
    """

    study: Cells
    lines: tuple[Cells, ...]
    contracts: tuple[Cells, ...] = ()
    allocations: tuple[Cells, ...] = ()
    cut_offs: tuple[Cells, ...] = ()


@cache
def schema() -> Mapping[str, Any]:
    """Return `trial/schema`: sheet -> words, `many`, keys."""
    return toml("trial/schema")


@cache
def rules() -> Mapping[str, Any]:
    """Return `trial/rules`."""
    return toml("trial/rules")


def inventory_of(stated: Mapping[str, Any]) -> Inventory:
    """Return the inventory of plain data: `study` a table, the other sheets lists of tables.

    Raises:
        UsageError: a sheet or key is not known (the nearest is named), is missing, or holds no value of its kind.
    """
    _only(stated, schema(), "")
    found = {name: _sheet(name, stated.get(name)) for name in schema()}
    if not found["line"]:
        raise _fault("the inventory has no line", "add at least one [[line]]", "清单没有任何一行", "请至少填写一行清单")
    for sheet, many, one, zh in (
        ("line", "lines", "line", "行"),
        ("contract", "contracts", "contract", "份证书或合同"),
    ):
        names = [row["id"] for row in found[sheet]]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise _fault(
                f"{many} share the identifier {', '.join(twice)}", f"give each {one} its own",
                f"多{zh}共用标识 {'、'.join(twice)}", f"请为每{zh}使用不同的标识",
            )  # fmt: skip
    study = found["study"][0]
    whole = {"samples": rules()["samples"], "seed": rules()["seed"], "electricity": "location", "region": "CN"}
    study = {**study, **{name: value for name, value in whole.items() if study[name] is None}}
    return Inventory(
        study, tuple(found["line"]), tuple(found["contract"]), tuple(found["allocation"]), tuple(found["cut_off"])
    )


def _sheet(name: str, stated: Any) -> list[dict[str, Any]]:
    many = schema()[name]["many"]
    rows = stated if isinstance(stated, list) else [] if stated is None else [stated]
    if (not many and len(rows) != 1) or not all(isinstance(row, Mapping) for row in rows):
        mark = f"[[{name}]]" if many else f"[{name}]"
        raise _fault(f"{mark} is missing or of the wrong form", f"write it as {mark}",
                     f"{mark} 缺失或形式不符", f"请按 {mark} 书写")  # fmt: skip
    return [_row(name, row, f"{name} {at}" if many else name) for at, row in enumerate(rows, start=1)]


def _row(sheet: str, stated: Mapping[str, Any], place: str) -> dict[str, Any]:
    keys = schema()[sheet]["keys"]
    _only(stated, keys, place)
    row = {name: _cell(stated.get(name), facts, f"{place}.{name}") for name, facts in keys.items()}
    missing = [name for name, facts in keys.items() if facts.get("must") and row[name] is None]
    if missing:
        raise _fault(
            f"{place} lacks {', '.join(missing)}", f"state: {keys[missing[0]]['en']}",
            f"{place} 缺少 {'、'.join(missing)}", f"请填写：{keys[missing[0]]['zh']}",
        )  # fmt: skip
    return row


def _only(stated: Mapping[str, Any], known: Iterable[str], place: str) -> None:
    for name in stated:
        if name not in known:
            near = difflib.get_close_matches(str(name), list(known), 1, 0.5)
            where = f" in {place}" if place else ""
            hint, hint_zh = (f"did you mean {near[0]}?", f"是否应为 {near[0]}？") if near else (
                f"known: {', '.join(known)}", f"可用：{'、'.join(known)}")  # fmt: skip
            raise _fault(f"{name!r}{where} is not known", hint, f"{place or '清单'} 中的 {name!r} 无法识别", hint_zh)


def _cell(value: Any, facts: Mapping[str, Any], place: str) -> Any:
    """Return a value of the kind its key asks for; None where the cell is empty."""
    # words stay as they are written; of everything else full-width digits and letters are the same as plain ones
    form: Literal["NFC", "NFKC"] = "NFC" if facts["kind"] == "text" else "NFKC"
    text = unicodedata.normalize(form, value).strip() if isinstance(value, str) else value
    if text is None or text == "":
        return None
    kind = facts["kind"]
    made = _MADE[kind](text)
    if (
        kind in {"number", "whole"}
        and made is not None
        and not facts.get("least", made) <= made <= facts.get("most", made)
    ):
        ends = f"{facts.get('least', '…')} … {facts.get('most', '…')}"
        raise _fault(f"{place}: {made:g} is out of range", f"give a number in {ends}",
                     f"{place}：{made:g} 超出范围", f"请填写 {ends} 之间的数值")  # fmt: skip
    if made is None or (kind == "choice" and made not in facts["among"]):
        wanted = ", ".join(facts.get("among", ())) or _WANTED[kind][1]
        near = difflib.get_close_matches(str(text), facts.get("among", ()), 1, 0.5)
        more, more_zh = (f"; did you mean {near[0]}?", f"；是否应为 {near[0]}？") if near else ("", "")
        raise _fault(
            f"{place}: {value!r} is no {kind}", f"give {wanted}{more}",
            f"{place}：{value!r} 不符合要求", f"请填写{'、'.join(facts.get('among', ())) or _WANTED[kind][0]}{more_zh}",
        )  # fmt: skip
    return made


_WANTED: Final = {"text": ("文本", "text"),
                  "number": ("0 或绝对值 1e-18 至 1e18 的数值", "a number: 0, or 1e-18 to 1e18"),
                  "whole": ("整数", "a whole number"), "flag": ("true 或 false", "true or false"),
                  "list": ("以逗号分隔的词", "words separated by commas"),
                  "choice": ("其中之一", "one of them")}  # fmt: skip


def number_of(value: Any) -> float | None:
    """Return the number a cell says; None where it says none, or one beyond 1e-18 to 1e18."""
    if isinstance(value, bool):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    # beyond these a product of three would leave what a double can hold
    usable = math.isfinite(number) and (number == 0 or LEAST <= abs(number) <= MOST)
    return number if usable else None


def _whole(value: Any) -> int | None:
    number = number_of(value)
    return int(number) if number is not None and number == int(number) else None


def _flag(value: Any) -> bool | None:
    word = str(value).lower()
    return True if word in YES else False if word in NO else None


def _words(value: Any) -> tuple[str, ...] | None:
    parts: Sequence[Any] = (
        value if isinstance(value, list) else str(value).replace("、", ",").replace("，", ",").split(",")
    )
    return tuple(str(one).strip() for one in parts if str(one).strip())


def _text(value: Any) -> str | None:
    return None if isinstance(value, dict | list) else str(value)


_MADE: Final[Mapping[str, Any]] = {
    "text": _text, "number": number_of, "whole": _whole, "flag": _flag, "list": _words, "choice": _text,
}  # fmt: skip


def _fault(problem: str, remedy: str, problem_zh: str, remedy_zh: str) -> UsageError:
    return UsageError(problem=problem, remedy=remedy, problem_zh=problem_zh, remedy_zh=remedy_zh)
