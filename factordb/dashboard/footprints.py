"""What the page of trial footprints asks beyond the door: an uploaded inventory, its picture, templates and reports."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from factordb.footprinting import footprint_template, trial_report
from factordb.library import Library
from factordb.uncertainty.drawing import bar_plot

__all__ = ["contributions_plot", "report_bytes", "template_bytes", "trial_uploaded"]

ENDINGS: Final = ("toml", "xlsx")
"""Inventories that can be uploaded."""


def trial_uploaded(library: Library, name: str, content: bytes, release: str = "") -> dict[str, Any]:
    """Return the trial footprint of an uploaded inventory, as `Library.trial_footprint`; nothing is kept.

    Raises:
        FileProblemError: it is no inventory.
        UsageError: a key is not known, or a number cannot be used.
    """
    ending = "xlsx" if name.lower().endswith(".xlsx") else "toml"
    with TemporaryDirectory(prefix="factordb-trial-") as folder:
        path = Path(folder) / f"inventory.{ending}"
        path.write_bytes(content)
        return library.trial_footprint(path, release=release)


def template_bytes(ending: str, lang: str) -> bytes:
    """Return the commented example inventory, `ending` one of `ENDINGS`."""
    with TemporaryDirectory(prefix="factordb-trial-") as folder:
        return footprint_template(Path(folder) / f"inventory.{ending}", lang).read_bytes()


def report_bytes(found: Mapping[str, Any], ending: str, lang: str) -> bytes:
    """Return the report of a usable trial footprint, `ending` html or docx."""
    with TemporaryDirectory(prefix="factordb-trial-") as folder:
        return trial_report(found, Path(folder) / f"report.{ending}", lang).read_bytes()


def contributions_plot(found: Mapping[str, Any], title: str) -> str:
    """Return the picture of what each line contributes to the result."""
    names = {line["id"]: str(line["name"]) for line in found["lines"]}
    shares = [(names[one["name"]], float(one["share"])) for one in found["contributions"]]
    return bar_plot(shares, title=title, description=title)
