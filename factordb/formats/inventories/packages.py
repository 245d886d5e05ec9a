"""Documents of a file, folder or archive for a reader, and the sidecar that our exports carry."""

from collections.abc import Iterator
from pathlib import Path

from factordb.formats.inventories.file_target import sidecar_path
from factordb.formats.inventories.gathering import Gathering
from factordb.formats.inventories.sidecar import NAME, sidecar_rows
from factordb.formats.safe_zip import RefusedDocumentError, package


def documents(path: Path, suffixes: tuple[str, ...], found: Gathering) -> Iterator[tuple[str, bytes]]:
    """Yield (place, bytes) of every document; what cannot be read is a refused data set of `found`."""
    with package(path, suffixes) as inside:
        if inside.fault is not None:
            found.refuse(inside.fault)
        for name in inside.names:
            try:
                data = inside.read(name)
            except RefusedDocumentError as refused:
                found.refuse(refused.fault)
                continue
            yield inside.place(name), data


def take_sidecar(path: Path, found: Gathering) -> None:
    """Take the rows of the sidecar inside or beside the package at `path`, if there is one."""
    beside = sidecar_path(path)
    inside = path / NAME if path.is_dir() else path
    for place in (inside, beside):
        if place.is_file():
            with package(place, (NAME,)) as held:
                for name in held.names:
                    if not name.endswith(NAME):
                        continue
                    try:
                        _take(held.place(name), held.read(name), found)
                    except RefusedDocumentError as refused:
                        found.refuse(refused.fault)


def _take(place: str, data: bytes, found: Gathering) -> None:
    for line, row, gases in sidecar_rows(data):
        if row is None:
            found.refuse_by("FMT050", f"{place}:{line}", "a line of the sidecar")
        else:
            found.add_row(row, gases, f"{place}:{line}")
