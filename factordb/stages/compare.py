"""Released folders, read again: what differs between two of them, and how to cite one factor of one.

Nothing but the folders is needed, so that anybody who holds two releases can do it.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyarrow import csv

from factordb.errors import IntegrityError, NotFoundError
from factordb.formats import manifest
from factordb.formats.citation import cite_factor
from factordb.formats.csv_table import CsvTable
from factordb.formats.departed import GONE, Grounds
from factordb.formats.release_diff import diff_counts, release_diff
from factordb.model.release import RELEASE_COLUMNS, TABLES, ApprovalMode, ReleaseFacts

_FEW: Final = 5


@dataclass(frozen=True)
class Difference:
    """What differs between two releases.

    Attributes:
        old: cover of the older release.
        new: cover of the newer one.
        rows: one row a factor, columns as `formats.release_diff.release_diff` describes.
        counts: factors by status, and how many moved beyond their old 95 % interval.
    """

    old: ReleaseFacts
    new: ReleaseFacts
    rows: pa.Table
    counts: Mapping[str, int]

    def write_csv(self, path: Path) -> None:
        """Write the rows to `path`, for programs."""
        with CsvTable(path, self.rows.schema) as table:
            for block in self.rows.to_batches():
                table.write(block)

    def as_dict(self) -> dict[str, Any]:
        """Return all of it as plain data; dates as texts."""
        rows = self.rows
        for at, field in enumerate(rows.schema):
            if pa.types.is_date(field.type):
                rows = rows.set_column(at, field.name, rows.column(at).cast(pa.string()))
        erratum = {"corrects": self.new.corrects, "reason": self.new.erratum} if self.new.corrects else None
        return {"old": self.old.release_id, "new": self.new.release_id, "erratum": erratum,
                "counts": dict(self.counts), "rows": rows.to_pylist()}  # fmt: skip


def diff_releases(old: Path, new: Path) -> Difference:
    """Return what differs between the releases in two folders.

    Raises:
        IntegrityError: one of them is no release, or a table of it cannot be read.
    """
    before, after = facts_of(old), facts_of(new)
    notes, decided = _said(new) if after.base_release == before.release_id else ({}, {})
    grounds = Grounds(after.as_of, _held_back(new), decided)
    rows = release_diff(_rows(old), _rows(new), notes, grounds=grounds)
    return Difference(before, after, rows, diff_counts(rows))


def facts_of(folder: Path) -> ReleaseFacts:
    """Return the cover of the release in `folder`, from its manifest.

    Raises:
        IntegrityError: there is none that can be read.
    """
    path = folder / manifest.MANIFEST
    try:
        said = json.loads(path.read_bytes())
        erratum = said.get("erratum") or {}
        return ReleaseFacts(
            release_id=said["release"],
            title_zh=said["title_zh"],
            title_en=said["title_en"],
            as_of=date.fromisoformat(said["as_of"]),
            rule_set=said["rule_set"],
            engine_version=said["engine"]["factordb"],
            seed=said["seed"],
            approved_by=said["approval"]["by"],
            approval_mode=ApprovalMode(said["approval"]["mode"]),
            base_release=said["base_release"],
            publisher=said["publisher"],
            licence=said["licence"],
            corrects=erratum.get("corrects"),
            erratum=erratum.get("reason", ""),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _no_release(folder) from error


def cite(folder: Path, name: str) -> dict[str, str] | None:
    """Return how to cite a factor as published in the release in `folder`; None where it holds no such factor.

    Keys: release, factor_id, version_id, zh (GB/T 7714), en, access_zh, access_en.

    Args:
        folder: the release.
        name: factor or version id, or its beginning.

    Raises:
        NotFoundError: more than one factor of the release has it.
        IntegrityError: the release cannot be read.
    """
    facts = facts_of(folder)
    hits = [row for rows in _tables(folder, ("factor_id", "version_id", "name_zh", "name_en"))
            for row in rows.filter(_begins(rows, name)).slice(0, _FEW).to_pylist()]  # fmt: skip
    if not hits:
        return None
    if len(hits) > 1:
        raise NotFoundError("factor", name, known=", ".join(row["factor_id"] for row in hits[:_FEW]))
    row = hits[0]
    found = {"release": facts.release_id, "factor_id": row["factor_id"], "version_id": row["version_id"]}
    for lang, other in (("zh", "en"), ("en", "zh")):
        called = row[f"name_{lang}"] or row[f"name_{other}"] or row["factor_id"]
        found[lang] = cite_factor(
            facts, name=called, factor_id=row["factor_id"], version_id=row["version_id"], lang=lang
        )
    return found


def _begins(rows: pa.Table, name: str) -> pa.ChunkedArray:
    return pc.or_(pc.starts_with(rows.column("factor_id"), name), pc.starts_with(rows.column("version_id"), name))


def _rows(folder: Path) -> pa.Table:
    columns = [column.name for column in RELEASE_COLUMNS]
    return pa.concat_tables(_tables(folder, tuple(columns)))


def _tables(folder: Path, columns: tuple[str, ...]) -> Iterator[pa.Table]:
    for name in TABLES:
        try:
            yield pq.read_table(folder / "data" / f"{name}.parquet", columns=list(columns))
        except (OSError, pa.ArrowException) as error:
            raise _no_release(folder) from error


def _said(folder: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Return the notes, and the ways factors left, that the release itself tells in its changes.csv."""
    rows = _csv(folder / "changes.csv", ("factor_id", "change", "note"))
    noted = rows.filter(pc.is_valid(rows.column("note")))
    gone = rows.filter(pc.is_in(rows.column("change"), value_set=pa.array(GONE)))
    notes = dict(zip(noted.column("factor_id").to_pylist(), noted.column("note").to_pylist(), strict=True))
    return notes, dict(zip(gone.column("factor_id").to_pylist(), gone.column("change").to_pylist(), strict=True))


def _held_back(folder: Path) -> pa.Array:
    ids = _csv(folder / "held_back.csv", ("factor_id",)).column("factor_id")
    return pc.unique(ids).cast(pa.string())


def _csv(path: Path, columns: tuple[str, ...]) -> pa.Table:
    """Return columns of a CSV file of a release as texts; one of an older edition may lack the file or a column."""
    options = csv.ConvertOptions(
        column_types=dict.fromkeys(columns, pa.string()),
        include_columns=list(columns),
        include_missing_columns=True,
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
    )
    multiline = csv.ParseOptions(newlines_in_values=True)
    empty = pa.table({name: pa.array([], pa.string()) for name in columns})
    return csv.read_csv(path, convert_options=options, parse_options=multiline) if path.is_file() else empty


def _no_release(folder: Path) -> IntegrityError:
    return IntegrityError(
        problem=f"{folder} is no release, or a file of it cannot be read",
        remedy="name the folder that holds manifest.json; `factordb release verify` names every difference",
        problem_zh=f"{folder} 不是发布版本，或其中有文件无法读取",
        remedy_zh="请指定 manifest.json 所在的目录；`factordb release verify` 会列出全部差异",
    )
