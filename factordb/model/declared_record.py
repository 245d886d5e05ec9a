"""Reads the parts of a mapping file: records, conditions, settings, corrections.

Conditions are built from quoted names and texts only: no SQL is taken from the file.
"""

import re
from collections.abc import Mapping
from typing import Any

from factordb.errors import UsageError
from factordb.model.mistakes import Desk, at
from factordb.model.pipeline import FIELDS, Correction, GasColumn, InputColumn, Record, Setting

_TESTS = ("equals", "not_equals", "in", "not_empty", "matches")

_NOT_RE2 = re.compile(r"\(\?(?:[=!>]|<[=!])|\\[1-9]")
"""Look-around, atomic groups and back references: Python knows them, the database's RE2 does not."""


def _cell_sql(column: str) -> str:
    """Return SQL for a raw column as intake reads it: trimmed text, empty as NULL."""
    name = column.replace('"', '""')
    return f"nullif(trim(CAST(\"{name}\" AS VARCHAR)), '')"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _pattern(desk: Desk, path: str, value: Any) -> str:
    pattern = desk.text(path, value)
    try:
        re.compile(pattern)
        fault = "look-around or back reference" if _NOT_RE2.search(pattern) else ""
    except re.error as error:
        fault = str(error)
    if fault:
        desk.wrong(
            path,
            f"is no usable pattern ({fault})",
            "use plain regular expressions (RE2), such as [0-9]+.*",
            f"不是可用的正则表达式（{fault}）",
            "请使用普通正则表达式（RE2），例如 [0-9]+.*",
        )
    return pattern


def _condition(desk: Desk, path: str, value: Any) -> str:
    facts = desk.table(path, value, ("column", *_TESTS), ("column",))
    tests = [key for key in facts if key != "column"]
    if len(tests) != 1 or "column" not in facts:
        if len(tests) != 1:
            words = ", ".join(_TESTS)
            desk.wrong(path, "needs one test", f"give exactly one of: {words}", "须有一个条件", f"请只写其一：{words}")
        return "false"
    test, place = tests[0], at(path, tests[0])
    cell = _cell_sql(desk.text(at(path, "column"), facts["column"]))
    if test == "in":
        return f"{cell} IN ({', '.join(map(_quoted, desk.texts(place, facts[test])))})"
    if test == "not_empty":
        return f"{cell} IS NOT NULL" if desk.flag(place, facts[test]) else f"{cell} IS NULL"
    if test == "matches":
        return f"regexp_full_match({cell}, {_quoted(_pattern(desk, place, facts[test]))})"
    operator = "=" if test == "equals" else "IS DISTINCT FROM"
    return f"{cell} {operator} {_quoted(desk.cell(place, facts[test]))}"


def _where(desk: Desk, path: str, value: Any) -> str:
    """Return the conjunction of simple conditions as SQL."""
    return " AND ".join(_condition(desk, place, one) for place, one in desk.tables(path, value))


def _fields(desk: Desk, path: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return a table whose keys are canonical fields."""
    return desk.table(path, facts, sorted(FIELDS))


def _map(desk: Desk, path: str, value: Any) -> tuple[str, dict[str, str]]:
    facts = desk.table(path, value, ("column", "words"), ("column", "words"))
    words = facts.get("words", {})
    known = desk.table(at(path, "words"), words, words if isinstance(words, dict) else ())
    return desk.text(at(path, "column"), facts.get("column", "?")), {
        word: desk.text(at(f"{path}.words", word), meaning) for word, meaning in known.items()
    }


def _gas(desk: Desk, path: str, value: Any) -> GasColumn:
    facts = desk.table(path, value, ("gas", "column", "unit", "is_co2e"), ("gas", "column", "unit"))
    texts = {key: desk.text(at(path, key), facts.get(key, "?")) for key in ("gas", "column", "unit")}
    return GasColumn(**texts, is_co2e=desk.flag(at(path, "is_co2e"), facts.get("is_co2e", False)))


def _input(desk: Desk, path: str, value: Any) -> InputColumn:
    facts = desk.table(path, value, ("name", "column", "unit", "unit_column", "cv_column"), ("name", "column"))
    return InputColumn(
        **{key: desk.text(at(path, key), one) for key, one in {"name": "?", "column": "?", **facts}.items()}
    )


def record(desk: Desk, path: str, value: Any) -> Record | None:
    """Return the record, or None if it has mistakes."""
    before = len(desk.mistakes)
    known = ("name", "key", "columns", "constants", "maps", "where", "gases", "inputs", "expression")
    facts = desk.table(path, value, known, ("name", "key"))
    columns = _fields(desk, at(path, "columns"), facts.get("columns", {}))
    constants = _fields(desk, at(path, "constants"), facts.get("constants", {}))
    maps = _fields(desk, at(path, "maps"), facts.get("maps", {}))
    record_facts: dict[str, Any] = {
        "name": desk.text(at(path, "name"), facts.get("name", "?")),
        "key": desk.texts(at(path, "key"), facts.get("key", "?")),
        "columns": {name: desk.text(f"{path}.columns.{name}", one) for name, one in columns.items()},
        "constants": {name: desk.cell(f"{path}.constants.{name}", one) for name, one in constants.items()},
        "maps": {name: _map(desk, f"{path}.maps.{name}", one) for name, one in maps.items()},
        "where": _where(desk, at(path, "where"), facts.get("where", [])),
        "gases": tuple(_gas(desk, place, one) for place, one in desk.tables(at(path, "gases"), facts.get("gases", []))),
        "inputs": tuple(
            _input(desk, place, one) for place, one in desk.tables(at(path, "inputs"), facts.get("inputs", []))
        ),
        "expression": desk.text(at(path, "expression"), facts["expression"]) if "expression" in facts else "",
    }
    if len(desk.mistakes) > before:
        return None  # what follows from a mistake is no second one
    _agree(desk, path, record_facts)
    try:
        return Record(**record_facts)
    except UsageError as fault:
        desk.wrong(path, fault.problem, fault.remedy, fault.problem_zh, fault.remedy_zh)
        return None


def _agree(desk: Desk, path: str, facts: Mapping[str, Any]) -> None:
    """Note what contradicts itself inside a record: a field fed twice, no unit, inputs without a recipe."""
    fed = [*facts["columns"], *facts["constants"], *facts["maps"]]
    for name in sorted({name for name in fed if fed.count(name) > 1}):
        desk.wrong(
            at(path, name),
            "is fed twice",
            "keep one of columns, constants and maps",
            "重复指定",
            "columns、constants、maps 只保留其一",
        )
    if not {"unit", "value_and_unit"} & set(fed):
        desk.wrong(
            at(path, "unit"),
            "is missing",
            "feed unit by a column or a constant",
            "缺失",
            "请在 columns 或 constants 中指定 unit",
        )
    named = set(re.findall(r"[^\W\d]\w*", facts["expression"]))
    unused = [part.name for part in facts["inputs"] if part.name not in named]
    if unused or (facts["expression"] and not facts["inputs"]):
        desk.wrong(
            at(path, "expression"),
            f"does not use {', '.join(unused)}" if unused else "has no inputs",
            "declare in inputs what the expression uses, and nothing else",
            f"没有用到 {'、'.join(unused)}" if unused else "没有输入量",
            "请在 inputs 中声明且仅声明表达式用到的输入量",
        )


def setting(desk: Desk, path: str, value: Any) -> Setting:
    """Return a kind of row that is known to hold no record."""
    facts = desk.table(path, value, ("where", "code", "detail"), ("where", "code"))
    code = desk.text(at(path, "code"), facts.get("code", "FMT001"))
    if not re.fullmatch(r"[A-Z]{3,4}[0-9]{3}", code):
        desk.wrong(
            at(path, "code"), f"is {code!r}", "use a code such as FMT001", f"为 {code!r}", "请使用形如 FMT001 的代码"
        )
    where = _where(desk, at(path, "where"), facts.get("where", []))
    if not where and "where" in facts:
        desk.wrong(at(path, "where"), "is empty", "give one condition at least", "为空", "请至少写一个条件")
    return Setting(where, code, desk.text(at(path, "detail"), facts.get("detail", ""), empty=True))


def correction(desk: Desk, path: str, value: Any) -> Correction:
    """Return the repair of one raw cell."""
    known = ("match", "column", "expect", "replace", "reason")
    facts = desk.table(path, value, known, known)
    match = facts.get("match", {"?": "?"})
    cells = desk.table(at(path, "match"), match, match if isinstance(match, dict) else ())
    if not cells:
        desk.wrong(at(path, "match"), "names no cell", "give column = text", "没有指明单元格", "请写 列名 = 文字")
    texts = {key: desk.cell(at(path, key), facts.get(key, "?")) for key in known[1:]}
    return Correction(match={name: desk.cell(f"{path}.match.{name}", one) for name, one in cells.items()}, **texts)
