"""What a description needs to know of a content: sources as a table, rows by table."""

from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from factordb.formats.interchange import Content
from factordb.model.release import TABLES
from factordb.model.source import Source

_FIELDS: Final = ("source_id", "title_zh", "title_en", "publisher", "tier", "edition", "document_no", "published_on",
                  "licence", "obtain")  # fmt: skip


def source_table(content: Content) -> pa.Table:
    """Return the sources of a content as rows of text, sorted by their id."""
    schema = pa.schema([(name, pa.string()) for name in _FIELDS])
    found = sorted(content.sources.values(), key=lambda one: one.source_id)
    return pa.Table.from_pylist([_row(one) for one in found], schema=schema)


def _row(source: Source) -> dict[str, str | None]:
    cells = {name: getattr(source, name) for name in _FIELDS}
    return {name: None if cell is None else str(cell) for name, cell in cells.items()}


def row_counts(content: Content) -> dict[str, int]:
    """Return table of a release -> rows of it."""
    return {name: pc.sum(pc.equal(content.rows["kind"], kind.value)).as_py() or 0 for name, kind in TABLES.items()}
