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
from factordb.formats.archive import Limits, inspect, told_plainly, zip_opened
from factordb.formats.raw_table import DamagedRow
from factordb.model.submission import NO_ROWS, FileFact, Package, Row, sheets
from factordb.stages.package_guard import PackageGuard, guarded_parser
from factordb.stages.package_parsing import BrokenLimitError, Parser, ReadSheets, limits, parse_here, read_sheets

__all__ = ["FORM", "RECIPE", "LoadFault", "Loaded", "guarded", "load", "recipe_tables", "small_text", "unpacked"]

FORM: Final = "submission.xlsx"
RECIPE: Final = "calc/recipe.toml"
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
    """A package, the faults met while it was read, the folder of its payload, and what parses its files."""

    package: Package
    faults: tuple[LoadFault, ...]
    payload: Path
    bagged: bool
    parse: Parser = parse_here

    @property
    def limited(self) -> bool:
        """Whether memory and time of the parser were limited, or it ran in this process for files of one's own."""
        return not isinstance(self.parse, PackageGuard) or self.parse.limited


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
        with told_plainly(path.name), zip_opened(path) as archive:
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
        here = bag.is_bag(found) or (found / "data").is_dir() or (found / FORM).is_file()
        yield inner[0] if len(inner) == 1 and not here else found


@contextmanager
def guarded(path: Path) -> Iterator[tuple[Loaded, Path]]:
    """Yield a stranger's package and its folder; its files are parsed in a child under limits until the block ends.

    Raises:
        FileProblemError: there is nothing, or the archive is damaged or hostile.
    """
    with unpacked(path) as folder, guarded_parser() as parse:
        yield load(folder, path.stem if path.is_file() else path.resolve().name, parse), folder


def load(folder: Path, name: str = "", parse: Parser = parse_here) -> Loaded:
    """Return the package below `folder`, with every fault met on the way.

    Args:
        folder: of the package, from `unpacked`.
        name: what the package is called; empty: the folder's name.
        parse: what parses its files: this process, for packages of one's own, or a child under limits.
    """
    bagged = bag.is_bag(folder)
    payload = folder / "data" if bagged or (folder / "data" / FORM).is_file() else folder
    faults = [
        LoadFault("PKG001", one.path, found=one.found or one.kind, expected=one.expected)
        for one in (bag.verify_bag(folder) if bagged else ())
    ]
    files = {path: _fact(payload, path) for path in sorted(_files(payload))}
    rows, unknown = _sheets(payload, faults, parse)
    return Loaded(
        Package(name or folder.name, MappingProxyType(rows), MappingProxyType(files), unknown),
        tuple(faults), payload, bagged, parse,
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
            header = row["header_row"].text if "header_row" in row else "1"
            tables[row["table_id"].text] = loaded.parse("table", loaded.payload / row["file"].text, header)["columns"]
    return tables


def small_text(path: Path) -> str:
    """Return the text of a file that is read as a whole, such as a recipe.

    Raises:
        BrokenLimitError: it is larger than such a file is.
        OSError: it cannot be read.
        UnicodeDecodeError: it is no UTF-8.
    """
    if path.stat().st_size > limits()["small_file_kb"] << 10:
        raise BrokenLimitError(path, "size")
    return path.read_bytes().decode("utf-8")


def _sheets(
    payload: Path, faults: list[LoadFault], parse: Parser
) -> tuple[dict[str, tuple[Row, ...]], tuple[str, ...]]:
    rows: dict[str, tuple[Row, ...]] = {}
    unknown: list[str] = []
    form = payload / FORM
    if form.is_file() and not form.is_symlink() and (read := _parsed(payload, form, faults, parse, "form")):
        rows |= read.rows
        unknown += read.unknown
    for name, path in sorted(_twins(payload)):
        read = _parsed(payload, path, faults, parse, "twin", name)
        if read is None:
            continue
        twin = read.rows[name]
        unknown += read.unknown
        if rows.get(name, NO_ROWS) and _texts(rows[name]) != _texts(twin):
            faults.append(LoadFault("PKG003", path.relative_to(payload).as_posix(), found=name, expected=FORM))
        rows[name] = rows.get(name, NO_ROWS) or twin
    if not rows:
        faults.append(LoadFault("PKG003", FORM, found="—", expected=FORM))
    return rows, tuple(unknown)


def _parsed(
    payload: Path, path: Path, faults: list[LoadFault], parse: Parser, task: str, said: str = ""
) -> ReadSheets | None:
    """Return what a form or a twin holds; what is wrong with it is added to the faults."""
    place = path.relative_to(payload).as_posix()
    try:
        read = read_sheets(parse(task, path, said))
    except BrokenLimitError as fault:
        faults.append(LoadFault("PKG004", place, found=fault.limit, zh=fault.zh, en=fault.en))
        return None
    except FileProblemError as fault:
        faults.append(LoadFault("PKG003", place, zh=fault.problem_zh, en=fault.problem))
        return None
    faults += [_damaged(one) for one in read.damaged]
    return read


def _texts(rows: tuple[Row, ...]) -> list[dict[str, str]]:
    return [{name: cell.text for name, cell in row.items()} for row in rows]


def _damaged(row: DamagedRow) -> LoadFault:
    return LoadFault("PKG003", row.place, found=row.found, expected=row.expected, zh=row.zh, en=row.en)


def _twins(payload: Path) -> Iterator[tuple[str, Path]]:
    """Yield (sheet, path) of every CSV that is named after a sheet, wherever it stands."""
    for path in payload.rglob("*.csv"):
        if path.stem in sheets() and path.is_file() and not path.is_symlink():
            yield path.stem, path


def _files(payload: Path) -> Iterator[str]:
    for path in payload.rglob("*"):
        if path.is_file() and not path.is_symlink():
            yield path.relative_to(payload).as_posix()


def _fact(payload: Path, path: str) -> FileFact:
    return FileFact(path, sha256_of(payload / path), (payload / path).stat().st_size)
