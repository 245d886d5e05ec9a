"""Readers of the reference files. Every cell stays the string that stands in the file; numbers are cast where used.

A file is named by its folder and stem: `gwp/gwp100`, `policy/clause5`. The card of a table or TOML file is the run of
`#` lines at its head: what it holds, edition, source.
"""

import csv
import hashlib
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import pyarrow as pa
from pyarrow import csv as arrow_csv

from factordb.errors import NotFoundError

SUFFIXES = (".csv", ".toml")


def table(name: str) -> pa.Table:
    """Return the CSV file `name` without its card: one string column a header word, empty cells null.

    Raises:
        NotFoundError: there is no such table.
    """
    return _table(name)


def toml(name: str) -> dict[str, Any]:
    """Return the TOML file `name` as a fresh dictionary: changing it changes nothing for others.

    Raises:
        NotFoundError: there is no such file.
    """
    found: dict[str, Any] = _fresh(_parsed(_text(name, ".toml")))
    return found


def text(name: str) -> str:
    """Return the TOML file `name` as it is written, comments and all: for files that are copied out to be edited.

    Raises:
        NotFoundError: there is no such file.
    """
    return _text(name, ".toml")


def card(name: str) -> str:
    """Return the `#` lines at the head of the file `name`, without their marks.

    Raises:
        NotFoundError: there is no such file.
    """
    suffix = ".csv" if f"{name}.csv" in _paths() else ".toml"
    head, _ = _split(_text(name, suffix))
    return "\n".join(line.removeprefix("#").strip() for line in head)


def names(suffix: str = "") -> tuple[str, ...]:
    """Return the names of all reference files, or of those ending in `suffix` (".csv" or ".toml"), sorted."""
    return tuple(path.rpartition(".")[0] for path in _paths() if path.endswith(suffix or SUFFIXES))


def digest(*, without: tuple[str, ...] = ()) -> str:
    """Return the sha256 over path and bytes of the reference files, in order of path: part of the rule-set version.

    Args:
        without: folders that do not count, such as "words/": what is said of a rule does not change the rule.
    """
    total = hashlib.sha256()
    for path, file in _paths().items():
        if path.startswith(without):
            continue
        content = file.read_bytes()
        total.update(f"{path}\n{len(content)}\n".encode())
        total.update(content)
    return total.hexdigest()


def region_aliases() -> pa.Table:
    """Return every understood spelling of a region, in lower case: columns alias (unique), code, kind, spelling."""
    return _table("regions/aliases")


@cache
def _parsed(text: str) -> dict[str, Any]:
    """Return the TOML in `text`; by the text and not by the name, so that a file that changes is read anew."""
    return tomllib.loads(text)


def _fresh(found: Any) -> Any:
    """Return a copy whose dictionaries and lists are new: twenty times faster than to parse again."""
    if isinstance(found, dict):
        return {name: _fresh(one) for name, one in found.items()}
    return [_fresh(one) for one in found] if isinstance(found, list) else found


@cache
def _table(name: str) -> pa.Table:
    _, body = _split(_text(name, ".csv"))
    text = "".join(body)
    header = next(csv.reader(body))
    return arrow_csv.read_csv(
        pa.BufferReader(text.encode()),
        convert_options=arrow_csv.ConvertOptions(
            column_types={column: pa.string() for column in header},
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
        ),
    )


def _split(text: str) -> tuple[list[str], list[str]]:
    lines = text.splitlines(keepends=True)
    end = next((i for i, line in enumerate(lines) if not line.startswith("#")), len(lines))
    return [line.rstrip("\n") for line in lines[:end]], lines[end:]


def _text(name: str, suffix: str) -> str:
    file = _paths().get(f"{name}{suffix}")
    if file is None:
        raise NotFoundError("reference file", f"{name}{suffix}", known=", ".join(names(suffix)))
    return file.read_text(encoding="utf-8")


@cache
def _paths() -> dict[str, Traversable]:
    return dict(sorted(_walk(files("factordb.reference"), "")))


def _walk(folder: Traversable, prefix: str) -> Iterator[tuple[str, Traversable]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _walk(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith(SUFFIXES):
            yield f"{prefix}{entry.name}", entry
