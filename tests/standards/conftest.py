"""A library whose registry tests write to: the small one, copied once for this room."""

import shutil
from pathlib import Path

import pytest

from factordb import Library


@pytest.fixture(scope="module")
def registry(small_library: Path, tmp_path_factory: pytest.TempPathFactory) -> Library:
    """Return a library that this file's tests may write to, one after the other."""
    return Library.open(Path(shutil.copytree(small_library, tmp_path_factory.mktemp("registry") / "library")))
