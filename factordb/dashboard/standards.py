"""What the page of standards asks beyond the door: the form as bytes, and the check of a form that was uploaded."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from factordb.library import Library

__all__ = ["check_uploaded", "form_bytes"]

ENDINGS = ("xlsx", "csv")
"""Forms that can be uploaded."""


def form_bytes() -> bytes:
    """Return the empty import form, an xlsx."""
    with TemporaryDirectory(prefix="factordb-form-") as folder:
        return Library.standard_form(Path(folder) / "standards.xlsx").read_bytes()


def check_uploaded(library: Library, name: str, content: bytes) -> dict[str, Any]:
    """Return what the rules say of an uploaded form, as `Library.check_standards`; nothing is recorded or kept.

    Raises:
        FileProblemError: it is no form and no table.
    """
    ending = "csv" if name.lower().endswith(".csv") else "xlsx"
    with TemporaryDirectory(prefix="factordb-form-") as folder:
        path = Path(folder) / f"standards.{ending}"
        path.write_bytes(content)
        return library.check_standards(path).as_dict()
