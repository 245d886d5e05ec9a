"""Files of others: public samples, openLCA 1.x and 2, SimaPro old and new, and the dirt found in real files."""

import json
import zipfile
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from factordb.formats.exchange_registry import exchange_format
from factordb.formats.interchange import ReadBack
from factordb.formats.inventories.gathering import SEVERITIES
from factordb.reference.tables import table, toml

ROOMS = ("ecospold1", "ecospold2", "openlca", "simapro")


def counted(back: ReadBack) -> ReadBack:
    assert back.datasets == back.rows.num_rows + back.refused
    assert sum(fault.severity == "block" for fault in back.faults) == back.refused
    return back


def codes(back: ReadBack) -> Counter[str]:
    return Counter(fault.code for fault in back.faults)


@pytest.mark.parametrize(
    ("name", "file", "datasets", "rows", "exchanges"),
    [
        ("ecospold1", "v1_1.xml", 1, 0, 2),
        ("ecospold1", "v1_2.spold", 1, 0, 53),
        ("ecospold2", "v2_1.xml", 1, 1, 28),
        ("ecospold2", "v2_2.spold", 1, 0, 52),
    ],
)
def test_every_data_set_of_the_samples_is_accounted_for(
    shared: Path, name: str, file: str, datasets: int, rows: int, exchanges: int
) -> None:
    back = counted(exchange_format(name).read(shared / "formats" / "samples" / name / file))
    assert (back.datasets, back.rows.num_rows) == (datasets, rows)
    assert back.extra["exchanges"].num_rows == exchanges
    others = [one for one in ROOMS if one != name]
    assert exchange_format(name).sniff(shared / "formats" / "samples" / name / file)
    assert not any(exchange_format(one).sniff(shared / "formats" / "samples" / name / file) for one in others)


def test_a_foreign_openlca_package_is_read(shared: Path) -> None:
    back = counted(exchange_format("openlca").read(shared / "formats" / "examples" / "olca_ef.zip"))
    [row] = back.rows.to_pylist()
    assert (row["value"], row["kind"], row["unit"], row["region"]) == (0.6205, "factor", "kgCO2e/kWh", "CN")
    assert row["family"] == "lognormal"
    assert row["valid_until"] == date(2025, 12, 31)
    assert row["sd"] / row["mean"] == pytest.approx(0.0829, abs=1e-3)


def _old_package(path: Path, **changed: Any) -> Path:
    """Write a package as openLCA 1.x does: other keys for input and reference, parameters as objects."""
    process = {
        "@context": "http://greendelta.github.io/olca-schema/context.jsonld",
        "@type": "Process",
        "@id": "11111111-1111-5111-8111-111111111111",
        "name": "made steel",
        "processType": "LCI_RESULT",
        "location": {"@id": "loc", "name": "Made land"},
        "processDocumentation": {"validFrom": "2015-03-01T00:00:00.000+01:00", "validUntil": "2019-12-31+01:00"},
        "exchanges": [
            {"input": False, "quantitativeReference": False, "amount": 4.0, "unit": {"name": "g"},
             "flow": {"@id": "co2", "name": "Carbon dioxide, fossil", "categoryPath": ["Elementary flows", "air"]},
             "uncertainty": {"distributionType": "LOG_NORMAL_DISTRIBUTION", "geomMean": {"value": 4.0},
                             "geomSd": {"value": 1.1}}},
            {"input": False, "quantitativeReference": True, "amount": 2.0, "unit": {"name": "kg"},
             "flow": {"@id": "steel", "name": "steel"}},
        ],
    } | changed  # fmt: skip
    objects = {
        "context.json": {"@context": {}},
        "processes/11111111-1111-5111-8111-111111111111.json": process,
        "flows/co2.json": {"@id": "co2", "name": "Carbon dioxide, fossil", "flowType": "ELEMENTARY_FLOW"},
        "flows/steel.json": {"@id": "steel", "name": "steel", "flowType": "PRODUCT_FLOW"},
        "locations/loc.json": {"@id": "loc", "name": "Made land", "code": "ML"},
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, found in objects.items():
            archive.writestr(name, json.dumps(found))
    return path


def test_openlca_1_is_read(tmp_path: Path) -> None:
    back = counted(exchange_format("openlca").read(_old_package(tmp_path / "old.zip")))
    [row] = back.rows.to_pylist()
    assert (row["value"], row["unit"], row["kind"], row["gas"]) == (0.002, "kgCO2/kg", "gas_factor", "CO2")
    assert (row["region"], row["reference_year"], row["valid_from"]) == ("ML", 2015, date(2015, 3, 1))
    assert row["median"] == pytest.approx(0.002)
    assert row["cv"] == pytest.approx(0.0955, abs=1e-4)
    assert back.faults == ()


def test_a_flow_that_is_not_in_the_package_is_told(tmp_path: Path) -> None:
    lines = [
        {"isQuantitativeReference": True, "amount": 1, "unit": {"name": "kg"}, "flow": {"@id": "gone", "name": "x"}}
    ]
    back = counted(exchange_format("openlca").read(_old_package(tmp_path / "old.zip", exchanges=lines)))
    assert codes(back) == {"FMT057": 1, "FMT059": 1}


@pytest.mark.parametrize("exchanges", [7, "text", [1], [{"flow": 3}], [{"unit": []}], {"a": 1}, [None]])
def test_values_of_a_wrong_type_refuse_the_data_set_only(tmp_path: Path, exchanges: object) -> None:
    back = counted(exchange_format("openlca").read(_old_package(tmp_path / "old.zip", exchanges=exchanges)))
    assert (back.datasets, back.refused) == (1, 1)


DIRTY = """<?xml version="1.0" encoding="{encoding}"?>
<ecoSpold xmlns="http://www.EcoInvent.org/EcoSpold01"><dataset number="7"><metaInformation><processInformation>
<referenceFunction name="Zürich heat" unit="MJ" amount="10" category="heat" subCategory="made"/>
<geography location="CH"/><technology/><timePeriod><startYear>2012</startYear><endYear>2010</endYear></timePeriod>
</processInformation><modellingAndValidation><source firstAuthor="{author}" title="made"/></modellingAndValidation>
</metaInformation><flowData>
<exchange number="1" name="Zürich heat" unit="MJ" meanValue="10"><outputGroup>0</outputGroup></exchange>
<exchange number="2" name="Carbon dioxide, fossil" category="air" CASNumber="NaN" unit="kg" meanValue="0.5"
 uncertaintyType="1" standardDeviation95="0.8"><outputGroup>4</outputGroup></exchange>
<exchange number="3" name="Carbon dioxide, biogenic" category="air" unit="kg" meanValue="9">
<outputGroup>4</outputGroup></exchange>
<exchange number="4" name="Carbon dioxide, in air" unit="kg" meanValue="9" CASNumber="000124-38-9">
<inputGroup>4</inputGroup></exchange>
<exchange number="5" name="Methane, fossil" category="air" unit="kg" meanValue="0,1">
<outputGroup>4</outputGroup></exchange>
</flowData></dataset></ecoSpold>
"""


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "utf-16"])
def test_dirt_of_real_ecospold_1_is_told_and_the_data_set_kept(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "dirty.xml"
    path.write_bytes(DIRTY.format(encoding=encoding, author="A" * 50).encode(encoding))
    back = counted(exchange_format("ecospold1").read(path))
    [row] = back.rows.to_pylist()
    assert row["name_en"] == "Zürich heat"
    assert row["value"] is None
    gases = {one["gas"]: one["amount_kg"] for one in back.gases.to_pylist()}
    assert gases == {"CO2": 0.05, "CO2-biogenic": 0.9}
    # too long an author, no CAS number; years and GSD² the wrong way round; a comma; no CO2e
    assert codes(back) == {"FMT053": 2, "FMT058": 1, "FMT060": 1, "FMT054": 1, "FMT052": 1}
    assert back.leftovers[row["factor_id"]]["source"][0]["firstAuthor"] == "A" * 50


def test_a_data_set_named_twice_is_refused(tmp_path: Path) -> None:
    text = DIRTY.format(encoding="utf-8", author="A")
    one = text[text.index("<dataset") : text.index("</ecoSpold>")]
    path = tmp_path / "twice.xml"
    path.write_text(text.replace("</ecoSpold>", one + "</ecoSpold>"), encoding="utf-8")
    back = counted(exchange_format("ecospold1").read(path))
    assert (back.datasets, back.refused, codes(back)["FMT055"]) == (2, 1, 1)


NEW_SIMAPRO = """{{SimaPro 9.3.0.3}}
{{processes}}
{{CSV separator: {separator}}}
{{Decimal separator: {decimal}}}
{{Short date format: dd/MM/yyyy}}

Process

Category type
material

Process identifier
MADE1

Process name
熟料 Zürich

Time period
2015-2019

Date
03/09/2022

Comment
"first{delete}second"

Products
made steel;kg;2;100;not defined;Metals\\Ferro;hello;

Materials/fuels

Emissions to air
Carbon dioxide, fossil;low. pop.;g;1500{decimal}5;Lognormal;1{decimal}21;0;0;c;
Dinitrogen monoxide;;kg;1e-3;Normal;2e-4;0;0;;
Heat, waste;;MJ;a*2;Undefined;0;0;0;;

End

Units
kg;Mass;1;kg
g;Mass;0{decimal}001;kg

End
"""
SEPARATORS = {"Semicolon": ";", "Comma": ",", "Tab": "\t"}


@pytest.mark.parametrize(
    ("separator", "decimal"), [("Semicolon", ","), ("Semicolon", "."), ("Tab", ","), ("Comma", ".")]
)
def test_simapro_is_read_by_its_header(tmp_path: Path, separator: str, decimal: str) -> None:
    path = tmp_path / "made.csv"
    text = NEW_SIMAPRO.format(separator=separator, decimal=decimal, delete="\x7f")
    head, _, body = text.partition("Process\n")
    sign = SEPARATORS[separator]
    quoted = body.replace("Carbon dioxide, fossil", '"Carbon dioxide, fossil"').replace("Heat, waste", '"Heat, waste"')
    path.write_text(head + "Process\n" + quoted.replace(";", sign), encoding="utf-8")
    back = counted(exchange_format("simapro").read(path))
    [row] = back.rows.to_pylist()
    assert (row["name_en"], row["reference_year"], row["published_on"]) == ("熟料 Zürich", 2015, date(2022, 9, 3))
    assert row["category"] == "material/Metals/Ferro"
    gases = {one["gas"]: one["amount_kg"] for one in back.gases.to_pylist()}
    assert gases == pytest.approx({"CO2": 1.5005 / 2, "N2O": 5e-4})
    lines = {one["flow"]: one for one in back.extra["exchanges"].to_pylist()}
    assert lines["Carbon dioxide, fossil"]["width"] == pytest.approx(0.0953, abs=1e-4)
    assert lines["Dinitrogen monoxide"]["width"] == pytest.approx(1e-4)
    assert (lines["Heat, waste"]["amount"], lines["Heat, waste"]["amount_text"]) == (None, "a*2")
    assert codes(back) == {"FMT054": 1, "FMT052": 1}
    assert back.leftovers[row["factor_id"]]["comment"] == "first\nsecond"
    assert back.extra["blocks"].to_pylist() == [{"place": "made.csv", "block": "units", "rows": 2}]


@pytest.mark.parametrize(
    ("encoding", "name"), [("cp1252", "Zürich"), ("utf-8-sig", "Zürich 热"), ("gb18030", "硅酸盐水泥熟料")]
)
def test_simapro_in_its_encodings(tmp_path: Path, encoding: str, name: str) -> None:
    path = tmp_path / "made.csv"
    text = NEW_SIMAPRO.format(separator="Semicolon", decimal=".", delete="\x7f").replace("熟料 Zürich", name)
    path.write_bytes(text.encode(encoding))
    assert exchange_format("simapro").sniff(path)
    [row] = exchange_format("simapro").read(path).rows.to_pylist()
    assert row["name_en"] == name


def test_simapro_7_in_tabs_without_ends(tmp_path: Path) -> None:
    path = tmp_path / "old.txt"
    rows = (
        "SimaPro 7\tprocesses", "", "Process", "", "Category type\tmaterial", "Process identifier\tOLD1",
        "Process name\tmade food", "", "Products", "food\t1\tkg\t100\tnot defined\tAgri\\Food", "",
        "Emissions to air", "Methane, biogenic\t\t0.5\tkg\tUndefined", "", "Process", "",
        "Category type\tmaterial", "Process name\tmade meal", "", "Products", "meal\t1\tp\t100\tnot defined\tAgri", "",
        "Materials/fuels", "food\t2\tkg\tUndefined", "",
    )  # fmt: skip
    path.write_text("\n".join(rows), encoding="cp1252")
    back = counted(exchange_format("simapro").read(path))
    [row] = back.rows.to_pylist()
    assert (row["name_en"], row["gas"], row["value"]) == ("made food", "CH4-biogenic", 0.5)
    assert codes(back) == {"FMT051": 1}
    inputs = [one for one in back.extra["exchanges"].to_pylist() if one["role"] == "technosphere"]
    assert [(one["flow"], one["amount"], one["unit"]) for one in inputs] == [("food", 2.0, "kg")]


def test_an_unclosed_cell_is_one_refused_data_set(tmp_path: Path) -> None:
    path = tmp_path / "open.csv"
    path.write_text('{SimaPro 9}\n{CSV separator: Semicolon}\nProcess\n\nComment\n"' + "x;" * 200_000, encoding="utf-8")
    back = counted(exchange_format("simapro").read(path))
    assert back.rows.num_rows == 0
    assert back.refused == 1


def test_the_cas_numbers_are_right() -> None:
    for one in table("flows/ghg_flows").to_pylist():
        if one["cas"]:
            *digits, check = [int(sign) for sign in one["cas"] if sign.isdigit()]
            assert sum(place * digit for place, digit in enumerate(reversed(digits), start=1)) % 10 == check, one["gas"]


def test_every_fault_has_its_words() -> None:
    for lang in ("zh", "en"):
        words = toml(f"words/exchange_{lang}")
        assert all({"says", "mend"} <= set(words[code]) for code in SEVERITIES)
