"""Uncertainties that cannot be, in every format: told with place, evidence and what was expected, and never used."""

import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from factordb.exchanging import convert, fault_words
from factordb.formats.exchange_registry import exchange_format
from factordb.formats.interchange import FormatFault, ReadBack
from factordb.formats.row_spread import without_impossible
from tests.formats.made_factors import by_key, hand_made
from tests.formats.test_inventories_foreign import NEW_SIMAPRO

DISTRIBUTED = ("cv", "sd", "mean", "family", "low95", "high95")
"""Columns that nothing may be written to from an uncertainty that cannot be."""

EXPORTED = {name: f"made.{name}" for name in ("ecospold1", "ecospold2", "openlca", "ilcd")}
GSD2 = 'standardDeviation95="1.1051019404254288"'
LEAST = 'minValue="0.4926133667427844"'
VARIANCE = 'variance="0.002496880198587199"'
PEDIGREE = 'varianceWithPedigreeUncertainty="0.002496880198587199"'
GEOM_SD = '"geomSd":1.0512382890788505'
LOGNORMAL = '"distributionType":"LOG_NORMAL_DISTRIBUTION","geomMean":0.5433,' + GEOM_SD
SPREAD95 = "relativeStandardDeviation95In>1.105<"


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exported")
    for name, file in EXPORTED.items():
        exchange_format(name).write(hand_made(), folder / file)
    return folder


def changed(exported: Path, name: str, old: str, new: str, target: Path) -> Path:
    """Copy the export and replace `old` wherever it stands."""
    source = exported / EXPORTED[name]
    copy = target / source.name
    if source.is_dir():
        shutil.copytree(source, copy)
    else:
        shutil.copy(source, copy)
    found = 0
    for path in [copy] if copy.is_file() else [one for one in copy.rglob("*") if one.is_file()]:
        text = path.read_text(encoding="utf-8")
        found += text.count(old)
        path.write_text(text.replace(old, new), encoding="utf-8")
    assert found, f"{old} does not stand in {name}"
    return copy


def told(back: ReadBack, code: str = "FMT060") -> list[FormatFault]:
    return [fault for fault in back.faults if fault.code == code]


@pytest.mark.parametrize(
    ("name", "old", "new", "evidence", "expected"),
    [
        ("ecospold2", PEDIGREE, 'varianceWithPedigreeUncertainty="-0.2"', "-0.2",
         "varianceWithPedigreeUncertainty ≥ 0"),
        ("ecospold2", VARIANCE, 'variance="-0.3"', "-0.3", "variance ≥ 0"),
        ("ecospold2", PEDIGREE, 'varianceWithPedigreeUncertainty="NaN"', "NaN",
         "−∞ < varianceWithPedigreeUncertainty < ∞"),
        ("ecospold2", 'maxValue="0.3999999999999999"', 'maxValue="0.05"', "0.05", "mostLikelyValue ≤ maxValue"),
        ("ecospold1", GSD2, 'standardDeviation95="0.8"', "0.8", "standardDeviation95 ≥ 1"),
        ("ecospold1", GSD2, 'standardDeviation95="-1.2"', "-1.2", "standardDeviation95 ≥ 1"),
        ("ecospold1", LEAST, 'minValue="9"', "minValue 9", "minValue ≤ maxValue"),
        ("openlca", GEOM_SD, '"geomSd":-1.05', "-1.05", "geomSd ≥ 1"),
        ("openlca", GEOM_SD, '"geomSd":0.9', "0.9", "geomSd ≥ 1"),
        ("openlca", LOGNORMAL, '"distributionType":"NORMAL_DISTRIBUTION","mean":0.5,"sd":-0.1', "-0.1", "sd ≥ 0"),
        ("openlca", LOGNORMAL, '"distributionType":"UNIFORM_DISTRIBUTION","minimum":2,"maximum":1', '"maximum": 1,',
         "minimum ≤ maximum"),
    ],
)  # fmt: skip
def test_an_uncertainty_that_cannot_be_is_told_and_not_used(
    name: str, old: str, new: str, evidence: str, expected: str, exported: Path, tmp_path: Path
) -> None:
    before = by_key(hand_made().rows)
    path = changed(exported, name, old, new, tmp_path)
    back = without_impossible(exchange_format(name).read(path))
    assert back.datasets == back.rows.num_rows > 0
    faults = told(back)
    assert faults
    for fault in faults:
        assert (fault.severity, fault.expected) == ("review", expected)
        assert evidence in fault.found
        assert path.name in fault.place
    touched = [row for key, row in by_key(back.rows).items() if row["sd"] != before[key]["sd"]]
    assert len(touched) == len(faults)
    assert {row[column] for row in touched for column in DISTRIBUTED} == {None}
    impossible = [one for one in back.extra["exchanges"].to_pylist() if evidence in (one["spread_text"] or "")]
    assert len(impossible) == len(faults)
    assert {one[column] for one in impossible for column in ("family", "width", "low", "high")} == {None}


NORMAL95 = SPREAD95.replace("relative", "log-normal</uncertaintyDistributionType><relative")


@pytest.mark.parametrize(
    ("old", "new", "code", "expected"),
    [
        (SPREAD95, "relativeStandardDeviation95In>0.5<", "FMT038", ">= 1"),
        (SPREAD95, "relativeStandardDeviation95In>-1.2<", "FMT038", ">= 1"),
        (NORMAL95, "normal</uncertaintyDistributionType><relativeStandardDeviation95In>-1.2<", "FMT060",
         "relativeStandardDeviation95In ≥ 0"),
        (SPREAD95, "relativeStandardDeviation95In>NaN<", "FMT060", "−∞ < relativeStandardDeviation95In < ∞"),
        ("<uncertaintyDistributionType>", ("<minimumAmount>4</minimumAmount><maximumAmount>3</maximumAmount>"
         "<uncertaintyDistributionType>"), "FMT060", "minimumAmount ≤ maximumAmount"),
    ],
)  # fmt: skip
def test_ilcd_tells_a_spread_below_one_and_numbers_that_are_none(
    old: str, new: str, code: str, expected: str, exported: Path, tmp_path: Path
) -> None:
    back = exchange_format("ilcd").read(changed(exported, "ilcd", old, new, tmp_path))
    faults = told(back, code)
    assert faults
    assert {fault.expected for fault in faults} == {expected}
    assert all("processes/" in fault.place and fault.found for fault in faults)
    assert {fault.code for fault in back.faults} & {"FMT038", "FMT060"} == {code}


SIMAPRO_LINE = "Lognormal;1.21;0;0"


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        ("Lognormal;0.7;0;0", "GSD² ≥ 1"),
        ("Lognormal;-1.21;0;0", "GSD² ≥ 1"),
        ("Normal;-3;0;0", "2 SD ≥ 0"),
        ("Uniform;0;9;2", "min ≤ max"),
        ("Triangle;0;9000;2000", "min ≤ max"),
    ],
)
def test_simapro_tells_a_spread_that_cannot_be(new: str, expected: str, tmp_path: Path) -> None:
    text = NEW_SIMAPRO.format(separator="Semicolon", decimal=".", delete="\x7f")
    assert SIMAPRO_LINE in text
    path = tmp_path / "made.csv"
    path.write_text(text.replace(SIMAPRO_LINE, new), encoding="utf-8")
    back = exchange_format("simapro").read(path)
    [fault] = told(back)
    assert fault.expected == expected
    assert new.partition(";")[0] in fault.found
    [line] = [one for one in back.extra["exchanges"].to_pylist() if one["flow"] == "Carbon dioxide, fossil"]
    assert (line["family"], line["width"], line["low"], line["high"]) == (None, None, None, None)


def test_a_distribution_without_its_numbers_is_told(exported: Path, tmp_path: Path) -> None:
    path = changed(exported, "ecospold2", "<lognormal ", "<gamma ", tmp_path)
    back = exchange_format("ecospold2").read(path)
    assert {fault.severity for fault in told(back, "FMT061")} == {"advise"}
    assert all("gamma" in fault.found for fault in told(back, "FMT061"))


def _rows(**cells: Any) -> ReadBack:
    rows = hand_made().rows
    for name, cell in cells.items():
        at = rows.schema.get_field_index(name)
        column = pa.array([cell, *rows[name].to_pylist()[1:]], rows.schema.field(at).type)
        rows = rows.set_column(at, rows.schema.field(at), column)
    return ReadBack(rows, hand_made().gases, (), rows.num_rows, 0)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"cv": -0.1}, "cv ≥ 0"),
        ({"cv_percent": -5.0}, "cv_percent ≥ 0"),
        ({"sd": -1.0}, "sd ≥ 0"),
        ({"low95": 3.0, "high95": 2.0}, "low95 ≤ high95"),
        ({"shortest_low95": 3.0, "shortest_high95": 2.0}, "shortest_low95 ≤ shortest_high95"),
        ({"sd": float("nan")}, "−∞ < sd < ∞"),
        ({"high95": float("inf"), "cv": -1.0}, "cv ≥ 0; −∞ < high95 < ∞"),
    ],
)
def test_a_row_that_carries_one_is_told_and_loses_it(cells: dict[str, float], expected: str) -> None:
    read = _rows(**cells)
    done = without_impossible(read)
    [fault] = done.faults
    assert (fault.code, fault.expected) == ("FMT060", expected)
    first, *others = done.rows.to_pylist()
    assert {first[column] for column in (*DISTRIBUTED, *cells)} == {None}
    assert others == read.rows.to_pylist()[1:]
    assert first["value"] == read.rows.to_pylist()[0]["value"]


def test_sound_rows_are_left_as_they_are() -> None:
    read = _rows()
    assert without_impossible(read) is read


def test_a_data_package_with_a_negative_deviation_is_converted_without_it(tmp_path: Path) -> None:
    exchange_format("datapackage").write(hand_made(), tmp_path / "package")
    table = tmp_path / "package" / "data" / "factors.csv"
    head, first, *others = table.read_text(encoding="utf-8-sig").splitlines()
    cells = dict(zip(head.split(","), first.split(","), strict=True))
    cells["cv"] = "-0.2"
    table.write_text("\n".join([head, ",".join(cells.values()), *others]) + "\n", encoding="utf-8")
    report = convert(tmp_path / "package", tmp_path / "out.zip", from_="datapackage", to="tidas").as_dict()
    [fault] = [one for one in report["faults"] if one["code"] == "FMT060"]
    assert fault["found"] == "cv -0.2"
    assert "cv -0.2" in fault["zh"]
    assert "cv -0.2" in fault["en"]
    key = cells["factor_id"].strip('"')
    assert by_key(exchange_format("tidas").read(tmp_path / "out.zip").rows)[key]["sd"] is None


@pytest.mark.parametrize("code", ["FMT038", "FMT060", "FMT061"])
def test_the_words_name_place_evidence_expected_and_what_to_do(code: str) -> None:
    words = fault_words(FormatFault(code, "review", "made.xml#7", "GSD² 0.8", "≥ 1"))
    for lang in ("zh", "en"):
        assert all(fact in words[lang] for fact in ("made.xml#7", "GSD² 0.8", "≥ 1"))
        assert words[f"mend_{lang}"]
