"""What hostile files are made from: a valid file of each format, as the documents inside it. No published value."""

import io
import warnings
import zipfile
from dataclasses import dataclass
from pathlib import Path

from factordb.formats.exchange_registry import exchange_format
from tests.formats.made_factors import content_of, hand_made

ARCHIVES = ("tidas", "ilcd", "ilcd_epd", "ecospold1", "ecospold2", "openlca", "pact3", "pact2", "catenax")
FILES = {"simapro": ".csv", "csv": ".csv", "xlsx": ".xlsx", "pact3_file": ".json", "ecospold1_file": ".xml"}
READERS = (*ARCHIVES, *FILES, "datapackage")

SIMAPRO = """\
{SimaPro 9.5.0.0}
{processes}
{CSV separator: Semicolon}
{Decimal separator: .}
{Date separator: -}
{Short date format: yyyy-MM-dd}

Process

Process identifier
made00000000000000000001

Process name
Made electricity

Products
Made electricity;kWh;1;100;not defined;Electricity;

Emissions to air
Carbon dioxide, fossil;;kg;0.5;Undefined;0;0;0;

End
"""
TABLE = "name,region,year,value,unit\nmade A,CN,2024,1.25,kgCO2e/kg\nmade B,CN,2024,0.8,kgCO2e/kg\n"


@dataclass(frozen=True)
class Base:
    """A valid file as the documents in it; one document without a name is a file of its own.

    Attributes:
        reader: name of the reader.
        suffix: ending of the file.
        members: name -> bytes, in order.
    """

    reader: str
    suffix: str
    members: tuple[tuple[str, bytes], ...]

    @property
    def is_archive(self) -> bool:
        return self.suffix in {".zip", ".xlsx"}


def base(reader: str, folder: Path) -> Base:
    if reader == "simapro":
        return Base(reader, ".csv", (("", SIMAPRO.encode()),))
    if reader == "csv":
        return Base(reader, ".csv", (("", TABLE.encode()),))
    rows = [row | {"boundary": "cradle_to_gate"} for row in hand_made().rows.to_pylist()]
    content = content_of(rows, hand_made().gases.to_pylist())
    name = reader.removesuffix("_file")
    if reader in FILES:
        target = folder / f"base-{reader}{FILES[reader]}"
        exchange_format(name).write(content, target)
        if reader == "xlsx":
            with zipfile.ZipFile(target) as archive:
                return Base(reader, ".xlsx", tuple((one, archive.read(one)) for one in archive.namelist()))
        return Base(reader, FILES[reader], (("", target.read_bytes()),))
    if reader == "datapackage":
        exchange_format(name).write(content, folder / "base-package")
        found = sorted((folder / "base-package").rglob("*"))
        members = tuple(
            (path.relative_to(folder / "base-package").as_posix(), path.read_bytes())
            for path in found
            if path.suffix in {".json", ".csv"} and "people" not in path.parts
        )
        return Base(reader, ".zip", members)
    target = folder / f"base-{reader}.zip"
    exchange_format(name).write(content, target)
    with zipfile.ZipFile(target) as archive:
        return Base(reader, ".zip", tuple((one, archive.read(one)) for one in archive.namelist()))


def packed(members: list[tuple[str, bytes]], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return an archive of `members`; names may repeat and may be anything. Packed quickly rather than well."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a name twice is what is wanted
        for name, data in members:
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = compression
            archive.writestr(info, data, compresslevel=1)
    return stream.getvalue()
