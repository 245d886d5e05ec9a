"""Packages of others, and damaged ones: each data set is a row or refused with a code; rules of our own."""

import json
import time
import tracemalloc
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from factordb.formats.exchange_registry import exchange_format
from factordb.formats.interchange import ReadBack
from tests.formats.made_factors import hand_made

Change = Callable[[dict[str, Any]], object]


def read_changed(folder: Path, change: Change, name_en: str = "only CO2e") -> ReadBack:
    """Read the package of the hand-made factors after `change` has been made to the process of this name."""
    exchange_format("tidas").write(hand_made(), folder)
    for path in sorted((folder / "processes").glob("*.json")):
        tree = json.loads(path.read_text(encoding="utf-8"))
        names = tree["processDataSet"]["processInformation"]["dataSetInformation"]["name"]["baseName"]
        if any(one["#text"] == name_en for one in names):
            change(tree["processDataSet"])
            path.write_text(json.dumps(tree, ensure_ascii=False), encoding="utf-8")
            return exchange_format("tidas").read(folder)
    raise AssertionError(name_en)


def _set(path: str, value: object) -> Change:
    def change(process: dict[str, Any]) -> None:
        node: Any = process
        *parents, last = path.split("/")
        for name in parents:
            node = node[int(name)] if name.isdigit() else node[name]
        node[int(last) if last.isdigit() else last] = value

    return change


FIRST = "exchanges/exchange/0/"


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("FMT031", _set("processInformation/dataSetInformation/common:UUID", "mine")),
        ("FMT032", _set(FIRST + "dataDerivationTypeStatus", "guessed")),
        ("FMT034", _set(FIRST + "referenceToFlowDataSet/@refObjectId", "00000000-0000-0000-0000-000000000000")),
        ("FMT035", _set("processInformation/quantitativeReference/referenceToReferenceFlow", "7")),
        ("FMT036", _set("common:other/fdb:factor/fdb:cv", "a lot")),
        ("FMT037", _set("processInformation/time/common:dataSetValidUntil", 2001)),
        ("FMT038", _set("LCIAResults/LCIAResult/0/relativeStandardDeviation95In", "0.5")),
        ("FMT039", _set("LCIAResults/LCIAResult/0/meanAmount", "-3")),
        ("FMT042", _set("LCIAResults/LCIAResult/0/meanAmount", "three")),
    ],
)
def test_a_broken_rule_is_told_with_its_place(code: str, change: Change, tmp_path: Path) -> None:
    back = read_changed(tmp_path / "a", change)
    told = [fault for fault in back.faults if fault.code == code]
    assert told
    assert "processes/" in told[0].place
    assert back.datasets == back.rows.num_rows + back.refused == hand_made().rows.num_rows


def test_the_rules_are_kept_by_what_is_written(tmp_path: Path) -> None:
    exchange_format("tidas").write(hand_made(), tmp_path / "a")
    assert exchange_format("tidas").read(tmp_path / "a").faults == ()


def test_a_declared_removal_may_be_negative(tmp_path: Path) -> None:
    back = read_changed(tmp_path / "a", _set("LCIAResults/LCIAResult/0/meanAmount", "-9"), "removal")
    assert "FMT039" not in {fault.code for fault in back.faults}


def test_a_unit_that_is_not_of_the_flow_property_is_told(tmp_path: Path) -> None:
    """The product is measured in MJ, the declared unit says kg."""
    change = _set(
        "processInformation/quantitativeReference/functionalUnitOrOther", [{"@xml:lang": "en", "#text": "1 kg"}]
    )
    back = read_changed(tmp_path / "a", change)
    assert [(fault.found, fault.expected) for fault in back.faults if fault.code == "FMT040"] == [
        ("kgCO2e/kg: mass", "MJ: energy")
    ]


def test_a_process_that_stands_twice_counts_once(tmp_path: Path) -> None:
    exchange_format("tidas").write(hand_made(), tmp_path / "a")
    first = min((tmp_path / "a" / "processes").glob("*.json"))
    first.with_name("twin.json").write_bytes(first.read_bytes())
    back = exchange_format("tidas").read(tmp_path / "a")
    assert back.refused == 1
    assert back.datasets == hand_made().rows.num_rows + 1
    assert Counter(fault.code for fault in back.faults)["FMT041"] == 1


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"[1]", b'{"processDataSet": 3}', b'{"processDataSet": {"exchanges": "none"}}', b"[" * 200_000,
     b'{"processDataSet": {"processInformation": {"dataSetInformation": {"common:UUID": "x"}}, "exchanges": "none"}}'],
    ids=range(7),
)  # fmt: skip
def test_a_process_that_cannot_be_read_is_refused_and_counted(data: bytes, tmp_path: Path) -> None:
    exchange_format("tidas").write(hand_made(), tmp_path / "a")
    (tmp_path / "a" / "processes" / "bad.json").write_bytes(data)
    back = exchange_format("tidas").read(tmp_path / "a")
    assert (back.refused, back.datasets) == (1, hand_made().rows.num_rows + 1)
    blocked = [fault for fault in back.faults if fault.severity == "block"]
    assert len(blocked) == 1
    assert "bad.json" in blocked[0].place


@pytest.mark.parametrize("name", ["tidas", "ilcd", "ilcd_epd"])
@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 broken", b"\x00" * 100, "文字".encode()], ids=range(4))
def test_a_file_that_is_none_of_the_format_ends_in_a_fault(name: str, data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(data)
    room = exchange_format(name)
    assert room.sniff(path) is False
    back = room.read(path)
    assert back.rows.num_rows == 0
    assert back.datasets == back.refused
    assert exchange_format(name).read(tmp_path / "none.zip").faults[0].code == "ZIP-BROKEN"


def test_an_archive_that_leaves_itself_is_refused_whole(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("../processes/a.json", "{}")
    back = exchange_format("tidas").read(tmp_path / "a.zip")
    assert [(fault.code, fault.severity) for fault in back.faults] == [("ZIP-PATH", "block")]


@pytest.mark.parametrize("name", ["tidas", "ilcd"])
def test_a_document_of_a_gigabyte_is_refused_without_being_read(name: str, tmp_path: Path) -> None:
    """Refused within seconds and with the memory of the largest document that is read."""
    exchange_format(name).write(hand_made(), tmp_path / "a")
    folder = next((tmp_path / "a").rglob("processes"))
    ending = {"tidas": "json", "ilcd": "xml"}[name]
    with (folder / f"huge.{ending}").open("wb") as file:
        file.truncate(1 << 30)
    start = time.perf_counter()
    tracemalloc.start()
    back = exchange_format(name).read(tmp_path / "a")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [fault.code for fault in back.faults] == ["ZIP-SIZE"]
    assert back.refused == 1
    assert most < 200 << 20
    assert time.perf_counter() - start < 20


def test_a_damaged_line_beside_the_data_sets_is_told_and_counted(tmp_path: Path) -> None:
    exchange_format("tidas").write(hand_made(), tmp_path / "a")
    path = tmp_path / "a" / "factordb" / "parameters.jsonl"
    path.write_text(path.read_text(encoding="utf-8") + '{"factor_id": \n[]\n{"factor_id": "x", "cv": "a lot"}\n')
    back = exchange_format("tidas").read(tmp_path / "a")
    assert [fault.code for fault in back.faults] == ["JSON-BROKEN", "JSON-BROKEN", "FMT036"]
    assert back.refused == 3
    assert back.datasets == back.rows.num_rows + 3


# ── packages made by others ──────────────────────────────────────────────────────────────────────────────


def test_the_public_chinese_set_is_read_with_every_process_accounted_for(shared: Path) -> None:
    """100 processes, of which all but one break the strict schema; unit processes without a result."""
    back = exchange_format("ilcd").read(shared / "formats" / "samples" / "tiangong_ilcd")
    assert (back.datasets, back.rows.num_rows, back.refused) == (100, 100, 0)
    assert back.extra["flows"].num_rows == 407
    assert back.extra["exchanges"].num_rows > 4000
    told = Counter(fault.code for fault in back.faults)
    assert told["FMT043"] == 100
    assert told["FMT032"] > 100
    assert told["FMT033"] > 100
    assert set(back.leftovers) == set(back.rows["factor_id"].to_pylist())
    units = set(back.extra["exchanges"]["unit"].to_pylist())
    assert {"kg", "MJ"} <= units
    assert back.extra["exchanges"].filter(back.extra["exchanges"]["is_reference"]).num_rows == 100


@pytest.mark.parametrize(("name", "file"), [("ilcd", "ilcd_ef.zip"), ("tidas", "tidas"), ("ilcd", "ilcd_epd/epd.zip")])
def test_a_factor_of_others_is_read_with_its_unit(name: str, file: str, shared: Path) -> None:
    """0.6205 kg CO2e per kWh, written as that per 3.6 MJ of the reference unit."""
    back = exchange_format(name).read(shared / "formats" / "examples" / file)
    row = back.rows.to_pylist()[0]
    assert row["kind"] == "factor"
    assert row["unit"] == "kgCO2e/MJ"
    assert row["value"] == pytest.approx(0.6205 / 3.6, rel=1e-12)
    assert row["region"] == "CN"
    assert row["reference_year"] == 2023
    assert (back.datasets, back.refused) == (1, 0)


def test_one_document_alone_is_read(shared: Path) -> None:
    folder = shared / "formats" / "examples" / "ilcd_minimal" / "processes"
    back = exchange_format("ilcd").read(folder / "ef.xml")
    assert (back.datasets, back.refused) == (1, 0)
    assert "FMT034" not in {fault.code for fault in back.faults}
