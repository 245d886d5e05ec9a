"""The format `xlsx`: the workbook for people, every row of a release, with sources and gases."""

from pathlib import Path
from typing import Final

from factordb.formats.catalogued.described import source_table
from factordb.formats.catalogued.write_only import WriteOnly
from factordb.formats.interchange import Content
from factordb.formats.rows import release_batches, split_by_table
from factordb.formats.xlsx_table import SHEET_ROWS, Workbook


def write_workbook(content: Content, target: Path) -> int:
    """Write the workbook to `target` and return the number of rows in it."""
    with Workbook(target, content.facts, row_limit=SHEET_ROWS) as book:
        for batch in release_batches(content.rows):
            for table, part in split_by_table(batch):
                book.write(table, part)
        book.write_sheet("sources", source_table(content))
        if content.gases.num_rows:
            book.write_sheet("gas_amounts", content.gases)
    return int(content.rows.num_rows)


FORMAT: Final = WriteOnly("xlsx", (".xlsx",), write_workbook, instead="xlsx with --mapping")
