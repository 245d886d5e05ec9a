"""The form of a trial footprint as TOML and XLSX: templates written from the schema, workbooks read back.

A sheet is named by its title in Chinese or English. Of a table, row 1 says what a column means and row 2 names its key;
the study stands upright: key, value, meaning.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import xlsxwriter

from factordb.errors import FileProblemError
from factordb.formats.archive import file_source
from factordb.formats.raw_table import RawTable
from factordb.formats.spreadsheet import read_spreadsheet
from factordb.formats.xlsx_table import settle

Schema = Mapping[str, Any]
CREATED: Final = datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)
KEY, VALUE, MEANING = "key", "value", "meaning"
NAME_ROW: Final = 2
BLOCK: Final = 2000
ROOM: Final = 500


def read_trial_form(path: Path, schema: Schema) -> dict[str, Any]:
    """Return the plain data of a workbook, as TOML would give them.

    Raises:
        FileProblemError: the file is no workbook, a cell cannot be read, or the study's sheet is missing.
    """
    stated: dict[str, Any] = {}
    for name, sheet in schema.items():
        table = _sheet(path, sheet, upright=not sheet["many"])
        if table is None:
            continue
        rows = [_cells(row) for batch in table.batches for row in batch.to_pylist()]
        if table.damaged:
            one = table.damaged[0]
            raise FileProblemError(
                path, problem=f"{sheet['en']} {one.place}: a cell cannot be read ({one.found or one.code})",
                remedy="type the value instead of a formula",
                problem_zh=f"{sheet['zh']} {one.place}：单元格无法读取（{one.found or one.code}）",
                remedy_zh="请直接填写数值，不要使用公式",
            )  # fmt: skip
        if sheet["many"]:
            stated[name] = [row for row in rows if row]
        else:
            stated[name] = {row[KEY]: row[VALUE] for row in rows if KEY in row and VALUE in row}
    return stated


def _cells(row: Mapping[str, Any]) -> dict[str, str]:
    return {name: text.strip() for name, text in row.items()
            if not name.startswith("_") and isinstance(text, str) and text.strip()}  # fmt: skip


def _sheet(path: Path, sheet: Mapping[str, Any], *, upright: bool) -> RawTable | None:
    """Return a sheet by its Chinese or its English name; None where a table is absent."""
    row, wanted = (1, (KEY, VALUE)) if upright else (NAME_ROW, ())
    fault: FileProblemError | None = None
    for title in (sheet["zh"], sheet["en"]):
        try:
            return read_spreadsheet(
                file_source(path), sheet=title, header_row=row, expect_columns=wanted, batch_rows=BLOCK
            )
        except FileProblemError as found:
            if "has no sheet" not in found.problem:
                raise
            fault = found
    if upright and fault is not None:
        raise fault
    return None


def toml_template(schema: Schema, example: Mapping[str, Any], lang: str, title: str) -> str:
    """Return a commented TOML inventory: every key with its meaning, those of the example filled in."""
    lines = [f"# {title}", ""]
    for name, sheet in schema.items():
        lines += [f"# ── {sheet[lang]} " + "─" * 40, ""]
        rows = example.get(name, [{}]) if sheet["many"] else [example.get(name, {})]
        if sheet["many"]:
            lines += [*_meanings(sheet["keys"], lang), ""]
        for row in rows or [{}]:
            if sheet["many"] and not row:
                continue
            lines.append(f"[[{name}]]" if sheet["many"] else f"[{name}]")
            lines += _assigned(row) if sheet["many"] else list(_single(sheet["keys"], row, lang))
            lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _meanings(keys: Mapping[str, Any], lang: str) -> Iterator[str]:
    for name, facts in keys.items():
        yield f"# {name}{' *' if facts.get('must') else ''}: {facts[lang]}"


def _assigned(row: Mapping[str, Any]) -> list[str]:
    return [f"{name} = {_value(value)}" for name, value in row.items()]


def _single(keys: Mapping[str, Any], row: Mapping[str, Any], lang: str) -> Iterator[str]:
    for name, facts in keys.items():
        yield f"# {facts[lang]}{' *' if facts.get('must') else ''}"
        yield f"{name} = {_value(row[name])}" if name in row else f"# {name} ="


def _value(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def write_trial_form(path: Path, schema: Schema, example: Mapping[str, Any], lang: str, title: str) -> None:
    """Write the workbook of the schema with the example filled in; the same input gives the same bytes."""
    book = xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True})
    book.set_properties({"title": title, "created": CREATED})
    font = {"font_name": "等线", "font_size": 11, "text_wrap": True, "valign": "top"}
    looks = {
        "must": book.add_format({**font, "bold": True, "bg_color": "#1F4E79", "font_color": "#FFFFFF", "border": 1}),
        "may": book.add_format({**font, "bold": True, "bg_color": "#D9E2EC", "border": 1}),
        "name": book.add_format({**font, "font_color": "#6B7280", "border": 1}),
        "cell": book.add_format(font),
    }
    for name, sheet in schema.items():
        page = book.add_worksheet(sheet[lang])
        if sheet["many"]:
            _table(page, sheet["keys"], example.get(name, []), lang, looks)
        else:
            _upright(page, sheet["keys"], example.get(name, {}), lang, looks)
    book.close()
    settle(path)


def _table(page: Any, keys: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], lang: str, looks: Any) -> None:
    page.set_row(0, 75)
    for column, (name, facts) in enumerate(keys.items()):
        page.set_column(column, column, 18, looks["cell"])
        page.write_string(0, column, facts[lang] + (" *" if facts.get("must") else ""), _look(facts, looks))
        page.write_string(NAME_ROW - 1, column, name, looks["name"])
        _choices(page, facts, NAME_ROW, column, ROOM)
        for at, row in enumerate(rows, NAME_ROW):
            _put(page, at, column, row.get(name), looks["cell"])
    page.freeze_panes(NAME_ROW, 1)


def _upright(page: Any, keys: Mapping[str, Any], row: Mapping[str, Any], lang: str, looks: Any) -> None:
    for column, (name, width) in enumerate(((KEY, 20), (VALUE, 40), (MEANING, 80))):
        page.set_column(column, column, width, looks["cell"])
        page.write_string(0, column, name, looks["name"])
    for at, (name, facts) in enumerate(keys.items(), 1):
        page.write_string(at, 0, name, _look(facts, looks))
        _put(page, at, 1, row.get(name), looks["cell"])
        page.write_string(at, 2, facts[lang] + (" *" if facts.get("must") else ""), looks["cell"])
        _choices(page, facts, at, 1, at)
    page.freeze_panes(1, 1)


def _look(facts: Mapping[str, Any], looks: Any) -> Any:
    return looks["must" if facts.get("must") else "may"]


def _choices(page: Any, facts: Mapping[str, Any], first: int, column: int, last: int) -> None:
    """Offer the words of a choice. Pasted cells go round it: the reader judges every cell anew."""
    words = facts.get("among") or (["true", "false"] if facts["kind"] == "flag" else [])
    if words and len(",".join(words)) < 255:  # noqa: PLR2004 - Excel's limit for a list that stands in the cell
        page.data_validation(first, column, max(first, last), column, {"validate": "list", "source": words})


def _put(page: Any, row: int, column: int, value: Any, look: Any) -> None:
    """Write a value as text or number: a flag is a word that both forms read."""
    if value is None:
        return
    if isinstance(value, bool):
        page.write_string(row, column, str(value).lower(), look)
    elif isinstance(value, int | float):
        page.write_number(row, column, value, look)
    else:
        page.write_string(row, column, ", ".join(value) if isinstance(value, list) else str(value), look)
