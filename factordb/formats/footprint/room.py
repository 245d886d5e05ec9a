"""The rooms of the footprint formats: written from release rows, read into data sheets."""

import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from factordb.formats.archive import BROKEN
from factordb.formats.footprint import catenax, pact2, pact3
from factordb.formats.footprint.documents import LINES, documents, opened_target
from factordb.formats.footprint.reading import Field
from factordb.formats.footprint.shape import held, shape_of
from factordb.formats.footprint.statement import Statement
from factordb.formats.interchange import Content, FormatFault, ReadBack, WrittenOut
from factordb.formats.inventories.composing import sheets
from factordb.formats.inventories.datasheet import Datasheet
from factordb.formats.inventories.gathering import Gathering
from factordb.formats.inventories.losses import SIDECAR, Losses
from factordb.formats.inventories.packages import take_sidecar
from factordb.formats.inventories.sidecar import NAME, sidecar_line
from factordb.formats.safe_zip import RefusedDocumentError, package

_HEAD: Final = 1 << 16


class _Losses(Losses):
    """Losses that name the column for which a row is no footprint."""

    def aside_for(self, column: str) -> None:
        self._counts[column, SIDECAR] += 1


@dataclass(frozen=True)
class Footprints:
    """A footprint format as `ExchangeFormat`.

    Attributes:
        name: name on the command line.
        document: a row as a footprint.
        sheet_of: a footprint as a data sheet.
        mark: what stands in a footprint of this format and of no other.
    """

    name: str
    document: Callable[[Statement], dict[str, Any]]
    sheet_of: Callable[[Mapping[str, Any], Field], Datasheet]
    mark: tuple[bytes, ...]
    suffixes: tuple[str, ...] = (".json", *LINES, ".zip")
    can_write: bool = True
    can_read: bool = True

    def sniff(self, path: Path) -> bool:
        """Return whether the head of the first document says that it is of this format."""
        try:
            head = b"".join(_head(path).split())
        except (*BROKEN, RefusedDocumentError):
            return False
        return all(sign in head for sign in self.mark)

    def write(self, content: Content, target: Path) -> WrittenOut:
        """Write a footprint for each factor; other rows go to the sidecar.

        Raises:
            FileProblemError: the target cannot be written.
        """
        losses, written = _Losses(self.name), 0
        with opened_target(target) as out:
            for row, gases, sheet in sheets(content):
                found = held(row, sheet, self.name)
                if isinstance(found, str):
                    out.aside(sidecar_line(row, gases))
                    losses.aside_for(found)
                    continue
                written += 1
                losses.written(row, found.partial, gases=bool(gases))
                source = content.sources.get(row["source_id"])
                said = Statement(row, gases, found, content.facts, source)
                out.footprint(said.uuid, self.document(said))
        return WrittenOut(target, written, losses.list())

    def read(self, path: Path) -> ReadBack:
        """Read a document, a file with one footprint a line, a folder or an archive."""
        found = Gathering(self.name, shape_of(self.name))
        for place, one in documents(path):
            if isinstance(one, FormatFault):
                found.refuse(one)
            elif not isinstance(one, dict):
                found.refuse_by("FMT050", place, "no JSON object", "{…}")
            else:
                self._take(one, place, found)
        take_sidecar(path, found)
        return found.done()

    def _take(self, one: Mapping[str, Any], place: str, found: Gathering) -> None:
        try:
            sheet = self.sheet_of(one, Field(one, place, "", found.fault))
            if not sheet.key or not sheet.name:
                found.refuse_by("FMT050", place, "no id" if not sheet.key else "no productNameCompany")
                return
            found.add(sheet, place)
        except (TypeError, ValueError, AttributeError, KeyError, OverflowError) as fault:
            # a value of another type than the schema's where nobody looked: the footprint is refused, not the file
            found.refuse_by("FMT050", place, f"{type(fault).__name__}: {fault}"[:200])


def _head(path: Path) -> bytes:
    if path.is_file() and not zipfile.is_zipfile(path):
        with path.open("rb") as stream:
            return stream.read(_HEAD)
    with package(path, (".json", *LINES)) as inside:
        first = next((name for name in inside.names if not name.endswith(NAME)), None)
        return inside.read(first)[:_HEAD] if first else b""


PACT3: Final = Footprints(pact3.NAME, pact3.document, pact3.sheet_of, (b'"pcf":', b'"declaredUnitOfMeasurement":'))
PACT2: Final = Footprints(pact2.NAME, pact2.document, pact2.sheet_of, (b'"pcf":', b'"declaredUnit":'))
CATENAX: Final = Footprints(catenax.NAME, catenax.document, catenax.sheet_of, (b'"scopeOfPcfForm":', b'"specVersion":'))
