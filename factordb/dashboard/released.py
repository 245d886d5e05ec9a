"""What a release on disk holds: its manifest, and its tables page by page."""

import json
from collections.abc import Iterable
from typing import Any

import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq

from factordb.errors import IntegrityError, NotFoundError
from factordb.evidence import objects
from factordb.library import Library
from factordb.model.release import TABLES
from factordb.reference import tables


def column_titles(lang: str) -> dict[str, str]:
    """Return column of a release -> its title in "zh" or "en"."""
    words = tables.toml(f"words/release_{lang}")["columns"]
    return {name: str(one["title"]) for name, one in words.items()}


def released(library: Library, release_id: str) -> dict[str, Any]:
    """Return the manifest of a release: approval, counts, changes, files, engine, seed, rule set.

    Raises:
        NotFoundError: no such release is recorded.
        IntegrityError: its manifest is missing or cannot be read.
    """
    known = [str(row["release_id"]) for row in library.releases()]
    if release_id not in known:
        raise NotFoundError("release", release_id, known=", ".join(known) or "—")
    path = library.workspace.releases / release_id / "manifest.json"
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise IntegrityError(
            problem=f"the manifest of release {release_id} is missing or cannot be read",
            remedy="restore the release's folder from a copy, or build it again",
            problem_zh=f"发布 {release_id} 的清单缺失或无法读取",
            remedy_zh="请由副本恢复该发布的目录，或重新构建",
        ) from error
    return found


def released_rows(library: Library, release_id: str, table: str, *, limit: int, offset: int = 0) -> pa.Table:
    """Return some rows of a table of a release, in the order of its file; at most `limit` from `offset`.

    Args:
        library: the library.
        release_id: name of a recorded release.
        table: factors, gas_factors, parameters or changes.
        limit: most rows returned.
        offset: rows left out before them.

    Raises:
        NotFoundError: no such release, or no such table.
        IntegrityError: the file is missing.
    """
    released(library, release_id)
    folder = library.workspace.releases / release_id
    try:
        if table == "changes":
            text = arrow_csv.ConvertOptions(column_types=dict.fromkeys(CHANGE_COLUMNS, pa.string()))
            return arrow_csv.read_csv(folder / "changes.csv", convert_options=text).slice(offset, limit)
        if table in TABLES:
            return _slice(folder / "data" / f"{table}.parquet", offset, limit)
    except FileNotFoundError as error:
        raise IntegrityError(
            problem=f"a file of release {release_id} is missing: {error.filename}",
            remedy="restore the release's folder from a copy; `factordb release verify` names every difference",
            problem_zh=f"发布 {release_id} 缺少文件：{error.filename}",
            remedy_zh="请由副本恢复该发布的目录；`factordb release verify` 会列出全部差异",
        ) from error
    raise NotFoundError("table", table, known=", ".join((*TABLES, "changes")))


CHANGE_COLUMNS = (
    "change", "kind", "factor_id", "old_version_id", "new_version_id", "name_zh", "name_en", "region_text", "region",
    "reference_year", "field", "old", "new", "relative_change", "beyond_old_interval", "successor", "reason", "note",
)  # fmt: skip


def _slice(path: Any, offset: int, limit: int) -> pa.Table:
    """Return rows of a Parquet file, read by row groups so that a large release costs little memory."""
    with pq.ParquetFile(path) as file:
        wanted, before = [], 0
        for group in range(file.num_row_groups):
            rows = file.metadata.row_group(group).num_rows
            if before + rows > offset and before < offset + limit:
                start = max(offset - before, 0)
                wanted.append(file.read_row_group(group).slice(start, offset + limit - before - start))
            before += rows
        return pa.concat_tables(wanted) if wanted else file.schema_arrow.empty_table()


def kept_files(library: Library, hashes: Iterable[str]) -> set[str]:
    """Return which of the raw files, by their sha256, stand in the library's evidence store."""
    return {one for one in hashes if objects.path_of(library.workspace.objects, one).is_file()}
