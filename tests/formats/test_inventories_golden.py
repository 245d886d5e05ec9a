"""Exports of earlier editions are kept and read for ever; bytes damaged anywhere never raise.

To renew the bytes after a wanted change of a writer: add a file of the new edition, keep the old one.
"""

import random
from pathlib import Path

import pytest

from factordb.formats.exchange_registry import exchange_format
from tests.formats.made_factors import by_key, gas_lines, hand_made

GOLDEN = Path(__file__).parent / "golden"
FILES = [("ecospold1", "ecospold1-2026.xml"), ("ecospold2", "ecospold2-2026.zip"), ("openlca", "openlca-2026.zip")]


@pytest.mark.parametrize(("name", "file"), FILES)
def test_a_golden_export_is_read_as_it_was_written(name: str, file: str) -> None:
    back = exchange_format(name).read(GOLDEN / file)
    content = hand_made()
    assert by_key(back.rows) == by_key(content.rows)
    assert gas_lines(back.gases) == gas_lines(content.gases)
    assert back.faults == ()


@pytest.mark.parametrize(("name", "file"), FILES)
def test_the_newest_golden_export_is_what_is_written_now(name: str, file: str, tmp_path: Path) -> None:
    target = tmp_path / file
    exchange_format(name).write(hand_made(), target)
    assert target.read_bytes() == (GOLDEN / file).read_bytes()


@pytest.mark.parametrize(("name", "file"), FILES)
def test_damaged_bytes_are_faults_and_every_data_set_is_counted(name: str, file: str, tmp_path: Path) -> None:
    data = (GOLDEN / file).read_bytes()
    chance = random.Random(name)  # noqa: S311 - a fixed seed, no secret
    for number in range(60):
        spoiled = bytearray(data)
        for _ in range(chance.randint(1, 8)):
            spoiled[chance.randrange(len(spoiled))] = chance.randrange(256)
        cut = len(spoiled) if number % 3 else chance.randrange(len(spoiled))
        path = tmp_path / f"{number}{Path(file).suffix}"
        path.write_bytes(bytes(spoiled[:cut]))
        back = exchange_format(name).read(path)
        assert back.datasets == back.rows.num_rows + back.refused
        assert sum(fault.severity == "block" for fault in back.faults) == back.refused
        exchange_format(name).sniff(path)
