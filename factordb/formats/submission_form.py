"""The Excel form of a measured-data submission, made from the one schema: bilingual, with drop-downs and examples.

Every sheet has a mark column first. Rows whose mark begins with `#` are for people and are passed over when the form is
read: the rule and an example stand there. Row 1 names the columns in both languages, row 2 by machine name.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import xlsxwriter

from factordb.formats.submission_form_reader import MARK, NAME_ROW
from factordb.formats.xlsx_table import settle
from factordb.model.submission import Field, FieldType, Kind, Sheet, schema_name, sheets
from factordb.reference import tables

__all__ = ["DATA_ROW", "LISTS", "NAME_ROW", "ROOM", "write_form", "write_sheets"]

DATA_ROW: Final = 5
"""First row for data: titles, names, rules and example stand above."""
ROOM: Final = 2_000
"""Rows that drop-downs and number formats reach."""
LISTS: Final = "_lists"
"""Very hidden sheet with the words of the drop-downs: a list inside a cell may have 255 characters only."""
_CREATED: Final = datetime(2026, 1, 1)  # noqa: DTZ001 - a spreadsheet's property has no zone; the same for every form
_WIDTHS: Final[Mapping[FieldType, int]] = MappingProxyType({FieldType.TEXT: 24, FieldType.FILE: 30})


def write_form(
    path: Path, kind: Kind, filled: Mapping[str, list[Mapping[str, str]]] = MappingProxyType({})
) -> tuple[str, ...]:
    """Write the form for a kind of submission to `path`; return the names of its sheets.

    The same kind and cells give the same bytes.

    Args:
        path: the file.
        kind: which sheets it has.
        filled: sheet -> rows to fill in: field -> text. Numbers stay the text that was given.
    """
    words = tables.toml("submission/form")
    lines = [words["kinds"][kind], *words["lines"]]
    chosen = [sheet for sheet in sheets().values() if sheet.needed_by(kind)]
    return write_sheets(path, chosen, words | {"lines": lines}, schema_name(), kind=kind, filled=filled)


def write_sheets(
    path: Path,
    chosen: Sequence[Sheet],
    words: Mapping[str, Any],
    schema: str,
    *,
    kind: Kind | None = None,
    filled: Mapping[str, list[Mapping[str, str]]] = MappingProxyType({}),
) -> tuple[str, ...]:
    """Write a form of any sheets to `path`; return their names.

    Args:
        path: the file.
        chosen: the sheets, in their order.
        words: `title`, `sheet` and `lines` of the first sheet, each with zh and en.
        schema: name and version of the schema, kept in the workbook as `factordb_schema`.
        kind: leaves out the fields of other kinds; None: every field.
        filled: sheet -> rows to fill in: field -> text.
    """
    book = xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True})
    book.set_properties({"title": words["title"]["zh"], "created": _CREATED, "comments": schema})
    looks = _looks(book)
    _write_read_me(book, words, looks)
    lists = _Lists()
    for sheet in chosen:
        _write_sheet(book, sheet, kind, filled.get(sheet.name, []), looks, lists)
    lists.write(book)
    book.define_name("factordb_schema", f'="{schema}"')
    book.close()
    settle(path)
    return tuple(sheet.zh for sheet in chosen)


def _looks(book: Any) -> dict[str, Any]:
    font = {"font_name": "等线", "font_size": 11}
    head = {**font, "bold": True, "text_wrap": True, "valign": "top", "border": 1}
    return {
        "must": book.add_format({**head, "bg_color": "#1F4E79", "font_color": "#FFFFFF"}),
        "may": book.add_format({**head, "bg_color": "#D9E2EC"}),
        "name": book.add_format({**font, "font_color": "#6B7280", "border": 1}),
        "hint": book.add_format({**font, "font_color": "#6B7280", "italic": True, "text_wrap": True, "valign": "top"}),
        "cell": book.add_format({**font, "num_format": "@", "locked": False}),
        "page": book.add_format({**font, "text_wrap": True, "valign": "top"}),
        "title": book.add_format({**font, "bold": True, "font_size": 14}),
    }


def _write_read_me(book: Any, words: Mapping[str, Any], looks: Mapping[str, Any]) -> None:
    page = book.add_worksheet(words["sheet"]["zh"])
    page.set_column(0, 1, 70, looks["page"])
    page.write_string(0, 0, words["title"]["zh"], looks["title"])
    page.write_string(0, 1, words["title"]["en"], looks["title"])
    for row, line in enumerate(words["lines"], 2):
        page.write_string(row, 0, line["zh"], looks["page"])
        page.write_string(row, 1, line["en"], looks["page"])
    page.protect()


def _write_sheet(
    book: Any,
    sheet: Sheet,
    kind: Kind | None,
    filled: list[Mapping[str, str]],
    looks: Mapping[str, Any],
    lists: "_Lists",
) -> None:
    page = book.add_worksheet(sheet.zh)
    fields = [one for one in sheet.fields if not one.kinds or kind is None or kind in one.kinds]
    page.set_column(0, 0, 6)
    for row, mark in enumerate((MARK, MARK, f"{MARK}规则 rule", f"{MARK}示例 example")):
        page.write_string(row, 0, mark, looks["hint"])
    for column, one in enumerate(fields, 1):
        page.set_column(column, column, _WIDTHS.get(one.type, 16), looks["cell"])
        star = " *" if one.must else ""
        page.write_string(0, column, f"{one.zh}{star}\n{one.en}", looks["must" if one.must else "may"])
        page.write_string(NAME_ROW - 1, column, one.name, looks["name"])
        page.write_string(NAME_ROW, column, f"{one.rule_zh}\n{one.rule_en}\n✗ {one.bad}", looks["hint"])
        page.write_string(NAME_ROW + 1, column, one.good, looks["hint"])
        _guide(page, one, column, lists)
        for row, cells in enumerate(filled, DATA_ROW - 1):
            if cells.get(one.name):
                page.write_string(row, column, cells[one.name], looks["cell"])
    page.freeze_panes(DATA_ROW - 1, 1)
    page.protect(options={"format_columns": True, "format_rows": True, "insert_rows": True, "sort": True})


def _guide(page: Any, one: Field, column: int, lists: "_Lists") -> None:
    """Offer the words of a choice. Pasted cells go round it: the reader judges every cell anew."""
    words = one.choices or (("yes", "no") if one.type is FieldType.YES_NO else ())
    if words:
        page.data_validation(
            DATA_ROW - 1, column, DATA_ROW - 1 + ROOM, column,
            {"validate": "list", "source": lists.place(words), "error_type": "warning",
             "input_title": one.zh[:32], "input_message": f"{one.rule_zh}\n{one.rule_en}"[:255]},
        )  # fmt: skip


class _Lists:
    """The drop-downs' words, each list a column of the very hidden sheet."""

    def __init__(self) -> None:
        self._columns: dict[tuple[str, ...], int] = {}

    def place(self, words: tuple[str, ...]) -> str:
        column = self._columns.setdefault(words, len(self._columns))
        letter = xlsxwriter.utility.xl_col_to_name(column)
        return f"='{LISTS}'!${letter}$1:${letter}${len(words)}"

    def write(self, book: Any) -> None:
        page = book.add_worksheet(LISTS)
        for words, column in self._columns.items():
            for row, text in enumerate(words):
                page.write_string(row, column, text)
        page.very_hidden()
