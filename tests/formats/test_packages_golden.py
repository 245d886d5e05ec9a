"""Packages written by earlier versions are kept and read forever, equal to the rows they were written from."""

import json
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from factordb.formats.exchange_registry import exchange_format
from tests.formats.made_factors import by_key, hand_made

GOLDEN = Path(__file__).parent / "golden"
NAMES = ("tidas", "ilcd", "ilcd_epd")


def as_stored(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in row.items()}


def members(path: Path) -> list[tuple[str, bytes]]:
    """Return name and bytes of each member in its order; packing itself differs between versions of zlib."""
    with zipfile.ZipFile(path) as archive:
        return [(name, archive.read(name)) for name in archive.namelist()]


@pytest.mark.parametrize("name", NAMES)
def test_a_package_of_2026_is_read_as_it_was_written(name: str) -> None:
    wanted = json.loads((GOLDEN / "packages-2026.json").read_text(encoding="utf-8"))
    back = exchange_format(name).read(GOLDEN / f"{name}-2026.zip")
    assert {key: as_stored(row) for key, row in by_key(back.rows).items()} == wanted
    assert back.refused == 0


@pytest.mark.parametrize("name", NAMES)
def test_the_writer_still_writes_the_package_of_2026(name: str, tmp_path: Path) -> None:
    """When this differs on purpose, keep the old file under its year and add a new one."""
    exchange_format(name).write(hand_made(), tmp_path / "now.zip")
    assert members(tmp_path / "now.zip") == members(GOLDEN / f"{name}-2026.zip")
