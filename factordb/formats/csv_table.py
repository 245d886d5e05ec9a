r"""CSV: one form for programs, one for people.

For programs (`CsvTable`): UTF-8 without BOM, `\n`, one row of machine names, an empty cell is a missing value.
For people (`PeopleCsvTable`): UTF-8 with BOM and `\r\n`, because Chinese Excel then opens it rightly. It has *one*
header row, "中文 | English | machine_name": two rows would turn every column into text in pandas and would break
Excel's filter. The machine name is what stands after the last " | ". Text that a spreadsheet would run as a formula
is preceded by an apostrophe there, and only there.
"""

from pathlib import Path
from typing import Final, Protocol, Self

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from factordb.formats.rows import Rows, release_blocks, release_schema
from factordb.formats.words import LANGUAGES, column_words

BOM: Final = b"\xef\xbb\xbf"
HEADING_MARK: Final = " | "
FORMULA_START: Final = r"^[=+\-@\t\r\n＝＋－＠]"
"""What makes a spreadsheet run a cell; the full-width forms do so in East Asian editions."""
PLAIN_NUMBER: Final = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"


class TableWriter(Protocol):
    """What every table format offers: blocks in, one closed file in the end."""

    def write(self, block: pa.RecordBatch) -> None:
        """Append the rows of `block`."""

    def close(self) -> None:
        """Finish the file."""


class CsvTable:
    """A CSV file for programs, written block by block."""

    def __init__(self, path: Path, schema: pa.Schema | None = None) -> None:
        options = csv.WriteOptions(quoting_header="none")
        self._writer = csv.CSVWriter(path, schema or release_schema(), write_options=options)

    def write(self, block: pa.RecordBatch) -> None:
        """Append the rows of `block`."""
        self._writer.write_batch(block)

    def close(self) -> None:
        """Finish the file."""
        self._writer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class PeopleCsvTable:
    """A CSV file for people, written block by block. Its cells are made harmless, see the module."""

    def __init__(self, path: Path, schema: pa.Schema | None = None, section: str = "columns") -> None:
        self._schema = schema or release_schema()
        self._file = path.open("wb")
        self._file.write(BOM + _people_header(self._schema.names, section).encode())
        options = csv.WriteOptions(include_header=False, eol="\r\n")
        self._writer = csv.CSVWriter(self._file, self._schema, write_options=options)

    def write(self, block: pa.RecordBatch) -> None:
        """Append the rows of `block`."""
        self._writer.write_batch(without_formulas(block))

    def close(self) -> None:
        """Finish the file."""
        self._writer.close()
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _people_header(names: list[str], section: str) -> str:
    cells = [
        HEADING_MARK.join((*(column_words(lang, name, section).heading for lang in LANGUAGES), name)) for name in names
    ]
    return ",".join(f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in cells) + "\r\n"


def without_formulas(block: pa.RecordBatch) -> pa.RecordBatch:
    """Return `block` with an apostrophe before every text that a spreadsheet would run; numbers stay."""
    cells = [_harmless(column) if pa.types.is_string(column.type) else column for column in block.columns]
    return pa.RecordBatch.from_arrays(cells, schema=block.schema)


def _harmless(cells: pa.Array) -> pa.Array:
    risky = pc.match_substring_regex(cells, FORMULA_START)
    if not pc.any(risky).as_py():
        return cells
    risky = pc.and_(risky, pc.invert(pc.match_substring_regex(cells, PLAIN_NUMBER)))
    return pc.if_else(risky, pc.binary_join_element_wise("'", cells, ""), cells)


def write_csv(rows: Rows, path: Path) -> int:
    """Write release `rows` to `path` for programs and return their number."""
    with CsvTable(path) as table:
        return fill(table, rows)


def write_people_csv(rows: Rows, path: Path) -> int:
    """Write release `rows` to `path` for people and return their number."""
    with PeopleCsvTable(path) as table:
        return fill(table, rows)


def fill(table: TableWriter, rows: Rows) -> int:
    """Return the number of rows after every block of `rows` went into `table`."""
    written = 0
    for block in release_blocks(rows):
        table.write(block)
        written += block.num_rows
    return written
