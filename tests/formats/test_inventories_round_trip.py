"""EcoSpold 1 and 2 and openLCA: what is written is read back, or stands in the declared losses."""

import json
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from pyarrow import parquet

from factordb.formats.exchange_registry import exchange_format
from factordb.formats.interchange import Content, ExchangeFormat, ReadBack
from factordb.formats.inventories.annex import MARK
from factordb.formats.rows import release_schema
from factordb.model.release import RELEASE_COLUMNS, TABLES
from factordb.reference.tables import card, table
from tests.formats.made_factors import by_key, content_of, contents, gas_lines, hand_made
from tests.formats.test_packages_round_trip import RUNS

WRITTEN = {"ecospold1": ".xml", "ecospold2": ".zip", "openlca": ".zip"}
ALL = [*WRITTEN, "simapro"]


@pytest.fixture(params=WRITTEN)
def room(request: pytest.FixtureRequest) -> ExchangeFormat:
    return exchange_format(request.param)


def there_and_back(room: ExchangeFormat, content: Content, folder: Path) -> tuple[Any, ReadBack]:
    target = folder / f"made{WRITTEN[room.name]}"
    return room.write(content, target), room.read(target)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(content=contents())
def test_any_factors_come_back_equal(room: ExchangeFormat, content: Content, tmp_path_factory: Any) -> None:
    folder = tmp_path_factory.mktemp("made")
    written, back = there_and_back(room, content, folder)
    assert by_key(back.rows) == by_key(content.rows)
    assert gas_lines(back.gases) == gas_lines(content.gases)
    assert [fault.code for fault in back.faults if fault.code not in {"FMT058", "FMT061"}] == []
    assert back.datasets == content.rows.num_rows == back.rows.num_rows + back.refused
    aside = sum(loss.rows for loss in written.losses if loss.how == "sidecar")
    assert written.datasets + aside == content.rows.num_rows
    shutil.rmtree(folder)


@pytest.mark.slow
@settings(max_examples=RUNS, deadline=None, suppress_health_check=list(HealthCheck))
@given(content=contents(12))
def test_thousands_of_factors_come_back_equal(content: Content, tmp_path_factory: Any) -> None:
    for name in WRITTEN:
        folder = tmp_path_factory.mktemp("made")
        _, back = there_and_back(exchange_format(name), content, folder)
        assert by_key(back.rows) == by_key(content.rows)
        assert gas_lines(back.gases) == gas_lines(content.gases)
        shutil.rmtree(folder)


def _columns_without_annex(name: str) -> set[str]:
    return {
        one["field"]
        for one in table(f"mapping/{name}").to_pylist()
        if one["direction"] == "both" and not one["loss"] and one["field"] != "gases"
    }


def _stripped(path: Path, name: str) -> None:
    """Take the annex out of every document, as a program that drops comments would."""

    def without(text: str) -> str:
        return text.replace(MARK, "something else ")

    if name == "ecospold1":
        path.write_text(without(path.read_text(encoding="utf-8")), encoding="utf-8")
        return
    with zipfile.ZipFile(path) as archive:
        parts = {one: archive.read(one).decode() for one in archive.namelist() if "sidecar" not in one}
    with zipfile.ZipFile(path, "w") as archive:
        for one, text in parts.items():
            archive.writestr(one, without(text))


def test_without_the_annex_what_the_format_holds_is_still_read(room: ExchangeFormat, tmp_path: Path) -> None:
    """The mapping's columns without a loss come back from the format's own fields."""
    content = hand_made()
    target = tmp_path / f"made{WRITTEN[room.name]}"
    room.write(content, target)
    _stripped(target, room.name)
    for aside in tmp_path.glob("*.jsonl"):
        aside.unlink()
    back = room.read(target)
    assert back.refused == 0
    found = {row["name_en"].partition(" [")[0]: row for row in back.rows.to_pylist()}
    held = _columns_without_annex(room.name) - {"gwp_set", "unit", "boundary", "category", "reference_year"}
    for row in content.rows.to_pylist():
        if row["kind"] == "parameter":
            continue
        read = found[row["name_en"] or row["name_zh"]]
        per = 1000.0 if row["unit"].startswith("t") else 1.0
        if row["gas"] != "CO2e" or row["gwp_set"] is None or row["name_en"] == "only CO2e":
            assert read["value"] == pytest.approx(row["value"] * per, rel=1e-12), row["name_en"]
        if row["gwp_set"] is None and row["value"] > 0 and row["family"] and "mean" in held:
            assert read["mean"] == pytest.approx(row["mean"], rel=1e-3)
        assert read["kind"] == row["kind"]
        assert read["gas"] == row["gas"]
        for column in held & {"flow", "technology", "region_text", "valid_from", "valid_until"}:
            assert read[column] == row[column], column


def test_the_same_content_gives_the_same_bytes(room: ExchangeFormat, tmp_path: Path) -> None:
    targets = [tmp_path / f"{number}{WRITTEN[room.name]}" for number in range(2)]
    for target in targets:
        room.write(hand_made(), target)
    assert targets[0].read_bytes() == targets[1].read_bytes()


def test_what_is_no_process_is_listed_and_stands_in_the_sidecar(room: ExchangeFormat, tmp_path: Path) -> None:
    written, back = there_and_back(room, hand_made(), tmp_path)
    losses = {loss.field: loss for loss in written.losses}
    assert (losses["kind"].how, losses["kind"].rows) == ("sidecar", 1)
    assert losses["version_id"].rows == written.datasets == 7
    assert back.datasets == 8


def test_a_changed_amount_is_taken_and_the_annex_is_not(room: ExchangeFormat, tmp_path: Path) -> None:
    row = hand_made().rows.to_pylist()[0]
    target = tmp_path / f"made{WRITTEN[room.name]}"
    room.write(content_of([row]), target)
    marks = {"ecospold1": 'meanValue="0.544"', "ecospold2": ' amount="0.544"', "openlca": '"amount":0.544'}
    mark = marks[room.name]
    if room.name == "ecospold1":
        text = target.read_text(encoding="utf-8")
        assert mark in text
        target.write_text(text.replace(mark, mark.replace("0.544", "0.6")), encoding="utf-8")
    else:
        with zipfile.ZipFile(target) as archive:
            parts = {one: archive.read(one).decode() for one in archive.namelist()}
        assert any(mark in text for text in parts.values())
        with zipfile.ZipFile(target, "w") as archive:
            for one, text in parts.items():
                archive.writestr(one, text.replace(mark, mark.replace("0.544", "0.6")))
    back = room.read(target)
    [read] = back.rows.to_pylist()
    assert read["value"] == 0.6
    assert read["version_id"] != row["version_id"]
    assert read["source_place"] == row["source_place"]
    assert [fault.code for fault in back.faults] == ["FMT056"]


def test_an_unknown_file_is_refused_not_raised(room: ExchangeFormat, tmp_path: Path) -> None:
    for number, data in enumerate((b"", b"\0" * 50, b"<a/>", b"{}", b"<ecoSpold", b"PK\x03\x04broken")):
        path = tmp_path / f"{number}{room.suffixes[0]}"
        path.write_bytes(data)
        back = room.read(path)
        assert back.rows.num_rows == 0
        assert back.datasets == back.refused
        room.sniff(path)


@pytest.mark.parametrize("name", ALL)
def test_every_release_column_is_mapped_or_a_declared_loss(name: str) -> None:
    lines = table(f"mapping/{name}").to_pylist()
    fields = [one["field"] for one in lines]
    assert fields == [*(column.name for column in RELEASE_COLUMNS), "gases"]
    assert {one["direction"] for one in lines} <= {"both", "read", "write"}
    assert {one["loss"] for one in lines} <= {None, "extension", "sidecar", "dropped", "rounded"}
    assert all(one["place"] or one["loss"] == "dropped" for one in lines)
    assert all(one["rule"] for one in lines)
    assert all(bool(one["note_zh"]) == bool(one["note_en"]) for one in lines if one["loss"])
    assert "Edition" in card(f"mapping/{name}")


def _texts_of_json(path: Path) -> Iterator[dict[str, Any]]:
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.startswith("processes/"):
                yield json.loads(archive.read(name))


def test_only_co2e_is_never_called_co2(tmp_path: Path) -> None:
    target = tmp_path / "made.zip"
    exchange_format("openlca").write(content_of(hand_made().rows.to_pylist()[:1]), target)
    [process] = _texts_of_json(target)
    names = [line["flow"]["name"] for line in process["exchanges"]]
    assert names[1] == "Carbon dioxide equivalents (CO2e)"


def test_gases_and_what_they_do_not_hold_sum_up_to_the_published_value(tmp_path: Path) -> None:
    target = tmp_path / "made.zip"
    exchange_format("openlca").write(hand_made(), target)
    process = next(one for one in _texts_of_json(target) if one["name"] == "gases and a remainder")
    amounts = {line["flow"]["name"]: line["amount"] for line in process["exchanges"][1:]}
    assert list(amounts) == [
        "Carbon dioxide", "Dinitrogen monoxide", "Carbon dioxide equivalents (CO2e), not itemised by gas",
    ]  # fmt: skip
    assert amounts["Carbon dioxide"] + 273 * amounts["Dinitrogen monoxide"] + list(amounts.values())[
        2
    ] == pytest.approx(0.3)


@pytest.mark.slow
def test_the_shipped_release_comes_back_equal(room: ExchangeFormat, main_job: Path, tmp_path: Path) -> None:
    content = shipped(main_job)
    written, back = there_and_back(room, content, tmp_path)
    assert by_key(back.rows) == by_key(content.rows)
    assert back.faults == ()
    assert written.datasets > 300


def shipped(library: Path) -> Content:
    files = [file for name in TABLES for file in sorted(library.glob(f"releases/*/data/{name}.parquet"))]
    rows = [row for file in files for row in parquet.read_table(file).select(release_schema().names).to_pylist()]
    return content_of(rows)


def test_an_archive_of_ecospold_1_is_cut_into_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("factordb.formats.ecospold1.targets.PART", 3)
    target = tmp_path / "made.zip"
    room = exchange_format("ecospold1")
    assert room.write(hand_made(), target).datasets == 7
    with zipfile.ZipFile(target) as archive:
        assert len([name for name in archive.namelist() if name.endswith(".xml")]) == 3
    back = room.read(target)
    assert by_key(back.rows) == by_key(hand_made().rows)
    assert room.sniff(target)
