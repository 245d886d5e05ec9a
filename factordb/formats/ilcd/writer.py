"""Writing ILCD: the data sets of the national package as XML, below `ILCD/`, in a folder or a zip archive."""

from pathlib import Path
from typing import Final

from factordb.formats.ilcd.xml_text import as_xml
from factordb.formats.interchange import Content, WrittenOut
from factordb.formats.safe_zip import package_target
from factordb.formats.tidas.dataset import Tree
from factordb.formats.tidas.package import Package
from factordb.reference import tables

ROOT: Final = "ILCD/"


def write_ilcd(content: Content, target: Path) -> WrittenOut:
    """Write `content` as an ILCD 1.1 package with eILCD life cycle models, an archive where `target` ends in .zip.

    Raises:
        FileProblemError: the target cannot be written.
    """
    with Package(content) as made, package_target(target) as files:
        files.add(ROOT + "ILCDLocations.xml", as_xml(locations()))
        for one in made.data_sets():
            files.add(ROOT + one.name("xml"), as_xml(one.tree))
        made.write_beside(files, ROOT)
        return WrittenOut(target, made.tally.factors, made.losses())


def locations() -> Tree:
    """Return the list of the locations that data sets may name, with the English names of our regions."""
    names = {row["code"]: row["name_en"] for row in tables.table("regions/regions").to_pylist()}
    pairs = sorted((row["location"], names[row["region"]]) for row in tables.table("mapping/locations").to_pylist())
    return {
        "ILCDLocations": {
            "@xmlns": "http://lca.jrc.it/ILCD/Locations",
            "location": [{"@value": code, "#text": name} for code, name in [*pairs, ("NULL", "not stated")]],
        }
    }
