"""Review cases as the desk shows them: the library's queue cut into pages, and the released version beside a case."""

from collections import Counter
from datetime import date
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from factordb.library import Library
from factordb.model.release import TABLES

__all__ = ["LIVE", "case_page", "released_version"]

LIVE: Final = ("unassigned", "assigned", "in_review", "reviewed", "returned", "adopted")
"""Standings in which somebody has something to do, in the order of the route."""
FAR: Final = pa.scalar(date.max, pa.date32())


def case_page(
    library: Library,
    *,
    standing: str = "",
    person: str = "",
    text: str = "",
    order: str = "impact",
    limit: int,
    offset: int,
) -> dict[str, Any]:
    """Return one page of the cases that wait: rows, their total, and how many stand where.

    Args:
        library: the library.
        standing: only cases that stand so; empty: all in which something is to be done.
        person: what this person sees: a reviewer their own tasks; empty: all.
        text: a part of name or product.
        order: "impact" (uses of the factor times size of the change, largest first) or "deadline" (nearest first).
        limit: rows of a page.
        offset: rows before it.
    """
    table = library.cases(actor=person, everything=bool(standing) and standing not in LIVE)
    counts = Counter(table["standing"].to_pylist())
    if standing:
        table = table.filter(pc.equal(table["standing"], standing))
    if text:
        words = pc.binary_join_element_wise(*(pc.fill_null(table[name], "") for name in ("name_zh", "name_en")), " ")
        table = table.filter(pc.match_substring(words, text, ignore_case=True))
    near = pc.fill_null(table["deadline"], FAR)
    keys = [("impact", "descending"), ("case_id", "ascending")]
    keys = [("near", "ascending"), *keys] if order == "deadline" else keys
    table = table.append_column("near", near).sort_by(keys).drop_columns(["near"])
    return {"rows": table.slice(offset, limit).to_pylist(), "total": table.num_rows, "counts": dict(counts)}


def released_version(library: Library, factor_id: str) -> dict[str, Any] | None:
    """Return the row of a factor in the newest release; None where it is new."""
    releases = library.releases()
    if not releases:
        return None
    folder = library.workspace.releases / str(releases[-1]["release_id"]) / "data"
    for name in TABLES:
        path = folder / f"{name}.parquet"
        found = pq.read_table(path, filters=[("factor_id", "=", factor_id)]).slice(0, 1) if path.exists() else None
        if found is not None and found.num_rows:
            row: dict[str, Any] = found.to_pylist()[0]
            return row
    return None
