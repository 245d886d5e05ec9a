"""TIDAS, ILCD and ILCD+EPD: what is written is read back, equal to the bit; what its place cannot hold is declared."""

import os
import tempfile
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from factordb.exchanging import content_of_release
from factordb.formats.exchange_registry import exchange_format
from factordb.formats.ilcd.epd import no_epd
from factordb.formats.interchange import Content, ReadBack, WrittenOut
from factordb.formats.tidas.dataset import ROOTS
from factordb.formats.tidas.package import Package, no_process
from factordb.formats.tidas.standard import mapping, standard_row
from factordb.model.release import RELEASE_COLUMNS
from factordb.reference import tables
from tests.formats.made_factors import by_key, contents, gas_lines, hand_made

FORMATS = ("tidas", "ilcd", "ilcd_epd")
RUNS = int(os.environ.get("FACTORDB_ROUND_TRIPS", "200"))
"""Examples of a full run, of 6 factors on average; more before a release."""
COLUMNS = [column.name for column in RELEASE_COLUMNS]


def back_and_forth(name: str, content: Content, folder: Path) -> tuple[WrittenOut, ReadBack]:
    room = exchange_format(name)
    written = room.write(content, folder / f"{name}.zip")
    return written, room.read(folder / f"{name}.zip")


def held(name: str, row: dict[str, Any]) -> bool:
    """Return whether a row becomes a data set of the format."""
    return not (no_epd(row) if name == "ilcd_epd" else no_process(row))


def in_order(table: Any) -> list[tuple[Any, ...]]:
    return sorted(gas_lines(table))


def assert_equal(name: str, content: Content, written: WrittenOut, back: ReadBack) -> None:
    assert by_key(back.rows) == by_key(content.rows)
    wanted = {key for key, row in by_key(content.rows).items() if held(name, row)}
    assert in_order(back.gases) == sorted(line for line in in_order(content.gases) if line[0] in wanted)
    assert back.datasets == back.rows.num_rows + back.refused
    assert back.refused == 0
    assert written.datasets == len(wanted)
    assert [fault for fault in back.faults if fault.severity == "block"] == []


@pytest.mark.parametrize("name", FORMATS)
def test_factors_of_every_shape_come_back_as_they_were(name: str, tmp_path: Path) -> None:
    written, back = back_and_forth(name, hand_made(), tmp_path)
    assert_equal(name, hand_made(), written, back)


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(content=contents())
def test_generated_factors_come_back_as_they_were(name: str, content: Content) -> None:
    with tempfile.TemporaryDirectory() as folder:
        written, back = back_and_forth(name, content, Path(folder))
    assert_equal(name, content, written, back)


@pytest.mark.slow
@settings(max_examples=RUNS, deadline=None, suppress_health_check=list(HealthCheck))
@given(content=contents(most=12))
def test_thousands_of_generated_factors_come_back_as_they_were(content: Content) -> None:
    """Drawn once for all three: drawing takes as long as writing and reading."""
    for name in FORMATS:
        with tempfile.TemporaryDirectory() as folder:
            written, back = back_and_forth(name, content, Path(folder))
        assert_equal(name, content, written, back)


@pytest.mark.parametrize("name", FORMATS)
def test_the_shipped_release_comes_back_as_it_was(name: str, main_job: Path, tmp_path: Path) -> None:
    content = content_of_release(main_job / "releases" / "2026.1")
    assert content.rows.num_rows > 400
    written, back = back_and_forth(name, content, tmp_path)
    assert_equal(name, content, written, back)
    assert [fault for fault in back.faults if fault.severity != "advise"] == []


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_content_gives_the_same_bytes(name: str, tmp_path: Path) -> None:
    room = exchange_format(name)
    for file in ("a.zip", "b.zip"):
        room.write(hand_made(), tmp_path / file)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_a_folder_and_an_archive_say_the_same(tmp_path: Path) -> None:
    room = exchange_format("tidas")
    room.write(hand_made(), tmp_path / "open")
    room.write(hand_made(), tmp_path / "packed.zip")
    assert by_key(room.read(tmp_path / "open").rows) == by_key(room.read(tmp_path / "packed.zip").rows)
    with zipfile.ZipFile(tmp_path / "packed.zip") as archive:
        for name in archive.namelist():
            assert (tmp_path / "open" / name).read_bytes() == archive.read(name)


def test_the_package_has_the_eight_modules_in_both_languages(tmp_path: Path) -> None:
    exchange_format("tidas").write(hand_made(), tmp_path / "open")
    assert {path.name for path in (tmp_path / "open").iterdir()} - {"factordb"} == set(ROOTS)
    for folder in ROOTS:
        for path in (tmp_path / "open" / folder).glob("*.json"):
            text = path.read_text(encoding="utf-8")
            assert '"@xml:lang":"zh"' in text, path
            assert '"@xml:lang":"en"' in text, path


@pytest.mark.parametrize("name", FORMATS)
def test_nothing_inside_a_package_leads_nowhere(name: str, tmp_path: Path) -> None:
    _, back = back_and_forth(name, hand_made(), tmp_path)
    assert [fault for fault in back.faults if fault.code in {"FMT034", "FMT035", "FMT040", "FMT041"}] == []


# ── the mapping table ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", FORMATS)
def test_every_column_of_a_release_is_mapped_once_or_declared_lost(name: str) -> None:
    rows = tables.table(f"mapping/{name}").to_pylist()
    assert [row["field"] for row in rows if row["field"] in COLUMNS] == COLUMNS
    assert {row["field"] for row in rows} - set(COLUMNS) == {"gases", "parameters"}
    for row in rows:
        assert row["place"], row
        assert row["rule"] not in {"extension", "sidecar"} or row["loss"], row


@pytest.mark.parametrize("name", FORMATS)
def test_only_declared_columns_are_kept_outside_of_their_place(name: str, main_job: Path, tmp_path: Path) -> None:
    declared = {row["field"]: row["loss"] for row in tables.table(f"mapping/{name}").to_pylist()}
    content = content_of_release(main_job / "releases" / "2026.1")
    for one in (content, hand_made()):
        written = exchange_format(name).write(one, tmp_path / f"{len(one.sources)}.zip")
        lost = {loss.field: loss.how for loss in written.losses if loss.field not in {"kind", "boundary"}}
        assert {field: how for field, how in lost.items() if declared[field] != how} == {}


def test_ilcd_stands_in_the_places_of_tidas() -> None:
    places = {name: tables.table(f"mapping/{name}").select(["field", "place", "rule"]) for name in ("tidas", "ilcd")}
    assert places["tidas"].equals(places["ilcd"])


def test_every_standard_place_of_the_table_holds_something(main_job: Path) -> None:
    """A place that nothing is ever read from is a wrong place."""
    seen: Counter[str] = Counter()
    for content in (content_of_release(main_job / "releases" / "2026.1"), hand_made()):
        with Package(content) as made:
            for one in made.data_sets():
                if one.folder == "processes":
                    read = standard_row(one.tree["processDataSet"])
                    seen.update(name for name, value in read.items() if value is not None)
    assert {field for field, *_ in mapping()} - set(seen) - {"valid_until"} == set()


def test_a_value_stands_in_kg_per_reference_unit(tmp_path: Path) -> None:
    """What other programs read: 2 tCO2e per 10^4 t is 2000 kg per 1e7 kg; 0.544 kg per kWh is that per 3.6 MJ."""
    exchange_format("ilcd").write(hand_made(), tmp_path / "a.zip")
    back = exchange_format("ilcd").read(tmp_path / "a.zip")
    lines = back.extra["exchanges"].to_pylist()
    products = {line["process"]: (line["amount"], line["unit"]) for line in lines if line["is_reference"]}
    names = {line["process"]: line["name_en"] for line in back.extra["processes"].to_pylist()}
    shown = {names[process]: product for process, product in products.items()}
    assert shown["with gases"] == (1e7, "kg")
    assert shown["removal"] == (3.6, "MJ")
    gases = {line["flow_name"]: line["amount"] for line in lines if names[line["process"]] == "with gases"}
    assert gases["CO2, Carbon dioxide"] == 1900.0
