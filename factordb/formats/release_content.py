"""A release folder as what exchange formats write: rows, gases, cover, sources; and rows of other formats likewise."""

import csv
import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from factordb.errors import FileProblemError
from factordb.formats.interchange import GAS_SCHEMA, Content, ReadBack
from factordb.formats.manifest import MANIFEST
from factordb.formats.rows import release_schema
from factordb.model.release import RELEASE_COLUMNS, TABLES, ApprovalMode, ReleaseFacts
from factordb.model.source import Source

_GASES: Final = "data/gas_amounts.parquet"
_UNDATED: Final = date(2000, 1, 1)
"""Day of a conversion whose rows name no year: a day of its own would make the same file give other bytes tomorrow."""

ASSUMED: Final[Mapping[str, Any]] = {
    "boundary": "unspecified",
    "direction": "emission",
    "tier": "estimated",
    "verified": False,
    "statement": "none",
    "source_id": "not_stated",
    "place": "not stated",
    "version_id": "not stated",
}
"""What a converted row says where its file says nothing and a release row must say something."""


def is_release(path: Path) -> bool:
    """Return whether `path` is the folder of a release."""
    return (path / MANIFEST).is_file()


def content_of_release(folder: Path, *, version_id: str = "") -> Content:
    """Return the content of the release in `folder`, or of one version in it.

    Raises:
        FileProblemError: it is no release, or a file of it is missing or unreadable.
    """
    try:
        cover = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        only = [("version_id", "==", version_id)] if version_id else None
        paths = [path for name in TABLES if (path := folder / "data" / f"{name}.parquet").is_file()]
        tables = [pq.read_table(path, filters=only) for path in paths]
        rows = pa.concat_tables([table.select(release_schema().names) for table in tables]).cast(release_schema())
        gases = _gases(folder / _GASES)
        if version_id:
            gases = gases.filter(pc.is_in(gases["factor_id"], value_set=rows["factor_id"].combine_chunks()))
        with (folder / "sources.csv").open(encoding="utf-8-sig", newline="") as stream:
            listed = list(csv.DictReader(stream))
        facts = _facts(cover)
    except (OSError, ValueError, KeyError, pa.ArrowException) as fault:
        raise FileProblemError(
            folder,
            problem=f"is not a release that can be read ({' '.join(str(fault).split())[:120]})",
            remedy="name the folder of a release, such as library/releases/2026.1, and verify it",
            problem_zh=f"不是可读取的发布目录（{' '.join(str(fault).split())[:120]}）",
            remedy_zh="请指定发布目录，如 library/releases/2026.1，并先核验",
        ) from fault
    sources = {row["source_id"]: _source(row) for row in listed}
    return Content(rows, gases, facts, {**_unnamed(rows, sources), **sources})


def _gases(path: Path) -> pa.Table:
    if not path.is_file():
        return GAS_SCHEMA.empty_table()
    table = pq.read_table(path).select(GAS_SCHEMA.names).cast(GAS_SCHEMA)
    return table.filter(pc.is_valid(table["amount_kg"]))


def _facts(cover: Mapping[str, Any]) -> ReleaseFacts:
    return ReleaseFacts(
        release_id=cover["release"],
        title_zh=cover["title_zh"],
        title_en=cover["title_en"],
        as_of=date.fromisoformat(cover["as_of"]),
        rule_set=cover["rule_set"],
        engine_version=cover["engine"]["factordb"],
        seed=int(cover["seed"]),
        approved_by=cover["approval"]["by"],
        approval_mode=ApprovalMode(cover["approval"]["mode"]),
        base_release=cover["base_release"],
        publisher=cover["publisher"],
        licence=cover["licence"],
    )


def _source(row: Mapping[str, str]) -> Source:
    facts = {name: text for name, text in row.items() if text and name in Source.model_fields}
    return Source.model_validate(facts)


def _unnamed(rows: pa.Table, known: Mapping[str, Source]) -> dict[str, Source]:
    """Return a source of that name for every source_id of which nothing is known."""
    pairs = rows.group_by("source_id").aggregate([("publisher", "min"), ("tier", "min")]).to_pylist()
    return {
        one["source_id"]: Source(
            source_id=one["source_id"],
            title_zh=one["source_id"],
            title_en=one["source_id"],
            publisher=one["publisher_min"] or "not stated",
            tier=one["tier_min"],
        )
        for one in pairs
        if one["source_id"] not in known
    }


def content_of_reading(read: ReadBack, name: str) -> tuple[Content, dict[str, int], int]:
    """Return (content to write, column -> rows that say what is assumed there, rows left out for want of a value).

    Args:
        read: what a file said.
        name: name of the file; stands on the cover.
    """
    rows = pa.table({column: read.rows[column] for column in release_schema().names}, schema=release_schema())
    whole = pc.and_(pc.is_valid(rows["value"]), pc.is_valid(rows["kind"]))
    kept = rows.filter(whole)
    assumed: dict[str, int] = {}
    for column in RELEASE_COLUMNS:
        cells = kept[column.name]
        if not column.required or not cells.null_count:
            continue
        assumed[column.name] = cells.null_count
        filled = _text_of(kept["value"]) if column.name == "value_text" else ASSUMED[column.name]
        place = kept.schema.get_field_index(column.name)
        kept = kept.set_column(place, kept.schema.field(place), pc.fill_null(cells, filled))
    content = Content(kept, _of(read.gases, kept), _converted(kept, name), _unnamed(kept, {}))
    return content, assumed, rows.num_rows - kept.num_rows


def _text_of(values: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.cast(values, pa.string())


def _of(gases: pa.Table, rows: pa.Table) -> pa.Table:
    return gases.filter(pc.is_in(gases["factor_id"], value_set=rows["factor_id"].combine_chunks()))


def _converted(rows: pa.Table, name: str) -> ReleaseFacts:
    year = pc.max(rows["reference_year"]).as_py()
    days = [pc.max(rows[column]).as_py() for column in ("published_on", "valid_from")]
    dated = [day for day in [*days, date(year, 12, 31) if year else None] if day is not None]
    return ReleaseFacts(
        release_id=name,
        title_zh=f"由 {name} 转换",
        title_en=f"Converted from {name}",
        as_of=max(dated, default=_UNDATED),
        rule_set="",
        engine_version="",
        seed=0,
        approved_by="not approved",
        publisher=str(rows["publisher"][0]) if rows.num_rows and rows["publisher"][0].is_valid else "not stated",
    )
