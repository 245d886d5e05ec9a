"""A submission package as it lies on disk, read into the model: a folder, a bag or a zip, with what is wrong with it.

Only reading is done here. Zip archives are inspected before a byte is unpacked and unpacked under names that were
inspected; whatever is wrong is told as a `LoadFault`, and what could be read is there all the same.
"""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Final

from factordb.derivation.recipe_run import Tables
from factordb.errors import FileProblemError
from factordb.evidence import bag
from factordb.evidence.objects import sha256_of
from factordb.formats.archive import Limits, inspect, zip_opened
from factordb.formats.raw_table import DamagedRow
from factordb.formats.submission_form_reader import read_form, read_twin
from factordb.formats.tabular import read
from factordb.model.submission import NO_ROWS, FileFact, Package, Row, sheets

__all__ = ["FORM", "RECIPE", "LoadFault", "Loaded", "load", "recipe_tables", "unpacked"]

FORM: Final = "submission.xlsx"
RECIPE: Final = "calc/recipe.toml"
HEADER_ROWS: Final = 1_000
"""Most lines an instrument writes before the header of its log."""
LIMITS: Final = Limits(members=2_000, total=2 << 30)
"""Members and unpacked bytes of a package handed in as a zip (trust.md 2.4)."""


@dataclass(frozen=True)
class LoadFault:
    """Why a part of a package could not be read: a code of the checklist, the place, and what was found there."""

    code: str
    place: str
    found: str = ""
    expected: str = ""
    zh: str = ""
    en: str = ""


@dataclass(frozen=True)
class Loaded:
    """A package, the faults met while it was read, and the folder of its payload."""

    package: Package
    faults: tuple[LoadFault, ...]
    payload: Path
    bagged: bool


@contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """Yield the folder of a package; a zip is inspected and unpacked for the time being.

    Raises:
        FileProblemError: there is nothing, or the archive is damaged or hostile.
    """
    if path.is_dir():
        yield path
        return
    with TemporaryDirectory(prefix="factordb-package-") as folder:
        with zip_opened(path) as archive:
            for info in inspect(archive, path.name, LIMITS):
                target = Path(folder) / info.filename
                if info.is_dir():
                    continue
                target.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(info) as source, target.open("xb") as sink:
                    shutil.copyfileobj(source, sink, 1 << 20)
        found = Path(folder)
        inner = [one for one in found.iterdir() if one.is_dir()]
        # a bag zipped with its folder, or its contents alone
        yield inner[0] if len(inner) == 1 and not bag.is_bag(found) and not (found / "data").is_dir() else found


def load(folder: Path, name: str = "") -> Loaded:
    """Return the package below `folder`, with every fault met on the way.

    Args:
        folder: of the package, from `unpacked`.
        name: what the package is called; empty: the folder's name.
    """
    bagged = bag.is_bag(folder)
    payload = folder / "data" if bagged or (folder / "data" / FORM).is_file() else folder
    faults = [
        LoadFault("PKG001", one.path, found=one.found or one.kind, expected=one.expected)
        for one in (bag.verify_bag(folder) if bagged else ())
    ]
    files = {path: _fact(payload, path) for path in sorted(_files(payload))}
    rows, unknown = _sheets(payload, faults)
    return Loaded(
        Package(name or folder.name, MappingProxyType(rows), MappingProxyType(files), unknown),
        tuple(faults), payload, bagged,
    )  # fmt: skip


def recipe_tables(loaded: Loaded) -> Tables:
    """Return every sheet and every raw table of the package by name, cells as they were written.

    Raises:
        FileProblemError: a raw table cannot be read.
    """
    tables: dict[str, Mapping[str, Sequence[str | None]]] = {}
    for name, sheet in sheets().items():
        rows = loaded.package.table(name)
        if rows:
            tables[name] = {one.name: [row[one.name].text if one.name in row else None for row in rows]
                            for one in sheet.fields}  # fmt: skip
    for row in loaded.package.table("raw"):
        if "table_id" in row and "file" in row and row["file"].text in loaded.package.files:
            tables[row["table_id"].text] = _raw(
                loaded.payload / row["file"].text, row["header_row"].text if "header_row" in row else "1"
            )
    return tables


def _raw(path: Path, header_row: str) -> Mapping[str, Sequence[str | None]]:
    if not header_row.isdecimal() or not 1 <= int(header_row) <= HEADER_ROWS:
        raise FileProblemError(
            path,
            problem=f"its header cannot stand in row {header_row!r}",
            remedy="write the number of the header's row in the sheet `raw`, counted from 1",
            problem_zh=f"表头不可能在第 {header_row!r} 行",
            remedy_zh="请在“原始记录”表中填写表头所在行号，从 1 开始",
        )
    table = read(path, header_row=int(header_row))
    columns: dict[str, list[str | None]] = {name: [] for name in table.columns}
    for batch in table.batches:
        for name in table.columns:
            columns[name] += batch.column(name).to_pylist()
    if table.damaged:
        raise FileProblemError(
            path,
            problem=f"{len(table.damaged)} row(s) cannot be read, first: {table.damaged[0].en}",
            remedy="repair the raw table; records are never left out silently",
            problem_zh=f"有 {len(table.damaged)} 行无法读取，首处：{table.damaged[0].zh}",
            remedy_zh="请修复原始记录表；记录不得静默略去",
        )
    return columns


def _sheets(payload: Path, faults: list[LoadFault]) -> tuple[dict[str, tuple[Row, ...]], tuple[str, ...]]:
    rows: dict[str, tuple[Row, ...]] = {}
    unknown: list[str] = []
    if (payload / FORM).is_file():
        try:
            form = read_form(payload / FORM)
        except FileProblemError as fault:
            faults.append(LoadFault("PKG003", FORM, zh=fault.problem_zh, en=fault.problem))
        else:
            rows |= form.rows
            unknown += form.unknown
            faults += [_damaged(one) for one in form.damaged]
    for name, path in sorted(_twins(payload)):
        try:
            twin, damaged, strange = read_twin(path, sheets()[name])
        except FileProblemError as fault:
            faults.append(
                LoadFault("PKG003", path.relative_to(payload).as_posix(), zh=fault.problem_zh, en=fault.problem)
            )
            continue
        faults += [_damaged(one) for one in damaged]
        unknown += strange
        if rows.get(name, NO_ROWS) and _texts(rows[name]) != _texts(twin):
            faults.append(LoadFault("PKG003", path.relative_to(payload).as_posix(), found=name, expected=FORM))
        rows[name] = rows.get(name, NO_ROWS) or twin
    if not rows:
        faults.append(LoadFault("PKG003", FORM, found="—", expected=FORM))
    return rows, tuple(unknown)


def _texts(rows: tuple[Row, ...]) -> list[dict[str, str]]:
    return [{name: cell.text for name, cell in row.items()} for row in rows]


def _damaged(row: DamagedRow) -> LoadFault:
    return LoadFault("PKG003", row.place, found=row.found, expected=row.expected, zh=row.zh, en=row.en)


def _twins(payload: Path) -> Iterator[tuple[str, Path]]:
    """Yield (sheet, path) of every CSV that is named after a sheet, wherever it stands."""
    for path in payload.rglob("*.csv"):
        if path.stem in sheets() and path.is_file():
            yield path.stem, path


def _files(payload: Path) -> Iterator[str]:
    for path in payload.rglob("*"):
        if path.is_file() and not path.is_symlink():
            yield path.relative_to(payload).as_posix()


def _fact(payload: Path, path: str) -> FileFact:
    return FileFact(path, sha256_of(payload / path), (payload / path).stat().st_size)
