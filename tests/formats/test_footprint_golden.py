"""Exports of earlier editions are read for ever; the newest is what is written now.

To renew the bytes after a wanted change of a writer: add a file of the new edition, keep the old one.
"""

from pathlib import Path

import pytest

from factordb.formats.exchange_registry import exchange_format
from factordb.formats.interchange import Content
from tests.formats.made_factors import by_key, content_of, gas_lines, hand_made

GOLDEN = Path(__file__).parent / "golden"
READ = [("pact3", "pact3-2026.json"), ("pact2", "pact2-2026.ndjson"), ("catenax", "catenax-2026.zip")]
WRITTEN = [*READ, ("prov", "prov-2026.json"), ("datacite", "datacite-2026.json")]


def golden_content() -> Content:
    rows = [row | {"boundary": "cradle_to_gate"} for row in hand_made().rows.to_pylist()]
    return content_of(rows, hand_made().gases.to_pylist())


@pytest.mark.parametrize(("name", "file"), READ)
def test_a_golden_footprint_is_read_as_it_was_written(name: str, file: str) -> None:
    back = exchange_format(name).read(GOLDEN / file)
    assert by_key(back.rows) == by_key(golden_content().rows)
    assert gas_lines(back.gases) == gas_lines(golden_content().gases)
    assert back.faults == ()


@pytest.mark.parametrize(("name", "file"), WRITTEN)
def test_the_newest_golden_file_is_what_is_written_now(name: str, file: str, tmp_path: Path) -> None:
    exchange_format(name).write(golden_content(), tmp_path / file)
    for path in tmp_path.iterdir():
        assert path.read_bytes() == (GOLDEN / path.name).read_bytes()
