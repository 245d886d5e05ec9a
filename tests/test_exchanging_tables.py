"""Tables in `convert`: by a mapping, and the forms of the IPCC EFDB; the list of formats; every format of export."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from openpyxl import Workbook

from factordb import convert, exchange_formats, export_release
from factordb.errors import FileProblemError, UsageError
from factordb.formats.exchange_registry import exchange_format
from tests.formats.made_factors import by_key

ABILITIES = {
    "catenax": "wr", "croissant": "w", "csv": "r", "datacite": "w", "datapackage": "wr", "ecospold1": "wr",
    "ecospold2": "wr", "efdb_bulk": "r", "efdb_export": "r", "ilcd": "wr", "ilcd_epd": "wr", "openlca": "wr",
    "pact2": "wr", "pact3": "wr", "prov": "w", "simapro": "r", "tidas": "wr", "xlsx": "wr",
}  # fmt: skip
"""Every exchange format, and whether it is written and read."""


def test_the_formats_are_listed_with_what_they_can() -> None:
    found = {one["name"]: ("w" * one["writes"]) + ("r" * one["reads"]) for one in exchange_formats()}
    assert found == ABILITIES


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_command_lists_every_format_in_the_language(lang: str) -> None:
    program = [str(Path(sys.executable).with_name("factordb")), "--lang", lang, "formats"]
    done = subprocess.run([*program, "--json"], capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    assert {one["name"] for one in json.loads(done.stdout)} == set(ABILITIES)
    shown = subprocess.run(program, capture_output=True, text=True, encoding="utf-8", check=False).stdout
    for one in exchange_formats():
        assert any(line.split() and one["name"] in line for line in shown.splitlines()), one["name"]


def test_a_table_is_converted_by_its_mapping(small_table: tuple[Path, Path], tmp_path: Path) -> None:
    mapping, table = small_table
    report = convert(table, tmp_path / "made.json", to="pact3", mapping=mapping)
    assert (report.read_as, report.datasets, report.rows, report.refused, report.written) == ("csv", 4, 2, 2, 2)
    assert [(fault.code, fault.place) for fault in report.faults] == [
        ("VAL101", "small.csv!D4"), ("UNI108", "small.csv!D5"),
    ]  # fmt: skip
    said = report.as_dict()["faults"][0]
    assert "大约半吨" in said["zh"]
    assert "small.csv!D4" in said["en"]
    assert said["mend_en"]
    values = [row["value"] for row in exchange_format("pact3").read(tmp_path / "made.json").rows.to_pylist()]
    assert sorted(values) == [0.8, 1.25]


def test_a_workbook_is_read_by_the_same_mapping(small_table: tuple[Path, Path], tmp_path: Path) -> None:
    mapping, table = small_table
    book = Workbook()
    for line in table.read_text(encoding="utf-8").splitlines():
        book.active.append(line.split(","))
    book.save(tmp_path / "small.xlsx")
    report = convert(tmp_path / "small.xlsx", tmp_path / "made.zip", to="ilcd", mapping=mapping)
    assert (report.read_as, report.datasets, report.rows, report.written) == ("xlsx", 4, 2, 2)


def test_a_table_without_a_mapping_is_refused_with_what_to_do(small_table: tuple[Path, Path], tmp_path: Path) -> None:
    mapping, table = small_table
    with pytest.raises(UsageError, match="--mapping"):
        convert(table, tmp_path / "made.json", from_="csv", to="pact3")
    with pytest.raises(FileProblemError, match="does not exist"):
        convert(table, tmp_path / "made.json", to="pact3", mapping=mapping.with_name("nothing.toml"))


def test_an_export_of_the_efdb_is_known_by_its_columns(root: Path, tmp_path: Path) -> None:
    report = convert(root / "data" / "efdb_export_example.csv", tmp_path / "made.zip", to="openlca")
    assert (report.read_as, report.datasets, report.rows, report.refused) == ("efdb_export", 24, 19, 5)
    assert report.rows == exchange_format("openlca").read(tmp_path / "made.zip").rows.num_rows + report.left_out
    assert {fault.code[:3] for fault in report.faults} == {"UNI", "VAL"}


def test_the_bulk_form_of_the_efdb_is_read(shared: Path, tmp_path: Path) -> None:
    forms = sorted((shared / "data" / "forc_efdb").rglob("*.csv"))
    forms = [path for path in forms if b"measurement.ID" in path.read_bytes()[:9999]]
    report = convert(forms[0], tmp_path / "made.zip", to="datapackage")
    assert report.read_as == "efdb_bulk"
    assert report.datasets == report.rows + report.refused > 100


@pytest.mark.parametrize("name", [name for name, can in ABILITIES.items() if "w" in can])
def test_the_shipped_release_is_exported_in_every_format(name: str, main_job: Path, tmp_path: Path) -> None:
    folder = next((main_job / "releases").iterdir())
    suffix = next(one["suffixes"][0] for one in exchange_formats() if one["name"] == name)
    report = export_release(folder, name, tmp_path / f"out{suffix}")
    assert report.datasets == report.rows == 488
    aside = sum(loss.rows for loss in report.losses if loss.how == "sidecar" and loss.field != "gases")
    if name.startswith(("pact", "catenax")):
        assert report.written + aside == report.rows
    assert report.written > 0
    if "r" in ABILITIES[name] and name != "xlsx":
        back = convert(tmp_path / f"out{suffix}", tmp_path / "again.zip", from_=name, to="tidas")
        assert back.rows == report.rows
        assert back.refused == 0


def test_every_writer_of_footprints_is_reached_by_convert(tmp_path: Path, shared: Path) -> None:
    example = shared / "formats" / "examples" / "pact_v3.json"
    for name in ("pact2", "catenax", "ilcd", "ecospold2"):
        suffix = next(one["suffixes"][0] for one in exchange_formats() if one["name"] == name)
        report = convert(example, tmp_path / f"{name}{suffix}", to=name)
        assert (report.read_as, report.rows, report.written) == ("pact3", 1, 1), name
        again = convert(tmp_path / f"{name}{suffix}", tmp_path / f"{name}-back.json", from_=name, to="pact3")
        assert again.written == 1
        first = exchange_format("pact3").read(tmp_path / f"{name}-back.json").rows
        assert next(iter(by_key(first).values()))["value"] == 0.6205
